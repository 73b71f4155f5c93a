// Labels of the vocabulary, found by what a person types in the language of the window; by the other language too.
import type { LabelView } from '../backend/types';
import type { Language } from '../words/language.svelte';
import { fit } from '../pages/logic/palette';

/** Labels that a search shows at once. */
export const FOUND_MAX = 40;

export const labelGroup = (label: LabelView, language: Language): string => (language === 'nl' ? label.group_nl : label.group_en);

/** Name of a label by its code: group and label. A code that the vocabulary does not have stands as it is. */
export function labelName(labels: readonly LabelView[], code: string, language: Language): { group: string; name: string } {
  const found = labels.find((one) => one.code === code);
  return found ? { group: labelGroup(found, language), name: found[language] } : { group: '', name: code };
}

/** Labels that fit the words and are not chosen yet: those for this kind of lead first, the best of them first. */
export function search(labels: readonly LabelView[], query: string, kind: string, chosen: readonly string[], language: Language): LabelView[] {
  const other: Language = language === 'nl' ? 'en' : 'nl';
  return labels
    .filter((label) => !chosen.includes(label.code))
    .map((label, place) => ({
      label, place, fits: label.kinds.length === 0 || label.kinds.includes(kind),
      score: fit({ title: `${label[language]} ${labelGroup(label, language)}`, also: `${label[other]} ${labelGroup(label, other)} ${label.code}` }, query),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => Number(b.fits) - Number(a.fits) || b.score - a.score || a.place - b.place)
    .slice(0, FOUND_MAX)
    .map(({ label }) => label);
}
