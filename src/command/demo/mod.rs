//! `deskbell demo`: an example account in a throw-away database, a website with its widget, and how to reach both.

mod furnish;
mod website;

use anyhow::Context as _;

use super::serve::stop_signal;
use furnish::{EMAIL, PASSWORD};

use crate::{
    config::{Config, Secret},
    serve::Listening,
};

/// Serves the demo until told to stop; the database goes with it.
pub async fn run(mut config: Config) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let folder = tempfile::tempdir().context("a folder for the demo's database")?;
    config.database.url = Secret::new(format!("sqlite:{}", folder.path().join("demo.db").display()));
    config.bus = None;
    let listening = Listening::start(config).await?;
    let widget_key = furnish::furnish(listening.app()).await?;
    print_directions(&listening, &widget_key);
    listening.with(website::routes(&widget_key)).run(stop).await
}

fn print_directions(listening: &Listening, widget_key: &str) {
    let http = &listening.app().config.http;
    let base = http.public_base();
    let quoted: String = url::form_urlencoded::byte_serialize(format!(r#"{{"widgetKey":"{widget_key}"}}"#).as_bytes()).collect();
    println!("Deskbell demo: throw-away data, gone when you stop it (Ctrl-C).");
    println!();
    println!("  Dashboard    {base}/");
    println!("  Sign in      {EMAIL}  {PASSWORD}");
    println!("  Website      {base}/demo");
    if http.graphiql {
        println!("  GraphiQL     {base}/graphiql");
        println!("  Live         {base}/graphiql?variables={quoted}&operationName=Availability");
    }
    println!("  GraphQL      {base}/graphql");
    println!("  Widget key   {widget_key}");
    println!();
    println!("Put dashboard and website side by side, and slide somebody's slider in Settings > Operators.");
    println!("Bob (bob@acme.example) has limited access, Dana and Cy are inactive; all have the same password.");
}
