//! The kinds of tokens, and the claims that tell them apart.

use std::borrow::Cow;

use serde_json::Value;
use studio_acs_refusal::{Compared, Trace, compare};

use crate::claims::{Claims, as_text};
use crate::rejection::{Check, Rejection};

/// The claims of scopes: OAuth's, and that of Entra ID and Okta.
pub(crate) const SCOPES: [&str; 2] = ["scope", "scp"];

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
        let (fits, expected) = match self {
            Self::Access => (matches!(short(name.as_deref()), None | Some("jwt" | "at+jwt")), "JWT, at+jwt or none"),
            Self::Id | Self::CognitoAccess => (matches!(short(name.as_deref()), None | Some("jwt")), "JWT or none"),
        };
        let found = media_type.unwrap_or("none");
        if !fits {
            return Err(Check::Type.reject(expected, found));
        }
        trace.passed(Check::Type, &found);
        Ok(())
    }

    /// RFC 8725 3.12: asks for the claims that distinguish the issuers' kinds of tokens.
    pub(crate) fn check_claims(
        self,
        claims: &Claims,
        media_type: Option<&str>,
        trace: &mut dyn Trace<Check>,
    ) -> Result<(), Rejection> {
        let is_id = self == Self::Id;
        let kind = if is_id { "an ID token" } else { "an access token" };
        let differs = |found: String| Err(Check::Use.reject(kind, found));
        // Amazon Cognito.
        let wanted = if is_id { "id" } else { "access" };
        if self == Self::CognitoAccess && claims.text("token_use")?.is_none() {
            return differs("token_use missing".to_owned());
        }
        // The second is Keycloak's, and the third of Entra ID: an application's own token, without a person.
        for (name, wanted) in [("token_use", wanted), ("typ", if is_id { "ID" } else { "Bearer" }), ("idtyp", "user")] {
            if let Some(other) = claims.texts(name)?.into_iter().find(|said| *said != wanted) {
                return differs(format!("{name} {other}"));
            }
        }
        if is_id && let Some(sign) = sign_of_access(claims) {
            return differs(format!("an access token, which the claim {sign} is of"));
        }
        // RFC 9700 4.15: a client's own token, whose subject is the client. Okta says cid, and Auth0 adds `@clients`.
        let subject = claims.id("sub").filter(|_| !is_id);
        for name in ["client_id", "azp", "cid"] {
            let client = claims.id(name);
            let is_client = |subject: &str| Some(subject) == client.as_deref();
            let is_own = |subject: &str| is_client(subject) || subject.strip_suffix("@clients").is_some_and(is_client);
            if subject.as_deref().is_some_and(is_own) {
                return differs(format!("a client's own, of sub and {name}"));
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
        // These are of ID tokens only (OpenID Connect Core 2, 3.1.3.6, 3.3.2.11). FusionAuth's ID tokens have scopes, too.
        // A scope of another type is one, too.
        let has_any_scope = SCOPES.into_iter().any(|name| claims.get(name).is_some_and(says_anything));
        if is_id && has_any_scope && !["nonce", "at_hash", "c_hash"].into_iter().any(|name| claims.has(name)) {
            return differs("a token with scopes".to_owned());
        }
        // RFC 9068 2.1, 2.2.3: a token that says what it is has scopes only where the client asked for some.
        let has_scopes = !claims.words(&SCOPES).is_empty();
        let says_access = media_type.map(str::to_ascii_lowercase);
        let says_access = short(says_access.as_deref()) == Some("at+jwt");
        if self == Self::Access && !has_scopes && !says_access {
            SCOPES.into_iter().try_for_each(|name| claims.texts(name).map(drop))?;
            return differs("a token without scopes, and without the type at+jwt".to_owned());
        }
        trace.passed(Check::Use, &self.as_str());
        Ok(())
    }

    pub(crate) fn check_audience(
        self,
        claims: &Claims,
        ours: &[String],
        trace: &mut dyn Trace<Check>,
    ) -> Result<(), Rejection> {
        let name = if self == Self::CognitoAccess { "client_id" } else { "aud" };
        let named = match self {
            Self::CognitoAccess => vec![claims.required_text(name)?],
            Self::Id | Self::Access if claims.has(name) => claims.texts(name)?,
            Self::Id | Self::Access => return Err(claims.missing(name)),
        };
        let is_ours = |name: &&str| ours.iter().any(|ours| ours == name);
        let fits = match self {
            // We know no other party that may have it (OpenID Connect Core 3.1.3.7, 3).
            Self::Id => !named.is_empty() && named.iter().all(is_ours),
            Self::Access | Self::CognitoAccess => named.iter().any(is_ours),
        };
        let refuse = |whose: &str, named: &[&str]| {
            let ours: Vec<_> = ours.iter().map(String::as_str).collect();
            let Compared { expected, found } = compare(&ours, named);
            Err(Check::Audience.reject(format!("{name} {expected}"), format!("{whose}{found}")))
        };
        match named.as_slice() {
            _ if fits => {}
            [] => return refuse("an empty list", &[]),
            named => return refuse("", named),
        }
        // The client that it was issued to (3.1.3.7, 5).
        if let Some(party) = claims.get("azp").filter(|_| self == Self::Id) {
            let party = claims.id("azp").map_or_else(|| as_text(party, "azp").map(Cow::Borrowed), Ok)?;
            if !is_ours(&&*party) {
                return refuse("azp ", &[&party]);
            }
        }
        trace.passed(Check::Audience, &named.join(", "));
        Ok(())
    }
}

/// Returns the claim by which a token is certainly an access token; `None` where nothing tells.
fn sign_of_access(claims: &Claims) -> Option<&'static str> {
    // Entra ID (access token claims reference: how the client authenticated) and Okta (access token claims: the client's
    // ID); their ID tokens have none of these.
    let of_access = ["azpacr", "appidacr", "cid"].into_iter().find(|name| claims.has(name));
    // PingAM: both kinds have it, with another value.
    let is_named = claims.get("tokenName").is_some_and(|name| name == "access_token");
    of_access.or_else(|| is_named.then_some("tokenName"))
}

/// Whether a claim says anything, in words or not.
fn says_anything(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => list.iter().any(says_anything),
        Value::Object(members) => !members.is_empty(),
    }
}

/// A media type without its `application/`.
fn short(name: Option<&str>) -> Option<&str> {
    name.map(|name| name.strip_prefix("application/").unwrap_or(name))
}
