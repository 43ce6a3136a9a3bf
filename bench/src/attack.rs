//! Attacks by one client or account that stay within the limits on what it may send: a few threads
//! and sockets, bounded in count and time. Each attack comes from one address.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    ask::Asker,
    frame,
    place::{self, Account},
    wire,
};

/// The address of all of an attacker's connections.
const ADDRESS: usize = 7;
/// Longest time that a read or write blocks, so that everything ends soon after it should.
const STEP: Duration = Duration::from_millis(200);
/// Delay after a connection was refused or broke.
const PAUSE: Duration = Duration::from_millis(20);

/// The target of an attack.
#[derive(Clone, Debug)]
pub struct Target {
    pub server: SocketAddr,
    /// The attacker's own account, used to sign in where that helps.
    pub account: Account,
    pub is_over: Arc<AtomicBool>,
}

/// One kind of attack: starts threads that end once the target is over.
pub type Attack = fn(&Target) -> Vec<JoinHandle<()>>;

/// All rows of the table in SECURITY.md, under "What one client can hold".
pub const ALL: &[(&str, Attack)] = &[
    ("24 bodies of 1 MiB of brackets", bodies),
    ("1,000 subscriptions with 60 KiB of undeclared variables", variables),
    ("800 documents on an account renamed 10 times a second", documents),
    ("500 subscriptions of one operator, renamed 10 times a second", private),
    ("60 connections with a heavy query that is allowed", heavy),
    ("60 connections with documents that are refused once they are parsed", refused),
    ("100 slow readers and 100 bodies that stall", slow),
    ("photo uploads over 40 connections", photos),
    ("uploads for a subscription over 40 connections", multipart),
];

impl Target {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = wire::connect(self.server, ADDRESS, true)?;
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(STEP))?;
        stream.set_write_timeout(Some(STEP))?;
        Ok(stream)
    }

    /// Repeats the same action on `count` connections.
    fn crowd(
        &self,
        count: usize,
        each: impl Fn(&Self, usize) -> io::Result<()> + Send + Sync + 'static,
    ) -> Vec<JoinHandle<()>> {
        let each = Arc::new(each);
        let one = |nth| {
            let (target, each) = (self.clone(), Arc::clone(&each));
            thread::spawn(move || {
                while !target.is_over() {
                    // Refused, cut off or too slow: the intended reaction of the server.
                    if each(&target, nth).is_err() {
                        thread::sleep(PAUSE);
                    }
                }
            })
        };
        (0..count).map(one).collect()
    }

    fn head(&self, content_type: &str, length: usize) -> String {
        let token = &self.account.token;
        format!(
            "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
             graphql-require-preflight: 1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n",
            self.server
        )
    }

    /// Reads to the end of the answer, for as long as there is time.
    fn drain(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut bytes = vec![0; 64 << 10];
        while !self.is_over() {
            match stream.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if is_late(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Opens subscriptions on a socket, and reads until the end.
    fn follow(&self, subscriptions: impl Iterator<Item = Value>, signed_in: bool) -> io::Result<()> {
        let mut stream = self.connect()?;
        let authorization =
            if signed_in { format!("Authorization: Bearer {}\r\n", self.account.token) } else { String::new() };
        stream.write_all(
            format!(
                "GET /graphql HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{authorization}\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
                self.server
            )
            .as_bytes(),
        )?;
        let mut reader = stream.try_clone()?;
        let reading = {
            let target = self.clone();
            thread::spawn(move || target.drain(&mut reader))
        };
        let said = (|| {
            stream.write_all(&frame::masked(frame::TEXT, br#"{"type":"connection_init"}"#))?;
            for (nth, payload) in subscriptions.enumerate() {
                let message = json!({ "type": "subscribe", "id": nth.to_string(), "payload": payload });
                stream.write_all(&frame::masked(frame::TEXT, message.to_string().as_bytes()))?;
            }
            Ok(())
        })();
        if said.is_err() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let read = reading.join().unwrap_or_else(|_| Err(io::Error::other("the reader panicked")));
        said.and(read)
    }

    /// Renames the account's owner 10 times a second.
    fn rename(&self) -> JoinHandle<()> {
        let target = self.clone();
        thread::spawn(move || {
            let mut asker = Asker::new(target.server, Some(&target.account.token), ADDRESS);
            for number in 0.. {
                if target.is_over() {
                    return;
                }
                let variables = json!({ "id": place::global_id(target.account.operators[0]), "name": target.account.name(number % 1_000) });
                let _ = asker.graphql(RENAME, &variables);
                thread::sleep(Duration::from_millis(100));
            }
        })
    }
}

const RENAME: &str = "mutation($id: ID!, $name: String!) { updateOperator(input: { operatorId: $id, publicName: $name }) { \
     operator { id } userErrors { __typename } } }";

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

/// Writes all bytes, for as long as there is time.
fn write(target: &Target, stream: &mut TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() && !target.is_over() {
        match stream.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(taken) => bytes = &bytes[taken..],
            Err(error) if is_late(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn bodies(target: &Target) -> Vec<JoinHandle<()>> {
    let brackets = "[".repeat((1 << 20) - 100);
    let body = format!(r#"{{"query":"{{ __typename }}","extensions":{{"a":{brackets}"#);
    target.crowd(24, move |target, _| {
        let mut stream = target.connect()?;
        write(target, &mut stream, target.head("application/json", body.len()).as_bytes())?;
        write(target, &mut stream, body.as_bytes())?;
        target.drain(&mut stream)
    })
}

fn variables(target: &Target) -> Vec<JoinHandle<()>> {
    let key = target.account.widget_key.clone();
    let padding = "x".repeat(60 << 10);
    target.crowd(20, move |target, socket| {
        let one = |nth: usize| {
            let query = "subscription($key: String!) { availability(widgetKey: $key) { version } }";
            json!({ "query": query, "variables": { "key": key, "none": format!("{socket} {nth} {padding}") } })
        };
        target.follow((0..50).map(one), false)
    })
}

fn documents(target: &Target) -> Vec<JoinHandle<()>> {
    let key = target.account.widget_key.clone();
    let mut threads = target.crowd(16, move |target, socket| {
        let one = |nth: usize| {
            let query = format!(
                "subscription D{socket}x{nth}($key: String!) {{ availability(widgetKey: $key) {{ version isAvailable \
                 operators(first: 100) {{ id publicName description photoUrl }} }} }}"
            );
            json!({ "query": query, "variables": { "key": key } })
        };
        target.follow((0..50).map(one), false)
    });
    threads.push(target.rename());
    threads
}

fn private(target: &Target) -> Vec<JoinHandle<()>> {
    let lists: Vec<_> =
        (0..20).map(|nth| format!("a{nth}: operators(search: \"{nth}\") {{ nodes {{ name }} }} ")).collect();
    let lists = lists.concat();
    let query = format!("subscription {{ account {{ name seats {{ used }} {lists} }} }}");
    let mut threads =
        target.crowd(10, move |target, _| target.follow((0..50).map(|_| json!({ "query": query })), true));
    threads.push(target.rename());
    threads
}

/// A query that lists all operators a dozen times.
fn heavy_query() -> String {
    let lists: Vec<_> =
        (0..12).map(|nth| format!("a{nth}: operators(first: 100) {{ nodes {{ id name }} }} ")).collect();
    json!({ "query": format!("{{ account {{ {} }} }}", lists.concat()) }).to_string()
}

fn heavy(target: &Target) -> Vec<JoinHandle<()>> {
    let body = heavy_query();
    target.crowd(60, move |target, _| {
        let mut stream = target.connect()?;
        write(target, &mut stream, target.head("application/json", body.len()).as_bytes())?;
        write(target, &mut stream, body.as_bytes())?;
        target.drain(&mut stream)
    })
}

/// A query with as many tokens as are allowed, and more aliases.
fn refused(target: &Target) -> Vec<JoinHandle<()>> {
    let fields: Vec<_> = (0..640).map(|nth| format!("a{nth}:__typename")).collect();
    let body = json!({ "query": format!("{{ {} }}", fields.join(" ")) }).to_string();
    target.crowd(60, move |target, _| {
        let mut stream = target.connect()?;
        write(target, &mut stream, target.head("application/json", body.len()).as_bytes())?;
        write(target, &mut stream, body.as_bytes())?;
        target.drain(&mut stream)
    })
}

fn slow(target: &Target) -> Vec<JoinHandle<()>> {
    let body = heavy_query();
    let mut threads = target.crowd(100, move |target, _| {
        let mut stream = target.connect()?;
        write(target, &mut stream, target.head("application/json", body.len()).as_bytes())?;
        write(target, &mut stream, body.as_bytes())?;
        let mut little = [0; 512];
        while !target.is_over() {
            thread::sleep(STEP);
            match stream.read(&mut little) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if is_late(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    });
    threads.extend(target.crowd(100, |target, _| {
        let mut stream = target.connect()?;
        write(target, &mut stream, target.head("application/json", 1 << 20).as_bytes())?;
        write(target, &mut stream, &vec![b' '; 32 << 10])?;
        while !target.is_over() {
            thread::sleep(STEP);
            stream.write_all(b" ")?;
        }
        Ok(())
    }));
    threads
}

const MEMORY: &str = "writing to memory cannot fail";

/// A file of a few kilobytes that takes a good part of a second to decode.
fn photo() -> Vec<u8> {
    const SIDE: u32 = 6_000;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().expect(MEMORY);
    let mut stream = writer.stream_writer().expect(MEMORY);
    let row = vec![0x7f; SIDE as usize * 4];
    for _ in 0..SIDE {
        stream.write_all(&row).expect(MEMORY);
    }
    stream.finish().expect(MEMORY);
    drop(writer);
    file
}

const BOUNDARY: &str = "bench-boundary";

fn form(operations: &Value, map: &Value, file: &[u8]) -> Vec<u8> {
    let mut form = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{map}\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"photo\"\r\nContent-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    form.extend_from_slice(file);
    form.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    form
}

fn send_form(target: &Target, accept: &str, form: &[u8]) -> io::Result<()> {
    let mut stream = target.connect()?;
    let head = target.head(&format!("multipart/form-data; boundary={BOUNDARY}\r\nAccept: {accept}"), form.len());
    write(target, &mut stream, head.as_bytes())?;
    write(target, &mut stream, form)?;
    target.drain(&mut stream)
}

fn photos(target: &Target) -> Vec<JoinHandle<()>> {
    let query = "mutation($input: SetOperatorPhotoInput!) { setOperatorPhoto(input: $input) { operator { id } userErrors { message } } }";
    let input = json!({ "operatorId": place::global_id(target.account.operators[0]), "photo": null });
    let form = form(
        &json!({ "query": query, "variables": { "input": input } }),
        &json!({ "file": ["variables.input.photo"] }),
        &photo(),
    );
    target.crowd(40, move |target, _| send_form(target, "application/json", &form))
}

fn multipart(target: &Target) -> Vec<JoinHandle<()>> {
    let query = "subscription($key: String!) { availability(widgetKey: $key) { version } }";
    let operations = json!({ "query": query, "variables": { "key": target.account.widget_key, "file": null } });
    let form = form(&operations, &json!({ "file": ["variables.file"] }), &vec![0; 5 << 20]);
    target.crowd(40, move |target, _| send_form(target, "text/event-stream", &form))
}
