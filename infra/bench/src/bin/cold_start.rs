//! `cargo run --release -p bench --bin cold_start`: from the start of a function's process to its
//! first answer, beside a bare Rust function that reads one record.
//!
//! It builds the functions' release binaries and runs them in turn under a Lambda Runtime API,
//! against embedded servers on loopback, each with one event that needs the secret and the records.
//! No event hashes a password, which takes time and memory on purpose.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bench::{Durations, verdict};
use testkit::TestApp;
use testkit::lambda::{Lambda, Person, events_of};

const ROUNDS: usize = 15;
const RATIO_MAX: f64 = 2.0;
const RSS_MIB_MAX: f64 = 40.0;
/// 10^6 bytes to the megabyte.
const SIZE_MB_MAX: f64 = 14.0;

/// What is started, and the file of `events/` that it answers.
const STARTS: [(&str, &str); 7] = [
    // Answers any event; everything is measured against it, so it comes first.
    ("bare", "log-settings/get_accountlogsetting.json"),
    ("cloud-accounts", "cloud-accounts/refresh_token.json"),
    ("log-settings", "log-settings/get_accountlogsetting.json"),
    ("signup", "signup/confirm_signup.json"),
    ("storage", "storage/generate_download_url.json"),
    // This one asks the provider too: a third client, and one more round trip.
    ("storage", "storage/list_buckets.json"),
    // Ends the session that the others need.
    ("auth", "auth/logout.json"),
];

struct Measured {
    name: &'static str,
    event: &'static str,
    binary: PathBuf,
    durations: Durations,
    rss_mib: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = build()?;
    let mut table: Vec<Measured> = STARTS
        .map(|(name, event)| Measured {
            name,
            event,
            binary: folder.join(name),
            durations: Durations::default(),
            rss_mib: 0.0,
        })
        .into();

    let app = TestApp::start().await;
    // The first round brings the binaries into the page cache.
    for round in 0..=ROUNDS {
        let person = Person::new(&app, &format!("person{round}")).await;
        person.set_up_logs().await;
        for row in &mut table {
            measure(&app, &person, row, round > 0).await?;
        }
    }
    print(&table)
}

/// Builds what is measured, apart from this program, as a deployment builds it: what this program
/// depends on would turn on more features. Answers the folder of the binaries.
fn build() -> Result<PathBuf, Box<dyn Error>> {
    let functions = [
        "-pauth",
        "-pcloud-accounts",
        "-plog-settings",
        "-psignup",
        "-pstorage",
    ];
    for packages in [&functions[..], &["-pbench", "--bin=bare"]] {
        let built = Command::new("cargo")
            .args(["build", "--release"])
            .args(packages)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()?;
        if !built.success() {
            return Err("the binaries could not be built".into());
        }
    }
    let this = std::env::current_exe()?;
    let profiles = this.parent().and_then(Path::parent);
    Ok(profiles.ok_or("no target folder")?.join("release"))
}

async fn measure(
    app: &TestApp,
    person: &Person<'_>,
    row: &mut Measured,
    counts: bool,
) -> Result<(), Box<dyn Error>> {
    let (family, file) = row.event.split_once('/').ok_or("no family")?;
    let events = events_of(family);
    let event = person.fill(&events[file]).await;
    let binary = row.binary.to_str().ok_or("a path is not UTF-8")?;

    let start = Instant::now();
    // Answers that are held back would measure the clock.
    let mut function = Lambda::start_with(app, binary, &[("ANSWER_STEP_MS", "0")]).await;
    let answer = function.invoke(&event).await;
    let took = start.elapsed();

    if answer.status != 200 {
        return Err(format!("{}: {}", row.event, answer.outcome()).into());
    }
    if counts {
        row.durations.push(took);
        row.rss_mib = row.rss_mib.max(peak_rss_mib(&row.binary)?);
    }
    function.stop().await;
    Ok(())
}

/// The most memory that the child process which runs `binary` has held.
fn peak_rss_mib(binary: &Path) -> Result<f64, Box<dyn Error>> {
    let parent = std::process::id().to_string();
    for process in fs::read_dir("/proc")? {
        let process = process?.path();
        // Not a process, or one that has ended meanwhile, or somebody else's.
        let Ok(status) = fs::read_to_string(process.join("status")) else {
            continue;
        };
        let ours = field(&status, "PPid:") == Some(&parent);
        if ours && fs::read_link(process.join("exe")).is_ok_and(|exe| exe == binary) {
            let kib: f64 = field(&status, "VmHWM:").ok_or("no VmHWM")?.parse()?;
            return Ok(kib / 1024.0);
        }
    }
    Err("the function's process is not in /proc".into())
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()
}

fn print(table: &[Measured]) -> Result<(), Box<dyn Error>> {
    let bare = table[0].durations.median();
    println!("From process start to first answer, {ROUNDS} rounds:\n");
    println!(
        "{:<15}{:<40}{:>10}{:>9}{:>8}{:>10}{:>9}",
        "function", "event", "median ms", "min ms", "ratio", "RSS MiB", "size MB"
    );
    let mut worst = [0.0_f64; 3];
    for row in table {
        let bytes = u32::try_from(fs::metadata(&row.binary)?.len())?;
        let size_mb = f64::from(bytes) / 1e6;
        let ratio = row.durations.median() / bare;
        println!(
            "{:<15}{:<40}{:>10.1}{:>9.1}{ratio:>8.2}{:>10.1}{size_mb:>9.2}",
            row.name,
            row.event,
            row.durations.median(),
            row.durations.min(),
            row.rss_mib,
        );
        for (worst, measured) in worst.iter_mut().zip([ratio, row.rss_mib, size_mb]) {
            *worst = worst.max(measured);
        }
    }
    println!();
    let budgets = [
        ("ratio of medians to bare", RATIO_MAX),
        ("peak RSS, MiB", RSS_MIB_MAX),
        ("binary, MB", SIZE_MB_MAX),
    ];
    for ((what, budget), worst) in budgets.into_iter().zip(worst) {
        println!(
            "{what}: at most {worst:.2}; the budget of {budget:.1} {}",
            verdict(worst, budget)
        );
    }
    Ok(())
}
