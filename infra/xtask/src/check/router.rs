//! Reads `functions/<family>/src/lib.rs`: one `.route("/path", post(endpoint::handle))` per endpoint.

use super::{Handlers, Problems, Route};

const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

/// Ways to add a route that would hide it from a reader, and from this check.
const HIDING: [&str; 3] = [".nest(", ".merge(", ".route_service("];

pub(super) fn read(family: &str, source: &str, problems: &mut Problems) -> Handlers {
    let place = format!("functions/{family}/src/lib.rs");
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();

    for call in HIDING.iter().filter(|call| code.contains(**call)) {
        problems.push(format!(
            "{place}: `{call}…)` hides routes; write one `.route(` per endpoint"
        ));
    }

    let mut routes = Handlers::new();
    for arguments in code.split(".route(").skip(1) {
        let Some((path, method, endpoint)) = route(arguments) else {
            let start = arguments.trim_start().lines().next().unwrap_or_default();
            problems.push(format!(
                "{place}: `.route({start}` is not of the form \
                 `.route(\"/path\", post(endpoint::handle))`"
            ));
            continue;
        };
        let (family, method, path) = (family.to_owned(), method.to_uppercase(), path.to_owned());
        routes.insert(
            Route {
                family,
                method,
                path,
            },
            endpoint.to_owned(),
        );
    }
    routes
}

/// The path, method and endpoint of `"/path", post(endpoint::handle))`, on one line or, where that
/// gets too long for rustfmt, on several.
fn route(arguments: &str) -> Option<(&str, &str, &str)> {
    let (path, rest) = arguments.trim_start().strip_prefix('"')?.split_once('"')?;
    let (method, rest) = rest.trim_start().strip_prefix(',')?.split_once('(')?;
    let (handler, rest) = rest.split_once(')')?;
    let closing = rest.trim_start();
    closing
        .strip_prefix(',')
        .unwrap_or(closing)
        .trim_start()
        .strip_prefix(')')?;

    let method = method.trim().rsplit("::").next()?;
    let endpoint = handler.trim().strip_suffix("::handle")?;
    (METHODS.contains(&method) && path.starts_with('/')).then_some((path, method, endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(source: &str) -> (Vec<String>, Problems) {
        let mut problems = Problems::new();
        let routes = read("storage", source, &mut problems)
            .into_iter()
            .map(|(route, endpoint)| format!("{route} by {endpoint}"))
            .collect();
        (routes, problems)
    }

    #[test]
    fn reads_a_route_on_one_line_and_on_several() {
        let (routes, problems) = routes(
            r#"
            Router::new()
                // .route("/gone", post(gone::handle))
                .route("/api/v1/desktop/insert", post(insert::handle))
                .route("/api/v1/desktop/delete", routing::delete(delete::handle))
                .route(
                    "/api/v1/desktop/generate_download_url",
                    post(generate_download_url::handle),
                )
                .with_state(app)
            "#,
        );
        assert_eq!(
            routes,
            [
                "DELETE /api/v1/desktop/delete (storage) by delete",
                "POST /api/v1/desktop/generate_download_url (storage) by generate_download_url",
                "POST /api/v1/desktop/insert (storage) by insert",
            ]
        );
        assert_eq!(problems, Problems::new());
    }

    #[test]
    fn a_route_that_cannot_be_read_is_reported() {
        for unreadable in [
            r".route(PATH, post(insert::handle))",
            r#".route("insert", post(insert::handle))"#,
            r#".route("/insert", post(insert::run))"#,
            r#".route("/insert", any(insert::handle))"#,
            r#".route("/insert", post(insert::handle).put(insert::handle))"#,
            r#".route("/insert", post(insert::handle)"#,
        ] {
            let (routes, problems) = routes(unreadable);
            assert_eq!(routes, Vec::<String>::new(), "{unreadable}");
            assert_eq!(problems.len(), 1, "{unreadable}");
            assert!(problems[0].starts_with("functions/storage/src/lib.rs: `.route("));
        }
    }

    #[test]
    fn a_hidden_route_is_reported() {
        let (_, problems) = routes(r#".nest("/api", inner())"#);
        assert_eq!(
            problems,
            ["functions/storage/src/lib.rs: `.nest(…)` hides routes; \
                 write one `.route(` per endpoint"]
        );
    }
}
