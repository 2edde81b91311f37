//! A key, a file or an identity provider that was removed is not trusted any more, whatever is wrong with the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use studio_acs_aws::Source;

use super::{EVERY, Folder, aggregate, at, broken, by, idp, metadata, stand_in, trust, valid_until};
use support::logged;
use support::process::NOWHERE;

#[tokio::test]
async fn a_key_that_was_taken_out_is_trusted_no_more_whatever_is_wrong_elsewhere() {
    let (stolen, new, other) = (idp("https://one.example"), idp("https://one.example"), idp("https://two.example"));
    let group = "<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\"/>".to_owned();
    let elsewhere = [
        ("not well-formed", other.metadata()[..300].to_owned(), "accepted"),
        ("empty", String::new(), "accepted"),
        ("another document", "<html/>".to_owned(), "accepted"),
        ("expired", valid_until(&other.metadata(), at(299)), "metadata_expired"),
        ("a broken certificate", broken(&other.metadata()), "unknown_issuer"),
        (
            "a validUntil that is none",
            other.metadata().replacen(" entityID", " validUntil=\"soon\" entityID", 1),
            "unknown_issuer",
        ),
        ("no key", other.metadata().replace("use=\"signing\"", "use=\"encryption\""), "unknown_issuer"),
        ("twice", aggregate("", &[&other.metadata(), &other.metadata()]), "unknown_issuer"),
        ("nobody", group, "unknown_issuer"),
    ];
    for (how, text, of_other) in elsewhere {
        let both = Folder::of(&[("one.xml", &stolen.metadata()), ("two.xml", &other.metadata())]);
        let trust = both.trust(EVERY).await;
        assert_eq!((by(&trust, &stolen, at(0)).await, by(&trust, &other, at(0)).await), ("accepted", "accepted"));
        both.write("one.xml", &new.metadata());
        both.write("two.xml", &text);
        let ((of_stolen, of_new), log) =
            logged(async { (by(&trust, &stolen, at(300)).await, by(&trust, &new, at(300)).await) }).await;
        assert_eq!((of_stolen, of_new), ("signature_invalid", "accepted"), "{how}: {log}");
        assert_eq!(by(&trust, &other, at(300)).await, of_other, "{how}");
        assert!(
            how == "nobody" || log.contains("\"level\":\"ERROR\"") && log.contains("the metadata cannot be"),
            "{how}: {log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_taken_out_is_trusted_no_more_though_another_source_does_not_answer() {
    let (stolen, new, other) = (idp("https://one.example"), idp("https://one.example"), idp("https://two.example"));
    let folder = Folder::of(&[("one.xml", &stolen.metadata()), ("two.xml", &other.metadata())]);
    // A parameter is read once, and then no answer follows.
    let answer = async |State((asked, value)): State<(Arc<AtomicUsize>, Arc<String>)>| {
        if asked.fetch_add(1, Ordering::SeqCst) > 0 {
            std::future::pending::<()>().await;
        }
        serde_json::json!({"Parameter": {"Name": "idp", "Type": "String", "Value": *value}}).to_string()
    };
    let state = (Arc::new(AtomicUsize::new(0)), Arc::new(metadata("https://three.example")));
    let endpoint = stand_in(axum::Router::new().fallback(answer).with_state(state)).await;
    let sources = vec![Source::Parameter("idp".to_owned()), Source::Path(folder.path())];
    let trust = trust(sources, &endpoint, EVERY).await.expect("trust");

    folder.write("one.xml", &new.metadata());
    // Opening a pipe would wait for a writer, and none comes.
    folder.remove("two.xml");
    let made = std::process::Command::new("mkfifo").arg(folder.file("two.xml")).status().expect("mkfifo");
    assert!(made.success());
    let (of_stolen, log) = logged(by(&trust, &stolen, at(300))).await;
    assert_eq!(of_stolen, "signature_invalid");
    assert!(log.contains("ssm:idp: no answer in time") && log.contains("two.xml: it is no file"), "{log}");
    assert_eq!((by(&trust, &new, at(300)).await, by(&trust, &other, at(300)).await), ("accepted", "accepted"));
}

#[tokio::test]
async fn a_key_that_was_taken_out_of_an_aggregate_is_trusted_no_more_whatever_is_wrong_with_others_in_it() {
    let (stolen, new, other) = (idp("https://one.example"), idp("https://one.example"), idp("https://two.example"));
    let folder = Folder::of(&[("all.xml", &aggregate("", &[&stolen.metadata(), &other.metadata()]))]);
    let trust = folder.trust(EVERY).await;
    assert_eq!((by(&trust, &stolen, at(0)).await, by(&trust, &other, at(0)).await), ("accepted", "accepted"));

    folder.write("all.xml", &aggregate("", &[&broken(&other.metadata()), &new.metadata()]));
    let (of_new, of_stolen) = (by(&trust, &new, at(300)).await, by(&trust, &stolen, at(300)).await);
    assert_eq!((of_new, of_stolen), ("accepted", "signature_invalid"));
    assert_eq!(by(&trust, &other, at(300)).await, "unknown_issuer");

    // One provider's own broken certificate does not keep its other one either.
    let (key, next) = (new.metadata(), broken(&idp("https://one.example").metadata()));
    let start = next.find("<KeyDescriptor").or_else(|| next.find("<md:KeyDescriptor")).expect("a key");
    let end = key.find("<KeyDescriptor").or_else(|| key.find("<md:KeyDescriptor")).expect("a key");
    let descriptor = &next[start..next.find("KeyDescriptor>").expect("an end") + "KeyDescriptor>".len()];
    folder.write("all.xml", &format!("{}{descriptor}{}", &key[..end], &key[end..]));
    assert_eq!(
        (by(&trust, &new, at(600)).await, by(&trust, &stolen, at(600)).await),
        ("accepted", "signature_invalid")
    );

    folder.write("all.xml", &aggregate("", &[]));
    assert_eq!(by(&trust, &new, at(900)).await, "unknown_issuer", "a document may take everybody out");
}

#[tokio::test]
async fn a_file_that_was_removed_is_trusted_no_more() {
    let (one, two) = (idp("https://one.example"), idp("https://two.example"));
    let folder = Folder::of(&[("one.xml", &one.metadata()), ("two.xml", &two.metadata())]);
    let trust = folder.trust(EVERY).await;
    folder.remove("one.xml");
    folder.write("two.xml", "");
    assert_eq!((by(&trust, &one, at(300)).await, by(&trust, &two, at(300)).await), ("unknown_issuer", "accepted"));
    // The last one too.
    folder.remove("two.xml");
    let (of_two, log) = logged(by(&trust, &two, at(360))).await;
    assert!(of_two == "unknown_issuer" && log.contains("it is gone"), "{of_two}: {log}");
    folder.write("two.xml", &two.metadata());
    assert_eq!(by(&trust, &two, at(420)).await, "accepted", "and one that comes back is trusted again");

    let file = super::trust(vec![Source::Path(folder.file("two.xml"))], NOWHERE, EVERY).await.expect("trust");
    folder.remove("two.xml");
    assert_eq!(by(&file, &two, at(300)).await, "unknown_issuer");
}
