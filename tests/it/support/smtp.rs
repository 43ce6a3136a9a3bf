//! A mail server for tests, which accepts every mail and returns it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// A received mail.
#[derive(Debug)]
pub struct Mail {
    /// The client's name in EHLO.
    pub helo: String,
    /// The envelope's recipient, without angle brackets.
    pub to: String,
    /// The headers, one a line.
    pub head: String,
    /// The plain text, decoded.
    pub text: String,
}

impl Mail {
    /// The subject, decoded (RFC 2047). The server encodes words in base64 only.
    pub fn subject(&self) -> String {
        let line = self.head.lines().find_map(|line| line.strip_prefix("Subject: ")).expect("a subject");
        // White space between two encoded words is not part of the text.
        let mut parts = line.replace("?= =?", "?==?");
        while let Some((before, rest)) = parts.split_once("=?utf-8?b?") {
            let (word, after) = rest.split_once("?=").expect("the end of an encoded word");
            let word = String::from_utf8(STANDARD.decode(word).expect("base64")).expect("text");
            parts = format!("{before}{word}{after}");
        }
        parts
    }

    fn asks_for_confirmation(&self) -> bool {
        ["Confirm your address", "Potvrďte svou adresu"].contains(&self.subject().as_str())
    }
}

/// The reply to a command, or to `""` for the greeting; `None` accepts it.
type Answer = fn(&str) -> Option<&'static str>;

/// A mail server on a free port. Stops with the runtime of the test.
#[derive(Debug)]
pub struct SmtpSink {
    port: u16,
    tls: &'static str,
    mails: mpsc::UnboundedReceiver<Mail>,
    /// Mails that ask to confirm an address, received while another kind was awaited.
    confirmations: Vec<Mail>,
    /// Other mails, received while a confirmation was awaited.
    others: VecDeque<Mail>,
}

impl SmtpSink {
    /// Accepts every mail.
    pub async fn start() -> Self {
        Self::answering(|_| None).await
    }

    /// Replies to a command with `answer`, and accepts it if that returns `None`.
    pub async fn answering(answer: Answer) -> Self {
        Self::listening(answer, None).await
    }

    /// Accepts everything after STARTTLS, as `localhost`, with a certificate of a new authority.
    /// Returns that authority as PEM.
    pub async fn encrypted() -> (Self, String) {
        let key = || KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::new([]).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = key();
        let authority_pem = authority.self_signed(&authority_key).expect("a certificate").pem();
        let own_key = key();
        let own = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let own = own.signed_by(&own_key, &Issuer::new(authority, authority_key)).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions");
        let own_key = PrivateKeyDer::try_from(own_key.serialize_der()).expect("a key");
        let config = config
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], own_key)
            .expect("a certificate and its key");
        (Self::listening(|_| None, Some(TlsAcceptor::from(Arc::new(config)))).await, authority_pem)
    }

    async fn listening(answer: Answer, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("bound").port();
        let (sender, mails) = mpsc::unbounded_channel();
        let mode = if tls.is_some() { "required" } else { "none" };
        tokio::spawn(async move {
            // Ends with the runtime of the test.
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(converse(socket, answer, tls.clone(), sender.clone()));
            }
        });
        Self { port, tls: mode, mails, confirmations: Vec::new(), others: VecDeque::new() }
    }

    /// The value of `DESKBELL_SMTP_URL`.
    pub fn url(&self) -> String {
        let host = if self.tls == "none" { "127.0.0.1" } else { "localhost" };
        format!("smtp://{host}:{}?tls={}", self.port, self.tls)
    }

    /// Waits for the next mail. Mails that ask to confirm an address are set aside: every new
    /// operator with a password gets one, and few stories test them.
    pub async fn next(&mut self) -> Mail {
        if let Some(mail) = self.others.pop_front() {
            return mail;
        }
        loop {
            let mail = self.any().await;
            if !mail.asks_for_confirmation() {
                return mail;
            }
            self.confirmations.push(mail);
        }
    }

    /// Waits for the next mail that asks to confirm this address.
    pub async fn confirmation(&mut self, to: &str) -> Mail {
        loop {
            if let Some(at) = self.confirmations.iter().position(|mail| mail.to == to) {
                return self.confirmations.remove(at);
            }
            let mail = self.any().await;
            if mail.asks_for_confirmation() {
                self.confirmations.push(mail);
            } else {
                self.others.push_back(mail);
            }
        }
    }

    /// Waits for the next mail of any kind, without those that were set aside.
    pub async fn any(&mut self) -> Mail {
        tokio::time::timeout(Duration::from_secs(20), self.mails.recv())
            .await
            .expect("no mail came")
            .expect("the server runs as long as the test")
    }
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<W: AsyncRead + AsyncWrite + Unpin + Send> Wire for W {}

async fn converse(
    socket: TcpStream,
    answer: Answer,
    mut tls: Option<TlsAcceptor>,
    sender: mpsc::UnboundedSender<Mail>,
) -> std::io::Result<()> {
    let mut wire: BufReader<Box<dyn Wire>> = BufReader::new(Box::new(socket));
    let (mut helo, mut to, mut data) = (String::new(), String::new(), None::<String>);
    let greeting = answer("").unwrap_or("220 sink ESMTP");
    wire.write_all(format!("{greeting}\r\n").as_bytes()).await?;
    let mut bytes = String::new();
    while wire.read_line(&mut bytes).await? > 0 {
        let line = std::mem::take(&mut bytes);
        let line = line.trim_end_matches(['\r', '\n']);
        if let Some(mail) = data.as_mut().filter(|_| line != ".") {
            mail.push_str(line.strip_prefix('.').unwrap_or(line));
            mail.push('\n');
            continue;
        }
        let reply = match (data.take(), answer(line)) {
            (_, Some(reply)) => reply,
            (Some(mail), None) => {
                // The test may be over.
                let _closed = sender.send(read(helo.clone(), std::mem::take(&mut to), &mail));
                "250 2.0.0 taken"
            }
            (None, None) => {
                let command = line.to_ascii_uppercase();
                if command.starts_with("EHLO") {
                    helo = line[4..].trim().to_owned();
                    if tls.is_some() {
                        "250-sink\r\n250 STARTTLS"
                    } else {
                        "250-sink\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN"
                    }
                } else if command == "STARTTLS" {
                    wire.write_all(b"220 2.0.0 go on\r\n").await?;
                    let encrypted = tls.take().expect("STARTTLS is accepted once").accept(wire.into_inner()).await?;
                    wire = BufReader::new(Box::new(encrypted));
                    continue;
                } else if tls.is_some() && command != "QUIT" {
                    "530 5.7.0 must issue a STARTTLS command first"
                } else if command.starts_with("RCPT TO:") {
                    to = line[8..].trim_start_matches('<').split('>').next().unwrap_or("").to_owned();
                    "250 2.1.5 ok"
                } else if command == "DATA" {
                    data = Some(String::new());
                    "354 go on"
                } else if command == "QUIT" {
                    "221 2.0.0 bye"
                } else if command.starts_with("AUTH") {
                    "235 2.7.0 ok"
                } else {
                    "250 2.0.0 ok"
                }
            }
        };
        wire.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// Splits a mail into its headers and the first part of its body.
fn read(helo: String, to: String, mail: &str) -> Mail {
    let (head, body) = mail.split_once("\n\n").expect("a mail has a body");
    let part = body.split_once("\n\n").map_or("", |(_, part)| part);
    // By the name of the boundary: a line of a wrapped token may start with two hyphens.
    let boundary = head.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a mail has parts");
    let part = part.split(&format!("\n--{boundary}")).next().unwrap_or(part);
    let part_head = body.split("\n\n").next().unwrap_or("").to_ascii_lowercase();
    let text = if part_head.contains("quoted-printable") {
        quoted_printable(part)
    } else if part_head.contains("base64") {
        let bytes = STANDARD.decode(part.split_whitespace().collect::<String>());
        String::from_utf8(bytes.expect("base64")).expect("text")
    } else {
        part.to_owned()
    };
    Mail { helo, to, head: head.replace("\n ", " "), text }
}

fn quoted_printable(text: &str) -> String {
    let text = text.replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first_chunk::<2>()) {
            (b'=', Some(digits)) => {
                let digits = std::str::from_utf8(digits).expect("two digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
                rest = &after[2..];
            }
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).expect("text")
}

#[test]
fn a_token_that_contains_hyphens_is_read_completely() {
    let mail = "Content-Type: multipart/alternative;\n boundary=\"b1\"\n\n--b1\nContent-Transfer-Encoding: quoted-printable\n\n\
                https://chat.example.com/#token=3Ddbl_abc=\n--def\n--b1\nContent-Type: text/html\n\n<p>\n--b1--\n";
    assert_eq!(read(String::new(), String::new(), mail).text, "https://chat.example.com/#token=dbl_abc--def");
}
