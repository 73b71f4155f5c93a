// Sentences of an item's reasons and story.
import type { SchemeView, Sentence } from '../../backend/types';
import { whyShort } from './whyWords';

export const sentence = (said: Sentence, _scheme: SchemeView): string => whyShort(said);
