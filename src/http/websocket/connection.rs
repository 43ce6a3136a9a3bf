//! The life of one socket: opened, acknowledged, busy, and closed with a code that says why.
//!
//! One task reads, writes and keeps time; operations run beside it and report. So a message is never half written, the order
//! of a client's messages is kept, and everything that ends a socket ends it in one place.

use std::{sync::Arc, time::Duration};

use async_graphql::parser::types::OperationType;
use futures_util::future::{self, BoxFuture, FutureExt};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    operation::{Followed, Report, Requested, Running, Start, Update},
    protocol::{self, ACK, Authorization, Close, Message},
    wire::{self, Gone, Incoming, Wire},
};
use crate::{
    graphql::scope::{OriginTrust, RequestId, Transport},
    http::{
        authenticate::{self, Credential, bearer},
        backend::Backend,
        edge::Edge,
        graphql::RequestInfo,
        operation::{Operation, followed},
        refusal::{Code, Refusal, error},
        sent::Sent,
    },
};

/// After this many unanswered pings a peer counts as gone.
const MISSED_PINGS: u32 = 2;
/// How long a closing socket waits for the answers of queries and mutations that it has begun: one whose session has ended,
/// such as by its own `signOut`, and one whose server stops.
const SIGNED_OUT_GRACE: Duration = Duration::from_secs(2);
const STOPPING_GRACE: Duration = Duration::from_secs(5);
/// Messages waiting to be written, all operations of a socket together.
const WAITING: usize = 4;

/// How a socket ends: with a code, or because there is nobody to tell.
enum End {
    Close(Close),
    /// The peer closes.
    Closing,
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

struct Reports {
    sender: mpsc::Sender<Report>,
    receiver: mpsc::Receiver<Report>,
}

impl Default for Reports {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver }
    }
}

/// The next thing that an operation says. Waits for ever when none runs.
async fn next_report(reports: &mut Option<Box<Reports>>) -> Report {
    match reports {
        Some(reports) => reports.receiver.recv().await.expect("we hold a sender"),
        None => future::pending().await,
    }
}

/// A socket.
pub(super) struct Connection<H: Backend, W> {
    edge: Edge<H>,
    wire: W,
    info: RequestInfo,
    /// What came with the upgrade; looked at when the client initialises.
    credential: Credential,
    acknowledged: bool,
    session: Option<H::Session>,
    ended: BoxFuture<'static, &'static str>,
    /// Few: a widget has one.
    running: Vec<Running<H>>,
    serial: u64,
    /// Held by each mutation until it has really ended, though the client has completed it: or there would be no bound.
    mutations: Option<Arc<()>>,
    /// From operations that run in tasks of their own; a widget never has one.
    reports: Option<Box<Reports>>,
    /// The end of the time to initialise, and then the next ping.
    deadline: Instant,
    unanswered: u32,
}

impl<H: Backend, W: Wire> Connection<H, W> {
    /// In a box of its own: a future keeps a copy of what is moved into it for each that it is moved through.
    pub(super) fn boxed(edge: Edge<H>, wire: W, info: RequestInfo, credential: Credential) -> Box<Self> {
        let config = edge.backend.config();
        Box::new(Self {
            deadline: Instant::now() + config.ws_init_timeout,
            mutations: None,
            edge,
            wire,
            info,
            credential,
            acknowledged: false,
            session: None,
            ended: future::pending().boxed(),
            running: Vec::new(),
            serial: 0,
            reports: None,
            unanswered: 0,
        })
    }

    /// Serves the socket to its end. Whatever is not needed to wait is boxed, or room for it would be set aside for as long as the
    /// socket lives.
    pub(super) async fn serve(mut self: Box<Self>) {
        let end = match self.info.ends.clone() {
            None => self.live().await,
            Some(ends) => Box::pin(self.live_until(ends)).await,
        };
        let stopped = self.edge.stopped.clone();
        Box::pin(stopped.run_until_cancelled_owned(self.end(end))).await;
    }

    /// Says what is to be said at the end, in the time that there is for it.
    async fn end(mut self: Box<Self>, end: End) {
        let close = match end {
            End::Close(close) => close,
            End::Closing => {
                self.running.clear();
                return self.wire.answer_close().await;
            }
            End::Gone => return,
        };
        // Nothing new, and nothing more of what is live; but who asked and is about to be answered, is answered.
        self.running.retain(|running| running.kind != OperationType::Subscription);
        let grace = match close.code {
            1001 => STOPPING_GRACE,
            4403 => SIGNED_OUT_GRACE,
            _ => Duration::ZERO,
        };
        if self.answer_the_rest(grace).await.is_err() {
            return;
        }
        self.running.clear();
        self.wire.close(close).await;
    }

    /// Ends in the middle of a message, too: a peer that does not read is what holds the bytes that are needed.
    async fn live_until(&mut self, ends: CancellationToken) -> End {
        let draining = self.edge.draining.clone();
        let needed = async {
            ends.cancelled().await;
            // All connections end then, each in its own time.
            if draining.is_cancelled() {
                future::pending::<()>().await;
            }
        };
        tokio::select! {
            end = self.live() => end,
            () = needed => {
                tracing::debug!("a socket was closed to make room for others");
                End::Gone
            }
        }
    }

    async fn live(&mut self) -> End {
        loop {
            // A peer that always has something to say leaves the thread to others now and then.
            tokio::task::consume_budget().await;
            let turn = tokio::select! {
                incoming = self.wire.receive() => Box::pin(self.receive(incoming)).await,
                report = next_report(&mut self.reports) => Box::pin(self.write(report)).await,
                () = sleep_until(self.deadline) => Box::pin(self.tick()).await,
                reason = &mut self.ended => Err(Close::forbidden(reason).into()),
                () = self.edge.draining.cancelled() => Err(Close::going_away().into()),
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    async fn receive(&mut self, incoming: Incoming) -> Result<(), End> {
        if let Incoming::News = incoming {
            return self.catch_up().await;
        }
        self.unanswered = 0;
        let text = match incoming {
            Incoming::Text(text) => text,
            Incoming::Alive | Incoming::News => return Ok(()),
            Incoming::Broken(close) => return Err(close.into()),
            Incoming::Closing => return Err(End::Closing),
            Incoming::Gone => return Err(End::Gone),
        };
        match protocol::parse(&text, self.edge.backend.config().document.max_expanded_nodes)? {
            // A visitor's widget: there is no session to look up.
            Message::ConnectionInit { authorization: None } if self.credential == Credential::Nothing => {
                self.acknowledge().await
            }
            Message::ConnectionInit { authorization } => {
                let span = self.span();
                Box::pin(self.initialise(authorization).instrument(span)).await
            }
            Message::Subscribe { id, request } => match self.start(id, request)? {
                Some(refusal) => Ok(self.wire.send(refusal).await?),
                None => Ok(()),
            },
            Message::Complete { id } => {
                // Drops the operation. No answer is due.
                self.running.retain(|running| *running.id != *id);
                Ok(())
            }
            Message::Ping { payload } => Ok(self.wire.send(protocol::pong(payload)).await?),
            Message::Pong => Ok(()),
        }
    }

    async fn initialise(&mut self, authorization: Option<Authorization>) -> Result<(), End> {
        if self.acknowledged {
            return self.acknowledge().await;
        }
        let credential = match authorization {
            None => std::mem::replace(&mut self.credential, Credential::Nothing),
            Some(_) if self.info.page.trust == OriginTrust::Foreign => {
                self.edge.backend.refused_page(self.info.foreign_origin());
                return Err(Close::forbidden(authenticate::foreign_close(self.edge.backend.config())).into());
            }
            Some(Authorization::Text(value)) => match bearer(&value) {
                Some(token) => Credential::Bearer(token.to_owned()),
                None => {
                    return Err(Close::forbidden("\"authorization\" must read \"Bearer <token>\"").into());
                }
            },
            Some(Authorization::Other) => {
                return Err(Close::invalid("Invalid message: \"authorization\" must be a string").into());
            }
        };
        let found =
            timeout_at(self.deadline, authenticate::session(&self.edge.backend, &credential, self.info.address)).await;
        self.session = match found {
            Ok(Ok(session)) => session,
            Ok(Err(refusal)) if refusal.code == Code::Internal => {
                return Err(Close::internal().into());
            }
            Ok(Err(refusal)) => return Err(Close::forbidden(refusal.message).into()),
            // The client did its part in time.
            Err(_elapsed) => return Err(Close::internal().into()),
        };
        if let Some(session) = &self.session {
            self.ended = self.edge.backend.ended(session);
        }
        self.acknowledge().await
    }

    async fn acknowledge(&mut self) -> Result<(), End> {
        if std::mem::replace(&mut self.acknowledged, true) {
            return Err(Close::too_many_inits().into());
        }
        self.wire.send(ACK.to_owned()).await?;
        // Not all at the same moment, when thousands connected at once.
        let keepalive = self.edge.backend.config().ws_keepalive;
        self.deadline = Instant::now() + keepalive.mul_f32(rand::random_range(0.5..1.0));
        Ok(())
    }

    /// Starts an operation, or says in a message why not.
    fn start(&mut self, id: String, sent: Result<Box<Sent>, Refusal>) -> Result<Option<String>, Close> {
        if !self.acknowledged {
            return Err(Close::unauthorized());
        }
        if self.running.iter().any(|running| *running.id == *id) {
            return Err(Close::subscriber_exists(&id));
        }
        let request_id = RequestId::new();
        // For the account, where the socket is signed in.
        let who = self.session.as_ref().map_or_else(|| self.info.client(), |session| self.edge.backend.who(session));
        let sent = sent.and_then(|sent| self.edge.fair.weigh(who, *sent));
        let request = match sent {
            Ok(request) => request,
            Err(refusal) => return Ok(Some(protocol::fault(&id, refusal.into_error(), &request_id))),
        };
        let asked = match followed(&self.edge, &request, self.session.as_ref(), self.info.address) {
            Ok(Some(shown)) => Requested::Shown(shown),
            Err(full) => {
                return Ok(Some(protocol::fault(&id, error(Code::TooManyRequests, full.to_string()), &request_id)));
            }
            Ok(None) => match Operation::judge(&self.edge, request, Transport::WebSocket, &request_id) {
                Ok(operation) => Requested::Judged(Box::new(operation)),
                Err(refused) => return Ok(Some(protocol::result(&id, &refused))),
            },
        };
        let most = self.edge.backend.config().max_operations_per_socket;
        if self.under_way() >= most {
            let error =
                error(Code::TooManyRequests, format!("At most {most} operations may be under way on one socket."));
            return Ok(Some(protocol::fault(&id, error, &request_id)));
        }
        self.serial += 1;
        let id: Arc<str> = id.into();
        self.running.reserve_exact(1);
        let running = match (self.wire.outbox(), &self.session) {
            // Nobody's access is to be looked up, and its broadcast writes it: it needs no task, and nothing of it is kept but its id.
            (Some(outbox), None) if let Requested::Shown(shown) = &asked => {
                Running::following(id.clone(), self.serial, Followed::begin(&self.edge, outbox, id, shown.clone()))
            }
            (outbox, _) => {
                let start = Start {
                    edge: self.edge.clone(),
                    asked,
                    session: self.session.clone(),
                    info: self.info.clone(),
                    request_id,
                    id,
                    serial: self.serial,
                    outbox: outbox.cloned(),
                    reports: self.reports.get_or_insert_with(Box::default).sender.clone(),
                };
                let place = Arc::clone(self.mutations.get_or_insert_default());
                self.span().in_scope(|| start.run(place))
            }
        };
        self.running.push(running);
        Ok(None)
    }

    /// How many operations run: those that the client waits for, and mutations that it does not wait for any more.
    fn under_way(&self) -> usize {
        let mutations = self.mutations.as_ref().map_or(0, |held| Arc::strong_count(held) - 1);
        mutations + self.running.iter().filter(|running| running.kind != OperationType::Mutation).count()
    }

    /// The span of the request that became this socket. It is made when there is something to log: kept, it would be most of what an
    /// idle socket costs.
    fn span(&self) -> tracing::Span {
        tracing::info_span!("request", request.id = %self.info.id, method = "GET", path = "/graphql")
    }

    /// Writes what an operation reports, unless the client has completed it meanwhile.
    async fn write(&mut self, Report { id, serial, update }: Report) -> Result<(), End> {
        let Some(at) = self.running.iter().position(|running| running.serial == serial) else {
            return Ok(());
        };
        let message = match update {
            Update::Said(message, lease) => {
                // Counted until the peer has taken it; what the outbox keeps is counted there.
                let lease = lease.filter(|_| self.wire.outbox().is_none());
                let sent = self.wire.send(message).await;
                drop(lease);
                return Ok(sent?);
            }
            Update::Opened(shown) => {
                if let Some(outbox) = self.wire.outbox() {
                    self.running[at].followed = Some(Followed::begin(&self.edge, outbox, id, shown));
                }
                return Ok(());
            }
            Update::Ended(message) => {
                self.running.swap_remove(at);
                message
            }
            Update::SignedOut => {
                self.running.swap_remove(at);
                return Err(Close::forbidden("The session has ended").into());
            }
        };
        Ok(self.wire.send(message).await?)
    }

    /// Writes what broadcasts could not, and how they ended.
    async fn catch_up(&mut self) -> Result<(), End> {
        // One that always has update does not keep the others waiting.
        if self.running.len() > 1 {
            self.running.rotate_left(1);
        }
        let mut at = 0;
        while let Some(running) = self.running.get_mut(at) {
            match running.followed.as_mut().and_then(|followed| followed.catch_up(&running.id)) {
                Some(last) => {
                    self.running.remove(at);
                    self.wire.send(last).await?;
                }
                None => at += 1,
            }
        }
        Ok(())
    }

    async fn tick(&mut self) -> Result<(), End> {
        if !self.acknowledged {
            return Err(Close::init_timeout().into());
        }
        if self.unanswered >= MISSED_PINGS {
            return Err(End::Gone);
        }
        self.deadline = Instant::now() + self.edge.backend.config().ws_keepalive;
        if self.wire.ping().await? == wire::Ping::Sent {
            self.unanswered += 1;
        }
        Ok(())
    }

    /// Writes the answers of queries and mutations that have begun, within the grace.
    async fn answer_the_rest(&mut self, grace: Duration) -> Result<(), End> {
        let until = Instant::now() + grace;
        let answered = timeout_at(until, async {
            while !self.running.is_empty() {
                let report = next_report(&mut self.reports).await;
                if let Err(End::Gone) = self.write(report).await {
                    return Err(End::Gone);
                }
            }
            Ok(())
        });
        answered.await.unwrap_or(Ok(()))
    }
}
