//! `cargo xtask check`: the router of a family says which endpoints there are; the template deploys
//! them, the events replay them and the README lists them. Whoever adds one is told what is missing.

mod events;
mod layout;
mod readme;
mod router;
mod template;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// What `run` saw. No problem means that all four places agree.
pub(crate) struct Outcome {
    pub(crate) endpoints: usize,
    pub(crate) families: usize,
    pub(crate) problems: Problems,
}

/// Each is one sentence that begins with the place to mend.
type Problems = Vec<String>;

/// One endpoint, as any of the four places states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Route {
    family: String,
    method: String,
    path: String,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.path, self.family)
    }
}

/// The routers' routes, each with the module that handles it: `post(insert::handle)` → `insert`.
type Handlers = BTreeMap<Route, String>;

pub(crate) fn run(root: &Path) -> Outcome {
    let mut problems = Problems::new();

    let mut families = families(root, &mut problems);
    let jobs = jobs(root, &families);
    families.retain(|family| !jobs.contains(family));
    let handlers = read_handlers(root, &families, &mut problems);
    let wanted: BTreeSet<Route> = handlers.keys().cloned().collect();

    if let Some(text) = read(root, "template.yaml", &mut problems) {
        let deployed = template::read(&text, &wanted, &mut problems);
        compare("template.yaml", &wanted, &deployed, &mut problems);
    }
    if let Some(text) = read(root, "Cargo.toml", &mut problems) {
        watch::check(&text, &wanted, &mut problems);
    }
    if let Some(text) = read(root, "README.md", &mut problems) {
        compare("README.md", &wanted, &readme::read(&text), &mut problems);
    }
    let replayed = events::read(root, &handlers, &jobs, &mut problems);
    compare("events/", &wanted, &replayed, &mut problems);
    layout::check(root, &handlers, &mut problems);

    Outcome {
        endpoints: wanted.len(),
        families: families.len(),
        problems,
    }
}

fn compare(
    place: &str,
    wanted: &BTreeSet<Route>,
    found: &BTreeSet<Route>,
    problems: &mut Problems,
) {
    for route in wanted.difference(found) {
        problems.push(format!("{place}: lacks {route}, which the router serves"));
    }
    for route in found.difference(wanted) {
        problems.push(format!("{place}: has {route}, which no router serves"));
    }
}

fn families(root: &Path, problems: &mut Problems) -> Vec<String> {
    let families: Vec<String> = entries(&root.join("functions"), problems)
        .iter()
        .filter(|path| path.is_dir())
        .filter_map(|path| file_name(path))
        .collect();
    if families.is_empty() {
        problems.push("functions/: holds no family".to_owned());
    }
    families
}

/// The functions that a schedule or a topic invokes: they have no routes.
fn jobs(root: &Path, families: &[String]) -> Vec<String> {
    const RUNS: [&str; 2] = ["run_scheduled(", "run_notified("];
    let is_job = |family: &&String| {
        let main = root.join(format!("functions/{family}/src/main.rs"));
        fs::read_to_string(main).is_ok_and(|source| RUNS.iter().any(|run| source.contains(run)))
    };
    families.iter().filter(is_job).cloned().collect()
}

fn read_handlers(root: &Path, families: &[String], problems: &mut Problems) -> Handlers {
    let mut handlers = Handlers::new();
    for family in families {
        let place = format!("functions/{family}/src/lib.rs");
        let Some(source) = read(root, &place, problems) else {
            continue;
        };
        let routes = router::read(family, &source, problems);
        if routes.is_empty() {
            problems.push(format!("{place}: routes nothing"));
        }
        handlers.extend(routes);
    }
    handlers
}

fn read(root: &Path, place: &str, problems: &mut Problems) -> Option<String> {
    fs::read_to_string(root.join(place))
        .map_err(|error| problems.push(format!("{place}: {error}")))
        .ok()
}

/// What lies in a folder, in a fixed order.
fn entries(folder: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).and_then(|listing| {
        listing
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>, _>>()
    });
    match listed {
        Ok(mut paths) => {
            paths.sort();
            paths
        }
        Err(error) => {
            problems.push(format!("{}: {error}", folder.display()));
            Vec::new()
        }
    }
}

fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

#[cfg(test)]
mod tests;
