//! The `deskbell` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    deskbell::command::main()
}
