//! Rules for the claims of a token: signed claims → [`VerifiedToken`].

use aws_lc_rs::digest::{SHA256, digest};
use time::{Duration, UtcDateTime};

use crate::claims::{Claims, missing};
use crate::rejection::{Check, Rejection};
use studio_acs_refusal::Trace;
use studio_acs_refusal::hex;

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
    /// The scope that an access token must carry; `None` for any.
    pub scope: Option<String>,
    /// How far the issuer's clock may be from ours.
    pub skew: Duration,
    /// How old a token may be, by its `iat`.
    pub max_age: Duration,
}

/// The kinds of tokens. One token API takes one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// ID tokens (OpenID Connect Core 2): the user signed in at the API client, whose client ID is the audience.
    Id,
    /// Access tokens for our API (RFC 9068, and those of Entra ID, Okta and Keycloak).
    Access,
    /// Access tokens of Amazon Cognito, which name a client and no audience
    /// (<https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>).
    CognitoAccess,
}

impl TokenUse {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Id, Self::Access, Self::CognitoAccess];

    /// The name, as settings have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Access => "access",
            Self::CognitoAccess => "cognito-access",
        }
    }

    /// RFC 7515 4.1.9: the media type, whose `application/` may be left out, in any case of letters.
    pub(crate) fn check_type(self, media_type: Option<&str>, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let name = media_type.map(str::to_ascii_lowercase);
        let name = name.as_deref().map(|name| name.strip_prefix("application/").unwrap_or(name));
        let (fits, expected) = match self {
            Self::Access => (matches!(name, None | Some("jwt" | "at+jwt")), "JWT, at+jwt or none"),
            Self::Id | Self::CognitoAccess => (matches!(name, None | Some("jwt")), "JWT or none"),
        };
        let found = media_type.unwrap_or("none");
        if !fits {
            return Err(Check::Type.reject(expected, found));
        }
        trace.passed(Check::Type, &found);
        Ok(())
    }

    /// RFC 8725 3.12: asks for the claims that distinguish the issuers' kinds of tokens.
    fn check_claims(self, claims: &Claims, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let is_id = self == Self::Id;
        let kind = if is_id { "an ID token" } else { "an access token" };
        let differs = |found: String| Err(Check::Use.reject(kind, found));
        // Amazon Cognito.
        let (wanted, token_use) = (if is_id { "id" } else { "access" }, claims.text("token_use")?);
        if token_use.map_or(self == Self::CognitoAccess, |token_use| token_use != wanted) {
            return differs(format!("token_use {}", token_use.unwrap_or("missing")));
        }
        // Keycloak.
        let (wanted, said) = (if is_id { "ID" } else { "Bearer" }, claims.text("typ")?);
        if let Some(other) = said.filter(|said| *said != wanted) {
            return differs(format!("typ {other}"));
        }
        // Entra ID: an application's own token, without a person.
        if let Some(other) = claims.text("idtyp")?.filter(|said| *said != "user") {
            return differs(format!("idtyp {other}"));
        }
        // RFC 9700 4.15: a client's own token, whose subject is the client. Okta says cid.
        let (subject, clients) = (claims.text("sub")?, ["client_id", "azp", "cid"]);
        for client in clients.into_iter().filter(|_| !is_id) {
            if subject.is_some() && claims.text(client)? == subject {
                return differs(format!("a client's own, of sub and {client}"));
            }
        }
        // OpenID Connect Back-Channel Logout 2.4, RFC 8417.
        if claims.has("events") {
            return differs("a token of events".to_owned());
        }
        // RFC 7800: whoever presents it has to prove a key, and we cannot ask for the proof.
        if claims.has("cnf") {
            return Err(Check::Use.reject("a bearer token", "one that is bound to a key (cnf)"));
        }
        let has_scopes = !(claims.words("scope")?.is_empty() && claims.words("scp")?.is_empty());
        if is_id && has_scopes {
            return differs("a token with scopes".to_owned());
        }
        if self == Self::Access && !has_scopes {
            return differs("a token without scopes".to_owned());
        }
        trace.passed(Check::Use, &self.as_str());
        Ok(())
    }

    fn check_audience(self, claims: &Claims, ours: &[String], trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let name = if self == Self::CognitoAccess { "client_id" } else { "aud" };
        let named = match self {
            Self::CognitoAccess => vec![claims.required_text(name)?],
            Self::Id | Self::Access if claims.has(name) => claims.texts(name)?,
            Self::Id | Self::Access => return Err(missing(name)),
        };
        let is_ours = |name: &&str| ours.iter().any(|ours| ours == name);
        let fits = match self {
            // We know no other party that may have it (OpenID Connect Core 3.1.3.7, 3).
            Self::Id => !named.is_empty() && named.iter().all(is_ours),
            Self::Access | Self::CognitoAccess => named.iter().any(is_ours),
        };
        let expected = || format!("{name} {}", ours.join(" or "));
        if !fits {
            return Err(Check::Audience.reject(expected(), named.join(", ")));
        }
        // The client that it was issued to (3.1.3.7, 5).
        let party = if self == Self::Id { claims.text("azp")? } else { None };
        if let Some(other) = party.filter(|party| !is_ours(party)) {
            return Err(Check::Audience.reject(expected(), format!("azp {other}")));
        }
        trace.passed(Check::Audience, &named.join(", "));
        Ok(())
    }
}

impl TokenRules {
    /// Judges the claims as of `now`.
    pub(crate) fn check(
        &self,
        claims: Claims,
        signed_part: &str,
        now: UtcDateTime,
        trace: &mut dyn Trace<Check>,
    ) -> Result<VerifiedToken, Rejection> {
        let issuer = claims.required_text("iss")?;
        if issuer != self.issuer {
            return Err(Check::Issuer.reject(self.issuer.clone(), issuer));
        }
        trace.passed(Check::Issuer, &issuer);
        self.token_use.check_claims(&claims, trace)?;
        self.token_use.check_audience(&claims, &self.audiences, trace)?;
        self.check_scope(&claims, trace)?;
        self.check_times(&claims, now, trace)?;
        let is_id = |id: &&str| (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let id = claims.text("jti")?.filter(is_id);
        Ok(VerifiedToken {
            id: id.map_or_else(|| fingerprint(signed_part), str::to_owned),
            issuer: self.issuer.clone(),
            token_use: self.token_use,
            authenticated_at: claims.time("auth_time")?,
            authentication_methods: claims.texts("amr")?.into_iter().map(str::to_owned).collect(),
            claims,
        })
    }

    fn check_scope(&self, claims: &Claims, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let Some(wanted) = &self.scope else { return Ok(()) };
        let mut scopes = claims.words("scope")?;
        scopes.extend(claims.words("scp")?);
        if !scopes.contains(&&**wanted) {
            return Err(Check::Scope.reject(wanted.clone(), scopes.join(" ")));
        }
        trace.passed(Check::Scope, wanted);
        Ok(())
    }

    fn check_times(&self, claims: &Claims, now: UtcDateTime, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        let expires = claims.required_time("exp")?;
        let issued = claims.required_time("iat")?;
        if now >= expires.saturating_add(self.skew) {
            return Err(Check::NotExpired.reject(format!("exp after {now}"), expires));
        }
        trace.passed(Check::NotExpired, &expires);
        if let Some(begins) = claims.time("nbf")? {
            if now < begins.saturating_sub(self.skew) {
                return Err(Check::NotBefore.reject(format!("nbf not after {now}"), begins));
            }
            trace.passed(Check::NotBefore, &begins);
        }
        if now < issued.saturating_sub(self.skew) {
            return Err(Check::Issued.reject(format!("iat not after {now}"), issued));
        }
        trace.passed(Check::Issued, &issued);
        if now > issued.saturating_add(self.max_age).saturating_add(self.skew) {
            let expected = format!("iat at most {} s before {now}", self.max_age.whole_seconds());
            return Err(Check::Age.reject(expected, issued));
        }
        trace.passed(Check::Age, &issued);
        Ok(())
    }
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

    /// The claim `name`, which names the user.
    ///
    /// # Errors
    /// `token_claim_missing`; `token_malformed` for another type than a text.
    pub fn user(&self, name: &str) -> Result<&str, Rejection> {
        self.claims.text(name)?.ok_or_else(|| Check::User.reject(name.to_owned(), "no such claim"))
    }

    /// Whether the claim `name` is present.
    pub fn has(&self, name: &str) -> bool {
        self.claims.has(name)
    }

    /// Returns the texts of the claim `name`, such as groups; none if it is absent.
    ///
    /// # Errors
    /// `token_malformed` for another type; `token_claim_invalid` where the token says that they are elsewhere (OpenID
    /// Connect Core 5.6.2): a user with many groups at Entra ID must not pass for a user without any.
    pub fn texts(&self, name: &str) -> Result<Vec<&str>, Rejection> {
        let elsewhere = self.claims.0.get("_claim_names").and_then(|names| names.get(name)).is_some();
        // Entra ID's implicit flow says it so.
        if elsewhere || (name == "groups" && self.claims.has("hasgroups")) {
            return Err(Check::ClaimFormat.reject(name.to_owned(), "a token that is too small for them"));
        }
        self.claims.texts(name)
    }

    /// Whether the issuer has verified the claim `email`.
    pub fn email_is_verified(&self) -> bool {
        // Cognito's access to other providers passes it on as a text.
        self.claims.0.get("email_verified").is_some_and(|said| said == true || said == "true")
    }
}
