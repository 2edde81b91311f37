//! The settings, taken by themselves.

use std::time::Duration;

use axum::http::Uri;

use super::finding::Finding;
use super::item::Item;
use crate::config::{Config, is_confidential};
use crate::report::placeholder::placeholder;
use crate::trust::Trust;
use studio_acs_aws::SdkStartError;
use studio_acs_broker::AfterRestart;
use studio_acs_identity::DomainId;

/// From here on an assertion that leaks is of use for long.
const LONG_AGE: Duration = Duration::from_secs(900);

pub(super) fn findings(config: &Config, trust: Option<&Trust>, region: Option<&str>) -> Vec<Finding> {
    vec![
        match region {
            Some(region) if !is_region(region) => Finding::error(
                Item::Region,
                format!("{region} is no region's name, and no endpoint of AWS is there"),
                "set AWS_REGION to a name such as eu-central-1, without the letter of an availability zone",
            ),
            Some(region) => Finding::ok(Item::Region, region),
            None => Finding::error(
                Item::Region,
                "there is none in the environment or the profile, and nothing starts without",
                "set AWS_REGION to the region of the Studio domains; Lambda sets it by itself",
            ),
        },
        audience(config, trust),
        allowed_domains(config),
        replay_guard(config),
        assertion_age(config),
        allowed_origins(config),
        url_lifetime(config),
        match &config.mint.studio_origin {
            None => Finding::ok(Item::StudioOrigin, "https under sagemaker.aws"),
            Some(origin) => Finding::error(
                Item::StudioOrigin,
                format!("they are sent to a stand-in, {origin}"),
                "unset STUDIO_ACS_STUDIO_ORIGIN: it is for tests",
            ),
        },
    ]
}

/// Whether the text has the form of a region's name: words and a number at the end.
fn is_region(text: &str) -> bool {
    let Some((words, number)) = text.rsplit_once('-') else { return false };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.contains('-')
        && words.split('-').all(is_word)
        && (1..=2).contains(&number.len())
        && number.parse::<u8>().is_ok()
}

/// Only the console knows the audience that assertions will name; some values are hardly what an operator typed there.
fn audience(config: &Config, trust: Option<&Trust>) -> Finding {
    let us = &config.service_provider;
    let audience = us.audience.as_str();
    let warning = |found: String, fix: String| Finding::warning(Item::Audience, found, fix);
    let same =
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, to the last character";
    if placeholder(audience).is_some() {
        return Finding::skipped(Item::Audience, audience, "see what is said of the settings' values");
    }
    if trust.is_some_and(|trust| trust.verifier.idps().find(audience).is_some()) {
        return Finding::error(
            Item::Audience,
            format!("{audience} is the identity provider's entity ID, not ours"),
            "choose a name for this service, such as the origin of the ACS URL with a slash, for Application SAML audience in Identity Center and for STUDIO_ACS_AUDIENCE",
        );
    }
    if us.acs_urls.iter().any(|url| url.trim_end_matches('/') == audience.trim_end_matches('/')) {
        let found = format!("{audience} is the ACS URL: were the console's two fields mixed up?");
        return warning(found, format!("{same}; if that is what stands there, all is well"));
    }
    if audience.contains(char::is_whitespace) || audience.contains(['"', '\'', '<', '>']) {
        let found = format!("{audience:?} has a space, a quotation mark or a bracket in it");
        return warning(found, format!("take off what a shell or a form left behind; {same}"));
    }
    let url = |text: &str| text.parse::<Uri>().ok().filter(|uri| uri.scheme().is_some() && uri.authority().is_some());
    if audience.matches("://").count() > 1 || (audience.contains("://") && url(audience).is_none()) {
        let found = format!("{audience} is several URLs, or a URL with a character that none has, such as a long dash");
        return warning(found, format!("write one URL, typed by hand; {same}"));
    }
    let Some(uri) = url(audience) else {
        return Finding::ok(Item::Audience, format!("{audience}, a name that is no URL"));
    };
    let host = |uri: &Uri| uri.host().map(str::to_ascii_lowercase);
    if !us.acs_urls.iter().filter_map(|text| url(text)).any(|other| host(&other) == host(&uri)) {
        let found = format!("{audience} is on another host than the ACS URL: is it of another deployment?");
        return warning(found, format!("{same}; a name of another host is allowed, if it stands there too"));
    }
    let is_http = |uri: &Uri| uri.scheme_str() == Some("http");
    if is_http(&uri) && !us.acs_urls.iter().filter_map(|text| url(text)).any(|other| is_http(&other)) {
        let found = format!("{audience} is http, and the ACS URL is https");
        return warning(found, format!("{same}, https included; if http stands there too, all is well"));
    }
    if audience.contains(['?', '#']) {
        let found = format!("{audience} has a query or a fragment");
        return warning(found, format!("{same}; if it stands there too, all is well"));
    }
    if uri.authority().is_some_and(|authority| audience.ends_with(authority.as_str())) {
        let found = format!("{audience} has no slash at its end, as most have");
        return warning(found, format!("{same}, slash included; if there is none there either, all is well"));
    }
    Finding::ok(Item::Audience, audience)
}

/// The most domains that the stack's minting policy can name: a managed policy has 6,144 characters
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>), and each domain stands in it twice.
const DOMAINS: usize = 51;

/// The most bytes of a function's variables, names and values
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const ENVIRONMENT: usize = 4096;

/// Whether variables of these bytes fit into a function's environment.
pub(super) fn environment(bytes: usize) -> Finding {
    if bytes > ENVIRONMENT {
        return Finding::warning(
            Item::Environment,
            format!("{bytes} bytes of variables, and AWS Lambda takes {ENVIRONMENT}"),
            "move settings into a file (STUDIO_ACS_CONFIG), and texts into a parameter",
        );
    }
    Finding::ok(Item::Environment, format!("{bytes} of {ENVIRONMENT} bytes"))
}

/// The fault of AWS's own settings, as a start meets it.
pub(super) fn aws(fault: Option<&SdkStartError>) -> Finding {
    let item = Item::AwsSettings;
    match fault {
        None => Finding::ok(item, "AWS's SDK takes each"),
        Some(SdkStartError::NoRegion) => {
            Finding::skipped(item, "the region is not known", "see what is said of the region")
        }
        Some(fault) => Finding::error(
            item,
            fault.to_string(),
            "correct the value, or leave the variable, or the key in the profile, out: docs/configuration.md",
        ),
    }
}

fn allowed_domains(config: &Config) -> Finding {
    let domains: Vec<_> = config.identity.allowed_domains.iter().map(DomainId::as_str).collect();
    if domains.is_empty() {
        return Finding::warning(
            Item::AllowedDomains,
            "any domain that an assertion names is opened",
            "set STUDIO_ACS_ALLOWED_DOMAINS to the IDs of the domains that are meant",
        );
    }
    if domains.len() > DOMAINS {
        return Finding::warning(
            Item::AllowedDomains,
            format!("{} domains, and the stack's minting policy can name {DOMAINS}", domains.len()),
            "spread the domains over several deployments, each with its own minting role",
        );
    }
    Finding::ok(Item::AllowedDomains, domains.join(", "))
}

fn replay_guard(config: &Config) -> Finding {
    let alone = "one process remembers which assertions were used, until it ends";
    match (&config.replay_table, config.after_restart) {
        (Some(rules), _) => Finding::ok(Item::ReplayShared, &rules.table),
        (None, AfterRestart::Refuse) => Finding::warning(
            Item::ReplayShared,
            format!(
                "{alone}; for {} s after each start of serve sign-ins are refused",
                config.service_provider.skew.whole_seconds()
            ),
            "set STUDIO_ACS_REPLAY_TABLE, on Lambda and wherever several instances run",
        ),
        (None, AfterRestart::Accept) => Finding::warning(
            Item::ReplayShared,
            format!("{alone}, and each may be used once more after each start"),
            "set STUDIO_ACS_REPLAY_TABLE, or leave STUDIO_ACS_REPLAY_AFTER_RESTART out",
        ),
    }
}

fn assertion_age(config: &Config) -> Finding {
    let age = config.service_provider.max_age;
    let found = format!("{} s", age.whole_seconds());
    if age <= LONG_AGE {
        return Finding::ok(Item::AssertionAge, found);
    }
    let fix =
        "lower STUDIO_ACS_MAX_AGE: browsers post an assertion within seconds, and a stolen one is good for as long";
    Finding::warning(Item::AssertionAge, found, fix)
}

fn allowed_origins(config: &Config) -> Finding {
    let (item, allowed) = (Item::AllowedOrigins, &config.allowed_origins);
    let unprotected: Vec<_> = allowed.unprotected().collect();
    if !unprotected.is_empty() {
        return Finding::warning(
            item,
            format!(
                "{} is listed, which a page of any site makes browsers send: the list protects nothing",
                unprotected.join(", ")
            ),
            "list the origin of the page that posts, as docs/confirm.md finds it out; if browsers send none there, leave STUDIO_ACS_ALLOWED_ORIGINS out and set STUDIO_ACS_CONFIRM",
        );
    }
    if let Some(plain) = allowed.items().iter().find(|origin| !is_confidential(origin)) {
        return Finding::warning(
            item,
            format!("{plain} is not https: whoever is on the way to it can write its pages"),
            "list the origin that begins with https",
        );
    }
    match allowed.items() {
        [] => Finding::ok(item, "there is no list: any page may post them"),
        items => Finding::ok(item, items.join(", ")),
    }
}

fn url_lifetime(config: &Config) -> Finding {
    let seconds = config.mint.url_expires;
    let found = format!("{seconds} s");
    let warning = |fix| Finding::warning(Item::UrlLifetime, found.clone(), fix);
    match seconds {
        ..10 => warning(
            "raise STUDIO_ACS_URL_EXPIRES to 30: a slow browser comes too late, and lands on AWS's sign-in page",
        ),
        10..=60 => Finding::ok(Item::UrlLifetime, found),
        _ => warning("lower STUDIO_ACS_URL_EXPIRES to 30: whoever gets hold of a URL is in for as long"),
    }
}
