//! CPU time and memory of processes and the kernel.

use std::{fs, io, process::Command, time::Duration};

use nix::{time::ClockId, unistd::Pid};

/// The CPU time of all threads of a process, in nanoseconds: `/proc/PID/stat` counts in hundredths
/// of a second.
pub fn cpu(pid: u32) -> io::Result<Duration> {
    let pid = Pid::from_raw(i32::try_from(pid).map_err(io::Error::other)?);
    Ok(Duration::from(ClockId::pid_cpu_clock_id(pid)?.now()?))
}

/// The CPU time of all threads of the generator.
pub fn own_cpu() -> io::Result<Duration> {
    Ok(Duration::from(ClockId::CLOCK_PROCESS_CPUTIME_ID.now()?))
}

/// The generator's CPU time since `before`.
pub fn own_cpu_since(before: Duration) -> io::Result<Duration> {
    Ok(own_cpu()?.saturating_sub(before))
}

/// Resident memory of a process, in bytes.
pub fn resident(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    kib.map(|kib: u64| kib << 10).ok_or_else(|| io::Error::other("no VmRSS"))
}

/// Kernel memory of the server's ends of some connections: how many connections, and bytes in
/// total. Requires `ss`.
pub fn socket_memory(server_port: u16, keep: impl Fn(&str) -> bool) -> io::Result<(usize, u64)> {
    let output = Command::new("ss")
        .args(["-tmnOH", "state", "established", "sport", "=", &format!(":{server_port}")])
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let each = text.lines().filter(|line| keep(line)).filter_map(skmem);
    Ok(each.fold((0, 0), |(count, bytes), more| (count + 1, bytes + more)))
}

/// `skmem:(r0,rb…,t0,tb…,f0,w0,o0,bl0,d0)`: received and unread, allocated ahead, queued to be
/// sent, options, backlog.
fn skmem(line: &str) -> Option<u64> {
    let fields = line.split_once("skmem:(")?.1.split_once(')')?.0;
    let counted = ["r", "f", "w", "o", "bl"];
    let value = |field: &str| {
        let digits = field.find(|char: char| char.is_ascii_digit())?;
        let (name, number) = field.split_at(digits);
        counted.contains(&name).then(|| number.parse::<u64>().ok()).flatten()
    };
    Some(fields.split(',').filter_map(value).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_counted_and_limits_are_not() {
        let line = "0 36 127.0.0.1:80 127.0.1.2:5 skmem:(r1,rb131072,t7,tb46080,f3328,w768,o20,bl3,d9)";
        assert_eq!(skmem(line), Some(1 + 3328 + 768 + 20 + 3));
        assert_eq!(skmem("0 0 127.0.0.1:80"), None);
    }

    #[test]
    fn a_process_can_be_looked_at() {
        let pid = std::process::id();
        assert!(cpu(pid).expect("ours") > Duration::ZERO);
        assert!(resident(pid).expect("ours") > 100_000);
        assert!(own_cpu().is_ok());
    }
}
