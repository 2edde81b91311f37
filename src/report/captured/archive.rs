//! A browser's archive (HAR), an export of SAML-tracer, or an event of API Gateway: JSON in which a response was posted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use studio_acs_refusal::FileKind;

use super::{field, page};

const NAME: &str = "SAMLResponse";
/// The members that hold a body, in archives, events and logs.
const BODIES: [&str; 7] = ["text", "body", "postData", "requestBody", "data", "payload", "content"];

/// Each `SAMLResponse` that was posted, or that a page holds.
pub(super) fn responses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // The library refuses what nests too deep.
    if let Ok(archive) = serde_json::from_str(text) {
        collect(&archive, &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => match &**items {
            // SAML-tracer's list of fields.
            [Value::String(name), Value::String(value)] if name == NAME => found.push(decoded(value)),
            items => items.iter().for_each(|item| collect(item, found)),
        },
        Value::Object(members) => {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            if let Some(value) = text(NAME) {
                found.push(decoded(value));
            }
            // A HAR's list of fields.
            if let (Some(NAME), Some(value)) = (text("name"), text("value")) {
                found.push(decoded(value));
            }
            let is_base64 = members.get("isBase64Encoded").and_then(Value::as_bool) == Some(true)
                || text("encoding") == Some("base64");
            for body in BODIES.into_iter().filter_map(text) {
                let plain = is_base64.then(|| STANDARD.decode(body).ok()).flatten();
                let plain = plain.and_then(|bytes| String::from_utf8(bytes).ok());
                of_body(plain.as_deref().unwrap_or(body), found);
            }
            members.values().for_each(|member| collect(member, found));
        }
        _ => {}
    }
}

/// The responses in the body of a request or an answer: a form's, or a page's.
fn of_body(body: &str, found: &mut Vec<String>) {
    let kind = FileKind::of(body.as_bytes());
    if kind == FileKind::Xml {
        // Fields inside a message are its text.
    } else if kind == FileKind::Html || !page::responses(body).is_empty() {
        found.extend(page::responses(body));
    } else if body.contains("SAMLResponse=") {
        let fields = form_urlencoded::parse(body.as_bytes()).filter(|(name, _)| name == NAME);
        found.extend(fields.map(|(_, value)| value.into_owned()));
    }
}

/// A field's value, which some browsers archive as it was sent and others decoded.
fn decoded(value: &str) -> String {
    if value.contains('%') { field::decoded(value, true) } else { value.to_owned() }
}
