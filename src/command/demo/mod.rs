//! `deskbell demo`: an example account in a temporary database, a website with its widget, answers
//! to what is written there, and instructions.

mod answers;
mod seed;
mod website;

use anyhow::Context as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{output::print, serve::stop_signal};
use seed::{EMAIL, PASSWORD};

use crate::{
    config::{Config, Secret},
    serve::Listening,
};

/// Runs the demo until it is stopped, then deletes its database.
pub async fn run(mut config: Config) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let folder = tempfile::tempdir().context("creating a folder for the demo's database")?;
    config.database.url = Secret::new(format!("sqlite:{}", folder.path().join("demo.db").display()));
    config.bus = None;
    let listening = Box::pin(Listening::start(config)).await?;
    let account = seed::seed(listening.app()).await?;
    if let Err(error) = print(directions(&listening, &account.widget_key)) {
        tracing::warn!(error = format!("{error:#}"), "the instructions could not be printed");
    }
    let (stopping, answering) = (CancellationToken::new(), TaskTracker::new());
    let (app, account_id, cancelled) = (listening.app().clone(), account.id, stopping.clone());
    listening
        .app()
        .supervisor
        .spawn("demo answers", &answering, &stopping, move || answers::run(app.clone(), account_id, cancelled.clone()));
    answering.close();
    let stop = async {
        stop.await;
        stopping.cancel();
        // Before the database is closed.
        answering.wait().await;
    };
    listening.with(website::routes(&account.widget_key)).run(stop).await
}

/// Instructions for the terminal.
fn directions(listening: &Listening, widget_key: &str) -> String {
    let config = &listening.app().config;
    let base = config.http.public_base();
    let variables = serde_json::json!({
        "signIn": { "email": EMAIL, "password": PASSWORD, "transport": "COOKIE" },
        "widgetKey": widget_key,
    });
    let quoted: String = url::form_urlencoded::byte_serialize(variables.to_string().as_bytes()).collect();
    let graphiql = if config.graphiql {
        format!(
            "  GraphiQL     {base}/graphiql?variables={quoted}&operationName=SignIn
  Live         {base}/graphiql?variables={quoted}&operationName=Availability
"
        )
    } else {
        String::new()
    };
    format!(
        "Deskbell demo: its data is deleted when you stop it (Ctrl-C).

  Dashboard    {base}/
  Sign in      {EMAIL}  {PASSWORD}
  Website      {base}/demo
{graphiql}  GraphQL      {base}/graphql
  Widget key   {widget_key}

Open the dashboard and the website next to each other, and switch operators on and off in Settings > Operators.
Write in the chat of the website: the demo answers by itself while an operator is active.
Bob (bob@acme.example) has limited access, Dana and Cy are inactive, and all have the same password.
"
    )
}
