//! The properties that AWS's "Secure Amazon SageMaker Studio presigned URLs" validates, with tokens of moto's Cognito
//! (<https://aws.amazon.com/blogs/machine-learning/secure-amazon-sagemaker-studio-presigned-urls-part-2-private-api-with-jwt-authentication/>):
//! an authorised user gets a URL for their own profile, and for no other.

use serde_json::json;
use studio_acs::Clock;
use studio_acs_refusal::instant;

use super::{Book, World, entry, get, last, logons, nothing, post, settings, told_by, url};
use support::Answer;
use support::browser::RunningService;
use support::cognito::Pool;
use support::issuer::part;
use support::moto::Moto;
use support::process::DOMAIN;

/// The service for this pool, as of the time that moto has.
async fn service(world: &World, pool: &Pool, ledger: &Book, more: &[(&'static str, &str)]) -> RunningService {
    let (settings, ledger) = (settings(&pool.issuer(), &pool.jwks(), &pool.client), ledger.path());
    let ours = settings.iter().map(|(name, value)| (*name, value.as_str()));
    let ours: Vec<_> = ours.chain([("ledger", ledger.as_str())]).chain(more.iter().copied()).collect();
    world.service(&ours, &instant::format(Clock::system().now())).await
}

/// All that an answer tells, without what is new each time.
fn told(answer: &Answer) -> String {
    let id = answer.header("x-correlation-id");
    assert_eq!(id.len(), 32, "{answer:?}");
    format!("{} {:?} {}", answer.status, answer.headers, answer.body).replace(id, "")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_gets_a_url_for_their_own_profile_and_nobody_elses() {
    let (moto, world) = (Moto::start(), World::without_aws(&["user-profile-1", "user-profile-2"]).await);
    let pool = Pool::new(&moto);
    let (employee1, employee2) = (pool.user("employee1", &[]), pool.user("employee2", &[]));
    let ledger = Book::of(
        &(entry("one", &employee1, "profile = \"user-profile-1\"")
            + &entry("two", &employee2, "profile = \"user-profile-2\"")),
    );
    let service = service(&world, &pool, &ledger, &[]).await;
    let token = pool.sign_in(&pool.client, "employee1").id_token;

    let answer = service.send(post(&token, &json!({"profile": "user-profile-1"}))).await;
    assert_eq!(answer.status, 200, "{answer:?}: {}", service.log());
    let said = told_by(&answer);
    assert!(world.stand_ins.follow(url(&said)).await.body.contains(">user-profile-1<"));
    let expires = instant::parse(said["expires_at"].as_str().expect("a time")).expect("a time in UTC");
    let left = expires - service.now();
    assert!(left.is_positive() && left.whole_seconds() <= 300, "{said}");
    let answer = service.send(get(&token, "user-profile-1")).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (302, ""), "{answer:?}");
    assert!(world.stand_ins.follow(answer.header("location")).await.body.contains(">user-profile-1<"));
    let answer = service.send(post(&token, &nothing())).await;
    assert!(world.stand_ins.follow(url(&told_by(&answer))).await.body.contains(">user-profile-1<"), "{answer:?}");
    assert_eq!(world.mints(), 3);

    // The same token, for another's profile, and for one that does not exist: the answers are the same.
    let calls = world.stand_ins.sagemaker.callers().len();
    let mut answers = Vec::new();
    for profile in ["user-profile-2", "user-profile-3"] {
        for request in [post(&token, &json!({"profile": profile})), get(&token, profile)] {
            let answer = service.send(request).await;
            assert_eq!(
                (answer.status.as_u16(), &told_by(&answer)["code"]),
                (403, &"another_profile".into()),
                "{answer:?}"
            );
            assert_eq!(last(&service.log()), "another_profile");
            answers.push(told(&answer));
        }
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    assert_eq!(world.stand_ins.sagemaker.callers().len(), calls, "nobody is asked");

    let theirs = pool.sign_in(&pool.client, "employee2").id_token;
    let answer = service.send(post(&theirs, &json!({"profile": "user-profile-2"}))).await;
    assert!(world.stand_ins.follow(url(&told_by(&answer))).await.body.contains(">user-profile-2<"), "{answer:?}");
    // A user of the pool whom the ledger does not have.
    pool.user("employee3", &[]);
    let stranger = pool.sign_in(&pool.client, "employee3").id_token;
    for body in [nothing(), json!({"profile": "user-profile-1"})] {
        let answer = service.send(post(&stranger, &body)).await;
        assert_eq!((answer.status.as_u16(), &*last(&service.log())), (403, "unknown_user"), "{answer:?}");
    }
    assert_eq!(world.mints(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_the_pool_opens_what_the_ledger_has_for_it_by_either_kind_of_token() {
    let (moto, world) = (Moto::start(), World::without_aws(&["alice", "bob"]).await);
    let pool = Pool::new(&moto);
    pool.user("alice", &["data-science"]);
    pool.user("bob", &["sales"]);
    let ledger = Book::of(&format!(
        "[[entry]]\nid = \"team\"\ngroup = \"data-science\"\ndomain = \"{DOMAIN}\"\nprofile = \"{{user}}\"\n"
    ));
    for (token_use, user_claim) in [("id", "cognito:username"), ("cognito-access", "username")] {
        let more =
            [("token-group-claim", "cognito:groups"), ("token-use", token_use), ("token-user-claim", user_claim)];
        let service = service(&world, &pool, &ledger, &more).await;
        for (user, status) in [("alice", 200), ("bob", 403)] {
            let tokens = pool.sign_in(&pool.client, user);
            let (right, wrong) = if token_use == "id" {
                (tokens.id_token, tokens.access_token)
            } else {
                (tokens.access_token, tokens.id_token)
            };
            let answer = service.send(post(&right, &nothing())).await;
            assert_eq!(answer.status, status, "{token_use} of {user}: {answer:?}: {}", service.log());
            let answer = service.send(post(&wrong, &nothing())).await;
            assert_eq!((answer.status.as_u16(), &*last(&service.log())), (401, "token_use_mismatch"), "{answer:?}");
            if user == "alice" {
                let logon = logons(&service.log()).pop().expect("a logon");
                assert_eq!(logon["session"]["uid"], part(&right, 1)["jti"], "{logon}");
                assert_eq!(logon["user"]["name"], "alice", "{logon}");
            }
        }
    }
    assert_eq!(world.mints(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_app_client_or_of_another_pool_is_none() {
    let (moto, world) = (Moto::start(), World::without_aws(&["alice", "another"]).await);
    let (pool, other_pool) = (Pool::new(&moto), Pool::new(&moto));
    let (alice, other) = (pool.user("alice", &[]), pool.app_client("another"));
    // As if an attacker could choose their own `sub` in a pool of theirs: the ledger has both.
    let theirs = other_pool.user("alice", &[]);
    let ledger = Book::of(&(entry("a", &alice, "profile = \"alice\"") + &entry("b", &theirs, "profile = \"another\"")));
    for (token_use, id) in [("id", true), ("cognito-access", false)] {
        let service = service(&world, &pool, &ledger, &[("token-use", token_use)]).await;
        let of = |pool: &Pool, client: &str| {
            let tokens = pool.sign_in(client, "alice");
            if id { tokens.id_token } else { tokens.access_token }
        };
        // moto signs for all pools by one key of one name: only the issuer distinguishes them.
        let foreign = of(&other_pool, &other_pool.client);
        assert_eq!(part(&foreign, 0), part(&of(&pool, &pool.client), 0));
        for (token, code) in [(of(&pool, &other), "token_audience_mismatch"), (foreign, "token_issuer_mismatch")] {
            let answer = service.send(post(&token, &nothing())).await;
            assert_eq!((answer.status.as_u16(), &*last(&service.log())), (401, code), "{answer:?}");
        }
        assert_eq!(service.send(post(&of(&pool, &pool.client), &nothing())).await.status, 200);
    }
    assert_eq!(world.mints(), 2);
}
