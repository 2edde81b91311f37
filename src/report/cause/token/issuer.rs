//! Causes of an issuer that differs.

use studio_acs_jwt::Rejection;

use crate::report::cause::difference::{Difference, as_sent};
use crate::report::cause::{Cause, causes};

causes! {
    SLASH = "token_issuer_slash", ["token_issuer_mismatch"],
        "the token's issuer and STUDIO_ACS_TOKEN_ISSUER differ by the slash at the end",
        "write STUDIO_ACS_TOKEN_ISSUER as the token has its iss, slash included";
    CASE = "token_issuer_case", ["token_issuer_mismatch"],
        "the token's issuer and STUDIO_ACS_TOKEN_ISSUER differ by capitals",
        "write STUDIO_ACS_TOKEN_ISSUER as the token has its iss, letter by letter";
    SPACE = "token_issuer_space", ["token_issuer_mismatch"],
        "white space, quotation marks or a character without a width stand in or around the token's issuer or STUDIO_ACS_TOKEN_ISSUER",
        "type STUDIO_ACS_TOKEN_ISSUER again instead of copying it; if the token has the character, correct the issuer's own setting";
    LOOK_ALIKE = "token_issuer_look_alike", ["token_issuer_mismatch"],
        "the token's issuer and STUDIO_ACS_TOKEN_ISSUER look the same, and have different characters, such as a Cyrillic letter or a dash of typography",
        "type STUDIO_ACS_TOKEN_ISSUER again; if found has the strange character, and not expected, find out who sent the token";
    SCHEME = "token_issuer_scheme", ["token_issuer_mismatch"],
        "the token's issuer and STUDIO_ACS_TOKEN_ISSUER differ by http, https or no scheme at all",
        "write STUDIO_ACS_TOKEN_ISSUER as the token has its iss; a server behind a proxy needs its public URL (Keycloak: hostname; proxy headers) to write https";
    PORT = "token_issuer_port", ["token_issuer_mismatch"],
        "the token's issuer and STUDIO_ACS_TOKEN_ISSUER differ by the port",
        "write STUDIO_ACS_TOKEN_ISSUER as the token has its iss; a server behind a proxy needs its public URL";
    ADDRESS = "token_issuer_is_an_address", ["token_issuer_mismatch"],
        "STUDIO_ACS_TOKEN_ISSUER is an address of the issuer, and not its name",
        "write STUDIO_ACS_TOKEN_ISSUER as the token has its iss, without /.well-known/ and endpoints behind it";
    ENTRA_VERSION = "token_issuer_entra_version", ["token_issuer_mismatch"],
        "Entra ID writes https://sts.windows.net/TENANT/ in tokens of version 1, and https://login.microsoftonline.com/TENANT/v2.0 in those of version 2",
        "set requestedAccessTokenVersion to 2 in the API's manifest, or write the issuer of version 1 in STUDIO_ACS_TOKEN_ISSUER";
    TENANT = "token_issuer_tenant", ["token_issuer_mismatch"],
        "the token is from another tenant of the same identity provider",
        "let the portal sign users in at the tenant of STUDIO_ACS_TOKEN_ISSUER; for several tenants write a table for each";
    AUTH_PATH = "token_issuer_auth_path", ["token_issuer_mismatch"],
        "the issuers differ by /auth before /realms, which Keycloak left out from version 17 on",
        "write STUDIO_ACS_TOKEN_ISSUER as the token has its iss";
    REALM = "token_issuer_realm", ["token_issuer_mismatch"],
        "the token is from another realm, server or path of the same host",
        "let the portal sign users in there where STUDIO_ACS_TOKEN_ISSUER says, or write the token's iss in it";
    HOST = "token_issuer_host", ["token_issuer_mismatch"],
        "the token names the same path at another host: an internal name of the server, or a custom domain",
        "let the issuer write its public name (Keycloak: hostname), or write the token's iss in STUDIO_ACS_TOKEN_ISSUER";
    OTHER = "token_issuer_other", ["token_issuer_mismatch"],
        "the token is from another issuer than STUDIO_ACS_TOKEN_ISSUER names",
        "if this is the issuer that is intended, make STUDIO_ACS_TOKEN_ISSUER the same, to the last character";
}

/// Returns the cause of a refusal of this rule. Several issuers may be configured: the nearest one counts.
pub(super) fn cause(rejection: &Rejection) -> &'static Cause {
    let found = as_sent(rejection.found());
    let causes = rejection.expected().split(" or ").map(|ours| difference(as_sent(ours), found));
    let nearest = |cause: &&'static Cause| ALL.iter().position(|known| known == cause);
    causes.min_by_key(nearest).unwrap_or(&OTHER)
}

fn difference(ours: &str, found: &str) -> &'static Cause {
    let trimmed = |text: &str| text.trim_end_matches('/').to_owned();
    let bare = |text: &str| text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/').to_owned();
    let parts = |text: &str| {
        let (authority, path) =
            bare(text).split_once('/').map_or((bare(text), String::new()), |(a, p)| (a.to_owned(), p.to_owned()));
        let host = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
        (host, authority, path)
    };
    let ((host, authority, path), (other_host, other_authority, other_path)) = (parts(ours), parts(found));
    let is_entra = |host: &str| host == "sts.windows.net" || host.starts_with("login.microsoftonline.");
    let tenant = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let without_auth =
        |path: &str| path.strip_prefix("auth/realms/").or(path.strip_prefix("realms/")).map(str::to_owned);
    let hidden = Difference::of([ours], [found].into_iter());
    if matches!(hidden, Difference::Space | Difference::Quotes) {
        &SPACE
    } else if hidden == Difference::LookAlike {
        &LOOK_ALIKE
    } else if trimmed(ours) == trimmed(found) {
        &SLASH
    } else if trimmed(ours).eq_ignore_ascii_case(&trimmed(found)) {
        &CASE
    } else if bare(ours) == bare(found) {
        &SCHEME
    } else if ours.contains("/.well-known/")
        || (host == other_host && path.starts_with(&format!("{other_path}/protocol/")))
    {
        &ADDRESS
    } else if is_entra(&host) && is_entra(&other_host) {
        if tenant(&path) == tenant(&other_path) { &ENTRA_VERSION } else { &TENANT }
    } else if host == other_host && path == other_path && authority != other_authority {
        &PORT
    } else if host == other_host && without_auth(&path).is_some() && without_auth(&path) == without_auth(&other_path) {
        &AUTH_PATH
    } else if host == other_host {
        &REALM
    } else if path == other_path && !path.is_empty() {
        &HOST
    } else {
        &OTHER
    }
}
