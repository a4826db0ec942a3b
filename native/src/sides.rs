//! Whose an address is: ours, foreign, watched, or nobody's.
//!
//! Most addresses of a log are of few kinds, and every /24 that holds only one of them is answered by two bits. The rest
//! is searched. Bits and their order are those of `beholden.scan.network.sides`.

use std::sync::Arc;

use crate::address::{MAPPED, parse};
use crate::column::{Bytes, ColumnError};
use crate::ranges::RangeSet;

/// One of our networks.
pub const OURS: u8 = 1;
/// Somebody else's.
pub const FOREIGN: u8 = 2;
/// Somebody is known to stand behind it.
pub const WATCHED: u8 = 4;
/// Multicast, broadcast, loopback, unspecified: no party of its own.
pub const GROUP: u8 = 8;

const BLOCKS: usize = 1 << 24;
const A_WORD: usize = 32;
const PLAIN: u64 = 0;
const OWN: u64 = 1;
const NO_PARTY: u64 = 2;
const MIXED: u64 = 3;

/// What judges addresses.
pub struct Sides {
    blocks: Box<[u64]>,
    places: Arc<RangeSet>,
    no_party: i32,
    watched: Option<Arc<RangeSet>>,
}

impl Sides {
    /// Prepare to judge.
    ///
    /// `places` holds our networks and, with the label `no_party`, what is nobody's; without `watched` every address is.
    #[must_use]
    pub fn new(places: Arc<RangeSet>, no_party: i32, watched: Option<Arc<RangeSet>>) -> Self {
        let mut sides = Self {
            blocks: vec![0; BLOCKS / A_WORD].into_boxed_slice(),
            places,
            no_party,
            watched,
        };
        for (first, last, label) in sides.places.clone().v4() {
            let code = if label == no_party { NO_PARTY } else { OWN };
            for block in first >> 8..=last >> 8 {
                let is_whole = first <= block << 8 && last >= block << 8 | 0xff;
                sides.mark(block, if is_whole { code } else { MIXED });
            }
        }
        if let Some(watched) = sides.watched.clone() {
            for (first, last, _) in watched.v4() {
                for block in first >> 8..=last >> 8 {
                    sides.mark(block, MIXED);
                }
            }
        }
        sides
    }

    /// The bits of an IPv4 address.
    #[inline]
    #[must_use]
    pub fn v4(&self, address: u32) -> u8 {
        let block = (address >> 8) as usize;
        let code = self.blocks[block / A_WORD] >> (2 * (block % A_WORD)) & 3;
        let watched = if self.watched.is_none() { WATCHED } else { 0 };
        match code {
            PLAIN => FOREIGN | watched,
            OWN => OURS | watched,
            NO_PARTY => GROUP,
            _ => self.searched(MAPPED | u128::from(address)),
        }
    }

    /// The bits of any address.
    #[inline]
    #[must_use]
    pub fn of(&self, address: u128) -> u8 {
        if address >> 32 == MAPPED >> 32 {
            self.v4(address as u32)
        } else {
            self.searched(address)
        }
    }

    /// The bits of every row of a column of addresses, as text or packed; 0 where the value is none, or null.
    ///
    /// # Errors
    /// The column is broken, or binary of a width that no address has.
    pub fn of_all(&self, column: &Bytes) -> Result<Vec<u8>, ColumnError> {
        let mut bits = Vec::with_capacity(column.len());
        each_address(column, |address| {
            bits.push(address.map_or(0, |address| self.of(address)))
        })?;
        Ok(bits)
    }

    fn searched(&self, address: u128) -> u8 {
        let label = self.places.find(address);
        if label == self.no_party {
            return GROUP;
        }
        let side = if label >= 0 { OURS } else { FOREIGN };
        let is_watched = self.watched.as_ref().is_none_or(|watched| watched.find(address) >= 0);
        if is_watched { side | WATCHED } else { side }
    }

    fn mark(&mut self, block: u32, code: u64) {
        let (word, shift) = (block as usize / A_WORD, 2 * (block as usize % A_WORD));
        let before = self.blocks[word] >> shift & 3;
        let both = if before == PLAIN { code } else { MIXED };
        self.blocks[word] = self.blocks[word] & !(3 << shift) | both << shift;
    }
}

/// Give the address of every row, in order; nothing where the value is none, or null.
///
/// # Errors
/// The column is broken, or binary of a width that no address has.
pub fn each_address(column: &Bytes, mut take: impl FnMut(Option<u128>)) -> Result<(), ColumnError> {
    match column.width() {
        None => column.each(|value| take(value.and_then(parse))),
        Some(16) => column.each(|value| {
            let packed = value.and_then(|bytes| bytes.first_chunk::<16>());
            take(packed.map(|bytes| u128::from_be_bytes(*bytes)));
        }),
        Some(width) => Err(ColumnError::Type(format!("binary({width})"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::parse;
    use crate::ranges::Range;

    fn range(first: &str, last: &str, label: i32) -> Range {
        let (first, last) = (parse(first.as_bytes()).unwrap(), parse(last.as_bytes()).unwrap());
        Range { first, last, label }
    }

    #[test]
    fn what_a_block_says_is_what_the_ranges_say() {
        let places = RangeSet::new([
            range("10.0.0.0", "10.255.255.255", 0),
            range("127.0.0.0", "127.255.255.255", 1),
            range("192.0.2.0", "192.0.2.127", 0),
            range("224.0.0.0", "239.255.255.255", 1),
            range("2001:db8::", "2001:db8::ffff", 0),
            range("ff00::", "ffff::", 1),
        ])
        .unwrap();
        let watched = RangeSet::new([
            range("10.1.0.0", "10.1.0.3", 0),
            range("198.51.100.0", "198.51.101.9", 1),
            range("2001:db8:1::", "2001:db8:1::f", 2),
        ])
        .unwrap();
        let sides = Sides::new(Arc::new(places), 1, Some(Arc::new(watched)));
        for (text, bits) in [
            ("10.0.0.1", OURS),
            ("10.1.0.3", OURS | WATCHED),
            ("10.1.0.4", OURS),
            ("127.0.0.1", GROUP),
            ("192.0.2.127", OURS),
            ("192.0.2.128", FOREIGN),
            ("198.51.100.200", FOREIGN | WATCHED),
            ("198.51.101.10", FOREIGN),
            ("224.0.0.1", GROUP),
            ("203.0.113.1", FOREIGN),
            ("2001:db8::1", OURS),
            ("2001:db8:1::f", FOREIGN | WATCHED),
            ("2001:db8:1::10", FOREIGN),
            ("ff02::1", GROUP),
        ] {
            assert_eq!(sides.of(parse(text.as_bytes()).unwrap()), bits, "{text}");
        }
    }
}
