//! The service provider that we are to an identity provider, and how strict.

use time::Duration;

/// The element that must carry a signature of its own. Every signature present must verify, whatever is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RequireSigned {
    /// The response or the assertion: either covers the assertion.
    #[default]
    Any,
    /// The assertion.
    Assertion,
    /// The response.
    Response,
    /// Both.
    Both,
}

impl std::str::FromStr for RequireSigned {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "any" => Ok(Self::Any),
            "assertion" => Ok(Self::Assertion),
            "response" => Ok(Self::Response),
            "both" => Ok(Self::Both),
            _ => Err(format!("`{text}` is not any, assertion, response or both")),
        }
    }
}

/// The service provider: who we are in an assertion's eyes, and the rules that are ours to set.
#[derive(Debug, Clone)]
pub struct ServiceProvider {
    /// Our entity ID: the "Application SAML audience" of Identity Center. Opaque, compared as an exact string.
    pub audience: String,
    /// The URLs we receive responses at. Compared as exact strings, never with what a request says of itself.
    pub acs_urls: Vec<String>,
    /// Which element must be signed.
    pub require_signed: RequireSigned,
    /// How far the identity provider's clock may be from ours, either way.
    pub skew: Duration,
    /// How old an assertion may be, whatever its own validity says.
    pub max_age: Duration,
}

impl ServiceProvider {
    /// The skew without configuration.
    pub const DEFAULT_SKEW: Duration = Duration::seconds(60);
    /// The most skew that may be configured.
    pub const MAX_SKEW: Duration = Duration::seconds(300);
    /// The maximum age without configuration: Identity Center's own window can be an hour.
    pub const DEFAULT_MAX_AGE: Duration = Duration::seconds(300);

    /// A service provider with default rules.
    pub fn new(audience: impl Into<String>, acs_urls: Vec<String>) -> Self {
        Self {
            audience: audience.into(),
            acs_urls,
            require_signed: RequireSigned::Any,
            skew: Self::DEFAULT_SKEW,
            max_age: Self::DEFAULT_MAX_AGE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RequireSigned;

    #[test]
    fn what_must_be_signed_is_read_by_its_name() {
        for (name, expected) in [
            ("any", Ok(RequireSigned::Any)),
            ("assertion", Ok(RequireSigned::Assertion)),
            ("response", Ok(RequireSigned::Response)),
            ("both", Ok(RequireSigned::Both)),
            ("Any", Err("`Any` is not any, assertion, response or both".to_owned())),
        ] {
            assert_eq!(name.parse(), expected);
        }
    }
}
