//! Every vector of the manifest before us and both referees. What we take as signed, both must verify; what we refuse
//! before or at its signatures and a referee verifies is listed with its reason in `differences.json`, and so would be
//! the reverse.
//!
//! `WRITE_DIFFERENCES=1 cargo test --test agreement` writes the list anew. Reasons stay with their rows, also where the
//! front of a row's name changes; a new row's reason is empty until someone writes it, and the test fails until then.

#![allow(missing_docs, unreachable_pub)]

#[allow(dead_code, unreachable_pub)]
#[path = "../../../fixtures/manifest.rs"]
mod manifest;

mod judges;
mod list;

use judges::{Ours, ours, theirs};
use list::{Differences, Row};
use studio_acs_saml::Stage;

#[test]
fn each_difference_is_listed_and_explained() {
    let listed = Differences::read();
    let mut found = Differences { reasons: listed.reasons.clone(), ..Differences::default() };
    let (mut signed, mut refused) = (0, 0);
    for vector in manifest::rows("library") {
        let ours = ours(&vector);
        // What is refused as a request never becomes a document that a referee could be asked about.
        let Some(theirs) = theirs(&vector).filter(|_| ours.stage() > Some(Stage::Binding)) else { continue };
        let name = vector.name.clone();
        match ours {
            Ours::Signed => {
                signed += 1;
                if !theirs.all_verify() {
                    found.we_accept.push(Row::new(name, "signed", &theirs, &listed.we_accept));
                }
            }
            Ours::Refused(rejection) => {
                refused += 1;
                if theirs.some_verifies() {
                    found.we_refuse.push(Row::new(name, rejection.code(), &theirs, &listed.we_refuse));
                }
            }
        }
    }
    assert!(signed > 300 && refused > 200, "the manifest is whole: {signed}, {refused}");
    let count = |theirs: fn(&Row) -> &str| found.we_refuse.iter().filter(|row| !theirs(row).is_empty()).count();
    println!("{signed} vectors that we take as signed: {} not verified by both referees", found.we_accept.len());
    println!(
        "{refused} vectors that we refuse before or at the signature: {} verified by libxmlsec1, {} by bergshamra",
        count(|row| &row.libxmlsec1),
        count(|row| &row.bergshamra),
    );

    found.keep_used_reasons();
    if std::env::var_os("WRITE_DIFFERENCES").is_some() {
        found.write();
    }
    let stale: Vec<_> = listed.rows().filter(|row| !found.rows().any(|other| other == *row)).collect();
    let new: Vec<_> = found.rows().filter(|row| !listed.rows().any(|other| other == *row)).collect();
    let unexplained: Vec<_> = found.rows().filter(|row| !found.reasons.contains_key(&row.reason)).collect();
    assert!(unexplained.is_empty(), "without a reason: {unexplained:#?}");
    if std::env::var_os("WRITE_DIFFERENCES").is_none() {
        assert!(stale.is_empty() && new.is_empty(), "differences.json\nstale: {stale:#?}\nmissing: {new:#?}");
        assert_eq!(listed, found, "differences.json: the order, or a reason without a row");
    }
}
