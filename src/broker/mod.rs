//! The broker: from an identity to a Studio URL. Knows nothing of SAML's wire format or of HTTP.
//!
//! [`Broker::open`] is the order of events, always: once only and ledger → policy → rate → audit of intent → mint → audit
//! of the outcome.

pub mod access;
pub mod approval;
pub mod audit;
mod destination;
mod error;
mod grant;
pub mod mint;
pub mod once;
mod opened;
mod permit;
pub mod provision;
pub mod rate;
pub mod review;
mod user_key;

use time::UtcDateTime;

pub use access::{Access, AccessError, Circumstances, CurrentAccess, Permitted};
pub use approval::{ApprovalError, ApprovalRules, ApprovalTerms, Approvals, Pending};
pub use audit::{AuditError, AuditRules, Recorder};
pub use destination::Destination;
pub use error::BrokerError;
pub use grant::Grant;
pub use mint::{MintError, Minter, PresignedUrl};
pub use once::{AfterRestart, OnceOnly, Redeemed, RestartGrace};
pub use opened::Opened;
pub use provision::{ProvisionError, Provisioner};
pub use rate::{RateError, RateRules, Rates};
pub use review::Review;

use audit::{Mint, Provision};
use permit::Judged;

use crate::identity::{Identity, Wish};
pub use crate::ledger::REVIEW;
use crate::ledger::{Claimant, Entitlement, Ledger};
use crate::log::ALERT_TARGET;
pub use crate::table::TableRules;
pub use provision::Progress;

/// Everything between an identity and a URL, prepared once.
#[derive(Debug)]
pub struct Broker {
    /// What was used before.
    pub once_only: OnceOnly,
    /// Who may open what.
    pub ledger: Ledger,
    /// Whether they may now.
    pub access: CurrentAccess,
    /// Who agreed.
    pub approvals: Approvals,
    /// How often.
    pub rates: Rates,
    /// The flight recorder.
    pub recorder: Recorder,
    /// The mint.
    pub minter: Minter,
    /// Makes profiles that are missing; `None` where that is off.
    pub provisioner: Option<Provisioner>,
}

/// One attempt of somebody whom a door let in.
#[derive(Debug)]
pub struct Visit<'a> {
    /// Who.
    pub identity: &'a Identity,
    /// What they ask for.
    pub wish: &'a Wish,
    /// From where, and how.
    pub circumstances: Circumstances,
    /// The attempt's correlation id.
    pub attempt: &'a str,
    /// Since when.
    pub now: UtcDateTime,
}

/// What is known of an attempt, for the log: filled in as it goes on.
#[derive(Debug, Default)]
pub struct Trail {
    /// The ledger's entry.
    pub entry: String,
    /// The user profile.
    pub profile: String,
    /// The Studio domain.
    pub domain: String,
    /// The policies that decided.
    pub policies: Vec<String>,
}

impl Trail {
    fn note(&mut self, entitlement: &Entitlement) {
        entitlement.id().clone_into(&mut self.entry);
        self.profile = entitlement.profile().to_string();
        self.domain = entitlement.domain().to_string();
    }
}

impl Broker {
    /// Opens Studio for who comes, or says what is missing. Nothing is minted before it is on record, and nothing at all
    /// where a store cannot be asked.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn open(
        &self,
        visit: Visit<'_>,
        clock: impl Fn() -> UtcDateTime,
        trail: &mut Trail,
    ) -> Result<Opened, BrokerError> {
        let Visit { identity, wish, mut circumstances, attempt, now } = visit;
        if wish.link.as_deref() == Some(REVIEW) {
            self.once_only.redeem(identity, attempt, now).await?;
            return Ok(Opened::Review(self.to_review(identity, &circumstances, now).await?));
        }
        let access = self.access.get(now).await?;
        let claimant = claimant(identity);
        let (redeemed, entitlements, counted) = tokio::join!(
            self.once_only.redeem(identity, attempt, now),
            self.ledger.entitlements(&claimant, now),
            self.counted(&access, identity, now),
        );
        let redeemed = redeemed?;
        circumstances.urls_this_minute = counted?;
        let entitlement = match chosen(entitlements?, wish)? {
            Ok(entitlement) => entitlement,
            Err(several) => return Ok(Opened::Choose(several)),
        };
        trail.note(&entitlement);
        let destination = destination(&entitlement, wish, identity, attempt);
        let judged = Judged { access: &access, circumstances: &circumstances, attempt, now };
        let permitted = match self.permit(redeemed, entitlement, destination, judged).await {
            Ok(Ok(permitted)) => permitted,
            Ok(Err(missing)) => return Ok(missing),
            Err(error) => {
                trail.policies = error.policies().to_vec();
                error.log_why(identity.user(), attempt);
                return Err(error);
            }
        };
        trail.policies = permitted.policies().to_vec();
        let grant = Grant::of(permitted, &self.rates, now)
            .await
            .inspect_err(|error| alert(error.alert(), identity, attempt))?;
        alert(grant.count().alert(), identity, attempt);
        access.still(&grant, &circumstances, now)?;
        let (recorded, open) = self.recorder.intend::<Mint>(grant, attempt, now).await?;
        let (grant, minted) = self.minter.mint(recorded).await;
        let outcome = minted.as_ref().map(drop).map_err(|error| (error.code(), error.to_string()));
        self.recorder.close(open, outcome, clock()).await;
        match (minted, &self.provisioner) {
            // Who has waited for it already does not begin again.
            (Err(MintError::ProfileNotFound), Some(provisioner)) if provisioner.may_make(&grant) && !wish.waits => {
                self.provision(provisioner, grant, attempt, clock).await
            }
            (Err(MintError::Failed(code)), Some(provisioner)) if provisioner.may_make(&grant) => {
                // What SageMaker says of a profile that is being made is not documented.
                match provisioner.progress(grant.identity(), grant.entitlement()).await {
                    Ok(Progress::Pending(entitlement)) => Ok(Opened::Provisioning(entitlement)),
                    Err(failed @ ProvisionError::Failed(_)) => Err(failed.into()),
                    Ok(Progress::Ready) | Err(_) => Err(MintError::Failed(code).into()),
                }
            }
            (minted, _) => Ok(Opened::Studio(minted?)),
        }
    }

    /// Claims what makes `identity` usable one time, and opens nothing: where the user has yet to confirm the sign-in, or
    /// says that it is not theirs.
    ///
    /// # Errors
    /// [`BrokerError::Once`].
    pub async fn claim(&self, identity: &Identity, attempt: &str, now: UtcDateTime) -> Result<(), BrokerError> {
        self.once_only.redeem(identity, attempt, now).await?;
        Ok(())
    }

    /// Begins to make the grant's user profile, on record as the mint is.
    async fn provision(
        &self,
        provisioner: &Provisioner,
        grant: Grant,
        attempt: &str,
        clock: impl Fn() -> UtcDateTime,
    ) -> Result<Opened, BrokerError> {
        let (recorded, open) = self.recorder.intend::<Provision>(grant, attempt, clock()).await?;
        let (grant, begun) = provisioner.begin(recorded).await;
        let outcome = begun.as_ref().map(drop).map_err(|error| (error.code(), error.to_string()));
        self.recorder.close(open, outcome, clock()).await;
        begun?;
        Ok(Opened::Provisioning(Box::new(grant.entitlement().clone())))
    }

    /// How far the user profile is that was begun for who comes back with `wish`.
    ///
    /// # Errors
    /// [`BrokerError`]; what cannot be waited for is refused.
    pub async fn progress(&self, identity: &Identity, wish: &Wish, now: UtcDateTime) -> Result<Progress, BrokerError> {
        let provisioner = self.provisioner.as_ref().filter(|_| wish.waits).ok_or(ProvisionError::Off)?;
        let entitlements = self.ledger.entitlements(&claimant(identity), now).await?;
        let Ok(entitlement) = chosen(entitlements, wish)? else { return Err(BrokerError::UnknownEntry) };
        Ok(provisioner.progress(identity, &entitlement).await?)
    }

    /// How often the user was given a URL in this minute, if a policy wants to know.
    async fn counted(&self, access: &Access, identity: &Identity, now: UtcDateTime) -> Result<Option<u32>, RateError> {
        if !access.reads_counters() {
            return Ok(None);
        }
        self.rates.peek(identity.user(), now).await.map(Some)
    }
}

/// Where in Studio the sign-in leads.
fn destination(entitlement: &Entitlement, wish: &Wish, identity: &Identity, attempt: &str) -> Destination {
    let alias = wish.link.as_deref();
    let destination = Destination::of(entitlement, alias);
    if let (Some(alias), None) = (alias, destination.deep_link()) {
        // What it says is the sender's, and unsigned: it is not repeated.
        tracing::info!(
            correlation_id = attempt,
            user = identity.user(),
            length = alias.len(),
            "the link is no alias that the ledger knows, and is ignored"
        );
    }
    destination
}

/// Tells of a user who asks for URLs again and again; once a minute.
fn alert(due: bool, identity: &Identity, attempt: &str) {
    if due {
        let user = identity.user();
        tracing::error!(target: ALERT_TARGET, correlation_id = attempt, user, "one user asks for URLs again and again");
    }
}

fn claimant(identity: &Identity) -> Claimant<'_> {
    Claimant { user: identity.user(), groups: identity.groups(), attributes: identity.named() }
}

/// The one entitlement, or the one that is wished for; or all of them, to choose from. Of profiles that are none of this
/// person's nothing is said, nor whether there are such.
fn chosen(
    mut entitlements: Vec<Entitlement>,
    wish: &Wish,
) -> Result<Result<Entitlement, Vec<Entitlement>>, BrokerError> {
    if let Some(profile) = &wish.profile {
        // SageMaker does not tell `Alice` from `alice`.
        entitlements.retain(|entitlement| entitlement.profile().as_str().eq_ignore_ascii_case(profile));
        if entitlements.is_empty() {
            return Err(BrokerError::AnotherProfile(profile.clone()));
        }
    }
    if let Some(entry) = &wish.entry {
        let theirs = entitlements.into_iter().find(|entitlement| entitlement.id() == entry);
        return theirs.map(Ok).ok_or(BrokerError::UnknownEntry);
    }
    match entitlements.pop() {
        Some(only) if entitlements.is_empty() => Ok(Ok(only)),
        Some(last) => {
            entitlements.push(last);
            Ok(Err(entitlements))
        }
        None => Err(BrokerError::UnknownEntry),
    }
}
