//! The `deskbell` program.

use std::process::ExitCode;

/// mimalloc: thousands of sockets each keep small long-lived allocations. It separates these from
/// short-lived ones, and is faster at both.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deskbell::command::main()
}
