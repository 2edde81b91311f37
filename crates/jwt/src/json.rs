//! JSON objects whose members occur once each, at every depth: where one reader takes the first of two and another the
//! last, a token means two things (RFC 8725 2.4, RFC 8259 4).

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

/// The most objects and lists inside each other (RFC 8259 9).
const DEEPEST: usize = 127;

/// Parses `text`, which is an object. A number beyond those that a double has is the greatest one (RFC 8259 6): only a rule that reads it may
/// refuse it.
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
    let whole: &RawValue = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    read(whole, DEEPEST)
}

/// The value of a text whose syntax is checked, with so many levels in it at most.
fn read(raw: &RawValue, levels: usize) -> Result<Value, String> {
    let text = raw.get();
    let inner = || levels.checked_sub(1).ok_or_else(|| format!("more than {DEEPEST} levels"));
    let parsed = match text.as_bytes().first() {
        Some(b'{') => {
            let (inner, Members(members)) = (inner()?, parse(text)?);
            let members: Result<_, String> =
                members.into_iter().map(|(name, raw)| Ok((name, read(raw, inner)?))).collect();
            Value::Object(members?)
        }
        Some(b'[') => {
            let (inner, items) = (inner()?, parse::<Vec<&RawValue>>(text)?);
            let items: Result<_, String> = items.into_iter().map(|raw| read(raw, inner)).collect();
            Value::Array(items?)
        }
        Some(b'-' | b'0'..=b'9') => Value::Number(parse(text).unwrap_or_else(|_| greatest(text))),
        _ => parse(text)?,
    };
    Ok(parsed)
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// The greatest number of the same sign.
fn greatest(text: &str) -> Number {
    let greatest = if text.starts_with('-') { f64::MIN } else { f64::MAX };
    Number::from_f64(greatest).unwrap_or_else(|| 0.into())
}

/// The members of an object, each once.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'t> Visitor<'t> for MembersVisitor {
    type Value = Members<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut listed, mut names) = (Vec::new(), HashSet::new());
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(Error::custom(format_args!("the member {name} twice")));
            }
            listed.push((name, members.next_value()?));
        }
        Ok(Members(listed))
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
            "{\"a\":\"\\ud800\"}",
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
    fn a_number_that_no_double_has_is_the_greatest_one() {
        let long = format!("-{}", "9".repeat(400));
        for (number, sign) in [("1e999", 1.0), ("-1E+400", -1.0), ("1.5e309", 1.0), (&*long, -1.0)] {
            let members = object(format!("{{\"a\":[{{\"b\":{number}}}]}}").as_bytes()).expect("JSON");
            assert_eq!(members["a"][0]["b"].as_f64(), Some(sign * f64::MAX), "{number}");
        }
        assert_eq!(object(br#"{"a":1e-999,"b":0e9999}"#).expect("JSON")["a"].as_f64(), Some(0.0));
        for number in ["01e999", "1e", "+1e999", ".5", "Infinity", "NaN", "1e999x"] {
            assert!(object(format!("{{\"a\":{number}}}").as_bytes()).is_err(), "{number}");
        }
    }
}
