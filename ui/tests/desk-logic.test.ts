// Small parts of the lead desk: when saved regions are clear, labels by search, what is typed, the strip and the list.
import { beforeEach, describe, expect, it } from 'vitest';
import type { EvidenceView, LabelView, LeadLine, RegionView } from '../src/backend/types';
import { Regions, type RegionsWish } from '../src/desk/clearRegions';
import type { Clear } from '../src/review/reveal';
import { draftOf, emptyDraft, figure, formOf, problems } from '../src/desk/form';
import { byItem, shelfCount, shelved, stripRun } from '../src/desk/items';
import { labelName, search } from '../src/desk/labels';

const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

describe('saved regions', () => {
  let asked: Array<{ wish: RegionsWish; signal: AbortSignal; give: (clear: Clear<string>) => void; refuse: (why: unknown) => void }>;
  let ended: string[];
  let regions: Regions<string>;
  const wish = (over: Partial<RegionsWish> = {}): RegionsWish => ({ lead: 1, number: 7, regions: ['a', 'b'], longest: 500, ...over });
  const clear = (ticket: string): Clear<string> => ({ ticket, picture: 'pixels', small: false });

  beforeEach(() => {
    asked = [];
    ended = [];
    regions = new Regions<string>({
      ask: (one, signal) => new Promise((give, refuse) => asked.push({ wish: one, signal, give, refuse })), end: (one) => ended.push(one.ticket), changed: () => undefined,
    });
  });

  it('are asked for once, and are clear when their bytes are there', async () => {
    regions.want(wish());
    regions.want(wish({ longest: 700 }));
    expect(asked).toHaveLength(1);
    asked[0]!.give(clear('a'));
    await turn();
    expect(regions.sight).toMatchObject({ phase: 'clear', clear: { ticket: 'a' } });
  });

  it('are not asked for where there are none', () => {
    regions.want(wish({ regions: [] }));
    expect(asked).toHaveLength(0);
  });

  it('go at once when they are not wanted, and their bytes with them', async () => {
    regions.want(wish());
    asked[0]!.give(clear('a'));
    await turn();
    regions.want(null);
    expect(regions.sight.phase).toBe('veiled');
    expect(ended).toEqual(['a']);
  });

  it('drop bytes that come after they were not wanted any more', async () => {
    regions.want(wish());
    regions.want(null);
    expect(asked[0]!.signal.aborted).toBe(true);
    asked[0]!.give(clear('late'));
    await turn();
    expect(regions.sight.phase).toBe('veiled');
    expect(ended).toEqual(['late']);
  });

  it('are veiled at once on another item, and when one of them was removed', async () => {
    regions.want(wish());
    asked[0]!.give(clear('a'));
    await turn();
    regions.want(wish({ regions: ['a'] }));
    expect(regions.sight.phase).toBe('asked');
    expect(ended).toEqual(['a']);
    asked[1]!.give(clear('b'));
    await turn();
    regions.want(wish({ number: 8 }));
    expect(regions.sight.phase).toBe('asked');
    expect(ended).toEqual(['a', 'b']);
  });

  it('stay while one is moved or added, until the new picture is there', async () => {
    regions.want(wish());
    asked[0]!.give(clear('a'));
    await turn();
    regions.want(wish({ regions: ['a', 'moved'] }));
    expect(regions.sight).toMatchObject({ phase: 'clear', clear: { ticket: 'a' } });
    expect(ended).toEqual([]);
    asked[1]!.give(clear('b'));
    await turn();
    expect(regions.sight).toMatchObject({ phase: 'clear', clear: { ticket: 'b' } });
    expect(ended).toEqual(['a']);
  });

  it('are veiled when the new picture does not come', async () => {
    regions.want(wish());
    asked[0]!.give(clear('a'));
    await turn();
    regions.want(wish({ regions: ['a', 'moved'] }));
    asked[1]!.refuse('gone');
    await turn();
    expect(regions.sight.phase).toBe('failed');
    expect(ended).toEqual(['a']);
  });
});

describe('labels', () => {
  const label = (code: string, en: string, nl: string, kinds: string[], group: [string, string] = ['Building', 'Gebouw']): LabelView => ({ code, en, nl, kinds, group_en: group[0], group_nl: group[1] });
  const LABELS = [label('b.f', 'Socket, type F', 'Stopcontact, type F', ['place']), label('b.w', 'Window', 'Raam', ['place']), label('p.s', 'Scar', 'Litteken', ['victim'], ['Person', 'Persoon'])];
  const codes = (query: string, kind = 'place', chosen: string[] = [], language: 'en' | 'nl' = 'nl'): string[] => search(LABELS, query, kind, chosen, language).map((one) => one.code);

  it('are found in the language of the window, by their group, and in the other language too', () => {
    expect(codes('stop')).toEqual(['b.f']);
    expect(codes('gebouw')).toEqual(['b.f', 'b.w']);
    expect(codes('window')).toEqual(['b.w']);
    expect(codes('littéken')).toEqual(['p.s']);
    expect(codes('zzz')).toEqual([]);
  });

  it('come with those first that fit the kind, and without those that are chosen', () => {
    expect(codes('', 'victim')).toEqual(['p.s', 'b.f', 'b.w']);
    expect(codes('', 'place', ['b.f'])).toEqual(['b.w', 'p.s']);
  });

  it('stand by their code where the vocabulary does not have them', () => {
    expect(labelName(LABELS, 'p.s', 'nl')).toEqual({ group: 'Persoon', name: 'Litteken' });
    expect(labelName(LABELS, 'old.code', 'nl')).toEqual({ group: '', name: 'old.code' });
  });
});

describe('what is typed about a lead', () => {
  it('needs a name, and a whole place or none', () => {
    expect(problems({ ...emptyDraft(), name: '  ' })).toEqual({ name: 'missing' });
    expect(problems({ ...emptyDraft(), name: 'Willow' })).toEqual({});
    expect(problems({ ...emptyDraft(), name: 'Willow', latitude: '51.9' })).toEqual({ longitude: 'missing', radius: 'missing' });
    expect(problems({ ...emptyDraft(), name: 'Willow', latitude: '91', longitude: 'east', radius: '0' })).toEqual({ latitude: 'range', longitude: 'number', radius: 'range' });
    expect(problems({ ...emptyDraft(), name: 'x'.repeat(201), series: 'y'.repeat(201), text: 'z'.repeat(20_001) })).toEqual({ name: 'long', series: 'long', text: 'long' });
    // Signs of two units each are one character, as the program counts.
    expect(problems({ ...emptyDraft(), name: '🜁'.repeat(200) })).toEqual({});
  });

  it('takes a comma or a point', () => {
    expect([figure('4,48'), figure(' -4.48 '), figure('4.4.8'), figure('1e3'), figure('')]).toEqual([4.48, -4.48, null, null, null]);
  });

  it('is sent as the program has it, and comes back the same', () => {
    const form = formOf({ ...emptyDraft(), name: ' Willow ', series: ' ', latitude: '51,9', longitude: '4.5', radius: '250', labels: ['a'], related: [3] });
    expect(form).toEqual({ kind: 'victim', state: 'open', name: 'Willow', labels: ['a'], text: '', series: null, place: [51.9, 4.5, 250], related: [3] });
    expect(formOf(draftOf(form))).toEqual(form);
  });
});

describe('the strip', () => {
  const region: RegionView = { picture_width: 10, picture_height: 10, rectangle: true, points: [[0, 0], [5, 5]] };
  const piece = (evidence: number, number: number, of: RegionView | null): EvidenceView => ({ evidence, number, has_picture: true, width: 10, height: 10, caption: '', region: of, metadata: null, by: 'A', at: '' });

  it('has each item once, with its regions', () => {
    const items = byItem([piece(1, 9, null), piece(2, 4, region), piece(3, 9, region), piece(4, 9, region)]);
    expect(items.map((one) => [one.number, one.evidence.length, one.regions.length])).toEqual([[4, 1, 1], [9, 3, 2]]);
  });

  it('is drawn as far as there is room, with the ring among it', () => {
    expect(stripRun(41, 0, 7)).toEqual({ first: 0, last: 6 });
    expect(stripRun(41, 20, 7)).toEqual({ first: 17, last: 23 });
    expect(stripRun(41, 40, 7)).toEqual({ first: 34, last: 40 });
    expect(stripRun(3, 1, 7)).toEqual({ first: 0, last: 2 });
  });
});

describe('the list of leads', () => {
  const line = (lead: number, own: boolean, state = 'open', risk = 'none'): LeadLine => ({ lead, kind: 'victim', state, name: String(lead), items: 1, regions: 0, risk, risk_by: null, by: 'A', own, series: null });
  const LINES = [line(1, true), line(2, false), line(3, false, 'open', 'now'), line(4, true, 'closed')];

  it('has the one at risk first, whoever made it, and the closed ones apart', () => {
    expect(shelved(LINES, 'all').map((one) => one.lead)).toEqual([3, 1, 2]);
    expect(shelved(LINES, 'mine').map((one) => one.lead)).toEqual([1]);
    expect(shelved(LINES, 'closed').map((one) => one.lead)).toEqual([4]);
    expect(shelfCount(LINES, 'all')).toBe(3);
  });
});
