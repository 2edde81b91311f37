//! The texts of the settings: that they are a deployment's own values, and no example's.

use super::finding::Finding;
use super::item::Item;
use super::odd_name::is_quoted;
use crate::config::Config;
use crate::report::placeholder::{placeholder, reserved_host};
use studio_acs_broker::PolicySource;

/// The most settings that are named.
const SHOWN: usize = 5;

pub(super) fn findings(config: &Config, region: Option<&str>) -> Vec<Finding> {
    let arns = region.map(|region| arns(config, region));
    [Some(values(config)), arns, Some(attributes(config))].into_iter().flatten().collect()
}

fn values(config: &Config) -> Finding {
    let item = Item::SettingValues;
    let texts = texts(config);
    let named = |told: fn(&str) -> Option<String>| {
        let each = texts.iter().filter_map(|(setting, text)| told(text).map(|told| format!("{setting}: {told}")));
        each.take(SHOWN).collect::<Vec<_>>().join("; ")
    };
    let examples = named(|text| placeholder(text).map(|part| format!("{part} is an example's and no value")));
    if !examples.is_empty() {
        let fix =
            "write your own value in its place; in a template or script, let its variable be replaced before the start";
        return Finding::error(item, examples, fix);
    }
    let quoted = named(|text| is_quoted(text).then(|| format!("{text} has quotation marks around it")));
    if !quoted.is_empty() {
        let fix = "take the quotation marks off: in an environment file of Docker or systemd, and in a console's form, they belong to the value";
        return Finding::error(item, quoted, fix);
    }
    let reserved = named(|text| reserved_host(text).map(|host| format!("{host} is a name for documentation")));
    if !reserved.is_empty() {
        return Finding::warning(item, reserved, "write your own host name: nobody can have this one (RFC 2606)");
    }
    Finding::ok(item, "no example's value, and no quotation marks around one")
}

/// The SDK asks in its own region, whatever region an ARN names.
fn arns(config: &Config, region: &str) -> Finding {
    let elsewhere = texts(config).into_iter().filter_map(|(setting, text)| {
        let (_, rest) = text.split_once("arn:")?;
        let named = rest.split(':').nth(2).filter(|named| !named.is_empty() && *named != region)?;
        Some(format!("{setting} names {named}, and AWS_REGION is {region}"))
    });
    let elsewhere: Vec<_> = elsewhere.take(SHOWN).collect();
    if elsewhere.is_empty() {
        return Finding::ok(Item::ArnRegion, region);
    }
    let fix = "keep it in the region where the service runs (a table: add a replica there, and name it without an ARN), or correct the ARN or AWS_REGION";
    Finding::error(Item::ArnRegion, elsewhere.join("; "), fix)
}

/// The settings that are texts, each with its text; of a list, each item. Secrets are not among them, only their places.
fn texts(config: &Config) -> Vec<(&'static str, String)> {
    let (us, attributes, broker) = (&config.service_provider, &config.identity, &config.broker);
    let mut texts: Vec<(&'static str, String)> = Vec::new();
    let mut add =
        |setting, values: &mut dyn Iterator<Item = String>| texts.extend(values.map(|value| (setting, value)));
    // `audience` tells of quotation marks itself: an identity provider may have the same.
    let audience = Some(us.audience.clone()).filter(|audience| !is_quoted(audience));
    add("STUDIO_ACS_AUDIENCE", &mut audience.into_iter());
    add("STUDIO_ACS_ACS_URL", &mut us.acs_urls.iter().cloned());
    add("STUDIO_ACS_METADATA", &mut config.metadata.iter().map(ToString::to_string));
    add("STUDIO_ACS_USER_ATTRIBUTE", &mut std::iter::once(attributes.user_attribute.clone()));
    add("STUDIO_ACS_DOMAIN_ATTRIBUTE", &mut std::iter::once(attributes.domain_attribute.clone()));
    add("STUDIO_ACS_GROUP_ATTRIBUTE", &mut std::iter::once(attributes.group_attribute.clone()));
    add("STUDIO_ACS_ALLOWED_DOMAINS", &mut attributes.allowed_domains.iter().map(ToString::to_string));
    add("STUDIO_ACS_ALLOWED_ORIGINS", &mut config.allowed_origins.items().iter().map(ToString::to_string));
    add("STUDIO_ACS_LEDGER", &mut broker.ledger.iter().map(|rules| rules.source.to_string()));
    let policies = broker.policies.iter().filter_map(|source| match source {
        PolicySource::Text(source) => Some(source.to_string()),
        PolicySource::Shipped(..) => None,
    });
    add("STUDIO_ACS_POLICY", &mut { policies });
    add("STUDIO_ACS_RESUME_KEY", &mut broker.resume_key.iter().map(ToString::to_string));
    let tables = [
        ("STUDIO_ACS_REPLAY_TABLE", &config.replay_table),
        ("STUDIO_ACS_RATE_TABLE", &broker.rate_table),
        ("STUDIO_ACS_APPROVAL_TABLE", &broker.approval_table),
    ];
    for (setting, table) in tables {
        add(setting, &mut table.iter().map(|rules| rules.table.clone()));
    }
    for token in &config.token_issuers {
        add("STUDIO_ACS_TOKEN_ISSUER", &mut std::iter::once(token.rules.issuer.clone()));
        add("STUDIO_ACS_TOKEN_JWKS", &mut std::iter::once(token.keys.to_string()));
        add("STUDIO_ACS_TOKEN_AUDIENCE", &mut token.rules.audiences.iter().cloned());
        add("STUDIO_ACS_TOKEN_SCOPE", &mut token.rules.scope.iter().cloned());
        add("STUDIO_ACS_TOKEN_USER_CLAIM", &mut std::iter::once(token.claims.user_claim.clone()));
        add("STUDIO_ACS_TOKEN_GROUP_CLAIM", &mut std::iter::once(token.claims.group_claim.clone()));
    }
    add("STUDIO_ACS_AUDIT_…", &mut config.audit.sinks.iter().map(|(_, place, _)| place.clone()));
    texts
}

/// One attribute names the user, another the domain, and a third one the groups.
fn attributes(config: &Config) -> Finding {
    let (item, rules) = (Item::Attributes, &config.identity);
    let error = |found: String, fix: &str| Finding::error(item, found, fix);
    if !rules.by_ledger && rules.user_attribute == rules.domain_attribute {
        return error(
            format!("{} names the user and the domain", rules.user_attribute),
            "map a second attribute whose value is the domain's ID, and write its name in STUDIO_ACS_DOMAIN_ATTRIBUTE",
        );
    }
    if rules.user_attribute == rules.group_attribute {
        return error(
            format!("{} names the user and the groups", rules.user_attribute),
            "write the name of the attribute that has the user's name in STUDIO_ACS_USER_ATTRIBUTE, and of the one with groups in STUDIO_ACS_GROUP_ATTRIBUTE",
        );
    }
    Finding::ok(item, format!("{} for the user, {} for groups", rules.user_attribute, rules.group_attribute))
}
