// Clues, links and exports of the fake case: all of it follows from numbers, but for what a person changes.
import type { ExportForm, ExportLine, ExportPreview, ExportSample, LinkLine, MadeHere, MapPoint, PlaceShown, QualificationLine, RecipientView, SchemeView, TimeLine, WindowError } from '../types';
import type { Answers } from './index';
import { spread, type Items } from './items';
import type { FakeReview } from './review';

const refuse = (code: string, message: string, hint: string): WindowError => ({ code, message, hint, detail: '' });
const ME = 'A. Bakker';
const OTHER = 'J. de Wit';
const KEY_PASSPHRASE = 'zeef';

/** Latitude, longitude, radius in metres, items, lead. */
const SPOTS: readonly (readonly [number, number, number, number, number | null])[] = [
  [51.92, 4.48, 1_000, 31, 2], [51.905, 4.466, 10, 12, null], [51.22, 4.4, 2_000, 6, null], [51.441, 5.478, 500, 4, null], [52.091, 5.121, 100, 9, null],
  [52.37, 4.9, 1_000, 3, null], [50.941, 6.958, 100, 7, null], [52.52, 13.405, 5_000, 2, null], [41.39, 2.17, 1_000, 5, null], [10.31, 123.89, 10_000, 640, null], [53.2, 5.8, 20_000, 1, null],
];
const DEVICES: readonly (readonly [key: string, name: string, items: number, ahead_s: number])[] = [
  ['canon-063021', 'EOS 2000D, 063021', 112, 120], ['iphone-12', 'iPhone 12', 1_340, 0], ['galaxy-a52', 'Galaxy A52', 74, -3_600], ['dmc', 'DMC-TZ80 <b>x</b>', 9, 0], ['', '', 21, 0],
];
/** Reads the figures of a place as the program writes it. */
export function placeOf(kind: string, value: string): PlaceShown | null {
  const found = kind === 'place' ? /^([\d.]+) ([NS]), ([\d.]+) ([EW]) ± (\d+) (k?m)$/.exec(value) : null;
  if (!found) return null;
  const [, north = '', side, east = '', way, length, unit] = found;
  return {
    latitude: Number(north) * (side === 'S' ? -1 : 1), longitude: Number(east) * (way === 'W' ? -1 : 1), digits: (north.split('.')[1] ?? '').length,
    radius_m: Number(length) * (unit === 'km' ? 1_000 : 1),
  };
}

const RECIPIENTS: RecipientView[] = [
  { name: 'Landelijk meldpunt', key: 'age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq' },
  { name: 'Zeden Den Haag', key: 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj' },
];

export class FakeClues {
  private readonly clocks = new Map<string, { ahead_s: number; reason: string }>();
  private requests: ExportLine[];
  private stated: QualificationLine[] = [
    { act: 'possession', items: 1_082, by: OTHER, at: '2026-11-24T09:10:00Z' }, { act: 'distribution', items: null, by: null, at: null },
    { act: 'production', items: 31, by: OTHER, at: '2026-11-24T09:10:00Z' }, { act: 'abuse', items: null, by: null, at: null },
  ];

  constructor(private readonly items: Items, private readonly scheme: SchemeView, private readonly now: () => Date, private readonly review: FakeReview | null = null, exported = true) {
    const asked = (request: number, by: string, more: Partial<ExportLine>): ExportLine => ({
      request, state: 'asked', what: 'classified', media: false, recipients: RECIPIENTS.slice(0, 1), reason: 'for the national set, as agreed on Monday', by, at: '2026-11-25T13:02:00Z',
      signed_by: null, signed_at: null, package_sha256: null, may_sign: true, why_not: null, sample: null, ...more,
    });
    this.requests = !exported ? [] : [
      asked(3, OTHER, {}),
      asked(2, ME, { media: true, recipients: RECIPIENTS, reason: 'the unit in The Hague needs the pictures', may_sign: false, why_not: 'asked-it' }),
      asked(1, OTHER, { state: 'signed', signed_by: ME, signed_at: '2026-11-20T10:15:00Z', package_sha256: '5c1e90ab'.repeat(8), may_sign: false, why_not: 'done', sample: [20, 20] }),
    ];
  }

  /** Numbers of shown items, spread by a salt, without doubles. */
  private numbers(salt: number, count: number): number[] {
    const all = this.items.counts.shown + this.items.counts.refused;
    const found = new Set<number>();
    for (let turn = 0; found.size < count && turn < count * 4 && all > 0; turn += 1) {
      const number = 1 + (spread(turn, 200 + salt) % all);
      if (this.items.kind(number) === 'shown') found.add(number);
    }
    return [...found].sort((a, b) => a - b);
  }

  private points(lead: number | null): MapPoint[] {
    return SPOTS.filter((_, at) => lead === null || at < 4).map(([latitude, longitude, radius_m, items, of], at) => {
      const numbers = this.numbers(at, Math.min(items, 500));
      return { latitude, longitude, radius_m, items: numbers.length < 500 ? numbers.length : items, numbers, lead: of };
    });
  }

  private timeLine(lead: number | null): TimeLine {
    const begin = Date.UTC(2024, 0, 8) / 1000;
    return {
      undated: 318, left_out: 0,
      devices: DEVICES.filter((_, at) => lead === null || at < 2).map(([device, name, items, made_ahead_s], at) => {
        const own = this.clocks.get(device);
        const clock_ahead_s = own?.ahead_s ?? made_ahead_s;
        const numbers = this.numbers(40 + at, items);
        const taken = numbers.map((number): [number, number] => {
          const burst = spread(number % 7, 300 + at) % 620;
          return [begin + burst * 86_400 + (spread(number, 310) % 36_000) + 28_800 - clock_ahead_s, number];
        }).sort((a, b) => a[0] - b[0]);
        return { device, name, clock_ahead_s, clock_reason: own?.reason ?? (made_ahead_s === 0 ? '' : 'compared with the receipt in the picture'), items: taken.length, taken };
      }),
    };
  }

  private madeHere(): MadeHere {
    const reasons: [string, number][] = [['original', 40], ['device-in-case', 30], ['sequence', 20], ['no-known-match', 15], ['metadata-whole', 10], ['thumbnail-fits', 8], ['unedited', 5]];
    const lines = this.numbers(90, 214).map((number, at) => {
      const own = reasons.filter(([,], place) => at < 12 || spread(number, 400 + place) % 8 < 8 - place);
      return { number, points: own.reduce((sum, [, points]) => sum + points, 0), reasons: own };
    }).sort((a, b) => b.points - a.points || a.number - b.number);
    return { items: lines.length, lines, reasons: reasons.map(([name]) => [name, lines.filter((line) => line.reasons.some(([one]) => one === name)).length]) };
  }

  private links(lead: number | null): LinkLine[] {
    const [room, willow, cedar, bag] = [
      { end: 'lead', lead: 2, name: 'Room with diamond curtain' }, { end: 'lead', lead: 1, name: 'Willow' }, { end: 'lead', lead: 6, name: 'Cedar' }, { end: 'lead', lead: 3, name: 'Blue striped bag' },
    ] as const;
    const eos = { end: 'device', name: 'EOS 2000D, 063021' } as const, phone = { end: 'device', name: 'iPhone 12' } as const;
    const line = (kind: string, value: string, from: LinkLine['from'], to: LinkLine['to'], items: number, distance: number | null = null): LinkLine => ({ kind, value, place: placeOf(kind, value), from, to, items, distance });
    const alike = this.numbers(70, 18);
    const all = [
      line('serial', 'EOS 2000D, 063021', room, eos, 29), line('serial', 'EOS 2000D, 063021', willow, eos, 11), line('place', '51.92 N, 4.48 E ± 1000 m', room, willow, 23), line('series', 'Willow 2024', willow, cedar, 14),
      line('related', '', willow, cedar, 0), line('related', '', willow, room, 0), line('label', 'building.socket-f', room, bag, 2), line('place', '10.3 N, 123.9 E ± 10 km', cedar, phone, 6),
      line('region-alike', '', { end: 'region', lead: 2, name: room.name, number: alike[0] ?? 1, region: 1, evidence: 42 }, { end: 'region', lead: 3, name: bag.name, number: alike[1] ?? 2, region: 1, evidence: 57 }, 2, 8),
      ...alike.slice(1).map((number, at) => line('look-alike', '', { end: 'item', number: alike[at]! }, { end: 'item', number }, 2, spread(number, 71) % 32)),
      ...alike.slice(0, 6).map((number) => line('serial', 'iPhone 12', { end: 'item', number }, phone, 1)),
    ];
    return lead === null ? all : all.filter((one) => [one.from, one.to].some((end) => (end.end === 'lead' || end.end === 'region') && end.lead === lead));
  }

  private across(index: string): LinkLine[] {
    if (index.includes('missing')) throw refuse('not-found', 'There is no index at this place.', 'Choose the file, or add this case to a new index.');
    const room = { end: 'lead', lead: 2, name: 'Room with diamond curtain' } as const;
    return [
      { kind: 'look-alike', value: '', place: null, from: { end: 'item', number: this.numbers(70, 18)[0] ?? 1 }, to: { end: 'case', number: '25-OOST-1180', lead: null }, items: 1, distance: 11 },
      { kind: 'serial', value: 'EOS 2000D, 063021', place: null, from: { end: 'device', name: 'EOS 2000D, 063021' }, to: { end: 'case', number: '25-OOST-1180', lead: 'Attic' }, items: 4, distance: null },
      { kind: 'region-alike', value: '', place: null, from: { end: 'region', lead: 2, name: room.name, number: this.numbers(70, 18)[0] ?? 1, region: 1, evidence: 42 }, to: { end: 'case', number: '25-OOST-1180', lead: 'Attic' }, items: 1, distance: 11 },
      { kind: 'label', value: 'building.socket-f', place: null, from: room, to: { end: 'case', number: '24-LIM-0031', lead: 'Kitchen' }, items: 9, distance: null },
    ];
  }

  private preview(what: string, media: boolean): ExportPreview {
    const figures = [[612, 580, 32, 0], [470, 122, 348, 0], [231, 198, 33, 0], [94, 0, 94, 0]] as const;
    const categories = figures.map(([items, confirmed, alone, disputed], at): ExportPreview['categories'][number] => [this.scheme.categories[at]?.code ?? null, items, confirmed, alone, disputed]);
    if (what === 'all') categories.push([null, 38_805, 0, 0, 0]);
    const items = categories.reduce((sum, row) => sum + row[1], 0);
    return {
      categories, items, with_series: 212, victim_identified: 2, vetoes: 3, media_bytes: media ? 4.1e9 : 0,
      checks: [
        { what: 'decided-by-people', standing: what === 'all' ? 'know' : 'fine', values: [['decided', '1407'], ['items', String(items)]] },
        { what: 'nothing-else-goes-along', standing: 'fine', values: [['searched', '203418']] },
        { what: 'sets-fresh', standing: 'fine', values: [['set', 'Landelijk'], ['version', '1842'], ['hours', '6']] },
        { what: 'scheme-translates', standing: 'know', values: [['scheme', this.scheme.id], ['exact', '1403'], ['person', '4']] },
        { what: 'disputed', standing: 'know', values: [['items', '18']] },
        { what: 'ledger-whole', standing: 'fine', values: [['head', '5c1e90ab'], ['operations', '48112']] },
        ...(media ? [{ what: 'media-there', standing: 'stops', values: [['missing', '12'], ['items', String(items)]] as [string, string][] }] : []),
      ],
    };
  }

  private request(form: ExportForm): number {
    const request = 1 + Math.max(0, ...this.requests.map((one) => one.request));
    this.requests = [...this.requests, {
      request, state: 'asked', what: form.what, media: form.media, recipients: form.recipients.map(([name, key]) => ({ name, key })), reason: form.reason, by: ME, at: this.now().toISOString(),
      signed_by: null, signed_at: null, package_sha256: null, may_sign: false, why_not: 'asked-it', sample: null,
    }];
    return request;
  }

  private sample(request: number): ExportSample {
    const numbers = this.numbers(500 + request, 20);
    const tiles = this.review?.tilesOf(numbers) ?? [];
    const items = numbers.map((number, at) => ({
      number, sha256: this.items.sha256(number), category: this.scheme.categories[spread(number, 72) % 3]?.code ?? null,
      has_picture: tiles[at]?.has_picture ?? true, looked: this.review?.hasSeen(number) ?? false,
    }));
    return { leaves: 1_407, items, tiles };
  }

  private state(acts: Array<[string, number | null]>): QualificationLine[] {
    const said = new Map(acts);
    this.stated = this.stated.map((one) => (said.has(one.act) && said.get(one.act) !== one.items ? { act: one.act, items: said.get(one.act) ?? null, by: ME, at: this.now().toISOString() } : one));
    return this.stated;
  }

  private sign(request: number, passphrase: string, unlooked: boolean): ExportLine {
    const line = this.requests.find((one) => one.request === request);
    if (!line?.may_sign) throw refuse('not-allowed', 'Who asked for a package does not sign it.', 'Ask a team lead who did not ask for it.');
    if (passphrase !== KEY_PASSPHRASE) throw refuse('access-denied', 'The passphrase of this key is not right.', 'Type it again. Nothing was written.');
    const { items } = this.sample(request);
    const looked = items.filter((one) => one.looked).length;
    if (!unlooked && looked < items.length) throw refuse('bad-input', `You looked at ${looked} of the ${items.length} items of the sample.`, 'Look at the rest, or say that you sign without.');
    const signed: ExportLine = { ...line, sample: [items.length, looked], state: 'signed', signed_by: ME, signed_at: this.now().toISOString(), package_sha256: '90ab5c1e'.repeat(8), may_sign: false, why_not: 'done' };
    this.requests = this.requests.map((one) => (one.request === request ? signed : one));
    return signed;
  }

  answers(): Partial<Answers> {
    return {
      clues: () => [{ kind: 'serial', value: 'EOS 2000D, 063021', place: null, items: 29, numbers: this.numbers(40, 29) }],
      map_points: ({ lead }) => this.points(lead),
      time_line: ({ lead }) => this.timeLine(lead),
      clock_set: ({ device, aheadS, reason }) => { this.clocks.set(device, { ahead_s: aheadS, reason }); },
      made_here: () => this.madeHere(),
      links: ({ lead }) => this.links(lead),
      links_across: ({ index }) => this.across(index),
      index_add: () => undefined,
      recipients: () => RECIPIENTS,
      export_preview: ({ what, media }) => this.preview(what, media),
      export_request: ({ form }) => this.request(form),
      exports: () => this.requests,
      export_withdraw: ({ request }) => { this.requests = this.requests.map((one) => (one.request === request ? { ...one, state: 'withdrawn', may_sign: false, why_not: 'done' } : one)); },
      export_sample: ({ request }) => this.sample(request),
      export_sign: ({ request, keyPassphrase, unlooked }) => this.sign(request, keyPassphrase, unlooked),
      signing_key_make: ({ out }) => ({ secret: out, public: `${out}.pub`, text: 'RWQ0417c0deKxq8n2m5vZ1sT7wYb3dF6gH9jL0pQ4rU8eC2aN5i' }),
      qualification: () => this.stated,
      qualification_state: ({ acts }) => this.state(acts),
      report_write: ({ out }) => ({ pages: 23, sha256: '0417c0de'.repeat(8), pdf: out, json: out.replace(/\.pdf$/, '.json') }),
    };
  }
}
