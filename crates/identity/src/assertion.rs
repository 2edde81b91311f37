//! The user of an assertion: [`VerifiedAssertion`] → [`Identity`].

use studio_acs_refusal::Trace;
use studio_acs_saml::{AttributeValue, Check, Rejection, VerifiedAssertion};

use crate::credential_kind::CredentialKind;
use crate::group_names::{self, AbsentGroups};
use crate::groups::{GroupValue, Groups};
use crate::identity::{Identity, ReplayKey};
use crate::name::{DomainId, LONGEST, UserProfileName, is_user, user_expected, user_found};

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
    /// Reads the identity out of the assertion's attributes. Groups that are elsewhere or unusable are part of it: only
    /// the readers of groups know whether they matter.
    ///
    /// # Errors
    /// `attribute_missing`, `attribute_ambiguous`, `attribute_invalid`, `domain_not_allowed`.
    pub fn of(
        assertion: &VerifiedAssertion,
        rules: &IdentityRules,
        trace: &mut dyn Trace<Check>,
    ) -> Result<Self, Rejection> {
        let user = read(assertion, &rules.user_attribute, trace)?;
        let named = if rules.by_ledger {
            if !is_user(user) {
                let expected = user_expected(&rules.user_attribute);
                return Err(Check::AttributeFormat.reject(expected, user_found(user)));
            }
            trace.passed(Check::AttributeFormat, &user);
            None
        } else {
            Some(named(assertion, user, rules, trace)?)
        };
        let name = &rules.group_attribute;
        if rules.require_groups && !assertion.has_attribute(name) {
            let missing = assertion.missing(name, ", which is required");
            let near = || group_names::near(name, &names(assertion));
            return Err(match elsewhere(assertion).unwrap_or_else(near) {
                said if said.is_empty() => missing,
                said => missing.check().reject(missing.expected().to_owned(), format!("{said}; {}", missing.found())),
            });
        }
        Ok(Self {
            user: user.to_owned(),
            named,
            groups: groups(assertion, name),
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

/// The groups; none where the attribute is absent.
fn groups(assertion: &VerifiedAssertion, name: &str) -> Groups {
    let values = assertion.attribute_values(name).map(|value| match value {
        AttributeValue::Text(text) => GroupValue::Text(text),
        AttributeValue::Nil => GroupValue::Nil,
        AttributeValue::Commented => GroupValue::Commented,
        AttributeValue::Element(name) => GroupValue::Element(name),
    });
    let groups = Groups::of(values, elsewhere(assertion));
    if assertion.has_attribute(name) {
        return groups;
    }
    groups.absent(AbsentGroups::of("attribute", name, &names(assertion)))
}

/// The assertion's word on groups that it does not hold.
fn elsewhere(assertion: &VerifiedAssertion) -> Option<String> {
    assertion.has_attribute(ENTRA_GROUPS_LINK).then(|| format!("a link: {ENTRA_GROUPS_LINK}"))
}

/// The names of the attributes, and those for people.
fn names(assertion: &VerifiedAssertion) -> Vec<(&str, Option<&str>)> {
    assertion.attributes().iter().map(|attribute| (attribute.name(), attribute.friendly_name())).collect()
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
            user_found(user),
        )
    })?;
    trace.passed(Check::AttributeFormat, &profile);
    let domain = read(assertion, &rules.domain_attribute, trace)?;
    let domain = DomainId::parse(domain).ok_or_else(|| {
        Check::AttributeFormat.reject(format!("{} such as d-abcdefghijkl", rules.domain_attribute), user_found(domain))
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
