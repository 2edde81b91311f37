//! The real server with logging at its loudest, on every path: no response, presigned URL or key is in its output, nor
//! in what it tells a browser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use studio_acs_saml::UnverifiedResponse;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::browser::Browser;
use support::process::{DOMAIN, Reply, SECRET_KEY, Server, SignIns, send};
use support::{FORM, StandIns, TestDir, form, form_with, pieces};

/// Texts that must not be in a log or on a page.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn add(&mut self, what: &str, pieces: impl IntoIterator<Item = String>) {
        self.0.extend(pieces.into_iter().map(|piece| (what.to_owned(), piece)));
    }

    fn assert_not_in(&self, place: &str, text: &str) {
        for (what, secret) in &self.0 {
            assert!(!text.contains(secret), "{what} is in {place}: {text}");
        }
    }
}

/// A post of this response, and what it must not leave behind.
async fn post(server: &Server, xml: &str, secrets: &mut Secrets) -> Reply {
    secrets.add("the response", pieces(xml.as_bytes()));
    secrets.add("its base64", pieces(STANDARD.encode(xml).as_bytes()));
    let form = form(xml.as_bytes());
    secrets.add("its form", pieces(&form));
    let reply = server.post(&form).await;
    // Parts that occur only in the tokens of this stand-in, and the one token that may be in this answer.
    let padding = "x".repeat(64);
    let told = match reply.text.split_once("/auth?token=") {
        Some((_, url)) => {
            let token: String = url.chars().take(32).collect();
            let told = reply.text.replace(&token, "").replace(&padding, "");
            secrets.add("the presigned URL", [token, padding]);
            told
        }
        None => reply.text.clone(),
    };
    secrets.assert_not_in("the answer", &told);
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loudest_log_tells_no_secret_on_any_path() {
    let behaviours = [
        ("alice", Behaviour::Mint, 302),
        ("long", Behaviour::MintLong, 200),
        ("foreign", Behaviour::MintForeign, 502),
        ("throttled", Behaviour::Throttle, 429),
        ("denied", Behaviour::Deny, 403),
        ("failing", Behaviour::Fail, 502),
        ("hanging", Behaviour::Hang, 504),
    ];
    let profiles = behaviours.iter().fold(Profiles::default(), |all, (user, how, _)| all.with(DOMAIN, user, *how));
    let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles).await);
    let loud = ["--log", "trace", "--mint-timeout", "1"];
    let mut secrets = Secrets::default();
    secrets.add("the secret key", [SECRET_KEY.to_owned()]);

    let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], &loud);
    for (user, _, status) in behaviours {
        let xml = sign_ins.response(user);
        // A mint worth a retry may run out of time.
        assert!([status, 504].contains(&post(&server, &xml, &mut secrets).await.status), "{user}");
        assert_eq!(post(&server, &xml, &mut secrets).await.status, 403, "{user} again");
    }
    assert_eq!(post(&server, &sign_ins.response("nobody"), &mut secrets).await.status, 404);
    let xml = sign_ins.response("alice");
    let edited = [
        xml.replace("alice", "admin"),
        xml.replace("Signature", "Sgnature"),
        xml.replace("Response", "Request"),
        xml.replace("acs.example", "them.example"),
        xml.replace("alice", "al<!--x-->ice"),
        xml[..xml.len() / 2].to_owned(),
        format!("<!DOCTYPE x>{xml}"),
    ];
    for xml in edited {
        assert!((400..404).contains(&post(&server, &xml, &mut secrets).await.status));
    }
    for (path, content_type, body) in [
        ("/saml", "text/xml", form(xml.as_bytes())),
        ("/saml", FORM, [&form(xml.as_bytes())[..], b"&SAMLResponse=x"].concat()),
        ("/elsewhere", FORM, form(xml.as_bytes())),
        ("/saml/metadata", FORM, form(xml.as_bytes())),
    ] {
        let reply = send(&server.address, path, content_type, &body).await.expect("an answer");
        assert!((400..=415).contains(&reply.status), "{path}: {reply:?}");
        secrets.assert_not_in("the answer", &reply.text);
    }
    let log = server.end();
    assert!(log.matches("\"message\":\"sign-in\"").count() > 20, "the attempts are logged: {log}");
    secrets.assert_not_in("the log", &log);

    // Where the store or SageMaker cannot be reached.
    let server = sign_ins.server(&[], &loud);
    assert!([502, 504].contains(&post(&server, &sign_ins.response("alice"), &mut secrets).await.status));
    secrets.assert_not_in("the log", &server.end());
    let sts = support::answering(
        403,
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>FwoGZXIvYXdzEXAMPLE</Message></Error></ErrorResponse>",
    );
    let role = [&loud[..], &["--mint-role", "arn:aws:iam::111122223333:role/mint"]].concat();
    let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint), ("STS", &sts.await)], &role);
    assert_eq!(post(&server, &sign_ins.response("alice"), &mut secrets).await.status, 403);
    secrets.add("what STS said", ["FwoGZXIvYXdzEXAMPLE".to_owned()]);
    secrets.assert_not_in("the log", &server.end());
    let more = [&loud[..], &["--replay-table", "used", "--table-timeout", "1"]].concat();
    let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], &more);
    assert_eq!(post(&server, &sign_ins.response("alice"), &mut secrets).await.status, 503);
    secrets.assert_not_in("the log", &server.end());

    // A sink that repeats its input, or answers with a secret.
    let key = TestDir::with("key", "a-key-of-a-sink-that-nobody-should-see");
    let path = format!("{}/key", key.path());
    secrets.add("the key of a sink", ["that-nobody-should-see".to_owned()]);
    secrets.add("what a sink said", ["EXAMPLE-OF-A-SINK".to_owned()]);
    for (sink, secret) in [
        ("--audit-webhook", "--audit-webhook-secret"),
        ("--audit-splunk", "--audit-splunk-token"),
        ("--audit-datadog", "--audit-datadog-key"),
    ] {
        for (status, code) in [(403, 503), (200, 302)] {
            let url = support::answering(status, "EXAMPLE-OF-A-SINK").await;
            let more = [&loud[..], &[sink, &url, secret, &path, "--audit-timeout", "1"]].concat();
            let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], &more);
            let status = post(&server, &sign_ins.response("alice"), &mut secrets).await.status;
            // Only a webhook is content with any words of success.
            assert_eq!(status, if sink == "--audit-webhook" { code } else { 503 }, "{sink}");
            let log = server.end();
            assert!(log.contains("\"class_uid\":6003"), "{log}");
            secrets.assert_not_in("the log", &log);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loudest_log_tells_no_resume_token_and_not_what_signs_them() {
    let profiles =
        ["alice-a", "alice-b"].iter().fold(Profiles::default(), |all, user| all.with(DOMAIN, user, Behaviour::Mint));
    let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles).await);
    let mut secrets = Secrets::default();
    let key = "a-key-of-resume-tokens-for-the-service-only";
    secrets.add("the key of resume tokens", [key.to_owned()]);
    let entry = |name: &str| {
        let profile = format!("profile = \"alice-{name}\"\nproduction = true\n[entry.provision]");
        let role = "execution_role = \"arn:aws:iam::111122223333:role/studio\"";
        format!("[[entry]]\nid = \"{name}\"\nuser = \"alice\"\ndomain = \"{DOMAIN}\"\n{profile}\n{role}\n")
    };
    let ledger = TestDir::with("ledger.toml", &["a", "b", "c"].map(entry).concat());
    let (ledger, key) = (format!("{}/ledger.toml", ledger.path()), TestDir::with("key", key));
    let key = format!("{}/key", key.path());
    let policy = "shipped:default,shipped:change-ticket,shipped:four-eyes";
    let flags = ["--log", "trace", "--ledger", &ledger, "--resume-key", &key, "--provision", "on", "--policy"];
    let start = |policy| sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], &[&flags[..], &[policy]].concat());

    let server = start("shipped:default,shipped:change-ticket");
    let mut alice = Browser::of_process(&server);
    let mut resume_tokens = Vec::new();
    for (entry, status) in [("a", 302), ("c", 200)] {
        assert_eq!(alice.sign_in(&sign_ins.form("alice")).await.status, 200, "the choice");
        resume_tokens.push(alice.resume_token().expect("a resume token").to_owned());
        assert_eq!(alice.submit("continue", &[("entry", entry)]).await.status, 200, "what for?");
        resume_tokens.push(alice.resume_token().expect("a resume token").to_owned());
        let page = alice.submit("continue", &[("ticket_number", "CHG1")]).await;
        assert_eq!(page.status, status, "{entry}: {page:?}");
        resume_tokens.extend(alice.resume_token().map(str::to_owned));
    }
    assert_eq!(resume_tokens.len(), 5, "the last one waits for a profile");
    alice.look_again().await;
    // Claimed, altered, and without a tag.
    for token in [resume_tokens[0].clone(), format!("{}x", resume_tokens[0]), resume_tokens[0].replace('.', "")] {
        alice.put_resume_token(&token);
        assert_eq!(alice.submit("continue", &[("entry", "a")]).await.status, 403);
    }
    let logs = [server.end()];
    let server = start(policy);
    let mut bob = Browser::of_process(&server);
    bob.sign_in(&form_with(sign_ins.response("bob").as_bytes(), "approvals")).await;
    resume_tokens.push(bob.resume_token().expect("a resume token").to_owned());
    bob.submit("review", &[("approve", "x")]).await;
    for token in resume_tokens {
        let (body, tag) = token.split_once('.').expect("a tag");
        secrets.add("a resume token", [body[..40].to_owned(), body[body.len() / 2..].to_owned(), tag.to_owned()]);
    }
    for log in [&logs[0], &server.end()] {
        assert!(log.contains("\"message\":\"sign-in\""), "{log}");
        secrets.assert_not_in("the log", log);
    }
}

#[test]
fn what_holds_a_secret_prints_as_redacted() {
    let sign_ins = SignIns::new();
    let xml = sign_ins.response("alice");
    let response = UnverifiedResponse::from_xml(xml.clone().into_bytes()).expect("a response");
    let printed = format!("{response:?}");
    assert!(pieces(xml.as_bytes()).iter().all(|piece| !printed.contains(&piece[..40])), "{printed}");
    assert!(printed.len() < 100, "{printed}");
}
