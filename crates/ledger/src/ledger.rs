//! The [`Ledger`]: a [`Principal`] → the [`Entitlement`]s of that user.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use time::UtcDateTime;

use crate::document::Document;
use crate::dynamodb::Table;
use crate::entitlement::Entitlement;
use crate::entry::Entry;
use crate::error::{LedgerError, LedgerStartError};
use crate::resolve::{Findings, Lookup};
use studio_acs_aws::Source;
use studio_acs_aws::{TableRules, is_table};
use studio_acs_identity::{DomainId, GroupUse, Groups, Identity, Names, UserId, UserProfileName};

/// The verified user who asks.
#[derive(Debug, Clone, Copy)]
pub struct Principal<'a> {
    /// The name that the identity provider gave, whatever text it is.
    pub user: &'a str,
    /// The issuer whose name that is.
    pub issuer: &'a str,
    /// Whether a name without its issuer is enough, as of now.
    pub names: Names,
    /// The groups that it named.
    pub groups: &'a Groups,
    /// The profile and the domain that the assertion itself names. They count only without a ledger.
    pub attributes: Option<(&'a UserProfileName, &'a DomainId)>,
}

impl<'a> Principal<'a> {
    /// The user of `identity`, with their groups, where names are so.
    pub fn of(identity: &'a Identity, names: Names) -> Self {
        let (user, issuer) = (identity.user(), identity.issuer());
        Self { user, issuer, names, groups: identity.groups(), attributes: identity.named() }
    }
}

/// The place where a ledger is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerSource {
    /// A DynamoDB table, by name or ARN, with the keys `subject` and `entry`.
    Table(String),
    /// One text.
    Document(Source),
}

impl LedgerSource {
    /// Reads `dynamodb:NAME`, `ssm:NAME`, `secretsmanager:NAME`, or a file's path.
    ///
    /// # Errors
    /// The missing part.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("dynamodb", "")) => Err(format!("`{text}` has no name after the colon")),
            Some(("dynamodb", name)) if !is_table(name) => Err(format!(
                "`{name}` is not a table's name, of 3 to 255 letters, digits, _, - and ., or a table's ARN"
            )),
            Some(("dynamodb", name)) => Ok(Self::Table(name.to_owned())),
            _ => Source::parse(text).map(Self::Document),
        }
    }

    /// Whether AWS has to be asked.
    pub fn is_at_aws(&self) -> bool {
        match self {
            Self::Table(_) => true,
            Self::Document(source) => source.is_remote(),
        }
    }
}

impl fmt::Display for LedgerSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "dynamodb:{name}"),
            Self::Document(source) => source.fmt(f),
        }
    }
}

/// Where the ledger is, and how fresh what is known of it has to be.
#[derive(Debug, Clone)]
pub struct LedgerRules {
    /// Where it is backend.
    pub source: LedgerSource,
    /// How old what was read may be: a revocation holds at the latest after this. 30 seconds do well; zero to read it at
    /// each sign-in.
    pub refresh: Duration,
    /// How old a text may be that cannot be read again, or is not valid any more. 15 minutes leave time to put it
    /// right.
    pub max_age: Duration,
    /// How long a table may take for one user's entries, retries included.
    pub timeout: Duration,
    /// The keys of a table whose items are remembered.
    pub capacity: usize,
}

/// The ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(crate) backend: Backend,
}

/// Where it is.
#[derive(Debug)]
pub(crate) enum Backend {
    Nowhere,
    Table(Box<Table>),
    Document(Box<Document>),
}

impl Ledger {
    /// No ledger: the assertion's own attributes are the one entitlement.
    pub fn none() -> Self {
        Self { backend: Backend::Nowhere }
    }

    /// The ledger of these rules. A text is read at once; a table is asked when a user signs in.
    ///
    /// # Errors
    /// [`LedgerStartError`]: a text that cannot be read or is not valid.
    pub async fn start(rules: LedgerRules, sdk: &SdkConfig, now: UtcDateTime) -> Result<Self, LedgerStartError> {
        let backend = match rules.source {
            LedgerSource::Table(table) => {
                let table = TableRules { table, timeout: rules.timeout };
                Backend::Table(Box::new(Table::new(sdk, table, rules.refresh, rules.capacity)))
            }
            LedgerSource::Document(source) => {
                let text = Document::start(source, sdk, rules.refresh, rules.max_age, now).await;
                Backend::Document(Box::new(text?))
            }
        };
        Ok(Self { backend })
    }

    /// Returns the profiles that `principal` may open at `now`: at least one, in the ledger's order, with those of their own before
    /// those of their groups.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn entitlements(
        &self,
        principal: &Principal<'_>,
        now: UtcDateTime,
    ) -> Result<Vec<Entitlement>, LedgerError> {
        if let Backend::Nowhere = self.backend {
            let unknown = || LedgerError::UnknownUser { why: "the credential names no profile".to_owned() };
            let (profile, domain) = principal.attributes.ok_or_else(unknown)?;
            let entry = Arc::new(Entry::of_assertion(profile.clone(), domain.clone()));
            return Ok(vec![Entitlement::new(entry, profile.clone(), false, BTreeMap::new())]);
        }
        let Principal { user, issuer, names, groups, .. } = *principal;
        groups.check(self.group_use())?;
        let who = Lookup::new(user, Some(issuer), names, groups.names())?;
        let findings = self.findings(&who, now).await?;
        findings.given(&findings.resolutions(&who, now)?, groups)
    }

    /// The use that the ledger makes of groups: an entry for a group gives more to its members, and takes from nobody.
    pub fn group_use(&self) -> GroupUse {
        match self.backend {
            Backend::Nowhere => GroupUse::Unread,
            Backend::Table(_) | Backend::Document(_) => GroupUse::Widens,
        }
    }

    /// Returns why all access of `user` is revoked; `None` where it is not. Their groups need not be known. Without an
    /// issuer the revocation of any issuer's user of this name counts.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`], [`LedgerError::Malformed`].
    pub async fn revocation(&self, user: &UserId, now: UtcDateTime) -> Result<Option<String>, LedgerError> {
        // No revocation can be of a name that no entry can have.
        let Ok(who) = Lookup::new(user.name(), user.issuer(), Names::OneIssuer, &[]) else { return Ok(None) };
        Ok(self.findings(&who, now).await?.revocation())
    }

    /// Checks that each entry of a text names its issuer, as it has to where several are trusted and names are not
    /// shared. A table's entries are looked at when their user signs in. Without a ledger no entry exists: each trusted
    /// identity provider names profiles itself.
    ///
    /// # Errors
    /// [`LedgerError::IssuerUnnamed`], of the first one that does not.
    pub fn check_issuers(&self) -> Result<(), LedgerError> {
        let unnamed = match &self.backend {
            Backend::Nowhere | Backend::Table(_) => None,
            Backend::Document(text) => text.unnamed(),
        };
        unnamed.map_or(Ok(()), |entry| Err(LedgerError::IssuerUnnamed { entry }))
    }

    /// Looks up all entries and revocations for one user.
    pub(crate) async fn findings(&self, who: &Lookup, now: UtcDateTime) -> Result<Findings, LedgerError> {
        match &self.backend {
            Backend::Nowhere => Ok(Findings::default()),
            Backend::Table(table) => table.findings(who, now).await,
            Backend::Document(text) => {
                let index = text.index(now).await?;
                let mut findings = Findings::default();
                findings.add(&index, who);
                findings.add_teams(&index);
                findings.whole = Some(index);
                Ok(findings)
            }
        }
    }
}
