//! The settings of access beside the ledger: that the policy is readable, and that all instances know the same.

use std::collections::BTreeSet;
use std::time::Duration;

use studio_acs_policy::{Need, Policies, Rule};

use super::finding::Finding;
use super::item::Item;
use super::names;
use super::odd_name::odd_name;
use super::read::Read;
use crate::config::Config;
use crate::report::{groups, start_cause};
use crate::service::StartError;
use studio_acs_aws::RefreshRules;
use studio_acs_broker::PolicySource;
use studio_acs_identity::ConfirmRule;
use studio_acs_ledger::Listing;

/// Longer than this, a week, no user should be trusted by a text that cannot be read again.
const MUCH_TOO_LATE: Duration = Duration::from_secs(604_800);

const ONLINE: &str = "--online reads it";

pub(super) fn findings(config: &Config, read: &Read) -> Vec<Finding> {
    let policies = read.policies.as_ref();
    vec![
        trust_age(config),
        names::finding(config, read),
        policy(config, policies),
        policy_groups(config, policies),
        group_names(policies, read.ledger.as_ref()),
        approvals(config, policies),
        rates(config),
        resume_key(config, read),
        provisioning(config),
    ]
}

fn trust_age(config: &Config) -> Finding {
    let is_text = |source: &PolicySource| matches!(source, PolicySource::Text(_));
    let policy = config.broker.policies.iter().any(is_text).then_some(config.broker.policy_refresh);
    let each = [
        ("metadata", "STUDIO_ACS_METADATA_MAX_AGE", Some(config.metadata_refresh)),
        ("the access policy", "STUDIO_ACS_POLICY_MAX_AGE", policy),
    ];
    let keys = config.token_issuers.iter().map(|issuer| issuer.refresh);
    let keys = keys.map(|rules| ("keys of tokens", "STUDIO_ACS_TOKEN_JWKS_MAX_AGE", Some(rules)));
    for (what, setting, rules) in each.into_iter().chain(keys) {
        // A text that is never read again is changed by a new start.
        let Some(RefreshRules { every: Some(_), max_age }) = rules else { continue };
        let fix = format!("set {setting} to 86400: a day leaves time to put it right");
        match max_age {
            None => return Finding::warning(Item::TrustAge, format!("{what}: never, where it cannot be read"), fix),
            Some(age) if age > MUCH_TOO_LATE => {
                let found = format!("{what}: after {} s, where it cannot be read", age.as_secs());
                return Finding::warning(Item::TrustAge, found, fix);
            }
            Some(_) => {}
        }
    }
    Finding::ok(Item::TrustAge, "metadata, the access policy and keys of tokens end where they cannot be read")
}

fn policy(config: &Config, policies: Option<&Result<Policies, StartError>>) -> Finding {
    match policies {
        None => Finding::skipped(Item::Policy, "it is kept at AWS", ONLINE),
        Some(Ok(policies)) => match empty(config, policies) {
            Some(place) => Finding::warning(
                Item::Policy,
                format!("{place} has no policy in it, and only the others count"),
                "write a policy there, or take its place off STUDIO_ACS_POLICY: docs/policy.md",
            ),
            None => Finding::ok(Item::Policy, policies.ids().collect::<Vec<_>>().join(", ")),
        },
        Some(Err(error)) => {
            let fix = "correct what is named, or STUDIO_ACS_POLICY; at AWS, let the role read it: docs/policy.md";
            Finding::error(Item::Policy, error.to_string(), start_cause(error, "").map_or(fix, |cause| cause.fix))
        }
    }
}

/// The first place of policies that has none.
fn empty(config: &Config, policies: &Policies) -> Option<String> {
    let mut places = config.broker.policies.iter().filter_map(|source| match source {
        PolicySource::Text(source) => Some(source.to_string()),
        PolicySource::Shipped(..) => None,
    });
    places.find(|place| policies.rules().iter().all(|rule| rule.place().file != *place))
}

fn policy_groups(config: &Config, policies: Option<&Result<Policies, StartError>>) -> Finding {
    let item = Item::PolicyGroups;
    let Some(Ok(policies)) = policies else { return unread_policy(item) };
    let restricting = groups::restricting(policies).collect::<Vec<_>>().join(", ");
    let unusable = groups::unusable(policies);
    match (restricting.is_empty(), config.identity.require_groups) {
        (true, _) => Finding::ok(item, format!("no policy restricts members of a group; {unusable}")),
        (false, true) => Finding::ok(item, format!("{restricting}: whose groups are absent is refused; {unusable}")),
        (false, false) => Finding::warning(
            item,
            format!("{restricting}: a person whose groups are absent gets more than a member"),
            "set STUDIO_ACS_REQUIRE_GROUPS to on, or permit members in place of restricting them",
        ),
    }
}

fn group_names(
    policies: Option<&Result<Policies, StartError>>,
    ledger: Option<&Result<Listing, StartError>>,
) -> Finding {
    let item = Item::GroupNames;
    let Some(Ok(policies)) = policies else { return unread_policy(item) };
    let listing = ledger.and_then(|listing| listing.as_ref().ok());
    let entries = listing.map(Listing::groups).unwrap_or_default();
    let named = policies.rules().iter().flat_map(|rule| rule.groups().map(move |group| (rule.id(), group)));
    let named: Vec<_> = named.collect();
    let odd = named.iter().find_map(|(id, group)| Some((id, group, odd_name(group, false)?)));
    if let Some((id, group, odd)) = odd {
        return Finding::warning(
            item,
            format!("the group {group:?} of policy {id} {odd}"),
            "write the group as the identity provider sends it, and nothing around it",
        );
    }
    let misspelt = groups::misspelt(policies, &entries);
    let pairs: Vec<_> = misspelt.iter().map(|(one, other)| format!("{one} and {other}")).collect();
    if pairs.is_empty() {
        let unlisted: BTreeSet<_> =
            named.into_iter().map(|(_, group)| group).filter(|group| !entries.contains(group)).collect();
        let unlisted: Vec<_> = unlisted.into_iter().collect();
        let note = match (listing, &*unlisted) {
            (None, _) | (_, []) => String::new(),
            (Some(_), groups) => format!("; no entry is for {}, which policies name", groups.join(", ")),
        };
        return Finding::ok(item, format!("no two differ by case or spaces only{note}"));
    }
    Finding::warning(
        item,
        format!("{} differ by case or spaces only", pairs.join(", ")),
        "write each as the identity provider sends it: groups are compared letter for letter",
    )
}

fn unread_policy(item: Item) -> Finding {
    Finding::skipped(item, "the policy was not read", "see what is said of the policy")
}

fn approvals(config: &Config, policies: Option<&Result<Policies, StartError>>) -> Finding {
    let item = Item::ApprovalsShared;
    let Some(Ok(policies)) = policies else { return unread_policy(item) };
    let Some(asks) = policies.rules().iter().find(|rule| rule.needs() == Some(Need::Approval)).map(Rule::id) else {
        return Finding::ok(item, "no policy asks for any");
    };
    let fix = "set STUDIO_ACS_APPROVAL_TABLE; it may be the ledger's table";
    match &config.broker.approval_table {
        Some(rules) => Finding::ok(item, &rules.table),
        None if is_shared(config) => {
            Finding::error(item, format!("{asks} asks for them, and each process knows its own alone"), fix)
        }
        None => Finding::warning(item, format!("{asks} asks for them, and one process knows them, until it ends"), fix),
    }
}

fn rates(config: &Config) -> Finding {
    match &config.broker.rate_table {
        Some(rules) => Finding::ok(Item::RatesShared, &rules.table),
        None if is_shared(config) => Finding::warning(
            Item::RatesShared,
            "instances share other tables, and each counts by itself",
            "set STUDIO_ACS_RATE_TABLE: what one user may have is multiplied by the instances otherwise",
        ),
        None => Finding::ok(Item::RatesShared, "one process counts"),
    }
}

fn resume_key(config: &Config, read: &Read) -> Finding {
    let needs = |policies: &Policies| policies.rules().iter().any(|rule| rule.needs().is_some());
    let goes_on = [
        (config.broker.ledger.is_some(), "who has several entries is to choose"),
        (config.confirm != ConfirmRule::Never, "a user is to confirm the sign-in"),
        (config.broker.provision, "who has no profile yet waits for it"),
        (read.policies.as_ref().is_some_and(|read| read.as_ref().is_ok_and(needs)), "a policy asks for something"),
    ];
    let goes_on = goes_on.into_iter().find_map(|(is_so, what)| is_so.then_some(what));
    match (&config.broker.resume_key, &read.resume_key, goes_on) {
        (Some(_), Some(Err(error)), _) => Finding::error(
            Item::ResumeKey,
            error.to_string(),
            "put 32 random characters or more there: openssl rand -hex 32",
        ),
        (Some(source), _, _) => Finding::ok(Item::ResumeKey, source.to_string()),
        (None, _, Some(what)) if is_shared(config) => Finding::error(
            Item::ResumeKey,
            format!("each process has a key of its own, and {what}"),
            "set STUDIO_ACS_RESUME_KEY, the same for all instances",
        ),
        (None, _, Some(_)) => Finding::ok(Item::ResumeKey, "of one process, until it ends"),
        (None, _, None) => Finding::ok(Item::ResumeKey, "no sign-in takes more than one step"),
    }
}

fn provisioning(config: &Config) -> Finding {
    let warning = |found: &str, fix: &str| Finding::warning(Item::Provisioning, found, fix);
    match (config.broker.provision, &config.broker.ledger, &config.mint.role) {
        (false, ..) => Finding::ok(Item::Provisioning, "none are made"),
        (true, None, _) => warning(
            "they are to be made, and no ledger says how",
            "set STUDIO_ACS_LEDGER, with [entry.provision], or leave STUDIO_ACS_PROVISION out",
        ),
        (true, _, None) => warning(
            "the service's own role makes them, with rights for all of them",
            "set STUDIO_ACS_MINT_ROLE: its sessions are for one person's profile each",
        ),
        (true, _, Some(role)) => Finding::ok(Item::Provisioning, role.as_str()),
    }
}

/// Whether several processes should know the same.
fn is_shared(config: &Config) -> bool {
    [&config.replay_table, &config.broker.rate_table, &config.broker.approval_table].iter().any(|table| table.is_some())
}
