//! The metadata: whom it lets sign in, with which keys, and for how long.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use studio_acs_refusal::{counted, instant};
use studio_acs_saml::{KeyType, SigningKey, TrustedIdp};
use time::UtcDateTime;

use super::clock;
use super::finding::Finding;
use super::item::Item;
use crate::report::cause::{metadata_cause, metadata_fault_cause};
use crate::report::start_cause;
use crate::service::StartError;
use crate::trust::{Trust, days_left, ends_soon};

const ROTATE: &str = "in Identity Center, Actions → Manage certificate: generate one with SHA-256 and RSA 2048, put its metadata beside the old, then activate it (saml-metadata/README.md)";

const DOWNLOAD: &str =
    "download the metadata again from the identity provider, and put it where STUDIO_ACS_METADATA points";

pub(super) fn findings(trust: Option<&Result<Trust, StartError>>, audience: &str, now: UtcDateTime) -> Vec<Finding> {
    match trust {
        None => vec![Finding::skipped(Item::Metadata, "it is kept at AWS", "--online reads it")],
        Some(Err(error)) => {
            let cause = start_cause(error, audience).unwrap_or_else(|| metadata_cause(None, audience));
            vec![Finding::error(Item::Metadata, error.to_string(), cause.fix)]
        }
        Some(Ok(trust)) => {
            let idps: Vec<_> = trust.verifier.idps().iter().collect();
            let count = match idps.len() {
                1 => "one identity provider".to_owned(),
                count => format!("{count} identity providers: each of them may name any user"),
            };
            let until = |idp: &TrustedIdp| {
                let mut known = trust.valid_until();
                known.find_map(|(entity_id, until)| (entity_id == idp.entity_id()).then_some(until))
            };
            let each = idps.into_iter().flat_map(|idp| identity_provider(idp, until(idp), now));
            let left_out = trust.left_out().map(|fault| {
                let fix = metadata_fault_cause(&fault.error, audience).fix;
                Finding::warning(Item::Metadata, format!("left out: {fault}"), fix)
            });
            [Finding::ok(Item::Metadata, count)].into_iter().chain(left_out).chain(each).collect()
        }
    }
}

fn identity_provider(idp: &TrustedIdp, until: Option<UtcDateTime>, now: UtcDateTime) -> Vec<Finding> {
    let application = Application::of(idp.entity_id());
    let mut findings = vec![origin(idp.entity_id(), application.as_ref()), valid_until(until, now), keys(idp)];
    findings.extend(idp.keys().map(|key| certificate(key, application.is_some(), now)));
    findings.into_iter().map(|finding| finding.about(idp.entity_id())).collect()
}

/// Sign-ins end with the metadata, and so does every start.
fn valid_until(until: Option<UtcDateTime>, now: UtcDateTime) -> Finding {
    let Some(until) = until else { return Finding::ok(Item::IdpMetadata, "the metadata does not say (validUntil)") };
    let found = format!("validUntil {}, {} left", instant::format(until), counted(days_left(until, now), "day"));
    if ends_soon(until, now) {
        Finding::warning(Item::IdpMetadata, found, DOWNLOAD)
    } else {
        Finding::ok(Item::IdpMetadata, found)
    }
}

/// An application of Identity Center, as its entity ID has it:
/// `https://portal.sso.REGION.amazonaws.com/saml/assertion/` and the base64 of `ACCOUNT_ins-INSTANCE`.
struct Application {
    region: String,
    /// Account and instance; `None` where the end of the entity ID does not hold them.
    names: Option<(String, String)>,
}

impl Application {
    fn of(entity_id: &str) -> Option<Self> {
        let rest = entity_id.strip_prefix("https://portal.sso.")?;
        let (host, path) = rest.split_once('/')?;
        let region = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
        let names = path.strip_prefix("saml/assertion/").and_then(|tail| {
            let text = String::from_utf8(STANDARD.decode(tail).ok()?).ok()?;
            let (account, instance) = text.split_once('_')?;
            let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            let fits = is_account && instance.starts_with("ins-");
            fits.then(|| (account.to_owned(), instance.to_owned()))
        });
        Some(Self { region: region.to_owned(), names })
    }
}

fn origin(entity_id: &str, application: Option<&Application>) -> Finding {
    match application {
        None => Finding::ok(Item::IdpOrigin, "another identity provider than Identity Center"),
        Some(Application { region, names: Some((account, instance)) }) => Finding::ok(
            Item::IdpOrigin,
            format!("Identity Center in {region}, account {account}, application {instance}"),
        ),
        Some(Application { region, names: None }) => Finding::warning(
            Item::IdpOrigin,
            format!("Identity Center in {region}, but no application's name at the end of {entity_id}"),
            "download the IAM Identity Center SAML metadata file of this application again, and leave it as it is",
        ),
    }
}

fn keys(idp: &TrustedIdp) -> Finding {
    match idp.keys().len() {
        1 => Finding::ok(Item::IdpKeys, "one"),
        2 => Finding::ok(Item::IdpKeys, "two: a rotation in progress"),
        count => Finding::warning(
            Item::IdpKeys,
            format!("{count}"),
            "remove the metadata of certificates that are no longer used: Identity Center has two at most",
        ),
    }
}

fn certificate(key: &SigningKey, is_identity_center: bool, now: UtcDateTime) -> Finding {
    let kind = match key.key_type() {
        KeyType::Rsa => format!("RSA {}", key.bits()),
        KeyType::Ecdsa => format!("ECDSA P-{}", key.bits()),
    };
    let ends = key.not_after();
    let note = if key.certificate_is_sha1() { ", certificate signed with SHA-1" } else { "" };
    let found = format!("{kind}, until {}, {} left{note}", ends.date(), counted(days_left(ends, now), "day"));
    let warning = |found: String, fix: &str| Finding::warning(Item::IdpCertificate, found, fix);
    if ends <= now {
        // The key is trusted because it stands in the metadata; the end of its certificate stops nothing.
        return warning(format!("{kind}, ended on {}{note}; it still verifies", ends.date()), ROTATE);
    }
    // A clock that was never set is told of by itself.
    if key.not_before() > now && clock::is_plausible(now) {
        let begins = instant::format(key.not_before());
        return warning(
            format!("{kind}, begins on {begins}, later than now; it verifies already"),
            "compare the clock of this machine with the time; if the certificate is the next one of a rotation, leave it so",
        );
    }
    if ends_soon(ends, now) {
        return warning(found, ROTATE);
    }
    // Identity Center signs responses with the hash that its certificate was made with.
    if is_identity_center && key.certificate_is_sha1() {
        return warning(format!("{found}: responses will be refused, algorithm_forbidden"), ROTATE);
    }
    Finding::ok(Item::IdpCertificate, found)
}
