//! The broker's questions to people, in their browser.

use fantoccini::key::Key;

use crate::rig::Rig;
use crate::within_limits;

#[tokio::test(flavor = "multi_thread")]
async fn who_may_open_several_chooses_by_the_keyboard_alone() {
    within_limits(async {
        let rig = Rig::start().await;
        rig.open("dana").await;
        rig.heading("Choose a Studio profile").await;
        rig.fits_a_phone().await;
        assert!(focused(&rig).await.starts_with("Fraud detection"));
        press(&rig, Key::Tab).await;
        assert!(focused(&rig).await.starts_with("Pricing models"));
        press(&rig, Key::Enter).await;
        rig.heading("You are in Studio").await;
        assert_eq!(rig.text("#user").await, "dana-pricing");
        ends_without_violations(rig).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_the_policy_says() {
    within_limits(async {
        let rig = Rig::start().await;
        rig.open("grace").await;
        assert_eq!(rig.text(".lead").await, "Your team's budget is spent. Its owner can raise it.");

        rig.open("heidi").await;
        rig.heading("What is it for?").await;
        assert!(rig.text("#reason").await.contains("For example CHG0012345"));
        rig.fits_a_phone().await;
        // A ticket number that the policy does not take is asked for again.
        rig.element("#ticket-number").await.send_keys("because").await.expect("keys");
        rig.click("button").await;
        rig.at("/saml/continue").await;
        rig.heading("What is it for?").await;
        rig.element("#ticket-number").await.send_keys("CHG0012345").await.expect("keys");
        // The form's answer is a redirect to Studio, which the page's policy has to allow.
        rig.click("button").await;
        rig.heading("You are in Studio").await;
        assert_eq!(rig.text("#session").await, "30 minutes");
        ends_without_violations(rig).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_made_while_the_page_waits_and_studio_opens_by_itself() {
    within_limits(async {
        let rig = Rig::start().await;
        rig.open("ivan").await;
        assert_eq!(rig.text("h1").await, "Your Studio profile is being made");
        rig.fits_a_phone().await;
        // The user touches nothing.
        rig.heading("You are in Studio").await;
        assert_eq!(rig.text("#user").await, "ivan");
        ends_without_violations(rig).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_asks_another_approves_and_all_of_it_is_on_record() {
    within_limits(async {
        let rig = Rig::start().await;
        rig.open("erin").await;
        rig.heading("Approval is asked for").await;
        rig.fits_a_phone().await;
        rig.open("frank").await;
        rig.heading("Requests for approval").await;
        assert_eq!(rig.text(".request .lead").await, "erin asks to open Payments in production");
        rig.fits_a_phone().await;
        rig.click("button[name=approve]").await;
        rig.at("/saml/review").await;
        assert_eq!(rig.text(".lead").await, "Nothing waits for you.");
        rig.open("erin").await;
        rig.heading("You are in Studio").await;
        assert_eq!(rig.text("#user").await, "erin-payments");

        rig.client.goto(&rig.portal).await.expect("the portal");
        rig.click("#audit").await;
        rig.heading("Audit log").await;
        assert!(rig.text("#verdict").await.starts_with("The chain is whole"));
        let table = rig.text("tbody").await;
        for words in [
            "Signed in (SAML)",
            "Ask for approval",
            "Approve",
            "frank",
            "erin-payments in d-risk00000002",
            "approved by frank",
        ] {
            assert!(table.contains(words), "{words}: {table}");
        }
        assert!(!table.contains("broken"), "{table}");
        rig.fits_a_phone().await;
        // The raw record is behind its row.
        rig.click("summary").await;
        assert!(rig.text("pre").await.contains("attestation_list"));
        rig.fits_a_phone().await;

        rig.click("#other").await;
        assert!(rig.text(".verdict.broken").await.contains("altered"));
        assert!(rig.text("tbody").await.contains("broken"));
        ends_without_violations(rig).await;
    })
    .await;
}

async fn focused(rig: &Rig) -> String {
    rig.client.active_element().await.expect("a focus").text().await.expect("text")
}

async fn press(rig: &Rig, key: Key) {
    let element = rig.client.active_element().await.expect("a focus");
    element.send_keys(&char::from(key).to_string()).await.expect("a key");
}

/// No page broke its policy; one that did would be seen.
pub async fn ends_without_violations(rig: Rig) {
    assert_eq!(rig.violations().await, Vec::<String>::new());
    let script = "document.body.append(Object.assign(new Image(), {src: 'data:image/png;base64,'}))";
    rig.client.execute(script, Vec::new()).await.expect("an answer");
    let seen = async {
        while rig.violations().await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), seen).await.expect("a violation is seen");
    rig.client.close().await.expect("an end");
}
