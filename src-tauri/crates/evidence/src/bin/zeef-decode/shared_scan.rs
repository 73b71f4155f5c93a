//! Takes a scan that several components share apart into one for each (ITU-T T.81, F.2.2 and annex C), without undoing
//! more of the coding than it takes to see where a block ends.

/// Holds the tables of a scan: as read from segments, the later over the earlier.
pub struct Tables {
    /// Codes of first coefficients, then of the others; four of each.
    codes: [[Codes; 4]; 2],
    /// Blocks between restarts, 0 for none.
    pub restart: usize,
}

/// Holds the symbols of a Huffman table, ordered by the length of their codes.
#[derive(Clone, Default)]
struct Codes {
    counts: [u8; 16],
    symbols: Vec<u8>,
}

impl Tables {
    /// Reads segments of tables, which follow each other without a gap.
    pub fn read(mut segments: &[u8]) -> Self {
        let mut tables = Self { codes: Default::default(), restart: 0 };
        while let Some((&[_, marker, high, low], rest)) = segments.split_first_chunk::<4>() {
            let length = usize::from(u16::from_be_bytes([high, low])).saturating_sub(2).min(rest.len());
            let (body, after) = rest.split_at(length);
            segments = after;
            match (marker, body) {
                (0xc4, body) => tables.read_codes(body),
                (0xdd, &[high, low]) => tables.restart = u16::from_be_bytes([high, low]).into(),
                _ => {}
            }
        }
        tables
    }

    fn read_codes(&mut self, mut body: &[u8]) {
        while let Some((&[kind, ref counts @ ..], rest)) = body.split_first_chunk::<17>() {
            let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
            let Some((symbols, after)) = rest.split_at_checked(total) else { return };
            let (class, number) = (usize::from(kind >> 4), usize::from(kind & 15));
            if let Some(codes) = self.codes.get_mut(class).and_then(|class| class.get_mut(number)) {
                *codes = Codes { counts: *counts, symbols: symbols.to_vec() };
            }
            body = after;
        }
    }

    /// Splits coded data of `blocks` blocks for each component; `numbers` names each component's tables, as a scan's
    /// header does. Gives what each component has for itself, and whether all blocks were there.
    pub fn split(&self, coded: &[u8], numbers: &[u8], blocks: usize) -> (Vec<Vec<u8>>, bool) {
        let mut reader = Reader { bytes: coded, at: 0, byte: 0, left: 0 };
        let mut writers: Vec<Writer> = numbers.iter().map(|_| Writer::default()).collect();
        let mut whole = true;
        'blocks: for block in 0..blocks {
            if self.restart > 0 && block > 0 && block % self.restart == 0 {
                let Some(marker) = reader.restart() else {
                    whole = false;
                    break;
                };
                writers.iter_mut().for_each(|writer| writer.restart(marker));
            }
            for (writer, &number) in writers.iter_mut().zip(numbers) {
                if self.copy_block(&mut reader, writer, number).is_none() {
                    whole = false;
                    break 'blocks;
                }
            }
        }
        (writers.into_iter().map(Writer::finish).collect(), whole)
    }

    /// Copies the bits of one block; None where the data end or are no code.
    fn copy_block(&self, reader: &mut Reader, writer: &mut Writer, number: u8) -> Option<()> {
        let first = self.codes[0].get(usize::from(number >> 4))?;
        let others = self.codes[1].get(usize::from(number & 15))?;
        let length = first.copy(reader, writer)?;
        writer.copy(reader, length)?;
        let mut coefficient = 1;
        while coefficient < 64 {
            let symbol = others.copy(reader, writer)?;
            match (symbol >> 4, symbol & 15) {
                (15, 0) => coefficient += 16,
                (_, 0) => break,
                (zeros, length) => {
                    writer.copy(reader, length)?;
                    coefficient += zeros + 1;
                }
            }
        }
        Some(())
    }
}

impl Codes {
    /// Copies a code and gives its symbol.
    fn copy(&self, reader: &mut Reader, writer: &mut Writer) -> Option<u8> {
        // Codes of one length are consecutive numbers; the next length goes on at twice the number after the last.
        let (mut code, mut first, mut index) = (0_usize, 0_usize, 0_usize);
        for &count in &self.counts {
            let bit = reader.bit()?;
            writer.push(bit);
            code = code << 1 | usize::from(bit);
            let count = usize::from(count);
            if code < first + count {
                return self.symbols.get(index + code.checked_sub(first)?).copied();
            }
            index += count;
            first = (first + count) << 1;
        }
        None
    }
}

/// Reads bits, the highest first, without the zeros that stand after bytes of ones.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    byte: u8,
    left: u32,
}

impl Reader<'_> {
    fn bit(&mut self) -> Option<bool> {
        if self.left == 0 {
            self.byte = *self.bytes.get(self.at)?;
            if self.byte == 0xff && self.bytes.get(self.at + 1) != Some(&0) {
                return None;
            }
            self.at += if self.byte == 0xff { 2 } else { 1 };
            self.left = 8;
        }
        self.left -= 1;
        Some(self.byte >> self.left & 1 == 1)
    }

    /// Goes behind the next marker of a restart, and gives it.
    fn restart(&mut self) -> Option<u8> {
        self.left = 0;
        let is_marker = |pair: &[u8]| pair[0] == 0xff && matches!(pair[1], 0xd0..=0xd7);
        let skipped = self.bytes.get(self.at..)?.windows(2).position(is_marker)?;
        self.at += skipped + 2;
        self.bytes.get(self.at - 1).copied()
    }
}

/// Writes bits, the highest first, with a zero after each byte of ones.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    byte: u8,
    held: u32,
}

impl Writer {
    fn push(&mut self, bit: bool) {
        self.byte = self.byte << 1 | u8::from(bit);
        self.held += 1;
        if self.held == 8 {
            self.bytes.push(self.byte);
            if self.byte == 0xff {
                self.bytes.push(0);
            }
            (self.byte, self.held) = (0, 0);
        }
    }

    fn copy(&mut self, reader: &mut Reader, count: u8) -> Option<()> {
        for _ in 0..count {
            self.push(reader.bit()?);
        }
        Some(())
    }

    /// Fills the last byte up with ones.
    fn fill(&mut self) {
        while self.held > 0 {
            self.push(true);
        }
    }

    fn restart(&mut self, marker: u8) {
        self.fill();
        self.bytes.extend([0xff, marker]);
    }

    fn finish(mut self) -> Vec<u8> {
        self.fill();
        self.bytes
    }
}
