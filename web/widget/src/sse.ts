// Reads server-sent events out of bytes, however the network cut them (WHATWG HTML, "Interpreting an event stream").
// `id` and `retry` are left out: the server sends neither.

export interface ServerEvent {
  type: string;
  data: string;
}

/** Takes the next bytes of a stream and gives the events that they complete. */
export function eventReader(): (bytes: Uint8Array) => ServerEvent[] {
  // Keeps the beginning of a character whose rest is still to come, and takes a byte order mark away.
  const decoder = new TextDecoder();
  let rest = '';
  let type = '';
  let data: string[] = [];

  return (bytes) => {
    const events: ServerEvent[] = [];
    rest += decoder.decode(bytes, { stream: true });
    // A carriage return at the very end may be half of a line break.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        field(line);
        continue;
      }
      if (data.length > 0) {
        events.push({ type: type || 'message', data: data.join('\n') });
      }
      type = '';
      data = [];
    }
    return events;
  };

  function field(line: string): void {
    // A comment is a line without a name.
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'event') {
      type = value;
    } else if (name === 'data') {
      data.push(value);
    }
  }
}
