//! Faults of addresses, of the relay, of the bus and of the machine.

use tokio::net::TcpListener;

use super::{answers, check, check_by, the_fault, through};
use crate::support::{postgres::free_port, process::Folder, smtp::SmtpSink};

#[tokio::test]
async fn an_address_that_cannot_be_used_is_a_fault() {
    let (folder, other) = (Folder::new(), answers("220 mail.example ESMTP\r\n\r\n").await);
    for (name, value, part) in [
        ("LISTEN", other.as_str(), "another program uses"),
        ("METRICS_LISTEN", other.as_str(), "another program uses"),
        ("LISTEN", "192.0.2.7:8080", "192.0.2.7:8080"),
    ] {
        let ended = check(&folder, &[], &[(name, value)]).await;
        let line = the_fault(&ended);
        assert!(line.starts_with(&format!("wrong  listen: DESKBELL_{name}: ")) && line.contains(part), "{line}");
    }
}

#[tokio::test]
async fn addresses_that_do_not_fit_together_are_faults() {
    let (folder, everywhere) = (Folder::new(), format!("0.0.0.0:{}", free_port()));
    let ended = check(&folder, &[], &[("LISTEN", &everywhere)]).await;
    assert!(the_fault(&ended).starts_with("wrong  public URL: DESKBELL_PUBLIC_URL is a loopback address"), "{ended:?}");
    let ended = check(&folder, &[], &[("PUBLIC_URL", "https://chat.acme.example")]).await;
    assert!(
        the_fault(&ended).starts_with("wrong  proxies: DESKBELL_TRUSTED_PROXIES does not contain 127.0.0.1"),
        "{ended:?}"
    );
    let proxied = [("PUBLIC_URL", "https://chat.acme.example"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let ended = check(&folder, &[], &proxied).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_relay_that_sends_no_mail_is_a_fault_that_names_its_setting() {
    let folder = Folder::new();
    let refused = format!("smtp://127.0.0.1:{}", free_port());
    let silent = format!("smtp://{}", answers("").await);
    let web = format!("smtp://{}", answers("HTTP/1.1 400 Bad Request\r\n\r\n").await);
    let greeting = SmtpSink::answering(|line| line.is_empty().then_some("554 5.7.1 your host is blocked")).await;
    let helo = SmtpSink::answering(|line| line.starts_with("EHLO").then_some("550 5.7.1 need a name")).await;
    let sender = SmtpSink::answering(|line| line.starts_with("MAIL").then_some("553 5.7.1 not yours")).await;
    // It repeats the command, which contains the password.
    let user = SmtpSink::answering(|line| {
        line.starts_with("AUTH").then_some("535 5.7.8 AUTH PLAIN AGFkYQBzd29yZGZpc2g= c3dvcmRmaXNo swordfish")
    })
    .await;
    let (unknown, authority) = SmtpSink::encrypted().await;
    for (url, setting, part) in [
        (refused, "DESKBELL_SMTP_URL", "Connection refused"),
        (silent, "DESKBELL_SMTP_URL", "does not answer within 8 s"),
        (web, "DESKBELL_SMTP_URL", "cannot be used"),
        ("smtp://relay.invalid".to_owned(), "DESKBELL_SMTP_URL", "relay.invalid:587 cannot be used"),
        (greeting.url(), "DESKBELL_SMTP_HELO", "your host is blocked"),
        (helo.url(), "DESKBELL_SMTP_HELO", "need a name"),
        (user.url().replace("//", "//ada:swordfish@"), "DESKBELL_SMTP_URL", "user and password"),
        (sender.url(), "DESKBELL_MAIL_FROM", "does not accept the sender chat@acme.example"),
        (unknown.url(), "DESKBELL_SMTP_URL", "DESKBELL_SMTP_CA"),
    ] {
        let ended = check(&folder, &[], &[("SMTP_URL", &url), ("MAIL_FROM", "chat@acme.example")]).await;
        let line = the_fault(&ended);
        assert!(line.starts_with(&format!("wrong  mail: {setting}: ")) && line.contains(part), "{url}: {line}");
    }
    // Without the authority, the certificate was the only fault.
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority).expect("a writable folder");
    let settings = [("SMTP_URL", unknown.url()), ("SMTP_CA", file.display().to_string())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let ended = check(&folder, &[], &[&settings[..], &[("MAIL_FROM", "chat@acme.example")]].concat()).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.stdout.contains(", over TLS\n"), "{ended:?}");
    let ended = check(&folder, &[], &settings).await;
    assert!(the_fault(&ended).starts_with("wrong  mail: DESKBELL_MAIL_FROM is deskbell@localhost"), "{ended:?}");
}

#[tokio::test]
async fn a_broker_that_accepts_no_server_is_a_fault() {
    const INFO: &str = "INFO {\"server_id\":\"S\",\"version\":\"2.10.0\",\"go\":\"go1\",\"host\":\"h\",\"port\":4222,\"max_payload\":1048576,\"proto\":1,\"auth_required\":true}\r\n-ERR 'Authorization Violation'\r\n";
    let folder = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let denying = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move {
        // Ends with the runtime of the test.
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                // The client may have gone.
                let _written = stream.write_all(INFO.as_bytes()).await;
                let _read = stream.read(&mut [0; 1024]).await;
            });
        }
    });
    // No database answers there, which is a fault of its own.
    let database = format!("postgres://ada:swordfish@127.0.0.1:{}/desk", free_port());
    let refused = format!("127.0.0.1:{}", free_port());
    let silent = answers("").await;
    for (address, part) in [(refused, "refused"), (silent, "within 5 s"), (denying, "authorization violation")] {
        let url = format!("nats://ada:swordfish@{address}");
        let ended = check(&folder, &[], &[("BUS_URL", &url), ("DATABASE_URL", &database)]).await;
        assert_eq!((ended.code(), ended.stderr.as_str()), (Some(1), "deskbell: 2 checks found a fault\n"), "{ended:?}");
        let line = ended.stdout.lines().find(|line| line.starts_with("wrong  bus: ")).expect("a line");
        let start = format!("wrong  bus: DESKBELL_BUS_URL: nats://{address}: ");
        assert!(line.starts_with(&start) && line.to_lowercase().contains(part), "{line}");
    }
}

#[tokio::test]
async fn a_limit_on_open_files_below_the_connections_is_a_fault() {
    let folder = Folder::new();
    let limited = |command| through(&["prlimit", "--nofile=200:200"], &command);
    let ended = check_by(limited, &folder, &[], &[]).await;
    let line = the_fault(&ended);
    assert!(
        line.starts_with("wrong  open files: ") && line.contains("DESKBELL_MAX_CONNECTIONS=100 needs 216"),
        "{line}"
    );
    let limited = |command| through(&["prlimit", "--nofile=216:216"], &command);
    assert_eq!(check_by(limited, &folder, &[], &[]).await.code(), Some(0));
}
