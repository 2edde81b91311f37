//! A ledger that is kept in a DynamoDB table, of which a sign-in reads what stands under its own keys.

pub(crate) mod item;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use time::UtcDateTime;
use tokio::task::JoinSet;

use crate::error::LedgerError;
use crate::fault::LedgerFault;
use crate::index::{Index, MOST_ENTRIES};
use crate::resolve::{Findings, Lookup};
use crate::schema::LedgerSchema;
use item::{Item, LINKS, SUBJECT};
use studio_acs_aws::{TableRules, why};

/// The most items under one key.
const MOST_ITEMS: usize = 100;
/// How many keys are asked for at a time.
const AT_A_TIME: usize = 32;
/// The most groups that one user's entries are looked up for.
const MOST_GROUPS: usize = 250;
/// The partition of requests for approval, which share the table and are not the ledger's.
const NOT_OURS: &str = "approval";

/// The table, and what it said of late.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    timeout: Duration,
    pub(crate) refresh: Duration,
    cache: Mutex<Cache>,
}

impl Table {
    pub(crate) fn new(sdk: &SdkConfig, rules: TableRules, refresh: Duration, capacity: usize) -> Self {
        let cache = Mutex::new(Cache { capacity, said: HashMap::new() });
        Self { client: rules.client(sdk), name: rules.table, timeout: rules.timeout, refresh, cache }
    }

    /// Reads a table's items for one user: theirs, their groups' and all links side by side, then their teams'.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`], [`LedgerError::Malformed`], [`LedgerError::TooManyGroups`].
    pub(crate) async fn findings(&self, who: &Lookup, now: UtcDateTime) -> Result<Findings, LedgerError> {
        let found = tokio::time::timeout(self.timeout, self.find(who, now)).await;
        found.unwrap_or_else(|_| Err(LedgerError::Unavailable("no answer in time".to_owned())))
    }

    async fn find(&self, who: &Lookup, now: UtcDateTime) -> Result<Findings, LedgerError> {
        // The user is the first subject.
        let groups = who.subjects.len().saturating_sub(1);
        if groups > MOST_GROUPS {
            // Not the first ones only: a stricter entry may be for one of the others.
            return Err(LedgerError::TooManyGroups { found: groups, most: MOST_GROUPS });
        }
        let mut findings = Findings::default();
        let keys = who.subjects.iter().map(ToString::to_string).chain([LINKS.to_owned()]);
        for index in self.indexes(keys.collect(), now).await? {
            findings.add(&index, who);
        }
        let teams: BTreeSet<_> = findings.teams().map(item::team).collect();
        for index in self.indexes(teams.into_iter().collect(), now).await? {
            findings.add_teams(&index);
        }
        Ok(findings)
    }

    /// All that the table holds.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`], [`LedgerError::Malformed`].
    pub(crate) async fn all(&self) -> Result<LedgerSchema, LedgerError> {
        let (mut text, mut start, mut found) = (LedgerSchema::default(), None, 0_usize);
        loop {
            let scan = self.client.scan().table_name(&self.name).consistent_read(true);
            let page = scan.set_exclusive_start_key(start).send().await;
            let page = page.map_err(|error| LedgerError::Unavailable(why(&error)))?;
            for item in page.items.unwrap_or_default() {
                if item.get(SUBJECT).and_then(|subject| subject.as_s().ok()).is_some_and(|subject| subject == NOT_OURS)
                {
                    continue;
                }
                found = found.saturating_add(1);
                item::read(item, &mut text)?;
            }
            start = page.last_evaluated_key;
            match start {
                None => return Ok(text),
                // Each entry may have a revocation, and a team.
                Some(_) if found > MOST_ENTRIES.saturating_mul(3) => return Err(too_many("the table", found)),
                Some(_) => {}
            }
        }
    }

    /// Reads the items under these keys, from memory where that is fresh.
    async fn indexes(&self, keys: Vec<String>, now: UtcDateTime) -> Result<Vec<Arc<Index>>, LedgerError> {
        let mut indexes: Vec<Option<Arc<Index>>> = {
            let cache = self.cache();
            keys.iter().map(|key| cache.fresh(key, self.refresh, now)).collect()
        };
        let is_missing = |(at, _): &(usize, String)| indexes.get(*at).is_some_and(Option::is_none);
        let missing: Vec<_> = keys.into_iter().enumerate().filter(is_missing).collect();
        for some in missing.chunks(AT_A_TIME) {
            let mut asked = JoinSet::new();
            for (at, key) in some.iter().cloned() {
                let (client, table) = (self.client.clone(), self.name.clone());
                asked.spawn(async move { (at, ask(&client, &table, &key).await, key) });
            }
            while let Some(answer) = asked.join_next().await {
                let (at, index, key) = answer.map_err(|error| LedgerError::Unavailable(error.to_string()))?;
                let index = Arc::new(index?);
                self.cache().keep(key, Arc::clone(&index), self.refresh, now);
                if let Some(slot) = indexes.get_mut(at) {
                    *slot = Some(index);
                }
            }
        }
        Ok(indexes.into_iter().flatten().collect())
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads all items under one key.
async fn ask(client: &Client, table: &str, key: &str) -> Result<Index, LedgerError> {
    let (mut items, mut start): (Vec<Item>, _) = (Vec::new(), None);
    loop {
        let query = client.query().table_name(table).consistent_read(true);
        let query = query
            .key_condition_expression("#subject = :subject")
            .expression_attribute_names("#subject", SUBJECT)
            .expression_attribute_values(":subject", AttributeValue::S(key.to_owned()));
        let page = query.set_exclusive_start_key(start).send().await;
        let page = page.map_err(|error| LedgerError::Unavailable(why(&error)))?;
        items.extend(page.items.unwrap_or_default());
        if items.len() > MOST_ITEMS {
            return Err(too_many(key, items.len()));
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    let mut text = LedgerSchema::default();
    items.into_iter().try_for_each(|item| item::read(item, &mut text))?;
    Index::new(text)
}

fn too_many(place: &str, found: usize) -> LedgerError {
    let reason = format!("{found} items or more are too many");
    LedgerError::Malformed { entry: place.to_owned(), reason, fault: LedgerFault::TooLarge }
}

/// The table's items, by key, and as of when.
#[derive(Debug)]
struct Cache {
    capacity: usize,
    said: HashMap<String, (UtcDateTime, Arc<Index>)>,
}

impl Cache {
    fn fresh(&self, key: &str, within: Duration, now: UtcDateTime) -> Option<Arc<Index>> {
        let (at, index) = self.said.get(key)?;
        is_fresh(*at, within, now).then(|| Arc::clone(index))
    }

    /// Keeps `index`, in place of expired ones, or else of the oldest if the memory is full.
    fn keep(&mut self, key: String, index: Arc<Index>, within: Duration, now: UtcDateTime) {
        if self.said.len() >= self.capacity && !self.said.contains_key(&key) {
            self.said.retain(|_, (at, _)| is_fresh(*at, within, now));
        }
        if self.said.len() >= self.capacity && !self.said.contains_key(&key) {
            let oldest = self.said.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| self.said.remove(&oldest));
        }
        self.said.insert(key, (now, index));
    }
}

/// Whether what was said `at` still holds; what is of a time yet to come, before the clock was set back, does not.
fn is_fresh(at: UtcDateTime, within: Duration, now: UtcDateTime) -> bool {
    at <= now && now < at.saturating_add(within.try_into().unwrap_or(time::Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> UtcDateTime {
        UtcDateTime::from_unix_timestamp(second).unwrap()
    }

    #[test]
    fn the_cache_forgets_what_is_over_and_then_the_oldest() {
        let mut cache = Cache { capacity: 2, said: HashMap::new() };
        let within = Duration::from_secs(30);
        let keep = |cache: &mut Cache, key: &str, now| cache.keep(key.to_owned(), Arc::default(), within, at(now));
        keep(&mut cache, "a", 0);
        keep(&mut cache, "b", 20);
        keep(&mut cache, "c", 29);
        assert!(cache.fresh("a", within, at(29)).is_none() && cache.fresh("b", within, at(29)).is_some());
        keep(&mut cache, "d", 55);
        assert!(cache.fresh("c", within, at(55)).is_some() && cache.fresh("d", within, at(55)).is_some());
        assert!(cache.fresh("c", within, at(59)).is_none(), "the bound is the bound");
        assert!(cache.fresh("d", within, at(54)).is_none(), "the clock was set back");
        assert_eq!(cache.said.len(), 2);
    }

    #[test]
    fn a_full_cache_forgets_what_is_of_a_time_to_come_and_one_with_room_forgets_nothing() {
        let within = Duration::from_secs(30);
        let keep = |cache: &mut Cache, key: &str, now| cache.keep(key.to_owned(), Arc::default(), within, at(now));
        for (capacity, kept) in [(2, [false, false, true, true]), (4, [true; 4])] {
            let mut cache = Cache { capacity, said: HashMap::new() };
            // Between the second and the third the clock is set back.
            for (key, now) in [("a", 100), ("b", 101), ("c", 50), ("d", 51)] {
                keep(&mut cache, key, now);
            }
            let fresh = |key: &str, now| cache.fresh(key, within, at(now)).is_some();
            assert_eq!([fresh("a", 101), fresh("b", 101), fresh("c", 51), fresh("d", 51)], kept, "{capacity}");
        }
    }
}
