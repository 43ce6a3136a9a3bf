pub mod process;
pub mod smtp;
