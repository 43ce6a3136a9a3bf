//! Many clients sign in at once: the rate must be what the cores that may hash allow, and other
//! requests must not wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use nix::time::ClockId;
use serde_json::json;

use super::{Bench, questions::QUERY};
use crate::{
    ask::{Asker, ask_on},
    clock::{Schedule, now},
    numbers::{ms, percentile, real},
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

const CLIENTS: usize = 64;
const SECONDS: u32 = 8;
const PER_SECOND: u32 = 100;
/// The server's defaults.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

const EMAIL: &str = "sign.in@example.com";
const PASSWORD: &str = "seven-lamps-over-a-quiet-harbour";
const SIGN_UP: &str = "mutation($email: String!, $password: String!) { signUp(input: { accountName: \"Signers\", name: \"Sign In\", \
     email: $email, password: $password, transport: TOKEN }) { userErrors { __typename } } }";
const SIGN_IN: &str = "mutation($email: String!, $password: String!) { signIn(input: { email: $email, password: $password, \
     transport: TOKEN }) { userErrors { __typename } } }";

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let seconds = bench.seconds(SECONDS);
    Report::heading(&format!(
        "sign-in: {CLIENTS} clients sign in for {seconds} s, next to {PER_SECOND} queries per second"
    ));
    let (mut hash_ms, mut per_second, mut of_most, mut p99_ms, mut mib) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        let rig = Rig::start(&bench.setup(Kind::Deskbell))?;
        let who = json!({ "email": EMAIL, "password": PASSWORD });
        rig.asker(0).mutate("signUp", SIGN_UP, &who)?;
        let cost = cost_of_a_hash()?;

        let ended = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|nth| {
                let (mut asker, who, ended) =
                    (Asker::new(rig.server.address, None, nth), who.clone(), Arc::clone(&ended));
                thread::spawn(move || -> anyhow::Result<Vec<Duration>> {
                    let mut at = Vec::new();
                    while !ended.load(Ordering::Relaxed) {
                        at.push(asker.mutate("signIn", SIGN_IN, &who)?.1);
                    }
                    Ok(at)
                })
            })
            .collect();
        // Wait until all clients are in the queue.
        thread::sleep(Duration::from_secs(1));
        let start = now();
        let window = Duration::from_secs(u64::from(seconds));
        let answers = ask_on(Schedule::new(start, PER_SECOND, PER_SECOND * seconds), &rig.asker(1), QUERY).join()?;
        thread::sleep((start + window).saturating_sub(now()));
        mib.push(crate::numbers::real64(rig.server.resident()? >> 20));
        ended.store(true, Ordering::Relaxed);
        let mut signed_in = 0;
        for client in clients {
            let at = client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??;
            signed_in += at.iter().filter(|at| (start..start + window).contains(*at)).count();
        }
        let rate = real(signed_in) / window.as_secs_f64();
        let cores = thread::available_parallelism()?.get().saturating_sub(1).max(1);
        hash_ms.push(ms(cost));
        per_second.push(rate);
        of_most.push(rate * cost.as_secs_f64() / real(cores));
        p99_ms.push(
            percentile(&mut answers.into_iter().map(|(_, took)| took).collect::<Vec<_>>(), 990).map_or(f64::NAN, ms),
        );
        bench.finish(rig)?;
    }
    let report = &mut bench.report;
    report.row("CPU of a hash, memory reused", "ms", &hash_ms, Target::None);
    report.row("sign-ins per second", "1/s", &per_second, Target::None);
    report.row("RSS of the server during sign-ins", "MiB", &mib, Target::None);
    let least = Target::AtLeast { target: 0.95, stretch: 0.95 };
    report.row("sign-ins/s ÷ (cores that may hash ÷ cost of a hash)", "×", &of_most, least);
    report.row("p99 of other queries during sign-ins", "ms", &p99_ms, Target::AtMost { target: 8.0, stretch: 8.0 });
    Ok(())
}

/// CPU time, so that other load on the machine does not increase the cost of a hash.
fn cost_of_a_hash() -> anyhow::Result<Duration> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(anyhow::Error::msg)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut costs = Vec::new();
    let began = Instant::now();
    while costs.len() < 20 && began.elapsed() < Duration::from_secs(5) {
        let (before, mut out) = (thread_cpu()?, [0; 32]);
        argon2
            .hash_password_into_with_memory(PASSWORD.as_bytes(), b"sixteen bytes of", &mut out, &mut memory)
            .map_err(anyhow::Error::msg)?;
        costs.push(thread_cpu()?.saturating_sub(before));
    }
    percentile(&mut costs, 500).ok_or_else(|| anyhow::anyhow!("no hash was computed"))
}

fn thread_cpu() -> anyhow::Result<Duration> {
    Ok(Duration::from(ClockId::CLOCK_THREAD_CPUTIME_ID.now()?))
}
