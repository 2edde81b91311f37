use super::*;

fn now() -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

fn alice() -> Identity {
    Identity {
        user: "alice@corp.example".to_owned(),
        named: None,
        groups: vec!["data-scientists".to_owned()],
        issuer: "https://idp.example/".to_owned(),
        source_id: "_1".to_owned(),
        proof: Proof::Assertion,
        once: Some(Once { key: [1; 32], issued: Some(now()), until: now() }),
        session_not_on_or_after: Some(now()),
        authenticated_at: Some(now()),
        authentication_methods: Vec::new(),
    }
}

fn tickets() -> Tickets {
    Tickets::with_key(b"a key that is thirty-two bytes long", "here", Duration::seconds(300)).unwrap()
}

#[test]
fn a_ticket_of_before_the_start_is_refused() {
    let (alice, start) = (alice(), now());
    let issued = |at: i64| {
        let at = start.saturating_add(Duration::seconds(at));
        tickets().issue(Confirmed(&alice), &Wish::default(), None, at).unwrap().ticket
    };
    let (before, after) = (issued(0), issued(1));
    let (remembering, later) = (tickets().since(start), start.saturating_add(Duration::seconds(2)));
    assert_eq!(remembering.read(Some(&before), later).unwrap_err(), TicketError::BeforeStart);
    assert!(remembering.read(Some(&after), later).is_ok());
    assert!(tickets().read(Some(&before), later).is_ok(), "a table remembers which were used");
}

#[test]
fn a_ticket_brings_back_who_it_was_issued_for_and_what_they_asked() {
    let wish = Wish { entry: Some("fraud".to_owned()), change: Some("CHG1".to_owned()), ..Wish::default() };
    let (alice, tickets) = (alice(), tickets());
    let ticket = tickets.issue(Confirmed(&alice), &wish, None, now()).unwrap().ticket;
    let read = tickets.read(Some(&ticket), now()).unwrap();
    assert_eq!((read.identity().user(), read.identity().groups()), (alice.user(), alice.groups()));
    assert_eq!(read.identity().session_not_on_or_after(), alice.session_not_on_or_after());
    assert_eq!(*read.wish(), wish);
    assert_ne!(read.identity().once().unwrap().key, alice.once().unwrap().key);
}

#[test]
fn each_ticket_is_used_up_by_itself_and_two_reads_of_one_are_the_same() {
    let (alice, tickets) = (alice(), tickets());
    let issue = || tickets.issue(Confirmed(&alice), &Wish::default(), None, now()).unwrap().ticket;
    let key = |ticket: &str| tickets.read(Some(ticket), now()).unwrap().identity().once().unwrap().key;
    let (one, other) = (issue(), issue());
    assert_eq!(key(&one), key(&one));
    assert_ne!(key(&one), key(&other));
}

#[test]
fn what_goes_on_does_not_live_longer_than_what_it_goes_on_from() {
    let (alice, tickets) = (alice(), tickets());
    let later = now() + Duration::seconds(200);
    let first = tickets.issue(Confirmed(&alice), &Wish::default(), None, now()).unwrap().ticket;
    let first = tickets.read(Some(&first), later).unwrap();
    let second = tickets.issue(first.confirm(), first.wish(), Some(first.since()), later).unwrap().ticket;
    let at = |seconds| tickets.read(Some(&second), now() + Duration::seconds(seconds)).map(|_| ());
    assert_eq!(at(299), Ok(()));
    assert_eq!(at(300), Err(TicketError::Expired));
}

#[test]
fn what_we_did_not_sign_is_no_ticket() {
    let (alice, tickets) = (alice(), tickets());
    let ticket = tickets.issue(Confirmed(&alice), &Wish::default(), None, now()).unwrap().ticket;
    let (body, tag) = ticket.split_once('.').unwrap();
    let other = Tickets::of_this_process(Duration::seconds(300)).unwrap();
    let staging = Tickets::with_key(b"a key that is thirty-two bytes long", "staging", Duration::seconds(300)).unwrap();
    assert_eq!(staging.read(Some(&ticket), now()).map(|_| ()), Err(TicketError::Forged));
    let bobs = String::from_utf8(URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap().replace("alice", "bobby");
    let bobs = format!("{}.{tag}", URL_SAFE_NO_PAD.encode(bobs));
    for forged in [body, tag, "", ".", &format!("{body}."), &format!("{body}.{tag}A"), &bobs, &"x".repeat(5_000)] {
        assert_eq!(tickets.read(Some(forged), now()).map(|_| ()), Err(TicketError::Forged), "{forged}");
    }
    assert_eq!(other.read(Some(&ticket), now()).map(|_| ()), Err(TicketError::Forged));
    assert_eq!(tickets.read(None, now()).map(|_| ()), Err(TicketError::Missing));
    assert!(Tickets::with_key(b"short", "here", Duration::seconds(1)).is_none());
}

#[test]
fn a_sign_in_does_not_go_on_and_on() {
    let (alice, tickets, mut since) = (alice(), tickets(), None);
    for _ in 0..MOST_STEPS {
        let ticket = tickets.issue(Confirmed(&alice), &Wish::default(), since, now()).unwrap().ticket;
        since = Some(tickets.read(Some(&ticket), now()).unwrap().since());
    }
    let more = tickets.issue(Confirmed(&alice), &Wish::default(), since, now());
    assert_eq!(more.map(|_| ()), Err(TicketError::TooManySteps));
}

#[test]
fn a_page_belongs_to_one_ticket() {
    let (alice, tickets) = (alice(), tickets());
    let issue = || tickets.issue(Confirmed(&alice), &Wish::default(), None, now()).unwrap();
    let (one, other) = (issue(), issue());
    let read = tickets.read(Some(&one.ticket), now()).unwrap();
    assert_eq!(read.check_page(Some(one.page.as_str())), Ok(()));
    for said in [Some(other.page.as_str()), Some(""), Some("x"), None] {
        assert_eq!(read.check_page(said), Err(TicketError::AnotherPage));
    }
}

#[test]
fn who_does_not_fit_into_a_cookie_gets_no_ticket() {
    let mut alice = alice();
    alice.groups = vec!["g".repeat(250); 20];
    let issued = tickets().issue(Confirmed(&alice), &Wish::default(), None, now());
    assert_eq!(issued.map(|_| ()), Err(TicketError::TooLong));
}

#[test]
fn a_ticket_says_whether_its_person_has_yet_to_confirm_and_what_goes_on_does_not() {
    let (alice, tickets) = (alice(), tickets());
    let issued = tickets.issue_unconfirmed(&alice, &Wish::default(), now()).unwrap();
    let first = tickets.read(Some(&issued.ticket), now()).unwrap();
    assert!(first.confirmed().is_none());
    let next = tickets.issue(first.confirm(), first.wish(), Some(first.since()), now()).unwrap();
    assert!(tickets.read(Some(&next.ticket), now()).unwrap().confirmed().is_some());
}
