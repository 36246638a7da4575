//! The mail that the product has sent, kept for a developer or a test to read.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// How many messages a mailbox keeps; the oldest go first.
pub const MESSAGES_MAX: usize = 1_000;

/// One mail as one recipient got it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The recipient's address, without a display name.
    pub to: String,
    /// The sender as given, with its display name.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The plain-text part; empty if the mail has none.
    pub text: String,
    /// The HTML part; empty if the mail has none.
    pub html: String,
    /// When the mail was taken in; RFC 3339 in UTC on the wire.
    pub received_at: Timestamp,
    /// The Reply-To addresses as given. Neither shown as JSON nor kept in a file.
    #[serde(skip)]
    pub reply_to: Vec<String>,
    /// The SES configuration set. Neither shown as JSON nor kept in a file.
    #[serde(skip)]
    pub configuration_set: Option<String>,
}

/// The newest [`MESSAGES_MAX`] messages. A clone is the same mailbox.
#[derive(Clone)]
pub struct Mailbox {
    shared: Arc<Shared>,
}

struct Shared {
    messages: Mutex<Messages>,
    arrived: Notify,
}

struct Messages {
    newest_first: VecDeque<Message>,
    log: Option<Log>,
}

impl Mailbox {
    /// An empty mailbox that is gone when its last clone is.
    pub fn in_memory() -> Self {
        Self::new(VecDeque::new(), None)
    }

    /// A mailbox kept in `file`, one message as JSON per line, oldest first; the file and its
    /// folder are made if absent. One process at a time.
    pub fn persistent(file: &Path) -> io::Result<Self> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let newest_first = read_log(file)?;
        let log = Log::rewrite(file, &newest_first)?;
        Ok(Self::new(newest_first, Some(log)))
    }

    fn new(newest_first: VecDeque<Message>, log: Option<Log>) -> Self {
        let messages = Mutex::new(Messages { newest_first, log });
        let arrived = Notify::new();
        Self {
            shared: Arc::new(Shared { messages, arrived }),
        }
    }

    /// Takes a message in and wakes those who wait for it. Fails only if the file cannot be
    /// written; then the message is not taken in.
    pub fn receive(&self, message: Message) -> io::Result<()> {
        let mut guard = self.lock();
        let messages = &mut *guard;
        if let Some(log) = &mut messages.log {
            // Half of the lines are then of messages no longer kept.
            if log.lines >= 2 * MESSAGES_MAX {
                *log = Log::rewrite(&log.path, &messages.newest_first)?;
            }
            log.append(&message)?;
        }
        messages.newest_first.push_front(message);
        messages.newest_first.truncate(MESSAGES_MAX);
        drop(guard);
        self.shared.arrived.notify_waiters();
        Ok(())
    }

    /// Every message, newest first.
    pub fn all(&self) -> Vec<Message> {
        self.newest_first(None)
    }

    /// The messages to `address`, newest first. Letter case does not matter.
    pub fn messages_to(&self, address: &str) -> Vec<Message> {
        self.newest_first(Some(address))
    }

    /// The messages to `address`, newest first; if there is none yet, waits up to `timeout` for
    /// the first. Empty if none came.
    pub async fn wait_for(&self, address: &str, timeout: Duration) -> Vec<Message> {
        self.wait(Some(address), timeout).await
    }

    /// As [`Mailbox::wait_for`], for any recipient if `address` is none.
    pub(super) async fn wait(&self, address: Option<&str>, timeout: Duration) -> Vec<Message> {
        let first = async {
            loop {
                // Made before looking, so that a mail arriving in between still wakes it.
                let arrived = self.shared.arrived.notified();
                let messages = self.newest_first(address);
                if !messages.is_empty() {
                    return messages;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(timeout, first)
            .await
            .unwrap_or_default()
    }

    fn newest_first(&self, address: Option<&str>) -> Vec<Message> {
        let address = address.map(str::to_lowercase);
        self.lock()
            .newest_first
            .iter()
            .filter(|message| {
                address
                    .as_ref()
                    .is_none_or(|address| message.to.to_lowercase() == *address)
            })
            .cloned()
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Messages> {
        // A panicking reader leaves the messages whole.
        self.shared
            .messages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file behind a persistent mailbox.
struct Log {
    path: PathBuf,
    file: File,
    lines: usize,
}

impl Log {
    /// Replaces the file in one step, so that a kill leaves the old or the new one.
    fn rewrite(path: &Path, newest_first: &VecDeque<Message>) -> io::Result<Self> {
        let mut text = String::new();
        for message in newest_first.iter().rev() {
            text.push_str(&serde_json::to_string(message)?);
            text.push('\n');
        }
        let new = path.with_added_extension("new");
        fs::write(&new, text)?;
        fs::rename(&new, path)?;
        Ok(Self {
            path: path.to_owned(),
            file: File::options().append(true).open(path)?,
            lines: newest_first.len(),
        })
    }

    fn append(&mut self, message: &Message) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.lines += 1;
        Ok(())
    }
}

fn read_log(path: &Path) -> io::Result<VecDeque<Message>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    // What follows the last line end is a message whose writer was killed.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut newest_first = VecDeque::new();
    for line in whole.lines() {
        newest_first.push_front(serde_json::from_str(line)?);
        newest_first.truncate(MESSAGES_MAX);
    }
    Ok(newest_first)
}
