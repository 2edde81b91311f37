//! Names that SageMaker takes, and names that people may have.

use std::fmt;

use studio_acs_refusal::{is_plain, list_beside};

/// The most characters of a name of either kind (SageMaker API, `UserProfileName` and `DomainId`).
pub(crate) const LONGEST: usize = 63;

/// A name that SageMaker takes for a user profile: `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`, at most 63 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserProfileName(String);

impl UserProfileName {
    /// Takes `name` if it has the format; <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html>.
    pub fn parse(name: &str) -> Option<Self> {
        is_dashed(name, |c| c.is_ascii_alphanumeric()).then(|| Self(name.to_owned()))
    }

    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ID of a Studio domain: `d-(-*[a-z0-9]){1,61}`, at most 63 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainId(String);

impl DomainId {
    /// Takes `id` if it has the format; <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html>.
    pub fn parse(id: &str) -> Option<Self> {
        let rest = id.strip_prefix("d-")?.trim_start_matches('-');
        let fits = id.len() <= LONGEST && is_dashed(rest, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
        fits.then(|| Self(id.to_owned()))
    }

    /// The ID as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `[x](-*[x])*`, at most [`LONGEST`] characters.
fn is_dashed(name: &str, x: impl Fn(char) -> bool) -> bool {
    name.len() <= LONGEST && name.starts_with(&x) && name.ends_with(&x) && name.chars().all(|c| c == '-' || x(c))
}

impl fmt::Display for UserProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DomainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The most bytes of a user's name, where a ledger says which profile it stands for.
const LONGEST_USER: usize = 256;

/// The characters that compatibility normalisation (Unicode NFKC) makes an `@` of. A reader that normalises names finds an
/// address, or a second domain, where we find none; folding them here would not change what that reader finds.
const OTHER_ATS: [char; 2] = ['\u{ff20}', '\u{fe6b}'];

/// Whether a user can be known by `name`: text that can be shown and compared, and no address that readers take apart
/// differently. With two `@`, of `a@b@c`, some take `b` for the domain and others `c`.
pub(crate) fn is_user(name: &str) -> bool {
    let has_clear_domain = match name.split_once('@') {
        None => true,
        Some((local, domain)) => !local.is_empty() && !domain.is_empty() && !domain.contains('@'),
    };
    is_name(name) && has_clear_domain && !name.contains(OTHER_ATS)
}

/// The form that [`is_user`] asks for, of the attribute or claim `name`.
pub(crate) fn user_expected(name: &str) -> String {
    format!(
        "{name} of 1 to {LONGEST_USER} bytes of plain text, with one @ at most, which is inside, and no other form of it"
    )
}

/// A name that is none, as a refusal shows it.
pub(crate) fn user_found(name: &str) -> String {
    match (name.len(), list_beside(&[name], &[])) {
        (0, _) => "an empty value".to_owned(),
        (length, shown) if length > LONGEST_USER => format!("{shown} of {length} bytes"),
        (_, shown) => shown,
    }
}

/// Text that can be shown and compared: not empty, not too long, without hidden characters or edges of white space.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_USER && text.trim() == text && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_profile_names() {
        let longest = "a".repeat(63);
        for name in ["a", "Alice", "a-b", "a--b9", "0", longest.as_str()] {
            assert!(UserProfileName::parse(name).is_some(), "{name}");
        }
        let too_long = "a".repeat(64);
        for name in ["", "-a", "a-", "a.b", "a@b", "a b", " a", "ä", "a\n", "а", too_long.as_str()] {
            assert!(UserProfileName::parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn users_have_one_domain_at_most() {
        for name in ["ana", "ana@corp.example", "corp\\ana", "ana#EXT#@corp.example", "Ana Müller"] {
            assert!(is_user(name), "{name}");
        }
        let too_long = "a".repeat(LONGEST_USER + 1);
        for name in ["", " ana", "a@b@c", "a@@b", "\"a@b\"@c", "a@b,c@d", "@corp.example", "ana@", "@", &too_long] {
            assert!(!is_user(name), "{name}");
        }
        for (name, found) in [
            ("", "an empty value"),
            (" ana", "\" ana\""),
            ("ana\u{a0}", "ana\\u{a0}"),
            ("\u{430}na", "\\u{430}na"),
            ("a@b@c", "a@b@c"),
        ] {
            assert_eq!(user_found(name), found);
        }
        assert!(user_found(&too_long).ends_with("aa\u{2026} of 257 bytes"), "{}", user_found(&too_long));
        for name in ["ana\u{ff20}corp.example", "ana\u{fe6b}corp.example", "a@b\u{ff20}c", "\u{fe6b}"] {
            assert!(!is_user(name), "{name}");
        }
    }

    #[test]
    fn domain_ids() {
        let longest = format!("d-{}", "a".repeat(61));
        for id in ["d-abcdefghijkl", "d-1", "d--a", longest.as_str()] {
            assert!(DomainId::parse(id).is_some(), "{id}");
        }
        let too_long = format!("d-{}", "a".repeat(62));
        for id in ["", "d-", "d-A", "D-a", "d-a-", "x-a", "d-a ", "d_a", too_long.as_str()] {
            assert!(DomainId::parse(id).is_none(), "{id}");
        }
    }
}
