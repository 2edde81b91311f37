//! A captured token: by itself, in its header, or in the answer or request that holds it.

use studio_acs_jwt::{Check, Rejection, TokenUse, UnverifiedToken};
use studio_acs_refusal::FileKind;

use super::ARCHIVE_LIMIT;
use super::field;

const HEADER: &str = "authorization:";
const SCHEME: &str = "Bearer ";
/// How each token begins: with a brace and a quotation mark in base64.
const BEGIN: &str = "eyJ";
/// The first words of header values that are shown to an issuer or a client.
const SCHEMES: [&str; 7] = ["Bearer", "Basic", "DPoP", "Token", "Digest", "Negotiate", "AWS4-HMAC-SHA256"];

/// A token out of a capture.
#[derive(Debug)]
pub struct CapturedToken {
    /// The token, or why the capture has none.
    pub token: Result<UnverifiedToken, Rejection>,
    /// The name that the token has in the capture, if the capture holds more.
    pub taken: Option<&'static str>,
}

/// Takes `capture` for a token, for the header's value (`Bearer …`), or for the whole header; folded over lines or quoted.
/// Out of a larger text, such as the JSON of a token endpoint, it takes the token of the kind that `token_use` names, or else
/// the only one. The token's rejections are the token API's own.
pub fn read_captured_token(capture: &[u8], token_use: TokenUse) -> CapturedToken {
    let refused = |rejection| CapturedToken { token: Err(rejection), taken: None };
    if capture.len() > ARCHIVE_LIMIT {
        return refused(Check::Size.reject(format!("at most {ARCHIVE_LIMIT} bytes"), capture.len()));
    }
    let text = match (FileKind::of(capture), std::str::from_utf8(capture)) {
        (FileKind::Utf16, _) => return refused(Check::Compact.reject("ASCII", "text in UTF-16")),
        (kind, Err(_)) => return refused(Check::Compact.reject("ASCII", kind)),
        (_, Ok(text)) => text.trim_start_matches('\u{FEFF}').trim(),
    };
    let value = header_value(text);
    let line: String = unquoted(value).lines().map(str::trim).collect();
    let (scheme, token) = line.split_at_checked(SCHEME.len()).unwrap_or_default();
    let token = if scheme.eq_ignore_ascii_case(SCHEME) { token } else { &line };
    if is_compact(token) {
        return CapturedToken { token: from_value(&line), taken: None };
    }
    if token.starts_with(BEGIN) || other_scheme(value) {
        return CapturedToken { token: from_value(value), taken: None };
    }
    match inside(text, token_use) {
        Some((name, token)) => CapturedToken { token: from_value(&token), taken: Some(name) },
        None => CapturedToken { token: from_value(value), taken: None },
    }
}

/// The value of a header `Authorization`, or the text if it is none.
fn header_value(text: &str) -> &str {
    let header = text.split_at_checked(HEADER.len()).filter(|(name, _)| name.eq_ignore_ascii_case(HEADER));
    header.map_or(text, |(_, value)| value.trim_start())
}

fn unquoted(text: &str) -> &str {
    let within = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    ['"', '\'', '`'].into_iter().find_map(within).unwrap_or(text).trim()
}

/// Whether a header's value has another scheme than Bearer.
fn other_scheme(value: &str) -> bool {
    let first = value.split(' ').next().unwrap_or_default();
    SCHEMES.iter().skip(1).any(|scheme| first.eq_ignore_ascii_case(scheme))
}

/// Reads a value with its scheme, or a token without one.
fn from_value(value: &str) -> Result<UnverifiedToken, Rejection> {
    let first = value.split(' ').next().unwrap_or_default();
    let has_scheme = SCHEMES.iter().any(|scheme| first.eq_ignore_ascii_case(scheme));
    let scheme = if has_scheme { "" } else { SCHEME };
    UnverifiedToken::from_authorization([format!("{scheme}{value}").as_bytes()])
}

/// The characters of tokens, and those of tokens in another base64, which are no shorter tokens.
fn is_of_run(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/' | '=' | '%' | '~')
}

fn is_compact(text: &str) -> bool {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.starts_with(BEGIN) && text.chars().all(is_of_token) && text.split('.').count() == 3
}

/// The token of a larger text, and its name there: the one of the wanted kind, the other kind, or the only one.
fn inside(text: &str, token_use: TokenUse) -> Option<(&'static str, String)> {
    let names = match token_use {
        TokenUse::Id => ["id_token", "access_token", "Bearer"],
        _ => ["access_token", "id_token", "Bearer"],
    };
    let named = |name: &'static str| {
        let values = field::values(text, name, is_of_run).into_iter().map(|(_, value)| value);
        Some((name, only(values.filter(|value| is_compact(value)))?))
    };
    names.into_iter().find_map(named).or_else(|| {
        let runs = text.split(|c| !is_of_run(c)).filter_map(|run| run.rsplit('=').next());
        let runs = runs.filter(|run| is_compact(run)).map(str::to_owned);
        Some(("the only token in it", only(runs)?))
    })
}

/// The value of all of them; `None` if there are none, or several.
fn only(mut values: impl Iterator<Item = String>) -> Option<String> {
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// {"alg":"RS256","kid":"k"}
    const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.AA";
    /// {"alg":"RS256","kid":"i"}
    const OTHER: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImkifQ.e30.AA";

    fn key_id(capture: &str, token_use: TokenUse) -> (Option<String>, Option<&'static str>) {
        let captured = read_captured_token(capture.as_bytes(), token_use);
        let token = captured.token.unwrap_or_else(|rejection| panic!("{capture}: {rejection}"));
        (token.unverified_key_id().map(str::to_owned), captured.taken)
    }

    #[test]
    fn a_token_by_itself_is_taken_as_it_is() {
        for before in
            ["", "Bearer ", "bearer ", "Authorization: Bearer ", "authorization:bearer ", "\u{FEFF}\n Bearer "]
        {
            for after in ["", "\n", " \r\n\t"] {
                let capture = format!("{before}{TOKEN}{after}");
                assert_eq!(key_id(&capture, TokenUse::Id), (Some("k".to_owned()), None), "{before:?}{after:?}");
            }
        }
        for capture in [
            format!("\"{TOKEN}\"\n"),
            format!("'Bearer {TOKEN}'"),
            TOKEN.replace('.', ".\n"),
            TOKEN.replace("Iiwi", "Ii\r\n  wi"),
        ] {
            assert_eq!(key_id(&capture, TokenUse::Id), (Some("k".to_owned()), None), "{capture}");
        }
    }

    #[test]
    fn of_a_larger_text_the_token_of_the_configured_kind_is_taken_and_named() {
        for text in [
            format!("{{\"access_token\":\"{TOKEN}\",\"token_type\":\"Bearer\",\"id_token\":\"{OTHER}\"}}"),
            format!("{{\n  \"id_token\" : \"{OTHER}\",\n  \"access_token\" : \"{TOKEN}\"\n}}"),
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{{\"access_token\":\"{TOKEN}\",\"id_token\":\"{OTHER}\"}}"
            ),
            format!("https://app.example/cb#access_token={TOKEN}&id_token={OTHER}&state=x"),
            format!("access_token: {TOKEN}\nid_token: {OTHER}\n"),
        ] {
            assert_eq!(key_id(&text, TokenUse::Access), (Some("k".to_owned()), Some("access_token")), "{text}");
            assert_eq!(key_id(&text, TokenUse::Id), (Some("i".to_owned()), Some("id_token")), "{text}");
        }
        for (text, taken) in [
            (format!("{{\"access_token\":\"{TOKEN}\"}}"), "access_token"),
            (format!("{{\"id_token\":\"{TOKEN}\",\"access_token\":\"opaque-and-long-enough\"}}"), "id_token"),
            (format!("curl https://a/open -H 'Authorization: Bearer {TOKEN}' -d '{{}}'"), "Bearer"),
            (format!("POST /open HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nHost: a\r\n\r\n"), "Bearer"),
            (format!("\"Authorization\": \"Bearer {TOKEN}\""), "Bearer"),
            (format!("x-amzn-oidc-accesstoken: {TOKEN}"), "the only token in it"),
            (format!("[{{\"name\":\"token\",\"value\":\"{TOKEN}\"}}]"), "the only token in it"),
        ] {
            assert_eq!(key_id(&text, TokenUse::Id), (Some("k".to_owned()), Some(taken)), "{text}");
        }
    }

    #[test]
    fn a_capture_without_a_token_is_refused_by_its_form() {
        for (capture, code, found) in [
            (String::new(), "token_missing", "none"),
            ("Authorization:".to_owned(), "token_missing", "none"),
            ("Authorization: Basic dTpw".to_owned(), "token_missing", "Basic"),
            ("DPoP x".to_owned(), "token_missing", "DPoP"),
            (format!("Authorization: DPoP {TOKEN}"), "token_missing", "DPoP"),
            ("what?".to_owned(), "token_malformed", "one part"),
            ("<samlp:Response a='b'/>".to_owned(), "token_malformed", "a SAML response"),
            ("<!DOCTYPE html>\n<title>Sign in</title>".to_owned(), "token_malformed", "an HTML page"),
            ("PHNhbWxwOlJlc3BvbnNl\nIHhtbG5z".to_owned(), "token_malformed", "a SAML response"),
            ("SAMLResponse=PHNhbWxwOg%3D%3D&RelayState=".to_owned(), "token_malformed", "a SAML response"),
            ("{\"error\": \"invalid_grant\"}".to_owned(), "token_malformed", "JSON: a refusal"),
            ("{\"keys\": [{\"kty\": \"RSA\"}]}".to_owned(), "token_malformed", "JSON: a key set"),
            ("{\"iss\": \"a\", \"sub\": \"b\"}".to_owned(), "token_malformed", "JSON: the decoded parts"),
            ("ya29.a0AfB_byC".to_owned(), "token_malformed", "parts of which the first is no header"),
            (format!("{TOKEN} {OTHER}"), "token_malformed", "white space"),
            (format!("a: {TOKEN}\nb: {OTHER}"), "token_malformed", "white space"),
            (TOKEN.replace('A', "+"), "token_malformed", "three parts of base64 with +"),
            (format!("{TOKEN}=="), "token_malformed", "three parts with padding"),
        ] {
            let rejection = read_captured_token(capture.as_bytes(), TokenUse::Id).token.expect_err("no token");
            assert_eq!(rejection.code(), code, "{capture}");
            assert!(rejection.found().starts_with(found), "{capture}: {rejection}");
        }
        let utf16: Vec<_> = TOKEN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let rejection = read_captured_token(&utf16, TokenUse::Id).token.expect_err("no token");
        assert_eq!(rejection.found(), "text in UTF-16");
    }
}
