//! Resume tokens: an [`Identity`] that the next request of the same browser brings back, when a sign-in needs one more
//! answer.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::fill;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::{Duration, UtcDateTime};

use crate::confirmed::Confirmed;
use crate::credential_kind::CredentialKind;
use crate::group_use::GroupUse;
use crate::groups::Groups;
use crate::identity::{Identity, ReplayKey};
use crate::name::{DomainId, UserProfileName};
use crate::sign_in_request::SignInRequest;
use studio_acs_refusal::broken_rules;
use studio_acs_saml::KeyId;

/// The most resume tokens of one sign-in, one after the other.
const MOST_STEPS: u8 = 10;

/// The most bytes of a resume token: what browsers keep of a cookie, its name and attributes counted.
const LONGEST: usize = 3_900;

/// The shortest key, in bytes: as many as SHA-256 has.
const SHORTEST_KEY: usize = 32;

/// Issues and reads resume tokens, under one key.
pub struct ResumeTokens {
    key: hmac::Key,
    lifetime: Duration,
    /// Resume tokens of before this may have been used: the memory of it is lost.
    since: Option<UtcDateTime>,
}

/// A sign-in that goes on. Made only by [`ResumeTokens::read`], from what [`ResumeTokens::issue`] wrote under the same key.
#[derive(Debug)]
pub struct ResumeToken {
    identity: Identity,
    sign_in_request: SignInRequest,
    since: Since,
    csrf_token: CsrfToken,
    awaits_confirmation: bool,
}

/// How long a sign-in has been going on: until when it may, and by how many resume tokens it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    ends: UtcDateTime,
    steps: u8,
}

/// The value in a page's form that ties it to a resume token: a page of an earlier sign-in, or of another site, does
/// not know it. Worth nothing without the resume token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// The key, for the page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A resume token that was issued: for the browser, and for its page.
pub struct Issued {
    /// The cookie's value.
    pub token: String,
    /// The token of the page's form.
    pub csrf_token: CsrfToken,
}

/// Why a resume token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// None came: another browser, or the cookie's time is over.
    #[error("expected the resume token of a sign-in, found none")]
    Missing,
    /// It was not issued by us, or not under this key.
    #[error("expected a resume token that we signed, found another")]
    Forged,
    /// Its time is over.
    #[error("expected a resume token whose time is not over, found one that has ended")]
    Expired,
    /// The identity provider that it goes back to, or the key that signed its response, is not trusted any more.
    #[error("expected a resume token of an identity provider and a key that the metadata trusts, found one of others")]
    IssuerUntrusted,
    /// The identity does not fit into a cookie.
    #[error(
        "expected a resume token of at most {LONGEST} bytes, found a longer one: the identity has too many or too long groups"
    )]
    TooLong,
    /// It was issued before this process began to remember which resume tokens were used.
    #[error("expected a resume token issued after this process started, found an earlier one")]
    BeforeStart,
    /// It came from a page that it does not belong to.
    #[error("expected the page of this resume token, found another")]
    AnotherPage,
    /// A sign-in that goes on and on.
    #[error("expected a sign-in of at most {MOST_STEPS} steps, found another step")]
    TooManySteps,
    /// The system has no randomness.
    #[error("the system has no randomness to name a resume token by")]
    Randomness,
}

broken_rules!(ResumeError {
    Self::Missing, Self::Missing => "resume", "resume_missing", "the browser sends a resume token";
    Self::Forged, Self::Forged => "resume", "resume_invalid", "this service signed the resume token";
    Self::Expired, Self::Expired => "resume", "resume_expired", "the resume token has not expired";
    Self::IssuerUntrusted, Self::IssuerUntrusted => "resume", "resume_issuer_untrusted", "the metadata still trusts the identity provider and the key that the resume token goes back to";
    Self::TooManySteps, Self::TooManySteps => "resume", "resume_expired", "the sign-in has at most the steps that one may have";
    Self::BeforeStart, Self::BeforeStart => "resume", "restart_grace", "without a replay table, the process started before the resume token was issued";
    Self::AnotherPage, Self::AnotherPage => "resume", "resume_another_page", "the resume token belongs to the page";
    Self::TooLong, Self::TooLong => "resume", "resume_failed", "the identity fits into a cookie";
    Self::Randomness, Self::Randomness => "resume", "resume_failed", "the system has randomness for a resume token";
});

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A resume token as it is written.
#[derive(Serialize, Deserialize)]
struct TokenContent {
    id: String,
    /// Seconds since 1970, as are the others.
    issued: i64,
    ends: i64,
    steps: u8,
    user: String,
    named: Option<(String, String)>,
    groups: Vec<String>,
    /// The values that name no group, and those that are left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    unusable: usize,
    /// Whether groups are elsewhere, or withheld.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    doubtful: bool,
    issuer: String,
    /// The identity provider's key, in base64.
    key: String,
    source: String,
    session: Option<i64>,
    at: Option<i64>,
    methods: Vec<String>,
    sign_in_request: SignInRequest,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    awaits_confirmation: bool,
}

impl ResumeTokens {
    /// Makes resume tokens that only this process takes: under a key of its own.
    ///
    /// # Errors
    /// [`ResumeError::Randomness`].
    pub fn of_this_process(lifetime: Duration) -> Result<Self, ResumeError> {
        let mut key = [0; SHORTEST_KEY];
        fill(&mut key).map_err(|_| ResumeError::Randomness)?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), lifetime, since: None })
    }

    /// Makes the resume tokens of all processes with this key that serve `deployment`: others' are not taken though
    /// they have the key. `None` where it is shorter than 32 bytes.
    pub fn with_key(key: &[u8], deployment: &str, lifetime: Duration) -> Option<Self> {
        let key = (key.len() >= SHORTEST_KEY).then(|| hmac::Key::new(hmac::HMAC_SHA256, key))?;
        let derived = hmac::sign(&key, format!("studio-acs resume token\0{deployment}").as_bytes());
        Some(Self { key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()), lifetime, since: None })
    }

    /// The same resume tokens, of which those are refused that were issued before `start`, or in its second: the key may be
    /// older than the memory of which ones were used.
    #[must_use]
    pub fn since(self, start: UtcDateTime) -> Self {
        Self { since: Some(start), ..self }
    }

    /// Issues a resume token for `identity`, which only its browser keeps. One that goes on from another, of which
    /// `since` is told, does not live longer than that one. It carries the groups where they are `used`.
    ///
    /// # Errors
    /// [`ResumeError::TooLong`], [`ResumeError::TooManySteps`], [`ResumeError::Randomness`].
    pub fn issue(
        &self,
        confirmed: Confirmed<'_>,
        sign_in_request: &SignInRequest,
        since: Option<Since>,
        used: GroupUse,
        now: UtcDateTime,
    ) -> Result<Issued, ResumeError> {
        self.write(confirmed.identity(), sign_in_request, since, false, used, now)
    }

    /// Issues a resume token for `identity`, whose user has yet to confirm the sign-in; nothing else can be done with
    /// it.
    ///
    /// # Errors
    /// As [`ResumeTokens::issue`].
    pub fn issue_unconfirmed(
        &self,
        identity: &Identity,
        sign_in_request: &SignInRequest,
        used: GroupUse,
        now: UtcDateTime,
    ) -> Result<Issued, ResumeError> {
        self.write(identity, sign_in_request, None, true, used, now)
    }

    fn write(
        &self,
        identity: &Identity,
        sign_in_request: &SignInRequest,
        since: Option<Since>,
        awaits_confirmation: bool,
        used: GroupUse,
        now: UtcDateTime,
    ) -> Result<Issued, ResumeError> {
        let steps = since.map_or(1, |since| since.steps.saturating_add(1));
        if steps > MOST_STEPS {
            return Err(ResumeError::TooManySteps);
        }
        let mut id = [0; 16];
        fill(&mut id).map_err(|_| ResumeError::Randomness)?;
        let latest = now.saturating_add(self.lifetime);
        let (names, unusable) = (identity.groups.names(), identity.groups.unusable());
        // Groups that nothing reads must not make the cookie too long; that they are left out is not forgotten.
        let (groups, unusable) = match used {
            GroupUse::Unread => (Vec::new(), unusable.saturating_add(names.len())),
            GroupUse::Widens | GroupUse::Restricts => (names.to_vec(), unusable),
        };
        let written = TokenContent {
            id: URL_SAFE_NO_PAD.encode(id),
            issued: now.unix_timestamp(),
            ends: since.map_or(latest, |since| since.ends.min(latest)).unix_timestamp(),
            steps,
            user: identity.user.clone(),
            named: identity.named.as_ref().map(|(profile, domain)| (profile.to_string(), domain.to_string())),
            groups,
            unusable,
            doubtful: identity.groups.is_doubtful(),
            issuer: identity.issuer.clone(),
            key: identity.signed_by.map(|KeyId(key)| URL_SAFE_NO_PAD.encode(key)).unwrap_or_default(),
            source: identity.source_id.clone(),
            session: identity.session_not_on_or_after.map(UtcDateTime::unix_timestamp),
            at: identity.authenticated_at.map(UtcDateTime::unix_timestamp),
            methods: identity.authentication_methods.clone(),
            sign_in_request: sign_in_request.clone(),
            awaits_confirmation,
        };
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).map_err(|_| ResumeError::TooLong)?);
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, body.as_bytes()));
        let resume_token = format!("{body}.{tag}");
        let csrf_token = self.csrf_token(&written.id);
        if resume_token.len() > LONGEST {
            Err(ResumeError::TooLong)
        } else {
            Ok(Issued { token: resume_token, csrf_token })
        }
    }

    fn csrf_token(&self, id: &str) -> CsrfToken {
        let tag = hmac::sign(&self.key, format!("page\0{id}").as_bytes());
        CsrfToken(URL_SAFE_NO_PAD.encode(tag.as_ref().iter().take(16).copied().collect::<Vec<_>>()))
    }

    /// Returns the content of `resume_token`, if we issued it, its time is not over, and `trusts` says that this key of the
    /// identity provider of this entity ID is still trusted. It can be used once, as an assertion can, by the replay key of its
    /// identity.
    ///
    /// # Errors
    /// [`ResumeError`].
    pub fn read(
        &self,
        resume_token: Option<&str>,
        trusts: impl FnOnce(&str, KeyId) -> bool,
        now: UtcDateTime,
    ) -> Result<ResumeToken, ResumeError> {
        let resume_token = resume_token.ok_or(ResumeError::Missing)?;
        if resume_token.len() > LONGEST {
            return Err(ResumeError::Forged);
        }
        let (body, tag) = resume_token.split_once('.').ok_or(ResumeError::Forged)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| ResumeError::Forged)?;
        hmac::verify(&self.key, body.as_bytes(), &tag).map_err(|_| ResumeError::Forged)?;
        let written = URL_SAFE_NO_PAD.decode(body).map_err(|_| ResumeError::Forged)?;
        let written: TokenContent = serde_json::from_slice(&written).map_err(|_| ResumeError::Forged)?;
        let time = |seconds: i64| UtcDateTime::from_unix_timestamp(seconds).map_err(|_| ResumeError::Forged);
        let ends = time(written.ends)?;
        if ends <= now {
            return Err(ResumeError::Expired);
        }
        if self.since.is_some_and(|start| written.issued <= start.unix_timestamp()) {
            return Err(ResumeError::BeforeStart);
        }
        let key = URL_SAFE_NO_PAD.decode(&written.key).ok().and_then(|key| key.try_into().ok());
        let key = KeyId(key.ok_or(ResumeError::Forged)?);
        if !trusts(&written.issuer, key) {
            return Err(ResumeError::IssuerUntrusted);
        }
        let named = match written.named {
            None => None,
            Some((profile, domain)) => {
                let both = UserProfileName::parse(&profile).zip(DomainId::parse(&domain));
                Some(both.ok_or(ResumeError::Forged)?)
            }
        };
        let identity = Identity {
            user: written.user,
            named,
            groups: Groups::resumed(written.groups, written.unusable, written.doubtful),
            issuer: written.issuer,
            signed_by: Some(key),
            source_id: written.source,
            // The token API has no pages to come back from.
            credential_kind: CredentialKind::Assertion,
            replay_key: Some(ReplayKey { key: replay_digest(&written.id), issued: None, until: ends }),
            session_not_on_or_after: written.session.map(time).transpose()?,
            authenticated_at: written.at.map(time).transpose()?,
            authentication_methods: written.methods,
        };
        let since = Since { ends, steps: written.steps };
        let csrf_token = self.csrf_token(&written.id);
        Ok(ResumeToken {
            identity,
            sign_in_request: written.sign_in_request,
            since,
            csrf_token,
            awaits_confirmation: written.awaits_confirmation,
        })
    }

    /// A key that is derived from the resume tokens' own, for one purpose and no other. No resume token and no page has a NUL first.
    pub(crate) fn derived_key(&self, purpose: &str) -> hmac::Key {
        let derived = hmac::sign(&self.key, format!("\0{purpose}").as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
    }
}

/// Never the key of an assertion: no issuer of one is empty.
fn replay_digest(id: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in [b"\0resume token\0", id.as_bytes()] {
        context.update(part);
    }
    let mut key = [0; 32];
    key.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
    key
}

impl ResumeToken {
    /// The identity.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The identity whose sign-in may go on; `None` where its user has yet to confirm it.
    pub fn confirmed(&self) -> Option<Confirmed<'_>> {
        (!self.awaits_confirmation).then_some(Confirmed(&self.identity))
    }

    /// The identity whose sign-in may go on, now that its user has confirmed it on the page of this resume token.
    pub fn confirm(&self) -> Confirmed<'_> {
        Confirmed(&self.identity)
    }

    /// The user's request so far.
    pub fn sign_in_request(&self) -> &SignInRequest {
        &self.sign_in_request
    }

    /// How long the sign-in has been going on.
    pub fn since(&self) -> Since {
        self.since
    }

    /// The CSRF token of its page.
    pub fn csrf_token(&self) -> &CsrfToken {
        &self.csrf_token
    }

    /// Whether what came back is of this resume token's page.
    ///
    /// # Errors
    /// [`ResumeError::AnotherPage`].
    pub fn check_csrf(&self, said: Option<&str>) -> Result<(), ResumeError> {
        let said = said.unwrap_or_default().as_bytes();
        verify_slices_are_equal(self.csrf_token.0.as_bytes(), said).map_err(|_| ResumeError::AnotherPage)
    }
}

impl fmt::Debug for ResumeTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumeTokens").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
