//! ID tokens (OpenID Connect Core 2) of the development identity provider, by the key that signs its responses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use time::{Duration, UtcDateTime};

use crate::error::StandInError;
use crate::id::new_id;
use crate::idp::DevIdp;

/// The content of a token: about which user, by whom, and for whom.
#[derive(Debug, Clone)]
pub struct IdToken {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// `sub`.
    pub user: String,
    /// `groups`.
    pub groups: Vec<String>,
    /// When the user signed in, by a password, and was given the token. It ends five minutes later.
    pub issued: UtcDateTime,
}

const KEY_ID: &str = "demo";
const LIFETIME: Duration = Duration::minutes(5);

impl IdToken {
    /// The token, signed.
    ///
    /// # Errors
    /// Where signing fails.
    pub fn signed(&self, idp: &DevIdp) -> Result<String, StandInError> {
        let text = self.text("RS256");
        let signature = URL_SAFE_NO_PAD.encode(idp.signature(text.as_bytes())?);
        Ok(format!("{text}.{signature}"))
    }

    /// The token with `none` for its algorithm, and no signature behind its last dot (RFC 7519 6).
    pub fn unsigned(&self) -> String {
        self.text("none") + "."
    }

    fn text(&self, algorithm: &str) -> String {
        let seconds = self.issued.unix_timestamp();
        let header = json!({"alg": algorithm, "kid": KEY_ID, "typ": "JWT"});
        let claims = json!({
            "iss": self.issuer, "aud": self.audience, "sub": self.user, "groups": self.groups,
            "iat": seconds, "exp": self.issued.saturating_add(LIFETIME).unix_timestamp(),
            "auth_time": seconds, "amr": ["pwd"], "jti": new_id(),
        });
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
    }
}

/// The exponent 65537 as the last of a key's two numbers in DER (RFC 8017 A.1.1), and the size of the first in bytes.
const EXPONENT: [u8; 5] = [0x02, 0x03, 0x01, 0x00, 0x01];
const MODULUS: usize = 256;

/// The key set that the identity provider's tokens are verified by (RFC 7517 5).
///
/// # Errors
/// With a key of another size or exponent than [`DevIdp::new`] makes.
pub fn key_set(idp: &DevIdp) -> Result<String, StandInError> {
    let modulus = idp.public_key().strip_suffix(&EXPONENT).and_then(|key| key.last_chunk::<MODULUS>());
    let modulus = URL_SAFE_NO_PAD.encode(modulus.ok_or_else(|| StandInError::key("not RSA-2048 with 65537"))?);
    let key = json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": modulus, "e": "AQAB"});
    Ok(json!({"keys": [key]}).to_string())
}

#[cfg(test)]
mod tests {
    use studio_acs_jwt::{AllowedAlgorithms, ClaimValue, KeySet, TokenRules, TokenUse, UnverifiedToken, Verifier};

    use super::*;

    const ISSUER: &str = "http://127.0.0.1:8400";
    const NOW: i64 = 1_800_000_000;

    fn issued() -> UtcDateTime {
        UtcDateTime::from_unix_timestamp(NOW).unwrap()
    }

    fn token() -> IdToken {
        IdToken {
            issuer: ISSUER.to_owned(),
            audience: "portal".to_owned(),
            user: "dana".to_owned(),
            groups: vec!["fraud".to_owned(), "pricing".to_owned()],
            issued: issued(),
        }
    }

    /// The token API's code for this token after so many seconds, or the user.
    fn judged(token: &str, keys: &KeySet, seconds: i64) -> Result<String, &'static str> {
        let verifier = Verifier::new(TokenRules {
            issuer: ISSUER.to_owned(),
            audiences: vec!["portal".to_owned()],
            token_use: TokenUse::Id,
            scope: None,
            algorithms: AllowedAlgorithms::default(),
            skew: Duration::ZERO,
            max_age: Duration::HOUR,
        });
        let token = format!("Bearer {token}");
        let token = UnverifiedToken::from_authorization([token.as_bytes()]).map_err(|error| error.code())?;
        let now = issued().saturating_add(Duration::seconds(seconds));
        let token = verifier.verify(&token, keys, now, &mut ()).map_err(|error| error.code())?;
        assert!(token.values("groups").eq(["fraud", "pricing"].map(ClaimValue::Text)));
        assert_eq!((token.authenticated_at(), token.authentication_methods().len()), (Some(issued()), 1));
        Ok(token.user("sub").unwrap().to_owned())
    }

    #[test]
    fn the_key_set_verifies_what_its_key_has_signed_for_five_minutes() {
        let (idp, foreign) = (DevIdp::new("ours").unwrap(), DevIdp::new("theirs").unwrap());
        let keys = KeySet::parse(&key_set(&idp).unwrap(), &AllowedAlgorithms::default()).unwrap();
        assert_eq!(judged(&token().signed(&idp).unwrap(), &keys, 299), Ok("dana".to_owned()));
        assert_eq!(judged(&token().signed(&idp).unwrap(), &keys, 300), Err("token_expired"));
        assert_eq!(judged(&token().signed(&foreign).unwrap(), &keys, 0), Err("token_signature_invalid"));
    }

    #[test]
    fn what_nobody_signed_is_not_taken_with_or_without_a_signature_of_something_else() {
        let idp = DevIdp::new("ours").unwrap();
        let keys = KeySet::parse(&key_set(&idp).unwrap(), &AllowedAlgorithms::default()).unwrap();
        let signed = token().signed(&idp).unwrap();
        let borrowed = signed.rsplit('.').next().unwrap();
        assert_eq!(judged(&token().unsigned(), &keys, 0), Err("token_malformed"));
        assert_eq!(judged(&(token().unsigned() + borrowed), &keys, 0), Err("token_algorithm_forbidden"));
    }
}
