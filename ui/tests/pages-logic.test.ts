// The rules behind the pages: forms, times, numbers, breaks, keys, jobs, sets, plots, long lists.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ImportForm, ImportPreview, JobView, PublisherLine } from '../src/backend/types';
import { clashes, keymap } from '../src/keys/keymap';
import { askLater, freshBreak, handMoved, isDue, LATER_MS, minutesToBreak, REST_COUNTS_MS } from '../src/pages/logic/breakTimer';
import { longDay, moment, percent, percentDone, rate, shortSpan, span, timeLeft } from '../src/pages/logic/format';
import { atWork, canPause, canStop, jobShare, newest } from '../src/pages/logic/jobs';
import { asMade, isUnfinished, judge, taken, withKeys } from '../src/pages/logic/keyEditor';
import { emptyDraft, firstProblem, legalScope, problems, suggestedDir, toForm, type NewCaseDraft } from '../src/pages/logic/newCase';
import { found } from '../src/pages/logic/palette';
import { strength } from '../src/pages/logic/passphrase';
import { picked, toggled } from '../src/pages/logic/picks';
import { byDay, hoursLeft, hoursOfDay, ticks } from '../src/pages/logic/plot';
import { drawn, LIST_PX_MAX, rowFor, scrollOf, spacerPx, topMax, topOf, topToShow } from '../src/pages/logic/rows';
import { fingerprintRows, importProblems, nameProblem, publisherStanding, questions, reasonProblem, suggestedName, unanswered, withMeaning } from '../src/pages/logic/sets';
import { minutes } from '../src/pages/logic/settings';
import { sheet } from '../src/pages/logic/sheet';
import { typedPaths } from '../src/pages/logic/sourcesInput';
import { bytes, count, day, words } from '../src/words/language.svelte';

const at = (text: string): Date => new Date(text);
beforeEach(() => { words.language = 'en'; });

describe('numbers and dates', () => {
  it('are written as each language does', () => {
    expect([count(40_212), day(at('2025-03-14T12:00:00'))]).toEqual(['40,212', '14 Mar 2025']);
    words.language = 'nl';
    expect([count(40_212), day(at('2025-03-14T12:00:00'))]).toEqual(['40.212', '14 mrt 2025']);
    expect(bytes(2_100_000)).toBe('2,1 MB');
    expect(longDay(at('2026-11-23T12:00:00'))).toBe('maandag 23 november');
  });

  it('say today and yesterday by the calendar, not by 24 hours', () => {
    const now = at('2026-11-25T00:30:00');
    expect(moment(at('2026-11-25T00:10:00'), now)).toBe('today 00:10');
    expect(moment(at('2026-11-24T23:50:00'), now)).toBe('yesterday 23:50');
    expect(moment(at('2026-11-12T09:00:00'), now)).toBe('12 Nov 2026');
    expect(moment('no time', now)).toBe('–');
  });

  it('never round something to nothing, or what is not all to all', () => {
    expect(percent(333, 203_418)).toBe('0.2 %');
    expect(percent(1, 203_418)).toBe('< 0.1 %');
    expect(percent(203_417, 203_418)).toBe('99.9 %');
    expect(percent(5, 5)).toBe('100 %');
    expect(percent(0, 0)).toBe('0 %');
    expect(percentDone(0.9999)).toBe('99 %');
    expect(percentDone(1)).toBe('100 %');
  });
});

describe('time left', () => {
  it('is coarser the longer it is, and never too short', () => {
    expect(timeLeft(3)).toBe('10 seconds');
    expect(timeLeft(61)).toBe('2 minutes');
    expect(timeLeft(179)).toBe('3 minutes');
    expect(timeLeft(1_501)).toBe('30 minutes');
    expect(timeLeft(5_500)).toBe('2 hours');
    expect(timeLeft(30_000)).toBe('9 hours');
    words.language = 'nl';
    expect(timeLeft(179)).toBe('3 minuten');
    expect(timeLeft(5_300)).toBe('1 uur 30 minuten');
    for (let seconds = 1; seconds < 40_000; seconds += 7) expect(timeLeft(seconds)).not.toMatch(/NaN|undefined/);
  });

  it('does not go up while the seconds go down', () => {
    const inSeconds = (text: string): number => [...text.matchAll(/([\d,]+) (second|minute|hour|day)/g)]
      .reduce((sum, [, n = '0', unit = '']) => sum + Number(n.replace(',', '')) * ({ second: 1, minute: 60, hour: 3600, day: 86_400 }[unit] ?? 0), 0);
    let before = Infinity;
    for (let seconds = 50_000; seconds > 0; seconds -= 13) {
      const now = inSeconds(timeLeft(seconds));
      expect(now).toBeLessThanOrEqual(before);
      expect(now).toBeGreaterThanOrEqual(seconds);
      before = now;
    }
  });

  it('has short forms, and speeds that can be read', () => {
    expect([span(3_600), shortSpan(40), shortSpan(190), shortSpan(7_300), shortSpan(200_000)]).toEqual(['1 hour', '40 s', '3 min', '2 h', '2 days']);
    expect([rate(412.4, 'files'), rate(4.25, 'files'), rate(0.2, 'files')]).toEqual(['412 files/s', '4.3 files/s', '12 files/min']);
  });
});

describe('a new case', () => {
  const full = (changed: Partial<NewCaseDraft> = {}): NewCaseDraft => ({
    ...emptyDraft('nl'), number: '26-RTM-0420', unit: 'Rotterdam', warrant: 'RC 26/1180', from: '2019-01-01', to: '2026-09-30', dir: '/cases/26', user: 'anna',
    passphrase: 'kaas lamp fiets wolk', repeat: 'kaas lamp fiets wolk', ...changed,
  });

  it('is made when nothing is wrong', () => expect(problems(full())).toEqual({}));

  it('says for each field what is wrong, and leads to the first', () => {
    expect(problems(full({ number: ' ' })).number).toBe('missing');
    expect(problems(full({ unit: 'a\nwarrant: forged' })).unit).toBe('lines');
    expect(problems(full({ user: 'an\u202ena' })).user).toBe('lines');
    expect(problems(full({ unit: 'x'.repeat(201) })).unit).toBe('long');
    expect(problems(full({ from: '2026-02-30' })).from).toBe('date');
    expect(problems(full({ from: '2026-10-01' })).to).toBe('order');
    expect(problems(full({ from: '', to: '' }))).toEqual({});
    expect(problems(full({ media: [] })).media).toBe('missing');
    expect(problems(full({ dir: 'cases/26' })).dir).toBe('absolute');
    expect(problems(full({ passphrase: 'kort', repeat: 'kort' })).passphrase).toBe('short');
    expect(problems(full({ repeat: 'kaas' })).repeat).toBe('differs');
    expect(firstProblem(problems(full({ repeat: '', unit: '' })))).toBe('unit');
  });

  it('stores the legal scope as lines', () => {
    expect(legalScope(full({ media: ['videos', 'pictures'], to: '' }))).toBe('warrant: RC 26/1180\nperiod: 2019-01-01 to ..\nmedia: pictures, videos');
    expect(legalScope(full({ from: '', to: '' }))).not.toContain('period');
    expect(toForm(full({ number: ' 26 ' }))).toMatchObject({ number: '26', scheme: 'nl', passphrase: 'kaas lamp fiets wolk' });
  });

  it('suggests a folder that a file system takes', () => {
    expect(suggestedDir('/cases/', '26/RTM 04*17')).toBe('/cases/26-RTM-04-17');
    expect(suggestedDir('/cases', '../..')).toBe('');
    expect(suggestedDir('/cases', '')).toBe('');
  });

  it('judges passphrases in words', () => {
    expect(['', 'kort', 'wachtwoord123', 'aaaaaaaaaaaa', 'kaas lamp fiets', 'kaas lamp fiets wolk kruk'].map(strength)).toEqual(['empty', 'short', 'weak', 'weak', 'fair', 'strong']);
  });
});

describe('a break', () => {
  const minute = 60_000;
  it('is proposed after the minutes of work, and again only after "later"', () => {
    let s = handMoved(freshBreak(), 0);
    for (let now = 0; now < 49 * minute; now += minute) s = handMoved(s, now);
    expect(isDue(s, 49 * minute, 50)).toBe(false);
    s = handMoved(s, 50 * minute);
    expect(isDue(s, 50 * minute, 50)).toBe(true);
    s = askLater(s, 50 * minute);
    expect(isDue(s, 50 * minute + 1, 50)).toBe(false);
    for (let now = 51 * minute; now <= 50 * minute + LATER_MS; now += minute) s = handMoved(s, now);
    expect(isDue(s, 50 * minute + LATER_MS, 50)).toBe(true);
  });

  it('is not proposed to nobody, and a rest begins anew', () => {
    let s = handMoved(freshBreak(), 0);
    expect(isDue(s, 60 * minute, 50)).toBe(false);
    s = handMoved(s, REST_COUNTS_MS + 1);
    expect(minutesToBreak(s, REST_COUNTS_MS + 1, 50)).toBe(50);
  });

  it('is never proposed when it is set to never', () => expect(minutesToBreak(handMoved(freshBreak(), 0), 1, 0)).toBeNull());

  it('is a whole stretch away before the first hand, and never further', () => {
    expect(minutesToBreak(freshBreak(), 7 * minute, 50)).toBe(50);
    expect(minutesToBreak(handMoved(freshBreak(), 10_000), 0, 50)).toBe(50);
  });
});

describe('settings', () => {
  it('take whole minutes within their bounds and nothing else', () => {
    expect([minutes('blank_minutes', ' 5 '), minutes('blank_minutes', '0'), minutes('lock_minutes', '121'), minutes('break_minutes', '0'), minutes('break_minutes', '5.5'), minutes('lock_minutes', '')])
      .toEqual([5, null, null, 0, null, null]);
  });
});

describe('changed keys', () => {
  it('are free, clash, belong to fixed actions, or cannot be taken', () => {
    expect(judge([], 'bookmark', 'J').kind).toBe('free');
    expect(judge([], 'bookmark', 'B').kind).toBe('same');
    expect(judge([], 'bookmark', 'N')).toMatchObject({ kind: 'clash', other: { id: 'note' } });
    expect(judge([], 'bookmark', '1')).toMatchObject({ kind: 'fixed' });
    expect(judge([], 'bookmark', 'Ctrl K')).toMatchObject({ kind: 'clash', other: { id: 'commands' } });
    for (const key of ['Tab', 'Escape', 'Ctrl Tab', 'Shift Tab', 'Dead']) expect(judge([], 'bookmark', key).kind).toBe('reserved');
    expect([isUnfinished('Ctrl Control'), isUnfinished('Shift Shift'), isUnfinished('Shift B')]).toEqual([true, true, false]);
  });

  it('leave no clash behind, whatever is taken from whom', () => {
    const verdict = judge([], 'bookmark', 'N');
    if (verdict.kind !== 'clash') throw new Error('N is free');
    const changes = taken([], 'bookmark', 'N', verdict.other);
    expect(changes).toEqual([['note', []], ['bookmark', ['N']]]);
    expect(clashes(keymap(changes))).toEqual([]);
    expect(clashes(keymap(asMade(changes, 'note')))).toEqual([]);
    expect(keymap(asMade(changes, 'note')).flatMap((group) => group.actions).find((one) => one.id === 'note')?.keys).toEqual(['N']);
  });

  it('are not stored when they are as they were made', () => {
    expect(withKeys(withKeys([], 'bookmark', ['J']), 'bookmark', ['B'])).toEqual([]);
  });

  it('stand on the sheet, each group once', () => {
    const groups = keymap();
    expect(sheet(groups).flatMap((part) => part.groups)).toHaveLength(groups.length);
  });
});

describe('commands', () => {
  const entries = [{ title: 'Lock at once', also: 'Meteen vergrendelen' }, { title: 'Stop now', also: 'Nu stoppen' }, { title: 'Ga naar Beëindigd', also: '' }];
  it('are found by parts of words, in either language, accents aside', () => {
    expect(found(entries, 'lo on').map((one) => one.title)).toEqual(['Lock at once']);
    expect(found(entries, 'vergr').map((one) => one.title)).toEqual(['Lock at once']);
    expect(found(entries, 'beeind')).toHaveLength(1);
    expect(found(entries, 'xyz')).toEqual([]);
    expect(found(entries, ' ')).toHaveLength(3);
  });
});

describe('jobs', () => {
  const job = (changed: Partial<JobView>): JobView => ({ job: 1, kind: 'load', state: 'running', stages: [], rate: 0, bytes: 0, seconds_left: null, outcome: null, error: null, resumed: false, ...changed });
  it('are as far as their slowest stage', () => {
    expect(jobShare(job({ stages: [{ stage: 'list', done: 10, total: 10 }, { stage: 'read', done: 4, total: 10 }, { stage: 'decode', done: 3, total: null }] }))).toBe(0.4);
    expect(jobShare(job({ stages: [{ stage: 'list', done: 10, total: null }] }))).toBeNull();
    expect(jobShare(job({ stages: [{ stage: 'list', done: 0, total: 0 }] }))).toBe(1);
  });
  it('can be held only where that does something', () => {
    expect(canPause(job({}))).toBe(true);
    expect(canPause(job({ kind: 'sync' }))).toBe(false);
    expect(canStop(job({ state: 'stopping' }))).toBe(false);
    expect(newest([job({ job: 2 }), job({ job: 5 }), job({ job: 9, kind: 'sync' })], 'load')?.job).toBe(5);
    expect(atWork([job({ job: 1, state: 'done' }), job({ job: 2 }), job({ job: 3 })]).map((one) => one.job)).toEqual([3, 2]);
  });
});

describe('sets', () => {
  it('have publishers whose fingerprint is read in rows of four groups of four', () => {
    const digits = '0123456789abcdef';
    const row = ['0123', '4567', '89ab', 'cdef'];
    expect(fingerprintRows(digits.repeat(4))).toEqual([row, row, row, row]);
    expect(fingerprintRows('')).toEqual([]);
  });

  const line: PublisherLine = { publisher: 'a', introduced_by: null, address: null, set: 'A', version: 1, entries: 1, freshness: 'fresh', checked: null, expires: null, waiting: null, damage: null };
  it('say the worst first', () => {
    const waiting: NonNullable<PublisherLine['waiting']> = { version: 2, added: 1, changed: 0, withdrawn: 0, quarantined: 0, why: { code: 'wait-adds', figures: [9, 8, 1], text: '' } };
    expect(publisherStanding(line).word).toBe('fresh');
    expect(publisherStanding({ ...line, waiting }).word).toBe('waiting');
    expect(publisherStanding({ ...line, waiting, damage: 'mark' })).toEqual({ tone: 'urgent', word: 'damaged' });
    expect(publisherStanding({ ...line, freshness: 'beyond' }).tone).toBe('caution');
    expect(publisherStanding({ ...line, freshness: null }).word).toBe('never');
  });

  it('need reasons and names that others can read', () => {
    expect([reasonProblem(' '), reasonProblem('kalender'), reasonProblem('nee'), reasonProblem('x'.repeat(501))]).toEqual(['missing', null, 'short', 'long']);
    expect([nameProblem(''), nameProblem('Lijst Noord'), nameProblem('a\u202eb'), nameProblem('x'.repeat(101))]).toEqual(['missing', null, 'form', 'long']);
    expect(suggestedName('/media/usb/Lijst Noord.2026.json.gz')).toBe('lijst-noord-2026');
  });

  it('are imported once it is said what they are; codes without a meaning do not stand in the way', () => {
    const form: ImportForm = { files: ['/a'], name: 'a', role: 'known', profile: '', meanings: [] };
    const preview: ImportPreview = { file: 'a', form: 'VICS', entries: 9, refused: [], categories: [], questions: ['5', '0'], open: [] };
    expect(importProblems({ ...form, files: [] }, [])).toEqual(['no-files']);
    expect(importProblems(form, [])).toEqual(['no-preview']);
    expect(importProblems({ ...form, name: '' }, [{ ...preview, entries: 0 }])).toEqual(['name', 'entries']);
    expect(importProblems(form, [preview])).toEqual([]);
    expect(unanswered(questions([preview]), form.meanings)).toEqual(['0', '5']);
    const said = withMeaning(withMeaning(form, '0', 'non-pertinent'), '5', 'uncategorized');
    expect(unanswered(questions([preview]), said.meanings)).toEqual([]);
    expect(unanswered(questions([preview]), withMeaning(said, '5', '').meanings)).toEqual(['5']);
  });
});

describe('sources that are typed', () => {
  it('are taken from lines, quotes and file addresses, each once', () => {
    expect(typedPaths('/a\n"/b c"\nfile:///d%20e\n\n/a\nrelative/x')).toEqual({ paths: ['/a', '/b c', '/d e'], relative: ['relative/x'] });
    expect(typedPaths('file:///bad%zz').paths).toEqual([]);
  });
});

describe('plots', () => {
  it('have round steps over the largest value', () => {
    expect(ticks(365)).toEqual([0, 100, 200, 300, 400]);
    expect(ticks(0)).toEqual([0, 1]);
    expect(ticks(3)).toEqual([0, 1, 2, 3]);
    for (const max of [1, 7, 99, 1_001, 12_345]) expect(ticks(max).at(-1)).toBeGreaterThanOrEqual(max);
  });

  it('put hours of the case into hours and days of this machine', () => {
    const now = new Date(2026, 10, 25, 15, 30);
    const name = (back: number): string => new Date(now.getTime() - back * 3_600_000).toISOString().slice(0, 13);
    const hours = [{ name: name(1), count: 5 }, { name: name(0), count: 7 }, { name: name(24), count: 9 }];
    expect(hoursOfDay(hours, now).reduce((sum, bar) => sum + bar.count, 0)).toBe(12);
    expect(byDay(hours, now, 14).slice(-2).map((bar) => bar.count)).toEqual([9, 12]);
  });

  it('say nothing of time left without a pace', () => {
    expect([hoursLeft(100, null), hoursLeft(100, 0), hoursLeft(0, null), hoursLeft(300, 100)]).toEqual([null, null, 0, 3]);
  });
});

describe('a long list', () => {
  it('reaches its first and last row, however long it is', () => {
    for (const total of [0, 1, 20, 333, 162_873, 1_000_000, 10_000_000]) {
      const r = { total, rowPx: 37, viewPx: 600 };
      expect(spacerPx(r)).toBeLessThanOrEqual(LIST_PX_MAX);
      expect(topOf(r, 0)).toBe(0);
      expect(topOf(r, spacerPx(r) - r.viewPx)).toBeCloseTo(topMax(r), 3);
      const end = drawn(r, topMax(r));
      expect(end.first + end.count).toBe(total);
      expect(end.count).toBeLessThan(40);
      expect(topOf(r, scrollOf(r, topMax(r) / 3))).toBeCloseTo(topMax(r) / 3, 2);
    }
  });

  it('moves as little as it has to', () => {
    const r = { total: 1000, rowPx: 30, viewPx: 300 };
    expect([topToShow(r, 5, 7), topToShow(r, 5, 2), topToShow(r, 5, 20), topToShow(r, 0, 999)]).toEqual([5, 2, 11, 990]);
    expect([rowFor('End', 3, r), rowFor('ArrowUp', 0, r), rowFor('PageDown', 0, r), rowFor('x', 0, r), rowFor('End', 0, { ...r, total: 0 })]).toEqual([999, 0, 9, null, null]);
  });
});

describe('filters of the hidden', () => {
  it('turn on and off, the last one last', () => {
    const one = toggled([], 'set', 'A');
    const two = toggled(toggled(one, 'class', 'video'), 'set', 'B');
    expect(two.at(-1)).toEqual({ facet: 'set', values: ['A', 'B'] });
    expect(picked(two)).toBe(3);
    expect(toggled(one, 'set', 'A')).toEqual([]);
  });
});
