use super::*;
use crate::groups::GroupValue;

fn now() -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

fn groups(names: &[&str]) -> Groups {
    Groups::of(names.iter().map(|name| GroupValue::Text(name)), None)
}

fn alice() -> Identity {
    Identity {
        user: "alice@corp.example".to_owned(),
        named: None,
        groups: groups(&["data-scientists"]),
        issuer: "https://idp.example/".to_owned(),
        signed_by: Some(KeyId([7; 32])),
        source_id: "_1".to_owned(),
        credential_kind: CredentialKind::Assertion,
        replay_key: Some(ReplayKey { key: [1; 32], issued: Some(now()), until: now() }),
        session_not_on_or_after: Some(now()),
        authenticated_at: Some(now()),
        authentication_methods: Vec::new(),
    }
}

fn resume_tokens() -> ResumeTokens {
    ResumeTokens::with_key(b"a key that is thirty-two bytes long", "here", Duration::seconds(300)).unwrap()
}

#[test]
fn a_resume_token_of_before_the_start_is_refused() {
    let (alice, start) = (alice(), now());
    let issued = |at: i64| {
        let at = start.saturating_add(Duration::seconds(at));
        resume_tokens().issue(Confirmed(&alice), &SignInRequest::default(), None, GroupUse::Widens, at).unwrap().token
    };
    let (before, after) = (issued(0), issued(1));
    let (remembering, later) = (resume_tokens().since(start), start.saturating_add(Duration::seconds(2)));
    assert_eq!(remembering.read(Some(&before), |_, _| true, later).unwrap_err(), ResumeError::BeforeStart);
    assert!(remembering.read(Some(&after), |_, _| true, later).is_ok());
    assert!(resume_tokens().read(Some(&before), |_, _| true, later).is_ok(), "a table remembers which were used");
}

#[test]
fn a_resume_token_brings_back_who_it_was_issued_for_and_what_they_asked() {
    let sign_in_request = SignInRequest {
        entry: Some("fraud".to_owned()),
        ticket_number: Some("CHG1".to_owned()),
        ..SignInRequest::default()
    };
    let (alice, resume_tokens) = (alice(), resume_tokens());
    let resume_token =
        resume_tokens.issue(Confirmed(&alice), &sign_in_request, None, GroupUse::Widens, now()).unwrap().token;
    let read = resume_tokens.read(Some(&resume_token), |_, _| true, now()).unwrap();
    assert_eq!((read.identity().user(), read.identity().groups()), (alice.user(), alice.groups()));
    assert_eq!(read.identity().session_not_on_or_after(), alice.session_not_on_or_after());
    assert_eq!(*read.sign_in_request(), sign_in_request);
    assert_ne!(read.identity().replay_key().unwrap().key, alice.replay_key().unwrap().key);
}

#[test]
fn each_resume_token_is_claimed_by_itself_and_two_reads_of_one_are_the_same() {
    let (alice, resume_tokens) = (alice(), resume_tokens());
    let issue = || {
        resume_tokens.issue(Confirmed(&alice), &SignInRequest::default(), None, GroupUse::Widens, now()).unwrap().token
    };
    let key = |resume_token: &str| {
        resume_tokens.read(Some(resume_token), |_, _| true, now()).unwrap().identity().replay_key().unwrap().key
    };
    let (one, other) = (issue(), issue());
    assert_eq!(key(&one), key(&one));
    assert_ne!(key(&one), key(&other));
}

#[test]
fn what_goes_on_does_not_live_longer_than_what_it_goes_on_from() {
    let (alice, resume_tokens) = (alice(), resume_tokens());
    let later = now() + Duration::seconds(200);
    let first =
        resume_tokens.issue(Confirmed(&alice), &SignInRequest::default(), None, GroupUse::Widens, now()).unwrap().token;
    let first = resume_tokens.read(Some(&first), |_, _| true, later).unwrap();
    let second = resume_tokens
        .issue(first.confirm(), first.sign_in_request(), Some(first.since()), GroupUse::Widens, later)
        .unwrap()
        .token;
    let at = |seconds| resume_tokens.read(Some(&second), |_, _| true, now() + Duration::seconds(seconds)).map(|_| ());
    assert_eq!(at(299), Ok(()));
    assert_eq!(at(300), Err(ResumeError::Expired));
}

#[test]
fn what_we_did_not_sign_is_no_resume_token() {
    let (alice, resume_tokens) = (alice(), resume_tokens());
    let resume_token =
        resume_tokens.issue(Confirmed(&alice), &SignInRequest::default(), None, GroupUse::Widens, now()).unwrap().token;
    let (body, tag) = resume_token.split_once('.').unwrap();
    let other = ResumeTokens::of_this_process(Duration::seconds(300)).unwrap();
    let staging =
        ResumeTokens::with_key(b"a key that is thirty-two bytes long", "staging", Duration::seconds(300)).unwrap();
    assert_eq!(staging.read(Some(&resume_token), |_, _| true, now()).map(|_| ()), Err(ResumeError::Forged));
    let bobs = String::from_utf8(URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap().replace("alice", "bobby");
    let bobs = format!("{}.{tag}", URL_SAFE_NO_PAD.encode(bobs));
    for forged in [body, tag, "", ".", &format!("{body}."), &format!("{body}.{tag}A"), &bobs, &"x".repeat(5_000)] {
        assert_eq!(
            resume_tokens.read(Some(forged), |_, _| true, now()).map(|_| ()),
            Err(ResumeError::Forged),
            "{forged}"
        );
    }
    assert_eq!(other.read(Some(&resume_token), |_, _| true, now()).map(|_| ()), Err(ResumeError::Forged));
    assert_eq!(resume_tokens.read(None, |_, _| true, now()).map(|_| ()), Err(ResumeError::Missing));
    assert!(ResumeTokens::with_key(b"short", "here", Duration::seconds(1)).is_none());
}

#[test]
fn a_sign_in_does_not_go_on_and_on() {
    let (alice, resume_tokens, mut since) = (alice(), resume_tokens(), None);
    for _ in 0..MOST_STEPS {
        let resume_token = resume_tokens
            .issue(Confirmed(&alice), &SignInRequest::default(), since, GroupUse::Widens, now())
            .unwrap()
            .token;
        since = Some(resume_tokens.read(Some(&resume_token), |_, _| true, now()).unwrap().since());
    }
    let more = resume_tokens.issue(Confirmed(&alice), &SignInRequest::default(), since, GroupUse::Widens, now());
    assert_eq!(more.map(|_| ()), Err(ResumeError::TooManySteps));
}

#[test]
fn a_page_belongs_to_one_resume_token() {
    let (alice, resume_tokens) = (alice(), resume_tokens());
    let issue =
        || resume_tokens.issue(Confirmed(&alice), &SignInRequest::default(), None, GroupUse::Widens, now()).unwrap();
    let (one, other) = (issue(), issue());
    let read = resume_tokens.read(Some(&one.token), |_, _| true, now()).unwrap();
    assert_eq!(read.check_csrf(Some(one.csrf_token.as_str())), Ok(()));
    for said in [Some(other.csrf_token.as_str()), Some(""), Some("x"), None] {
        assert_eq!(read.check_csrf(said), Err(ResumeError::AnotherPage));
    }
}

#[test]
fn who_does_not_fit_into_a_cookie_gets_no_resume_token() {
    let mut alice = alice();
    alice.groups = groups(&["g".repeat(250).as_str(); 20]);
    let issued = |used| resume_tokens().issue(Confirmed(&alice), &SignInRequest::default(), None, used, now());
    assert_eq!(issued(GroupUse::Widens).map(|_| ()), Err(ResumeError::TooLong));
    assert_eq!(issued(GroupUse::Restricts).map(|_| ()), Err(ResumeError::TooLong));
    let token = issued(GroupUse::Unread).expect("groups that nothing reads are left out").token;
    let read = resume_tokens().read(Some(&token), |_, _| true, now()).unwrap();
    let groups = read.identity().groups();
    assert_eq!((groups.names().len(), groups.unusable()), (0, 20));
    let refused = groups.check(GroupUse::Restricts).expect_err("a policy that came meanwhile needs them");
    assert_eq!(refused.code(), "groups_incomplete");
}

#[test]
fn a_resume_token_says_that_groups_are_unusable_or_elsewhere() {
    for (value, elsewhere) in [
        (GroupValue::Text(""), None),
        (GroupValue::Text("staff"), Some("a link".to_owned())),
        (GroupValue::Commented, None),
    ] {
        let groups = Groups::of([GroupValue::Text("fraud"), value], elsewhere);
        let alice = Identity { groups, ..alice() };
        let resume_tokens = resume_tokens();
        for used in [GroupUse::Unread, GroupUse::Widens, GroupUse::Restricts] {
            let issued = resume_tokens.issue(Confirmed(&alice), &SignInRequest::default(), None, used, now());
            let read = resume_tokens.read(Some(&issued.unwrap().token), |_, _| true, now()).unwrap();
            let check = |groups: &Groups, used| groups.check(used).map_err(|rejection| rejection.code());
            for later in [GroupUse::Widens, GroupUse::Restricts] {
                let (before, after) = (check(alice.groups(), later), check(read.identity().groups(), later));
                assert_eq!(before, after, "{value:?}, issued for {used:?} and read for {later:?}");
            }
        }
    }
}

/// A cookie has room for few groups: a sign-in of which all groups are known pays nothing for those that are not.
#[test]
fn a_resume_token_names_unusable_groups_only_where_there_are_some() {
    for (value, expected) in [("staff", false), ("", true)] {
        let alice = Identity { groups: groups(&["fraud", value]), ..alice() };
        let issued =
            resume_tokens().issue(Confirmed(&alice), &SignInRequest::default(), None, GroupUse::Widens, now()).unwrap();
        let (body, _) = issued.token.split_once('.').unwrap();
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
        assert_eq!(text.contains("unusable"), expected, "{text}");
    }
}

#[test]
fn a_resume_token_says_whether_its_user_has_yet_to_confirm_and_what_goes_on_does_not() {
    let (alice, resume_tokens) = (alice(), resume_tokens());
    let issued = resume_tokens.issue_unconfirmed(&alice, &SignInRequest::default(), GroupUse::Widens, now()).unwrap();
    let first = resume_tokens.read(Some(&issued.token), |_, _| true, now()).unwrap();
    assert!(first.confirmed().is_none());
    let next = resume_tokens
        .issue(first.confirm(), first.sign_in_request(), Some(first.since()), GroupUse::Widens, now())
        .unwrap();
    assert!(resume_tokens.read(Some(&next.token), |_, _| true, now()).unwrap().confirmed().is_some());
}

#[test]
fn the_longest_resume_token_that_is_issued_is_read_and_a_longer_one_is_not_issued() {
    let (mut alice, resume_tokens) = (alice(), resume_tokens());
    let mut lengths = Vec::new();
    for filler in 2_000.. {
        alice.user = "a".repeat(filler);
        let issued = resume_tokens.issue(Confirmed(&alice), &SignInRequest::default(), None, GroupUse::Widens, now());
        let Ok(issued) = issued else { break };
        let read = resume_tokens.read(Some(&issued.token), |_, _| true, now()).unwrap();
        assert_eq!(read.identity().user(), alice.user());
        lengths.push(issued.token.len());
    }
    assert_eq!(lengths.last(), Some(&LONGEST));
}

#[test]
fn debug_shows_how_long_resume_tokens_live_and_no_key() {
    let shown = format!("{:?}", resume_tokens());
    assert!(shown.starts_with("ResumeTokens { lifetime: ") && shown.ends_with(" }, .. }"), "{shown}");
}
