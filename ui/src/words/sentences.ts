// Sentences for the codes of reasons and steps, in both languages. Names, paths and other text of files come escaped.
import type { Sentence, SentenceCode } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { sayNoted } from './notices';

/** Name of a category for a code, as the page knows it. */
type Names = (code: string) => string;
type Say = (filled: Record<string, string>, category: Names) => string;

const AGREEMENT: Record<string, () => string> = { confirmed: m.agreement_confirmed, alone: m.agreement_alone, contradicted: m.agreement_contradicted };
const MARKS: Record<string, () => string> = {
  bookmark: m.mark_bookmark, handover: m.mark_handover, 'not-alike': m.mark_not_alike, 'out-of-stack': m.mark_out_of_stack,
};
const STATES: Record<string, () => string> = { shown: m.state_shown, returned: m.state_returned, hidden: m.state_hidden, refused: m.state_refused };

/** Operations on an item that nothing else in its story tells of. */
export const OPERATIONS: Record<string, (who: { by: string }) => string> = {
  'lead-made': m.story_lead_made, 'evidence-added': m.story_evidence_added, 'evidence-changed': m.story_evidence_changed,
  'evidence-removed': m.story_evidence_removed, undone: m.story_step_undone, redone: m.story_step_redone,
  'notices-read': m.story_notices_read, healed: () => m.story_healed(), recorded: m.story_recorded,
  rejudged: () => m.story_rejudged(), 'derived-dropped': () => m.story_derived_dropped(),
};

const of = (filled: Record<string, string>, name: string): string => filled[name] ?? '';
const set = (filled: Record<string, string>): { set: string; version: string; entry: string } => ({
  set: of(filled, 'set'), version: of(filled, 'version'), entry: of(filled, 'entry'),
});

const SAY: Record<SentenceCode, Say> = {
  new: (f) => (f.sets === '0' ? m.why_new_no_sets() : f.sets === '1' ? m.why_new_one() : m.why_new({ sets: of(f, 'sets') })),
  decided: (f, category) => m.why_decided({ category: category(of(f, 'category')), by: of(f, 'by') }),
  'returned-withdrawn': (f) => m.why_returned_withdrawn({ ...set(f), reason: of(f, 'reason') || '…' }),
  'returned-gone': (f) => m.why_returned_gone(set(f)),
  'returned-vetoed': (f) => m.why_returned_vetoed({ ...set(f), by: of(f, 'by'), reason: of(f, 'reason') }),
  conflict: (f) => m.why_conflict({ opinions: of(f, 'opinions') }),
  quarantined: (f) => m.why_quarantined(set(f)),
  contradiction: (f) => m.why_contradiction({ ...set(f), digest: digestName(of(f, 'digest')), what: of(f, 'what') }),
  'meaning-unanswered': (f) => m.why_meaning_unanswered({ ...set(f), code: of(f, 'code') }),
  'code-unknown': (f) => m.why_code_unknown({ ...set(f), code: of(f, 'code') }),
  'not-allowed': (f) => m.why_not_allowed({ ...set(f), code: of(f, 'code') }),
  'known-unclassified': (f) => m.why_known_unclassified(set(f)),
  disputed: (f) => m.why_disputed(set(f)),
  'no-picture': (f) => m.why_no_picture({ detail: of(f, 'detail') }),
  'hidden-known': (f, category) => {
    const why = { ...set(f), digest: digestName(of(f, 'digest')), agreement: AGREEMENT[of(f, 'agreement')]?.() ?? '' };
    const named = f.category ? category(f.category) : of(f, 'original');
    return named ? m.why_hidden_known({ ...why, category: named }) : m.why_hidden_known_plain(why);
  },
  'hidden-ordinary': (f) => m.why_hidden_ordinary({ ...set(f), digest: digestName(of(f, 'digest')), agreement: AGREEMENT[of(f, 'agreement')]?.() ?? '' }),
  unreadable: (f) => detailed(m.why_unreadable(), f),
  link: (f) => detailed(m.why_link(), f),
  special: (f) => detailed(m.why_special(), f),
  vanished: (f) => detailed(m.why_vanished(), f),
  changed: (f) => detailed(m.why_changed(), f),
  empty: (f) => detailed(m.why_empty(), f),
  archive: (f) => detailed(m.why_archive(), f),
  undecodable: (f) => detailed(m.why_undecodable(), f),
  limit: (f) => detailed(m.why_limit(), f),
  crashed: (f) => detailed(m.why_crashed(), f),
  'no-sandbox': (f) => detailed(m.why_no_sandbox(), f),
  'story-found': (f) => m.story_found({ source: of(f, 'source'), place: of(f, 'place') }),
  'story-judged': (f) => {
    const now = f.why ? m.story_judged_why({ now: stateName(of(f, 'after')), why: shortReason(f.why).toLocaleLowerCase() }) : stateName(of(f, 'after'));
    return f.before ? m.story_judged_again({ was: stateName(f.before), now }) : m.story_judged({ now });
  },
  'story-decided': (f, category) => (f.before ? m.story_decided_again({ by: of(f, 'by'), category: named(f.category, category), before: named(f.before, category) }) : m.story_decided({ by: of(f, 'by'), category: named(f.category, category) })),
  'story-undone': (f, category) => m.story_undone({ by: of(f, 'by'), category: named(f.category, category) }),
  'story-redone': (f, category) => m.story_redone({ by: of(f, 'by'), category: named(f.category, category) }),
  'story-marked': (f) => (f.on === 'false' ? m.story_unmarked : m.story_marked)({ by: of(f, 'by'), mark: MARKS[of(f, 'mark')]?.() ?? of(f, 'mark') }),
  'story-noted': (f) => m.story_noted({ by: of(f, 'by') }),
  'story-vetoed': (f) => m.story_vetoed({ ...set(f), by: of(f, 'by'), reason: of(f, 'reason') }),
  'story-notice': (f) => m.story_notice({ ...set(f), was: sayNoted(of(f, 'what'), of(f, 'was')), now: sayNoted(of(f, 'what'), of(f, 'now')) }),
  'story-opinion': (f) => {
    const details = [f.meaning, f.series, f.tags, f.comments].filter(Boolean).join('; ');
    return m.story_opinion({ tool: f.tool || '–', code: f.code || '–', details: details ? `: ${details}` : '' });
  },
  'story-other': (f) => {
    const by = of(f, 'by') || '–';
    return OPERATIONS[of(f, 'kind')]?.({ by }) ?? m.story_other({ kind: of(f, 'kind'), by });
  },
};

/** Says a sentence. */
export function say(sentence: Sentence, category: Names): string {
  return SAY[sentence.code](sentence.with as Record<string, string>, category);
}

/** Reasons in a few words, for filters and for tiles without a picture. */
export const SHORT: Partial<Record<SentenceCode, () => string>> = {
  new: m.reason_new, decided: m.reason_decided, 'returned-withdrawn': m.reason_returned_withdrawn, 'returned-gone': m.reason_returned_gone,
  'returned-vetoed': m.reason_returned_vetoed, conflict: m.reason_conflict, quarantined: m.reason_quarantined, contradiction: m.reason_contradiction,
  'meaning-unanswered': m.reason_meaning_unanswered, 'code-unknown': m.reason_code_unknown, 'not-allowed': m.reason_not_allowed,
  'known-unclassified': m.reason_known_unclassified, disputed: m.reason_known_unclassified, 'no-picture': m.reason_no_picture, 'hidden-known': m.reason_hidden_known,
  'hidden-ordinary': m.reason_hidden_ordinary, unreadable: m.reason_unreadable, link: m.reason_link, special: m.reason_special, vanished: m.reason_vanished,
  changed: m.reason_changed, empty: m.reason_empty, archive: m.reason_archive, undecodable: m.reason_undecodable, limit: m.reason_limit,
  crashed: m.reason_crashed, 'no-sandbox': m.reason_no_sandbox,
};

export const shortReason = (code: string): string => SHORT[code as SentenceCode]?.() ?? code;

/** Names of digests as people write them. */
export const digestName = (digest: string): string => ({ md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' })[digest] ?? digest;

const stateName = (state: string): string => STATES[state]?.() ?? state;
const named = (code: string | undefined, category: Names): string => (code ? category(code) : m.undecided());
// Technical words of the decoder stay as they are: whoever helps looks for them.
const detailed = (text: string, filled: Record<string, string>): string => (filled.detail ? `${text} (${filled.detail})` : text);
