// The program of the fake backend: settings, cases, jobs, sets, figures.
import type {
  CaseHead, DayView, EnrolmentView, Event, ImportPreview, JobKind, JobView, MissingSet, NoticeView, NumbersView, PublisherLine, RecentCase, RefusedList, Remark, SchemeView, SecurityLine, SetLine,
  Settings, UserLine, WindowError,
} from '../types';
import type { Answers } from './index';
import { foreignAnswers } from './foreign';
import { CAMERAS, SOURCES, spread } from './items';
import type { FakeReview } from './review';

const PASSPHRASE = 'zeef';
const LOAD = ['list', 'read', 'look-up', 'decode', 'record', 'stack'];
/** Stages of a load that is the case of another tool. */
const FOREIGN = ['describe', ...LOAD, 'join'];
/** Why an update waits. */
const WAITS: Remark = { code: 'wait-adds', figures: [912_004, 412_000, 1], text: 'it adds or changes 912004 entries in all, and 412000 are allowed (days: 1)' };
const refuse = (code: string, message: string, hint: string): WindowError => ({ code, message, hint, detail: '' });

const SETTINGS: Settings = {
  language: 'en', theme: 'dark', blank_minutes: 5, lock_minutes: 15, break_minutes: 50, veil_strength: 3, tile_px: 128,
  press_to_reveal: false, single_keys_off: false, keys: [], advance: true,
};

export class FakeProgram {
  settings: Settings;
  private isOpen: boolean;
  private locked = false;
  private jobs: JobView[] = [];
  private users: UserLine[];
  private recent: RecentCase[];
  private sets: SetLine[];
  private publishers: PublisherLine[];
  private readNotices = new Set<number>();
  private breaks = 1;
  /** Loads that a lock cut off. */
  private cutOff = 0;
  /** What lies in the file that a publisher gave; a test puts another there. */
  enrolment: EnrolmentView = {
    publisher: 'nieuw', set: 'nieuw', title: 'Nieuwe uitgever', address: 'https://sets.nieuw.example/',
    fingerprint: '8d4f02c16e37a95b0fd286c3714ea90d5b62f8e7309cad14f7861b5ec2d3409a',
  };
  /** Sets that are gone; a test or a picture puts some here. */
  missing: MissingSet[] = [];

  constructor(
    private readonly head: CaseHead, settings: Partial<Settings>, open: boolean, private readonly schemes: SchemeView[],
    private readonly now: () => Date, private readonly say: (event: Event) => void, private readonly review: FakeReview,
  ) {
    this.settings = { ...SETTINGS, ...settings };
    this.isOpen = open;
    this.users = [
      { name: 'A. Bakker', role: 'team-lead', added: '2026-10-02T08:00:00Z', removed: null },
      { name: 'J. de Wit', role: 'investigator', added: '2026-10-05T08:00:00Z', removed: null },
    ];
    this.recent = [
      { dir: head.dir, number: head.number, user: head.user, opened: '2026-11-25T08:31:00Z', there: true },
      { dir: '/cases/26-RTM-0398', number: '26-RTM-0398', user: 'A. Bakker', opened: '2026-11-12T09:02:00Z', there: true },
      { dir: '/media/usb/26-DHG-0077', number: '26-DHG-0077', user: 'J. de Wit', opened: '2026-10-29T13:20:00Z', there: false },
    ];
    this.sets = [
      this.set('Landelijk', 'known', 1842, 1_204_331, 'fresh', 0, 118_204, ['0']),
      this.set('Interpol', 'known', 77, 4_120_880, 'fresh', 0, 31_442, []),
      this.set('Gewone bestanden', 'good', 3, 28_110_204, null, 61, 13_227, []),
    ];
    this.publishers = [
      { publisher: 'landelijk.example', introduced_by: 'A. Bakker', address: 'https://sets.landelijk.example/', set: 'Landelijk', version: 1842, entries: 1_204_331, freshness: 'fresh', checked: this.now().toISOString(), expires: '2026-12-02T08:00:00Z', waiting: null, damage: null },
      { publisher: 'interpol.example', introduced_by: 'A. Bakker', address: 'https://sets.interpol.example/', set: 'Interpol', version: 77, entries: 4_120_880, freshness: 'in-grace', checked: this.now().toISOString(), expires: '2026-11-24T08:00:00Z',
        waiting: { version: 78, added: 912_004, changed: 12, withdrawn: 3, quarantined: 41, why: WAITS }, damage: null },
    ];
  }

  private set(name: string, role: string, version: number, entries: number, freshness: string | null, age_days: number, hides: number, unanswered: string[]): SetLine {
    return {
      name, role, version, entries, profile: role === 'known' ? this.head.scheme.id : null, published: '2026-11-25T02:00:00Z', imported: '2026-11-25T03:00:00Z',
      publisher: freshness ? `${name.toLowerCase()}.example` : null, freshness, age_days, quarantined: role === 'known' ? 41 : 0, conflicts: 2, unanswered,
      categories: role === 'known' ? [['1', Math.round(entries * 0.7)], ['2', Math.round(entries * 0.3)]] : [], hides,
    };
  }

  private open(passphrase: string): CaseHead {
    if (passphrase !== PASSPHRASE) throw refuse('access-denied', 'User or passphrase are not right.', 'Check capitals and language of the keyboard, and try again.');
    this.isOpen = true;
    this.locked = false;
    return this.head;
  }

  /** Begins a job that moves on by itself, a step each half second. */
  private job(kind: JobKind, stages: string[], total: number, resumed = false): number {
    const job: JobView = {
      job: this.jobs.length + 1, kind, state: 'running', stages: stages.map((stage) => ({ stage, done: 0, total })), rate: 340, bytes: 0, seconds_left: null, outcome: null, error: null, resumed,
    };
    this.jobs = [...this.jobs, job];
    this.say({ event: 'job', job });
    const timer = setInterval(() => {
      if (!this.step(job.job, total)) clearInterval(timer);
    }, 500);
    return job.job;
  }

  private step(number: number, total: number): boolean {
    const job = this.jobs.find((one) => one.job === number);
    if (!job || job.state === 'stopped' || job.state === 'done') return false;
    if (job.state === 'paused') return true;
    if (job.state === 'stopping') {
      this.put({ ...job, state: 'stopped', seconds_left: null });
      return false;
    }
    const stages = job.stages.map((stage, at) => ({ ...stage, done: Math.min(total, stage.done + Math.round(total / (16 + at * 3))) }));
    const done = stages.every((stage) => stage.done >= total);
    const left = Math.max(...stages.map((stage) => total - stage.done));
    this.put({
      ...job, stages, bytes: job.bytes + 8.2e8, rate: 320 + (spread(stages[0]?.done ?? 0) % 60), seconds_left: done ? 0 : Math.round((left / total) * 40), state: done ? 'done' : 'running',
      outcome: !done ? null
        : job.kind === 'load' && stages.some((stage) => stage.stage === 'join')
          ? { kind: 'foreign', records: total, joined: total - 107, absent: 107, places: 9_302, opinions: 4_013, disagreeing: 2, conflicts: 7, unanswered: 1_204, new_items: 812 }
        : job.kind === 'load' ? { kind: 'load', files: total, passed_over: 0, new_items: 812, new_places: 1204 }
        : job.kind === 'verify' ? { kind: 'verify', sound: true, operations: 4203, hides: 162_873, head: 'b1946ac92492d2347c6235b4d2611184', problems: [] }
        : job.kind === 'sync' ? {
          kind: 'sync', rematch: { items: 203_418, newly_hidden: 211, returned: 3, odd: 4, notices: 2 },
          lines: [{ publisher: 'landelijk.example', set: 'Landelijk', freshness: 'fresh', outcome: 'arrived', from: 1842, version: 1843, added: 1204, changed: 31, withdrawn: 3, quarantined: 0, code: null, message: null, why: null, hint: null },
            { publisher: 'interpol.example', set: 'Interpol', freshness: 'in-grace', outcome: 'waiting', from: 77, version: 78, added: 912_004, changed: 12, withdrawn: 3, quarantined: 41, code: 'limit', message: null, why: WAITS, hint: null }] }
        : job.kind === 'import' ? { kind: 'import', set: 'Lijst', version: 1, entries: total, refused: 2 }
        : job.kind === 'demo' ? { kind: 'demo', dir: '/cases/demo' }
        : { kind: 'rematch', items: 203_418, newly_hidden: 211, returned: 3, odd: 4, notices: 2 },
    });
    return !done;
  }

  private put(job: JobView): void {
    this.jobs = this.jobs.map((one) => (one.job === job.job ? job : one));
    this.say({ event: 'job', job });
  }

  private turn(number: number, state: JobView['state']): void {
    const job = this.jobs.find((one) => one.job === number);
    if (job && (job.state === 'running' || job.state === 'paused')) this.put({ ...job, state });
  }

  /** Answers of all commands that are not of the review. */
  answers(): Partial<Answers> {
    const foreign = foreignAnswers(() => this.job('load', FOREIGN, 4_120), (path) => /\.(json|xml)$/i.test(path));
    return { ...this.programAnswers(), ...this.jobAnswers(), ...this.setAnswers(), ...this.figureAnswers(), ...foreign };
  }

  private programAnswers(): Partial<Answers> {
    return {
      startup: () => ({
        version: '0.4.0', settings: this.settings, recent: this.recent, schemes: this.schemes, sets_dir: '/home/a/.local/share/zeef/sets', cases_dir: '/home/a/Cases',
        open: this.isOpen ? this.head : null, locked: this.locked,
      }),
      settings_save: ({ settings }) => { this.settings = settings; },
      recent_forget: ({ dir }) => { this.recent = this.recent.filter((one) => one.dir !== dir); },
      activity: () => undefined,
      security: () => this.security(),
      pick_folder: () => '/home/a/Cases/26-RTM-0420',
      pick_files: () => ['/home/a/lijst.json'],
      pick_save: ({ name }) => `/home/a/${name}`,
      case_new: ({ form }) => {
        if (form.dir.includes('taken')) throw refuse('already-there', 'There is something in this folder.', 'Choose an empty folder.');
        this.isOpen = true;
        return { ...this.head, dir: form.dir, number: form.number, unit: form.unit, user: form.user };
      },
      case_open: ({ passphrase }) => this.open(passphrase),
      demo_open: () => { this.isOpen = true; this.locked = false; return { ...this.head, demonstration: true }; },
      case_close: () => { this.isOpen = false; },
      lock: () => {
        this.locked = true;
        this.cutOff = this.jobs.filter((job) => job.kind === 'load' && (job.state === 'running' || job.state === 'paused')).length;
        this.jobs = this.jobs.map((job) => (job.state === 'running' || job.state === 'paused' ? { ...job, state: 'stopped', error: refuse('locked', 'Stopped, because the case was locked. What was done is kept.', 'Unlock the case, then go on.') } : job));
        this.say({ event: 'locked' });
      },
      unlock: ({ passphrase }) => {
        const head = this.open(passphrase);
        for (; this.cutOff > 0; this.cutOff -= 1) this.job('load', LOAD, 11_870, true);
        return head;
      },
      users: () => this.users,
      user_add: ({ name, role }) => { this.users = [...this.users, { name, role, added: this.now().toISOString(), removed: null }]; },
      user_remove: ({ name }) => { this.users = this.users.map((one) => (one.name === name ? { ...one, removed: this.now().toISOString() } : one)); },
      passphrase_change: () => undefined,
    };
  }

  private jobAnswers(): Partial<Answers> {
    return {
      jobs: () => this.jobs,
      sources_add: () => this.job('load', LOAD, 11_870),
      sources_resume: () => this.job('load', LOAD, 4_000),
      rematch_run: () => this.job('rematch', ['match'], 203_418),
      verify_run: () => this.job('verify', ['verify'], 4_203),
      sync_run: () => this.job('sync', ['fetch', 'apply', 'match'], 203_418),
      set_import: () => this.job('import', ['import'], 9_120),
      job_pause: ({ job }) => this.turn(job, 'paused'),
      job_resume: ({ job }) => this.turn(job, 'running'),
      job_stop: ({ job }) => this.turn(job, 'stopping'),
      refused_list: ({ start, count }): RefusedList => {
        const total = this.review.items.counts.refused;
        return {
          total,
          lines: Array.from({ length: Math.max(0, Math.min(count, total - start)) }, (_, at) => {
            const number = start + at;
            const codes = ['undecodable', 'unreadable', 'archive', 'limit', 'empty'] as const;
            return {
              number: number % 4 === 0 ? null : number * 121, why: { code: codes[spread(number, 80) % codes.length] ?? 'unreadable', with: { detail: 'the file breaks off' } },
              place: this.review.items.path(number + 1), source: `A0${(number % 4) + 1}`,
            };
          }),
        };
      },
    };
  }

  private setAnswers(): Partial<Answers> {
    return {
      sets: () => this.sets,
      sets_missing: () => this.missing,
      sets_give_up: ({ seen }) => {
        if (seen.length !== this.missing.length) throw refuse('bad-input', 'Other sets are missing now than were shown. Nothing was done.', 'Look again.');
        this.missing = [];
        return this.job('rematch', ['match'], 203_418);
      },
      publishers: () => this.publishers,
      sync_accept: ({ publisher }) => { this.publishers = this.publishers.map((one) => (one.publisher === publisher ? { ...one, waiting: null, version: one.waiting?.version ?? one.version } : one)); },
      sync_enrol_look: ({ path }) => {
        if (!path.endsWith('.json')) throw refuse('bad-input', `\`${path}\`: it is no enrolment file that this version reads.`, 'Name the file enrolment.json that the publisher gave out.');
        return this.enrolment;
      },
      sync_enrol: ({ fingerprint }) => {
        if (fingerprint !== this.enrolment.fingerprint) throw refuse('not-trusted', 'Its fingerprint is another than the one that was compared; nothing was enrolled.', 'Take another file.');
        return this.enrolment.publisher;
      },
      set_preview: ({ files }): ImportPreview[] => files.map((file) => ({
        file, form: 'VICS 2.0 hash set', entries: 9_120, refused: [[{ code: 'row-no-digest', figures: [], text: 'no digest' }, 2]], categories: [['1', 7_000], ['2', 2_000], ['0', 120]], questions: ['0'],
        open: [{ code: 'open-meaning', figures: ['0', 120], text: 'Entries with the code 0: 120.' }],
      })),
      set_remove: ({ name }) => { this.sets = this.sets.filter((one) => one.name !== name); },
      notices: ({ unreadOnly }) => this.notices().filter((one) => !unreadOnly || !one.read),
      notices_read: ({ notices }) => { for (const one of notices) this.readNotices.add(one); },
      feedback_write: () => 4,
    };
  }

  private notices(): NoticeView[] {
    const base = { set: 'Landelijk', version: 1842, at: '2026-11-25T03:00:00Z' };
    return [
      { ...base, notice: 1, number: 212, kind: 'victim-identified', was: '', now: 'victim_identified', reason: '' },
      { ...base, notice: 2, number: 780, kind: 'withdrawn', was: '1', now: '', reason: 'category was wrong' },
      { ...base, notice: 3, number: 1_504, kind: 'category-changed', was: '1', now: '2', reason: 'age was established' },
    ].map((one) => ({ ...one, read: this.readNotices.has(one.notice) || one.notice === 3 }));
  }

  private figureAnswers(): Partial<Answers> {
    return {
      numbers: () => this.numbers(),
      day: (): DayView => ({
        seen: this.review.seenToday, seen_parts: 6, decided: 1_204, by_category: [{ name: '6', count: 1_130 }, { name: '2', count: 62 }, { name: '1', count: 12 }], marked: 5,
        hidden: this.review.strip().hidden, left: this.review.strip().shown - this.review.strip().decided, breaks: this.breaks,
      }),
      break_taken: () => { this.breaks += 1; },
    };
  }

  private numbers(): NumbersView {
    const strip = this.review.strip();
    const at = this.now();
    const hour = (back: number): string => new Date(at.getTime() - back * 3_600_000).toISOString().slice(0, 13);
    return {
      strip, places: strip.total + 61_204, bytes: 9.1e11,
      sources: (strip.total === 0 ? [] : SOURCES).map((label, index) => ({
        source: index + 1, label: label.slice(0, 3), path: `/evidence/${label}`, kind: index === 2 ? 'zip' : index === 3 ? 'stated' : 'folder', file_sha256: index === 3 ? 'c0ffee07'.padEnd(64, '5a') : null, loaded: '2026-11-25T09:40:00Z', connected: index !== 1,
        items: Math.round(strip.total * [0.23, 0.29, 0.1, 0.38][index]!), hidden: Math.round(strip.hidden * [0.23, 0.29, 0.1, 0.38][index]!), refused: Math.round(strip.refused / 4),
      })),
      hidden_by_set: [{ name: 'Landelijk', count: 118_204 }, { name: 'Interpol', count: 31_442 }, { name: 'Gewone bestanden', count: 13_227 }],
      by_category: this.head.scheme.categories.map((category, index) => ({ name: category.code, count: [124, 380, 12, 66, 610, 13_100][index] ?? 4 })),
      by_hour: Array.from({ length: 60 }, (_, back) => ({ name: hour(back), count: back % 24 < 9 ? 40 + (spread(back, 81) % 320) : 0 })).filter((one) => one.count > 0).reverse(),
      left: strip.shown - strip.decided, rate_an_hour: 312, views_avoided: 149_646, views: 2_210,
    };
  }

  private security(): SecurityLine[] {
    return [
      { what: 'decoder', standing: 'fine', detail: 'Landlock ABI 7, seccomp' }, { what: 'network', standing: 'fine', detail: '' },
      { what: 'encryption', standing: 'fine', detail: 'SQLCipher 4.20' }, { what: 'swap', standing: 'caution', detail: '/dev/sda3' },
      { what: 'core-dump', standing: 'fine', detail: '' }, { what: 'sets', standing: 'caution', detail: '1 / 1 / 0 + 1 / 61' }, { what: 'webview', standing: 'fine', detail: '' },
      { what: 'screen-capture', standing: 'absent', detail: '' }, { what: 'auto-lock', standing: 'fine', detail: '15' }, { what: 'case-folder', standing: 'unknown', detail: CAMERAS[0] },
    ];
  }
}
