//! The confirmation: a page names the user whose response came, and nothing is opened before they say that it is theirs.

use super::refusal::Refusal;
use super::visit::{Attempt, Visitor, visit};
use crate::app::App;
use crate::broker::Opened;
use crate::identity::{Identity, Ticket, Wish};

/// Claims the response, so that no other browser can bring it again, and asks its user.
pub(super) async fn ask(app: &App, identity: &Identity, wish: &Wish, visitor: &mut Visitor) -> Result<Opened, Refusal> {
    app.broker.claim(identity, visitor.id.as_str(), visitor.now).await?;
    visitor.is_asked(app, identity, wish)?;
    Ok(Opened::Confirm)
}

/// Goes on if the user has confirmed on the page of `ticket`, and ends the sign-in if they have declined. A form that says
/// neither is another page's: the user is asked again.
pub(super) async fn answer(
    app: &App,
    ticket: &Ticket,
    confirms: Option<bool>,
    visitor: &mut Visitor,
    attempt: &mut Attempt,
) -> Result<Opened, Refusal> {
    match confirms {
        Some(true) => {
            visitor.remembered = app.confirmation.remember(ticket.confirm(), visitor.now);
            visit(app, ticket.confirm(), ticket.wish().clone(), Some(ticket.since()), visitor, attempt).await
        }
        Some(false) => {
            app.broker.claim(ticket.identity(), visitor.id.as_str(), visitor.now).await?;
            Err(Refusal::Declined)
        }
        None => {
            visitor.waits(ticket);
            Ok(Opened::Confirm)
        }
    }
}
