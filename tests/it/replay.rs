//! Replay protection across processes: the real SDK against moto's DynamoDB, and against stores that fail.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use studio_acs::Clock;
use studio_acs_standins::idp::Claim;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::StandIns;
use support::fault::{Fault, store};
use support::moto::{Lost, Moto};
use support::process::{DOMAIN, NOWHERE, Reply, Server, SignIns, post};
use support::world::attempts;

const TABLE: &str = "assertions";
/// Far beyond any time budget: a test that waits this long has found a hang.
const HANG: Duration = Duration::from_secs(20);

struct Rig {
    sign_ins: SignIns,
    stand_ins: StandIns,
    moto: Moto,
}

impl Rig {
    async fn start() -> Self {
        let profiles = Profiles::default().with(DOMAIN, "alice", Behaviour::Mint);
        let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles).await);
        Self { sign_ins, stand_ins, moto: Moto::start().with_assertions_table(TABLE).await }
    }

    /// A server process whose store is the table at this endpoint.
    fn server(&self, dynamodb: &str, more: &[&str]) -> Server {
        let args: Vec<_> = ["--replay-table", TABLE].iter().chain(more).copied().collect();
        self.sign_ins.server(&[("SAGEMAKER", &self.stand_ins.endpoint), ("DYNAMODB", dynamodb)], &args)
    }

    fn table(&self) -> Client {
        Client::new(&self.moto.sdk())
    }

    async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        self.table().scan().table_name(TABLE).send().await.expect("items").items().to_vec()
    }

    /// Puts `value` in the place of the one item's attribute, or takes the attribute away.
    async fn tamper(&self, attribute: &str, value: Option<AttributeValue>) {
        let mut item = self.items().await.pop().expect("an item");
        item.remove(attribute);
        item.extend(value.map(|value| (attribute.to_owned(), value)));
        self.table().put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("a put");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_posts_of_one_response_to_two_servers_one_is_let_in() {
    let rig = Rig::start().await;
    let way = rig.moto.way(Lost::Nothing);
    // moto answers some hundred calls a second: the calls have to be patient, as DynamoDB's need not be.
    let servers = [(); 2].map(|()| rig.server(&way.endpoint, &["--table-timeout", "25"]));
    let form: Arc<[u8]> = rig.sign_ins.form("alice").into();
    let mut posts = tokio::task::JoinSet::new();
    for server in servers.iter().cycle().take(1000) {
        let (address, form) = (server.address.clone(), Arc::clone(&form));
        posts.spawn(async move { post(&address, &form).await.map_or_else(|error| error.to_string(), status) });
    }
    let mut statuses = BTreeMap::new();
    for status in posts.join_all().await {
        *statuses.entry(status).or_insert(0) += 1;
    }
    assert_eq!(statuses, BTreeMap::from([("302".to_owned(), 1), ("403".to_owned(), 999)]));
    let log = servers.map(Server::end).concat();
    let refused = attempts(&log).into_iter().filter(|attempt| attempt["code"] == "replayed");
    assert_eq!(refused.filter_map(|attempt| attempt["count"].as_u64()).sum::<u64>(), 999, "{log}");
    assert_eq!(rig.stand_ins.sagemaker.mints(), 1);
}

fn status(reply: Reply) -> String {
    reply.status.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_before_a_kill_is_refused_after_the_restart() {
    let rig = Rig::start().await;
    let form = rig.sign_ins.form("alice");
    let server = rig.server(&rig.moto.endpoint, &[]);
    assert_eq!(server.post(&form).await.status, 302);
    server.kill();
    let server = rig.server(&rig.moto.endpoint, &[]);
    assert_eq!(server.post(&form).await.status, 403);
    assert_eq!(server.post(&rig.sign_ins.form("alice")).await.status, 302);
    assert!(server.end().contains("\"code\":\"replayed\""));
    assert_eq!(rig.stand_ins.sagemaker.mints(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_table_nothing_is_let_in_after_a_kill_that_may_have_been_used_before_it() {
    let profiles = Profiles::default().with(DOMAIN, "alice", Behaviour::Mint);
    let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles).await);
    let aws = [("SAGEMAKER", stand_ins.endpoint.as_str())];
    let server = |after_restart| sign_ins.server(&aws, &["--skew", "300", "--replay-after-restart", after_restart]);
    // The identity provider's clock is ahead of ours as far as it may be: no user has to wait for the skew to be over.
    let form = |ahead| {
        let now = Clock::system().now();
        let issued = now + time::Duration::seconds(ahead);
        support::form(sign_ins.respond(&Claim { issued, ..sign_ins.claim("alice", now) }).as_bytes())
    };
    let first = server("refuse");
    let used = form(300);
    assert_eq!(first.post(&used).await.status, 302);
    first.kill();

    let second = server("refuse");
    let reply = second.post(&used).await;
    assert_eq!(reply.status, 503);
    assert!(reply.text.contains("choose the application"), "{}", reply.text);
    assert_eq!(second.post(&form(0)).await.status, 503, "a clock that is ahead could have said so before the start");
    let fresh = form(300);
    assert_eq!(second.post(&fresh).await.status, 302);
    assert_eq!(second.post(&fresh).await.status, 403);
    let log = second.end();
    assert_eq!(log.matches("\"code\":\"restart_grace\"").count(), 2, "{log}");
    assert!(log.contains("sign-ins are refused") && log.contains("\"code\":\"replayed\""), "{log}");
    assert_eq!(stand_ins.sagemaker.mints(), 2);

    let third = server("accept");
    assert_eq!(third.post(&used).await.status, 302, "by explicit choice");
    assert!(third.end().contains("after a restart each may be used once more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_outlives_its_assertion_and_has_its_correlation_id() {
    let rig = Rig::start().await;
    let server = rig.server(&rig.moto.endpoint, &["--skew", "300"]);
    let now = Clock::system().now().unix_timestamp();
    assert_eq!(server.post(&rig.sign_ins.form("alice")).await.status, 302);
    let items = rig.items().await;
    assert_eq!(items.len(), 1);
    let text = |name: &str| items[0][name].as_s().expect("a string").clone();
    assert_eq!(text("replay_key").len(), 64);
    // The demo's assertions hold for an hour; then the skew, the margin and the second in which it ends.
    let expires_at: i64 = items[0]["expires_at"].as_n().expect("a number").parse().expect("a number");
    let until = now + 3600 + 300 + 300 + 1;
    assert!((until..until + 60).contains(&expires_at), "{expires_at} at {now}");
    assert!(server.end().contains(&format!("\"correlation_id\":\"{}\"", text("correlation_id"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_dynamodb_has_not_deleted_yet_is_over_when_its_time_is() {
    let rig = Rig::start().await;
    let server = rig.server(&rig.moto.endpoint, &[]);
    let form = rig.sign_ins.form("alice");
    assert_eq!(server.post(&form).await.status, 302);
    assert_eq!(server.post(&form).await.status, 403);
    let now = Clock::system().now().unix_timestamp();
    rig.tamper("expires_at", Some(AttributeValue::N(now.to_string()))).await;
    assert_eq!(server.post(&form).await.status, 302);
    assert_eq!(server.post(&form).await.status, 403, "it was remembered again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_cannot_be_read_lets_nobody_in() {
    let rig = Rig::start().await;
    let server = rig.server(&rig.moto.endpoint, &[]);
    let form = rig.sign_ins.form("alice");
    assert_eq!(server.post(&form).await.status, 302);
    let damages = [
        ("expires_at", Some(AttributeValue::S("1".to_owned()))),
        ("expires_at", Some(AttributeValue::N("99999999999999999999999".to_owned()))),
        ("expires_at", Some(AttributeValue::Null(true))),
        ("expires_at", None),
        ("correlation_id", Some(AttributeValue::N("1".to_owned()))),
        ("correlation_id", None),
    ];
    for (attribute, value) in damages.clone() {
        rig.tamper("expires_at", Some(AttributeValue::N("9999999999".to_owned()))).await;
        rig.tamper(attribute, value).await;
        assert_eq!(server.post(&form).await.status, 503, "{attribute}");
    }
    assert_eq!(server.end().matches("\"code\":\"replay_store_unavailable\"").count(), damages.len());
    assert_eq!(rig.stand_ins.sagemaker.mints(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_asked_lets_nobody_in_and_keeps_nobody_waiting() {
    let rig = Arc::new(Rig::start().await);
    let faults = [
        ("no answer in time", store(Fault::Hangs).await),
        ("no connection", NOWHERE.to_owned()),
        ("a call that broke off", store(Fault::Resets).await),
        (
            "ThrottlingException",
            store(Fault::Answers(400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}"#)).await,
        ),
        (
            "ProvisionedThroughputExceededException",
            store(Fault::Answers(400, r#"{"__type":"ProvisionedThroughputExceededException"}"#)).await,
        ),
        (
            "AccessDeniedException",
            store(Fault::Answers(400, r#"{"__type":"AccessDeniedException","Message":"no"}"#)).await,
        ),
        ("InternalServerError", store(Fault::Answers(500, r#"{"__type":"InternalServerError"}"#)).await),
        ("without an error code", store(Fault::Answers(503, "<html>maintenance</html>")).await),
        ("without an error code", store(Fault::Answers(200, "<html>a captive portal</html>")).await),
        (
            "an item that it does not show",
            store(Fault::Answers(400, r#"{"__type":"ConditionalCheckFailedException"}"#)).await,
        ),
        (
            "not ours to read",
            store(Fault::Answers(400, r#"{"__type":"ConditionalCheckFailedException","Item":{}}"#)).await,
        ),
    ];
    let mut attempts = tokio::task::JoinSet::new();
    for (reason, endpoint) in faults {
        let rig = Arc::clone(&rig);
        // Enough for three calls with pauses of up to a second and two, where a call does not hang.
        let timeout = if reason == "no answer in time" { "1" } else { "10" };
        attempts.spawn(async move {
            let server = rig.server(&endpoint, &["--table-timeout", timeout]);
            let form = rig.sign_ins.form("alice");
            let answer = tokio::time::timeout(HANG, server.post(&form)).await.expect(reason);
            let log = server.end();
            assert_eq!(answer.status, 503, "{reason}: {log}");
            assert!(log.contains("\"code\":\"replay_store_unavailable\"") && log.contains(reason), "{reason}: {log}");
        });
    }
    attempts.join_all().await;
    let server = rig.sign_ins.server(
        &[("SAGEMAKER", &rig.stand_ins.endpoint), ("DYNAMODB", &rig.moto.endpoint)],
        &["--replay-table", "another"],
    );
    assert_eq!(server.post(&rig.sign_ins.form("alice")).await.status, 503);
    assert!(server.end().contains("ResourceNotFoundException"));
    assert_eq!(rig.stand_ins.sagemaker.callers(), [""; 0], "nothing was asked of SageMaker");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_costs_nobody_their_sign_in() {
    let rig = Rig::start().await;
    let way = rig.moto.way(Lost::FirstAnswer);
    let server = rig.server(&way.endpoint, &["--table-timeout", "25"]);
    let form = rig.sign_ins.form("alice");
    assert_eq!(server.post(&form).await.status, 302, "the retry finds its own item");
    assert_eq!(way.calls().len(), 2);
    assert_eq!(server.post(&form).await.status, 403, "another attempt does not");
}
