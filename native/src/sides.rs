//! Whose an address is: ours, foreign, watched, or nobody's.
//!
//! Most addresses of a log are of few kinds, and every /16 or /24 that holds only one of them is answered by two bits: those
//! of the /16 stay in the nearest cache. The rest is searched. Bits and their order are those of `beholden.scan.network.sides`.

use std::sync::Arc;

use crate::address::MAPPED;
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
const TOPS: usize = 1 << 16;
// Words of the blocks that a /16 has.
const OF_TOP: usize = BLOCKS / TOPS / A_WORD;
const A_WORD: usize = 32;
const PLAIN: u64 = 0;
const OWN: u64 = 1;
const NO_PARTY: u64 = 2;
const MIXED: u64 = 3;

/// What judges addresses.
pub struct Sides {
    tops: Box<[u64]>,
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
            tops: vec![0; TOPS / A_WORD].into_boxed_slice(),
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
        for (top, words) in sides.blocks.chunks_exact(OF_TOP).enumerate() {
            let code = words[0] & 3;
            // The code in every place of a word.
            let is_one = words.iter().all(|&word| word == u64::MAX / 3 * code);
            sides.tops[top / A_WORD] |= (if is_one { code } else { MIXED }) << (2 * (top % A_WORD));
        }
        sides
    }

    /// The bits of an IPv4 address.
    #[inline]
    #[must_use]
    pub fn v4(&self, address: u32) -> u8 {
        let mut code = code_at(&self.tops, (address >> 16) as usize);
        if code == MIXED {
            code = code_at(&self.blocks, (address >> 8) as usize);
        }
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

#[inline]
fn code_at(words: &[u64], place: usize) -> u64 {
    words[place / A_WORD] >> (2 * (place % A_WORD)) & 3
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
