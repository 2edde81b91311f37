//! JSON objects whose members occur once each, at every depth: where one reader takes the first of two and another the
//! last, a token means two things (RFC 8725 2.4, RFC 8259 4).

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use studio_acs_refusal::printable_within;

/// How serde_json's errors name values that JSON has and Rust has not.
const NO_VALUES: [&str; 3] = ["number out of range", "surrogate in hex escape", "end of hex escape"];
/// The most characters of a member's name that a fault shows.
const NAME: usize = 64;

/// Parses `text`, which is an object. Only a rule that reads a value may refuse it: a number beyond those that a double has is
/// the greatest one (RFC 8259 6), and half of a surrogate pair (8.2), which is no character, is U+0000, which no name has.
///
/// # Errors
/// The fault, for a log.
pub(crate) fn object(text: &[u8]) -> Result<Map<String, Value>, String> {
    match value(text)? {
        Value::Object(members) => Ok(members),
        _ => Err("JSON that is no object".to_owned()),
    }
}

/// Parses `text`, which is any JSON.
///
/// # Errors
/// The fault, for a log.
pub(crate) fn value(text: &[u8]) -> Result<Value, String> {
    let parsed = match serde_json::from_slice(text) {
        // serde_json gives up at the first number that no double has, and at half of a surrogate pair.
        Err(error) if NO_VALUES.iter().any(|words| error.to_string().contains(words)) => {
            serde_json::from_slice(&replaced(text))
        }
        parsed => parsed,
    };
    parsed.map(|Unique(value)| value).map_err(|error| error.to_string())
}

/// `text` with the greatest number of the same sign in place of each that no double has, and with U+0000 in place of half of
/// a surrogate pair.
fn replaced(text: &[u8]) -> Vec<u8> {
    let (mut replaced, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(first) = rest.first() {
        let length = match first {
            b'"' => string(rest),
            b'-' | b'0'..=b'9' => rest.iter().take_while(|byte| is_of_number(**byte)).count(),
            _ => 1,
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        match first {
            b'"' => extend_with_pairs(&mut replaced, token),
            _ => replaced.extend_from_slice(match beyond(token) {
                Some(true) => b"-1.7976931348623157e308",
                Some(false) => b"1.7976931348623157e308",
                None => token,
            }),
        }
        rest = after;
    }
    replaced
}

/// Appends a string, with U+0000 in place of half of a surrogate pair.
fn extend_with_pairs(text: &mut Vec<u8>, string: &[u8]) {
    let mut rest = string;
    while let Some(first) = rest.first() {
        let length = match (*first, unit(rest)) {
            (b'\\', Some(0xD800..=0xDBFF)) if matches!(rest.get(6..).and_then(unit), Some(0xDC00..=0xDFFF)) => 12,
            (b'\\', Some(0xD800..=0xDFFF)) => {
                text.extend_from_slice(b"\\u0000");
                rest = rest.get(6..).unwrap_or_default();
                continue;
            }
            (b'\\', _) => 2,
            _ => 1,
        };
        let (whole, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        text.extend_from_slice(whole);
        rest = after;
    }
}

/// The UTF-16 code unit of the escape that `text` begins with; `None` if it begins with another one.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// Whether the number is negative, if it is one that no double has.
fn beyond(token: &[u8]) -> Option<bool> {
    // It has JSON's grammar, which is less than Rust's; its value is not looked at there.
    serde_json::from_slice::<IgnoredAny>(token).ok()?;
    let number: f64 = std::str::from_utf8(token).ok()?.parse().ok()?;
    number.is_infinite().then_some(number < 0.0)
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || b"+-.eE".contains(&byte)
}

/// The length of the string that `text` begins with, with its quotation marks.
fn string(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = text.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(text.len(), |end| end.saturating_add(2))
}

/// A value in which no object has a member twice.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let Unique(value) = members.next_value()?;
            if object.contains_key(&name) {
                return Err(Error::custom(format_args!("the member {} twice", printable_within(&name, NAME))));
            }
            object.insert(name, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn a_member_occurs_once_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"\u0062":2}]}"#,
            r#"[1]"#,
            "\"a\"",
            r#"{"a":1} {}"#,
            "{\"a\":\"\\ud80\"}",
            "\u{feff}{}",
            "",
        ] {
            assert!(object(text.as_bytes()).is_err(), "{text}");
        }
        assert!(object(b"{\"a\":\"\xff\"}").is_err());
        let deep = |levels| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(object(deep(126).as_bytes()).is_ok() && object(deep(127).as_bytes()).is_err());
        assert!(object(deep(100_000).as_bytes()).is_err());
        let members = object(br#"{"a":{"b":1},"c":{"b":1},"d":[true,null,-1,1.5,"e"]}"#).expect("JSON");
        assert_eq!(
            serde_json::Value::from(members).to_string(),
            r#"{"a":{"b":1},"c":{"b":1},"d":[true,null,-1,1.5,"e"]}"#
        );
    }

    #[test]
    fn half_of_a_surrogate_pair_is_no_character() {
        for (escaped, text) in [
            (r"\ud800", "\0"),
            (r"\uDFFF", "\0"),
            (r"a\ud83db", "a\0b"),
            (r"\ud83d\ude00\ud83d", "\u{1F600}\0"),
            (r"\ude00\ud83d", "\0\0"),
            (r"\ud83d\ud83d\ude00", "\0\u{1F600}"),
            (r"\ud83d\n", "\0\n"),
            (r"\ud83d\\ude00", "\0\\ude00"),
            (r"\\ud800\ud800", "\\ud800\0"),
            (r#"\"\ud800"#, "\"\0"),
            (r"\ud83d\u0041", "\0A"),
        ] {
            let members = object(format!("{{\"a\":1e999,\"b\":[\"{escaped}\"]}}").as_bytes()).expect(escaped);
            assert_eq!(members["b"][0], text, "{escaped}");
            let members = object(format!("{{\"b\":[\"{escaped}\"]}}").as_bytes()).expect(escaped);
            assert_eq!(members["b"][0], text, "{escaped}");
        }
        for broken in [r"\ud800\u12", r"\ud800\x", r"\ud8", r"\ud800\", r"\u+800"] {
            assert!(object(format!("{{\"a\":\"{broken}\"}}").as_bytes()).is_err(), "{broken}");
        }
        // Two of them are one, and so one name twice.
        assert!(object(br#"{"\ud800":1,"\udfff":2}"#).is_err());
    }

    #[test]
    fn a_fault_shows_a_long_name_cut() {
        let name = "n".repeat(100_000);
        let error = object(format!("{{\"{name}\":1,\"{name}\":2}}").as_bytes()).expect_err("twice");
        assert!(error.len() < 200 && error.contains("twice"), "{error}");
    }

    #[test]
    fn a_number_that_no_double_has_is_the_greatest_one() {
        let long = format!("-{}", "9".repeat(400));
        for (number, sign) in [("1e999", 1.0), ("-1E+400", -1.0), ("1.5e309", 1.0), (&*long, -1.0)] {
            let members = object(format!("{{\"a\":[{{\"b\":{number}}}]}}").as_bytes()).expect("JSON");
            assert_eq!(members["a"][0]["b"].as_f64(), Some(sign * f64::MAX), "{number}");
        }
        assert_eq!(object(br#"{"a":1e-999,"b":0e9999}"#).expect("JSON")["a"].as_f64(), Some(0.0));
        // A text is no number, whatever stands in it.
        let text = object(br#"{"a":"at 1e999","b\\":1e999,"\" 1e999 ":1}"#).expect("JSON");
        assert_eq!(text.keys().map(String::len).sum::<usize>(), 1 + 2 + 8);
        assert_eq!(serde_json::Value::from(text)["a"], "at 1e999");
        for number in ["01e999", "1e", "+1e999", ".5", "1.e999", "Infinity", "-Infinity", "NaN", "1e999x"] {
            for text in [format!("{{\"a\":{number}}}"), format!("{{\"b\":1e999,\"a\":{number}}}")] {
                assert!(object(text.as_bytes()).is_err(), "{text}");
            }
        }
    }
}
