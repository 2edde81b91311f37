//! Tokens, from the `Authorization` header to the verified token.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use studio_acs_jwt::{KeySet, TokenRules, TokenUse, UnverifiedToken, VerifiedToken, Verifier};
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
    let rows = tokens::rows().into_iter().filter(|row| row.code == ACCEPTED);
    let apis: BTreeMap<_, _> = rows.map(|row| ((row.token_use.clone(), row.settings.clone()), row)).collect();
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
    let header: Map<String, Value> = serde_json::from_slice(&decoded(header)?).ok()?;
    let key = token_keys::KEYS.get(header.get("kid")?.as_str()?)?;
    let verifies = header.get("alg")? == key.algorithm && key.verifies(signed.as_bytes(), &decoded(signature)?);
    verifies.then(|| serde_json::from_slice(&decoded(claims)?).ok()).flatten()
}

impl TokenApi {
    fn of(row: Row) -> Self {
        let settings = row.settings;
        let token_use = TokenUse::ALL.into_iter().find(|kind| kind.as_str() == row.token_use).expect("a kind");
        let rules = TokenRules {
            issuer: settings.issuer.clone(),
            audiences: settings.audience.clone(),
            token_use,
            scope: Some(settings.scope.clone()).filter(|scope| !scope.is_empty()),
            skew: Duration::seconds(settings.skew),
            max_age: Duration::seconds(settings.max_age),
        };
        Self {
            token_use,
            verifier: Verifier::new(rules),
            keys: KeySet::parse(&tokens::read(&row.keys)).expect("a key set"),
            now: UtcDateTime::parse(&row.now, &Rfc3339).expect("a time"),
            settings,
        }
    }

    fn assert_read(&self, verified: &VerifiedToken, claims: &Map<String, Value>) {
        let Settings { issuer, audience, scope, user_claim, group_claim, max_age, skew } = &self.settings;
        assert_eq!(claims["iss"], **issuer);
        assert_eq!(verified.issuer(), issuer);

        let is_ours = |name: &&str| audience.iter().any(|ours| ours == name);
        let named = texts(claims, if self.token_use == TokenUse::CognitoAccess { "client_id" } else { "aud" });
        assert!(named.iter().any(is_ours), "for another audience: {named:?}");
        if self.token_use == TokenUse::Id {
            assert!(named.iter().all(is_ours), "for others, too: {named:?}");
            assert!(texts(claims, "scope").concat().trim().is_empty(), "an access token for an ID token");
        }
        assert!(!claims.contains_key("events") && !claims.contains_key("cnf"), "another kind of token");
        let mut scopes = [texts(claims, "scope"), texts(claims, "scp")].concat().join(" ");
        scopes = format!(" {scopes} ");
        assert!(scope.is_empty() || scopes.contains(&format!(" {scope} ")), "scopes{scopes}");

        let now = self.now.unix_timestamp();
        let time = |name: &str| claims.get(name).map(|time| time.as_i64().expect("whole seconds"));
        assert!(now < time("exp").expect("exp").saturating_add(*skew), "expired");
        assert!(time("nbf").is_none_or(|begins| begins <= now + skew), "not yet valid");
        let age = now.saturating_sub(time("iat").expect("iat"));
        assert!((-skew..=max_age + skew).contains(&age), "issued {age} s ago");

        if let Ok(user) = verified.user(user_claim) {
            assert_eq!(claims[user_claim], *user);
        }
        if let Ok(groups) = verified.texts(group_claim) {
            assert_eq!(groups, texts(claims, group_claim));
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
