//! Access: what the ledger entitles to → [`Authorized`], if the policy says so.

mod error;

use std::net::IpAddr;
use std::sync::Arc;

use crate::rules::Check;
use studio_acs_policy::{Action, Fact, Permit, Policies, Profile, Question};
use time::UtcDateTime;

use crate::approval::{ApprovalTerms, Approved};
use crate::current_policies::CurrentPolicies;
use crate::destination::Destination;
use crate::replay::FirstUse;
use crate::session_seconds::SHORTEST_SESSION;
pub use error::AuthorizeError;
use studio_acs_identity::{CredentialKind, DomainId, GroupUse, Identity, Names, UserId};
use studio_acs_ledger::Entitlement;

/// A user's authorization to open one profile now, by the ledger and by the policy. Made only by
/// [`Authorizer::authorize`].
#[derive(Debug)]
pub struct Authorized {
    first_use: FirstUse,
    entitlement: Entitlement,
    destination: Destination,
    session_seconds: u32,
    policies: Vec<String>,
    ticket_number: Option<String>,
    approved: Option<Approved>,
    source_ip: Option<IpAddr>,
    api_client_ip: Option<IpAddr>,
}

impl Authorized {
    /// The user.
    pub fn identity(&self) -> &Identity {
        self.first_use.identity()
    }

    /// What.
    pub fn entitlement(&self) -> &Entitlement {
        &self.entitlement
    }

    /// Where in Studio.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// For how long: the least of what is configured, of the ledger, of the policy, and of what is left of the session at
    /// the identity provider.
    pub fn session_seconds(&self) -> u32 {
        self.session_seconds
    }

    /// The ids of the policies that decided.
    pub fn policies(&self) -> &[String] {
        &self.policies
    }

    /// The ticket number, as the user gave it; `None` where no policy asked for one.
    pub fn ticket_number(&self) -> Option<&str> {
        self.ticket_number.as_deref()
    }

    /// The address of the user's browser; `None` behind an API client.
    pub fn source_ip(&self) -> Option<IpAddr> {
        self.source_ip
    }

    /// The address of the API client; `None` for a browser.
    pub fn api_client_ip(&self) -> Option<IpAddr> {
        self.api_client_ip
    }

    /// The approval by which it is permitted, of all that is opened now.
    pub fn approved(&self) -> Option<&Approved> {
        self.approved.as_ref()
    }
}

/// The circumstances of one request, without its identity.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The client's address, as the gateway or the connection has it: a user's browser, or an API client.
    pub source_ip: Option<IpAddr>,
    /// The VPC endpoint, as the gateway has it.
    pub vpc_endpoint: Option<String>,
    /// The VPC of that endpoint, as the gateway has it.
    pub vpc: Option<String>,
    /// How often the user was given a URL in this minute; needed where a policy reads it.
    pub urls_this_minute: Option<u32>,
    /// The ticket number, as the user gave it. It counts only where a policy asks for one.
    pub ticket_number: Option<String>,
    /// Whether a name without its issuer names a user, as of this request.
    pub names: Names,
}

impl RequestContext {
    /// The same, if the user's browser sent the request. Behind an API client address and endpoint are the client's, and
    /// say nothing of where the user is.
    fn of_browser(&self, who: &Identity) -> Option<&Self> {
        Some(self).filter(|_| who.credential_kind() == CredentialKind::Assertion)
    }
}

/// The allowed profiles and session lengths by the policy of one moment: a request is judged by one.
#[derive(Debug)]
pub struct Authorizer {
    policies: Arc<Policies>,
    allowed_domains: Arc<[DomainId]>,
    session_seconds: u32,
}

/// The allowed profiles and session lengths by the policy as of now.
#[derive(Debug)]
pub struct CurrentAuthorizer {
    policies: CurrentPolicies,
    allowed_domains: Arc<[DomainId]>,
    session_seconds: u32,
}

impl CurrentAuthorizer {
    /// These policies, these domains (any, if empty), and sessions of this length at most.
    pub fn new(policies: CurrentPolicies, allowed_domains: Vec<DomainId>, session_seconds: u32) -> Self {
        Self { policies, allowed_domains: allowed_domains.into(), session_seconds }
    }

    /// Has the policies read again if it is time, so that neither protocol need wait for this and for its own keys in
    /// turn, and returns the use that they make of groups.
    pub async fn group_use(&self, now: UtcDateTime) -> GroupUse {
        // Policies that are too old permit nothing, whatever they read.
        self.policies.get(now).await.map_or(GroupUse::Restricts, |policies| policies.group_use())
    }

    /// The access of now.
    ///
    /// # Errors
    /// [`AuthorizeError::TooOld`].
    pub async fn get(&self, now: UtcDateTime) -> Result<Authorizer, AuthorizeError> {
        let (policies, allowed_domains) = (self.policies.get(now).await?, Arc::clone(&self.allowed_domains));
        Ok(Authorizer { policies, allowed_domains, session_seconds: self.session_seconds })
    }
}

/// A refusal with its identity and entitlement, for a user who can bring what is needed.
#[derive(Debug)]
pub struct Denied {
    /// Why.
    pub error: AuthorizeError,
    /// The user.
    pub first_use: FirstUse,
    /// What.
    pub entitlement: Entitlement,
    /// Where.
    pub destination: Destination,
}

impl Authorizer {
    /// These policies, these domains (any, if empty), and sessions of this length at most.
    pub fn new(policies: Policies, allowed_domains: Vec<DomainId>, session_seconds: u32) -> Self {
        Self { policies: Arc::new(policies), allowed_domains: allowed_domains.into(), session_seconds }
    }

    /// Whether a policy reads how often the user was given a URL.
    pub fn reads_counters(&self) -> bool {
        self.policies.read(Fact::UrlsThisMinute)
    }

    /// Asks whether the user's groups are known well enough for the policies of now.
    ///
    /// # Errors
    /// [`AuthorizeError::Groups`].
    pub(crate) fn check_groups(&self, who: &Identity) -> Result<(), AuthorizeError> {
        Ok(who.groups().check(self.policies.group_use())?)
    }

    /// Whether a policy asks if users are in this group.
    pub(crate) fn names_group(&self, name: &str) -> bool {
        self.policies.rules().iter().any(|rule| rule.names_group(name))
    }

    /// Whether `approver` may decide on a request of these terms.
    ///
    /// # Errors
    /// [`AuthorizeError::Denied`], [`AuthorizeError::Groups`].
    pub(crate) fn may_approve(
        &self,
        approver: &Identity,
        terms: &ApprovalTerms,
        context: &RequestContext,
        now: UtcDateTime,
    ) -> Result<Vec<String>, AuthorizeError> {
        self.check_groups(approver)?;
        let question = Question {
            action: Action::Approve,
            user: approver.user().to_owned(),
            issuer: approver.issuer().to_owned(),
            names: context.names,
            groups: approver.groups().names().to_vec(),
            // An entry without an issuer was the asking user's by their own.
            profile: Profile {
                issuer: terms.profile.issuer.clone().or_else(|| terms.issuer.clone()),
                ..terms.profile.clone()
            },
            facts: policy_facts(approver, context, self.session_seconds, None, Some(&terms.user_id()), now),
        };
        self.policies.decide(&question).map(|permit| permit.policies().to_vec()).map_err(AuthorizeError::Denied)
    }

    /// The terms that an approval has to cover for `who` to open this.
    pub(crate) fn terms(
        &self,
        who: &Identity,
        what: &Entitlement,
        destination: &Destination,
        context: &RequestContext,
    ) -> ApprovalTerms {
        let seconds = self.session_seconds.min(what.session_seconds().unwrap_or(u32::MAX));
        ApprovalTerms::of(
            &who.user_id(context.names),
            profile(who, what),
            what,
            destination,
            context.ticket_number.as_deref(),
            seconds,
        )
    }

    /// Asks whether `first_use` may open the profile of `entitlement` now. An approval of anything else counts as none.
    ///
    /// # Errors
    /// [`AuthorizeError`], with the identity back, for a user who can bring what is needed.
    pub fn authorize(
        &self,
        first_use: FirstUse,
        entitlement: Entitlement,
        destination: Destination,
        context: &RequestContext,
        approved: Option<Approved>,
        now: UtcDateTime,
    ) -> Result<Authorized, Box<Denied>> {
        let who = first_use.identity();
        let covers = |approved: &Approved| approved.covers(&self.terms(who, &entitlement, &destination, context));
        let approved = approved.filter(covers);
        let (session_seconds, permit) =
            match self.ask(who, &entitlement, context, approved.as_ref().map(Approved::approver).as_ref(), now) {
                Ok(answer) => answer,
                Err(error) => return Err(Box::new(Denied { error, first_use, entitlement, destination })),
            };
        let source_ip = context.of_browser(who).and_then(|context| context.source_ip);
        let api_client_ip = context.source_ip.filter(|_| context.of_browser(who).is_none());
        Ok(Authorized {
            first_use,
            entitlement,
            destination,
            session_seconds,
            policies: permit.policies().to_vec(),
            ticket_number: context.ticket_number.clone().filter(|_| permit.counts_ticket()),
            approved,
            source_ip,
            api_client_ip,
        })
    }

    /// Asks again where a policy reads how often the user was given a URL, now that `counted` URLs of this minute are
    /// counted, this one included: others may have been counted since.
    ///
    /// # Errors
    /// [`AuthorizeError`].
    pub(crate) fn recheck(
        &self,
        authorized: &Authorized,
        counted: u32,
        context: &RequestContext,
        now: UtcDateTime,
    ) -> Result<(), AuthorizeError> {
        if !self.reads_counters() {
            return Ok(());
        }
        let before = counted.saturating_sub(1);
        let context = RequestContext { urls_this_minute: Some(before), ..context.clone() };
        let approver = authorized.approved().map(Approved::approver);
        self.ask(authorized.identity(), authorized.entitlement(), &context, approver.as_ref(), now).map(drop)
    }

    fn ask(
        &self,
        who: &Identity,
        what: &Entitlement,
        context: &RequestContext,
        approved_by: Option<&UserId>,
        now: UtcDateTime,
    ) -> Result<(u32, Permit), AuthorizeError> {
        if !(self.allowed_domains.is_empty() || self.allowed_domains.contains(what.domain())) {
            let allowed: Vec<_> = self.allowed_domains.iter().map(DomainId::as_str).collect();
            return Err(Check::DomainAllowed.reject(allowed.join(" or "), what.domain()).into());
        }
        self.check_groups(who)?;
        let longest = self
            .session_seconds
            .min(what.session_seconds().unwrap_or(u32::MAX))
            .min(left(who.session_not_on_or_after(), now))
            .min(left(what.valid_until(), now));
        let facts = policy_facts(who, context, longest, approved_by, None, now);
        let question = Question {
            action: Action::OpenStudio,
            user: who.user().to_owned(),
            issuer: who.issuer().to_owned(),
            names: context.names,
            groups: who.groups().names().to_vec(),
            profile: profile(who, what),
            facts,
        };
        let permit = self.policies.decide(&question).map_err(AuthorizeError::Denied)?;
        let seconds = longest.min(permit.session_seconds().unwrap_or(u32::MAX));
        if seconds < SHORTEST_SESSION {
            return Err(AuthorizeError::SessionTooShort { seconds });
        }
        Ok((seconds, permit))
    }
}

fn policy_facts(
    who: &Identity,
    context: &RequestContext,
    session_seconds: u32,
    approved_by: Option<&UserId>,
    requester: Option<&UserId>,
    now: UtcDateTime,
) -> studio_acs_policy::Facts {
    let issuer = |user: Option<&UserId>| user.and_then(UserId::issuer).map(str::to_owned);
    let here = context.of_browser(who);
    studio_acs_policy::Facts {
        now,
        session_seconds,
        authenticated_at: who.authenticated_at(),
        authentication_methods: who.authentication_methods().to_vec(),
        protocol: who.credential_kind().protocol(),
        source_ip: here.and_then(|context| context.source_ip),
        vpc_endpoint: here.and_then(|context| context.vpc_endpoint.clone()),
        vpc: here.and_then(|context| context.vpc.clone()),
        urls_this_minute: context.urls_this_minute,
        ticket_number: context.ticket_number.clone(),
        approved_by: approved_by.map(|user| user.name().to_owned()),
        approved_by_issuer: issuer(approved_by),
        requested_by: requester.map(|user| user.name().to_owned()),
        requested_by_issuer: issuer(requester),
    }
}

/// Seconds that are left; without an end, no bound.
fn left(ends: Option<UtcDateTime>, now: UtcDateTime) -> u32 {
    let nanoseconds = |ends: UtcDateTime| ends.unix_timestamp_nanos().saturating_sub(now.unix_timestamp_nanos());
    let left = ends.map_or(i128::MAX, |ends| nanoseconds(ends) / 1_000_000_000);
    u32::try_from(left.max(0)).unwrap_or(u32::MAX)
}

/// The ledger's entry in the policy's terms.
fn profile(who: &Identity, what: &Entitlement) -> Profile {
    // Without a ledger the assertion itself names its user's profile.
    let for_user = what.for_user().or_else(|| what.for_group().is_none().then(|| who.user()));
    Profile {
        entry: what.id().to_owned(),
        title: what.title().to_owned(),
        for_user: for_user.map(str::to_owned),
        for_group: what.for_group().map(str::to_owned),
        issuer: what.issuer().map(str::to_owned),
        // The ledger has no entry that gives one profile to several people.
        own_profile: true,
        profile: what.profile().to_string(),
        domain: what.domain().to_string(),
        account: what.account().map(str::to_owned),
        region: what.region().map(str::to_owned),
        team: what.team().map(str::to_owned),
        production: what.production(),
        over_budget: what.over_budget(),
        tags: what.tags().clone(),
    }
}
