// A real Chromium on the page, and what every visit is watched for: requests to other hosts, violations of the page's own
// policy, errors of its scripts, markup made of a string.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const base = process.env.BGMD_GATEWAY;
export const key = process.env.BGMD_API_KEY;
export const media = (name) => `${process.env.BGM_MEDIA}/${name}`;
export const within = { timeout: 30_000 };

export const launch = () => chromium.launch({
  executablePath: process.env.BGM_CHROMIUM,
  args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []), '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
});

/// Opens the page in a context of its own. `close()` checks what it was watched for.
export async function visit(browser, { path = '/', withKey = true, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en-US', ...options });
  const strangers = [];
  const errors = [];
  context.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== base) strangers.push(request.url());
    if (request.url().includes(key)) strangers.push('the key in an address');
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  await page.exposeFunction('reportViolation', (text) => errors.push(text));
  await page.addInitScript((given) => {
    if (given && !sessionStorage.getItem('visited')) sessionStorage.setItem('bgmd.key', given);
    sessionStorage.setItem('visited', 'yes');
    document.addEventListener('securitypolicyviolation', (event) => window.reportViolation(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  }, withKey ? key : '');
  await page.goto(base + path);
  if (withKey) await page.locator('#forget-key').waitFor({ state: 'visible', ...within });
  page.finish = async () => {
    assert.deepEqual(strangers, [], 'requests to other hosts');
    assert.deepEqual(errors, [], 'errors and violations of the policy');
    await context.close();
  };
  return page;
}

/// Hands in a post as a person does, and waits for its mood.
export async function post(page, { text = '', files = [] }) {
  await page.fill('#text', text);
  await page.setInputFiles('#file', files.map((file) => (typeof file === 'string' ? media(file) : file)));
  await page.click('#send');
}
export const mood = (page) => page.locator('.verdict h2');
