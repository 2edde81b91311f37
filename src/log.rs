//! Logs: one JSON object a line on standard output, which CloudWatch Logs takes as it is.

use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging what `filter` lets through. A second call changes nothing.
///
/// Of other crates nothing below `info` is logged, whatever the filter says: at `trace` the Lambda runtime writes whole
/// events, and the AWS SDK whole answers.
///
/// # Errors
/// The filter cannot be read.
pub fn start(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("STUDIO_ACS_LOG (--log): {error}"))?;
    let ours_or_plain = filter_fn(|event| *event.level() <= Level::INFO || event.target().starts_with("studio_acs"));
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
    // An error here means that logging has been started.
    let _ = tracing_subscriber::registry().with(ours_or_plain).with(filter).with(lines).try_init();
    Ok(())
}
