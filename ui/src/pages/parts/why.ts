// A reason in few words for a line of a list, with the program's own detail, which whoever helps looks for.
import type { Sentence, SentenceCode } from '../../backend/types';
import { shortReason } from '../../words/sentences';

/** Reasons that say all: their detail is the same sentence once more, in English. */
const SAYS_ALL: ReadonlySet<SentenceCode> = new Set<SentenceCode>(['link', 'empty', 'vanished', 'no-sandbox']);

export const whyShort = (why: Sentence): string =>
  why.with.detail && !SAYS_ALL.has(why.code) ? `${shortReason(why.code)} (${why.with.detail})` : shortReason(why.code);
