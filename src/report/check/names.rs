//! Whether each name in the ledger and in permits tells who is meant, where several issuers give names.

use super::finding::Finding;
use super::item::Item;
use super::read::Read;
use crate::config::Config;
use crate::service::Issuers;
use studio_acs_refusal::counted;

const FIX: &str = "name the issuer there, or set STUDIO_ACS_NAMES to shared if a name is the same user at all issuers: docs/ledger.md";

/// The most entries that are named.
const SHOWN: usize = 10;

pub(super) fn finding(config: &Config, read: &Read) -> Finding {
    let (item, error) = (Item::Names, |found: String| Finding::error(Item::Names, found, FIX));
    if config.broker.are_names_shared {
        return Finding::ok(item, "names are shared: a name is the same user at every trusted issuer");
    }
    let Some(Ok(trust)) = &read.trust else {
        return Finding::skipped(item, "the metadata was not read", "see what is said of the metadata");
    };
    if Issuers::of(config).names(trust).are_clear() {
        return Finding::ok(item, "one issuer is trusted");
    }
    if config.broker.ledger.is_none() {
        return Finding::warning(
            item,
            "several identity providers are trusted, and without a ledger each may open any profile",
            "set STUDIO_ACS_LEDGER, whose entries name their issuer, or trust one identity provider",
        );
    }
    let (listing, policies) = match (&read.ledger, &read.policies) {
        (Some(Ok(listing)), Some(Ok(policies))) => (listing, policies),
        (Some(Err(_)), _) => {
            return Finding::skipped(item, "the ledger was not read", "see what is said of the ledger");
        }
        (_, Some(Err(_))) => {
            return Finding::skipped(item, "the policy was not read", "see what is said of the policy");
        }
        _ => return Finding::skipped(item, "the ledger or the policy is kept at AWS", "--online reads it"),
    };
    let unnamed: Vec<_> = listing.unnamed().collect();
    if !unnamed.is_empty() {
        let first = unnamed.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        let rest = unnamed.len().saturating_sub(SHOWN);
        let more = if rest > 0 { format!(", and {}", counted(rest, "other")) } else { String::new() };
        return error(format!("entries name no issuer, and several are trusted: {first}{more}"));
    }
    match policies.check_issuers() {
        Err(unnamed) => error(unnamed.to_string()),
        Ok(()) => Finding::ok(item, "each entry, and each permit for a name, names its issuer"),
    }
}
