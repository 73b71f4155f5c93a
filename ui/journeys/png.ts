// Makes a picture of a window small: a palette instead of full colour where 256 colours are enough or nearly so, and the
// best filter for each row.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Colours of a palette. */
const COLOURS = 256;

function chunks(file: Buffer): { name: string; body: Buffer }[] {
  const found = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    found.push({ name: file.toString('latin1', at + 4, at + 8), body: file.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return found;
}

function chunk(name: string, body: Buffer): Buffer {
  const inner = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const out = Buffer.alloc(inner.length + 8);
  out.writeUInt32BE(body.length, 0);
  inner.copy(out, 4);
  out.writeUInt32BE(crc32(inner), inner.length + 4);
  return out;
}

/** Takes back the filters of rows (PNG, 9.2). */
function unfilter(raw: Buffer, height: number, row: number, step: number): Buffer {
  const out = Buffer.alloc(height * row);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (row + 1)];
    for (let x = 0; x < row; x += 1) {
      const left = x >= step ? (out[y * row + x - step] ?? 0) : 0;
      const up = y > 0 ? (out[(y - 1) * row + x] ?? 0) : 0;
      const corner = x >= step && y > 0 ? (out[(y - 1) * row + x - step] ?? 0) : 0;
      let guess = 0;
      if (filter === 1) guess = left;
      else if (filter === 2) guess = up;
      else if (filter === 3) guess = (left + up) >> 1;
      else if (filter === 4) {
        const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
        guess = a <= b && a <= c ? left : b <= c ? up : corner;
      }
      out[y * row + x] = ((raw[y * (row + 1) + 1 + x] ?? 0) + guess) & 255;
    }
  }
  return out;
}

/** Splits colours at the middle of their widest side until there are enough boxes (Heckbert, 1982). */
function palette(counts: Map<number, number>): number[][] {
  const parts = (colour: number) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  let boxes: number[][] = [[...counts.keys()]];
  while (boxes.length < COLOURS) {
    const width = (box: number[], side: number) => {
      let [low, high] = [255, 0];
      for (const colour of box) {
        const value = parts(colour)[side] ?? 0;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      return high - low;
    };
    let [widest, side, span] = [-1, 0, 0];
    for (const [index, box] of boxes.entries()) {
      for (const one of [0, 1, 2]) {
        const found = width(box, one) * Math.sqrt(box.length);
        if (box.length > 1 && found > span) [widest, side, span] = [index, one, found];
      }
    }
    if (widest < 0) break;
    const box = (boxes[widest] ?? []).sort((a, b) => (parts(a)[side] ?? 0) - (parts(b)[side] ?? 0));
    const middle = box.length >> 1;
    boxes = [...boxes.slice(0, widest), box.slice(0, middle), box.slice(middle), ...boxes.slice(widest + 1)];
  }
  return boxes;
}

/** Gives the same picture in fewer bytes; colours move by little where there are more than a palette holds. */
export function smaller(file: Buffer): Buffer {
  const all = chunks(file);
  const head = all.find((one) => one.name === 'IHDR')?.body;
  if (!head || head[8] !== 8 || ![2, 6].includes(head[9] ?? 0) || head[12] !== 0) return file;
  const [width, height, step] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3];
  const raw = inflateSync(Buffer.concat(all.filter((one) => one.name === 'IDAT').map((one) => one.body)));
  const pixels = unfilter(raw, height, width * step, step);
  const counts = new Map<number, number>();
  const colours = new Uint32Array(width * height);
  for (let at = 0; at < colours.length; at += 1) {
    const colour = ((pixels[at * step] ?? 0) << 16) | ((pixels[at * step + 1] ?? 0) << 8) | (pixels[at * step + 2] ?? 0);
    colours[at] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const boxes = palette(counts);
  const index = new Map<number, number>();
  const entries = Buffer.alloc(boxes.length * 3);
  for (const [place, box] of boxes.entries()) {
    let [sum, red, green, blue] = [0, 0, 0, 0];
    for (const colour of box) {
      const weight = counts.get(colour) ?? 0;
      index.set(colour, place);
      sum += weight;
      red += weight * (colour >> 16);
      green += weight * ((colour >> 8) & 255);
      blue += weight * (colour & 255);
    }
    entries.set([red / sum, green / sum, blue / sum].map(Math.round), place * 3);
  }
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = index.get(colours[y * width + x] ?? 0) ?? 0;
  }
  const newHead = Buffer.from(head);
  newHead.set([8, 3], 8);
  const out = Buffer.concat([
    file.subarray(0, 8), chunk('IHDR', newHead), chunk('PLTE', entries), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0)),
  ]);
  return out.length < file.length ? out : file;
}
