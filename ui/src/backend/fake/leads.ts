// Leads of the fake case: seven as in the mock screen, a small vocabulary, and every change with its way back.
import type { ClueLine, EvidenceForm, EvidenceView, LabelView, LeadDetail, LeadForm, LeadLine, LeadStep, RegionLine, RegionsView, RegionView, VocabularyView, WindowError } from '../types';
import { placeOf } from './clues';
import type { Answers } from './index';
import { CAMERAS, FOLDERS } from './items';
import type { FakeReview } from './review';

const ME = 'A. Bakker';
const OTHER = 'J. de Wit';
const refuse = (code: string, message: string, hint: string): WindowError => ({ code, message, hint, detail: '' });

/** Code, group and name in both languages, kinds. */
const LABELS: ReadonlyArray<readonly [code: string, groupEn: string, groupNl: string, en: string, nl: string, kinds: string]> = [
  ['building.window-four', 'Building', 'Gebouw', 'Window, four panes', 'Raam, vier ruiten', 'place'],
  ['building.socket-c', 'Building', 'Gebouw', 'Socket, type C', 'Stopcontact, type C', 'place'],
  ['building.socket-f', 'Building', 'Gebouw', 'Socket, type F', 'Stopcontact, type F', 'place'],
  ['building.socket-g', 'Building', 'Gebouw', 'Socket, type G', 'Stopcontact, type G', 'place'],
  ['building.radiator', 'Building', 'Gebouw', 'Radiator', 'Radiator', 'place'],
  ['building.tiles', 'Building', 'Gebouw', 'Tiles', 'Tegels', 'place'],
  ['furnishing.curtain', 'Soft furnishing', 'Stoffering', 'Curtain, patterned', 'Gordijn met patroon', 'place object'],
  ['furnishing.carpet', 'Soft furnishing', 'Stoffering', 'Carpet', 'Tapijt', 'place object'],
  ['furnishing.bedding', 'Soft furnishing', 'Stoffering', 'Bedding, patterned', 'Beddengoed met patroon', 'place object'],
  ['object.bag', 'Object', 'Voorwerp', 'Bag', 'Tas', 'object'],
  ['object.bottle', 'Object', 'Voorwerp', 'Bottle', 'Fles', 'object'],
  ['object.toy', 'Object', 'Voorwerp', 'Toy', 'Speelgoed', 'object victim'],
  ['clothing.uniform', 'Clothing', 'Kleding', 'School uniform', 'Schooluniform', 'victim object'],
  ['clothing.logo', 'Clothing', 'Kleding', 'Clothing with a logo', 'Kleding met logo', 'victim offender object'],
  ['person.scar', 'Person', 'Persoon', 'Scar', 'Litteken', 'victim offender'],
  ['person.birthmark', 'Person', 'Persoon', 'Birthmark', 'Moedervlek', 'victim offender'],
  ['person.tattoo', 'Person', 'Persoon', 'Tattoo', 'Tatoeage', 'offender'],
  ['text.sign', 'Text', 'Tekst', 'Street sign', 'Straatnaambord', 'text place'],
  ['text.label', 'Text', 'Tekst', 'Label of a product', 'Etiket van een product', 'text object'],
  ['text.screen', 'Text', 'Tekst', 'Text on a screen', 'Tekst op een scherm', 'text account'],
  ['outside.skyline', 'Outside', 'Buiten', 'Skyline', 'Skyline', 'place'],
  ['outside.vegetation', 'Outside', 'Buiten', 'Plants that tell a region', 'Planten die een streek verraden', 'place'],
];

const VOCABULARY: VocabularyView = {
  id: 'fake/1', labels: LABELS.map(([code, group_en, group_nl, en, nl, kinds]): LabelView => ({ code, group_en, group_nl, en, nl, kinds: kinds.split(' ') })),
};

interface Lead {
  form: LeadForm;
  risk: string;
  riskBy: string | null;
  by: string;
  evidence: EvidenceView[];
  log: LeadStep[];
}

const FORM: LeadForm = { kind: 'victim', state: 'open', name: '', labels: [], text: '', series: null, place: null, related: [] };

export class FakeLeads {
  private leads = new Map<number, Lead>();
  private lastLead = 0;
  private lastEvidence = 0;

  constructor(private readonly review: FakeReview, private readonly now: () => Date) {
    const shown = this.shown(120);
    if (shown.length < 8) return;
    const at = (first: number, count: number): number[] => shown.slice(first, first + count);
    this.seed({ ...FORM, name: 'Willow', labels: ['clothing.uniform'] }, OTHER, at(0, 23), 'now');
    const room = this.seed({
      ...FORM, kind: 'place', state: 'followed', name: 'Room with diamond curtain', labels: ['furnishing.curtain', 'building.socket-f', 'building.window-four'],
      text: 'The same room in both series. The window looks out on a canal.', place: [51.9225, 4.4792, 1000], related: [1],
    }, ME, at(20, 41), 'none');
    this.seed({ ...FORM, kind: 'object', name: 'Blue striped bag', labels: ['object.bag'] }, ME, at(64, 7), 'none');
    this.seed({ ...FORM, kind: 'device', state: 'followed', name: 'EOS 2000D · 063021' }, ME, at(8, 40), 'none');
    this.seed({ ...FORM, kind: 'text', state: 'shared', name: 'Label on a bottle', labels: ['text.label'] }, ME, at(80, 2), 'none');
    this.seed({ ...FORM, state: 'identified', name: 'Cedar', series: 'Haven' }, OTHER, at(50, 18), 'none');
    this.seed({ ...FORM, kind: 'relation', name: 'Willow and Cedar: same room', related: [1, 2, 6] }, ME, at(30, 3), 'none');
    this.seed({ ...FORM, kind: 'account', state: 'closed', name: '<b>kite_2291</b>' }, ME, at(90, 2), 'none');
    const first = room.evidence[0]!;
    this.region(room, first.number, 'Curtain', [[0.236, 0.056], [0.312, 0.6]]);
    this.region(room, first.number, 'Socket', [[0.742, 0.54], [0.838, 0.676]]);
    this.region(room, room.evidence[1]!.number, '', [[0.2, 0.3], [0.5, 0.25], [0.62, 0.55], [0.3, 0.7]]);
    this.region(room, room.evidence[2]!.number, 'Window', [[0.4, 0.1], [0.8, 0.42]]);
  }

  private shown(most: number): number[] {
    const found: number[] = [];
    for (let number = 1; number <= this.review.items.last && found.length < most; number += 1) if (this.review.items.kind(number) === 'shown') found.push(number);
    return found;
  }

  private seed(form: LeadForm, by: string, numbers: number[], risk: string): Lead {
    this.lastLead += 1;
    const at = (minute: number): string => `2026-11-25T10:${String(minute).padStart(2, '0')}:00Z`;
    const log: LeadStep[] = [{ what: 'made', value: null, by, at: at(30) }];
    if (form.state !== 'open') log.unshift({ what: 'state', value: form.state, by, at: at(41) });
    if (risk === 'now') log.unshift({ what: 'risk', value: 'now', by, at: at(44) });
    const lead: Lead = { form, risk, riskBy: null, by, evidence: numbers.map((number) => this.evidence({ number, caption: '', region: null, metadata: null }, by, at(31))), log };
    this.leads.set(this.lastLead, lead);
    return lead;
  }

  private region(lead: Lead, number: number, caption: string, points: ReadonlyArray<readonly [number, number]>): void {
    const [width, height] = this.review.items.shape(number);
    const region: RegionView = { picture_width: width, picture_height: height, rectangle: points.length === 2, points: points.map(([x, y]) => [Math.round(x * width), Math.round(y * height)]) };
    lead.evidence = [...lead.evidence, this.evidence({ number, caption, region, metadata: null }, ME, '2026-11-25T10:52:00Z')];
    lead.log = [{ what: 'evidence-added', value: '1', by: ME, at: '2026-11-25T10:52:00Z' }, ...lead.log];
  }

  private evidence(form: EvidenceForm, by: string, at: string): EvidenceView {
    this.lastEvidence += 1;
    const [width, height] = this.review.items.shape(form.number);
    return { ...form, evidence: this.lastEvidence, has_picture: this.review.items.kind(form.number) === 'shown', width, height, by, at };
  }

  private of(lead: number): Lead {
    const found = this.leads.get(lead);
    if (!found) throw refuse('not-found', `There is no lead ${lead} in this case.`, 'It may have been undone.');
    return found;
  }

  regions(lead: number, number: number): RegionView[] {
    return this.of(lead).evidence.flatMap((one) => (one.number === number && one.region ? [one.region] : []));
  }

  private line(lead: number): LeadLine {
    const one = this.of(lead);
    return {
      lead, kind: one.form.kind, state: one.form.state, name: one.form.name, items: new Set(one.evidence.map((piece) => piece.number)).size,
      regions: one.evidence.filter((piece) => piece.region).length, risk: one.risk, risk_by: one.riskBy, by: one.by, own: one.by === ME, series: one.form.series,
    };
  }

  private lines(): LeadLine[] {
    return [...this.leads.keys()].map((lead) => this.line(lead));
  }

  detail(lead: number): LeadDetail {
    const one = this.of(lead);
    const numbers = [...new Set(one.evidence.map((piece) => piece.number))].sort((a, b) => a - b);
    const evidence = numbers.flatMap((number) => one.evidence.filter((piece) => piece.number === number));
    return { line: this.line(lead), form: one.form, evidence, clues: this.clues(numbers), set_series: numbers.length > 20 ? [{ name: 'Haven', count: 12 }] : [], log: one.log };
  }

  /** What regions look like: every other one like the first item of an object, and some show too little. */
  private looks(lead: number): RegionsView {
    const places = new Map<number, number>();
    const lines = this.detail(lead).evidence.filter((one) => one.region !== null).map((one, at): RegionLine => {
      const region = (places.get(one.number) ?? 0) + 1;
      places.set(one.number, region);
      const other = [...this.leads].find(([of, found]) => of !== lead && found.form.kind === 'object' && found.evidence.length > 0);
      const alike = other && at % 2 === 0 ? [{ lead: other[0], name: other[1].form.name, number: other[1].evidence[0]!.number, region: 1, distance: 8 + at }] : [];
      return { evidence: one.evidence, number: one.number, region, standing: at % 4 === 3 ? 'poor' : 'usable', alike };
    });
    return { lines, waiting: 0 };
  }

  private clues(numbers: number[]): ClueLine[] {
    const { items } = this.review;
    const shared = new Map<string, number[]>();
    const put = (kind: string, value: string, number: number): void => void shared.set(`${kind}\n${value}`, [...(shared.get(`${kind}\n${value}`) ?? []), number]);
    for (const number of numbers) {
      const camera = CAMERAS[items.camera(number)] ?? 'none';
      if (camera !== 'none') put('serial', `${camera}, 063021`, number);
      put('folder', FOLDERS[items.folder(number)] ?? '', number);
      if (number % 3 === 0) put('place', '51.92 N, 4.48 E ± 1000 m', number);
      if (number % 5 === 0) put('original', '', number);
    }
    // The folder has more items than the lead: they can be added from here.
    return [...shared].map(([key, found]): ClueLine => {
      const [kind = '', value = ''] = key.split('\n');
      const all = kind === 'folder' ? [...found, ...this.shown(120).filter((number) => !numbers.includes(number)).slice(0, 2)] : found;
      return { kind, value, place: placeOf(kind, value), items: all.length, numbers: all };
    }).filter((clue) => clue.items > 1).sort((a, b) => b.items - a.items);
  }

  /** Makes a change with its way back, and a step of the log. */
  private change(lead: number, what: string, items: number, step: Pick<LeadStep, 'what' | 'value'> | null, change: (one: Lead) => Lead): void {
    const before = this.of(lead);
    const made = change(before);
    const log = (kind: Pick<LeadStep, 'what' | 'value'>): LeadStep => ({ ...kind, by: ME, at: this.now().toISOString() });
    const after = step ? { ...made, log: [log(step), ...before.log] } : made;
    this.leads.set(lead, after);
    this.review.recordTurn(what, items, () => this.leads.set(lead, { ...before, log: [log({ what: 'undone', value: null }), ...after.log] }),
      () => this.leads.set(lead, { ...after, log: [log({ what: 'redone', value: null }), ...after.log] }));
  }

  private leadNew(form: LeadForm, evidence: EvidenceForm[]): number {
    if (form.name.trim() === '') throw refuse('bad-input', 'A lead needs a name.', 'Give it a short name.');
    this.lastLead += 1;
    const lead = this.lastLead;
    const at = this.now().toISOString();
    const made: Lead = { form, risk: 'none', riskBy: null, by: ME, evidence: evidence.map((one) => this.evidence(one, ME, at)), log: [{ what: 'made', value: null, by: ME, at }] };
    this.leads.set(lead, made);
    this.review.recordTurn('lead-made', evidence.length, () => this.leads.delete(lead), () => this.leads.set(lead, made));
    return lead;
  }

  private leadSave(lead: number, form: LeadForm): void {
    const { form: before } = this.of(lead);
    const differs = (Object.keys(form) as Array<keyof LeadForm>).find((key) => JSON.stringify(form[key]) !== JSON.stringify(before[key]));
    if (!differs) return;
    const what = differs === 'kind' ? 'name' : differs;
    this.change(lead, 'lead-changed', 1, { what, value: what === 'state' ? form.state : null }, (one) => ({ ...one, form }));
  }

  private evidenceAdd(lead: number, forms: EvidenceForm[]): number[] {
    const at = this.now().toISOString();
    const { evidence } = this.of(lead);
    const fresh = forms.filter((form) => form.region || form.metadata || !evidence.some((one) => one.number === form.number && !one.region && !one.metadata));
    const added = fresh.map((form) => this.evidence(form, ME, at));
    if (added.length > 0) this.change(lead, 'evidence-added', added.length, { what: 'evidence-added', value: String(added.length) }, (one) => ({ ...one, evidence: [...one.evidence, ...added] }));
    return added.map((one) => one.evidence);
  }

  private holder(evidence: number): number {
    for (const [lead, one] of this.leads) if (one.evidence.some((piece) => piece.evidence === evidence)) return lead;
    throw refuse('not-found', 'This evidence is not there.', 'It may have been removed.');
  }

  private evidenceChange(evidence: number, caption: string, region: RegionView | null): void {
    this.change(this.holder(evidence), 'evidence-changed', 1, { what: 'evidence-changed', value: null },
      (one) => ({ ...one, evidence: one.evidence.map((piece) => (piece.evidence === evidence ? { ...piece, caption, region } : piece)) }));
  }

  private evidenceRemove(evidence: number[]): void {
    const [first] = evidence;
    if (first === undefined) return;
    this.change(this.holder(first), 'evidence-removed', evidence.length, { what: 'evidence-removed', value: String(evidence.length) },
      (one) => ({ ...one, evidence: one.evidence.filter((piece) => !evidence.includes(piece.evidence)) }));
  }

  private risk(lead: number, risk: string, by: string | null, what: string): void {
    if (this.of(lead).risk !== risk) this.change(lead, what, 1, { what: 'risk', value: risk }, (one) => ({ ...one, risk, riskBy: by }));
  }

  answers(counted: <T>(done: T) => T): Partial<Answers> {
    return {
      vocabulary: () => VOCABULARY,
      leads: () => this.lines(),
      lead: ({ lead }) => this.detail(lead),
      lead_regions: ({ lead }) => this.looks(lead),
      risks: () => this.lines().filter((line) => line.risk !== 'none'),
      lead_new: ({ form, evidence }) => counted(this.leadNew(form, evidence)),
      lead_save: ({ lead, form }) => counted(this.leadSave(lead, form)),
      lead_risk: ({ lead, now }) => counted(this.risk(lead, now ? 'now' : 'none', null, now ? 'risk-raised' : 'risk-lowered')),
      lead_risk_take: ({ lead }) => counted(this.risk(lead, 'taken', ME, 'risk-taken')),
      evidence_add: ({ lead, evidence }) => counted(this.evidenceAdd(lead, evidence)),
      evidence_change: ({ evidence, caption, region }) => counted(this.evidenceChange(evidence, caption, region)),
      evidence_remove: ({ evidence }) => counted(this.evidenceRemove(evidence)),
      leads_of: ({ number }) => this.lines().filter((line) => this.of(line.lead).evidence.some((one) => one.number === number)),
    };
  }
}
