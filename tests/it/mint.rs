//! The minting role: a session for each mint, with the user's name on it and nothing in it but their profile.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::StandIns;
use support::moto::{Lost, Moto};
use support::process::{DOMAIN, NOWHERE, Server, SignIns};

const ROLE: &str = "arn:aws:iam::111122223333:role/studio-acs-mint";

struct Rig {
    sign_ins: SignIns,
    stand_ins: StandIns,
}

impl Rig {
    async fn start() -> Self {
        let profiles = ["alice", "bob", "x"];
        let profiles = profiles.iter().fold(Profiles::default(), |all, user| all.with(DOMAIN, user, Behaviour::Mint));
        Self { sign_ins: SignIns::new(), stand_ins: StandIns::start(profiles).await }
    }

    fn server(&self, sts: &str) -> Server {
        let aws = [("SAGEMAKER", self.stand_ins.endpoint.as_str()), ("STS", sts)];
        self.sign_ins.server(&aws, &["--mint-role", ROLE, "--mint-timeout", "8"])
    }
}

/// The fields of a call of the AWS query protocol.
fn fields(call: &str) -> BTreeMap<String, String> {
    call.split('&')
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| (name.to_owned(), support::decoded(value)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mint_has_a_session_of_its_own_for_one_profile() {
    let rig = Rig::start().await;
    let moto = Moto::start();
    let way = moto.way(Lost::Nothing);
    let server = rig.server(&way.endpoint);
    let users = ["alice", "Bob", "x", "alice"];
    for user in users {
        assert_eq!(server.post(&rig.sign_ins.form(user)).await.status, 302, "{user}");
    }
    let calls = way.calls();
    assert_eq!(calls.len(), users.len());
    for (user, call) in users.iter().zip(&calls) {
        let call = fields(call);
        let name = if *user == "x" { "x+2d711642b726b0440162" } else { user };
        assert_eq!((&*call["Action"], &*call["RoleArn"]), ("AssumeRole", ROLE));
        assert_eq!((&*call["RoleSessionName"], &*call["SourceIdentity"]), (name, name));
        let policy: serde_json::Value = serde_json::from_str(&call["Policy"]).expect("JSON");
        let profile = |user: &str| format!("arn:aws:sagemaker:eu-central-1:111122223333:user-profile/{DOMAIN}/{user}");
        let profiles = if *user == "Bob" { vec![profile("Bob"), profile("bob")] } else { vec![profile(user)] };
        let statement =
            json!([{"Effect": "Allow", "Action": "sagemaker:CreatePresignedDomainUrl", "Resource": profiles}]);
        assert_eq!(policy["Statement"], statement, "{user}");
    }
    let callers = rig.stand_ins.sagemaker.callers();
    assert_eq!(callers.iter().collect::<BTreeSet<_>>().len(), users.len(), "credentials are used once: {callers:?}");
    assert!(!callers.contains(&"AKIATEST".to_owned()), "the service's own credentials mint nothing: {callers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_nothing_is_minted() {
    let rig = Rig::start().await;
    let denied = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    let odd = "<ErrorResponse><Error><Type>Sender</Type><Code>PackedPolicyTooLarge</Code></Error></ErrorResponse>";
    for (sts, status, code) in [
        (support::answering(403, denied).await, 403, "mint_role_denied"),
        (support::answering(400, odd).await, 502, "mint_role_failed"),
        (support::answering(200, "<html>a captive portal</html>").await, 502, "mint_role_failed"),
        (NOWHERE.to_owned(), 502, "mint_unreachable"),
    ] {
        let server = rig.server(&sts);
        assert_eq!(server.post(&rig.sign_ins.form("alice")).await.status, status, "{code}");
        let log = server.end();
        assert!(log.contains(&format!("\"code\":\"{code}\"")), "{code}: {log}");
    }
    assert_eq!(rig.stand_ins.sagemaker.callers(), [""; 0]);
}
