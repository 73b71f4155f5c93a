// Words: complete in both languages, figures and dates as each writes them.
import { execFileSync } from 'node:child_process';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SentenceCode } from '../src/backend/types';
import { ERROR_CODES, errorSentence } from '../src/words/errors';
import { bytes, chooseLanguage, count, day, decimal, stated, words } from '../src/words/language.svelte';
import { say, SHORT } from '../src/words/sentences';

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

  it('have a sentence for every code of an error', () => {
    chooseLanguage('nl');
    for (const code of ERROR_CODES) expect(errorSentence({ code, message: 'english', hint: '', detail: '' })).not.toBe('english');
    expect(errorSentence({ code: 'some-new-code', message: 'What the program says.', hint: '', detail: '' })).toBe('What the program says.');
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
