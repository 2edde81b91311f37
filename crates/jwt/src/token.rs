//! From the `Authorization` header to an [`UnverifiedToken`]: the facts of a token before any key has verified it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use aws_lc_rs::signature::ParsedPublicKey;

use crate::algorithm::{Algorithm, AllowedAlgorithms};
use crate::claims::Claims;
use crate::form;
use crate::json;
use crate::rejection::{Check, Rejection};
use studio_acs_refusal::{Base64Fault, Base64Form, Trace};

/// The most bytes of a token: what API Gateway lets through of all headers is little more.
pub const TOKEN_LIMIT: usize = 8_192;

/// The most characters of a key's ID.
const LONGEST_KEY_ID: usize = 256;

/// Members of a header that bring or point to keys, encrypt, nest, or change what is signed.
const FORBIDDEN: [&str; 14] =
    ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "cty", "epk", "apu", "apv", "p2c", "p2s"];

/// A token as it came: well-formed, by an algorithm of public keys, and not verified yet. Neither `Debug` nor any message
/// shows it.
pub struct UnverifiedToken {
    text: String,
    /// Where the signature begins, behind its dot.
    signature: usize,
    algorithm: Algorithm,
    key_id: Option<String>,
    media_type: Option<String>,
}

impl UnverifiedToken {
    /// Reads the values of all `Authorization` headers of a request (RFC 6750 2.1).
    ///
    /// # Errors
    /// `token_missing`, `token_too_large`, `token_malformed`, `token_header_forbidden`, `token_algorithm_forbidden`.
    pub fn from_authorization<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Rejection> {
        let mut values = values.into_iter();
        let value = values.next().ok_or_else(|| Check::Present.reject("Authorization: Bearer", "no such header"))?;
        if values.next().is_some() {
            return Err(Check::Compact.reject("one Authorization header", "several"));
        }
        let text = std::str::from_utf8(value).map_err(|_| Check::Compact.reject("ASCII", "other bytes"))?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("Bearer") {
            let known = ["Basic", "DPoP", "Token", "Digest", "Negotiate", "AWS4-HMAC-SHA256"];
            let found = known.into_iter().find(|known| scheme.eq_ignore_ascii_case(known)).unwrap_or("another one");
            return Err(Check::Present.reject("the scheme Bearer", found));
        }
        if token.is_empty() {
            return Err(Check::Present.reject("a token", "none"));
        }
        Self::parse(token)
    }

    fn parse(text: &str) -> Result<Self, Rejection> {
        if text.len() > TOKEN_LIMIT {
            return Err(Check::Size.reject(format!("at most {TOKEN_LIMIT} bytes"), text.len()));
        }
        let compact = || Check::Compact.reject("three parts of base64url, with dots between", form::of(text));
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(compact());
        };
        let is_base64url = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if ![header, claims, signature].into_iter().all(is_base64url) {
            return Err(compact());
        }
        // Opaque tokens have dots, too.
        let shape = |found: String| match form::begins_with_brace(header) {
            true => Check::HeaderShape.reject("a JSON object in base64url", found),
            false => compact(),
        };
        let header = URL_SAFE_NO_PAD
            .decode(header)
            .map_err(|_| shape(Base64Fault::of(header.as_bytes(), Base64Form::Url).to_string()))?;
        let header = json::object(&header).map_err(shape)?;
        if let Some(name) = FORBIDDEN.into_iter().find(|name| header.contains_key(*name)) {
            return Err(Check::HeaderMembers.reject("a header without it", name));
        }
        let algorithm = named(&header, "alg", Check::HeaderShape)?.unwrap_or_default();
        let algorithm = Algorithm::parse(algorithm)
            .ok_or_else(|| Check::Algorithm.reject("a signature by a private key, such as RS256", shown(algorithm)))?;
        let key_id = named(&header, "kid", Check::KeyId)?;
        if let Some(id) = key_id.filter(|id| id.is_empty() || id.chars().count() > LONGEST_KEY_ID) {
            return Err(
                Check::KeyId.reject(format!("no key ID, or one of 1 to {LONGEST_KEY_ID} characters"), shown(id))
            );
        }
        let media_type = named(&header, "typ", Check::HeaderShape)?.map(str::to_owned);
        let signature = text.len().saturating_sub(signature.len());
        Ok(Self { text: text.to_owned(), signature, algorithm, key_id: key_id.map(str::to_owned), media_type })
    }

    /// Tells `trace` of the checks that it passed to become one, and asks whether its algorithm is allowed.
    pub(crate) fn retrace(&self, allowed: &AllowedAlgorithms, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        trace.passed(Check::Present, &"Bearer");
        trace.passed(Check::Size, &format_args!("{} bytes", self.text.len()));
        trace.passed(Check::Compact, &"three parts");
        trace.passed(Check::HeaderShape, &"yes");
        trace.passed(Check::HeaderMembers, &"none of them");
        if !allowed.allows(self.algorithm) {
            return Err(Check::Algorithm.reject(allowed.to_string(), self.algorithm.as_str()));
        }
        trace.passed(Check::Algorithm, &self.algorithm.as_str());
        // The name is not verified yet.
        trace.passed(Check::KeyId, &if self.key_id.is_some() { "yes" } else { "none" });
        Ok(())
    }

    /// Which key it says that it is signed by; `None` if it says nothing.
    pub fn unverified_key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whether this key signed it (RFC 7515 5.2).
    pub(crate) fn is_signed_by(&self, key: &ParsedPublicKey) -> bool {
        let signature = self.unverified_signature();
        signature.is_some_and(|signature| key.verify_sig(self.signed_part().as_bytes(), &signature).is_ok())
    }

    /// Whether its ECDSA signature is written in DER, as cryptographic libraries and AWS KMS give it (RFC 3279 2.2.3), and not
    /// as r and s one after the other (RFC 7518 3.4).
    pub(crate) fn is_signed_in_der(&self) -> bool {
        let is_ecdsa = matches!(self.algorithm, Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512);
        // A sequence over the whole, whose first part is an integer. Its length has a byte of its own from 128 on.
        let is_sequence = |signature: Vec<u8>| match &*signature {
            [0x30, 0x81, length, inner @ ..] | [0x30, length, inner @ ..] => {
                inner.first() == Some(&0x02) && inner.len() == usize::from(*length)
            }
            _ => false,
        };
        is_ecdsa && self.unverified_signature().is_some_and(is_sequence)
    }

    /// The signature's bytes; `None` for base64 of which a bit does not count, since a signature could be written in several
    /// ways.
    fn unverified_signature(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.text.get(self.signature..)?).ok()
    }

    /// The issuer that the token names (`iss`), so that the rules and keys of that issuer judge it.
    ///
    /// # Errors
    /// `token_malformed`, `token_claim_missing`.
    pub fn unverified_issuer(&self) -> Result<String, Rejection> {
        Ok(Claims::parse(self.unverified_claims())?.required_text("iss")?.to_owned())
    }

    pub(crate) fn unverified_algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn unverified_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// The signed part: header and claims, as they came.
    pub(crate) fn signed_part(&self) -> &str {
        self.text.get(..self.signature.saturating_sub(1)).unwrap_or_default()
    }

    /// The claims, in base64url.
    pub(crate) fn unverified_claims(&self) -> &str {
        self.signed_part().split('.').nth(1).unwrap_or_default()
    }
}

impl fmt::Debug for UnverifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedToken(redacted)")
    }
}

/// Returns the header's member `name`, which must be a text if it is present. Null is a member without a value, as many
/// libraries write one.
fn named<'a>(header: &'a Map<String, Value>, name: &'static str, check: Check) -> Result<Option<&'a str>, Rejection> {
    match header.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(check.reject(format!("{name}, a text"), "another type")),
    }
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "nothing" } else { text }
}
