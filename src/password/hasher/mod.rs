//! Computes the hashes of passwords. Invariants:
//!
//! - At most `permits` hashes are computed at once, so that they use at most *memory × permits*
//!   (19 MiB × 1 with the defaults on two cores), even if the callers stop waiting.
//! - At most `queue` callers wait for a permit. Further ones get [`HashError::Busy`] at once,
//!   because an unbounded queue would let a flood of sign-ins block everything.
//! - Hashes are computed on blocking threads, never on those that serve requests.
//! - An unknown address takes the same time as a wrong password, even while some stored hashes have
//!   weaker parameters than the current ones. A wrong password is answered no sooner than twice the
//!   time of a hash after it got its permit, and waits without holding the permit.

mod params;
#[cfg(test)]
mod tests;

use std::fmt;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, Version};
use edge::ledger;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::Password;

pub use self::params::{HashParams, WeakHashParams};

/// Number of hashes computed to measure the time of one.
const MEASURED: usize = 3;

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
