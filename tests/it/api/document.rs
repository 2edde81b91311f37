//! The OpenAPI document: it describes the token API's answers, and its version.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use super::{ApiClient, entry, told_by};

const DOCUMENT: &str = include_str!("../../../src/http/api/openapi.json");

#[tokio::test]
async fn it_is_served_to_everybody_and_is_of_this_version() {
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &[]).await;
    let answer = client.service.send(Request::get("/openapi.json").body(Body::empty()).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    let document = told_by(&answer);
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let paths: BTreeSet<_> = document["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
    assert_eq!(Vec::from_iter(paths), ["/openapi.json", "/studio-url", "/studio/{profile}"]);
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

/// Generators of clients leave out or weaken the types of other documents: each object has a name and is written flat, each code is open.
#[test]
fn the_api_document_is_flat() {
    let document: Value = serde_json::from_str(DOCUMENT).expect("JSON");
    fn walk(path: &str, value: &Value) {
        let is_schema = path.contains("schema");
        assert!(!is_schema || ["allOf", "oneOf"].iter().all(|key| value.get(*key).is_none()), "{path}");
        let is_inline_object = is_schema && value["type"] == "object" && path.matches('/').count() > 3;
        assert!(!is_inline_object, "{path}: an object without a name");
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| walk(&format!("{path}/{name}"), member)),
            Value::Array(items) => items.iter().for_each(|item| walk(path, item)),
            _ => {}
        }
    }
    walk("", &document);
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        assert_eq!(is_closed, name == "StudioUrlRequest", "{name}: answers may have more members later");
        if let Some(code) = schema["properties"].get("code") {
            assert_eq!(code["anyOf"][1]["type"], "string", "{name}: more codes may be added");
        }
    }
}

/// The document has each code of the token API that a client is shown, and no other.
#[test]
fn it_names_the_codes_that_a_client_is_shown() {
    let document: Value = serde_json::from_str(DOCUMENT).expect("JSON");
    let schemas = document["components"]["schemas"].as_object().expect("schemas").iter();
    let listed = schemas.filter(|(name, _)| name.ends_with("Code")).flat_map(|(_, schema)| schema["enum"].as_array());
    let codes: BTreeSet<_> = listed.flatten().map(|code| code.as_str().expect("a code")).collect();
    // Only the log tells a token's fault, except for the part that its user can be told.
    let told = ["token_missing", "token_keys_unavailable", "token_claim_missing", "token_claim_invalid"];
    let told: BTreeSet<_> = told.into_iter().chain(["token_scope_missing", "token_email_unverified"]).collect();
    let found: BTreeSet<_> = codes.iter().copied().filter(|code| code.starts_with("token_")).collect();
    assert_eq!(found, told);
    let documented = include_str!("../../../docs/reference/codes.md");
    let missing: Vec<_> = codes.iter().filter(|code| !documented.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "not in docs/reference/codes.md: {missing:?}");
}
