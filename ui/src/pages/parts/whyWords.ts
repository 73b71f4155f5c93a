// Short words for why a line of a list is hidden or refused. Whole sentences stand in the panel.
import type { Sentence, SentenceCode } from '../../backend/types';
import { m } from '../../paraglide/messages.js';

const SHORT: Partial<Record<SentenceCode, () => string>> = {
  unreadable: m.why_unreadable, link: m.why_link, special: m.why_special, vanished: m.why_vanished, changed: m.why_changed, empty: m.why_empty,
  archive: m.why_archive, undecodable: m.why_undecodable, limit: m.why_limit, crashed: m.why_crashed, 'no-sandbox': m.why_no_sandbox,
  'hidden-known': m.why_hidden_known, 'hidden-ordinary': m.why_hidden_ordinary,
};

/** Words of a reason as a facet names it; an unknown one keeps its code. */
export const reasonName = (code: string): string => SHORT[code as SentenceCode]?.() ?? code;

/** Words with the detail of the file, which is the program's and in English. */
export function whyShort(why: Sentence): string {
  const detail = why.with.detail;
  return detail ? m.why_with({ what: reasonName(why.code), detail }) : reasonName(why.code);
}
