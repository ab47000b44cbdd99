// The tracks of a pick with their reasons; each can be played where its URI allows it, liked and skipped.
import { call, mayPlay } from './api.js';
import { bar, drawing, element, fill } from './dom.js';
import { moodClass } from './moods.js';
import { userOfThisTab } from './compose.js';
import { clock, currentLanguage, percent, plainly, say } from './words.js';

const icon = (path) => drawing('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, drawing('path', { d: path }));
const PLAY = 'M7 4v16l13-8z';
const PAUSE = 'M6 4h4v16H6zM14 4h4v16h-4z';
const HEART = 'M12 21C5 15 2 12 2 8a5 5 0 0 1 10-1 5 5 0 0 1 10 1c0 4-3 7-10 13z';
const NEXT = 'M4 5v14l11-7zM17 5h3v14h-3z';
// One for all tracks, in the row of the one that plays.
const player = element('audio', { preload: 'none', controls: true, class: 'player' });
let playing = null;

/// bgmd's reason is English; in Korean it is told from its numbers.
function reasonOf({ reason = {} }) {
  if (currentLanguage() === 'en') return reason.text ?? '';
  const moods = (reason.moods ?? []).map((mood) => say(mood)).join(', ');
  if (moods === '') return reason.text ?? '';
  const others = ['sound', 'words', 'taste'].filter((term) => reason[`${term}_match`] > 0)
    .map((term) => say(`reason_${term}`, percent(reason[`${term}_match`])));
  return [say('reason', moods, percent(reason.mood_match), percent(reason.affect_match)), ...others].join(' ');
}

function track(pick, item) {
  const said = element('p', { class: 'faint', role: 'status' });
  const row = element('li', { class: `track ${moodClass(item.reason?.moods?.[0])}` });
  const feedback = async (action, told) => {
    const about = { user_id: userOfThisTab(), post_id: pick.post_id, track_id: item.track_id, action, happened_at: new Date().toISOString() };
    try {
      await call('POST', '/v1/feedback', { body: JSON.stringify(about), headers: { 'Content-Type': 'application/json' } });
      if (told) said.textContent = say(told, item.title);
      return true;
    } catch (problem) {
      said.textContent = say('feedback_failed', problem.away ? say('away_short') : `${plainly(problem.code)} ${problem.message}`);
      return false;
    }
  };
  const like = element('button', { type: 'button', class: 'tool', 'aria-pressed': 'false', 'aria-label': say('like', item.title), onclick: async () => {
    if (await feedback('LIKED', 'liked')) like.setAttribute('aria-pressed', 'true');
  } }, icon(HEART));
  const skip = element('button', { type: 'button', class: 'tool', 'aria-label': say('skip', item.title), onclick: async () => {
    if (playing === play) player.pause();
    if (await feedback('SKIPPED', 'skipped')) row.classList.add('skipped');
  } }, icon(NEXT));
  const play = element('button', { type: 'button', class: 'tool play', 'aria-label': say('play', item.title), hidden: true, onclick: async () => {
    if (playing === play && !player.paused) { player.pause(); return; }
    if (playing !== play) {
      player.src = item.uri;
      player.setAttribute('aria-label', item.title);
      said.before(player);
      player.onloadedmetadata = () => { player.currentTime = (item.start_ms ?? 0) / 1000; };
      player.onplay = () => { fill(play, icon(PAUSE)); play.setAttribute('aria-label', say('pause', item.title)); };
      player.onpause = () => { fill(play, icon(PLAY)); play.setAttribute('aria-label', say('play', item.title)); };
      playing = play;
      feedback('PLAYED');
    }
    try { await player.play(); } catch { if (playing === play) said.textContent = say('cannot_play'); }
  } }, icon(PLAY));
  if (item.uri) mayPlay(item.uri).then((may) => { play.hidden = !may; });
  const about = [item.artist, item.start_ms > 0 && say('starts_at', clock(item.start_ms)), !item.uri && say('no_uri')].filter(Boolean).join(' · ');
  row.append(element('span', { class: 'position', 'aria-hidden': 'true' }, String(item.position)),
    element('div', {}, element('strong', {}, item.title), element('p', { class: 'faint' }, about), element('p', {}, reasonOf(item)),
      element('div', { class: 'score' }, bar(item.score, moodClass(item.reason?.moods?.[0])), element('span', { class: 'faint' }, say('score', Number(item.score ?? 0).toFixed(2)))), said),
    element('div', { class: 'row actions' }, play, like, skip));
  return row;
}

export function trackList(pick) {
  player.pause();
  player.remove();
  playing = null;
  if (!(pick.tracks?.length > 0)) return element('p', {}, say('no_tracks'));
  return element('ol', { class: 'tracks' }, pick.tracks.map((item) => track(pick, item)));
}
