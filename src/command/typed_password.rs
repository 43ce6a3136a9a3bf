//! The password for a command: read from standard input, or generated. It is never an argument,
//! which other users of the machine can see.

use std::io::{self, Read as _};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::{Arg, ArgAction, ArgMatches};

pub const FLAG: &str = "password-stdin";

pub fn arg() -> Arg {
    Arg::new(FLAG)
        .long(FLAG)
        .action(ArgAction::SetTrue)
        .help("Read the password from standard input; without this flag, one is generated and printed")
}

/// Returns the password, and whether it was generated and must be printed.
pub fn take(matches: &ArgMatches) -> io::Result<(String, bool)> {
    if !matches.get_flag(FLAG) {
        let bits: [u8; 15] = rand::random();
        return Ok((URL_SAFE_NO_PAD.encode(bits), true));
    }
    let mut typed = String::new();
    io::stdin().take(4096).read_to_string(&mut typed)?;
    // Removes the line break that `echo` adds, and nothing else.
    let line = typed.strip_suffix('\n').map_or(typed.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    Ok((line.to_owned(), false))
}
