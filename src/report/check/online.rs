//! The answers of AWS: each part by itself, side by side, and none for long.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sagemaker::config::ProvideCredentials as _;
use tokio::task::JoinSet;

use super::answer::NoAnswer;
use super::finding::Finding;
use super::item::Item;
use super::network::{Resolver, sagemaker_address};
use super::role::Role;
use super::table::{Index, Shape};
use super::witness::Witness;
use super::{clock, domain, mint_role, role, table};
use crate::config::Config;
use crate::service::Clock;
use studio_acs_aws::{AwsCause, AwsReason, EXPIRES_AT, TableRules};
use studio_acs_broker::tables;
use studio_acs_identity::DomainId;
use studio_acs_ledger::{ENTRY, LedgerSource, SUBJECT};

/// How many domains are looked at where none is named.
const DOMAINS: i32 = 10;

/// Causes that let no call of this caller through.
const BAD_CREDENTIALS: &[AwsCause] = &[
    AwsCause::Clock,
    AwsCause::CredentialsExpired,
    AwsCause::CredentialsUnknown,
    AwsCause::CredentialsMissing,
    AwsCause::Signature,
    AwsCause::RegionMismatch,
    AwsCause::RegionOff,
];

/// Everything needed to ask AWS.
#[derive(Debug, Clone)]
pub struct Online {
    /// Region, credentials and endpoints.
    pub sdk: SdkConfig,
    /// The domains to look at; with none, those that SageMaker lists.
    pub domains: Vec<DomainId>,
    /// The resolver of host names.
    pub resolver: Resolver,
    /// Our clock.
    pub clock: Clock,
    /// How long one call may take, with its one retry.
    pub patience: Duration,
}

impl Online {
    /// The findings, in the order of [`Item::ALL`].
    pub(super) async fn findings(&self, config: &Config) -> Vec<Finding> {
        if self.sdk.region().is_none() {
            return vec![Finding::skipped(Item::Credentials, "without a region nobody can be asked", "set AWS_REGION")];
        }
        let witness = Witness::new(self.clock.clone());
        if let Err(reason) = self.credentials().await {
            let fix = "give the environment or the profile credentials: AWS_PROFILE, or aws configure, or a role";
            let credentials = Finding::error(Item::Credentials, format!("{reason}; nothing else was asked"), fix);
            return vec![credentials, self.address(&witness).await];
        }
        let sdk = self.patient();
        let tables = self.within(Item::Table, Self::tables(&sdk, config));
        let (who, sagemaker, mint_role, tables) = tokio::join!(
            self.within(Item::Credentials, Self::who(&sdk)),
            self.within(Item::Domain, self.domains(&sdk, &witness)),
            self.within(Item::MintRole, Self::mint_role(&sdk, config)),
            tables,
        );
        let mut findings = vec![clock::compared(witness.ahead(), config.service_provider.skew)];
        findings.extend(who);
        findings.push(self.address(&witness).await);
        findings.extend([sagemaker, mint_role, tables].into_iter().flatten());
        findings
    }

    /// The same for calls that no sign-in waits for.
    fn patient(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.patience.min(Duration::from_secs(3)))
            .operation_timeout(self.patience)
            .build();
        let retries = RetryConfig::standard().with_max_attempts(2);
        self.sdk.to_builder().timeout_config(timeouts).retry_config(retries).build()
    }

    /// The part's findings; if it does not come to its end, that.
    async fn within(&self, item: Item, part: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
        let limit = self.patience.saturating_mul(4);
        tokio::time::timeout(limit, part).await.unwrap_or_else(|_| {
            vec![Finding::skipped(
                item,
                format!("no end after {} s", limit.as_secs()),
                "check again, from a faster network",
            )]
        })
    }

    async fn credentials(&self) -> Result<(), String> {
        let provider = self.sdk.credentials_provider().ok_or("there are no credentials")?;
        match tokio::time::timeout(self.patience, provider.provide_credentials()).await {
            Err(_) => Err("no credentials in time".to_owned()),
            Ok(Err(error)) => Err(format!("no credentials: {error}")),
            Ok(Ok(_)) => Ok(()),
        }
    }

    async fn who(sdk: &SdkConfig) -> Vec<Finding> {
        let answer = aws_sdk_sts::Client::new(sdk).get_caller_identity().send().await;
        vec![match answer.map_err(|error| NoAnswer::of(&error)) {
            Ok(who) => Finding::ok(Item::Credentials, who.arn().unwrap_or("somebody without an ARN")),
            Err(NoAnswer::Failed(reason)) if BAD_CREDENTIALS.contains(&reason.cause()) => {
                Finding::error(Item::Credentials, reason.words(), reason.cause().fix())
            }
            Err(other) => other.unasked(Item::Credentials, "sts:GetCallerIdentity"),
        }]
    }

    async fn address(&self, witness: &Witness) -> Finding {
        let region = self.region();
        let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
        let usual = || (format!("api.sagemaker.{region}.amazonaws.com{suffix}"), 443);
        let asked = sagemaker_address(&self.resolver, witness.host().unwrap_or_else(usual));
        tokio::time::timeout(self.patience, asked).await.unwrap_or_else(|_| {
            let fix = "let the network's DNS answer for AWS's names: the service would wait for it too";
            Finding::error(Item::SageMakerAddress, "DNS did not answer in time", fix)
        })
    }

    fn region(&self) -> String {
        self.sdk.region().map(ToString::to_string).unwrap_or_default()
    }

    /// SageMaker, the domains, and the roles that they give their users.
    async fn domains(&self, sdk: &SdkConfig, witness: &Witness) -> Vec<Finding> {
        let config = aws_sdk_sagemaker::config::Builder::from(sdk).interceptor(witness.clone()).build();
        let client = aws_sdk_sagemaker::Client::from_conf(config);
        let domains = match self.listed(&client).await {
            Ok(domains) => domains,
            Err(no_answer) => {
                let skipped = no_answer.unasked(Item::Domain, "sagemaker:ListDomains");
                return vec![answers(&[Some(no_answer)]), skipped];
            }
        };
        if domains.is_empty() {
            let none = format!("there is none in {}", self.region());
            let fix = "create one with AuthMode IAM, or correct AWS_REGION or the account";
            return vec![answers(&[None]), Finding::error(Item::Domain, none, fix)];
        }
        let looks = domains.into_iter().map(|domain| {
            let client = client.clone();
            async move { (domain.as_str().to_owned(), domain::look(&client, &domain).await) }
        });
        let seen = side_by_side(looks).await;
        let no_answers: Vec<_> = seen.iter().map(|(_, seen)| seen.no_answer.clone()).collect();
        let mut roles = Vec::<Role>::new();
        for (domain, seen) in &seen {
            let new = seen.execution_role.clone().filter(|arn| roles.iter().all(|role| role.arn != *arn));
            roles.extend(new.map(|arn| Role { arn, domain: domain.clone(), region: self.region() }));
        }
        let iam = aws_sdk_iam::Client::new(sdk);
        let roles = roles.into_iter().map(|role| {
            let iam = iam.clone();
            async move { role::findings(&iam, &role).await }
        });
        let roles = side_by_side(roles).await;
        let domains = seen.into_iter().flat_map(|(_, seen)| seen.findings);
        [answers(&no_answers)].into_iter().chain(domains).chain(roles.into_iter().flatten()).collect()
    }

    async fn listed(&self, client: &aws_sdk_sagemaker::Client) -> Result<Vec<DomainId>, NoAnswer> {
        if !self.domains.is_empty() {
            return Ok(self.domains.clone());
        }
        let answer = client.list_domains().max_results(DOMAINS).send().await;
        let answer = answer.map_err(|error| NoAnswer::of(&error))?;
        Ok(answer.domains().iter().filter_map(|domain| DomainId::parse(domain.domain_id()?)).collect())
    }

    async fn mint_role(sdk: &SdkConfig, config: &Config) -> Vec<Finding> {
        match &config.mint.role {
            None => Vec::new(),
            Some(arn) => vec![mint_role::finding(&aws_sdk_sts::Client::new(sdk), arn.as_str()).await],
        }
    }

    async fn tables(sdk: &SdkConfig, config: &Config) -> Vec<Finding> {
        let client = aws_sdk_dynamodb::Client::new(sdk);
        let looks = shapes(config).into_iter().map(|shape| {
            let client = client.clone();
            async move { table::findings(&client, &shape).await }
        });
        side_by_side(looks).await.into_iter().flatten().collect()
    }
}

/// The tables that are named, each once.
fn shapes(config: &Config) -> Vec<Shape> {
    let broker = &config.broker;
    let name = |rules: &Option<TableRules>| rules.as_ref().map(|rules| rules.table.clone());
    let approvals = name(&broker.approval_table);
    let ledger = broker.ledger.as_ref().and_then(|rules| match &rules.source {
        LedgerSource::Table(name) => Some(name.clone()),
        LedgerSource::Document(_) => None,
    });
    // Entries stay; requests for approval, which may be kept beside them, end.
    let ledger = ledger.filter(|name| approvals.as_ref() != Some(name));
    let pending = Index { name: tables::PENDING, sort_key: tables::PENDING_UNTIL };
    let tables: [(_, &'static [&'static str], _, _); 4] = [
        (name(&config.replay_table), &[tables::REPLAY_KEY], Some(EXPIRES_AT), None),
        (ledger, &[SUBJECT, ENTRY], None, None),
        (approvals, &[SUBJECT, ENTRY], Some(EXPIRES_AT), Some(pending)),
        (name(&broker.rate_table), &[tables::RATE_KEY], Some(EXPIRES_AT), None),
    ];
    let shape = |(name, keys, expires_at, index): (Option<String>, _, _, _)| {
        Some(Shape { name: name?, keys, expires_at, index })
    };
    tables.into_iter().filter_map(shape).collect()
}

/// Whether SageMaker can be reached, from what became of the calls. A denial is an answer too.
fn answers(calls: &[Option<NoAnswer>]) -> Finding {
    let unreachable = |call: &Option<NoAnswer>| matches!(call, Some(NoAnswer::Unreachable(_)));
    match calls.iter().find(|call| !unreachable(call)) {
        Some(None) => Finding::ok(Item::SageMakerAnswers, "it does"),
        Some(Some(NoAnswer::Denied(_))) => Finding::ok(Item::SageMakerAnswers, "it does, by a denial"),
        Some(Some(other)) => Finding::ok(Item::SageMakerAnswers, format!("it does, by {}", other.words())),
        None => {
            let silent = || NoAnswer::Unreachable(AwsReason::timed_out());
            let first = calls.iter().flatten().next().cloned().unwrap_or_else(silent);
            let endpoint = "an interface endpoint com.amazonaws.REGION.sagemaker.api";
            first.weighed(Item::SageMakerAnswers, "sagemaker:DescribeDomain", endpoint)
        }
    }
}

/// Awaits all of these at the same time, and returns their results in order. None is left behind where the caller gives
/// up.
async fn side_by_side<T: Send + 'static>(
    parts: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut tasks = JoinSet::new();
    for (place, part) in parts.enumerate() {
        tasks.spawn(async move { (place, part.await) });
    }
    let mut done = tasks.join_all().await;
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, part)| part).collect()
}
