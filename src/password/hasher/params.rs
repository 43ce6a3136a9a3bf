//! The cost of a hash.

/// The cost of one argon2id hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashParams {
    /// Memory in KiB (m). One hash holds this much while it is computed.
    pub memory_kib: u32,
    /// Passes over that memory (t).
    pub passes: u32,
    /// Lanes (p). They are computed one after the other, by one thread.
    pub lanes: u32,
}

/// 19 MiB, two passes, one lane: OWASP's recommended minimum.
impl Default for HashParams {
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// Parameters with which guessing from a stolen table of hashes would be too cheap.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "argon2id with {} KiB and {} passes is weaker than OWASP's minimum; use one of {} or more",
    .0.memory_kib, .0.passes, HashParams::owasp_list()
)]
pub struct WeakHashParams(HashParams);

impl HashParams {
    /// Memory (KiB) and passes that cost an attacker about the same: OWASP Password Storage Cheat
    /// Sheet, section Argon2id.
    const OWASP: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

    fn owasp_list() -> String {
        Self::OWASP.map(|(memory, passes)| format!("{memory} KiB × {passes}")).join(", ")
    }

    /// Checks that the parameters are as strong as one of OWASP's equivalent choices.
    ///
    /// # Errors
    /// [`WeakHashParams`] if they are weaker. Only tests hash with such parameters.
    pub fn at_least_owasp(&self) -> Result<(), WeakHashParams> {
        let strong = |(memory, passes)| self.memory_kib >= memory && self.passes >= passes;
        if self.lanes >= 1 && Self::OWASP.into_iter().any(strong) { Ok(()) } else { Err(WeakHashParams(*self)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owasp_parameters_pass_and_weaker_ones_do_not() {
        let params = |memory_kib, passes, lanes| HashParams { memory_kib, passes, lanes };
        for strong in [
            HashParams::default(),
            params(47_104, 1, 1),
            params(12_288, 3, 1),
            params(9_216, 4, 1),
            params(7_168, 5, 1),
            params(65_536, 3, 4),
        ] {
            assert_eq!(strong.at_least_owasp(), Ok(()));
        }
        for weak in [
            params(64, 1, 1),
            params(47_103, 1, 1),
            params(19_455, 2, 1),
            params(7_168, 4, 1),
            params(4_096, 50, 1),
            params(19_456, 2, 0),
        ] {
            let fault = weak.at_least_owasp().unwrap_err().to_string();
            assert!(fault.contains("19456 KiB × 2"), "{fault}");
        }
    }
}
