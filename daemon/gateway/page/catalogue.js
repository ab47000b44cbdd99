// The tenant's catalogue: every track as a point on the plane, and as a list that is filtered, searched and paged.
import { call, withQuery } from './api.js';
import { byId, element, fill } from './dom.js';
import { MOODS, moodClass, strongest } from './moods.js';
import { plane } from './plane.js';
import { clock, plainly, say } from './words.js';

const PAGE = 1000;      // as many as one answer may hold
const POINTS_MAX = 5000; // what a picture can show, and a phone can draw
const SHOWN = 30;
const QUARTERS = { quarter_1: [0, 1, 0, 1], quarter_2: [-1, 0, 0, 1], quarter_3: [-1, 0, -1, 0], quarter_4: [0, 1, -1, 0] };
const NEAR = 0.25;

export class Catalogue {
  #tracks = [];
  #total = 0;
  #listed = SHOWN;
  #reading = null;
  #pause = 0;
  #from = null;  // where a way is to begin
  #said = () => '';  // what the list holds

  /// `post()` is the pick that the page shows now, or null.
  constructor(post) {
    this.post = post;
    byId('filters').addEventListener('submit', (event) => { event.preventDefault(); this.read(); });
    byId('catalogue-all').addEventListener('click', () => this.read());
    byId('filters').addEventListener('input', (event) => {
      if (event.target.id === 'drawn-by') return this.#draw();
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => this.read(), 200);
    });
    byId('catalogue-more').addEventListener('click', () => {
      const first = this.#listed;
      this.#listed += SHOWN;
      this.#draw();
      byId('catalogue-list').children[first]?.querySelector('strong').focus();
    });
  }

  words() {
    const choices = (id, values) => {
      const select = byId(id);
      const value = select.value;
      fill(select, values.map(([name, word]) => element('option', { value: name }, word)));
      select.value = values.some(([name]) => name === value) ? value : '';
    };
    choices('filter-mood', [['', say('any')], ...Object.keys(MOODS).map((mood) => [mood, say(mood)])]);
    choices('filter-language', [['', say('any')], ...['ko', 'en', 'zxx'].map((language) => [language, say(language)])]);
    const near = this.post() ? [['near_post', say('near_post')]] : [];
    choices('drawn-by', [['', say('by_mood')], ['ear', say('by_ear')]]);
    choices('filter-place', [['', say('any')], ...near, ...Object.keys(QUARTERS).map((name) => [name, say(name)])]);
    if (this.#tracks.length > 0) this.#draw();
  }

  enter() {
    this.words();
    this.read();
  }
  leave() { this.#reading?.abort(); }

  #query() {
    const post = this.post();
    const at = byId('filter-place').value;
    const around = (centre) => [Math.max(-1, centre - NEAR), Math.min(1, centre + NEAR)];
    const place = at === 'near_post' && post ? [...around(post.valence), ...around(post.arousal)] : (QUARTERS[at] ?? []);
    return { q: byId('search').value.trim(), mood: byId('filter-mood').value, genre: byId('filter-genre').value.trim(),
      language: byId('filter-language').value, valence_min: place[0], valence_max: place[1], arousal_min: place[2], arousal_max: place[3] };
  }

  async read() {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const tracks = [];
    try {
      for (let after = ''; after !== null && tracks.length < POINTS_MAX;) {
        const { body } = await call('GET', withQuery('/v1/tracks', { ...this.#query(), after, limit: PAGE }), { signal: reading.signal });
        if (reading.signal.aborted) return;
        tracks.push(...(body.items ?? []));
        this.#total = Number(body.total ?? tracks.length);
        after = body.next ?? null;
      }
    } catch (problem) {
      return this.#fail(problem);
    }
    this.#show(tracks, () => (tracks.length < this.#total ? say('found_some', this.#total, tracks.length) : say('found', this.#total)), true);
  }

  /// What is like a track, instead of what the filters let through.
  async #readSimilar(track) {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    try {
      const { body } = await call('GET', `/v1/tracks/${encodeURIComponent(track.track_id)}/similar?limit=${SHOWN}`, { signal: reading.signal });
      this.#show(body.items ?? [], () => say(body.by === 'ear' ? 'like_by_ear' : 'like_by_mood', (body.items ?? []).length, track.title), false);
      byId('catalogue-title').focus();
    } catch (problem) {
      this.#fail(problem);
    }
  }

  /// The first of two tracks is kept; the second shows the way from that one to it.
  async #readWay(track) {
    const from = this.#from;
    this.#from = from === null ? track : null;
    if (from === null) { byId('catalogue-count').textContent = say('way_from', track.title); return; }
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    try {
      const { body } = await call('GET', withQuery(`/v1/tracks/${encodeURIComponent(from.track_id)}/path`, { to: track.track_id }), { signal: reading.signal });
      this.#show(body.items ?? [], () => say('way_found', from.title, track.title), false);
      byId('catalogue-title').focus();
    } catch (problem) {
      this.#fail(problem);
    }
  }

  #fail(problem) {
    if (problem.name === 'AbortError') return;
    byId('catalogue-count').textContent = problem.status === 0 ? say('away_short') : `${plainly(problem.code)} ${problem.field} ${problem.message}`;
  }

  #show(tracks, said, all) {
    this.#tracks = tracks;
    this.#said = said;
    this.#listed = SHOWN;
    byId('catalogue-all').hidden = all;
    this.#draw();
  }

  #draw() {
    const post = this.post();
    const all = this.#tracks;
    const picked = new Map((post?.tracks ?? []).map((track) => [track.track_id, String(track.position)]));
    const heard = all.some((track) => Array.isArray(track.ear));
    byId('drawn-by').parentElement.hidden = !heard;
    const ear = heard && byId('drawn-by').value === 'ear';
    const drawn = [...all.entries()].filter(([, track]) => !ear || Array.isArray(track.ear));
    byId('catalogue-count').textContent = this.#said();
    fill(byId('catalogue-plane'), plane({
      label: say(ear ? 'plane_by_ear' : 'plane_catalogue', drawn.length), post: ear ? null : post, postMood: post?.mood ?? '', moodWords: false, axes: !ear,
      points: drawn.map(([index, track]) => ({ valence: ear ? track.ear[0] : track.valence, arousal: ear ? track.ear[1] : track.arousal, mood: strongest(track.moods),
        title: `${track.title} · ${track.artist}`, label: picked.get(track.track_id), onclick: () => this.#find(index) }))
        .sort((a, b) => Boolean(a.label) - Boolean(b.label)),
    }), element('ul', { class: 'legend' }, Object.keys(MOODS).map((mood) => element('li', { class: moodClass(mood) }, element('span', { class: 'dot' }), say(mood)))),
    ear && element('p', { class: 'faint' }, say('plane_by_ear', drawn.length)), picked.size > 0 && element('p', { class: 'faint' }, say('legend_tracks')));
    fill(byId('catalogue-list'), all.slice(0, this.#listed).map((track) => this.#row(track)));
    byId('catalogue-more').hidden = all.length <= this.#listed;
  }

  #find(index) {
    while (this.#listed <= index) this.#listed += SHOWN;
    this.#draw();
    const row = byId('catalogue-list').children[index];
    row.classList.add('found');
    row.scrollIntoView({ block: 'center' });
    row.querySelector('strong').focus();
  }

  #row(track) {
    const mood = strongest(track.moods);
    const facts = [track.artist, track.genre, Number(track.duration_ms) > 0 && clock(track.duration_ms), Number(track.tempo_bpm) > 0 && say('beats', Math.round(track.tempo_bpm)), track.reason];
    return element('li', { class: `track ${moodClass(mood)}` },
      element('span', { class: 'dot', 'aria-hidden': 'true' }),
      element('div', {}, element('strong', { tabindex: '-1' }, track.title), element('p', { class: 'faint' }, facts.filter(Boolean).join(' · ')),
        element('p', { class: 'chips' }, Object.entries(track.moods ?? {}).filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1]).slice(0, 3)
          .map(([name]) => element('span', { class: `chip ${moodClass(name)}` }, say(name))))),
      element('div', { class: 'row actions' },
        Array.isArray(track.ear) && element('button', { type: 'button', class: 'link', 'aria-label': `${say('way')}: ${track.title}`, onclick: () => this.#readWay(track) }, say('way')),
        element('button', { type: 'button', class: 'link', 'aria-label': `${say('similar')}: ${track.title}`, onclick: () => this.#readSimilar(track) }, say('similar'))));
  }
}
