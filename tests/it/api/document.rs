//! The OpenAPI document: it describes the token API's answers, and its version.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use super::{ApiClient, entry, told_by};

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
    let mut open = Vec::new();
    objects(&document["components"]["schemas"], &mut open);
    assert_eq!(open, Vec::<String>::new(), "every object of ours is closed");
}

/// Descriptions of objects that leave open what else may be in them.
fn objects(value: &Value, open: &mut Vec<String>) {
    if value["type"] == "object" && value["additionalProperties"] != false {
        open.push(value.to_string());
    }
    let children: Vec<_> = match value {
        Value::Object(members) => members.values().collect(),
        Value::Array(members) => members.iter().collect(),
        _ => Vec::new(),
    };
    children.into_iter().for_each(|child| objects(child, open));
}

/// The document has each code of the token API that a client is shown, and no other.
#[test]
fn it_names_the_codes_that_a_client_is_shown() {
    let document: Value = serde_json::from_str(include_str!("../../../src/http/api/openapi.json")).expect("JSON");
    let mut codes = BTreeSet::new();
    for (_, answer) in document["components"]["responses"].as_object().expect("responses") {
        let schema = &answer["content"]["application/problem+json"]["schema"];
        let alternatives = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        for alternative in alternatives {
            let listed = alternative["allOf"][1]["properties"]["code"]["enum"].as_array().cloned().unwrap_or_default();
            codes.extend(listed.iter().map(|code| code.as_str().expect("a code").to_owned()));
        }
    }
    // Only the log tells a token's fault, except for the part that its user can be told.
    let told = ["token_missing", "token_keys_unavailable", "token_claim_missing", "token_claim_invalid"];
    let told: BTreeSet<_> = told.into_iter().chain(["token_scope_missing", "token_email_unverified"]).collect();
    let found: BTreeSet<_> = codes.iter().map(String::as_str).filter(|code| code.starts_with("token_")).collect();
    assert_eq!(found, told);
    let documented = include_str!("../../../docs/reference/codes.md");
    let missing: Vec<_> = codes.iter().filter(|code| !documented.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "not in docs/reference/codes.md: {missing:?}");
}
