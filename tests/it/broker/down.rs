//! A required part that does not answer: nothing is minted, and the code names the part.

use aws_sdk_dynamodb::types::AttributeValue;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};

use super::{ASSERTIONS, Book, LEDGER, NOON, RATES, STREAM, World, entry, last, on_record, text};
use support::browser::Browser;
use support::fault::{Fault, store};
use support::moto::{Lost, Way};
use support::process::{DOMAIN, NOWHERE, SignIns};
use support::{StandIns, TestDir, answering, form_with};

const ROLE: &str = "arn:aws:iam::111122223333:role/studio-acs-mint";
const GONE: &str = "gone";

/// A part that is down: who signs in, the flags and the endpoints that differ, and what must come of it.
struct Part {
    name: &'static str,
    user: &'static str,
    flags: Vec<(&'static str, String)>,
    aws: Vec<(&'static str, String)>,
    status: u16,
    code: &'static str,
    /// Whether the mint was on record as an intent before it failed.
    intended: bool,
}

impl Part {
    fn new(name: &'static str, status: u16, code: &'static str) -> Self {
        Self { name, user: "alice", flags: Vec::new(), aws: Vec::new(), status, code, intended: false }
    }

    fn flag(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.flags.push((name, value.into()));
        self
    }

    fn aws(mut self, service: &'static str, url: impl Into<String>) -> Self {
        self.aws.push((service, url.into()));
        self
    }
}

async fn parts() -> Vec<Part> {
    let throttled = answering(400, r#"{"__type":"ThrottlingException"}"#).await;
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
    vec![
        Part::new("the ledger", 503, "ledger_unavailable").flag("--ledger", format!("dynamodb:{GONE}")),
        Part::new("the counters", 503, "rate_store_unavailable").flag("--rate-table", GONE),
        Part { user: "prod", ..Part::new("the approvals", 503, "approval_store_unavailable") }
            .flag("--approval-table", GONE),
        Part::new("used assertions", 503, "replay_store_unavailable").flag("--replay-table", GONE),
        Part::new("DynamoDB", 503, "replay_store_unavailable").aws("DYNAMODB", NOWHERE),
        Part::new("a DynamoDB that hangs", 503, "replay_store_unavailable")
            .aws("DYNAMODB", store(Fault::Hangs).await)
            .flag("--table-timeout", "1"),
        Part::new("a DynamoDB that throttles", 503, "replay_store_unavailable").aws("DYNAMODB", throttled),
        Part::new("the audit sink", 503, "audit_unavailable").aws("FIREHOSE", NOWHERE),
        Part::new("an audit sink that refuses", 503, "audit_unavailable")
            .aws("FIREHOSE", answering(400, r#"{"__type":"ResourceNotFoundException"}"#).await),
        Part { intended: true, ..Part::new("STS", 502, "mint_unreachable") }.aws("STS", NOWHERE),
        Part { intended: true, ..Part::new("an STS that denies", 403, "mint_role_denied") }
            .aws("STS", answering(403, denied).await),
        Part { intended: true, ..Part::new("an STS that hangs", 504, "mint_timeout") }
            .aws("STS", store(Fault::Hangs).await)
            .flag("--mint-timeout", "1"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_that_is_down_alone_lets_nobody_in() {
    let world = World::with(&["alice", "prod"]).await;
    let domain = ("domain", text(DOMAIN));
    world.put("user#alice", "own", std::slice::from_ref(&domain)).await;
    world.put("user#prod", "own", &[domain, ("production", AttributeValue::Bool(true))]).await;
    let run = async |part: &Part| {
        // Beside the way, which is for one call at a time.
        let moto = world.moto().endpoint.as_str();
        let mut aws = vec![("FIREHOSE", moto), ("DYNAMODB", moto), ("STS", moto)];
        aws.push(("SAGEMAKER", &world.stand_ins.endpoint));
        aws.retain(|(service, _)| !part.aws.iter().any(|(other, _)| other == service));
        aws.extend(part.aws.iter().map(|(service, url)| (*service, url.as_str())));
        let ledger = format!("dynamodb:{LEDGER}");
        let mut flags = vec![
            ("--ledger", ledger.as_str()),
            ("--policy", "shipped:default,shipped:four-eyes"),
            ("--rate-table", RATES),
            ("--approval-table", LEDGER),
            ("--replay-table", ASSERTIONS),
            ("--audit-firehose", STREAM),
            ("--mint-role", ROLE),
            ("--table-timeout", "8"),
        ];
        flags.retain(|(name, _)| !part.flags.iter().any(|(other, _)| other == name));
        flags.extend(part.flags.iter().map(|(name, value)| (*name, value.as_str())));
        let flags: Vec<_> = flags.into_iter().flat_map(|(name, value)| [name, value]).collect();
        let server = world.sign_ins.server(&aws, &flags);
        let page = Browser::of_process(&server).sign_in(&world.sign_ins.form(part.user)).await;
        let log = server.end();
        assert_eq!((page.status, last(&log)), (part.status, part.code.to_owned()), "{}: {log}", part.name);
        (page, log)
    };
    run(&Part::new("nothing", 302, "accepted")).await;
    run(&Part { user: "prod", ..Part::new("nothing", 200, "needs_approval") }).await;
    assert_eq!((world.mints(), world.stand_ins.sagemaker.callers().len()), (1, 1));
    for part in parts().await {
        let (page, log) = run(&part).await;
        let words = if part.status == 503 { "Sign-in is not available right now" } else { "Studio" };
        assert!(page.body.contains(words) && !page.body.contains(part.code), "{}: {}", part.name, page.body);
        let mints: Vec<_> =
            on_record(&log).into_iter().filter(|(call, _)| call == "CreatePresignedDomainUrl").collect();
        let told = |status: &str| ("CreatePresignedDomainUrl".to_owned(), status.to_owned());
        if part.intended {
            assert_eq!(mints, [told("Intent"), told("Failure")], "{}", part.name);
        } else {
            assert!(!mints.contains(&told("Success")), "{}: {mints:?}", part.name);
        }
        assert_eq!(world.stand_ins.sagemaker.callers().len(), 1, "{}: nothing was asked of SageMaker", part.name);
    }
    assert_eq!(world.mints(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_counts_lets_nobody_in_where_nobody_can_count() {
    let world = World::with(&["alice"]).await;
    let book = Book::of(&entry("own", "alice", ""));
    let settings = [("ledger", &*book.path()), ("policy", "shipped:default,shipped:slow-down"), ("rate-table", GONE)];
    let service = world.service(&settings, NOON).await;
    assert_eq!(world.sign_in(&service, "alice").await.status, 503);
    assert_eq!((last(&service.log()), world.mints()), ("rate_store_unavailable".to_owned(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_counts_lets_nobody_in_where_counters_can_be_written_and_not_read() {
    let mut world = World::with(&["alice"]).await;
    world.way = Way::to(&world.moto().endpoint, Some(&world.stand_ins.endpoint), Lost::Reads);
    for (policy, status) in [("shipped:default,shipped:slow-down", 503), ("shipped:default", 302)] {
        let service = world.service(&[("policy", policy), ("rate-table", RATES)], NOON).await;
        assert_eq!(world.sign_in(&service, "alice").await.status, status, "{policy}: {}", service.log());
    }
    assert_eq!(world.mints(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_down_while_it_runs_lets_nobody_in() {
    let world = World::with(&["alice"]).await;
    let book = Book::of(&entry("own", "alice", "production = true"));
    let policy = "shipped:default,shipped:change-ticket";
    let flags = ["--ledger", &book.path(), "--policy", policy, "--replay-table", ASSERTIONS, "--rate-table", RATES];
    let server = world.server(&flags);
    let mut browser = Browser::of_process(&server);
    for table in [ASSERTIONS, RATES] {
        assert_eq!(browser.sign_in(&world.sign_ins.form("alice")).await.status, 200);
        world.tables().delete_table().table_name(table).send().await.expect("a deletion");
        assert_eq!(browser.submit("continue", &[("ticket_number", "CHG1")]).await.status, 503, "{table}");
        if table == ASSERTIONS {
            assert_eq!(browser.sign_in(&world.sign_ins.form("alice")).await.status, 503);
            return_table(&world).await;
        }
    }
    let log = server.end();
    assert_eq!(log.matches("\"code\":\"replay_store_unavailable\"").count(), 2, "{log}");
    assert_eq!(last(&log), "rate_store_unavailable", "{log}");
    assert_eq!(world.mints(), 0);
}

async fn return_table(world: &World) {
    world.moto().add_table(ASSERTIONS, &["replay_key"], None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_in_a_parameter_that_cannot_be_read_holds_for_its_greatest_age() {
    let world = World::with(&["alice"]).await;
    let ssm = aws_sdk_ssm::Client::new(&world.moto().sdk());
    let text = entry("own", "alice", "");
    let put = ssm.put_parameter().name("/ledger").value(text).r#type(aws_sdk_ssm::types::ParameterType::String);
    put.send().await.expect("a parameter");
    let settings = [("ledger", "ssm:/ledger"), ("ledger-max-age", "900"), ("ledger-refresh", "30")];
    let service = world.service(&settings, NOON).await;
    let sign_in = async || world.sign_in(&service, "alice").await.status;
    assert_eq!(sign_in().await, 302);
    ssm.delete_parameter().name("/ledger").send().await.expect("a deletion");
    service.wait(899);
    assert_eq!(sign_in().await, 302, "the last good one");
    service.wait(1);
    assert_eq!(sign_in().await, 503);
    assert_eq!((last(&service.log()), world.mints()), ("ledger_unavailable".to_owned(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_down_lets_nobody_in_and_nobody_ask_for_approval() {
    let sign_ins = SignIns::new();
    let stand_ins = StandIns::start(Profiles::default().with(DOMAIN, "alice", Behaviour::Mint)).await;
    let key = TestDir::with("key", "a key of thirty-two characters or more");
    let (key, hook) = (format!("{}/key", key.path()), answering(500, "down").await);
    let book = Book::of(&(entry("own", "alice", "") + &entry("prod", "bob", "production = true")));
    let policy = "shipped:default,shipped:four-eyes";
    let mut flags = vec!["--audit-webhook", &hook, "--audit-webhook-secret", &key, "--audit-timeout", "1"];
    let path = book.path();
    flags.extend(["--ledger", &path, "--policy", policy]);
    let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], &flags);
    for user in ["alice", "bob"] {
        let page = Browser::of_process(&server).sign_in(&sign_ins.form(user)).await;
        assert_eq!(page.status, 503, "{user}: {page:?}");
    }
    // No approver could have approved a request that is not on record.
    let mut claim = sign_ins.claim("frank", studio_acs::Clock::system().now());
    claim.groups = vec!["approvers".to_owned()];
    let form = form_with(sign_ins.respond(&claim).as_bytes(), "approvals");
    let page = Browser::of_process(&server).sign_in(&form).await;
    assert!(page.status == 200 && page.body.contains("Nothing waits for you."), "{page:?}");
    let log = server.end();
    assert_eq!(log.matches("\"code\":\"audit_unavailable\"").count(), 2, "{log}");
    assert_eq!(stand_ins.sagemaker.callers(), [""; 0]);
}
