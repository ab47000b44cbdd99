// What an operator sees with an admin key: stages, workers, dead letters. Asked again every two seconds while one looks.
import { call, withQuery } from './api.js';
import { byId, element, fill } from './dom.js';
import { clock, plainly, say } from './words.js';

const EVERY_MS = 2000;
const PAGE = 50;
const STAGES = ['accepted', 'analysing', 'picked', 'delivered', 'dead'];

export class Operator {
  #timer = 0;
  #status = null;
  #dead = [];
  #next = null;

  constructor() {
    byId('dead-more').addEventListener('click', () => this.readDead(this.#next));
  }

  words() {
    if (!this.#status) return;
    this.#draw();
    this.readDead();
  }
  enter(anew) {
    if (!anew) return;
    this.leave();
    this.readDead();
    this.#timer = setInterval(() => { if (!document.hidden) this.read(); }, EVERY_MS);
    this.read();
  }
  leave() { clearInterval(this.#timer); }

  async read() {
    try {
      // How many there are does not tell that one went and came again.
      const dead = () => `${this.#status.journal?.dead} of ${this.#status.posts?.dead_total}`;
      const deadBefore = this.#status && dead();
      this.#status = (await call('GET', '/v1/status')).body;
      this.#draw();
      if (deadBefore && dead() !== deadBefore) this.readDead();
    } catch (problem) {
      byId('operator-state').textContent = problem.away ? say('away_short') : plainly(problem.code);
    }
  }

  #draw() {
    const { journal = {}, posts = {}, workers = [], missing = [], mysql = {}, ready, uptime_s: uptime = 0 } = this.#status;
    const said = [ready ? say('ready', clock(uptime * 1000)) : say('missing', missing.join(', ')), say('mysql_state', mysql.state ?? '–')];
    if (Number(journal.oldest_unfinished_s) >= 1) said.push(say('oldest', Math.round(journal.oldest_unfinished_s)));
    // Only a change is told: a screen reader would read the same sentence every two seconds.
    if (this.#told !== `${ready}${missing}${mysql.state}` || byId('operator-state').lang !== document.documentElement.lang) {
      byId('operator-state').textContent = said.join(' ');
      byId('operator-state').lang = document.documentElement.lang;
      this.#told = `${ready}${missing}${mysql.state}`;
    }
    const count = (stage) => Number(stage === 'delivered' ? (posts.delivered_total ?? journal.delivered) : journal[stage]) || 0;
    fill(byId('stages'), STAGES.map((stage) => element('li', { class: stage === 'dead' && count(stage) > 0 ? 'stage bad' : 'stage' },
      element('strong', {}, String(count(stage))), element('span', {}, say(`stage_${stage}`)))));
    const columns = ['name', 'state', 'model', 'tasks', 'memory', 'restarts', 'last_end'];
    fill(byId('workers'),
      element('thead', {}, element('tr', {}, columns.map((column) => element('th', { scope: 'col' }, say(`worker_${column}`))))),
      element('tbody', {}, workers.map((worker) => element('tr', {},
        element('th', { scope: 'row' }, worker.name),
        element('td', {}, element('span', { class: `state ${worker.state === 'ready' || worker.state === 'busy' ? 'good' : 'bad'}` }, worker.state)),
        [worker.model, worker.in_flight, `${Math.round(worker.rss_bytes / 1048576)} MiB`, worker.restarts, worker.last_end]
          .map((value) => element('td', {}, String(value ?? '')))))));
  }
  #told = '';

  async readDead(after = null) {
    try {
      const { body } = await call('GET', withQuery('/v1/dead', { after, limit: PAGE }));
      this.#dead = after === null ? (body.items ?? []) : [...this.#dead, ...(body.items ?? [])];
      this.#next = body.next ?? null;
    } catch (problem) {
      byId('dead-said').textContent = problem.away ? say('away_short') : plainly(problem.code);
      return;
    }
    byId('dead-more').hidden = this.#next === null;
    // A letter that stays keeps its row, with the button that somebody is about to press.
    const before = this.#rows;
    this.#rows = new Map(this.#dead.map((letter) => {
      const name = `${document.documentElement.lang} ${letter.post_id} ${letter.died_at}`;
      return [name, before.get(name) ?? this.#letter(letter)];
    }));
    const held = document.activeElement;
    fill(byId('dead'), this.#rows.size === 0 ? element('li', { class: 'faint' }, say('no_dead')) : [...this.#rows.values()]);
    if (held !== document.activeElement && held.isConnected) held.focus();
  }
  #rows = new Map();

  #letter({ post_id: id, stage, code, message, attempts, died_at: died }) {
    const settle = async (method, path, said) => {
      try {
        await call(method, path);
        byId('dead-said').textContent = say(said, id);
      } catch (problem) {
        byId('dead-said').textContent = problem.away ? say('away_short') : `${plainly(problem.code)} ${problem.message}`;
      }
      await this.readDead();
      this.read();
      byId('operator-title').focus();
    };
    const path = `/v1/dead/${encodeURIComponent(id)}`;
    const drop = element('button', { type: 'button', class: 'quiet', 'aria-label': say('drop_one', id), onclick: () => {
      if (drop.dataset.sure) { settle('DELETE', path, 'dropped'); return; }
      drop.dataset.sure = 'yes';
      drop.textContent = say('really_drop');
      drop.setAttribute('aria-label', `${say('drop_one', id)}: ${say('really_drop')}`);
    } }, say('drop'));
    return element('li', {},
      element('div', {}, element('strong', {}, id), ' ', element('span', { class: 'chip' }, `${stage} · ${code}`),
        element('p', {}, message), element('p', { class: 'faint' }, `${new Date(died).toLocaleString(document.documentElement.lang)} · ${say('attempts', attempts)}`)),
      element('div', { class: 'row' },
        element('button', { type: 'button', class: 'quiet', 'aria-label': say('retry_one', id), onclick: () => settle('POST', `${path}/retry`, 'retried') }, say('retry')), drop));
  }
}
