use super::*;
use crate::credential_kind::CredentialKind;
use crate::group_use::GroupUse;
use crate::groups::Groups;
use crate::identity::ReplayKey;
use crate::sign_in_request::SignInRequest;

fn now() -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

fn person(issuer: &str, user: &str) -> Identity {
    Identity {
        user: user.to_owned(),
        named: None,
        groups: Groups::default(),
        issuer: issuer.to_owned(),
        signed_by: None,
        source_id: "_1".to_owned(),
        credential_kind: CredentialKind::Assertion,
        replay_key: Some(ReplayKey { key: [1; 32], issued: Some(now()), until: now() }),
        session_not_on_or_after: None,
        authenticated_at: None,
        authentication_methods: Vec::new(),
    }
}

fn resume_tokens(deployment: &str) -> ResumeTokens {
    ResumeTokens::with_key(b"a key that is thirty-two bytes long", deployment, Duration::seconds(300)).unwrap()
}

fn confirmation(rule: ConfirmRule) -> Confirmation {
    Confirmation::new(rule, &resume_tokens("here"))
}

#[test]
fn the_rule_and_the_last_confirmation_in_the_browser_say_whether_to_ask() {
    let (alice, bob) = (person("https://idp.example/", "alice"), person("https://idp.example/", "bob"));
    let rule = confirmation(ConfirmRule::NewBrowser);
    let (cookie, seconds) = rule.remember(Confirmed(&alice), now()).unwrap();
    assert_eq!(seconds, 30 * 86_400);
    assert!(!cookie.contains("alice") && cookie.len() < 100, "{cookie}");
    for (rule, person, remembered, goes_on) in [
        (ConfirmRule::Never, &alice, None, true),
        (ConfirmRule::Always, &alice, Some(cookie.as_str()), false),
        (ConfirmRule::NewBrowser, &alice, Some(&cookie), true),
        (ConfirmRule::NewBrowser, &alice, None, false),
        (ConfirmRule::NewBrowser, &bob, Some(&cookie), false),
    ] {
        let judged = confirmation(rule).judge(person, remembered, now());
        assert_eq!(judged.map(|confirmed| confirmed.identity().user()), goes_on.then_some(person.user()), "{rule:?}");
    }
    for rule in [ConfirmRule::Never, ConfirmRule::Always] {
        assert_eq!(confirmation(rule).remember(Confirmed(&alice), now()), None, "{rule:?} reads none");
    }
}

#[test]
fn a_browser_is_known_for_thirty_days_and_by_nothing_that_we_did_not_sign() {
    let rule = confirmation(ConfirmRule::NewBrowser);
    let alice = person("https://idp.example/", "alice");
    let (cookie, _) = rule.remember(Confirmed(&alice), now()).unwrap();
    let knows = |rule: &Confirmation, cookie: &str, identity: &Identity, later: i64| {
        rule.judge(identity, Some(cookie), now() + Duration::seconds(later)).is_some()
    };
    assert!(knows(&rule, &cookie, &alice, 30 * 86_400 - 1));
    assert!(!knows(&rule, &cookie, &alice, 30 * 86_400));
    // Another identity provider's user of that name, another spelling, and a NUL that moves the border between the two.
    for other in
        [("https://other.example/", "alice"), ("https://idp.example/", "Alice"), ("https://idp.example/a", "lice")]
    {
        assert!(!knows(&rule, &cookie, &person(other.0, other.1), 0), "{other:?}");
    }
    let (ends, tag) = cookie.split_once('.').unwrap();
    let later = ends.parse::<i64>().unwrap() + 1;
    let mut bytes = URL_SAFE_NO_PAD.decode(tag).unwrap();
    bytes[0] ^= 1;
    let altered = URL_SAFE_NO_PAD.encode(bytes);
    let half = tag.split_at(20).0;
    for forged in [
        "",
        ".",
        tag,
        &format!("{ends}."),
        &format!("{later}.{tag}"),
        &format!("{ends}.{altered}"),
        &format!("{ends}.{half}"),
    ] {
        assert!(!knows(&rule, forged, &alice, 0), "{forged}");
    }
    let elsewhere = Confirmation::new(ConfirmRule::NewBrowser, &resume_tokens("staging"));
    assert!(!knows(&elsewhere, &cookie, &alice, 0), "another deployment with the same key");
    // A resume token's signature is none of these, though both keys come from one.
    let resume_token = resume_tokens("here")
        .issue(Confirmed(&alice), &SignInRequest::default(), None, GroupUse::Widens, now())
        .unwrap()
        .token;
    assert!(!knows(&rule, &resume_token, &alice, 0));
}

#[test]
fn debug_shows_the_rule_and_no_key() {
    assert_eq!(format!("{:?}", confirmation(ConfirmRule::NewBrowser)), "Confirmation { rule: NewBrowser, .. }");
}
