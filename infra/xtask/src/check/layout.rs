//! Whoever reads an endpoint's name finds its file, and can read that file in one sitting.

use std::path::{Path, PathBuf};

use super::{Handlers, Problems, entries, read};

const LINES_MAX: usize = 450;

pub(super) fn check(root: &Path, handlers: &Handlers, problems: &mut Problems) {
    for (route, endpoint) in handlers {
        let place = format!("functions/{}/src/{endpoint}.rs", route.family);
        if !root.join(&place).is_file() {
            problems.push(format!(
                "{place}: is missing, though the router sends {route} there"
            ));
        }
    }
    for package in packages(root, problems) {
        refuse_long_files(root, &package.join("src"), problems);
    }
}

/// The folders of the workspace that hold a package.
fn packages(root: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let mut folders = entries(&root.join("functions"), problems);
    folders.extend(entries(&root.join("infra"), problems));
    folders.push(root.join("shared"));
    folders.retain(|folder| folder.join("Cargo.toml").is_file());
    folders
}

fn refuse_long_files(root: &Path, folder: &Path, problems: &mut Problems) {
    for path in entries(folder, problems) {
        if path.is_dir() {
            refuse_long_files(root, &path, problems);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let place = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            let lines = read(root, &place, problems).map_or(0, |text| text.lines().count());
            if lines > LINES_MAX {
                problems.push(format!(
                    "{place}: has {lines} lines; {LINES_MAX} is the limit"
                ));
            }
        }
    }
}
