//! Passwords: the requirements on new ones, and hashing.
//!
//! The [`PasswordPolicy`] checks each newly chosen password. It normalises it (NFKC, so that the
//! same keys on another keyboard or system give the same password), counts its Unicode code points,
//! and estimates how hard it is to guess for someone who knows the person's name and address.
//! Nothing is trimmed, nothing is case-folded, no character is forbidden, and there are no
//! composition rules: they make passwords worse (NIST SP 800-63B, section 3.1.1.2). A password
//! typed to sign in is not judged, because the rules may have changed since it was chosen;
//! [`Password::typed`] only limits its size.
//!
//! Only an argon2id hash is stored, as a PHC string that contains its parameters. Only the
//! [`Hasher`] computes hashes. Its invariants:
//!
//! - At most `permits` hashes are computed at once, so that they use at most *memory × permits*
//!   (19 MiB × 1 with the defaults on two cores), even if the callers stop waiting.
//! - At most `queue` callers wait for a permit. Further ones get [`HashError::Busy`] at once,
//!   because an unbounded queue would let a flood of sign-ins block everything.
//! - Hashes are computed on blocking threads, never on those that serve requests.
//! - An unknown address takes the same time as a wrong password, even while some stored hashes have
//!   weaker parameters than the current ones. A wrong password is answered no sooner than twice the
//!   time of a hash after it got its permit, and waits without holding the permit.
//!
//! Deliberately absent: expiry (it also makes passwords worse), a pepper (one more secret, whose
//! loss would lock out all operators), and lookups in lists of leaked passwords, which need
//! internet access.

mod weakness;

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, feedback::Suggestion};

use crate::ledger;

pub use self::weakness::{Findings, Weakness};

/// Most characters of a password, in Unicode code points after normalisation.
pub const MAX_LENGTH: usize = 256;

/// Most bytes of a password. Longer input is refused before anything is computed.
pub const MAX_BYTES: usize = 1024;

/// Most characters that zxcvbn judges at once: its time grows with the square of the length.
const LONGEST_PIECE: usize = 32;

/// Shortest piece that is judged: fewer characters say little about the whole.
const SHORTEST_PIECE: usize = 12;

/// Most ways to read a piece ([`readings`]), because zxcvbn's time grows with that number: a
/// hundred characters of punctuation would take a second.
const MAX_READINGS: usize = 8;

/// Most pieces that are judged.
const MAX_PIECES: usize = MAX_LENGTH / LONGEST_PIECE;

/// Number of hashes computed to measure the time of one.
const MEASURED: usize = 3;

/// Most personal words that a password is compared with: a bound on zxcvbn's work.
const MAX_OWN_WORDS: usize = 48;

/// A password in the form that is hashed: NFKC, otherwise exactly as typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password as typed to sign in.
    ///
    /// Only its size is checked, because the policy may have changed since it was chosen. `None`
    /// means that no operator can have this password; the caller treats it like a wrong one.
    #[must_use]
    pub fn typed(typed: &str) -> Option<Self> {
        (typed.len() <= MAX_BYTES).then(|| Self(typed.nfkc().collect()))
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Shows nothing of the password, not even its length.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a password was refused. The text continues the field's name: "must have at least 12
/// characters".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Empty input.
    #[error("must not be empty")]
    Empty,
    /// Fewer characters than the policy requires.
    #[error("must have at least {min} characters")]
    TooShort {
        /// Fewest accepted characters, in Unicode code points.
        min: usize,
    },
    /// More characters than are accepted.
    #[error("must have at most {max} characters")]
    TooLong {
        /// Most accepted characters, in Unicode code points.
        max: usize,
    },
    /// Easy to guess for someone who knows the person, or common password lists.
    #[error("is too easy to guess")]
    Weak {
        /// Fewest accepted characters; the password has as many.
        min: usize,
        /// The reasons, at least one.
        found: Findings,
    },
}

/// A minimum length that is too small to protect, or too large to be practical.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the shortest password must be between {} and {} characters, not {asked}",
    PasswordPolicy::LEAST_MIN_LENGTH,
    PasswordPolicy::MOST_MIN_LENGTH
)]
pub struct PolicyFault {
    asked: usize,
}

/// Requirements on a newly chosen password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    min_length: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: Self::DEFAULT_MIN_LENGTH }
    }
}

impl PasswordPolicy {
    /// Fewest characters by default.
    pub const DEFAULT_MIN_LENGTH: usize = 12;
    /// The smallest value that can be set (NIST SP 800-63B).
    pub const LEAST_MIN_LENGTH: usize = 8;
    /// The largest value that can be set: with longer minimums, people write their passwords down.
    pub const MOST_MIN_LENGTH: usize = 64;

    /// A policy that requires at least `min_length` characters.
    ///
    /// # Errors
    /// [`PolicyFault`] outside of [`Self::LEAST_MIN_LENGTH`] to [`Self::MOST_MIN_LENGTH`].
    pub fn new(min_length: usize) -> Result<Self, PolicyFault> {
        if (Self::LEAST_MIN_LENGTH..=Self::MOST_MIN_LENGTH).contains(&min_length) {
            Ok(Self { min_length })
        } else {
            Err(PolicyFault { asked: min_length })
        }
    }

    /// Fewest accepted characters, in Unicode code points after normalisation.
    #[must_use]
    pub const fn min_length(&self) -> usize {
        self.min_length
    }

    /// Checks a newly chosen password.
    ///
    /// `own_words` is what others know about the person: e-mail address, names, the company's name.
    /// This function splits them into words. It takes some milliseconds of CPU time at most.
    ///
    /// # Errors
    /// The first [`PasswordFault`] that applies.
    pub fn parse(&self, typed: &str, own_words: &[&str]) -> Result<Password, PasswordFault> {
        if typed.is_empty() {
            return Err(PasswordFault::Empty);
        }
        let too_long = PasswordFault::TooLong { max: MAX_LENGTH };
        if typed.len() > MAX_BYTES {
            return Err(too_long);
        }
        let password: String = typed.nfkc().collect();
        let length = password.chars().count();
        if length < self.min_length {
            return Err(PasswordFault::TooShort { min: self.min_length });
        }
        if length > MAX_LENGTH {
            return Err(too_long);
        }
        let own = OwnWords::of(own_words);
        if own.contain(&password) {
            return Err(PasswordFault::Weak { min: self.min_length, found: Findings::own_word() });
        }
        judge(&password, &own.words()).map_err(|found| PasswordFault::Weak { min: self.min_length, found })?;
        Ok(Password(password))
    }
}

/// What others know about a person, folded for comparison with a password.
struct OwnWords(BTreeSet<String>);

impl OwnWords {
    fn of(given: &[&str]) -> Self {
        let mut words = BTreeSet::new();
        for given in given {
            let given = fold(given);
            if let Some((local_part, _)) = given.rsplit_once('@') {
                words.insert(local_part.to_owned());
            }
            words.extend(given.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
            words.insert(given.chars().filter(|c| c.is_alphanumeric()).collect());
            words.insert(given);
        }
        // Words of one or two letters occur in every password.
        words.retain(|word| word.chars().count() > 2);
        Self(words)
    }

    /// Whether the password equals one of the words, ignoring case and white space.
    fn contain(&self, password: &str) -> bool {
        let squeezed = |text: &str| -> String { text.split_whitespace().collect() };
        let password = squeezed(&fold(password));
        self.0.iter().any(|word| squeezed(word) == password)
    }

    fn words(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).take(MAX_OWN_WORDS).collect()
    }
}

fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Refuses a password that can be guessed in fewer than 10⁸ attempts.
///
/// A long password is judged in pieces, and one good piece is enough: guessing the whole includes
/// guessing the piece. Judging only the beginning would refuse good passwords for a weak beginning.
fn judge(password: &str, own_words: &[&str]) -> Result<(), Findings> {
    let characters: Vec<char> = password.chars().collect();
    let mut rest = without_repetition(&characters);
    let mut found = Findings::default();
    for _ in 0..MAX_PIECES {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(piece_length(rest));
        rest = after;
        let entropy = zxcvbn::zxcvbn(&String::from_iter(piece), own_words);
        if entropy.score() >= Score::Three {
            return Ok(());
        }
        if found.is_empty() {
            found = Findings::of(&entropy, own_words);
        }
    }
    if found.is_empty() {
        found.note(Weakness::TooFewWords, Suggestion::AddAnotherWordOrTwo.to_string());
    }
    Err(found)
}

/// Shortens a repetition to its first two periods. Otherwise the cut into pieces would hide the
/// repetition from zxcvbn.
fn without_repetition(characters: &[char]) -> &[char] {
    // Knuth, Morris and Pratt: for each prefix, the length of its longest proper prefix that is
    // also its suffix.
    let mut border = vec![0; characters.len()];
    for end in 1..characters.len() {
        let mut length = border[end - 1];
        while length > 0 && characters[length] != characters[end] {
            length = border[length - 1];
        }
        border[end] = length + usize::from(characters[length] == characters[end]);
    }
    let period = characters.len() - border.last().copied().unwrap_or(0);
    &characters[..characters.len().min(2 * period)]
}

/// How many characters to judge at once.
fn piece_length(characters: &[char]) -> usize {
    let most = characters.len().min(LONGEST_PIECE);
    (SHORTEST_PIECE..most).find(|&length| readings(&characters[..=length]) > MAX_READINGS).unwrap_or(most)
}

/// In how many ways zxcvbn reads digits and punctuation as letters ("p4$$" as "pass"): for each
/// letter, one of the characters that may replace it, and both readings of those that may replace
/// two letters.
fn readings(characters: &[char]) -> usize {
    const STAND_INS: [&str; 12] = ["4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2"];
    const AMBIGUOUS: &str = "1|7";
    let present = |set: &str| set.chars().filter(|c| characters.contains(c)).count();
    let choices = STAND_INS.iter().map(|set| present(set).max(1));
    choices.product::<usize>() << present(AMBIGUOUS)
}

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

/// The result of comparing a password with the stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The wrong password, or no password is set.
    Wrong,
    /// The right password.
    Right {
        /// The stored hash is weaker than the current parameters: hash this password again and
        /// store the result.
        rehash: bool,
    },
}

/// A hash could not be computed. The password was neither confirmed nor rejected.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many callers are waiting. Refused at once; retry in a moment.
    #[error("too many passwords are being checked right now")]
    Busy,
    /// The parameters or the stored hash are invalid, or the system has no memory or randomness
    /// left.
    #[error("the password could not be hashed: {0}")]
    Broken(#[from] argon2::password_hash::Error),
    /// The server is shutting down.
    #[error("the thread that hashed the password ended early")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Hashes and verifies passwords, with bounded concurrency. Clones share the bounds.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    argon2: Argon2<'static>,
    permits: usize,
    slots: Arc<Semaphore>,
    queue: usize,
    waiting: AtomicUsize,
    /// Memory of finished hashes, for reuse by waiting ones; never more than are computed at once.
    memory: Mutex<Vec<Vec<Block>>>,
    /// The hash that stands in for an unknown address, with the current parameters.
    decoy: String,
    /// The time of one hash with the current parameters, measured at startup.
    cost: Duration,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("params", self.0.argon2.params())
            .field("permits", &self.0.permits)
            .field("queue", &self.0.queue)
            .field("running", &self.running())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

impl Hasher {
    /// Creates a hasher that computes `permits` hashes at once (at least one) and lets `queue`
    /// callers wait.
    ///
    /// It uses at most *memory × permits*. It computes a few hashes to get a decoy for unknown
    /// addresses and to measure the time of one. It accepts weak parameters, for tests; a server
    /// calls [`HashParams::at_least_owasp`] first.
    ///
    /// # Errors
    /// [`HashError::Broken`] for parameters that argon2 does not support (less than 8 KiB a lane,
    /// no passes, no lanes).
    pub fn new(params: HashParams, permits: usize, queue: usize) -> Result<Self, HashError> {
        let HashParams { memory_kib, passes, lanes } = params;
        let params = Params::new(memory_kib, passes, lanes, None).map_err(argon2::password_hash::Error::from)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut decoy = String::new();
        let mut cost = Duration::MAX;
        // The minimum of a few: a machine that starts up has other work to do as well.
        for _ in 0..MEASURED {
            let began = std::time::Instant::now();
            decoy = argon2.hash_password(b"nobody's password")?.to_string();
            cost = cost.min(began.elapsed());
        }
        let permits = permits.clamp(1, Semaphore::MAX_PERMITS);
        Ok(Self(Arc::new(Inner {
            argon2,
            permits,
            slots: Arc::new(Semaphore::new(permits)),
            queue,
            waiting: AtomicUsize::new(0),
            memory: Mutex::default(),
            decoy,
            cost,
        })))
    }

    /// The number of cores minus one, so that a flood of sign-ins leaves one for other requests.
    #[must_use]
    pub fn default_permits() -> usize {
        std::thread::available_parallelism().map_or(1, |cores: NonZero<usize>| cores.get().saturating_sub(1).max(1))
    }

    /// Computes the hash to store, as a PHC string with a random salt.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: Password) -> Result<String, HashError> {
        let hashed = self.compute(move |inner| Ok(inner.argon2.hash_password(password.as_bytes())?.to_string()));
        ledger::rest(hashed).await.map(|(hash, _)| hash)
    }

    /// Checks whether `password` is the one whose hash is `stored`.
    ///
    /// `None` stands for an unknown address or an operator without a password. It takes the same
    /// time, and the verdict is [`Verdict::Wrong`]. A wrong password is answered after twice the
    /// time of a hash, so that a stored hash with weaker parameters is not answered sooner.
    ///
    /// # Errors
    /// [`HashError`]; [`HashError::Broken`] also if `stored` is not a hash.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<Verdict, HashError> {
        let compared = self.compute(move |inner| {
            let known = PasswordHash::new(stored.as_deref().unwrap_or(&inner.decoy))
                .map_err(argon2::password_hash::Error::from)?;
            if known.salt.is_none() || known.hash.is_none() {
                return Err(argon2::password_hash::Error::EncodingInvalid.into());
            }
            let same = inner.is_same(&password, &known)?;
            Ok(if same && stored.is_some() {
                Verdict::Right { rehash: is_weaker(&known, inner.argon2.params())? }
            } else {
                Verdict::Wrong
            })
        });
        // Hashes have their own permits and queue, so the client's other operations run in the
        // meantime.
        ledger::rest(async {
            let (verdict, permitted) = compared.await?;
            if verdict == Verdict::Wrong {
                sleep_until(permitted + 2 * self.0.cost).await;
            }
            Ok(verdict)
        })
        .await
    }

    /// Number of callers that wait for a permit.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    /// Number of hashes that are being computed.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.permits - self.0.slots.available_permits()
    }

    /// Runs `work` on a blocking thread. Returns its result, and when it got its permit.
    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, HashError> + Send + 'static,
    ) -> Result<(T, Instant), HashError> {
        let permit = self.permit().await?;
        let permitted = Instant::now();
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&inner);
            // The work holds the permit, not the caller: its memory stays in use after the caller
            // is gone.
            drop(permit);
            done
        });
        Ok((done.await??, permitted))
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, HashError> {
        if let Ok(permit) = Arc::clone(&self.0.slots).try_acquire_owned() {
            return Ok(permit);
        }
        let _place = QueueSlot::take(&self.0).ok_or(HashError::Busy)?;
        let permit = Arc::clone(&self.0.slots).acquire_owned().await;
        Ok(permit.expect("the semaphore is never closed"))
    }
}

impl Inner {
    /// Whether a password has this hash. While others wait, the memory is passed from one hash to
    /// the next: allocating it takes a fifth of the total time.
    fn is_same(&self, password: &Password, known: &PasswordHash) -> Result<bool, argon2::password_hash::Error> {
        let (Some(salt), Some(hash)) = (&known.salt, &known.hash) else {
            return Err(argon2::password_hash::Error::EncodingInvalid);
        };
        let algorithm = Algorithm::try_from(known.algorithm.as_str())?;
        let version = known.version.map(Version::try_from).transpose()?.unwrap_or_default();
        let params = Params::try_from(known)?;
        let mut memory = self.memory().pop().unwrap_or_default();
        memory.resize(params.block_count(), Block::default());
        let mut made = vec![0; hash.len()];
        let argon2 = Argon2::new(algorithm, version, params);
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut made, &mut memory)?;
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.memory().push(memory);
        }
        // A comparison in constant time.
        Ok(Output::new(&made)? == *hash)
    }

    fn memory(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A slot in the queue, released even if the caller is cancelled.
struct QueueSlot<'a>(&'a AtomicUsize);

impl<'a> QueueSlot<'a> {
    fn take(inner: &'a Inner) -> Option<Self> {
        inner
            .waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
                (waiting < inner.queue).then_some(waiting + 1)
            })
            .ok()
            .map(|_| Self(&inner.waiting))
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a stored hash costs an attacker less than one with the current parameters. Lanes add no
/// cost.
fn is_weaker(stored: &PasswordHash, current: &Params) -> Result<bool, argon2::password_hash::Error> {
    let params = Params::try_from(stored)?;
    Ok(stored.algorithm != Algorithm::Argon2id.ident()
        || stored.version != Some(Version::V0x13.into())
        || stored.hash.is_none_or(|tag| tag.len() < Params::DEFAULT_OUTPUT_LEN)
        || params.m_cost() < current.m_cost()
        || params.t_cost() < current.t_cost())
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::poll;

    use super::*;
    use crate::app::clock::quickest;

    const FAST: HashParams = HashParams { memory_kib: 64, passes: 1, lanes: 1 };
    /// So slow that a hash is still being computed when the next line runs.
    const SLOW: HashParams = HashParams { memory_kib: 128 * 1024, passes: 8, lanes: 1 };
    const GOOD: &str = "mauve otter on Sundays";

    fn password(typed: &str) -> Password {
        Password::typed(typed).expect("short enough")
    }

    fn refusal(typed: &str) -> Option<PasswordFault> {
        let own = ["ada.lovelace@engines.example", "Ada Lovelace", "Analytical Engines"];
        PasswordPolicy::default().parse(typed, &own).err()
    }

    #[test]
    fn length_is_counted_in_code_points_after_normalisation() {
        let short = Some(PasswordFault::TooShort { min: 12 });
        let long = Some(PasswordFault::TooLong { max: 256 });
        let varied = |length: usize| -> String { GOOD.chars().chain('가'..='힣').take(length).collect() };
        for (typed, expected) in [
            (String::new(), &Some(PasswordFault::Empty)),
            ("v".to_owned(), &short),
            ("vK7#qz!Lw2r".to_owned(), &short),
            ("vK7#qz!Lw2rT".to_owned(), &None),
            // 16 code points as typed, 11 once composed
            ("a\u{301}ž".repeat(5) + "v", &short),
            // two bytes each, four bytes each
            ("žluťoučký kůň úpěl".to_owned(), &None),
            ("🦦🪐🧶🫖🪵🦔🪩🫐🧭🪁🦚🪶".to_owned(), &None),
            (varied(256), &None),
            (varied(257), &long),
            // one code point as typed that becomes eighteen
            ("\u{fdfa}".repeat(15), &long),
            (GOOD.repeat(50), &long),
            ("\u{1f9a6}".repeat(257), &long),
        ] {
            assert_eq!(&refusal(&typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn what_can_be_guessed_is_refused_and_says_what_helps() {
        for typed in [
            "password1234",
            "passwordpassword",
            "qwertyuiop[]",
            "abcdefghijkl",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "123456789012345",
            "iloveyou2024",
            "ada.lovelace@engines.example",
            "ADA.LOVELACE",
            "Ada Lovelace",
            "adalovelace1",
            "Ada  LOVELACE",
            "analyticalengines",
            "lovelace-ada",
            &"a".repeat(256),
            &"password".repeat(32),
            &"password1@".repeat(25),
            &("iloveyou1! ".repeat(20) + "ilove"),
        ] {
            match refusal(typed) {
                Some(PasswordFault::Weak { min: 12, found }) => {
                    assert!(!found.weaknesses.is_empty() && !found.suggestions.is_empty(), "{typed}");
                    assert!(found.suggestions.iter().all(|s| s.ends_with('.')), "{found:?}");
                }
                other => panic!("{typed}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_good_password_may_hold_anything() {
        for typed in [
            GOOD,
            "correct horse battery staple",
            " leading and trailing space kept ",
            "tab\tnewline\nnul\0 and \u{202e}override",
            "密码学很有意思但是也很难啊",
            "ada likes violet submarines",
        ] {
            assert_eq!(refusal(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn nothing_is_trimmed_or_folded() {
        let chosen = PasswordPolicy::default().parse("  Mauve Otter on Sundays ", &[]);
        assert_eq!(chosen.unwrap().0, "  Mauve Otter on Sundays ");
    }

    #[test]
    fn the_same_keys_on_another_system_are_the_same_password() {
        assert_eq!(password("ﬁancé №１"), password("fiance\u{301} No1"));
        assert_ne!(password("secret"), password("Secret"));
        assert_ne!(password("secret"), password("secret "));
    }

    #[test]
    fn a_long_password_is_not_refused_for_how_it_begins() {
        let typed = "a".repeat(200) + GOOD;
        assert_eq!(refusal(&typed), None);
    }

    #[test]
    fn judging_the_worst_input_takes_little_time() {
        let own = "Wolfeschlegelsteinhausenbergerdorff ".repeat(7);
        let worst = [
            "a".repeat(256),
            "4@8({[<369!|1$5+7%0".repeat(14)[..256].to_owned(),
            "p4ssw0rd".repeat(32),
            "12/31/1999".repeat(26)[..256].to_owned(),
            "l0v3".repeat(64),
            "4d4m4d4m".repeat(32),
            "ab".repeat(128),
            ('!'..='~').cycle().take(256).collect(),
        ];
        for typed in worst {
            let took = quickest(|| PasswordPolicy::default().parse(&typed, &[&own]));
            // Eight pieces of at most three milliseconds. Judged as a whole, some of these take a
            // second even in an optimised build.
            assert!(took < Duration::from_millis(250), "{typed}: {took:?}");
        }
    }

    #[test]
    fn repetition_is_judged_as_what_is_repeated() {
        for (typed, judged) in [
            ("", ""),
            ("abc", "abc"),
            ("abcab", "abcab"),
            ("abcabc", "abcabc"),
            ("abcabcabcab", "abcabc"),
            ("aaaaaaa", "aa"),
            ("aabaabaaab", "aabaabaaab"),
        ] {
            let typed: Vec<char> = typed.chars().collect();
            assert_eq!(String::from_iter(without_repetition(&typed)), judged);
        }
    }

    #[test]
    fn punctuation_is_judged_in_pieces_that_can_be_read_in_few_ways() {
        let length = |typed: &str| piece_length(&typed.chars().collect::<Vec<_>>());
        assert_eq!(length("short"), 5);
        assert_eq!(length("correct horse battery staple"), 28);
        assert_eq!(length(&"a".repeat(256)), LONGEST_PIECE);
        assert_eq!(length("4@8({[<369!|1$5+7%0 and more of it"), SHORTEST_PIECE);
        assert_eq!(length("nineteen eighty-four: 1984@$5!"), 29);
        assert_eq!(refusal("4@8({[<369!|1$5+7%0"), None);
        assert_eq!(refusal("7!1|4@$5zK%q"), None);
    }

    #[test]
    fn a_policy_cannot_be_set_to_nonsense() {
        assert_eq!(PasswordPolicy::new(8).unwrap().min_length(), 8);
        assert_eq!(PasswordPolicy::new(64).unwrap().min_length(), 64);
        for asked in [0, 7, 65, 10_000] {
            let fault = PasswordPolicy::new(asked).unwrap_err().to_string();
            assert!(fault.contains("between 8 and 64"), "{fault}");
        }
    }

    #[test]
    fn what_is_typed_to_sign_in_is_only_bounded() {
        assert!(Password::typed("x").is_some());
        assert!(Password::typed(&"x".repeat(MAX_BYTES)).is_some());
        assert!(Password::typed(&"x".repeat(MAX_BYTES + 1)).is_none());
    }

    #[test]
    fn debug_shows_no_password() {
        assert_eq!(format!("{:?}", password("hunter2")), "Password(…)");
    }

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
            FAST,
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

    #[test]
    fn impossible_parameters_are_an_error() {
        for params in
            [HashParams { memory_kib: 1, ..FAST }, HashParams { passes: 0, ..FAST }, HashParams { lanes: 0, ..FAST }]
        {
            assert!(matches!(Hasher::new(params, 1, 0), Err(HashError::Broken(_))));
        }
    }

    #[tokio::test]
    async fn the_right_password_is_right_and_every_salt_is_its_own() {
        let hasher = Hasher::new(FAST, 2, 8).unwrap();
        let (first, second) = (hasher.hash(password(GOOD)).await.unwrap(), hasher.hash(password(GOOD)).await.unwrap());
        assert!(first.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{first}");
        assert_ne!(first, second);

        let right = hasher.verify(password(GOOD), Some(first.clone())).await.unwrap();
        assert_eq!(right, Verdict::Right { rehash: false });
        let wrong = hasher.verify(password("mauve otter"), Some(first)).await.unwrap();
        assert_eq!(wrong, Verdict::Wrong);
    }

    /// A hasher that believes a hash takes one second.
    fn slow_to_answer(permits: usize, queue: usize) -> Hasher {
        let mut hasher = Hasher::new(FAST, permits, queue).unwrap();
        Arc::get_mut(&mut hasher.0).expect("there is no clone").cost = Duration::from_secs(1);
        hasher
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_wrong_is_answered_after_twice_the_time_of_a_hash_whatever_is_stored() {
        let hasher = slow_to_answer(1, 0);
        let weaker = HashParams { memory_kib: 8, passes: 1, lanes: 1 };
        let weak = Hasher::new(weaker, 1, 0).unwrap().hash(password(GOOD)).await.unwrap();
        let today = hasher.hash(password(GOOD)).await.unwrap();
        for stored in [None, Some(weak.clone()), Some(today)] {
            let began = Instant::now();
            assert_eq!(hasher.verify(password("mauve otter"), stored.clone()).await.unwrap(), Verdict::Wrong);
            assert_eq!(began.elapsed(), Duration::from_secs(2), "{stored:?}");
        }
        let began = Instant::now();
        assert_eq!(hasher.verify(password(GOOD), Some(weak)).await.unwrap(), Verdict::Right { rehash: true });
        assert!(began.elapsed() < Duration::from_secs(1), "a right password is answered without a delay");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_wrong_waits_its_time_from_its_permit_on() {
        let hasher = slow_to_answer(1, 1);
        let permit = hasher.permit().await.unwrap();
        let mut wrong = Box::pin(hasher.verify(password("mauve otter"), None));
        assert!(poll!(wrong.as_mut()).is_pending());
        tokio::time::advance(Duration::from_secs(10)).await;
        drop(permit);
        let began = Instant::now();
        assert_eq!(wrong.await.unwrap(), Verdict::Wrong);
        assert_eq!(began.elapsed(), Duration::from_secs(2), "however long the queue was");
    }

    #[tokio::test]
    async fn an_answer_that_waits_holds_no_permit() {
        let hasher = slow_to_answer(1, 0);
        let mut wrong = Box::pin(hasher.verify(password("mauve otter"), None));
        assert!(poll!(wrong.as_mut()).is_pending());
        while hasher.running() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(poll!(wrong.as_mut()).is_pending(), "it waits for its time");
        hasher.hash(password(GOOD)).await.expect("the only permit is free");
    }

    #[tokio::test]
    async fn nobody_has_no_password_not_even_the_decoy() {
        let hasher = Hasher::new(FAST, 1, 0).unwrap();
        for typed in ["", GOOD, "nobody's password"] {
            let verdict = hasher.verify(password(typed), None).await.unwrap();
            assert_eq!(verdict, Verdict::Wrong, "{typed}");
        }
    }

    #[tokio::test]
    async fn a_hash_with_weaker_parameters_asks_to_be_made_again() {
        let stored_by = async |params| Hasher::new(params, 1, 0)?.hash(password(GOOD)).await;
        let today = HashParams { memory_kib: 128, passes: 2, lanes: 1 };
        let hasher = Hasher::new(today, 1, 0).unwrap();
        for (then, rehash) in [
            (today, false),
            (HashParams { lanes: 2, ..today }, false),
            (HashParams { memory_kib: 127, ..today }, true),
            (HashParams { passes: 1, ..today }, true),
            (HashParams { passes: 3, ..today }, false),
            (HashParams { memory_kib: 64, passes: 9, ..today }, true),
        ] {
            let stored = stored_by(then).await.unwrap();
            let verdict = hasher.verify(password(GOOD), Some(stored)).await.unwrap();
            assert_eq!(verdict, Verdict::Right { rehash }, "{then:?}");
        }
    }

    #[tokio::test]
    async fn another_algorithm_is_still_right_and_made_again() {
        let hasher = Hasher::new(FAST, 1, 0).unwrap();
        let params = Params::new(64, 1, 1, None).unwrap();
        for old in [
            Argon2::new(Algorithm::Argon2i, Version::V0x13, params.clone()),
            Argon2::new(Algorithm::Argon2id, Version::V0x10, params),
        ] {
            let stored = old.hash_password(GOOD.as_bytes()).unwrap().to_string();
            let verdict = hasher.verify(password(GOOD), Some(stored)).await.unwrap();
            assert_eq!(verdict, Verdict::Right { rehash: true });
        }
    }

    #[tokio::test]
    async fn a_stored_value_that_is_no_hash_is_broken_and_not_wrong() {
        let hasher = Hasher::new(FAST, 1, 0).unwrap();
        for stored in ["", "plain text", "$argon2id$v=19$m=64,t=1,p=1", "$2b$12$abc"] {
            let verdict = hasher.verify(password(GOOD), Some(stored.to_owned())).await;
            assert!(matches!(verdict, Err(HashError::Broken(_))), "{stored}: {verdict:?}");
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let hasher = Hasher::new(SLOW, 1, 1).unwrap();
        let mut running = Box::pin(hasher.hash(password(GOOD)));
        let mut waiting = Box::pin(hasher.hash(password(GOOD)));
        assert!(poll!(running.as_mut()).is_pending());
        assert!(poll!(waiting.as_mut()).is_pending());
        assert_eq!((hasher.running(), hasher.waiting()), (1, 1));

        let mut third = Box::pin(hasher.hash(password(GOOD)));
        assert!(matches!(poll!(third.as_mut()), Poll::Ready(Err(HashError::Busy))));

        drop(waiting);
        assert_eq!(hasher.waiting(), 0, "a caller that left has released its slot");
        assert!(running.await.is_ok());
        assert_eq!(hasher.running(), 0);
    }

    #[tokio::test]
    async fn a_caller_who_leaves_does_not_let_a_second_hash_start() {
        let hasher = Hasher::new(SLOW, 1, 1).unwrap();
        let mut left = Box::pin(hasher.hash(password(GOOD)));
        assert!(poll!(left.as_mut()).is_pending());
        drop(left);
        assert_eq!(hasher.running(), 1, "its work continues");

        let mut next = Box::pin(hasher.hash(password(GOOD)));
        assert!(poll!(next.as_mut()).is_pending());
        assert_eq!((hasher.running(), hasher.waiting()), (1, 1));
        assert!(next.await.is_ok());
        assert_eq!((hasher.running(), hasher.waiting()), (0, 0));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn everybody_within_the_queue_is_served() {
        let hasher = Hasher::new(FAST, 2, 30).unwrap();
        let all = (0..32).map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.hash(password(GOOD)).await })
        });
        for one in futures_util::future::join_all(all).await {
            assert!(one.unwrap().is_ok());
        }
        assert_eq!((hasher.running(), hasher.waiting()), (0, 0));
    }
}
