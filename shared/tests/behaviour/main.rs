//! What every drive promises, whoever hosts it: one list of cases, which runs over every
//! implementation of [`shared::domain::storage::CloudStorage`] against its simulator.
//!
//! Where providers differ, their [`shared::domain::storage::Capabilities`] say how, and cases go by
//! these alone.
#![expect(clippy::unwrap_used, reason = "a helper that panics fails its test")]

mod client;
mod opened;

mod access;
mod addresses;
mod buckets;
mod contents;
mod deletion;
mod descriptions;
mod folders;
mod names;
mod offers;
mod paging;
mod reference;
mod streams;

use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use opened::{Opened, Provider};

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The promise was kept.
    Kept,
    /// The provider's capabilities say that it does not promise this.
    Gated,
}
use Outcome::{Gated, Kept};

/// A promise, and how to find out whether it is kept.
struct Case {
    name: &'static str,
    run: for<'a> fn(&'a Opened) -> LocalBoxFuture<'a, Outcome>,
}

macro_rules! cases {
    ($($theme:ident: $($case:ident),+;)+) => {
        &[$($(Case {
            name: concat!(stringify!($theme), "::", stringify!($case)),
            run: |opened| Box::pin($theme::$case(opened)),
        }),+),+]
    };
}

const CASES: &[Case] = cases! {
    access:
        the_declared_capabilities_are_the_drives,
        good_credentials_are_confirmed,
        credentials_that_nobody_issued_are_refused;
    buckets:
        a_listed_bucket_opens_by_its_name_and_by_its_id,
        a_missing_bucket_is_not_found,
        no_name_means_the_users_own_drive;
    folders:
        an_empty_drive_lists_nothing,
        a_new_folder_is_listed_and_is_empty,
        a_folder_lists_what_is_directly_in_it,
        a_folder_that_is_there_is_created_again,
        a_folder_is_created_in_a_missing_one,
        a_missing_folder_is_empty_or_not_found,
        a_file_is_not_listed_as_a_folder,
        folders_come_first;
    contents:
        a_file_is_read_back_byte_for_byte,
        a_file_may_be_empty,
        a_megabyte_goes_through,
        a_file_is_overwritten,
        a_part_is_read,
        a_missing_file_cannot_be_read,
        a_folder_cannot_be_read,
        a_file_to_save_has_its_name,
        a_content_type_is_kept,
        no_upload_is_larger_than_declared;
    streams:
        the_whole_comes_through_us,
        a_part_comes_through_us,
        an_empty_file_comes_through_us,
        a_megabyte_comes_through_us,
        a_file_comes_through_us_by_its_id,
        what_is_no_file_does_not_come_through_us,
        a_kept_type_comes_through_us;
    descriptions:
        a_file_is_described,
        a_described_name_is_the_one_that_is_listed,
        a_folder_is_not_described,
        a_missing_file_is_not_described,
        an_id_that_cannot_be_is_not_asked_for,
        a_described_type_is_the_one_that_is_kept;
    names:
        a_files_name_is_kept_byte_for_byte,
        a_folders_name_is_kept_byte_for_byte,
        a_name_is_never_changed_silently,
        a_name_may_be_long,
        names_that_differ_by_case;
    addresses:
        a_listed_path_leads_back,
        a_listed_id_leads_back,
        an_id_wins_over_a_path,
        a_garbage_id_is_not_found,
        the_id_of_what_is_gone_is_not_found,
        a_path_means_the_first_of_its_name;
    paging:
        every_entry_is_seen_once,
        a_page_may_hold_one_entry,
        a_cursor_outlives_the_process,
        a_garbage_cursor_is_refused;
    deletion:
        a_deleted_file_is_gone,
        what_is_missing_is_deleted_or_not_found,
        a_folder_is_deleted_with_all_that_is_in_it,
        a_file_is_not_deleted_as_a_folder,
        a_folder_is_not_deleted_as_a_file,
        an_object_is_deleted_by_its_id;
    offers:
        urls_are_signed_for_as_long_as_declared,
        a_signed_download_lives_as_long_as_it_says,
        a_signed_upload_lives_as_long_as_it_says,
        what_is_not_signed_is_good_at_any_time,
        a_click_is_redirected_where_declared,
        no_url_shows_the_credentials;
};

/// Runs every case over a provider, each on a drive of its own.
async fn keeps_its_promises(provider: Provider) {
    let title = provider.title();
    let mut gated = Vec::new();
    let mut broken = Vec::new();
    for case in CASES {
        let run = async {
            let opened = provider.open().await;
            (case.run)(&opened).await
        };
        match AssertUnwindSafe(run).catch_unwind().await {
            Ok(Kept) => {}
            Ok(Gated) => gated.push(case.name),
            Err(_) => {
                // The panic itself was printed above.
                eprintln!("{title} broke {}", case.name);
                broken.push(case.name);
            }
        }
    }
    assert!(broken.is_empty(), "{title} broke {broken:#?}");
    count(gated.len());
}

/// What the providers' tests came to, and one line about it when the last is done.
fn count(gated: usize) {
    static DONE: Mutex<(usize, usize)> = Mutex::new((0, 0));
    let mut done = DONE.lock().unwrap();
    done.0 += 1;
    done.1 += gated;
    let (providers, gated) = *done;
    if providers == Provider::ALL.len() {
        let cases = CASES.len();
        let runs = cases * providers;
        let line = format!(
            "behaviour: {cases} cases x {providers} providers = {runs} runs, {gated} gated\n"
        );
        // The test harness keeps what `println!` writes in a test that passes.
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn the_s3_family_keeps_its_promises() {
    keeps_its_promises(Provider::S3).await;
}

#[tokio::test]
async fn the_demo_drive_keeps_its_promises() {
    keeps_its_promises(Provider::Demo).await;
}

#[tokio::test]
async fn dropbox_keeps_its_promises() {
    keeps_its_promises(Provider::Dropbox).await;
}

#[tokio::test]
async fn box_keeps_its_promises() {
    keeps_its_promises(Provider::Box).await;
}

#[tokio::test]
async fn onedrive_keeps_its_promises() {
    keeps_its_promises(Provider::OneDrive).await;
}

#[tokio::test]
async fn google_drive_keeps_its_promises() {
    keeps_its_promises(Provider::GoogleDrive).await;
}
