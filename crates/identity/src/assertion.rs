//! The user of an assertion: [`VerifiedAssertion`] → [`Identity`].

use studio_acs_refusal::Trace;
use studio_acs_saml::{Check, Rejection, VerifiedAssertion};

use crate::credential_kind::CredentialKind;
use crate::identity::{Identity, ReplayKey};
use crate::name::{DomainId, LONGEST, UserProfileName, are_groups, groups_expected, is_user, user_expected};

/// The attributes that identify the user, and the domains that may be named.
#[derive(Debug, Clone)]
pub struct IdentityRules {
    /// The name of the attribute that holds the user: the user profile's name, or with a ledger any name.
    pub user_attribute: String,
    /// The name of the attribute that holds the domain ID. With a ledger it is not read.
    pub domain_attribute: String,
    /// The name of the attribute that holds the groups.
    pub group_attribute: String,
    /// Whether that attribute is required.
    pub require_groups: bool,
    /// The domains that may be opened; empty for any.
    pub allowed_domains: Vec<DomainId>,
    /// Whether a ledger says which profiles the user may open, and not the assertion.
    pub by_ledger: bool,
}

impl Identity {
    /// Reads the identity out of the assertion's attributes. Groups that are elsewhere matter where the ledger reads
    /// groups, or the policy does.
    ///
    /// # Errors
    /// `attribute_missing`, `attribute_ambiguous`, `attribute_invalid`, `domain_not_allowed`, `groups_elsewhere`.
    pub fn of(
        assertion: &VerifiedAssertion,
        rules: &IdentityRules,
        policy_reads_groups: bool,
        trace: &mut dyn Trace<Check>,
    ) -> Result<Self, Rejection> {
        let user = read(assertion, &rules.user_attribute, trace)?;
        let named = if rules.by_ledger {
            if !is_user(user) {
                let expected = user_expected(&rules.user_attribute);
                return Err(Check::AttributeFormat.reject(expected, shown(user)));
            }
            trace.passed(Check::AttributeFormat, &user);
            None
        } else {
            Some(named(assertion, user, rules, trace)?)
        };
        let groups = groups(assertion, rules, rules.by_ledger || policy_reads_groups, trace)?;
        Ok(Self {
            user: user.to_owned(),
            named,
            groups: groups.into_iter().map(str::to_owned).collect(),
            issuer: assertion.issuer().to_owned(),
            signed_by: assertion.signed_by(),
            source_id: assertion.id().to_owned(),
            credential_kind: CredentialKind::Assertion,
            replay_key: Some(ReplayKey {
                key: assertion.replay_key(),
                issued: Some(assertion.issued()),
                until: assertion.not_on_or_after(),
            }),
            session_not_on_or_after: assertion.session_not_on_or_after(),
            authenticated_at: assertion.authenticated_at(),
            authentication_methods: assertion.authentication_method().map(str::to_owned).into_iter().collect(),
        })
    }
}

/// Where Entra ID says that a user is in more groups than it puts into an assertion (150).
const ENTRA_GROUPS_LINK: &str = "http://schemas.microsoft.com/claims/groups.link";

/// The groups; none where the attribute is absent and not required.
fn groups<'a>(
    assertion: &'a VerifiedAssertion,
    rules: &IdentityRules,
    are_read: bool,
    trace: &mut dyn Trace<Check>,
) -> Result<Vec<&'a str>, Rejection> {
    let name = &rules.group_attribute;
    if are_read && assertion.has_attribute(ENTRA_GROUPS_LINK) {
        return Err(Check::GroupsHere.reject(format!("the groups in {name}"), format!("a link: {ENTRA_GROUPS_LINK}")));
    }
    if rules.require_groups && !assertion.has_attribute(name) {
        return Err(Check::AttributePresent.reject(format!("attribute {name}, which is required"), "no such attribute"));
    }
    let groups = assertion.attribute_values(name)?;
    if !are_groups(&groups) {
        return Err(Check::AttributeFormat.reject(groups_expected(name), "others"));
    }
    trace.passed(Check::GroupsHere, if are_read { &"no link to them" } else { &"nothing reads them" });
    Ok(groups)
}

/// The user profile and the domain, as the assertion itself names them.
fn named(
    assertion: &VerifiedAssertion,
    user: &str,
    rules: &IdentityRules,
    trace: &mut dyn Trace<Check>,
) -> Result<(UserProfileName, DomainId), Rejection> {
    let profile = UserProfileName::parse(user).ok_or_else(|| {
        Check::AttributeFormat.reject(
            format!("{} of letters, digits and inner hyphens, at most {LONGEST}", rules.user_attribute),
            shown(user),
        )
    })?;
    trace.passed(Check::AttributeFormat, &profile);
    let domain = read(assertion, &rules.domain_attribute, trace)?;
    let domain = DomainId::parse(domain).ok_or_else(|| {
        Check::AttributeFormat.reject(format!("{} such as d-abcdefghijkl", rules.domain_attribute), shown(domain))
    })?;
    trace.passed(Check::AttributeFormat, &domain);
    if !(rules.allowed_domains.is_empty() || rules.allowed_domains.contains(&domain)) {
        let allowed: Vec<_> = rules.allowed_domains.iter().map(DomainId::as_str).collect();
        return Err(Check::DomainAllowed.reject(allowed.join(" or "), domain));
    }
    trace.passed(Check::DomainAllowed, if rules.allowed_domains.is_empty() { &"there is no list" } else { &domain });
    Ok((profile, domain))
}

/// The one value of the attribute `name`.
fn read<'a>(assertion: &'a VerifiedAssertion, name: &str, trace: &mut dyn Trace<Check>) -> Result<&'a str, Rejection> {
    let value = assertion.attribute(name)?;
    trace.passed(Check::AttributePresent, &name);
    trace.passed(Check::AttributeSingle, &value);
    Ok(value)
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "an empty value" } else { value }
}
