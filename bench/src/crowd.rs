//! Thousands of widgets on one thread: one epoll, one buffer and one heap of deadlines, and no task
//! or timer for each.

use std::{io, net::SocketAddr, time::Duration};

use anyhow::Context as _;
use nix::{
    errno::Errno,
    sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
};

use crate::{
    clock::{Schedule, now},
    heartbeat::{Alarms, Beat, Rhythm},
    tally::{Site, Totals},
    widget::{Said, Script, Stage, Widget},
    wire::{Received, connect},
};

/// Concurrent connection attempts outside of measurements: fewer than any listen queue holds.
const AT_ONCE: usize = 128;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Widgets of one server.
#[derive(Debug)]
pub struct Crowd {
    epoll: Epoll,
    server: SocketAddr,
    widgets: Vec<Widget>,
    sites: Vec<(Script, Site)>,
    received: Received,
    /// Number of widgets between connecting and their first state.
    arriving: usize,
    live: usize,
    begun: usize,
    totals: Totals,
    /// For each widget, the time from when it was due to its first state.
    arrivals: Vec<Duration>,
    /// The time that each delivery of a change took.
    deliveries: Vec<Duration>,
    /// The deadlines of widgets that send pings; `None` if they send none.
    alarms: Option<Alarms>,
    /// The time from each ping of a widget to its pong.
    pongs: Vec<Duration>,
    /// Number of pings that the server sent.
    pinged: usize,
}

impl Crowd {
    pub fn new(server: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self {
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            server,
            widgets: Vec::new(),
            sites: Vec::new(),
            received: Received::default(),
            arriving: 0,
            live: 0,
            begun: 0,
            totals: Totals::default(),
            arrivals: Vec::new(),
            deliveries: Vec::new(),
            alarms: None,
            pongs: Vec::new(),
            pinged: 0,
        })
    }

    /// Adds an account: its widget key, and the prefix of all its names.
    pub fn site(&mut self, widget_key: &str, tag: &str) -> usize {
        self.sites.push((Script::new(&self.server.to_string(), widget_key), Site::new(tag)));
        self.sites.len() - 1
    }

    pub fn site_mut(&mut self, site: usize) -> &mut Site {
        &mut self.sites[site].1
    }

    /// Number of widgets that are live and read.
    #[must_use]
    pub fn live(&self) -> usize {
        self.live
    }

    /// Number of live widgets of one account.
    #[must_use]
    pub fn live_on(&self, site: usize) -> usize {
        self.widgets.iter().filter(|widget| widget.site == site && widget.stage == Stage::Live).count()
    }

    pub fn totals_mut(&mut self) -> &mut Totals {
        &mut self.totals
    }

    /// Returns the measurements since the last call.
    pub fn take_arrivals(&mut self) -> Vec<Duration> {
        std::mem::take(&mut self.arrivals)
    }

    pub fn take_deliveries(&mut self) -> Vec<Duration> {
        std::mem::take(&mut self.deliveries)
    }

    /// The time from each ping of a widget to its pong, since the last call.
    pub fn take_pongs(&mut self) -> Vec<Duration> {
        std::mem::take(&mut self.pongs)
    }

    /// Number of pings that the server sent since the last call.
    pub fn take_pinged(&mut self) -> usize {
        std::mem::take(&mut self.pinged)
    }

    /// Makes the widgets that connect from now on send pings.
    pub fn send_pings(&mut self, rhythm: Rhythm) {
        self.alarms = Some(Alarms::new(rhythm));
    }

    /// Local addresses of the widgets that do not read.
    pub fn stalled(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.widgets
            .iter()
            .filter(|widget| widget.stage == Stage::Stalled)
            .filter_map(|widget| widget.stream.local_addr().ok())
    }

    /// Opens a page of a site: its widget connects.
    pub fn open(&mut self, site: usize, reads: bool, intended: Duration) -> anyhow::Result<()> {
        let stream = connect(self.server, self.begun, reads).context("connecting")?;
        self.begun += 1;
        let mut widget = Widget::new(stream, site, reads, intended);
        let begun = widget.begin(&self.sites[site].0)?;
        let interest = if begun { EpollFlags::EPOLLIN } else { EpollFlags::EPOLLOUT };
        self.epoll.add(&widget.stream, EpollEvent::new(interest, self.widgets.len() as u64))?;
        self.widgets.push(widget);
        self.arriving += 1;
        Ok(())
    }

    /// Opens pages, a few at a time, and waits until all widgets have their first state.
    pub fn join(&mut self, count: usize, reads: bool, site: impl Fn(usize) -> usize) -> anyhow::Result<()> {
        let deadline = now() + PATIENCE;
        let mut opened = 0;
        while opened < count || self.arriving > 0 {
            while opened < count && self.arriving < AT_ONCE {
                self.open(site(opened), reads, now())?;
                opened += 1;
            }
            self.turn(Duration::from_millis(10))?;
            anyhow::ensure!(
                now() < deadline,
                "{} of {count} widgets have no state yet; {:?}",
                self.arriving,
                self.totals.why
            );
        }
        anyhow::ensure!(self.totals.broken == 0, "{} widgets failed: {:?}", self.totals.broken, self.totals.why);
        Ok(())
    }

    /// Opens pages on a schedule, independent of earlier ones, and waits for the last.
    pub fn join_on(&mut self, mut schedule: Schedule, site: usize) -> anyhow::Result<()> {
        let deadline = now() + PATIENCE;
        while schedule.next().is_some() || self.arriving > 0 {
            while let Some(intended) = schedule.take(now()) {
                self.open(site, true, intended)?;
            }
            let idle = schedule.next().map_or(Duration::from_millis(10), |due| due.saturating_sub(now()));
            self.turn(idle.min(Duration::from_millis(10)))?;
            anyhow::ensure!(now() < deadline, "{} widgets have no state yet; {:?}", self.arriving, self.totals.why);
        }
        Ok(())
    }

    /// Reads until a deadline, or until there is nothing left to wait for.
    pub fn run_until(&mut self, deadline: Duration, mut done: impl FnMut(&Self) -> bool) -> anyhow::Result<()> {
        while !done(self) {
            let left = deadline.saturating_sub(now());
            if left.is_zero() {
                break;
            }
            self.turn(left.min(Duration::from_millis(5)))?;
        }
        Ok(())
    }

    /// Number of widgets that have received the current change of a site.
    #[must_use]
    pub fn received(&self, site: usize) -> usize {
        self.sites[site].1.change.map_or(0, |change| change.received)
    }

    /// Counts the widgets that show a different version.
    pub fn count_stale(&mut self, site: usize, version: i32) {
        let stale = self
            .widgets
            .iter()
            .filter(|widget| widget.site == site && widget.stage == Stage::Live && widget.version != version);
        self.totals.stale += stale.count() as u64;
    }

    /// Closes the pages of `count` widgets, the oldest first, without a goodbye, like browsers do.
    pub fn leave(&mut self, count: usize) -> usize {
        let count = count.min(self.widgets.len());
        // The numbers in epoll are indexes into the list, so the remaining widgets are renumbered.
        for widget in self.widgets.drain(..count) {
            let _ = socket2::SockRef::from(&widget.stream).set_linger(Some(Duration::ZERO));
            self.live -= usize::from(widget.stage == Stage::Live);
            self.arriving -= usize::from(is_arriving(widget.stage));
        }
        if let Some(alarms) = &mut self.alarms {
            alarms.remove(count);
        }
        for (place, widget) in self.widgets.iter().enumerate() {
            let interest = match widget.stage {
                Stage::Gone | Stage::Stalled => continue,
                Stage::Connecting => EpollFlags::EPOLLOUT,
                _ => EpollFlags::EPOLLIN,
            };
            let _ = self.epoll.modify(&widget.stream, &mut EpollEvent::new(interest, place as u64));
        }
        count
    }

    /// Waits for the next events and handles them.
    pub fn turn(&mut self, wait: Duration) -> anyhow::Result<()> {
        let mut events = [EpollEvent::empty(); 512];
        let alarm = self.alarms.as_ref().and_then(Alarms::earliest);
        let wait = alarm.map_or(wait, |due| wait.min(due.saturating_sub(now())));
        let ms = u16::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
        let ready = match self.epoll.wait(&mut events, EpollTimeout::from(ms)) {
            Err(Errno::EINTR) => 0,
            ready => ready?,
        };
        for event in &events[..ready] {
            self.serve(usize::try_from(event.data()).expect("a place"), event.events())?;
        }
        // Pongs that have been received count first, also after this program was suspended.
        if ready < events.len() { self.ring() } else { Ok(()) }
    }

    /// Sends the pings that are due, and drops the widgets whose pong is overdue.
    fn ring(&mut self) -> anyhow::Result<()> {
        let Self { epoll, widgets, sites, totals, alarms: Some(alarms), live, .. } = self else { return Ok(()) };
        while let Some((due, place)) = alarms.take(now()) {
            let widget = &mut widgets[place];
            if widget.stage != Stage::Live || alarms.due(widget.beat) != Some(due) {
                continue;
            }
            match widget.beat {
                Beat::Pong(_) => totals.unanswered += 1,
                _ if widget.ping(&sites[widget.site].0) => {
                    widget.beat = alarms.asked(place, now());
                    continue;
                }
                _ => totals.broke(|| "the socket does not accept a ping".to_owned()),
            }
            // Like a browser's: it would connect again.
            widget.stage = Stage::Gone;
            *live -= 1;
            epoll.delete(&widget.stream)?;
        }
        Ok(())
    }

    fn serve(&mut self, place: usize, flags: EpollFlags) -> anyhow::Result<()> {
        let Self { epoll, widgets, sites, received, totals, alarms, .. } = self;
        let widget = &mut widgets[place];
        let (script, tally) = &mut sites[widget.site];
        let before = widget.stage;
        let mut broken = None;
        if widget.stage == Stage::Connecting {
            match widget.stream.take_error()?.map_or_else(|| widget.begin(script), Err) {
                Ok(true) => epoll.modify(&widget.stream, &mut EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?,
                Ok(false) => {}
                Err(error) => broken = Some(error.to_string()),
            }
        } else if flags.intersects(EpollFlags::EPOLLIN | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR) {
            match received.read(&widget.stream) {
                Ok(([], _)) => broken = Some("the server closed the connection".to_owned()),
                Ok((bytes, at)) => widget.hear(bytes, script, |widget, said| match said {
                    Said::State(text) if widget.stage == Stage::Subscribing => {
                        if let Some(version) = tally.first(text, totals) {
                            widget.version = version;
                            widget.stage = if widget.reads { Stage::Live } else { Stage::Stalled };
                            widget.beat = alarms.as_mut().map_or(Beat::Off, |alarms| alarms.first(place, at));
                            self.arrivals.push(at.saturating_sub(widget.intended));
                        } else {
                            widget.stage = Stage::Gone;
                        }
                    }
                    Said::State(text) => {
                        self.deliveries.extend(tally.next(&mut widget.version, text, at, totals));
                        if let (Beat::Ping(_), Some(alarms)) = (widget.beat, alarms.as_mut()) {
                            widget.beat = alarms.next(place, at);
                        }
                    }
                    Said::Pong => match (widget.beat, alarms.as_mut()) {
                        (Beat::Pong(sent), Some(alarms)) => {
                            totals.pongs += 1;
                            self.pongs.push(at.saturating_sub(sent));
                            widget.beat = alarms.next(place, at);
                        }
                        _ => broken = Some("a pong without a ping".to_owned()),
                    },
                    // The script of a browser's page does not see it.
                    Said::Pinged => self.pinged += 1,
                    Said::Closed(why) | Said::Wrong(why) => broken = Some(why),
                }),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => broken = Some(error.to_string()),
            }
        }
        if let Some(why) = broken {
            totals.broke(|| format!("{before:?}: {why}"));
            widget.stage = Stage::Gone;
        }
        if matches!(widget.stage, Stage::Gone | Stage::Stalled) {
            let _ = epoll.delete(&widget.stream);
        }
        self.arriving -= usize::from(is_arriving(before) && !is_arriving(widget.stage));
        self.live += usize::from(before != Stage::Live && widget.stage == Stage::Live);
        self.live -= usize::from(before == Stage::Live && widget.stage != Stage::Live);
        Ok(())
    }
}

fn is_arriving(stage: Stage) -> bool {
    matches!(stage, Stage::Connecting | Stage::Upgrading | Stage::Initialising | Stage::Subscribing)
}
