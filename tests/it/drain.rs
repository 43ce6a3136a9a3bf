//! Shutdown: SIGTERM drains the server, within a limit.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt, future::join_all};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::support::{
    in_time,
    process::{Folder, Program},
};

/// The limit for a shutdown.
const MOST: Duration = Duration::from_secs(15);
const PASSWORD: &str = "seven-otters-juggle-plums";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket that follows the availability of an account, and reads the first state.
async fn follows(program: &Program, widget_key: &str) -> Socket {
    let mut request = format!("ws://{}/graphql", program.address()).into_client_request().expect("an address");
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
    let (mut socket, _) =
        in_time("a socket", tokio_tungstenite::connect_async(request)).await.expect("the server accepts the socket");
    let query = "subscription($key: String!) { availability(widgetKey: $key) { version } }";
    let payload = json!({ "query": query, "variables": { "key": widget_key } });
    for message in [json!({ "type": "connection_init" }), json!({ "type": "subscribe", "id": "1", "payload": payload })]
    {
        socket.send(Message::text(message.to_string())).await.expect("sent");
    }
    for expected in ["connection_ack", "next"] {
        let message = in_time(expected, socket.next()).await.expect("the socket is open").expect("a message");
        let message: Value = serde_json::from_str(message.to_text().expect("text")).expect("JSON");
        assert_eq!(message["type"], expected, "{message}");
    }
    socket
}

/// Reads until the server closes the socket. Returns the close code.
async fn closing_code(mut socket: Socket) -> u16 {
    loop {
        match in_time("the close", socket.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("the socket was not closed: {other:?}"),
        }
    }
}

/// A request whose headers were read, and whose body is still missing.
pub(crate) struct Half {
    stream: TcpStream,
    body: String,
}

impl Half {
    pub async fn begin(program: &Program, body: &Value) -> Self {
        let body = body.to_string();
        let mut stream = TcpStream::connect(program.address()).await.expect("the server listens");
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            program.address(),
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        // The server sends this when it reads the body, so the request is in flight from here on.
        let go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        let mut interim = vec![0; go_on.len()];
        in_time("100 Continue", stream.read_exact(&mut interim)).await.expect("an interim answer");
        assert_eq!(String::from_utf8_lossy(&interim), go_on);
        Self { stream, body }
    }

    /// Sends the rest of the request and returns the answer.
    pub async fn finish(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).await.expect("the server still reads it");
        let mut answer = String::new();
        in_time("the answer", self.stream.read_to_string(&mut answer)).await.expect("an answer, then the end");
        answer
    }
}

async fn acme(program: &Program) -> String {
    let token = program.sign_up("ada@acme.example", PASSWORD).await;
    let answer = program.ask(Some(&token), "{ account { widgetKey } }", json!({})).await;
    answer["data"]["account"]["widgetKey"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn sigterm_closes_every_socket_and_answers_requests_in_flight() {
    let folder = Folder::new();
    let program = folder.serve(&[]).await;
    let widget_key = acme(&program).await;
    let sockets = join_all((0..20).map(|_| follows(&program, &widget_key))).await;
    let sign_in = json!({ "query": format!(
        "mutation {{ signIn(input: {{ email: \"ada@acme.example\", password: \"{PASSWORD}\", transport: TOKEN }}) {{ viewer {{ name }} }} }}"
    ) });
    let halves = join_all((0..6).map(|_| Half::begin(&program, &sign_in))).await;

    let stopped = Instant::now();
    program.signal("TERM");
    let codes = join_all(sockets.into_iter().map(closing_code)).await;
    assert_eq!(codes, [1001; 20]);
    // The sockets are closed, so the server no longer accepts new work.
    for answer in join_all(halves.into_iter().map(Half::finish)).await {
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains(r#"{"viewer":{"name":"Ada"}}"#), "{answer}");
    }
    let address = program.address();
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(stopped.elapsed() < MOST, "{:?}", stopped.elapsed());
    assert!(!ended.stderr.contains("ERROR") && !ended.stderr.contains("panicked"), "{ended:?}");
    TcpStream::connect(address).await.expect_err("the port has no listener");
    assert_eq!(folder.files(), ["deskbell.db"], "the journal of SQLite is merged into the file");
}

#[tokio::test]
async fn a_stuck_peer_does_not_delay_the_shutdown() {
    let folder = Folder::new();
    let program = folder.serve(&[]).await;
    let widget_key = acme(&program).await;
    // One never reads its socket, one never sends the rest of its body, one never sends a full
    // header, and one never sends a request.
    let silent = follows(&program, &widget_key).await;
    let half = Half::begin(&program, &json!({ "query": "{ plans { code } }" })).await;
    let mut header = TcpStream::connect(program.address()).await.expect("the server listens");
    header.write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\nx-long: ").await.expect("sent");
    let idle = TcpStream::connect(program.address()).await.expect("the server listens");
    let reading = follows(&program, &widget_key).await;

    let stopped = Instant::now();
    program.signal("TERM");
    assert_eq!(closing_code(reading).await, 1001);
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(stopped.elapsed() < MOST, "{:?}", stopped.elapsed());
    drop((silent, half, header, idle));
}

#[tokio::test]
async fn a_relay_that_does_not_answer_does_not_delay_the_shutdown() {
    // Accepts connections and sends nothing.
    let relay = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("smtp://{}?tls=none", relay.local_addr().expect("bound"));
    let folder = Folder::new();
    let program = folder.serve(&[("SMTP_URL", &url)]).await;
    acme(&program).await;
    let ask =
        "mutation { requestPasswordRecovery(input: { email: \"ada@acme.example\" }) { userErrors { __typename } } }";
    program.ask(None, ask, json!({})).await;
    let connected = tokio::task::spawn_blocking(move || relay.accept());
    let _connection = in_time("the delivery", connected).await.expect("a thread").expect("the server delivers");

    let stopped = Instant::now();
    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(stopped.elapsed() < MOST, "{:?}", stopped.elapsed());
}

#[tokio::test]
async fn ctrl_c_stops_the_server_as_well() {
    let folder = Folder::new();
    let mut program = Program::spawn(folder.command(&["serve"], &[("LISTEN", "127.0.0.1:0")]), "");
    program.listens().await;
    program.signal("INT");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.contains("SIGINT"), "{ended:?}");
}

/// The same command, started by another program such as `nohup`.
fn started_by(starter: &[&str], command: &Command) -> Command {
    let mut started = Command::new(starter[0]);
    started.args(&starter[1..]).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        started.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => started.env(name, value),
            None => started.env_remove(name),
        };
    }
    started
}

#[tokio::test]
async fn a_closed_terminal_stops_the_server_as_well() {
    for command in ["serve", "demo"] {
        let folder = Folder::new();
        // The tests themselves may run with this signal ignored.
        let run =
            started_by(&["env", "--default-signal=HUP"], &folder.command(&[command], &[("LISTEN", "127.0.0.1:0")]));
        let mut program = Program::spawn(run, "");
        if command == "serve" {
            program.listens().await;
        } else {
            // The demo listens before it has created its account.
            program.prints("Widget key").await;
        }
        program.signal("HUP");
        let ended = program.ended().await;
        assert_eq!(ended.code(), Some(0), "{command}: {ended:?}");
        assert!(ended.stderr.contains("SIGHUP"), "{command}: {ended:?}");
    }
}

#[tokio::test]
async fn under_nohup_the_server_outlives_the_terminal() {
    let folder = Folder::new();
    let command = started_by(&["nohup"], &folder.command(&["serve"], &[("LISTEN", "127.0.0.1:0")]));
    let mut program = Program::spawn(command, "");
    program.listens().await;
    program.signal("HUP");
    // Signals are handled in the order of their numbers: if SIGHUP had counted, the log would
    // contain it.
    assert_eq!(reqwest::get(program.url("/healthz")).await.expect("it keeps serving").status(), 200);
    program.signal("TERM");
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.contains("SIGTERM") && !ended.stderr.contains("SIGHUP"), "{ended:?}");
}
