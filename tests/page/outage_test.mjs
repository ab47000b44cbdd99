// bgmd goes away while somebody writes, and comes back: the page says so, keeps what was typed, tries again with the same
// post, and it counts once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, mood, post, visit, within } from './browser.mjs';

const stack = process.env.BGM_STACK;
const up = () => execFileSync(new URL('../../ops/sandbox', import.meta.url).pathname, ['up', '--dir', stack], { stdio: 'ignore' });
const pidOf = (name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(readFileSync(`${stack}/pids`, 'utf8'))?.[1]);
const gone = async (pid) => {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    try { if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return; } catch { return; }
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  assert.fail(`${pid} does not end`);
};
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

for (const signal of ['SIGTERM', 'SIGKILL']) {
  test(`bgmd is stopped by ${signal} and comes back`, async () => {
    const page = await visit(browser);
    const bgmd = pidOf('bgmd');
    const gateway = pidOf('gateway');
    process.kill(bgmd, signal);
    await gone(bgmd);
    if (signal === 'SIGTERM' && gateway) await gone(gateway);
    const text = `비 오는 밤, 창가에 앉아 네 생각을 해 (${signal})`;
    await post(page, { text, files: ['rain.jpg'] });
    await page.getByText(/^bgmd cannot be reached\. What you wrote is kept; trying again in \d+ s\.$/).waitFor(within);
    assert.equal(await page.inputValue('#text'), text);
    assert.equal(await page.locator('#files li').count(), 1);
    up();
    await mood(page).waitFor({ timeout: 60_000 });
    await page.locator('#offline').waitFor({ state: 'hidden', ...within });
    assert.match(await page.locator('.part').first().textContent(), /비 오는 밤/);
    const id = /page-[0-9a-f-]+/.exec(await page.locator('#result').textContent())[0];
    const { revision } = JSON.parse(execFileSync(`${process.env.BGMD_BIN_DIR}/bgmctl`, ['picks', id, '--json'], { encoding: 'utf8' }));
    assert.equal(revision, 1);

    // The stream is followed again: the next pick comes by itself.
    await page.route('**/v1/posts/*', () => {});
    await post(page, { text: `again after ${signal}, and I am glad` });
    await mood(page).waitFor(within);
    await page.finish();
  });
}
