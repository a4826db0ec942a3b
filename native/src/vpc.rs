//! AWS VPC flow log text: records of watched addresses, counts of the rest, and what is wrong.
//!
//! The rows are those of `beholden.scan.kernel.vpc`, which says what the fields mean. Source: Amazon VPC user guide, "Flow
//! log records".

use crate::address::parse_cell;
use crate::flow::{Flows, Interfaces};
use crate::level::{self, Kernel, Level, Portable};
use crate::lines::{Cell, Found, Line, Separator, Take, each};
use crate::number::{LONGEST, digits_of, whole};
use crate::sides::{GROUP, OURS, Sides, WATCHED};

/// How many columns a record is read as: `beholden.scan.network.vpc_layout.COLUMNS`.
pub const COLUMNS: usize = 17;
const KEPT_REJECTS: usize = 5;
// The last second of year 9999, less one: `beholden.scan.network.cells.LATEST`.
pub(crate) const LATEST: u64 = 253_402_300_798;
pub(crate) const SECOND: i64 = 1_000_000;
// Ports, protocol, packets, bytes, start and end, from this column on.
const FIRST_NUMBER: usize = 3;
const NUMBERS: usize = 7;
pub(crate) const NULL: &[u8] = b"-";
const ABSENT: Cell<'_> = Cell::of(NULL);

/// Where the columns of a file stand; `None` where it has none of that name.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Cells of a record.
    pub width: usize,
    /// What the first cell of a header is.
    pub first_name: Vec<u8>,
    /// Place of each of `COLUMNS`.
    pub places: [Option<usize>; COLUMNS],
    /// Whether the file says which traffic was rejected.
    pub has_action: bool,
}

impl Layout {
    fn numbers_at(&self) -> Option<usize> {
        let at = self.places[FIRST_NUMBER]?;
        let is_next = |nth: usize| self.places[FIRST_NUMBER + nth] == Some(at + nth);
        (1..NUMBERS).all(is_next).then_some(at)
    }
}

/// Records that are set aside or wrong, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named in `beholden.scan.kernel.vpc`")]
pub enum Reason {
    NoData,
    SkipData,
    NullAddress,
    Group,
    Local,
    Unwatched,
    Icmp,
    TooLong,
    Nul,
    Width,
    Status,
    Address,
    Number,
    Action,
}

/// How many reasons there are, and the first that is a mistake of the file.
pub const REASONS: usize = Reason::Action as usize + 1;
/// Reasons from here on are rejects.
pub const FIRST_REJECT: usize = Reason::TooLong as usize;

/// What a part of a log came to.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Partial {
    pub flows: Flows,
    pub interfaces: Interfaces,
    pub counts: [u64; REASONS],
    pub rejects: Vec<(u64, usize)>,
    pub lines: u64,
    pub accepted: u64,
    pub between: u64,
    /// Where a line that looks like a header begins; nothing from there on was read.
    pub stopped_at: Option<usize>,
}

impl Partial {
    /// Count a sound record that is not followed up.
    pub(crate) fn set_aside(&mut self, reason: Reason) {
        self.counts[reason as usize] += 1;
        self.accepted += 1;
    }

    /// Count a record that is wrong.
    pub(crate) fn reject(&mut self, line: u64, reason: Reason) {
        self.counts[reason as usize] += 1;
        if self.rejects.len() < KEPT_REJECTS {
            self.rejects.push((line, reason as usize));
        }
    }
}

/// Read a part of a log that begins and ends with whole lines.
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
            numbers_at: self.layout.numbers_at(),
            sides: self.sides,
            level,
            partial: Partial::default(),
        };
        let lines = each(self.text, Separator::Blanks, level, &mut reading);
        let mut partial = reading.partial;
        partial.lines = lines - u64::from(partial.stopped_at.is_some());
        partial
    }
}

struct Reading<'a, L> {
    layout: &'a Layout,
    /// The place of the first number, where all stand side by side in the usual order.
    numbers_at: Option<usize>,
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
            Found::Line(line)
                if line.count != self.layout.width || line.cell(0).bytes() == self.layout.first_name.as_slice() =>
            {
                if is_header(&line) {
                    self.partial.stopped_at = Some(line.at);
                    return false;
                }
                if line.count > 0 {
                    self.partial.reject(line.number, Reason::Width);
                }
            }
            Found::Line(line) => self.record(&line),
        }
        true
    }
}

/// Whether a line names columns: `beholden.scan.network.vpc_layout.header_layout`.
#[cold]
#[inline(never)]
fn is_header(line: &Line<'_>) -> bool {
    let names = |end: &str| {
        (0..line.count).any(|at| {
            let name: Vec<u8> = line
                .cell(at)
                .bytes()
                .iter()
                .map(|&byte| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() })
                .collect();
            name == end.as_bytes() || name.strip_prefix(b"pkt-") == Some(end.as_bytes())
        })
    };
    names("srcaddr") && names("dstaddr")
}

impl<L: Level> Reading<'_, L> {
    #[inline(always)]
    fn record(&mut self, line: &Line<'_>) {
        let (layout, sides, level, partial) = (self.layout, self.sides, self.level, &mut self.partial);
        let place_of = |column: usize| layout.places[column].map_or(ABSENT, |place| line.cell(place));
        let cell = |column: usize| place_of(column).bytes();
        let wrong = match cell(0) {
            b"OK" | NULL => None,
            b"NODATA" => Some(Reason::NoData),
            b"SKIPDATA" => Some(Reason::SkipData),
            _ => Some(Reason::Status),
        };
        if let Some(reason) = wrong {
            if reason == Reason::Status {
                partial.reject(line.number, reason);
            } else {
                partial.counts[reason as usize] += 1;
                partial.accepted += 1;
            }
            return;
        }
        // NAT, load balancers and pods: the packet's own addresses name the real ends.
        let or = |packet: &'_ [u8], interface: &'_ [u8]| -> bool { packet == NULL || packet == interface };
        let (at_source, at_target) = (place_of(1), place_of(2));
        let (packet_source, packet_target) = (place_of(15), place_of(16));
        let is_between = !or(packet_source.bytes(), at_source.bytes()) || !or(packet_target.bytes(), at_target.bytes());
        let source = if packet_source.bytes() == NULL {
            at_source
        } else {
            packet_source
        };
        let target = if packet_target.bytes() == NULL {
            at_target
        } else {
            packet_target
        };
        if source.bytes() == NULL || target.bytes() == NULL {
            partial.counts[Reason::NullAddress as usize] += 1;
            partial.accepted += 1;
            return;
        }
        let (Some(source), Some(target)) = (parse_cell(source, level), parse_cell(target, level)) else {
            partial.reject(line.number, Reason::Address);
            return;
        };
        // Few records are kept, and what the others count need only be sound.
        if !self.has_plain_numbers(line) && Numbers::of(&place_of).is_none() {
            self.partial.reject(line.number, Reason::Number);
            return;
        }
        let partial = &mut self.partial;
        let is_accepted = match cell(10) {
            b"ACCEPT" | NULL => true,
            b"REJECT" => false,
            _ => {
                partial.reject(line.number, Reason::Action);
                return;
            }
        };
        partial.accepted += 1;
        let (source_side, target_side) = (sides.of(source), sides.of(target));
        let either = source_side | target_side;
        let remote = if source_side & OURS != 0 {
            target_side
        } else if target_side & OURS != 0 {
            source_side
        } else {
            either
        };
        let mut at_interface = None;
        let aside = if either & GROUP != 0 {
            Some(Reason::Group)
        } else if source_side & target_side & OURS != 0 {
            Some(Reason::Local)
        } else {
            if either & OURS == 0
                && let (Some(first), Some(second)) = (parse_cell(at_source, level), parse_cell(at_target, level))
            {
                at_interface = Some((first, second));
                partial.interfaces.learn(cell(11), first, second);
            }
            if remote & WATCHED == 0 {
                Some(Reason::Unwatched)
            } else {
                matches!(cell(5), b"1" | b"58").then_some(Reason::Icmp)
            }
        };
        if let Some(reason) = aside {
            partial.counts[reason as usize] += 1;
            return;
        }
        let Some(numbers) = Numbers::of(&place_of) else {
            partial.accepted -= 1;
            partial.reject(line.number, Reason::Number);
            return;
        };
        partial.between += u64::from(is_between);
        let flows = &mut partial.flows;
        flows.line.push(line.number.cast_signed());
        flows.source.push(source);
        flows.target.push(target);
        flows.source_side.push(source_side);
        flows.target_side.push(target_side);
        flows.source_port.push(numbers.ports[0]);
        flows.target_port.push(numbers.ports[1]);
        flows.protocol.push(numbers.protocol);
        flows.packets.push(numbers.packets);
        flows.bytes.push(numbers.bytes);
        flows.start.push(numbers.start * SECOND);
        flows.end.push(numbers.end * SECOND);
        flows.is_accepted.push(layout.has_action.then_some(is_accepted));
        flows.flags.push(whole(cell(13)).unwrap_or(0) as u8);
        flows.outwards.push(match cell(14) {
            b"egress" => 1,
            b"ingress" => 0,
            _ => -1,
        });
        flows.is_between.push(is_between);
        flows.interface.push(cell(11));
        flows.account.push(cell(12));
        flows.at_interface.push(at_interface);
    }
}

impl<L: Level> Reading<'_, L> {
    /// Whether `Numbers::of` finds something, where that is soon seen: the columns stand side by side and hold digits.
    #[inline(always)]
    fn has_plain_numbers(&self, line: &Line<'_>) -> bool {
        let Some(at) = self.numbers_at else { return false };
        let Some(span) = line.span(at, at + NUMBERS - 1) else {
            return false;
        };
        let Some(block) = span.first_64().filter(|_| (1..=64).contains(&span.len())) else {
            return false;
        };
        // Six bytes are not digits: those between the cells.
        let used = u64::MAX >> (64 - span.len());
        if (self.level.digits(block) & used).count_ones() as usize != span.len() - (NUMBERS - 1) {
            return false;
        }
        let cell = |nth: usize| line.cell(at + nth);
        let is_port = |cell: Cell<'_>| match cell.len() {
            ..=4 => true,
            5 => digits_of(cell).is_some_and(|port| port <= 65_535),
            _ => false,
        };
        let (start, end) = (cell(5), cell(6));
        // Of one length, digits are in the order of their numbers.
        let ten = |cell: Cell<'_>| u128::from_be_bytes(cell.first_16()) >> 48;
        is_port(cell(0))
            && is_port(cell(1))
            && (2..=4).all(|nth| cell(nth).len() <= LONGEST)
            && start.len() == 10
            && end.len() == 10
            && ten(start) <= ten(end)
    }
}

struct Numbers {
    ports: [i32; 2],
    protocol: i32,
    packets: i64,
    bytes: i64,
    start: i64,
    end: i64,
}

impl Numbers {
    /// What a record counts; nothing where one of them cannot be what it says.
    #[inline(always)]
    fn of<'a>(cell: &impl Fn(usize) -> Cell<'a>) -> Option<Self> {
        let port = |column| match cell(column) {
            none if none.bytes() == NULL => Some(-1),
            text => digits_of(text).filter(|&port| port <= 65_535).map(|port| port as i32),
        };
        let (start, end) = (digits_of(cell(8))?, digits_of(cell(9))?);
        if start > end || end > LATEST {
            return None;
        }
        let counted = |cell| digits_of(cell).map(u64::cast_signed);
        Some(Self {
            ports: [port(3)?, port(4)?],
            protocol: match cell(5) {
                none if none.bytes() == NULL => -1,
                text => i32::try_from(digits_of(text)?).unwrap_or(i32::MAX),
            },
            packets: if cell(6).bytes() == NULL { 0 } else { counted(cell(6))? },
            bytes: counted(cell(7))?,
            start: start.cast_signed(),
            end: end.cast_signed(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ranges::RangeSet;

    /// Cells of a record in the usual order, or with the last number in the first place.
    fn scanned(numbers: &[&str; NUMBERS], is_usual: bool, sides: &Sides) -> Partial {
        let [first @ .., end] = numbers;
        let (head, tail) = if is_usual { ("1", *end) } else { (*end, "1") };
        let text = format!("{head} 192.0.2.1 192.0.2.2 {} {tail} ACCEPT OK\n", first.join(" "));
        let mut places = [None; COLUMNS];
        for (column, place) in [12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].into_iter().enumerate() {
            places[column] = Some(place.min(11));
        }
        places[9] = Some(if is_usual { 9 } else { 0 });
        let layout = Layout {
            width: 12,
            first_name: b"version".to_vec(),
            places,
            has_action: true,
        };
        assert_eq!(layout.numbers_at().is_some(), is_usual);
        let found = scan(text.as_bytes(), &layout, sides);
        assert_eq!(found, scan_portably(text.as_bytes(), &layout, sides));
        found
    }

    #[test]
    fn numbers_side_by_side_are_as_sound_as_apart() {
        let odd = [
            "-",
            "0",
            "00",
            "7",
            "443",
            "9999",
            "65535",
            "65536",
            "00443",
            "000443",
            "99999",
            "a",
            "4a3",
            "-1",
            "+1",
            "1.0",
            "1714521600",
            "1714521601",
            "0714521600",
            "9999999999",
            "253402300798",
            "253402300799",
            "12345678901234567",
            "123456789012345678",
            "1234567890123456789",
            "99999999999999999999999999999999999999999999",
            "\u{0660}",
        ];
        let plain = ["443", "50000", "6", "10", "4000", "1714521600", "1714521660"];
        let nobody = || Arc::new(RangeSet::new([]).expect("no range is wrong"));
        let sides = Sides::new(nobody(), 0, Some(nobody()));
        let (mut sound, mut all) = (0, 0);
        for first in 0..NUMBERS {
            for second in 0..NUMBERS {
                for one in odd {
                    for other in odd {
                        let mut numbers = plain;
                        numbers[first] = one;
                        numbers[second] = other;
                        let (usual, apart) = (scanned(&numbers, true, &sides), scanned(&numbers, false, &sides));
                        assert_eq!(usual, apart, "{numbers:?}");
                        sound += usual.accepted;
                        all += 1;
                    }
                }
            }
        }
        assert!(sound > all / 8 && sound < all, "{sound} of {all}");
    }
}
