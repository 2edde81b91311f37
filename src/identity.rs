//! Who an assertion is about, in SageMaker's terms: [`VerifiedAssertion`] → [`Identity`].

use std::fmt;

use studio_acs_saml::{Check, Rejection, Trace, VerifiedAssertion};
use time::UtcDateTime;

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

/// Which attributes say who somebody is, and which domains may be named.
#[derive(Debug, Clone)]
pub struct IdentityRules {
    /// The name of the attribute that holds the user profile name.
    pub user_attribute: String,
    /// The name of the attribute that holds the domain ID.
    pub domain_attribute: String,
    /// The domains that may be opened; empty for any.
    pub allowed_domains: Vec<DomainId>,
}

/// A verified assertion that names a user profile and a domain. Made only by [`Identity::of`].
#[derive(Debug)]
pub struct Identity {
    assertion: VerifiedAssertion,
    user: UserProfileName,
    domain: DomainId,
}

impl Identity {
    /// Reads the identity out of the assertion's attributes.
    ///
    /// # Errors
    /// `attribute_missing`, `attribute_ambiguous`, `attribute_invalid`, `domain_not_allowed`.
    pub fn of(assertion: VerifiedAssertion, rules: &IdentityRules, trace: &mut dyn Trace) -> Result<Self, Rejection> {
        let user = read(&assertion, &rules.user_attribute, trace)?;
        let user = UserProfileName::parse(user).ok_or_else(|| {
            Check::AttributeFormat.reject(
                format!("{} of letters, digits and inner hyphens, at most {LONGEST}", rules.user_attribute),
                shown(user),
            )
        })?;
        trace.passed(Check::AttributeFormat, &user);
        let domain = read(&assertion, &rules.domain_attribute, trace)?;
        let domain = DomainId::parse(domain).ok_or_else(|| {
            Check::AttributeFormat.reject(format!("{} such as d-abcdefghijkl", rules.domain_attribute), shown(domain))
        })?;
        trace.passed(Check::AttributeFormat, &domain);
        if !(rules.allowed_domains.is_empty() || rules.allowed_domains.contains(&domain)) {
            let allowed: Vec<_> = rules.allowed_domains.iter().map(DomainId::as_str).collect();
            return Err(Check::DomainAllowed.reject(allowed.join(" or "), domain));
        }
        trace
            .passed(Check::DomainAllowed, if rules.allowed_domains.is_empty() { &"there is no list" } else { &domain });
        Ok(Self { assertion, user, domain })
    }

    /// What it was read from.
    pub fn assertion(&self) -> &VerifiedAssertion {
        &self.assertion
    }

    /// A key that is the same for every presentation of what it was read from, and for nothing else.
    pub fn once_key(&self) -> [u8; 32] {
        self.assertion.once_key()
    }

    /// From when on what it was read from cannot be presented any more, skew apart.
    pub fn not_on_or_after(&self) -> UtcDateTime {
        self.assertion.not_on_or_after()
    }

    /// When the session at the identity provider ends, if it says so.
    pub fn session_not_on_or_after(&self) -> Option<UtcDateTime> {
        self.assertion.session_not_on_or_after()
    }

    /// The user profile.
    pub fn user(&self) -> &UserProfileName {
        &self.user
    }

    /// The Studio domain.
    pub fn domain(&self) -> &DomainId {
        &self.domain
    }
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
