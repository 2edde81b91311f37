//! One entry: which user may open which profile, where, and how. [`EntrySchema`] → [`Entry`].

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcDateTime};

use crate::deep_link::{DeepLink, LandingUri, SpaceName, is_alias};
use crate::profile_name::ProfileName;
use crate::schema::{EntrySchema, LinkSchema, ProvisionSchema};
use crate::subject::{LONGEST, Person, Subject};
use studio_acs_identity::RoleArn;
use studio_acs_identity::{DomainId, UserProfileName};

/// How long SageMaker's sessions last, in seconds
/// (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html>).
const SESSION_SECONDS: RangeInclusive<u32> = 1800..=43_200;
/// The most tags of a session or of a resource.
const MOST_TAGS: usize = 50;
/// The most security groups of a user profile.
const MOST_SECURITY_GROUPS: usize = 5;
/// The most links of one entry.
const MOST_LINKS: usize = 50;

/// The ID of the entry that an assertion makes, without a ledger.
const ASSERTION: &str = "assertion";

/// An entry that was checked.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The user or group; `None` without a ledger.
    pub(crate) subject: Option<Subject>,
    /// Whose name that is; `None` for any issuer's.
    pub(crate) issuer: Option<String>,
    pub(crate) domain: DomainId,
    pub(crate) profile: ProfileName,
    pub(crate) team: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) space: Option<SpaceName>,
    pub(crate) landing: Option<LandingUri>,
    pub(crate) session_seconds: Option<u32>,
    pub(crate) role: Option<RoleArn>,
    pub(crate) production: bool,
    pub(crate) valid_from: Option<UtcDateTime>,
    pub(crate) valid_until: Option<UtcDateTime>,
    pub(crate) revoked: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) provision: Option<Provision>,
    pub(crate) links: BTreeMap<String, DeepLink>,
}

/// How a profile is made if it does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    execution_role: RoleArn,
    security_groups: Vec<String>,
    tags: BTreeMap<String, String>,
}

impl Provision {
    /// The role that the profile's notebooks have.
    pub fn execution_role(&self) -> &RoleArn {
        &self.execution_role
    }

    /// The profile's security groups; empty for the domain's.
    pub fn security_groups(&self) -> &[String] {
        &self.security_groups
    }

    /// The profile's tags.
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }
}

impl Entry {
    /// Takes the entry if all of it is valid.
    ///
    /// # Errors
    /// The first invalid field, its value, and the expected one.
    pub(crate) fn new(text: EntrySchema) -> Result<Self, String> {
        let subject = match (&text.user, &text.group) {
            (Some(user), None) => Person::parse(user).map(Subject::User),
            (None, Some(group)) => Subject::group(group),
            _ => return Err("expected either `user` or `group`".to_owned()),
        };
        let subject =
            subject.ok_or_else(|| format!("`user` or `group`: expected 1 to {LONGEST} characters without controls"))?;
        let issuer = issuer(text.issuer)?;
        let profile = text.profile.as_deref().unwrap_or("{user}");
        let profile = ProfileName::parse(profile, text.team.as_deref(), issuer.as_deref())
            .map_err(|reason| format!("`profile`: {reason}"))?;
        if matches!((&subject, &profile), (Subject::Group(_), ProfileName::Fixed(_))) {
            return Err(format!(
                "`profile`: {profile} would be one profile for a whole group; expected {{user}} in it"
            ));
        }
        let (account, role) = (text.account, parsed("role", text.role, ROLE, RoleArn::parse)?);
        if let (Some(account), Some(role)) = (&account, &role)
            && account != role.account()
        {
            return Err(format!("`role` is in account {}; expected `account`, {account}", role.account()));
        }
        let (from, until) = (instant("valid_from", text.valid_from)?, instant("valid_until", text.valid_until)?);
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err("`valid_until` is not after `valid_from`".to_owned());
        }
        Ok(Self {
            title: optional("title", text.title, "1 to 128 characters", |text| is_line(text, 128))?
                .unwrap_or_else(|| text.id.clone()),
            id: required("id", text.id, "letters, digits, `.`, `_`, `-`, at most 64", is_id)?,
            subject: Some(subject),
            issuer,
            domain: parsed("domain", Some(text.domain), "a domain's ID such as d-abcdefghijkl", DomainId::parse)?
                .ok_or("`domain` is missing")?,
            profile,
            team: optional("team", text.team, "1 to 64 characters without controls", |text| is_line(text, 64))?,
            account: optional("account", account, "twelve digits", is_account)?,
            region: optional("region", text.region, "a region such as eu-central-1", is_region)?,
            space: parsed("space", text.space, SPACE, SpaceName::parse)?,
            landing: parsed("landing", text.landing, LANDING, LandingUri::parse)?,
            session_seconds: match text.session_seconds {
                Some(seconds) if !SESSION_SECONDS.contains(&seconds) => {
                    return Err(format!("`session_seconds` is {seconds}; expected {SESSION_SECONDS:?}"));
                }
                seconds => seconds,
            },
            role,
            production: text.production,
            valid_from: from,
            valid_until: until,
            revoked: text.revoked.map(reason).transpose()?,
            tags: tags(text.tags)?,
            provision: text.provision.map(provision).transpose()?,
            links: links(text.links)?,
        })
    }

    /// The entry that the assertion itself makes, without a ledger.
    pub(crate) fn of_assertion(profile: UserProfileName, domain: DomainId) -> Self {
        Self {
            id: ASSERTION.to_owned(),
            title: domain.to_string(),
            subject: None,
            issuer: None,
            domain,
            profile: ProfileName::Fixed(profile),
            team: None,
            account: None,
            region: None,
            space: None,
            landing: None,
            session_seconds: None,
            role: None,
            production: false,
            valid_from: None,
            valid_until: None,
            revoked: None,
            tags: BTreeMap::new(),
            provision: None,
            links: BTreeMap::new(),
        }
    }
}

/// The words for a time, at the end of a reason.
pub(crate) const TIME: &str = "a time such as 2026-01-31T00:00:00Z";
const ROLE: &str = "the ARN of an IAM role";
const SPACE: &str = "a space's name: letters, digits and inner hyphens, at most 63";
const LANDING: &str = "studio::PATH, app:APP:PATH or APP, with Canvas, CodeEditor, JupyterLab, JupyterServer or RStudioServerPro for APP, and a relative path";

/// The most bytes of an issuer: it is part of a table's key, which has 1024.
const LONGEST_ISSUER: usize = 1000;

/// An issuer as metadata and tokens write it.
pub(crate) fn issuer(text: Option<String>) -> Result<Option<String>, String> {
    let expected = "an entity ID or `iss` as it is sent, in 1 to 1000 bytes";
    optional("issuer", text, expected, |text| text.len() <= LONGEST_ISSUER && is_line(text, LONGEST_ISSUER))
}

/// A reason as people give it: one line, bounded.
pub(crate) fn reason(text: String) -> Result<String, String> {
    required("revoked", text, "why, in 1 to 256 characters", |text| is_line(text, 256))
}

/// Links by their aliases.
pub(crate) fn links(texts: BTreeMap<String, LinkSchema>) -> Result<BTreeMap<String, DeepLink>, String> {
    if texts.len() > MOST_LINKS {
        return Err(format!("`links` has {}; expected at most {MOST_LINKS}", texts.len()));
    }
    texts
        .into_iter()
        .map(|(alias, text)| {
            let alias = required("alias", alias, "a-z, 0-9 and `-`, at most 64", is_alias)?;
            let landing = parsed("landing", text.landing, LANDING, LandingUri::parse)?;
            let space = parsed("space", text.space, SPACE, SpaceName::parse)?;
            if landing.is_none() && space.is_none() {
                return Err(format!("link `{alias}` leads nowhere; expected `landing`, `space` or both"));
            }
            Ok((alias, DeepLink { landing, space }))
        })
        .collect()
}

fn provision(text: ProvisionSchema) -> Result<Provision, String> {
    let execution_role = parsed("execution_role", Some(text.execution_role), ROLE, RoleArn::parse)?
        .ok_or("`execution_role` is missing")?;
    if text.security_groups.len() > MOST_SECURITY_GROUPS {
        return Err(format!(
            "`security_groups` has {}; expected at most {MOST_SECURITY_GROUPS}",
            text.security_groups.len()
        ));
    }
    let groups = text.security_groups.into_iter();
    let security_groups =
        groups.map(|group| required("security_groups", group, "IDs such as sg-0123456789abcdef0", is_security_group));
    Ok(Provision {
        execution_role,
        security_groups: security_groups.collect::<Result<_, _>>()?,
        tags: tags(text.tags)?,
    })
}

/// Tags as AWS takes them (<https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>).
fn tags(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    let fits = |text: &str, most: usize| {
        text.chars().count() <= most && text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
    };
    let bad = tags
        .iter()
        .find(|(key, value)| key.is_empty() || key.starts_with("aws:") || !fits(key, 128) || !fits(value, 256));
    if let Some((key, value)) = bad {
        return Err(format!(
            "`tags` has `{key}` = `{value}`; expected letters, digits, spaces and _.:/=+-@, no key that begins with aws:"
        ));
    }
    if tags.len() > MOST_TAGS {
        return Err(format!("`tags` has {}; expected at most {MOST_TAGS}", tags.len()));
    }
    Ok(tags)
}

fn required(field: &str, text: String, expected: &str, fits: impl Fn(&str) -> bool) -> Result<String, String> {
    if fits(&text) { Ok(text) } else { Err(unfit(field, &text, expected)) }
}

fn optional(
    field: &str,
    text: Option<String>,
    expected: &str,
    fits: impl Fn(&str) -> bool,
) -> Result<Option<String>, String> {
    text.map(|text| required(field, text, expected, fits)).transpose()
}

fn parsed<T>(
    field: &str,
    text: Option<String>,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    text.map(|text| parse(&text).ok_or_else(|| unfit(field, &text, expected))).transpose()
}

fn instant(field: &str, text: Option<String>) -> Result<Option<UtcDateTime>, String> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok().map(UtcDateTime::from);
    parsed(field, text, TIME, parse)
}

fn unfit(field: &str, found: &str, expected: &str) -> String {
    let shown: String = found.chars().take(100).collect();
    format!("`{field}` is {shown:?}; expected {expected}")
}

pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

fn is_line(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.contains(char::is_control)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_security_group(text: &str) -> bool {
    text.len() <= 32
        && text
            .strip_prefix("sg-")
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
