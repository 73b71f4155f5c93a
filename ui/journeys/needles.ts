// A search for bytes in all files of some folders: what must not be on a disk is looked for as it would be written there.
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that must not be found, by what they are of. */
export type Needles = Map<string, Buffer>;

/** Bytes read at once. */
export const BLOCK_BYTES = 4 << 20;

/** Adds a text as programs write it: in UTF-8, and in both orders of UTF-16. */
export function addText(needles: Needles, text: string): void {
  needles.set(`${text} (utf-8)`, Buffer.from(text, 'utf8'));
  const wide = Buffer.from(text, 'utf16le');
  needles.set(`${text} (utf-16le)`, wide);
  needles.set(`${text} (utf-16be)`, Buffer.from(wide).swap16());
}

/** Adds pieces out of the middle of a body: its head is like that of any picture, the rest is its own. */
export function addBody(needles: Needles, name: string, body: Buffer): void {
  const length = Math.min(32, Math.floor(body.length / 4));
  for (const part of [0.4, 0.6, 0.8]) {
    const at = Math.floor(body.length * part);
    needles.set(`${name} at ${at}`, body.subarray(at, at + length));
  }
}

function* files(folder: string, since: number): Generator<string> {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path, since);
    else if (entry.isFile()) {
      try {
        if (statSync(path).mtimeMs >= since) yield path;
      } catch {
        // It is gone.
      }
    }
  }
}

/** Looks for all needles in the files of a folder that were written since a time; gives where each was found, and how many
 *  files and bytes were read. */
export function search(folders: string[], needles: Needles, since = 0, without: string[] = []): { found: string[]; files: number; bytes: number } {
  const out = { found: [] as string[], files: 0, bytes: 0 };
  const overlap = Math.max(...[...needles.values()].map((needle) => needle.length));
  const block = Buffer.alloc(BLOCK_BYTES + overlap);
  for (const path of folders.flatMap((folder) => [...files(folder, since)])) {
    if (without.some((folder) => path.startsWith(folder))) continue;
    for (const [name, needle] of needles) if (Buffer.from(path).includes(needle)) out.found.push(`${name} in the name ${path}`);
    let descriptor;
    try {
      descriptor = openSync(path, 'r');
    } catch {
      continue;
    }
    out.files += 1;
    let kept = 0;
    for (;;) {
      const read = readSync(descriptor, block, kept, BLOCK_BYTES, null);
      if (read === 0) break;
      out.bytes += read;
      const filled = block.subarray(0, kept + read);
      for (const [name, needle] of needles) if (filled.includes(needle)) out.found.push(`${name} in ${path}`);
      kept = Math.min(overlap, filled.length);
      filled.copy(block, 0, filled.length - kept);
    }
    closeSync(descriptor);
  }
  return out;
}
