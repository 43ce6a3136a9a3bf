//! Quotas of one client, and that they do not affect other clients.

mod bytes;
mod requests;
mod turns;

use super::toy::TestServer;

impl TestServer {
    /// One metric.
    pub(super) fn figure(&self, name: &str) -> usize {
        let text = self.metrics();
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("toy_{name} ")))
            .unwrap_or_else(|| panic!("no {name} in {text}"));
        line.rsplit(' ').next().and_then(|figure| figure.parse().ok()).unwrap_or_else(|| panic!("no figure: {line}"))
    }

    fn executing(&self) -> usize {
        self.figure("operations_executing")
    }

    fn waiting(&self) -> usize {
        self.figure("operations_waiting")
    }

    fn bytes_in_flight(&self) -> usize {
        self.figure("bytes_in_flight")
    }
}
