//! A [`Rejection`]: the rule that was broken, and what was expected and found.

use std::borrow::Cow;
use std::fmt::{self, Debug, Display};

use crate::printable::{printable, printable_within};

/// The most characters of a sender's explanation that are shown, with the words around it.
const EXPLANATION_LIMIT: usize = 1024;

/// A rule that [`rules!`](crate::rules) declares.
pub trait Rule: Copy + Eq + Debug + 'static {
    /// Returns the stable code that a breach is reported under. Several rules may share one.
    fn code(self) -> &'static str;

    /// Returns the rule in a few words.
    fn rule(self) -> &'static str;
}

/// A rule that was broken. It holds nothing secret: names, URLs, times and identifiers, cut to a bounded length, with
/// control and formatting characters escaped, and never the message itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection<C> {
    check: C,
    expected: String,
    found: String,
}

impl<C: Rule> Rejection<C> {
    /// A breach of `check`, which asks for `expected`, and `found` something else.
    pub fn new(check: C, expected: impl Into<Cow<'static, str>>, found: impl Display) -> Self {
        Self { check, expected: printable(&expected.into()), found: printable(&found.to_string()) }
    }

    /// The same with a longer value: a sender's own explanation, which was bounded and escaped by the caller.
    pub fn explained(check: C, expected: impl Into<Cow<'static, str>>, found: impl Display) -> Self {
        let found = printable_within(&found.to_string(), EXPLANATION_LIMIT);
        Self { found, ..Self::new(check, expected, "") }
    }

    /// The rule that was broken.
    pub fn check(&self) -> C {
        self.check
    }

    /// The stable code of the rule, such as `audience_mismatch`.
    pub fn code(&self) -> &'static str {
        self.check.code()
    }

    /// The value that the rule asks for, as configured where it is configured.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The value that was found: bounded, printable, and written by the sender.
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl<C: Rule> Display for Rejection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.check.rule(), self.expected, self.found)
    }
}

impl<C: Rule> std::error::Error for Rejection<C> {}

/// Receives each rule that holds, in order, with the value that was found. The server passes `()`.
pub trait Trace<C> {
    /// `check` holds for `found`.
    fn passed(&mut self, check: C, found: &dyn Display);
}

impl<C> Trace<C> for () {
    fn passed(&mut self, _: C, _: &dyn Display) {}
}

/// The rules that hold so far, in order, with what was found.
impl<C> Trace<C> for Vec<(C, String)> {
    fn passed(&mut self, check: C, found: &dyn Display) {
        self.push((check, printable(&found.to_string())));
    }
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the methods that the macro writes")]
mod tests {
    use super::*;

    crate::rules! {
        /// The rules of this test, in order.
        enum Check;

        /// A rule.
        Audience = "audience_mismatch", Only, "the audience is ours";
    }

    /// The stages of this test.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Stage {
        Only,
    }

    #[test]
    fn found_and_expected_are_bounded_and_printable() {
        let text = format!("\u{9b}2J\nb\u{202E}\u{200B}\u{1b}[2J'{}", "x".repeat(500));
        let rejection = Check::Audience.reject(text.clone(), text);
        for shown in [rejection.found(), rejection.expected()] {
            assert!(shown.starts_with("\\u{9b}2J\\u{a}b\\u{202e}\\u{200b}\\u{1b}[2J'xxx"), "{shown}");
            assert!(shown.ends_with('…') && shown.len() < 280, "{shown}");
        }
        assert_eq!(Check::ALL.iter().map(|check| check.stage()).collect::<Vec<_>>(), [Stage::Only]);
    }

    #[test]
    fn a_list_records_the_rules_that_hold() {
        let mut trace = Vec::new();
        trace.passed(Check::Audience, &"us\n");
        assert_eq!(trace, [(Check::Audience, "us\\u{a}".to_owned())]);
        ().passed(Check::Audience, &"us");
    }

    #[test]
    fn a_rejection_names_the_rule_its_code_and_both_values() {
        let rejection = Check::Audience.reject("https://us.example/", "https://them.example/");
        assert_eq!((rejection.check(), rejection.code()), (Check::Audience, "audience_mismatch"));
        let expected = "the audience is ours: expected https://us.example/, found https://them.example/";
        assert_eq!(rejection.to_string(), expected);
    }
}
