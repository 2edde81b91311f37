//! The token API has the same broker behind it: both protocols share records, rates, policies, ledger and role.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use studio_acs::http::peer::Peer;
use studio_acs_audit::verify::{VerifyRules, verify};
use studio_acs_standins::sagemaker::{Behaviour, Making, Profiles};

use super::{ApiClient, Issuer, World, attempts, entry, get, lines, nothing, on_record, post, told_by, url};
use support::TestDir;
use support::browser::Browser;
use support::issuer::{ISSUER, claims, part, with};
use support::process::DOMAIN;

const MINT: &str = "CreatePresignedDomainUrl";

/// Production, of alice.
pub(super) fn production() -> String {
    entry("prod", "alice", "title = \"Fraud, production\"\nproduction = true")
}

fn steps(log: &str) -> Vec<String> {
    on_record(log).into_iter().map(|(call, status)| format!("{call} {status}")).collect()
}

#[tokio::test]
async fn what_a_token_opens_is_on_record_as_what_an_assertion_opens() {
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &[]).await;
    let token = client.token("alice");
    let mut request = post(&token, &nothing());
    request.extensions_mut().insert(Peer { address: "192.0.2.7".parse().ok(), ..Peer::default() });
    let answer = client.service.send(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let log = client.service.log();
    let records = lines(&log, "class_uid");
    let classes: Vec<_> = records.iter().map(|record| record["class_uid"].as_u64().expect("a class")).collect();
    assert_eq!(classes, [6002, 3002, 6003, 6003], "start, logon, intent, outcome: {log}");
    assert_eq!(steps(&log), [format!("{MINT} Intent"), format!("{MINT} Success")]);
    let logon = &records[1];
    assert_eq!((&logon["auth_protocol_id"], &logon["user"]["name"]), (&4.into(), &"alice".into()), "OpenID: {logon}");
    assert_eq!(logon.get("src_endpoint"), None, "the API client's address is not the user's: {logon}");
    assert_eq!(logon["unmapped"]["api_client"], json!({"ip": "192.0.2.7"}), "{logon}");
    let id = part(&token, 1)["jti"].clone();
    for record in &records[1..] {
        let session = record.get("session").or(record["actor"].get("session")).expect("a session");
        assert_eq!((&session["uid"], &session["issuer"]), (&id, &ISSUER.into()), "{record}");
        assert_eq!(record["metadata"]["correlation_uid"], answer.header("x-correlation-id"), "{record}");
    }
    let attempt = attempts(&log).pop().expect("an attempt");
    assert_eq!((&attempt["protocol"], &attempt["outcome"]), (&"jwt".into(), &"accepted".into()), "{attempt}");
    assert_eq!((&attempt["user"], &attempt["issuer"]), (&"alice".into(), &ISSUER.into()));
    assert_eq!((&attempt["entry"], &attempt["profile"]), (&"own".into(), &"alice".into()));

    // Again by the same token: every use is counted and recorded.
    let answer = client.service.send(get(&token, "alice")).await;
    assert_eq!((answer.status.as_u16(), client.world.mints()), (302, 2), "{answer:?}");
    let log = client.service.log();
    assert_eq!(lines(&log, "class_uid").len(), 7);
    let report = verify(log.as_bytes(), &VerifyRules::default()).expect("whole");
    assert_eq!(report.chains.values().copied().collect::<Vec<_>>(), [7]);
}

#[tokio::test]
async fn a_refusal_logs_the_facts_that_were_verified_before_it_and_no_others() {
    let world = World::of(Profiles::default().with(DOMAIN, "bob", Behaviour::Deny)).await;
    let client = ApiClient::open_in(world, &(entry("own", "bob", "") + &entry("two", "dana", "")), &[]).await;
    let mut expected = vec![["token_missing", "", "", "", "", ""]];
    client.service.send(Request::post("/studio-url").body(Body::empty()).expect("a request")).await;
    expected.push(["token_signature_invalid", "", "", "", "", ""]);
    client.service.send(post(&Issuer::new("one").token("bob", client.service.now()), &nothing())).await;
    expected.push(["token_claim_invalid", ISSUER, "an id", "", "", ""]);
    client.ask(" ", nothing()).await;
    expected.push(["unknown_user", ISSUER, "an id", "carol", "", ""]);
    client.ask("carol", nothing()).await;
    expected.push(["mint_denied", ISSUER, "an id", "bob", "own", "entry-for-person"]);
    client.ask("bob", nothing()).await;
    let found: Vec<_> = attempts(&client.service.log())
        .iter()
        .map(|attempt| {
            ["code", "issuer", "assertion_id", "user", "entry", "policies"].map(|name| {
                let value = attempt[name].as_str().unwrap_or_else(|| panic!("{name}: {attempt}"));
                if name == "assertion_id" && !value.is_empty() { "an id".to_owned() } else { value.to_owned() }
            })
        })
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_token_without_an_id_has_a_fingerprint_and_an_access_token_is_oauth() {
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &[("token-use", "access")]).await;
    let claims = with(claims("alice", client.service.now()), "scope", "studio".into());
    let token = client.issuer.sign(&with(claims, "jti", Value::Null));
    assert_eq!(client.service.send(post(&token, &nothing())).await.status, 200, "{}", client.service.log());
    let logon = lines(&client.service.log(), "auth_protocol").pop().expect("a logon");
    assert_eq!(logon["auth_protocol_id"], 6, "OAuth 2.0: {logon}");
    let id = logon["session"]["uid"].as_str().expect("an id");
    assert!(id.strip_prefix("sha256:").is_some_and(|digits| digits.len() == 32), "{id}");
}

#[tokio::test]
async fn a_token_without_groups_is_refused_where_they_are_required() {
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &[("require-groups", "on")]).await;
    let answer = client.service.send(post(&client.token("alice"), &nothing())).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(attempts(&client.service.log()).pop().expect("an attempt")["code"], "token_claim_missing");
    for groups in [json!([]), json!(["staff"])] {
        let claims = with(claims("alice", client.service.now()), "groups", groups);
        let answer = client.service.send(post(&client.issuer.sign(&claims), &nothing())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let open = ApiClient::open(&["alice"], &entry("own", "alice", ""), &[]).await;
    assert_eq!(open.service.send(post(&open.token("alice"), &nothing())).await.status, 200);
}

#[tokio::test]
async fn the_eleventh_url_within_a_minute_is_refused_by_whichever_protocol() {
    let client = ApiClient::open(&["alice", "bob"], &(entry("a", "alice", "") + &entry("b", "bob", "")), &[]).await;
    for _ in 0..5 {
        assert_eq!(client.world.sign_in(&client.service, "alice").await.status, 302);
    }
    for _ in 0..5 {
        assert_eq!(client.ask("Alice", nothing()).await.0, 200, "the same person, however she is written");
    }
    let (status, said, code) = client.ask("alice", nothing()).await;
    assert_eq!((status, &said["code"], &*code), (429, &"rate_limited_user".into(), "rate_limited_user"), "{said}");
    assert_eq!(client.world.sign_in(&client.service, "alice").await.status, 429);
    assert_eq!(client.service.send(get(&client.token("alice"), "alice")).await.status, 429);
    assert_eq!((client.world.mints(), client.ask("bob", nothing()).await.0), (10, 200));
    client.service.wait(30);
    assert_eq!(client.ask("alice", nothing()).await.0, 200, "the next minute");
}

#[tokio::test]
async fn the_policy_knows_the_protocol_and_when_and_how_a_user_signed_in() {
    let policy = "@id(\"token-api-closed\")\n@reason(\"Come through the access portal.\")\n\
        forbid (principal, action == Action::\"OpenStudio\", resource) when { context.protocol == Protocol::\"jwt\" };\n";
    let dir = TestDir::with("policy.cedar", policy);
    let policy = format!("shipped:default,{}/policy.cedar", dir.path());
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &[("policy", &policy)]).await;
    let (status, said, _) = client.ask("alice", nothing()).await;
    assert_eq!((status, &said["code"]), (403, &"policy_denied".into()), "{said}");
    assert_eq!(said["detail"], "Come through the access portal.");
    assert!(!said.to_string().contains("token-api-closed"), "{said}");
    assert_eq!(attempts(&client.service.log()).pop().expect("an attempt")["policies"], "token-api-closed");
    assert_eq!(client.world.sign_in(&client.service, "alice").await.status, 302);
    assert_eq!(client.world.mints(), 1);

    let fresh = [("policy", "shipped:default,shipped:fresh-sign-in")];
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &fresh).await;
    let now = client.service.now();
    let mfa = with(claims("alice", now), "amr", json!(["pwd", "https://refeds.org/profile/mfa"]));
    let stale = with(mfa.clone(), "auth_time", (now.unix_timestamp() - 3601).into());
    let unknown = with(mfa.clone(), "auth_time", Value::Null);
    for (claims, policy) in
        [(stale, "fresh-sign-in"), (unknown, "fresh-sign-in"), (claims("alice", now), "second-factor")]
    {
        let answer = client.service.send(post(&client.issuer.sign(&claims), &nothing())).await;
        assert_eq!((answer.status.as_u16(), &told_by(&answer)["code"]), (403, &"policy_denied".into()), "{claims}");
        assert_eq!(attempts(&client.service.log()).pop().expect("an attempt")["policies"], policy, "{claims}");
    }
    assert_eq!(client.service.send(post(&client.issuer.sign(&mfa), &nothing())).await.status, 200);
}

#[tokio::test]
async fn an_api_clients_address_is_no_office() {
    let settings = [("policy", "shipped:default,shipped:office-network")];
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &settings).await;
    let office = "10.1.2.3";
    let page =
        Browser::of_service(&client.service).from(office).sign_in(&client.world.form(&client.service, "alice")).await;
    assert_eq!(page.status, 302, "{page:?}");
    let logon = lines(&client.service.log(), "class_uid").into_iter().find(|record| record["class_uid"] == 3002);
    let logon = logon.expect("a logon");
    assert_eq!(logon["src_endpoint"], json!({"ip": office}));
    assert_eq!(logon["unmapped"].get("api_client"), None, "{logon}");
    let mut request = post(&client.token("alice"), &nothing());
    request.extensions_mut().insert(Peer { address: office.parse().ok(), ..Peer::default() });
    let answer = client.service.send(request).await;
    assert_eq!((answer.status.as_u16(), &told_by(&answer)["code"]), (403, &"policy_denied".into()));
    assert_eq!(attempts(&client.service.log()).pop().expect("an attempt")["policies"], "office-network");
}

/// SageMaker has the profile, and does not know it.
#[tokio::test]
async fn what_is_there_is_not_made_and_not_waited_for() {
    let how = "[entry.provision]\nexecution_role = \"arn:aws:iam::111122223333:role/studio-notebooks\"\n";
    for (behaviour, status, code) in
        [(Behaviour::Fail, 502, "mint_failed"), (Behaviour::Lose, 404, "profile_not_found")]
    {
        let world = World::of(Profiles::default().with(DOMAIN, "erin", behaviour)).await;
        let client = ApiClient::open_in(world, &entry("own", "erin", how), &[("provision", "on")]).await;
        let (found, said, outcome) = client.ask("erin", nothing()).await;
        assert_eq!((found, &*outcome), (status, code), "{said}");
        assert_eq!(said["code"], code, "{said}");
        verify(client.service.log().as_bytes(), &VerifyRules::default()).expect("whole");
    }
}

#[tokio::test]
async fn on_weekends_it_is_closed() {
    let settings = [("policy", "shipped:default,shipped:no-weekends")];
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &settings).await;
    client.service.wait(36 * 3600 - 31);
    assert_eq!(client.ask("alice", nothing()).await.0, 200, "the last second of Friday");
    client.service.wait(1);
    let (status, said, _) = client.ask("alice", nothing()).await;
    assert_eq!((status, &said["detail"]), (403, &"Studio is closed on weekends.".into()), "{said}");
}

#[tokio::test]
async fn production_is_opened_for_a_ticket() {
    let settings = [("policy", "shipped:default,shipped:change-ticket")];
    let client = ApiClient::open(&["alice"], &production(), &settings).await;
    for body in [
        nothing(),
        json!({"ticket_number": "INC0012345"}),
        json!({"ticket_number": "chg1"}),
        json!({"profile": "alice"}),
    ] {
        let (status, said, step) = client.ask("alice", body).await;
        assert_eq!((status, &said["code"], &*step), (409, &"ticket_required".into(), "needs_ticket"), "{said}");
        assert!(said["detail"].as_str().is_some_and(|text| text.contains("such as CHG0012345")), "{said}");
    }
    assert_eq!(client.service.send(get(&client.token("alice"), "alice")).await.status, 409);
    assert_eq!((client.world.mints(), steps(&client.service.log()).len()), (0, 0));
    assert_eq!(client.ask("alice", json!({"ticket_number": "CHG0012345"})).await.0, 200);
    let log = client.service.log();
    let told = lines(&log, "api")
        .into_iter()
        .filter(|record| record["api"]["request"]["data"]["ticket_number"] == "CHG0012345");
    assert_eq!((told.count(), client.world.mints()), (2, 1), "on record: {log}");
    let on_call = with(claims("alice", client.service.now()), "groups", json!(["on-call"]));
    let answer = client.service.send(get(&client.issuer.sign(&on_call), "alice")).await;
    assert_eq!(answer.status, 302, "who is on call needs none");
}

#[tokio::test]
async fn a_missing_profile_is_made_and_opened_when_it_is_there() {
    let how = "[entry.provision]\nexecution_role = \"arn:aws:iam::111122223333:role/studio-notebooks\"\n";
    let world = World::of(Profiles::default().making(Making::Ready(2))).await;
    let client = ApiClient::open_in(world, &entry("own", "erin", how), &[("provision", "on")]).await;
    let mut waits = 0;
    let said = loop {
        let answer = client.service.send(post(&client.token("erin"), &nothing())).await;
        let said = told_by(&answer);
        if answer.status == 200 {
            break said;
        }
        assert_eq!((answer.status.as_u16(), &said["step"]), (202, &"provisioning".into()), "{said}");
        let seconds = answer.header("retry-after").parse().expect("seconds");
        client.service.wait(seconds);
        waits += 1;
        assert!(waits < 6, "{}", client.service.log());
    };
    assert!(client.world.stand_ins.follow(url(&said)).await.body.contains(">erin<"), "{said}");
    assert_eq!((client.world.stand_ins.sagemaker.created().len(), client.world.mints()), (1, 1));
    assert!(waits >= 1, "{waits}");
    verify(client.service.log().as_bytes(), &VerifyRules::default()).expect("whole");
}

#[tokio::test]
async fn a_profile_that_fails_is_not_waited_for() {
    let how = "[entry.provision]\nexecution_role = \"arn:aws:iam::111122223333:role/studio-notebooks\"\n";
    let world = World::of(Profiles::default().making(Making::Fails(0))).await;
    let client = ApiClient::open_in(world, &entry("own", "erin", how), &[("provision", "on")]).await;
    assert_eq!(client.ask("erin", nothing()).await.0, 202);
    let codes = [client.ask("erin", nothing()).await, client.ask("erin", nothing()).await]
        .map(|(status, _, code)| (status, code));
    assert_eq!(codes, [(); 2].map(|()| (502, "provision_failed".to_owned())));
    assert_eq!((client.world.stand_ins.sagemaker.created().len(), client.world.mints()), (1, 0));
}

#[tokio::test]
async fn where_the_ledger_does_not_say_how_nothing_is_made() {
    let client = ApiClient::open(&[], &entry("own", "erin", ""), &[("provision", "on")]).await;
    let (status, said, code) = client.ask("erin", nothing()).await;
    assert_eq!((status, &said["code"], &*code), (404, &"profile_not_found".into(), "profile_not_found"), "{said}");
}

#[tokio::test]
async fn who_is_revoked_is_refused_as_soon_as_the_ledger_says_so() {
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &[("ledger-refresh", "30")]).await;
    assert_eq!(client.ask("alice", nothing()).await.0, 200);
    client.book.write(&(entry("own", "alice", "") + "[[revoked]]\nuser = \"Alice\"\nwhy = \"left the company\"\n"));
    client.service.wait(30);
    let (status, said, code) = client.ask("alice", nothing()).await;
    assert_eq!((status, &*code), (403, "access_revoked"), "{said}");
    assert!(!said.to_string().contains("left the company"), "{said}");
    assert_eq!(client.world.mints(), 1);
}

#[tokio::test]
async fn of_several_profiles_one_is_named_or_all_are_listed() {
    let two = entry("risk", "alice", "profile = \"alice-risk\"\ntitle = \"Risk & fraud\"")
        + &entry("research", "alice", "profile = \"alice-research\"")
        + &entry("bobs", "bob", "profile = \"bob\"");
    let client = ApiClient::open(&["alice-risk", "alice-research", "bob"], &two, &[]).await;
    let (status, said, step) = client.ask("alice", nothing()).await;
    assert_eq!((status, &said["code"], &*step), (409, &"choose_entry".into(), "choose"), "{said}");
    let listed = |entry: &str, title: &str, profile: &str| json!({"entry": entry, "title": title, "profile": profile, "domain": "d-abc123"});
    let titles: BTreeMap<_, _> = said["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|listed| (listed["entry"].as_str().expect("an entry"), listed.clone()))
        .collect();
    assert_eq!(titles["risk"], listed("risk", "Risk & fraud", "alice-risk"));
    assert_eq!((titles.len(), &titles["research"]["profile"]), (2, &"alice-research".into()));
    for (body, profile) in [
        (json!({"entry": "research"}), "alice-research"),
        (json!({"profile": "alice-risk"}), "alice-risk"),
        (json!({"profile": "alice-risk", "entry": "risk"}), "alice-risk"),
    ] {
        let (status, said, _) = client.ask("alice", body).await;
        assert_eq!(status, 200, "{said}");
        assert!(client.world.stand_ins.follow(url(&said)).await.body.contains(&format!(">{profile}<")), "{profile}");
    }
    for (body, code) in [
        (json!({"entry": "bobs"}), "entry_unknown"),
        (json!({"entry": "nothing"}), "entry_unknown"),
        (json!({"profile": "bob"}), "another_profile"),
    ] {
        let (status, said, found) = client.ask("alice", body.clone()).await;
        assert_eq!((status, &said["code"], &*found), (403, &code.into(), code), "{body}: {said}");
    }
    // An entry and a profile that disagree open neither.
    assert_eq!(client.ask("alice", json!({"profile": "alice-risk", "entry": "research"})).await.0, 403);
    assert_eq!(client.world.mints(), 3);
}

#[tokio::test]
async fn a_link_leads_where_the_ledger_says() {
    let links = "[entry.links.dashboard]\nlanding = \"studio::dashboard\"\n";
    let own = entry("own", "alice", &format!("landing = \"app:JupyterLab:\"\n{links}"));
    let client = ApiClient::open(&["alice"], &own, &[]).await;
    for (link, landing) in [("dashboard", "studio::dashboard"), ("unknown", "app:JupyterLab:")] {
        assert_eq!(client.ask("alice", json!({"link": link})).await.0, 200);
        assert_eq!(client.world.asked().pop().expect("a mint")["LandingUri"], landing, "{link}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_is_assumed_for_the_tokens_user_and_one_profile() {
    let role = "arn:aws:iam::111122223333:role/studio-acs-mint";
    let user = "Alice.B@corp.example";
    let world = World::with(&["alice"]).await;
    let settings = [("mint-role", role), ("mint-timeout", "8")];
    let client = ApiClient::open_in(world, &entry("own", user, "profile = \"alice\""), &settings).await;
    let (status, said, _) = client.ask(user, nothing()).await;
    assert_eq!(status, 200, "{said}: {}", client.service.log());
    let calls = client.world.way.calls().into_iter().filter(|call| call.contains("Action=AssumeRole"));
    let calls: Vec<BTreeMap<String, String>> =
        calls.map(|call| form_urlencoded::parse(call.as_bytes()).into_owned().collect()).collect();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (&*calls[0]["RoleArn"], &*calls[0]["RoleSessionName"], &*calls[0]["SourceIdentity"]),
        (role, user, user)
    );
    let policy: Value = serde_json::from_str(&calls[0]["Policy"]).expect("JSON");
    let arn = "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-abc123/alice";
    assert_eq!(policy["Statement"][0]["Resource"], json!([arn]), "{policy}");
}

#[tokio::test]
async fn the_url_is_not_told_to_anybody_else() {
    let client = ApiClient::open(&["alice"], &entry("own", "alice", ""), &[]).await;
    let token = client.token("alice");
    let said = told_by(&client.service.send(post(&token, &nothing())).await);
    let secret = url(&said).split_once("token=").expect("a token").1.get(..32).expect("a long one").to_owned();
    client.service.send(get(&token, "alice")).await;
    client.service.send(get(&token, "bob")).await;
    client.service.send(post(&format!("{token}x"), &nothing())).await;
    let log = client.service.log();
    assert!(!log.contains(&secret), "the URL is in the log");
    for part in token.split('.') {
        assert!(!log.contains(part), "the token is in the log: {part}");
    }
}
