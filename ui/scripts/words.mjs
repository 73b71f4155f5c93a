// Fails when a message is missing in a language, has other places to fill in there, is used and missing, or is used nowhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const LANGUAGES = ['en', 'nl'];
const FILES = (language) => [`${language}.json`, `${language}/review.json`, `${language}/pages.json`, `${language}/leads.json`, `${language}/clues.json`, `${language}/foreign.json`];
const problems = [];

/** The texts of a message: one, or one for 1 and one for every other number, which fills in all places. */
function variants(message) {
  return typeof message === 'string' ? [message] : message.flatMap((one) => Object.values(one.match));
}

/** Messages of a language, by key, with the file they stand in. */
function messages(language) {
  const found = new Map();
  for (const file of FILES(language)) {
    const path = join(root, 'messages', file);
    if (!existsSync(path)) continue;
    for (const [key, text] of Object.entries(JSON.parse(readFileSync(path, 'utf8')))) {
      if (key.startsWith('$')) continue;
      if (found.has(key)) problems.push(`${key} stands twice in ${language}`);
      const all = variants(text);
      if (all.length === 0 || all.some((one) => one.trim() === '')) problems.push(`${key} is empty in ${language}`);
      if (all.some((one) => one.includes('!'))) problems.push(`${key} calls out in ${language}`);
      found.set(key, all.at(-1) ?? '');
    }
  }
  return found;
}

const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1]).sort().join();
const [english, dutch] = LANGUAGES.map(messages);
for (const [key, text] of english) {
  if (!dutch.has(key)) problems.push(`${key} is missing in nl`);
  else if (places(text) !== places(dutch.get(key))) problems.push(`${key} has other places to fill in in nl`);
}
for (const key of dutch.keys()) if (!english.has(key)) problems.push(`${key} is missing in en`);

/** Every source file below a folder. */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const path = join(folder, one.name);
    if (one.isDirectory()) return one.name === 'paraglide' ? [] : sources(path);
    return /\.(ts|svelte)$/.test(one.name) ? [path] : [];
  });
}
const used = new Set();
for (const path of sources(join(root, 'src'))) {
  const text = readFileSync(path, 'utf8');
  for (const [word] of text.matchAll(/[a-z][a-z0-9_]*/g)) used.add(word);
  for (const [, key] of text.matchAll(/\bm\.([a-z][a-z0-9_]*)\b/g)) {
    if (!english.has(key)) problems.push(`${key} is used in ${path.slice(root.length + 1)} and missing`);
  }
}
// Journeys name what they look for by its key.
for (const path of sources(join(root, 'journeys'))) {
  for (const [, key] of readFileSync(path, 'utf8').matchAll(/\bsay\('([a-z][a-z0-9_]*)'/g)) {
    if (!english.has(key)) problems.push(`${key} is looked for in ${path.slice(root.length + 1)} and missing`);
  }
}
// Some are named without `m.` before them, in lists of their keys.
for (const key of english.keys()) if (!used.has(key)) problems.push(`${key} is used nowhere`);

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${english.size} messages, in both languages`);
