// The gateway's interface: calls with the key of this tab, problems as errors, the stream of events.

const KEY = 'bgmd.key';
let key = sessionStorage.getItem(KEY) ?? '';

/// The key lives in this tab: never in an address, never on the disk.
export const currentKey = () => key;
export function useKey(value) {
  key = value;
  if (value === '') sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, value);
}

/// What went wrong, by the fields of RFC 9457. `status` 0: nobody answered. `away`: trying again may help.
export class Problem extends Error {
  constructor(status, body = {}, retryAfterS = 0) {
    super(typeof body.detail === 'string' ? body.detail : (body.title ?? ''));
    this.status = status;
    this.code = typeof body.code === 'string' ? body.code : '';
    this.field = typeof body.field === 'string' ? body.field : '';
    this.retryAfterS = retryAfterS;
    this.away = status === 0 || status === 429 || status >= 500;
  }
}

const authorized = (headers = {}) => ({ Authorization: `Bearer ${key}`, ...headers });

/// The answer's JSON with its status as {status, body}, or a Problem.
export async function call(method, path, { body, headers, signal } = {}) {
  let response;
  try {
    response = await fetch(path, { method, body, signal, headers: authorized(headers), cache: 'no-store' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, answer, Number(response.headers.get('Retry-After')) || 0);
  return { status: response.status, body: answer };
}

/// `query` without its empty values.
export function withQuery(path, query) {
  const kept = Object.entries(query).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return kept.length === 0 ? path : `${path}?${new URLSearchParams(kept)}`;
}

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/// The lines of one server-sent event, as the HTML standard reads them.
export class EventReader {
  #rest = '';
  #event = { id: '', event: 'message', data: [] };
  constructor(onEvent) { this.onEvent = onEvent; }
  read(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line);
  }
  #line(line) {
    if (line === '') {
      const { id, event, data } = this.#event;
      if (data.length > 0) this.onEvent({ id, event, data: data.join('\n') });
      this.#event = { id, event: 'message', data: [] };
      return;
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
    if (field === 'data') this.#event.data.push(value ?? '');
    else if (field === 'event' || field === 'id') this.#event[field] = value ?? '';
  }
}

/// Follows /v1/events for as long as there is a key, and resumes after a break from the last event it saw. EventSource
/// cannot send a key. `onEvent({id, event, data})`, `onState(open)`.
export async function followEvents(onEvent, onState) {
  const mine = key;
  let last = '';
  for (let pauseMs = 500; key === mine && key !== ''; pauseMs = Math.min(pauseMs * 2, 8000)) {
    try {
      const headers = last === '' ? { Accept: 'text/event-stream' } : { Accept: 'text/event-stream', 'Last-Event-ID': last };
      const response = await fetch('/v1/events', { headers: authorized(headers), cache: 'no-store' });
      if (response.status === 401 || response.status === 403) return;
      if (!response.ok) throw new Problem(response.status);
      onState(true);
      pauseMs = 250;
      const reader = new EventReader((event) => {
        if (event.id !== '') last = event.id;
        onEvent(event);
      });
      const decoder = new TextDecoder();
      for (const body = response.body.getReader(); key === mine;) {
        const { value, done } = await body.read();
        if (done) break;
        reader.read(decoder.decode(value, { stream: true }));
      }
    } catch { /* it is tried again */ }
    onState(false);
    await sleep(pauseMs);
  }
}

/// Whether a policy's list of media hosts lets `uri` be played: `host`, `*.host` or a whole origin.
export function allows(hosts, uri) {
  if (!/^https?:\/\//.test(uri) || !URL.canParse(uri)) return false;
  const { host, origin } = new URL(uri);
  return hosts.some((allowed) => allowed === host || allowed === origin || (allowed.startsWith('*.') && host.endsWith(allowed.slice(1))));
}

let playable = null;
/// Whether the page may play what lies at `uri`: its own policy says from which hosts.
export async function mayPlay(uri) {
  playable ??= fetch('/', { cache: 'force-cache' })
    .then((answer) => /media-src ([^;]*)/.exec(answer.headers.get('Content-Security-Policy') ?? '')?.[1].split(' ') ?? [])
    .catch(() => []);
  return allows((await playable).concat(location.origin), uri);
}
