//! The schema of the toy.

#![expect(clippy::unused_async, reason = "resolvers are async whether they wait or not")]

use std::{
    sync::{Arc, atomic::Ordering},
    task::Poll,
    time::Duration,
};

use async_graphql::{Context, Object, SimpleObject, Subscription, Upload};
use futures_util::{Stream, StreamExt, future::ready, stream};
use tokio_stream::wrappers::WatchStream;
use tracing_subscriber::registry::LookupSpan;

use crate::{Rest, caller::OriginTrust, code::Code, metrics::Open, refusal};

use super::Seen;

/// A resolver that panics.
pub(super) fn broken() -> bool {
    panic!("as asked")
}

fn spans() -> String {
    let names = tracing::Span::current().with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<tracing_subscriber::Registry>()?;
        let names: Vec<_> = registry.span(id)?.scope().from_root().map(|span| span.name()).collect();
        Some(names.join(" "))
    });
    names.flatten().unwrap_or_default()
}

#[derive(SimpleObject)]
struct Shown {
    number: usize,
    padding: String,
}

#[derive(SimpleObject)]
struct Who {
    token: Option<String>,
    address: String,
    origin: &'static str,
    transport: String,
}

pub(crate) struct Query;

#[Object]
impl Query {
    async fn hello(&self) -> &'static str {
        "world"
    }
    #[graphql(cache_control(max_age = 60))]
    async fn cached(&self) -> bool {
        true
    }
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn again(&self) -> Self {
        Self
    }
    async fn who(&self, ctx: &Context<'_>) -> Who {
        let seen = ctx.data_unchecked::<Seen>();
        ctx.append_http_header("set-cookie", "a=1");
        ctx.append_http_header("set-cookie", "b=2");
        Who {
            token: seen.token.clone(),
            address: seen.caller.address.to_string(),
            origin: match seen.caller.origin {
                OriginTrust::None => "none",
                OriginTrust::Allowed => "allowed",
                OriginTrust::Foreign => "foreign",
            },
            transport: format!("{:?}", seen.caller.transport),
        }
    }
    async fn slow(&self, ctx: &Context<'_>, ms: u64) -> bool {
        ctx.data_unchecked::<Seen>().world.begun.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(ms)).await;
        true
    }
    async fn panics(&self) -> bool {
        broken()
    }
    async fn leaks(&self) -> async_graphql::Result<bool> {
        Err(std::io::Error::other("secret.db is locked").into())
    }
    async fn forbidden(&self) -> Option<async_graphql::Result<bool>> {
        let mut error = async_graphql::Error::new("not for you");
        error.extensions = refusal::error(Code::Forbidden, "").extensions;
        Some(Err(error))
    }
    /// The names of the spans around the resolver.
    async fn spans(&self) -> String {
        spans()
    }
    async fn big(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    async fn bump(&self, ctx: &Context<'_>, ms: Option<u64>) -> usize {
        ctx.data_unchecked::<Seen>().world.begun.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(ms.unwrap_or_default())).await;
        ctx.data_unchecked::<Seen>().world.done.fetch_add(1, Ordering::SeqCst) + 1
    }
    async fn upload(&self, ctx: &Context<'_>, file: Upload) -> async_graphql::Result<String> {
        let file = file.value(ctx)?;
        Ok(format!("{} {:?} {}", file.filename, file.content_type, file.size()?))
    }
    async fn sign_out(&self, ctx: &Context<'_>) -> bool {
        let seen = ctx.data_unchecked::<Seen>();
        if let Some(token) = &seen.token {
            seen.world.end_session(token);
        }
        true
    }
}

pub(crate) struct Subscriptions;

#[Subscription]
impl Subscriptions {
    /// Counts up, and ends.
    async fn count(&self, to: usize) -> impl Stream<Item = usize> {
        stream::iter(1..=to)
    }
    /// The names of the spans around its only item.
    async fn spanned(&self) -> impl Stream<Item = String> {
        stream::once(async { spans() })
    }
    /// Emits one item and then nothing more.
    async fn quiet(&self) -> impl Stream<Item = bool> {
        stream::once(async { true }).chain(stream::pending())
    }
    /// Always has another item of this size.
    async fn flood(&self, ctx: &Context<'_>, bytes: usize) -> impl Stream<Item = String> {
        let world = Arc::clone(&ctx.data_unchecked::<Seen>().world);
        stream::repeat_with(move || {
            world.pulled.fetch_add(1, Ordering::SeqCst);
            "x".repeat(bytes)
        })
    }
    /// Shows the value of the world to all callers until it is 100. Refuses while it is 99.
    async fn shared(
        &self,
        ctx: &Context<'_>,
        half: Option<bool>,
        bytes: Option<usize>,
        about: Option<String>,
    ) -> async_graphql::Result<impl Stream<Item = Shown>> {
        let _ = about;
        let seen = ctx.data_unchecked::<Seen>();
        seen.world.shared_runs.fetch_add(1, Ordering::SeqCst);
        assert!(
            seen.token.is_none() && seen.caller.origin == OriginTrust::Foreign,
            "it runs as for an anonymous caller"
        );
        if *seen.world.shown.borrow() == 99 {
            let mut error = async_graphql::Error::new("not at this moment");
            error.extensions = refusal::error(Code::Forbidden, "").extensions;
            return Err(error);
        }
        let shown = WatchStream::new(seen.world.shown.subscribe());
        let padding = "x".repeat(bytes.unwrap_or_default());
        Ok(shown.take_while(|number| ready(*number < 100)).map(move |number| Shown {
            number: if half == Some(true) { number / 2 } else { number },
            padding: padding.clone(),
        }))
    }
    /// Shows the value of the world to one party.
    async fn mine(&self, ctx: &Context<'_>, about: Option<String>) -> async_graphql::Result<impl Stream<Item = usize>> {
        let _ = about;
        let seen = ctx.data_unchecked::<Seen>();
        assert!(seen.token.is_some(), "it runs for its party");
        seen.world.mine_runs.fetch_add(1, Ordering::SeqCst);
        let (world, shown) = (Arc::clone(&seen.world), WatchStream::new(seen.world.shown.subscribe()));
        Ok(shown.inspect(move |_| {
            world.mine_items.fetch_add(1, Ordering::SeqCst);
        }))
    }
    /// Shows a visitor their token, and null once they have ended.
    async fn visit(&self, ctx: &Context<'_>) -> impl Stream<Item = Option<String>> {
        let seen = ctx.data_unchecked::<Seen>();
        seen.world.visit_runs.fetch_add(1, Ordering::SeqCst);
        let token = seen.token.clone();
        WatchStream::new(seen.world.gone.subscribe())
            .map(move |gone| token.clone().filter(|token| !gone.contains(token)))
    }
    /// Shows the value of the world, and rests until it is another one. Ends at 100, and panics in
    /// its rest at 98.
    async fn resting(&self, ctx: &Context<'_>, padding: Option<String>) -> impl Stream<Item = usize> {
        let _ = padding;
        let world = Arc::clone(&ctx.data_unchecked::<Seen>().world);
        world.resting_runs.fetch_add(1, Ordering::SeqCst);
        let rest = ctx.data_unchecked::<Rest>().clone();
        let mut seen = rest.left::<usize>();
        stream::poll_fn(move |_| {
            let now = *world.shown.borrow();
            if seen.replace(now) != Some(now) {
                return Poll::Ready(Some(now));
            }
            let (at_rest, mut shown) = (Open::count(&world.at_rest), world.shown.subscribe());
            rest.until(async move {
                let _at_rest = at_rest;
                let next = *shown.wait_for(|shown| *shown != now).await.ok()?;
                assert_ne!(next, 98, "as asked");
                (next != 100).then_some(now)
            });
            Poll::Ready(None)
        })
    }
    /// Strings of these lengths. Zero is an error.
    async fn lengths(&self, of: Vec<usize>) -> impl Stream<Item = async_graphql::Result<String>> {
        stream::iter(of).map(|bytes| if bytes == 0 { Err("nothing".into()) } else { Ok("x".repeat(bytes)) })
    }
    async fn refused(&self) -> async_graphql::Result<impl Stream<Item = bool>> {
        if true {
            let mut error = async_graphql::Error::new("not for you");
            error.extensions = refusal::error(Code::Forbidden, "").extensions;
            return Err(error);
        }
        Ok(stream::pending())
    }
    async fn panicking(&self) -> impl Stream<Item = usize> {
        stream::iter(1..).map(|n| if n < 3 { n } else { panic!("as asked") })
    }
}
