//! The page of the token API, from its document.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use studio_acs::http::OPENAPI;

use super::table;

const ABOUT: &str = "The endpoints, as `/openapi.json` has them. [The guide for API clients](../api.md) says what a client does with each answer.";

pub(super) fn page() -> String {
    let document: Value = serde_json::from_str(OPENAPI).unwrap_or_default();
    let mut body = String::new();
    for (path, operations) in members(at(&document, "/paths")) {
        for (method, operation) in members(operations) {
            endpoint(&document, &format!("{} {path}", method.to_uppercase()), operation, &mut body);
        }
    }
    body.push_str("## Objects\n");
    for (name, schema) in members(at(&document, "/components/schemas")) {
        if at(schema, "/type") == "object" {
            object(&document, name, schema, &mut body);
        }
    }
    body.push_str("\n## Codes by status\n\n");
    for (_, response) in members(at(&document, "/components/responses")) {
        let schema = at(response, "/content/application~1problem+json/schema");
        let (mut status, mut codes) = (None, Vec::new());
        walk(&document, schema, &mut |members| {
            status = status.or_else(|| members.get("status").and_then(|status| at(status, "/const").as_u64()));
            let code = members.get("code").unwrap_or(&Value::Null);
            let listed = at(code, "/enum").as_array().into_iter().flatten().chain([at(code, "/const")]);
            codes.extend(listed.filter_map(Value::as_str).map(|code| format!("`{code}`")));
        });
        if let Some(status) = status {
            let _ = writeln!(body, "- {status}: {}", codes.join(", "));
        }
    }
    super::page("Token API", ABOUT, &body)
}

/// One operation: its parameters, its body, and its answers.
fn endpoint(document: &Value, name: &str, operation: &Value, body: &mut String) {
    let _ = write!(body, "## `{name}`\n\n{}.", text(at(operation, "/summary")));
    if at(operation, "/description").is_string() {
        let _ = write!(body, " {}", text(at(operation, "/description")));
    }
    body.push_str("\n\n");
    let parameters = at(operation, "/parameters").as_array().into_iter().flatten();
    for parameter in parameters {
        let _ =
            write!(body, "The path's `{}`: {}\n\n", text(at(parameter, "/name")), text(at(parameter, "/description")));
    }
    if let Some(schema) = bodies(at(operation, "/requestBody")).first() {
        let _ = write!(body, "The body is a {schema}.\n\n");
    }
    let rows = members(at(operation, "/responses")).map(|(status, response)| {
        let response = resolve(document, response);
        [status.clone(), text(at(response, "/description")).to_owned(), bodies(response).join(" or ")]
    });
    body.push_str(&table(["status", "answer", "body"], rows));
    body.push('\n');
}

/// The objects that a request or an answer can have as its body, as links.
fn bodies(message: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for (media_type, content) in members(at(message, "/content")) {
        let mut found = Vec::new();
        references(at(content, "/schema"), &mut found);
        if found.is_empty() {
            found.push(format!("`{media_type}`"));
        }
        names.extend(found);
    }
    names
}

/// The objects that a schema consists of, or offers to choose from.
fn references(schema: &Value, names: &mut Vec<String>) {
    let name = at(schema, "/$ref").as_str().and_then(|path| path.rsplit('/').next());
    if let Some(name) = name.map(|name| format!("[{name}](#{})", name.to_lowercase()))
        && !names.contains(&name)
    {
        names.push(name);
    }
    let parts = ["allOf", "oneOf"].into_iter().filter_map(|key| schema.get(key).and_then(Value::as_array)).flatten();
    parts.for_each(|part| references(part, names));
}

/// One object: each member, whether it is required, and what it means.
fn object(document: &Value, name: &str, schema: &Value, body: &mut String) {
    let _ = write!(body, "\n### {name}\n\n");
    if at(schema, "/description").is_string() {
        let _ = write!(body, "{}\n\n", text(at(schema, "/description")));
    }
    let required: Vec<_> = at(schema, "/required").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut rows = Vec::new();
    rows_of(document, "", schema, &required, &mut rows);
    body.push_str(&table(["member", "required", "value"], rows));
}

fn rows_of(document: &Value, prefix: &str, schema: &Value, required: &[&str], rows: &mut Vec<[String; 3]>) {
    for (name, member) in members(at(schema, "/properties")) {
        let is_required = if required.contains(&name.as_str()) { "yes" } else { "no" };
        rows.push([format!("`{prefix}{name}`"), is_required.to_owned(), value(document, member)]);
        let items = at(member, "/items");
        let required: Vec<_> =
            at(items, "/required").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        rows_of(document, &format!("{prefix}{name}[]."), items, &required, rows);
    }
}

/// The values of a member: its description, else that of the schema that it names, else its constant or its type.
fn value(document: &Value, member: &Value) -> String {
    let named = resolve(document, member);
    match (at(member, "/description"), at(named, "/description"), at(named, "/const")) {
        (Value::String(own), ..) => own.clone(),
        (_, Value::String(other), _) => other.clone(),
        (_, _, Value::Null) => text(at(named, "/type")).to_owned(),
        (_, _, constant) => format!("`{constant}`"),
    }
}

/// Calls `each` with the members of every object that a schema consists of.
fn walk<'d>(document: &'d Value, schema: &'d Value, each: &mut impl FnMut(&'d Map<String, Value>)) {
    let schema = resolve(document, schema);
    at(schema, "/properties").as_object().into_iter().for_each(&mut *each);
    for key in ["allOf", "oneOf"] {
        schema.get(key).and_then(Value::as_array).into_iter().flatten().for_each(|part| walk(document, part, each));
    }
}

/// The value that a `$ref` names, or the value itself.
fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let path = at(value, "/$ref").as_str().and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| document.pointer(path)).unwrap_or(value)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The value at this pointer, or null.
fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}
