//! The broker: from an identity to a Studio URL. Knows nothing of SAML's wire format or of HTTP.
//!
//! [`Broker::open`] is the order of events, always: once only and ledger → policy → rate → audit of intent → mint → audit
//! of the outcome.

pub mod access;
pub mod approval;
pub mod audit;
mod error;
mod grant;
pub mod mint;
pub mod once;
pub mod provision;
pub mod rate;
mod user_key;

use std::sync::Arc;

use studio_acs_policy::Need;
use time::UtcDateTime;

pub use access::{Access, AccessError, Circumstances, Permitted};
pub use approval::{ApprovalError, ApprovalRules, Approvals, Pending};
pub use audit::{AuditError, AuditRules, Recorded, Recorder};
pub use error::BrokerError;
pub use grant::Grant;
pub use mint::{MintError, Minter, PresignedUrl};
pub use once::{OnceOnly, Redeemed};
pub use provision::{ProvisionError, Provisioner};
pub use rate::{RateError, RateRules, Rates};

use crate::identity::{Identity, Wish};
use crate::ledger::{Claimant, Entitlement, Ledger};
use provision::Progress;

/// Everything between an identity and a URL, prepared once.
#[derive(Debug)]
pub struct Broker {
    /// What was used before.
    pub once_only: OnceOnly,
    /// Who may open what.
    pub ledger: Ledger,
    /// Whether they may now.
    pub access: Access,
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

/// What comes of an attempt that was not refused.
#[derive(Debug)]
pub enum Opened {
    /// A session.
    Studio(PresignedUrl),
    /// Several profiles: the user is to choose one.
    Choose(Vec<Entitlement>),
    /// The policy wants the number of a change or incident first; and what it says to the user.
    NeedsChange(Arc<Entitlement>, String),
    /// The policy wants somebody else's approval, which has been asked for; and what it says to the user.
    NeedsApproval(Pending, String),
    /// The user profile is being made.
    Provisioning(Arc<Entitlement>),
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
        let claimant = Claimant { user: identity.user(), groups: identity.groups(), named: identity.named() };
        let (redeemed, entitlements, counted) = tokio::join!(
            self.once_only.redeem(identity, attempt, now),
            self.ledger.entitlements(&claimant, now),
            self.counted(identity, now),
        );
        let redeemed = redeemed?;
        circumstances.urls_this_minute = counted?;
        let entitlement = match chosen(entitlements?, wish)? {
            Ok(entitlement) => entitlement,
            Err(several) => return Ok(Opened::Choose(several)),
        };
        trail.note(&entitlement);
        let permitted = match self.permit(redeemed, entitlement, &circumstances, attempt, now).await {
            Ok(Ok(permitted)) => permitted,
            Ok(Err(missing)) => return Ok(missing),
            Err(error) => {
                trail.policies = error.policies();
                return Err(error);
            }
        };
        trail.policies = permitted.policies().to_vec();
        let grant = Grant::of(permitted, &self.rates, now).await?;
        let (recorded, open) = self.recorder.intend::<Mint>(grant, attempt, now).await?;
        let minted = self.minter.mint(&recorded).await;
        self.recorder.close(open, &minted, clock()).await;
        match (minted, &self.provisioner) {
            (Ok(url), _) => Ok(Opened::Studio(url)),
            (Err(MintError::ProfileNotFound), Some(provisioner)) if provisioner.may_make(recorded.grant()) => {
                let (recorded, open) = self.recorder.intend::<Provision>(recorded.into_grant(), attempt, clock()).await?;
                let begun = provisioner.begin(&recorded).await;
                self.recorder.close(open, &begun, clock()).await;
                begun?;
                Ok(Opened::Provisioning(Box::new(recorded.into_grant())))
            }
            (Err(error), _) => Err(error.into()),
        }
    }

    /// How far the user profile is that was begun for who comes back with `wish`.
    ///
    /// # Errors
    /// [`BrokerError`]; what cannot be waited for is refused.
    pub async fn progress(&self, identity: &Identity, wish: &Wish, now: UtcDateTime) -> Result<Progress, BrokerError> {
        let provisioner = self.provisioner.as_ref().ok_or(ProvisionError::Off)?;
        let entitlements = self.ledger.entitlements(&claimant(identity), now).await?;
        let Ok(entitlement) = chosen(entitlements, wish)? else { return Err(BrokerError::UnknownEntry) };
        Ok(provisioner.progress(&entitlement).await?)
    }

    /// How often the user was given a URL in this minute, if a policy wants to know.
    async fn counted(&self, identity: &Identity, now: UtcDateTime) -> Result<Option<u32>, RateError> {
        if !self.access.reads_counters() {
            return Ok(None);
        }
        self.rates.peek(identity.user(), now).await.map(Some)
    }

    /// Asks the policy; and, where it wants somebody's approval, whether there is one.
    async fn permit(
        &self,
        redeemed: Redeemed,
        entitlement: Entitlement,
        circumstances: &Circumstances,
        attempt: &str,
        now: UtcDateTime,
    ) -> Result<Result<Permitted, Opened>, BrokerError> {
        let asked = self.access.permit(redeemed, entitlement, circumstances, None, now);
        let Unpermitted { error, redeemed, entitlement } = match asked {
            Ok(permitted) => return Ok(Ok(permitted)),
            Err(unpermitted) => *unpermitted,
        };
        match error.needs() {
            None => Err(error.into()),
            Some(Need::Ticket) => Ok(Err(Opened::NeedsChange(Box::new(entitlement), error.reason()))),
            Some(Need::Approval) => {
                let (user, entry) = (redeemed.identity().user().to_owned(), entitlement.entry().to_owned());
                if let Some(approved) = self.approvals.approval_for(&user, &entry, now).await? {
                    let permitted = self.access.permit(redeemed, entitlement, circumstances, Some(&approved), now);
                    return permitted.map(Ok).map_err(|unpermitted| unpermitted.error.into());
                }
                let opens = access::facts(&entitlement);
                let change = circumstances.change.as_deref();
                self.recorder.note(&Note::requested(redeemed.identity(), &entitlement, change), attempt, now).await?;
                let pending = self.approvals.request(&user, &entry, &opens, change, now).await?;
                Ok(Err(Opened::NeedsApproval(pending, error.reason())))
            }
        }
    }
}

fn claimant(identity: &Identity) -> Claimant<'_> {
    Claimant { user: identity.user(), groups: identity.groups(), named: identity.named() }
}

/// The one entitlement, or the one that is wished for; or all of them, to choose from.
fn chosen(mut entitlements: Vec<Entitlement>, wish: &Wish) -> Result<Result<Entitlement, Vec<Entitlement>>, BrokerError> {
    if let Some(entry) = &wish.entry {
        let theirs = entitlements.into_iter().find(|entitlement| entitlement.entry() == entry);
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
