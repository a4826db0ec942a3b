//! Sums of contacts at three grains: by day, by our host, and by what was reached.
//!
//! `beholden.scan.traffic.sums` says what the grains are for, and `sums_reference` gives the same rows. Memory follows the number of groups.

use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::pages::Pages;
use crate::talks::MAX_LINES;

/// How many ports are kept of a host: `beholden.scan.traffic.sums.MAX_PORTS`.
pub const MAX_PORTS: usize = 8;
/// How many texts a record says of itself: `beholden.scan.traffic.sums.TEXTS`.
pub const TEXTS: usize = 5;
/// The number of a text that is none.
pub const NO_TEXT: u32 = u32::MAX;
/// Bits of a place that hold the line; those above hold the file: `beholden.scan.traffic.sums.PLACE_BITS`.
pub const PLACE_BITS: u32 = 40;
const DAY: i64 = 86_400_000_000;

/// The least few of many numbers, each once, ascending.
#[derive(Debug, Clone, Copy)]
pub struct Least<T, const N: usize> {
    kept: [T; N],
    count: usize,
}

impl<T: Ord + Copy + Default, const N: usize> Default for Least<T, N> {
    fn default() -> Self {
        Self {
            kept: [T::default(); N],
            count: 0,
        }
    }
}

impl<T: Ord + Copy, const N: usize> Least<T, N> {
    /// Take a number.
    pub fn add(&mut self, number: T) {
        let kept = &self.kept[..self.count];
        if self.count == N && kept.last().is_some_and(|&last| last <= number) {
            return;
        }
        let Err(at) = kept.binary_search(&number) else {
            return;
        };
        let count = (self.count + 1).min(N);
        self.kept.copy_within(at..count - 1, at + 1);
        self.kept[at] = number;
        self.count = count;
    }

    /// The numbers.
    #[must_use]
    pub fn get(&self) -> &[T] {
        &self.kept[..self.count]
    }
}

/// What operator's asset was reached, and what it amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Class {
    /// Number of the names of the record's address fields.
    pub ends: i32,
    /// `beholden.schema.traffic.Verdict`.
    pub verdict: u8,
    /// Whether it is an address or a name.
    pub kind: i8,
    /// Which.
    pub class: i64,
}

/// The key of a group: what the class leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rest {
    /// One of our networks, and days since 1970.
    Day(i64, i64),
    /// Our host.
    Host(u128),
    /// One of our networks, and the address that was reached.
    Value(i64, u128),
}

/// One group.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named in `beholden.scan.traffic.sums`")]
pub struct Row {
    pub class: Class,
    pub rest: Rest,
    pub count: i64,
    pub start: i64,
    pub end: i64,
    pub bytes: [i64; 2],
    pub places: Least<i64, MAX_LINES>,
    pub ports: Least<i32, MAX_PORTS>,
    /// Of the record in the first place.
    pub texts: [u32; TEXTS],
}

/// A contact with its class and our network.
#[expect(missing_docs, reason = "named in `beholden.schema.traffic`")]
pub struct Contact<'a> {
    pub class: Class,
    pub network: i64,
    pub remote: u128,
    pub own: u128,
    pub start: i64,
    pub end: i64,
    pub count: i64,
    pub bytes: [i64; 2],
    pub port: i32,
    /// File and line in one number, ascending.
    pub places: &'a [i64],
}

/// The groups of one grain, in the order in which they were met.
#[derive(Default)]
pub struct Groups {
    // Numbers of rows, which hold the keys.
    known: HashTable<u32>,
    hasher: DefaultHashBuilder,
    rows: Pages<Row>,
}

impl Groups {
    fn add(&mut self, rest: Rest, contact: &Contact<'_>, said: &mut impl Said) {
        let class = contact.class;
        let (hasher, rows) = (&self.hasher, &mut self.rows);
        let entry = self.known.entry(
            hasher.hash_one((class, rest)),
            |&at| {
                rows.get(at as usize)
                    .is_some_and(|row| (row.class, row.rest) == (class, rest))
            },
            |&at| {
                rows.get(at as usize)
                    .map_or(0, |row| hasher.hash_one((row.class, row.rest)))
            },
        );
        let at = match entry {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let at = rows.push(Row {
                    class,
                    rest,
                    count: 0,
                    start: i64::MAX,
                    end: i64::MIN,
                    bytes: [0; 2],
                    places: Least::default(),
                    ports: Least::default(),
                    texts: [NO_TEXT; TEXTS],
                }) as u32;
                entry.insert(at);
                at
            }
        };
        let row = &mut self.rows[at as usize];
        let (known, place) = (row.places.get().first(), contact.places.first());
        if known.is_none() || place < known {
            row.texts = said.texts();
        } else if place == known {
            // A line of JSON can hold hundreds of records.
            let texts = said.texts();
            if said.precede(&texts, &row.texts) {
                row.texts = texts;
            }
        }
        row.count = row.count.saturating_add(contact.count);
        row.start = row.start.min(contact.start);
        row.end = row.end.max(contact.end);
        for (sum, bytes) in row.bytes.iter_mut().zip(contact.bytes) {
            *sum = sum.saturating_add(bytes);
        }
        for &place in contact.places {
            row.places.add(place);
        }
        row.ports.add(contact.port);
    }

    /// The groups.
    #[must_use]
    pub fn rows(&self) -> &Pages<Row> {
        &self.rows
    }
}

/// All three grains.
#[derive(Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Sums {
    pub by_day: Groups,
    pub by_host: Groups,
    pub by_value: Groups,
}

impl Sums {
    /// Add a contact.
    pub fn add(&mut self, contact: &Contact<'_>, said: &mut impl Said) {
        let day = contact.start.div_euclid(DAY);
        self.by_day.add(Rest::Day(contact.network, day), contact, &mut Nothing);
        self.by_host.add(Rest::Host(contact.own), contact, said);
        let reached = Rest::Value(contact.network, contact.remote);
        self.by_value.add(reached, contact, &mut Nothing);
    }
}

/// What a record says of itself, asked for where it is the first of a group.
pub trait Said {
    /// Numbers of its texts.
    fn texts(&mut self) -> [u32; TEXTS];

    /// Whether some texts come before others; none comes before any.
    fn precede(&self, some: &[u32; TEXTS], others: &[u32; TEXTS]) -> bool;
}

struct Nothing;

impl Said for Nothing {
    fn texts(&mut self) -> [u32; TEXTS] {
        [NO_TEXT; TEXTS]
    }

    fn precede(&self, _: &[u32; TEXTS], _: &[u32; TEXTS]) -> bool {
        false
    }
}

/// Short texts, each kept once.
#[derive(Default)]
pub struct Texts {
    known: HashMap<Box<str>, u32>,
    all: Vec<Box<str>>,
}

impl Texts {
    /// The number of a text.
    pub fn number(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text else { return NO_TEXT };
        if let Some(&number) = self.known.get(text) {
            return number;
        }
        let number = self.all.len() as u32;
        self.all.push(text.into());
        self.known.insert(text.into(), number);
        number
    }

    /// Whether some texts come before others, one after the other; none comes before any.
    #[must_use]
    pub fn precede(&self, some: &[u32; TEXTS], others: &[u32; TEXTS]) -> bool {
        some.map(|number| self.get(number)) < others.map(|number| self.get(number))
    }

    /// The text of a number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&str> {
        self.all.get(number as usize).map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_few_are_those_of_the_sorted_whole() {
        let mut seed = 3_u64;
        for size in 0..40 {
            let mut least = Least::<i32, 8>::default();
            let mut all = Vec::new();
            for _ in 0..size {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let number = (seed >> 60) as i32;
                least.add(number);
                all.push(number);
            }
            all.sort_unstable();
            all.dedup();
            all.truncate(8);
            assert_eq!(least.get(), all);
        }
    }

    struct Same(u32);

    impl Said for Same {
        fn texts(&mut self) -> [u32; TEXTS] {
            [self.0; TEXTS]
        }

        fn precede(&self, some: &[u32; TEXTS], others: &[u32; TEXTS]) -> bool {
            some < others
        }
    }

    fn contact(place: &i64) -> Contact<'_> {
        Contact {
            class: Class {
                ends: 0,
                verdict: 0,
                kind: 0,
                class: 7,
            },
            network: -1,
            remote: 1,
            own: 2,
            start: 10,
            end: 20,
            count: 1,
            bytes: [i64::MAX, 1],
            port: 443,
            places: std::slice::from_ref(place),
        }
    }

    #[test]
    fn texts_are_of_the_first_place_and_sums_never_wrap() {
        let mut sums = Sums::default();
        for (place, text) in [(9, 0), (4, 3), (6, 2), (4, 1), (4, 3)] {
            sums.add(&contact(&place), &mut Same(text));
        }
        let row = &sums.by_host.rows()[0];
        assert_eq!(sums.by_host.rows().len(), 1);
        assert_eq!((row.texts, row.count, row.bytes), ([1; TEXTS], 5, [i64::MAX, 5]));
        assert_eq!(row.places.get(), [4, 6, 9]);
        assert_eq!((sums.by_day.rows().len(), sums.by_value.rows().len()), (1, 1));
    }
}
