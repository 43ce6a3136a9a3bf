//! Answers what visitors write on the demo's website, while the dashboard has no inbox.
//!
//! - The answer comes from an operator whom visitors see as available: the one who already talks
//!   to the visitor, or the one who was added first. While there is none, visitors wait.
//! - The operator acts through the same rules as a person, in a session that lasts as long as the
//!   answer. The visitor sees what a person would cause: read, types, joins, writes.
//! - Messages that arrive while the answer is typed get one answer together.
//! - Only conversations whose visitor wrote on the website are answered. Those who try the API
//!   answer their visitors themselves.

use std::{collections::HashSet, time::Duration};

use entity::{AccountId, ConversationId, conversation, operator};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use rand::random_range;
use sea_orm::{ConnectionTrait, DbErr};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::website;
use crate::{
    access::identity::{Chat, Granted, Identity, ReadConversations, SignedIn},
    account::rules as accounts,
    app::{App, db::is_reported, reads::Read as _},
    availability::is_available,
    bus::Topic,
    command::account::{explain, refused},
    conversation::{
        queries::{self as conversations, Filter, List},
        rules::{self as chats, OperatorMessage, SendError},
    },
    error::Failure,
    operator::queries as operators,
    page::{PageEnd, Window},
    session::rules as sessions,
};

/// The reply to a visitor's first message.
const WELCOME: &str = "Hello, and thank you for writing! This is the demo's automatic answer. Write once more and close the chat window \
     at once: the answer then shows as a badge on the button.";

/// The replies to later messages, one after another.
const LATER: [&str; 4] = [
    "This is the demo's automatic answer again. Open this page in a second tab: both tabs show the same chat.",
    "Another automatic answer of the demo. Reload the page: the chat is still here.",
    "Still the demo's automatic answer. Switch all operators off in the dashboard, under Settings › Operators, and write \
     again: the answer comes as soon as one of them is active.",
    "The demo's automatic answer. Disconnect from the network, write, and connect again: your message is sent then.",
];

/// How many conversations are answered at once.
const AT_ONCE: usize = 4;
/// How many of the conversations that wait longest are considered.
const CONSIDERED: u32 = 1_000;
/// How long an answer is typed, in milliseconds.
const TYPING_MS: std::ops::Range<u64> = 1_500..2_500;
/// How often the answer is typed again because the visitor goes on to write.
const ROUNDS: usize = 5;
/// How long to wait after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Answers until cancelled.
pub(super) async fn run(app: App, account_id: AccountId, stop: CancellationToken) {
    stop.run_until_cancelled(Box::pin(follow(&app, account_id))).await;
}

/// Looks again after each change, and at conversations that wait since before this task began.
async fn follow(app: &App, account_id: AccountId) {
    // Subscribe before the first read, or a change between the two is lost.
    let mut list = app.bus.listen(Topic::ConversationList(account_id));
    let mut availability = app.bus.listen(Topic::Availability(account_id));
    let mut answers = FuturesUnordered::new();
    let mut answered = HashSet::new();
    loop {
        list.catch_up();
        availability.catch_up();
        let waiting = list_waiting(app, account_id).await;
        let failed = waiting.is_err();
        match waiting {
            Ok(waiting) => {
                for id in waiting {
                    if answers.len() < AT_ONCE && answered.insert(id) {
                        answers.push(async move {
                            try_answer(app, account_id, id).await;
                            id
                        });
                    }
                }
            }
            Err(error) => report(&error.into()),
        }
        tokio::select! {
            Some(id) = answers.next() => {
                answered.remove(&id);
            }
            _ = list.next() => {}
            _ = availability.next() => {}
            () = sleep(RETRY_AFTER), if failed => {}
        }
    }
}

/// The conversations to answer, the longest wait first. None while no operator is available.
async fn list_waiting(app: &App, account_id: AccountId) -> Result<Vec<ConversationId>, DbErr> {
    if list_available(app.db(), account_id).await?.is_empty() {
        return Ok(Vec::new());
    }
    let first = Window { size: CONSIDERED, from: PageEnd::Start, after: None, before: None };
    let listed = List(account_id, Filter::NOT_CLOSED, first).run(app).await?;
    let rows = listed.iter().map(|listed| &listed.conversation);
    Ok(rows.filter(|row| row.waiting_since.is_some() && is_from_website(row)).map(|row| row.id).collect())
}

/// The available operators, in the order in which they were added.
async fn list_available(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Vec<operator::Model>, DbErr> {
    let filter = operators::Filter { is_active: Some(true), ..operators::Filter::default() };
    let first = Window { size: crate::page::MAX, from: PageEnd::Start, after: None, before: None };
    let mut found = operators::list(db, account_id, &filter, &first).await?;
    found.retain(|operator| is_available(operator.into()));
    Ok(found)
}

/// Whether the visitor wrote on the demo's website. The host may be any name of this server.
fn is_from_website(row: &conversation::Model) -> bool {
    row.page_url.as_deref().and_then(|url| Url::parse(url).ok()).is_some_and(|url| url.path() == website::PATH)
}

/// Answers one conversation, or waits before the next try.
async fn try_answer(app: &App, account_id: AccountId, id: ConversationId) {
    if let Err(error) = answer(app, account_id, id).await {
        report(&error);
        sleep(RETRY_AFTER).await;
    }
}

fn report(error: &anyhow::Error) {
    if !is_reported(error) {
        tracing::warn!(error = format!("{error:#}"), "the demo could not answer a visitor; it tries again");
    }
}

async fn answer(app: &App, account_id: AccountId, id: ConversationId) -> anyhow::Result<()> {
    let Some(signed_in) = enter(app, account_id, id).await? else { return Ok(()) };
    let identity = Identity::Operator(signed_in.clone());
    let (chat, read) = (identity.may().map_err(refused)?, identity.may().map_err(refused)?);
    let answered = reply(app, &chat, &read, id).await;
    // Ends the typing of an answer that is no longer needed.
    let stopped = chats::set_typing(app, &chat, Some(id), false).await;
    sessions::end(app, &signed_in).await?;
    answered.and(stopped.map_err(explain))
}

/// Starts a session of the operator who answers. `None` without an available operator.
async fn enter(app: &App, account_id: AccountId, id: ConversationId) -> anyhow::Result<Option<SignedIn>> {
    let work = app.begin_in(account_id).await?;
    // Seats stay as they are until the commit.
    accounts::lock_by_id(&work, account_id).await?;
    let available = list_available(&*work, account_id).await?;
    let assignee = conversations::find(&*work, account_id, id).await?.and_then(|row| row.assignee_id);
    let talks = available.iter().find(|operator| Some(operator.id) == assignee);
    let Some(operator) = talks.or(available.first()) else { return Ok(None) };
    let (_, signed_in) = sessions::start(app, &work, operator).await?;
    work.commit().await?;
    Ok(Some(signed_in))
}

/// Reads, types, and sends one reply, unless the visitor no longer waits.
async fn reply(
    app: &App,
    chat: &Granted<Chat>,
    read: &Granted<ReadConversations>,
    id: ConversationId,
) -> anyhow::Result<()> {
    for round in 1..=ROUNDS {
        let row = conversations::find(app.db(), chat.account_id(), id).await?;
        let Some(row) = row.filter(|row| row.waiting_since.is_some()) else { return Ok(()) };
        chats::mark(app, read, Some(id), row.last_sequence).await.map_err(explain)?;
        chats::set_typing(app, chat, Some(id), true).await.map_err(explain)?;
        sleep(Duration::from_millis(random_range(TYPING_MS))).await;
        let is_last = round == ROUNDS;
        if !is_last && app.presence.of(id).visitor_types {
            continue;
        }
        let message = OperatorMessage {
            // The same after a failure, so that a visitor gets no answer twice.
            client_message_id: format!("answer to {}", row.last_message_sequence.unwrap_or_default()),
            text: text_after(row.operator_messages).to_owned(),
            if_last_sequence: row.last_message_sequence.filter(|_| !is_last),
        };
        match chats::send(app, chat, Some(id), message).await {
            Err(Failure::Rejected(reasons)) if reasons.iter().any(|reason| matches!(reason, SendError::Newer(_))) => {}
            // Deactivated or closed in the meantime: another operator answers, or none has to.
            Err(Failure::Rejected(reasons))
                if reasons.iter().all(|reason| matches!(reason, SendError::Inactive | SendError::Closed)) =>
            {
                return Ok(());
            }
            sent => return sent.map(drop).map_err(explain),
        }
    }
    Ok(())
}

/// The reply in a conversation in which operators have written so many messages.
fn text_after(operator_messages: i32) -> &'static str {
    let Some(later) = usize::try_from(operator_messages).ok().and_then(|count| count.checked_sub(1)) else {
        return WELCOME;
    };
    LATER[later % LATER.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ChatText;

    #[test]
    fn each_reply_says_what_it_is_and_differs_from_the_one_before() {
        for count in 0..20 {
            let text = text_after(count);
            assert!(text.contains("demo") && text.contains("automatic answer"), "{text}");
            assert!(ChatText::parse(text).is_ok_and(|kept| kept.as_str() == text), "{text}");
            assert_ne!(text, text_after(count + 1));
            assert_eq!(text == WELCOME, count == 0, "{text}");
        }
    }
}
