//! Reads `Cargo.toml`'s table of the paths that `cargo lambda watch` serves: `"/path" = "family"`.

use std::collections::BTreeSet;

use super::{Problems, Route};

const TABLE: &str = "[workspace.metadata.lambda.watch.router]";

/// The table names no methods, so it is compared by family and path.
pub(super) fn check(manifest: &str, wanted: &BTreeSet<Route>, problems: &mut Problems) {
    let watched: BTreeSet<(&str, &str)> = manifest
        .lines()
        .skip_while(|line| *line != TABLE)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(row)
        .collect();
    let routed: BTreeSet<(&str, &str)> = wanted
        .iter()
        .map(|route| (route.family.as_str(), route.path.as_str()))
        .collect();
    for (family, path) in routed.difference(&watched) {
        problems.push(format!("Cargo.toml: {TABLE} lacks {path} ({family})"));
    }
    for (family, path) in watched.difference(&routed) {
        problems.push(format!(
            "Cargo.toml: {TABLE} has {path} ({family}), which no router serves"
        ));
    }
}

fn row(line: &str) -> Option<(&str, &str)> {
    let (path, family) = line.split_once('=')?;
    Some((
        family.trim().trim_matches('"'),
        path.trim().trim_matches('"'),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(rows: &str) -> Problems {
        let manifest =
            format!("[workspace]\n\"/x\" = \"y\"\n\n{TABLE}\n{rows}\n[profile.dev]\ndebug = 1\n");
        let wanted = BTreeSet::from([Route {
            family: "storage".to_owned(),
            method: "POST".to_owned(),
            path: "/api/v1/desktop/insert".to_owned(),
        }]);
        let mut problems = Problems::new();
        check(&manifest, &wanted, &mut problems);
        problems
    }

    #[test]
    fn a_path_that_is_missing_or_leads_elsewhere_is_reported() {
        assert_eq!(
            problems("\"/api/v1/desktop/insert\" = \"storage\""),
            Problems::new()
        );
        assert_eq!(problems("").len(), 1);
        assert_eq!(problems("\"/api/v1/desktop/insert\" = \"signup\"").len(), 2);
    }
}
