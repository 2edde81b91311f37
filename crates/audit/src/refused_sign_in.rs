//! A [`RefusedSignIn`]: the facts of a refusal, for its record.

use std::net::IpAddr;

use studio_acs_identity::{CredentialKind, Protocol};

use crate::facts::Person;

/// A sign-in that was refused. No secret is among its facts: neither the response nor a token.
#[derive(Debug)]
pub struct RefusedSignIn<'a> {
    /// The correlation id of the request.
    pub correlation: &'a str,
    /// The stage of the rule that was broken.
    pub stage: &'static str,
    /// The code of the refusal.
    pub code: &'static str,
    /// The reason, for a reader of the record.
    pub reason: String,
    /// The protocol of the sign-in.
    pub protocol: Protocol,
    /// The user; `None` where the refusal came before they were verified.
    pub person: Option<&'a Person>,
    /// The issuer that the response or token names, verified or not; empty where none was read.
    pub claimed_issuer: &'a str,
    /// The address of the user's browser, or of the API client.
    pub source_ip: Option<IpAddr>,
    /// The ledger's entry that the refusal is about, the user profile and the Studio domain; each empty where it is not known.
    pub entry: [&'a str; 3],
    /// The ids of the policies that decided.
    pub policies: &'a [String],
}

/// The refusals that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RefusalKind {
    pub(crate) stage: &'static str,
    pub(crate) code: &'static str,
    /// OCSF's `auth_protocol_id` and `auth_protocol`.
    pub(crate) protocol: (u8, &'static str),
    /// The verified user; `None` for a stranger.
    pub(crate) user: Option<String>,
    /// The user's verified issuer, or the one that a stranger claims.
    pub(crate) issuer: String,
    /// The address; of IPv6 the network.
    pub(crate) source_ip: Option<IpAddr>,
}

impl RefusedSignIn<'_> {
    /// The kind that it is counted as.
    pub(crate) fn kind(&self) -> RefusalKind {
        let protocol = match self.person {
            Some(person) => auth_protocol(person.credential_kind()),
            None if self.protocol == Protocol::Saml => auth_protocol(CredentialKind::Assertion),
            None => TOKEN,
        };
        RefusalKind {
            stage: self.stage,
            code: self.code,
            protocol,
            user: self.person.map(|person| person.name().to_owned()),
            issuer: self.person.map_or(self.claimed_issuer, Person::issuer).to_owned(),
            source_ip: self.source_ip.map(network),
        }
    }
}

impl RefusalKind {
    /// The same without the facts that tell kinds of one code apart.
    pub(crate) fn of_any_sender(self) -> Self {
        Self { stage: "", user: self.user.map(|_| String::new()), issuer: String::new(), source_ip: None, ..self }
    }

    /// Whether the source is an API client's, not a browser's.
    pub(crate) fn is_by_api_client(&self) -> bool {
        self.protocol != auth_protocol(CredentialKind::Assertion)
    }
}

/// The network of an address of IPv6, of which one host may have all: a /64. An address of IPv4 is its own.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

/// A token of which nothing is verified: OCSF's `Other`.
const TOKEN: (u8, &str) = (99, "bearer token");

/// OCSF's `auth_protocol_id` and `auth_protocol`.
pub(crate) fn auth_protocol(kind: CredentialKind) -> (u8, &'static str) {
    match kind {
        CredentialKind::Assertion => (5, "SAML"),
        CredentialKind::IdToken => (4, "OpenID"),
        CredentialKind::AccessToken => (6, "OAUTH 2.0"),
    }
}
