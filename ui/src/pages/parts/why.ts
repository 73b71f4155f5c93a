// A reason in few words for a line of a list, with the program's own detail, which whoever helps looks for.
import type { Sentence } from '../../backend/types';
import { shortReason } from '../../words/sentences';

export const whyShort = (why: Sentence): string => (why.with.detail ? `${shortReason(why.code)} (${why.with.detail})` : shortReason(why.code));
