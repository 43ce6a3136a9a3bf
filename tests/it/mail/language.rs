//! The language of mails.

use chrono::TimeDelta;
use entity::{MailId, mail};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait};
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, all_is_sent, asks, token_of, with_mail};
use crate::support::{
    Answer, PASSWORD, Person, TestApp,
    smtp::{Mail, SmtpSink},
};

#[derive(Clone, Copy)]
enum Subject {
    Invitation,
    Recovery,
    PasswordChanged,
    AddressChanged,
    Confirmation,
}

fn subject(subject: Subject, is_czech: bool) -> &'static str {
    let [english, czech] = match subject {
        Subject::Invitation => ["You are invited to answer a website's chat", "Pozvánka k obsluze chatu na webu"],
        Subject::Recovery => ["Choose a new password", "Zvolte si nové heslo"],
        Subject::PasswordChanged => ["Your password was changed", "Vaše heslo bylo změněno"],
        Subject::AddressChanged => ["Your sign-in address was changed", "Vaše přihlašovací adresa byla změněna"],
        Subject::Confirmation => ["Confirm your address", "Potvrďte svou adresu"],
    };
    if is_czech { czech } else { english }
}

/// Callers with one language, and the mails that they cause.
struct Stage {
    app: TestApp,
    relay: SmtpSink,
    language: Option<&'static str>,
}

impl Stage {
    async fn does(&self, person: &Person, name: &str, mut input: Value) -> Answer {
        if let Some(language) = self.language {
            input["language"] = json!(language);
        }
        person.does(name, input).await.granted()
    }

    /// The mails that were caused, which must be these, in any order.
    async fn causes(&mut self, expected: &[(&str, Subject)]) -> Vec<Mail> {
        let mut mails = Vec::new();
        for _ in expected {
            mails.push(self.relay.any().await);
        }
        let is_czech = self.language == Some("CS");
        let mut seen: Vec<_> = mails.iter().map(|mail| (mail.to.clone(), mail.subject())).collect();
        let mut wanted: Vec<_> =
            expected.iter().map(|(to, of)| ((*to).to_owned(), subject(*of, is_czech).to_owned())).collect();
        seen.sort();
        wanted.sort();
        assert_eq!(seen, wanted);
        let (greeting, tag) = if is_czech { ("Dobrý den,", "cs") } else { ("Hello ", "en") };
        for mail in &mails {
            assert!(mail.text.starts_with(greeting), "{}", mail.text);
            assert!(mail.head.contains(&format!("\nContent-Language: {tag}\n")), "{}", mail.head);
        }
        mails
    }
}

#[tokio::test]
async fn every_mail_is_in_the_language_of_the_person_who_causes_it() {
    use Subject::{AddressChanged, Confirmation, Invitation, PasswordChanged, Recovery};
    let (app, relay) = with_mail(|_| {}).await;
    let mut stage = Stage { app, relay, language: None };
    for language in [None, Some("EN"), Some("CS")] {
        stage.language = language;
        let at = |name: &str| format!("{name}@{}.example", language.unwrap_or("none").to_lowercase());
        let (ada, eve, bob) = (at("ada"), at("eve"), at("bob"));
        let anonymous = stage.app.anonymous();

        let owner =
            json!({ "accountName": "Acme", "name": "Ada", "email": ada, "password": PASSWORD, "transport": "TOKEN" });
        stage.does(&anonymous, "signUp", owner).await;
        stage.causes(&[(&ada, Confirmation)]).await;
        let mut owner = stage.app.anonymous();
        owner.signs_in(&ada, PASSWORD).await.granted();
        stage.does(&owner, "requestAddressConfirmation", json!({ "operatorId": owner.id })).await;
        stage.causes(&[(&ada, Confirmation)]).await;

        let added = stage.does(&owner, "addOperator", json!({ "name": "Eve", "email": eve })).await;
        let eve_id = added.payload()["operator"]["id"].clone();
        stage.causes(&[(&eve, Invitation)]).await;
        stage.does(&owner, "inviteOperator", json!({ "operatorId": eve_id })).await;
        stage.causes(&[(&eve, Invitation)]).await;
        stage.does(&owner, "updateOperator", json!({ "operatorId": eve_id, "email": at("eva") })).await;
        let mails = stage.causes(&[(&at("eva"), Invitation)]).await;
        let expiring = token_of(&mails[0], "accept-invitation");

        let new = json!({ "name": "Bob", "email": bob, "password": PASSWORD });
        let added = stage.does(&owner, "addOperator", new).await;
        let bob_id = added.payload()["operator"]["id"].clone();
        stage.causes(&[(&bob, Confirmation)]).await;
        stage.does(&owner, "updateOperator", json!({ "operatorId": bob_id, "email": at("robert") })).await;
        stage.causes(&[(&bob, AddressChanged), (&at("robert"), Confirmation)]).await;

        stage.does(&anonymous, "requestPasswordRecovery", json!({ "email": ada })).await;
        let mails = stage.causes(&[(&ada, Recovery)]).await;
        let token = token_of(&mails[0], "recover-password");
        stage.does(&anonymous, "recoverPassword", json!({ "token": token, "newPassword": OTHER_PASSWORD })).await;
        stage.causes(&[(&ada, PasswordChanged)]).await;
        // The recovery has ended the session.
        owner.token = None;
        owner.signs_in(&ada, OTHER_PASSWORD).await.granted();
        let passwords = json!({ "currentPassword": OTHER_PASSWORD, "newPassword": PASSWORD });
        stage.does(&owner, "changePassword", passwords).await;
        stage.causes(&[(&ada, PasswordChanged)]).await;

        let moves = json!({ "operatorId": owner.id, "email": at("adele"), "currentPassword": PASSWORD });
        stage.does(&owner, "updateOperator", moves).await;
        let mails = stage.causes(&[(&at("adele"), Confirmation)]).await;
        let token = token_of(&mails[0], "confirm-address");
        stage.does(&anonymous, "confirmAddress", json!({ "token": token, "newPassword": OTHER_PASSWORD })).await;
        // A mail about the profile goes to its new address.
        let mails = stage.causes(&[(&ada, AddressChanged), (&at("adele"), PasswordChanged)]).await;
        let undo = mails.iter().find(|mail| mail.to == ada).expect("a mail");
        let token = token_of(undo, "restore-address");
        stage.does(&anonymous, "restoreAddress", json!({ "token": token })).await;
        stage.causes(&[(&ada, Recovery), (&at("adele"), AddressChanged)]).await;

        all_is_sent(&stage.app).await;
        stage.app.later(TimeDelta::days(8));
        stage.does(&anonymous, "renewInvitation", json!({ "token": expiring })).await;
        stage.causes(&[(&at("eva"), Invitation)]).await;
    }
}

#[tokio::test]
async fn a_mail_of_another_version_is_in_english_if_its_language_is_unknown() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let owner = app.account(1).await.owner;
    for language in [None, Some("tlh")] {
        let work = app.app().begin().await.expect("a transaction");
        let now = app.app().clock.now();
        let row = mail::ActiveModel {
            id: Set(MailId::new()),
            kind: Set(mail::Kind::PasswordChanged),
            operator_id: Set(Some(owner.db_key())),
            attempts: Set(0),
            due_at: Set(now),
            created_at: Set(now),
            // The previous version does not write the language.
            ..Default::default()
        };
        row.insert(&*work).await.expect("a row");
        if let Some(language) = language {
            work.execute_unprepared(&format!("UPDATE mail SET language = '{language}'")).await.expect("a language");
        }
        work.commit().await.expect("committed");
        // Wakes the queue.
        asks(&app.anonymous(), "nobody@acme.example").await.granted();
        let mail = relay.next().await;
        assert_eq!((mail.to.as_str(), mail.subject().as_str()), (&*owner.email, "Your password was changed"));
        assert!(mail.head.contains("\nContent-Language: en\n"), "{}", mail.head);
    }
}
