//! The kind of a credential, and its protocol.

use serde::Deserialize;

/// The kind of the credential that an identity was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A SAML assertion.
    Assertion,
    /// An OpenID Connect ID token.
    IdToken,
    /// An OAuth 2.0 access token.
    AccessToken,
}

impl CredentialKind {
    /// Returns the protocol of the credential.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Assertion => Protocol::Saml,
            Self::IdToken | Self::AccessToken => Protocol::Jwt,
        }
    }
}

/// The protocol of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// The token API: a JSON Web Token.
    Jwt,
    /// SAML sign-in.
    Saml,
}

impl Protocol {
    /// Returns the name that policies and logs use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Saml => "saml",
        }
    }
}
