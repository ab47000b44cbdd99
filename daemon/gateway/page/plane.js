// The plane of valence (left unpleasant, right pleasant) and arousal (below calm, above excited).
import { drawing } from './dom.js';
import { MOODS, moodClass } from './moods.js';
import { say } from './words.js';

const HALF = 100;
const x = (valence) => Math.max(-1, Math.min(1, Number(valence) || 0)) * HALF;
const y = (arousal) => -Math.max(-1, Math.min(1, Number(arousal) || 0)) * HALF;

const axisWord = (name, at, anchor) =>
  drawing('text', { x: at[0], y: at[1], 'text-anchor': anchor, class: 'axis' }, say(name));

// Neighbouring moods crowd one corner: each has its word where it does not lie on another's.
const WORD_AT = { scary: [-3, 9, 'end'], indignant: [-3, -4, 'end'], anxious: [5, -2, 'start'], annoying: [5, 8, 'start'],
  triumphant: [-5, 3, 'end'], energizing: [-5, -2, 'end'], joyful: [3, -6, 'middle'], amusing: [6, 3, 'start'], erotic: [-5, 6, 'end'] };

/// An SVG: the moods' places (`moodWords`), the axes' names (`axes`), `points` ({valence, arousal, mood, label, title, onclick}) and the post, where there is one.
export function plane({ label, points = [], post = null, postMood = '', moodWords = true, axes = true }) {
  const picture = drawing('svg', { viewBox: '-122 -122 244 244', class: 'plane', role: 'img', 'aria-label': label },
    drawing('rect', { x: -HALF, y: -HALF, width: 2 * HALF, height: 2 * HALF, rx: 10, class: 'ground' }),
    drawing('path', { d: `M-${HALF} 0H${HALF}M0-${HALF}V${HALF}`, class: 'axes' }));
  if (axes) picture.append(axisWord('excited', [0, -108], 'middle'), axisWord('calm_axis', [0, 116], 'middle'));
  for (const [name, at] of axes ? [['unpleasant', -HALF], ['pleasant', HALF]] : []) {
    picture.append(drawing('text', { transform: `translate(${at + Math.sign(at) * 9} 0) rotate(-90)`, 'text-anchor': 'middle', 'dominant-baseline': 'middle', class: 'axis' }, say(name)));
  }
  if (moodWords) {
    for (const [mood, [valence, arousal]] of Object.entries(MOODS)) {
      const [dx, dy, anchor] = WORD_AT[mood] ?? [0, 11, 'middle'];
      picture.append(drawing('circle', { cx: x(valence), cy: y(arousal), r: 2.4, class: `home ${moodClass(mood)}` }),
        drawing('text', { x: x(valence) + dx, y: y(arousal) + dy, 'text-anchor': anchor, class: 'mood-word' }, say(mood)));
    }
  }
  for (const { valence, arousal, mood, label: mark, title, onclick } of points) {
    picture.append(drawing('g', { class: `point ${moodClass(mood)}`, transform: `translate(${x(valence)} ${y(arousal)})`, onclick },
      drawing('circle', { r: mark ? 6 : 3 }), title ? drawing('title', {}, title) : null,
      mark ? drawing('text', { 'text-anchor': 'middle', y: 2.8 }, mark) : null));
  }
  if (post !== null) {
    picture.append(drawing('g', { class: `post ${moodClass(postMood)}`, transform: `translate(${x(post.valence)} ${y(post.arousal)})` },
      drawing('circle', { r: 11, class: 'halo' }), drawing('circle', { r: 5.5 }), drawing('title', {}, say('this_post'))));
  }
  return picture;
}
