//! The other commands of the program, and several programs at once.

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{
    Database, is_postgres,
    process::{Folder, Program},
};

const PASSWORD: &str = "seven-otters-juggle-plums";
const CREATE: [&str; 8] =
    ["account", "create", "--account-name", "Acme", "--owner-name", "Ada", "--email", "ada@acme.example"];

/// Runs a command that must succeed. Returns its standard output.
async fn succeeds(folder: &Folder, args: &[&str], settings: &[(&str, &str)], input: &str) -> String {
    let ended = folder.run_with_input(args, settings, input).await;
    assert_eq!(ended.code(), Some(0), "{args:?}: {ended:?}");
    ended.stdout
}

/// The rest of the line that starts with this label.
fn after<'a>(printed: &'a str, word: &str) -> &'a str {
    let line = printed.lines().find_map(|line| line.trim_start().strip_prefix(word));
    line.unwrap_or_else(|| panic!("no {word} in {printed}")).trim()
}

fn refusals(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().unwrap_or_else(|| panic!("{payload}"));
    errors.iter().map(|error| error["__typename"].as_str().expect("__typename is selected")).collect()
}

#[tokio::test]
async fn the_schema_is_printed_as_it_is_committed() {
    let folder = Folder::new();
    let printed = succeeds(&folder, &["schema"], &[("LISTEN", "not needed")], "").await;
    assert_eq!(printed, include_str!("../../schema.graphql"));
    assert_eq!(folder.files(), [""; 0]);
}

#[tokio::test]
async fn migrating_twice_is_idempotent() {
    let database = Database::unmigrated().await;
    let folder = Folder::new();
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal())];
    for _ in 0..2 {
        let printed = succeeds(&folder, &["migrate"], &settings, "").await;
        assert_eq!(printed, "The database is up to date.\n");
    }
    let program = folder.serve(&settings).await;
    assert_eq!(reqwest::get(program.url("/readyz")).await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_server_and_commands_that_start_at_once_on_a_new_database_all_migrate_it() {
    let database = Database::unmigrated().await;
    let (url, folder) = (database.url(), Folder::new());
    let settings = [("LISTEN", "127.0.0.1:0"), ("DATABASE_URL", url.reveal()), ("DATABASE_POOL", "4")];
    let mut program = Program::spawn(folder.command(&["serve"], &settings), "");
    let commands: Vec<_> = (0..4).map(|_| Program::spawn(folder.command(&["migrate"], &settings), "")).collect();
    for ended in join_all(commands.into_iter().map(Program::ended)).await {
        assert_eq!(ended.code(), Some(0), "{ended:?}");
    }
    program.listens().await;
    program.sign_up("ada@acme.example", PASSWORD).await;
}

#[tokio::test]
async fn servers_that_start_at_once_on_a_new_database_all_come_up() {
    // On SQLite only one server runs: see the stories of two servers.
    if !is_postgres() {
        return;
    }
    let database = Database::unmigrated().await;
    let url = database.url();
    let settings = [("LISTEN", "127.0.0.1:0"), ("DATABASE_URL", url.reveal()), ("DATABASE_POOL", "4")];
    let folder = Folder::new();
    let mut programs: Vec<Program> =
        (0..5).map(|_| Program::spawn(folder.command(&["serve"], &settings), "")).collect();
    join_all(programs.iter_mut().map(Program::listens)).await;

    for program in &programs {
        assert_eq!(reqwest::get(program.url("/readyz")).await.expect("an answer").status(), 200, "{}", program.log());
    }
    // A change on one server is visible on each.
    programs[0].sign_up("ada@acme.example", PASSWORD).await;
    for program in &programs {
        assert_eq!(program.sign_in("ada@acme.example", PASSWORD).await["viewer"]["name"], "Ada");
    }
}

#[tokio::test]
async fn an_account_is_created_where_sign_up_is_closed() {
    let database = Database::fresh().await;
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal()), ("SIGN_UP", "off")];
    let folder = Folder::new();
    let args = [&CREATE[..], &["--password-stdin"]].concat();
    let printed = succeeds(&folder, &args, &settings, &format!("{PASSWORD}\n")).await;
    assert_eq!(after(&printed, "Account:"), "Acme");
    assert!(!printed.contains(PASSWORD), "a typed password is not printed: {printed}");

    let program = folder.serve(&settings).await;
    let entered = program.sign_in("ada@acme.example", PASSWORD).await;
    assert_eq!(refusals(&entered), [""; 0]);
    let query = "{ viewer { isOwner isActive accessLevel } account { name widgetKey plan { code } } }";
    let answer = program.ask(entered["token"].as_str(), query, json!({})).await;
    assert_eq!(answer["data"]["viewer"], json!({ "isOwner": true, "isActive": true, "accessLevel": "FULL" }));
    assert_eq!(
        answer["data"]["account"],
        json!({ "name": "Acme", "widgetKey": after(&printed, "Widget key:"), "plan": { "code": "FREE" } })
    );
    let closed = "mutation { signUp(input: { accountName: \"B\", name: \"Bob\", email: \"bob@b.example\", password: \"xx-otters-juggle\" })
        { userErrors { __typename } } }";
    assert_eq!(refusals(&program.ask(None, closed, json!({})).await["data"]["signUp"]), ["SignUpClosed"]);
}

#[tokio::test]
async fn the_first_account_closes_sign_up_also_if_a_command_creates_it() {
    const SERVER: &str = "{ server { isSignUpOpen hasAccount } }";
    let database = Database::fresh().await;
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal())];
    let folder = Folder::new();
    let program = folder.serve(&settings).await;
    let server = async || program.ask(None, SERVER, json!({})).await["data"]["server"].clone();
    assert_eq!(server().await, json!({ "isSignUpOpen": true, "hasAccount": false }));

    succeeds(&folder, &CREATE, &settings, "").await;

    assert_eq!(server().await, json!({ "isSignUpOpen": false, "hasAccount": true }));
    let closed = "mutation { signUp(input: { accountName: \"B\", name: \"Bob\", email: \"bob@b.example\", password: \"xx-otters-juggle\" })
        { userErrors { __typename } } }";
    assert_eq!(refusals(&program.ask(None, closed, json!({})).await["data"]["signUp"]), ["SignUpClosed"]);
    // The command creates further ones.
    let another = [&CREATE[..6], &["--email", "bob@globex.example"]].concat();
    succeeds(&folder, &another, &settings, "").await;
}

#[tokio::test]
async fn a_password_is_generated_when_none_is_given() {
    let database = Database::fresh().await;
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal())];
    let folder = Folder::new();
    let printed = succeeds(&folder, &CREATE, &settings, "").await;
    let password = after(&printed, "Password:");
    assert!(password.len() >= 20, "{password}");

    let program = folder.serve(&settings).await;
    assert_eq!(refusals(&program.sign_in("ada@acme.example", password).await), [""; 0]);
}

#[tokio::test]
async fn a_refusal_by_a_rule_is_one_line_and_changes_nothing() {
    let database = Database::fresh().await;
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal())];
    let folder = Folder::new();
    succeeds(&folder, &CREATE, &settings, "").await;

    let weak = [&CREATE[..6], &["--email", "bob@acme.example", "--password-stdin"]].concat();
    let unknown = ["operator", "reset-password", "nobody@acme.example"];
    for (args, input, expected) in [
        (&CREATE[..], "", "This address signs in to an account already."),
        (&weak, "short", "password"),
        (&weak, "bob@acme.example", "password"),
        (&[&CREATE[..7], &["no address"]].concat(), "", "address"),
        (&unknown, "", "no operator has this address"),
    ] {
        let ended = folder.run_with_input(args, &settings, input).await;
        assert_eq!(ended.code(), Some(1), "{args:?}: {ended:?}");
        let [line] = ended.error_lines()[..] else { panic!("{args:?}: {ended:?}") };
        assert!(line.starts_with("deskbell: ") && line.contains(expected), "{args:?}: {line}");
        assert_eq!(ended.stdout, "", "{args:?}");
    }
    let program = folder.serve(&settings).await;
    assert_eq!(refusals(&program.sign_in("bob@acme.example", "short").await), ["InvalidCredentials"]);
}

#[tokio::test]
async fn a_reset_password_works_at_once_and_ends_every_session() {
    let database = Database::fresh().await;
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal())];
    let folder = Folder::new();
    // The server keeps running: an operator who is locked out needs access now, not after the next
    // maintenance.
    let program = folder.serve(&settings).await;
    let before = program.sign_up("ada@acme.example", PASSWORD).await;

    let reset = ["operator", "reset-password", "ADA@acme.example"];
    let typed = [&reset[..], &["--password-stdin"]].concat();
    let printed = succeeds(&folder, &typed, &settings, "nine-herons-paint-ladders\r\n").await;
    assert!(!printed.contains("herons"), "{printed}");
    let answer = program.ask(Some(&before), "{ viewer { name } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer}");
    assert_eq!(refusals(&program.sign_in("ada@acme.example", PASSWORD).await), ["InvalidCredentials"]);
    assert_eq!(refusals(&program.sign_in("ada@acme.example", "nine-herons-paint-ladders").await), [""; 0]);

    let printed = succeeds(&folder, &reset, &settings, "").await;
    assert_eq!(refusals(&program.sign_in("ada@acme.example", after(&printed, "Password:")).await), [""; 0]);
}

#[tokio::test]
async fn only_the_demo_has_the_demos_website() {
    let (database, folder) = (Database::fresh().await, Folder::new());
    let program = folder.serve(&[("DATABASE_URL", database.url().reveal())]).await;
    for path in ["/demo", "/demo/website.css"] {
        assert_eq!(reqwest::get(program.url(path)).await.expect("an answer").status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_demo_serves_what_it_prints_and_leaves_no_files() {
    let folder = Folder::new();
    let temp = tempfile::tempdir().expect("a temporary folder");
    let mut command = folder.command(&["demo", "--listen", "127.0.0.1:0"], &[]);
    command.env("TMPDIR", temp.path());
    let program = Program::spawn(command, "");
    let printed = program.prints("all have the same password.").await;

    let addresses: Vec<_> = printed.lines().filter(|line| line.contains("http://")).map(str::trim).collect();
    assert!(addresses[0].starts_with("Dashboard "), "the first address is the dashboard's: {printed}");
    let (dashboard, website) = (after(&printed, "Dashboard"), after(&printed, "Website"));
    let graphql = after(&printed, "GraphQL ");
    let graphiql = after(&printed, "GraphiQL ");
    let (email, password) = after(&printed, "Sign in").split_once("  ").expect("an address and a password");
    let widget_key = after(&printed, "Widget key");
    let client = reqwest::Client::new();
    for page in [graphiql, dashboard] {
        assert_eq!(client.get(page).send().await.expect("an answer").status(), 200, "{page}");
    }
    assert!(website.ends_with("/demo"), "{website}");
    let shop = client.get(website).send().await.expect("an answer");
    let policy = shop.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; connect-src 'self';") && !policy.contains("unsafe"),
        "{policy}"
    );
    let shop = shop.text().await.expect("a page");
    assert!(shop.contains(&format!("<script async src=\"/widget.js\" data-key=\"{widget_key}\"></script>")), "{shop}");
    for loaded in shop.split('"').filter(|part| part.starts_with('/') && part.contains('.') && !part.contains('>')) {
        assert_eq!(
            client.get(format!("{dashboard}{}", &loaded[1..])).send().await.expect("an answer").status(),
            200,
            "{loaded}"
        );
    }
    let query = "query($key: String!) { availability(widgetKey: $key) { isAvailable operators { publicName photoUrl(size: 64) } } }";
    let asked = client.post(graphql).json(&json!({ "query": query, "variables": { "key": widget_key } })).send().await;
    let answer: Value = asked.expect("an answer").json().await.expect("JSON");
    let cards = answer["data"]["availability"]["operators"].as_array().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(
        cards.iter().map(|card| card["publicName"].as_str().expect("a name")).collect::<Vec<_>>(),
        ["Ada Lovelace", "Bob"]
    );
    for card in cards {
        let photo =
            client.get(card["photoUrl"].as_str().expect("each operator has a photo")).send().await.expect("an answer");
        assert_eq!((photo.status().as_u16(), photo.headers()["content-type"].to_str().ok()), (200, Some("image/jpeg")));
    }
    let mut shelved = std::fs::read_dir(temp.path())
        .expect("a readable folder")
        .map(|entry| entry.expect("an entry").path().join("demo.db-lock"));
    assert!(shelved.any(|lock| lock.exists()), "the demo holds the lock of its database");
    for email in [email, "bob@acme.example"] {
        let query = "mutation($email: String!, $password: String!) {
            signIn(input: { email: $email, password: $password, transport: TOKEN }) { viewer { name } } }";
        let body = json!({ "query": query, "variables": { "email": email, "password": password.trim() } });
        let answer: Value =
            client.post(graphql).json(&body).send().await.expect("an answer").json().await.expect("JSON");
        assert!(answer["data"]["signIn"]["viewer"]["name"].is_string(), "{answer}");
    }

    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert_eq!(folder.files(), [""; 0]);
    assert_eq!(
        std::fs::read_dir(temp.path()).expect("a readable folder").count(),
        0,
        "the demo's database is left behind"
    );
}

impl Database {
    /// A database without tables.
    async fn unmigrated() -> Self {
        let database = Self::fresh().await;
        if is_postgres() {
            let mut options = sea_orm::ConnectOptions::new(database.url().reveal());
            options.max_connections(1).sqlx_logging(false);
            let db = sea_orm::Database::connect(options).await.expect("the database answers");
            db.execute_unprepared("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                .await
                .expect("the schema is dropped");
            db.close().await.expect("the connection closes");
        }
        database
    }
}

#[tokio::test]
async fn the_administrator_sets_an_address() {
    let database = Database::fresh().await;
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal())];
    let folder = Folder::new();
    let args = [&CREATE[..], &["--password-stdin"]].concat();
    succeeds(&folder, &args, &settings, &format!("{PASSWORD}\n")).await;

    let set = ["operator", "set-address", "ADA@acme.example", "ada@new.example"];
    assert_eq!(succeeds(&folder, &set, &settings, "").await, "Ada signs in with ada@new.example now.\n");
    for (args, expected) in [
        (["operator", "set-address", "ada@acme.example", "x@acme.example"], "no operator has or had this address"),
        (["operator", "set-address", "ada@new.example", "no address"], "The address"),
    ] {
        let ended = folder.run_with_input(&args, &settings, "").await;
        assert_eq!(ended.code(), Some(1), "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(expected), "{args:?}: {ended:?}");
    }
    let program = folder.serve(&settings).await;
    assert_eq!(refusals(&program.sign_in("ada@acme.example", PASSWORD).await), ["InvalidCredentials"]);
    let entered = program.sign_in("ada@new.example", PASSWORD).await;
    assert_eq!(refusals(&entered), [""; 0]);

    // By the id that ends the URL of the operator's page in the dashboard.
    let answer = program.ask(entered["token"].as_str(), "{ viewer { id } }", json!({})).await;
    let id = answer["data"]["viewer"]["id"].as_str().expect("an id").to_owned();
    succeeds(&folder, &["operator", "set-address", &id, "ada@third.example"], &settings, "").await;
    assert_eq!(refusals(&program.sign_in("ada@third.example", PASSWORD).await), [""; 0]);
}
