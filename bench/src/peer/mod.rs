//! The servers that Deskbell is compared with. Each receives a state by `POST /change?KEY` and
//! sends it to the account's widgets.

mod faults;
mod messages;
pub mod plain;
pub mod raw;
pub mod raw_idle;

pub use faults::Fault;

use std::net::SocketAddr;

/// The prefix of the line in which a server reports its address to its parent.
pub const LISTENS: &str = "listening on ";

/// Prints the address, and exits when the parent ends: the parent holds the other end of standard
/// input.
fn announce(address: SocketAddr) {
    println!("{LISTENS}{address}");
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
}
