//! The [`Broker`]: from an identity to an outcome.

use time::UtcDateTime;

use studio_acs_audit::{AuditLog, Ending};
use studio_acs_identity::{GroupUse, Identity, Names, SignInRequest};
use studio_acs_ledger::{Entitlement, Ledger, Principal, REVIEW};

use crate::alert::alert;
use crate::approval::Approvals;
use crate::authorize::{Authorized, Authorizer, CurrentAuthorizer, RequestContext};
use crate::decision::{Decision, DecisionContext};
use crate::destination::Destination;
use crate::error::BrokerError;
use crate::grant::Grant;
use crate::mint::{Mint, MintError, Minter};
use crate::not_opened::NotOpened;
use crate::open_request::OpenRequest;
use crate::open_response::{EntryFields, OpenResponse};
use crate::outcome::Outcome;
use crate::provision::{Progress, Provision, ProvisionError, Provisioner};
use crate::rate::{RateError, Rates};
use crate::replay::{FirstUse, ReplayGuard};

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

impl Broker {
    /// Opens Studio for the user, or says what is missing: selects, decides, mints. Nothing is minted before it is on
    /// record, and nothing at all where a store cannot be asked.
    pub async fn open(&self, request: OpenRequest<'_>, clock: impl Fn() -> UtcDateTime) -> OpenResponse {
        let OpenRequest { identity, sign_in_request, context, correlation_id, now } = request;
        let selected = self.select(identity, sign_in_request, context, correlation_id, now).await;
        let SelectedEntry { first_use, entitlement, authorizer, context, groups_matched } = match selected {
            Ok(Selected::Entry(selected)) => selected,
            Ok(Selected::Ended(outcome, groups_matched)) => {
                return OpenResponse { outcome: Ok(outcome), entry: None, groups_matched };
            }
            Err(error) => return OpenResponse { outcome: Err(error.into()), entry: None, groups_matched: Vec::new() },
        };
        let entry = EntryFields::of(&entitlement);
        let destination = destination(&entitlement, sign_in_request, identity, correlation_id);
        let judged = DecisionContext { authorizer: &authorizer, context: &context, correlation_id, now };
        match self.authorize(first_use, entitlement, destination, judged, &clock).await {
            Ok(Decision::Authorized(authorized)) => {
                let permits = entry.clone().decided_by(authorized.policies());
                match self.mint(identity, authorized, judged, sign_in_request, clock).await {
                    // Another sign-in was faster, and a policy that counts says no now.
                    Err(refused) if !refused.error.policies().is_empty() => {
                        refused_by(refused, entry, groups_matched, identity, correlation_id)
                    }
                    outcome => OpenResponse { outcome, entry: Some(permits), groups_matched },
                }
            }
            Ok(Decision::Missing(missing)) => OpenResponse { outcome: Ok(missing), entry: Some(entry), groups_matched },
            Err(refused) => refused_by(refused, entry, groups_matched, identity, correlation_id),
        }
    }

    /// Claims the identity, and selects the ledger's entry that the request is for. An approver's is for none.
    async fn select(
        &self,
        identity: &Identity,
        sign_in_request: &SignInRequest,
        context: RequestContext,
        correlation_id: &str,
        now: UtcDateTime,
    ) -> Result<Selected, BrokerError> {
        if sign_in_request.link.as_deref() == Some(REVIEW) {
            self.replay_guard.claim(identity, correlation_id, now).await?;
            let review = Outcome::Review(self.to_review(identity, &context, now).await?);
            return Ok(Selected::Ended(review, Vec::new()));
        }
        let authorizer = self.authorizer.get(now).await?;
        let principal = Principal::of(identity, context.names);
        let (first_use, entitlements, counted) = tokio::join!(
            self.replay_guard.claim(identity, correlation_id, now),
            self.ledger.entitlements(&principal, now),
            self.counted(&authorizer, identity, context.names, now),
        );
        let first_use = first_use?;
        let context = RequestContext { urls_this_minute: counted?, ..context };
        let entitlements = entitlements?;
        let groups_matched = groups_matched(identity, &entitlements, &authorizer);
        Ok(match select_entitlement(entitlements, sign_in_request)? {
            Selection::One(entitlement) => {
                Selected::Entry(SelectedEntry { first_use, entitlement, authorizer, context, groups_matched })
            }
            Selection::Several(several) => Selected::Ended(Outcome::Choose(several), groups_matched),
        })
    }

    /// Counts one URL more, puts the intent on record, mints, and puts the outcome on record. Begins to make a user
    /// profile that is missing.
    async fn mint(
        &self,
        identity: &Identity,
        authorized: Authorized,
        judged: DecisionContext<'_>,
        sign_in_request: &SignInRequest,
        clock: impl Fn() -> UtcDateTime,
    ) -> Result<Outcome, NotOpened> {
        let DecisionContext { authorizer, context, correlation_id, now } = judged;
        let grant = Grant::of(authorized, &self.rates, context.names, now)
            .await
            .inspect_err(|error| alert(error.alert(), identity, correlation_id))?;
        alert(grant.count().alert(), identity, correlation_id);
        authorizer.recheck(grant.authorized(), grant.count().user(), context, now)?;
        let (recorded, open) = self.audit_log.record_intent(Mint(grant), correlation_id, now).await?;
        let (grant, minted) = self.minter.mint(recorded).await;
        let ending = minted.as_ref().map_or_else(|failed| failed.ending(failed.error.code()), |_| Ending::Done);
        self.audit_log.record_outcome(open, ending, clock()).await;
        match (minted.map_err(|failed| failed.error), &self.provisioner) {
            // A user who has waited for it already does not begin again.
            (Err(MintError::ProfileNotFound(_)), Some(provisioner))
                if provisioner.may_make(&grant) && !sign_in_request.waits =>
            {
                self.provision(provisioner, grant, correlation_id, clock).await
            }
            (Err(MintError::Failed(reason)), Some(provisioner)) if provisioner.may_make(&grant) => {
                // SageMaker's answer about a profile that is being made is not documented.
                match provisioner.progress(grant.identity(), grant.entitlement()).await {
                    Ok(Progress::Pending(entitlement)) => Ok(Outcome::Provisioning(entitlement)),
                    // Another code than the record of the mint has.
                    Err(failed @ ProvisionError::Failed(_)) => Err(failed.into()),
                    Ok(Progress::Ready) | Err(_) => Err(NotOpened::on_record(MintError::Failed(reason))),
                }
            }
            (minted, _) => minted.map(Outcome::Studio).map_err(NotOpened::on_record),
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
    ) -> Result<Outcome, NotOpened> {
        let (recorded, open) = self.audit_log.record_intent(Provision(grant), correlation_id, clock()).await?;
        let (grant, begun) = provisioner.begin(recorded).await;
        let ending = begun.as_ref().map_or_else(|failed| failed.ending(failed.error.code()), |()| Ending::Done);
        self.audit_log.record_outcome(open, ending, clock()).await;
        begun.map_err(|failed| NotOpened::on_record(failed.error))?;
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
        names: Names,
        now: UtcDateTime,
    ) -> Result<Progress, BrokerError> {
        let provisioner = self.provisioner.as_ref().filter(|_| sign_in_request.waits).ok_or(ProvisionError::Off)?;
        let entitlements = self.ledger.entitlements(&Principal::of(identity, names), now).await?;
        let Selection::One(entitlement) = select_entitlement(entitlements, sign_in_request)? else {
            return Err(BrokerError::UnknownEntry);
        };
        Ok(provisioner.progress(identity, &entitlement).await?)
    }

    /// The use that the ledger and the policies of now make of groups.
    pub async fn group_use(&self, now: UtcDateTime) -> GroupUse {
        self.authorizer.group_use(now).await.max(self.ledger.group_use())
    }

    /// How often the user was given a URL in this minute, if a policy wants to know.
    async fn counted(
        &self,
        authorizer: &Authorizer,
        identity: &Identity,
        names: Names,
        now: UtcDateTime,
    ) -> Result<Option<u32>, RateError> {
        if !authorizer.reads_counters() {
            return Ok(None);
        }
        self.rates.peek(&identity.user_id(names), now).await.map(Some)
    }
}

/// The end of an attempt for `entry` that a policy or another step refused.
fn refused_by(
    refused: NotOpened,
    entry: EntryFields,
    groups_matched: Vec<String>,
    identity: &Identity,
    correlation_id: &str,
) -> OpenResponse {
    refused.error.log_why(identity.user(), correlation_id);
    let entry = entry.decided_by(refused.error.policies());
    OpenResponse { outcome: Err(refused), entry: Some(entry), groups_matched }
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

/// The selected entry, or the end of an attempt that is for none.
#[expect(clippy::large_enum_variant, reason = "one of each request, not kept")]
enum Selected {
    /// The one entry.
    Entry(SelectedEntry),
    /// The user has to choose, or is an approver; and the groups that are matched.
    Ended(Outcome, Vec<String>),
}

/// The entry that a claimed identity asks for, with the policy that it is judged by.
struct SelectedEntry {
    first_use: FirstUse,
    entitlement: Entitlement,
    authorizer: Authorizer,
    context: RequestContext,
    groups_matched: Vec<String>,
}

/// The user's groups that an entry is for or a policy names.
fn groups_matched(identity: &Identity, entitlements: &[Entitlement], authorizer: &Authorizer) -> Vec<String> {
    let is_matched = |name: &&String| {
        entitlements.iter().any(|entitlement| entitlement.for_group() == Some(name)) || authorizer.names_group(name)
    };
    identity.groups().names().iter().filter(is_matched).cloned().collect()
}

/// The entitlements that a request leaves.
enum Selection {
    /// The requested one, or the only one.
    One(Entitlement),
    /// All of them: the user has to choose.
    Several(Vec<Entitlement>),
}

/// Selects the requested entitlement, or the only one; returns all when the user must choose. Never reveals whether another
/// user's profile exists.
fn select_entitlement(
    mut entitlements: Vec<Entitlement>,
    sign_in_request: &SignInRequest,
) -> Result<Selection, BrokerError> {
    if let Some(profile) = &sign_in_request.profile {
        // SageMaker does not tell `Alice` from `alice`.
        entitlements.retain(|entitlement| entitlement.profile().as_str().eq_ignore_ascii_case(profile));
        if entitlements.is_empty() {
            return Err(BrokerError::AnotherProfile(profile.clone()));
        }
    }
    if let Some(entry) = &sign_in_request.entry {
        let theirs = entitlements.into_iter().find(|entitlement| entitlement.id() == entry);
        return theirs.map(Selection::One).ok_or(BrokerError::UnknownEntry);
    }
    match entitlements.pop() {
        Some(only) if entitlements.is_empty() => Ok(Selection::One(only)),
        Some(last) => {
            entitlements.push(last);
            Ok(Selection::Several(entitlements))
        }
        None => Err(BrokerError::UnknownEntry),
    }
}
