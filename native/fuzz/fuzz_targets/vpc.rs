//! Any text of a flow log: both levels give the same, no line is lost, and two parts come to what the whole came to.
#![no_main]

use _native::vpc::{COLUMNS, FIRST_REJECT, Layout, Partial, scan, scan_portably};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

use invented_sides::sides;

#[path = "../invented_sides.rs"]
mod invented_sides;

#[derive(Arbitrary, Debug)]
enum Piece {
    Word(u8),
    Record(u8, u8, u8),
    Bytes(Vec<u8>),
}

const WORDS: [&[u8]; 24] = [
    b" ",
    b"  ",
    b"\n",
    b"\r\n",
    b"\t",
    b"-",
    b"OK",
    b"NODATA",
    b"SKIPDATA",
    b"ACCEPT",
    b"REJECT",
    b"6",
    b"17",
    b"443",
    b"65536",
    b"1714521600",
    b"999999999999999999",
    b"10.0.0.5",
    b"203.0.113.7",
    b"203.0.113.07",
    b"2001:db8::7",
    b"\xef\xbb\xbf",
    b"\0",
    b"srcaddr dstaddr\n",
];

fuzz_target!(|input: (bool, u8, Vec<Piece>)| {
    let (has_packet_ends, cut, pieces) = input;
    let text = text_of(&pieces);
    let layout = layout(has_packet_ends);
    let found = scan(&text, &layout, sides());
    assert_eq!(found, scan_portably(&text, &layout, sides()));
    check(&text, &found);
    if found.stopped_at.is_none() {
        in_parts(&text, usize::from(cut), &layout, &found);
    }
});

fn text_of(pieces: &[Piece]) -> Vec<u8> {
    let mut text = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Word(nth) => text.extend(WORDS[usize::from(*nth) % WORDS.len()]),
            Piece::Record(source, target, bytes) => {
                let line = format!(
                    "2 1 eni-1 10.0.0.{source} 203.0.113.{target} 50000 443 6 1 {bytes} 10 20 ACCEPT OK{}\n",
                    if source % 2 == 0 { "" } else { " - -" }
                );
                text.extend(line.as_bytes());
            }
            Piece::Bytes(bytes) => text.extend(bytes),
        }
    }
    text
}

fn layout(has_packet_ends: bool) -> Layout {
    let mut places = [None; COLUMNS];
    let order = [13, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 2, 1];
    for (column, place) in order.into_iter().enumerate() {
        places[column] = Some(place);
    }
    if has_packet_ends {
        (places[15], places[16]) = (Some(14), Some(15));
    }
    Layout {
        width: if has_packet_ends { 16 } else { 14 },
        first_name: b"version".to_vec(),
        places,
        has_action: true,
    }
}

fn check(text: &[u8], found: &Partial) {
    let lines = text.split_inclusive(|&byte| byte == b'\n').count() as u64;
    let rejected: u64 = found.counts[FIRST_REJECT..].iter().sum();
    assert!(found.accepted + rejected <= found.lines && found.lines <= lines);
    if found.stopped_at.is_none() {
        assert_eq!(found.lines, lines);
    }
    let set_aside: u64 = found.counts[..FIRST_REJECT].iter().sum();
    assert_eq!(found.flows.line.len() as u64 + set_aside, found.accepted);
    assert!(found.flows.line.is_sorted() && found.flows.line.iter().all(|&line| line >= 1));
}

fn in_parts(text: &[u8], cut: usize, layout: &Layout, whole: &Partial) {
    let line_ends: Vec<usize> = (0..text.len()).filter(|&at| text[at] == b'\n').collect();
    let Some(&end) = line_ends.get(cut % line_ends.len().max(1)) else {
        return;
    };
    let (first, second) = text.split_at(end + 1);
    let (first, second) = (scan(first, layout, sides()), scan(second, layout, sides()));
    assert_eq!(first.lines + second.lines, whole.lines);
    assert_eq!(first.accepted + second.accepted, whole.accepted);
    for ((one, other), both) in first.counts.iter().zip(second.counts).zip(whole.counts) {
        assert_eq!(one + other, both);
    }
    let bytes: Vec<i64> = first.flows.bytes.iter().chain(&second.flows.bytes).copied().collect();
    assert_eq!(bytes, whole.flows.bytes);
}
