// A fake program for development, screenshots and tests: every command answers with state. Nothing of it is in the product.
import type { Answer, Args, Backend, CommandName } from '../backend';
import type { Commands } from '../commands';
import type { CaseHead, Event, RevealForm, Settings, WindowError } from '../types';
import { FakeClues } from './clues';
import { Items } from './items';
import { FakeLeads } from './leads';
import { clear, clearRegions, veiled } from './pictures';
import { FakeProgram } from './program';
import { FakeReview } from './review';
import { SCHEMES } from './schemes';

export interface FakeOptions {
  shown?: number;
  hidden?: number;
  refused?: number;
  /** Id of a scheme of `schemes.ts`. */
  scheme?: string;
  settings?: Partial<Settings>;
  /** False for a start without an open case. */
  open?: boolean;
  /** False for a case of which nobody has asked for a package yet. */
  exported?: boolean;
  /** Milliseconds before each answer. */
  delay?: number;
  now?: () => Date;
}

export type Answers = { [K in keyof Commands]: (args: Args<K>) => Answer<K> | Promise<Answer<K>> };

const refuse = (code: string, message: string, hint: string): WindowError => ({ code, message, hint, detail: '' });

export class Fake implements Backend {
  readonly review: FakeReview;
  readonly program: FakeProgram;
  readonly epoch = 'fake';
  /** Commands in the order in which they came. */
  readonly log: Array<{ name: CommandName; args: unknown }> = [];
  /** Makes the next run of a command fail. */
  readonly failing = new Map<CommandName, WindowError>();
  private readonly hearers = new Set<(event: Event) => void>();
  readonly leads: FakeLeads;
  /** Addresses of what is served, by ticket. */
  private readonly tickets = new Map<string, () => string>();
  private lastTicket = 0;
  private look = '3-dark';
  private readonly answers: Answers;

  constructor(private readonly options: FakeOptions = {}) {
    const scheme = SCHEMES.find((one) => one.id === (options.scheme ?? 'six')) ?? SCHEMES[0]!;
    const now = options.now ?? (() => new Date());
    const items = new Items({ shown: options.shown ?? 40_212, hidden: options.hidden ?? 162_873, refused: options.refused ?? 333 });
    this.review = new FakeReview(scheme, items, now);
    this.leads = new FakeLeads(this.review, now);
    const head: CaseHead = {
      dir: '/cases/26-RTM-0417', number: '26-RTM-0417', unit: 'Zeden Rotterdam', legal_scope: 'warrant: RC 26/1180\nperiod: 2019 to 2026\ntypes: pictures, video',
      user: 'A. Bakker', role: 'team-lead', scheme, epoch: this.epoch, demonstration: false,
    };
    this.program = new FakeProgram(head, options.settings ?? {}, options.open ?? true, SCHEMES, now, (event) => this.say(event), this.review);
    this.answers = { ...this.program.answers(), ...this.reviewAnswers(), ...this.leads.answers((done) => this.counted(done)), ...new FakeClues(items, scheme, now, this.review, options.exported ?? true).answers(), regions_reveal: (args) => this.regionsReveal(args) } as Answers;
  }

  async call<K extends CommandName>(name: K, args: Args<K>): Promise<Answer<K>> {
    this.log.push({ name, args: structuredClone(args) });
    if (this.options.delay) await new Promise((done) => setTimeout(done, this.options.delay));
    const failure = this.failing.get(name);
    if (failure) {
      this.failing.delete(name);
      throw failure;
    }
    return await (this.answers[name] as (args: Args<K>) => Answer<K>)(args);
  }

  async listen(hear: (event: Event) => void): Promise<() => void> {
    this.hearers.add(hear);
    return () => this.hearers.delete(hear);
  }

  mediaUrl(path: string): string {
    const [where = '', look = ''] = path.split('?');
    const [, kind, name = ''] = where.split('/');
    if (kind === 'clear') {
      return this.tickets.get(name)?.() ?? 'data:,';
    }
    this.look = look;
    return veiled(this.review.items, Number(name), look);
  }

  say(event: Event): void {
    for (const hear of this.hearers) hear(event);
  }

  private counted<T>(done: T): T {
    this.say({ event: 'counts', strip: this.review.strip() });
    return done;
  }

  private reveal(form: RevealForm): Answer<'reveal'> {
    if (this.review.items.kind(form.number) !== 'shown') throw refuse('not-found', 'This item has no picture.', 'Look at its story instead.');
    return this.ticket(form.number, form.longest_px, () => clear(this.review.items, form.number, form.colour, form.longest_px, form.part, this.look));
  }

  private regionsReveal({ lead, number, longestPx }: Args<'regions_reveal'>): Answer<'regions_reveal'> {
    const regions = this.leads.regions(lead, number);
    if (regions.length === 0) throw refuse('not-found', 'This lead has no region in this item.', 'Draw one first.');
    return this.ticket(number, longestPx, () => clearRegions(this.review.items, number, longestPx, regions, this.look));
  }

  private ticket(number: number, longest: number, served: () => string): Answer<'reveal'> {
    this.lastTicket += 1;
    const ticket = `t${this.lastTicket}`;
    this.tickets.set(ticket, served);
    const [width, height] = this.review.items.shape(number);
    const scale = Math.min(1, longest / Math.max(width, height));
    this.review.sawClearly(number);
    this.counted(undefined);
    return { path: `${this.epoch}/clear/${ticket}`, ticket, width: Math.round(width * scale), height: Math.round(height * scale), small: this.review.items.source(number) === 3 };
  }

  private reviewAnswers(): Partial<Answers> {
    const review = this.review;
    return {
      strip: () => review.strip(),
      view_open: ({ query, anchor }) => review.open(query, anchor),
      view_refresh: ({ view, anchor }) => review.refresh(view, anchor),
      view_head: ({ view }) => review.head(view),
      view_close: ({ view }) => review.close(view),
      view_tiles: ({ view, start, count }) => review.tiles(view, start, count),
      view_numbers: ({ view, start, count }) => review.numbers(view, start, count),
      view_index: ({ view, number }) => review.index(view, number),
      view_next_undecided: ({ view, after }) => review.nextUndecided(view, after),
      facets: ({ query }) => review.facets(query),
      saved_views: () => review.savedViews(),
      saved_view_put: ({ view }) => review.savedPut(view),
      saved_view_remove: ({ name }) => review.savedRemove(name),
      hidden_lines: ({ view, start, count }) => review.hiddenLines(view, start, count),
      item: ({ number }) => review.detail(number),
      item_number: ({ sha256 }) => {
        for (let number = 1; number <= review.items.last; number += 1) if (review.items.sha256(number) === sha256) return number;
        return null;
      },
      decide_preview: ({ target, category }) => review.preview(target, category),
      decide: ({ target, category, others, note }) => this.counted(review.decide(target, category, others, note)),
      mark: ({ target, mark, on }) => this.counted(review.mark(target, mark, on)),
      note: ({ number, text }) => review.note(number, text),
      note_draft: ({ number, text }) => review.noteDraft(number, text),
      note_drafts: () => review.noteDrafts(),
      undo: () => this.counted(review.undo()),
      redo: () => this.counted(review.redo()),
      undo_state: () => review.undoState(),
      show_again: ({ number }) => this.counted(review.showAgain(number)),
      reveal: ({ form }) => this.reveal(form),
      reveal_end: ({ ticket }) => {
        this.tickets.delete(ticket);
      },
    };
  }
}

/** Makes the fake that the address of the page asks for, e.g. `?fake&theme=light&lang=nl&shown=1000000`. */
export function fakeFromAddress(address: URLSearchParams): Fake {
  const figure = (name: string): number | undefined => (address.has(name) ? Number(address.get(name)) : undefined);
  const settings: Partial<Settings> = { language: address.get('lang') ?? 'en', theme: address.get('theme') ?? 'dark' };
  const options: FakeOptions = { settings, open: address.get('fake') !== 'start' && address.get('open') !== 'no', exported: address.get('exported') !== 'no' };
  for (const name of ['shown', 'hidden', 'refused', 'delay'] as const) {
    const value = figure(name);
    if (value !== undefined) options[name] = value;
  }
  const scheme = address.get('scheme');
  if (scheme) options.scheme = scheme;
  const fake = new Fake(options);
  (globalThis as { fake?: Fake }).fake = fake;
  return fake;
}

