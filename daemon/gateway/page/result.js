// A pick as a person reads it: mood, how sure, the thirteen bars, the plane, what each part says, and the music.
import { call } from './api.js';
import { bar, byId, element, fill } from './dom.js';
import { factLines, languageName, list } from './facts.js';
import { MOODS, moodClass } from './moods.js';
import { plane } from './plane.js';
import { trackList } from './tracks.js';
import { percent, plainly, say } from './words.js';

const MODALITIES = ['text', 'image', 'video', 'audio', 'context'];

/// A black photo, silence: the mood that a pick has to name is just the first of thirteen that are all alike.
const saysNothing = (pick) => pick.ambiguous && percent(pick.confidence) === percent(0);
const headline = (pick) => say(saysNothing(pick) ? 'no_mood' : pick.mood);

/// Whether it is sure, and if not, why.
function certainty(pick) {
  if (!pick.ambiguous) return say('sure', percent(pick.confidence));
  const likely = (pick.likely_moods ?? []).map((mood) => say(mood)).join(', ');
  if (saysNothing(pick)) return say('unsure_nothing', likely);
  const felt = pick.facts?.some((fact) => fact.values?.felt !== undefined);
  if (felt) return say('unsure_nothing', likely);
  const little = pick.confidence < 0.6 * (pick.moods?.[pick.mood] ?? 0);
  return `${say('unsure', percent(pick.confidence), likely)} ${say(little ? 'unsure_little' : 'unsure_split')}`;
}

function moodBars(moods, small = false) {
  const all = Object.keys(MOODS).map((mood) => [mood, Number(moods?.[mood]) || 0]).sort((a, b) => b[1] - a[1]);
  return element('ul', { class: small ? 'bars small' : 'bars' }, all.map(([mood, share]) =>
    element('li', {}, element('span', { class: 'name' }, say(mood)), bar(share, moodClass(mood)), element('span', { class: 'number' }, `${percent(share)} %`))));
}

/// One card for each part of the post, and for what could not be used.
function parts(pick, post) {
  const cards = [];
  const card = (modality, asset, ...content) => {
    const file = post.files[Number(/^a(\d+)$/.exec(asset)?.[1] ?? -1)];
    const preview = file && (file.kind === 'image' ? element('img', { src: file.url, alt: file.file.name })
      : element(file.kind === 'video' ? 'video' : 'audio', { src: file.url, controls: true, preload: 'metadata', 'aria-label': file.file.name }));
    cards.push(element('section', { class: 'part' }, element('h3', {}, say(modality), asset && file ? element('small', {}, file.file.name) : null), preview, ...content));
  };
  const weight = (modality) => {
    const share = pick.modalities?.[modality];
    if (share === undefined) return null;
    return element('div', { class: 'weight' }, bar(share, moodClass(pick.mood)), element('span', {}, say('weighed', percent(share))));
  };
  // What each of its readers found before it was weighed; a post with one reader has only the pick's own moods.
  const own = (modality, asset) => (pick.evidence ?? [])
    .filter((each) => each.modality === modality && (asset === undefined || each.asset_id === asset))
    .map((each) => element('details', { open: true }, element('summary', {}, say('own_moods', each.model)),
      list([[say('precision'), each.precision.toFixed(2)]]), moodBars(each.moods, true)));
  if (post.text !== '') {
    const lines = pick.language ? [[say('in_language'), languageName(pick.language)]] : [];
    card('text', '', element('blockquote', {}, post.text), list([...lines, ...(pick.facts ?? []).filter((fact) => !fact.asset_id).flatMap((fact) => factLines(fact.values))]), weight('text'), own('text', ''));
  }
  const facts = (pick.facts ?? []).filter((fact) => fact.asset_id);
  for (const modality of MODALITIES.slice(1)) {
    facts.filter((fact) => fact.modality === modality).forEach((fact, index, all) => {
      const first = all.findIndex((each) => each.asset_id === fact.asset_id) === index;  // of several readers of one asset
      const captions = modality === 'image' ? (pick.captions ?? []).filter((caption) => caption.asset_id === fact.asset_id) : [];
      card(modality, fact.asset_id, captions.map(({ text }) => element('p', {}, element('span', { class: 'faint' }, `${say('caption')}: `), text)),
        fact.text && element('p', {}, element('span', { class: 'faint' }, `${say('read_text')}: `), element('q', {}, fact.text)),
        list(factLines(fact.values)), index === 0 && weight(modality), first && own(modality, fact.asset_id));
    });
    if (pick.modalities?.[modality] !== undefined && !facts.some((fact) => fact.modality === modality)) card(modality, '', element('p', { class: 'faint' }, say('no_facts')), weight(modality), own(modality));
  }
  for (const { modality, asset_id: asset, code, message } of pick.degraded ?? []) {
    card(modality, asset, element('p', { class: 'error' }, `${say('not_used')}: ${plainly(code)}`), message && element('p', { class: 'faint' }, say('said', message)));
  }
  return cards;
}

/// A dead letter in plain words.
const deadLetter = (dead) => [element('h2', { tabindex: '-1' }, say('dead_title')),
  element('p', {}, say('dead_text', plainly(dead.code), dead.stage, dead.attempts)), dead.message && element('p', { class: 'faint' }, say('said', dead.message))];

export class Result {
  #shown = null;  // {pick or dead, post}

  show(pick, post) { this.#shown = { pick, post }; this.words(); }
  showDead(dead, post) { this.#shown = { dead, post }; this.words(); }
  hide() {
    this.#shown = null;
    byId('result').hidden = true;
    document.body.className = '';
  }
  sentence() {
    const { pick } = this.#shown;
    const first = pick.tracks?.[0];
    return `${say('mood_is', headline(pick))}. ${certainty(pick)} ${first ? `${say('tracks_title')}: ${first.title}` : say('no_tracks')}`;
  }

  words() {
    if (this.#shown === null) return;
    const { pick, dead, post } = this.#shown;
    byId('result').hidden = false;
    document.body.className = pick && !saysNothing(pick) ? moodClass(pick.mood) : '';
    fill(byId('result'), pick ? this.#pick(pick, post) : element('div', { class: 'card notice warn' }, deadLetter(dead)), this.#erase(post));
  }

  #pick(pick, post) {
    return [
      element('div', { class: `card verdict ${saysNothing(pick) ? '' : moodClass(pick.mood)}` },
        element('h2', { tabindex: '-1' }, headline(pick)),
        element('p', {}, certainty(pick)), bar(pick.confidence, moodClass(pick.mood)),
        pick.ambiguous && element('p', { class: 'chips' }, (pick.likely_moods ?? []).map((mood) => element('span', { class: `chip ${moodClass(mood)}` }, say(mood))))),
      element('div', { class: 'columns' },
        element('section', { class: 'card' }, element('h2', {}, say('moods_title')), moodBars(pick.moods)),
        element('section', { class: 'card' }, element('h2', {}, say('plane_title')),
          plane({ label: say('plane_label', (pick.valence ?? 0).toFixed(2), (pick.arousal ?? 0).toFixed(2)), post: pick, postMood: pick.mood }))),
      element('section', { class: 'card' }, element('h2', {}, say('tracks_title')), trackList(pick)),
      element('section', { class: 'card' }, element('h2', {}, say('seen_title')), element('div', { class: 'parts' }, parts(pick, post))),
      element('p', { class: 'faint' }, [say('model', pick.model), say('revision', pick.revision), pick.post_id].join(' · ')),
    ];
  }

  #erase(post) {
    const said = element('p', { role: 'status', class: 'faint' });
    return element('div', {}, element('button', { type: 'button', class: 'link', onclick: async () => {
      try {
        const { body } = await call('DELETE', `/v1/posts/${encodeURIComponent(post.id)}`);
        said.textContent = say('forgotten', Object.entries(body).filter(([, count]) => Number(count) > 0).map(([name, count]) => `${name} ${count}`).join(', '));
      } catch (problem) { said.textContent = problem.away ? say('away_short') : plainly(problem.code); }
    } }, say('forget_post')), said);
  }
}
