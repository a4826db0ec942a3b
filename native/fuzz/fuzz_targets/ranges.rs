//! Any text is an address exactly where the standard library says so, and any set of ranges is searched as row by row.
#![no_main]

use std::net::{Ipv4Addr, Ipv6Addr};

use _native::address::{MAPPED, parse};
use _native::ranges::{NO_ADDRESS, NO_RANGE, Range, RangeSet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<(u128, u128, i32)>, Vec<u32>, Vec<u8>)| {
    let (given, near, text) = input;
    let address = expected(&text);
    assert_eq!(parse(&text), address);

    let mut ranges: Vec<Range> = given
        .iter()
        .map(|&(first, last, label)| Range { first, last, label })
        .collect();
    // As they come, and sorted, with IPv4 among them.
    let refused = RangeSet::new(ranges.iter().copied()).is_err();
    let sorted = ranges.windows(2).all(|pair| pair[0].last < pair[1].first);
    let sound = ranges.iter().all(|range| range.first <= range.last && range.label >= 0);
    assert_eq!(refused, !(sorted && sound));
    ranges.extend(near.iter().map(|&low| Range {
        first: MAPPED | u128::from(low),
        last: MAPPED | u128::from(low | 0xff),
        label: 7,
    }));
    ranges.retain(|range| range.first <= range.last && range.label >= 0);
    ranges.sort_by_key(|range| range.first);
    let mut end = None;
    ranges.retain(|range| {
        let keep = end.is_none_or(|end| range.first > end);
        if keep {
            end = Some(range.last);
        }
        keep
    });
    let set = RangeSet::new(ranges.iter().copied()).expect("sorted and apart");
    let mut asked: Vec<u128> = address.into_iter().collect();
    for range in &ranges {
        asked.extend([
            range.first,
            range.last,
            range.first.wrapping_sub(1),
            range.last.wrapping_add(1),
        ]);
    }
    for address in asked {
        let within = ranges
            .iter()
            .find(|range| range.first <= address && address <= range.last);
        assert_eq!(set.find(address), within.map_or(NO_RANGE, |range| range.label));
    }
    assert_eq!(
        set.find_text(&text),
        address.map_or(NO_ADDRESS, |address| set.find(address))
    );
});

fn expected(text: &[u8]) -> Option<u128> {
    if text.contains(&b':') {
        let end = text.iter().position(|&byte| byte == b'%').unwrap_or(text.len());
        return Some(
            std::str::from_utf8(&text[..end])
                .ok()?
                .parse::<Ipv6Addr>()
                .ok()?
                .to_bits(),
        );
    }
    let address: Ipv4Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(MAPPED | u128::from(address.to_bits()))
}
