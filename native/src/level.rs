//! What a processor does at once: the two inner steps of every text kernel, in portable code and for newer processors.
//!
//! A kernel is compiled for each level, and asks once which one runs. Both give the same answers; tests compare them.

use crate::address;

/// What bytes of a block tell cells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blanks {
    /// A bit for each byte up to the limit.
    pub all: u64,
    /// A bit for each line end among them.
    pub ends: u64,
    /// Whether some byte is neither a blank, nor a tab, nor a line end.
    pub has_controls: bool,
}

/// A set of instructions.
pub trait Level: Copy {
    /// Which bytes of a block are at most `limit` (0x20 or 0x1f).
    fn blanks(self, block: &[u8; 64], limit: u8) -> Blanks;

    /// Which bytes of a block are ASCII digits: a bit for each.
    fn digits(self, block: &[u8; 64]) -> u64;

    /// The dotted address in the first `len` of 16 bytes; nothing where they are none.
    fn dotted(self, bytes: [u8; 16], len: usize) -> Option<u32>;
}

/// For any processor.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

// Brings the lowest bit of each byte together in the highest byte.
const TO_BITS: u64 = 0x0102_0408_1020_4080;

impl Portable {
    #[inline(always)]
    fn bits(block: &[u8; 64], is_such: impl Fn(u8) -> bool) -> u64 {
        // In two steps, of which the compiler does the first for many bytes at once.
        let mut found = [0_u8; 64];
        for (flag, &byte) in found.iter_mut().zip(block) {
            *flag = u8::from(is_such(byte));
        }
        let mut bits = 0;
        for (nth, word) in found.as_chunks::<8>().0.iter().enumerate() {
            bits |= (u64::from_le_bytes(*word).wrapping_mul(TO_BITS) >> 56) << (8 * nth);
        }
        bits
    }
}

impl Level for Portable {
    #[inline(always)]
    fn blanks(self, block: &[u8; 64], limit: u8) -> Blanks {
        let all = Self::bits(block, |byte| byte <= limit);
        let ends = Self::bits(block, |byte| byte == b'\n');
        let plain = Self::bits(block, |byte| byte == b' ' || byte == b'\t');
        Blanks {
            all,
            ends,
            has_controls: all & !(ends | plain) != 0,
        }
    }

    #[inline(always)]
    fn digits(self, block: &[u8; 64]) -> u64 {
        Self::bits(block, |byte| byte.is_ascii_digit())
    }

    #[inline(always)]
    fn dotted(self, bytes: [u8; 16], len: usize) -> Option<u32> {
        address::parse_v4(bytes.get(..len)?)
    }
}

/// What is compiled for each level.
pub trait Kernel {
    /// What it gives.
    type Found;

    /// Do the work. The method, and all that it spends its time in, should always be inlined.
    fn run<L: Level>(self, level: L) -> Self::Found;
}

/// Run a kernel at the best level that this processor has.
pub fn run<K: Kernel>(kernel: K) -> K::Found {
    #[cfg(target_arch = "x86_64")]
    if let Some(level) = Wide::here() {
        return wide::run(kernel, level);
    }
    kernel.run(Portable)
}

#[cfg(target_arch = "x86_64")]
pub use wide::Wide;

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_cmpeq_epi8, _mm_cmpgt_epi32, _mm_cvtsi128_si32, _mm_loadu_si128, _mm_madd_epi16,
        _mm_maddubs_epi16, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8, _mm_set1_epi16,
        _mm_set1_epi32, _mm_setr_epi8, _mm_shuffle_epi8, _mm_sub_epi8, _mm256_cmpeq_epi8, _mm256_loadu_si256,
        _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_sub_epi8,
    };

    use super::{Blanks, Kernel, Level};

    #[expect(unsafe_code, reason = "see SAFETY")]
    pub fn run<K: Kernel>(kernel: K, level: Wide) -> K::Found {
        #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
        fn compiled<K: Kernel>(kernel: K, level: Wide) -> K::Found {
            kernel.run(level)
        }
        // SAFETY: a `Wide` exists only where `here` found all of these.
        unsafe { compiled(kernel, level) }
    }

    /// For processors with AVX2 and the bit instructions that came with it (x86-64-v3).
    #[derive(Debug, Clone, Copy)]
    pub struct Wide(());

    impl Wide {
        /// The level, where this processor has it.
        #[must_use]
        pub fn here() -> Option<Self> {
            let has_all = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            has_all.then_some(Self(()))
        }
    }

    impl Level for Wide {
        #[inline(always)]
        #[expect(unsafe_code, reason = "see SAFETY")]
        fn blanks(self, block: &[u8; 64], limit: u8) -> Blanks {
            // SAFETY: a `Wide` exists only where `here` found AVX2.
            unsafe { blanks(block, limit) }
        }

        #[inline(always)]
        #[expect(unsafe_code, reason = "see SAFETY")]
        fn digits(self, block: &[u8; 64]) -> u64 {
            // SAFETY: a `Wide` exists only where `here` found AVX2.
            unsafe { digits(block) }
        }

        #[inline(always)]
        #[expect(unsafe_code, reason = "see SAFETY")]
        fn dotted(self, bytes: [u8; 16], len: usize) -> Option<u32> {
            // SAFETY: a `Wide` exists only where `here` found AVX2, which includes SSSE3 and SSE4.1, and POPCNT and BMI1.
            unsafe { dotted(bytes, len) }
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    #[expect(unsafe_code, reason = "see SAFETY")]
    fn load(half: &[u8; 32]) -> __m256i {
        // SAFETY: 32 bytes are there to be read, and the load asks for no alignment.
        unsafe { _mm256_loadu_si256(half.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    #[expect(unsafe_code, reason = "see SAFETY")]
    fn load_short(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: 16 bytes are there to be read, and the load asks for no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn blanks(block: &[u8; 64], limit: u8) -> Blanks {
        let mut found = Blanks::default();
        let mut plain = 0;
        for (nth, half) in block.as_chunks::<32>().0.iter().enumerate() {
            let bytes = load(half);
            let is = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
            let at_most = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(limit.cast_signed())), bytes);
            let bits = |mask| u64::from(_mm256_movemask_epi8(mask).cast_unsigned()) << (32 * nth);
            found.all |= bits(at_most);
            found.ends |= bits(is(b'\n'));
            plain |= bits(_mm256_or_si256(is(b' '), is(b'\t')));
        }
        found.has_controls = found.all & !(found.ends | plain) != 0;
        found
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn digits(block: &[u8; 64]) -> u64 {
        let mut found = 0;
        for (nth, half) in block.as_chunks::<32>().0.iter().enumerate() {
            let values = _mm256_sub_epi8(load(half), _mm256_set1_epi8(b'0'.cast_signed()));
            let are = _mm256_cmpeq_epi8(_mm256_min_epu8(values, _mm256_set1_epi8(9)), values);
            found |= u64::from(_mm256_movemask_epi8(are).cast_unsigned()) << (32 * nth);
        }
        found
    }

    /// For each combination of four octets of one to three digits: which byte goes to which place of three, and the least
    /// number that has as many digits.
    struct Shape {
        places: [u8; 16],
        least: [u8; 16],
    }

    const SHAPES: [Shape; 81] = {
        let mut shapes = [const {
            Shape {
                places: [0x80; 16],
                least: [0; 16],
            }
        }; 81];
        let mut number = 0;
        while number < 81 {
            let lens = [number / 27, number / 9 % 3, number / 3 % 3, number % 3];
            let (mut octet, mut at) = (0, 0);
            while octet < 4 {
                let len = lens[octet] + 1;
                let mut nth = 0;
                while nth < len {
                    shapes[number].places[4 * octet + 3 - len + nth] = (at + nth) as u8;
                    nth += 1;
                }
                shapes[number].least[4 * octet] = [0, 10, 100][len - 1];
                at += len + 1;
                octet += 1;
            }
            number += 1;
        }
        shapes
    };

    /// Digits are weighed and added up for all four octets at once, after each was moved to places of its own; the idea is
    /// that of Wojciech Muła, "SIMD-ized parsing of IPv4 addresses" (2023).
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    #[inline]
    fn dotted(bytes: [u8; 16], len: usize) -> Option<u32> {
        if !(7..=15).contains(&len) {
            return None;
        }
        let used = (1_u32 << len) - 1;
        let text = load_short(&bytes);
        let mask = |flags| _mm_movemask_epi8(flags).cast_unsigned() & used;
        let dots = mask(_mm_cmpeq_epi8(text, _mm_set1_epi8(b'.'.cast_signed())));
        let digits = _mm_sub_epi8(text, _mm_set1_epi8(b'0'.cast_signed()));
        let numerals = mask(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits));
        if dots.count_ones() != 3 || dots | numerals != used {
            return None;
        }
        let first = dots.trailing_zeros();
        let rest = dots & (dots - 1);
        let second = rest.trailing_zeros();
        let third = (rest & rest.wrapping_sub(1)).trailing_zeros();
        // One less than the number of digits of each octet; of an empty one that is far too many.
        let lens = [
            first.wrapping_sub(1),
            (second - first).wrapping_sub(2),
            (third - second).wrapping_sub(2),
            (len as u32 - third).wrapping_sub(2),
        ];
        if lens.iter().any(|&len| len > 2) {
            return None;
        }
        let number = ((lens[0] * 3 + lens[1]) * 3 + lens[2]) * 3 + lens[3];
        let shape = SHAPES.get(number as usize)?;
        let placed = _mm_shuffle_epi8(digits, load_short(&shape.places));
        let weights = _mm_setr_epi8(100, 10, 1, 0, 100, 10, 1, 0, 100, 10, 1, 0, 100, 10, 1, 0);
        let octets = _mm_madd_epi16(_mm_maddubs_epi16(placed, weights), _mm_set1_epi16(1));
        // More digits than the number needs: leading zeros, which some read as octal.
        let too_much = _mm_cmpgt_epi32(octets, _mm_set1_epi32(255));
        let too_little = _mm_cmpgt_epi32(load_short(&shape.least), octets);
        if _mm_movemask_epi8(_mm_or_si128(too_much, too_little)) != 0 {
            return None;
        }
        let order = _mm_setr_epi8(12, 8, 4, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        Some(_mm_cvtsi128_si32(_mm_shuffle_epi8(octets, order)).cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: &mut u64) -> usize {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) as usize
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn both_levels_find_the_same_blanks() {
        let Some(wide) = Wide::here() else { return };
        let mut seed = 7;
        for _ in 0..20_000 {
            let block: [u8; 64] =
                std::array::from_fn(|_| b"ab\t\n \x00\x1f\x20\x21\x7f\x80\xff\r..."[random(&mut seed) % 16]);
            for limit in [0x1f, 0x20] {
                let found = Portable.blanks(&block, limit);
                assert_eq!(wide.blanks(&block, limit), found);
                for (nth, &byte) in block.iter().enumerate() {
                    assert_eq!(found.all >> nth & 1 == 1, byte <= limit);
                    assert_eq!(found.ends >> nth & 1 == 1, byte == b'\n');
                }
            }
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn both_levels_find_the_same_digits() {
        let Some(wide) = Wide::here() else { return };
        let mut seed = 13;
        for _ in 0..20_000 {
            let block: [u8; 64] = std::array::from_fn(|_| b"0123456789/:\x00\x20\xb0\xff"[random(&mut seed) % 16]);
            let found = Portable.digits(&block);
            assert_eq!(wide.digits(&block), found);
            for (nth, &byte) in block.iter().enumerate() {
                assert_eq!(found >> nth & 1 == 1, byte.is_ascii_digit());
            }
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn both_levels_read_the_same_addresses() {
        let Some(wide) = Wide::here() else { return };
        let parts = [
            "", "0", "1", "9", "10", "19", "99", "100", "199", "249", "255", "256", "260", "300", "999", "00", "01",
            "001", "1000", "a", "/", ":", " ", "1\0",
        ];
        let mut seen = 0;
        for a in parts {
            for b in parts {
                for c in parts {
                    for d in parts {
                        let text = format!("{a}.{b}.{c}.{d}");
                        // What stands behind the cell counts for nothing.
                        let mut bytes = *b"7.1 9.9.9.9.9.9.";
                        let len = text.len().min(16);
                        bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
                        let found = wide.dotted(bytes, text.len());
                        assert_eq!(found, Portable.dotted(bytes, text.len()), "{text}");
                        seen += usize::from(found.is_some());
                    }
                }
            }
        }
        assert_eq!(seen, 10 * 10 * 10 * 10);
        let mut seed = 11;
        for _ in 0..300_000 {
            let bytes: [u8; 16] = std::array::from_fn(|_| b"0123456789......"[random(&mut seed) % 16]);
            for len in 0..=17 {
                assert_eq!(wide.dotted(bytes, len), Portable.dotted(bytes, len), "{bytes:?} {len}");
            }
        }
    }
}
