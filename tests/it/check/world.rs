//! An account for the online checks: moto with domains, roles and tables, and stand-ins for what moto cannot do.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TimeToLiveSpecification,
};
use aws_sdk_sagemaker::types::{
    AppNetworkAccessType, AuthMode, DomainSettings, ExecutionRoleIdentityConfig, ExecutionRoleSessionNameMode,
    StudioWebPortalSettings, UserSettings,
};
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};

use support::moto::pending_index;

pub(crate) const ACCOUNT: &str = "123456789012";
const SELF_SCOPED: &str = r#"{"Effect":"Allow","Action":"sagemaker:CreatePresignedDomainUrl","Resource":"arn:aws:sagemaker:*:*:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"}"#;

/// A domain of the account; by default, as it should be.
#[derive(Debug, Clone)]
pub(crate) struct Domain {
    pub(crate) auth_mode: AuthMode,
    pub(crate) network: Option<AppNetworkAccessType>,
    pub(crate) session_name: Option<ExecutionRoleSessionNameMode>,
    pub(crate) identity: Option<ExecutionRoleIdentityConfig>,
    /// The statements of its role's own policy.
    pub(crate) policy: String,
    /// A policy of AWS's that the role has as well.
    pub(crate) attached: Option<&'static str>,
}

impl Default for Domain {
    fn default() -> Self {
        Self {
            auth_mode: AuthMode::Iam,
            network: Some(AppNetworkAccessType::VpcOnly),
            session_name: Some(ExecutionRoleSessionNameMode::UserIdentity),
            identity: Some(ExecutionRoleIdentityConfig::UserProfileName),
            policy: SELF_SCOPED.to_owned(),
            attached: None,
        }
    }
}

pub(crate) fn role_arn(domain: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/studio/{domain}")
}

/// Creates the domain `d-NAME` and its role.
pub(crate) async fn create_domain(sdk: &SdkConfig, name: &str, domain: &Domain) {
    let iam = aws_sdk_iam::Client::new(sdk);
    let role = iam.create_role().role_name(name).path("/studio/").assume_role_policy_document("{}");
    role.send().await.expect("a role");
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, domain.policy);
    let policy = iam.put_role_policy().role_name(name).policy_name("own").policy_document(document);
    policy.send().await.expect("a policy");
    if let Some(policy) = domain.attached {
        let arn = format!("arn:aws:iam::aws:policy/{policy}");
        iam.attach_role_policy().role_name(name).policy_arn(arn).send().await.expect("attached");
    }
    let portal = StudioWebPortalSettings::builder().set_execution_role_session_name_mode(domain.session_name.clone());
    let users = UserSettings::builder().execution_role(role_arn(name)).studio_web_portal_settings(portal.build());
    let settings = DomainSettings::builder().set_execution_role_identity_config(domain.identity.clone());
    aws_sdk_sagemaker::Client::new(sdk)
        .create_domain()
        .domain_name(name)
        .auth_mode(domain.auth_mode.clone())
        .set_app_network_access_type(domain.network.clone())
        .default_user_settings(users.build())
        .domain_settings(settings.build())
        .subnet_ids("subnet-1")
        .vpc_id("vpc-1")
        .send()
        .await
        .expect("a domain");
}

/// Creates the tables that the well configuration names.
pub(crate) async fn create_tables(sdk: &SdkConfig) {
    for (name, key) in [("assertions", "replay_key"), ("rates", "window")] {
        create_table(sdk, name, &[(key, ScalarAttributeType::S)], Some("expires_at"), None).await;
    }
}

/// Creates a table with these keys, the first of which is the partition key, with this time to live, and with an index
/// by `subject` and this number.
pub(crate) async fn create_table(
    sdk: &SdkConfig,
    name: &str,
    keys: &[(&str, ScalarAttributeType)],
    ttl: Option<&str>,
    index: Option<&str>,
) {
    let client = aws_sdk_dynamodb::Client::new(sdk);
    let mut table = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for (place, (key, kind)) in keys.iter().enumerate() {
        let role = if place == 0 { KeyType::Hash } else { KeyType::Range };
        let attribute = AttributeDefinition::builder().attribute_name(*key).attribute_type(kind.clone()).build();
        let key = KeySchemaElement::builder().attribute_name(*key).key_type(role).build();
        table = table.key_schema(key.expect("a key")).attribute_definitions(attribute.expect("an attribute"));
    }
    if let Some(sort_key) = index {
        let number = AttributeDefinition::builder().attribute_name(sort_key).attribute_type(ScalarAttributeType::N);
        table = table.attribute_definitions(number.build().expect("an attribute"));
        table = table.global_secondary_indexes(pending_index(sort_key));
    }
    table.send().await.expect("a table");
    if let Some(attribute) = ttl {
        let ttl = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build().expect("a TTL");
        client.update_time_to_live().table_name(name).time_to_live_specification(ttl).send().await.expect("a TTL");
    }
}

/// A stand-in's answer to each call, whatever is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// With this error, in the form of the protocol that was spoken.
    Error(StatusCode, &'static str),
    /// The account has none of it, in this region.
    NotFound,
    /// With this JSON.
    Json(&'static str),
    /// Not at all.
    Nothing,
}

/// AWS's services, all of which answer so. Its URL.
pub(crate) async fn stand_in(answer: Answer) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let router = axum::Router::new().fallback(async move |request: Request<Body>| {
        // JSON protocols name their operation in a header; the query protocol in its form.
        let target = request.headers().get("x-amz-target").map(|target| target.to_str().expect("text").to_owned());
        reply(answer, target).await
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

async fn reply(answer: Answer, target: Option<String>) -> Response<Body> {
    let speaks_json = target.is_some();
    let not_found = match target {
        Some(target) if target.starts_with("SageMaker.") => "ResourceNotFound",
        Some(_) => "ResourceNotFoundException",
        None => "NoSuchEntity",
    };
    let answer = match answer {
        Answer::NotFound => Answer::Error(StatusCode::BAD_REQUEST, not_found),
        answer => answer,
    };
    let (status, body) = match answer {
        Answer::Error(status, code) if speaks_json => (status, format!(r#"{{"__type":"{code}","Message":"no"}}"#)),
        Answer::Error(status, code) => {
            let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>");
            (status, format!("<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"))
        }
        Answer::Json(json) => (StatusCode::OK, json.to_owned()),
        Answer::NotFound | Answer::Nothing => std::future::pending().await,
    };
    let media_type = if speaks_json { "application/x-amz-json-1.1" } else { "text/xml" };
    Response::builder().status(status).header("content-type", media_type).body(Body::from(body)).expect("an answer")
}
