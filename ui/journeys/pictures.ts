// Pictures for the journeys, drawn by code: PNG files whose bytes are found nowhere else, so that a search can tell of each.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/** Numbers that look random and are the same in every run (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Builds one chunk of a PNG. */
export function chunk(name: string, body: Buffer): Buffer {
  const inner = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const out = Buffer.alloc(inner.length + 8);
  out.writeUInt32BE(body.length, 0);
  inner.copy(out, 4);
  out.writeUInt32BE(crc32(inner), inner.length + 4);
  return out;
}

/** A picture in colour, with edges as sharp as they can be: bars, a disc and a little noise. */
export function drawPicture(seed: number, width = 480, height = 360): Buffer {
  const random = numbers(seed);
  const bar = 12 + Math.floor(random() * 40);
  const [x, y, radius] = [random() * width, random() * height, 40 + random() * 90];
  const dark = [random() * 90, random() * 90, random() * 90];
  const light = [150 + random() * 105, 150 + random() * 105, 150 + random() * 105];
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const inDisc = (column - x) ** 2 + (row - y) ** 2 < radius ** 2;
      const colour = (Math.floor((column + row * ((seed % 3) - 1)) / bar) % 2 === 0) !== inDisc ? dark : light;
      const noise = random() * 12;
      const at = row * (width * 3 + 1) + 1 + column * 3;
      for (let part = 0; part < 3; part += 1) rows[at + part] = (colour[part] ?? 0) + noise;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** A picture that was written somewhere. */
export interface Written {
  path: string;
  bytes: Buffer;
  sha256: string;
}

/** Draws pictures into a folder under the given names; names may be any bytes that a file system takes. */
export function writePictures(folder: string, names: string[], seed: number): Written[] {
  return names.map((name, index) => {
    const path = join(folder, name);
    const bytes = drawPicture(seed + index * 7919);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}
