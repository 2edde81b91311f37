//! AWS's answers other than a result: not found, denied, or nothing at all; and the time there.

use std::net::IpAddr;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use axum::http::StatusCode;
use studio_acs::Clock;
use studio_acs::report::check::Severity::{Error, Warning};
use studio_acs::report::check::{Item, Online, Resolver};
use studio_acs_identity::DomainId;

use super::online::{checked, online, resolver};
use super::world::{ACCOUNT, Answer, Domain, create_domain, create_tables, role_arn, stand_in};
use super::{REGION, assert_lines, line};
use support::moto::{Moto, sdk};
use support::process::NOWHERE;

/// A wrong region, a wrong account, a wrong name: nothing exists. SageMaker's code for it is not moto's.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_an_error() {
    let nothing = sdk(&stand_in(Answer::NotFound).await);
    let lines = || {
        vec![
            line(Item::Credentials, Warning, "NoSuchEntity", "sts:GetCallerIdentity"),
            line(Item::Domain, Error, "no such domain", "correct the ID, AWS_REGION or the account"),
            line(Item::Table, Error, "no such table", "create it in AWS_REGION"),
        ]
    };
    assert_lines("no domain", &checked(&online(nothing.clone(), "d-none"), &[]).await, &lines());
    let elsewhere = nothing.to_builder().region(Region::new("eu-west-1")).build();
    let mut wrong_region = lines();
    wrong_region.push(line(Item::AcsUrlRegion, Error, "AWS_REGION is eu-west-1", "AWS_REGION=eu-central-1"));
    assert_lines("wrong region", &checked(&online(elsewhere, "d-well"), &[]).await, &wrong_region);

    let moto = Moto::start();
    let unnamed = Online { domains: Vec::new(), ..online(moto.sdk(), "d-well") };
    let none = line(Item::Domain, Error, "there is none in eu-central-1", "create one");
    let no_table = line(Item::Table, Error, "no such table", "create it in AWS_REGION");
    assert_lines("no domain at all", &checked(&unnamed, &[]).await, &[none, no_table]);
}

/// A denial is no fault of the deployment: who runs the check learns which action it takes.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_is_skipped_with_the_action_that_it_takes() {
    let denied = stand_in(Answer::Error(StatusCode::BAD_REQUEST, "AccessDeniedException")).await;
    for (domains, action) in
        [(vec![DomainId::parse("d-well").unwrap()], "sagemaker:DescribeDomain"), (vec![], "sagemaker:ListDomains")]
    {
        let checklist = checked(&Online { domains, ..online(sdk(&denied), "d-well") }, &[]).await;
        assert_lines("denied", &checklist, &[]);
        for action in [action, "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "sts:GetCallerIdentity"] {
            assert!(checklist.to_string().contains(&format!("fix  allow {action} to")), "{action}: {checklist}");
        }
        assert!(checklist.to_string().contains("it does, by a denial"), "{checklist}");
    }
    let mint_role = format!("arn:aws:iam::{ACCOUNT}:role/mint");
    let checklist = checked(&online(sdk(&denied), "d-well"), &[("mint-role", &mint_role)]).await;
    assert_lines("mint role", &checklist, &[line(Item::MintRole, Warning, "denied", "sts:SetSourceIdentity")]);

    // The domain can be described, and its role not.
    let moto = Moto::start();
    create_domain(&moto.sdk(), "well", &Domain::default()).await;
    create_tables(&moto.sdk()).await;
    aws_sdk_iam::Client::new(&moto.sdk())
        .delete_role_policy()
        .role_name("well")
        .policy_name("own")
        .send()
        .await
        .unwrap();
    aws_sdk_iam::Client::new(&moto.sdk()).delete_role().role_name("well").send().await.unwrap();
    let checklist = checked(&online(moto.sdk(), "d-well"), &[]).await;
    let unread = line(Item::ExecutionRole, Warning, "NoSuchEntity", "see what iam:ListAttachedRolePolicies says");
    assert_lines("no role", &checklist, &[unread]);
    assert!(checklist.to_string().contains(&format!("Execution role {}", role_arn("well"))), "{checklist}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_is_an_error_where_the_service_would_fail_too() {
    let mint_role = format!("arn:aws:iam::{ACCOUNT}:role/mint");
    let hanging = stand_in(Answer::Nothing).await;
    let patient = online(sdk(NOWHERE), "d-well");
    let hasty = Online { patience: Duration::from_secs(1), ..online(sdk(&hanging), "d-well") };
    for (online, words) in [(patient, "no connection"), (hasty, "no answer in time")] {
        let checklist = checked(&online, &[("mint-role", &mint_role)]).await;
        let lines = [
            line(Item::SageMakerAnswers, Error, words, "sagemaker.api"),
            line(Item::Table, Error, words, "dynamodb"),
            line(Item::MintRole, Error, words, "com.amazonaws.REGION.sts"),
        ];
        assert_lines(words, &checklist, &lines);
    }
    let failing = stand_in(Answer::Error(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure")).await;
    let lines = [
        line(Item::Credentials, Warning, "InternalFailure", "sts:GetCallerIdentity"),
        line(Item::Domain, Warning, "InternalFailure", "sagemaker:DescribeDomain"),
        line(Item::Table, Warning, "InternalFailure", "dynamodb:DescribeTable"),
    ];
    assert_lines("failing", &checked(&online(sdk(&failing), "d-well"), &[]).await, &lines);
    let failed = stand_in(Answer::Json(r#"{"Status":"Failed","AuthMode":"IAM","AppNetworkAccessType":"VpcOnly","Table":{"TableStatus":"DELETING","KeySchema":[{"AttributeName":"replay_key","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"replay_key","AttributeType":"S"}]},"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"expires_at"}}"#)).await;
    let checklist = checked(&online(sdk(&failed), "d-well"), &[]).await;
    let is_there = |item, severity, words: &str| {
        checklist.findings().iter().any(|f| (f.item(), f.severity()) == (item, severity) && f.found().contains(words))
    };
    assert!(is_there(Item::Domain, Error, "Failed") && is_there(Item::Table, Error, "DELETING"), "{checklist}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_credentials_and_addresses() {
    let denied = stand_in(Answer::Error(StatusCode::BAD_REQUEST, "AccessDeniedException")).await;
    let well = || online(sdk(&denied), "d-well");
    for (ahead, expected) in [
        (0, None),
        (20, None),
        (-45, Some(line(Item::Clock, Warning, "behind AWS's; the skew allowed is 60 s", "NTP"))),
        (600, Some(line(Item::Clock, Error, "ahead of AWS's; the skew allowed is 60 s", "NTP"))),
        (-3600, Some(line(Item::Clock, Error, "behind AWS's", "NTP"))),
    ] {
        let clock = Clock::new(move || Clock::system().now().saturating_add(time::Duration::seconds(ahead)));
        let checklist = checked(&Online { clock, ..well() }, &[]).await;
        assert_lines(&ahead.to_string(), &checklist, expected.as_slice());
        assert_eq!(checklist.findings().iter().filter(|f| f.item() == Item::Clock).count(), 1, "{checklist}");
    }

    let address = |severity, words, fix| [line(Item::SageMakerAddress, severity, words, fix)];
    let public = Online { resolver: resolver("52.94.1.1"), ..well() };
    let private_dns = address(Warning, "127.0.0.1 is 52.94.1.1", "private DNS");
    assert_lines("a public address", &checked(&public, &[]).await, &private_dns);
    let unknown = Resolver::new(|_, _| Err(std::io::Error::other("no such host")));
    let checklist = checked(&Online { resolver: unknown, ..well() }, &[]).await;
    assert_lines("no address", &checklist, &address(Error, "no such host", "enableDnsSupport"));

    // A caller without credentials still learns where SageMaker is.
    let nobody =
        SdkConfig::builder().region(Region::new(REGION)).behavior_version(aws_config::BehaviorVersion::latest());
    let asked = Resolver::new(|host, port| {
        assert_eq!((host, port), ("api.sagemaker.eu-central-1.amazonaws.com", 443));
        Ok(vec![IpAddr::from([10, 0, 0, 7])])
    });
    let checklist = checked(&Online { sdk: nobody.build(), resolver: asked, ..well() }, &[]).await;
    assert_lines(
        "no credentials",
        &checklist,
        &[line(Item::Credentials, Error, "nothing else was asked", "AWS_PROFILE")],
    );
    let expired = stand_in(Answer::Error(StatusCode::FORBIDDEN, "ExpiredToken")).await;
    let checklist = checked(&online(sdk(&expired), "d-well"), &[]).await;
    let line = checklist.findings().iter().find(|f| f.item() == Item::Credentials).expect("a line");
    assert_eq!((line.severity(), line.found()), (Error, "ExpiredToken: no"));
}
