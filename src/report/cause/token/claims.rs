//! Causes in the claims: their types, the kind of the token, its audience and its scopes.

use studio_acs_jwt::{Check, Rejection};

use crate::report::cause::difference::{Difference, as_sent};
use crate::report::cause::{Cause, causes};

/// Microsoft Graph, by name and by ID.
const GRAPH: [&str; 3] =
    ["https://graph.microsoft.com", "https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000"];
/// The fewest digits of a time in milliseconds.
const MILLISECOND_DIGITS: usize = 13;

causes! {
    MILLISECONDS = "token_time_in_milliseconds", ["token_malformed"],
        "a time is in milliseconds, and tokens have seconds (RFC 7519 2)",
        "let the issuer divide the time by 1000, as by Math.floor(Date.now() / 1000)";
    TIME_TYPE = "token_time_no_number", ["token_malformed"],
        "a time is a text or another type, and tokens have a number of seconds since 1970",
        "let the issuer write exp, iat and nbf as JSON numbers, without quotation marks";
    CLAIMS = "token_claims_damaged", ["token_malformed"],
        "the claims are no JSON object with each member once: one of them occurs twice, or the token was edited",
        "copy the token whole and as it was; if the issuer made it so, let its mapper write each claim once";
    NO_AUDIENCE = "token_without_audience", ["token_claim_missing", "token_malformed", "token_audience_mismatch"],
        "the token has no audience (aud), or an empty one, as Cognito's access tokens and Keycloak's without a mapper",
        "for Cognito set STUDIO_ACS_TOKEN_USE to cognito-access; elsewhere let the issuer put our audience into the token (Keycloak: an audience mapper)";
    NO_CLIENT = "token_without_client", ["token_claim_missing", "token_malformed"],
        "the token has no client_id, which Cognito's access tokens have",
        "set STUDIO_ACS_TOKEN_USE to access or id, by the kind that the portal sends";
    NO_TIME = "token_without_time", ["token_claim_missing", "token_malformed"],
        "the token does not say when it was issued or until when it is valid (iat, exp)",
        "let the issuer write exp and iat, as OpenID Connect and RFC 9068 ask for";
    CLAIM_TYPE = "token_claim_of_another_type", ["token_malformed"],
        "a claim that a decision rests on is of another type than its standard says; expected names the claim and its type, found the type that came",
        "let the issuer write the claim as the type that expected names";
    CLAIM_ABSENT = "token_claim_absent", ["token_claim_missing", "token_malformed"],
        "the token does not have a claim that a decision rests on",
        "let the issuer put the claim into tokens of the kind that STUDIO_ACS_TOKEN_USE names";
    ACCESS_FOR_ID = "access_token_for_id_token", ["token_use_mismatch"],
        "an access token came, and STUDIO_ACS_TOKEN_USE asks for ID tokens",
        "let the portal send its id_token; or set STUDIO_ACS_TOKEN_USE to access (Cognito: cognito-access), with our audience in STUDIO_ACS_TOKEN_AUDIENCE";
    ID_FOR_ACCESS = "id_token_for_access_token", ["token_use_mismatch"],
        "an ID token came, and STUDIO_ACS_TOKEN_USE asks for access tokens",
        "let the portal send its access_token; or set STUDIO_ACS_TOKEN_USE to id, with the portal's client ID in STUDIO_ACS_TOKEN_AUDIENCE";
    NO_SCOPES = "token_without_scopes", ["token_use_mismatch"],
        "the token has no scopes and no type at+jwt, so that it may be an ID token or an application's own",
        "let the portal ask for a scope, or the issuer write the type at+jwt (RFC 9068); for ID tokens set STUDIO_ACS_TOKEN_USE to id";
    REFRESH = "refresh_token_sent", ["token_use_mismatch"],
        "a refresh token or another token of the issuer's own came",
        "let the portal send its access_token or id_token, and keep the refresh token to itself";
    CLIENT_ITSELF = "token_of_a_client", ["token_use_mismatch"],
        "the token is an application's own (client credentials), and names no user",
        "let the portal send a token of the signed-in user: by the authorization code flow, or exchanged on the user's behalf";
    BOUND = "token_bound_to_a_key", ["token_use_mismatch"],
        "the token is bound to a key (DPoP or mutual TLS), whose proof cannot be checked here",
        "let the issuer make plain bearer tokens for this audience";
    LOGOUT = "token_of_events", ["token_use_mismatch"],
        "a logout token or a security event came",
        "let the portal send the user's ID or access token";
    USE = "token_of_another_kind", ["token_use_mismatch"],
        "the token is of another kind than STUDIO_ACS_TOKEN_USE names, or no user's own",
        "send the kind of token that STUDIO_ACS_TOKEN_USE names, a user's own: id, access, or for access tokens of Cognito cognito-access";
    AUDIENCE_SPACE = "token_audience_space", ["token_audience_mismatch"],
        "white space, quotation marks or a character without a width stand in or around the token's audience or STUDIO_ACS_TOKEN_AUDIENCE",
        "type STUDIO_ACS_TOKEN_AUDIENCE, and the audience at the issuer, again instead of copying them";
    AUDIENCE_LOOK_ALIKE = "token_audience_look_alike", ["token_audience_mismatch"],
        "the token's audience and STUDIO_ACS_TOKEN_AUDIENCE look the same, and have different characters, such as a Cyrillic letter or a dash of typography",
        "type STUDIO_ACS_TOKEN_AUDIENCE, and the audience at the issuer, again; found and expected show the other characters as code points";
    AUDIENCE_JOINED = "token_audiences_in_one_text", ["token_audience_mismatch"],
        "the token has several audiences in one text, and ours is one of them",
        "let the issuer write the audiences as a list (RFC 7519 4.1.3)";
    AUDIENCE_SLASH = "token_audience_spelling", ["token_audience_mismatch"],
        "the token's audience and STUDIO_ACS_TOKEN_AUDIENCE differ by a slash, capitals, a port, or https:// or api:// before it",
        "write STUDIO_ACS_TOKEN_AUDIENCE as the token has it, to the last character";
    AUDIENCE_GRAPH = "token_audience_graph", ["token_audience_mismatch"],
        "the token is for Microsoft Graph: the portal asked for no scope of ours",
        "register an application for this service at Entra ID, let the portal ask for its scope, and write its ID in STUDIO_ACS_TOKEN_AUDIENCE";
    AUDIENCE_ACCOUNT = "token_audience_account", ["token_audience_mismatch"],
        "the token is for account only, as Keycloak writes it where no audience is mapped",
        "add an audience mapper with our name to a client scope of the portal's client";
    AUDIENCE_SEVERAL = "token_audience_of_others", ["token_audience_mismatch"],
        "the ID token is for us and for others, who could use it here",
        "write every audience of it in STUDIO_ACS_TOKEN_AUDIENCE if all of them are ours, or let the issuer name only the portal";
    AUDIENCE_PARTY = "token_audience_party", ["token_audience_mismatch"],
        "the ID token was issued to another client (azp)",
        "let the portal send a token of its own sign-in, or write that client in STUDIO_ACS_TOKEN_AUDIENCE if it is ours";
    AUDIENCE_API = "token_audience_api", ["token_audience_mismatch"],
        "the token's audience is a URL, that of another API or of the issuer, and ours is an ID",
        "if the portal sends access tokens, set STUDIO_ACS_TOKEN_USE to access and write our API's URL in STUDIO_ACS_TOKEN_AUDIENCE; else let it send the ID token";
    AUDIENCE_CLIENT = "token_audience_client", ["token_audience_mismatch"],
        "the token's audience is a client ID, and ours is a URL: the portal asked for no token for our API, or sends its ID token",
        "let the portal ask for our API (audience, resource or scope); or for ID tokens set STUDIO_ACS_TOKEN_USE to id and write the client ID in STUDIO_ACS_TOKEN_AUDIENCE";
    AUDIENCE = "token_audience_other", ["token_audience_mismatch"],
        "the token is for another audience than ours",
        "let the portal ask for a token for us, whose name is in STUDIO_ACS_TOKEN_AUDIENCE: for ID tokens, and with cognito-access, the portal's client ID";
    SCOPE_NONE = "token_scopes_absent", ["token_scope_missing"],
        "the token has no scopes at all",
        "let the portal ask for the scope of STUDIO_ACS_TOKEN_SCOPE, and the issuer write scope or scp into tokens; or empty STUDIO_ACS_TOKEN_SCOPE";
    SCOPE_SPELLING = "token_scope_spelling", ["token_scope_missing"],
        "the token has the scope in another spelling: capitals, commas, white space, a character that looks the same, or a URL before it",
        "write STUDIO_ACS_TOKEN_SCOPE as the token has it";
    SCOPE = "token_scope_absent", ["token_scope_missing"],
        "the token does not have the scope of STUDIO_ACS_TOKEN_SCOPE",
        "let the portal ask for the scope of STUDIO_ACS_TOKEN_SCOPE, and the issuer allow it to that client";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection) -> &'static Cause {
    let (expected, found) = (rejection.expected(), rejection.found());
    match rejection.check() {
        Check::ClaimPresent => absent(expected),
        Check::ClaimsShape if expected.ends_with(", a value") => absent(expected.trim_end_matches(", a value")),
        Check::Use => of_use(expected == "an ID token", found),
        Check::Audience => of_audience(expected, found),
        Check::Scope => of_scope(expected, found),
        _ if expected.contains("a number of seconds") => {
            let whole = found.strip_prefix("the number ").and_then(|number| number.split('.').next());
            let is_long =
                |digits: &str| digits.len() >= MILLISECOND_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
            if whole.is_some_and(is_long) { &MILLISECONDS } else { &TIME_TYPE }
        }
        _ if expected.contains(", a text") || expected.contains(", a list of texts") => &CLAIM_TYPE,
        _ => &CLAIMS,
    }
}

/// By the name of a claim that is absent, or null.
fn absent(name: &str) -> &'static Cause {
    match name {
        "aud" => &NO_AUDIENCE,
        "client_id" => &NO_CLIENT,
        "exp" | "iat" => &NO_TIME,
        _ => &CLAIM_ABSENT,
    }
}

fn of_use(wants_id: bool, found: &str) -> &'static Cause {
    match found {
        "token_use access" | "typ Bearer" | "a token with scopes" => &ACCESS_FOR_ID,
        "token_use id" | "typ ID" => &ID_FOR_ACCESS,
        _ if found.starts_with("an access token") => &ACCESS_FOR_ID,
        _ if found.starts_with("a token without scopes") => &NO_SCOPES,
        "typ Refresh" | "typ Offline" | "token_use refresh" => &REFRESH,
        "a token of events" | "typ Logout" => &LOGOUT,
        _ if found.contains("(cnf)") || found == "typ DPoP" => &BOUND,
        _ if found.starts_with("a client's own") || found.starts_with("idtyp") => &CLIENT_ITSELF,
        "token_use missing" if !wants_id => &ID_FOR_ACCESS,
        _ => &USE,
    }
}

fn of_audience(expected: &str, found: &str) -> &'static Cause {
    let ours = expected.split_once(' ').map_or(expected, |(_, names)| names);
    let ours: Vec<_> = ours.split(" or ").map(as_sent).collect();
    let party = found.strip_prefix("azp ");
    let named: Vec<_> = party.unwrap_or(found).split(", ").map(as_sent).collect();
    if found == "an empty list" || named.iter().all(|name| name.is_empty()) {
        return &NO_AUDIENCE;
    }
    if !named.iter().any(|name| ours.contains(name)) {
        match Difference::of(ours.iter().copied(), named.iter().copied()) {
            Difference::Space | Difference::Quotes => return &AUDIENCE_SPACE,
            Difference::LookAlike => return &AUDIENCE_LOOK_ALIKE,
            Difference::Case | Difference::Slash | Difference::Doubled | Difference::Scheme => return &AUDIENCE_SLASH,
            Difference::Port | Difference::Several => return &AUDIENCE_SLASH,
            _ if party.is_some() => return &AUDIENCE_PARTY,
            _ => {}
        }
    }
    let joins = |name: &&str| name.contains([' ', ',']) && name.split([' ', ',']).any(|part| ours.contains(&part));
    let plain = |name: &str| {
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        name.strip_prefix("api://").map_or(name.clone(), str::to_owned)
    };
    let is_url = |name: &&str| name.contains("://");
    if named.iter().any(joins) {
        &AUDIENCE_JOINED
    } else if named.iter().any(|name| ours.contains(name)) {
        &AUDIENCE_SEVERAL
    } else if named.iter().any(|name| ours.iter().any(|ours| plain(ours) == plain(name))) {
        &AUDIENCE_SLASH
    } else if named.iter().any(|name| GRAPH.contains(name)) {
        &AUDIENCE_GRAPH
    } else if named == ["account"] {
        &AUDIENCE_ACCOUNT
    } else if named.iter().any(is_url) && !ours.iter().any(is_url) {
        &AUDIENCE_API
    } else if ours.iter().all(is_url) && !named.iter().any(is_url) {
        &AUDIENCE_CLIENT
    } else {
        &AUDIENCE
    }
}

fn of_scope(wanted: &str, found: &str) -> &'static Cause {
    let is_near = Difference::of([as_sent(wanted)], found.split(", ").map(as_sent)) <= Difference::LookAlike;
    let last = |scope: &str| scope.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if found.is_empty() {
        &SCOPE_NONE
    } else if is_near
        || found.split([' ', ',', '\t', '+', '"']).any(|scope| !scope.is_empty() && last(scope) == last(wanted))
    {
        &SCOPE_SPELLING
    } else {
        &SCOPE
    }
}
