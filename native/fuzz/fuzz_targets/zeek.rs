//! Any text of a conn log: both levels give the same, and no line is lost.
#![no_main]

use _native::zeek::{COLUMNS, Layout, scan, scan_portably};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

use invented_sides::sides;

#[path = "../invented_sides.rs"]
mod invented_sides;

#[derive(Arbitrary, Debug)]
enum Piece {
    Word(u8),
    Record(u8, u8, u8, u8, u8),
    Bytes(Vec<u8>),
}

const WORDS: [&[u8]; 24] = [
    b"\t",
    b"\t\t",
    b"\n",
    b"\r\n",
    b"-",
    b"(empty)",
    b"#close\n",
    b"#fields\tts\n",
    b"1714521600.250000",
    b"1714521600",
    b"99999999999999.5",
    b"10.0.0.5",
    b"203.0.113.7",
    b"fe80::1%eth0",
    b"T",
    b"F",
    b"443",
    b"tcp",
    b"icmp",
    b"S0",
    b"OTH",
    b"ShADadFf",
    b"\0",
    b"\xef\xbb\xbf",
];
const STATES: [&str; 6] = ["SF", "S0", "REJ", "OTH", "RSTO", "-"];
const HISTORIES: [&str; 6] = ["ShADadFf", "D", "-", "S", "Dd", "^d"];

fuzz_target!(|input: (bool, Vec<Piece>)| {
    let (has_own_networks, pieces) = input;
    let mut text = Vec::new();
    for piece in &pieces {
        match piece {
            Piece::Word(nth) => text.extend(WORDS[usize::from(*nth) % WORDS.len()]),
            Piece::Record(source, target, state, history, flags) => {
                let line = format!(
                    "1714521600.{source:06}\t10.0.0.{source}\t203.0.113.{target}\t{}\t{}\t0\t50000\t443\ttcp\tssl\t{source}\t{target}\t{}\t{}\t1500\t1.5\n",
                    ["T", "F", "-"][usize::from(flags % 3)],
                    ["F", "-", "T"][usize::from(flags / 3 % 3)],
                    STATES[usize::from(*state) % STATES.len()],
                    HISTORIES[usize::from(*history) % HISTORIES.len()],
                );
                text.extend(line.as_bytes());
            }
            Piece::Bytes(bytes) => text.extend(bytes),
        }
    }
    let layout = Layout {
        width: COLUMNS,
        places: std::array::from_fn(Some),
        has_own_networks,
    };
    let found = scan(&text, &layout, sides());
    assert_eq!(found, scan_portably(&text, &layout, sides()));
    let lines = text.split_inclusive(|&byte| byte == b'\n').count() as u64;
    assert!(found.lines <= lines && (found.stopped_at.is_some() || found.lines == lines));
    assert!(found.contacts.line.len() as u64 <= found.accepted && found.accepted <= found.lines);
    for &(number, first, end) in &found.odd {
        assert!(first <= end && end <= text.len() && number >= 1 && number <= lines);
    }
});
