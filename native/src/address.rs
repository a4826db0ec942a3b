//! IP addresses from text, as 128-bit numbers in one space: IPv4 is mapped into ::ffff:0:0/96 (RFC 4291 section 2.5.5.2).
//!
//! The grammar is that of `inet_pton` (POSIX.1-2024; glibc where it is stricter: no leading zeros), as
//! `beholden.scan.network.sides.parse_address` has it, with the zone of an IPv6 address (`%eth0`) dropped.

use std::net::Ipv6Addr;

use crate::level::Level;
use crate::lines::Cell;

/// The first number of ::ffff:0:0/96.
pub const MAPPED: u128 = 0xffff_0000_0000;

const ONES: u128 = u128::from_le_bytes([0x01; 16]);
const SEVENS: u128 = ONES * 0x7f;
const HIGHS: u128 = ONES * 0x80;

/// The address that a text is, or nothing.
#[must_use]
pub fn parse(text: &[u8]) -> Option<u128> {
    match parse_v4(text) {
        Some(address) => Some(MAPPED | u128::from(address)),
        None => parse_v6(text),
    }
}

/// The same at a level.
#[inline(always)]
#[must_use]
pub fn parse_at<L: Level>(text: &[u8], level: L) -> Option<u128> {
    match (text.len() <= 15).then(|| padded(text)).flatten() {
        Some(bytes) => match level.dotted(bytes.to_le_bytes(), text.len()) {
            Some(address) => Some(MAPPED | u128::from(address)),
            None => parse_v6(text),
        },
        None => parse_v6(text),
    }
}

/// The same of a cell.
#[inline(always)]
#[must_use]
pub fn parse_cell<L: Level>(cell: Cell<'_>, level: L) -> Option<u128> {
    match level.dotted(cell.first_16(), cell.len()) {
        Some(address) => Some(MAPPED | u128::from(address)),
        None => parse_v6(cell.bytes()),
    }
}

/// An IPv6 address without its zone; nothing where there is no colon.
#[must_use]
pub fn parse_v6(text: &[u8]) -> Option<u128> {
    if !text.contains(&b':') {
        return None;
    }
    let address = text.split(|&byte| byte == b'%').next()?;
    // The longest text: eight groups of four digits and the last two as IPv4.
    if address.len() > 45 {
        return None;
    }
    let address: Ipv6Addr = std::str::from_utf8(address).ok()?.parse().ok()?;
    Some(address.to_bits())
}

/// The four octets of a dotted address, as one number.
///
/// All sixteen bytes at once: addresses are what the scan of a log spends its time on, and the lengths of their octets
/// are what a processor cannot foresee.
#[inline]
#[must_use]
pub fn parse_v4(text: &[u8]) -> Option<u32> {
    let len = text.len();
    if !(7..=15).contains(&len) {
        return None;
    }
    let word = padded(text)?;
    let dots = zero_bytes(word ^ (ONES * u128::from(b'.')));
    if dots.count_ones() != 3 {
        return None;
    }
    // A digit is 0x30..=0x39: its high half is 3, and 6 more does not change that. Dots are exempt, and the padding is.
    let halves = ONES * 0xf0;
    let high_half = zero_bytes((word & halves) ^ (ONES * 0x30));
    let low_half = zero_bytes(((word & !halves).wrapping_add(ONES * 6)) & (ONES * 0x10));
    let used = HIGHS >> (8 * (16 - len));
    if (high_half & low_half) | dots != used {
        return None;
    }
    let first = place(dots);
    let rest = dots & dots.wrapping_sub(1);
    let second = place(rest);
    let third = place(rest & rest.wrapping_sub(1));
    let mut good = true;
    let a = octet(word, 0, first, &mut good);
    let b = octet(word, first + 1, second, &mut good);
    let c = octet(word, second + 1, third, &mut good);
    let d = octet(word, third + 1, len, &mut good);
    good.then_some(a << 24 | b << 16 | c << 8 | d)
}

/// The number between two places, which hold digits only.
#[inline]
fn octet(word: u128, start: usize, end: usize, good: &mut bool) -> u32 {
    const LEAST: [u32; 4] = [u32::MAX, 0, 10, 100];
    let len = end - start;
    if !(1..=3).contains(&len) {
        *good = false;
        return 0;
    }
    // Its last digit moves to the third byte, so that the hundreds are zero where there are none.
    let digits = ((word >> (8 * start)) as u32 & 0x00ff_ffff) << (8 * (3 - len)) & 0x000f_0f0f;
    let number = (digits & 0xf) * 100 + (digits >> 8 & 0xf) * 10 + (digits >> 16 & 0xf);
    // More digits than the number needs: leading zeros, which some read as octal.
    *good &= number <= 255 && number >= LEAST[len];
    number & 0xff
}

/// Up to 15 bytes as a little-endian number, padded with zeros; nothing below four bytes.
#[inline]
fn padded(text: &[u8]) -> Option<u128> {
    // Two loads that overlap: where they do, they hold the same bytes.
    if let (Some(head), Some(tail)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        let (head, tail) = (
            u128::from(u64::from_le_bytes(*head)),
            u128::from(u64::from_le_bytes(*tail)),
        );
        return Some(head | tail << (8 * (text.len() - 8)));
    }
    let (head, tail) = (text.first_chunk::<4>()?, text.last_chunk::<4>()?);
    let (head, tail) = (
        u128::from(u32::from_le_bytes(*head)),
        u128::from(u32::from_le_bytes(*tail)),
    );
    Some(head | tail << (8 * (text.len() - 4)))
}

/// 0x80 for every byte that is zero, 0 for the others.
#[inline]
const fn zero_bytes(word: u128) -> u128 {
    !(((word & SEVENS).wrapping_add(SEVENS)) | word | SEVENS)
}

/// Which byte the lowest flag stands for.
#[inline]
const fn place(flags: u128) -> usize {
    (flags.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::{self, Kernel, Portable};
    use std::net::Ipv4Addr;

    #[test]
    fn dotted_addresses_are_what_the_standard_library_reads() {
        let octets = [
            "", "0", "1", "9", "10", "19", "99", "100", "199", "249", "255", "256", "260", "300", "999",
        ];
        let odd = [
            "00", "01", "001", "1000", "+1", "-1", " 1", "1 ", "a", "/", ":", "\0", "0x1", "１", "1\0",
        ];
        let all: Vec<&str> = octets.iter().chain(&odd).copied().collect();
        for a in &all {
            for b in &all {
                for c in &all {
                    for d in &all {
                        let text = format!("{a}.{b}.{c}.{d}");
                        let expected = text.parse::<Ipv4Addr>().ok().map(Ipv4Addr::to_bits);
                        assert_eq!(parse_v4(text.as_bytes()), expected, "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_byte_in_every_place_is_judged_as_the_standard_library_does() {
        for base in ["1.2.3.4", "10.20.30.40", "192.168.100.200", "9.9.9.99"] {
            for at in 0..base.len() {
                for byte in 0..=255_u8 {
                    let mut text = base.as_bytes().to_vec();
                    text[at] = byte;
                    let expected = std::str::from_utf8(&text)
                        .ok()
                        .and_then(|text| text.parse::<Ipv4Addr>().ok());
                    assert_eq!(parse_v4(&text), expected.map(Ipv4Addr::to_bits), "{text:?}");
                }
            }
        }
    }

    struct At<'a>(&'a [u8]);

    impl Kernel for At<'_> {
        type Found = Option<u128>;

        fn run<L: Level>(self, level: L) -> Self::Found {
            parse_at(self.0, level)
        }
    }

    #[test]
    fn at_every_level_a_text_is_the_same_address() {
        for whole in [
            "255.255.255.255.255",
            "1.2.3.4 and more",
            "2001:db8::1:203.0.113.7",
            "::%eth0",
            "1.2.3.45",
        ] {
            for len in 0..=whole.len() {
                let text = &whole.as_bytes()[..len];
                assert_eq!(level::run(At(text)), parse(text), "{whole} {len}");
                assert_eq!(At(text).run(Portable), parse(text), "{whole} {len}");
            }
        }
    }

    #[test]
    fn anything_shorter_or_longer_is_no_address() {
        for text in [
            "",
            ".",
            "...",
            "1.2.3",
            "1.2.3.",
            ".1.2.3",
            "1.2.3.4.",
            "1.2.3.4.5",
            "1.2.3.4 ",
            "1111.1.1.1",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse("1".repeat(100_000).as_bytes()), None);
        assert_eq!(parse(":".repeat(100_000).as_bytes()), None);
    }

    #[test]
    fn one_address_in_two_spellings_is_one_number() {
        assert_eq!(parse(b"::ffff:192.0.2.1"), parse(b"192.0.2.1"));
        assert_eq!(parse(b"fe80::1%eth0"), parse(b"FE80:0:0:0:0:0:0:1"));
        assert_eq!(parse(b"::1%"), Some(1));
        assert_eq!(parse(b"::1%\xff"), Some(1));
    }

    #[test]
    fn a_zone_makes_no_dotted_address() {
        for text in [
            "192.0.2.1%eth0",
            "192.0.2.1%a:b",
            "%::1",
            "192.0.2.1:80",
            "[::1]",
            "::1/128",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
