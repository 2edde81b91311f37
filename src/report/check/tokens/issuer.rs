//! Whose tokens they are, as far as the issuer's URL tells; and whether it is written as tokens have it.

use axum::http::Uri;

use super::super::finding::Finding;
use super::super::item::Item;
use crate::config::is_confidential;

/// The tenants of Entra ID that stand for any tenant, and the one of personal accounts
/// (<https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols>).
const ANYBODY: [&str; 4] = ["common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"];
const ENTRA_HOSTS: [&str; 3] =
    ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"];
const ENTRA_V1_HOST: &str = "sts.windows.net";
const OKTA_HOSTS: [&str; 4] = [".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com"];

/// An identity provider that is known by its URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IssuerKind {
    /// Amazon Cognito.
    Cognito,
    /// Microsoft Entra ID, with tokens of version 2.
    Entra,
    /// The same, with tokens of version 1.
    EntraV1,
    /// An authorization server of Okta for the API.
    Okta,
    /// Okta's own.
    OktaOrg,
    /// Keycloak.
    Keycloak,
    /// Auth0.
    Auth0,
    /// Any other.
    Other,
}

impl IssuerKind {
    pub(super) fn of(issuer: &str) -> Self {
        let uri: Uri = issuer.parse().unwrap_or_default();
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let is_under = |ends: &[&str]| ends.iter().any(|end| host.ends_with(end));
        if host.ends_with(".amazoncognito.com") || (host.starts_with("cognito-idp.") && host.contains(".amazonaws.com"))
        {
            Self::Cognito
        } else if ENTRA_HOSTS.contains(&&*host) {
            Self::Entra
        } else if host == ENTRA_V1_HOST {
            Self::EntraV1
        } else if is_under(&OKTA_HOSTS) {
            if uri.path().starts_with("/oauth2/") { Self::Okta } else { Self::OktaOrg }
        } else if is_under(&[".auth0.com"]) {
            Self::Auth0
        } else if uri.path().contains("/realms/") {
            Self::Keycloak
        } else {
            Self::Other
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Cognito => "Amazon Cognito",
            Self::Entra => "Microsoft Entra ID",
            Self::EntraV1 => "Microsoft Entra ID, tokens of version 1",
            Self::Okta => "Okta",
            Self::OktaOrg => "Okta's org authorization server",
            Self::Keycloak => "Keycloak",
            Self::Auth0 => "Auth0",
            Self::Other => "an issuer that is not known by its URL",
        }
    }
}

/// The findings on the issuer. It is compared character by character, so one that is not quite it lets no user in.
pub(super) fn finding(issuer: &str, kind: IssuerKind) -> Finding {
    let uri: Uri = issuer.parse().unwrap_or_default();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let error = |found: String, fix: &str| Finding::error(Item::TokenIssuer, found, fix);
    let as_it_says = "write the member issuer of its openid-configuration, to the last character";
    if issuer.contains(['?', '#']) || authority.contains('@') {
        return error(format!("{issuer} has more in it than a host and a path"), as_it_says);
    }
    if issuer.contains("/.well-known/") || uri.host().is_some_and(|host| host.ends_with(".amazoncognito.com")) {
        return error(format!("{issuer} is an address of the issuer's, and not its name"), as_it_says);
    }
    if authority.chars().any(|c| c.is_ascii_uppercase()) {
        let found = format!("{authority} has capitals, and issuers are compared as they stand");
        return Finding::warning(Item::TokenIssuer, found, as_it_says);
    }
    let has_slash = issuer.ends_with('/');
    match (unlike(&uri, has_slash, kind), kind) {
        (Some((found, fix)), _) => error(format!("{issuer}: {found}"), fix),
        // OpenID Connect Core 2 and RFC 8414 2 ask for https.
        (None, _) if !is_confidential(issuer) => Finding::warning(
            Item::TokenIssuer,
            format!("{issuer} is no URL of https; it is only compared as a text"),
            "see that tokens have exactly this iss, as AD FS (http://HOST/adfs/services/trust) and LemonLDAP::NG write it; if they do, leave it so",
        ),
        (None, IssuerKind::Other) if has_slash => Finding::warning(
            Item::TokenIssuer,
            format!("{issuer} has a slash at its end, as few have"),
            format!("{as_it_says}; if the slash is there, all is well"),
        ),
        (None, _) => Finding::ok(Item::TokenIssuer, format!("{issuer}, {}", kind.name())),
    }
}

/// In what the issuer is unlike those of its kind, and what to write.
fn unlike(uri: &Uri, has_slash: bool, kind: IssuerKind) -> Option<(&'static str, &'static str)> {
    let segments: Vec<_> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
    match (kind, &*segments) {
        (IssuerKind::Cognito, [pool]) if !has_slash && is_pool_of(pool, uri) => None,
        (IssuerKind::Cognito, _) => Some((
            "not a user pool of that region",
            "write https://cognito-idp.REGION.amazonaws.com/POOL-ID, without a slash at its end",
        )),
        (IssuerKind::Entra | IssuerKind::EntraV1, [tenant, ..]) if ANYBODY.contains(tenant) => Some((
            "any organisation's users, and no token has it as its issuer",
            "write the ID of your tenant in its place, a GUID",
        )),
        (IssuerKind::Entra, [tenant, "v2.0"]) if !has_slash && is_guid(tenant) => None,
        (IssuerKind::Entra, _) => Some((
            "not as tokens of version 2 have it",
            "write https://login.microsoftonline.com/TENANT-ID/v2.0, with the tenant's ID and not its name; tokens of version 1 have https://sts.windows.net/TENANT-ID/",
        )),
        (IssuerKind::EntraV1, [tenant]) if has_slash && is_guid(tenant) => None,
        (IssuerKind::EntraV1, _) => Some((
            "not as tokens of version 1 have it",
            "write https://sts.windows.net/TENANT-ID/, with the tenant's ID and the slash; or set requestedAccessTokenVersion to 2",
        )),
        (IssuerKind::Okta, ["oauth2", server]) if !has_slash && *server != "v1" => None,
        (IssuerKind::OktaOrg, []) if !has_slash => None,
        (IssuerKind::Okta | IssuerKind::OktaOrg, _) => Some((
            "not as Okta's tokens have it",
            "write https://ORG.okta.com/oauth2/SERVER-ID, without a slash at its end",
        )),
        (IssuerKind::Keycloak, [.., "realms", _]) if !has_slash => None,
        (IssuerKind::Keycloak, _) => {
            Some(("not a realm", "write https://HOST/realms/REALM, without a slash at its end or a path after it"))
        }
        (IssuerKind::Auth0, []) if has_slash => None,
        (IssuerKind::Auth0, _) => {
            Some(("not as Auth0's tokens have it", "write https://TENANT.auth0.com/, with the slash"))
        }
        (IssuerKind::Other, _) => None,
    }
}

/// A pool's ID begins with its region, which the host has too.
fn is_pool_of(pool: &str, uri: &Uri) -> bool {
    let region = uri.host().and_then(|host| host.split('.').nth(1)).unwrap_or_default();
    pool.split_once('_').is_some_and(|(of, id)| of == region && !id.is_empty())
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
