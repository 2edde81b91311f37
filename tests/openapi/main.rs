//! The token API of the real program against its own OpenAPI document, asked by schemathesis and by generated clients. Not
//! among the default tests: it wants `SCHEMATHESIS`, the path of `st`, and `CLIENTS`, the folder of the clients
//! (`scripts/openapi` installs them, and runs this).

#![allow(missing_docs, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod clients;

use std::process::Command;

use studio_acs::Clock;
use studio_acs_standins::sagemaker::{Behaviour, Making, Profiles};
use support::issuer::{CLIENT, ISSUER, Issuer, key_set};
use support::process::{DOMAIN, Server, SignIns, exchange};
use support::world::entry;
use support::{StandIns, TestDir};

/// The checks of each answer to a user who is not let in.
const CONFORMANCE: &str =
    "status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";
/// Whoever opens this user profile needs a ticket, or an approval.
const POLICY: &str = r#"
@id("ticket")
@reason("A ticket is needed, such as CHG0012345.")
@needs("ticket")
forbid (principal, action == Action::"OpenStudio", resource)
when { resource.profile == "ticketed" }
unless { context has ticket_number };
@id("approval")
@reason("Somebody else has to agree.")
@needs("approval")
forbid (principal, action == Action::"OpenStudio", resource)
when { resource.profile == "approved" }
unless { context has approved_by };
"#;

struct Rig {
    issuer: Issuer,
    server: Server,
    work: TestDir,
    _sign_ins: SignIns,
    _stand_ins: StandIns,
    _files: [TestDir; 3],
}

impl Rig {
    async fn start() -> Self {
        let mints = ["alice", "ticketed", "approved", "a", "b"].iter();
        let profiles = mints.fold(Profiles::default(), |all, name| all.with(DOMAIN, name, Behaviour::Mint));
        let profiles = profiles.with(DOMAIN, "throttled", Behaviour::Throttle).with(DOMAIN, "failing", Behaviour::Fail);
        let stand_ins = StandIns::start(profiles.making(Making::Ready(1_000))).await;
        let own = |user: &str| entry(user, user, "");
        let made = "[entry.provision]\nexecution_role = \"arn:aws:iam::111122223333:role/studio-notebooks\"\n";
        let ledger = ["alice", "ticketed", "approved", "throttled", "failing", "nowhere"].map(own).concat()
            + &entry("made", "made", made)
            + &entry("a", "several", "profile = \"a\"")
            + &entry("b", "several", "profile = \"b\"");
        let issuer = Issuer::new("one");
        let keys = TestDir::with("keys.json", &key_set(&[&issuer]));
        let (book, policy) = (TestDir::with("ledger.toml", &ledger), TestDir::with("policy.cedar", POLICY));
        let (keys_path, policy_path) =
            (format!("{}/keys.json", keys.path()), format!("shipped:default,{}/policy.cedar", policy.path()));
        let ledger_path = format!("{}/ledger.toml", book.path());
        let flags = [
            ["--names", "shared"],
            ["--token-issuer", ISSUER],
            ["--token-jwks", &keys_path],
            ["--token-audience", CLIENT],
            ["--ledger", &ledger_path],
            ["--policy", &policy_path],
            ["--provision", "on"],
        ];
        let sign_ins = SignIns::new();
        let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], flags.as_flattened());
        let work = TestDir::with("empty", "");
        Self { issuer, server, work, _sign_ins: sign_ins, _stand_ins: stand_ins, _files: [keys, book, policy] }
    }

    fn document(&self) -> String {
        format!("http://{}/openapi.json", self.server.address)
    }

    /// The status for this user, asking for nothing in particular.
    async fn status(&self, user: &str) -> u16 {
        let token = self.token(user);
        let head = format!(
            "POST /studio-url HTTP/1.1\r\nhost: acs.example\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n"
        );
        exchange(&self.server.address, &head, b"{}").await.expect("an answer").status
    }

    fn token(&self, user: &str) -> String {
        self.issuer.token(user, Clock::system().now())
    }

    /// Whether schemathesis finds that the program is as `document` says, for this user; and what it tells.
    fn agrees(&self, document: &str, user: &str, more: &[&str]) -> (bool, String) {
        let program = std::env::var("SCHEMATHESIS").expect("SCHEMATHESIS is not set: see scripts/openapi");
        let token = self.token(user);
        let output = Command::new(program)
            .current_dir(self.work.path())
            .args(["--no-color", "run", document, "--url", &format!("http://{}", self.server.address)])
            .args(["--header", &format!("Authorization: Bearer {token}"), "--generation-deterministic"])
            .args(more)
            .output()
            .expect("schemathesis runs");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_answers_as_its_document_says() {
    let rig = Rig::start().await;
    let document = rig.document();
    // A user who is let in: every check, by examples, edge cases and chance; also calls without the token.
    let all = ["--phases", "examples,coverage,fuzzing", "--checks", "all", "--max-examples", "150"];
    let (agrees, told) = rig.agrees(&document, "alice", &all);
    println!("{told}");
    assert!(agrees);
    // Those who get another answer.
    for (user, status) in [
        ("several", 409),
        ("ticketed", 409),
        ("approved", 202),
        ("made", 202),
        ("nowhere", 404),
        ("mallory", 403),
        ("throttled", 429),
        ("failing", 502),
    ] {
        assert_eq!(rig.status(user).await, status, "{user}");
        let more = ["--phases", "examples", "--checks", CONFORMANCE];
        let (agrees, told) = rig.agrees(&document, user, &more);
        assert!(agrees, "{user}: {told}");
    }
    // A tool that finds no fault in a wrong document looks at nothing.
    for (right, wrong) in
        [("\"expires_at\"", "\"expires\""), ("\"403\":", "\"418\":"), ("\"no-store\"", "\"no-cache\"")]
    {
        let text = include_str!("../../src/http/api/openapi.json").replace(right, wrong);
        let dir = TestDir::with("broken.json", &text);
        let broken = format!("{}/broken.json", dir.path());
        let more = ["--phases", "examples,coverage", "--checks", CONFORMANCE, "--max-failures", "1"];
        let (agrees, told) = rig.agrees(&broken, "alice", &more);
        assert!(!agrees && told.contains("failure"), "{right} instead of {wrong} goes unnoticed: {told}");
    }
}
