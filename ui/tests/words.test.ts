// Words: complete in both languages, figures and dates as each writes them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Figure, Remark, RemarkCode, SecurityLine, SentenceCode } from '../src/backend/types';
import { topicDetail } from '../src/pages/parts/securityWords';
import { ERROR_CODES, errorHint, errorSentence } from '../src/words/errors';
import { bytes, chooseLanguage, count, day, decimal, stated, words } from '../src/words/language.svelte';
import { isKnown, REMARKS, sayRemark } from '../src/words/remarks';
import { OPERATIONS, say, SHORT } from '../src/words/sentences';

beforeEach(() => chooseLanguage('en'));

describe('messages', () => {
  it('are there in both languages, and none that is used is missing', () => {
    expect(execFileSync('node', ['scripts/words.mjs'], { encoding: 'utf8' })).toContain('in both languages');
  });

  it('change at once with the language', () => {
    const sentence = { code: 'new' as SentenceCode, with: { sets: '3' } };
    expect(say(sentence, (code) => code)).toBe('New. In none of the 3 hash sets.');
    chooseLanguage('nl');
    expect(say(sentence, (code) => code)).toBe('Nieuw. Staat in geen van de 3 hashsets.');
  });

  it('say every reason, also one of which nothing is known', () => {
    for (const language of ['en', 'nl']) {
      chooseLanguage(language);
      for (const code of Object.keys(SHORT) as SentenceCode[]) {
        const said = say({ code, with: {} }, (of) => of);
        expect(said.length, code).toBeGreaterThan(3);
        expect(said, code).not.toMatch(/undefined|null|\[object/);
      }
    }
  });

  it('read nothing that the program does not fill in, and know every step of a story', () => {
    const source = readFileSync('../src-tauri/crates/workbench/src/view/detail.rs', 'utf8');
    const list = /pub fn fields[\s\S]*?\n {8}\}\n/.exec(source)?.[0] ?? '';
    const fields = new Map<string, string[]>();
    for (const [, codes = '', names = ''] of list.matchAll(/((?:\s*\|?\s*Self::\w+)+)\s*=>\s*\{?\s*&\[([^\]]*)\]/g)) {
      for (const [, code = ''] of codes.matchAll(/Self::(\w+)/g)) fields.set(code.replace(/\B[A-Z]/g, (capital) => `-${capital}`).toLowerCase(), [...names.matchAll(/"(\w+)"/g)].map((name) => name[1]!));
    }
    expect(fields.size).toBeGreaterThan(35);
    for (const [code, names] of fields) {
      const read = new Set<string>();
      // Whole, and with nothing in it: each way reads what it can.
      for (const filled of ['x', undefined]) {
        say({ code: code as SentenceCode, with: new Proxy({}, { get: (_, name) => (read.add(String(name)), filled) }) }, (of) => of);
      }
      // What names an entry is read as one.
      for (const name of ['set', 'version', 'entry'].filter((one) => !names.includes(one))) read.delete(name);
      expect([...read].filter((name) => !names.includes(name)), code).toEqual([]);
    }
    // The kinds of operations that stand in a story with no row of their own there.
    const ofItems = ['recorded', 'healed', 'rejudged', 'derived-dropped', 'undone', 'redone', 'notices-read', 'lead-made', 'evidence-added', 'evidence-changed', 'evidence-removed'];
    expect(ofItems.filter((kind) => !(kind in OPERATIONS))).toEqual([]);
  });

  it('have a sentence for every code of an error', () => {
    chooseLanguage('nl');
    for (const code of ERROR_CODES) expect(errorSentence({ code, message: 'english', hint: '', detail: '' })).not.toBe('english');
    expect(errorSentence({ code: 'some-new-code', message: 'What the program says.', hint: '', detail: '' })).toBe('What the program says.');
  });
});

describe('remarks of the program', () => {
  const remark = (code: RemarkCode, figures: Figure[] = []): Remark => ({ code, figures, text: 'english words' });

  it('are said in both languages, with their figures, and never in English in Dutch', () => {
    expect(sayRemark(remark('wait-adds', [912_004, 1_200, 3]))).toBe('Entries that it adds or changes in all: 912,004. Allowed: 1,200 (days: 3).');
    expect(sayRemark(remark('wait-version-adds', ['1843', 9_000, 12]))).toMatch(/^Entries that version 1843 adds or changes: 9,000\./);
    const said = REMARKS.map((code) => sayRemark(remark(code, [1, 2, 3])));
    chooseLanguage('nl');
    for (const [at, code] of REMARKS.entries()) {
      const dutch = sayRemark(remark(code, [1, 2, 3]));
      expect(dutch, code).not.toBe(said[at]);
      expect(dutch, code).not.toMatch(/undefined|english words|\{|NaN/);
    }
  });

  it('that come in English alone keep their words', () => {
    chooseLanguage('nl');
    expect(isKnown(remark('other'))).toBe(false);
    expect(sayRemark(remark('other'))).toBe('english words');
  });
});

describe('sentences about sets', () => {
  it('name no category where there is none', () => {
    const why = { code: 'hidden-known' as SentenceCode, with: { set: 'A', version: '1', entry: '7', digest: 'md5', original: '', agreement: 'alone' } };
    expect(say(why, (of) => of)).toBe('Hidden: known material, without a category. MD5 meets entry 7 of A v1. Nothing else is known to compare.');
    expect(say({ ...why, with: { ...why.with, category: '2' } }, (of) => `category ${of}`)).toContain('known as category 2.');
  });

  it('say who disagrees and what follows', () => {
    expect(say({ code: 'conflict', with: { opinions: 'national: 1; north: 2' } }, (of) => of)).toBe('Sets disagree: national: 1; north: 2. A person decides.');
  });

  it('tell the age of a list that nobody publishes, instead of that it cannot be told', () => {
    const line = (detail: string): SecurityLine => ({ what: 'sets', standing: 'caution', detail });
    expect(topicDetail(line('0 / 0 / 0 + 2 / 61'))).toBe('2 imported by hand, the oldest 61 days old. Whether there are newer ones, only their makers know.');
    expect(topicDetail(line('1 / 1 / 0 + 1 / 0'))).toBe('Published: 1 fresh, 1 to renew, 0 too old. 1 imported by hand, less than a day old. Whether there is a newer one, only its maker knows.');
    expect(topicDetail(line('2 / 0 / 0'))).toBe('Published: 2 fresh, 0 to renew, 0 too old.');
    expect(topicDetail({ ...line('/dev/sda3'), what: 'swap' })).toBe('/dev/sda3');
  });

  it('about sets that are gone say what to do in the window, not in the terminal', () => {
    const error = { code: 'sets-missing', message: 'The folder has them not.', hint: 'add --accept-missing-sets', detail: '' };
    expect(errorSentence(error)).toBe('The folder has them not.');
    expect(errorHint(error)).not.toContain('--');
  });
});

describe('figures and dates', () => {
  it('are written as each language writes them', () => {
    expect([count(40212), count(999), count(1_000_000)]).toEqual(['40,212', '999', '1,000,000']);
    expect(day('2025-03-14T12:00:00Z')).toBe('14 Mar 2025');
    expect(bytes(2_100_000)).toBe('2.1 MB');
    expect(stated('2025-03-14 16:02:11')).toBe('14 Mar 2025 16:02:11');
    chooseLanguage('nl');
    expect([count(40212), count(1_000_000)]).toEqual(['40.212', '1.000.000']);
    expect(day('2025-03-14T12:00:00Z')).toBe('14 mrt 2025');
    expect(bytes(2_100_000)).toBe('2,1 MB');
    expect(decimal(51.92, 4)).toBe('51,92');
    expect(stated('around noon')).toBe('around noon');
  });

  it('follow the machine where the person chose nothing', () => {
    chooseLanguage('system', 'nl-NL');
    expect(words.language).toBe('nl');
    chooseLanguage('system', 'fr-FR');
    expect(words.language).toBe('en');
  });
});
