// A visitor who follows an account's availability on a WebSocket and on an event stream, and sends
// nothing else. The library `ws` answers the server's pings.
//   node visitor.mjs URL WIDGET_KEY
// Prints a line of JSON for each connection: when its first state has arrived, with the local port,
// and when it ends.
import http from 'node:http';
import http2 from 'node:http2';
import WebSocket from 'ws';

const [base, widgetKey] = process.argv.slice(2);
const operation = {
  query: 'subscription($widgetKey: String!) { availability(widgetKey: $widgetKey) { isAvailable } }',
  variables: { widgetKey },
};
const STATE = '"isAvailable":';

function print(transport, event) {
  console.log(JSON.stringify({ transport, ...event }));
}

function openWebSocket() {
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  const send = (message) => socket.send(JSON.stringify(message));
  let port;
  socket.on('upgrade', (response) => (port = response.socket.localPort));
  socket.on('open', () => send({ type: 'connection_init' }));
  socket.on('message', (data) => {
    const message = String(data);
    if (message.includes('"connection_ack"')) {
      send({ id: '1', type: 'subscribe', payload: operation });
    } else if (message.includes(STATE)) {
      print('WebSocket', { port });
    }
  });
  ended('WebSocket', socket);
}

/** Over TLS with HTTP/2, as browsers do. */
function openEventStream() {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  if (base.startsWith('https:')) {
    const session = http2.connect(base);
    ended('event stream', session);
    const stream = session.request({ ':method': 'POST', ':path': '/graphql', ...headers });
    follow(stream, session.socket);
    stream.end(JSON.stringify(operation));
  } else {
    const request = http.request(`${base}/graphql`, { method: 'POST', headers }, (response) => {
      follow(response, request.socket);
    });
    ended('event stream', request);
    request.end(JSON.stringify(operation));
  }
}

function follow(stream, socket) {
  ended('event stream', stream);
  stream.setEncoding('utf8').on('data', (text) => {
    if (text.includes(STATE)) {
      print('event stream', { port: socket.localPort });
    }
  });
}

function ended(transport, connection) {
  let reason = 'closed';
  connection.on('error', (error) => (reason = String(error)));
  connection.on('close', () => print(transport, { ended: reason }));
}

openWebSocket();
openEventStream();
