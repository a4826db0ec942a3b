//! Zeek conn logs as Zeek writes them unless told otherwise: records of watched addresses, counts of the rest, and what
//! is wrong.
//!
//! The rows are those of `beholden.scan.kernel.zeek_rows`, which says what the fields mean and why a record is judged as it
//! is; what Zeek would not write is left to it. Source: Zeek manual, base/protocols/conn/main.zeek.

use crate::address::parse_cell;
use crate::flow::{Texts, Verdict};
use crate::level::{self, Kernel, Level, Portable};
use crate::lines::{Cell, Found, Line, Separator, Take, each};
use crate::number::{digits_of, is_plain, micros, seconds, whole};
use crate::sides::{GROUP, OURS, Sides, WATCHED};

/// How many columns a record is read as: `beholden.scan.kernel.zeek.COLUMNS`.
pub const COLUMNS: usize = 16;
const KEPT_REJECTS: usize = 5;
// The last second of year 9999, less one: `beholden.scan.network.cells.LATEST`.
const LATEST: f64 = 253_402_300_798.0;
// Whole seconds of so many digits are before that, whatever the digits.
const SOUND_DIGITS: usize = 11;
const UNSET: &[u8] = b"-";
const EMPTY: &[u8] = b"(empty)";
const ABSENT: Cell<'_> = Cell::of(UNSET);
// `beholden.scan.kernel.zeek.HEADERS`
const HEADERS: [&[u8]; 6] = [
    b"#separator",
    b"#set_separator",
    b"#empty_field",
    b"#unset_field",
    b"#path",
    b"#fields",
];

const TIME: usize = 0;
const ORIG: usize = 1;
const RESP: usize = 2;
const LOCAL_ORIG: usize = 3;
const LOCAL_RESP: usize = 4;
const MISSED: usize = 5;
const ORIG_PORT: usize = 6;
const RESP_PORT: usize = 7;
const PROTO: usize = 8;
const SERVICE: usize = 9;
const ORIG_BYTES: usize = 10;
const RESP_BYTES: usize = 11;
const STATE: usize = 12;
const HISTORY: usize = 13;
const ORIG_IP_BYTES: usize = 14;
const DURATION: usize = 15;

/// Where the columns of a file stand; `None` where it has none of that name.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Cells of a record.
    pub width: usize,
    /// Place of each of `COLUMNS`.
    pub places: [Option<usize>; COLUMNS],
    /// Whether our networks are named, rather than private address space being ours.
    pub has_own_networks: bool,
}

/// Records that are set aside or wrong, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named in `beholden.scan.kernel.zeek`")]
pub enum Reason {
    Local,
    Carried,
    Undecided,
    Group,
    Unwatched,
    IcmpReport,
    Midstream,
    Inbound,
    TooLong,
    Nul,
    Width,
    Address,
    Count,
}

/// How many reasons there are.
pub const REASONS: usize = Reason::Count as usize + 1;

/// The columns of CONTACT that a record fills, in its order.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named and explained in `beholden.schema.traffic`")]
pub struct Contacts {
    pub line: Vec<i64>,
    pub remote: Vec<u128>,
    pub own: Vec<u128>,
    pub verdict: Vec<u8>,
    pub start: Vec<i64>,
    pub end: Vec<i64>,
    pub first_bytes: Vec<i64>,
    pub second_bytes: Vec<i64>,
    pub port: Vec<i32>,
    pub protocol: Texts,
    pub service: Texts,
    pub state: Texts,
}

/// What a part of a log came to.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Partial {
    pub contacts: Contacts,
    pub counts: [u64; REASONS],
    pub rejects: Vec<(u64, usize)>,
    /// Lines that are left to others: number, first byte, end.
    pub odd: Vec<(u64, usize, usize)>,
    pub lines: u64,
    pub accepted: u64,
    pub missed: u128,
    pub on_the_wire: u64,
    /// Where a line begins that may change how those behind it are read; nothing from there on was read.
    pub stopped_at: Option<usize>,
}

impl Partial {
    fn reject(&mut self, line: u64, reason: Reason) {
        self.counts[reason as usize] += 1;
        if self.rejects.len() < KEPT_REJECTS {
            self.rejects.push((line, reason as usize));
        }
    }
}

/// What a record came to.
enum Outcome {
    Aside(Reason),
    Wrong(Reason),
    Odd,
    Kept(Contact),
}

struct Contact {
    verdict: Verdict,
    remote: u128,
    own: u128,
    start: i64,
    end: i64,
    amounts: [i64; 2],
    on_the_wire: bool,
}

/// Read the lines of a part of a log, which begins and ends with whole ones.
#[must_use]
pub fn scan(text: &[u8], layout: &Layout, sides: &Sides) -> Partial {
    level::run(Scan { text, layout, sides })
}

/// The same in portable code, whatever the processor has; what `scan` gives is compared with it.
#[must_use]
pub fn scan_portably(text: &[u8], layout: &Layout, sides: &Sides) -> Partial {
    Scan { text, layout, sides }.run(Portable)
}

struct Scan<'a> {
    text: &'a [u8],
    layout: &'a Layout,
    sides: &'a Sides,
}

impl Kernel for Scan<'_> {
    type Found = Partial;

    #[inline(always)]
    fn run<L: Level>(self, level: L) -> Partial {
        let mut reading = Reading {
            layout: self.layout,
            sides: self.sides,
            level,
            partial: Partial::default(),
        };
        let lines = each(self.text, Separator::Tab, level, &mut reading);
        let mut partial = reading.partial;
        partial.lines = lines - u64::from(partial.stopped_at.is_some());
        partial
    }
}

struct Reading<'a, L> {
    layout: &'a Layout,
    sides: &'a Sides,
    level: L,
    partial: Partial,
}

impl<L: Level> Take for Reading<'_, L> {
    #[inline(always)]
    fn line(&mut self, found: Found<'_>) -> bool {
        match found {
            Found::TooLong(line) => self.partial.reject(line, Reason::TooLong),
            Found::Nul(line) => self.partial.reject(line, Reason::Nul),
            Found::Line(line) => match line.cell(0).bytes().first() {
                Some(b'#') => {
                    if HEADERS.iter().any(|header| begins_with(&line, header)) {
                        self.partial.stopped_at = Some(line.at);
                        return false;
                    }
                }
                None if line.count == 1 => {}
                _ => take(&line, self.layout, self.sides, self.level, &mut self.partial),
            },
        }
        true
    }
}

/// Whether a line begins so, where a byte order mark counts for nothing. A header need not have tabs.
fn begins_with(line: &Line<'_>, header: &[u8]) -> bool {
    line.text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(line.text)
        .starts_with(header)
}

#[inline(always)]
fn take<L: Level>(line: &Line<'_>, layout: &Layout, sides: &Sides, level: L, partial: &mut Partial) {
    if line.count != layout.width || line.cell(line.count.saturating_sub(1)).is_empty() {
        partial.reject(line.number, Reason::Width);
        return;
    }
    let cells = |column: usize| layout.places[column].map_or(ABSENT, |place| line.cell(place));
    let cell = |column: usize| cells(column).bytes();
    match record(&cells, layout.has_own_networks, sides, level) {
        Outcome::Wrong(reason) => return partial.reject(line.number, reason),
        Outcome::Odd => {
            partial.odd.push((line.number, line.at, line.at + line.text.len()));
            return;
        }
        Outcome::Aside(reason) => partial.counts[reason as usize] += 1,
        Outcome::Kept(contact) => {
            partial.on_the_wire += u64::from(contact.on_the_wire);
            keep(&mut partial.contacts, line.number, &cell, &contact);
        }
    }
    partial.accepted += 1;
    match cell(MISSED) {
        b"0" | UNSET => {}
        missed => partial.missed += u128::from(whole(missed).unwrap_or(0)),
    }
}

#[inline(always)]
fn record<'a, L: Level>(
    cells: &impl Fn(usize) -> Cell<'a>,
    has_own_networks: bool,
    sides: &Sides,
    level: L,
) -> Outcome {
    let cell = &|column: usize| cells(column).bytes();
    let time = cells(TIME);
    if !is_sound_time(time) {
        return Outcome::Odd;
    }
    let (Some(orig), Some(resp)) = (parse_cell(cells(ORIG), level), parse_cell(cells(RESP), level)) else {
        return Outcome::Wrong(Reason::Address);
    };
    let (orig_side, resp_side) = (sides.of(orig), sides.of(resp));
    if (orig_side | resp_side) & GROUP != 0 {
        return Outcome::Aside(Reason::Group);
    }
    let (orig_flag, resp_flag) = (cell(LOCAL_ORIG), cell(LOCAL_RESP));
    // Networks that the profile names hold even where Zeek was never told of them.
    let is_ours = |side: u8, flag: &[u8]| match flag {
        b"T" => true,
        b"F" => has_own_networks && side & OURS != 0,
        _ => side & OURS != 0,
    };
    let is_out = match (is_ours(orig_side, orig_flag), is_ours(resp_side, resp_flag)) {
        (true, true) => return Outcome::Aside(Reason::Local),
        (true, false) => true,
        (false, true) => false,
        (false, false) if has_own_networks || orig_flag == b"F" || resp_flag == b"F" => {
            return Outcome::Aside(Reason::Carried);
        }
        (false, false) => return Outcome::Aside(Reason::Undecided),
    };
    let (Some(sent), Some(received)) = (amount(cells(ORIG_BYTES)), amount(cells(RESP_BYTES))) else {
        return Outcome::Wrong(Reason::Count);
    };
    if is_out && resp_side & WATCHED == 0 {
        return Outcome::Aside(Reason::Unwatched);
    }
    let is_late_reply = is_out && is_late_reply(cell, received);
    let (verdict, ends, amounts, on_the_wire) = if is_out && !is_late_reply {
        match outbound(cell, sent, received) {
            Ok((verdict, sent, on_the_wire)) => (verdict, (resp, orig), [sent, received], on_the_wire),
            Err(reason) => return Outcome::Aside(reason),
        }
    } else {
        // A late reply has the state OTH or S0 by nature; there the payload alone decides.
        let is_unanswered = !is_late_reply && matches!(cell(STATE), b"S0" | b"REJ" | b"OTH");
        if is_unanswered || sent == 0 || received == 0 {
            return Outcome::Aside(Reason::Inbound);
        }
        if is_late_reply {
            (Verdict::Answered, (resp, orig), [received, sent], false)
        } else if orig_side & WATCHED != 0 {
            (Verdict::Answered, (orig, resp), [sent, received], false)
        } else {
            return Outcome::Aside(Reason::Unwatched);
        }
    };
    let (Some(start), Some(end)) = (micros(time.bytes()), end(time.bytes(), cell(DURATION))) else {
        return Outcome::Odd;
    };
    Outcome::Kept(Contact {
        verdict,
        remote: ends.0,
        own: ends.1,
        start,
        end,
        amounts,
        on_the_wire,
    })
}

/// Verdict, what was sent, and whether that is what was on the wire.
fn outbound<'a>(
    cell: &impl Fn(usize) -> &'a [u8],
    mut sent: i64,
    received: i64,
) -> Result<(Verdict, i64, bool), Reason> {
    let (state, history, proto) = (cell(STATE), cell(HISTORY), cell(PROTO));
    // The types by which a host asks; every other ICMP message answers or reports somebody else's packet.
    if proto == b"icmp" && !matches!(cell(ORIG_PORT), b"8" | b"128") {
        return Err(Reason::IcmpReport);
    }
    let (is_tcp, has_history) = (proto == b"tcp", history != UNSET);
    let is_answered = received > 0 || matches!(state, b"SF" | b"S1" | b"S2" | b"S3" | b"RSTO" | b"RSTR");
    if !is_answered && is_tcp && has_history && !holds(history, b"DG") {
        // Without a data packet the count is an artefact of sequence numbers.
        sent = 0;
    }
    let carried_payload = if has_history { history.contains(&b'D') } else { !is_tcp };
    let on_the_wire = cell(ORIG_BYTES) == UNSET && carried_payload;
    if on_the_wire {
        sent = whole(cell(ORIG_IP_BYTES)).map_or(0, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    }
    let tried_to_open = state != b"OTH" && (!has_history || history.contains(&b'S'));
    if !is_answered && sent == 0 && is_tcp && !tried_to_open {
        return Err(Reason::Midstream);
    }
    let verdict = if is_answered || sent > 0 {
        Verdict::Sent
    } else {
        Verdict::Attempted
    };
    Ok((verdict, sent, on_the_wire))
}

/// Whether our packet only looks like the first one: our service port, their ephemeral port, no opening seen.
fn is_late_reply<'a>(cell: &impl Fn(usize) -> &'a [u8], received: i64) -> bool {
    let history = cell(HISTORY);
    let opening_seen = match cell(PROTO) {
        b"tcp" if history == UNSET => cell(STATE) != b"OTH",
        b"tcp" => holds(history, b"SsHh"),
        b"udp" => received > 0,
        _ => true,
    };
    let is_ours = |port: &[u8]| whole(port).is_some_and(|port| port < 1024);
    let is_theirs = |port: &[u8]| whole(port).is_some_and(|port| port >= 1024);
    !opening_seen && is_ours(cell(ORIG_PORT)) && is_theirs(cell(RESP_PORT))
}

fn holds(history: &[u8], any: &[u8]) -> bool {
    history.iter().any(|byte| any.contains(byte))
}

/// A count of bytes; nothing where it is none, or more than 63 bits hold.
#[inline(always)]
fn amount(cell: Cell<'_>) -> Option<i64> {
    if cell.bytes() == UNSET {
        return Some(0);
    }
    match digits_of(cell) {
        Some(number) => Some(number.cast_signed()),
        None => i64::try_from(whole(cell.bytes())?).ok(),
    }
}

/// Whether a text is a time within bounds in the notation that Zeek uses.
#[inline(always)]
fn is_sound_time(cell: Cell<'_>) -> bool {
    // As Zeek prints it.
    if let Some(point) = cell.len().checked_sub(7)
        && (1..=SOUND_DIGITS).contains(&point)
        && cell.bytes().get(point) == Some(&b'.')
        && digits_of(cell.part(0, point)).is_some()
        && digits_of(cell.part(point + 1, cell.len())).is_some()
    {
        return true;
    }
    let text = cell.bytes();
    let before = text.iter().position(|&byte| byte == b'.').unwrap_or(text.len());
    is_plain(text) && (before <= SOUND_DIGITS || seconds(text).is_some_and(|time| time <= LATEST))
}

/// When a connection ended; nothing where its duration is in another notation than Zeek's.
fn end(time: &[u8], duration: &[u8]) -> Option<i64> {
    let duration = if duration == UNSET { 0.0 } else { seconds(duration)? };
    // A duration of more than that is none.
    let duration = if duration <= LATEST { duration } else { 0.0 };
    Some(((seconds(time)? + duration).min(LATEST) * 1_000_000.0).round_ties_even() as i64)
}

fn keep<'a>(contacts: &mut Contacts, line: u64, cell: &impl Fn(usize) -> &'a [u8], contact: &Contact) {
    let port = whole(cell(RESP_PORT)).filter(|&port| port <= 65_535);
    let word = |column| match cell(column) {
        EMPTY => UNSET,
        text => text,
    };
    contacts.line.push(line.cast_signed());
    contacts.remote.push(contact.remote);
    contacts.own.push(contact.own);
    contacts.verdict.push(contact.verdict as u8);
    contacts.start.push(contact.start);
    contacts.end.push(contact.end);
    contacts.first_bytes.push(contact.amounts[0]);
    contacts.second_bytes.push(contact.amounts[1]);
    contacts.port.push(port.map_or(-1, |port| port as i32));
    contacts.protocol.push(word(PROTO));
    contacts.service.push(word(SERVICE));
    contacts.state.push(word(STATE));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::parse;
    use crate::ranges::{Range, RangeSet};
    use std::sync::Arc;

    const FIELDS: [&str; COLUMNS] = [
        "1714521600.250000",
        "10.0.0.5",
        "203.0.113.7",
        "T",
        "F",
        "0",
        "51515",
        "443",
        "tcp",
        "ssl",
        "1000",
        "5000",
        "SF",
        "ShADadFf",
        "1500",
        "1.5",
    ];

    fn sides() -> Sides {
        let range = |first: &str, last: &str, label| Range {
            first: parse(first.as_bytes()).unwrap(),
            last: parse(last.as_bytes()).unwrap(),
            label,
        };
        let places = RangeSet::new([
            range("10.0.0.0", "10.255.255.255", 0),
            range("224.0.0.0", "239.255.255.255", 1),
        ])
        .unwrap();
        let watched = RangeSet::new([range("203.0.113.0", "203.0.113.255", 0)]).unwrap();
        Sides::new(Arc::new(places), 1, Some(Arc::new(watched)))
    }

    fn layout() -> Layout {
        Layout {
            width: COLUMNS,
            places: std::array::from_fn(Some),
            has_own_networks: false,
        }
    }

    fn read(text: &str) -> Partial {
        scan(text.as_bytes(), &layout(), &sides())
    }

    fn line(changed: &[(usize, &str)]) -> String {
        let mut cells = FIELDS;
        for &(column, text) in changed {
            cells[column] = text;
        }
        cells.join("\t")
    }

    #[test]
    fn a_record_of_a_watched_address_is_kept() {
        let found = read(&line(&[]));
        let contacts = &found.contacts;
        assert_eq!((found.accepted, found.lines, &contacts.line), (1, 1, &vec![1]));
        assert_eq!(contacts.remote, [parse(b"203.0.113.7").unwrap()]);
        assert_eq!((contacts.verdict[0], contacts.port[0]), (Verdict::Sent as u8, 443));
        assert_eq!((contacts.first_bytes[0], contacts.second_bytes[0]), (1000, 5000));
        assert_eq!(
            (contacts.start[0], contacts.end[0]),
            (1_714_521_600_250_000, 1_714_521_601_750_000)
        );
    }

    #[test]
    fn what_is_not_followed_up_is_counted_by_reason() {
        for (changed, reason) in [
            (&[(RESP, "198.51.100.7")][..], Reason::Unwatched),
            (&[(RESP, "10.9.9.9"), (LOCAL_RESP, "T")], Reason::Local),
            (&[(RESP, "224.0.0.251")], Reason::Group),
            (&[(LOCAL_ORIG, "F")], Reason::Carried),
            (
                &[(ORIG, "192.0.2.1"), (LOCAL_ORIG, "-"), (LOCAL_RESP, "-")],
                Reason::Undecided,
            ),
            (&[(PROTO, "icmp"), (ORIG_PORT, "3")], Reason::IcmpReport),
            (
                &[(STATE, "OTH"), (HISTORY, "C"), (RESP_BYTES, "0"), (RESP_PORT, "80")],
                Reason::Midstream,
            ),
            (
                &[
                    (ORIG, "203.0.113.7"),
                    (RESP, "10.0.0.5"),
                    (LOCAL_ORIG, "F"),
                    (LOCAL_RESP, "T"),
                    (STATE, "S0"),
                ],
                Reason::Inbound,
            ),
            (&[(ORIG, "10.0.0")], Reason::Address),
            (&[(ORIG_BYTES, "-1")], Reason::Count),
            (&[(DURATION, "")], Reason::Width),
        ] {
            let found = read(&line(changed));
            assert_eq!(found.counts[reason as usize], 1, "{reason:?}");
            assert_eq!(found.counts.iter().sum::<u64>(), 1, "{reason:?}");
            assert_eq!(found.contacts.line.len(), 0);
        }
    }

    #[test]
    fn headers_end_a_part_and_other_remarks_do_not() {
        let text = format!(
            "{}\n#close\t2024\n\n{}\r\n\u{feff}#fields\tts\nx\n",
            line(&[]),
            line(&[])
        );
        let found = read(&text);
        assert_eq!((found.accepted, found.lines), (2, 4));
        assert_eq!(found.stopped_at, text.find('\u{feff}'));
        assert_eq!(found.contacts.line, [1, 4]);
    }

    #[test]
    fn times_in_another_notation_are_left_to_others() {
        for time in ["-", "1e3", "nan", "2024-05-01", "-1.0", "253402300799.0", "1.2.3", ""] {
            let text = line(&[(TIME, time)]);
            assert_eq!(read(&text).odd, [(1, 0, text.len())], "{time}");
        }
        for time in [
            "0",
            "5.",
            ".5",
            "1714521600.1234567",
            "253402300798.0",
            "00000000000000001.5",
        ] {
            assert_eq!(read(&line(&[(TIME, time)])).accepted, 1, "{time}");
        }
    }

    #[test]
    fn any_bytes_give_an_answer() {
        let (mut seed, layout, sides) = (7_u64, layout(), sides());
        let base = format!("{}\n{}\n", line(&[]), line(&[(ORIG_BYTES, "9223372036854775807")]));
        for _ in 0..5_000 {
            let mut text = base.clone().into_bytes();
            for _ in 0..4 {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let at = (seed >> 33) as usize % text.len();
                text[at] = (seed >> 20) as u8;
            }
            let found = scan(&text, &layout, &sides);
            assert!(found.lines >= 1 || found.stopped_at == Some(0));
        }
    }
}
