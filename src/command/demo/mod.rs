//! `deskbell demo`: an example account in a temporary database, a website with its widget, and
//! instructions for both.

mod seed;
mod website;

use anyhow::Context as _;

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
    let widget_key = seed::seed(listening.app()).await?;
    if let Err(error) = print(directions(&listening, &widget_key)) {
        tracing::warn!(error = format!("{error:#}"), "the instructions could not be printed");
    }
    listening.with(website::routes(&widget_key)).run(stop).await
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
Bob (bob@acme.example) has limited access, Dana and Cy are inactive, and all have the same password.
"
    )
}
