//! Conversations: what the database itself refuses, on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use deskbell::{
    access::identity,
    bus::{Server as _, TopicKind},
    conversation::queries as conversations,
    error::violates,
    input::{ClientMessageId, PageView},
    visitor::queries as visitors,
};
use entity::{
    AccountId, ConversationId, NoteId, OperatorId, ParticipationId, VisitorId, conversation, conversation_mark,
    message, note, participation, visitor, visitor_token,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait as _,
};

use crate::support::{TestApp, visitors_token};

/// Inserts a row in a separate transaction.
async fn insert<A>(app: &TestApp, row: A) -> Result<<A::Entity as EntityTrait>::Model, DbErr>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let work = app.app().begin().await.expect("a transaction");
    let row = row.insert(&*work).await?;
    work.commit().await.expect("committed");
    Ok(row)
}

/// Two visitors of one account.
struct Visitors {
    app: TestApp,
    now: DateTime<Utc>,
    account_id: AccountId,
    ada: VisitorId,
    bob: VisitorId,
}

impl Visitors {
    async fn arrive() -> Self {
        let app = TestApp::start().await;
        let account_id = app.account(1).await.db_key();
        let now = app.app().clock.now();
        let [ada, bob] = [VisitorId::new(), VisitorId::new()];
        for id in [ada, bob] {
            let row = visitor::ActiveModel {
                id: Set(id),
                account_id: Set(account_id),
                created_at: Set(now),
                ..Default::default()
            };
            let row = insert(&app, row).await.expect("inserted");
            assert_eq!((row.day_messages, row.day_bytes), (0, 0));
        }
        Self { app, now, account_id, ada, bob }
    }

    fn conversation(&self, visitor_id: VisitorId) -> conversation::ActiveModel {
        conversation::ActiveModel {
            id: Set(ConversationId::new()),
            account_id: Set(self.account_id),
            visitor_id: Set(visitor_id),
            status: Set(conversation::Status::Pending),
            started_at: Set(self.now),
            last_activity_at: Set(self.now),
            ..Default::default()
        }
    }

    fn closed(&self, visitor_id: VisitorId) -> conversation::ActiveModel {
        conversation::ActiveModel {
            status: Set(conversation::Status::Closed),
            closed_at: Set(Some(self.now)),
            closed_by: Set(Some(conversation::ClosedBy::Silence)),
            ..self.conversation(visitor_id)
        }
    }

    /// A message with text, of one author.
    fn message(&self, of: &conversation::Model, sequence: i32, author: Author, id: &str) -> message::ActiveModel {
        let (visitor_id, operator_id) = match author {
            Author::Visitor(id) => (Some(id), None),
            Author::Operator(id) => (None, Some(id)),
        };
        message::ActiveModel {
            conversation_id: Set(of.id),
            sequence: Set(sequence),
            id: Set(uuid::Uuid::new_v4()),
            account_id: Set(self.account_id),
            author: Set(if visitor_id.is_some() { message::Author::Visitor } else { message::Author::Operator }),
            visitor_id: Set(visitor_id),
            operator_id: Set(operator_id),
            client_message_id: Set(Some(ClientMessageId::parse(id.to_owned()).expect("an id").as_bytes().to_vec())),
            text: Set(Some("Hello\t\u{ffff}".to_owned())),
            sent_at: Set(self.now),
            visitor_messages: Set(1),
            operator_messages: Set(0),
            revision: Set(1),
            visitor_revision: Set(1),
            ..Default::default()
        }
    }

    /// An event about an operator.
    fn event(&self, of: &conversation::Model, sequence: i32, operator_id: OperatorId) -> message::ActiveModel {
        message::ActiveModel {
            author: Set(message::Author::System),
            client_message_id: Set(None),
            text: Set(None),
            event: Set(Some(message::Event::OperatorJoined)),
            ..self.message(of, sequence, Author::Operator(operator_id), "x")
        }
    }

    async fn insert<A>(&self, row: A) -> Result<<A::Entity as EntityTrait>::Model, DbErr>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        insert(&self.app, row).await
    }
}

#[derive(Clone, Copy)]
enum Author {
    Visitor(VisitorId),
    Operator(OperatorId),
}

#[tokio::test]
async fn a_visitor_has_one_conversation_that_is_not_closed() {
    let there = Visitors::arrive().await;
    there.insert(there.closed(there.ada)).await.expect("one that is over");
    there.insert(there.conversation(there.ada)).await.expect("the first");
    let second = there.insert(there.conversation(there.ada)).await.expect_err("it is the second");
    assert!(violates(&second, "conversation_open_key", "conversation.visitor_id"), "{second}");
    there.insert(there.closed(there.ada)).await.expect("another that is over");
    there.insert(there.conversation(there.bob)).await.expect("another visitor's");

    // The index is on `closed_at`, so it and the status must agree.
    let open = conversation::ActiveModel { closed_at: Set(Some(there.now)), ..there.conversation(there.ada) };
    let closed = conversation::ActiveModel { closed_at: Set(None), ..there.closed(there.ada) };
    for wrong in [open, closed] {
        let refused = there.insert(wrong).await.expect_err("status and time do not agree").to_string();
        assert!(refused.contains("conversation_closed_check"), "{refused}");
    }
}

#[tokio::test]
async fn a_message_is_stored_once_for_its_sender_and_its_id() {
    let there = Visitors::arrive().await;
    let [first, second] = [there.closed(there.ada), there.conversation(there.ada)];
    let (first, second) = (there.insert(first).await.expect("stored"), there.insert(second).await.expect("stored"));
    let others = there.insert(there.conversation(there.bob)).await.expect("stored");
    let (eve, fay) = (OperatorId::new(), OperatorId::new());
    let (ada, bob) = (Author::Visitor(there.ada), Author::Visitor(there.bob));

    // PostgreSQL stores U+0000 in no text.
    let id = "\0\u{202e}é";
    let stored = there.insert(there.message(&first, 1, ada, id)).await.expect("stored");
    let bytes = stored.client_message_id.expect("an id");
    assert_eq!(ClientMessageId::stored(&bytes).to_string(), id);

    let again = there.insert(there.message(&second, 1, ada, id)).await.expect_err("also in another conversation");
    assert!(violates(&again, "message_visitor_key", "message.client_message_id"), "{again}");
    there.insert(there.message(&second, 1, ada, "\0\u{202e}e\u{301}")).await.expect("another id");
    there.insert(there.message(&others, 1, bob, id)).await.expect("another visitor's");

    for (of, sequence, operator) in [(&second, 2, eve), (&second, 3, fay), (&first, 2, eve)] {
        there.insert(there.message(of, sequence, Author::Operator(operator), id)).await.expect("another sender");
    }
    let again = there.insert(there.message(&second, 4, Author::Operator(eve), id)).await.expect_err("the same");
    assert!(violates(&again, "message_operator_key", "message.client_message_id"), "{again}");
    for sequence in [4, 5] {
        there.insert(there.event(&second, sequence, eve)).await.expect("events have no id");
    }
    let again = there.insert(there.message(&second, 5, ada, "other")).await.expect_err("the sequence is taken");
    assert!(violates(&again, "message_pkey", "message.sequence"), "{again}");
}

#[tokio::test]
async fn an_operator_takes_part_once_at_a_time() {
    let there = Visitors::arrive().await;
    let conversation = there.insert(there.conversation(there.ada)).await.expect("stored");
    let eve = OperatorId::new();
    let joins = |operator_id: OperatorId, left_at: Option<DateTime<Utc>>| participation::ActiveModel {
        id: Set(ParticipationId::new()),
        account_id: Set(there.account_id),
        conversation_id: Set(conversation.id),
        operator_id: Set(operator_id),
        joined_at: Set(there.now),
        joined_sequence: Set(1),
        left_at: Set(left_at),
        card_key: Set("oc_1".to_owned()),
        public_name: Set("Eve".to_owned()),
        ..Default::default()
    };
    for row in [joins(eve, Some(there.now)), joins(eve, None), joins(eve, Some(there.now))] {
        there.insert(row).await.expect("joined");
    }
    there.insert(joins(OperatorId::new(), None)).await.expect("another operator");
    let again = there.insert(joins(eve, None)).await.expect_err("Eve takes part already");
    assert!(violates(&again, "participation_present_key", "participation.operator_id"), "{again}");
}

#[tokio::test]
async fn what_belongs_to_a_visitor_is_found_by_the_token_and_goes_with_the_visitor() {
    let there = Visitors::arrive().await;
    let db = there.app.app().db();
    let (token, other) = (visitors_token(), visitors_token());
    let [holder, stranger] = [&token, &other].map(|token| identity::Visitor::of(token).expect("a token"));
    let row = visitor_token::ActiveModel {
        account_id: Set(there.account_id),
        token_hash: Set(holder.token_hash().to_vec()),
        key: Set(holder.key_at(there.account_id)),
        visitor_id: Set(there.ada),
        created_at: Set(there.now),
    };
    there.insert(row.clone()).await.expect("stored");
    let again = visitor_token::ActiveModel { visitor_id: Set(there.bob), ..row };
    let again = there.insert(again).await.expect_err("a token has one visitor");
    assert!(violates(&again, "visitor_token_pkey", "visitor_token.token_hash"), "{again}");
    let find = async |account_id, visitor: &identity::Visitor| {
        visitors::find_by_token(db, account_id, visitor).await.expect("read").map(|visitor| visitor.id)
    };
    let globex = there.app.account(1).await.db_key();
    assert_eq!(find(there.account_id, &holder).await, Some(there.ada));
    assert_eq!((find(globex, &holder).await, find(there.account_id, &stranger).await), (None, None));

    let page = PageView::read(&format!("https://a.example/{}", "x".repeat(600)), Some(&"🦦".repeat(300)), None);
    let page = page.expect("a page");
    let latest = conversation::ActiveModel {
        revision: Set(7),
        page_url: Set(Some(page.url)),
        page_title: Set(page.title),
        page_referrer: Set(Some(format!("https://{}", "a".repeat(503)))),
        ..there.conversation(there.ada)
    };
    let before = there.now - TimeDelta::days(1);
    let old = conversation::ActiveModel { started_at: Set(before), ..there.closed(there.ada) };
    let old = there.insert(old).await.expect("stored");
    let latest = there.insert(latest).await.expect("stored");
    let message = there.message(&latest, 1, Author::Visitor(there.ada), "1");
    there.insert(message).await.expect("stored");
    let mark = conversation_mark::ActiveModel {
        conversation_id: Set(latest.id),
        operator_id: Set(OperatorId::new()),
        account_id: Set(there.account_id),
        read_up_to: Set(1),
        visitor_messages: Set(1),
    };
    there.insert(mark).await.expect("stored");
    let note = note::ActiveModel {
        id: Set(NoteId::new()),
        account_id: Set(there.account_id),
        conversation_id: Set(latest.id),
        operator_id: Set(OperatorId::new()),
        text: Set("x".repeat(4_000)),
        created_at: Set(there.now),
        revision: Set(2),
    };
    there.insert(note).await.expect("stored");

    let find = async |account_id, id| conversations::find(db, account_id, id).await.expect("read").map(|row| row.id);
    assert_eq!(find(there.account_id, old.id).await, Some(old.id));
    assert_eq!((find(globex, old.id).await, find(globex, latest.id).await), (None, None));
    let newest =
        async |account_id| conversations::find_latest(db, account_id, there.ada).await.expect("read").map(|row| row.id);
    assert_eq!((newest(there.account_id).await, newest(globex).await), (Some(latest.id), None));
    let versions = async || {
        let keys = [latest.id.0, ConversationId::new().0];
        there.app.app().versions(TopicKind::Conversation, &keys).await.expect("read")
    };
    assert_eq!(versions().await, [(latest.id.0, 7)]);

    let work = there.app.app().begin().await.expect("a transaction");
    visitor::Entity::delete_by_id(there.ada).exec(&*work).await.expect("deleted");
    work.commit().await.expect("committed");
    assert_eq!(versions().await, []);
    let left = [
        visitor_token::Entity::find().count(db).await,
        conversation::Entity::find().count(db).await,
        message::Entity::find().count(db).await,
        conversation_mark::Entity::find().count(db).await,
        note::Entity::find().count(db).await,
    ];
    assert_eq!(left.map(|count| count.expect("read")), [0; 5]);
    assert_eq!(visitor::Entity::find().count(db).await.expect("read"), 1, "Bob is left");
}
