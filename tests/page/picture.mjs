// Makes the README's picture of the page: tests/page/run tests/page/picture.mjs docs/page.png
import { statSync } from 'node:fs';
import { launch, mood, post, visit, within } from './browser.mjs';

const [, , file] = process.argv;
const browser = await launch();
const page = await visit(browser, { viewport: { width: 1060, height: 900 }, deviceScaleFactor: 0.5, reducedMotion: 'reduce' });
await post(page, { text: '오늘 바다 너무 좋았다!', files: ['sunset.jpg'] });
await mood(page).waitFor(within);
await page.screenshot({ path: file, fullPage: true });
await page.finish();
await browser.close();
console.log(`${file}: ${statSync(file).size} bytes`);
