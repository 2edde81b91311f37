//! A real Chromium chooses the demo's tiles.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used, unreachable_pub)]

mod api_client;
mod broker;
mod elsewhere;
mod pages;
mod rig;

use std::time::Duration;

use rig::Rig;

/// A test in a browser that does not come to an end is one that fails.
async fn within_limits(test: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(180), test).await.expect("the browser comes to an end");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_does_what_it_says() {
    within_limits(choose_every_tile()).await;
}

async fn choose_every_tile() {
    let rig = Rig::start().await;
    for (tile, user, domain) in [("alice", "alice", "d-research0001"), ("bob", "bob", "d-risk00000002")] {
        rig.open(tile).await;
        rig.heading("You are in Studio").await;
        assert_eq!(rig.text("#user").await, user);
        assert_eq!(rig.text("#domain").await, domain);
        // The URL is spent: whoever finds it in the history finds nothing.
        rig.client.refresh().await.expect("a refresh");
        assert!(!rig.text("h1").await.contains("You are in Studio"), "{tile}");
    }
    rig.open("churn").await;
    assert_eq!(rig.text("#space").await, "churn-models");
    assert_eq!(rig.text("#landing").await, "app:JupyterLab:lab/tree/churn.ipynb");
    for (tile, heading, code) in [
        ("grace", "Studio may not be opened", "policy_denied"),
        ("mallory", "Studio is not set up for you", "access_revoked"),
        ("nobody", "Studio is not set up for you", "unknown_user"),
        ("stranger", "There is no Studio profile for you yet", "profile_not_found"),
        ("edited", "We could not sign you in", "digest_mismatch"),
        ("expired", "We could not sign you in", "expired"),
        ("replay", "We could not sign you in", "replayed"),
        ("unsigned", "We could not sign you in", "unsigned"),
        ("forged", "We could not sign you in", "signature_invalid"),
        ("audience", "We could not sign you in", "audience_mismatch"),
    ] {
        rig.open(tile).await;
        assert_eq!(rig.text("h1").await, heading, "{tile}");
        assert_eq!(rig.text(".detail code").await, code);
        assert_eq!(rig.text("#correlation-id").await.len(), 32);
        rig.fits_a_phone().await;
    }
    rig.client.goto(&rig.portal).await.expect("the portal");
    rig.fits_a_phone().await;
    assert_eq!(rig.violations().await, Vec::<String>::new());
    rig.client.close().await.expect("an end");
}
