//! Texts that many items share, each kept once; and names of files, which no two need to share.

use std::collections::HashMap;

/// Gives each text a number from 1; 0 stands for none.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_text: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
    last: u32,
}

impl Names {
    /// Gives the number of a text, a new one if need be.
    pub fn number(&mut self, text: &str) -> u32 {
        // Neighbours in a case mostly have the same value.
        if self.text(self.last) == Some(text) {
            return self.last;
        }
        self.last = match self.by_text.get(text) {
            Some(number) => *number,
            None => {
                self.texts.push(text.into());
                let number = u32::try_from(self.texts.len())
                    .expect("there are fewer names than items, which are counted by u32");
                self.by_text.insert(text.into(), number);
                number
            }
        };
        self.last
    }

    /// Gives the number of a text, or 0 for none.
    pub fn maybe(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.number(text))
    }

    /// Takes in the texts of another list, and gives for each number there, 0 included, the number here.
    pub fn absorb(&mut self, other: &Self) -> Vec<u32> {
        std::iter::once(0).chain(other.texts.iter().map(|text| self.number(text))).collect()
    }

    /// Finds the number of a text that is there.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.by_text.get(text).copied()
    }

    /// Gives a text back.
    pub fn text(&self, number: u32) -> Option<&str> {
        (number as usize).checked_sub(1).and_then(|place| self.texts.get(place)).map(AsRef::as_ref)
    }

    /// Counts the numbers, 0 included.
    pub fn len(&self) -> usize {
        self.texts.len() + 1
    }

    /// Tells for each number, 0 included, whether its text meets a condition; 0 never does.
    pub fn each(&self, meets: impl Fn(&str) -> bool) -> Vec<bool> {
        std::iter::once(false).chain(self.texts.iter().map(|text| meets(text))).collect()
    }

    /// Gives for each number, 0 included, its place in the order of the texts; 0 is last.
    pub fn ranks(&self) -> Vec<u32> {
        ranks(&self.texts)
    }
}

/// Gives each number its place in the order of what stands at it; 0 is last.
pub(super) fn ranks<T: Ord>(values: &[T]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by(|a, b| values[*a as usize].cmp(&values[*b as usize]));
    let mut ranks = vec![u32::MAX; values.len() + 1];
    for (rank, place) in order.into_iter().enumerate() {
        ranks[place as usize + 1] = rank as u32;
    }
    ranks
}

/// Bits of a [`NameAt`] that hold the length.
const LENGTH_BITS: u32 = 24;

/// Says where a name stands in an [`Arena`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NameAt(u64);

impl NameAt {
    /// The empty name.
    pub const NONE: Self = Self(0);

    /// Gives what it is as one number.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Reads it back.
    pub fn of_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Says where the name stands when so many bytes were put before all.
    pub fn moved(self, bytes: usize) -> Self {
        Self(self.0 + ((bytes as u64) << LENGTH_BITS))
    }
}

/// Holds names one behind another. A name that is replaced stays behind unused: names hardly ever are.
#[derive(Debug, Default)]
pub(super) struct Arena {
    text: String,
}

impl Arena {
    /// Keeps a name; of one of more than 16 MiB, which no file system has, its beginning.
    pub fn put(&mut self, name: &str) -> NameAt {
        let mut end = name.len().min((1 << LENGTH_BITS) - 1);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        let start = self.text.len() as u64;
        self.text.push_str(&name[..end]);
        NameAt(start << LENGTH_BITS | end as u64)
    }

    /// Makes an arena of names that stand one behind another.
    pub fn of(text: String) -> Self {
        Self { text }
    }

    /// Gives all names, one behind another.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether a name stands there.
    pub fn has(&self, at: NameAt) -> bool {
        let (start, length) = ((at.0 >> LENGTH_BITS) as usize, (at.0 & ((1 << LENGTH_BITS) - 1)) as usize);
        start.checked_add(length).is_some_and(|end| self.text.get(start..end).is_some())
    }

    /// Gives a name back.
    pub fn get(&self, at: NameAt) -> &str {
        let (start, length) = ((at.0 >> LENGTH_BITS) as usize, (at.0 & ((1 << LENGTH_BITS) - 1)) as usize);
        &self.text[start..start + length]
    }

    /// Takes in the names of another arena, and tells by how many bytes they moved.
    pub fn absorb(&mut self, other: &Self) -> usize {
        let moved = self.text.len();
        self.text.push_str(&other.text);
        moved
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.text.capacity()
    }
}

/// Gives a text in the form in which texts are compared: each character in lower case. Not `str::to_lowercase`, which
/// looks at the characters around, so that a part of a word would differ from the same part elsewhere.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    folded_into(text, &mut out);
    out
}

/// Does the same at the end of a text that is there.
pub(super) fn folded_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
    } else {
        out.extend(text.chars().flat_map(char::to_lowercase));
    }
}
