// Judges how hard a passphrase is to guess, in four words. It counts what a guesser would count: words and kinds of
// characters that are not repeated. It claims no more than that, and nothing of a passphrase leaves this function.

/** Shortest passphrase that a case takes: `PASSPHRASE_CHARS_MIN` of the casefile. */
export const PASSPHRASE_MIN = 8;

export type Strength = 'empty' | 'short' | 'weak' | 'fair' | 'strong';

/** Runs that a guesser tries first; a match counts as one character. */
const RUNS = /(password|wachtwoord|wachtzin|welkom|welcome|zeef|politie|police|qwerty|azerty|letmein|geheim|secret)/gi;

/** Bits that a guesser needs about, from below. */
export function guessBits(text: string): number {
  const plain = text.replace(RUNS, '*').replace(/(.)\1{2,}/gu, '$1').replace(/(?:0123|1234|2345|3456|4567|5678|6789|abcd|bcde)\d*/gi, '*');
  const words = plain.split(/[\s\-_.,;]+/u).filter((word) => word.length > 2);
  const distinct = new Set(words.map((word) => word.toLowerCase())).size;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9\s]/u].filter((kind) => kind.test(plain)).length;
  // A word of a dictionary of some 8,000 is worth 13 bits; a character of mixed kinds 2 to 4.
  const byWords = distinct * 13 + (kinds - 1) * 2;
  const byCharacters = new Set(plain.toLowerCase()).size * (1.2 + kinds * 0.7);
  return words.length > 1 ? Math.min(byWords, plain.length * 4) : Math.min(byCharacters, plain.length * 4);
}

export function strength(text: string): Strength {
  if (text.length === 0) return 'empty';
  if ([...text].length < PASSPHRASE_MIN) return 'short';
  const bits = guessBits(text);
  return bits < 38 ? 'weak' : bits < 52 ? 'fair' : 'strong';
}
