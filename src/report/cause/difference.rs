//! How two texts differ that should be the same: addresses and names that people copy from one console to another.

use studio_acs_refusal::{Likeness, is_plain, likeness};

use crate::report::placeholder::{placeholder, reserved_host};

/// The way in which a value differs from the expected one. The first that fits counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// White space, or characters without a width.
    Space,
    /// Quotation marks around it.
    Quotes,
    /// The slash at its end.
    Slash,
    /// Capitals.
    Case,
    /// Characters that look the same, such as a Cyrillic letter for a Latin one, or another dash.
    LookAlike,
    /// A slash that stands twice in one of them.
    Doubled,
    /// http and https, or a scheme in one of them only.
    Scheme,
    /// A port.
    Port,
    /// A stage of API Gateway, or another first segment, in one of them only.
    Stage,
    /// Several of these.
    Several,
    /// The rest of the path: the host is the same.
    Path,
    /// The host: the path is the same.
    Host,
    /// A name that a published example has in place of one's own.
    Placeholder,
    /// Everything.
    Other,
}

/// A way to write a text so that one difference does not count.
type Change = fn(&str) -> String;

impl Difference {
    /// The smallest difference between one of `expected` and one of `found`. Both are as a rejection shows them: hidden
    /// characters are escaped.
    pub(super) fn of<'a>(
        expected: impl IntoIterator<Item = &'a str>,
        found: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let pairs = expected.into_iter().flat_map(|one| found.clone().map(move |other| Self::between(one, other)));
        pairs.min().unwrap_or(Self::Other)
    }

    fn between(expected: &str, found: &str) -> Self {
        let (expected, found) = (&*unescaped(expected), &*unescaped(found));
        match likeness(expected, found) {
            Some(Likeness::Case) => return Self::Case,
            Some(Likeness::WhiteSpace) => return Self::Space,
            Some(Likeness::LookAlike) => return Self::LookAlike,
            None => {}
        }
        let same = |change: Change| change(expected) == change(found);
        let ways: [(Self, Change); 6] = [
            (Self::Quotes, without_quotes),
            (Self::Slash, without_slash),
            (Self::Doubled, without_doubled),
            (Self::Scheme, without_scheme),
            (Self::Port, without_port),
            (Self::Several, without_all),
        ];
        if let Some((way, _)) = ways.into_iter().find(|(_, change)| same(*change)) {
            return way;
        }
        if likeness(&without_all(expected), &without_all(found)).is_some() {
            return Self::Several;
        }
        let (ours, theirs) = (Address::of(expected), Address::of(found));
        let is_below = |one: &str, other: &str| {
            let rest = one.strip_suffix(other).filter(|_| other.starts_with('/'));
            rest.is_some_and(|rest| rest.starts_with('/') && rest.matches('/').count() == 1)
        };
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if ours.is_behind(&theirs) || theirs.is_behind(&ours) => Self::Host,
            _ if is_placeholder(expected) != is_placeholder(found) => Self::Placeholder,
            (Some(ours), Some(theirs)) if ours.host == theirs.host => {
                let is_stage = is_below(ours.path, theirs.path) || is_below(theirs.path, ours.path);
                if is_stage { Self::Stage } else { Self::Path }
            }
            (Some(ours), Some(theirs)) if ours.path == theirs.path => Self::Host,
            _ => Self::Other,
        }
    }
}

/// The text that a rejection shows, without the note of how it differs, and without the quotes around spaces at an edge.
pub(super) fn as_sent(shown: &str) -> &str {
    let text = shown.split_once(" (differs ").map_or(shown, |(text, _)| text);
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    quoted.filter(|text| text.is_empty() || text.starts_with(' ') || text.ends_with(' ')).unwrap_or(text)
}

/// Host and path of an address.
struct Address<'a> {
    host: &'a str,
    path: &'a str,
}

impl<'a> Address<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (_, rest) = text.split_once("://")?;
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at_checked(at)?;
        Some(Self { host, path })
    }

    /// Whether this is API Gateway's own name, with its stage, for what the other address names by a custom domain, with
    /// or without a base path.
    fn is_behind(&self, other: &Self) -> bool {
        let is_own = |host: &str| host.contains(".execute-api.") && !is_placeholder(host);
        let below = |path: &'a str| path.trim_start_matches('/').split_once('/').map_or("", |(_, rest)| rest);
        let path = below(self.path);
        let has_path = path == other.path.trim_start_matches('/') || (!path.is_empty() && path == below(other.path));
        is_own(self.host) && !is_own(other.host) && has_path
    }
}

/// A text with the characters that a rejection writes as code points.
fn unescaped(shown: &str) -> String {
    let mut parts = shown.split("\\u{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.split_once('}').and_then(|(code, rest)| {
            let code = u32::from_str_radix(code, 16).ok().and_then(char::from_u32)?;
            Some((code, rest))
        });
        match code {
            Some((code, rest)) => {
                text.push(code);
                text.push_str(rest);
            }
            None => text = text + "\\u{" + part,
        }
    }
    text
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && is_plain(*c)).collect()
}

fn without_doubled(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
    let parts: Vec<_> = rest.split('/').enumerate().filter(|(at, part)| *at == 0 || !part.is_empty()).collect();
    let parts: Vec<_> = parts.into_iter().map(|(_, part)| part).collect();
    let end = if rest.ends_with('/') { "/" } else { "" };
    format!("{scheme}://{}{end}", parts.join("/"))
}

fn without_quotes(text: &str) -> String {
    text.trim_matches(|c| matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '<' | '>')).to_owned()
}

fn without_slash(text: &str) -> String {
    text.trim_end_matches('/').to_owned()
}

fn without_scheme(text: &str) -> String {
    text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text).to_owned()
}

fn without_port(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let at = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
    let host = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let host = host.map_or(rest.get(..at).unwrap_or(rest), |(host, _)| host);
    format!("{scheme}://{host}{path}")
}

fn without_all(text: &str) -> String {
    let text = without_doubled(&without_quotes(&without_space(text)).to_lowercase());
    without_slash(&without_scheme(&without_port(&text)))
}

/// Whether a published example has the text, whose reader was to replace a part of it.
fn is_placeholder(text: &str) -> bool {
    placeholder(text).is_some() || reserved_host(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_difference_is_told() {
        let ours = "https://studio.corp.example/prod/saml";
        for (found, expected) in [
            ("https://studio.corp.example/prod/saml ", Difference::Space),
            ("https://studio.corp.example/prod/saml\\u{a0}", Difference::Space),
            ("\\u{200b}https://studio.corp.example/prod/saml\\u{d}\\u{a}", Difference::Space),
            ("\"https://studio.corp.example/prod/saml\"", Difference::Quotes),
            ("https://studio.corp.example/prod/saml/", Difference::Slash),
            ("https://Studio.corp.example/prod/saml", Difference::Case),
            ("https://studio.corp.example/prod/SAML", Difference::Case),
            ("https://studio.corp.example/prod/s\\u{430}ml", Difference::LookAlike),
            ("https://studio.corp.example/prod/sam\\u{ff4c}", Difference::LookAlike),
            ("https://studio.corp.example/prod/saml\\u{2f}\\u{430}", Difference::Path),
            ("https://studio.corp.example/prod\\u{ff0f}saml/", Difference::Several),
            ("https://studio.corp.example/prod/ saml", Difference::Space),
            ("https://studio.corp.example//prod/saml", Difference::Doubled),
            ("https://studio.corp.example/prod//saml", Difference::Doubled),
            ("https://studio.corp.example//prod/saml/", Difference::Several),
            ("https://abc123.execute-api.eu-central-1.amazonaws.com/dev/prod/saml", Difference::Host),
            ("https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml", Difference::Host),
            ("https://abc123.execute-api.eu-central-1.amazonaws.com/live/saml", Difference::Host),
            ("https://api-id.execute-api.eu-central-1.amazonaws.com/live/saml", Difference::Placeholder),
            ("https://abc123.execute-api.eu-central-1.amazonaws.com/live/login", Difference::Other),
            ("http://studio.corp.example/prod/saml", Difference::Scheme),
            ("studio.corp.example/prod/saml", Difference::Scheme),
            ("https://studio.corp.example:443/prod/saml", Difference::Port),
            ("http://studio.corp.example:443/prod/saml", Difference::Several),
            ("http://studio.corp.example/prod/saml/", Difference::Several),
            ("https://studio.corp.example/saml", Difference::Stage),
            ("https://studio.corp.example/v1/prod/saml", Difference::Stage),
            ("https://studio.corp.example/prod/acs", Difference::Path),
            ("https://studio.corp.example/prod/saml?a=b", Difference::Path),
            ("https://other.corp.example/prod/saml", Difference::Host),
            ("https://your-domain.example/saml", Difference::Placeholder),
            ("https://API_ID.execute-api.eu-central-1.amazonaws.com/prod/saml", Difference::Placeholder),
            ("https://studio.example.com/prod/saml", Difference::Placeholder),
            ("urn:other", Difference::Other),
        ] {
            assert_eq!(Difference::of([ours], [found].into_iter()), expected, "{found}");
        }
        let several = ["https://other.corp.example/", "https://studio.corp.example/prod/saml/"];
        assert_eq!(Difference::of([ours], several.into_iter()), Difference::Slash, "the smallest");
    }
}
