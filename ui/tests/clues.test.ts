// Time line, clocks, links, "made here" and exports: what their pages work out before anything is drawn.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExportLine, ExportPreview, ExportSample, LinkEnd, LinkLine } from '../src/backend/types';
import { emptyExport, holdsSecret, inTurn, isStopped, keyProblem, keysIn, leftToLook, lookedAt, problems, ready, shortKey, together } from '../src/export/exports';
import { changedActs, readItems } from '../src/export/qualification';
import { corrected, hms, parseHms, signed } from '../src/leads/logic/clock';
import { COLUMN_MAX, edgePath, endKey, endsOf, graph, inOrder, kindsOf, pressed } from '../src/leads/logic/links';
import { counted, having } from '../src/leads/logic/madeHere';
import { bounded, closer, columnPx, columns, DAY_S, firstFrom, length_s, numbersIn, ordered, shifted, showing, stepped, ticks, timeOf, whole, xOf } from '../src/leads/logic/time';
import { checkValue, endName, placeText, spanText, tickText, wallTime } from '../src/leads/words';
import { chooseLanguage } from '../src/words/language.svelte';

beforeEach(() => chooseLanguage('en'));

describe('offsets of clocks', () => {
  it('are read as hours, minutes and seconds', () => {
    expect(parseHms('0:02:00')).toEqual({ seconds: 120 });
    expect(parseHms(' 1:30 ')).toEqual({ seconds: 5_400 });
    expect(parseHms('0:00')).toEqual({ seconds: 0 });
    // A camera that began again in 1970.
    expect(parseHms('490000:00:01')).toEqual({ seconds: 1_764_000_001 });
  });

  it('are refused where they could mean two things', () => {
    expect(parseHms('')).toEqual({ problem: 'missing' });
    for (const text of ['90', '-0:02:00', '+1:00', '1:60', '1:00:60', '1:2:3:4', '1h', '1:5.5', '=1:00', '１:００']) expect(parseHms(text), text).toEqual({ problem: 'form' });
    expect(parseHms('9999999:00')).toEqual({ problem: 'long' });
  });

  it('are written so that they can be read again', () => {
    for (const seconds of [0, 1, 59, 60, 3_599, 3_600, 86_399, 1_764_000_001]) expect(parseHms(hms(seconds))).toEqual({ seconds });
    expect([signed(120), signed(-3_600), signed(0)]).toEqual(['+0:02:00', '−1:00:00', '']);
  });

  it('take what is ahead away', () => {
    expect(corrected(1_000, 120)).toBe(880);
    expect(corrected(1_000, -120)).toBe(1_120);
  });
});

describe('the time line', () => {
  const all = { from_s: 0, to_s: 100 * DAY_S };
  const view = { from_s: 10 * DAY_S, to_s: 20 * DAY_S };

  it('shows everything with room, and something where there is nothing', () => {
    expect(whole([], 5_000_000)).toEqual({ from_s: 5_000_000 - DAY_S, to_s: 5_000_000 });
    const one = whole([1_000], 0);
    expect(one.from_s).toBeLessThan(1_000);
    expect(one.to_s).toBeGreaterThan(1_000);
    const two = whole([0, 1_000_000], 0);
    expect([two.from_s, two.to_s]).toEqual([-30_000, 1_030_000]);
  });

  it('knows the pixel of a time and the time of a pixel', () => {
    expect(xOf(view, 500, 15 * DAY_S)).toBe(250);
    expect(timeOf(view, 500, 250)).toBe(15 * DAY_S);
  });

  it('comes closer around a time, and never wider than everything', () => {
    const near = closer(view, all, 2, 12 * DAY_S);
    expect(length_s(near)).toBe(5 * DAY_S);
    expect(xOf(near, 500, 12 * DAY_S)).toBeCloseTo(100, 6);
    expect(closer(view, all, 1e-9, 12 * DAY_S)).toEqual(all);
    expect(length_s(closer(view, all, 1e9, 12 * DAY_S))).toBe(600);
    expect(bounded({ from_s: -5 * DAY_S, to_s: 5 * DAY_S }, all)).toEqual({ from_s: 0, to_s: 10 * DAY_S });
    expect(shifted(view, all, 500, 50)).toEqual({ from_s: 11 * DAY_S, to_s: 21 * DAY_S });
    expect(shifted(view, all, 500, 1e9)).toEqual({ from_s: 90 * DAY_S, to_s: 100 * DAY_S });
  });

  it('marks a span by keys, in either direction', () => {
    let span = stepped(null, view, all, 'first', false);
    expect(ordered(span)).toBeNull();
    span = stepped(span, view, all, 'day-right', true);
    span = stepped(span, view, all, 'right', true);
    expect(ordered(span)).toEqual({ from_s: 0, to_s: DAY_S + 0.1 * DAY_S });
    span = stepped({ anchor_s: 5 * DAY_S, at_s: 5 * DAY_S }, view, all, 'day-left', true);
    expect(ordered(span)).toEqual({ from_s: 4 * DAY_S, to_s: 5 * DAY_S });
    expect(ordered(stepped(span, view, all, 'last', true))).toEqual({ from_s: 5 * DAY_S, to_s: 100 * DAY_S });
    expect(ordered(stepped(span, view, all, 'left', false))).toBeNull();
    // The mark never leaves what there is.
    expect(stepped({ anchor_s: 0, at_s: 0 }, view, all, 'day-left', false).at_s).toBe(0);
  });

  it('follows the mark', () => {
    expect(showing(view, all, 15 * DAY_S)).toBe(view);
    for (const at of [1, 9.99, 20.01, 99].map((day) => day * DAY_S)) {
      const now = showing(view, all, at);
      expect(at).toBeGreaterThanOrEqual(now.from_s);
      expect(at).toBeLessThanOrEqual(now.to_s);
      expect(length_s(now)).toBe(length_s(view));
    }
  });

  const taken: [number, number][] = [[1, 11], [5, 12], [5, 13], [9, 14]];
  it('finds the items of a span, its edges with it', () => {
    expect(numbersIn(taken, { from_s: 5, to_s: 9 })).toEqual([12, 13, 14]);
    expect(numbersIn(taken, { from_s: 6, to_s: 8 })).toEqual([]);
    expect([firstFrom(taken, 0), firstFrom(taken, 5), firstFrom(taken, 10)]).toEqual([0, 1, 4]);
  });

  it('puts items that no pixel parts into one column, and counts those that are chosen', () => {
    const found = columns(taken, { from_s: 0, to_s: 10 }, 30, 3, (number) => number === 13);
    expect(found).toEqual([{ x: 3, count: 1, chosen: 0 }, { x: 15, count: 2, chosen: 1 }, { x: 27, count: 1, chosen: 0 }]);
    expect(columnPx(0, 10, 28)).toBe(0);
    expect(columnPx(1, 1_000, 28)).toBeGreaterThanOrEqual(6);
    expect(columnPx(1_000, 1_000, 28)).toBe(28);
  });

  it('has neat marks that are never closer than their words', () => {
    const begin = Date.UTC(2023, 10, 7, 13, 20) / 1000;
    for (const length of [700, 8_000, 40_000, 3 * DAY_S, 30 * DAY_S, 200 * DAY_S, 3 * 365 * DAY_S, 60 * 365 * DAY_S]) {
      const of = { from_s: begin, to_s: begin + length };
      const found = ticks(of, 800);
      expect(found.length, String(length)).toBeLessThanOrEqual(Math.floor(800 / 92) + 1);
      if (length > 40_000) expect(found.length, String(length)).toBeGreaterThan(0);
      for (const tick of found) expect(tick.time_s).toBeGreaterThanOrEqual(of.from_s);
    }
    const months = ticks({ from_s: Date.UTC(2024, 0, 8) / 1000, to_s: Date.UTC(2025, 8, 20) / 1000 }, 800);
    expect(months.map(tickText)).toEqual(['Apr 2024', 'Jul 2024', 'Oct 2024', 'Jan 2025', 'Apr 2025', 'Jul 2025']);
  });

  it('says times as the wall clock had them, whatever the zone of this machine', () => {
    const at = Date.UTC(2025, 2, 30, 2, 30) / 1000;
    expect(wallTime(at)).toBe('30 Mar 2025 02:30');
    expect(spanText({ from_s: at, to_s: at + 3_600 })).toBe('30 Mar 2025, 02:30 to 03:30');
    chooseLanguage('nl');
    expect(spanText({ from_s: at, to_s: at + 40 * DAY_S })).toBe('30 mrt 2025 tot 9 mei 2025');
  });
});

const item = (number: number): LinkEnd => ({ end: 'item', number });
const lead = (of: number, name: string): LinkEnd => ({ end: 'lead', lead: of, name });
const line = (kind: string, from: LinkEnd, to: LinkEnd, items = 1, value = ''): LinkLine => ({ kind, value, place: null, from, to, items, distance: null });

describe('links', () => {
  const lines = [
    line('label', lead(1, 'Willow'), lead(2, 'Room'), 2, 'x'), line('serial', item(10), { end: 'device', name: 'EOS' }, 1, 'EOS'), line('serial', item(9), { end: 'device', name: 'EOS' }, 1, 'EOS'),
    line('place', lead(2, 'Room'), item(10), 7), line('look-alike', item(9), { end: 'case', number: '25-1', lead: null }, 3),
  ];
  const kinds = (of: LinkLine[]): string[] => of.map((one) => one.kind);

  it('stand in the order that is asked for, and always in the same one', () => {
    const byKind = inOrder(lines, { column: 'kind', descending: false }, endName);
    expect(kinds(byKind)).toEqual(['serial', 'serial', 'look-alike', 'place', 'label']);
    // 9 before 10: numbers are no text.
    expect(byKind.slice(0, 2).map((one) => endKey(one.from))).toEqual(['item:9', 'item:10']);
    expect(inOrder([...lines].reverse(), { column: 'kind', descending: false }, endName)).toEqual(byKind);
    expect(inOrder(lines, { column: 'items', descending: true }, endName).map((one) => one.items)).toEqual([7, 3, 2, 1, 1]);
    expect(inOrder(lines, { column: 'from', descending: false }, endName).map((one) => endName(one.from))).toEqual(['Item 9', 'Item 9', 'Item 10', 'Room', 'Willow']);
  });

  it('of look-alikes begin with the nearest, whatever they rest on', () => {
    const near = (distance: number, items: number) => ({ ...line('look-alike', item(9), item(10), items), value: '', distance });
    expect(inOrder([near(26, 9), near(4, 2), near(12, 3)], { column: 'kind', descending: false }, endName).map((one) => one.distance)).toEqual([4, 12, 26]);
    expect(inOrder([near(26, 9), near(4, 2), near(12, 3)], { column: 'value', descending: true }, endName).map((one) => one.distance)).toEqual([26, 12, 4]);
  });

  it('turn round when the same head is pressed again; counts begin with the most', () => {
    expect(pressed({ column: 'kind', descending: false }, 'kind')).toEqual({ column: 'kind', descending: true });
    expect(pressed({ column: 'kind', descending: true }, 'items')).toEqual({ column: 'items', descending: true });
    expect(pressed({ column: 'items', descending: true }, 'to')).toEqual({ column: 'to', descending: false });
  });

  it('are counted by kind and by end', () => {
    expect(kindsOf(lines)).toEqual([{ kind: 'serial', count: 2 }, { kind: 'look-alike', count: 1 }, { kind: 'place', count: 1 }, { kind: 'label', count: 1 }]);
    expect(endsOf(lines).map((one) => [one.key, one.links])).toEqual([['device:EOS', 2], ['item:9', 2], ['item:10', 2], ['lead:2', 2], ['case:25-1:', 1], ['lead:1', 1]]);
  });

  it('are drawn in the same places each time, no end over another', () => {
    const drawn = graph(lines, 600);
    expect(graph(lines, 600)).toEqual(drawn);
    expect(drawn.edges).toHaveLength(5);
    for (const one of drawn.nodes) {
      expect(one.x).toBeGreaterThanOrEqual(0);
      expect(one.x + drawn.node_px).toBeLessThanOrEqual(drawn.width + 0.01);
      for (const other of drawn.nodes) if (one !== other) expect(one.x === other.x && Math.abs(one.y - other.y) < 30).toBe(false);
    }
    for (const edge of drawn.edges) expect(edgePath(edge, drawn.node_px)).toMatch(/^M[\d.]+ [\d.]+C[\d. ]+$/);
  });

  it('say what the drawing leaves out', () => {
    const many = Array.from({ length: 100 }, (_, at) => line('serial', item(at + 1), { end: 'device', name: 'EOS' }));
    const drawn = graph(many, 600);
    expect(drawn.nodes).toHaveLength(COLUMN_MAX + 1);
    expect(drawn.left).toBe(100 - COLUMN_MAX);
    expect(graph([], 600)).toMatchObject({ nodes: [], edges: [], left: 0 });
  });
});

describe('made here', () => {
  const made = {
    items: 3, reasons: [['sequence', 2], ['original', 3], ['some-new-one', 1]] as [string, number][],
    lines: [{ number: 5, points: 60, reasons: [['original', 40], ['sequence', 20]] as [string, number][] }, { number: 2, points: 40, reasons: [['original', 40]] as [string, number][] }],
  };
  it('keeps the rank, and lists items that have every reason asked for', () => {
    expect(having(made, []).map((one) => one.number)).toEqual([5, 2]);
    expect(having(made, ['original', 'sequence']).map((one) => one.number)).toEqual([5]);
    expect(having(made, ['unedited'])).toEqual([]);
    expect(counted(made)).toEqual([{ reason: 'original', count: 3 }, { reason: 'sequence', count: 2 }, { reason: 'some-new-one', count: 1 }]);
  });
});

describe('exports', () => {
  const KEY = `age1${'q'.repeat(58)}`;
  it('ask for the form of a key, not for its truth', () => {
    expect(keyProblem(` ${KEY} `)).toBeNull();
    expect([keyProblem(''), keyProblem('age1short'), keyProblem(KEY.toUpperCase()), keyProblem(`${KEY}q`), keyProblem(`AGE-SECRET-KEY-1${'Q'.repeat(58)}`)]).toEqual(['missing', 'form', 'form', 'form', 'secret']);
    expect(shortKey(KEY)).toBe('age1qqqqqq … qqqqqq');
  });

  it('take a key as people hand it over: with a name, or a whole file', () => {
    expect(keysIn(`Unit = B=${KEY}`)).toEqual([{ name: 'Unit = B', key: KEY }]);
    expect(keysIn(` ${KEY} `)).toEqual([{ name: '', key: KEY }]);
    expect(keysIn(`# of the unit\r\nA=${KEY}\r\n\r\n# two\nage1${'p'.repeat(58)}\n`)).toEqual([{ name: 'A', key: KEY }, { name: '', key: `age1${'p'.repeat(58)}` }]);
    for (const odd of ['', '# nothing', 'A=age1short', `A=${KEY}\nhunter2`, `${KEY}=A`]) expect(keysIn(odd)).toBeNull();
    expect([holdsSecret(`# x\nage-secret-key-1qqq`), holdsSecret('RWRTY0IyZpHt'), holdsSecret(`A=${KEY}`)]).toEqual([true, true, false]);
  });

  it('are asked for only with a recipient, a reason, and a word on media', () => {
    const draft = emptyExport();
    expect(problems(draft)).toEqual(['recipients', 'reason']);
    draft.media = true;
    expect(problems(draft)).toEqual(['recipients', 'media', 'reason']);
    Object.assign(draft, { recipients: [{ name: 'A', key: KEY }], mediaSure: true, reason: 'for the national set' });
    expect(problems(draft)).toEqual([]);
  });

  const preview = (standing: string): ExportPreview => ({
    categories: [['1', 3, 2, 1, 0], [null, 4, 0, 3, 1]], items: 7, with_series: 0, victim_identified: 0, vetoes: 0, media_bytes: 0, checks: [{ what: 'ledger-whole', standing, values: [] }],
  });
  const request = (number: number, more: Partial<ExportLine> = {}): ExportLine => ({
    request: number, state: 'asked', what: 'classified', media: false, recipients: [], reason: '', by: 'B', at: '2026-11-25T13:02:00Z', signed_by: null, signed_at: null, package_sha256: null, may_sign: true, why_not: null, sample: null, ...more,
  });

  it('add up, and are stopped by one check', () => {
    expect(together(preview('fine'))).toEqual([7, 2, 4, 1]);
    expect([isStopped(preview('fine')), isStopped(preview('know')), isStopped(preview('stops'))]).toEqual([false, false, true]);
  });

  it('put what waits first', () => {
    expect(inTurn([request(1), request(2, { state: 'signed' }), request(3), request(4, { state: 'withdrawn' })]).map((one) => one.request)).toEqual([3, 1, 4, 2]);
  });

  it('are not signed by who may not, unread, or against a check', () => {
    const filled = { keyFile: '/k', keyPassphrase: 'p', out: '/o', read: true, looked: true };
    expect(ready(request(1), preview('fine'), filled)).toBe(true);
    expect(ready(request(1, { may_sign: false, why_not: 'asked-it' }), preview('fine'), filled)).toBe(false);
    expect(ready(request(1, { state: 'signed' }), preview('fine'), filled)).toBe(false);
    expect(ready(request(1), preview('stops'), filled)).toBe(false);
    expect(ready(request(1), null, filled)).toBe(false);
    for (const part of [{ read: false }, { looked: false }, { keyFile: ' ' }, { keyPassphrase: '' }, { out: '' }]) expect(ready(request(1), preview('fine'), { ...filled, ...part })).toBe(false);
  });

  it('have a sample, of which only what has a picture has to be looked at', () => {
    const item = (number: number, has_picture: boolean, looked: boolean): ExportSample['items'][number] => ({ number, sha256: '', category: null, has_picture, looked });
    const sample: ExportSample = { leaves: 9, items: [item(1, true, true), item(2, true, false), item(3, false, false)], tiles: [] };
    expect([...lookedAt(sample)]).toEqual([1]);
    expect([leftToLook(sample, lookedAt(sample)), leftToLook(sample, new Set([1, 2]))]).toEqual([1, 0]);
  });

  it('say one of something as one', () => {
    const said = (values: [string, string][]): string => checkValue({ what: 'x', standing: 'fine', values });
    expect([said([['searched', '1']]), said([['searched', '1000']])]).toEqual(['looked for 1 file name', 'looked for 1,000 file names']);
    chooseLanguage('nl');
    expect([said([['searched', '1']]), said([['searched', '1000']])]).toEqual(['gezocht naar 1 bestandsnaam', 'gezocht naar 1.000 bestandsnamen']);
  });

  it('say what a check found, and lose no value that they have no words for', () => {
    const said = (values: [string, string][]): string => checkValue({ what: 'x', standing: 'fine', values });
    expect(said([['decided', '1407'], ['items', '1407']])).toBe('1,407 of 1,407');
    expect(said([['items', '18']])).toBe('18 items');
    expect(said([['items', '18'], ['colour', 'grey']])).toBe('items 18, colour grey');
    expect(said([])).toBe('');
    expect(said([['searched', '40'], ['naming', '2']])).toBe('looked for 40 file names; 2 name a file: read them');
    expect(said([['none', 'yes']])).toBe('there is none');
    expect(said([['set', 'National'], ['version', '7'], ['hours', '90'], ['old', 'yes'], ['changed', 'yes']])).toBe('National v7, 90 hours old; not every one is fresh; newer ones are there');
  });
});

describe('what is stated of a case', () => {
  it('is a whole number, with or without separators, or nothing', () => {
    expect(['', ' 12 ', '0', '1,082', '1.082', '1 082 000', '4294967295'].map(readItems)).toEqual([null, 12, 0, 1082, 1082, 1_082_000, 4_294_967_295]);
    for (const odd of ['-1', '1.5', '1e3', 'twaalf', '1,08', '4294967296', '12 items', '=1']) expect(readItems(odd)).toBeUndefined();
  });

  it('is stated anew only where it was changed', () => {
    const stated = [{ act: 'possession', items: 12, by: 'B', at: '' }, { act: 'production', items: null, by: null, at: null }, { act: 'abuse', items: 3, by: 'B', at: '' }];
    expect(changedActs(stated, { possession: '12', production: '', abuse: '' })).toEqual([['abuse', null]]);
    expect(changedActs(stated, { possession: '1,200', production: '0', abuse: '3' })).toEqual([['possession', 1200], ['production', 0]]);
  });
});

describe('places', () => {
  it('are said with the digits that they bear, in the signs of the language', () => {
    const place = { latitude: 52.0091, longitude: 4.4319, digits: 4, radius_m: 110 };
    expect(placeText(place)).toBe('52.0091 N, 4.4319 E ± 110 m');
    chooseLanguage('nl');
    expect(placeText(place)).toBe('52,0091 N, 4,4319 O ± 110 m');
    expect(placeText({ latitude: -33.86, longitude: -151.2, digits: 2, radius_m: 140_000 })).toBe('33,86 Z, 151,20 W ± 140 km');
  });
});
