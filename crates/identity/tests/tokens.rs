//! Every token of the manifest that verifies, as an identity: the exact code, or the user and the groups that it names.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use fixtures::tokens::{self, ACCEPTED, Row};
use studio_acs_identity::{ClaimRules, CredentialKind, GroupUse, Identity};
use studio_acs_jwt::{
    Algorithm, AllowedAlgorithms, KeySet, TokenRules, TokenUse, UnverifiedToken, VerifiedToken, Verifier,
};
use studio_acs_refusal::instant;
use time::Duration;

#[test]
fn every_verified_token_names_its_user_or_is_refused_with_its_code() {
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    for row in tokens::rows() {
        let Some(token) = verified(&row) else { continue };
        let by_ledger =
            |identity: &Identity| identity.groups().check(GroupUse::Widens).map_err(|refused| refused.code());
        let (found, expected) = match Identity::by_token(&token, &rules(&row), &mut ()) {
            Ok(identity) if by_ledger(&identity).is_err() => {
                refused += 1;
                ((by_ledger(&identity).unwrap_err(), None), (&*row.code, None))
            }
            Ok(identity) => {
                accepted += 1;
                assert_facts(&row, &identity, &token);
                let groups = identity.groups().names().to_vec();
                let expected = (row.user.clone(), row.groups.clone().unwrap_or_default());
                ((ACCEPTED, Some((Some(identity.user().to_owned()), groups))), (&*row.code, Some(expected)))
            }
            Err(rejection) => {
                refused += 1;
                ((rejection.code(), None), (&*row.code, None))
            }
        };
        if found != expected {
            wrong.push(format!("{}: {found:?}, expected {expected:?} ({})", row.name, row.why));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert!(accepted > 40 && refused > 20, "{accepted} accepted, {refused} refused");
}

/// A user whose groups are not known must not pass for a user without any.
#[test]
fn groups_are_required_where_the_rule_says_so() {
    let (mut with, mut without) = (0, 0);
    for row in tokens::rows().into_iter().filter(|row| row.code == ACCEPTED) {
        let token = verified(&row).expect("it verifies");
        let by_rule = |require_groups, group_claim: &str| {
            let group_claim = group_claim.to_owned();
            let rules = ClaimRules { require_groups, group_claim, ..rules(&row) };
            Identity::by_token(&token, &rules, &mut ())
                .map(|identity| identity.groups().names().len())
                .map_err(|r| r.code())
        };
        let groups = row.groups.as_ref().map_or(0, Vec::len);
        assert_eq!(by_rule(false, "no_such_claim"), Ok(0), "{}", row.name);
        assert_eq!(by_rule(true, "no_such_claim"), Err("token_claim_missing"), "{}", row.name);
        if groups > 0 {
            with += 1;
            assert_eq!(by_rule(true, &row.settings.group_claim), Ok(groups), "{}", row.name);
        } else {
            without += 1;
        }
    }
    assert!(with > 30 && without > 0, "{with} with groups, {without} without");
}

fn assert_facts(row: &Row, identity: &Identity, token: &VerifiedToken) {
    assert_eq!((identity.issuer(), identity.source_id()), (row.settings.issuer.as_str(), token.id()), "{}", row.name);
    assert!(identity.named().is_none(), "{}: a token names no profile", row.name);
    assert!(identity.replay_key().is_none(), "{}: a token counts until its end", row.name);
    assert_eq!(identity.session_not_on_or_after(), None, "{}", row.name);
    assert_eq!(identity.authenticated_at(), token.authenticated_at(), "{}", row.name);
    assert_eq!(identity.authentication_methods(), token.authentication_methods(), "{}", row.name);
    let kind =
        if row.token_use == TokenUse::Id.as_str() { CredentialKind::IdToken } else { CredentialKind::AccessToken };
    assert_eq!(identity.credential_kind(), kind, "{}", row.name);
}

fn rules(row: &Row) -> ClaimRules {
    ClaimRules {
        user_claim: row.settings.user_claim.clone(),
        group_claim: row.settings.group_claim.clone(),
        require_groups: false,
    }
}

fn verified(row: &Row) -> Option<VerifiedToken> {
    let keys = KeySet::parse(&tokens::read(&row.keys), &allowed(&row.settings.algorithms)).expect("a key set");
    let token = UnverifiedToken::from_authorization(row.authorization.iter().map(String::as_bytes)).ok()?;
    let now = instant::parse(&row.now).expect("a time");
    let settings = &row.settings;
    let verifier = Verifier::new(TokenRules {
        issuer: settings.issuer.clone(),
        audiences: settings.audience.clone(),
        token_use: TokenUse::ALL.into_iter().find(|kind| kind.as_str() == row.token_use).expect("a kind"),
        algorithms: allowed(&settings.algorithms),
        scope: Some(settings.scope.clone()).filter(|scope| !scope.is_empty()),
        skew: Duration::seconds(settings.skew),
        max_age: Duration::seconds(settings.max_age),
    });
    verifier.verify(&token, &keys, now, &mut ()).ok()
}

/// The algorithms of these names; none for the default.
fn allowed(names: &[String]) -> AllowedAlgorithms {
    let algorithms = names.iter().map(|name| Algorithm::parse(name).expect("an algorithm"));
    AllowedAlgorithms::new(algorithms).unwrap_or_default()
}
