//! A table as bytes, so that a case of a million items need not be read row by row each time that it is opened.
//!
//! The form is this program's own and of no use to another: whoever keeps the bytes keeps beside them which version wrote
//! them, and for which person. What is somebody's own (which items they saw clearly) is not among them. Whatever does not
//! fit together is refused: then the case is read row by row.
//!
//! Form: [`MAGIC`]; the lists of names, each a count and texts; folders; combinations; the arena; the rows, each of
//! [`ROW_BYTES`], in the order of their numbers; notes and other paths by number. Numbers are little-endian.

use std::io::{self, Read, Write};

use domain::SourceId;

use super::facets::YEAR_SLOTS;
use super::names::{Arena, NameAt, Names};
use super::packing::{Cold, Combination, Folder, Hot, VACANT, flag};
use super::row::{State, Urgency};
use super::{CLASSES, NUMBER_MAX, Table};

const MAGIC: &[u8; 16] = b"zeef table 1\0\0\0\0";
/// Bytes of a row.
const ROW_BYTES: usize = 102;
/// Longest text of a list, so that damage does not ask for all memory.
const TEXT_BYTES_MAX: u64 = 1 << 32;

/// Says that bytes are not a table.
fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the kept table is damaged: {what}"))
}

impl Table {
    /// Writes the table, without what is a person's own and without labels of sources and orders.
    pub fn keep(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(MAGIC)?;
        for names in self.lists() {
            put_count(out, names.len() - 1)?;
            (1..names.len() as u32).try_for_each(|number| put_bytes(out, names.text(number).unwrap_or_default()))?;
        }
        put_count(out, self.folders.len())?;
        for folder in &self.folders {
            out.write_all(&folder.source.0.to_le_bytes())?;
            put_bytes(out, &folder.path)?;
            put_bytes(out, &*folder.folded)?;
        }
        // Sources in the order in which they were met: `slots` of the combinations follow from it.
        put_sources(out, &self.sources)?;
        put_count(out, self.combinations.len())?;
        self.combinations.iter().try_for_each(|all| put_sources(out, &all.sources))?;
        put_bytes(out, self.names.text())?;
        put_count(out, self.hot.len())?;
        for (hot, cold) in self.hot.iter().zip(&self.cold) {
            out.write_all(&row_bytes(hot, cold))?;
        }
        for texts in [&self.notes, &self.more] {
            put_count(out, texts.len())?;
            for (number, text) in texts {
                out.write_all(&number.to_le_bytes())?;
                put_bytes(out, &**text)?;
            }
        }
        Ok(())
    }

    /// Reads a table that [`Table::keep`] wrote. Nobody has seen anything in it.
    ///
    /// Fails with [`io::ErrorKind::InvalidData`] where the bytes do not fit together.
    pub fn from_kept(from: &mut impl Read) -> io::Result<Self> {
        let mut magic = [0; MAGIC.len()];
        from.read_exact(&mut magic)?;
        if magic != *MAGIC {
            return Err(damaged("another form"));
        }
        let mut table = Self::default();
        for names in table.lists_mut() {
            let count = take_count(from)?;
            for _ in 0..count {
                names.number(&take_text(from)?);
            }
            if names.len() != count + 1 {
                return Err(damaged("a name stands twice in a list"));
            }
        }
        for _ in 0..take_count(from)? {
            let (source, path, folded) = (take_source(from)?, take_bytes(from)?, take_text(from)?);
            table.folders.push(Folder { source, folded: folded.into(), path: path.into() });
            let (folder, number) = (table.folders.last(), table.folders.len() as u32);
            let key = folder.map(|folder| (folder.source, folder.path.clone()));
            table.folder_numbers.extend(key.map(|key| (key, number)));
        }
        table.take_sources(from)?;
        table.names = Arena::of(take_text(from)?);
        table.take_rows(from)?;
        for notes in [true, false] {
            for _ in 0..take_count(from)? {
                let (number, text) = (take_u32(from)?, take_text(from)?);
                let texts = if notes { &mut table.notes } else { &mut table.more };
                texts.insert(number, text.into());
            }
        }
        Ok(table)
    }

    fn take_sources(&mut self, from: &mut impl Read) -> io::Result<()> {
        self.sources = take_list(from)?;
        for _ in 0..take_count(from)? {
            let sources = take_list(from)?;
            let slot = |source: &SourceId| self.sources.iter().position(|known| known == source).map(|at| at as u32);
            let slots: Option<Box<[u32]>> = sources.iter().map(slot).collect();
            let slots = slots.ok_or_else(|| damaged("a source that is nowhere"))?;
            self.combinations.push(Combination { sources: sources.into(), slots });
        }
        Ok(())
    }

    fn take_rows(&mut self, from: &mut impl Read) -> io::Result<()> {
        let count = take_count(from)?;
        if count > NUMBER_MAX as usize {
            return Err(damaged("more rows than items can be"));
        }
        self.hot.reserve_exact(count);
        self.cold.reserve_exact(count);
        let mut bytes = [0; ROW_BYTES];
        for place in 0..count {
            from.read_exact(&mut bytes)?;
            let (hot, cold) = row_of(&bytes).ok_or_else(|| damaged("a row"))?;
            if !self.fits(&hot, &cold) {
                return Err(damaged("a row that names what is nowhere"));
            }
            self.recount(&VACANT, &hot);
            if hot.stack != 0 && hot.has(flag::THERE) {
                // Rows come by number, so the members of a stack do too.
                self.stacks.entry(hot.stack).or_default().push(place as u32 + 1);
            }
            self.hot.push(hot);
            self.cold.push(cold);
        }
        Ok(())
    }

    /// Tells whether all that a row names by a number is there.
    fn fits(&self, hot: &Hot, cold: &Cold) -> bool {
        let categories = [hot.known, hot.near, hot.category];
        let within = |number: u32, names: &Names| (number as usize) < names.len();
        within(hot.camera, &self.cameras)
            && within(hot.reason.into(), &self.reasons)
            && within(hot.media_type.into(), &self.media_types)
            && within(hot.set.into(), &self.sets)
            && categories.into_iter().all(|number| within(number.into(), &self.categories))
            && within(hot.decider.into(), &self.people)
            && hot.folder as usize <= self.folders.len()
            && (hot.sources as usize) < self.combinations.len().max(1)
            && (hot.class as usize) < CLASSES.len()
            && usize::from(hot.year) < YEAR_SLOTS
            && self.names.has(cold.name)
    }

    fn lists(&self) -> [&Names; 6] {
        [&self.cameras, &self.reasons, &self.media_types, &self.sets, &self.categories, &self.people]
    }

    fn lists_mut(&mut self) -> [&mut Names; 6] {
        [
            &mut self.cameras,
            &mut self.reasons,
            &mut self.media_types,
            &mut self.sets,
            &mut self.categories,
            &mut self.people,
        ]
    }
}

/// Puts the fields of a row one behind another.
fn row_bytes(hot: &Hot, cold: &Cold) -> [u8; ROW_BYTES] {
    let mut bytes = [0; ROW_BYTES];
    let mut at = 0;
    let mut put = |field: &[u8]| {
        bytes[at..at + field.len()].copy_from_slice(field);
        at += field.len();
    };
    put(&hot.size.to_le_bytes());
    put(&hot.date.to_le_bytes());
    [hot.folder, hot.camera, hot.sources, hot.stack].into_iter().for_each(|field| put(&field.to_le_bytes()));
    let flags = hot.flags & !flag::SEEN;
    [hot.reason, hot.media_type, hot.set, hot.known, hot.near, hot.category, hot.decider, flags, hot.year]
        .into_iter()
        .for_each(|field| put(&field.to_le_bytes()));
    put(&[hot.class, hot.rule as u8, hot.urgency as u8, hot.distance]);
    put(&cold.sha256);
    put(&cold.name.bits().to_le_bytes());
    put(&cold.width.to_le_bytes());
    put(&cold.height.to_le_bytes());
    debug_assert_eq!(at, ROW_BYTES, "a row has as many bytes as its fields");
    bytes
}

/// Reads a row back; `None` where a word in it is none.
fn row_of(bytes: &[u8; ROW_BYTES]) -> Option<(Hot, Cold)> {
    let mut fields = Fields(bytes);
    let hot = Hot {
        size: u64::from_le_bytes(fields.take()?),
        date: i64::from_le_bytes(fields.take()?),
        folder: fields.u32()?,
        camera: fields.u32()?,
        sources: fields.u32()?,
        stack: fields.u32()?,
        reason: fields.u16()?,
        media_type: fields.u16()?,
        set: fields.u16()?,
        known: fields.u16()?,
        near: fields.u16()?,
        category: fields.u16()?,
        decider: fields.u16()?,
        flags: fields.u16()?,
        year: fields.u16()?,
        class: fields.u8()?,
        rule: [State::Shown, State::Hidden, State::Refused].get(fields.u8()? as usize).copied()?,
        urgency: [Urgency::Returned, Urgency::Odd, Urgency::Plain].get(fields.u8()? as usize).copied()?,
        distance: fields.u8()?,
    };
    let cold = Cold {
        sha256: fields.take()?,
        name: NameAt::of_bits(u64::from_le_bytes(fields.take()?)),
        width: fields.u32()?,
        height: fields.u32()?,
    };
    Some((hot, cold))
}

/// What is left of a row.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }
}

fn put_count(out: &mut dyn Write, count: usize) -> io::Result<()> {
    out.write_all(&(count as u64).to_le_bytes())
}

fn put_bytes(out: &mut dyn Write, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    put_count(out, bytes.as_ref().len())?;
    out.write_all(bytes.as_ref())
}

fn put_sources(out: &mut dyn Write, sources: &[SourceId]) -> io::Result<()> {
    put_count(out, sources.len())?;
    sources.iter().try_for_each(|source| out.write_all(&source.0.to_le_bytes()))
}

fn take_u32(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn take_source(from: &mut impl Read) -> io::Result<SourceId> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(SourceId(i64::from_le_bytes(bytes)))
}

fn take_count(from: &mut impl Read) -> io::Result<usize> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    let count = u64::from_le_bytes(bytes);
    usize::try_from(count).ok().filter(|_| count <= TEXT_BYTES_MAX).ok_or_else(|| damaged("a count"))
}

fn take_bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = take_count(from)?;
    let mut bytes = Vec::new();
    // Only what is there is given room.
    let read = from.take(length as u64).read_to_end(&mut bytes)?;
    if read == length { Ok(bytes) } else { Err(damaged("it ends early")) }
}

fn take_text(from: &mut impl Read) -> io::Result<String> {
    String::from_utf8(take_bytes(from)?).map_err(|_| damaged("a text"))
}

fn take_list(from: &mut impl Read) -> io::Result<Vec<SourceId>> {
    (0..take_count(from)?).map(|_| take_source(from)).collect()
}
