//! A DynamoDB table: that it exists, with the key that we write and the time to live that we set.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, KeySchemaElement, Projection, ProjectionType, ScalarAttributeType, TableDescription,
    TableStatus, TimeToLiveStatus,
};

use super::answer::NoAnswer;
use super::finding::Finding;
use super::item::Item;

/// The expected shape of a table.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Its name or ARN.
    pub(super) name: String,
    /// The partition key and, if the table has one, the sort key; strings.
    pub(super) keys: &'static [&'static str],
    /// The time-to-live attribute, if what is kept there ends.
    pub(super) expires_at: Option<&'static str>,
    /// The index that is read, if any.
    pub(super) index: Option<Index>,
}

/// A global secondary index by the table's own partition key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Index {
    /// Its name.
    pub(super) name: &'static str,
    /// Its sort key, a number.
    pub(super) sort_key: &'static str,
}

impl Shape {
    /// The keys in words.
    fn keys_in_words(&self) -> String {
        match self.keys {
            [partition, sort] => format!("the partition key {partition} and the sort key {sort}, both strings"),
            keys => format!("the partition key {}, a string, and no sort key", keys.join(", ")),
        }
    }
}

pub(super) async fn findings(client: &Client, shape: &Shape) -> Vec<Finding> {
    let (described, time_to_live) = tokio::join!(describe(client, shape), async {
        match shape.expires_at {
            Some(expires_at) => Some(time_to_live(client, &shape.name, expires_at).await),
            None => None,
        }
    });
    let findings: Vec<_> = match described {
        // A table that does not exist has no time to live either.
        Err(finding) if finding.severity() > super::Severity::Skipped => vec![finding],
        Err(finding) => [finding].into_iter().chain(time_to_live).collect(),
        Ok(findings) => findings.into_iter().chain(time_to_live).collect(),
    };
    findings.into_iter().map(|finding| finding.about(&shape.name)).collect()
}

async fn describe(client: &Client, shape: &Shape) -> Result<Vec<Finding>, Finding> {
    let create = format!("create it in AWS_REGION, with {}: docs/deploy-servers.md", shape.keys_in_words());
    let answer = match client.describe_table().table_name(&shape.name).send().await {
        Ok(answer) => answer,
        Err(error) if error.code() == Some("ResourceNotFoundException") => {
            return Err(Finding::error(Item::Table, "there is no such table in this region and account", create));
        }
        Err(error) => {
            let endpoint = "a gateway endpoint com.amazonaws.REGION.dynamodb in its route tables";
            return Err(NoAnswer::of(&error).weighed(Item::Table, "dynamodb:DescribeTable", endpoint));
        }
    };
    let table = answer.table().ok_or_else(|| Finding::error(Item::Table, "an answer without a table", create))?;
    let status = match table.table_status() {
        Some(TableStatus::Active | TableStatus::Updating) => Finding::ok(Item::Table, "in service"),
        other => Finding::error(
            Item::Table,
            other.map_or("no status", TableStatus::as_str),
            "wait until it is ACTIVE, or restore it: without it nobody gets in",
        ),
    };
    Ok(vec![status, key(table, shape), index(table, shape)])
}

fn key(table: &TableDescription, shape: &Shape) -> Finding {
    let kind = |name: &str| {
        let attribute = table.attribute_definitions().iter().find(|attribute| attribute.attribute_name() == name);
        attribute.map_or("?", |attribute| AttributeDefinition::attribute_type(attribute).as_str())
    };
    let part = |part: &KeySchemaElement| {
        let name = part.attribute_name();
        format!("{name} ({}, {})", part.key_type().as_str(), kind(name))
    };
    let found = table.key_schema().iter().map(part).collect::<Vec<_>>().join(", ");
    let expected = shape.keys.iter().zip(["HASH", "RANGE"]);
    let expected = expected.map(|(key, kind)| format!("{key} ({kind}, {})", ScalarAttributeType::S.as_str()));
    if found == expected.collect::<Vec<_>>().join(", ") {
        return Finding::ok(Item::TableKey, found);
    }
    let fix = format!("make a table with {}: docs/deploy-servers.md", shape.keys_in_words());
    Finding::error(Item::TableKey, found, fix)
}

fn index(table: &TableDescription, shape: &Shape) -> Finding {
    let (Some(Index { name, sort_key }), [partition, ..]) = (shape.index, shape.keys) else {
        return Finding::ok(Item::TableIndex, "none is read");
    };
    let part = |part: &KeySchemaElement| format!("{} ({})", part.attribute_name(), part.key_type().as_str());
    let found = table.global_secondary_indexes().iter().find(|index| index.index_name() == Some(name));
    let found = found.map(|index| {
        let keys = index.key_schema().iter().map(part).collect::<Vec<_>>().join(", ");
        let projected = index.projection().and_then(Projection::projection_type).map_or("?", ProjectionType::as_str);
        format!("{name}: {keys}, {projected}")
    });
    let expected = format!("{name}: {partition} (HASH), {sort_key} (RANGE), {}", ProjectionType::All.as_str());
    match found {
        Some(found) if found == expected => Finding::ok(Item::TableIndex, found),
        found => Finding::error(
            Item::TableIndex,
            found.unwrap_or_else(|| format!("there is no index {name}, and approvers see nothing")),
            format!("add the index {expected}: docs/deploy-servers.md has the command"),
        ),
    }
}

async fn time_to_live(client: &Client, name: &str, expires_at: &str) -> Finding {
    let answer = match client.describe_time_to_live().table_name(name).send().await {
        Ok(answer) => answer,
        // An ARN of another account among others: the service writes there and does not ask.
        Err(error) => return NoAnswer::of(&error).unasked(Item::TableTtl, "dynamodb:DescribeTimeToLive"),
    };
    let ttl = answer.time_to_live_description();
    let attribute = ttl.and_then(|ttl| ttl.attribute_name()).unwrap_or_default();
    let status = ttl.and_then(|ttl| ttl.time_to_live_status());
    let fix = format!(
        "aws dynamodb update-time-to-live --table-name {name} --time-to-live-specification Enabled=true,AttributeName={expires_at}"
    );
    match status {
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling) if attribute == expires_at => {
            Finding::ok(Item::TableTtl, format!("by {attribute}"))
        }
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling) => {
            Finding::warning(Item::TableTtl, format!("by {attribute}, which we do not write"), fix)
        }
        _ => Finding::warning(Item::TableTtl, "they stay for ever", fix),
    }
}
