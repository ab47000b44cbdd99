// The composer: text and files in, one post out, and the way of that post until its music is there. What was typed stays
// until it is answered: where bgmd is away, the same post (same id) is sent again, so that it counts once.
import { call, currentKey, Problem } from './api.js';
import { byId, element, fill } from './dom.js';
import { Camera, Microphone } from './capture.js';
import { Result } from './result.js';
import { plainly, say } from './words.js';

const WAIT_S = 20;          // where no event stream is open, the gateway itself waits with the answer
const LARGE_BYTES = 16 << 20;
const ASK_AGAIN_MS = 1500;  // should an event have been lost, the post is asked for
const KINDS = { image: 'IMAGE', audio: 'AUDIO', video: 'VIDEO' };
const BY_NAME = { heic: 'image', heif: 'image', avif: 'image', tif: 'image', tiff: 'image', amr: 'audio', awb: 'audio', caf: 'audio', opus: 'audio', flac: 'audio', mkv: 'video', ts: 'video', '3gp': 'video', flv: 'video' };

/// image, audio or video by the type that the browser knows, else by the name; '' for anything else.
export function kindOf(file) {
  const [kind] = file.type.split('/');
  return Object.hasOwn(KINDS, kind) ? kind : (BY_NAME[file.name.split('.').pop().toLowerCase()] ?? '');
}

export class Composer {
  pick = null;
  #files = [];
  #open = false;
  #post = null;  // {id, started, seen: step -> ms} of the one that is under way or shown
  #retry = { timer: 0, action: null };
  #problem = null;

  constructor(askForKey) {
    this.askForKey = askForKey;
    this.result = new Result();
    byId('composer').addEventListener('submit', (event) => { event.preventDefault(); this.send(); });
    byId('text').addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.send();
    });
    byId('add-file').addEventListener('click', () => byId('file').click());
    byId('file').addEventListener('change', () => { this.add(byId('file').files); byId('file').value = ''; });
    for (const kind of ['dragover', 'drop']) {
      addEventListener(kind, (event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        document.body.classList.toggle('dropping', kind === 'dragover');
        if (kind === 'drop') this.add(event.dataTransfer.files);
      });
    }
    addEventListener('dragleave', (event) => { if (!event.relatedTarget) document.body.classList.remove('dropping'); });
    addEventListener('paste', (event) => { if (event.clipboardData.files.length > 0) this.add(event.clipboardData.files); });
    new Camera((file) => this.add([file]), (message) => this.#tell('files', say('no_camera', message)));
    this.microphone = new Microphone((file) => this.add([file]), (message) => this.#tell('files', say('no_microphone', message)));
  }

  words() {
    fill(byId('samples'), element('span', { class: 'faint' }, say('samples_label')), ['sample_1', 'sample_2', 'sample_3', 'sample_4'].map((name) =>
      element('button', { type: 'button', class: 'sample', onclick: () => { byId('text').value = say(name); this.send(); } }, say(name))));
    this.microphone.words();
    this.#drawFiles();
    this.#drawSteps();
    if (this.#problem) this.#explain(this.#problem);
    this.result.words();
  }

  add(files) {
    this.#clearErrors();
    for (const file of files) {
      if (kindOf(file) === '') this.#tell('files', say('not_media', file.name));
      else this.#files.push({ file, kind: kindOf(file), url: URL.createObjectURL(file) });
    }
    this.#drawFiles();
  }

  #drawFiles() {
    fill(byId('files'), this.#files.map(({ file, kind, url }, index) => element('li', { id: `file-${index}` },
      kind === 'image' ? element('img', { src: url, alt: '' }) : element('span', { class: 'kind' }, say(kind)),
      element('span', { class: 'name' }, file.name),
      element('button', { type: 'button', class: 'remove', 'aria-label': say('remove_file', file.name), onclick: () => {
        URL.revokeObjectURL(url);
        this.#files.splice(index, 1);
        this.#drawFiles();
        byId('add-file').focus();
      } }, '×'))));
  }

  #tell(where, message) {
    byId(`${where}-error`).textContent = message;
    if (where === 'text') byId('text').setAttribute('aria-invalid', 'true');
    byId('status').textContent = message;
  }
  #clearErrors() {
    this.#problem = null;
    for (const where of ['text', 'files']) byId(`${where}-error`).textContent = '';
    byId('text').removeAttribute('aria-invalid');
    for (const row of byId('files').children) row.classList.remove('bad');
  }

  // ---- one post ----
  send() {
    if (currentKey() === '') { this.askForKey({ code: 'unauthenticated' }); byId('key-error').textContent = say('key_needed'); return; }
    const text = byId('text').value.trim();
    this.#clearErrors();
    if (text === '' && this.#files.length === 0) { this.#tell('text', say('empty_post')); byId('text').focus(); return; }
    const id = `page-${crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16)).join('-')}`;
    this.#post = { id, started: performance.now(), seen: {}, text, files: [...this.#files] };
    this.pick = null;
    this.result.hide();
    this.backAgain();
    byId('send').disabled = true;
    this.#push(this.#post);
  }

  async #push(post) {
    const body = new FormData();
    const about = { post_id: post.id, user_id: userOfThisTab(), text: post.text, assets: post.files.map(({ kind }, index) => ({ asset_id: `a${index}`, kind: KINDS[kind] })) };
    body.append('post', new Blob([JSON.stringify(about)], { type: 'application/json' }));
    post.files.forEach(({ file }, index) => body.append(`a${index}`, file, file.name));
    this.#step(post, 'sent');
    try {
      // With the stream open the event is the fastest; else the gateway waits with its answer.
      const { body: answer } = await call('POST', '/v1/posts', { body, headers: this.#open ? {} : { Prefer: `wait=${WAIT_S}` } });
      if (post !== this.#post) return;
      this.backAgain();
      this.#step(post, 'accepted');
      if (!this.#settle(post, answer)) this.#ask(post);
    } catch (problem) {
      if (post !== this.#post) return;
      const reason = problem.status === 0 ? await this.#whyNoAnswer(post, problem) : problem;
      if (post !== this.#post) return;
      byId('send').disabled = false;
      if (reason.away) { this.away(reason, () => this.#push(post)); return; }
      if (reason.status === 401) this.askForKey(reason);
      this.#explain(reason);
      this.#post = null;
      this.#drawSteps();
    }
  }

  /// A server that refuses a large body hangs up before it has read it: a browser then knows no answer. Where the next call
  /// is answered it was the size.
  async #whyNoAnswer(post, problem) {
    const bytes = post.files.map(({ file }) => file.size);
    if (bytes.reduce((sum, size) => sum + size, 0) < LARGE_BYTES) return problem;
    const answered = await call('GET', '/v1/key').then(() => true, () => false);
    return answered ? new Problem(413, { code: 'too_large', field: `assets[${bytes.indexOf(Math.max(...bytes))}]` }) : problem;
  }

  async #ask(post) {
    while (post === this.#post && !post.seen.done) {
      await new Promise((resolve) => { setTimeout(resolve, post.seen.analysing ? ASK_AGAIN_MS : 30); });
      if (post !== this.#post || post.seen.done) return;
      try {
        const { body } = await call('GET', `/v1/posts/${encodeURIComponent(post.id)}`);
        this.backAgain();
        if (body.state !== 'unknown') this.#step(post, 'analysing');
        this.#settle(post, body);
      } catch (problem) {
        if (problem.away) { this.away(problem, () => this.#ask(post)); return; }
        if (problem.status === 401) this.askForKey(problem);
        if (problem.status !== 404) { this.#explain(problem); byId('send').disabled = false; return; }
        post.seen.analysing ??= performance.now() - post.started;
      }
    }
  }

  /// An event of the stream: only that of the post on the page matters here.
  event({ event, data }) {
    if (this.#post === null || !data.includes(this.#post.id)) return;
    const said = JSON.parse(data);
    if (said.post_id === this.#post.id) this.#settle(this.#post, { [event]: said });
  }
  stream(open) {
    this.#open = open;
    byId('view-try').dataset.stream = open ? 'open' : 'away';
  }

  #settle(post, { pick, dead }) {
    if (post !== this.#post || post.seen.done || (!pick && !dead)) return post.seen.done === true;
    post.seen.done = true;
    this.#step(post, pick ? 'picked' : 'dead');
    byId('send').disabled = false;
    this.pick = pick ?? null;
    if (pick) this.result.show(pick, post);
    else this.result.showDead(dead, post);
    // On a phone the answer would appear below what can be seen.
    if (byId('steps').getBoundingClientRect().top > innerHeight * 0.6) byId('steps').scrollIntoView();
    byId('status').textContent = pick ? this.result.sentence() : `${say('dead_title')}: ${plainly(dead.code)}`;
    return true;
  }

  #step(post, name) {
    if (name === 'picked' || name === 'dead') for (const before of ['accepted', 'analysing']) post.seen[before] ??= performance.now() - post.started;
    post.seen[name] ??= performance.now() - post.started;
    this.#drawSteps();
    // The event may be here before the answer to the post: what is decided stays said.
    if (!post.seen.done) byId('status').textContent = say(`step_${name}`);
  }
  #drawSteps() {
    const seen = this.#post?.seen;
    byId('steps').hidden = !seen;
    if (!seen) return;
    fill(byId('steps'), ['sent', 'accepted', 'analysing', seen.dead === undefined ? 'picked' : 'dead'].map((name) => {
      const done = seen[name] !== undefined;
      return element('li', { class: `${done ? 'done' : ''} ${name}` }, say(`step_${name}`), done ? element('small', {}, say('after', Math.round(seen[name]))) : null);
    }));
  }

  // ---- what goes wrong ----
  #explain(problem) {
    this.#problem = problem;
    const asset = /^(?:assets\[(\d+)\]|a(\d+)\b)/.exec(problem.field);
    const index = Number(asset?.[1] ?? asset?.[2] ?? -1);
    const name = this.#files[index]?.file.name ?? problem.field;
    this.#tell(asset ? 'files' : 'text', [name !== '' && say('field_is', name), plainly(problem.code), problem.message !== '' && say('said', problem.message)].filter(Boolean).join(' '));
    byId(`file-${index}`)?.classList.add('bad');
  }

  /// Says that bgmd is away, keeps everything, and does `again` after a while, or at once when asked to.
  away(problem, again) {
    let left = Math.max(1, Math.min(30, problem.retryAfterS || 2));
    clearInterval(this.#retry.timer);
    const act = () => { clearInterval(this.#retry.timer); again(); };
    const sentence = problem.code === 'resource_exhausted' || problem.status === 429 ? 'busy' : 'away';
    const words = element('span', {}, say(sentence, left));
    byId('offline').hidden = false;
    fill(byId('offline'), words, element('button', { type: 'button', class: 'quiet', onclick: act }, say('try_now')));
    byId('status').textContent = '';
    this.#retry.timer = setInterval(() => {
      left -= 1;
      words.textContent = say(sentence, Math.max(left, 0));
      if (left <= 0) act();
    }, 1000);
  }
  backAgain() {
    if (byId('offline').hidden) return;
    clearInterval(this.#retry.timer);
    byId('offline').hidden = true;
    byId('status').textContent = say('back');
  }
}

/// Feedback belongs to somebody: to this tab.
export function userOfThisTab() {
  const known = sessionStorage.getItem('bgmd.user') ?? `page-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  sessionStorage.setItem('bgmd.user', known);
  return known;
}

