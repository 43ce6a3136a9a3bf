// Parses server-sent events from chunks of bytes (WHATWG HTML, "Interpreting an event stream").
// Ignores `id` and `retry`: the server sends neither.

export interface ServerEvent {
  type: string;
  data: string;
}

/** Returns a function that takes the next chunk, and returns the events that are now complete. */
export function eventReader(): (bytes: Uint8Array) => ServerEvent[] {
  // Keeps an incomplete character until its rest arrives, and removes a byte order mark.
  const decoder = new TextDecoder();
  let rest = '';
  let type = '';
  let data: string[] = [];

  return (bytes) => {
    const events: ServerEvent[] = [];
    rest += decoder.decode(bytes, { stream: true });
    // A carriage return at the end may be half of a line break.
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
