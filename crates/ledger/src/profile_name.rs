//! The name of a user's profile: a name as it stands, or one that is derived from the user's.
//!
//! SageMaker's names are `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`, without regard to case; users' names are any text. A
//! derived name is the plain one, `alice-fraud` for `{user}-{team}`, only where it can be no other user's: where the
//! user's name has only `a-z` and `0-9`. Otherwise every other character becomes `-`, and a hash of the exact parts
//! follows. So two users never share a derived name:
//!
//! - Under one template two plain names differ as their users do. [`Shape::meets`] tells whether those of two
//!   templates do, and [`Template::person_of`] whose plain name a given one is: a ledger where they clash is refused.
//! - Where the entry names an issuer, the name is hashed with it: the users of one name at two issuers are two.
//! - Two hashed names differ as their hashes do: 80 bits, so that no user finds a name of their own with another's
//!   hash.
//! - A plain name that ends like a hashed one is hashed, too; a name as it stands must not end so.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use studio_acs_identity::folded;

use crate::subject::Person;
use studio_acs_identity::UserProfileName;
use studio_acs_refusal::hex;

/// The most characters of a name.
const LONGEST: usize = 63;
/// The hexadecimal digits of a hash: 80 bits.
const DIGITS: usize = 20;
const USER: &str = "{user}";
const TEAM: &str = "{team}";

/// A user profile's name, for one user or for each of many.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ProfileName {
    /// As it stands.
    Fixed(UserProfileName),
    /// From the user's name.
    Derived(Template),
}

/// The text before and after the user's name, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Template {
    before: String,
    after: String,
    /// Whether every plain name of it would be lossy.
    lossy: bool,
    /// The text and the team, for the hash.
    exact: [String; 2],
    /// The issuer whose users have these names, for the hash; `None` for users of any.
    issuer: Option<String>,
}

impl ProfileName {
    /// Reads a name, or a template with one `{user}` and any number of `{team}`.
    pub(crate) fn parse(text: &str, team: Option<&str>, issuer: Option<&str>) -> Result<Self, String> {
        if text.contains(TEAM) && team.is_none() {
            return Err(format!("`{text}` has a {TEAM}, and the entry has no team"));
        }
        // A team that is not part of the name makes no other name of it.
        let team = folded(team.filter(|_| text.contains(TEAM)).unwrap_or_default());
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let literal = text.replacen(USER, "", 1).replace(TEAM, "");
        if text.len() > LONGEST || !literal.chars().all(fits) {
            return Err(format!(
                "`{text}` is no user profile's name and no template: letters, digits, hyphens, one {USER} and {TEAM}, at most {LONGEST} characters"
            ));
        }
        let Some((before, after)) = text.split_once(USER) else {
            let name = if text.contains(TEAM) { slug(&text.replace(TEAM, &team)) } else { Some(text.to_owned()) };
            let name = name.and_then(|name| UserProfileName::parse(&name)).filter(|name| !looks_hashed(name.as_str()));
            return name.map(Self::Fixed).ok_or_else(|| {
                format!("`{text}` is no user profile's name: letters, digits and inner hyphens, at most {LONGEST}, and not ending like the hash of a derived name")
            });
        };
        let [before, after] = [before, after].map(|part| part.replace(TEAM, &team).to_ascii_lowercase());
        let lossy = !before.chars().chain(after.chars()).all(fits) || before.starts_with('-') || after.ends_with('-');
        // A plain name says nothing of the issuer.
        let lossy = lossy || issuer.is_some();
        let (exact, issuer) = ([text.to_ascii_lowercase(), team], issuer.map(str::to_owned));
        Ok(Self::Derived(Template { before, after, lossy, exact, issuer }))
    }

    /// The profile of `person`.
    pub(crate) fn of(&self, person: &Person) -> Option<UserProfileName> {
        match self {
            Self::Fixed(name) => Some(name.clone()),
            Self::Derived(template) => UserProfileName::parse(&template.of(person)),
        }
    }

    /// Its template, where it is derived.
    pub(crate) fn template(&self) -> Option<&Template> {
        match self {
            Self::Fixed(_) => None,
            Self::Derived(template) => Some(template),
        }
    }
}

impl Template {
    fn of(&self, person: &Person) -> String {
        let Self { before, after, lossy, exact, issuer } = self;
        let name = format!("{before}{}{after}", person.as_str());
        if !lossy && is_plain(person.as_str()) && name.len() <= LONGEST && !looks_hashed(&name) {
            return name;
        }
        let hash = hash(exact.iter().chain(issuer).map(String::as_str).chain([person.as_str()]));
        let room = LONGEST.saturating_sub(DIGITS).saturating_sub(1);
        let start: String = name.chars().take(room).collect();
        match slug(&start) {
            Some(start) => format!("{start}-{hash}"),
            None => hash,
        }
    }

    /// The user whose plain name this one, in lower case, is; `None` if it is no user's.
    pub(crate) fn person_of<'a>(&self, name: &'a str) -> Option<&'a str> {
        let person = name.strip_prefix(&*self.before)?.strip_suffix(&*self.after)?;
        (!self.lossy && is_plain(person) && !looks_hashed(name)).then_some(person)
    }

    /// The shape of its plain names; `None` if it has none.
    pub(crate) fn shape(&self) -> Option<Shape<'_>> {
        let mut segments: Vec<_> = self.before.split('-').map(Segment::Literal).collect();
        let mut after = self.after.split('-');
        if let (Some(Segment::Literal(before)), Some(after)) = (segments.pop(), after.next()) {
            segments.push(Segment::Person(before, after));
        }
        segments.extend(after.map(Segment::Literal));
        (!self.lossy).then_some(Shape(segments))
    }
}

/// The plain names of a template, between their hyphens. People have no hyphens in plain names, so that names are equal
/// where they are equal there.
#[derive(Debug)]
pub(crate) struct Shape<'a>(Vec<Segment<'a>>);

/// The text between two hyphens.
#[derive(Debug)]
enum Segment<'a> {
    Literal(&'a str),
    /// The user's name, between these.
    Person(&'a str, &'a str),
}

impl Shape<'_> {
    /// Whether two different people may have the same plain name, one by each.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        if self.0.len() != other.0.len() {
            return false;
        }
        // The users that the two names would be of: each is the other name's letters in the user's place.
        let (mut first, mut second) = (None, None);
        let mut anybody = false;
        for pair in self.0.iter().zip(&other.0) {
            let fits = match pair {
                (Segment::Literal(one), Segment::Literal(other)) => one == other,
                (Segment::Person(before, after), Segment::Literal(literal)) => {
                    first = between(before, literal, after);
                    first.is_some()
                }
                (Segment::Literal(literal), Segment::Person(before, after)) => {
                    second = between(before, literal, after);
                    second.is_some()
                }
                (Segment::Person(before, after), Segment::Person(other_before, other_after)) => {
                    anybody = (before, after) != (other_before, other_after);
                    anybody
                        && (before.starts_with(other_before) || other_before.starts_with(before))
                        && (after.ends_with(other_after) || other_after.ends_with(after))
                }
            };
            if !fits {
                return false;
            }
        }
        anybody || first != second
    }
}

/// The user whose name is `literal` without these.
fn between<'a>(before: &str, literal: &'a str, after: &str) -> Option<&'a str> {
    literal.strip_prefix(before)?.strip_suffix(after).filter(|person| is_plain(person))
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Whether `name` might be a derived one with its hash.
fn looks_hashed(name: &str) -> bool {
    let name = name.as_bytes();
    let Some((start, end)) = name.len().checked_sub(DIGITS).and_then(|at| name.split_at_checked(at)) else {
        return false;
    };
    end.iter().all(u8::is_ascii_hexdigit) && start.last().is_none_or(|byte| *byte == b'-')
}

/// `text` with a single `-` for what a name cannot hold, and none at its ends; `None` if nothing is left.
fn slug(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    Some(words.collect::<Vec<_>>().join("-")).filter(|slug| !slug.is_empty())
}

/// The first bits of a hash in which each part's end is known.
fn hash<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let framed: String = parts.map(|part| format!("{}:{part}", part.len())).collect();
    let digest = digest(&SHA256, framed.as_bytes());
    hex(digest.as_ref()).chars().take(DIGITS).collect()
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(name) => name.fmt(f),
            Self::Derived(Template { exact: [text, _], .. }) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests;
