//! The token API's HTTP: methods, media types, sizes, headers; and that it does not exist unless it is configured.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{ApiClient, Book, NOON, World, bearer, entry, get, last, logons, nothing, post, settings, told_by};
use studio_acs::Clock;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::browser::Browser;
use support::issuer::{CLIENT, ISSUER, claims, with};
use support::process::{DOMAIN, SignIns};
use support::{Answer, StandIns};

async fn client() -> ApiClient {
    ApiClient::open(&["alice"], &entry("own", "alice", ""), &[]).await
}

/// Headers of every answer.
fn assert_common(answer: &Answer, what: &str) {
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
    assert_eq!(answer.header("x-correlation-id").len(), 32, "{what}");
    assert!(answer.headers.get("set-cookie").is_none(), "no cookie: {what}");
    assert!(answer.headers.get("access-control-allow-origin").is_none(), "for no other site's script: {what}");
}

#[tokio::test]
async fn other_methods_are_told_which_are_taken() {
    let client = client().await;
    let token = client.token("alice");
    for (path, allowed) in [("/studio-url", "POST"), ("/studio/alice", "GET"), ("/openapi.json", "GET")] {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"] {
            if method == allowed {
                continue;
            }
            let builder = Request::builder().method(Method::from_bytes(method.as_bytes()).expect("a method")).uri(path);
            let builder = bearer(builder, &token).header("content-type", "application/json");
            let answer = client.service.send(builder.body(Body::from("{}")).expect("a request")).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            let allow: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            assert!(allow.contains(&allowed) && !allow.contains(&method), "{method} {path}: {allow:?}");
            told_by(&answer);
            assert_common(&answer, path);
        }
    }
    // A HEAD of a minting path would spend a URL that no user sees.
    let head = bearer(Request::head("/studio/alice"), &token).body(Body::empty()).expect("a request");
    assert_eq!(client.service.send(head).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(client.world.mints(), 0);
}

#[tokio::test]
async fn a_body_that_is_not_what_the_document_says_is_refused() {
    let client = client().await;
    let token = client.token("alice");
    let send = async |content_type: Option<&str>, body: &[u8]| {
        let builder = bearer(Request::post("/studio-url"), &token);
        let builder = content_type.into_iter().fold(builder, |builder, text| builder.header("content-type", text));
        let answer = client.service.send(builder.body(Body::from(body.to_vec())).expect("a request")).await;
        (answer.status.as_u16(), told_by(&answer))
    };
    let json_type = Some("application/json");
    let long = |length: usize| "a".repeat(length);
    let malformed: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\"{}\"".to_vec(),
        b"{".to_vec(),
        b"{} {}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"profile\": \"\xff\"}".to_vec(),
        b"{\"user\": \"bob\"}".to_vec(),
        b"{\"Profile\": \"alice\"}".to_vec(),
        b"{\"profile\": \"alice\", \"profile\": \"alice\"}".to_vec(),
        b"{\"profile\": \"alice\", \"pro\\u0066ile\": \"bob\"}".to_vec(),
        b"{\"profile\": [\"alice\"]}".to_vec(),
        b"{\"profile\": 1}".to_vec(),
        b"{\"entry\": {\"S\": \"own\"}}".to_vec(),
        b"{\"ticket_number\": true}".to_vec(),
        b"{\"link\": \"a\\nb\"}".to_vec(),
        b"{\"ticket_number\": \"CHG1\\u202e\"}".to_vec(),
        b"{\"profile\": \"\"}".to_vec(),
        json!({"profile": long(300)}).to_string().into_bytes(),
        json!({"entry": long(300)}).to_string().into_bytes(),
        json!({"link": long(300)}).to_string().into_bytes(),
        json!({"ticket_number": long(65)}).to_string().into_bytes(),
        "[".repeat(128).into_bytes(),
    ];
    for body in &malformed {
        let (status, said) = send(json_type, body).await;
        let body = String::from_utf8_lossy(body);
        assert_eq!((status, &said["code"]), (400, &"malformed_request".into()), "{body}: {said}");
        assert!(!said.to_string().contains("bob"), "what was sent is not repeated: {said}");
    }
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/json5")]
    {
        assert_eq!(send(content_type, b"{}").await.0, 415, "{content_type:?}");
    }
    let filled = |length: usize| format!("{{{}}}", " ".repeat(length - 2)).into_bytes();
    assert_eq!(send(json_type, &filled(4_097)).await.0, 413);
    assert_eq!(client.world.mints(), 0);
    assert_eq!(logons(&client.service.log()).len(), 0, "none of it is on record as a logon");
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(send(Some(content_type), b"{}").await.0, 200, "{content_type}");
    }
    assert_eq!(send(json_type, &filled(4_096)).await.0, 200);
}

#[tokio::test]
async fn who_brings_no_token_is_told_which_scheme_and_who_brings_a_bad_one_nothing_more() {
    let client = client().await;
    let now = client.service.now();
    let none = [None, Some("Basic YWxpY2U6YWxpY2U="), Some("Digest x")];
    let expired = client.issuer.sign(&with(claims("alice", now), "exp", (now.unix_timestamp() - 300).into()));
    let other = support::issuer::Issuer::new("one").token("alice", now);
    let bad = [format!("Bearer {expired}"), format!("Bearer {other}"), "Bearer x".to_owned()];
    let bad = bad.iter().map(|value| Some(value.as_str()));
    let mut bodies = Vec::new();
    for (value, is_none) in none.into_iter().map(|value| (value, true)).chain(bad.map(|value| (value, false))) {
        for builder in
            [Request::post("/studio-url").header("content-type", "application/json"), Request::get("/studio/alice")]
        {
            let builder = value.into_iter().fold(builder, |builder, value| builder.header("authorization", value));
            let answer = client.service.send(builder.body(Body::from("{}")).expect("a request")).await;
            let said = told_by(&answer);
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{value:?}");
            assert_common(&answer, "401");
            let (scheme, code) =
                if is_none { ("Bearer", "token_missing") } else { ("Bearer error=\"invalid_token\"", "invalid_token") };
            assert_eq!((answer.header("www-authenticate"), &said["code"]), (scheme, &code.into()), "{value:?}");
            if !is_none {
                bodies.push(answer.body.replace(answer.header("x-correlation-id"), ""));
            }
        }
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "why is not told: {bodies:#?}");
    let log = client.service.log();
    for code in ["token_missing", "token_expired", "token_signature_invalid", "token_malformed"] {
        assert!(log.contains(&format!("\"code\":\"{code}\"")), "{code}: {log}");
    }
    assert_eq!((client.world.mints(), client.world.stand_ins.sagemaker.callers().len()), (0, 0));
}

#[tokio::test]
async fn a_token_is_taken_from_the_header_alone() {
    let client = client().await;
    let token = client.token("alice");
    let requests = [
        Request::get(format!("/studio/alice?access_token={token}")),
        Request::get("/studio/alice").header("cookie", format!("access_token={token}")),
        Request::get("/studio/alice").header("x-amzn-oidc-data", &token),
        Request::get("/studio/alice").header("x-forwarded-access-token", &token),
    ];
    for builder in requests {
        let answer = client.service.send(builder.body(Body::empty()).expect("a request")).await;
        assert_eq!((answer.status.as_u16(), &told_by(&answer)["code"]), (401, &"token_missing".into()));
    }
    let twice = bearer(bearer(Request::get("/studio/alice"), &token), &token).body(Body::empty()).expect("a request");
    let answer = client.service.send(twice).await;
    assert_eq!((answer.status.as_u16(), &*last(&client.service.log())), (401, "token_malformed"), "{answer:?}");
    assert!(!client.service.log().contains(&token));
    for scheme in ["bearer", "BEARER"] {
        let value = HeaderValue::from_str(&format!("{scheme} {token}")).expect("a value");
        let request = Request::get("/studio/alice").header("authorization", value).body(Body::empty());
        assert_eq!(client.service.send(request.expect("a request")).await.status, 302, "{scheme}");
    }
}

#[tokio::test]
async fn what_is_answered_is_kept_by_nobody() {
    let client = client().await;
    let token = client.token("alice");
    let answer = client.service.send(post(&token, &nothing())).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    let said = told_by(&answer);
    let mut members: Vec<_> = said.as_object().expect("an object").keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["expires_at", "url"]);
    assert_common(&answer, "200");
    let answer = client.service.send(get(&token, "alice")).await;
    assert_common(&answer, "302");
    for request in [
        get(&token, "bob"),
        get(&token, "%2e%2e"),
        get(&token, "alice%2Fx"),
        get(&token, "%ff"),
        get(&token, &"a".repeat(64)),
    ] {
        let uri = request.uri().clone();
        let answer = client.service.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{uri}: {answer:?}");
        assert_eq!(told_by(&answer)["code"], "another_profile", "{uri}");
        assert_common(&answer, "403");
    }
}

/// An API client has no browser to ask in, and nothing of its user has to fit into a cookie.
#[tokio::test]
async fn nobody_is_asked_to_confirm_a_token() {
    let two = entry("a", "alice", "profile = \"alice\"") + &entry("b", "alice", "profile = \"bob\"");
    let client =
        ApiClient::open(&["alice"], &two, &[("confirm", "always"), ("allowed-origins", "https://idp.example")]).await;
    let (status, body, outcome) = client.ask("alice", json!({"profile": "alice"})).await;
    assert_eq!((status, &*outcome), (200, "accepted"), "{body}");
    let groups: Vec<_> = (0..120).map(|number| format!("00000000-0000-0000-0000-{number:012}")).collect();
    let token = client.issuer.sign(&with(claims("alice", client.service.now()), "groups", json!(groups)));
    let answer = client.service.send(post(&token, &json!({}))).await;
    assert_eq!((answer.status, &*last(&client.service.log())), (StatusCode::CONFLICT, "choose"), "{}", answer.body);
}

#[tokio::test]
async fn the_token_api_does_not_exist_unless_it_is_configured() {
    let (world, book) = (World::without_aws(&["alice"]).await, Book::of(&entry("own", "alice", "")));
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let token = support::issuer::Issuer::new("one").token("alice", service.now());
    let document = Request::get("/openapi.json").body(Body::empty()).expect("a request");
    for request in [post(&token, &nothing()), get(&token, "alice"), document] {
        let path = request.uri().path().to_owned();
        assert_eq!(service.send(request).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let mut alice = Browser::of_service(&service);
    assert_eq!(alice.sign_in(&world.form(&service, "alice")).await.status, 302);
}

#[tokio::test]
async fn the_token_api_needs_a_ledger_and_all_of_its_settings() {
    let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(Profiles::default()).await);
    let book = Book::of(&entry("own", "alice", ""));
    let start = async |without: &str, more: &[(&'static str, &str)]| {
        let ours = settings(ISSUER, "https://idp.example/keys", CLIENT).into_iter().chain([("ledger", book.path())]);
        let ours = ours.filter(|(name, _)| *name != without && !more.iter().any(|(other, _)| other == name));
        let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let settings: Vec<_> = sign_ins.settings().into_iter().chain(ours).chain(more).collect();
        let started = stand_ins.try_service(&settings, Clock::system()).await;
        started.map(drop).map_err(|error| error.to_string())
    };
    start("", &[]).await.expect("it starts");
    for (without, named) in [
        ("ledger", "tokens need a ledger"),
        ("token-jwks", "STUDIO_ACS_TOKEN_JWKS"),
        ("token-audience", "STUDIO_ACS_TOKEN_AUDIENCE"),
        // Half of the settings of a token API mean that the operator wanted one.
        ("token-issuer", "STUDIO_ACS_TOKEN_ISSUER"),
    ] {
        let error = start(without, &[]).await.expect_err(without);
        assert!(error.contains(named), "{without}: {error}");
    }
    for (name, value) in [
        ("token-use", "any"),
        ("token-issuer", "the idp"),
        ("token-algorithms", "HS256"),
        ("token-max-age", "0"),
        ("token-max-age", "86401"),
        ("token-jwks-refresh", "59"),
        // ID tokens have no scopes.
        ("token-scope", "studio/open"),
    ] {
        let error = start("", &[(name, value)]).await.expect_err(name);
        assert!(error.contains(&name.to_uppercase().replace('-', "_")), "{name}: {error}");
    }
}

#[tokio::test]
async fn each_failure_of_the_mint_has_the_same_status_by_either_protocol() {
    let rows = [
        ("throttled", Behaviour::Throttle, 429, "mint_throttled"),
        ("denied", Behaviour::Deny, 403, "mint_denied"),
        ("failing", Behaviour::Fail, 502, "mint_failed"),
        ("foreign", Behaviour::MintForeign, 502, "url_forbidden"),
        ("hanging", Behaviour::Hang, 504, "mint_timeout"),
    ];
    for (user, behaviour, status, code) in rows {
        let world = World::of(Profiles::default().with(DOMAIN, user, behaviour)).await;
        // A throttled mint is patient.
        let timeout = if user == "hanging" { "1" } else { "20" };
        let client = ApiClient::open_in(world, &entry(user, user, ""), &[("mint-timeout", timeout)]).await;
        let (found, said, logged) = client.ask(user, nothing()).await;
        assert_eq!((found, &said["code"], &*logged), (status, &Value::from(code), code), "{user}: {said}");
    }
}
