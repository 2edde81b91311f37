//! Who an assertion is about, in SageMaker's terms: [`VerifiedAssertion`] → [`Identity`].

mod ticket;

use std::fmt;

use studio_acs_saml::{Check, Rejection, Trace, VerifiedAssertion, is_plain};
use time::UtcDateTime;

pub use ticket::{Issued, PageKey, Since, Ticket, TicketError, Tickets, Wish};

/// The most characters of a name of either kind (SageMaker API, `UserProfileName` and `DomainId`).
const LONGEST: usize = 63;

/// A name that SageMaker takes for a user profile: `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`, at most 63 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserProfileName(String);

impl UserProfileName {
    /// Takes `name` if it has the format; <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html>.
    pub fn parse(name: &str) -> Option<Self> {
        is_dashed(name, |c| c.is_ascii_alphanumeric()).then(|| Self(name.to_owned()))
    }

    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ID of a Studio domain: `d-(-*[a-z0-9]){1,61}`, at most 63 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainId(String);

impl DomainId {
    /// Takes `id` if it has the format; <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html>.
    pub fn parse(id: &str) -> Option<Self> {
        let rest = id.strip_prefix("d-")?.trim_start_matches('-');
        let fits = id.len() <= LONGEST && is_dashed(rest, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
        fits.then(|| Self(id.to_owned()))
    }

    /// The ID as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `[x](-*[x])*`, at most [`LONGEST`] characters.
fn is_dashed(name: &str, x: impl Fn(char) -> bool) -> bool {
    name.len() <= LONGEST && name.starts_with(&x) && name.ends_with(&x) && name.chars().all(|c| c == '-' || x(c))
}

impl fmt::Display for UserProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DomainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The most bytes of a user's name, where a ledger says which profile it stands for; of a group's name; how many groups.
const LONGEST_USER: usize = 256;
const LONGEST_GROUP: usize = 256;
const MOST_GROUPS: usize = 1_000;

/// Which attributes say who somebody is, and which domains may be named.
#[derive(Debug, Clone)]
pub struct IdentityRules {
    /// The name of the attribute that holds the user: the user profile's name, or with a ledger any name.
    pub user_attribute: String,
    /// The name of the attribute that holds the domain ID. With a ledger nobody reads it.
    pub domain_attribute: String,
    /// The name of the attribute that holds the groups. It need not be there.
    pub group_attribute: String,
    /// The domains that may be opened; empty for any.
    pub allowed_domains: Vec<DomainId>,
    /// Whether a ledger says which profiles the user may open, and not the assertion.
    pub by_ledger: bool,
}

/// Who somebody is, by an assertion that was verified. Made only by [`Identity::of`], and by a [`Ticket`] that carries
/// one over to the next request.
#[derive(Debug, Clone)]
pub struct Identity {
    user: String,
    named: Option<(UserProfileName, DomainId)>,
    groups: Vec<String>,
    issuer: String,
    source_id: String,
    once: Once,
    session_not_on_or_after: Option<UtcDateTime>,
    authenticated_at: Option<UtcDateTime>,
    authentication_method: Option<String>,
}

/// What makes an identity usable one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    /// The same for every presentation of what it was read from, and for nothing else.
    pub key: [u8; 32],
    /// From when on it cannot be used any more, skew apart.
    pub until: UtcDateTime,
}

impl Identity {
    /// Reads the identity out of the assertion's attributes.
    ///
    /// # Errors
    /// `attribute_missing`, `attribute_ambiguous`, `attribute_invalid`, `domain_not_allowed`.
    pub fn of(assertion: &VerifiedAssertion, rules: &IdentityRules, trace: &mut dyn Trace) -> Result<Self, Rejection> {
        let user = read(assertion, &rules.user_attribute, trace)?;
        let named = if rules.by_ledger {
            if !is_name(user, LONGEST_USER) {
                let expected = format!("{} of 1 to {LONGEST_USER} bytes of plain text", rules.user_attribute);
                return Err(Check::AttributeFormat.reject(expected, shown(user)));
            }
            trace.passed(Check::AttributeFormat, &user);
            None
        } else {
            Some(named(assertion, user, rules, trace)?)
        };
        let groups = assertion.attribute_values(&rules.group_attribute)?;
        if groups.len() > MOST_GROUPS || groups.iter().any(|group| !is_name(group, LONGEST_GROUP)) {
            let expected = format!(
                "{}: at most {MOST_GROUPS} values of 1 to {LONGEST_GROUP} bytes of plain text",
                rules.group_attribute
            );
            return Err(Check::AttributeFormat.reject(expected, "others"));
        }
        Ok(Self {
            user: user.to_owned(),
            named,
            groups: groups.into_iter().map(str::to_owned).collect(),
            issuer: assertion.issuer().to_owned(),
            source_id: assertion.id().to_owned(),
            once: Once { key: assertion.once_key(), until: assertion.not_on_or_after() },
            session_not_on_or_after: assertion.session_not_on_or_after(),
            authenticated_at: assertion.authenticated_at(),
            authentication_method: assertion.authentication_method().map(str::to_owned),
        })
    }

    /// The user, as the identity provider names them.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The user profile and the domain that the assertion itself names; `None` where the ledger says.
    pub fn named(&self) -> Option<(&UserProfileName, &DomainId)> {
        self.named.as_ref().map(|(profile, domain)| (profile, domain))
    }

    /// The user's groups, as the identity provider names them.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The identity provider's entity ID.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The ID of what it was first read from: the assertion's.
    pub fn source_id(&self) -> &str {
        &self.source_id
    }

    /// What makes it usable one time.
    pub fn once(&self) -> Once {
        self.once
    }

    /// When the session at the identity provider ends, if it says so.
    pub fn session_not_on_or_after(&self) -> Option<UtcDateTime> {
        self.session_not_on_or_after
    }

    /// When the user signed in at the identity provider.
    pub fn authenticated_at(&self) -> Option<UtcDateTime> {
        self.authenticated_at
    }

    /// How: the URI of an authentication context class, if the identity provider names one.
    pub fn authentication_method(&self) -> Option<&str> {
        self.authentication_method.as_deref()
    }
}

/// The user profile and the domain, as the assertion itself names them.
fn named(
    assertion: &VerifiedAssertion,
    user: &str,
    rules: &IdentityRules,
    trace: &mut dyn Trace,
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

/// Text that can be shown and compared: not empty, not longer than `longest` bytes, without hidden characters or edges of white space.
fn is_name(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && text.trim() == text && text.chars().all(is_plain)
}

/// The one value of the attribute `name`.
fn read<'a>(assertion: &'a VerifiedAssertion, name: &str, trace: &mut dyn Trace) -> Result<&'a str, Rejection> {
    let value = assertion.attribute(name)?;
    trace.passed(Check::AttributePresent, &name);
    trace.passed(Check::AttributeSingle, &value);
    Ok(value)
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "an empty value" } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_profile_names() {
        let longest = "a".repeat(63);
        for name in ["a", "Alice", "a-b", "a--b9", "0", longest.as_str()] {
            assert!(UserProfileName::parse(name).is_some(), "{name}");
        }
        let too_long = "a".repeat(64);
        for name in ["", "-a", "a-", "a.b", "a@b", "a b", " a", "ä", "a\n", "а", too_long.as_str()] {
            assert!(UserProfileName::parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn domain_ids() {
        let longest = format!("d-{}", "a".repeat(61));
        for id in ["d-abcdefghijkl", "d-1", "d--a", longest.as_str()] {
            assert!(DomainId::parse(id).is_some(), "{id}");
        }
        let too_long = format!("d-{}", "a".repeat(62));
        for id in ["", "d-", "d-A", "D-a", "d-a-", "x-a", "d-a ", "d_a", too_long.as_str()] {
            assert!(DomainId::parse(id).is_none(), "{id}");
        }
    }
}
