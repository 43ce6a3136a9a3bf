//! `deskbell check --ready`.

use super::answers;
use crate::support::{
    Database,
    postgres::free_port,
    process::{Folder, Program},
};

#[tokio::test]
async fn a_server_that_is_ready_is_found_at_the_address_that_it_listens_on() {
    let database = Database::fresh().await;
    let (url, folder) = (database.url(), Folder::new());
    for host in ["127.0.0.1", "0.0.0.0", "[::]"] {
        let listen = format!("{host}:{}", free_port());
        let settings = [("LISTEN", listen.as_str()), ("DATABASE_URL", url.reveal()), ("DATABASE_POOL", "2")];
        let mut program = Program::spawn(folder.command(&["serve"], &settings), "");
        program.listens().await;
        // Only the address counts: a health check needs no database of its own.
        let ended = folder.run(&["check", "--ready"], &[("LISTEN", &listen)]).await;
        assert_eq!((ended.code(), ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "ready\n", ""), "{listen}");
        program.signal("TERM");
        assert_eq!(program.ended().await.code(), Some(0));
    }
    assert_eq!(folder.files(), [""; 0]);
}

#[tokio::test]
async fn a_server_that_is_not_ready_is_reported_with_its_reason() {
    let folder = Folder::new();
    let unused = format!("127.0.0.1:{}", free_port());
    let stopping = answers("HTTP/1.0 503 Service Unavailable\r\ncontent-length: 9\r\n\r\nstopping\n").await;
    for (listen, printed, reason) in [
        (unused, "", "Connection refused"),
        ("127.0.0.1:0".to_owned(), "", "has no fixed port"),
        (stopping, "stopping\n", "is not ready"),
        (answers("220 mail.example ESMTP\r\n\r\n").await, "", "does not answer in HTTP"),
        (answers("").await, "", "does not answer within 6 s"),
    ] {
        let ended = folder.run(&["check", "--ready"], &[("LISTEN", &listen)]).await;
        assert_eq!((ended.code(), ended.stdout.as_str()), (Some(1), printed), "{listen}: {ended:?}");
        let [line] = ended.error_lines()[..] else { panic!("{ended:?}") };
        assert!(line.starts_with("deskbell: ") && line.contains(reason), "{reason}: {line}");
    }
    assert_eq!(folder.files(), [""; 0]);
}
