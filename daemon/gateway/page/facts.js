// The facts of a pick as short lines for a person: which are worth telling, and in which unit.
import { element } from './dom.js';
import { clock, has, percent, say } from './words.js';

const share = (value) => `${percent(value)} %`;
const whole = (value) => String(Math.round(value));
const likely = (value) => (value >= 0.5 ? share(value) : '');
const TELLING = {
  faces: whole, smiling: likely, face_sad: likely, face_angry: likely, face_fearful: likely, face_disgusted: likely, face_surprised: likely,
  tempo_bpm: (value) => `${whole(value)} bpm`, loudness_db: (value) => `${value.toFixed(1)} LUFS`, mode: (value) => say(value > 0 ? 'major' : 'minor'),
  music: likely, speech: likely, silent: likely, pitch_hz: (value) => `${whole(value)} Hz`,
  seconds: (value) => clock(value * 1000), duration_s: (value) => clock(value * 1000), motion: share, scene_changes: whole,
  brightness: share, colorfulness: share, warmth: (value) => `${value > 0 ? '+' : ''}${percent(value)} %`, text_letters: whole, not_safe_for_work: likely, felt: share,
};

/// Lines of a <dl>: [name, value].
export function factLines(values = {}) {
  const lines = [];
  if (values.width_px && values.height_px) lines.push([say('fact_size'), `${whole(values.width_px)} × ${whole(values.height_px)}`]);
  for (const [name, tell] of Object.entries(TELLING)) {
    const value = Number(values[name]);
    const told = values[name] === undefined || Number.isNaN(value) ? '' : tell(value);
    if (told !== '') lines.push([say(`fact_${name}`), told]);
  }
  return lines;
}

export const list = (lines) => element('dl', { class: 'facts' }, lines.map(([name, value]) =>
  element('div', {}, element('dt', {}, name), element('dd', {}, value))));

/// "Korean" for "ko"; a code that has no word is said as it is.
export const languageName = (code) => (has(code) ? say(code) : code);
