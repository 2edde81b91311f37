//! The broker's settings.

use time::Duration as Span;

use super::ConfigReader;
use super::setting;
use super::value::{self, OLDEST, listed, seconds, secret, switch, table, within};
use studio_acs_aws::RefreshRules;
use studio_acs_aws::Source;
use studio_acs_broker::PolicySource;
use studio_acs_broker::{ApprovalRules, RateRules, TableRules};
use studio_acs_ledger::{LedgerRules, LedgerSource};
use studio_acs_policy::Zone;

/// The settings of ledger, policy, approvals and rates.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// Where the ledger is; `None` where the assertion's own attributes say what its user may open.
    pub ledger: Option<LedgerRules>,
    /// Whether a name is the same user, whichever trusted issuer gives it.
    pub are_names_shared: bool,
    /// Where the policies are.
    pub policies: Vec<PolicySource>,
    /// How often they are read again.
    pub policy_refresh: RefreshRules,
    /// In which time zone policies tell the time.
    pub zone: Zone,
    /// How often URLs are minted.
    pub rates: RateRules,
    /// The table of counters, if processes share one.
    pub rate_table: Option<TableRules>,
    /// The table of requests for approval, if processes share one.
    pub approval_table: Option<TableRules>,
    /// How long requests and approvals last.
    pub approvals: ApprovalRules,
    /// The place of the resume tokens' key, if processes share one.
    pub resume_key: Option<Source>,
    /// How long a user may take for what a sign-in asks.
    pub resume_lifetime: Span,
    /// Whether user profiles are made where the ledger says how.
    pub provision: bool,
}

/// The users and groups whose entries of a table's ledger are remembered.
const LEDGER_CAPACITY: usize = 10_000;

impl BrokerConfig {
    pub(super) fn read(reader: &mut ConfigReader<'_>, table_timeout: Option<u32>) -> Option<Self> {
        let source = reader.parsed(&setting::LEDGER, |text| match text {
            "" => Ok(None),
            text => LedgerSource::parse(text).map(Some),
        });
        let are_names_shared = reader.parsed(&setting::NAMES, |text| match text {
            "per-issuer" => Ok(false),
            "shared" => Ok(true),
            _ => Err(format!("`{text}` is not per-issuer or shared")),
        });
        let refresh = reader.parsed(&setting::LEDGER_REFRESH, within(0, 3_600));
        let max_age = reader.parsed(&setting::LEDGER_MAX_AGE, within(0, 86_400));
        let policies = reader.parsed(&setting::POLICY, |text| listed(text, policy));
        let policy_refresh = reader.parsed(&setting::POLICY_REFRESH, within(0, 86_400));
        let policy_max_age = reader.parsed(&setting::POLICY_MAX_AGE, within(0, OLDEST));
        let zone = reader.parsed(&setting::TIME_ZONE, |text| Zone::named(text).map_err(|error| error.to_string()));
        let per_user = reader.parsed(&setting::RATE_PER_USER, within(1, 10_000));
        let global = reader.parsed(&setting::RATE_GLOBAL, within(1, 1_000_000));
        let alert_at = reader.parsed(&setting::RATE_ALERT, within(0, 1_000_000));
        let rate_table = reader.parsed(&setting::RATE_TABLE, table);
        let approval_table = reader.parsed(&setting::APPROVAL_TABLE, table);
        let request_lasts = reader.parsed(&setting::APPROVAL_WAITS, within(60, 604_800));
        let approval_lasts = reader.parsed(&setting::APPROVAL_LASTS, within(60, 86_400));
        let approvals_per_user = reader.parsed(&setting::APPROVAL_PER_USER, within(1, 20));
        let resume_key = reader.parsed(&setting::RESUME_KEY, secret);
        let resume_seconds = reader.parsed(&setting::RESUME_SECONDS, within(30, 900));
        let provision = reader.parsed(&setting::PROVISION, switch);
        let timeout = seconds(table_timeout?);
        let rules = |table: Option<String>| table.map(|table| TableRules { table, timeout });
        let (refresh, max_age) = (seconds(refresh?), seconds(max_age?));
        let ledger = |source| LedgerRules { source, refresh, max_age, timeout, capacity: LEDGER_CAPACITY };
        Some(Self {
            ledger: source?.map(ledger),
            are_names_shared: are_names_shared?,
            policies: policies?,
            policy_refresh: value::refresh(policy_refresh?, policy_max_age?),
            zone: zone?,
            rates: RateRules { per_user: per_user?, global: global?, alert_at: alert_at? },
            rate_table: rules(rate_table?),
            approval_table: rules(approval_table?),
            approvals: ApprovalRules {
                request_lasts: Span::seconds(request_lasts?.into()),
                approval_lasts: Span::seconds(approval_lasts?.into()),
                per_user: usize::try_from(approvals_per_user?).ok()?,
            },
            resume_key: resume_key?,
            resume_lifetime: Span::seconds(resume_seconds?.into()),
            provision: provision?,
        })
    }
}

/// `shipped:NAME`, or a place.
fn policy(text: &str) -> Result<PolicySource, String> {
    let Some(name) = text.strip_prefix("shipped:") else { return Source::parse(text).map(PolicySource::Text) };
    let shipped = studio_acs_policy::SHIPPED.iter().find(|(shipped, _)| *shipped == name);
    let names = || studio_acs_policy::SHIPPED.map(|(name, _)| name).join(", ");
    shipped
        .map(|(name, text)| PolicySource::Shipped(name, text))
        .ok_or_else(|| format!("`{name}` does not come with the program; there are {}", names()))
}
