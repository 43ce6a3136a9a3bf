//! The name that a bucket of the rate limits has on all servers.

/// A bucket that granted a token, as sent to other servers. It contains plain numbers, because a
/// newer server may send kinds that are unknown here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BucketId {
    /// The kind of attempt, as a number.
    pub attempt: u8,
    /// The number of the bucket within its kind.
    pub bucket: u8,
    /// A hash of the limited key: of the same length for all keys, and equal on all servers.
    pub key: u128,
}
