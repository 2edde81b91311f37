//! Names that no identity provider sends as they stand.

use studio_acs_refusal::is_plain;

use crate::report::placeholder::placeholder;

/// Returns the oddity of the name of a user, if `is_user`, or of a group.
pub(super) fn odd_name(name: &str, is_user: bool) -> Option<&'static str> {
    let is_hidden = |c: char| c != ' ' && (c.is_whitespace() || !is_plain(c));
    if name.trim() != name {
        return Some("has a space at an edge");
    }
    if name.contains(is_hidden) {
        return Some("has a no-break space or a character without width");
    }
    if is_quoted(name) {
        return Some("has quotation marks around it, twice in the text");
    }
    if name.contains('*') || matches!(name.to_lowercase().as_str(), "all" | "any" | "everyone" if is_user) {
        return Some("is no pattern: an entry is for one user or for one group");
    }
    if is_user && name.contains([',', ';']) && !name.contains('=') {
        return Some("is a list, and an entry is for one user");
    }
    placeholder(name).map(|_| "is an example's name")
}

/// Whether quotation marks stand around the text, as they do where two programs each wrote a pair.
pub(super) fn is_quoted(text: &str) -> bool {
    const MARKS: [char; 10] =
        ['"', '\'', '`', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}'];
    text.chars().count() > 1 && text.starts_with(MARKS) && text.ends_with(MARKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_they_are_sent_are_not_odd() {
        for name in [
            "alice",
            "alice@corp.example",
            "Data Scientists",
            "CN=Admins,OU=Groups,DC=corp,DC=example",
            "CORP\\alice",
            "o'brien",
            "S-1-5-21-1004336348-1177238915-682003330-512",
            "m\u{fc}ller",
            "/Studio/Admins",
            "your.name",
        ] {
            assert_eq!(odd_name(name, !name.contains('=')), None, "{name}");
        }
    }

    #[test]
    fn odd_names_are_told() {
        for (name, words) in [
            ("alice ", "space at an edge"),
            (" alice", "space at an edge"),
            ("\u{a0}alice", "space at an edge"),
            ("ali\u{200b}ce", "without width"),
            ("alice\u{feff}", "without width"),
            ("data\u{a0}scientists", "no-break space"),
            ("\"alice\"", "quotation marks"),
            ("'alice'", "quotation marks"),
            ("\u{201c}alice\u{201d}", "quotation marks"),
            ("*", "pattern"),
            ("*@corp.example", "pattern"),
            ("alice, bob", "a list"),
            ("alice;bob", "a list"),
            ("<user>", "example"),
            ("YOUR_USER", "example"),
        ] {
            assert!(odd_name(name, true).is_some_and(|odd| odd.contains(words)), "{name}: {:?}", odd_name(name, true));
        }
    }
}
