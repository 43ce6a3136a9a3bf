//! The upgrade of a database that the previous version has filled, and still uses.

use deskbell::config::Secret;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, Statement, TransactionTrait as _};
use serde_json::json;

use crate::support::{
    Database, PASSWORD, eventually, in_time, is_postgres,
    process::{Folder, Program},
};

/// The migrations that the previous version does not have.
const NEW: u32 = 10;

/// An account in a database of the previous version.
struct Previous {
    database: Database,
    folder: Folder,
    db: DatabaseConnection,
}

impl Previous {
    async fn start() -> Self {
        let (database, folder) = (Database::fresh().await, Folder::new());
        let url = database.url();
        let program = folder.serve(&[("DATABASE_URL", url.reveal())]).await;
        program.sign_up("ada@acme.example", PASSWORD).await;
        program.signal("TERM");
        let ended = program.ended().await;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        let db = connect(&url).await;
        Migrator::down(&db, Some(NEW)).await.expect("the migrations are reverted");
        Self { database, folder, db }
    }

    fn spawn(&self, args: &[&str]) -> Program {
        let url = self.database.url();
        let settings = [("LISTEN", "127.0.0.1:0"), ("DATABASE_URL", url.reveal())];
        Program::spawn(self.folder.command(args, &settings), "")
    }

    async fn executes(&self, statement: &str) {
        self.db.execute_unprepared(statement).await.expect(statement);
    }

    /// The version in the account's row, and the one in the table of its own.
    async fn versions(&self) -> (i32, Option<i32>) {
        let query = "SELECT account.availability_version, availability.version
            FROM account LEFT JOIN availability ON availability.account_id = account.id";
        let query = Statement::from_string(self.db.get_database_backend(), query);
        let row = self.db.query_one_raw(query).await.expect("the database answers").expect("the account");
        (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("a number or null"))
    }
}

async fn connect(url: &Secret) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url.reveal());
    options.max_connections(2).sqlx_logging(false);
    sea_orm::Database::connect(options).await.expect("the database answers")
}

#[tokio::test]
async fn a_version_is_the_greater_of_both_columns_and_written_to_both() {
    let previous = Previous::start().await;
    previous.executes("UPDATE account SET availability_version = 7").await;
    let ended = previous.spawn(&["migrate"]).ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert_eq!(previous.versions().await, (7, Some(7)));

    let mut program = previous.spawn(&["serve"]);
    program.listens().await;
    let entered = program.sign_in("ada@acme.example", PASSWORD).await;
    let token = entered["token"].as_str();
    let ask = async |query| program.ask(token, query, json!({})).await["data"].clone();
    let key = ask("{ account { widgetKey } }").await["account"]["widgetKey"].clone();
    let shown = async || {
        let query = "query($key: String!) { availability(widgetKey: $key) { version } }";
        program.ask(None, query, json!({ "key": key })).await["data"]["availability"]["version"].clone()
    };
    let me = ask("{ viewer { id } }").await["viewer"]["id"].clone();
    let renames = async |name: &str| {
        let query =
            "mutation($input: UpdateOperatorInput!) { updateOperator(input: $input) { userErrors { message } } }";
        let input = json!({ "operatorId": me, "publicName": name });
        let answer = program.ask(token, query, json!({ "input": input })).await;
        assert_eq!(answer["data"]["updateOperator"]["userErrors"], json!([]), "{answer}");
    };
    assert_eq!(shown().await, 7);
    renames("A").await;
    assert_eq!((shown().await, previous.versions().await), (json!(8), (8, Some(8))));

    // The previous version counts one column only.
    previous.executes("UPDATE account SET availability_version = availability_version + 1").await;
    renames("B").await;
    assert_eq!((shown().await, previous.versions().await), (json!(10), (10, Some(10))));
    // It adds no row for the accounts that it opens.
    previous.executes("DELETE FROM availability").await;
    renames("C").await;
    assert_eq!((shown().await, previous.versions().await), (json!(11), (11, Some(11))));
    // A version that is only in the new table is not lost either.
    previous.executes("UPDATE account SET availability_version = 1").await;
    renames("D").await;
    assert_eq!((shown().await, previous.versions().await), (json!(12), (12, Some(12))));
}

#[tokio::test]
async fn chat_is_off_for_accounts_of_the_previous_version_and_on_for_new_ones() {
    let previous = Previous::start().await;
    let ended = previous.spawn(&["migrate"]).ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    // The previous version still runs, and opens an account.
    let id = if is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
    let opened = format!(
        "INSERT INTO account (id, name, widget_key, plan, seats, version, availability_version, created_at)
         SELECT {id}, 'During', 'wk_during', plan, seats, 1, 1, created_at FROM account"
    );
    previous.executes(&opened).await;

    let url = previous.database.url();
    let settings = [("LISTEN", "127.0.0.1:0"), ("DATABASE_URL", url.reveal()), ("SIGN_UP", "on")];
    let mut program = Program::spawn(previous.folder.command(&["serve"], &settings), "");
    program.listens().await;
    program.sign_up("eve@globex.example", PASSWORD).await;
    let query =
        "SELECT widget_key = 'wk_during', is_chat_enabled FROM account ORDER BY created_at, widget_key <> 'wk_during'";
    let query = Statement::from_string(previous.db.get_database_backend(), query);
    let rows = previous.db.query_all_raw(query).await.expect("the database answers");
    let shown = rows.iter().map(|row| (row.try_get_by_index(0), row.try_get_by_index(1)));
    let shown: Vec<(bool, bool)> = shown.map(|(a, b)| (a.expect("a flag"), b.expect("a flag"))).collect();
    assert_eq!(shown, [(true, false), (false, false), (false, true)]);

    // Operators and visitors see the same, and an operator switches chat on.
    let entered = program.sign_in("ada@acme.example", PASSWORD).await;
    let token = entered["token"].as_str();
    let account = async |query| program.ask(token, query, json!({})).await["data"].clone();
    let seen = account("{ account { widgetKey isChatEnabled } }").await["account"].clone();
    let visitors = async || {
        let query = "query($key: String!) { availability(widgetKey: $key) { isChatEnabled } }";
        program.ask(None, query, json!({ "key": seen["widgetKey"] })).await["data"]["availability"].clone()
    };
    assert_eq!((&seen["isChatEnabled"], visitors().await), (&json!(false), json!({ "isChatEnabled": false })));
    let switch = "mutation { updateAccount(input: { isChatEnabled: true }) { userErrors { message } } }";
    assert_eq!(account(switch).await["updateAccount"]["userErrors"], json!([]));
    assert_eq!(visitors().await, json!({ "isChatEnabled": true }));
}

#[tokio::test]
async fn a_migration_and_a_change_of_the_previous_version_do_not_wait_for_each_other() {
    if !is_postgres() {
        return;
    }
    let previous = Previous::start().await;
    let change = previous.db.begin().await.expect("a transaction");
    change.execute_unprepared("SELECT id FROM account FOR UPDATE").await.expect("locked");
    let program = previous.spawn(&["migrate"]);
    let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually("the migration waits", async || {
        let waits = Statement::from_string(previous.db.get_database_backend(), waits);
        previous.db.query_one_raw(waits).await.expect("the database answers").is_some()
    })
    .await;
    let write = "UPDATE account SET availability_version = availability_version + 1";
    change.execute_unprepared(write).await.expect("written");
    change.commit().await.expect("committed");
    let ended = in_time("the migration", program.ended()).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
}
