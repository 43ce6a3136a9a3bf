//! One client does the worst that the limits allow: how much longer a small query of an honest
//! client takes than without it.
//!
//! The limits are the server's defaults. The honest client has a separate address and account.

use std::{
    sync::{Arc, atomic::AtomicBool, atomic::Ordering},
    time::Duration,
};

use super::Bench;
use crate::{
    ask::{Asker, ask_on},
    attack::{self, Target as Victim},
    clock::{Schedule, now},
    numbers::{ms, percentile},
    place::{USUAL, Wanted},
    report::{Report, Target},
    rig::Rig,
    server::Kind,
};

const PER_SECOND: u32 = 50;
const SECONDS: u32 = 6;
/// Time until the attack has full effect.
const BEGINS: Duration = Duration::from_secs(1);
const QUERY: &str = "{ viewer { name isActive } }";
/// The attacker's account: as many operators as a list returns.
const ATTACKER: Wanted = Wanted { active: 100, inactive: 0 };
/// Alternative target to the ratio, because a query without load is very fast.
const P99_MS: f64 = 50.0;
const RATIO: f64 = 3.0;

pub fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let seconds = bench.seconds(SECONDS);
    Report::heading(&format!(
        "fair: {PER_SECOND} small queries per second for {seconds} s, alone and next to one client that uses its full quota"
    ));
    for (name, attack) in attack::ALL {
        let [mut p50, mut p99, mut p99_ms] = [const { Vec::new() }; 3];
        for _ in 0..bench.runs {
            let mut setup = bench.setup(Kind::Deskbell);
            setup.accounts = vec![ATTACKER, USUAL];
            // The defaults, which the other scenarios override.
            setup.settings.extend([
                ("MAX_CONNECTIONS", "10000"),
                ("MAX_CONNECTIONS_PER_CLIENT", "1000"),
                ("MAX_SOCKETS_PER_CLIENT", "200"),
                ("RATE_LIMITS", "on"),
                ("WS_KEEPALIVE", "15s"),
            ]);
            let mut rig = Rig::start(&setup)?;
            let honest = Asker::new(rig.server.address, Some(&rig.accounts[1].token), 40);
            let measure = |rig: &mut Rig, seconds: u32| -> anyhow::Result<[f64; 2]> {
                let schedule = Schedule::new(now() + Duration::from_millis(100), PER_SECOND, PER_SECOND * seconds);
                let mut asked = ask_on(schedule, &honest, QUERY);
                let mut took: Vec<_> = asked.join()?.into_iter().map(|(_, took)| took).collect();
                rig.rest(Duration::ZERO)?;
                Ok([500, 990].map(|per_mille| percentile(&mut took, per_mille).map_or(f64::NAN, ms)))
            };
            measure(&mut rig, 1)?;
            let alone = measure(&mut rig, seconds)?;
            let is_over = Arc::new(AtomicBool::new(false));
            let target =
                Victim { server: rig.server.address, account: rig.accounts[0].clone(), is_over: Arc::clone(&is_over) };
            let threads = attack(&target);
            std::thread::sleep(BEGINS);
            let attacked = measure(&mut rig, seconds);
            is_over.store(true, Ordering::Relaxed);
            for thread in threads {
                thread.join().map_err(|_| anyhow::anyhow!("{name}: a thread panicked"))?;
            }
            let attacked = attacked?;
            p50.push(attacked[0] / alone[0]);
            p99.push(attacked[1] / alone[1]);
            p99_ms.push(attacked[1]);
            // Errors of the attacking client do not count: only the honest client is measured.
            drop(rig);
        }
        let report = &mut bench.report;
        let allowed: Vec<_> = p99.iter().zip(&p99_ms).map(|(ratio, ms)| (ratio / RATIO).min(ms / P99_MS)).collect();
        report.row(format!("{name}: p50, with ÷ alone"), "×", &p50, Target::AtMost { target: RATIO, stretch: 1.5 });
        report.row(format!("{name}: p99, with ÷ alone"), "×", &p99, Target::None);
        report.row(format!("{name}: p99"), "ms", &p99_ms, Target::None);
        report.row(
            format!("{name}: p99 ÷ 3 × alone or 50 ms"),
            "×",
            &allowed,
            Target::AtMost { target: 1.0, stretch: 0.5 },
        );
    }
    Ok(())
}
