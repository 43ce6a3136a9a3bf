//! A mail server for tests: takes every mail, and hands it out.

use std::{collections::VecDeque, time::Duration};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A mail as the server got it.
#[derive(Debug)]
pub struct Mail {
    /// Whom the envelope names, without angle brackets.
    pub to: String,
    /// The headers, one a line.
    pub head: String,
    /// The plain text, decoded.
    pub text: String,
}

impl Mail {
    fn asks_for_confirmation(&self) -> bool {
        self.head.contains("Subject: Confirm your address")
    }
}

/// A server on a port of its own, for as long as it is held.
#[derive(Debug)]
pub struct SmtpSink {
    port: u16,
    mails: mpsc::UnboundedReceiver<Mail>,
    /// Letters that ask to confirm an address, which came while another kind was waited for.
    confirmations: Vec<Mail>,
    /// Other letters, which came while a confirmation was waited for.
    others: VecDeque<Mail>,
}

impl SmtpSink {
    /// Takes everything.
    pub async fn start() -> Self {
        Self::answering(|_| None).await
    }

    /// Answers a command as `answer` says, and takes it where that says nothing.
    pub async fn answering(answer: fn(&str) -> Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let port = listener.local_addr().expect("bound").port();
        let (sender, mails) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            // Ends with the runtime of the test.
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(converse(socket, answer, sender.clone()));
            }
        });
        Self { port, mails, confirmations: Vec::new(), others: VecDeque::new() }
    }

    /// What goes into `DESKBELL_SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// The next mail, waiting for it. Letters that ask to confirm an address are put aside: everyone who gets one with a password is
    /// sent one, and few stories are about them.
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

    /// The next letter that asks this address to be confirmed, waiting for it.
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

    async fn any(&mut self) -> Mail {
        tokio::time::timeout(Duration::from_secs(20), self.mails.recv())
            .await
            .expect("no mail came")
            .expect("the server runs as long as the test")
    }
}

async fn converse(socket: TcpStream, answer: fn(&str) -> Option<&'static str>, sender: mpsc::UnboundedSender<Mail>) -> std::io::Result<()> {
    let (reader, mut writer) = socket.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut to, mut data) = (String::new(), None::<String>);
    writer.write_all(b"220 sink ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        if let Some(mail) = data.as_mut().filter(|_| line != ".") {
            mail.push_str(line.strip_prefix('.').unwrap_or(&line));
            mail.push('\n');
            continue;
        }
        let reply = match (data.take(), answer(&line)) {
            (_, Some(reply)) => reply,
            (Some(mail), None) => {
                // Nobody listens when the test is over.
                let _unheard = sender.send(read(std::mem::take(&mut to), &mail));
                "250 2.0.0 taken"
            }
            (None, None) => {
                let command = line.to_ascii_uppercase();
                if command.starts_with("EHLO") {
                    "250-sink\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN"
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
        writer.write_all(reply.as_bytes()).await?;
        writer.write_all(b"\r\n").await?;
    }
    Ok(())
}

/// Takes a mail apart: its headers, and the first part of its body.
fn read(to: String, mail: &str) -> Mail {
    let (head, body) = mail.split_once("\n\n").expect("a mail has a body");
    let part = body.split_once("\n\n").map_or("", |(_, part)| part);
    // By name: a line may begin with two hyphens where a token goes on.
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
    Mail { to, head: head.replace("\n ", " "), text }
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
fn a_token_that_goes_on_with_hyphens_is_read_whole() {
    let mail = "Content-Type: multipart/alternative;\n boundary=\"b1\"\n\n--b1\nContent-Transfer-Encoding: quoted-printable\n\n\
                https://chat.example.com/#token=3Ddbl_abc=\n--def\n--b1\nContent-Type: text/html\n\n<p>\n--b1--\n";
    assert_eq!(read(String::new(), mail).text, "https://chat.example.com/#token=dbl_abc--def");
}
