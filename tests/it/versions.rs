//! Every change that operators or visitors can see has another version, so that servers which
//! missed the event find it.

use std::collections::BTreeSet;

use deskbell::{
    login::rules::reset_password,
    operator::rules::{Named, set_address},
};
use entity::{account, mail, operator, password_link};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::{Value, json};

use crate::support::{Account, Answer, PASSWORD, Person, TestApp, eventually, smtp::SmtpSink};

const OTHER_PASSWORD: &str = "nine-herons-paint-ladders";

/// Lets all links that set a password expire.
async fn db_expire_links(app: &TestApp) {
    let work = app.app().begin().await.expect("a transaction");
    password_link::Entity::update_many()
        .col_expr(password_link::Column::ExpiresAt, Expr::value(app.app().clock.now()))
        .exec(&*work)
        .await
        .expect("the database answers");
    work.commit().await.expect("committed");
}

/// What operators and visitors of an account can see, and its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    version: i64,
    rows: (account::Model, Vec<operator::Model>, Vec<mail::Model>),
    shown_version: i64,
    shown: Value,
}

async fn seen(app: &TestApp, acme: &Account) -> Seen {
    let db = app.app().db();
    let mut account = account::Entity::find_by_id(acme.db_key()).one(db).await.expect("read").expect("it exists");
    let version = std::mem::take(&mut account.version);
    account.availability_version = 0;
    let operators = operator::Entity::find()
        .filter(operator::COLUMN.account_id.eq(acme.db_key()))
        .filter(operator::COLUMN.removed_at.is_null())
        .order_by_asc(operator::Column::Id);
    let mut operators = operators.all(db).await.expect("read");
    for row in &mut operators {
        // Not published, or not shown.
        (row.last_seen_at, row.added_by) = (None, None);
        // Written once the mail is sent, so it is not the change of a mutation.
        row.invitation_sent_at = None;
        row.password_hash = row.password_hash.take().map(|_| String::new());
    }
    let problems = mail::Entity::find()
        .filter(mail::COLUMN.kind.eq(mail::Kind::Invitation))
        .filter(mail::COLUMN.last_error.is_not_null())
        .order_by_asc(mail::Column::Id);
    let problems = problems.all(db).await.expect("read");
    let shown =
        acme.visited("version isAvailable isChatEnabled operators { id publicName description photoUrl }").await;
    let mut shown = shown.at("availability").clone();
    let shown_version = shown["version"].take().as_i64().expect("a number");
    Seen { version, rows: (account, operators, problems), shown_version, shown }
}

/// Compares what is seen with the versions after each step.
struct Steps<'a> {
    app: &'a TestApp,
    acme: &'a Account,
    last: Seen,
    taken: BTreeSet<String>,
    changed: BTreeSet<String>,
}

impl<'a> Steps<'a> {
    async fn begin(app: &'a TestApp, acme: &'a Account) -> Self {
        Self { app, acme, last: seen(app, acme).await, taken: BTreeSet::new(), changed: BTreeSet::new() }
    }

    async fn took(&mut self, name: &str) {
        let now = seen(self.app, self.acme).await;
        let last = std::mem::replace(&mut self.last, now.clone());
        assert!(last.version <= now.version && last.shown_version <= now.shown_version, "{name}: a version went back");
        if last.rows != now.rows {
            assert!(last.version < now.version, "{name}: operators see another state of the same version: {now:#?}");
            self.changed.insert(name.to_owned());
        }
        assert_eq!(last.shown != now.shown, last.shown_version < now.shown_version, "{name}: {last:#?} {now:#?}");
        self.taken.insert(name.to_owned());
    }

    async fn does(&mut self, who: &Person, name: &str, input: Value) -> Answer {
        let answer = who.does(name, input).await.granted();
        self.took(name).await;
        answer
    }
}

/// Mutations that change no account. The versions of conversations are compared by the stories of
/// chats, with replicas that apply what is delivered.
const OF_CONVERSATIONS: &[&str] = &[
    "addNote",
    "assignConversation",
    "blockVisitor",
    "closeChat",
    "closeConversation",
    "joinConversation",
    "leaveConversation",
    "markChatRead",
    "markConversationRead",
    "reopenConversation",
    "sendChatMessage",
    "sendMessage",
    "setChatTyping",
    "setTyping",
    "unblockVisitor",
    "updateChatVisitor",
];

async fn token(relay: &mut SmtpSink, to: &str, page: &str) -> String {
    loop {
        let mail = relay.next().await;
        if let Some((_, rest)) = mail.text.split_once(&format!("/{page}#token=")).filter(|_| mail.to == to) {
            return rest.split_whitespace().next().expect("a token").to_owned();
        }
    }
}

async fn confirmation(relay: &mut SmtpSink, to: &str) -> String {
    let mail = relay.confirmation(to).await;
    let (_, rest) = mail.text.split_once("#token=").expect("a link");
    rest.split_whitespace().next().expect("a token").to_owned()
}

#[tokio::test]
async fn every_mutation_that_changes_what_is_seen_changes_the_version() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(3).await;
    let owner = &acme.owner;
    let mut steps = Steps::begin(&app, &acme).await;

    app.account_named("globex", 2).await;
    steps.took("signUp").await;
    steps.does(owner, "updateAccount", json!({ "name": "Acme & Daughters" })).await;
    steps.does(owner, "updateAccount", json!({ "isChatEnabled": false })).await;
    steps.does(owner, "changePlan", json!({ "plan": "STANDARD", "seats": 2 })).await;

    // Bob has a password, and Cy an invitation.
    let input = json!({ "name": "Bob", "email": "bob@acme.example", "password": PASSWORD });
    let added = steps.does(owner, "addOperator", input).await;
    let mut bob = owner.server().known(&added.payload()["operator"]);
    let added = steps.does(owner, "addOperator", json!({ "name": "Cy", "email": "cy@acme.example" })).await;
    let cy = owner.server().known(&added.payload()["operator"]);
    token(&mut relay, &cy.email, "accept-invitation").await;
    steps.does(owner, "inviteOperator", json!({ "operatorId": cy.id })).await;
    let invitation = token(&mut relay, &cy.email, "accept-invitation").await;
    db_expire_links(&app).await;
    // While a mail waits, an invitation is not renewed.
    let waiting = async || mail::Entity::find().all(app.app().db()).await.expect("the database answers").len();
    eventually("an empty queue", async || waiting().await == 0).await;
    steps.does(&app.anonymous(), "renewInvitation", json!({ "token": invitation })).await;
    let invitation = token(&mut relay, &cy.email, "accept-invitation").await;
    // Visitors see an operator who was activated before with the first password only.
    let hidden = steps.last.shown_version;
    steps.does(owner, "activateOperator", json!({ "operatorId": cy.id })).await;
    assert_eq!(steps.last.shown_version, hidden);
    steps.does(&app.anonymous(), "recoverPassword", json!({ "token": invitation, "newPassword": PASSWORD })).await;
    assert_eq!(steps.last.shown_version, hidden + 1);
    steps.does(owner, "deactivateOperator", json!({ "operatorId": cy.id })).await;

    bob.signs_in(&bob.email.clone(), PASSWORD).await.granted();
    steps.took("signIn").await;
    bob.elsewhere().await.signs_out().await;
    steps.took("signOut").await;
    steps.does(&app.anonymous(), "requestPasswordRecovery", json!({ "email": bob.email })).await;
    let link = token(&mut relay, &bob.email, "recover-password").await;
    steps.does(&app.anonymous(), "recoverPassword", json!({ "token": link, "newPassword": OTHER_PASSWORD })).await;
    // The recovery has ended the session.
    bob.token = None;
    bob.signs_in(&bob.email.clone(), OTHER_PASSWORD).await.granted();
    let passwords = json!({ "currentPassword": OTHER_PASSWORD, "newPassword": PASSWORD });
    steps.does(&bob, "changePassword", passwords).await;

    let whom = json!({ "operatorId": bob.id });
    steps.does(owner, "activateOperator", whom.clone()).await;
    steps.does(&bob, "updateOperator", json!({ "operatorId": bob.id, "publicName": "Robert" })).await;
    steps.does(&bob, "updateOperator", json!({ "operatorId": bob.id, "name": "B" })).await;
    bob.uploads_photo(&bob, include_bytes!("../fixtures/photos/100x100.png").to_vec()).await.granted();
    steps.took("setOperatorPhoto").await;
    steps.does(&bob, "removeOperatorPhoto", whom.clone()).await;
    steps.does(owner, "swapSeat", json!({ "fromOperatorId": bob.id, "toOperatorId": cy.id })).await;
    steps.does(owner, "deactivateOperator", json!({ "operatorId": cy.id })).await;
    steps.does(owner, "changeAccessLevel", json!({ "operatorId": bob.id, "accessLevel": "FULL" })).await;

    // Bob confirms one address, and another person withdraws the next.
    let moves = |to: &str| json!({ "operatorId": bob.id, "email": to, "currentPassword": PASSWORD });
    let former = bob.email.clone();
    steps.does(&bob, "updateOperator", moves("robert@acme.example")).await;
    confirmation(&mut relay, "robert@acme.example").await;
    // The next link replaces this one.
    steps.does(&bob, "requestAddressConfirmation", whom.clone()).await;
    let link = confirmation(&mut relay, "robert@acme.example").await;
    steps.does(&bob, "confirmAddress", json!({ "token": link })).await;
    steps.does(&bob, "updateOperator", moves("rob@acme.example")).await;
    let link = confirmation(&mut relay, "rob@acme.example").await;
    steps.does(&app.anonymous(), "releaseAddress", json!({ "token": link })).await;
    let undo = token(&mut relay, &former, "restore-address").await;
    steps.does(&app.anonymous(), "restoreAddress", json!({ "token": undo })).await;

    steps.does(owner, "transferOwnership", json!({ "operatorId": bob.id })).await;
    reset_password(app.app(), &bob.email, OTHER_PASSWORD).await.expect("reset");
    steps.took("operator reset-password").await;
    let dan = json!({ "name": "Dan", "email": "dan@acme.example", "isActive": true });
    steps.does(owner, "addOperator", dan).await;
    let hidden = steps.last.shown_version;
    reset_password(app.app(), "dan@acme.example", PASSWORD).await.expect("reset");
    steps.took("operator reset-password").await;
    assert_eq!(steps.last.shown_version, hidden + 1);
    set_address(app.app(), Named::Id(cy.db_key()), "cyrus@acme.example").await.expect("set");
    steps.took("operator set-address").await;
    steps.does(owner, "removeOperator", json!({ "operatorId": cy.id })).await;

    let unseen = [
        "signUp",
        "signIn",
        "signOut",
        "requestPasswordRecovery",
        "inviteOperator",
        "renewInvitation",
        "requestAddressConfirmation",
    ];
    let changed: Vec<_> = steps.taken.iter().filter(|name| !unseen.contains(&name.as_str())).cloned().collect();
    assert_eq!(steps.changed.iter().cloned().collect::<Vec<_>>(), changed, "a step that changed nothing shows nothing");
    let fields = app.anonymous().reads("{ __schema { mutationType { fields { name } } } }").await;
    for field in fields.at("__schema.mutationType.fields").as_array().expect("a list") {
        let name = field["name"].as_str().expect("a name");
        if OF_CONVERSATIONS.contains(&name) {
            continue;
        }
        assert!(steps.taken.contains(name), "{name} is not checked: add it to this story");
    }
}
