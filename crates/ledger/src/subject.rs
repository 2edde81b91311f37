//! Whom an entry is for.

use std::fmt;
use studio_acs_identity::folded;

/// The most characters of a user's or a group's name.
pub(crate) const LONGEST: usize = 256;

/// A user, or every member of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One user.
    User(Person),
    /// A group, as the identity provider names it, letter for letter.
    Group(String),
}

impl Subject {
    /// The group of this name: 1 to 256 characters without controls.
    pub fn group(name: &str) -> Option<Self> {
        is_name(name).then(|| Self::Group(name.to_owned()))
    }

    /// The subject that is written like this, as [`fmt::Display`] writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_once('#')? {
            ("user", name) => Person::parse(name).map(Self::User),
            ("group", name) => Self::group(name),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(person) => write!(f, "user#{}", person.as_str()),
            Self::Group(name) => write!(f, "group#{name}"),
        }
    }
}

/// A user's name, in the one spelling that stands for all that differ only in case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(String);

impl Person {
    /// Takes 1 to 256 characters without controls.
    pub fn parse(name: &str) -> Option<Self> {
        is_name(name).then(|| Self(folded(name)))
    }

    /// The name, folded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().take(LONGEST.saturating_add(1)).count() <= LONGEST
        && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_alone_makes_nobody_another() {
        for (one, other) in [("Alice", "alice"), ("ALICE@Corp.Example", "alice@corp.example"), ("ÄNNE", "änne")] {
            assert_eq!(Person::parse(one), Person::parse(other), "{one}");
        }
    }

    #[test]
    fn letters_that_look_alike_are_others() {
        for (one, other) in [("\u{212a}ate", "kate"), ("аlice", "alice"), ("\u{130}van", "ivan"), ("ﬁona", "fiona")]
        {
            assert_ne!(Person::parse(one), Person::parse(other), "{one}");
        }
    }

    #[test]
    fn names_are_bounded_and_printable() {
        for name in ["", " ", "\u{3000}", "a\nb", "a\0", &"a".repeat(257)] {
            assert_eq!(Person::parse(name), None, "{name:?}");
            assert_eq!(Subject::group(name), None, "{name:?}");
        }
        assert!(Person::parse(&"ä".repeat(256)).is_some());
    }

    #[test]
    fn a_subject_is_written_and_read() {
        for text in ["user#alice@corp.example", "group#Data Scientists", "user#group#x"] {
            assert_eq!(Subject::parse(text).map(|subject| subject.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Subject::parse("team#fraud"), None);
        assert_ne!(Subject::group("Admins"), Subject::group("admins"));
    }
}
