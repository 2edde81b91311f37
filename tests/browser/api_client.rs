//! A page that has a token of its user, and no SAML response.

use crate::broker::ends_without_violations;
use crate::rig::Rig;
use crate::within_limits;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_studio_or_is_refused_and_never_comes_to_the_browser() {
    within_limits(async {
        let rig = Rig::start().await;
        rig.choose("intranet").await;
        rig.heading("You are in Studio").await;
        assert_eq!(rig.text("#user").await, "alice");
        assert_eq!(rig.text("#domain").await, "d-research0001");

        for (tile, heading, code) in [
            ("colleague", "This profile is not yours", "another_profile"),
            ("other-issuer", "The token is not accepted", "token_signature_invalid"),
            ("alg-none", "The token is not accepted", "token_algorithm_forbidden"),
            ("other-audience", "The token is not accepted", "token_audience_mismatch"),
        ] {
            rig.choose(tile).await;
            rig.heading(heading).await;
            assert_eq!(rig.text("#code").await, code);
            assert!(!rig.text("#detail").await.is_empty(), "{tile}");
            assert_eq!(rig.text("#correlation-id").await.len(), 32);
            assert!(rig.text(".standin").await.contains("your browser never had it"), "{tile}");
            // A JWT in base64url begins with `eyJ`: `{"`.
            assert!(!rig.client.source().await.expect("a page").contains("eyJ"), "{tile}");
            rig.fits_a_phone().await;
        }

        rig.client.goto(&format!("{}/audit", rig.portal)).await.expect("the audit log");
        assert!(rig.text("#verdict").await.starts_with("The chain is whole"));
        let table = rig.text("tbody").await;
        for words in ["Signed in (OpenID)", "Open Studio", "alice in d-research0001", "Success"] {
            assert!(table.contains(words), "{words}: {table}");
        }
        assert!(!table.contains("SAML") && !table.contains("bob"), "{table}");
        ends_without_violations(rig).await;
    })
    .await;
}
