//! Every vector of the manifest before us and both referees. Both must verify each part that we take as signed; a
//! vector that we refuse before or at its signatures and a referee verifies counts under a reason in
//! `differences.json`, and so would the reverse.
//!
//! `WRITE_DIFFERENCES=1 cargo test --test it agreement` writes the list again; `reasons.rs` says what to do then.

mod judges;
mod list;

use fixtures::manifest;
use judges::{Ours, ours, theirs};
use list::{Differences, add};
use studio_acs_saml::Stage;

use crate::reasons::{ADVICE, Found, is_to_be_written};

#[test]
fn each_difference_has_its_reason() {
    let (mut we_accept, mut we_refuse) = (Found::default(), Found::default());
    let (mut signed, mut refused) = (0, 0);
    for vector in manifest::rows("library") {
        let ours = ours(&vector);
        // A refused request never becomes a document that a referee could be asked about.
        let Some(theirs) = theirs(&vector).filter(|_| ours.stage() > Some(Stage::Binding)) else { continue };
        match ours {
            Ours::Signed => {
                signed += 1;
                if !theirs.all_verify() {
                    add(&mut we_accept, &vector.name, "signed", &theirs);
                }
            }
            Ours::Refused(rejection) => {
                refused += 1;
                if theirs.some_verifies() {
                    add(&mut we_refuse, &vector.name, rejection.code(), &theirs);
                }
            }
        }
    }
    assert!(signed > 300 && refused > 200, "the manifest is whole: {signed}, {refused}");
    println!("{signed} vectors that we take as signed: {} not verified by both referees", we_accept.len());
    println!("{refused} vectors that we refuse before or at the signature: {} verified by a referee", we_refuse.len());

    let mut listed = Differences::read();
    if is_to_be_written() {
        listed = Differences {
            we_accept: we_accept.rewritten(&listed.we_accept),
            we_refuse: we_refuse.rewritten(&listed.we_refuse),
        };
        listed.write();
    }
    let complaints: Vec<_> = [(we_accept, listed.we_accept), (we_refuse, listed.we_refuse)]
        .iter()
        .flat_map(|(found, listed)| found.complaints(listed).into_iter().chain(found.stale(listed)))
        .collect();
    assert!(complaints.is_empty(), "differences.json:\n{}\n{ADVICE}", complaints.join("\n"));
}
