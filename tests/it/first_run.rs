//! What the log says about accounts when a server starts.

use crate::support::{Database, is_postgres, process::Folder};

/// The lines about the first steps and about sign-up, without time and level.
fn first_steps(log: &str) -> Vec<&str> {
    log.lines().filter_map(|line| Some(line.split_once("deskbell::command::first_run: ")?.1)).collect()
}

/// Starts a server, stops it, and returns its log.
async fn log_of(folder: &Folder, settings: &[(&str, &str)]) -> String {
    let program = folder.serve(settings).await;
    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    ended.stderr
}

async fn creates_an_account(folder: &Folder, url: &str) {
    let create = ["account", "create", "--account-name", "Acme", "--owner-name", "Ada", "--email", "ada@acme.example"];
    let ended = folder.run(&create, &[("DATABASE_URL", url)]).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_new_server_logs_how_to_begin_in_four_lines() {
    let folder = Folder::new();
    let program = folder.serve(&[]).await;
    let base = program.url("");
    program.signal("TERM");
    let log = program.ended().await.stderr;
    let file = folder.path().canonicalize().expect("the folder exists").join("deskbell.db");
    assert_eq!(
        first_steps(&log),
        [
            format!("open {base} in a browser"),
            format!("this server has no account: {base}/sign-up creates the first, which closes sign-up"),
            "mails are written to this log, because DESKBELL_SMTP_URL is not set".to_owned(),
            format!("the data lies in {}", file.display()),
        ],
        "{log}"
    );
}

#[tokio::test]
async fn the_first_steps_follow_the_settings_and_contain_no_credentials() {
    let database = Database::fresh().await;
    let url = database.url();
    let folder = Folder::new();
    let relay = [
        ("DATABASE_URL", url.reveal()),
        ("PUBLIC_URL", "https://chat.acme.example"),
        ("SMTP_URL", "smtp://desk:swordfish@mail.acme.example:2525"),
        ("MAIL_FROM", "chat@acme.example"),
    ];
    for (sign_up, expected) in [
        (
            "first",
            "this server has no account: https://chat.acme.example/sign-up creates the first, which closes sign-up",
        ),
        ("on", "this server has no account: https://chat.acme.example/sign-up creates one, and stays open to everyone"),
        ("off", "this server has no account, and sign-up is off: the command `deskbell account create` creates one"),
    ] {
        let log = log_of(&folder, &[&relay[..], &[("SIGN_UP", sign_up)]].concat()).await;
        let [open, no_account, mails, data] = first_steps(&log)[..] else { panic!("{log}") };
        assert_eq!(open, "open https://chat.acme.example in a browser");
        assert_eq!(no_account, expected);
        assert_eq!(mails, "mails are sent through the relay mail.acme.example:2525");
        if is_postgres() {
            assert!(data.starts_with("the data lies in PostgreSQL at "), "{data}");
            assert!(!data.contains('@') && data.contains(", database story_"), "{data}");
        } else {
            let file = url.reveal().strip_prefix("sqlite:").expect("a file");
            assert_eq!(data, format!("the data lies in {file}"));
        }
        assert!(!log.contains("swordfish"), "{log}");
    }

    creates_an_account(&folder, url.reveal()).await;
    let log = log_of(&folder, &[&relay[..], &[("SIGN_UP", "first")]].concat()).await;
    assert_eq!(first_steps(&log), [""; 0], "{log}");
}

#[tokio::test]
async fn the_log_reports_that_sign_up_is_closed_where_nothing_was_set() {
    let database = Database::fresh().await;
    let url = database.url();
    let folder = Folder::new();
    creates_an_account(&folder, url.reveal()).await;
    for (set, lines) in
        [(&[][..], 1), (&[("SIGN_UP", "first")], 0), (&[("SIGN_UP", "off")], 0), (&[("SIGN_UP", "on")], 0)]
    {
        let log = log_of(&folder, &[&[("DATABASE_URL", url.reveal())], set].concat()).await;
        let said = first_steps(&log);
        assert_eq!(said.len(), lines, "{set:?}: {log}");
        assert!(
            said.iter().all(|line| line.starts_with("sign-up is closed") && line.contains("DESKBELL_SIGN_UP=on")),
            "{log}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_open_to_everyone_warns_of_it() {
    let database = Database::fresh().await;
    let url = database.url();
    let folder = Folder::new();
    let open = [("DATABASE_URL", url.reveal()), ("SIGN_UP", "on"), ("PUBLIC_URL", "https://chat.acme.example")];
    let program = folder.serve(&open).await;
    let log = program.log();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains(" WARN ")).collect();
    assert!(matches!(warnings[..], [line] if line.contains("DESKBELL_SIGN_UP is on")), "{log}");
}
