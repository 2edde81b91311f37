//! Tickets: an [`Identity`] that the next request of the same browser brings back, when a sign-in needs one more answer.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::fill;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::{Duration, UtcDateTime};

use super::{DomainId, Identity, Once, UserProfileName};

/// The most bytes of a ticket: what browsers keep of a cookie, its name and attributes counted.
const LONGEST: usize = 3_900;

/// The shortest key, in bytes: as many as SHA-256 has.
const SHORTEST_KEY: usize = 32;

/// Issues and reads tickets, under one key.
pub struct Tickets {
    key: hmac::Key,
    lifetime: Duration,
}

/// A sign-in that goes on. Made only by [`Tickets::read`], from what [`Tickets::issue`] wrote under the same key.
#[derive(Debug)]
pub struct Ticket {
    identity: Identity,
    wish: Wish,
    ends: UtcDateTime,
}

/// What the user has asked for so far. All of it is a wish: what comes of it, the ledger and the policy say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The ledger's entry that they chose.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The alias of the place in Studio where they want to go.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The number of a change or incident.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

/// Why a ticket is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TicketError {
    /// There is none: another browser, or the cookie's time is over.
    #[error("expected the ticket of a sign-in, found none")]
    Missing,
    /// It was not issued by us, or not under this key.
    #[error("expected a ticket that we signed, found another")]
    Forged,
    /// Its time is over.
    #[error("expected a ticket whose time is not over, found one that has ended")]
    Expired,
    /// The identity does not fit into a cookie.
    #[error(
        "expected a ticket of at most {LONGEST} bytes, found a longer one: the identity has too many or too long groups"
    )]
    TooLong,
    /// The system has no randomness.
    #[error("the system has no randomness to name a ticket by")]
    Randomness,
}

impl TicketError {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "ticket_missing",
            Self::Forged => "ticket_invalid",
            Self::Expired => "ticket_expired",
            Self::TooLong | Self::Randomness => "ticket_failed",
        }
    }
}

/// A ticket as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    id: String,
    /// Seconds since 1970, as are the others.
    ends: i64,
    user: String,
    named: Option<(String, String)>,
    groups: Vec<String>,
    issuer: String,
    source: String,
    session: Option<i64>,
    at: Option<i64>,
    method: Option<String>,
    wish: Wish,
}

impl Tickets {
    /// Tickets of this process alone: under a key of its own.
    ///
    /// # Errors
    /// [`TicketError::Randomness`].
    pub fn of_this_process(lifetime: Duration) -> Result<Self, TicketError> {
        let mut key = [0; SHORTEST_KEY];
        fill(&mut key).map_err(|_| TicketError::Randomness)?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), lifetime })
    }

    /// Tickets of all processes with this key; `None` where it is shorter than 32 bytes.
    pub fn with_key(key: &[u8], lifetime: Duration) -> Option<Self> {
        (key.len() >= SHORTEST_KEY).then(|| Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), lifetime })
    }

    /// A ticket for `identity`, to be kept by its browser and nobody else. One that goes on from another, of which `ends`
    /// is told, does not live longer than that one.
    ///
    /// # Errors
    /// [`TicketError::TooLong`], [`TicketError::Randomness`].
    pub fn issue(
        &self,
        identity: &Identity,
        wish: &Wish,
        ends: Option<UtcDateTime>,
        now: UtcDateTime,
    ) -> Result<String, TicketError> {
        let mut id = [0; 16];
        fill(&mut id).map_err(|_| TicketError::Randomness)?;
        let latest = now.saturating_add(self.lifetime);
        let written = Written {
            id: URL_SAFE_NO_PAD.encode(id),
            ends: ends.map_or(latest, |ends| ends.min(latest)).unix_timestamp(),
            user: identity.user.clone(),
            named: identity.named.as_ref().map(|(profile, domain)| (profile.to_string(), domain.to_string())),
            groups: identity.groups.clone(),
            issuer: identity.issuer.clone(),
            source: identity.source_id.clone(),
            session: identity.session_not_on_or_after.map(UtcDateTime::unix_timestamp),
            at: identity.authenticated_at.map(UtcDateTime::unix_timestamp),
            method: identity.authentication_method.clone(),
            wish: wish.clone(),
        };
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).map_err(|_| TicketError::TooLong)?);
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, body.as_bytes()));
        let ticket = format!("{body}.{tag}");
        if ticket.len() > LONGEST { Err(TicketError::TooLong) } else { Ok(ticket) }
    }

    /// What `ticket` holds, if we issued it and its time is not over. It can be used once: as once as an assertion can,
    /// by the key that its identity has.
    ///
    /// # Errors
    /// [`TicketError`].
    pub fn read(&self, ticket: Option<&str>, now: UtcDateTime) -> Result<Ticket, TicketError> {
        let ticket = ticket.ok_or(TicketError::Missing)?;
        if ticket.len() > LONGEST {
            return Err(TicketError::Forged);
        }
        let (body, tag) = ticket.split_once('.').ok_or(TicketError::Forged)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| TicketError::Forged)?;
        hmac::verify(&self.key, body.as_bytes(), &tag).map_err(|_| TicketError::Forged)?;
        let written = URL_SAFE_NO_PAD.decode(body).map_err(|_| TicketError::Forged)?;
        let written: Written = serde_json::from_slice(&written).map_err(|_| TicketError::Forged)?;
        let time = |seconds: i64| UtcDateTime::from_unix_timestamp(seconds).map_err(|_| TicketError::Forged);
        let ends = time(written.ends)?;
        if ends <= now {
            return Err(TicketError::Expired);
        }
        let named = match written.named {
            None => None,
            Some((profile, domain)) => {
                let both = UserProfileName::parse(&profile).zip(DomainId::parse(&domain));
                Some(both.ok_or(TicketError::Forged)?)
            }
        };
        let identity = Identity {
            user: written.user,
            named,
            groups: written.groups,
            issuer: written.issuer,
            source_id: written.source,
            once: Once { key: once_key(&written.id), until: ends },
            session_not_on_or_after: written.session.map(time).transpose()?,
            authenticated_at: written.at.map(time).transpose()?,
            authentication_method: written.method,
        };
        Ok(Ticket { identity, wish: written.wish, ends })
    }
}

/// Never the key of an assertion: no issuer of one is empty.
fn once_key(id: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in [b"\0ticket\0", id.as_bytes()] {
        context.update(part);
    }
    let mut key = [0; 32];
    key.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
    key
}

impl Ticket {
    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What they have asked for so far.
    pub fn wish(&self) -> &Wish {
        &self.wish
    }

    /// When it ends, with all that goes on from it.
    pub fn ends(&self) -> UtcDateTime {
        self.ends
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> UtcDateTime {
        UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap()
    }

    fn alice() -> Identity {
        Identity {
            user: "alice@corp.example".to_owned(),
            named: None,
            groups: vec!["data-scientists".to_owned()],
            issuer: "https://idp.example/".to_owned(),
            source_id: "_1".to_owned(),
            once: Once { key: [1; 32], until: now() },
            session_not_on_or_after: Some(now()),
            authenticated_at: Some(now()),
            authentication_method: None,
        }
    }

    fn tickets() -> Tickets {
        Tickets::with_key(b"a key that is thirty-two bytes long", Duration::seconds(300)).unwrap()
    }

    #[test]
    fn a_ticket_brings_back_who_it_was_issued_for_and_what_they_asked() {
        let wish = Wish { entry: Some("fraud".to_owned()), link: None, change: Some("CHG1".to_owned()) };
        let (alice, tickets) = (alice(), tickets());
        let ticket = tickets.issue(&alice, &wish, None, now()).unwrap();
        let read = tickets.read(Some(&ticket), now()).unwrap();
        assert_eq!((read.identity().user(), read.identity().groups()), (alice.user(), alice.groups()));
        assert_eq!(read.identity().session_not_on_or_after(), alice.session_not_on_or_after());
        assert_eq!(*read.wish(), wish);
        assert_ne!(read.identity().once().key, alice.once().key);
    }

    #[test]
    fn each_ticket_is_used_up_by_itself_and_two_reads_of_one_are_the_same() {
        let (alice, tickets) = (alice(), tickets());
        let issue = || tickets.issue(&alice, &Wish::default(), None, now()).unwrap();
        let key = |ticket: &str| tickets.read(Some(ticket), now()).unwrap().identity().once().key;
        let (one, other) = (issue(), issue());
        assert_eq!(key(&one), key(&one));
        assert_ne!(key(&one), key(&other));
    }

    #[test]
    fn what_goes_on_does_not_live_longer_than_what_it_goes_on_from() {
        let (alice, tickets) = (alice(), tickets());
        let later = now() + Duration::seconds(200);
        let first = tickets.issue(&alice, &Wish::default(), None, now()).unwrap();
        let first = tickets.read(Some(&first), later).unwrap();
        let second = tickets.issue(first.identity(), first.wish(), Some(first.ends()), later).unwrap();
        let at = |seconds| tickets.read(Some(&second), now() + Duration::seconds(seconds)).map(|_| ());
        assert_eq!(at(299), Ok(()));
        assert_eq!(at(300), Err(TicketError::Expired));
    }

    #[test]
    fn what_we_did_not_sign_is_no_ticket() {
        let (alice, tickets) = (alice(), tickets());
        let ticket = tickets.issue(&alice, &Wish::default(), None, now()).unwrap();
        let (body, tag) = ticket.split_once('.').unwrap();
        let other = Tickets::of_this_process(Duration::seconds(300)).unwrap();
        let bobs = String::from_utf8(URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap().replace("alice", "bobby");
        let bobs = format!("{}.{tag}", URL_SAFE_NO_PAD.encode(bobs));
        for forged in [body, tag, "", ".", &format!("{body}."), &format!("{body}.{tag}A"), &bobs, &"x".repeat(5_000)] {
            assert_eq!(tickets.read(Some(forged), now()).map(|_| ()), Err(TicketError::Forged), "{forged}");
        }
        assert_eq!(other.read(Some(&ticket), now()).map(|_| ()), Err(TicketError::Forged));
        assert_eq!(tickets.read(None, now()).map(|_| ()), Err(TicketError::Missing));
        assert!(Tickets::with_key(b"short", Duration::seconds(1)).is_none());
    }

    #[test]
    fn who_does_not_fit_into_a_cookie_gets_no_ticket() {
        let mut alice = alice();
        alice.groups = vec!["g".repeat(250); 20];
        assert_eq!(tickets().issue(&alice, &Wish::default(), None, now()), Err(TicketError::TooLong));
    }
}
