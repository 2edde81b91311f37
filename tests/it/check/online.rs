//! What AWS says of domains, roles and tables: the real SDK against moto's account.

use std::net::IpAddr;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::ScalarAttributeType::{self, N, S};
use aws_sdk_sagemaker::types::{AppNetworkAccessType, AuthMode, ExecutionRoleSessionNameMode};
use studio_acs::Clock;
use studio_acs::report::check::{Checklist, Item, Online, Resolver, Severity, Subject};
use studio_acs_identity::DomainId;

use super::world::{ACCOUNT, Domain, create_domain, create_table, create_tables};
use super::{Line, NOW, assert_lines, at, config, line, offline};
use Severity::{Error, Warning};
use support::moto::{Lost, Moto, sdk};

/// Far beyond any time limit of the checks in these tests.
const HANG: Duration = Duration::from_secs(30);

/// Asks AWS at this endpoint, well in all that is ours.
pub(crate) fn online(sdk: SdkConfig, domain: &str) -> Online {
    Online {
        sdk,
        domains: vec![DomainId::parse(domain).expect("an ID")],
        resolver: resolver("10.0.0.7"),
        clock: Clock::system(),
        patience: Duration::from_secs(10),
    }
}

pub(crate) fn resolver(address: &str) -> Resolver {
    let address: IpAddr = address.parse().expect("an address");
    Resolver::new(move |_, _| Ok(vec![address]))
}

/// The whole checklist with these settings.
pub(crate) async fn checked(online: &Online, settings: &[(&str, &str)]) -> Checklist {
    let config = config(settings);
    let region = online.sdk.region().map(ToString::to_string);
    let checklist = offline(&config, region.as_deref(), at(NOW)).await;
    tokio::time::timeout(HANG, checklist.and_online(online, &config)).await.expect("no hang")
}

/// Domains that are wrong, by name.
fn domains() -> Vec<(&'static str, Domain, Vec<Line>)> {
    let well = Domain::default;
    let own = |statement: &str| Domain { policy: statement.to_owned(), ..well() };
    let attached = |policy| Domain { attached: Some(policy), ..well() };
    let wildcard = || line(Item::RoleWildcard, Error, "allows more", "name the actions");
    let presigned = || line(Item::RolePresignedUrls, Error, "allows more", "${sagemaker:UserProfileName} alone");
    let pass_role = || line(Item::RolePassRole, Warning, "allows more", "iam:PassedToService");
    let conditional = |item| line(item, Warning, "under a condition", "see whether its condition is enough");
    let s3 = || line(Item::RoleS3, Warning, "allows more", "name the buckets");
    vec![
        (
            "sso",
            Domain { auth_mode: AuthMode::Sso, ..well() },
            vec![line(Item::DomainAuthMode, Error, "SSO", "AuthMode IAM")],
        ),
        (
            "public",
            Domain { network: Some(AppNetworkAccessType::PublicInternetOnly), ..well() },
            vec![line(Item::DomainNetwork, Warning, "PublicInternetOnly", "VpcOnly")],
        ),
        (
            "network-unset",
            Domain { network: None, ..well() },
            vec![line(Item::DomainNetwork, Warning, "PublicInternetOnly", "VpcOnly")],
        ),
        (
            "nameless",
            Domain { session_name: None, ..well() },
            vec![line(Item::DomainSessionName, Warning, "all are called SageMaker", "USER_IDENTITY")],
        ),
        (
            "static",
            Domain { session_name: Some(ExecutionRoleSessionNameMode::Static), ..well() },
            vec![line(Item::DomainSessionName, Warning, "STATIC", "USER_IDENTITY")],
        ),
        (
            "no-identity",
            Domain { identity: None, ..well() },
            vec![line(Item::DomainSourceIdentity, Warning, "not set", "USER_PROFILE_NAME")],
        ),
        (
            "admin",
            attached("AdministratorAccess"),
            vec![
                line(Item::RoleFullAccess, Error, "AdministratorAccess", "detach"),
                wildcard(),
                presigned(),
                pass_role(),
                s3(),
            ],
        ),
        (
            "full",
            attached("AmazonSageMakerFullAccess"),
            vec![
                line(Item::RoleFullAccess, Error, "AmazonSageMakerFullAccess", "detach"),
                presigned(),
                conditional(Item::RolePassRole),
                conditional(Item::RoleS3),
            ],
        ),
        (
            "wildcard",
            own(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#),
            vec![wildcard(), presigned(), pass_role(), s3()],
        ),
        (
            "presigned",
            own(
                r#"{"Effect":"Allow","Action":"sagemaker:Create*","Resource":"arn:aws:sagemaker:eu-central-1:123456789012:user-profile/d-presigned/*"}"#,
            ),
            vec![presigned()],
        ),
        (
            "conditional",
            own(
                r#"{"Effect":"Allow","Action":"sagemaker:CreatePresignedDomainUrl","Resource":"*","Condition":{"StringEquals":{"sagemaker:ResourceTag/owner":"${aws:username}"}}}"#,
            ),
            vec![line(Item::RolePresignedUrls, Warning, "under a condition", "see whether its condition is enough")],
        ),
        ("pass-role", own(r#"{"Effect":"Allow","Action":["iam:PassRole"],"Resource":["*"]}"#), vec![pass_role()]),
        ("s3", own(r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}"#), vec![s3()]),
    ]
}

/// A table: the setting that names it, its name, its keys, its time to live, and the line that it gives. One of
/// approvals has its index.
type Table = (&'static str, &'static str, &'static [(&'static str, ScalarAttributeType)], Option<&'static str>, Line);

/// The sort key of the index of requests that are pending.
const PENDING: &str = "pending_until";

/// Tables that are wrong.
fn tables() -> Vec<Table> {
    vec![
        (
            "replay-table",
            "other-key",
            &[("id", S)],
            Some("expires_at"),
            line(Item::TableKey, Error, "id (HASH, S)", "replay_key"),
        ),
        (
            "replay-table",
            "number-key",
            &[("replay_key", N)],
            Some("expires_at"),
            line(Item::TableKey, Error, "replay_key (HASH, N)", "a string"),
        ),
        (
            "replay-table",
            "sort-key",
            &[("replay_key", S), ("attempt", S)],
            Some("expires_at"),
            line(Item::TableKey, Error, "attempt (RANGE, S)", "no sort key"),
        ),
        (
            "replay-table",
            "no-ttl",
            &[("replay_key", S)],
            None,
            line(Item::TableTtl, Warning, "for ever", "update-time-to-live --table-name no-ttl"),
        ),
        (
            "replay-table",
            "other-ttl",
            &[("replay_key", S)],
            Some("ttl"),
            line(Item::TableTtl, Warning, "by ttl", "AttributeName=expires_at"),
        ),
        (
            "rate-table",
            "rates-by-user",
            &[("user", S)],
            Some("expires_at"),
            line(Item::TableKey, Error, "user (HASH, S)", "the partition key window, a string, and no sort key"),
        ),
        (
            "rate-table",
            "rates-for-ever",
            &[("window", S)],
            None,
            line(Item::TableTtl, Warning, "for ever", "update-time-to-live --table-name rates-for-ever"),
        ),
        (
            "approval-table",
            "approvals-for-ever",
            &[("subject", S), ("entry", S)],
            None,
            line(Item::TableTtl, Warning, "for ever", "update-time-to-live --table-name approvals-for-ever"),
        ),
        (
            "approval-table",
            "approvals-by-subject",
            &[("subject", S)],
            Some("expires_at"),
            line(Item::TableKey, Error, "subject (HASH, S)", "the sort key entry, both strings"),
        ),
        (
            "ledger",
            "dynamodb:ledger-by-name",
            &[("name", S), ("entry", S)],
            None,
            line(Item::TableKey, Error, "name (HASH, S), entry (RANGE, S)", "the partition key subject"),
        ),
    ]
}

/// The items that are misconfigured here.
pub(crate) fn tried() -> impl Iterator<Item = Item> {
    let domains = domains().into_iter().flat_map(|(_, _, lines)| lines).map(|line| line.item);
    let tables = tables().into_iter().map(|(_, _, _, _, line)| line.item);
    // By tests of their own, in `answers.rs`.
    let others = [
        Item::Domain,
        Item::ExecutionRole,
        Item::Table,
        Item::TableIndex,
        Item::MintRole,
        Item::Credentials,
        Item::SageMakerAddress,
        Item::SageMakerAnswers,
    ];
    domains.chain(tables).chain(others)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_misconfigured_domain_role_and_table_gives_its_line_and_its_fix() {
    let moto = Moto::start();
    let sdk = moto.sdk();
    create_domain(&sdk, "well", &Domain::default()).await;
    create_tables(&sdk).await;
    let well = online(sdk.clone(), "d-well");
    let mint_role = format!("arn:aws:iam::{ACCOUNT}:role/mint");
    let checklist = checked(&well, &[("mint-role", &mint_role)]).await;
    assert_lines("all well", &checklist, &[]);
    // The test has no variables of AWS's.
    let skipped = checklist.findings().iter().filter(|f| f.severity() == Severity::Skipped).map(|f| f.item());
    assert_eq!(skipped.collect::<Vec<_>>(), [Item::AwsSettings], "{checklist}");
    // Without a token API, no line speaks of one.
    let items = Item::ALL.iter().filter(|item| item.subject() != Subject::Tokens);
    let missing: Vec<_> = items.filter(|item| !checklist.findings().iter().any(|f| f.item() == **item)).collect();
    assert_eq!(missing, Vec::<&Item>::new(), "each item has its line: {checklist}");

    for (name, domain, lines) in domains() {
        create_domain(&sdk, name, &domain).await;
        assert_lines(name, &checked(&online(sdk.clone(), &format!("d-{name}")), &[]).await, &lines);
    }
    let key = ("resume-key", "secretsmanager:key");
    for (setting, name, keys, ttl, line) in tables() {
        let index = (setting == "approval-table").then_some(PENDING);
        create_table(&sdk, name.trim_start_matches("dynamodb:"), keys, ttl, index).await;
        assert_lines(name, &checked(&well, &[(setting, name), key]).await, &[line]);
    }
    for (name, index, found) in
        [("not-indexed", None, "no index pending"), ("indexed-otherwise", Some("expires_at"), "expires_at (RANGE)")]
    {
        create_table(&sdk, name, &[("subject", S), ("entry", S)], Some("expires_at"), index).await;
        let line = line(Item::TableIndex, Error, found, "pending: subject (HASH), pending_until (RANGE), ALL");
        assert_lines(name, &checked(&well, &[("approval-table", name), key]).await, &[line]);
    }
    create_table(&sdk, "ledger", &[("subject", S), ("entry", S)], None, Some(PENDING)).await;
    let ledger = ("ledger", "dynamodb:ledger");
    assert_lines("entries stay", &checked(&well, &[ledger, key]).await, &[]);
    let both = checked(&well, &[ledger, ("approval-table", "ledger"), key]).await;
    let ends = line(Item::TableTtl, Warning, "for ever", "--table-name ledger");
    assert_lines("requests beside them end", &both, &[ends]);
    assert_eq!(both.findings().iter().filter(|f| f.item() == Item::Table).count(), 3, "each once: {both}");
    // Without a name, SageMaker's own list is looked through: all that is wrong comes up.
    let all = Online { domains: Vec::new(), ..well.clone() };
    let checklist = checked(&all, &[]).await;
    let looked_at = checklist.findings().iter().filter(|f| f.item() == Item::Domain).count();
    assert_eq!(looked_at, 10, "{checklist}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_reads_is_called_and_the_mint_role_is_assumed_without_rights() {
    let moto = Moto::start();
    create_domain(&moto.sdk(), "well", &Domain { attached: Some("AWSLambdaExecute"), ..Domain::default() }).await;
    create_tables(&moto.sdk()).await;
    let way = moto.way(Lost::Nothing);
    let mint_role = format!("arn:aws:iam::{ACCOUNT}:role/mint");
    let online = Online { domains: Vec::new(), ..online(sdk(&way.endpoint), "d-well") };
    let checklist = checked(&online, &[("mint-role", &mint_role)]).await;
    assert!(checklist.to_string().contains("assumed, for a session without rights"), "{checklist}");
    let calls = way.calls();
    let queries: Vec<_> =
        calls.iter().filter_map(|call| call.split('&').find_map(|field| field.strip_prefix("Action="))).collect();
    for action in &queries {
        let reads = ["List", "Get"].iter().any(|verb| action.starts_with(verb));
        assert!(reads || *action == "AssumeRole", "{queries:?}");
    }
    let assumed = calls.iter().find(|call| call.contains("AssumeRole")).expect("it was assumed");
    for words in ["RoleSessionName=studio-acs-check", "SourceIdentity=studio-acs-check", "Deny"] {
        assert!(assumed.contains(words), "{assumed}");
    }
    // ListDomains and DescribeDomain of SageMaker, DescribeTable and DescribeTimeToLive of DynamoDB, of two tables.
    assert_eq!(calls.len() - queries.len(), 6, "{calls:?}");
}
