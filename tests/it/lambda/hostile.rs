//! Events whose parts an attacker chose, and events that are none: each has its exact answer, and nothing ends the
//! process.

use serde_json::{Value, json};
use studio_acs::lambda::{self, UnknownEvent};

use super::{event, handle, service};
use support::gateway::{Gateway, Kind};
use support::{Lines, pieces};

/// Values that are no host, no scheme, no port, or lead elsewhere.
const VALUES: [&str; 22] = [
    "",
    " ",
    "a b",
    "/",
    "x/saml?",
    "x/saml#",
    "x/prod/saml?",
    "x/prod/saml/metadata?a=",
    "user:password@x",
    "x:99999",
    "x:y",
    "[::1",
    "[::1]/saml?",
    "%00",
    "%zz",
    "\\saml",
    "xn--a",
    "ü",
    "data",
    "1 2",
    "javascript",
    "https://elsewhere.example/saml?",
];

/// Headers from which a URI could be assembled, or another path taken.
const HEADERS: [&str; 12] = [
    "Host",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Path",
    "X-Forwarded-Prefix",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "Forwarded",
    "Via",
    "X-Amzn-Trace-Id",
];

#[tokio::test]
async fn no_header_leads_to_another_route() {
    let (router, _) = service().await;
    let long = "x".repeat(20_000);
    for kind in Kind::ALL {
        for name in HEADERS {
            for value in VALUES.into_iter().chain([long.as_str()]) {
                let event = Gateway::from(kind).event("GET", "/healthz", &[(name, value)], b"");
                let answer = handle(&router, event).await;
                let found = (answer.status.as_u16(), answer.body.as_str());
                assert_eq!(found, (200, r#"{"status":"ok","log":"ok"}"#), "{kind:?} {name}: {value:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_path_of_the_event_is_the_path() {
    let (router, _) = service().await;
    for kind in Kind::ALL {
        for (path, status) in [
            ("/healthz", 200),
            ("/saml/metadata", 200),
            ("/saml", 405),
            ("/", 404),
            ("//healthz", 404),
            ("/healthz/", 404),
            ("/x/../healthz", 404),
            ("/./healthz", 404),
            ("/%2fhealthz", 404),
            ("/healthz%3F", 404),
            ("/%68ealthz", 404),
            ("/healthz%00", 404),
            ("/healthz\u{0}", 404),
            ("/healthz#", 404),
            ("/healthz;a=b", 404),
            ("/\\healthz", 404),
            ("/HEALTHZ", 404),
            ("/ü/healthz", 404),
            ("/prodhealthz", 404),
            ("//elsewhere.example/healthz", 404),
        ] {
            let answer = handle(&router, Gateway::from(kind).event("GET", path, &[], b"")).await;
            assert_eq!(answer.status, status, "{kind:?} {path}");
        }
    }
    // A stage is taken off where the gateway left it, and once.
    let twice = handle(&router, Gateway::from(Kind::Rest).event("GET", "/prod/healthz", &[], b"")).await;
    assert_eq!(twice.status, 404);
    let twice = handle(&router, Gateway::from(Kind::Http2).event("GET", "/prod/healthz", &[], b"")).await;
    assert_eq!(twice.status, 404);
    // Decoded by the gateway, a question mark is no query.
    let mut decoded = Gateway::from(Kind::Http2).event("GET", "/healthz", &[], b"");
    decoded["rawPath"] = "/prod/healthz?a=b".into();
    assert_eq!(handle(&router, decoded).await.status, 404);
    let mut bare = Gateway::from(Kind::Http2).event("GET", "/healthz", &[], b"");
    bare["rawPath"] = "/prod".into();
    assert_eq!(handle(&router, bare).await.status, 404);
}

/// An event with `value` at `place`.
fn with(kind: Kind, place: &str, value: Value) -> Value {
    let mut event = Gateway::from(kind).event("GET", "/healthz", &[], b"");
    let (before, name) = place.rsplit_once('/').expect("a pointer");
    event.pointer_mut(before).and_then(Value::as_object_mut).expect("an object").insert(name.to_owned(), value);
    event
}

#[tokio::test]
async fn what_is_no_request_is_answered_with_400() {
    let (router, _) = service().await;
    let rest = [
        ("/path", Value::Null),
        ("/path", json!("healthz")),
        ("/path", json!("https://elsewhere.example/healthz")),
        ("/path", json!("*")),
        ("/path", json!("")),
        ("/path", json!(["/healthz"])),
        ("/path", json!("/".repeat(70_000))),
        ("/httpMethod", json!("GET HTTP/1.1")),
        ("/httpMethod", json!("")),
        ("/httpMethod", json!(1)),
        ("/multiValueHeaders", json!([])),
        ("/multiValueHeaders", json!({"X": 1})),
        ("/multiValueHeaders", json!({"X": [null]})),
        ("/multiValueHeaders", json!({"X": {"Y": "Z"}})),
        ("/multiValueHeaders", json!({"X": ["a\r\nY: b"]})),
        ("/multiValueHeaders", json!({"X": ["\u{0}"]})),
        ("/multiValueHeaders", json!({"": ["a"]})),
        ("/multiValueHeaders", json!({"X:": ["a"]})),
        ("/multiValueHeaders", json!({"ü": ["a"]})),
        ("/multiValueHeaders", (0..40_000).map(|number| (format!("x{number}"), json!("a"))).collect()),
        ("/multiValueQueryStringParameters", json!("a=b")),
        ("/multiValueQueryStringParameters", json!({"a": [{}]})),
        ("/multiValueQueryStringParameters", json!({"a": ["x".repeat(70_000)]})),
        ("/queryStringParameters", json!({"a": 1})),
        ("/requestContext/stage", json!({})),
        ("/requestContext/identity/sourceIp", json!(1)),
        ("/requestContext/identity/vpceId", json!([])),
        ("/body", json!({})),
        ("/isBase64Encoded", json!("yes")),
    ];
    let http = [
        ("/rawPath", Value::Null),
        ("/rawPath", json!("prod/healthz")),
        ("/rawQueryString", json!({})),
        ("/rawQueryString", json!("x".repeat(70_000))),
        ("/headers", json!({"x": ["a", 1]})),
        ("/cookies", json!({})),
        ("/cookies", json!(["a=b", 1])),
        ("/cookies", json!(["a=b\n"])),
        ("/requestContext/http", json!({})),
        ("/requestContext/http", json!("GET")),
        ("/requestContext/http/method", json!("G T")),
        ("/body", json!(1)),
    ];
    let rest = rest.into_iter().map(|(place, value)| (Kind::Rest, place, value));
    for (kind, place, value) in rest.chain(http.into_iter().map(|(place, value)| (Kind::Http2, place, value))) {
        let shown: String = value.to_string().chars().take(60).collect();
        let answer = handle(&router, with(kind, place, value)).await;
        assert_eq!(answer.status, 400, "{place} {shown}");
        assert_eq!(answer.header("cache-control"), "no-store", "{place} {shown}");
        assert_eq!(answer.header("x-correlation-id").len(), 32, "{place} {shown}");
        // The next one is served.
        assert_eq!(handle(&router, with(kind, "/stageVariables", Value::Null)).await.status, 200);
    }
    for body in ["%%%", "QQ", "QQ=", "Q Q="] {
        let mut event = with(Kind::Rest, "/isBase64Encoded", json!(true));
        event["body"] = body.into();
        assert_eq!(handle(&router, event).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn what_may_be_absent_may() {
    let (router, _) = service().await;
    for name in ["headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "body"] {
        for absent in [true, false] {
            let mut event = event("rest-get-healthz");
            if absent {
                event.as_object_mut().unwrap().remove(name);
            } else {
                event[name] = Value::Null;
            }
            assert_eq!(handle(&router, event).await.status, 200, "{name}");
        }
    }
    let least = json!({"httpMethod": "GET", "path": "/healthz", "requestContext": {"identity": {}}});
    assert_eq!(handle(&router, least).await.status, 200);
    let least = json!({"version": "2.0", "rawPath": "/healthz", "requestContext": {"http": {"method": "GET"}}});
    assert_eq!(handle(&router, least).await.status, 200);
    // With one form of the headers, no other counts; a name that came twice came twice.
    let mut single = event("rest-plain");
    single["multiValueHeaders"] = Value::Null;
    assert_eq!(handle(&router, single).await.status, 302);
}

#[tokio::test]
async fn what_is_no_event_of_api_gateway_fails_its_invocation() {
    let (router, _) = service().await;
    let mut authorizer = Gateway::from(Kind::Rest).event("GET", "/healthz", &[], b"");
    authorizer["type"] = "REQUEST".into();
    let mut future = Gateway::from(Kind::Http2).event("GET", "/healthz", &[], b"");
    future["version"] = "3.0".into();
    let (mut balancer, balanced) = (event("rest-get-healthz"), json!({"elb": {"targetGroupArn": "arn:aws:…"}}));
    balancer["requestContext"] = balanced;
    for event in [
        Value::Null,
        json!(1),
        json!("GET /healthz"),
        json!([]),
        json!({}),
        json!([{"httpMethod": "GET", "path": "/healthz"}]),
        json!({"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "saml"}}}]}),
        json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
        json!({"requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "a=", "identity": {}}}),
        json!({"version": "2.0", "rawPath": "/healthz"}),
        json!({"version": 2.0, "rawPath": "/healthz", "requestContext": {"http": {"method": "GET"}}}),
        authorizer,
        balancer,
        future,
    ] {
        let shown = event.to_string();
        assert_eq!(lambda::handle(router.clone(), event).await.unwrap_err(), UnknownEvent, "{shown}");
    }
    let error = lambda_http::lambda_runtime::Diagnostic::from(UnknownEvent);
    assert_eq!(error.error_type, "event_unknown");
}

#[tokio::test]
async fn the_log_says_what_is_wrong_and_quotes_nothing() {
    let (router, _) = service().await;
    let (lines, mut broken) = (Lines::default(), event("rest-plain"));
    let sent = broken["body"].as_str().expect("a body").to_owned();
    broken["multiValueHeaders"]["Cookie"] = json!(["__Host-studio-acs-resume=secret\n"]);
    assert_eq!(lines.of(handle(&router, broken)).await.status, 400);
    let log = lines.read();
    assert!(
        log.contains("\"code\":\"malformed_request\"") && log.contains("/headers: expected values of headers"),
        "{log}"
    );
    assert!(!log.contains("secret") && pieces(sent.as_bytes()).iter().all(|piece| !log.contains(piece)), "{log}");
}
