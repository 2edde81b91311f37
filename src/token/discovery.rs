//! The issuer's configuration (OpenID Connect Discovery 1.0 3, RFC 8414 2), which says where its keys are.

use axum::http::Uri;
use serde::Deserialize;
use studio_acs_aws::document;
use studio_acs_aws::https::Client;
use studio_acs_jwt::TokenUse;
use studio_acs_refusal::FileKind;

use super::error::KeysError;
use crate::config::is_confidential;

/// The most bytes of a configuration: those of large servers have ten thousand.
const CONFIGURATION_LIMIT: usize = 65_536;

/// Where an issuer's configuration is, and the issuer that it has to name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    issuer: String,
    /// The addresses, in order: one that answers 404 leads to the next.
    places: Vec<String>,
    takes_access_token_issuer: bool,
}

/// The members of a configuration that are read. One that occurs twice is an error.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IssuerConfiguration {
    /// The issuer's name.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// AD FS: the issuer of access tokens, where it is another (MS-OIDCE 2.2.3.2).
    pub access_token_issuer: Option<String>,
}

impl Discovery {
    /// The configuration of an issuer at the addresses that the standards give it: OpenID Connect Discovery 1.0 4, and for a
    /// server that has none there, RFC 8414 3.1; `None` for an issuer that is no URL of https.
    pub fn of_issuer(issuer: &str) -> Option<Self> {
        let uri: Uri = issuer.parse().ok()?;
        if !is_confidential(issuer) || uri.query().is_some() || issuer.contains('#') {
            return None;
        }
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        let path = uri.path().trim_end_matches('/');
        let origin = format!("{scheme}://{authority}");
        let places = vec![
            format!("{origin}{path}/.well-known/openid-configuration"),
            format!("{origin}/.well-known/oauth-authorization-server{path}"),
        ];
        Some(Self { issuer: issuer.to_owned(), places, takes_access_token_issuer: false })
    }

    /// The configuration at this address, of an issuer that may be any text.
    pub fn at(place: String, issuer: &str, token_use: TokenUse) -> Self {
        let takes_access_token_issuer = token_use == TokenUse::Access;
        Self { issuer: issuer.to_owned(), places: vec![place], takes_access_token_issuer }
    }

    /// Whether an address is one of a configuration, and not of keys.
    pub fn is_address(url: &str) -> bool {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
            .into_iter()
            .any(|known| path.ends_with(known) || path.contains(&format!("{known}/")))
    }

    /// Its first address.
    pub fn place(&self) -> &str {
        self.places.first().map_or("", String::as_str)
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// [`KeysError::Unreadable`]; [`KeysError::Answered`]; [`KeysError::NoConfiguration`].
    pub(super) async fn read(&self, client: &Client) -> Result<IssuerConfiguration, KeysError> {
        for place in &self.places {
            let unread = |error| KeysError::of_https(place, error);
            if let Some(answer) = client.find(place, CONFIGURATION_LIMIT).await.map_err(unread)? {
                let none = |reason: String| KeysError::NoConfiguration { place: place.clone(), reason };
                let answer = document(answer).map_err(|kind| none(format!("it is {kind}")))?;
                return serde_json::from_str(&answer).map_err(|error| match FileKind::of(answer.as_bytes()) {
                    FileKind::Json => none(error.to_string()),
                    kind => none(format!("it is {kind}")),
                });
            }
        }
        Err(KeysError::Answered { place: self.places.join(" and "), status: 404 })
    }

    /// Where the keys are, by a configuration of this very issuer (OpenID Connect Discovery 1.0 4.3, RFC 8414 3.3: else one
    /// issuer could pass for another).
    ///
    /// # Errors
    /// As [`read`](Self::read); [`KeysError::AnotherIssuer`];
    /// [`KeysError::KeysInTheClear`].
    pub(super) async fn jwks_uri(&self, client: &Client) -> Result<String, KeysError> {
        let configuration = self.read(client).await?;
        let place = || self.place().to_owned();
        if !self.names(&configuration) {
            return Err(KeysError::AnotherIssuer {
                place: place(),
                expected: self.issuer.clone(),
                found: configuration.issuer,
            });
        }
        if !may_hold_keys(&configuration.jwks_uri, self.place()) {
            return Err(KeysError::KeysInTheClear { place: place(), found: configuration.jwks_uri });
        }
        Ok(configuration.jwks_uri)
    }

    /// Whether it is the configuration of this issuer, character by character.
    pub fn names(&self, configuration: &IssuerConfiguration) -> bool {
        let of_access = configuration.access_token_issuer.as_ref().filter(|_| self.takes_access_token_issuer);
        configuration.issuer == self.issuer || of_access == Some(&self.issuer)
    }
}

/// Whether keys may be read at the address that a configuration names: by https and without a user; by http on loopback
/// only where the configuration was read there, since else an issuer far away would choose a service of this machine.
fn may_hold_keys(url: &str, configuration: &str) -> bool {
    let is_http = |url: &str| url.parse::<Uri>().is_ok_and(|uri| uri.scheme_str() == Some("http"));
    let names_user = |url: &str| {
        let uri: Uri = url.parse().unwrap_or_default();
        uri.authority().is_some_and(|authority| authority.as_str().contains('@'))
    };
    is_confidential(url) && !names_user(url) && (!is_http(url) || is_http(configuration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_names_no_keys_on_this_machine_unless_it_is_there_itself() {
        let (far, near) = ("https://idp.example/.well-known/openid-configuration", "http://127.0.0.1:8080/x");
        for (url, by_far, by_near) in [
            ("https://idp.example/keys", true, true),
            ("https://keys.example:8443/keys?of=a@b", true, true),
            ("http://127.0.0.1:8001/keys", false, true),
            ("http://localhost/keys", false, true),
            ("http://[::1]/keys", false, true),
            ("http://idp.example/keys", false, false),
            ("https://ana:secret@idp.example/keys", false, false),
            ("http://ana@127.0.0.1/keys", false, false),
            ("HTTP://127.0.0.1/keys", false, true),
            ("/keys", false, false),
            ("", false, false),
        ] {
            assert_eq!((may_hold_keys(url, far), may_hold_keys(url, near)), (by_far, by_near), "{url}");
        }
    }

    #[test]
    fn an_issuer_has_two_addresses() {
        for (issuer, places) in [
            (
                "https://idp.example",
                [
                    "https://idp.example/.well-known/openid-configuration",
                    "https://idp.example/.well-known/oauth-authorization-server",
                ],
            ),
            (
                "https://idp.example/",
                [
                    "https://idp.example/.well-known/openid-configuration",
                    "https://idp.example/.well-known/oauth-authorization-server",
                ],
            ),
            (
                "https://idp.example:8443/realms/corp",
                [
                    "https://idp.example:8443/realms/corp/.well-known/openid-configuration",
                    "https://idp.example:8443/.well-known/oauth-authorization-server/realms/corp",
                ],
            ),
        ] {
            assert_eq!(Discovery::of_issuer(issuer).expect("a URL").places, places);
        }
        for issuer in
            ["accounts.google.com", "http://adfs.example/adfs/services/trust", "https://a/?b", "https://a#b", ""]
        {
            assert_eq!(Discovery::of_issuer(issuer), None, "{issuer}");
        }
    }

    #[test]
    fn an_address_of_a_configuration_is_told_from_one_of_keys() {
        for url in [
            "https://a/.well-known/openid-configuration",
            "https://a/adfs/.well-known/openid-configuration?client-request-id=1",
            "https://a/.well-known/oauth-authorization-server/realms/corp",
            "https://a/.well-known/openid-configuration/realms/corp",
        ] {
            assert!(Discovery::is_address(url), "{url}");
        }
        for url in [
            "https://a/.well-known/jwks.json",
            "https://a/keys",
            "https://a/keys?of=/.well-known/openid-configuration",
            "https://a/.well-known/openid-configuration-keys",
        ] {
            assert!(!Discovery::is_address(url), "{url}");
        }
    }
}
