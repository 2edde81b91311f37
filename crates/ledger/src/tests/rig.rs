//! A parameter and a table of the tests' own, at a Parameter Store and a DynamoDB that are functions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use parts::wire::{self, Answer, Call};
use serde_json::{Value, json};
use studio_acs_identity::{GroupValue, Groups, Names, UserId};
use time::UtcDateTime;

use crate::{Entitlement, Ledger, LedgerError, LedgerRules, LedgerSource, LedgerStartError, Principal};

/// 2026-06-01T12:00:00Z
pub(super) fn now() -> UtcDateTime {
    at("2026-06-01T12:00:00Z")
}

pub(super) fn at(text: &str) -> UtcDateTime {
    studio_acs_refusal::instant::parse(text).expect("a time")
}

/// The one issuer that is trusted.
pub(super) const ISSUER: &str = "https://idp.example";

/// The error without the advice that follows its reason.
pub(super) fn plain(error: LedgerError) -> LedgerError {
    match error {
        LedgerError::Unavailable(reason) => {
            LedgerError::Unavailable(reason.split(" (").next().unwrap_or_default().to_owned())
        }
        error => error,
    }
}

/// Why all access of this user is revoked.
pub(super) async fn revocation(ledger: &Ledger, user: &str, now: UtcDateTime) -> Result<Option<String>, LedgerError> {
    ledger.revocation(&UserId::new(Some(ISSUER), user), now).await
}

/// AWS, as far as a ledger asks it.
#[derive(Clone, Default)]
pub(super) struct Aws(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    text: String,
    items: Vec<Value>,
    /// How many items one page has at most.
    page: usize,
    /// The answers to the next calls, before anything else.
    script: Vec<Answer>,
    hangs: bool,
    calls: Vec<Call>,
}

impl Aws {
    /// A parameter with this text.
    pub(super) fn with_text(text: &str) -> Self {
        let aws = Self::default();
        aws.has_text(text);
        aws
    }

    /// A table of these items, as DynamoDB writes them.
    pub(super) fn with_items(items: impl IntoIterator<Item = Value>) -> Self {
        let aws = Self::default();
        aws.state().items = items.into_iter().collect();
        aws.state().page = usize::MAX;
        aws
    }

    pub(super) fn has_text(&self, text: &str) {
        text.clone_into(&mut self.state().text);
    }

    pub(super) fn has_items(&self, items: impl IntoIterator<Item = Value>) {
        self.state().items = items.into_iter().collect();
    }

    pub(super) fn in_pages_of(self, items: usize) -> Self {
        self.state().page = items;
        self
    }

    /// Answers the next calls so.
    pub(super) fn answers(&self, script: impl IntoIterator<Item = Answer>) {
        self.state().script = script.into_iter().collect();
    }

    pub(super) fn hangs(&self) {
        self.state().hangs = true;
    }

    /// The calls since the last time.
    pub(super) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state().calls)
    }

    /// The keys that were queried since the last time, sorted.
    pub(super) fn queries(&self) -> Vec<String> {
        let calls = self.calls().into_iter().filter(|call| call.operation == "Query");
        let mut keys: Vec<_> = calls.map(|call| key_of(&call.content).expect("a key")).collect();
        keys.sort();
        keys
    }

    /// The ledger in the parameter, or in the table.
    pub(super) async fn ledger(&self, source: &str) -> Result<Ledger, LedgerStartError> {
        self.remembering(1000, source).await
    }

    /// The same, which remembers so many keys of a table.
    pub(super) async fn remembering(&self, capacity: usize, source: &str) -> Result<Ledger, LedgerStartError> {
        let aws = self.clone();
        let sdk = wire::sdk(move |call| aws.clone().answer(call));
        let seconds = Duration::from_secs;
        let rules = LedgerRules {
            source: LedgerSource::parse(source).expect("a source"),
            refresh: seconds(30),
            max_age: seconds(900),
            timeout: seconds(2),
            capacity,
        };
        Ledger::start(rules, &sdk, now()).await
    }

    pub(super) async fn table(&self) -> Ledger {
        self.ledger("dynamodb:ledger").await.expect("a ledger")
    }

    async fn answer(self, call: Call) -> Answer {
        let (hangs, answer) = {
            let mut state = self.state();
            state.calls.push(call.clone());
            let scripted = (!state.script.is_empty()).then(|| state.script.remove(0));
            (state.hangs, scripted.unwrap_or_else(|| state.answer(&call)))
        };
        if hangs { std::future::pending().await } else { answer }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("a state")
    }
}

impl State {
    fn answer(&self, Call { operation, content }: &Call) -> Answer {
        let key = match operation.as_str() {
            "GetParameter" => return Answer::Content(json!({"Parameter": {"Value": self.text}})),
            "Scan" => None,
            "Query" => Some(key_of(content).expect("a key")),
            _ => return Answer::Content(json!({})),
        };
        assert_eq!(content["ConsistentRead"], true, "{operation}");
        let is_asked_for = |item: &&Value| key.as_deref().is_none_or(|key| item["subject"]["S"] == key);
        let all: Vec<_> = self.items.iter().filter(is_asked_for).collect();
        let start = content["ExclusiveStartKey"]["at"]["N"].as_str().map_or(0, |at| at.parse().expect("a number"));
        let page: Vec<_> = all.iter().skip(start).take(self.page).collect();
        let end = page.len().saturating_add(start);
        let mut answer = json!({"Items": page});
        if end < all.len() {
            answer["LastEvaluatedKey"] = json!({"at": {"N": end.to_string()}});
        }
        Answer::Content(answer)
    }
}

fn key_of(query: &Value) -> Option<String> {
    assert_eq!(query["KeyConditionExpression"], "#subject = :subject");
    assert_eq!(query["ExpressionAttributeNames"], json!({"#subject": "subject"}));
    query["ExpressionAttributeValues"][":subject"]["S"].as_str().map(str::to_owned)
}

/// The ledger of this text.
pub(super) async fn ledger(text: &str) -> Ledger {
    Aws::with_text(text).ledger("ssm:/ledger").await.unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Why this text is no ledger.
pub(super) async fn fault(text: &str) -> LedgerError {
    match Aws::with_text(text).ledger("ssm:/ledger").await.expect_err(text) {
        LedgerStartError::Invalid { error, .. } => error,
        LedgerStartError::Unreadable(error) => panic!("{error}"),
    }
}

/// The profiles that this user may open.
pub(super) async fn entitlements(
    ledger: &Ledger,
    user: &str,
    groups: &[&str],
    now: UtcDateTime,
) -> Result<Vec<Entitlement>, LedgerError> {
    let groups = Groups::of(groups.iter().map(|group| GroupValue::Text(group)), None);
    let (issuer, names) = (ISSUER, Names::OneIssuer);
    ledger.entitlements(&Principal { user, issuer, names, groups: &groups, attributes: None }, now).await
}

/// The same, as `ENTRY PROFILE`, or the error's code.
pub(super) async fn given(
    ledger: &Ledger,
    user: &str,
    groups: &[&str],
    now: UtcDateTime,
) -> Result<Vec<String>, &'static str> {
    let given = entitlements(ledger, user, groups, now).await.map_err(|error| error.code())?;
    Ok(given.iter().map(|given| format!("{} {}", given.id(), given.profile())).collect())
}

/// An item with this key, and these attributes of texts.
pub(super) fn item(subject: &str, entry: &str, texts: &[(&str, &str)]) -> Value {
    let key = [("subject", subject), ("entry", entry)];
    let all = key.iter().chain(texts).map(|(name, text)| ((*name).to_owned(), json!({"S": text})));
    json!(all.collect::<BTreeMap<_, _>>())
}

/// An entry of a user or a group in the domain `d-a`.
pub(super) fn entry(subject: &str, id: &str) -> Value {
    item(subject, id, &[("domain", "d-a"), ("profile", "{user}")])
}
