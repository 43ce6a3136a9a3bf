//! The `deskbell` program.

use std::process::ExitCode;

/// Thousands of sockets come and go, and each leaves small things behind for as long as it lives: this one keeps them apart from what
/// is gone the next moment, and is quicker at both.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deskbell::command::main()
}
