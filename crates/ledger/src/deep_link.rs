//! The place in Studio that a sign-in opens: a page of an application, in a space.

use std::fmt;

use studio_acs_identity::UserProfileName;

/// The most characters of a landing URI.
const LONGEST: usize = 1023;
/// The most characters of a link's alias.
const LONGEST_ALIAS: usize = 64;
/// The `RelayState` of an approver, who comes to decide on others' requests, and not to open Studio.
pub const REVIEW: &str = "approvals";
/// The applications that have landing pages.
const APPS: [&str; 5] = ["Canvas", "CodeEditor", "JupyterLab", "JupyterServer", "RStudioServerPro"];

/// A `LandingUri`: `studio::PATH`, or `app:APP:PATH` with an application that has landing pages
/// (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandingUri(String);

impl LandingUri {
    /// Takes such a URI with a relative path, which may be empty, of letters, digits, `.`, `_`, `~`, `-` between single
    /// `/`; and only an application's name, for its front page.
    pub fn parse(text: &str) -> Option<Self> {
        if APPS.contains(&text) {
            return Some(Self(format!("app:{text}:")));
        }
        let path = text.strip_prefix("studio::").or_else(|| {
            let (app, path) = text.strip_prefix("app:")?.split_once(':')?;
            APPS.contains(&app).then_some(path)
        })?;
        (text.len() <= LONGEST && is_path(path)).then(|| Self(text.to_owned()))
    }

    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_path(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
    let is_step = |step: &str| !step.is_empty() && step != "." && step != ".." && step.chars().all(plain);
    path.is_empty() || path.strip_suffix('/').unwrap_or(path).split('/').all(is_step)
}

/// A space's name, which has the format of a user profile's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceName(String);

impl SpaceName {
    /// Takes `name` if it has the format; <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateSpace.html>.
    pub fn parse(name: &str) -> Option<Self> {
        UserProfileName::parse(name).map(|_| Self(name.to_owned()))
    }

    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The target of a deep link. A request names it by its alias and says nothing else about where to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeepLink {
    pub(crate) landing: Option<LandingUri>,
    pub(crate) space: Option<SpaceName>,
}

impl DeepLink {
    /// The page.
    pub fn landing(&self) -> Option<&LandingUri> {
        self.landing.as_ref()
    }

    /// The space.
    pub fn space(&self) -> Option<&SpaceName> {
        self.space.as_ref()
    }
}

/// Whether a link may be called so: `[a-z0-9-]{1,64}`, and not as the page is called where approvers decide.
pub(crate) fn is_alias(text: &str) -> bool {
    text != REVIEW
        && (1..=LONGEST_ALIAS).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

impl fmt::Display for LandingUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SpaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landings() {
        for text in ["studio::", "studio::relative/path", "app:JupyterServer:", "app:JupyterLab:lab/tree/a_b-1.ipynb/"]
        {
            assert_eq!(LandingUri::parse(text).as_ref().map(LandingUri::as_str), Some(text));
        }
        assert_eq!(LandingUri::parse("CodeEditor").as_ref().map(LandingUri::as_str), Some("app:CodeEditor:"));
        let too_long = format!("studio::{}", "a".repeat(1016));
        for text in [
            "",
            "studio",
            "studio:",
            "studio:x:",
            "app:",
            "app:JupyterLab",
            "app:jupyterlab:",
            "app:Evil:",
            "https://evil.example",
            "studio:://evil.example",
            "studio::/absolute",
            "studio::a//b",
            "studio::../up",
            "studio::a/./b",
            "studio::a\\b",
            "studio::a?b=c",
            "studio::a#b",
            "studio::%2e%2e/a",
            "studio::a:b",
            "studio::a b",
            "studio::a\n",
            " studio::",
            &too_long,
        ] {
            assert_eq!(LandingUri::parse(text), None, "{text}");
        }
    }

    #[test]
    fn aliases() {
        assert!(is_alias("jupyter-2") && is_alias(&"a".repeat(64)));
        for text in ["", "Jupyter", "a/b", "a.b", "ä", &"a".repeat(65)] {
            assert!(!is_alias(text), "{text}");
        }
    }
}
