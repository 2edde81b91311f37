//! Rules for the claims of a token: signed claims → [`VerifiedToken`].

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use time::{Duration, UtcDateTime};

use crate::algorithm::AllowedAlgorithms;
use crate::claim_path;
use crate::claims::{Claims, of_type};
use crate::numeric_date::Rounding;
use crate::rejection::{Check, Rejection};
use crate::span;
use crate::token::UnverifiedToken;
use crate::token_use::{SCOPES, TokenUse};
use studio_acs_refusal::Trace;
use studio_acs_refusal::hex;
use studio_acs_refusal::instant::{self, Shown};

/// The most bytes of a token's ID.
const LONGEST_ID: usize = 256;

/// Whose tokens are taken, of which kind, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRules {
    /// The exact `iss`.
    pub issuer: String,
    /// The names that we have at the issuer.
    pub audiences: Vec<String>,
    /// Which tokens are taken.
    pub token_use: TokenUse,
    /// How they may be signed.
    pub algorithms: AllowedAlgorithms,
    /// The scope that an access token must carry; `None` for any.
    pub scope: Option<String>,
    /// How far the issuer's clock may be from ours.
    pub skew: Duration,
    /// How old a token may be, by its `iat`.
    pub max_age: Duration,
}

impl TokenRules {
    /// Judges the claims as of `now`.
    pub(crate) fn check(
        &self,
        claims: Claims,
        token: &UnverifiedToken,
        now: UtcDateTime,
        trace: &mut dyn Trace<Check>,
    ) -> Result<VerifiedToken, Rejection> {
        let issuer = claims.required_text("iss")?;
        if issuer != self.issuer {
            return Err(Check::Issuer.reject_texts(&[&self.issuer], &[issuer]));
        }
        trace.passed(Check::Issuer, &issuer);
        self.token_use.check_claims(&claims, token.unverified_type(), trace)?;
        self.token_use.check_audience(&claims, &self.audiences, trace)?;
        self.check_scope(&claims, trace)?;
        self.check_times(&claims, now, trace)?;
        let is_id = |id: &&str| (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        // Without a usable ID the token has a name of ours.
        let id = claims.text("jti").unwrap_or_default().filter(is_id);
        Ok(VerifiedToken {
            id: id.map_or_else(|| fingerprint(token.signed_part()), str::to_owned),
            issuer: self.issuer.clone(),
            token_use: self.token_use,
            // Only policies read these two: a value that is none of the claim's type is absent, and fresh for nobody.
            authenticated_at: claims.time("auth_time", Rounding::Down).unwrap_or_default(),
            authentication_methods: claim_values(claims.get("amr")).filter_map(ClaimValue::text).collect(),
            claims,
        })
    }

    fn check_scope(&self, claims: &Claims, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let Some(wanted) = &self.scope else { return Ok(()) };
        let scopes = claims.words(&SCOPES);
        if !scopes.contains(&&**wanted) {
            SCOPES.into_iter().try_for_each(|name| claims.texts(name).map(drop))?;
            return Err(Check::Scope.reject_texts(&[wanted], &scopes));
        }
        trace.passed(Check::Scope, wanted);
        Ok(())
    }

    fn check_times(&self, claims: &Claims, now: UtcDateTime, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let (as_of, seen) = (instant::format(now), |time: UtcDateTime| span::told(time, now));
        let expires = claims.required_time("exp", Rounding::Down)?;
        let issued = claims.required_time("iat", Rounding::Up)?;
        if now >= expires.saturating_add(self.skew) {
            return Err(Check::NotExpired.reject(format!("exp after {as_of}"), seen(expires)));
        }
        trace.passed(Check::NotExpired, &Shown(Some(expires)));
        if let Some(begins) = claims.time("nbf", Rounding::Up)? {
            if now < begins.saturating_sub(self.skew) {
                return Err(Check::NotBefore.reject(format!("nbf not after {as_of}"), seen(begins)));
            }
            trace.passed(Check::NotBefore, &Shown(Some(begins)));
        }
        if now < issued.saturating_sub(self.skew) {
            return Err(Check::Issued.reject(format!("iat not after {as_of}"), seen(issued)));
        }
        trace.passed(Check::Issued, &Shown(Some(issued)));
        // A fraction makes a token older, never younger.
        let issued = claims.required_time("iat", Rounding::Down)?;
        if now > issued.saturating_add(self.max_age).saturating_add(self.skew) {
            let expected = format!("iat at most {} s before {as_of}", self.max_age.whole_seconds());
            return Err(Check::Age.reject(expected, seen(issued)));
        }
        trace.passed(Check::Age, &Shown(Some(issued)));
        Ok(())
    }
}

/// A value of a claim that may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimValue<'a> {
    /// A text.
    Text(&'a str),
    /// A value of another type, in words.
    Other(&'static str),
}

impl ClaimValue<'_> {
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.to_owned()),
            Self::Other(_) => None,
        }
    }
}

fn claim_values(claim: Option<&Value>) -> impl Iterator<Item = ClaimValue<'_>> {
    let values = match claim {
        None => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    values.iter().map(|value| match value {
        Value::String(text) => ClaimValue::Text(text),
        Value::Null => ClaimValue::Other("a value that is null"),
        Value::Bool(_) => ClaimValue::Other("a value that is true or false"),
        Value::Number(_) => ClaimValue::Other("a value that is a number"),
        Value::Array(_) => ClaimValue::Other("a value that is a list"),
        Value::Object(_) => ClaimValue::Other("a value that is an object"),
    })
}

/// A name for a token that has none: of what is signed, since a signature can be written in several ways.
fn fingerprint(signed_part: &str) -> String {
    let hash = digest(&SHA256, signed_part.as_bytes());
    let hash: String = hex(hash.as_ref()).chars().take(32).collect();
    format!("sha256:{hash}")
}

/// A token that its issuer signed, for us, now. Made only by [`Verifier::verify`](crate::Verifier::verify).
#[derive(Debug, Clone)]
pub struct VerifiedToken {
    id: String,
    issuer: String,
    token_use: TokenUse,
    authenticated_at: Option<UtcDateTime>,
    authentication_methods: Vec<String>,
    claims: Claims,
}

impl VerifiedToken {
    /// Its `jti`, where that is 1 to 256 characters of ASCII; without one, a fingerprint: `sha256:` and 32 hexadecimal
    /// digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its kind.
    pub fn token_use(&self) -> TokenUse {
        self.token_use
    }

    /// When the person signed in (`auth_time`), if the issuer says so.
    pub fn authenticated_at(&self) -> Option<UtcDateTime> {
        self.authenticated_at
    }

    /// How (`amr`), if the issuer says so.
    pub fn authentication_methods(&self) -> &[String] {
        &self.authentication_methods
    }

    /// The claim at `path`, which names the user: a claim's name, or where it is in a claim (`realm_access.roles`).
    ///
    /// # Errors
    /// `token_claim_missing`; `token_malformed` for another type than a text.
    pub fn user(&self, path: &str) -> Result<&str, Rejection> {
        let value = self.claims.at(path).ok_or_else(|| self.absent(Check::User, path))?;
        value.as_str().ok_or_else(|| of_type(path, "a text that names the user", value))
    }

    /// Whether a claim is at `path`.
    pub fn has(&self, path: &str) -> bool {
        self.claims.at(path).is_some()
    }

    /// The refusal for a claim that is absent: the claims that are there, by name.
    pub fn absent(&self, check: Check, path: &str) -> Rejection {
        check.reject(path.to_owned(), format!("no such claim among {}", self.claim_names().join(", ")))
    }

    /// The names of the claims, in the order of the token; at most forty.
    pub fn claim_names(&self) -> Vec<&str> {
        self.claims.names()
    }

    /// Returns where texts and lists are in the claims, a bounded number of them, as paths that [`Self::values`] takes.
    pub fn claim_paths(&self) -> Vec<String> {
        self.claims.paths()
    }

    /// Returns the values of the claim at `path`, such as groups: those of a list, or the one that stands for such a list;
    /// none if it is absent.
    pub fn values(&self, path: &str) -> impl Iterator<Item = ClaimValue<'_>> {
        claim_values(self.claims.at(path))
    }

    /// Whether the token says that the values of the claim at `path` are elsewhere (OpenID Connect Core 5.6.2): a user with
    /// many groups at Entra ID must not pass for a user without any.
    pub fn is_elsewhere(&self, path: &str) -> bool {
        let names = self.claims.get("_claim_names").and_then(Value::as_object);
        let named = names.into_iter().flatten().filter(|(name, _)| claim_path::leads_into(path, name));
        // Entra ID's implicit flow says it so.
        let has_groups = self.claims.get("hasgroups").filter(|_| claim_path::leads_into(path, "groups"));
        named.map(|(_, said)| said).chain(has_groups).any(|said| !said.is_null() && said != false)
    }

    /// Whether the issuer has verified the address at `path`: `email_verified` says so of the `email` beside it, and of no
    /// other.
    pub fn email_is_verified(&self, path: &str) -> bool {
        // Cognito's access to other providers passes it on as a text.
        self.claims.at(&format!("{path}_verified")).is_some_and(|said| said == true || said == "true")
    }
}
