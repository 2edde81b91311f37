//! The path of an event → the path of a route: without what the gateway's address has before it.
//!
//! Events say in three ways what stands before the API's own path: the stage of the gateway's own address, the base path of a
//! custom domain's mapping, and both where a mapping names no stage. With payload format 2.0 reports differ on what a custom
//! domain's event has. The route that the gateway chose tells them apart; without one (`$default`) the router is asked twice.

use super::fields::Lists;

/// The path of an event, as the router compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathOfEvent {
    pub(super) path: String,
    /// The path to try if nothing is served at the other one.
    pub(super) alternative: Option<String>,
}

impl PathOfEvent {
    /// The path of an event with this route of the API, its parameters, and its stage where `path` may have it.
    pub(super) fn new(
        path: String,
        route: Option<&str>,
        parameters: &Lists,
        stage: Option<&str>,
        domain: Option<&str>,
    ) -> Self {
        if let Some(path) = route.and_then(|route| in_api(&path, &expanded(route, parameters)?)) {
            return Self { path, alternative: None };
        }
        let Some(without) = stage.and_then(|stage| without_stage(&path, stage)) else {
            return Self { path, alternative: None };
        };
        // The gateway's own address always has the stage. A custom domain's may have a route of ours of the same name.
        if domain.is_some_and(|domain| domain.contains(".execute-api.")) {
            return Self { path: without, alternative: None };
        }
        Self { path, alternative: Some(without) }
    }
}

/// `/saml/{proxy+}` with its parameters → `/saml/continue`; `None` where the event does not have them.
fn expanded(route: &str, parameters: &Lists) -> Option<String> {
    let mut path = String::new();
    for segment in route.strip_prefix('/')?.split('/') {
        path.push('/');
        match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                let name = name.strip_suffix('+').unwrap_or(name);
                let (_, values) = parameters.iter().find(|(parameter, _)| parameter == name)?;
                path.push_str(values.first()?);
            }
            None => path.push_str(segment),
        }
    }
    Some(path)
}

/// The end of `path` that the route is; `None` where the route is not its end, or what stands before it is no base path. The
/// route's parameters are without a slash at the end of the path.
fn in_api(path: &str, route: &str) -> Option<String> {
    let slash = if path.len() > 1 && path.ends_with('/') { "/" } else { "" };
    let bare = path.strip_suffix(slash)?;
    let route = route.strip_suffix('/').unwrap_or(route);
    let before = bare.strip_suffix(route)?;
    is_base_path(before).then(|| format!("{route}{slash}")).filter(|path| path.starts_with('/'))
}

/// Whether `before` is nothing, or whole segments with a name each.
fn is_base_path(before: &str) -> bool {
    let mut segments = before.split('/');
    segments.next() == Some("") && segments.all(|segment| !matches!(segment, "" | "." | ".."))
}

/// `/prod/saml` → `/saml`.
fn without_stage(path: &str, stage: &str) -> Option<String> {
    let rest = path.strip_prefix('/')?.strip_prefix(stage)?;
    match rest {
        "" => Some("/".to_owned()),
        rest => rest.starts_with('/').then(|| rest.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(
        path: &str,
        route: Option<&str>,
        proxy: &str,
        stage: Option<&str>,
        domain: Option<&str>,
    ) -> (String, Option<String>) {
        let parameters = vec![("proxy".to_owned(), vec![proxy.to_owned()])];
        let parameters = if proxy.is_empty() { Vec::new() } else { parameters };
        let PathOfEvent { path, alternative } = PathOfEvent::new(path.to_owned(), route, &parameters, stage, domain);
        (path, alternative)
    }

    #[test]
    fn a_route_says_what_stands_before_it() {
        let all = Some("/{proxy+}");
        for (event, route, proxy, stage, expected) in [
            // As localstack measured (its pull request 12296): a mapping without base path and stage, with both, with each.
            ("/prod/saml", all, "saml", Some("prod"), "/saml"),
            ("/base/prod/saml", all, "saml", Some("prod"), "/saml"),
            ("/base/saml/continue", all, "saml/continue", Some("prod"), "/saml/continue"),
            ("/saml", all, "saml", Some("saml"), "/saml"),
            // A stage, and a base path of several segments, that are named like routes of ours.
            ("/saml/saml", all, "saml", Some("saml"), "/saml"),
            ("/studio/alice", all, "studio/alice", Some("studio"), "/studio/alice"),
            ("/studio/healthz/saml", all, "saml", Some("prod"), "/saml"),
            // Resources of their own, and a slash at the end.
            ("/base/saml", Some("/saml"), "", Some("prod"), "/saml"),
            ("/base/saml/review", Some("/saml/{proxy+}"), "review", Some("prod"), "/saml/review"),
            ("/base/saml/", all, "saml", Some("prod"), "/saml/"),
            ("/saml/", Some("/saml"), "", Some("saml"), "/saml/"),
        ] {
            assert_eq!(path(event, route, proxy, stage, None), (expected.to_owned(), None), "{event} {route:?}");
        }
    }

    #[test]
    fn only_a_base_path_stands_before_a_route() {
        for event in ["//healthz", "/../healthz", "/x/./healthz", "/x//healthz", "xhealthz", "/xhealthz"] {
            assert_eq!(path(event, Some("/{proxy+}"), "healthz", None, None), (event.to_owned(), None));
        }
        assert_eq!(path("/", Some("/"), "", Some("prod"), None), ("/".to_owned(), None));
    }

    #[test]
    fn without_a_route_the_gateways_own_address_has_the_stage() {
        let own = Some("abc123.execute-api.eu-central-1.amazonaws.com");
        for (event, domain, expected, alternative) in [
            ("/saml/saml", own, "/saml", None),
            ("/saml/continue", own, "/continue", None),
            ("/saml", own, "/", None),
            ("/saml", Some("studio.corp.example"), "/saml", Some("/")),
            ("/saml/saml", Some("studio.corp.example"), "/saml/saml", Some("/saml")),
            ("/saml/continue", None, "/saml/continue", Some("/continue")),
            ("/samlx", own, "/samlx", None),
            ("/healthz", own, "/healthz", None),
        ] {
            for route in [None, Some("$default")] {
                let expected = (expected.to_owned(), alternative.map(str::to_owned));
                assert_eq!(path(event, route, "", Some("saml"), domain), expected, "{event} {domain:?}");
            }
        }
    }
}
