// The lead desk: which lead and which item are on it, and everything that is done to them, each in its order.
import { call, windowError } from '../backend';
import type { EvidenceForm, EvidenceView, LeadDetail, LeadForm, LeadLine, UndoLabel, VocabularyView, WindowError } from '../backend/types';
import { decisions } from '../review/decide.svelte';
import { Queue } from '../review/queue';
import { sights } from '../review/sight.svelte';
import { view } from '../review/view.svelte';
import { leadWatch } from '../shell/leadWatch.svelte';
import { router } from '../shell/router.svelte';
import { Drawing, type Saved } from './drawing';
import { draftOf, emptyDraft, type LeadDraft } from './form';
import { byItem, shelved, type DeskItem, type LeadShelf } from './items';
import { clearOnDesk } from './regions.svelte';
import { fromView, toView, type Shape, type Size } from './shape';

/** A lead that is being made: the items that it is to rest on. */
export interface Making {
  numbers: number[];
}

class Desk {
  lead: number | null = $state(null);
  /** Item on the desk. */
  number: number | null = $state(null);
  detail: LeadDetail | null = $state.raw(null);
  vocabulary: VocabularyView | null = $state.raw(null);
  shelf: LeadShelf = $state('all');
  error: WindowError | null = $state.raw(null);
  /** What undo or redo did last. */
  undone: { label: UndoLabel; redo: boolean } | null = $state.raw(null);
  /** The dialog of a new lead, or of items for one that is there. */
  making: Making | null = $state.raw(null);
  /** True while the words about the lead are changed in a dialog. */
  editing = $state(false);
  /** What was typed for a new lead; it outlives the dialog, not the lock. */
  draft: LeadDraft = $state(emptyDraft());
  /** Saved regions are clear, unless the person wants them veiled. */
  regionsClear = $state(true);
  /** Grows whenever what is drawn has changed. */
  drawn = $state(0);

  readonly drawing = new Drawing({
    add: (shape) => this.addRegion(shape),
    change: (evidence, shape) => this.changeRegion(evidence, shape),
    remove: (evidence) => this.removeEvidence([evidence]),
    changed: () => (this.drawn += 1),
  });
  private readonly queue = new Queue((thrown) => (this.error = windowError(thrown)));
  private turn = 0;

  readonly items: DeskItem[] = $derived(byItem(this.detail?.evidence ?? []));
  readonly item: DeskItem | null = $derived(this.items.find((one) => one.number === this.number) ?? null);
  readonly lines: LeadLine[] = $derived(shelved(leadWatch.lines ?? [], this.shelf));

  /** True when nothing is on its way to the program. */
  get idle(): boolean {
    return this.queue.idle;
  }

  // Coming and going

  /** Goes to a lead, from any page. */
  show(lead: number, number: number | null = null): void {
    const here = router.page === 'leads';
    if (this.lead !== lead) {
      this.put(lead);
      this.number = number;
    } else if (number !== null) this.choose(number);
    router.go('leads');
    // Else the page asks when it opens.
    if (here) void this.reload();
  }

  /** The page of the desk opens. */
  async begin(): Promise<void> {
    this.error = null;
    this.undone = null;
    try {
      this.vocabulary ??= await call('vocabulary', {});
    } catch (thrown) {
      this.error = windowError(thrown);
    }
    await leadWatch.askLines();
    const lines = leadWatch.lines ?? [];
    // Another page of the leads may have come to another lead.
    const asked = router.lead?.lead;
    if (asked !== undefined && asked !== this.lead && lines.some((line) => line.lead === asked)) this.put(asked);
    if (this.lead === null || !lines.some((line) => line.lead === this.lead)) this.put(this.lines[0]?.lead ?? lines[0]?.lead ?? null);
    await this.reload();
    await decisions.begin().catch(() => undefined);
  }

  /** The page is left: what was moved is saved, and nothing stays clear. */
  leave(): void {
    this.veil();
    this.drawing.cancel();
    this.drawing.settle();
  }

  /** Nothing of a case stays in the window, but where she was if it was only locked. */
  drop(locked: boolean): void {
    this.turn += 1;
    this.veil();
    this.queue.drop();
    this.drawing.drop();
    this.detail = null;
    this.vocabulary = null;
    this.making = null;
    this.editing = false;
    this.error = null;
    this.undone = null;
    this.draft = emptyDraft();
    if (locked) return;
    this.lead = null;
    this.number = null;
    router.lead = null;
    this.shelf = 'all';
    this.regionsClear = true;
  }

  veil(): void {
    sights.away();
    clearOnDesk.want(null);
  }

  // Which lead, which item

  choose(number: number): void {
    if (number === this.number) return;
    sights.veil();
    this.drawing.settle();
    this.number = number;
    this.openDrawing();
  }

  /** Goes to the item before or after, as far as there is one. */
  stepItem(by: 1 | -1): void {
    const at = this.items.findIndex((one) => one.number === this.number);
    const next = this.items[at + by];
    if (next) this.choose(next.number);
  }

  async open(lead: number): Promise<void> {
    if (lead === this.lead) return;
    this.put(lead);
    this.number = null;
    await this.reload();
  }

  async reload(): Promise<void> {
    const { lead } = this;
    this.turn += 1;
    const turn = this.turn;
    if (lead === null) {
      this.detail = null;
      this.openDrawing();
      return;
    }
    try {
      const detail = await call('lead', { lead });
      if (turn !== this.turn) return;
      this.take(detail);
    } catch (thrown) {
      if (turn !== this.turn) return;
      // Undo may have taken the lead away: it is gone from the list too.
      if (windowError(thrown).code === 'not-found') this.put(this.lines.find((line) => line.lead !== lead)?.lead ?? null);
      else this.error = windowError(thrown);
    }
  }

  private put(lead: number | null): void {
    this.veil();
    this.drawing.settle();
    this.turn += 1;
    this.lead = lead;
    this.detail = null;
    this.drawing.open({ width: 0, height: 0 }, []);
    if (lead === null) this.number = null;
  }

  private take(detail: LeadDetail): void {
    const before = this.item?.number;
    this.detail = detail;
    router.lead = { lead: detail.line.lead, name: detail.line.name };
    const here = this.items.some((one) => one.number === this.number);
    if (!here) {
      // The item that was on the desk is no evidence any more: the next one takes its place.
      const next = this.items.find((one) => this.number === null || one.number > this.number) ?? this.items.at(-1);
      this.number = next?.number ?? null;
    }
    if (this.number !== before || before === undefined) this.openDrawing();
    else this.drawing.refresh(this.savedRegions());
  }

  private openDrawing(): void {
    const size = this.size;
    this.drawing.open(size ?? { width: 0, height: 0 }, size ? this.savedRegions() : []);
  }

  /** Size of the picture on the desk; null where nothing can be drawn in it. */
  get size(): Size | null {
    const { item } = this;
    return item?.hasPicture && item.width && item.height ? { width: item.width, height: item.height } : null;
  }

  private savedRegions(): Saved[] {
    const size = this.size;
    if (!size || !this.item) return [];
    return this.item.regions.map((one) => ({ evidence: one.evidence, shape: fromView(one.region!, size) }));
  }

  // What is done; each waits for what was done before

  /** Runs a change and asks for what came of it. */
  private change(what: () => Promise<void>): void {
    this.queue.push(async () => {
      this.error = null;
      this.undone = null;
      try {
        await what();
      } finally {
        await this.after();
      }
    });
  }

  private async after(): Promise<void> {
    void leadWatch.askFlags();
    await Promise.all([this.reload(), leadWatch.askLines(), decisions.begin().catch(() => undefined)]);
  }

  private addRegion(shape: Shape): void {
    const { lead, number, size } = this;
    if (lead === null || number === null || !size) return;
    const evidence: EvidenceForm = { number, caption: '', region: toView(shape, size), metadata: null };
    this.queue.push(async () => {
      this.error = null;
      this.undone = null;
      const [added] = await call('evidence_add', { lead, evidence: [evidence] });
      await this.after();
      if (added !== undefined && this.number === number && !this.drawing.draft) this.drawing.choose(added);
    });
  }

  private changeRegion(evidence: number, shape: Shape): void {
    const size = this.size;
    const one = this.detail?.evidence.find((found) => found.evidence === evidence);
    if (!size || !one) return;
    const region = toView(shape, size);
    this.change(() => call('evidence_change', { evidence, caption: this.now(one).caption, region }));
  }

  caption(one: EvidenceView, caption: string): void {
    if (caption.trim() === one.caption) return;
    this.drawing.settle();
    this.change(async () => {
      // A field that is left by Enter is left twice.
      const now = this.now(one);
      if (now.caption !== caption.trim()) await call('evidence_change', { evidence: one.evidence, caption: caption.trim(), region: now.region });
    });
  }

  /** A piece of evidence as it is when its turn comes: what waited before may have changed it. */
  private now(one: EvidenceView): EvidenceView {
    return this.detail?.evidence.find((found) => found.evidence === one.evidence) ?? one;
  }

  removeEvidence(evidence: number[]): void {
    if (evidence.length > 0) this.change(() => call('evidence_remove', { evidence }));
  }

  /** Adds whole items to the lead on the desk, or to another. */
  addItems(numbers: number[], lead: number | null = this.lead): void {
    if (lead === null || numbers.length === 0) return;
    const evidence = numbers.map((number): EvidenceForm => ({ number, caption: '', region: null, metadata: null }));
    this.change(async () => void (await call('evidence_add', { lead, evidence })));
  }

  /** Rests the lead on a value of an item's metadata. */
  addMetadata(number: number, metadata: [string, string, string]): void {
    const { lead } = this;
    if (lead !== null) this.change(async () => void (await call('evidence_add', { lead, evidence: [{ number, caption: '', region: null, metadata }] })));
  }

  /** Changes words about the lead, from what they are when its turn comes. */
  save(changed: (form: LeadForm) => LeadForm): void {
    const { lead } = this;
    if (lead === null) return;
    this.change(async () => {
      const detail = this.detail?.line.lead === lead ? this.detail : await call('lead', { lead });
      await call('lead_save', { lead, form: changed(detail.form) });
    });
  }

  risk(now: boolean): void {
    const { lead } = this;
    if (lead !== null) this.change(() => call('lead_risk', { lead, now }));
  }

  takeRisk(): void {
    const { lead } = this;
    if (lead !== null) this.change(() => call('lead_risk_take', { lead }));
  }

  undo(redo: boolean): void {
    this.drawing.cancel();
    if (this.drawing.draft) {
      // What is not saved is taken back first: point by point, then all of it.
      if (redo) return;
      if (this.drawing.draft.kind === 'box' || this.drawing.draft.points.length === 0) this.drawing.letGo();
      else this.drawing.pointBack();
      return;
    }
    this.drawing.settle();
    this.queue.push(async () => {
      this.error = null;
      this.undone = null;
      const label = await call(redo ? 'redo' : 'undo', {});
      // It may have been a decision of the review.
      view.rows.stale();
      await this.after();
      if (label) this.undone = { label, redo };
    });
  }

  // Dialogs; they show their own errors

  /** Opens the dialog for items. */
  make(numbers: number[]): void {
    this.veil();
    this.making = { numbers };
  }

  /** Makes a lead and puts it on the desk; the dialog shows what went wrong. */
  async makeLead(form: LeadForm, numbers: number[], risk = false): Promise<void> {
    const evidence = numbers.map((number): EvidenceForm => ({ number, caption: '', region: null, metadata: null }));
    const lead = await call('lead_new', { form, evidence });
    this.making = null;
    this.draft = emptyDraft();
    // The lead is there, whatever becomes of its flag: it is not made twice, and the desk says that the flag is missing.
    const failed = risk ? await call('lead_risk', { lead, now: true }).then(() => null, windowError) : null;
    await this.arrive(lead, numbers[0] ?? null);
    if (failed) this.error = failed;
  }

  /** Adds items to a lead that is there. */
  async addTo(lead: number, numbers: number[]): Promise<void> {
    await call('evidence_add', { lead, evidence: numbers.map((number): EvidenceForm => ({ number, caption: '', region: null, metadata: null })) });
    this.making = null;
    await this.arrive(lead, numbers[0] ?? null);
  }

  async saveWords(form: LeadForm): Promise<void> {
    if (this.lead === null) return;
    await call('lead_save', { lead: this.lead, form });
    this.editing = false;
    await this.after();
  }

  get words(): LeadDraft {
    return this.detail ? draftOf(this.detail.form) : emptyDraft();
  }

  /** From the review she stays where she is; on the desk the lead comes onto it. */
  private async arrive(lead: number, number: number | null): Promise<void> {
    this.shelf = 'all';
    if (router.page === 'leads' && this.lead !== lead) this.put(lead);
    else if (router.page !== 'leads') this.lead = lead;
    this.number = number;
    await this.after();
  }
}

export const desk = new Desk();
