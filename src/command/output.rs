//! What commands print on standard output.

use std::{
    fmt,
    io::{self, Write as _},
};

use anyhow::Context as _;

/// Prints a command's output, in one write.
///
/// # Errors
/// It could not be written: the disk is full, or the reader is gone.
pub(super) fn print(text: impl fmt::Display) -> anyhow::Result<()> {
    write(&text).context("standard output cannot be written")
}

/// [`print()`] for a text of which a reader may read only the beginning, as `head` does.
pub(super) fn print_while_read(text: impl fmt::Display) -> anyhow::Result<()> {
    match write(&text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output cannot be written"),
    }
}

fn write(text: &impl fmt::Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.to_string().as_bytes())?;
    out.flush()
}
