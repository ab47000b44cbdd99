// The views in every light: no serious finding of axe-core, a phone's width, the keyboard alone, both languages; the
// catalogue as points and as a list, and the operator's view.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, mood, post, visit, within } from './browser.mjs';

const { source: axe } = createRequire(import.meta.url)('axe-core');
const bgmctl = (...given) => execFileSync(`${process.env.BGMD_BIN_DIR}/bgmctl`, given, { encoding: 'utf8' });
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const VIEWS = {
  first: { options: { withKey: false }, ready: (page) => page.locator('#key').waitFor(within) },
  pick: { ready: async (page) => { await post(page, { text: '오늘 바다 너무 좋았다!', files: ['sunset.jpg', 'humming.ogg'] }); await mood(page).waitFor(within); } },
  unsure: { ready: async (page) => { await post(page, { text: 'hm' }); await mood(page).waitFor(within); } },
  refused: { ready: async (page) => { await page.click('#send'); await page.getByText('Write something').first().waitFor(within); } },
  dead: { ready: async (page) => { await post(page, { files: ['broken.jpg'] }); await page.locator('#result .warn').waitFor(within); } },
  catalogue: { options: { path: '/#catalogue' }, ready: (page) => page.locator('#catalogue-list li').first().waitFor(within) },
  operator: { options: { path: '/#operator' }, ready: async (page) => { await page.locator('#workers td').first().waitFor(within); await page.locator('#dead li').first().waitFor(within); } },
};

const seriousFindings = async (page) => {
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const told = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
  for (const line of told) console.log(line);
  return told.filter((line) => /^(serious|critical)/.test(line));
};

for (const [name, { options, ready }] of Object.entries(VIEWS)) {
  test(`axe-core finds nothing serious, light and dark, and it fits a phone of 360 pixels: ${name}`, async () => {
    // No transition is under way, whose half-way colours axe would read.
    const page = await visit(browser, { ...options, colorScheme: 'light', reducedMotion: 'reduce' });
    await ready(page);
    await page.evaluate(axe);
    assert.deepEqual(await seriousFindings(page), []);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.deepEqual(await seriousFindings(page), []);
    await page.setViewportSize({ width: 360, height: 740 });
    assert.deepEqual(await seriousFindings(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    // What is pressed with a finger is large enough for one (WCAG 2.5.8).
    assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('button, nav a, select, input:not(.hidden)')].filter((node) => node.checkVisibility()
      && Math.min(node.getBoundingClientRect().height, node.getBoundingClientRect().width) < 24).map((node) => node.outerHTML)), []);
    await page.finish();
  });
}

test('axe-core would find something', async () => {
  const page = await visit(browser);
  await page.evaluate(axe);
  await page.evaluate(() => { document.querySelector('#send').textContent = ''; });
  assert.equal((await seriousFindings(page)).length, 1);
  await page.finish();
});

test('the theme has a switch that is remembered', async () => {
  const page = await visit(browser, { colorScheme: 'light' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.click('#theme');
  await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, light);
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.finish();
});

test('the browser chooses Korean or English, and the switch changes every word', async () => {
  const page = await visit(browser, { locale: 'ko-KR' });
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
  await page.getByRole('button', { name: '음악 찾기' }).waitFor(within);
  const words = () => page.evaluate(() => [...document.querySelectorAll('[data-words]')].map((node) => node.textContent));
  const korean = await words();
  await page.getByRole('button', { name: /English/ }).click();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  const english = await words();
  for (const [index, word] of korean.entries()) assert.ok(word !== '' && english[index] !== '' && word !== english[index], word);
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.finish();
});

test('the keyboard is enough', async () => {
  const page = await visit(browser, { withKey: false });
  const press = (...keys) => keys.reduce((before, name) => before.then(() => page.keyboard.press(name)), Promise.resolve());
  const focused = () => page.evaluate(() => {
    const node = document.activeElement;
    return { id: node.id, name: node.getAttribute('aria-label') ?? node.textContent.trim(), ring: getComputedStyle(node).outlineStyle !== 'none' };
  });
  const tabTo = async (wanted) => {
    for (let count = 0; count < 60; count += 1) {
      await press('Tab');
      const now = await focused();
      assert.ok(now.ring || now.id === 'main', `no ring around ${now.id} ${now.name}`);
      if (wanted.test(now.id) || wanted.test(now.name)) return;
    }
    assert.fail(`never came to ${wanted}`);
  };
  await press('Tab');
  assert.equal((await focused()).name, 'Skip to content');
  await press('Enter');
  await tabTo(/^key$/);
  // The link changes the address, and the page looks at that later, when somebody may be typing already.
  await page.evaluate(() => new Promise((seen) => {
    addEventListener('hashchange', seen, { once: true });
    location.hash = '#elsewhere';
  }));
  assert.equal((await focused()).id, 'key');
  await page.keyboard.type(process.env.BGMD_API_KEY);
  await press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'text');
  await page.keyboard.type('What a wonderful day at the sea!');
  await tabTo(/^send$/);
  await press('Enter');
  await mood(page).waitFor(within);
  await tabTo(/^Like /);
  await press('Space');
  await page.getByText(/^You like /).waitFor(within);
  await tabTo(/^forget-key$/);
  await press('Home');
  await page.locator('.brand').focus();
  await tabTo(/^Catalogue$/);
  await press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'catalogue-title');
  await tabTo(/^search$/);
  await page.keyboard.type('moonlight');
  await page.locator('#catalogue-list strong', { hasText: 'Moonlight' }).first().waitFor(within);
  await page.finish();
});

test('the catalogue is searched, filtered and paged, and strangers\' titles are text', async () => {
  const hostile = '<img src=x onerror="window.pwned=1"> Söng';
  const file = `${process.env.BGM_STACK}/hostile.jsonl`;
  writeFileSync(file, `${JSON.stringify({ track_id: 'hostile-1', title: hostile, artist: hostile, genre: 'hostile', language: 'zxx', moods: { joyful: 1 }, valence: 0.5, arousal: 0.5 })}\n`);
  bgmctl('catalogue', 'import', file);
  const page = await visit(browser, { path: '/#catalogue' });
  const count = () => page.locator('#catalogue-count').textContent();
  await page.locator('#catalogue-list li').first().waitFor(within);
  assert.equal(await page.locator('#catalogue-list li').count(), 30);
  await page.click('#catalogue-more');
  assert.equal(await page.locator('#catalogue-list li').count(), 60);
  const all = Number.parseInt(await count(), 10);
  assert.equal(await page.locator('#catalogue-plane .point').count(), all);
  const less = async () => { await page.waitForFunction((before) => Number.parseInt(document.querySelector('#catalogue-count').textContent, 10) < before, all); };
  await page.selectOption('#filter-mood', 'scary');
  await less();
  await page.selectOption('#filter-mood', '');
  await page.waitForFunction((before) => Number.parseInt(document.querySelector('#catalogue-count').textContent, 10) >= before, all);
  await page.selectOption('#filter-place', 'quarter_3');
  await less();
  await page.selectOption('#filter-place', '');
  await page.fill('#search', 'joyful piano');
  await page.locator('#catalogue-list li', { hasText: 'piano in title; joyful' }).first().waitFor(within);
  await page.fill('#search', 'söng');
  await page.locator('#catalogue-count', { hasText: /^1 tracks$/ }).waitFor(within);  // the row itself is among all of them, too
  assert.equal(await page.locator('#catalogue-list strong').textContent(), hostile);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  await page.locator('#catalogue-plane .point').click();
  await page.waitForFunction((given) => document.activeElement.textContent === given, hostile);
  await page.finish();
});

test('a track of the catalogue leads to those like it, and back', async () => {
  const page = await visit(browser, { path: '/#catalogue' });
  const row = page.locator('#catalogue-list li').first();
  await row.waitFor(within);
  const title = await row.locator('strong').textContent();
  const all = await page.locator('#catalogue-count').textContent();
  await row.locator('button').click();
  await page.locator('#catalogue-count', { hasText: `30 tracks that feel like “${title}”` }).waitFor(within);
  assert.equal(await page.locator('#catalogue-list li').count(), 30);
  assert.ok(!(await page.locator('#catalogue-list strong').allTextContents()).includes(title));
  assert.equal(await page.locator('#catalogue-plane .point').count(), 30);
  assert.equal(await page.locator('#drawn-by').isVisible(), false, 'nobody has listened to the starter catalogue');
  await page.click('#catalogue-all');
  await page.locator('#catalogue-count', { hasText: all }).waitFor(within);
  assert.equal(await page.locator('#catalogue-all').isVisible(), false);
  await page.context().close();
});

/// A melody on the steps of a scale, each track a little higher and quicker than the one before.
function writeMelody(file, number) {
  const rate = 22_050;
  const samples = Int16Array.from({ length: 12 * rate }, (_, n) => {
    const seconds = n / rate;
    const beat = seconds * (1.2 + number * 0.15);
    const pitch = 220 * 2 ** ((number + [0, 4, 7, 12, 7, 4][Math.floor(beat) % 6]) / 12);
    return 9000 * Math.exp(-3 * (beat % 1)) * (Math.sin(2 * Math.PI * pitch * seconds) + 0.3 * Math.sin(4 * Math.PI * pitch * seconds));
  });
  const head = Buffer.alloc(44);
  head.write('RIFF', 0); head.writeUInt32LE(36 + samples.byteLength, 4); head.write('WAVEfmt ', 8); head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22); head.writeUInt32LE(rate, 24); head.writeUInt32LE(2 * rate, 28);
  head.writeUInt16LE(2, 32); head.writeUInt16LE(16, 34); head.write('data', 36); head.writeUInt32LE(samples.byteLength, 40);
  writeFileSync(file, Buffer.concat([head, Buffer.from(samples.buffer)]));
}

test('a way leads from one track that was listened to, to another', async () => {
  const names = Array.from({ length: 9 }, (_, number) => `rungnote-${number}`);
  for (const [number, name] of names.entries()) writeMelody(`${process.env.BGMD_MEDIA_ROOT}/${name}.wav`, number);
  const file = `${process.env.BGM_STACK}/melodies.jsonl`;
  writeFileSync(file, names.map((name) => `${JSON.stringify({ track_id: name, title: name, artist: name, uri: `file:${name}.wav`, moods: { calm: 1 } })}\n`).join(''));
  bgmctl('catalogue', 'import', file);
  bgmctl('catalogue', 'analyse', '--missing');
  const page = await visit(browser, { path: '/#catalogue' });
  const way = (name) => page.locator('#catalogue-list li', { has: page.locator('strong', { hasText: new RegExp(`^${name}$`) }) }).getByRole('button', { name: /^Way/ });
  const show = async () => { await page.fill('#search', 'rungnote'); await page.locator('#catalogue-count', { hasText: /^9 tracks/ }).waitFor(within); };
  await show();
  // Until the daemon has read what was heard.
  for (const deadline = Date.now() + 60_000; await page.getByRole('button', { name: /^Way: rungnote/ }).count() < 9;) {
    assert.ok(Date.now() < deadline, 'nobody has listened to them');
    await page.fill('#search', '');
    await page.waitForResponse((answer) => answer.url().includes('/v1/tracks') && answer.ok(), within);
    await show();
  }
  await way('rungnote-0').click();
  await page.locator('#catalogue-count', { hasText: 'A way from “rungnote-0”: choose where it ends' }).waitFor(within);
  await way('rungnote-8').click();
  await page.locator('#catalogue-count', { hasText: 'A way from “rungnote-0” to “rungnote-8”' }).waitFor(within);
  const titles = await page.locator('#catalogue-list strong').allTextContents();
  assert.equal(titles.at(0), 'rungnote-0');
  assert.equal(titles.at(-1), 'rungnote-8');
  assert.ok(titles.length > 2, titles.join());
  assert.equal(await page.locator('#catalogue-plane .point').count(), titles.length);
  await page.finish();
});

test('the post on the page lies among the tracks of the catalogue', async () => {
  const page = await visit(browser);
  await post(page, { text: 'The sea was wonderful today!' });
  await mood(page).waitFor(within);
  await page.getByRole('link', { name: 'Catalogue' }).click();
  await page.locator('#catalogue-plane .post').waitFor({ state: 'attached', ...within });
  assert.ok(await page.locator('#catalogue-plane .point text').count() >= 1);
  await page.selectOption('#filter-place', 'near_post');
  await page.waitForFunction(() => Number.parseInt(document.querySelector('#catalogue-count').textContent, 10) < 421);
  await page.finish();
});

test('an operator retries and drops a dead letter', async () => {
  const page = await visit(browser);
  await post(page, { files: ['broken.jpg'] });
  await page.locator('#result .warn').waitFor(within);
  await page.getByRole('link', { name: 'Operator' }).click();
  for (const worker of ['worker-text-0', 'worker-image-0', 'worker-audio-0', 'worker-video-0']) await page.getByRole('rowheader', { name: worker }).waitFor(within);
  assert.match(await page.locator('#operator-state').textContent(), /^Ready for \d+:\d\d\. Database: up\./);
  const letters = page.locator('#dead li:has(button)');
  await letters.first().waitFor(within);
  const id = await letters.last().locator('strong').textContent();
  await letters.last().getByRole('button', { name: `Retry ${id}` }).click();
  await page.getByText(`${id} goes to analysis again.`).waitFor(within);
  await page.getByRole('button', { name: `Drop ${id}` }).waitFor(within);  // it is as broken as before
  await page.getByRole('button', { name: `Drop ${id}` }).click();
  await page.getByRole('button', { name: `Drop ${id}: Really drop?` }).click();
  await page.getByText(`${id} is dropped.`).waitFor(within);
  await page.getByRole('button', { name: `Drop ${id}` }).waitFor({ state: 'detached', ...within });
  await page.finish();
});

test('without the scope of an operator there is no such view', async () => {
  const { key } = JSON.parse(bgmctl('keys', 'create', '--tenant', 'default', '--scope', 'post', '--scope', 'read', '--json'));
  const page = await visit(browser, { withKey: false, path: '/#operator' });
  await page.fill('#key', key);
  await page.keyboard.press('Enter');
  await page.locator('#key-panel').waitFor({ state: 'hidden', ...within });
  assert.equal(await page.locator('#operator-link').isVisible(), false);
  assert.equal(await page.locator('#view-operator').isVisible(), false);
  await page.finish();
});
