//! The page of the token API, from its document.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
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
    let mut tables = BTreeMap::new();
    for (name, schema) in members(at(&document, "/components/schemas")) {
        if at(schema, "/type") == "object" {
            object(name, schema, &mut tables, &mut body);
        }
    }
    body.push_str("\n## Codes by status\n\n");
    for (_, schema) in members(at(&document, "/components/schemas")) {
        if let Some(status) = at(schema, "/properties/status/const").as_u64() {
            let listed = at(resolve(&document, at(schema, "/properties/code/anyOf/0")), "/enum");
            let codes = listed.as_array().into_iter().flatten().filter_map(Value::as_str);
            let _ =
                writeln!(body, "- {status}: {}", codes.map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", "));
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
    let named = |(media_type, content): (&String, &Value)| {
        link(at(content, "/schema")).unwrap_or_else(|| format!("`{media_type}`"))
    };
    members(at(message, "/content")).map(named).collect()
}

/// The link to the object that a schema names.
fn link(schema: &Value) -> Option<String> {
    let name = at(schema, "/$ref").as_str().and_then(|path| path.rsplit('/').next());
    name.map(|name| format!("[{name}](#{})", name.to_lowercase()))
}

/// One object: each member, whether it is required, and its meaning; or the object before it that has the same members.
fn object<'d>(name: &'d str, schema: &'d Value, tables: &mut BTreeMap<String, &'d str>, body: &mut String) {
    let _ = write!(body, "\n### {name}\n\n");
    if at(schema, "/description").is_string() {
        let _ = write!(body, "{}\n\n", text(at(schema, "/description")));
    }
    let required: Vec<_> = at(schema, "/required").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let rows = members(at(schema, "/properties")).map(|(name, member)| {
        let is_required = if required.contains(&name.as_str()) { "yes" } else { "no" };
        [format!("`{name}`"), is_required.to_owned(), value(member)]
    });
    let table = table(["member", "required", "value"], rows);
    match tables.get(&table) {
        Some(same) => {
            let _ = writeln!(body, "Its members are those of [{same}](#{}).", same.to_lowercase());
        }
        None => {
            body.push_str(&table);
            tables.insert(table, name);
        }
    }
}

/// The values of a member: its description, and the object that its items are.
fn value(member: &Value) -> String {
    let described = text(at(member, "/description"));
    match link(at(member, "/items")) {
        Some(items) => format!("{described} Each: {items}."),
        None => described.to_owned(),
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
