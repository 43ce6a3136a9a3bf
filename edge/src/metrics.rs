//! Metrics of the server, in Prometheus' text format.
//!
//! Each server has its own registry, so that several servers in one process do not mix. Labels have
//! small closed sets of values and never contain what a client sent: the names of operations, for
//! example, would let any client grow the registry without limit. Other parts of the server add
//! metrics with [`Metrics::gauge`], which are read at each scrape.

use std::{fmt, sync::Mutex, time::Duration};

use async_graphql::parser::types::OperationType;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder, text},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
    },
    registry::{Metric, Registry},
};

use crate::caller::Transport;

/// The content type of [`Metrics::render`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the latency histogram, in seconds.
const LATENCY_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OperationLabel {
    /// A query.
    Query,
    /// A mutation.
    Mutation,
    /// A subscription.
    Subscription,
    /// Unknown, because the document did not parse or was refused before that.
    Unknown,
}

/// The transport of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TransportLabel {
    /// A request and its answer.
    Http,
    /// A message on a WebSocket.
    WebSocket,
    /// A stream of server-sent events.
    ServerSentEvents,
}

/// The outcome of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OutcomeLabel {
    /// An answer without errors.
    Ok,
    /// The operation ran, and some fields returned an error.
    Error,
    /// The operation was refused before anything ran.
    Refused,
    /// An internal error.
    Internal,
    /// The operation timed out.
    TimedOut,
}

/// Label values in the lower case that monitoring expects.
macro_rules! label_values {
    ($type:ty { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl EncodeLabelValue for $type {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
                let text = match self { $(Self::$variant => $text),+ };
                EncodeLabelValue::encode(&text, encoder)
            }
        }
    };
}
label_values!(OperationLabel {
    Query => "query",
    Mutation => "mutation",
    Subscription => "subscription",
    Unknown => "unknown",
});
label_values!(TransportLabel { Http => "http", WebSocket => "websocket", ServerSentEvents => "sse" });
label_values!(OutcomeLabel {
    Ok => "ok",
    Error => "error",
    Refused => "refused",
    Internal => "internal",
    TimedOut => "timed_out",
});

/// The labels of one finished operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OperationLabels {
    /// Query, mutation, subscription or unknown.
    pub operation: OperationLabel,
    /// HTTP, WebSocket or server-sent events.
    pub transport: TransportLabel,
    /// How it ended.
    pub outcome: OutcomeLabel,
}

impl OperationLabels {
    pub(crate) fn of(operation: OperationLabel, transport: Transport, outcome: OutcomeLabel) -> Self {
        let transport = match transport {
            Transport::Http => TransportLabel::Http,
            Transport::WebSocket => TransportLabel::WebSocket,
            Transport::ServerSentEvents => TransportLabel::ServerSentEvents,
        };
        Self { operation, transport, outcome }
    }
}

impl From<OperationType> for OperationLabel {
    fn from(kind: OperationType) -> Self {
        match kind {
            OperationType::Query => Self::Query,
            OperationType::Mutation => Self::Mutation,
            OperationType::Subscription => Self::Subscription,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LatencyLabels {
    operation: OperationLabel,
    transport: TransportLabel,
}

/// The registry, and the metrics of the edge.
pub struct Metrics {
    registry: Mutex<Registry>,
    operations: Family<OperationLabels, Counter>,
    latency: Family<LatencyLabels, Histogram>,
    /// TCP connections open now.
    pub(crate) connections: Gauge,
    /// WebSockets open now.
    pub(crate) sockets: Gauge,
    /// Streams of server-sent events open now.
    pub(crate) event_streams: Gauge,
    /// Subscriptions open now, on all transports.
    pub(crate) subscriptions: Gauge,
    /// Results of subscriptions handed to a connection.
    pub(crate) pushes: Counter,
    /// Documents refused for their cost.
    pub(crate) documents_refused: Counter,
}

impl Metrics {
    /// A registry with the metrics of the edge. The names of all metrics begin with `prefix`.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let mut registry = Registry::with_prefix(prefix);
        let operations = Family::<OperationLabels, Counter>::default();
        registry.register(
            "operations",
            "GraphQL operations answered; a subscription counts when it ends",
            operations.clone(),
        );
        let latency = Family::<LatencyLabels, Histogram>::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS));
        registry.register(
            "operation_duration_seconds",
            "Time from a complete request to its answer; queries and mutations",
            latency.clone(),
        );
        let mut gauge = |name, help| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let connections = gauge("connections", "TCP connections open now");
        let sockets = gauge("websockets", "WebSockets open now");
        let event_streams = gauge("event_streams", "Streams of server-sent events open now");
        let subscriptions = gauge("subscriptions", "Subscriptions open now");
        let pushes = Counter::default();
        registry.register("pushes", "Results of subscriptions handed to a connection", pushes.clone());
        let documents_refused = Counter::default();
        registry.register("documents_refused", "Documents refused for their cost", documents_refused.clone());
        Self {
            registry: Mutex::new(registry),
            operations,
            latency,
            connections,
            sockets,
            event_streams,
            subscriptions,
            pushes,
            documents_refused,
        }
    }

    /// Counts one finished operation. `duration` is `None` for a subscription, whose duration has
    /// no meaning.
    pub(crate) fn operation(&self, labels: OperationLabels, duration: Option<Duration>) {
        self.operations.get_or_create(&labels).inc();
        if let Some(duration) = duration {
            let OperationLabels { operation, transport, .. } = labels;
            self.latency.get_or_create(&LatencyLabels { operation, transport }).observe(duration.as_secs_f64());
        }
    }

    /// Adds a metric that is read at each scrape, under `<prefix>_<name>`. `read` runs on the
    /// thread that answers the scrape, so it must not block.
    pub fn gauge(&self, name: &'static str, help: &'static str, read: impl Fn() -> i64 + Send + Sync + 'static) {
        self.read(name, help, Read::Level(Box::new(read)));
    }

    /// The same for a count that never decreases, under `<prefix>_<name>_total`.
    pub fn total(&self, name: &'static str, help: &'static str, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.read(name, help, Read::Total(Box::new(read)));
    }

    fn read(&self, name: &'static str, help: &'static str, read: Read) {
        self.registry().register_collector(Box::new(Reading { name, help, read }));
    }

    /// Adds metrics of another part of the server.
    pub fn register(&self, name: &'static str, help: &'static str, metric: impl Metric) {
        self.registry().register(name, help, metric);
    }

    /// Adds a counter of another part of the server, under `<prefix>_<name>_total`.
    #[must_use]
    pub fn counter(&self, name: &'static str, help: &'static str) -> Counter {
        let counter = Counter::default();
        self.registry().register(name, help, counter.clone());
        counter
    }

    /// All metrics, in the OpenMetrics text format.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        if let Err(error) = text::encode(&mut text, &self.registry()) {
            tracing::error!(%error, "could not encode the metrics");
        }
        text
    }

    fn registry(&self) -> std::sync::MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A metric that is read at each scrape.
struct Reading {
    name: &'static str,
    help: &'static str,
    read: Read,
}

enum Read {
    Level(Box<dyn Fn() -> i64 + Send + Sync>),
    Total(Box<dyn Fn() -> u64 + Send + Sync>),
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Reading {
    fn encode_as(&self, metric: &impl EncodeMetric, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        metric.encode(encoder.encode_descriptor(self.name, self.help, None, metric.metric_type())?)
    }
}

impl Collector for Reading {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        match &self.read {
            Read::Level(read) => self.encode_as(&ConstGauge::new(read()), encoder),
            Read::Total(read) => self.encode_as(&ConstCounter::new(read()), encoder),
        }
    }
}

/// Counts something as open for as long as it lives.
#[derive(Debug)]
pub(crate) struct Open(Gauge);

impl Open {
    /// Increments the gauge.
    #[must_use]
    pub(crate) fn count(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_rendered_under_its_name() {
        let metrics = Metrics::new("toy");
        let labels = OperationLabels {
            operation: OperationLabel::Query,
            transport: TransportLabel::Http,
            outcome: OutcomeLabel::Ok,
        };
        metrics.operation(labels, Some(Duration::from_millis(3)));
        let _socket = Open::count(&metrics.sockets);
        drop(Open::count(&metrics.subscriptions));
        metrics.gauge("mail_queue", "Mails waiting to be sent", || 7);
        metrics.counter("mails_sent", "Mails handed over").inc();
        metrics.total("lines_lost", "Lines that could not be written", || 3);

        let text = metrics.render();

        for line in [
            r#"toy_operations_total{operation="query",transport="http",outcome="ok"} 1"#,
            r#"toy_operation_duration_seconds_bucket{le="0.005",operation="query",transport="http"} 1"#,
            "toy_websockets 1",
            "toy_subscriptions 0",
            "toy_mail_queue 7",
            "toy_mails_sent_total 1",
            "toy_lines_lost_total 3",
            "toy_documents_refused_total 0",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
