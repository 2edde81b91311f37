//! The accepted rows of the manifest, and what a mutant of one may say.

use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};
use time::{Duration, UtcDateTime};

use fixtures::manifest::{self, Row, Verdict};
use fixtures::mutate::{Random, Source};

/// How many other messages a message is spliced with.
const DONORS: usize = 6;

/// An accepted row: the message, who receives it when, and what it says.
pub struct Case {
    pub name: String,
    pub source: Source,
    /// Other messages that the same service accepts at the same time, by their places.
    pub donors: Vec<usize>,
    /// The values of this message, then those of the donors that the row's own service accepts.
    pub signed: Vec<Facts>,
    pub service: Service,
}

/// The receiver of the message, and the time.
pub struct Service {
    verifier: Verifier,
    /// The body's type where the message is a form.
    form: Option<String>,
    outstanding: Option<String>,
    /// The names of the attributes that hold the user and the domain.
    pub identity: [String; 2],
    pub now: UtcDateTime,
}

/// Everything a verified assertion says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub issuer: String,
    pub id: String,
    pub not_on_or_after: UtcDateTime,
    pub session_not_on_or_after: Option<UtcDateTime>,
    /// The user and the domain, as the service reads them.
    pub identity: [String; 2],
    /// All attributes and values.
    pub attributes: String,
    pub signed: Vec<&'static str>,
    pub algorithm: &'static str,
}

impl Facts {
    /// Whether they are those of `original`. A signature may have gone if another is left, as the facts are the same;
    /// and a value may be withheld.
    pub fn are_of(&self, original: &Self) -> bool {
        let fewer = self.signed.len() < original.signed.len();
        let same = Self {
            signed: if fewer { self.signed.clone() } else { original.signed.clone() },
            algorithm: if fewer { self.algorithm } else { original.algorithm },
            attributes: self.attributes.clone(),
            ..original.clone()
        };
        *self == same && !self.signed.is_empty() && are_or_withheld(&self.attributes, &original.attributes)
    }

    /// The second step may refuse too: reading the user and the domain.
    fn of(assertion: &VerifiedAssertion, identity: &[String; 2]) -> Result<Self, Rejection> {
        let [user, domain] = identity.each_ref().map(|name| assertion.attribute(name).map(str::to_owned));
        // Only the debug output lists the attributes.
        let shown = format!("{assertion:?}");
        let (_, attributes) = shown.split_once("attributes: ").expect("attributes are shown");
        Ok(Self {
            issuer: assertion.issuer().to_owned(),
            id: assertion.id().to_owned(),
            not_on_or_after: assertion.not_on_or_after(),
            session_not_on_or_after: assertion.session_not_on_or_after(),
            identity: [user?, domain?],
            attributes: attributes.to_owned(),
            signed: assertion.signed(),
            algorithm: assertion.algorithm(),
        })
    }
}

/// Whether `attributes` are `original` except for values that are `None`: a comment, which canonical form leaves out,
/// makes a value unreadable.
fn are_or_withheld(attributes: &str, original: &str) -> bool {
    let value = |rest: &str| {
        let text = rest.strip_prefix("Some(\"")?;
        let escaped =
            |(at, _): &(usize, char)| text[..*at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        let end = text.char_indices().find(|place| place.1 == '"' && !escaped(place))?.0;
        text[end..].strip_prefix("\")").map(str::to_owned)
    };
    let mut parts = attributes.split("None");
    let Some(mut rest) = parts.next().and_then(|part| original.strip_prefix(part)).map(str::to_owned) else {
        return false;
    };
    for part in parts {
        let after = rest.strip_prefix("None").map(str::to_owned).or_else(|| value(&rest));
        match after.as_deref().and_then(|after| after.strip_prefix(part)) {
            Some(after) => rest = after.to_owned(),
            None => return false,
        }
    }
    rest.is_empty()
}

impl Case {
    /// Every accepted row.
    pub fn all() -> Vec<Self> {
        let mut rows = manifest::rows("library");
        rows.retain(|row| row.expect == Verdict::Accept);
        let mut cases: Vec<_> = rows.iter().map(Self::of).collect();
        for at in 0..cases.len() {
            cases[at].donors = donors(&rows, at);
            let source = |at: usize| verify(&cases[at], &cases[at].source.bytes);
            let own = source(at).unwrap_or_else(|code| panic!("{}: {code}", cases[at].name));
            let others =
                cases[at].donors.iter().filter_map(|donor| verify(&cases[at], &cases[*donor].source.bytes).ok());
            cases[at].signed = std::iter::once(own).chain(others).collect();
        }
        cases
    }

    fn of(row: &Row) -> Self {
        let now = instant::parse(&row.at).expect("a time");
        let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("metadata is UTF-8");
        let idps = TrustedIdps::from_metadata(&metadata, now).unwrap_or_else(|error| panic!("{}: {error}", row.name));
        let mut us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]);
        us.require_signed =
            row.require_signed.as_deref().map_or(Ok(us.require_signed), str::parse).expect("a known value");
        us.skew = row.skew.map_or(us.skew, |skew| Duration::seconds(skew.into()));
        us.max_age = row.max_age.map_or(us.max_age, |age| Duration::seconds(age.into()));
        let file = row.file.as_ref().or(row.form.as_ref()).expect("a file or a form");
        Self {
            name: row.name.clone(),
            source: Source::new(manifest::read(file)),
            donors: Vec::new(),
            signed: Vec::new(),
            service: Service {
                verifier: Verifier::new(idps, us),
                form: row.form.is_some().then(|| row.content_type.clone()),
                outstanding: row.in_response_to.clone(),
                identity: [
                    row.user_attribute.clone().unwrap_or("username".to_owned()),
                    row.domain_attribute.clone().unwrap_or("domain-id".to_owned()),
                ],
                now,
            },
        }
    }
}

/// Messages of the same identity provider to the same service: other users' first, then any.
fn donors(rows: &[Row], of: usize) -> Vec<usize> {
    let row = &rows[of];
    let like = |other: &Row| {
        (&other.metadata, &other.audience, &other.acs_url, &other.at)
            == (&row.metadata, &row.audience, &row.acs_url, &row.at)
            && other.file.is_some()
            && other.file != row.file
    };
    let mut donors: Vec<_> = (0..rows.len()).filter(|other| like(&rows[*other])).collect();
    let mut random = Random::of(&row.name, 0);
    donors.sort_by_cached_key(|other| (rows[*other].user == row.user, random.number()));
    // Half of them other users.
    let others = donors.iter().filter(|other| rows[**other].user != row.user).count();
    donors.drain(others.min(DONORS / 2)..others);
    donors.truncate(DONORS);
    if row.form.is_some() { Vec::new() } else { donors }
}

/// Verifies `bytes` in place of the row's message: the facts, or the code.
pub fn verify(case: &Case, bytes: &[u8]) -> Result<Facts, String> {
    let service = &case.service;
    let refused = |rejection: Rejection| rejection.code().to_owned();
    let response = match &service.form {
        None => UnverifiedResponse::from_xml(bytes.to_vec()),
        Some(form) => UnverifiedResponse::from_form(Some(form), bytes),
    };
    let response = response.map_err(refused)?;
    let outstanding = service.outstanding.as_deref();
    let assertion = service.verifier.verify(response, outstanding, service.now, &mut ()).map_err(refused)?;
    Facts::of(&assertion, &service.identity).map_err(refused)
}
