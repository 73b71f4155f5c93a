// Digests for people: in groups that are read aloud in one breath.

/** A digest in hex, cut into groups of four digits. */
export const fours = (hex: string): string[] => hex.match(/.{1,4}/g) ?? [];
