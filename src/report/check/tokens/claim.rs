//! The names of claims: one's own name, a JSON Pointer, or names with dots between.

/// Why no claim is found by `path`, whatever a token has.
pub(super) fn unfit(path: &str) -> Option<&'static str> {
    let is_url = path.contains("://");
    let has_empty_part = |mark: char| path.split(mark).any(str::is_empty);
    if path.starts_with(['$', '@']) || path.contains(['[', ']']) || path.contains("->") {
        Some("a JSONPath or an expression")
    } else if path.contains(',') || path.contains(char::is_whitespace) {
        Some("a list, or a name with a space")
    } else if !is_url
        && (has_empty_part('.') || path.strip_prefix('/').is_some_and(|rest| rest.split('/').any(str::is_empty)))
    {
        Some("a path with an empty name in it")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_nowhere_are_told() {
        for path in [
            "$.sub",
            "$['sub']",
            "$.realm_access.roles[*]",
            "groups[*]",
            "groups[0]",
            "realm_access['roles']",
            "@.groups",
            "realm_access..roles",
            ".sub",
            "sub.",
            "realm_access.",
            "/realm_access//roles",
            "/sub/",
            "realm_access->roles",
            "sub,email",
            "sub email",
        ] {
            assert!(unfit(path).is_some(), "{path}");
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
