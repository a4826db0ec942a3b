//! Whole numbers as logs print them.

use crate::lines::Cell;

const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// Digits that 64 bits always hold.
pub const LONGEST: usize = 18;

/// A number of 1 to 18 ASCII digits and nothing else.
#[inline]
#[must_use]
pub fn digits(text: &[u8]) -> Option<u64> {
    match text.len() {
        1..=8 => eight(text),
        9..=16 => {
            let (head, tail) = text.split_at(text.len() - 8);
            Some(eight(head)? * 100_000_000 + eight(tail)?)
        }
        17..=LONGEST => {
            let (head, tail) = text.split_at(text.len() - 16);
            Some(eight(head)? * 10_000_000_000_000_000 + digits(tail)?)
        }
        _ => None,
    }
}

/// The same of a cell, whose neighbours are loaded with it.
#[inline(always)]
#[must_use]
pub fn digits_of(cell: Cell<'_>) -> Option<u64> {
    match cell.len() {
        1..=8 => up_to_eight(cell),
        9..=16 => {
            let (head, tail) = cell.split_last_8();
            Some(up_to_eight(head)? * 100_000_000 + eight_digits(tail)?)
        }
        _ => digits(cell.bytes()),
    }
}

/// The number of a cell of one to eight bytes.
#[inline(always)]
fn up_to_eight(cell: Cell<'_>) -> Option<u64> {
    let before = 8 * (8 - cell.len());
    // Zeros as digits before the first.
    let zeros = ZEROS & ((1 << before) - 1);
    eight_digits(cell.last_8() >> before << before | zeros)
}

/// A count, which some writers print as `12.0`; up to 19 digits. `beholden.scan.network.cells.whole_number`.
#[must_use]
pub fn whole(text: &[u8]) -> Option<u64> {
    let mut text = text;
    while let Some(rest) = text.strip_suffix(b".0") {
        text = rest;
    }
    if text.len() == LONGEST + 1 {
        let (head, tail) = text.split_at(1);
        return digits(head)?
            .checked_mul(1_000_000_000_000_000_000)?
            .checked_add(digits(tail)?);
    }
    digits(text)
}

/// Whether a text is one or more digits, with at most one point among them.
#[inline]
#[must_use]
pub fn is_plain(text: &[u8]) -> bool {
    let (mut numerals, mut points) = (0, 0);
    for &byte in text {
        numerals += usize::from(byte.is_ascii_digit());
        points += usize::from(byte == b'.');
    }
    numerals > 0 && points <= 1 && numerals + points == text.len()
}

/// Seconds in plain digits, rounded as IEEE 754 has it.
#[must_use]
pub fn seconds(text: &[u8]) -> Option<f64> {
    if is_plain(text) {
        std::str::from_utf8(text).ok()?.parse().ok()
    } else {
        None
    }
}

/// Seconds in plain digits as microseconds: what `round(float(text) * 1_000_000)` is in Python.
#[must_use]
pub fn micros(text: &[u8]) -> Option<i64> {
    // Below 2^31 seconds both roundings together err by less than half a microsecond: six decimals are exact.
    if let Some(point) = text.iter().position(|&byte| byte == b'.')
        && let (Some(whole), Some(part)) = (digits(&text[..point]), digits(&text[point + 1..]))
        && whole < 1 << 31
        && text.len() - point - 1 == 6
    {
        return Some((whole * 1_000_000 + part).cast_signed());
    }
    Some((seconds(text)? * 1_000_000.0).round_ties_even() as i64)
}

/// One to eight digits, all at once.
#[inline]
fn eight(text: &[u8]) -> Option<u64> {
    eight_digits(word(text))
}

/// Eight digits, the first one lowest.
#[inline(always)]
fn eight_digits(word: u64) -> Option<u64> {
    let low = word.wrapping_sub(ZEROS);
    // A digit less 0x30 is below ten: neither it nor 0x76 more passes 0x7f.
    if (low | low.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = low.wrapping_mul(10).wrapping_add(low >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

/// Up to eight bytes, the last one highest, with zeros as digits before the first.
#[inline]
fn word(text: &[u8]) -> u64 {
    if let Some(all) = text.first_chunk::<8>() {
        return u64::from_le_bytes(*all);
    }
    let before = 8 * (8 - text.len());
    let zeros = ZEROS & ((1 << before) - 1);
    if let (Some(head), Some(tail)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        // Where the two loads overlap, they hold the same bytes.
        let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
        return zeros | u64::from(head) << before | u64::from(tail) << 32;
    }
    let mut word = zeros;
    for (nth, &byte) in text.iter().enumerate() {
        word |= u64::from(byte) << (before + 8 * nth);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_length_are_what_the_standard_library_reads() {
        for text in [
            "0",
            "7",
            "10",
            "007",
            "65535",
            "99999999",
            "100000000",
            "1714521600",
            "9999999999999999",
            "12345678901234567",
            "999999999999999999",
            "000000000000000001",
        ] {
            assert_eq!(digits(text.as_bytes()), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn anything_but_digits_is_no_number() {
        for text in [
            "",
            "-",
            "+1",
            "-1",
            "1.0",
            " 1",
            "1 ",
            "1e5",
            "1234567890123456789",
            "１",
            "12345678a",
            "a2345678",
        ] {
            assert_eq!(digits(text.as_bytes()), None, "{text}");
        }
        for byte in (0..=255_u8).filter(|byte| !byte.is_ascii_digit()) {
            for place in 0..9 {
                let mut text = *b"123456789";
                text[place] = byte;
                assert_eq!(digits(&text), None, "{text:?}");
            }
        }
    }

    #[test]
    fn counts_may_have_a_useless_fraction() {
        assert_eq!(whole(b"12.0"), Some(12));
        assert_eq!(whole(b"9223372036854775807"), Some(9_223_372_036_854_775_807));
        assert_eq!(whole(b"9999999999999999999"), Some(9_999_999_999_999_999_999));
        for text in ["", ".0", "12.5", "-1.0", "10000000000000000000"] {
            assert_eq!(whole(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn microseconds_are_those_of_the_nearest_double() {
        let expected = |text: &str| (text.parse::<f64>().unwrap() * 1e6).round_ties_even() as i64;
        for text in [
            "0.000000",
            "1714521600.500000",
            "1714521600.000001",
            "2147483647.999999",
            "2147483648.000001",
            "5.",
            ".5",
        ] {
            assert_eq!(micros(text.as_bytes()), Some(expected(text)), "{text}");
        }
        let mut seed = 3_u64;
        for _ in 0..200_000 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let text = format!("{}.{:06}", seed >> 33, (seed & 0xffff_ffff) % 1_000_000);
            assert_eq!(micros(text.as_bytes()), Some(expected(&text)), "{text}");
        }
        for text in ["", ".", "-", "1e3", "1.2.3", " 1", "+1", "nan", "inf"] {
            assert_eq!(micros(text.as_bytes()), None, "{text}");
        }
    }
}
