//! Which labelled range an address lies in.
//!
//! IPv4 asks 2 MiB of bits first, one for every /24: most traffic goes where nobody is watched, and the answer to that is
//! one load. What remains, and IPv6, is searched among the sorted ranges.

use std::fmt;

use crate::address::{MAPPED, parse_v4, parse_v6};
use crate::column::{Bytes, ColumnError};

/// The label of an address that lies in no range.
pub const NO_RANGE: i32 = -1;
/// The label of what is not an address.
pub const NO_ADDRESS: i32 = -2;

const LAST_MAPPED: u128 = MAPPED | 0xffff_ffff;

/// Why ranges cannot be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeError {
    /// A range ends before it begins.
    Reversed(usize),
    /// A range begins before the one above it ends.
    Overlap(usize),
    /// A label is negative, which is how other answers are told.
    Label(usize),
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reversed(row) => write!(f, "range {row} ends before it begins"),
            Self::Overlap(row) => write!(f, "range {row} is not behind the one before it"),
            Self::Label(row) => write!(f, "the label of range {row} is negative"),
        }
    }
}

impl std::error::Error for RangeError {}

/// One range of addresses, both ends within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first address; IPv4 mapped into ::ffff:0:0/96.
    pub first: u128,
    /// The last address.
    pub last: u128,
    /// What the range stands for: 0 or more.
    pub label: i32,
}

#[derive(Default)]
struct Sorted<T> {
    firsts: Vec<T>,
    lasts: Vec<T>,
    labels: Vec<i32>,
}

impl<T: Copy + Ord> Sorted<T> {
    fn push(&mut self, first: T, last: T, label: i32) {
        self.firsts.push(first);
        self.lasts.push(last);
        self.labels.push(label);
    }

    fn find(&self, address: T) -> i32 {
        match self.firsts.partition_point(|first| *first <= address).checked_sub(1) {
            Some(at) if address <= self.lasts[at] => self.labels[at],
            _ => NO_RANGE,
        }
    }
}

/// Labelled ranges that do not overlap.
pub struct RangeSet {
    v4: Sorted<u32>,
    v6: Sorted<u128>,
    blocks: Box<[u64]>,
}

impl RangeSet {
    /// Index ranges.
    ///
    /// # Errors
    /// The first range that is reversed, has a negative label, or is not behind the one before it.
    pub fn new(ranges: impl IntoIterator<Item = Range>) -> Result<Self, RangeError> {
        let mut set = Self {
            v4: Sorted::default(),
            v6: Sorted::default(),
            blocks: vec![0; 1 << 18].into_boxed_slice(),
        };
        let mut before = None;
        for (row, Range { first, last, label }) in ranges.into_iter().enumerate() {
            if last < first {
                return Err(RangeError::Reversed(row));
            }
            if before.is_some_and(|before| first <= before) {
                return Err(RangeError::Overlap(row));
            }
            if label < 0 {
                return Err(RangeError::Label(row));
            }
            before = Some(last);
            set.add(first, last, label);
        }
        Ok(set)
    }

    /// How many ranges there are; one across the ends of mapped IPv4 counts for each of its parts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.v4.firsts.len() + self.v6.firsts.len()
    }

    /// Whether there is no range.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// First and last address and label of the ranges of IPv4, in order.
    pub fn v4(&self) -> impl Iterator<Item = (u32, u32, i32)> + '_ {
        let ends = self.v4.firsts.iter().zip(&self.v4.lasts);
        ends.zip(&self.v4.labels)
            .map(|((first, last), label)| (*first, *last, *label))
    }

    /// The label of the range an address lies in, or `NO_RANGE`.
    #[must_use]
    pub fn find(&self, address: u128) -> i32 {
        if (MAPPED..=LAST_MAPPED).contains(&address) {
            self.find_v4(address as u32)
        } else {
            self.v6.find(address)
        }
    }

    /// The same for an IPv4 address.
    #[inline]
    #[must_use]
    pub fn find_v4(&self, address: u32) -> i32 {
        let block = address >> 8;
        if self.blocks[(block >> 6) as usize] >> (block & 63) & 1 == 0 {
            NO_RANGE
        } else {
            self.v4.find(address)
        }
    }

    /// The same for the text of an address, or `NO_ADDRESS`.
    #[inline]
    #[must_use]
    pub fn find_text(&self, text: &[u8]) -> i32 {
        match parse_v4(text) {
            Some(address) => self.find_v4(address),
            None => parse_v6(text).map_or(NO_ADDRESS, |address| self.find(address)),
        }
    }

    /// The label of every row of a column: texts, or 16 bytes big-endian. 0 for a null, which the column tells.
    ///
    /// # Errors
    /// The column is broken, or binary of another width.
    pub fn find_all(&self, column: &Bytes) -> Result<Vec<i32>, ColumnError> {
        let mut labels = Vec::with_capacity(column.len());
        match column.width() {
            None => column.each(|value| labels.push(value.map_or(0, |text| self.find_text(text))))?,
            Some(16) => column.each(|value| {
                let packed = value.and_then(|bytes| bytes.first_chunk::<16>());
                labels.push(packed.map_or(0, |bytes| self.find(u128::from_be_bytes(*bytes))));
            })?,
            Some(width) => return Err(ColumnError::Type(format!("binary({width})"))),
        }
        Ok(labels)
    }

    fn add(&mut self, first: u128, last: u128, label: i32) {
        if first < MAPPED {
            self.v6.push(first, last.min(MAPPED - 1), label);
        }
        let (from, to) = (first.max(MAPPED), last.min(LAST_MAPPED));
        if from <= to {
            let (from, to) = (from as u32, to as u32);
            self.v4.push(from, to, label);
            for block in from >> 8..=to >> 8 {
                self.blocks[(block >> 6) as usize] |= 1 << (block & 63);
            }
        }
        if last > LAST_MAPPED {
            self.v6.push(first.max(LAST_MAPPED + 1), last, label);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[(u128, u128, i32)]) -> Result<RangeSet, RangeError> {
        RangeSet::new(ranges.iter().map(|&(first, last, label)| Range { first, last, label }))
    }

    #[test]
    fn both_ends_lie_within_and_their_neighbours_do_not() {
        let v4 = MAPPED | 0xc000_0205;
        let found = set(&[
            (5, 7, 0),
            (v4, v4 + 3, 1),
            (1 << 120, (1 << 120) + 1, 2),
            (u128::MAX, u128::MAX, 3),
        ])
        .unwrap();
        for (address, label) in [
            (4, -1),
            (5, 0),
            (7, 0),
            (8, -1),
            (v4 - 1, -1),
            (v4, 1),
            (v4 + 3, 1),
            (v4 + 4, -1),
            (0xc000_0205, -1),
            (1 << 120, 2),
            ((1 << 120) + 2, -1),
            (u128::MAX - 1, -1),
            (u128::MAX, 3),
        ] {
            assert_eq!(found.find(address), label, "{address:x}");
        }
    }

    #[test]
    fn a_range_over_everything_is_found_on_both_sides_of_mapped_addresses() {
        let found = set(&[(0, u128::MAX, 9)]).unwrap();
        for address in [0, 1, MAPPED - 1, MAPPED, LAST_MAPPED, LAST_MAPPED + 1, u128::MAX] {
            assert_eq!(found.find(address), 9, "{address:x}");
        }
        assert_eq!(found.find_text(b"192.0.2.1"), 9);
        assert_eq!(found.find_text(b"2001:db8::1"), 9);
        assert_eq!(found.find_text(b"nobody"), NO_ADDRESS);
    }

    #[test]
    fn ranges_that_a_search_would_misread_are_refused() {
        assert_eq!(set(&[(2, 1, 0)]).err(), Some(RangeError::Reversed(0)));
        assert_eq!(set(&[(1, 4, 0), (4, 5, 0)]).err(), Some(RangeError::Overlap(1)));
        assert_eq!(set(&[(5, 6, 0), (1, 2, 0)]).err(), Some(RangeError::Overlap(1)));
        assert_eq!(set(&[(1, 2, -1)]).err(), Some(RangeError::Label(0)));
        assert!(set(&[]).unwrap().is_empty());
    }
}
