//! The ledger: that it is readable and fresh, that its entries open something, and that its names are as they are sent.

use std::time::Duration;

use studio_acs_identity::DomainId;
use studio_acs_ledger::{LedgerRow, LedgerRules, LedgerSource, Listing};

use super::finding::Finding;
use super::item::Item;
use super::odd_name::odd_name;
use super::read::Read;
use crate::config::Config;
use crate::report::start_cause;
use crate::service::StartError;

/// Longer than this a user should not keep revoked access, where all is well …
const LATE: Duration = Duration::from_secs(300);
/// … and where the ledger cannot be read any more.
const TOO_LATE: Duration = Duration::from_secs(3_600);

/// The most entries that are named.
const SHOWN: usize = 5;

pub(super) fn findings(config: &Config, read: &Read, region: Option<&str>) -> Vec<Finding> {
    let (rules, listing) = (config.broker.ledger.as_ref(), read.ledger.as_ref());
    vec![readable(rules, listing), entries(config, read, region), names(rules, listing), age(rules)]
}

fn readable(rules: Option<&LedgerRules>, listing: Option<&Result<Listing, StartError>>) -> Finding {
    let Some(rules) = rules else {
        return Finding::ok(Item::Ledger, "none: the assertion's own attributes say it all");
    };
    let place = rules.source.to_string();
    match (&rules.source, listing) {
        (_, Some(Err(error))) => {
            let fix = "correct what is named, or STUDIO_ACS_LEDGER; at AWS, let the role read it: docs/ledger.md";
            Finding::error(Item::Ledger, error.to_string(), start_cause(error, "").map_or(fix, |cause| cause.fix))
        }
        (LedgerSource::Table(_), _) => {
            Finding::skipped(Item::Ledger, place, "studio-acs ledger list looks at each entry")
        }
        (_, None) => Finding::skipped(Item::Ledger, format!("{place} is kept at AWS"), "--online reads it"),
        (_, Some(Ok(listing))) => Finding::ok(Item::Ledger, format!("{place}, entries: {}", listing.entries.len())),
    }
}

/// An entry that opens nothing, and why.
struct Closed<'a> {
    row: &'a LedgerRow,
    why: String,
    /// Whether its author intends it, as the end of an entry.
    is_intended: bool,
}

fn entries(config: &Config, read: &Read, region: Option<&str>) -> Finding {
    let item = Item::LedgerEntries;
    let listing = match (&config.broker.ledger, &read.ledger) {
        (None, _) => return Finding::ok(item, "there is no ledger"),
        (_, Some(Ok(listing))) => listing,
        (_, Some(Err(_))) => return unread(item),
        (_, None) => {
            return Finding::skipped(item, "the ledger was not read", "studio-acs ledger list looks at each entry");
        }
    };
    if listing.entries.is_empty() {
        return Finding::error(
            item,
            "the ledger has no entry, and without one no user can sign in",
            "add an entry for a user or a group, [[entry]] with id, domain and user or group: docs/ledger.md; or leave STUDIO_ACS_LEDGER out, and the assertion's attributes decide",
        );
    }
    let issuers = read.trust.as_ref().and_then(|trust| trust.as_ref().ok()).map(|trust| {
        let idps = trust.verifier.idps().iter().map(|idp| idp.entity_id().to_owned());
        idps.chain(config.token_issuers.iter().map(|token| token.rules.issuer.clone())).collect::<Vec<_>>()
    });
    let allowed = &config.identity.allowed_domains;
    let closed: Vec<_> =
        listing.entries.iter().filter_map(|row| closed(row, listing, allowed, issuers.as_deref())).collect();
    let mistaken: Vec<_> = closed.iter().filter(|closed| !closed.is_intended).collect();
    if closed.len() == listing.entries.len() {
        let found = format!("no entry opens a profile now: {}", shown(closed.iter().map(told)));
        let fix = match mistaken.first() {
            Some(first) => fix_of(first),
            None => {
                "add an entry that holds now, or move valid_until of one, and remove what was revoked by mistake: docs/ledger.md"
            }
        };
        return Finding::error(item, found, fix);
    }
    if let Some(first) = mistaken.first() {
        return Finding::warning(item, shown(mistaken.iter().map(|closed| told(closed))), fix_of(first));
    }
    let elsewhere = |row: &&LedgerRow| row.region.as_deref().is_some_and(|own| region.is_some_and(|ours| own != ours));
    let elsewhere: Vec<_> = listing.entries.iter().filter(elsewhere).collect();
    if !elsewhere.is_empty() {
        let each = elsewhere.iter().map(|row| format!("{} of {}", row.id, row.region.as_deref().unwrap_or_default()));
        return Finding::warning(
            item,
            format!("entries of another region than AWS_REGION, {}: {}", region.unwrap_or_default(), shown(each)),
            "correct `region` in the entry, or leave it out where the domain is in AWS_REGION; if the domain is in that region, all is well",
        );
    }
    let ended = if closed.is_empty() { String::new() } else { format!(", {} of which hold not now", closed.len()) };
    Finding::ok(item, format!("{}{ended}", listing.entries.len()))
}

/// Why the entry opens nothing, if it does not.
fn closed<'a>(
    row: &'a LedgerRow,
    listing: &Listing,
    allowed: &[DomainId],
    issuers: Option<&[String]>,
) -> Option<Closed<'a>> {
    if !row.holds {
        let why = row.why.clone().unwrap_or_default();
        return Some(Closed { row, why, is_intended: true });
    }
    // A revocation without an issuer is for the user of every issuer.
    let revocation = row.subject.strip_prefix("user#").and_then(|user| listing.revoked.get(user));
    if let Some(why) = revocation {
        return Some(Closed { row, why: format!("its user was revoked: {why}"), is_intended: true });
    }
    let mistaken = |why: String| Some(Closed { row, why, is_intended: false });
    if !allowed.is_empty() && !allowed.iter().any(|domain| domain.as_str() == row.domain) {
        return mistaken(format!("its domain {} is not one of STUDIO_ACS_ALLOWED_DOMAINS", row.domain));
    }
    let issuer = row.issuer.as_ref().zip(issuers).filter(|(issuer, issuers)| !issuers.contains(issuer));
    issuer.and_then(|(issuer, _)| mistaken(format!("its issuer {issuer} is not trusted")))
}

fn told(closed: &Closed<'_>) -> String {
    format!("{}: {}", closed.row.id, closed.why)
}

fn fix_of(closed: &Closed<'_>) -> &'static str {
    if closed.why.starts_with("its domain") {
        "add the domain to STUDIO_ACS_ALLOWED_DOMAINS, or correct the entry's domain"
    } else {
        "write the issuer as it is sent, an identity provider's entity ID or a token's iss, to the last character"
    }
}

fn names(rules: Option<&LedgerRules>, listing: Option<&Result<Listing, StartError>>) -> Finding {
    let item = Item::LedgerNames;
    let listing = match (rules, listing) {
        (None, _) => return Finding::ok(item, "there is no ledger"),
        (_, Some(Ok(listing))) => listing,
        (_, Some(Err(_))) => return unread(item),
        (_, None) => {
            return Finding::skipped(item, "the ledger was not read", "studio-acs ledger list looks at each entry");
        }
    };
    let of_entries = listing.entries.iter().filter_map(|row| {
        let (kind, name) = row.subject.split_once('#')?;
        odd_name(name, kind == "user").map(|odd| format!("the {kind} of entry {}, {name:?}, {odd}", row.id))
    });
    let revoked = listing
        .revoked_users
        .iter()
        .filter_map(|name| odd_name(name, true).map(|odd| format!("the revoked user {name:?} {odd}")));
    let odd: Vec<_> = of_entries.chain(revoked).collect();
    if odd.is_empty() {
        return Finding::ok(item, "each name may be one that is sent");
    }
    Finding::warning(
        item,
        shown(odd.into_iter()),
        "write the name as the identity provider sends it, and nothing around it; for several users write an entry each, or one for their group",
    )
}

fn unread(item: Item) -> Finding {
    Finding::skipped(item, "the ledger was not read", "see what is said of the ledger")
}

fn shown(texts: impl Iterator<Item = String>) -> String {
    let mut texts: Vec<_> = texts.take(SHOWN.saturating_add(1)).collect();
    if texts.len() > SHOWN {
        texts.truncate(SHOWN);
        texts.push("…".to_owned());
    }
    texts.join("; ")
}

fn age(rules: Option<&LedgerRules>) -> Finding {
    let Some(LedgerRules { source, refresh, max_age, .. }) = rules else {
        return Finding::ok(Item::LedgerAge, "there is no ledger");
    };
    let warning = |found: String, fix: &str| Finding::warning(Item::LedgerAge, found, fix);
    let (every, oldest) = (refresh.as_secs(), max_age.as_secs());
    let is_text = matches!(source, LedgerSource::Document(_));
    if *refresh > LATE {
        return warning(format!("after {every} s"), "lower STUDIO_ACS_LEDGER_REFRESH: 30 s cost little");
    }
    if is_text && max_age < refresh {
        let found = format!("it may be {oldest} s old, and is read every {every} s, which counts");
        return warning(found, "raise STUDIO_ACS_LEDGER_MAX_AGE, so that one failure to read it keeps nobody out");
    }
    if is_text && *max_age > TOO_LATE {
        let found = format!("not at all for {oldest} s, where it cannot be read");
        return warning(found, "lower STUDIO_ACS_LEDGER_MAX_AGE: 900 s leave time to put it right");
    }
    Finding::ok(Item::LedgerAge, format!("after {every} s"))
}
