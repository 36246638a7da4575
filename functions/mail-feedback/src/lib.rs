//! A job of SES: an address whose mail bounces for good, or whose reader complains, is marked.

mod ses_event;

use shared::app::App;
use shared::domain::Result;
use shared::domain::email::EmailAddress;
use shared::web::sns::SnsEvent;

use ses_event::SesEvent;

/// Marks every address that the events give a reason to mail no more. An event that cannot be read is
/// logged, since a repeat would read no better. A mark that cannot be stored fails all of it: Lambda
/// repeats the invocation, and marking twice is marking once.
pub async fn mark(app: App, event: SnsEvent) -> Result<()> {
    let mut marked = 0;
    for record in event.records {
        let id = record.sns.message_id;
        // What the parser says of a value may repeat it, so only the place is logged.
        let event: SesEvent = match serde_json::from_str(&record.sns.message) {
            Ok(event) => event,
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                tracing::warn!(id, line, column, "not an event of SES");
                continue;
            }
        };
        let Some((reason, recipients)) = event.unwanted() else {
            continue;
        };
        for recipient in recipients {
            let Ok(address) = EmailAddress::from_stored(&recipient.email_address) else {
                tracing::warn!(id, "a recipient is no address that is mailed");
                continue;
            };
            app.database().mark_address(&address, reason).await?;
            marked += 1;
        }
    }
    tracing::info!(marked, "feedback taken in");
    Ok(())
}
