//! The life of one socket: open, acknowledge, run operations, and close with a code and a reason.
//!
//! One task reads, writes and runs the timers. Operations run in other tasks and report to it. So a
//! message is always written whole, the order of a client's messages is kept, and all that ends a
//! socket is in one place.

mod reports;

use std::{sync::Arc, time::Duration};

use async_graphql::parser::types::OperationType;
use futures_channel::mpsc;
use futures_util::{
    StreamExt,
    future::{self, BoxFuture, FutureExt},
};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    Held,
    operation::{Followed, Report, Requested, Running, Start, Update},
    protocol::{self, ACK, Authorization, Close, Message},
    wire::{self, Gone, Incoming, Wire},
};
use crate::{
    authenticate::{self, Credential, bearer, counts},
    backend::Backend,
    broadcast::{Gate, Known, Shown},
    caller::{OriginTrust, RequestId, Transport},
    code::Code,
    fair::{parsing_turn, reading_turn},
    identity::Identity,
    ledger::{Turn, Who},
    operation::{Operation, followed},
    refusal::{Refusal, error},
    request_info::RequestInfo,
    sent::Sent,
    shared::Edge,
};

/// A peer that leaves this many pings unanswered counts as disconnected.
const MISSED_PINGS: u8 = 2;
/// How long a closing socket waits for the answers of queries and mutations in flight. The first is
/// for a socket whose session has ended, for example by its own `signOut`; the second is for a
/// server that stops.
const SIGNED_OUT_GRACE: Duration = Duration::from_secs(2);
const STOPPING_GRACE: Duration = Duration::from_secs(5);

/// How a socket ends.
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

/// The channel of the reports of all operations. Its memory grows with the reports that wait.
/// tokio's would have room for 32 of them as long as the socket lives.
struct Reports {
    sender: mpsc::Sender<Report>,
    receiver: mpsc::Receiver<Report>,
}

impl Default for Reports {
    fn default() -> Self {
        // Each operation has room for one report.
        let (sender, receiver) = mpsc::channel(0);
        Self { sender, receiver }
    }
}

/// The next report of an operation. Pending when no operation runs.
async fn next_report(reports: &mut Option<Box<Reports>>) -> Report {
    match reports {
        Some(reports) => reports.receiver.next().await.expect("this struct holds a sender"),
        None => future::pending().await,
    }
}

/// A socket.
pub(super) struct Connection<H: Backend, W> {
    edge: Edge<H>,
    wire: W,
    info: RequestInfo,
    /// The credential of the upgrade request. Read when the client initialises.
    credential: Credential,
    acknowledged: bool,
    identity: H::Identity,
    ended: BoxFuture<'static, &'static str>,
    /// A vector, because there are few: a widget has one.
    running: Vec<Running<H>>,
    serial: u64,
    /// Each mutation holds a clone until it has ended, also after the client has completed it.
    /// Otherwise the number of running mutations would have no bound.
    mutations: Option<Arc<()>>,
    /// Reports of operations that run in their own tasks. A widget has no such operation.
    reports: Option<Box<Reports>>,
    /// When the time to initialise ends.
    deadline: Instant,
    /// Here and not in the task, which would reserve room for it twice.
    _held: Held,
}

impl<H: Backend, W: Wire> Connection<H, W> {
    /// Boxed, because a future keeps a copy of a value for each future that the value is moved
    /// through.
    pub(super) fn boxed(edge: Edge<H>, wire: W, info: RequestInfo, credential: Credential, held: Held) -> Box<Self> {
        let config = edge.backend.config();
        Box::new(Self {
            deadline: Instant::now() + config.ws_init_timeout,
            mutations: None,
            edge,
            wire,
            info,
            credential,
            acknowledged: false,
            identity: H::Identity::default(),
            ended: future::pending().boxed(),
            running: Vec::new(),
            serial: 0,
            reports: None,
            _held: held,
        })
    }

    /// Serves the socket until it ends. What is not needed while it waits is boxed, because
    /// otherwise the future would reserve room for it as long as the socket lives.
    pub(super) async fn serve(mut self: Box<Self>) {
        let end = match self.info.ends.clone() {
            None => self.live().await,
            Some(ends) => Box::pin(self.live_until(ends)).await,
        };
        let stopped = self.edge.stopped.clone();
        Box::pin(stopped.run_until_cancelled_owned(self.end(end))).await;
    }

    /// Answers what is in flight and closes the socket, within the grace.
    async fn end(mut self: Box<Self>, end: End) {
        let close = match end {
            End::Close(close) => close,
            End::Closing => {
                self.running.clear();
                return self.wire.answer_close().await;
            }
            End::Gone => return,
        };
        // Starts nothing and ends subscriptions, but answers queries and mutations in flight.
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

    /// Can end in the middle of a message, because a peer that does not read holds the bytes that
    /// are needed.
    async fn live_until(&mut self, ends: CancellationToken) -> End {
        let draining = self.edge.draining.clone();
        let needed = async {
            ends.cancelled().await;
            // While the server drains, all connections end, each within its own grace.
            if draining.is_cancelled() {
                future::pending::<()>().await;
            }
        };
        tokio::select! {
            end = self.live() => end,
            () = needed => {
                tracing::debug!("closed a socket to free memory for other clients");
                End::Gone
            }
        }
    }

    async fn live(&mut self) -> End {
        // The sweeper wakes all sockets that it knows. This one may have been too late for that.
        if self.edge.draining.is_cancelled() {
            return Close::going_away().into();
        }
        loop {
            // Yields now and then to other tasks, also when the peer never stops sending.
            tokio::task::consume_budget().await;
            let turn = tokio::select! {
                reason = &mut self.ended => Err(Close::forbidden(reason).into()),
                incoming = self.wire.receive() => Box::pin(self.receive(incoming)).await,
                report = next_report(&mut self.reports) => Box::pin(self.write(report)).await,
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    async fn receive(&mut self, incoming: Incoming) -> Result<(), End> {
        match incoming {
            Incoming::News => return self.catch_up().await,
            Incoming::Due => return self.act().await,
            _ => {}
        }
        self.wire.pulse().heard();
        let text = match incoming {
            Incoming::Text(text) => text,
            Incoming::Alive | Incoming::News | Incoming::Due => return Ok(()),
            Incoming::Broken(close) => return Err(close.into()),
            Incoming::Closing => return Err(End::Closing),
            Incoming::Gone => return Err(End::Gone),
        };
        if let Some(joined) = self.join(&text) {
            return Ok(joined?);
        }
        // Held while the message is parsed and its document is validated, never while anything is
        // sent.
        let turn = parsing_turn(&self.edge.reading, self.who(), text.len()).await.map_err(|_full| Close::internal())?;
        match protocol::parse(&text, self.edge.backend.config().document.max_expanded_nodes)? {
            // A visitor's widget: there is no session to read.
            Message::ConnectionInit { authorization: None } if self.credential == Credential::Nothing => {
                drop(turn);
                self.acknowledge().await
            }
            Message::ConnectionInit { authorization } => {
                drop(turn);
                let span = self.span();
                Box::pin(self.initialise(authorization).instrument(span)).await
            }
            Message::Subscribe { id, request } => match self.start(&text, id, request, turn).await? {
                Some(refusal) => Ok(self.wire.send(refusal).await?),
                None => Ok(()),
            },
            Message::Complete { id } => {
                // Drops the operation. The protocol has no answer to this message.
                self.running.retain(|running| *running.id != *id);
                Ok(())
            }
            Message::Ping { payload } => {
                drop(turn);
                Ok(self.wire.send(protocol::pong(payload)).await?)
            }
            Message::Pong => Ok(()),
        }
    }

    /// The client for which the messages are counted.
    fn who(&self) -> Who {
        self.identity.who(self.info.address)
    }

    async fn initialise(&mut self, authorization: Option<Authorization>) -> Result<(), End> {
        if self.acknowledged {
            return self.acknowledge().await;
        }
        let trust = self.info.page.trust;
        let credential = match authorization {
            None => std::mem::replace(&mut self.credential, Credential::Nothing),
            Some(Authorization::Text(value)) if counts::<H::Identity>(bearer(&value), trust) => match bearer(&value) {
                Some(token) => Credential::Bearer(token.to_owned()),
                None => {
                    return Err(Close::forbidden("\"authorization\" must read \"Bearer <token>\"").into());
                }
            },
            Some(_) if trust == OriginTrust::Foreign => {
                self.edge.backend.refused_page(self.info.foreign_origin());
                return Err(Close::forbidden(authenticate::foreign_close(self.edge.backend.config())).into());
            }
            Some(_) => {
                return Err(Close::invalid("Invalid message: \"authorization\" must be a string").into());
            }
        };
        let found =
            timeout_at(self.deadline, authenticate::identity(&self.edge.backend, &credential, self.info.address)).await;
        self.identity = match found {
            Ok(Ok(identity)) => identity,
            Ok(Err(refusal)) if refusal.code == Code::Internal => {
                return Err(Close::internal().into());
            }
            Ok(Err(refusal)) => return Err(Close::forbidden(refusal.message).into()),
            // The client sent its message in time, so this is the server's fault.
            Err(_elapsed) => return Err(Close::internal().into()),
        };
        if let Some(session) = self.identity.session() {
            self.ended = self.edge.backend.ended(session);
        }
        self.acknowledge().await
    }

    async fn acknowledge(&mut self) -> Result<(), End> {
        if std::mem::replace(&mut self.acknowledged, true) {
            return Err(Close::too_many_inits().into());
        }
        self.wire.send(ACK.to_owned()).await?;
        self.wire.pulse().opened();
        Ok(())
    }

    /// Joins a broadcast by the text of a message that has joined it before. `None` for all other
    /// messages, and for one that will be refused.
    fn join(&mut self, text: &str) -> Option<Result<(), Close>> {
        let outbox = self.wire.outbox().filter(|_| self.acknowledged)?;
        let Known { broadcast, id } = self.edge.broadcasts.known(text)?;
        if self.running.iter().any(|running| *running.id == *id) {
            return Some(Err(Close::subscriber_exists(&id)));
        }
        if self.under_way() >= self.edge.backend.config().max_operations_per_socket {
            return None;
        }
        let shown = Shown { broadcast, gate: Gate::default(), hold: None };
        let followed = Followed::begin(&self.edge, outbox, Arc::clone(&id), shown);
        self.serial += 1;
        self.running.reserve_exact(1);
        self.running.push(Running::following(id, self.serial, followed));
        Some(Ok(()))
    }

    /// Starts an operation, or returns the message that refuses it. `text` is the whole message.
    async fn start(
        &mut self,
        text: &str,
        id: String,
        sent: Result<Box<Sent>, Refusal>,
        turn: Option<Turn>,
    ) -> Result<Option<String>, Close> {
        if !self.acknowledged {
            return Err(Close::unauthorized());
        }
        if self.running.iter().any(|running| *running.id == *id) {
            return Err(Close::subscriber_exists(&id));
        }
        let request_id = RequestId::new();
        let who = self.who();
        let sent = sent.and_then(|sent| self.edge.fair.weigh(who, *sent));
        let request = match sent {
            Ok(request) => request,
            Err(refusal) => return Ok(Some(protocol::fault(&id, refusal.into_error(), request_id))),
        };
        let asked = match followed(&self.edge, &request, &self.identity, self.info.address) {
            Ok(Some(shown)) => Requested::Shown(shown),
            Err(full) => {
                return Ok(Some(protocol::fault(&id, error(Code::TooManyRequests, full.to_string()), request_id)));
            }
            Ok(None) => {
                let turn = match turn {
                    Some(turn) => turn,
                    None => reading_turn(&self.edge.reading, who).await.map_err(|_full| Close::internal())?,
                };
                let validated = Operation::validate(&self.edge, request, Transport::WebSocket, request_id);
                drop(turn);
                match validated {
                    Ok(operation) => Requested::Validated(Box::new(operation)),
                    Err(refused) => return Ok(Some(protocol::result(&id, &refused))),
                }
            }
        };
        let most = self.edge.backend.config().max_operations_per_socket;
        if self.under_way() >= most {
            let error =
                error(Code::TooManyRequests, format!("At most {most} operations may be in flight on one socket."));
            return Ok(Some(protocol::fault(&id, error, request_id)));
        }
        self.serial += 1;
        let id: Arc<str> = id.into();
        self.running.reserve_exact(1);
        // Without a session, and for what all callers share, there is no access to check.
        let is_open = self.identity.session().is_none() || asked.is_for_all(&self.identity);
        let running = match self.wire.outbox() {
            // The broadcast writes the items. So it needs no task, and only its id is kept.
            Some(outbox) if is_open && let Requested::Shown(shown) = &asked => {
                self.edge.broadcasts.remember(text, &id, &shown.broadcast);
                Running::following(id.clone(), self.serial, Followed::begin(&self.edge, outbox, id, shown.clone()))
            }
            outbox => {
                let start = Start {
                    edge: self.edge.clone(),
                    asked,
                    identity: self.identity.clone(),
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

    /// The number of running operations, including mutations that the client has completed but that
    /// have not ended.
    fn under_way(&self) -> usize {
        let mutations = self.mutations.as_ref().map_or(0, |held| Arc::strong_count(held) - 1);
        mutations + self.running.iter().filter(|running| running.kind != OperationType::Mutation).count()
    }

    /// The span of the request that became this socket. It is created when it is needed, because a
    /// stored span would be most of the memory of an idle socket.
    fn span(&self) -> tracing::Span {
        tracing::info_span!("request", request.id = %self.info.id, method = "GET", path = "/graphql")
    }

    /// The server stops, or the client has not initialised in time, or was silent for the
    /// keep-alive time.
    async fn act(&mut self) -> Result<(), End> {
        if self.edge.draining.is_cancelled() {
            return Err(Close::going_away().into());
        }
        if !self.acknowledged {
            return Err(Close::init_timeout().into());
        }
        if self.wire.pulse().unanswered() >= MISSED_PINGS {
            return Err(End::Gone);
        }
        if self.wire.ping().await? == wire::Ping::Sent {
            self.wire.pulse().pinged();
        }
        Ok(())
    }
}
