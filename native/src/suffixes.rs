//! The longest watched domain that a host name is, or is below.
//!
//! A name is read from its end, eight bytes at a time. At every label boundary with as many bytes behind it as a watched
//! name has, these have a hash, which is one multiplication away from that of the word before; a bit filter says no to
//! nearly all of them, and what is left is looked up and compared byte by byte. So a hash decides nothing, and as its keys
//! are drawn for every set, nobody can choose names that share one. What lies further left than the longest watched name
//! is not read.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::column::{Bytes, ColumnError};

/// The answer for a name that is below none of the watched ones.
pub const NO_SUFFIX: i32 = -1;

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const SEVENS: u64 = ONES * 0x7f;
const HIGHS: u64 = ONES * 0x80;
/// Bits of the filter for every watched name, of which it sets two: one boundary in a hundred is looked up in vain.
const BITS_A_NAME: usize = 16;
/// Names below this are read whole before their boundaries are looked at: as many as a register has flags.
const SHORT: usize = 64;
/// Suffixes that wait to be looked up together: the table is larger than the cache, and so they wait for it only once.
const TOGETHER: usize = 256;

/// A watched name in the table; of length 0 where there is none.
#[derive(Clone, Copy, Default)]
struct Entry {
    hash: u64,
    start: usize,
    length: u32,
    position: i32,
}

/// Watched names, by what they end with.
pub struct SuffixSet {
    names: Vec<u8>,
    count: usize,
    /// One for every word of the longest name, and for the boundary before its first byte; at least for all of a short name.
    keys: Vec<u64>,
    length_key: u64,
    /// Which lengths below `SHORT` watched names have, from the highest bit down.
    lengths: u64,
    filter: Box<[u64]>,
    filter_shift: u32,
    entries: Box<[Entry]>,
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
        let mut longest = 0;
        column.each(|name| longest = longest.max(name.map_or(0, <[u8]>::len)))?;
        let mut state = seed;
        let length_key = next_key(&mut state);
        let keys = (0..(longest / 8 + 1).max(SHORT / 8))
            .map(|_| next_key(&mut state))
            .collect();
        let words = (column.len() * BITS_A_NAME / 64).next_power_of_two().max(2);
        let mut set = Self {
            names: Vec::new(),
            count: 0,
            keys,
            length_key,
            lengths: 0,
            filter: vec![0; words].into_boxed_slice(),
            filter_shift: 64 - words.trailing_zeros(),
            entries: vec![Entry::default(); (column.len() * 2).next_power_of_two().max(2)].into_boxed_slice(),
        };
        let mut position = 0;
        column.each(|name| {
            set.add(name.unwrap_or_default(), position);
            position += 1;
        })?;
        Ok(set)
    }

    /// How many different names are watched.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether nothing is watched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The position of the longest watched name that a host name is or is below, or `NO_SUFFIX`.
    ///
    /// Letters of ASCII match in either case; one dot at the end is no part of the name.
    #[inline]
    #[must_use]
    pub fn find(&self, host: &[u8]) -> i32 {
        let mut found = NO_SUFFIX;
        self.candidates(host, |hash, suffix| {
            if let Some(position) = self.look_up(hash, &self.entries[self.slot(hash)], suffix) {
                found = position;
            }
        });
        found
    }

    /// What may be watched of a name and its parents, the longest last.
    #[inline]
    fn candidates<'a>(&self, host: &'a [u8], take: impl FnMut(u64, &'a [u8])) {
        let host = host.strip_suffix(b".").unwrap_or(host);
        if host.len() < SHORT {
            self.of_short(host, take)
        } else {
            self.of_long(host, take)
        }
    }

    /// All boundaries of a name in one loop: how many a word has is what a processor cannot foresee.
    #[inline]
    fn of_short<'a>(&self, host: &'a [u8], mut take: impl FnMut(u64, &'a [u8])) {
        let Some(keys) = self.keys.first_chunk::<{ SHORT / 8 }>() else {
            return;
        };
        let (mut words, mut sums) = ([0; SHORT / 8], [0; SHORT / 8]);
        let (mut at, mut sum, mut rest) = (0, 0_u64, host);
        // From the highest bit down: whether a boundary has so many bytes behind it. One is before the first byte.
        let mut boundaries = 1 << (SHORT - 1 - host.len());
        while let Some((before, word)) = rest.split_last_chunk::<8>() {
            let word = lower(u64::from_le_bytes(*word));
            boundaries |= flags(dots(word)) << (SHORT - 8 - 8 * at);
            (words[at], sums[at]) = (word, sum);
            sum = sum.wrapping_add(word.wrapping_mul(keys[at]));
            (at, rest) = (at + 1, before);
        }
        let word = lower(head(host, rest));
        boundaries |= flags(dots(word)) << (SHORT - 8 - 8 * at);
        (words[at], sums[at]) = (word, sum);
        boundaries &= self.lengths;
        while boundaries != 0 {
            let length = boundaries.leading_zeros();
            boundaries &= !(1 << (63 - length));
            let at = (length / 8) as usize;
            let part = words[at].unbounded_shr(64 - length % 8 * 8);
            let hash = self.hash(sums[at], part, keys[at], u64::from(length));
            if self.may_hold(hash)
                && let Some((_, suffix)) = host.split_at_checked(host.len() - length as usize)
            {
                take(hash, suffix);
            }
        }
    }

    /// The same for a name of any length, word by word, as far as watched names reach.
    #[inline(never)]
    fn of_long<'a>(&self, host: &'a [u8], mut take: impl FnMut(u64, &'a [u8])) {
        let (mut sum, mut rest) = (0_u64, host);
        for (at, key) in self.keys.iter().enumerate() {
            let (word, begins) = match rest.split_last_chunk::<8>() {
                Some((before, word)) => {
                    rest = before;
                    (lower(u64::from_le_bytes(*word)), 0)
                }
                None => (lower(head(host, rest)), 1 << (7 - rest.len())),
            };
            let mut boundaries = flags(dots(word)) | begins;
            while boundaries != 0 {
                // The highest byte is the last of the text, so boundaries come from the right.
                let behind = boundaries.leading_zeros() - 56;
                boundaries &= !(0x80 >> behind);
                let length = at * 8 + behind as usize;
                let hash = self.hash(sum, word.unbounded_shr(64 - 8 * behind), *key, length as u64);
                if self.may_hold(hash)
                    && let Some((_, suffix)) = host.split_at_checked(host.len() - length)
                {
                    take(hash, suffix);
                }
            }
            if begins != 0 {
                break;
            }
            sum = sum.wrapping_add(word.wrapping_mul(*key));
        }
    }

    /// The answer for every row of a column of host names. 0 for a null, which the column tells.
    ///
    /// # Errors
    /// The column is broken.
    pub fn find_all(&self, column: &Bytes) -> Result<Vec<i32>, ColumnError> {
        let mut positions = Vec::with_capacity(column.len());
        let mut waiting = Vec::with_capacity(TOGETHER);
        column.each(|value| {
            let row = positions.len();
            positions.push(if value.is_some() { NO_SUFFIX } else { 0 });
            self.candidates(value.unwrap_or_default(), |hash, suffix| {
                if waiting.len() == TOGETHER {
                    self.settle(&mut waiting, &mut positions);
                }
                waiting.push((row, hash, suffix));
            });
        })?;
        self.settle(&mut waiting, &mut positions);
        Ok(positions)
    }

    /// Look up what waits, in its order, so that of one row the longest name counts.
    fn settle(&self, waiting: &mut Vec<(usize, u64, &[u8])>, positions: &mut [i32]) {
        // None of these loads waits for another.
        let mut firsts = [Entry::default(); TOGETHER];
        for (first, (_, hash, _)) in firsts.iter_mut().zip(waiting.iter()) {
            *first = self.entries[self.slot(*hash)];
        }
        for (first, (row, hash, suffix)) in firsts.iter().zip(waiting.drain(..)) {
            if let Some(position) = self.look_up(hash, first, suffix) {
                positions[row] = position;
            }
        }
    }

    /// The hash of a text: its whole words summed up, the bytes of the word it begins in, and its length.
    #[inline]
    fn hash(&self, sum: u64, part: u64, key: u64, length: u64) -> u64 {
        sum.wrapping_add(part.wrapping_mul(key))
            .wrapping_add(length.wrapping_mul(self.length_key))
    }

    /// The word of the filter that a hash has two bits in, and these.
    #[inline]
    fn bits(&self, hash: u64) -> (usize, u64) {
        // The high bits are the good ones of a product: they choose the word, the next ones the bits.
        let below = hash.rotate_left(64 - self.filter_shift);
        (
            (hash >> self.filter_shift) as usize,
            1 << (below >> 58) | 1 << (below >> 52 & 63),
        )
    }

    #[inline]
    fn may_hold(&self, hash: u64) -> bool {
        let (word, bits) = self.bits(hash);
        self.filter[word] & bits == bits
    }

    #[inline]
    fn slot(&self, hash: u64) -> usize {
        // The filter has used the high bits: they are mixed once more.
        let mixed = (hash ^ hash >> 32).wrapping_mul(self.length_key);
        (mixed >> 24) as usize & (self.entries.len() - 1)
    }

    /// The position of a text with this hash, the first entry of which is at hand.
    #[inline]
    fn look_up(&self, hash: u64, first: &Entry, suffix: &[u8]) -> Option<i32> {
        let mut entry = first;
        let mut slot = self.slot(hash);
        // At most half of the table is used, so an empty entry ends every search.
        while entry.length != 0 {
            if entry.hash == hash && same(self.name(entry), suffix) {
                return Some(entry.position);
            }
            slot = (slot + 1) & (self.entries.len() - 1);
            entry = &self.entries[slot];
        }
        None
    }

    fn name(&self, entry: &Entry) -> &[u8] {
        &self.names[entry.start..entry.start + entry.length as usize]
    }

    fn add(&mut self, name: &[u8], position: i32) {
        // A name of 4 GiB is none.
        let length = u32::try_from(name.len()).unwrap_or(0);
        if length == 0 {
            return;
        }
        let hash = self.hash_of(name);
        let mut slot = self.slot(hash);
        while self.entries[slot].length != 0 {
            if self.name(&self.entries[slot]) == name {
                return;
            }
            slot = (slot + 1) & (self.entries.len() - 1);
        }
        self.entries[slot] = Entry {
            hash,
            start: self.names.len(),
            length,
            position,
        };
        self.names.extend(name);
        self.count += 1;
        if name.len() < SHORT {
            self.lengths |= 1 << (SHORT - 1 - name.len());
        }
        let (word, bits) = self.bits(hash);
        self.filter[word] |= bits;
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

/// The word that a name begins in, its bytes at the high end.
#[inline]
fn head(host: &[u8], rest: &[u8]) -> u64 {
    // `rest` is where `host` begins, and eight bytes of that are read faster than a few.
    let word = host
        .first_chunk::<8>()
        .map_or_else(|| number(rest), |bytes| u64::from_le_bytes(*bytes));
    word.unbounded_shl(64 - 8 * rest.len() as u32)
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

/// The high bits of eight bytes, side by side.
#[inline]
const fn flags(highs: u64) -> u64 {
    highs.wrapping_mul(0x0002_0408_1020_4081) >> 56
}

/// Whether a suffix is a name, in either case.
#[inline]
fn same(name: &[u8], suffix: &[u8]) -> bool {
    if name.len() != suffix.len() {
        return false;
    }
    let ((ours, our_rest), (theirs, their_rest)) = (name.as_chunks::<8>(), suffix.as_chunks::<8>());
    ours.iter()
        .zip(theirs)
        .all(|(ours, theirs)| u64::from_le_bytes(*ours) == lower(u64::from_le_bytes(*theirs)))
        && our_rest
            .iter()
            .zip(their_rest)
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
