//! The broker: from an identity to a Studio URL. Knows nothing of SAML's wire format or of HTTP.
//!
//! [`Broker::open`] is the order of events, always: replay protection and ledger → policy → rate → audit of intent →
//! mint → audit of the outcome.

pub mod approval;
pub mod audit;
pub mod authorize;
mod decide;
mod destination;
mod error;
mod grant;
pub mod mint;
mod outcome;
pub mod provision;
pub mod rate;
pub mod replay;
pub mod review;
mod user_key;

use time::UtcDateTime;

pub use approval::{ApprovalError, ApprovalRules, ApprovalTerms, Approvals, Pending};
pub use audit::{AuditError, AuditLog, AuditRules};
pub use authorize::{AuthorizeError, Authorized, Authorizer, CurrentAuthorizer, RequestContext};
pub use destination::Destination;
pub use error::BrokerError;
pub use grant::Grant;
pub use mint::{MintError, Minter, PresignedUrl};
pub use outcome::Outcome;
pub use provision::{ProvisionError, Provisioner};
pub use rate::{RateError, RateRules, Rates};
pub use replay::{AfterRestart, FirstUse, ReplayGuard, RestartGrace};
pub use review::Review;

use audit::{Mint, Provision};
use decide::Judged;

pub use provision::Progress;
pub use studio_acs_aws::TableRules;
use studio_acs_identity::{Identity, SignInRequest};
pub use studio_acs_ledger::REVIEW;
use studio_acs_ledger::{Entitlement, Ledger, Principal};
use studio_acs_log::ALERT_TARGET;
use studio_acs_refusal::LogMessage;

/// Everything between an identity and a URL, prepared once.
#[derive(Debug)]
pub struct Broker {
    /// The memory of used assertions.
    pub replay_guard: ReplayGuard,
    /// The ledger of entitlements.
    pub ledger: Ledger,
    /// Whether they may now.
    pub authorizer: CurrentAuthorizer,
    /// The approvals.
    pub approvals: Approvals,
    /// How often.
    pub rates: Rates,
    /// The audit log.
    pub audit_log: AuditLog,
    /// The mint.
    pub minter: Minter,
    /// Makes profiles that are missing; `None` where that is off.
    pub provisioner: Option<Provisioner>,
}

/// One attempt of a verified user.
#[derive(Debug)]
pub struct OpenRequest<'a> {
    /// The user.
    pub identity: &'a Identity,
    /// Their request.
    pub sign_in_request: &'a SignInRequest,
    /// From where, and how.
    pub context: RequestContext,
    /// The attempt's correlation id.
    pub correlation_id: &'a str,
    /// Since when.
    pub now: UtcDateTime,
}

/// The facts of an attempt, for the log: filled in as it goes on.
#[derive(Debug, Default)]
pub struct EntryFields {
    /// The ledger's entry.
    pub entry: String,
    /// The user profile.
    pub profile: String,
    /// The Studio domain.
    pub domain: String,
    /// The policies that decided.
    pub policies: Vec<String>,
}

impl EntryFields {
    fn note(&mut self, entitlement: &Entitlement) {
        entitlement.id().clone_into(&mut self.entry);
        self.profile = entitlement.profile().to_string();
        self.domain = entitlement.domain().to_string();
    }
}

impl Broker {
    /// Opens Studio for the user, or says what is missing. Nothing is minted before it is on record, and nothing at all
    /// where a store cannot be asked.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn open(
        &self,
        request: OpenRequest<'_>,
        clock: impl Fn() -> UtcDateTime,
        log: &mut EntryFields,
    ) -> Result<Outcome, BrokerError> {
        let OpenRequest { identity, sign_in_request, mut context, correlation_id, now } = request;
        if sign_in_request.link.as_deref() == Some(REVIEW) {
            self.replay_guard.claim(identity, correlation_id, now).await?;
            return Ok(Outcome::Review(self.to_review(identity, &context, now).await?));
        }
        let authorizer = self.authorizer.get(now).await?;
        let principal = principal(identity);
        let (first_use, entitlements, counted) = tokio::join!(
            self.replay_guard.claim(identity, correlation_id, now),
            self.ledger.entitlements(&principal, now),
            self.counted(&authorizer, identity, now),
        );
        let first_use = first_use?;
        context.urls_this_minute = counted?;
        let entitlement = match chosen(entitlements?, sign_in_request)? {
            Ok(entitlement) => entitlement,
            Err(several) => return Ok(Outcome::Choose(several)),
        };
        log.note(&entitlement);
        let destination = destination(&entitlement, sign_in_request, identity, correlation_id);
        let judged = Judged { authorizer: &authorizer, context: &context, correlation_id, now };
        let authorized = match self.authorize(first_use, entitlement, destination, judged).await {
            Ok(Ok(authorized)) => authorized,
            Ok(Err(missing)) => return Ok(missing),
            Err(error) => {
                log.policies = error.policies().to_vec();
                error.log_why(identity.user(), correlation_id);
                return Err(error);
            }
        };
        log.policies = authorized.policies().to_vec();
        let grant = Grant::of(authorized, &self.rates, now)
            .await
            .inspect_err(|error| alert(error.alert(), identity, correlation_id))?;
        alert(grant.count().alert(), identity, correlation_id);
        authorizer.recheck(&grant, &context, now)?;
        let (recorded, open) = self.audit_log.record_intent::<Mint>(grant, correlation_id, now).await?;
        let (grant, minted) = self.minter.mint(recorded).await;
        let outcome = minted.as_ref().map(drop).map_err(|error| (error.code(), error.to_string()));
        self.audit_log.record_outcome(open, outcome, clock()).await;
        match (minted, &self.provisioner) {
            // A user who has waited for it already does not begin again.
            (Err(MintError::ProfileNotFound), Some(provisioner))
                if provisioner.may_make(&grant) && !sign_in_request.waits =>
            {
                self.provision(provisioner, grant, correlation_id, clock).await
            }
            (Err(MintError::Failed(code)), Some(provisioner)) if provisioner.may_make(&grant) => {
                // What SageMaker says of a profile that is being made is not documented.
                match provisioner.progress(grant.identity(), grant.entitlement()).await {
                    Ok(Progress::Pending(entitlement)) => Ok(Outcome::Provisioning(entitlement)),
                    Err(failed @ ProvisionError::Failed(_)) => Err(failed.into()),
                    Ok(Progress::Ready) | Err(_) => Err(MintError::Failed(code).into()),
                }
            }
            (minted, _) => Ok(Outcome::Studio(minted?)),
        }
    }

    /// Claims what makes `identity` usable one time, and opens nothing: where the user has yet to confirm the sign-in, or
    /// says that it is not theirs.
    ///
    /// # Errors
    /// [`BrokerError::Replay`].
    pub async fn claim(&self, identity: &Identity, correlation_id: &str, now: UtcDateTime) -> Result<(), BrokerError> {
        self.replay_guard.claim(identity, correlation_id, now).await?;
        Ok(())
    }

    /// Begins to make the grant's user profile, on record as the mint is.
    async fn provision(
        &self,
        provisioner: &Provisioner,
        grant: Grant,
        correlation_id: &str,
        clock: impl Fn() -> UtcDateTime,
    ) -> Result<Outcome, BrokerError> {
        let (recorded, open) = self.audit_log.record_intent::<Provision>(grant, correlation_id, clock()).await?;
        let (grant, begun) = provisioner.begin(recorded).await;
        let outcome = begun.as_ref().map(drop).map_err(|error| (error.code(), error.to_string()));
        self.audit_log.record_outcome(open, outcome, clock()).await;
        begun?;
        Ok(Outcome::Provisioning(Box::new(grant.entitlement().clone())))
    }

    /// The state of the user profile that was begun for the user who comes back with this request.
    ///
    /// # Errors
    /// [`BrokerError`]; a request that does not wait for a profile is refused.
    pub async fn progress(
        &self,
        identity: &Identity,
        sign_in_request: &SignInRequest,
        now: UtcDateTime,
    ) -> Result<Progress, BrokerError> {
        let provisioner = self.provisioner.as_ref().filter(|_| sign_in_request.waits).ok_or(ProvisionError::Off)?;
        let entitlements = self.ledger.entitlements(&principal(identity), now).await?;
        let Ok(entitlement) = chosen(entitlements, sign_in_request)? else { return Err(BrokerError::UnknownEntry) };
        Ok(provisioner.progress(identity, &entitlement).await?)
    }

    /// How often the user was given a URL in this minute, if a policy wants to know.
    async fn counted(
        &self,
        authorizer: &Authorizer,
        identity: &Identity,
        now: UtcDateTime,
    ) -> Result<Option<u32>, RateError> {
        if !authorizer.reads_counters() {
            return Ok(None);
        }
        self.rates.peek(identity.user(), now).await.map(Some)
    }
}

/// Where in Studio the sign-in leads.
fn destination(
    entitlement: &Entitlement,
    sign_in_request: &SignInRequest,
    identity: &Identity,
    correlation_id: &str,
) -> Destination {
    let alias = sign_in_request.link.as_deref();
    let destination = Destination::of(entitlement, alias);
    if let (Some(alias), None) = (alias, destination.deep_link()) {
        // Its value is the sender's, and unsigned: it is not repeated.
        tracing::info!(
            correlation_id,
            user = identity.user(),
            length = alias.len(),
            "the link is no alias that the ledger knows, and is ignored"
        );
    }
    destination
}

/// The alert of a user who asks for URLs again and again.
pub const ASKS_AGAIN: LogMessage =
    LogMessage { text: "one user asks for URLs again and again", fields: &["correlation_id", "user"] };

/// Alerts about a user who asks for URLs again and again; once a minute.
fn alert(due: bool, identity: &Identity, correlation_id: &str) {
    if due {
        let user = identity.user();
        tracing::error!(target: ALERT_TARGET, correlation_id, user, "{ASKS_AGAIN}");
    }
}

fn principal(identity: &Identity) -> Principal<'_> {
    Principal { user: identity.user(), groups: identity.groups(), attributes: identity.named() }
}

/// Selects the requested entitlement, or the only one; returns all when the user must choose. Never reveals whether
/// another user's profile exists.
fn chosen(
    mut entitlements: Vec<Entitlement>,
    sign_in_request: &SignInRequest,
) -> Result<Result<Entitlement, Vec<Entitlement>>, BrokerError> {
    if let Some(profile) = &sign_in_request.profile {
        // SageMaker does not tell `Alice` from `alice`.
        entitlements.retain(|entitlement| entitlement.profile().as_str().eq_ignore_ascii_case(profile));
        if entitlements.is_empty() {
            return Err(BrokerError::AnotherProfile(profile.clone()));
        }
    }
    if let Some(entry) = &sign_in_request.entry {
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
