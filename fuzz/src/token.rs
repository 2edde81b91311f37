//! Tokens, from the `Authorization` header to the verified token.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use studio_acs_jwt::{
    AllowedAlgorithms, ClaimValue, KeySet, TokenRules, TokenUse, UnverifiedToken, VerifiedToken, Verifier,
};
use time::format_description::well_known::Rfc3339;
use time::{Duration, UtcDateTime};

use crate::token_keys;
use fixtures::tokens::{self, ACCEPTED, Row, Settings};

/// A token API as one of the accepted rows sets it.
struct TokenApi {
    settings: Settings,
    token_use: TokenUse,
    verifier: Verifier,
    keys: KeySet,
    now: UtcDateTime,
}

static TOKEN_APIS: LazyLock<Vec<TokenApi>> = LazyLock::new(|| {
    // The other judge knows the algorithms of the default.
    let rows = tokens::rows().into_iter().filter(|row| row.code == ACCEPTED && row.settings.algorithms.is_empty());
    let apis: BTreeMap<_, _> =
        rows.map(|row| ((row.token_use.clone(), row.settings.clone(), row.keys.clone()), row)).collect();
    apis.into_values().map(TokenApi::of).collect()
});

/// Every accepted token has a signature that another judge finds valid, under a key that does not come from a key set;
/// and says, as another reader reads it, what the token API asks for.
pub fn check(data: &[u8]) {
    let value = [b"Bearer ", data].concat();
    let Ok(token) = UnverifiedToken::from_authorization([&*value]) else { return };
    let text = std::str::from_utf8(data).expect("base64url and dots");
    for api in TOKEN_APIS.iter() {
        let Ok(verified) = api.verifier.verify(&token, &api.keys, api.now, &mut ()) else { continue };
        api.assert_read(&verified, &signed_claims(text).expect("accepted without a valid signature"));
    }
}

/// Whether a token API takes it.
pub fn is_accepted(data: &[u8]) -> bool {
    let value = [b"Bearer ", data].concat();
    UnverifiedToken::from_authorization([&*value]).is_ok_and(|token| {
        TOKEN_APIS.iter().any(|api| api.verifier.verify(&token, &api.keys, api.now, &mut ()).is_ok())
    })
}

/// The claims, if the test key that the header names has signed them.
fn signed_claims(text: &str) -> Option<Map<String, Value>> {
    let (signed, signature) = text.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header = object(decoded(header)?)?;
    let (algorithm, signature) = (header.get("alg")?, decoded(signature)?);
    // Without a name, any of them may be the only one of a set that fits.
    let named = header.get("kid").filter(|name| !name.is_null()).map(|name| name.as_str().unwrap_or_default());
    let keys = token_keys::KEYS.iter().filter(|(name, _)| named.is_none_or(|named| named == *name));
    let mut keys = keys.flat_map(|(_, keys)| keys).filter(|key| algorithm == key.algorithm);
    keys.any(|key| key.verifies(signed.as_bytes(), &signature)).then(|| object(decoded(claims)?)).flatten()
}

/// The object that the other reader finds. It has no numbers beyond those of a double, which are a very great one for it, and
/// no half of a surrogate pair, which is U+0000.
pub(crate) fn object(json: Vec<u8>) -> Option<Map<String, Value>> {
    let mut json = without_halves(&json);
    loop {
        let error = match serde_json::from_slice(&json) {
            Ok(members) => return Some(members),
            Err(error) if error.to_string().starts_with("number out of range") => error,
            Err(_) => return None,
        };
        let line: usize = json.split_inclusive(|byte| *byte == b'\n').take(error.line() - 1).map(<[u8]>::len).sum();
        let at = (line + error.column()).min(json.len());
        let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let start = at - json[..at].iter().rev().skip(1).take_while(|byte| is_part(byte)).count() - 1;
        let end = at + json[at..].iter().take_while(|byte| is_part(byte)).count();
        let greatest: &[u8] = if json[start] == b'-' { b"-1e308" } else { b"1e308" };
        json.splice(start..end, greatest.iter().copied());
    }
}

/// The text with `\u0000` for each escape of half of a surrogate pair. Outside of a string no JSON has a backslash.
fn without_halves(json: &[u8]) -> Vec<u8> {
    let unit = |at: usize| {
        let escape = json.get(at..at + 6).filter(|escape| escape.starts_with(b"\\u"))?;
        let digits = escape[2..].iter().all(u8::is_ascii_hexdigit).then(|| std::str::from_utf8(&escape[2..]))?;
        u16::from_str_radix(digits.ok()?, 16).ok()
    };
    let (mut text, mut at) = (Vec::new(), 0);
    while at < json.len() {
        let length = match (json[at], unit(at), unit(at + 6)) {
            (b'\\', Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (b'\\', Some(0xD800..=0xDFFF), _) => {
                text.extend(b"\\u0000");
                at += 6;
                continue;
            }
            (b'\\', ..) => 2,
            _ => 1,
        };
        let end = (at + length).min(json.len());
        text.extend(&json[at..end]);
        at = end;
    }
    text
}

impl TokenApi {
    fn of(row: Row) -> Self {
        let settings = row.settings;
        let token_use = TokenUse::ALL.into_iter().find(|kind| kind.as_str() == row.token_use).expect("a kind");
        let rules = TokenRules {
            issuer: settings.issuer.clone(),
            audiences: settings.audience.clone(),
            token_use,
            algorithms: AllowedAlgorithms::default(),
            scope: Some(settings.scope.clone()).filter(|scope| !scope.is_empty()),
            skew: Duration::seconds(settings.skew),
            max_age: Duration::seconds(settings.max_age),
        };
        Self {
            token_use,
            verifier: Verifier::new(rules),
            keys: KeySet::parse(&tokens::read(&row.keys), &AllowedAlgorithms::default()).expect("a key set"),
            now: UtcDateTime::parse(&row.now, &Rfc3339).expect("a time"),
            settings,
        }
    }

    fn assert_read(&self, verified: &VerifiedToken, claims: &Map<String, Value>) {
        let Settings { issuer, audience, scope, user_claim, group_claim, max_age, skew, .. } = &self.settings;
        // A claim that is null is absent.
        let claims: &Map<String, Value> = &claims
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        assert_eq!(claims["iss"], **issuer);
        assert_eq!(verified.issuer(), issuer);

        let is_ours = |name: &&str| audience.iter().any(|ours| ours == name);
        let named = texts(claims, if self.token_use == TokenUse::CognitoAccess { "client_id" } else { "aud" });
        assert!(named.iter().any(is_ours), "for another audience: {named:?}");
        if self.token_use == TokenUse::Id {
            assert!(named.iter().all(is_ours), "for others, too: {named:?}");
            let is_id = ["nonce", "at_hash", "c_hash"].into_iter().any(|name| claims.contains_key(name));
            assert!(is_id || texts(claims, "scope").concat().trim().is_empty(), "an access token for an ID token");
        }
        assert!(!claims.contains_key("events") && !claims.contains_key("cnf"), "another kind of token");
        let mut scopes = [texts(claims, "scope"), texts(claims, "scp")].concat().join(" ");
        scopes = format!(" {scopes} ");
        assert!(scope.is_empty() || scopes.contains(&format!(" {scope} ")), "scopes{scopes}");

        // The other reader has binary fractions: near enough.
        let (now, skew, max_age) = (self.now.unix_timestamp() as f64, *skew as f64 + 0.001, *max_age as f64);
        let time = |name: &str| claims.get(name).map(|time| time.as_f64().expect("a number"));
        assert!(now < time("exp").expect("exp") + skew, "expired");
        assert!(time("nbf").is_none_or(|begins| begins <= now + skew), "not yet valid");
        let age = now - time("iat").expect("iat");
        assert!((-skew..=max_age + skew).contains(&age), "issued {age} s ago");

        // A path may lead further in.
        if let (Ok(user), Some(named)) = (verified.user(user_claim), claims.get(user_claim)) {
            assert_eq!(*named, *user);
        }
        let groups = verified.values(group_claim).filter_map(|value| match value {
            ClaimValue::Text(text) => Some(text),
            ClaimValue::Other(_) => None,
        });
        if claims.contains_key(group_claim) {
            assert_eq!(groups.collect::<Vec<_>>(), texts(claims, group_claim));
        }
        assert!(verified.id().starts_with("sha256:") || claims["jti"] == *verified.id());
    }
}

/// The texts of a claim that is one or a list of them.
fn texts<'c>(claims: &'c Map<String, Value>, name: &str) -> Vec<&'c str> {
    match claims.get(name) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        other => other.and_then(Value::as_str).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_reader_has_a_very_great_number_for_one_beyond_all() {
        for (json, expected) in [
            ("{\"a\":1e999,\"b\":-1e999}", "{\"a\":1e308,\"b\":-1e308}"),
            ("{\n\"a\": [1e999, 2]\n}", "{\"a\":[1e308,2]}"),
            ("{\"a\":1e400}", "{\"a\":1e308}"),
            (
                r#"{"a":"\ud83d","b":"\ud83d\ude00\ude00","c":"\\ud83d"}"#,
                r#"{"a":"\u0000","b":"\ud83d\ude00\u0000","c":"\\ud83d"}"#,
            ),
        ] {
            let expected: Map<String, Value> = serde_json::from_str(expected).expect("JSON");
            assert_eq!(object(json.into()), Some(expected), "{json}");
        }
        assert_eq!(object(b"{\"a\":1e}".to_vec()), None);
    }
}
