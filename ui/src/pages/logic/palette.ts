// Finds commands and views by what a person types: every word must begin a word of the title, or stand in it.

export interface PaletteEntry {
  id: string;
  /** Title in the language of the window. */
  title: string;
  /** Other words by which it is found, e.g. the title in the other language. */
  also: string;
  /** Keys that do the same. */
  keys: string[];
  run: () => void;
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** A figure for how well it fits: 0 not at all, higher is better. */
export function fit(entry: { title: string; also: string }, query: string): number {
  const words = fold(query).split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return 1;
  const [title, also] = [fold(entry.title), fold(entry.also)];
  let sum = 0;
  for (const word of words) {
    if (title.startsWith(word)) sum += 8;
    else if (title.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) sum += 5;
    else if (title.includes(word)) sum += 3;
    else if (also.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) sum += 2;
    else return 0;
  }
  return sum;
}

/** Entries that fit, the best first; entries that fit equally stay in their order. */
export function found<T extends { title: string; also: string }>(entries: T[], query: string): T[] {
  return entries
    .map((entry, place) => ({ entry, place, score: fit(entry, query) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.place - b.place)
    .map(({ entry }) => entry);
}
