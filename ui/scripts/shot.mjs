// Takes one picture of a page of the built fake (`npm run build:fake`): node scripts/shot.mjs OUT "?fake&lang=nl" [WIDTHxHEIGHT] [scale] [steps…]
// A step is `key:Shift+X`, `click:CSS`, `wait:MS`, `down:Space` or `up:Space`.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const root = fileURLToPath(new URL('../dist-fake', import.meta.url));

/** Serves the built page on a port of this machine. */
export function serve() {
  const server = createServer((request, answer) => {
    const path = join(root, new URL(request.url, 'http://x').pathname.replace(/\/$/, '/index.html'));
    if (!path.startsWith(root) || !existsSync(path)) return answer.writeHead(404).end();
    answer.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
    createReadStream(path).pipe(answer);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

export async function run(page, steps) {
  for (const step of steps) {
    const at = step.indexOf(':');
    const kind = step.slice(0, at), rest = step.slice(at + 1);
    if (kind === 'key') await page.keyboard.press(rest);
    else if (kind === 'down') await page.keyboard.down(rest);
    else if (kind === 'up') await page.keyboard.up(rest);
    else if (kind === 'click') await page.click(rest);
    else if (kind === 'type') await page.keyboard.type(rest);
    else if (kind === 'wait') await page.waitForTimeout(Number(rest));
    else throw new Error(`unknown step ${step}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [out, query, size = '1600x1000', scale = '1', ...steps] = process.argv.slice(2);
  const [width, height] = size.split('x').map(Number);
  const server = await serve();
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--force-color-profile=srgb'] });
  try {
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: Number(scale) });
    page.on('pageerror', (error) => console.error('page error:', error.message));
    page.on('console', (line) => ['error', 'warning'].includes(line.type()) && !line.location().url.endsWith('favicon.ico') && console.error(line.type(), line.text()));
    await page.goto(`http://127.0.0.1:${server.address().port}/${query}`);
    await page.waitForTimeout(700);
    await run(page, steps);
    await page.screenshot({ path: out });
  } finally {
    await browser.close();
    server.close();
  }
}
