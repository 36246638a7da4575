//! The project's own chores: `cargo xtask <chore>`.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool answers on its standard output"
)]

mod check;
mod secret;
mod smoke;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use secrecy::ExposeSecret;

#[derive(Parser)]
#[command(about, bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Routers, template.yaml, events/ and README.md name the same endpoints; the tree keeps its rules.
    Check,
    /// Print a first value for a deployment's secret, with fresh keys.
    Secret,
    /// Walk through a running service as a user does, and say where it breaks.
    Smoke(smoke::Options),
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Check => report(&check::run(&workspace_root())),
        Chore::Secret => match secret::fresh() {
            Ok(document) => {
                println!("{}", document.expose_secret());
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("secret: {error}");
                ExitCode::FAILURE
            }
        },
        Chore::Smoke(options) => match smoke::run(&options) {
            Ok(steps) => {
                println!("smoke: {steps} steps passed");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("smoke: {error}");
                ExitCode::FAILURE
            }
        },
    }
}

fn report(outcome: &check::Outcome) -> ExitCode {
    for problem in &outcome.problems {
        eprintln!("check: {problem}");
    }
    println!(
        "check: {} endpoints in {} families, {} problems",
        outcome.endpoints,
        outcome.families,
        outcome.problems.len(),
    );
    if outcome.problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The check reads the tree it was built from, wherever it is called.
fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
