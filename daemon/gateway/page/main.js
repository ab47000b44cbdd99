// The page's frame: views, language, theme, the key, and the stream of events for whoever waits for one.
import { call, currentKey, followEvents, useKey } from './api.js';
import { byId } from './dom.js';
import { currentLanguage, plainly, say, switchLanguage, translate } from './words.js';
import { Composer } from './compose.js';
import { Catalogue } from './catalogue.js';
import { Operator } from './operator.js';

const VIEWS = ['try', 'catalogue', 'operator'];
const THEME = 'bgmd.theme';
let scopes = [];
let keyOf = '';

const composer = new Composer(askForKey);
const views = { try: composer, catalogue: new Catalogue(() => composer.pick), operator: new Operator() };
let shown = '';

function show() {
  const wanted = VIEWS.find((view) => location.hash === `#${view}`) ?? 'try';
  const view = wanted === 'operator' && !scopes.includes('admin') ? 'try' : wanted;
  for (const name of VIEWS) byId(`view-${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = view === 'try' ? `bgmd · ${say('headline')}` : `bgmd · ${say(`view_${view}`)}`;
  // What the page is for stands above what it asks for. Moving the panel takes the focus from who types there.
  const lead = byId(`view-${view}`).querySelector('.lead');
  if (lead.nextElementSibling !== byId('key-panel')) lead.after(byId('key-panel'));
  const before = shown;
  shown = view;
  if (before !== view) views[before]?.leave?.();
  if (currentKey() !== '') views[view].enter?.(before !== view);
  if (before !== '' && before !== view) byId(`${view}-title`).focus();
}

function words() {
  translate(document);
  byId('language').textContent = say('other_language');
  byId('language').setAttribute('aria-label', `${say('other_language')}: ${say('other_language_label')}`);
  byId('language').lang = currentLanguage() === 'ko' ? 'en' : 'ko';
  byId('theme').setAttribute('aria-label', say('theme'));
  byId('theme').textContent = '◐';
  if (keyOf !== '') byId('forget-key').title = say('key_scopes', keyOf, scopes.join(', '));
  for (const view of Object.values(views)) view.words?.();
}

function theme(wanted) {
  if (wanted) document.documentElement.dataset.theme = wanted;
}

/// Shows the panel of the key, with what is wrong with the one that is there.
function askForKey(problem) {
  byId('key-panel').hidden = false;
  byId('key-error').textContent = problem ? plainly(problem.code || 'unauthenticated') : '';
  if (problem) {
    byId('key').setAttribute('aria-invalid', 'true');
    byId('key').focus();
  }
}

async function openWith(key) {
  useKey(key);
  try {
    const { body } = await call('GET', '/v1/key');
    scopes = Array.isArray(body.scopes) ? body.scopes : [];
    keyOf = String(body.tenant ?? '');
  } catch (problem) {
    if (problem.away) {
      composer.away(problem, () => openWith(key));
      return;
    }
    useKey('');
    askForKey(problem);
    return;
  }
  composer.backAgain();
  byId('key').removeAttribute('aria-invalid');
  const asked = !byId('key-panel').hidden;
  byId('key-panel').hidden = true;
  byId('forget-key').hidden = false;
  byId('operator-link').hidden = !scopes.includes('admin');
  words();
  show();
  if (asked) byId('text').focus();
  if (scopes.includes('read')) followEvents((event) => composer.event(event), (open) => composer.stream(open));
}

byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const key = byId('key').value.trim();
  byId('key').value = '';
  // What no header can carry is no key, and is not sent.
  if (/^[\x21-\x7e]+$/.test(key)) openWith(key);
  else askForKey({ code: 'unauthenticated' });
});
byId('forget-key').addEventListener('click', () => {
  useKey('');
  location.hash = '';
  location.reload();
});
byId('language').addEventListener('click', () => {
  switchLanguage();
  words();
  show();
});
byId('theme').addEventListener('click', () => {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const now = document.documentElement.dataset.theme ?? (dark ? 'dark' : 'light');
  theme(now === 'dark' ? 'light' : 'dark');
  localStorage.setItem(THEME, document.documentElement.dataset.theme);
});
addEventListener('hashchange', show);

theme(localStorage.getItem(THEME));
words();
show();
if (currentKey() === '') askForKey();
else openWith(currentKey());
