//! Networks of ours and watched ones, for the targets that read logs.

use std::sync::{Arc, OnceLock};

use _native::address::parse;
use _native::ranges::{Range, RangeSet};
use _native::sides::Sides;

/// The same for every case.
pub fn sides() -> &'static Sides {
    static SIDES: OnceLock<Sides> = OnceLock::new();
    SIDES.get_or_init(|| {
        let range = |first: &[u8], last: &[u8], label| Range {
            first: parse(first).unwrap(),
            last: parse(last).unwrap(),
            label,
        };
        let ours = RangeSet::new([
            range(b"10.0.0.0", b"10.255.255.255", 0),
            range(b"224.0.0.0", b"255.255.255.255", 1),
        ]);
        let watched = RangeSet::new([
            range(b"203.0.113.0", b"203.0.113.99", 0),
            range(b"2001:db8::", b"2001:db8::ff", 1),
        ]);
        Sides::new(Arc::new(ours.unwrap()), 1, Some(Arc::new(watched.unwrap())))
    })
}
