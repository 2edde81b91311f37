//! The [`Groups`] of a user: the values of a credential that name one, and how many do not.

use std::fmt;

use studio_acs_refusal::{BrokenRule, counted, is_plain, printable};

use crate::group_names::AbsentGroups;
use crate::group_use::GroupUse;

/// The most groups of a user.
const MOST_GROUPS: usize = 1_000;

/// The most characters of a group's name, as in a ledger.
const LONGEST_GROUP: usize = 256;

/// The most characters of a value that is too long which are shown.
const MOST_OF_ONE: usize = 80;

/// The most unusable values that are shown.
const MOST_SHOWN: usize = 10;

/// The groups of a user, as far as a credential names them, and the number of its values that name none. Every reader of
/// groups calls [`Groups::check`] first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    names: Vec<String>,
    unusable: usize,
    /// The first of the unusable values.
    shown: Vec<UnusableGroup>,
    elsewhere: Option<String>,
    /// Set where the attribute or the claim is absent.
    absent: Option<AbsentGroups>,
    is_commented: bool,
}

/// A value of the group attribute or the group claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupValue<'a> {
    /// A text, which may name a group.
    Text(&'a str),
    /// No value, as the identity provider says (`xsi:nil`).
    Nil,
    /// Text with a comment in it. No signature covers a comment, so that users may withhold a group of theirs by one.
    Commented,
    /// An element of this name.
    Element(&'a str),
    /// A value of another type of JSON, in words.
    OtherType(&'static str),
}

/// A value that names no group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusableGroup {
    value: String,
    why: UnusableWhy,
}

/// The reason why a value names no group.
#[derive(Debug, Clone, PartialEq, Eq)]
enum UnusableWhy {
    Empty,
    TooLong(usize),
    WhiteSpace,
    Hidden,
    Nil,
    Commented,
    Element,
    OtherType,
    TooMany,
}

studio_acs_refusal::rules! {
    /// The rules of a user's groups, in the order in which they are checked.
    pub enum GroupCheck;

    /// Ours: a user with more groups than a credential holds must not pass for a user without any.
    Here = "groups_incomplete", Groups, "the groups are in the credential and not elsewhere, where they are read";
    /// Ours: no signature covers a comment, and a user who inserts one must not be rid of a group.
    Whole = "groups_incomplete", Groups, "no group value has a comment in it, where groups are read";
    /// Ours: a user whose membership is not known must not pass for a user who is no member.
    Complete = "groups_incomplete", Groups, "every group value is usable, where a policy restricts by groups";
}

/// A rule of groups that was broken.
pub type GroupRejection = studio_acs_refusal::Rejection<GroupCheck>;

/// The stage of such rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The user's groups.
    Groups,
}

impl GroupCheck {
    /// Returns the rule with its stage and code, for lists of rules.
    pub fn broken_rule(self) -> BrokenRule {
        BrokenRule { stage: "groups", code: self.code(), rule: self.rule() }
    }
}

impl Groups {
    /// The groups that `values` name. A value is compared as it is: white space around a name would make it another
    /// group's. `elsewhere` is what the credential has in place of groups that it does not hold.
    pub fn of<'a>(values: impl IntoIterator<Item = GroupValue<'a>>, elsewhere: Option<String>) -> Self {
        let mut groups = Self { elsewhere, ..Self::default() };
        for value in values {
            groups.is_commented |= value == GroupValue::Commented;
            match usable(value, groups.names.len()) {
                Ok(name) => groups.names.push(name.to_owned()),
                Err(why) => groups.skip(value, why),
            }
        }
        groups
    }

    /// The same without the attribute or the claim that holds groups.
    #[must_use]
    pub(crate) fn absent(self, absent: AbsentGroups) -> Self {
        Self { absent: Some(absent), ..self }
    }

    /// The groups of a resume token, which keeps only the number of unusable values.
    pub(crate) fn resumed(names: Vec<String>, unusable: usize, is_doubtful: bool) -> Self {
        let elsewhere = is_doubtful.then(|| "a credential that does not hold all of them".to_owned());
        Self { names, unusable, elsewhere, ..Self::default() }
    }

    /// Whether every reader has to refuse: groups are elsewhere, or a comment stands in a value.
    pub fn is_doubtful(&self) -> bool {
        self.elsewhere.is_some() || self.is_commented
    }

    fn skip(&mut self, value: GroupValue<'_>, why: UnusableWhy) {
        self.unusable = self.unusable.saturating_add(1);
        if self.shown.len() < MOST_SHOWN {
            let value = match value {
                GroupValue::Text(value) | GroupValue::Element(value) => printable(value),
                GroupValue::OtherType(what) => what.to_owned(),
                GroupValue::Nil | GroupValue::Commented => String::new(),
            };
            self.shown.push(UnusableGroup { value, why });
        }
    }

    /// The names, letter for letter.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of values that name no group.
    pub fn unusable(&self) -> usize {
        self.unusable
    }

    /// The first of the values that name no group.
    pub fn unusable_values(&self) -> &[UnusableGroup] {
        &self.shown
    }

    /// The credential's word on groups that it does not hold; `None` where it says of none.
    pub fn elsewhere(&self) -> Option<&str> {
        self.elsewhere.as_deref()
    }

    /// The absence of the attribute or the claim that holds groups, and the names that may stand for it, in words; `None`
    /// where it is there, and after a resume token.
    pub fn absence(&self) -> Option<String> {
        self.absent.as_ref().map(ToString::to_string)
    }

    /// Asks whether enough of the groups is known for the use that is made of them.
    ///
    /// # Errors
    /// [`GroupRejection`].
    pub fn check(&self, used: GroupUse) -> Result<(), GroupRejection> {
        if let Some(elsewhere) = self.elsewhere.as_deref().filter(|_| used >= GroupUse::Widens) {
            return Err(GroupCheck::Here.reject("the groups in the credential", elsewhere));
        }
        if used >= GroupUse::Widens && self.is_commented {
            return Err(GroupCheck::Whole.reject("group values in plain text", self.unusable_in_words()));
        }
        if used == GroupUse::Restricts && self.unusable > 0 {
            let expected = format!(
                "at most {MOST_GROUPS} group values, each a name of 1 to {LONGEST_GROUP} characters of plain text, since a policy restricts by groups"
            );
            return Err(GroupCheck::Complete.reject(expected, self.unusable_in_words()));
        }
        Ok(())
    }

    /// The unusable values in words; empty where every value is usable.
    pub fn unusable_in_words(&self) -> String {
        let shown = self.shown.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match (self.unusable, shown.is_empty()) {
            (0, _) => String::new(),
            (count, true) => format!("values that name no group: {count}"),
            (count, false) if count > self.shown.len() => {
                let others = counted(count.saturating_sub(self.shown.len()), "other");
                format!("values that name no group: {shown}, and {others}")
            }
            (_, false) => format!("values that name no group: {shown}"),
        }
    }
}

/// Returns the name of a group, or why `value` is none.
fn usable(value: GroupValue<'_>, names: usize) -> Result<&str, UnusableWhy> {
    let text = match value {
        GroupValue::Text(text) => text,
        GroupValue::Nil => return Err(UnusableWhy::Nil),
        GroupValue::Commented => return Err(UnusableWhy::Commented),
        GroupValue::Element(_) => return Err(UnusableWhy::Element),
        GroupValue::OtherType(_) => return Err(UnusableWhy::OtherType),
    };
    let length = text.chars().count();
    if text.trim().is_empty() {
        Err(UnusableWhy::Empty)
    } else if length > LONGEST_GROUP {
        Err(UnusableWhy::TooLong(length))
    } else if text.trim() != text {
        Err(UnusableWhy::WhiteSpace)
    } else if !text.chars().all(is_plain) {
        Err(UnusableWhy::Hidden)
    } else if names >= MOST_GROUPS {
        Err(UnusableWhy::TooMany)
    } else {
        Ok(text)
    }
}

impl fmt::Display for UnusableGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = &self.value;
        match &self.why {
            UnusableWhy::Empty => f.write_str("an empty value"),
            UnusableWhy::TooLong(length) => {
                let beginning: String = value.chars().take(MOST_OF_ONE).collect();
                write!(f, "\"{beginning}…\" of {length} characters, where {LONGEST_GROUP} is the most")
            }
            UnusableWhy::WhiteSpace => write!(f, "\"{value}\" with white space around it"),
            UnusableWhy::Hidden => write!(f, "\"{value}\" with a hidden character"),
            UnusableWhy::Nil => f.write_str("a value that is nil (xsi:nil)"),
            UnusableWhy::Commented => f.write_str("a value with a comment in it"),
            UnusableWhy::Element => write!(f, "a value with an element {value} in it"),
            UnusableWhy::OtherType => f.write_str(value),
            UnusableWhy::TooMany => write!(f, "\"{value}\" after the first {MOST_GROUPS}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Groups {
        Groups::of(values.iter().map(|value| GroupValue::Text(value)), None)
    }

    #[test]
    fn a_value_that_names_no_group_is_skipped_counted_and_told_of() {
        let long = "g".repeat(LONGEST_GROUP + 1);
        for (value, why) in [
            ("", "an empty value"),
            (" \n", "an empty value"),
            ("\n    risk\n  ", "\"\\u{a}    risk\\u{a}  \" with white space around it"),
            ("risk\u{a0}", "\"risk\\u{a0}\" with white space around it"),
            ("ri\u{200b}sk", "\"ri\\u{200b}sk\" with a hidden character"),
            (&long, "of 257 characters"),
        ] {
            let groups = of(&["fraud", value, "pricing"]);
            assert_eq!((groups.names(), groups.unusable()), (&["fraud".to_owned(), "pricing".to_owned()][..], 1));
            let told = groups.unusable_in_words();
            assert!(told.starts_with("values that name no group: ") && told.contains(why), "{told}");
        }
        for (value, told) in [
            (GroupValue::Nil, "values that name no group: a value that is nil (xsi:nil)"),
            (GroupValue::Element("NameID"), "values that name no group: a value with an element NameID in it"),
            (GroupValue::OtherType("a value that is a number"), "values that name no group: a value that is a number"),
        ] {
            let groups = Groups::of([value], None);
            assert_eq!((groups.names().len(), &*groups.unusable_in_words()), (0, told));
            assert!(groups.check(GroupUse::Widens).is_ok() && groups.check(GroupUse::Restricts).is_err(), "{told}");
        }
        assert_eq!(
            of(&["\u{e4}".repeat(LONGEST_GROUP).as_str()]).unusable(),
            0,
            "characters are counted, and not bytes"
        );
    }

    #[test]
    fn too_many_are_cut_counted_and_shown_in_part() {
        let names: Vec<_> = (0..MOST_GROUPS + 30).map(|number| format!("g{number}")).collect();
        let groups = Groups::of(names.iter().map(|name| GroupValue::Text(name)), None);
        assert_eq!((groups.names().len(), groups.unusable(), groups.unusable_values().len()), (MOST_GROUPS, 30, 10));
        assert!(groups.unusable_in_words().ends_with("and 20 others"), "{}", groups.unusable_in_words());
    }

    #[test]
    fn as_much_has_to_be_known_as_is_read() {
        let (all, some) = (of(&["a"]), of(&["a", ""]));
        let elsewhere = Groups::of([GroupValue::Text("a")], Some("a link".to_owned()));
        let commented = Groups::of([GroupValue::Text("a"), GroupValue::Commented], None);
        for (groups, least_that_refuses) in [
            (&all, None),
            (&some, Some(GroupUse::Restricts)),
            (&elsewhere, Some(GroupUse::Widens)),
            (&commented, Some(GroupUse::Widens)),
        ] {
            for used in [GroupUse::Unread, GroupUse::Widens, GroupUse::Restricts] {
                let refused = groups.check(used).err().map(|rejection| rejection.code());
                let expected = least_that_refuses.filter(|least| used >= *least).map(|_| "groups_incomplete");
                assert_eq!(refused, expected, "{groups:?} {used:?}");
            }
        }
    }
}
