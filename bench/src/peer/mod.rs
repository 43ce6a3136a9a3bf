//! The servers that Deskbell is compared with. Each is told a state by `POST /change?KEY` and shows it to the account's widgets.

mod faults;
pub mod plain;
pub mod raw;

pub use faults::Fault;

use std::net::SocketAddr;

/// What a parent reads to know where its child listens.
pub const LISTENS: &str = "listening on ";

/// Says where it listens, and ends when its parent has: the parent holds the other end of its standard input.
fn announce(address: SocketAddr) {
    println!("{LISTENS}{address}");
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
}
