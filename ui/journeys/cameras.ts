// Pictures as a camera leaves them: drawn by code, with an EXIF block that names the device, the time and the place.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { chunk, drawPicture, type Written } from './pictures';

/** What a camera writes into a picture. */
export interface Shot {
  name: string;
  make: string;
  model: string;
  serial: string;
  /** `YYYY:MM:DD HH:MM:SS`. */
  taken: string;
  /** Degrees north and east. */
  place?: readonly [number, number];
}

/** Length of the head of a PNG: signature and `IHDR`. */
const PNG_HEAD_BYTES = 33;
const TIFF_HEAD_BYTES = 8;

interface Field {
  tag: number;
  kind: number;
  count: number;
  bytes: Buffer;
}

function ascii(tag: number, text: string): Field {
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  return { tag, kind: 2, count: bytes.length, bytes };
}

function long(tag: number, value: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return { tag, kind: 4, count: 1, bytes };
}

/** Degrees, minutes, and seconds to a thousandth. */
function angle(tag: number, degrees: number): Field {
  const thousandths = Math.round(Math.abs(degrees) * 3_600_000);
  const parts = [[Math.floor(thousandths / 3_600_000), 1], [Math.floor(thousandths / 60_000) % 60, 1], [thousandths % 60_000, 1000]];
  const bytes = Buffer.alloc(24);
  parts.flat().forEach((value, at) => bytes.writeUInt32BE(value, at * 4));
  return { tag, kind: 5, count: 3, bytes };
}

/** Lays out one directory (TIFF 6.0, section 2); values of over four bytes follow it. Fields come in the order of tags. */
function directory(fields: Field[], start: number): Buffer {
  const head = Buffer.alloc(2 + fields.length * 12 + 4);
  head.writeUInt16BE(fields.length, 0);
  const values: Buffer[] = [];
  let free = start + head.length;
  for (const [index, field] of fields.entries()) {
    const at = 2 + index * 12;
    head.writeUInt16BE(field.tag, at);
    head.writeUInt16BE(field.kind, at + 2);
    head.writeUInt32BE(field.count, at + 4);
    if (field.bytes.length <= 4) {
      field.bytes.copy(head, at + 8);
      continue;
    }
    head.writeUInt32BE(free, at + 8);
    const even = Buffer.concat([field.bytes, Buffer.alloc(field.bytes.length % 2)]);
    values.push(even);
    free += even.length;
  }
  return Buffer.concat([head, ...values]);
}

/** Builds the block (JEITA CP-3451), big-endian. */
function exif(shot: Shot): Buffer {
  const sub = [ascii(0x9003, shot.taken), ascii(0xa431, shot.serial)];
  const gps = shot.place && [
    { tag: 0, kind: 1, count: 4, bytes: Buffer.from([2, 3, 0, 0]) },
    ascii(1, shot.place[0] < 0 ? 'S' : 'N'), angle(2, shot.place[0]), ascii(3, shot.place[1] < 0 ? 'W' : 'E'), angle(4, shot.place[1]),
  ];
  const main = (subAt: number, gpsAt: number) => [
    ascii(0x010f, shot.make), ascii(0x0110, shot.model), long(0x8769, subAt), ...(gps ? [long(0x8825, gpsAt)] : []),
  ];
  // The first layout only measures: offsets do not change its length.
  const subAt = TIFF_HEAD_BYTES + directory(main(0, 0), TIFF_HEAD_BYTES).length;
  const subBytes = directory(sub, subAt);
  const gpsAt = subAt + subBytes.length;
  return Buffer.concat([
    Buffer.from('MM\0*\0\0\0\b', 'latin1'), directory(main(subAt, gpsAt), TIFF_HEAD_BYTES), subBytes, ...(gps ? [directory(gps, gpsAt)] : []),
  ]);
}

/** Draws pictures into a folder, each with what its camera says (PNG, third edition, 11.3.4.4). */
export function writeShots(folder: string, shots: readonly Shot[], seed: number): Written[] {
  return shots.map((shot, index) => {
    const path = join(folder, shot.name);
    const plain = drawPicture(seed + index * 7919);
    const bytes = Buffer.concat([plain.subarray(0, PNG_HEAD_BYTES), chunk('eXIf', exif(shot)), plain.subarray(PNG_HEAD_BYTES)]);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}
