//! The classes of faults that are published about software of this field: each with harmless requests of our own, and the
//! exact answers. docs/threats.md names them, and the tests of the classes that are covered elsewhere.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use support::browser::RunningService;
use support::issuer::{CLIENT, ISSUER, Issuer, claims, key_set, with};
use support::process::DOMAIN;
use support::world::{Book, NOON, World, in_groups, lines};
use support::{Answer, FORM, TestDir};

const ANA: &str = "ana@corp.example";
const BOB: &str = "bob@corp.example";

/// A service with both protocols, and everything around it. Ana has one entry, Bob has two.
struct Site {
    world: World,
    service: RunningService,
    issuer: Issuer,
    _kept: [TestDir; 1],
    _book: Book,
}

impl Site {
    async fn open(ledger: &str, profiles: &[&str], more: &[(&'static str, &str)]) -> Self {
        let (world, book, issuer) = (World::without_aws(profiles).await, Book::of(ledger), Issuer::new("one"));
        let keys = TestDir::with("keys.json", &key_set(&[&issuer]));
        let (keys_path, ledger) = (format!("{}/keys.json", keys.path()), book.path());
        let ours = [
            ("ledger", ledger.as_str()),
            ("names", "shared"),
            ("token-issuer", ISSUER),
            ("token-jwks", &keys_path),
            ("token-audience", CLIENT),
            ("token-user-claim", "email"),
        ];
        let service = world.service(&[&ours[..], more].concat(), NOON).await;
        Self { world, service, issuer, _kept: [keys], _book: book }
    }

    async fn usual() -> Self {
        let entry = |id, user, profile| {
            format!("[[entry]]\nid = \"{id}\"\nuser = \"{user}\"\ndomain = \"{DOMAIN}\"\nprofile = \"{profile}\"\n")
        };
        let ledger = entry("a", ANA, "ana") + &entry("b1", BOB, "bob") + &entry("b2", BOB, "bobby");
        Self::open(&ledger, &["ana", "bob", "bobby"], &[]).await
    }

    /// Ana's form, by a response that was not sent yet.
    fn form(&self, user: &str, relay_state: &str) -> Vec<u8> {
        self.world.form_of(&in_groups(self.world.sign_ins.claim(user, self.service.now()), &["staff"]), relay_state)
    }

    fn token(&self, email: &str) -> String {
        let said = with(claims("93e7f4a8", self.service.now()), "email", json!(email));
        self.issuer.sign(&with(with(said, "email_verified", json!(true)), "groups", json!(["staff"])))
    }

    /// The answer, and the code or the outcome that is logged. A minute passes, so that no rate counts.
    async fn ask(&self, request: Request<Body>) -> (Answer, String) {
        let before = self.service.log().len();
        self.service.wait(60);
        let answer = self.service.send(request).await;
        let log = self.service.log().split_off(before);
        let told = |name| lines(&log, name).last().and_then(|line| line[name].as_str()).map(str::to_owned);
        (answer, told("code").or_else(|| told("step")).or_else(|| told("outcome")).unwrap_or_default())
    }

    /// The profile of the last mint.
    fn opened(&self) -> Value {
        self.world.asked().pop().map_or(Value::Null, |asked| asked["UserProfileName"].clone())
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(Body::from(body)).expect("a request")
}

/// Headers that a client can write, by the fault that some software has with them. Where a value is an address or a name, it is
/// one that would show.
const HEADERS: &[(&str, &[(&str, &str)])] = &[
    (
        "a health check by its user agent",
        &[
            ("user-agent", "ELB-HealthChecker/2.0"),
            ("user-agent", "GoogleHC/1.0"),
            ("user-agent", "kube-probe/1.32"),
            ("user-agent", "Amazon-Route53-Health-Check-Service"),
            ("user-agent", "Consul Health Check"),
        ],
    ),
    (
        "another path",
        &[
            ("x-forwarded-uri", "/healthz"),
            ("x-forwarded-uri", "https://elsewhere.example/healthz"),
            ("x-forwarded-path", "/healthz"),
            ("x-forwarded-prefix", "/elsewhere"),
            ("x-original-url", "/healthz"),
            ("x-original-uri", "/healthz"),
            ("x-rewrite-url", "/healthz"),
            ("x-envoy-original-path", "/healthz"),
            ("x_forwarded_uri", "/healthz"),
        ],
    ),
    (
        "another host or scheme",
        &[
            ("host", "elsewhere.example"),
            ("host", "acs.example:1@elsewhere.example"),
            ("x-forwarded-host", "elsewhere.example"),
            ("x-forwarded-server", "elsewhere.example"),
            ("x-host", "elsewhere.example"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-scheme", "http"),
            ("x-forwarded-port", "80"),
            ("x_forwarded_host", "elsewhere.example"),
            ("forwarded", "for=127.0.0.1;host=elsewhere.example;proto=http"),
            ("referer", "https://elsewhere.example/"),
        ],
    ),
    (
        "another method",
        &[
            ("x-http-method-override", "POST"),
            ("x-http-method-override", "GET"),
            ("x-http-method", "POST"),
            ("x-method-override", "GET"),
            ("x-forwarded-method", "OPTIONS"),
        ],
    ),
    (
        "a user by a header",
        &[
            ("x-forwarded-user", BOB),
            ("x-forwarded-email", BOB),
            ("x-forwarded-preferred-username", BOB),
            ("x-forwarded-groups", "administrators"),
            ("x_forwarded_user", BOB),
            ("x-auth-request-user", BOB),
            ("remote-user", BOB),
            ("x-remote-user", BOB),
            ("x-amzn-oidc-identity", BOB),
            ("x-amzn-oidc-data", "eyJhbGciOiJub25lIn0.e30."),
            ("x-ms-client-principal-name", BOB),
            ("x-goog-authenticated-user-email", BOB),
            ("x-client-cert", "CN=bob"),
        ],
    ),
    (
        "a trusted address",
        &[
            ("x-forwarded-for", "127.0.0.1"),
            ("x-real-ip", "127.0.0.1"),
            ("x-client-ip", "127.0.0.1"),
            ("true-client-ip", "127.0.0.1"),
        ],
    ),
    (
        "a header that takes others away, or the connection to another protocol",
        &[("connection", "cookie, authorization, content-type"), ("upgrade", "websocket"), ("expect", "200-ok")],
    ),
    (
        "cookies that cannot be read",
        &[
            ("cookie", ";;=;,"),
            ("cookie", "__Host-studio-acs-resume"),
            ("cookie", "__Host-studio-acs-resume=; __Host-studio-acs-resume=a.b"),
            ("cookie", "$Version=1; session=authenticated"),
        ],
    ),
];

/// Requests without a credential: the method, the path, and what they must come to.
const WITHOUT_CREDENTIAL: &[(&str, &str, u16, &str)] = &[
    ("GET", "/saml", 405, "method_not_allowed"),
    ("POST", "/saml", 400, "malformed_request"),
    ("GET", "/saml/continue", 403, "resume_missing"),
    ("POST", "/saml/continue", 403, "resume_missing"),
    ("POST", "/saml/review", 403, "resume_missing"),
    ("POST", "/studio-url", 401, "token_missing"),
    ("GET", "/studio/ana", 401, "token_missing"),
    ("GET", "/", 404, "not_found"),
    ("GET", "/console", 404, "not_found"),
];

#[tokio::test]
async fn no_header_stands_for_a_credential() {
    for (class, headers) in HEADERS {
        let site = Site::usual().await;
        for header in *headers {
            for (method, path, status, code) in WITHOUT_CREDENTIAL {
                let asked = request(method, path, &[("content-type", FORM), *header], Vec::new());
                let (answer, told) = site.ask(asked).await;
                let found = (answer.status.as_u16(), told.as_str());
                // A cookie that is no resume token is told apart from none.
                let code = if *code == "resume_missing" && told == "resume_invalid" { "resume_invalid" } else { code };
                assert_eq!(found, (*status, code), "{class}: {header:?} {method} {path}");
                assert!(answer.headers.get("location").is_none(), "{class}: {header:?} {method} {path}");
            }
        }
        assert_eq!(site.world.mints(), 0, "{class}");
    }
}

/// The answer without its random values.
fn shape(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let attributes = |value: &str| value.split_once(';').map_or("", |(_, attributes)| attributes).to_owned();
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-correlation-id");
    let headers = headers.map(|(name, value)| {
        let value = value.to_str().expect("ASCII");
        let value = match name.as_str() {
            "set-cookie" => attributes(value),
            "location" => value.split_once("?").map_or(value, |(address, _)| address).to_owned(),
            _ => value.to_owned(),
        };
        (name.to_string(), value)
    });
    let text = answer.body.replace(answer.header("x-correlation-id"), "");
    let body = text.split("name=\"csrf_token\" value=\"").enumerate();
    let body = body.map(|(place, part)| if place == 0 { part } else { part.split_once('"').expect("an end").1 });
    (answer.status.as_u16(), headers.collect(), body.collect())
}

/// Neither the redirect, nor a page, its cookies and its addresses, nor our metadata, nor the user are taken from a header.
#[tokio::test]
async fn no_header_changes_what_a_sign_in_comes_to() {
    let ask = async |site: &Site, class: &str, header: Option<(&str, &str)>| {
        let ours = [("content-type", FORM)];
        let headers: Vec<_> = ours.into_iter().chain(header).collect();
        let mut shapes = Vec::new();
        for user in [ANA, BOB] {
            site.service.wait(60);
            let (answer, told) = site.ask(request("POST", "/saml", &headers, site.form(user, ""))).await;
            let expected = if user == ANA { "accepted" } else { "choose" };
            assert_eq!(told, expected, "{class}: {header:?}");
            shapes.push(shape(&answer));
        }
        assert_eq!(site.opened(), "ana", "{class}: {header:?}");
        let bearer = format!("Bearer {}", site.token(ANA));
        let with_token: Vec<_> = [("authorization", bearer.as_str())].into_iter().chain(header).collect();
        let (answer, told) = site.ask(request("GET", "/studio/ana", &with_token, Vec::new())).await;
        assert_eq!(told, "accepted", "{class}: {header:?}");
        shapes.push(shape(&answer));
        shapes.push(shape(&site.ask(request("GET", "/saml/metadata", &headers, Vec::new())).await.0));
        shapes
    };
    let expected = ask(&Site::usual().await, "none", None).await;
    assert!(expected[3].2.contains("Location=\"https://acs.example/saml\""), "{}", expected[3].2);
    for (class, headers) in HEADERS {
        let site = Site::usual().await;
        for header in *headers {
            assert_eq!(ask(&site, class, Some(*header)).await, expected, "{class}: {header:?}");
        }
    }
}

/// Under `serve` no header is the client's address, so that none leads into the office.
#[tokio::test]
async fn an_address_in_a_header_is_not_the_clients() {
    let entry = format!("[[entry]]\nid = \"a\"\nuser = \"{ANA}\"\ndomain = \"{DOMAIN}\"\nprofile = \"ana\"\n");
    let site = Site::open(&entry, &["ana"], &[("policy", "shipped:default,shipped:office-network")]).await;
    for name in ["x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip", "forwarded", "x-amz-vpce-id"] {
        for value in ["10.1.2.3", "10.1.2.3, 203.0.113.9", "for=10.1.2.3"] {
            let asked = request("POST", "/saml", &[("content-type", FORM), (name, value)], site.form(ANA, ""));
            let (answer, told) = site.ask(asked).await;
            assert_eq!((answer.status.as_u16(), told.as_str()), (403, "policy_denied"), "{name}: {value}");
        }
    }
    assert_eq!(site.world.mints(), 0);
}

/// A path is compared as it came: nothing is decoded, resolved, folded or cut off before a route is chosen.
#[tokio::test]
async fn a_path_that_reads_like_a_route_is_none() {
    let site = Site::usual().await;
    let bearer = format!("Bearer {}", site.token(ANA));
    for (path, status, code) in [
        ("//saml", 404, "not_found"),
        ("/saml/", 404, "not_found"),
        ("/saml//", 404, "not_found"),
        ("/./saml", 404, "not_found"),
        ("/healthz/../saml", 404, "not_found"),
        ("/healthz/%2e%2e/saml", 404, "not_found"),
        ("/healthz/..;/saml", 404, "not_found"),
        ("/saml;healthz", 404, "not_found"),
        ("/saml%2f", 404, "not_found"),
        ("/saml%3f", 404, "not_found"),
        ("/saml%00", 404, "not_found"),
        ("/%73aml", 404, "not_found"),
        ("/SAML", 404, "not_found"),
        ("/\\saml", 404, "not_found"),
        ("/saml/..", 404, "not_found"),
        ("/saml/metadata/../review", 404, "not_found"),
        ("/elsewhere.example/saml", 404, "not_found"),
        // A health check is its own path, and nothing below or beside it.
        ("/healthz/saml", 404, "not_found"),
        ("/healthz", 405, ""),
        ("/readyz", 405, ""),
        ("/saml/metadata", 405, ""),
        // A query changes nothing, and neither does a host before the path.
        ("/saml?path=/healthz&rd=https://elsewhere.example/", 302, "accepted"),
        ("http://elsewhere.example/saml", 302, "accepted"),
    ] {
        site.service.wait(60);
        let before = site.world.mints();
        let asked = request("POST", path, &[("content-type", FORM)], site.form(ANA, ""));
        let (answer, told) = site.ask(asked).await;
        assert_eq!((answer.status.as_u16(), told.as_str()), (status, code), "{path}");
        assert_eq!(site.world.mints() - before, usize::from(status == 302), "{path}");
        assert!(!answer.header("location").contains("elsewhere"), "{path}");
    }
    for (path, status, code) in [
        ("/studio/ana/", 404, "not_found"),
        ("/studio//ana", 404, "not_found"),
        ("//studio/ana", 404, "not_found"),
        ("/Studio/ana", 404, "not_found"),
        ("/studio/../studio/ana", 404, "not_found"),
        ("/studio/bob/../ana", 404, "not_found"),
        ("/studio/bob%2f..%2fana", 403, "another_profile"),
        ("/studio/ana%2f", 403, "another_profile"),
        ("/studio/ana%00", 403, "another_profile"),
        ("/studio/bob;ana", 403, "another_profile"),
        ("/studio/bob", 403, "another_profile"),
        // A parameter is decoded once, and names the same profile in any case.
        ("/studio/%61na", 302, "accepted"),
        ("/studio/%2561na", 403, "another_profile"),
    ] {
        let (answer, told) = site.ask(request("GET", path, &[("authorization", &bearer)], Vec::new())).await;
        assert_eq!((answer.status.as_u16(), told.as_str()), (status, code), "{path}");
    }
}

/// A method counts as it is written, wherever another one stands.
#[tokio::test]
async fn a_method_is_the_requests_own() {
    let site = Site::usual().await;
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post", "Post", "POSTS"] {
        for (path, body) in [
            ("/saml", site.form(ANA, "")),
            ("/saml?_method=POST", site.form(ANA, "")),
            ("/saml", [b"_method=POST&".to_vec(), site.form(ANA, "")].concat()),
        ] {
            let headers = [("content-type", FORM), ("x-http-method-override", "POST")];
            let (answer, told) = site.ask(request(method, path, &headers, body)).await;
            assert_eq!((answer.status.as_u16(), told.as_str()), (405, "method_not_allowed"), "{method} {path}");
            assert_eq!(answer.header("allow"), "POST", "{method} {path}");
        }
    }
    assert_eq!(site.world.mints(), 0);
}

/// A response comes in the body of a form, and in no other way; nothing is unpacked.
#[tokio::test]
async fn a_response_comes_by_the_post_binding_alone() {
    let site = Site::usual().await;
    let form = || site.form(ANA, "");
    let text = |form: Vec<u8>| String::from_utf8(form).expect("ASCII");
    // "x", deflated and in base64, as the redirect binding has its messages.
    let deflated = b"SAMLResponse=qwAA&RelayState=".to_vec();
    for (what, asked, status, code) in [
        (
            "the redirect binding",
            request("GET", &format!("/saml?{}", text(form())), &[], Vec::new()),
            405,
            "method_not_allowed",
        ),
        (
            "a response in the query of a post",
            request("POST", &format!("/saml?{}", text(form())), &[("content-type", FORM)], Vec::new()),
            400,
            "malformed_request",
        ),
        ("a deflated response", request("POST", "/saml", &[("content-type", FORM)], deflated), 400, "malformed_xml"),
        (
            "another media type",
            request("POST", "/saml", &[("content-type", "text/xml")], form()),
            415,
            "unsupported_media_type",
        ),
        (
            "two media types",
            request("POST", "/saml", &[("content-type", FORM), ("content-type", "text/xml")], form()),
            415,
            "unsupported_media_type",
        ),
        (
            "a body that says that it is packed, and is not",
            request("POST", "/saml", &[("content-type", FORM), ("content-encoding", "gzip")], form()),
            302,
            "accepted",
        ),
        (
            "a packed body: the head of a gzip file",
            request(
                "POST",
                "/saml",
                &[("content-type", FORM), ("content-encoding", "gzip")],
                vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ),
            400,
            "malformed_request",
        ),
    ] {
        let (answer, told) = site.ask(asked).await;
        assert_eq!((answer.status.as_u16(), told.as_str()), (status, code), "{what}");
    }
    assert_eq!(site.world.mints(), 1);
}

/// The redirect goes to Studio, whatever the browser brings as the place to return to.
#[tokio::test]
async fn nothing_that_a_browser_brings_is_redirected_to() {
    let site = Site::usual().await;
    for place in [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
        "https:elsewhere.example",
        "https://studio.sagemaker.aws@elsewhere.example/",
        "https://elsewhere.example/.sagemaker.aws",
        "https://elsewhere.example#.sagemaker.aws",
        "%2f%2felsewhere.example",
        "javascript:elsewhere",
        "data:text/html,elsewhere",
    ] {
        site.service.wait(60);
        let query: String = form_urlencoded::byte_serialize(place.as_bytes()).collect();
        let path = format!("/saml?rd={query}&next={query}&redirect_uri={query}&RelayState={query}");
        let (answer, told) = site.ask(request("POST", &path, &[("content-type", FORM)], site.form(ANA, place))).await;
        assert_eq!((answer.status.as_u16(), told.as_str()), (302, "accepted"), "{place}");
        assert!(answer.header("location").starts_with("http://127.0.0.1:1/"), "{place}: {}", answer.header("location"));
        let shown = format!("{:?}{}", answer.headers, answer.body);
        assert!(!shown.contains("elsewhere"), "{place}: {shown}");
    }
}

/// Users by addresses, and a policy about their domain: an address that readers take apart differently is refused, and one
/// that only looks like another's is another user's. The profile's name is derived from the user's.
#[tokio::test]
async fn an_address_is_one_users_and_of_one_domain() {
    let entry = "[[entry]]\nid = \"staff\"\ngroup = \"staff\"\ndomain = \"d-abc123\"\nprofile = \"{user}\"\n";
    let policy = "@id(\"our-domain\") @reason(\"Users of corp.example only.\")\n\
                  forbid (principal, action == Action::\"OpenStudio\", resource)\n\
                  unless { principal.name like \"*@corp.example\" };\n";
    let policy = TestDir::with("domain.cedar", policy);
    let policies = format!("shipped:default,{}/domain.cedar", policy.path());
    let site = Site::open(entry, &[], &[("policy", &policies)]).await;
    let sign_in = async |user: &str| {
        site.service.wait(60);
        site.ask(request("POST", "/saml", &[("content-type", FORM)], site.form(user, ""))).await
    };
    // SageMaker has no such profile yet: the name that it was asked for is Ana's.
    assert_eq!(sign_in(ANA).await.1, "profile_not_found");
    let anas = site.opened();
    assert!(anas.as_str().is_some_and(|name| name.starts_with("ana-corp-example-")), "{anas}");

    let opened = "profile_not_found";
    for (user, saml, token, is_ana) in [
        (ANA, opened, opened, true),
        ("ANA@Corp.Example", opened, opened, true),
        // Two readers would find two domains, or two users.
        ("mallory@elsewhere.example@corp.example", "attribute_invalid", "token_claim_invalid", false),
        ("ana@corp.example@elsewhere.example", "attribute_invalid", "token_claim_invalid", false),
        ("\"mallory@elsewhere.example\"@corp.example", "attribute_invalid", "token_claim_invalid", false),
        ("mallory@elsewhere.example,ana@corp.example", "attribute_invalid", "token_claim_invalid", false),
        ("mallory@elsewhere.example <ana@corp.example>", "attribute_invalid", "token_claim_invalid", false),
        ("ana@@corp.example", "attribute_invalid", "token_claim_invalid", false),
        ("@corp.example", "attribute_invalid", "token_claim_invalid", false),
        ("ana@", "attribute_invalid", "token_claim_invalid", false),
        // Hidden characters.
        ("ana@corp.example\u{200b}", "attribute_invalid", "token_claim_invalid", false),
        ("ana\u{202e}@corp.example", "attribute_invalid", "token_claim_invalid", false),
        // Other forms of an `@`, which a reader that normalises names takes for one.
        ("ana\u{ff20}corp.example", "attribute_invalid", "token_claim_invalid", false),
        ("ana\u{fe6b}corp.example", "attribute_invalid", "token_claim_invalid", false),
        ("mallory\u{ff20}elsewhere.example@corp.example", "attribute_invalid", "token_claim_invalid", false),
        // Another domain, which ends, begins or looks like ours.
        ("ana@notcorp.example", "policy_denied", "policy_denied", false),
        ("ana@corp.example.elsewhere.example", "policy_denied", "policy_denied", false),
        ("ana@corp.example.", "policy_denied", "policy_denied", false),
        ("ana@sub.corp.example", "policy_denied", "policy_denied", false),
        ("ana%40corp.example", "policy_denied", "policy_denied", false),
        ("ana@\u{441}orp.example", "policy_denied", "policy_denied", false),
        // Another user of our domain, whose name looks like Ana's.
        ("an\u{430}@corp.example", opened, opened, false),
        ("\u{aa}na@corp.example", opened, opened, false),
        ("ana+x@corp.example", opened, opened, false),
        ("a.na@corp.example", opened, opened, false),
        ("ana-corp-example", "policy_denied", "policy_denied", false),
    ] {
        let before = site.world.asked().len();
        assert_eq!(sign_in(user).await.1, saml, "{user}: SAML");
        let bearer = format!("Bearer {}", site.token(user));
        site.service.wait(60);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let (_, told) = site.ask(request("POST", "/studio-url", &headers, b"{}".to_vec())).await;
        assert_eq!(told, token, "{user}: token");
        let asked = site.world.asked().split_off(before);
        assert_eq!(asked.len(), if saml == opened { 2 } else { 0 }, "{user}");
        for asked in asked {
            assert_eq!(asked["UserProfileName"] == anas, is_ana, "{user}: {asked}");
        }
    }
}
