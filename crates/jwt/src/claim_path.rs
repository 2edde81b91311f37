//! Where a claim is: a claim's own name; a JSON Pointer (RFC 6901), `/realm_access/roles`; or names with dots between,
//! `realm_access.roles`. The first of them that is there counts, so that names with dots and slashes in them
//! (`https://corp.example/groups`) are still names.

use serde_json::{Map, Value};

/// The most dots of a path. One more is only a name.
const MOST_DOTS: usize = 8;

/// Returns the value at `path`; `None` if it is absent.
pub(crate) fn find<'m>(members: &'m Map<String, Value>, path: &str) -> Option<&'m Value> {
    members.get(path).or_else(|| pointed(members, path)).or_else(|| dotted(members, path))
}

/// Whether the claim `name` is the one at `path`, or one that it may lead into, whichever way the path is read: the claim
/// need not be there.
pub(crate) fn leads_into(path: &str, name: &str) -> bool {
    let is_name = path == name;
    let is_pointed = || path.strip_prefix('/')?.split('/').next().map(|first| unescaped(first) == name);
    let is_before_a_dot = || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    is_name || is_pointed() == Some(true) || is_before_a_dot()
}

/// The claims that say where others are (OpenID Connect Core 5.6.2), or that there are some (Entra ID), and hold none.
const OF_ELSEWHERE: [&str; 3] = ["_claim_names", "_claim_sources", "hasgroups"];

/// Whether `path` leads into a claim that says where others are, so that no value there is a user's or a group's.
pub fn is_of_elsewhere(path: &str) -> bool {
    OF_ELSEWHERE.iter().any(|name| leads_into(path, name))
}

fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

fn pointed<'m>(members: &'m Map<String, Value>, path: &str) -> Option<&'m Value> {
    let mut names = path.strip_prefix('/')?.split('/').map(unescaped);
    let first = members.get(&names.next()?)?;
    names.try_fold(first, |value, name| value.as_object()?.get(&name))
}

/// A name in the middle may have dots itself, as the client `my.app` in `resource_access.my.app.roles`: the longest
/// name that leads to the end of the path counts.
fn dotted<'m>(members: &'m Map<String, Value>, path: &str) -> Option<&'m Value> {
    if path.matches('.').count() > MOST_DOTS {
        return None;
    }
    path.rmatch_indices('.').find_map(|(at, _)| {
        let (name, rest) = path.split_at_checked(at)?;
        let inner = members.get(name)?.as_object()?;
        let rest = rest.strip_prefix('.')?;
        inner.get(rest).or_else(|| dotted(inner, rest))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_comes_before_a_pointer_and_a_pointer_before_dots() {
        let claims = json!({
            "groups": ["a"],
            "realm_access": {"roles": ["b"], "a.b": {"c": "inner"}, "a/b": "slash", "a~b": "tilde"},
            "realm_access.roles.x": ["c"],
            "resource_access": {"account": {"roles": ["d"]}, "my.app": {"roles": ["e"]}, "my": {"app": "f"}},
            "https://corp.example/groups": ["g"],
            "https://corp": {"example/groups": ["never"]},
            "cognito:groups": ["h"],
            "/odd": ["i"],
            "odd": ["j"],
        });
        let members = claims.as_object().expect("an object");
        for (path, value) in [
            ("groups", json!(["a"])),
            ("/groups", json!(["a"])),
            ("realm_access.roles", json!(["b"])),
            ("/realm_access/roles", json!(["b"])),
            ("realm_access.roles.x", json!(["c"])),
            ("realm_access.a.b.c", json!("inner")),
            ("/realm_access/a.b/c", json!("inner")),
            ("/realm_access/a~1b", json!("slash")),
            ("/realm_access/a~0b", json!("tilde")),
            ("resource_access.account.roles", json!(["d"])),
            ("resource_access.my.app.roles", json!(["e"])),
            ("resource_access.my.app", claims["resource_access"]["my.app"].clone()),
            ("/resource_access/my/app", json!("f")),
            ("https://corp.example/groups", json!(["g"])),
            ("cognito:groups", json!(["h"])),
            ("/odd", json!(["i"])),
        ] {
            assert_eq!(find(members, path), Some(&value), "{path}");
        }
        for path in [
            "",
            "/",
            ".",
            "..",
            "groups.a",
            "/groups/0",
            "realm_access.",
            ".realm_access",
            "realm_access..roles",
            "//realm_access",
            "/realm_access/roles/",
            "realm_access/roles",
            "Realm_access.roles",
            "a.a.a.a.a.a.a.a.a.a.a.a",
        ] {
            assert_eq!(find(members, path), None, "{path}");
        }
    }

    #[test]
    fn a_path_has_as_many_dots_as_it_may() {
        let deep = |dots: usize| (0..dots).fold(json!("found"), |inner, _| json!({"a": inner}));
        for (dots, expected) in [(MOST_DOTS - 1, true), (MOST_DOTS, true), (MOST_DOTS + 1, false)] {
            let claims = json!({"a": deep(dots)});
            let path = ["a"].repeat(dots + 1).join(".");
            let found = find(claims.as_object().expect("an object"), &path);
            assert_eq!(found.is_some(), expected, "{path}");
        }
    }

    #[test]
    fn a_claim_that_says_where_others_are_holds_none() {
        for path in ["hasgroups", "_claim_names.groups", "/_claim_names/groups", "_claim_sources.src1.endpoint"] {
            assert!(is_of_elsewhere(path), "{path}");
        }
        for path in ["groups", "hasgroups2", "claim_names.groups", "realm_access._claim_names", "/groups"] {
            assert!(!is_of_elsewhere(path), "{path}");
        }
    }

    #[test]
    fn a_path_leads_into_a_claim_whether_or_not_it_is_there() {
        for (path, name) in [
            ("groups", "groups"),
            ("/groups", "groups"),
            ("realm_access.roles", "realm_access"),
            ("realm_access.roles", "realm_access.roles"),
            ("/realm_access/roles", "realm_access"),
            ("resource_access.my.app.roles", "resource_access"),
            ("resource_access.my.app.roles", "resource_access.my.app"),
            ("https://corp.example/groups", "https://corp.example/groups"),
            ("/https:~1~1corp.example~1groups", "https://corp.example/groups"),
            ("/https:~1~1corp.example~1claims/groups", "https://corp.example/claims"),
            ("/a~01/b", "a~1"),
            ("cognito:groups", "cognito:groups"),
            ("/odd", "/odd"),
        ] {
            assert!(leads_into(path, name), "{path} {name}");
        }
        for (path, name) in [
            ("groups", "group"),
            ("groups", ""),
            ("groups", "groups.a"),
            ("realm_access.roles", "realm"),
            ("realm_access.roles", "roles"),
            ("/realm_access/roles", "roles"),
            ("realm_access/roles", "realm_access"),
            ("https://corp.example/groups", "https:"),
        ] {
            assert!(!leads_into(path, name), "{path} {name}");
        }
    }
}
