//! The capabilities, as the API reference prints them.

use std::fmt::Write;

use shared::domain::storage::{Capabilities, Folders};

use crate::opened::Provider;

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn hours(hours: u16) -> String {
    match hours {
        0 => "never".to_owned(),
        168 => "always".to_owned(),
        hours => format!("up to {hours} hours"),
    }
}

fn bytes(bytes: Option<u64>) -> String {
    let Some(bytes) = bytes else {
        return "the provider's own limit".to_owned();
    };
    let digits = bytes.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8(groups.join(&b',')).unwrap() + " bytes"
}

/// The table. A field that is new belongs into it: this does not compile without.
fn table() -> String {
    let mut table = String::new();
    let columns = [
        "",
        "a folder is",
        "`id`",
        "one name twice in a folder",
        "`a` and `A` differ",
        "missing parents are made",
        "download URL is the provider's own",
        "upload URL is the provider's own",
        "`contentType` is enforced or stored",
        "an upload holds",
    ];
    writeln!(table, "| {} |", columns.join(" | ")).unwrap();
    writeln!(table, "|{}", "---|".repeat(columns.len())).unwrap();
    for provider in Provider::ALL {
        let Capabilities {
            folders,
            ids,
            duplicate_names,
            case_sensitive,
            makes_parents,
            download_hours_max,
            upload_hours_max,
            // The text below the table says which one streams.
            redirects_downloads: _,
            binds_content_type,
            upload_bytes_max,
        } = *provider.capabilities();
        let folders = match folders {
            Folders::Prefixes => "a prefix of keys",
            Folders::Entries => "a thing of its own",
        };
        let cells = [
            provider.title(),
            folders,
            if ids { "the provider's" } else { "empty" },
            yes_or_no(duplicate_names),
            yes_or_no(case_sensitive),
            yes_or_no(makes_parents),
            &hours(download_hours_max),
            &hours(upload_hours_max),
            yes_or_no(binds_content_type),
            &bytes(upload_bytes_max),
        ];
        writeln!(table, "| {} |", cells.join(" | ")).unwrap();
    }
    table
}

#[test]
fn the_reference_tells_how_the_providers_differ() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/API.md");
    let reference = std::fs::read_to_string(path).unwrap();
    let table = table();
    assert!(
        reference.contains(&table),
        "infra/API.md must hold this table:\n\n{table}"
    );
}
