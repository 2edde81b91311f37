//! The ends of trust: the metadata's own `validUntil`, the maximum age, and a key that is too weak.

use studio_acs_aws::RefreshRules;
use studio_acs_aws::Source;
use studio_acs_refusal::instant;

use super::{EVERY, Folder, aggregate, at, by, idp, trust, valid_until};
use support::logged;
use support::process::NOWHERE;

#[tokio::test]
async fn what_stands_in_two_files_is_trusted_as_long_as_one_of_them_says() {
    let (one, key) = (idp("https://one.example"), idp("https://one.example"));
    let until = valid_until(&one.metadata(), at(1_000));
    let folder =
        Folder::of(&[("a.xml", &until), ("b.xml", &valid_until(&one.metadata(), at(500))), ("c.xml", &key.metadata())]);
    let trust = folder.trust(RefreshRules::NEVER).await;
    assert_eq!((by(&trust, &one, at(999)).await, by(&trust, &key, at(999)).await), ("accepted", "accepted"));
    assert_eq!(
        (by(&trust, &one, at(1_000)).await, by(&trust, &key, at(1_000)).await),
        ("signature_invalid", "accepted")
    );

    let trust = folder.trust(EVERY).await;
    folder.remove("a.xml");
    assert_eq!(by(&trust, &one, at(499)).await, "accepted");
    folder.remove("b.xml");
    assert_eq!((by(&trust, &one, at(799)).await, by(&trust, &key, at(799)).await), ("signature_invalid", "accepted"));
}

#[tokio::test]
async fn metadata_verifies_nothing_once_it_is_valid_no_more() {
    let (one, two) = (idp("https://one.example"), idp("https://two.example"));
    let both = aggregate("", &[&valid_until(&one.metadata(), at(100)), &two.metadata()]);
    let group = aggregate(&format!(" validUntil=\"{}\"", instant::format(at(100))), &[&one.metadata()]);
    for (how, text) in [("the entity's", both), ("the group's", group)] {
        let folder = Folder::of(&[("all.xml", &text), ("two.xml", &two.metadata())]);
        // Without a look at the files, and with one.
        for rules in [RefreshRules::NEVER, EVERY] {
            let trust = folder.trust(rules).await;
            for (now, outcome) in [(99, "accepted"), (100, "metadata_expired"), (400, "metadata_expired")] {
                assert_eq!(by(&trust, &one, at(now)).await, outcome, "{how} {rules:?}");
                assert_eq!(by(&trust, &two, at(now)).await, "accepted", "{how} {rules:?}");
            }
        }
    }
    // cacheDuration is advice for those who fetch metadata from its publisher, and we do not.
    let cached = one.metadata().replacen(" entityID", " cacheDuration=\"PT10S\" entityID", 1);
    let folder = Folder::of(&[("idp.xml", &cached)]);
    assert_eq!(by(&folder.trust(RefreshRules::NEVER).await, &one, at(100_000)).await, "accepted");
}

#[tokio::test]
async fn what_could_not_be_read_again_for_the_maximum_age_lets_nobody_in() {
    let (one, two) = (idp("https://one.example"), idp("https://two.example"));
    let folder = Folder::of(&[("one.xml", &one.metadata()), ("two.xml", &two.metadata())]);
    let (trust, unbound) = (folder.trust(EVERY).await, folder.trust(RefreshRules { max_age: None, ..EVERY }).await);
    assert_eq!(by(&trust, &one, at(300)).await, "accepted");
    folder.write("one.xml", "");
    for (now, of_one) in
        [(3_599, "accepted"), (3_899, "accepted"), (3_900, "metadata_unconfirmed"), (9_000, "metadata_unconfirmed")]
    {
        assert_eq!(by(&trust, &one, at(now)).await, of_one, "{now}");
        assert_eq!(by(&trust, &two, at(now)).await, "accepted", "{now}");
        assert_eq!(by(&unbound, &one, at(now)).await, "accepted", "{now}: without a bound");
    }
    folder.write("one.xml", &one.metadata());
    assert_eq!(by(&trust, &one, at(9_060)).await, "accepted");
    // After a night without requests the first one looks before it is judged.
    assert_eq!(by(&trust, &one, at(100_000)).await, "accepted");
}

#[tokio::test]
async fn a_weak_key_is_left_out_with_a_warning_and_nobody_without_another_is_trusted() {
    let fixture = |name: &str| {
        let path = format!("{}/fixtures/metadata/{name}.xml", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect("a file")
    };
    let folder = Folder::of(&[("idp.xml", &fixture("small-exponents-beside"))]);
    let weak = folder.trust(EVERY).await.latest();
    let (_, log) = logged(async { weak.warn(at(0)) }).await;
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("a signing certificate is left out")).collect();
    assert_eq!(warnings.len(), 2, "{log}");
    assert!(
        warnings.iter().all(|line| line.contains("\"level\":\"WARN\"") && line.contains("https://portal.sso.")),
        "{log}"
    );
    assert!(warnings[0].contains("public exponent 3,") && warnings[1].contains("public exponent 257,"), "{log}");

    folder.write("idp.xml", &fixture("small-exponent"));
    let error = trust(vec![Source::Path(folder.file("idp.xml"))], NOWHERE, EVERY).await.map(drop).expect_err("no key");
    assert!(error.to_string().contains("has no signing certificate"), "{error}");
}

#[tokio::test]
async fn trust_that_ends_is_told_of_before_it_does_and_once_a_day() {
    const DAY: i64 = 86_400;
    let (one, two) = (idp("https://one.example"), idp("https://two.example"));
    let folder = Folder::of(&[
        ("one.xml", &valid_until(&one.metadata(), at(60 * DAY))),
        ("two.xml", &valid_until(&two.metadata(), at(200 * DAY))),
    ]);
    let told = |log: &str| -> Vec<String> {
        let lines = log.lines().filter(|line| line.contains("the metadata ends soon (validUntil)"));
        lines.map(str::to_owned).collect()
    };
    let trust = folder.trust(RefreshRules { max_age: None, ..EVERY }).await;
    let (_, log) = logged(async { trust.latest().warn(at(0)) }).await;
    let [line] = &*told(&log) else { panic!("{log}") };
    assert!(line.contains("https://one.example") && line.contains("\"days\":60"), "{line}");
    for (now, count, days) in
        [(600, 0, ""), (DAY + 60, 1, "\"days\":58"), (DAY + 900, 0, ""), (115 * DAY, 2, "\"days\":85")]
    {
        let (_, log) = logged(async { trust.get(at(now)).await }).await;
        assert_eq!(told(&log).len(), count, "{now}: {log}");
        assert!(told(&log).last().is_none_or(|line| line.contains(days)), "{log}");
    }
}
