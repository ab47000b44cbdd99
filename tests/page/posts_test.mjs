// Posts as a person makes them: a photo with a Korean sentence, a film, a broken file, the camera, the microphone; shown as
// soon as their event comes, to the browser that sent them; and whatever strangers wrote stays text.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { base, key, launch, media, mood, post, visit, within } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const MOODS = ['amusing', 'annoying', 'anxious', 'beautiful', 'calm', 'dreamy', 'energizing', 'erotic', 'indignant', 'joyful', 'sad', 'scary', 'triumphant'];

test('a photo and a Korean sentence become a mood and music', async () => {
  const page = await visit(browser);
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  console.log(`first paint after ${Math.round(paint)} ms`);
  await post(page, { text: '오늘 바다 너무 좋았다!', files: ['sunset.jpg'] });
  await mood(page).waitFor(within);
  const steps = page.locator('#steps li.done');
  assert.equal(await steps.count(), 4);
  assert.match((await steps.allTextContents()).join(' '), /Sent.*Safe on disk.*Being analysed.*Music found/);
  assert.ok(['beautiful', 'joyful', 'calm'].includes(await mood(page).textContent()));
  assert.match(await page.locator('.verdict p').first().textContent(), /^(Decided, with \d+ % confidence\.|Not sure \(confidence \d+ %\))/);
  const bars = await page.locator('.bars:not(.small) .name').allTextContents();
  assert.deepEqual(bars.sort(), MOODS);
  assert.match(await page.locator('.plane').getAttribute('aria-label'), /valence -?\d\.\d\d, arousal -?\d\.\d\d/);
  assert.equal(await page.locator('.plane .post').count(), 1);
  const parts = await page.locator('.part').allTextContents();
  assert.match(parts[0], /^Text.*오늘 바다 너무 좋았다!.*Korean.*\d+ % of the decision/);
  assert.match(parts[1], /^Photosunset\.jpg.*1280 × 853.*\d+ % of the decision/);
  assert.equal(await page.locator('.part img').evaluate((image) => image.naturalWidth), 1280);
  const tracks = page.locator('#result .track');
  assert.equal(await tracks.count(), 5);
  assert.match(await tracks.first().textContent(), /like the post \(mood match/);
  await page.locator('#status', { hasText: /^Mood: / }).waitFor({ state: 'attached', ...within });

  await tracks.first().getByRole('button', { name: /^Like / }).click();
  await page.getByText(/^You like /).waitFor(within);
  assert.equal(await tracks.first().getByRole('button', { name: /^Like / }).getAttribute('aria-pressed'), 'true');
  await tracks.nth(1).getByRole('button', { name: /^Skip / }).click();
  await page.getByText(/^Skipped /).waitFor(within);

  await page.click('#language');
  assert.match(await page.locator('#result .track').first().textContent(), /분위기 일치 \d+ %/);
  await page.locator('#result > div > .link').click();
  await page.getByText(/^지웠습니다: /).waitFor(within);
  await page.finish();
});

test('a black photo has no mood', async () => {
  const page = await visit(browser);
  const png = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 64;
    canvas.getContext('2d').fillRect(0, 0, 64, 64);
    return canvas.toDataURL('image/png').split(',')[1];
  });
  await post(page, { files: [{ name: 'black.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') }] });
  await mood(page).waitFor(within);
  assert.equal(await mood(page).textContent(), 'nothing to feel');
  await page.locator('#status', { hasText: /^Mood: nothing to feel\. There is hardly anything to feel/ }).waitFor({ state: 'attached', ...within });
  await page.finish();
});

test('a film is seen and heard', async () => {
  const page = await visit(browser);
  await post(page, { files: ['fireworks.mp4'] });
  await mood(page).waitFor(within);
  const parts = (await page.locator('.part').allTextContents()).join('\n');
  assert.match(parts, /Filmfireworks\.mp4.*640 × 360.*Length0:06/);
  assert.match(parts, /Soundfireworks\.mp4.*Tempo\d+ bpm.*Loudness-\d+\.\d LUFS/);
  await page.finish();
});

test('a broken file is told in plain words', async () => {
  const page = await visit(browser);
  await post(page, { files: ['broken.jpg'] });
  await page.getByRole('heading', { name: 'This post could not be analysed' }).waitFor(within);
  assert.match(await page.locator('#result').textContent(), /This kind is not understood\..*attempts: 1.*a zip archive, not an image/s);
  await page.finish();
});

test('a broken file beside a good sentence is only left out', async () => {
  const page = await visit(browser);
  await post(page, { text: 'What a lovely evening', files: ['broken.jpg'] });
  await mood(page).waitFor(within);
  assert.match((await page.locator('.part').allTextContents()).join('\n'), /broken\.jpg.*Could not be used: This kind is not understood/s);
  await page.finish();
});

test('a sample sentence is one press', async () => {
  const page = await visit(browser);
  await page.locator('.sample').nth(2).click();
  await mood(page).waitFor(within);
  await page.finish();
});

test('the pick is shown when its event comes, without asking', async () => {
  const page = await visit(browser);
  await page.locator('#view-try[data-stream="open"]').waitFor(within);
  // Nobody answers when the page asks for the post: only the stream can say it. Its time is taken in the page itself.
  await page.route('**/v1/posts/*', () => {});
  await page.evaluate(() => {
    const decode = TextDecoder.prototype.decode;
    TextDecoder.prototype.decode = function timed(...given) {
      const text = decode.apply(this, given);
      if (text.includes('event: pick')) window.eventAt = performance.now();
      return text;
    };
    new MutationObserver(() => { if (document.querySelector('.verdict')) window.shownAt ??= performance.now(); }).observe(document.body, { childList: true, subtree: true });
  });
  await post(page, { text: 'I am so happy today!' });
  await mood(page).waitFor(within);
  const { eventAt, shownAt } = await page.evaluate(() => ({ eventAt: window.eventAt, shownAt: window.shownAt }));
  assert.ok(eventAt !== undefined && shownAt >= eventAt);
  console.log(`shown ${(shownAt - eventAt).toFixed(1)} ms after its event`);
  await page.finish();
});

test('what its event said stays said when the answer to the post comes later', async () => {
  const page = await visit(browser);
  await page.locator('#view-try[data-stream="open"]').waitFor({ state: 'attached', ...within });
  await page.route('**/v1/posts', async (route) => {
    const response = await route.fetch();
    await mood(page).waitFor(within);
    await route.fulfill({ response });
  });
  const answered = page.waitForEvent('requestfinished', { predicate: (request) => request.method() === 'POST' && request.url().endsWith('/v1/posts'), ...within });
  await post(page, { text: 'What a wonderful day by the sea!' });
  await answered;
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); }));
  assert.match(await page.locator('#status').textContent(), /^Mood: /);
  await page.finish();
});

test('without the stream the gateway waits with its answer', async () => {
  const page = await visit(browser, { withKey: false });
  await page.route('**/v1/events', () => {});
  await page.fill('#key', key);
  await page.keyboard.press('Enter');
  await page.locator('#forget-key').waitFor(within);
  const [request] = await Promise.all([page.waitForRequest((sent) => sent.method() === 'POST'), post(page, { text: 'Such a calm morning by the lake' })]);
  assert.match(request.headers().prefer, /^wait=\d+$/);
  await mood(page).waitFor(within);
  await page.finish();
});

test('on a phone the answer comes into sight', async () => {
  const page = await visit(browser, { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true });
  await post(page, { text: '오늘 바다 너무 좋았다!' });
  await mood(page).waitFor(within);
  await page.waitForFunction(() => { const { top, bottom } = document.querySelector('.verdict h2').getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; });
  await page.finish();
});

test('two browsers at once each see their own post', async () => {
  const other = await launch();
  try {
    const pages = await Promise.all([visit(browser), visit(other)]);
    const texts = ['We won the final in the last minute!!!', 'My grandmother died last night'];
    await Promise.all(pages.map((page, index) => post(page, { text: texts[index] })));
    await Promise.all(pages.map((page) => mood(page).waitFor(within)));
    for (const [index, page] of pages.entries()) assert.equal(await page.locator('.part blockquote').textContent(), texts[index]);
    assert.notEqual(await mood(pages[0]).textContent(), await mood(pages[1]).textContent());
    await Promise.all(pages.map((page) => page.finish()));
  } finally { await other.close(); }
});

test('the camera takes a photo, the microphone a clip', async () => {
  const page = await visit(browser, { permissions: ['camera', 'microphone'] });
  await page.click('#use-camera');
  await page.waitForFunction(() => document.querySelector('#camera-view').videoWidth > 0);
  await page.click('#camera-shoot');
  await page.getByText('camera.jpg').waitFor(within);
  await page.click('#record');
  await page.getByText(/Stop \([1-9] s\)/).waitFor(within);
  await page.click('#record');
  await page.getByText('voice.webm').waitFor(within);
  await page.click('#send');
  await mood(page).waitFor(within);
  const parts = (await page.locator('.part').allTextContents()).join('\n');
  assert.match(parts, /Photocamera\.jpg.*Size\d+ × \d+/s);
  assert.match(parts, /Soundvoice\.webm/);
  await page.finish();
});

test('a file that was dropped is attached, one that is no media is refused by its name', async () => {
  const page = await visit(browser);
  await page.evaluate((bytes) => {
    const given = new DataTransfer();
    given.items.add(new File([Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0))], 'dropped.jpg', { type: 'image/jpeg' }));
    given.items.add(new File(['x'], 'notes.txt', { type: 'text/plain' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }));
  }, readFileSync(media('rain.jpg')).toString('base64'));
  await page.getByText('dropped.jpg').waitFor(within);
  assert.match(await page.locator('#files-error').textContent(), /“notes\.txt” is no photo, film or sound/);
  await page.getByRole('button', { name: 'Remove dropped.jpg' }).click();
  assert.equal(await page.locator('#files li').count(), 0);
  await page.finish();
});

test('what bgmd refuses is said at its field, and what was typed stays', async () => {
  const page = await visit(browser);
  const text = 'a'.repeat(66_000);
  await post(page, { text });
  await page.waitForFunction(() => document.querySelector('#text-error').textContent !== '');
  assert.match(await page.locator('#text-error').textContent(), /^In text: It is too large\. bgmd says: /);
  assert.equal(await page.locator('#text').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.inputValue('#text'), text);
  await post(page, { files: [{ name: 'empty.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) }] });
  await page.waitForFunction(() => document.querySelector('#files-error').textContent !== '');
  assert.match(await page.locator('#files-error').textContent(), /^In empty\.jpg: /);
  await page.getByRole('button', { name: 'Remove empty.jpg' }).click();
  await page.evaluate(() => {
    const given = new DataTransfer();
    given.items.add(new File([new Uint8Array(80 << 20)], 'long.mp4', { type: 'video/mp4' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }));
  });
  await page.click('#send');
  await page.waitForFunction(() => /too large/.test(document.querySelector('#files-error').textContent + document.querySelector('#text-error').textContent));
  await page.finish();
});

test('a wrong key is refused, and a right one stays in this tab only', async () => {
  const page = await visit(browser, { withKey: false });
  for (const wrong of ['bgm_wrong', '열쇠']) {
    await page.fill('#key', wrong);
    await page.keyboard.press('Enter');
    await page.getByText('This key is not known, or has expired or been revoked.').waitFor(within);
    await page.locator('#key-error').evaluate((node) => { node.textContent = ''; });
  }
  await page.fill('#key', key);
  await page.keyboard.press('Enter');
  await page.locator('#key-panel').waitFor({ state: 'hidden', ...within });
  assert.deepEqual(await page.evaluate((given) => [JSON.stringify({ ...localStorage }).includes(given), document.cookie, location.href.includes(given), document.documentElement.outerHTML.includes(given)], key), [false, '', false, false]);
  const [second] = [await page.context().newPage()];
  await second.goto(base);
  await second.locator('#key-panel').waitFor({ state: 'visible', ...within });
  await page.click('#forget-key');
  await page.locator('#key-panel').waitFor({ state: 'visible', ...within });
  assert.equal(await page.evaluate(() => sessionStorage.getItem('bgmd.key')), null);
  await page.finish();
});

test('nothing that strangers wrote is markup', async () => {
  const hostile = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><b>bold</b>&lt;';
  const page = await visit(browser);
  const markup = () => page.evaluate(() => [window.pwned, document.querySelectorAll('main script, main b, main img[src="x"]').length]);
  await post(page, { text: hostile, files: [{ name: `${hostile.replaceAll('/', '')}.jpg`, mimeType: 'image/jpeg', buffer: readFileSync(media('rain.jpg')) }] });
  await mood(page).waitFor(within);
  assert.equal(await page.locator('.part blockquote').textContent(), hostile);
  assert.deepEqual(await markup(), [undefined, 0]);

  // Every string of a pick, a dead letter and a problem, as an upright gateway would never write it.
  const spoil = (value) => (typeof value === 'string' ? hostile : Array.isArray(value) ? value.map(spoil)
    : value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spoil(inner)])) : value);
  const pick = { ...spoil({ mood: '', model: '', language: '', user_id: '', tracks: [{ track_id: '', title: '', artist: '', uri: '', reason: { text: '', moods: [''] } }], likely_moods: ['', ''], captions: [{ asset_id: 'a0', text: '' }],
    facts: [{ asset_id: '', modality: 'text', summary: '', text: '', values: {} }, { asset_id: 'x', modality: 'image', summary: '', text: '', values: {} }], degraded: [{ modality: '', asset_id: '', code: '', message: '' }],
    evidence: [{ modality: '', asset_id: '', model: '', moods: {}, precision: 0.5 }] }),
  confidence: 0.4, ambiguous: true, valence: 0, arousal: 0, moods: { [hostile]: 1 }, modalities: { [hostile]: 1, text: 1 }, revision: 1 };
  pick.facts[1].modality = 'image';
  Object.assign(pick.evidence[0], { modality: 'text', asset_id: '', moods: { [hostile]: 0.5, joyful: 0.5 } });
  let answer;
  await page.route('**/v1/posts', (route) => route.fulfill(answer(JSON.parse(/\{"post_id".*\}/.exec(route.request().postData())[0]).post_id)));
  await page.route('**/v1/events', (route) => route.abort());
  const json = (status, body, type = 'application/json') => ({ status, contentType: type, body: JSON.stringify(body) });
  answer = (id) => json(200, { state: 'delivered', revision: 1, pick: { ...pick, post_id: id } });
  await post(page, { text: 'one' });
  await page.waitForFunction((given) => document.querySelector('.verdict h2')?.textContent === given, hostile);
  assert.ok((await page.locator('.part details summary').textContent()).includes(hostile));
  assert.equal(await page.locator('.part details .bars li').count(), 13);
  await page.click('#language');
  assert.deepEqual(await markup(), [undefined, 0]);
  answer = (id) => json(200, { state: 'dead', revision: 1, dead: { post_id: id, stage: hostile, code: hostile, message: hostile, attempts: 1 } });
  await post(page, { text: 'two' });
  await page.locator('#result .warn').waitFor(within);
  assert.deepEqual(await markup(), [undefined, 0]);
  answer = () => json(422, { title: hostile, detail: hostile, code: hostile, field: hostile }, 'application/problem+json');
  await post(page, { text: 'three' });
  await page.waitForFunction((given) => document.querySelector('#text-error').textContent.includes(given), hostile);
  assert.deepEqual(await markup(), [undefined, 0]);
  await page.finish();
});

test('a track is played from its start_ms where the policy allows its host', async () => {
  const page = await visit(browser);
  const seconds = 6;
  const wav = Buffer.alloc(44 + seconds * 8000, 128);
  wav.write('RIFF', 0); wav.writeUInt32LE(wav.length - 8, 4); wav.write('WAVEfmt ', 8); wav.writeUInt32LE(16, 16); wav.writeUInt16LE(1, 20); wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24); wav.writeUInt32LE(8000, 28); wav.writeUInt16LE(1, 32); wav.writeUInt16LE(8, 34); wav.write('data', 36); wav.writeUInt32LE(seconds * 8000, 40);
  await page.route('**/clip.wav', (route) => {
    const from = Number(/bytes=(\d+)-/.exec(route.request().headers().range ?? '')?.[1] ?? 0);
    return route.fulfill({ status: 206, contentType: 'audio/wav', headers: { 'Accept-Ranges': 'bytes', 'Content-Range': `bytes ${from}-${wav.length - 1}/${wav.length}` }, body: wav.subarray(from) });
  });
  const tracks = [{ position: 1, track_id: 't-1', title: 'Here', uri: `${base}/clip.wav`, start_ms: 4000, score: 1 }, { position: 2, track_id: 't-2', title: 'Elsewhere', uri: 'https://elsewhere.example/a.mp3', score: 1 }];
  await page.route('**/v1/posts', (route) => route.fulfill({ json: { state: 'delivered', revision: 1,
    pick: { post_id: /page-[0-9a-f-]+/.exec(route.request().postData())[0], mood: 'calm', confidence: 1, valence: 0, arousal: 0, moods: { calm: 1 }, tracks } } }));
  await post(page, { text: 'play it' });
  assert.equal(await page.getByRole('button', { name: 'Play Elsewhere' }).count(), 0);
  const [feedback] = await Promise.all([page.waitForRequest('**/v1/feedback'), page.getByRole('button', { name: 'Play Here' }).click()]);
  assert.deepEqual([feedback.postDataJSON().action, feedback.postDataJSON().track_id], ['PLAYED', 't-1']);
  await page.getByRole('button', { name: 'Pause Here' }).waitFor(within);
  await page.waitForFunction(() => document.querySelector('.player').currentTime >= 4);
  await page.getByRole('button', { name: 'Pause Here' }).click();
  await page.getByRole('button', { name: 'Play Here' }).waitFor(within);
  await page.finish();
});

test('the policy lets no string become markup, and nothing in from elsewhere', async () => {
  const page = await (await browser.newContext()).newPage();
  const response = await page.goto(base);
  for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "form-action 'none'", "require-trusted-types-for 'script'"]) {
    assert.ok(response.headers()['content-security-policy'].split('; ').includes(part), part);
  }
  assert.equal(await page.evaluate(() => { try { document.body.innerHTML = '<b>x</b>'; return 'made'; } catch (error) { return error.name; } }), 'TypeError');
  assert.equal(await page.evaluate(() => fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.name)), 'TypeError');
  await page.context().close();
});
