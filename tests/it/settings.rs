//! Settings: each mistake is reported in one line, before anything is started, and without secrets.

use std::{collections::BTreeSet, net::TcpListener};

use deskbell::config::settings;

use crate::support::process::{Folder, Program};

/// A setting, an invalid value, and what the line contains apart from the setting's name.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("LISTEN", "localhost", "an address and a port"),
    ("LISTEN", "127.0.0.1:80000", "an address and a port"),
    ("PUBLIC_URL", "chat.example.com", "where browsers reach this server"),
    ("PUBLIC_URL", "ftp://chat.example.com", "where browsers reach this server"),
    ("PUBLIC_URL", "https://chat.example.com/?a=1", "where browsers reach this server"),
    ("PUBLIC_URL", "https://ada:swordfish@chat.example.com", "where browsers reach this server"),
    ("PUBLIC_URL", "https://chat.example.com/desk", "must end after host and port"),
    ("PUBLIC_URL", "https://chat.example.com/desk/", "must end after host and port"),
    ("PUBLIC_URL", "https://*.example.com", "where browsers reach this server"),
    ("PUBLIC_URL", "https://chat.example.com:0", "where browsers reach this server"),
    ("PUBLIC_URL", "http://0.0.0.0:8080", "an address that browsers can open"),
    ("ALLOWED_ORIGINS", "https://a.example, *", "not an origin"),
    ("ALLOWED_ORIGINS", "https://*.shop.example", "written in full"),
    ("ALLOWED_ORIGINS", "https://a.example/app", "an origin ends after host and port"),
    ("TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/8"),
    ("TRUSTED_PROXIES", "proxy.example", "10.0.0.0/8"),
    ("DATABASE_URL", "mysql://ada:swordfish@db.example/desk", "postgres://USER:PASSWORD@HOST/DATABASE"),
    ("DATABASE_URL", "ada:swordfish", "sqlite:FILE"),
    ("DATABASE_URL", "postgres://ada:swordfish@db.example:swordfish/desk", "postgres://USER:PASSWORD@HOST/DATABASE"),
    ("DATABASE_URL", "postgres://ada:swordfish@db.example/desk?sslmode=swordfish", "an sslmode"),
    ("DATABASE_URL", "postgres://ada:swordfish@:swordfish/desk", "a port"),
    ("DATABASE_URL", "sqlite::memory:", "must name a file"),
    ("DATABASE_URL", "sqlite:", "must name a file"),
    ("DATABASE_POOL", "1", "from 2 to 1000"),
    ("BUS_URL", "redis://ada:swordfish@nats.example", "nats://USER:PASSWORD@HOST:4222"),
    ("BUS_URL", "nats://ada:swordfish@nats.example/desk", "nats://USER:PASSWORD@HOST:4222"),
    ("BUS_URL", "nats://ada:swordfish@nats.example", "share a PostgreSQL database"),
    ("BUS_PREFIX", "desk.bell", "letters, digits"),
    ("SMTP_URL", "http://ada:swordfish@mail.example", "smtp://"),
    ("SMTP_URL", "smtp://ada:swordfish@mail.example?tls=maybe", "tls=required"),
    ("SMTP_URL", "smtp://ada@mail.example", "both a user and a password"),
    ("SMTP_URL", "smtp://ada:sword#fish@mail.example", ""),
    ("SMTP_URL", "smtps://ada:swordfish@mail.example/?swordfish=1", "host, port and tls"),
    ("SMTP_HELO", "vm", "a host name with a dot"),
    ("SMTP_HELO", "desk.example.com evil", "a host name with a dot"),
    ("SMTP_CA", "no-such-file.pem", "cannot be read"),
    ("SMTP_CA", "/dev/null", "no certificate"),
    ("MAIL_FROM", "the front desk", "a mail address"),
    ("SIGN_UP", "yes", "first or on or off"),
    ("PLANS", "[]", ""),
    ("PLANS", "[{", ""),
    ("PLANS", "plans-that-are-not-there.json", "cannot be read"),
    ("PLANS", "Unlimited", "cannot be read"),
    ("SESSION_IDLE", "1m", "a duration from 5m"),
    ("CHAT_REOPEN_WITHIN", "2y", "a duration from 0s"),
    ("CHAT_CLOSE_AFTER", "0s", "a duration from 1m"),
    ("SESSION_LIFETIME", "31d", "to 30days"),
    ("PASSWORD_MIN_LENGTH", "7", "8"),
    ("PASSWORD_MIN_LENGTH", "long", "a whole number"),
    ("RECOVERY_TTL", "2days", "to 1day"),
    ("RECOVERY_TTL", "30", "such as 30m"),
    ("INVITATION_TTL", "10m", "a duration from 1h"),
    ("ARGON2_MEMORY_KIB", "1024", ""),
    ("ARGON2_MEMORY_KIB", "19 MiB", "a whole number"),
    ("ARGON2_PASSES", "0", "from 1 to 100"),
    ("ARGON2_LANES", "65", "from 1 to 64"),
    ("ARGON2_PERMITS", "0", "from 1 to 256"),
    ("ARGON2_QUEUE", "-1", "from 1 to 100000"),
    ("RATE_LIMITS", "true", "on or off"),
    ("RATE_SIGN_IN_CLIENT", "10", "10/1m"),
    ("RATE_SIGN_IN_ADDRESS", "0/1m", "10/1m"),
    ("RATE_SIGN_UP_CLIENT", "10/0s", "10/1m"),
    ("RATE_SIGN_UP_ADDRESS", "10/h", "10/1m"),
    ("RATE_RECOVERY_CLIENT", "-3/1h", "10/1m"),
    ("RATE_RECOVERY_ADDRESS", "3 per hour", "10/1m"),
    ("RATE_INVITATION_CLIENT", "1e3/1h", "10/1m"),
    ("RATE_INVITATION_ADDRESS", "3/", "10/1m"),
    ("RATE_INVITATION_ACCOUNT", "200", "10/1m"),
    ("RATE_PHOTO_OPERATOR", "60", "10/1m"),
    ("RATE_PHOTO_ACCOUNT", "300", "10/1m"),
    ("RATE_CHAT_START_CLIENT", "20", "10/1m"),
    ("RATE_CHAT_MESSAGE_CLIENT", "300/1 minute ago", "10/1m"),
    ("RATE_CHAT_MESSAGE_VISITOR", "60/0s", "10/1m"),
    ("RATE_CHAT_TYPING_VISITOR", "0/3s", "10/1m"),
    ("INTROSPECTION", "On", "on or off"),
    ("GRAPHIQL", "1", "on or off"),
    ("METRICS_LISTEN", "9090", "an address and a port"),
    ("HTTP_READ_TIMEOUT", "0s", "a duration from 100ms"),
    ("REQUEST_TIMEOUT", "1h", "to 10m"),
    ("SEND_TIMEOUT", "ten seconds", "such as 30m or 3s"),
    ("DRAIN_TIMEOUT", "-1s", "a duration from 0s"),
    ("WS_INIT_TIMEOUT", "11s", "to 10s"),
    ("WS_KEEPALIVE", "2h", "to 1h"),
    ("SSE_KEEPALIVE", "21s", "to 20s"),
    ("MAX_BODY_BYTES", "1MB", "from 1024"),
    ("MAX_ANONYMOUS_BODY_BYTES", "64KiB", "from 1024"),
    ("MAX_CLIENT_BYTES_IN_FLIGHT", "0", "from 65536"),
    ("MAX_BYTES_IN_FLIGHT", "1", "from 1048576"),
    ("MAX_CLIENT_SUBSCRIPTION_BYTES", "32MiB", "from 1048576"),
    ("MAX_ANSWER_BYTES", "1024", "from 65536"),
    ("MAX_CLIENT_EXECUTING", "0", "from 1"),
    ("MAX_CLIENT_WAITING", "0", "from 1"),
    ("MAX_CLIENT_UPLOADS", "33", "to 32"),
    ("MAX_UPLOAD_BYTES", "67108865", "to 67108864"),
    ("MAX_MESSAGE_BYTES", "12", "from 1024"),
    ("MAX_SOCKETS_PER_CLIENT", "0", "from 1"),
    ("MAX_CONNECTIONS", "unlimited", "from 1"),
    ("MAX_CONNECTIONS_PER_CLIENT", "0", "from 1"),
    ("MAX_OPERATIONS_PER_SOCKET", "101", "to 100"),
    ("MAX_STATE_BYTES", "16383", "from 16384"),
    ("MAX_ERRORS", "0", "from 1"),
    ("MAX_DOCUMENT_BYTES", "99", "from 100"),
    ("MAX_DOCUMENT_TOKENS", "2.5", "from 10"),
    ("MAX_DEPTH", "51", "to 50"),
    ("MAX_ALIASES", "-1", "from 0"),
    ("MAX_ROOT_FIELDS", "0", "from 1"),
    ("MAX_DIRECTIVES", "many", "from 0"),
    ("MAX_EXPANDED_NODES", "1", "from 10"),
    ("MAX_COMPLEXITY", "0", "from 1"),
    ("LOG", "deskbell=loud", "a filter such as info"),
    ("LOG_FORMAT", "xml", "text or json"),
];

#[tokio::test]
async fn every_invalid_setting_has_one_line_and_nothing_is_started() {
    for (setting, value, expected) in MISTAKES {
        let folder = Folder::new();
        let ended = folder.run(&["serve"], &[(setting, value)]).await;
        let mistake = format!("DESKBELL_{setting}={value}: {ended:?}");

        assert_eq!(ended.code(), Some(2), "{mistake}");
        let [line] = ended.error_lines()[..] else { panic!("{mistake}") };
        assert!(line.starts_with(&format!("deskbell: DESKBELL_{setting}: ")), "{mistake}");
        assert!(line.contains(expected), "{mistake}");
        assert!(!line.contains("swordfish") && !line.contains("fish@"), "a secret is shown: {mistake}");
        assert_eq!(ended.stdout, "", "{mistake}");
        assert_eq!(folder.files(), [""; 0], "{mistake}");
    }
}

#[test]
fn every_setting_is_among_the_mistakes() {
    let tried: BTreeSet<_> = MISTAKES.iter().map(|(setting, ..)| *setting).collect();
    let all: BTreeSet<_> = settings::documented().iter().map(|setting| setting.name).collect();
    assert_eq!(tried, all);
}

#[tokio::test]
async fn an_invalid_setting_is_reported_by_every_command() {
    let create = ["account", "create", "--account-name", "Acme", "--owner-name", "Ada", "--email", "ada@acme.example"];
    for command in [
        &[][..],
        &["demo"],
        &["check", "--ready"],
        &["migrate"],
        &create,
        &["operator", "reset-password", "ada@acme.example"],
    ] {
        let folder = Folder::new();
        let ended = folder.run(command, &[("RECOVERY_TTL", "soon")]).await;
        assert_eq!(ended.code(), Some(2), "{command:?}: {ended:?}");
        assert_eq!(ended.error_lines().len(), 1, "{command:?}: {ended:?}");
        assert!(ended.stderr.starts_with("deskbell: DESKBELL_RECOVERY_TTL: "), "{command:?}: {ended:?}");
        assert_eq!(folder.files(), [""; 0], "{command:?}");
    }
}

#[tokio::test]
async fn several_mistakes_have_a_line_each() {
    let folder = Folder::new();
    let mistakes =
        [("LISTEN", "here"), ("SMTP_URL", "smtp://ada:swordfish@"), ("MAX_DEPTH", "deep"), ("LOG", "deskbell=loud")];
    let ended = folder.run(&["serve"], &mistakes).await;

    assert_eq!(ended.code(), Some(2));
    let named: BTreeSet<_> = ended.error_lines().into_iter().filter_map(|line| line.split(": ").nth(1)).collect();
    let expected: BTreeSet<String> = mistakes.iter().map(|(name, _)| format!("DESKBELL_{name}")).collect();
    assert_eq!(named, expected.iter().map(String::as_str).collect());
    assert_eq!(ended.error_lines().len(), mistakes.len(), "{ended:?}");
    assert!(!ended.stderr.contains("swordfish"), "{ended:?}");
}

#[tokio::test]
async fn a_mistake_on_the_command_line_is_named_like_one_in_the_environment() {
    let folder = Folder::new();
    let ended = folder.run(&["serve", "--database-url", "mysql://ada:swordfish@db.example/desk"], &[]).await;
    assert_eq!(ended.code(), Some(2));
    assert_eq!(ended.error_lines().len(), 1, "{ended:?}");
    assert!(ended.stderr.starts_with("deskbell: DESKBELL_DATABASE_URL: "), "{ended:?}");
    assert!(!ended.stderr.contains("swordfish"), "{ended:?}");
}

#[tokio::test]
async fn an_unknown_flag_and_an_unknown_command_are_refused() {
    let folder = Folder::new();
    for args in [&["serve", "--listne", "127.0.0.1:0"][..], &["start"], &["account"], &["serve", "now"]] {
        let ended = folder.run(args, &[]).await;
        assert_eq!(ended.code(), Some(2), "{args:?}: {ended:?}");
        assert!(!ended.stderr.is_empty(), "{args:?}");
    }
    assert_eq!(folder.files(), [""; 0]);
}

#[tokio::test]
async fn a_setting_before_the_command_is_an_error() {
    let folder = Folder::new();
    let ended = folder.run(&["--listen", "127.0.0.1:0", "migrate"], &[]).await;
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    assert!(ended.stderr.contains("--listen"), "{ended:?}");
}

#[tokio::test]
async fn an_unknown_setting_is_reported() {
    let folder = Folder::new();
    let ended = folder.run(&["migrate"], &[("LISTNE", "127.0.0.1:0"), ("SMTP_PASSWORD", "swordfish")]).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.contains("DESKBELL_LISTNE is not a setting"), "{ended:?}");
    assert!(!ended.stderr.contains("swordfish"), "{ended:?}");
}

#[tokio::test]
async fn the_websocket_writer_is_a_setting_of_debug_builds() {
    let folder = Folder::new();
    let ended = folder.run(&["migrate"], &[("WEBSOCKET_WRITER", "axum")]).await;
    let flag = folder.run(&["migrate", "--websocket-writer", "library"], &[]).await;
    if cfg!(debug_assertions) {
        assert_eq!(ended.code(), Some(2), "{ended:?}");
        assert!(ended.stderr.contains("direct or library"), "{ended:?}");
        assert_eq!(flag.code(), Some(0), "{flag:?}");
    } else {
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        assert!(ended.stderr.contains("DESKBELL_WEBSOCKET_WRITER is not a setting"), "{ended:?}");
        assert_eq!(flag.code(), Some(2), "{flag:?}");
    }
    let help = folder.run(&["serve", "--help"], &[]).await;
    assert!(!help.stdout.contains("websocket-writer"), "{help:?}");
}

#[tokio::test]
async fn flags_win_over_the_environment() {
    let folder = Folder::new();
    let command = folder.command(
        &["serve", "--listen", "127.0.0.1:0", "--database-url", "sqlite:flag.db"],
        &[("LISTEN", "nonsense"), ("DATABASE_URL", "sqlite:environment.db")],
    );
    let mut program = Program::spawn(command, "");
    program.listens().await;
    assert!(folder.files().contains(&"flag.db".to_owned()), "{:?}", folder.files());
    assert!(!folder.files().contains(&"environment.db".to_owned()), "{:?}", folder.files());
}

#[tokio::test]
async fn without_a_command_the_program_serves_with_the_same_flags() {
    let folder = Folder::new();
    let mut program = Program::spawn(folder.command(&["--listen", "127.0.0.1:0", "--log-format", "json"], &[]), "");
    program.listens().await;
    let ready = reqwest::get(program.url("/readyz")).await.expect("an answer");
    assert_eq!(ready.status(), 200);
    for line in program.log().lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|line| line.is_object()), "{line}");
    }
}

#[tokio::test]
async fn an_empty_value_counts_as_unset() {
    let folder = Folder::new();
    let names = settings::documented().into_iter().map(|setting| setting.name);
    let empty: Vec<_> = names.filter(|name| *name != "LISTEN").map(|name| (name, "")).collect();
    let program = folder.serve(&empty).await;
    assert!(folder.files().contains(&"deskbell.db".to_owned()), "{:?}", folder.files());
    assert_eq!(reqwest::get(program.url("/readyz")).await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn an_address_that_is_taken_is_one_line_that_names_the_setting() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    for (setting, other) in [("LISTEN", None), ("METRICS_LISTEN", Some(("LISTEN", "127.0.0.1:0")))] {
        let folder = Folder::new();
        let settings: Vec<_> = std::iter::once((setting, address.as_str())).chain(other).collect();
        let ended = folder.run(&["serve"], &settings).await;
        assert_eq!(ended.code(), Some(1), "{setting}: {ended:?}");
        let [line] = ended.error_lines()[..] else { panic!("{setting}: {ended:?}") };
        assert!(line.starts_with(&format!("deskbell: DESKBELL_{setting}: ")) && line.contains(&address), "{line}");
        assert_eq!(folder.files(), [""; 0], "{setting}");
    }
}

#[tokio::test]
async fn an_unreachable_database_is_one_line_that_names_the_setting() {
    let unused = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    let elsewhere = format!("postgres://ada:swordfish@{unused}/desk");
    for url in [elsewhere.as_str(), "sqlite:no/such/folder/desk.db"] {
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["migrate"],
            &["operator", "reset-password", "ada@acme.example"],
        ] {
            let folder = Folder::new();
            let ended = folder.run(command, &[("DATABASE_URL", url)]).await;
            assert_eq!(ended.code(), Some(1), "{command:?}: {ended:?}");
            let [line] = ended.error_lines()[..] else { panic!("{command:?}: {ended:?}") };
            assert!(line.starts_with("deskbell: DESKBELL_DATABASE_URL: "), "{command:?}: {line}");
            assert!(!line.contains("swordfish"), "{line}");
            // The root cause, not the timeout of a pool.
            assert!(!line.contains("timed out"), "{line}");
            assert!(url != elsewhere || line.contains("Connection refused"), "{line}");
        }
    }
}

#[tokio::test]
async fn a_missing_public_url_is_one_line_in_the_log() {
    let folder = Folder::new();
    let relay = [("LISTEN", "0.0.0.0:0"), ("SMTP_URL", "smtp://localhost:25"), ("MAIL_FROM", "chat@acme.example")];
    let program = folder.serve(&relay).await;
    let log = program.log();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains(" WARN ")).collect();
    let [line] = warnings[..] else { panic!("{log}") };
    assert!(
        line.contains("DESKBELL_PUBLIC_URL") && line.contains("links in mails lead to http://127.0.0.1:"),
        "{line}"
    );

    let folder = Folder::new();
    let program = folder.serve(&[&relay[..], &[("PUBLIC_URL", "https://chat.acme.example")]].concat()).await;
    assert!(!program.log().contains(" WARN "), "{}", program.log());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_reported_and_left_alone() {
    let folder = Folder::new();
    let letter = "Dear Ada, this is a letter and no database at all. ".repeat(40);
    std::fs::write(folder.path().join("letter.txt"), &letter).expect("a writable folder");
    let ended = folder.run(&["serve", "--listen", "127.0.0.1:0"], &[("DATABASE_URL", "sqlite:letter.txt")]).await;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let [line] = ended.error_lines()[..] else { panic!("{ended:?}") };
    assert!(line.starts_with("deskbell: DESKBELL_DATABASE_URL: "), "{line}");
    assert_eq!(std::fs::read_to_string(folder.path().join("letter.txt")).expect("the file still exists"), letter);
}

#[tokio::test]
async fn the_help_lists_every_setting_with_its_default_and_no_value() {
    let folder = Folder::new();
    let help = folder.run(&["serve", "--help"], &[("SMTP_URL", "smtp://ada:swordfish@mail.example")]).await;
    assert_eq!(help.code(), Some(0));
    assert!(!help.stdout.contains("swordfish"));
    // The help is wrapped at the width of the terminal.
    let text = help.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for setting in settings::documented() {
        assert!(text.contains(&format!("--{} <{}>", setting.flag(), setting.value)), "--{} in {text}", setting.flag());
        assert!(text.contains(&format!("[env: {}]", setting.variable())), "{} in {text}", setting.variable());
        let meaning = setting.help.replace('`', "");
        assert!(text.contains(&meaning), "the meaning of {} in {text}", setting.name);
        if !setting.default.is_empty() {
            assert!(
                text.contains(&format!("{meaning} [default: {}]", setting.default)),
                "the default of {}",
                setting.name
            );
        }
    }
}

/// The document with the table of all settings.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
/// The document with the table of the settings in [`COMMON`].
const SHORT_DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const COMMON: &[&str] = &[
    "LISTEN",
    "PUBLIC_URL",
    "ALLOWED_ORIGINS",
    "TRUSTED_PROXIES",
    "DATABASE_URL",
    "SMTP_URL",
    "MAIL_FROM",
    "SIGN_UP",
    "PLANS",
    "METRICS_LISTEN",
];
/// The variable that makes the tests rewrite the tables.
const REWRITE: &str = "DESKBELL_TEST_REWRITE";

#[test]
fn the_documented_table_of_settings_is_current() {
    has_table(DOCUMENT, |_| true);
}

#[test]
fn the_short_table_of_settings_is_current() {
    let existing = settings::documented().iter().filter(|setting| COMMON.contains(&setting.name)).count();
    assert_eq!(existing, COMMON.len(), "some of {COMMON:?} are no settings");
    has_table(SHORT_DOCUMENT, |name| COMMON.contains(&name));
}

/// Compares the table in this document with the settings of these names, or rewrites it.
fn has_table(path: &str, is_listed: impl Fn(&str) -> bool) {
    let document = std::fs::read_to_string(path).expect("the document exists");
    let (before, rest) = document.split_once(HEAD).unwrap_or_else(|| panic!("{path} has no table of settings"));
    let after: String = rest.split_inclusive('\n').skip_while(|line| line.starts_with('|')).collect();
    let rows: String =
        settings::documented().iter().filter(|setting| is_listed(setting.name)).map(row_of_setting).collect();
    let current = format!("{before}{HEAD}{rows}{after}");
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(path, current).expect("the document is writable");
    } else {
        assert_eq!(document, current, "run `{REWRITE}=1 cargo test --test it table_of_settings`");
    }
}

const HEAD: &str = "| variable | value | default | meaning |\n| --- | --- | --- | --- |\n";

fn row_of_setting(setting: &settings::Setting) -> String {
    let in_cell = |text: &str| text.replace('|', "\\|");
    let default = if setting.default.is_empty() { String::new() } else { format!("`{}`", in_cell(&setting.default)) };
    let (variable, value, help) = (setting.variable(), in_cell(setting.value), in_cell(&setting.help));
    format!("| `{variable}` | {value} | {default} | {help} |\n")
}

#[test]
fn documents_name_no_setting_that_does_not_exist() {
    let known: BTreeSet<_> = settings::documented().iter().map(settings::Setting::variable).collect();
    let files = |folder| {
        let files = std::fs::read_dir(format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"))).expect("a folder");
        files.map(|file| file.expect("a file").path())
    };
    let documents = files("").chain(files("docs")).filter(|path| path.extension().is_some_and(|end| end == "md"));
    // Units, compose files and examples of settings.
    let packaging = files("packaging").filter(|path| path.is_file());
    // The change log also names former settings.
    for path in documents.chain(packaging).filter(|path| !path.ends_with("CHANGELOG.md")) {
        let document = std::fs::read_to_string(&path).expect("a document");
        let unknown: Vec<_> = names(&document)
            .into_iter()
            .filter(|name| !known.contains(*name) && !name.starts_with("DESKBELL_TEST_"))
            .collect();
        assert!(unknown.is_empty(), "{} names settings that do not exist: {unknown:?}", path.display());
    }
}

/// All settings that a text names.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
    words.filter(|word| word.len() > "DESKBELL_".len() && word.starts_with("DESKBELL_")).collect()
}
