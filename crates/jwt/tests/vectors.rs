//! Every token of the manifest: the exact code, or the facts.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use fixtures::tokens::{self, ACCEPTED, Row};
use studio_acs_jwt::{
    Algorithm, AllowedAlgorithms, Check, ClaimValue, KeySet, Rejection, TokenRules, TokenUse, UnverifiedToken,
    VerifiedToken, Verifier,
};
use time::format_description::well_known::Rfc3339;
use time::{Duration, UtcDateTime};

/// The service's rules for a verified token: its own tests replay these rows too.
const AFTER_VERIFICATION: [&str; 3] = ["token_claim_invalid", "token_email_unverified", GROUPS];
/// The code of the readers of groups, which no rule of a token has.
const GROUPS: &str = "groups_incomplete";

#[test]
fn every_token_has_its_code() {
    let rows = tokens::rows();
    let names: BTreeSet<_> = rows.iter().map(|row| &row.name).collect();
    assert_eq!(names.len(), rows.len(), "a name is used twice");
    let honest = rows.iter().filter(|row| row.code == ACCEPTED).count();
    assert!(honest >= 100 && rows.len() - honest >= 700, "the manifest is whole");
    let key_sets: BTreeMap<_, _> = rows.iter().map(|row| ((&row.keys, &row.settings.algorithms), keys(row))).collect();
    let wrong: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            differs(row, &key_sets[&(&row.keys, &row.settings.algorithms)])
                .map(|how| format!("{}: {how} ({})", row.name, row.why))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_a_token_that_breaks_it() {
    let rows = tokens::rows();
    let used: BTreeSet<_> =
        rows.iter().map(|row| &*row.code).filter(|code| ![ACCEPTED, GROUPS].contains(code)).collect();
    let known: BTreeSet<_> = Check::ALL.iter().map(|check| check.code()).collect();
    assert_eq!(used, known);

    let broken: BTreeSet<_> =
        rows.iter().filter_map(|row| outcome(row, &keys(row)).err()).map(|rejection| rejection.check()).collect();
    // The service asks for the form of the user's name, for a verified email and for groups; this crate does not.
    let is_ours = |check: &Check| !matches!(check, Check::ClaimFormat | Check::EmailVerified | Check::Groups);
    let unbroken: Vec<_> = Check::ALL.iter().filter(|check| !broken.contains(check) && is_ours(check)).collect();
    assert!(unbroken.is_empty(), "{unbroken:?}");
}

#[test]
fn no_message_shows_the_token() {
    for row in tokens::rows() {
        let keys = keys(&row);
        let Err(rejection) = outcome(&row, &keys) else { continue };
        let said = format!("{rejection} {rejection:?}");
        for part in row.authorization.iter().flat_map(|value| value.split(['.', ' '])).filter(|part| part.len() > 20) {
            assert!(!said.contains(part), "{}: {said}", row.name);
        }
        assert!(!said.contains(char::is_control), "{}: {said}", row.name);
    }
}

fn differs(row: &Row, keys: &KeySet) -> Option<String> {
    let expected = if AFTER_VERIFICATION.contains(&&*row.code) { ACCEPTED } else { &row.code };
    match outcome(row, keys) {
        Err(rejection) if rejection.code() == expected => None,
        Err(rejection) => Some(format!("expected {expected}, got {}: {rejection}", rejection.code())),
        Ok(_) if expected != ACCEPTED => Some(format!("expected {expected}, was accepted")),
        Ok(token) if row.code == ACCEPTED => {
            let user = token.user(&row.settings.user_claim).ok();
            // The service says which of them are no names.
            let values: Vec<_> = token.values(&row.settings.group_claim).collect();
            let groups = row.groups.iter().flatten().all(|name| values.contains(&ClaimValue::Text(name)));
            let facts = (user, groups, Some(token.id()), token.issuer());
            let expected = (row.user.as_deref(), true, row.id.as_deref(), row.settings.issuer.as_str());
            (facts != expected).then(|| format!("expected {expected:?}, got {facts:?}"))
        }
        Ok(token) if row.code == "token_email_unverified" && token.email_is_verified(&row.settings.user_claim) => {
            Some("the email passes for verified".to_owned())
        }
        Ok(_) => None,
    }
}

/// The token, and that its claims can be read as the service reads them.
fn outcome(row: &Row, keys: &KeySet) -> Result<VerifiedToken, Rejection> {
    let token = UnverifiedToken::from_authorization(row.authorization.iter().map(String::as_bytes))?;
    let now = UtcDateTime::parse(&row.now, &Rfc3339).expect("a time");
    let verified = verifier(row).verify(&token, keys, now, &mut ())?;
    verified.user(&row.settings.user_claim)?;
    Ok(verified)
}

fn keys(row: &Row) -> KeySet {
    KeySet::parse(&tokens::read(&row.keys), &allowed(&row.settings.algorithms)).expect("a key set")
}

fn verifier(row: &Row) -> Verifier {
    let settings = &row.settings;
    Verifier::new(TokenRules {
        issuer: settings.issuer.clone(),
        audiences: settings.audience.clone(),
        token_use: TokenUse::ALL.into_iter().find(|kind| kind.as_str() == row.token_use).expect("a kind"),
        algorithms: allowed(&row.settings.algorithms),
        scope: Some(settings.scope.clone()).filter(|scope| !scope.is_empty()),
        skew: Duration::seconds(settings.skew),
        max_age: Duration::seconds(settings.max_age),
    })
}

/// The algorithms of these names; none for the default.
fn allowed(names: &[String]) -> AllowedAlgorithms {
    let algorithms = names.iter().map(|name| Algorithm::parse(name).expect("an algorithm"));
    AllowedAlgorithms::new(algorithms).unwrap_or_default()
}
