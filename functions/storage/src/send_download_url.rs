//! `POST /api/v1/desktop/send_download_url`

use axum::extract::State;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Deserialize;
use shared::app::App;
use shared::database::{Link, LinkPurpose, SharedFile};
use shared::domain::email::EmailAddress;
use shared::domain::ids::CloudAccountId;
use shared::domain::link::LinkId;
use shared::domain::recipients::parse_recipients;
use shared::domain::storage::STREAM_BYTES_MAX;
use shared::domain::user::User;
use shared::domain::{Error, Result};
use shared::drive;
use shared::limits::{self, Limit, Use};
use shared::mail;
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire;

/// What a sender may add: at most so many characters (Unicode scalar values).
const NOTE_CHARS_MAX: usize = 1_000;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendDownloadUrlRequest {
    cloud_account_id: String,
    email: String,
    id: Option<String>,
    storage_name: String,
    key: String,
    expire_hours: Option<u16>,
    note: Option<String>,
}

/// Mails each recipient a link of their own to a page that shows the file and lets them download it.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<SendDownloadUrlRequest>,
) -> Result<()> {
    let cloud_account_id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    let recipients = parse_recipients("email", &body.email)?;
    let object = wire::parse_object(body.id, body.storage_name, &body.key)?;
    let lifetime = wire::parse_lifetime(body.expire_hours)?;
    let note = body.note.unwrap_or_default();
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(Error::invalid("note", "must be at most 1,000 characters"));
    }
    let (sender, stored) = session
        .user_and_cloud_account(&app, cloud_account_id)
        .await?;

    let drive = drive::open(&app, stored).await?;
    let file = drive.describe(&object).await?;
    if file.size > STREAM_BYTES_MAX && !drive.capabilities().redirects_downloads {
        return Err(Error::invalid(
            "key",
            "must be a file of at most 200,000,000 bytes: this provider has no URL for larger ones",
        ));
    }
    let link = Link {
        user_id: sender.id,
        cloud_account_id,
        object,
        purpose: LinkPurpose::Share(SharedFile {
            name: file.name,
            size: file.size,
            content_type: file.content_type,
        }),
        expires: wire::expiry(&app, lifetime)?,
    };
    let counted = limits::count(&app, &uses(&sender, &recipients)).await?;
    // Counted all the same: who asks about addresses uses up what they may send.
    refuse_marked(&app, &recipients).await?;
    let sending = Sending {
        sender: &sender,
        recipients: &recipients,
        link: &link,
        note: &note,
        counted,
    };
    send(&app, &sending).await
}

/// What is sent, when its limits were counted.
struct Sending<'a> {
    sender: &'a User,
    recipients: &'a [EmailAddress],
    link: &'a Link,
    note: &'a str,
    counted: Timestamp,
}

/// An address that mail was returned from, or whose owner complained, is not mailed again; its sender
/// should know, before anybody is mailed, though not which of the two it is.
async fn refuse_marked(app: &App, recipients: &[EmailAddress]) -> Result<()> {
    let marked = app.database().marked_addresses(recipients).await?;
    let places = places(recipients, |recipient| marked.contains(&recipient.key()));
    match places {
        None => Ok(()),
        Some(places) => Err(Error::invalid_email(
            "email",
            &format!("some of the addresses cannot be mailed, counting from 1: {places}"),
        )),
    }
}

fn uses(sender: &User, recipients: &[EmailAddress]) -> Vec<Use> {
    let count = u32::try_from(recipients.len()).unwrap_or(u32::MAX);
    let mailboxes = recipients.iter().flat_map(|recipient| {
        let mailbox = recipient.key();
        [
            Limit::SendToMailbox.of(format!("{} {mailbox}", sender.id)),
            Limit::SendToMailboxByAll.of(mailbox),
        ]
    });
    mailboxes
        .chain([
            Limit::SendOfUser.times(sender.id.to_string(), count),
            Limit::SendOfAccount.times(sender.account_id.to_string(), count),
        ])
        .collect()
}

/// The links are stored before anybody is told of them. Who could not be mailed is named, does not count,
/// and has no link.
async fn send(app: &App, sending: &Sending<'_>) -> Result<()> {
    let Sending {
        sender,
        recipients,
        link,
        note,
        counted,
    } = *sending;
    let LinkPurpose::Share(file) = &link.purpose else {
        return Err(Error::internal("a link of another purpose was to be sent"));
    };
    let base = wire::public_url(app)?;
    let ids = recipients
        .iter()
        .map(|_| LinkId::new())
        .collect::<Result<Vec<_>>>()?;
    if let Err(error) = app.database().create_links(&ids, link).await {
        limits::give_back(app, &uses(sender, recipients), counted).await;
        return Err(error);
    }
    let sent = join_all(recipients.iter().zip(&ids).map(async |(recipient, id)| {
        let mail = mail::SharedFile {
            sender: &sender.name,
            file_name: &file.name,
            size: file.size,
            expires: link.expires,
            note: (!note.trim().is_empty()).then_some(note),
            url: &format!("{base}/v/{}", id.secret()),
        };
        // Who is marked was looked up for all of them.
        app.mailer().send(recipient, &mail).await
    }))
    .await;

    let reached: Vec<_> = sent.iter().map(Result::is_ok).collect();
    if reached.iter().all(|reached| *reached) {
        return Ok(());
    }
    take_back(app, sending, &ids, &reached).await;
    let mut unreached = reached.iter();
    let places = places(recipients, |_| unreached.next() == Some(&false));
    let text = if reached.contains(&true) {
        let places = places.unwrap_or_default();
        format!("email: sent, but not to these, counting from 1; send to them again: {places}")
    } else {
        "The mail could not be sent. Try again.".to_owned()
    };
    let error = Error::unavailable(text);
    Err(match sent.into_iter().find_map(Result::err) {
        Some(cause) => error.because(cause),
        None => error,
    })
}

/// Takes back what was prepared for those whom no mail reached. A link that stays is one that nobody knows.
async fn take_back(app: &App, sending: &Sending<'_>, ids: &[LinkId], reached: &[bool]) {
    let unreached = || (0..reached.len()).filter(|place| !reached[*place]);
    let addresses: Vec<_> = unreached()
        .map(|place| sending.recipients[place].clone())
        .collect();
    limits::give_back(app, &uses(sending.sender, &addresses), sending.counted).await;
    let forgotten = app
        .database()
        .forget_links(unreached().map(|place| &ids[place]))
        .await;
    if let Err(error) = forgotten {
        tracing::warn!(causes = error.causes(), "links that nobody knows are left");
    }
}

/// Where in the list those are that `which` tells, counting from 1: a message must not name addresses, since
/// it is logged. `None` if there are none.
fn places(
    recipients: &[EmailAddress],
    mut which: impl FnMut(&EmailAddress) -> bool,
) -> Option<String> {
    let places: Vec<_> = (1..)
        .zip(recipients)
        .filter(|(_, recipient)| which(recipient))
        .map(|(place, _)| place.to_string())
        .collect();
    (!places.is_empty()).then(|| places.join(", "))
}
