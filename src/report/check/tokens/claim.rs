//! The names of claims: one's own name, a JSON Pointer, or names with dots between.

use super::super::severity::Severity;

/// The beginnings and the parts that a JSONPath or another expression has, and no claim's name.
const BEGINNINGS: [&str; 4] = ["$.", "$[", "@.", "@["];
const PARTS: [&str; 4] = ["[*]", "['", "[\"", "->"];

/// Why no claim is found by `path`: an error where it is none's name, and a warning where some issuer may call a claim so.
pub(super) fn unfit(path: &str) -> Option<(Severity, &'static str)> {
    let is_url = path.contains("://");
    let has_empty_part = |mark: char| path.split(mark).any(str::is_empty);
    if BEGINNINGS.iter().any(|beginning| path.starts_with(beginning)) || PARTS.iter().any(|part| path.contains(part)) {
        Some((Severity::Error, "a JSONPath or an expression"))
    } else if path.contains('*') {
        Some((Severity::Error, "a pattern, and a path leads to one claim"))
    } else if ["realm_access/", "resource_access/"].iter().any(|object| path.starts_with(object)) {
        Some((Severity::Error, "a path with / between and none at its start"))
    } else if !is_url
        && (has_empty_part('.') || path.strip_prefix('/').is_some_and(|rest| rest.split('/').any(str::is_empty)))
    {
        Some((Severity::Error, "a path with an empty name in it"))
    } else if path.starts_with(['$', '@']) || path.contains(['[', ']']) {
        Some((Severity::Warning, "an expression, unless a claim has this very name"))
    } else if path.contains(',') || path.contains(char::is_whitespace) {
        Some((Severity::Warning, "a list or several words, unless a claim has this very name"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_nowhere_are_told() {
        for path in
            ["groups[0]", "@groups", "$sub", "sub,email", "sub email", "User Groups", "https://corp.example/a b"]
        {
            assert_eq!(unfit(path).map(|(severity, _)| severity), Some(Severity::Warning), "{path}");
        }
        for path in [
            "$.sub",
            "$['sub']",
            "$.realm_access.roles[*]",
            "groups[*]",
            "realm_access['roles']",
            "@.groups",
            "realm_access..roles",
            ".sub",
            "sub.",
            "realm_access.",
            "/realm_access//roles",
            "/sub/",
            "realm_access->roles",
            "$['sub'], $['email']",
            "realm_access/roles",
            "resource_access.*.roles",
            "*",
        ] {
            assert_eq!(unfit(path).map(|(severity, _)| severity), Some(Severity::Error), "{path}");
        }
        for path in [
            "sub",
            "/sub",
            "realm_access.roles",
            "/realm_access/roles",
            "cognito:groups",
            "custom:groups",
            "https://corp.example/groups",
            "https://corp.example/claims/",
            "resource_access.my-app.roles",
            "urn:corp:groups",
        ] {
            assert_eq!(unfit(path), None, "{path}");
        }
    }
}
