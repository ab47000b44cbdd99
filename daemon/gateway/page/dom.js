// Elements from data. Text becomes text nodes and nothing else: no string of a stranger is ever read as markup.

const SVG = 'http://www.w3.org/2000/svg';

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/// An HTML element. Attributes: `onclick: function` listens, false and null are left out. Children: nodes and strings.
export const element = (name, attributes = {}, ...children) =>
  filled(document.createElement(name), attributes, children);

/// The same for SVG.
export const drawing = (name, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, name), attributes, children);

export const byId = (id) => document.getElementById(id);

/// What is in `node` is replaced.
export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter(Boolean));
  return node;
}

/// A bar of `share` (0..1) in the colour of `kind` ("mood-joyful"). For eyes: the number beside it is for readers.
export function bar(share, kind = '') {
  const inner = element('span', { class: kind });
  inner.style.inlineSize = `${Math.min(100, Math.max(0, share * 100)).toFixed(1)}%`;
  return element('span', { class: 'track-bar', 'aria-hidden': 'true' }, inner);
}
