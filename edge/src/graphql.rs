//! `/graphql`: one path for requests, event streams and WebSockets.
//!
//! The order is the same for all: find the page, the address and the session, read the request, and
//! only then run it. Follows GraphQL over HTTP (checked by the `graphql-http` audit). Its rules
//! about status codes are all in [`status`].

use std::panic::resume_unwind;

use async_graphql::{Response as GraphqlResponse, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use hyper::upgrade::OnUpgrade;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    authenticate::{Credential, ForeignOrigin, credential, identity},
    backend::Backend,
    fair::{counted, parsing_turn, reading_turn},
    finish::{Finished, Most, finish},
    identity::Identity,
    media::{Accepted, Media, accepted},
    operation::Operation,
    origin,
    read::{self, Sender},
    refusal::Refusal,
    request_info::RequestInfo,
    shared::Edge,
    sse, websocket,
};
use crate::{
    caller::{RequestId, Transport},
    ledger::Who,
    metrics::OutcomeLabel,
};

/// Handles all requests to `/graphql`.
pub(crate) async fn serve<H: Backend>(State(edge): State<Edge<H>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let info = RequestInfo::of(&edge, &parts);
    let headers = parts.headers.clone();
    let mut response = match parts.method {
        Method::OPTIONS => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            origin::allow_sending(&headers, info.page.trust, response.headers_mut());
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(METHODS));
            response
        }
        Method::GET if wants_websocket(&parts.headers) => upgrade(&edge, &info, &mut parts).await,
        Method::GET | Method::POST => {
            let accepted = accepted(&parts.headers);
            match run_to_its_end(edge, info.clone(), parts, body, accepted).await {
                Ok(response) => response,
                Err(refusal) => refused(refusal, accepted.single.unwrap_or(Media::Json), info.id),
            }
        }
        _ => refused(Refusal::method(METHODS, "Use GET or POST."), Media::Json, info.id),
    };
    origin::allow_reading(&headers, info.page.trust, response.headers_mut());
    response
}

const METHODS: &str = "GET, POST, OPTIONS";

/// Other upgrades, such as curl's to HTTP/2, are optional and ignored.
fn wants_websocket(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// [`credential`], which also records a page that may not send one.
fn brought_credential<H: Backend>(
    edge: &Edge<H>,
    info: &RequestInfo,
    headers: &HeaderMap,
) -> Result<Credential, Refusal> {
    credential::<H::Identity>(headers, info.page, edge.backend.session_cookies()).map_err(|ForeignOrigin| {
        edge.backend.refused_page(info.foreign_origin());
        Refusal::foreign_origin(edge.backend.foreign_origin())
    })
}

/// Runs a request in its own task, which continues when the client disconnects: a mutation whose
/// body was read runs to its end, even if its session was not read yet. A connection that ends
/// before its body was read ends the request, and nothing runs.
async fn run_to_its_end<H: Backend>(
    edge: Edge<H>,
    info: RequestInfo,
    parts: Parts,
    body: Body,
    accepted: Accepted,
) -> Result<Response, Refusal> {
    let gone = CancellationToken::new();
    let _gone_when_dropped = gone.clone().drop_guard();
    let tasks = edge.tasks.clone();
    let task = tasks.spawn(async move { run(&edge, &info, &parts, body, accepted, &gone).await }.in_current_span());
    match task.await.map_err(JoinError::try_into_panic) {
        Ok(answer) => answer,
        Err(Ok(panic)) => resume_unwind(panic),
        // The process is ending.
        Err(Err(_)) => Err(Refusal::internal()),
    }
}

async fn run<H: Backend>(
    edge: &Edge<H>,
    info: &RequestInfo,
    parts: &Parts,
    body: Body,
    accepted: Accepted,
    gone: &CancellationToken,
) -> Result<Response, Refusal> {
    if accepted.single.is_none() && !accepted.events {
        return Err(Refusal::bad(
            StatusCode::NOT_ACCEPTABLE,
            "Accept application/graphql-response+json, application/json or text/event-stream.",
        ));
    }
    let credential = brought_credential(edge, info, &parts.headers)?;
    let config = edge.backend.config();
    // The identity is read before a file or a large body is. Other bodies are read at once, so that
    // a mutation that has arrived is not lost.
    let ask_first =
        parts.method != Method::GET && credential != Credential::Nothing && read::needs_sender(&parts.headers, config);
    let known = if ask_first { Some(identity(&edge.backend, &credential, info.address).await?) } else { None };
    let sender = match &known {
        Some(identity) => Sender { who: identity.who(info.address), signed_in: identity.session().is_some() },
        None => Sender { who: Who::client(info.address), signed_in: false },
    };
    let request = match parts.method {
        Method::GET => {
            let query = parts.uri.query().unwrap_or_default();
            let _turn = parsing_turn(&edge.reading, sender.who, query.len()).await?;
            read::from_query_string(query, config.document.max_expanded_nodes)
                .and_then(|sent| edge.fair.weigh(sender.who, sent))
        }
        _ => read::from_body(parts, body, config, &edge.fair, &edge.reading, sender).await,
    };
    let request = match request {
        Ok(request) => request,
        // A client of event streams reads errors only from the stream.
        Err(refusal) if refusal.status == StatusCode::OK && accepted.single.is_none() => {
            let response = GraphqlResponse::from_errors(vec![refusal.into_error()]);
            return Ok(sse::refused(&finish(response, info.id, Most::ONE)));
        }
        Err(refusal) => return Err(refusal),
    };
    let identity = match known {
        Some(identity) => identity,
        None => identity(&edge.backend, &credential, info.address).await?,
    };
    // A client that accepts both gets an event stream for a subscription only.
    let guess = match accepted.single {
        Some(_) => Transport::Http,
        None => Transport::ServerSentEvents,
    };
    let turn = reading_turn(&edge.reading, identity.who(info.address)).await?;
    let validated = Operation::validate(edge, request, guess, info.id);
    drop(turn);
    let operation = match validated {
        Ok(operation) => operation,
        Err(finished) => {
            return Ok(match accepted.single {
                Some(media) => answered(finished.over_http(), media, info),
                None => sse::refused(&finished),
            });
        }
    };
    let kind = operation.kind();
    if parts.method == Method::GET && kind == OperationType::Mutation {
        return Err(Refusal::method("POST", "A mutation needs POST."));
    }
    let mut response = match accepted.single {
        Some(media) if kind != OperationType::Subscription => {
            let caller = info.caller(Transport::Http, info.id);
            let answer = operation.with_context(&identity, caller).answer(());
            let finished = match kind {
                OperationType::Mutation => Some(answer.await),
                _ => gone.run_until_cancelled(answer).await,
            };
            // Without an answer the client has disconnected, so no one reads this error.
            finished.map(|finished| answered(finished, media, info)).ok_or_else(Refusal::internal)?
        }
        Some(_) if !accepted.events => {
            return Err(Refusal::bad(
                StatusCode::BAD_REQUEST,
                "A subscription needs a WebSocket (graphql-transport-ws) or \"Accept: text/event-stream\".",
            ));
        }
        _ => {
            let caller = info.caller(Transport::ServerSentEvents, info.id);
            let operation = operation.over(Transport::ServerSentEvents);
            let serving = sse::serve(edge, info, operation, &identity, caller);
            match kind {
                // It may wait for its client's turn.
                OperationType::Subscription => {
                    gone.run_until_cancelled(serving).await.ok_or_else(Refusal::internal)??
                }
                OperationType::Query | OperationType::Mutation => serving.await?,
            }
        }
    };
    // Sign-in and sign-out set their own cookies.
    if let (Credential::Cookie(_), Some(session)) = (&credential, identity.session())
        && !response.headers().contains_key(header::SET_COOKIE)
        && let Some(cookie) = edge.backend.remember(session, info.brought.as_deref()).await
        && let Ok(cookie) = HeaderValue::try_from(cookie)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn upgrade<H: Backend>(edge: &Edge<H>, info: &RequestInfo, parts: &mut Parts) -> Response {
    let credential = match brought_credential(edge, info, &parts.headers) {
        Ok(credential) => credential,
        Err(refusal) => return refused(refusal, Media::Json, info.id),
    };
    // The library removes the extension, and validates the rest of the handshake.
    let taken_over = parts.extensions.get::<OnUpgrade>().cloned();
    match WebSocketUpgrade::from_request_parts(parts, &()).await {
        Ok(upgrade) => websocket::accept(
            edge,
            info.clone(),
            credential,
            websocket::Handshake { upgrade, taken_over, headers: &parts.headers, tcp: parts.extensions.remove() },
        )
        .unwrap_or_else(|refusal| refused(refusal, Media::Json, info.id)),
        Err(rejection) => {
            let refusal = Refusal::bad(rejection.status(), rejection.body_text());
            refused(refusal, Media::Json, info.id)
        }
    }
}

/// The status of a finished answer. A newer draft of the specification asks for 422 where
/// validation failed, and for 4xx with the older media type as well. Change it here.
fn status(outcome: OutcomeLabel, ran: bool, media: Media) -> StatusCode {
    match (outcome, ran) {
        (OutcomeLabel::TimedOut, _) => StatusCode::GATEWAY_TIMEOUT,
        (OutcomeLabel::Internal, false) => StatusCode::INTERNAL_SERVER_ERROR,
        (_, false) if media == Media::Graphql => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

fn answered(mut finished: Finished<Bytes>, media: Media, info: &RequestInfo) -> Response {
    let status = if finished.too_many {
        StatusCode::TOO_MANY_REQUESTS
    } else {
        status(finished.outcome, finished.refused.is_none(), media)
    };
    finished.lease = finished.lease.map(|lease| info.bind(lease));
    reply(status, media, finished)
}

fn refused(refusal: Refusal, media: Media, id: RequestId) -> Response {
    let (status, allow) = (refusal.status, refusal.allow);
    let finished = finish(GraphqlResponse::from_errors(vec![refusal.into_error()]), id, Most::ONE);
    let mut response = reply(status, media, finished);
    let headers = response.headers_mut();
    if let Some(allow) = allow {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn reply(status: StatusCode, media: Media, finished: Finished<Bytes>) -> Response {
    let mut response = Response::new(counted(finished.body, finished.lease).into());
    *response.status_mut() = status;
    *response.headers_mut() = finished.headers;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    response
}
