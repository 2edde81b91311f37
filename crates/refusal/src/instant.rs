//! SAML's time values (Core 1.3.3): `xs:dateTime` in UTC.

use std::fmt;

use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// Longer than any identity provider's fraction of a second.
const LONGEST: usize = 40;

/// The instant that `text` names, if it is an `xs:dateTime` with a `Z`, fractions allowed.
pub fn parse(text: &str) -> Option<UtcDateTime> {
    // RFC 3339 allows a space or a small `t` and `z`, where XML Schema does not.
    let shape = text.len() <= LONGEST && text.as_bytes().get(10) == Some(&b'T') && text.ends_with('Z');
    // A leap second is no xs:dateTime (XML Schema 2 3.2.7), though the library reads one.
    let leap = text.get(17..19) == Some("60");
    if shape && !leap { UtcDateTime::parse(text, &Rfc3339).ok() } else { None }
}

/// `instant` as RFC 3339, the same form that [`parse`] reads.
pub fn format(instant: UtcDateTime) -> String {
    instant.format(&Rfc3339).unwrap_or_else(|_| instant.to_string())
}

/// An instant that may be absent, written only when displayed.
#[derive(Debug, Clone, Copy)]
pub struct Shown(pub Option<UtcDateTime>);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.map_or("absent".to_owned(), format))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_with_z_alone() {
        for text in ["2026-01-15T10:00:30Z", "2026-01-15T10:00:30.5Z", "2026-01-15T10:00:30.123456789Z"] {
            assert_eq!(parse(text).map(format).as_deref(), Some(text));
        }
        for text in [
            "",
            "Z",
            "2026-01-15",
            "2026-01-15T10:00:30",
            "2026-01-15T10:00:30+00:00",
            "2026-01-15t10:00:30z",
            "2026-01-15 10:00:30Z",
            "2026-02-30T10:00:00Z",
            "2026-01-15T24:00:00Z",
            "2026-06-30T23:59:60Z",
            " 2026-01-15T10:00:30Z",
            "2026-01-15T10:00:30.Z",
            "-2026-01-15T10:00:30Z",
            "２026-01-15T10:00:30Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_absent_instant_is_shown_as_absent() {
        let text = "2026-01-15T10:00:30.5Z";
        assert_eq!([Shown(parse(text)), Shown(None)].map(|shown| shown.to_string()), [text, "absent"]);
    }
}
