//! All routes, behind each address that API Gateway can have. `fixtures/aws/addresses.json` has the addresses, and what their
//! events say.

use serde::Deserialize;
use serde_json::{Value, json};
use support::world::World;

/// An address, and how its events write a path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    name: String,
    /// `rest`, `http1` or `http2`.
    format: String,
    stage: String,
    domain: String,
    /// The route, without its method; `null` for `$default`.
    route: Option<String>,
    /// The event's prefix of our paths, and that of the client's whole path.
    path: String,
    context: String,
    acs_url: String,
    source: String,
}

fn addresses() -> Vec<Address> {
    serde_json::from_str(include_str!("../../../fixtures/aws/addresses.json")).expect("addresses")
}

impl Address {
    fn event(&self, method: &str, path: &str) -> Value {
        let (event, context) = (format!("{}{path}", self.path), format!("{}{path}", self.context));
        let parameters = match &self.route {
            Some(route) if route.contains('{') => json!({"proxy": path.trim_start_matches('/').trim_end_matches('/')}),
            _ => Value::Null,
        };
        let route = self.route.as_deref();
        if self.format == "http2" {
            return json!({
                "version": "2.0", "routeKey": route.map_or("$default".to_owned(), |route| format!("ANY {route}")),
                "rawPath": event, "rawQueryString": "", "headers": {"host": self.domain}, "pathParameters": parameters,
                "requestContext": {
                    "domainName": self.domain, "stage": self.stage,
                    "http": {"method": method, "path": event, "sourceIp": "192.0.2.7"},
                },
                "isBase64Encoded": false,
            });
        }
        let mut event = json!({
            "resource": route.unwrap_or("$default"), "path": event, "httpMethod": method, "pathParameters": parameters,
            "headers": {"Host": self.domain}, "multiValueHeaders": {"Host": [self.domain]},
            "requestContext": {
                "path": context, "stage": self.stage, "domainName": self.domain, "resourcePath": route,
                "identity": {"sourceIp": "192.0.2.7"},
            },
            "body": null, "isBase64Encoded": false,
        });
        if self.format == "http1" {
            event["version"] = "1.0".into();
        }
        event
    }
}

#[tokio::test]
async fn every_route_is_served_behind_every_address() {
    for address in addresses() {
        let world = World::without_aws(&["alice"]).await;
        let service = world.service(&[("acs-url", address.acs_url.as_str())], "2026-06-01T12:00:00Z").await;
        for (method, path, status) in [
            ("GET", "/healthz", 200),
            ("GET", "/readyz", 200),
            ("GET", "/saml/metadata", 200),
            ("GET", "/saml", 405),
            ("GET", "/saml/", if address.acs_url.ends_with('/') { 405 } else { 404 }),
            ("GET", "/saml/review", 405),
            ("GET", "/saml/continue", 403),
            ("GET", "/nothing", 404),
            ("GET", "/healthz/", 404),
            ("GET", "//healthz", 404),
        ] {
            let answer = service.invoke(address.event(method, path)).await.expect("an event of API Gateway");
            assert_eq!(answer.status, status, "{} ({}): {path}", address.name, address.source);
        }
    }
}

#[tokio::test]
async fn a_404_has_its_path_in_the_log_and_not_its_query() {
    let world = World::without_aws(&["alice"]).await;
    let service = world.service(&[], "2026-06-01T12:00:00Z").await;
    let address = addresses().remove(0);
    let mut event = address.event("GET", &format!("/nothing/{}\n\u{202e}", "x".repeat(5_000)));
    event["multiValueQueryStringParameters"] = json!({"token": ["secret-of-the-query"]});
    assert_eq!(service.invoke(event).await.expect("an event of API Gateway").status, 404);
    let log = service.log();
    let line = log.lines().find(|line| line.contains("\"code\":\"not_found\"")).expect("a line");
    let line: Value = serde_json::from_str(line).expect("JSON");
    let path = line["path"].as_str().expect("a path");
    assert!(path.starts_with("/nothing/xxx") && path.chars().count() <= 201, "{path}");
    assert!(!log.contains("secret-of-the-query") && !log.contains('\u{202e}'), "{log}");
}
