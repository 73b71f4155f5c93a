// Runs axe in a browser over every view of the built fake (`npm run build:fake`), in both languages and themes, contrast included.
// Fails when anything is found. `node scripts/axe.mjs grid loupe` looks at these views alone. More views can be added to the list by their steps (see shot.mjs).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { run, serve } from './shot.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIEWS = [
  ['grid', '', []],
  ['decided', '', ['key:6', 'key:6', 'wait:500', 'key:Shift+ArrowDown']],
  ['clear', '', ['down:Space', 'wait:300']],
  ['filters', '', ['click:.facet input', 'wait:600', 'key:/']],
  ['look', '', ['click:.popper button', 'wait:100']],
  ['loupe', '', ['key:e', 'wait:300']],
  ['loupe clear', '', ['key:e', 'wait:300', 'down:Space', 'wait:300']],
  ['compare', '', ['key:c', 'wait:400']],
  ['preview', '', ['key:Control+a', 'key:6', 'wait:500']],
  ['note', '', ['key:n', 'wait:300']],
  ['categories', '&scheme=many&shown=400&hidden=900&refused=6', ['key:m', 'wait:200']],
  ['narrow', '', ['key:p', 'wait:200'], [800, 500]],
  ['start', '&open=no', ['wait:200']],
  ['security before a case', '&open=no', ['click:.foot .link', 'wait:200']],
  ['open a folder', '&open=no', ['key:Control+o', 'wait:100', 'key:Enter', 'wait:100']],
  ['new case', '&open=no', ['key:Control+n', 'wait:200', 'click:button.main', 'wait:200']],
  ['sources', '', ['click:footer button:nth-of-type(2)', 'wait:500']],
  ['load', '', ['click:footer button:nth-of-type(2)', 'wait:400', 'click:.load header button', 'wait:1500']],
  ['add sources', '', ['click:footer button:nth-of-type(2)', 'wait:400', 'click:.load header button:nth-child(2)', 'wait:200']],
  ['hidden', '', ['click:footer button:nth-of-type(1)', 'wait:600']],
  ['show again', '', ['click:footer button:nth-of-type(1)', 'wait:600', 'key:Shift+H', 'wait:200']],
  ['leads', '', ['key:Control+2', 'wait:500', 'click:.fore li:nth-child(2) button', 'wait:500']],
  ['region', '', ['key:Control+2', 'wait:500', 'click:.fore li:nth-child(2) button', 'wait:500', 'key:Tab', 'wait:500']],
  ['outline', '', ['key:Control+2', 'wait:500', 'click:.fore li:nth-child(2) button', 'wait:500', 'key:p', 'key:p', 'key:Shift+ArrowRight', 'key:p', 'down:Space', 'wait:500']],
  ['clue opened', '', ['key:Control+2', 'wait:500', 'click:.fore li:nth-child(2) button', 'wait:500', 'click:.aft .pick[aria-expanded]', 'key:k', 'wait:300']],
  ['risk', '', ['key:Control+2', 'wait:500', 'click:.fore li:nth-child(1) button', 'wait:500']],
  ['new lead', '', ['key:Control+2', 'wait:500', 'key:l', 'wait:200', 'key:Control+Enter', 'wait:200']],
  ['lead from items', '', ['key:x', 'key:Shift+ArrowDown', 'key:l', 'wait:300', 'click:.dialog .segments button:nth-child(2)', 'wait:200']],
  ['edit a lead', '', ['key:Control+2', 'wait:500', 'click:.aft .edit', 'wait:200']],
  ['narrow leads', '', ['key:Control+2', 'wait:500', 'click:.middle .tools button:first-child', 'wait:200'], [800, 500]],
  ['numbers', '', ['key:Control+3', 'wait:400']],
  ['sets', '', ['key:Control+4', 'wait:400']],
  ['accept', '', ['key:Control+4', 'wait:400', 'click:.wait button', 'wait:200']],
  ['import', '', ['key:Control+4', 'wait:400', 'click:.hands button:nth-child(1)', 'wait:200', 'click:.side button:nth-child(1)', 'wait:400']],
  ['enrol', '', ['key:Control+4', 'wait:400', 'click:.hands button:nth-child(2)', 'wait:200']],
  ['compare a fingerprint', '', ['key:Control+4', 'wait:400', 'click:.hands button:nth-child(2)', 'wait:200', 'type:/media/disk/enrolment.json', 'key:Enter', 'wait:200', 'key:Enter', 'wait:100']],
  ['notices', '', ['key:Control+4', 'wait:400', 'click:.notice button', 'wait:300']],
  ['security', '', ['key:Control+6', 'wait:300']],
  ['settings', '', ['key:Control+7', 'wait:300']],
  ['change a key', '', ['key:Control+7', 'wait:300', 'click:#set-keys tr:nth-child(3) .hands button', 'wait:200', 'key:Control+k', 'wait:200']],
  ['add a person', '', ['key:Control+7', 'wait:300', 'click:#set-case .hands button', 'wait:200']],
  ['map and time', '', ['key:Control+2', 'wait:500', 'click:.tabs nav button:nth-child(2)', 'wait:900', 'key:m', 'key:n', 'wait:200', 'key:t', 'key:Home', 'key:Shift+End', 'wait:400']],
  ['map and time, tables', '', ['key:Control+2', 'wait:500', 'click:.tabs nav button:nth-child(2)', 'wait:600', 'click:.figure .segments button:nth-child(2)', 'click:.when .segments button:nth-child(2)', 'wait:200']],
  ['clock', '', ['key:Control+2', 'wait:500', 'click:.tabs nav button:nth-child(2)', 'wait:600', 'click:.clock', 'wait:200', 'click:.dialog .main', 'wait:100']],
  ['links', '', ['key:Control+2', 'wait:500', 'click:.tabs nav button:nth-child(3)', 'wait:500']],
  ['across cases', '', ['key:Control+2', 'wait:500', 'click:.tabs nav button:nth-child(3)', 'wait:500', 'click:.tabs .button', 'wait:200']],
  ['made here', '', ['key:Control+2', 'wait:500', 'click:.tabs nav button:nth-child(4)', 'wait:500']],
  ['export', '', ['key:Control+5', 'wait:400']],
  ['nothing exported', '&shown=400&hidden=900&refused=6&exported=no', ['key:Control+5', 'wait:400']],
  ['ask for a package', '', ['key:Control+5', 'wait:400', 'click:header .button.main', 'wait:400', 'click:fieldset:nth-of-type(3) input', 'click:form button.main', 'wait:200']],
  ['sign a package', '', ['key:Control+5', 'wait:400', 'click:.notice .button', 'wait:400', 'click:.card .main', 'wait:200']],
  ['sample', '', ['key:Control+5', 'wait:400', 'click:.notice .button', 'wait:500', 'click:#ex-look', 'wait:300', 'key:ArrowRight', 'wait:200']],
  ['sample clear', '', ['key:Control+5', 'wait:400', 'click:.notice .button', 'wait:500', 'click:#ex-look', 'wait:300', 'down:Space', 'wait:300']],
  ['a package of one’s own', '', ['key:Control+5', 'wait:400', 'click:tbody tr:nth-child(2) button', 'wait:400']],
  ['report', '', ['key:Control+5', 'wait:400', 'click:header .row .button:nth-child(1)', 'wait:200']],
  ['narrow map and time', '', ['key:Control+2', 'wait:500', 'click:.tabs nav button:nth-child(2)', 'wait:600'], [800, 500]],
  ['report with a mistake', '', ['key:Control+5', 'wait:400', 'click:header .row .button:nth-child(1)', 'wait:200', 'click:#report-abuse', 'type:1.5', 'click:.dialog .main', 'wait:200']],
  ['narrow sample', '', ['key:Control+5', 'wait:400', 'click:.notice .button', 'wait:500', 'click:#ex-look', 'wait:300'], [800, 500]],
  ['narrow export', '', ['key:Control+5', 'wait:400', 'click:.notice .button', 'wait:400'], [800, 500]],
  ['keys', '', ['key:?', 'wait:200']],
  ['commands', '', ['key:Control+k', 'wait:200']],
  ['stop', '', ['key:Control+.', 'wait:200']],
  ['day', '', ['key:Control+.', 'wait:200', 'click:.hands button:nth-child(3)', 'wait:300']],
  ['lock', '', ['key:Control+l', 'wait:200']],
  ['narrow numbers', '', ['key:Control+3', 'wait:400'], [800, 500]],
  ['narrow settings', '', ['key:Control+7', 'wait:300'], [800, 500]],
  ['narrow hidden', '', ['click:footer button:nth-of-type(1)', 'wait:600'], [800, 500]],
  ['empty', '&shown=0&hidden=0&refused=0', []],
];

const server = await serve();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let bad = 0;
const wanted = process.argv.slice(2);
try {
  for (const [name, query, steps, size] of VIEWS.filter(([one]) => wanted.length === 0 || wanted.includes(one))) {
    // The grid in all four; what else there is, in each language and in each theme once.
    for (const [lang, theme] of name === 'grid' ? [['en', 'dark'], ['en', 'light'], ['nl', 'dark'], ['nl', 'light']] : [['en', 'dark'], ['nl', 'light']]) {
      const page = await browser.newPage({ viewport: { width: size?.[0] ?? 1440, height: size?.[1] ?? 900 } });
      page.on('pageerror', (error) => {
        bad += 1;
        console.error(`${name} ${lang} ${theme}: ${error.message}`);
      });
      await page.goto(`http://127.0.0.1:${server.address().port}/?fake&lang=${lang}&theme=${theme}${query || '&shown=400&hidden=900&refused=6'}`);
      await page.waitForTimeout(600);
      await run(page, steps);
      await page.evaluate(AXE);
      const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      for (const one of found.violations) {
        bad += one.nodes.length;
        console.error(`${name} ${lang} ${theme}: ${one.id} (${one.impact}) ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`).join('\n    ')}`);
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
  server.close();
}
console.log(bad === 0 ? `axe finds nothing in ${wanted.length || VIEWS.length} views, 2 languages, 2 themes` : `${bad} findings`);
process.exit(bad === 0 ? 0 : 1);
