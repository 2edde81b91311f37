//! An ACS URL, against the path that is served and against API Gateway's addresses.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html>

use axum::http::Uri;

use super::finding::Finding;
use super::item::Item;
use crate::config::{BasePath, Config, is_confidential};

pub(super) fn findings(url: &str, config: &Config, region: Option<&str>) -> Vec<Finding> {
    // The configuration has parsed it before.
    let uri: Uri = url.parse().unwrap_or_default();
    let gateway = Gateway::of(uri.host().unwrap_or_default());
    let mut findings = vec![https(url, &uri), host(url, &uri, gateway.as_ref())];
    findings.extend(path_and_stage(url, &uri, gateway.as_ref(), config));
    findings.extend(gateway.as_ref().map(|gateway| in_region(gateway, region)));
    findings.into_iter().map(|finding| finding.about(url)).collect()
}

/// An address of API Gateway's own: `API.execute-api.REGION.amazonaws.com`, or `API-VPCE.execute-api.…` for a private API.
struct Gateway {
    region: String,
    is_endpoint: bool,
}

impl Gateway {
    fn of(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
        let mut labels = host.split('.');
        let (_, service, region) = (labels.next()?, labels.next()?, labels.next()?);
        let is_endpoint = match (labels.next(), labels.next()) {
            (None, None) => false,
            (Some("vpce"), None) => true,
            _ => return None,
        };
        (service == "execute-api").then(|| Self { region: region.to_owned(), is_endpoint })
    }
}

fn https(url: &str, uri: &Uri) -> Finding {
    let scheme = uri.scheme_str().unwrap_or_default();
    match (is_confidential(url), scheme) {
        (true, "https") => Finding::ok(Item::AcsUrlHttps, scheme),
        (true, _) => Finding::ok(Item::AcsUrlHttps, format!("{scheme}, within this machine")),
        (false, _) => Finding::error(
            Item::AcsUrlHttps,
            format!("{scheme}: a response would travel in the clear, and the service does not start"),
            "write https in STUDIO_ACS_ACS_URL and in Application ACS URL; a TLS proxy may stand before `serve`",
        ),
    }
}

fn host(url: &str, uri: &Uri, gateway: Option<&Gateway>) -> Finding {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if gateway.is_some_and(|gateway| gateway.is_endpoint) {
        return Finding::error(
            Item::AcsUrlHost,
            format!("{authority} is the VPC endpoint's own name, which wants a header that browsers do not send"),
            "write API-ID.execute-api.REGION.amazonaws.com, or API-ID-VPCE-ID.execute-api.REGION.amazonaws.com where private DNS is off",
        );
    }
    let warning = |found: String, fix: &str| Finding::warning(Item::AcsUrlHost, found, fix);
    let to_the_letter = "make Application ACS URL and STUDIO_ACS_ACS_URL the same, to the letter, best in lower case and without the port";
    if authority.chars().any(|c| c.is_ascii_uppercase()) {
        return warning(format!("{authority} has capitals, and URLs are compared as they stand"), to_the_letter);
    }
    if (uri.scheme_str(), uri.port_u16()) == (Some("https"), Some(443)) {
        return warning(format!("{authority} names the port that https has anyway"), to_the_letter);
    }
    if url.contains(['?', '#']) {
        return warning("there is something after the path".to_owned(), "leave ? and # out of the ACS URL");
    }
    Finding::ok(Item::AcsUrlHost, authority)
}

fn path_and_stage(url: &str, uri: &Uri, gateway: Option<&Gateway>, config: &Config) -> Vec<Finding> {
    let (path, served, has_token_api) = (uri.path(), config.acs_path.as_str(), !config.token_issuers.is_empty());
    let bare = path.strip_suffix('/').filter(|bare| bare.ends_with(served)).unwrap_or(path);
    let Some(before) = bare.strip_suffix(served) else { return vec![wrong_path(path, gateway, served)] };
    let stage = match (gateway, before.strip_prefix('/')) {
        (Some(_), None) => Finding::error(
            Item::AcsUrlStage,
            format!("{path} has no stage before {served}"),
            format!(
                "write …/STAGE{served}, such as /prod{served}, here and in Application ACS URL; only a custom domain, or an HTTP API's $default stage, which is never private, goes without"
            ),
        ),
        (Some(_), Some("$default")) => Finding::error(
            Item::AcsUrlStage,
            format!("{path} names the stage $default, which an HTTP API serves without a name"),
            format!("take /$default off: {served} stands behind the host, here and in Application ACS URL"),
        ),
        (Some(_), Some(stage)) if stage.contains('/') || stage.is_empty() => Finding::error(
            Item::AcsUrlStage,
            format!("{before} is no stage: it is one name"),
            format!("write …/STAGE{served}, or set STUDIO_ACS_ACS_PATH to what follows the stage"),
        ),
        (Some(_), Some(stage)) => Finding::ok(Item::AcsUrlStage, stage),
        (None, None) => Finding::ok(Item::AcsUrlStage, "none, as there is no host of API Gateway's"),
        (None, Some(_)) => base_path(url, path, before, served, has_token_api),
    };
    let path = match path.strip_prefix(bare) {
        Some("/") => Finding::warning(
            Item::AcsUrlPath,
            format!("{path} ends with a slash, which is served, and URLs are compared to the last character"),
            "write the slash in both STUDIO_ACS_ACS_URL and Application ACS URL, or better in neither",
        ),
        _ => Finding::ok(Item::AcsUrlPath, path),
    };
    vec![path, stage]
}

/// A custom domain's mapping has a base path, and so may a proxy. A custom domain hides the stage, though.
fn base_path(url: &str, path: &str, before: &str, served: &str, has_token_api: bool) -> Finding {
    match BasePath::of(url, served, has_token_api) {
        BasePath::Unserved(reason) => Finding::error(
            Item::AcsUrlStage,
            format!("{before} stands before {served}, and nothing is served there: {reason}"),
            format!("leave {before} out, or set STUDIO_ACS_ACS_PATH to {path}, unless a proxy takes {before} off"),
        ),
        BasePath::Served(_) | BasePath::None => Finding::warning(
            Item::AcsUrlStage,
            format!("{before} stands before {served}, so every route is served under {before} too"),
            format!(
                "if {before} is the base path of the custom domain's mapping, or of a proxy, leave it so; a stage is none: a custom domain hides it, so leave that out"
            ),
        ),
    }
}

fn wrong_path(path: &str, gateway: Option<&Gateway>, served: &str) -> Finding {
    let found = format!("{path} does not end with {served}");
    if path.trim_end_matches('/').ends_with(served) {
        let fix =
            "take the slashes off the end of STUDIO_ACS_ACS_URL and of Application ACS URL: nothing is served there";
        return Finding::error(Item::AcsUrlPath, found, fix);
    }
    let fix = format!("let the ACS URL end with {served}, or set STUDIO_ACS_ACS_PATH to what follows the stage");
    match gateway {
        Some(_) => Finding::error(Item::AcsUrlPath, found, fix),
        None => Finding::warning(Item::AcsUrlPath, found, format!("{fix}; only a proxy could change the path")),
    }
}

fn in_region(gateway: &Gateway, region: Option<&str>) -> Finding {
    match region {
        None => {
            Finding::skipped(Item::AcsUrlRegion, format!("{}; ours is not known", gateway.region), "set AWS_REGION")
        }
        Some(region) if region == gateway.region => Finding::ok(Item::AcsUrlRegion, region),
        Some(region) => Finding::error(
            Item::AcsUrlRegion,
            format!("the URL is in {}, and AWS_REGION is {region}", gateway.region),
            format!("set AWS_REGION={} if that is where the service runs, or correct the ACS URL", gateway.region),
        ),
    }
}
