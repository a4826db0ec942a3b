//! The longest watched domain that a host name is, or is below.
//!
//! A name is read from its end, eight bytes at a time. At every label boundary the bytes behind it have a hash, which is
//! one multiplication away from that of the word before; a bit filter says no to nearly all of them, and what is left is
//! looked up and compared byte by byte. So a hash decides nothing, and as its keys are drawn for every set, nobody
//! can choose names that share one. What lies further left than the longest watched name is not read.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::column::{Bytes, ColumnError};

/// The answer for a name that is below none of the watched ones.
pub const NO_SUFFIX: i32 = -1;

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const SEVENS: u64 = ONES * 0x7f;
const HIGHS: u64 = ONES * 0x80;
const EMPTY: u32 = u32::MAX;
/// Bits of the filter for every watched name: one in 16 is set, so that one boundary in 16 is looked up in vain.
const BITS_A_NAME: usize = 16;

/// Watched names, by what they end with.
pub struct SuffixSet {
    names: Vec<Box<[u8]>>,
    positions: Vec<i32>,
    hashes: Vec<u64>,
    keys: Vec<u64>,
    length_key: u64,
    filter: Box<[u64]>,
    filter_shift: u32,
    slots: Box<[u32]>,
}

impl SuffixSet {
    /// Index watched names: lower case, without the dot at the end; the answer is their position.
    ///
    /// An empty name and a null match nothing. Of a name that stands twice the first position counts.
    ///
    /// # Errors
    /// The column is broken, or longer than positions can tell.
    pub fn new(column: &Bytes) -> Result<Self, ColumnError> {
        Self::with_seed(column, RandomState::new().hash_one(column.len()))
    }

    fn with_seed(column: &Bytes, seed: u64) -> Result<Self, ColumnError> {
        if i32::try_from(column.len()).is_err() {
            return Err(ColumnError::Type(format!("{} names", column.len())));
        }
        let mut given: Vec<Option<Box<[u8]>>> = Vec::with_capacity(column.len());
        column.each(|name| given.push(name.filter(|name| !name.is_empty()).map(Box::from)))?;
        let longest = given.iter().flatten().map(|name| name.len()).max().unwrap_or(0);
        let mut state = seed;
        let length_key = next_key(&mut state);
        // A word more than the longest name fills, for the boundary before its first byte.
        let keys = (0..longest / 8 + 1).map(|_| next_key(&mut state)).collect();
        let bits = (given.len() * BITS_A_NAME).next_power_of_two().max(64);
        let mut set = Self {
            names: Vec::with_capacity(given.len()),
            positions: Vec::with_capacity(given.len()),
            hashes: Vec::with_capacity(given.len()),
            keys,
            length_key,
            filter: vec![0; bits / 64].into_boxed_slice(),
            filter_shift: 64 - bits.trailing_zeros(),
            slots: vec![EMPTY; (given.len() * 2).next_power_of_two().max(2)].into_boxed_slice(),
        };
        for (position, name) in (0_i32..).zip(given) {
            if let Some(name) = name {
                set.add(name, position);
            }
        }
        Ok(set)
    }

    /// How many different names are watched.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether nothing is watched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The position of the longest watched name that a host name is or is below, or `NO_SUFFIX`.
    ///
    /// Letters of ASCII match in either case; one dot at the end is no part of the name.
    #[inline]
    #[must_use]
    pub fn find(&self, host: &[u8]) -> i32 {
        let host = host.strip_suffix(b".").unwrap_or(host);
        let mut found = NO_SUFFIX;
        let mut sum = 0_u64;
        let mut rest = host;
        let mut behind = 0_u64;
        for key in &self.keys {
            let (word, begins) = match rest.split_last_chunk::<8>() {
                Some((before, word)) => {
                    rest = before;
                    (u64::from_le_bytes(*word), 0)
                }
                // The name begins in this word: that is a boundary as a dot would be, just before its first byte.
                None => {
                    let (word, flag) = head(host, rest);
                    rest = &[];
                    (word, flag)
                }
            };
            let word = lower(word);
            let mut boundaries = dots(word) | begins;
            while boundaries != 0 {
                // The highest byte is the last of the text, so boundaries come from the right.
                let zeros = boundaries.leading_zeros();
                boundaries &= !(1 << (63 - zeros));
                let length = behind + u64::from(zeros / 8);
                let part = if zeros == 0 { 0 } else { word >> (64 - zeros) };
                let hash = self.hash(sum, part, *key, length);
                if self.may_hold(hash)
                    && let Some(position) = self.look_up(hash, host, length)
                {
                    found = position;
                }
            }
            if begins != 0 {
                break;
            }
            sum = sum.wrapping_add(word.wrapping_mul(*key));
            behind += 8;
        }
        found
    }

    /// The answer for every row of a column of host names. 0 for a null, which the column tells.
    ///
    /// # Errors
    /// The column is broken.
    pub fn find_all(&self, column: &Bytes) -> Result<Vec<i32>, ColumnError> {
        let mut positions = Vec::with_capacity(column.len());
        column.each(|value| positions.push(value.map_or(0, |host| self.find(host))))?;
        Ok(positions)
    }

    /// The hash of a text: its whole words summed up, the bytes of the word it begins in, and its length.
    #[inline]
    fn hash(&self, sum: u64, part: u64, key: u64, length: u64) -> u64 {
        sum.wrapping_add(part.wrapping_mul(key))
            .wrapping_add(length.wrapping_mul(self.length_key))
    }

    #[inline]
    fn may_hold(&self, hash: u64) -> bool {
        let bit = (hash >> self.filter_shift) as usize;
        self.filter[bit >> 6] >> (bit & 63) & 1 != 0
    }

    #[inline]
    fn slot(&self, hash: u64) -> usize {
        // The high bits are the good ones of a product, and the filter has used them: they are mixed once more.
        let mixed = (hash ^ hash >> 32).wrapping_mul(self.length_key);
        (mixed >> 24) as usize & (self.slots.len() - 1)
    }

    #[cold]
    fn look_up(&self, hash: u64, host: &[u8], length: u64) -> Option<i32> {
        let suffix = host.get(host.len().checked_sub(usize::try_from(length).ok()?)?..)?;
        let mut slot = self.slot(hash);
        // At most half of the slots are used, so an empty one ends every search.
        while self.slots[slot] != EMPTY {
            let at = self.slots[slot] as usize;
            if self.hashes[at] == hash && same(&self.names[at], suffix) {
                return Some(self.positions[at]);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        None
    }

    fn add(&mut self, name: Box<[u8]>, position: i32) {
        let hash = self.hash_of(&name);
        let mut slot = self.slot(hash);
        while self.slots[slot] != EMPTY {
            if self.names[self.slots[slot] as usize] == name {
                return;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = self.names.len() as u32;
        self.names.push(name);
        self.positions.push(position);
        self.hashes.push(hash);
        let bit = (hash >> self.filter_shift) as usize;
        self.filter[bit >> 6] |= 1 << (bit & 63);
    }

    fn hash_of(&self, name: &[u8]) -> u64 {
        let mut sum = 0_u64;
        let mut words = name.rchunks_exact(8);
        let mut keys = self.keys.iter();
        for (word, key) in words.by_ref().zip(keys.by_ref()) {
            sum = sum.wrapping_add(number(word).wrapping_mul(*key));
        }
        self.hash(
            sum,
            number(words.remainder()),
            keys.next().copied().unwrap_or(0),
            name.len() as u64,
        )
    }
}

/// A word that a name begins in, its bytes at the high end, and the flag of the place before them.
#[inline]
fn head(host: &[u8], rest: &[u8]) -> (u64, u64) {
    let len = rest.len();
    let flag = 0x80 << (8 * (7 - len));
    if len == 0 {
        return (0, flag);
    }
    // `rest` is where `host` begins, and eight bytes of that are read faster than a few.
    let word = host
        .first_chunk::<8>()
        .map_or_else(|| number(rest), |bytes| u64::from_le_bytes(*bytes));
    (word << (8 * (8 - len)), flag)
}

/// Up to eight bytes as a little-endian number.
#[inline]
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Eight bytes with `A` to `Z` made small.
#[inline]
const fn lower(word: u64) -> u64 {
    let low = word & SEVENS;
    let from_a = low.wrapping_add(ONES * (0x80 - b'A' as u64));
    let beyond_z = low.wrapping_add(ONES * (0x7f - b'Z' as u64));
    word | ((from_a ^ beyond_z) & !word & HIGHS) >> 2
}

/// 0x80 for every byte that is a dot.
#[inline]
const fn dots(word: u64) -> u64 {
    let other = word ^ (ONES * b'.' as u64);
    !(((other & SEVENS).wrapping_add(SEVENS)) | other | SEVENS)
}

fn same(name: &[u8], suffix: &[u8]) -> bool {
    name.len() == suffix.len()
        && name
            .iter()
            .zip(suffix)
            .all(|(ours, theirs)| *ours == theirs.to_ascii_lowercase())
}

/// The next odd number of the SplitMix64 sequence (Steele, Lea, Flood 2014).
fn next_key(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ mixed >> 31) | 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_buffer::{Buffer, NullBuffer};
    use arrow_data::ArrayData;
    use arrow_schema::DataType;

    fn column(names: &[Option<&str>]) -> Bytes {
        let mut ends = vec![0_i32];
        let mut text: Vec<u8> = Vec::new();
        for name in names {
            text.extend(name.unwrap_or("stale").as_bytes());
            ends.push(i32::try_from(text.len()).unwrap());
        }
        let data = ArrayData::builder(DataType::Utf8)
            .len(names.len())
            .nulls(Some(NullBuffer::from_iter(names.iter().map(Option::is_some))))
            .add_buffer(Buffer::from_vec(ends))
            .add_buffer(Buffer::from_vec(text))
            .build()
            .unwrap();
        Bytes::new(data).unwrap()
    }

    fn watching(names: &[&str]) -> SuffixSet {
        SuffixSet::new(&column(&names.iter().map(|name| Some(*name)).collect::<Vec<_>>())).unwrap()
    }

    #[test]
    fn a_name_and_what_is_below_it_match_and_what_only_ends_alike_does_not() {
        let set = watching(&["watched.example", "a.io"]);
        for (host, position) in [
            ("watched.example", 0),
            ("watched.example.", 0),
            ("WaTcHeD.EXAMPLE", 0),
            ("www.watched.example", 0),
            (".watched.example", 0),
            ("unwatched.example", -1),
            ("watched.example.org", -1),
            ("watched.example..", -1),
            ("atched.example", -1),
            ("example", -1),
            ("a.io", 1),
            ("b.A.io.", 1),
            ("aa.io", -1),
            ("", -1),
            (".", -1),
        ] {
            assert_eq!(set.find(host.as_bytes()), position, "{host}");
        }
    }

    #[test]
    fn the_longest_of_nested_names_decides_whatever_its_position() {
        let set = watching(&["b.example", "example", "a.b.example"]);
        assert_eq!(set.find(b"x.a.b.example"), 2);
        assert_eq!(set.find(b"x.b.example"), 0);
        assert_eq!(set.find(b"x.example"), 1);
    }

    #[test]
    fn every_length_and_every_place_of_a_boundary_is_found() {
        for length in 1..=70_usize {
            let name: String = "abcdefghijklmnopqrstuvwxyz".chars().cycle().take(length).collect();
            let set = watching(&[&name]);
            for before in 0..=20 {
                let host = format!("{}.{name}", "y".repeat(before));
                assert_eq!(set.find(host.as_bytes()), 0, "{host}");
                let host = format!("{}{name}", "y".repeat(before + 1));
                assert_eq!(set.find(host.as_bytes()), -1, "{host}");
            }
        }
    }

    #[test]
    fn one_byte_that_differs_is_another_name() {
        let name = "some-thing.long-enough.example";
        let set = watching(&[name]);
        for at in 0..name.len() {
            for byte in 0..=255_u8 {
                let mut host = name.as_bytes().to_vec();
                host[at] = byte;
                let expected = if host.to_ascii_lowercase() == name.as_bytes() {
                    0
                } else {
                    -1
                };
                assert_eq!(set.find(&host), expected, "{host:?}");
            }
        }
    }

    #[test]
    fn nulls_and_empty_names_match_nothing_and_the_first_of_two_counts() {
        let set = SuffixSet::new(&column(&[None, Some(""), Some("b.example"), Some("b.example")])).unwrap();
        assert_eq!(set.len(), 1);
        assert_eq!(set.find(b"b.example"), 2);
        assert_eq!(set.find(b""), -1);
        assert_eq!(set.find(b"stale"), -1);
        assert!(watching(&[]).is_empty());
        assert_eq!(watching(&[]).find(b"a.example"), -1);
    }

    #[test]
    fn names_of_dots_only_and_of_any_length_are_answered() {
        let set = watching(&["b.example"]);
        assert_eq!(set.find(&vec![b'.'; 1_000_000]), -1);
        let mut host = vec![b'x'; 1_000_000];
        host.extend(b".b.example");
        assert_eq!(set.find(&host), 0);
    }

    #[test]
    fn many_names_are_all_found_under_any_key() {
        let names: Vec<String> = (0..5000).map(|number| format!("n{number}.example")).collect();
        let given = column(&names.iter().map(|name| Some(name.as_str())).collect::<Vec<_>>());
        for seed in [0, 1, u64::MAX] {
            let set = SuffixSet::with_seed(&given, seed).unwrap();
            for (position, name) in (0..).zip(&names) {
                assert_eq!(set.find(format!("www.{name}").as_bytes()), position);
            }
            assert_eq!(set.find(b"n5000.example"), -1);
        }
    }
}
