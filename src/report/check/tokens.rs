//! The token API: that it expects tokens as its issuer makes them, for us, and that they name users by claims that
//! users cannot change. docs/api.md says the same of each identity provider.

mod claim;
mod discovery;
mod issuer;
mod keys;

use axum::http::Uri;
use studio_acs_jwt::{KeySetDocument, TokenUse};

use self::issuer::IssuerKind;
use super::finding::Finding;
use super::item::Item;
use super::read::Read;
use super::severity::Severity;
use crate::config::Config;
use crate::service::StartError;
use crate::token::{IssuerConfiguration, KeySource, KeysError, TokenConfig};

/// Claims that users write themselves, or that are given to another user after them.
const CHANGEABLE: [&str; 11] = [
    "email",
    "family_name",
    "given_name",
    "login",
    "name",
    "nickname",
    "phone_number",
    "preferred_username",
    "profile",
    "unique_name",
    "upn",
];
/// Microsoft Graph, by name and by ID.
const GRAPH: [&str; 2] = ["https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"];

/// Amazon Cognito's own scopes.
const COGNITO_SCOPES: [&str; 5] = ["aws.cognito.signin.user.admin", "email", "openid", "phone", "profile"];

/// The forms of a claim's path.
const CLAIM_PATH: &str = "write the claim's own name, such as sub; a pointer, /realm_access/roles; or names with dots between, realm_access.roles";

/// The findings on each issuer; none where no token API is configured.
pub(super) fn findings(config: &Config, read: &Read) -> Vec<Finding> {
    let issuers = &config.token_issuers;
    let keys = read.token_keys.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let configurations = read.token_configurations.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let findings = issuers.iter().zip(keys.zip(configurations)).flat_map(|(token, (keys, configuration))| {
        let is_one_of_several = issuers.len() > 1;
        let findings = of_issuer(token, keys, configuration).into_iter();
        findings.map(move |found| if is_one_of_several { found.about(&token.rules.issuer) } else { found })
    });
    findings.collect()
}

fn of_issuer(
    token: &TokenConfig,
    read: Option<&Result<KeySetDocument, StartError>>,
    configuration: Option<&Result<IssuerConfiguration, KeysError>>,
) -> Vec<Finding> {
    let kind = IssuerKind::of(&token.rules.issuer);
    vec![
        issuer::finding(&token.rules.issuer, kind),
        token_use(token, kind),
        audience(token, kind),
        scope(token, kind),
        user(token, kind),
        groups(token, kind),
        keys_origin(token),
        keys::finding(&token.keys, read),
        discovery::finding(token, configuration),
    ]
}

fn token_use(token: &TokenConfig, kind: IssuerKind) -> Finding {
    let error = |found: &str, fix: &str| Finding::error(Item::TokenUse, found, fix);
    match (token.rules.token_use, kind) {
        // Those that a client asks for with a resource have it as their audience, and it is a URL (RFC 8707 2).
        (TokenUse::Access, IssuerKind::Cognito) if !token.rules.audiences.iter().all(|name| is_url(name)) => error(
            "access tokens of Amazon Cognito name a client, and no audience",
            "set STUDIO_ACS_TOKEN_USE to cognito-access; or let the portal ask for a resource, whose URL is STUDIO_ACS_TOKEN_AUDIENCE",
        ),
        (TokenUse::CognitoAccess, kind) if kind != IssuerKind::Cognito => error(
            "the issuer is not https://cognito-idp.REGION.amazonaws.com/POOL-ID",
            "set STUDIO_ACS_TOKEN_USE to access, or to id",
        ),
        (TokenUse::Access, IssuerKind::OktaOrg) => error(
            "access tokens of Okta's org authorization server are for Okta alone, and others cannot verify them",
            "take a custom authorization server (…/oauth2/SERVER-ID), or set STUDIO_ACS_TOKEN_USE to id",
        ),
        (token_use, _) => Finding::ok(Item::TokenUse, token_use.as_str()),
    }
}

fn audience(token: &TokenConfig, kind: IssuerKind) -> Finding {
    let (audiences, token_use) = (&token.rules.audiences, token.rules.token_use);
    let named = |is_so: &dyn Fn(&str) -> bool| audiences.iter().find(|name| is_so(name));
    let error = |found: String, fix: &str| Finding::error(Item::TokenAudience, found, fix);
    let client_id = "write the client ID of the portal in STUDIO_ACS_TOKEN_AUDIENCE";
    if let Some(name) = named(&|name| GRAPH.contains(&name)) {
        return error(
            format!("{name} is Microsoft Graph, whose tokens nobody else can verify"),
            "register an application that stands for this service, and write its ID in STUDIO_ACS_TOKEN_AUDIENCE",
        );
    }
    if let Some(name) = named(&|name| *name == token.rules.issuer) {
        return error(format!("{name} is the issuer: its tokens for itself are not for us"), client_id);
    }
    match (kind, token_use) {
        (IssuerKind::Keycloak, TokenUse::Access) if named(&|name| name == "account").is_some() => error(
            "account is in the tokens of every client of the realm".to_owned(),
            "add an audience of our own by a mapper in a client scope, and write that in STUDIO_ACS_TOKEN_AUDIENCE",
        ),
        (IssuerKind::Entra, _) | (IssuerKind::Cognito, TokenUse::Id | TokenUse::CognitoAccess)
            if named(&|name| name.contains("://")).is_some() =>
        {
            error(
                "a URL, where these tokens have an ID".to_owned(),
                "write the ID alone in STUDIO_ACS_TOKEN_AUDIENCE: of the application, without api://; of Amazon Cognito's app client",
            )
        }
        (IssuerKind::Okta, TokenUse::Access) if named(&|name| name == "api://default").is_some() => Finding::warning(
            Item::TokenAudience,
            "api://default, which all APIs share that Okta's server `default` is used for",
            "take an authorization server with an audience of our own, or a scope of our own in STUDIO_ACS_TOKEN_SCOPE",
        ),
        _ => Finding::ok(Item::TokenAudience, audiences.join(", ")),
    }
}

fn scope(token: &TokenConfig, kind: IssuerKind) -> Finding {
    let error = |found: &str, fix: &str| Finding::error(Item::TokenScope, found, fix);
    match (kind, token.rules.token_use, token.rules.scope.as_deref()) {
        (_, TokenUse::Id, _) => Finding::ok(Item::TokenScope, "ID tokens have none"),
        (_, _, None) => Finding::ok(Item::TokenScope, "any"),
        (IssuerKind::Entra | IssuerKind::EntraV1, _, Some(scope)) if scope.contains("://") => error(
            "a URL, by which a portal asks; the tokens have what comes after it",
            "write the scope's own name in STUDIO_ACS_TOKEN_SCOPE, such as Studio.Open",
        ),
        (IssuerKind::Cognito, _, Some(scope)) if !scope.contains('/') && !COGNITO_SCOPES.contains(&scope) => {
            error("a scope without its resource server", "write both in STUDIO_ACS_TOKEN_SCOPE, such as studio/open")
        }
        (_, _, Some(scope)) => Finding::ok(Item::TokenScope, scope),
    }
}

/// The finding on the path of a claim, where it leads to none.
fn unfit(item: Item, path: &str) -> Option<Finding> {
    let (severity, unfit) = claim::unfit(path)?;
    let found = format!("{path} is {unfit}");
    Some(match severity {
        Severity::Error => Finding::error(item, found, CLAIM_PATH),
        _ => Finding::warning(item, found, CLAIM_PATH),
    })
}

fn user(token: &TokenConfig, kind: IssuerKind) -> Finding {
    let (claim, token_use) = (token.claims.user_claim.as_str(), token.rules.token_use);
    let better = match kind {
        IssuerKind::Entra | IssuerKind::EntraV1 => "set STUDIO_ACS_TOKEN_USER_CLAIM to oid, and write it in the ledger",
        IssuerKind::Okta => "set STUDIO_ACS_TOKEN_USER_CLAIM to uid, and write it in the ledger",
        _ => "set STUDIO_ACS_TOKEN_USER_CLAIM to sub, and write it in the ledger",
    };
    let warning = |found: String| Finding::warning(Item::TokenUser, found, better);
    if let Some(finding) = unfit(Item::TokenUser, claim) {
        return finding;
    }
    if claim == token.claims.group_claim {
        let fix = "write the claim that names the user in STUDIO_ACS_TOKEN_USER_CLAIM, most often sub, and the one with groups in STUDIO_ACS_TOKEN_GROUP_CLAIM";
        return Finding::error(Item::TokenUser, format!("{claim} names the user and the groups"), fix);
    }
    match (kind, token_use, claim) {
        (IssuerKind::Cognito, TokenUse::Id, "username") => Finding::error(
            Item::TokenUser,
            "username is in Amazon Cognito's access tokens alone",
            "set STUDIO_ACS_TOKEN_USER_CLAIM to sub, or to cognito:username",
        ),
        (IssuerKind::Cognito, TokenUse::CognitoAccess | TokenUse::Access, "cognito:username") => Finding::error(
            Item::TokenUser,
            format!("{claim} is in Amazon Cognito's ID tokens alone"),
            "set STUDIO_ACS_TOKEN_USER_CLAIM to sub, or to username",
        ),
        (IssuerKind::Okta, TokenUse::Access, "sub") => {
            warning("sub, which in access tokens of Okta's is the login, and logins change".to_owned())
        }
        (_, _, claim) if CHANGEABLE.contains(&claim) || is_custom(claim) => {
            warning(format!("{claim}, which users may change, or somebody else may have after them"))
        }
        _ => Finding::ok(Item::TokenUser, claim),
    }
}

fn groups(token: &TokenConfig, kind: IssuerKind) -> Finding {
    let claim = token.claims.group_claim.as_str();
    if let Some(finding) = unfit(Item::TokenGroups, claim) {
        return finding;
    }
    match kind {
        _ if is_custom(claim) => Finding::warning(
            Item::TokenGroups,
            format!("{claim}, an attribute that users can write where an app client lets them"),
            "set STUDIO_ACS_TOKEN_GROUP_CLAIM to cognito:groups",
        ),
        IssuerKind::Cognito if claim == "groups" => Finding::warning(
            Item::TokenGroups,
            "groups, which Amazon Cognito's tokens do not have",
            "set STUDIO_ACS_TOKEN_GROUP_CLAIM to cognito:groups",
        ),
        _ => Finding::ok(Item::TokenGroups, claim),
    }
}

/// Keys from elsewhere are chosen by another party.
fn keys_origin(token: &TokenConfig) -> Finding {
    let host = |url: &str| url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_ascii_lowercase));
    match &token.keys {
        KeySource::Kept(source) => Finding::ok(Item::TokenKeysOrigin, format!("{source}, which is ours to keep up")),
        KeySource::Url(_) | KeySource::Discovery(_) => {
            let url = token.keys.to_string();
            if url.contains('#') {
                let fix = "take # and the text after it off STUDIO_ACS_TOKEN_JWKS: it is not sent to the issuer";
                return Finding::warning(Item::TokenKeysOrigin, format!("{url} has a fragment"), fix);
            }
            if host(&url) == host(&token.rules.issuer) {
                return Finding::ok(Item::TokenKeysOrigin, url);
            }
            Finding::warning(
                Item::TokenKeysOrigin,
                format!("{url}, at another host than the issuer: whoever has it can sign tokens"),
                "set STUDIO_ACS_TOKEN_JWKS to the jwks_uri of the issuer's openid-configuration; if that is what stands there, all is well",
            )
        }
    }
}

/// An attribute of a user pool's own.
fn is_custom(claim: &str) -> bool {
    claim.starts_with("custom:")
}

fn is_url(name: &str) -> bool {
    name.contains("://")
}
