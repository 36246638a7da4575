//! What the runner says when it is ready.

use crate::embedded::{S3_ACCESS_KEY, S3_SECRET_KEY};
use crate::{Aws, BUCKET};

/// The commands of the walk-through, after the lines that say where everything is.
const COMMANDS: &str = include_str!("walkthrough.sh");

/// The URLs, the S3 keys, and a walk-through to paste into a second terminal.
pub(crate) fn text(api: &str, aws: &Aws) -> String {
    match aws {
        Aws::Embedded(embedded) => {
            let s3 = embedded.s3_url();
            format!(
                "The desktop API is at {api} (about this runner: {api}/_local, mailbox: {api}/_local/mail).\n\
                 S3 is at {s3}, access key {S3_ACCESS_KEY}, secret key {S3_SECRET_KEY}, bucket {BUCKET}.\n\
                 Ctrl-C stops everything. To walk through it, paste into another terminal:\n\n\
                 API={api} S3={s3} BUCKET={BUCKET} ACCESS_KEY={S3_ACCESS_KEY} SECRET_KEY={S3_SECRET_KEY} JWT=\n\
                 {COMMANDS}"
            )
        }
        Aws::Outside(outside) => {
            format!(
                "The desktop API is at {api}, on the AWS at {}: table, secret, sender and bucket {BUCKET} are there.\n\
                 Mails are where that AWS keeps them. Ctrl-C stops the API.",
                outside.url()
            )
        }
    }
}
