//! Columns of one-way flow records: records of watched addresses, counts of the rest, and what is wrong.
//!
//! The rows are those of `beholden.scan.kernel.flow_columns`, which says what the columns mean; a record comes to what
//! `vpc` makes of the same record as text.

use crate::address::{parse, parse_at};
use crate::coded::{Coded, Judging};
use crate::column::ColumnError;
use crate::level::{self, Kernel, Level};
use crate::sides::{GROUP, OURS, Sides, WATCHED};
use crate::vpc::{LATEST, NULL, Partial, Reason, SECOND};
use crate::whole::Whole;

// What 18 digits hold: `beholden.scan.kernel.flow_values`.
const LARGEST: i64 = 1_000_000_000_000_000_000 - 1;
const LAST_PORT: i64 = 65_535;
// An address that is none has no side at all; one that is not there has this one.
const NOTHING: u8 = 0x80;
const NO_OTHER: u8 = 0;
const NO_DATA: u8 = 1;
const SKIP_DATA: u8 = 2;
const REFUSED: u8 = 1;
const OTHER: u8 = 3;
// Rows that are read at a time.
const BLOCK: usize = 1024;

/// Columns of the same records: `beholden.scan.kernel.flow_columns.Records`.
#[expect(missing_docs, reason = "named and explained in `beholden.scan.kernel.flow_columns`")]
pub struct Records {
    pub source: Coded,
    pub target: Coded,
    pub start: Moments,
    pub end: Moments,
    pub size: Whole,
    pub packets: Option<Whole>,
    pub ports: [Option<Whole>; 2],
    pub protocol: Option<Whole>,
    pub status: Option<Coded>,
    pub action: Option<Coded>,
    pub flags: Option<Whole>,
    pub direction: Option<Coded>,
    pub packet_source: Option<Coded>,
    pub packet_target: Option<Coded>,
    pub interface: Option<Coded>,
    pub account: Option<Coded>,
}

/// Times since 1970.
pub struct Moments {
    /// In a unit of their own.
    pub numbers: Whole,
    /// How many microseconds the unit has; at least one.
    pub factor: i64,
}

impl Moments {
    fn latest(&self) -> i64 {
        LATEST.cast_signed() * SECOND / self.factor.max(1)
    }
}

impl Records {
    /// How many records there are; nothing where the columns differ.
    #[must_use]
    pub fn rows(&self) -> Option<usize> {
        let len = self.source.len();
        let texts = [
            Some(&self.target),
            self.status.as_ref(),
            self.action.as_ref(),
            self.direction.as_ref(),
            self.packet_source.as_ref(),
            self.packet_target.as_ref(),
            self.interface.as_ref(),
            self.account.as_ref(),
        ];
        let numbers = [
            Some(&self.start.numbers),
            Some(&self.end.numbers),
            Some(&self.size),
            self.packets.as_ref(),
            self.ports[0].as_ref(),
            self.ports[1].as_ref(),
            self.protocol.as_ref(),
            self.flags.as_ref(),
        ];
        let is_one = texts.into_iter().flatten().all(|column| column.len() == len)
            && numbers.into_iter().flatten().all(|column| column.len() == len);
        is_one.then_some(len)
    }

    /// Mark, of the rows from one on, those with numbers that cannot be what they say.
    fn mark_wrong(&self, from: usize, wrong: &mut [bool]) {
        for port in self.ports.iter().flatten() {
            port.mark_others(from, LAST_PORT, false, wrong);
        }
        for counted in [&self.protocol, &self.packets].into_iter().flatten() {
            counted.mark_others(from, LARGEST, false, wrong);
        }
        self.size.mark_others(from, LARGEST, true, wrong);
        let mut times = [[0; BLOCK]; 2];
        for (moments, times) in [&self.start, &self.end].into_iter().zip(&mut times) {
            moments.numbers.mark_others(from, moments.latest(), true, wrong);
            let mut row = times.iter_mut();
            moments.numbers.each_of(from..from + wrong.len(), |number| {
                if let Some(time) = row.next() {
                    // A number that is not wrong, times its factor, is within 64 bits.
                    *time = number.unwrap_or(0).wrapping_mul(moments.factor);
                }
            });
        }
        for ((wrong, start), end) in wrong.iter_mut().zip(times[0]).zip(times[1]) {
            *wrong |= start > end;
        }
    }
}

/// Read records; lines are counted from 1.
///
/// # Errors
/// `Broken` where a column points outside its own buffers, or has fewer rows than another.
pub fn scan(records: &Records, sides: &Sides) -> Result<Partial, ColumnError> {
    level::run(Scan { records, sides })
}

struct Scan<'a> {
    records: &'a Records,
    sides: &'a Sides,
}

impl Kernel for Scan<'_> {
    type Found = Result<Partial, ColumnError>;

    #[inline(always)]
    fn run<L: Level>(self, level: L) -> Self::Found {
        scan_at(self.records, self.sides, level)
    }
}

#[inline(always)]
fn scan_at<L: Level>(records: &Records, sides: &Sides, level: L) -> Result<Partial, ColumnError> {
    let rows = records.rows().ok_or(ColumnError::Broken { row: 0 })?;
    let side = |text: Option<&[u8]>| match text {
        None | Some(NULL) => NOTHING,
        Some(text) => parse_at(text, level).map_or(0, |address| sides.of(address)),
    };
    let mut printed = [records.source.judging(side)?, records.target.judging(side)?];
    let mut packet = [
        judging(&records.packet_source, side)?,
        judging(&records.packet_target, side)?,
    ];
    let mut status = judging(&records.status, told)?;
    let mut action = judging(&records.action, done)?;
    let mut partial = Partial {
        lines: rows as u64,
        ..Partial::default()
    };
    // Some rows at a time, so that what they come to stays in the nearest cache.
    let mut block = Block {
        sides: [[0; BLOCK]; 2],
        status: [NO_OTHER; BLOCK],
        action: [NO_OTHER; BLOCK],
        wrong: [false; BLOCK],
    };
    let mut others = [0; BLOCK];
    for from in (0..rows).step_by(BLOCK) {
        let some = BLOCK.min(rows - from);
        for (end, sides) in block.sides.iter_mut().enumerate() {
            printed[end].read(from, &mut sides[..some])?;
            if let Some(packet) = &mut packet[end] {
                packet.read(from, &mut others[..some])?;
                for (side, other) in sides[..some].iter_mut().zip(others) {
                    *side = if other == NOTHING { *side } else { other };
                }
            }
        }
        if let Some(status) = &mut status {
            status.read(from, &mut block.status[..some])?;
        }
        if let Some(action) = &mut action {
            action.read(from, &mut block.action[..some])?;
        }
        block.wrong = [false; BLOCK];
        records.mark_wrong(from, &mut block.wrong[..some]);
        for at in 0..some {
            record(records, &mut partial, &block, at, from + at)?;
        }
    }
    Ok(partial)
}

fn judging<J: Fn(Option<&[u8]>) -> u8>(
    column: &Option<Coded>,
    judge: J,
) -> Result<Option<Judging<'_, J>>, ColumnError> {
    column.as_ref().map(|column| column.judging(judge)).transpose()
}

fn told(status: Option<&[u8]>) -> u8 {
    match status {
        None | Some(b"OK" | NULL) => NO_OTHER,
        Some(b"NODATA") => NO_DATA,
        Some(b"SKIPDATA") => SKIP_DATA,
        Some(_) => OTHER,
    }
}

fn done(action: Option<&[u8]>) -> u8 {
    match action {
        None | Some(b"ACCEPT" | NULL) => NO_OTHER,
        Some(b"REJECT") => REFUSED,
        Some(_) => OTHER,
    }
}

/// What some rows come to.
struct Block {
    sides: [[u8; BLOCK]; 2],
    status: [u8; BLOCK],
    action: [u8; BLOCK],
    wrong: [bool; BLOCK],
}

#[inline(always)]
fn record(records: &Records, partial: &mut Partial, block: &Block, at: usize, row: usize) -> Result<(), ColumnError> {
    let ends = [block.sides[0][at], block.sides[1][at]];
    let wrong = match block.status[at] {
        NO_OTHER if ends.contains(&NOTHING) => {
            partial.set_aside(Reason::NullAddress);
            return Ok(());
        }
        NO_OTHER if ends.contains(&0) => Some(Reason::Address),
        NO_OTHER if block.wrong[at] => Some(Reason::Number),
        NO_OTHER if block.action[at] == OTHER => Some(Reason::Action),
        NO_OTHER => None,
        NO_DATA => {
            partial.set_aside(Reason::NoData);
            return Ok(());
        }
        SKIP_DATA => {
            partial.set_aside(Reason::SkipData);
            return Ok(());
        }
        _ => Some(Reason::Status),
    };
    if let Some(reason) = wrong {
        partial.reject(row as u64 + 1, reason);
    } else if let Some(reason) = aside(records, partial, row, ends)? {
        partial.set_aside(reason);
    } else {
        partial.accepted += 1;
        keep(records, partial, row, ends, block.action[at] != REFUSED)?;
    }
    Ok(())
}

/// Why a sound record is not followed up.
#[inline(always)]
fn aside(
    records: &Records,
    partial: &mut Partial,
    row: usize,
    [source, target]: [u8; 2],
) -> Result<Option<Reason>, ColumnError> {
    let either = source | target;
    if either & GROUP != 0 {
        return Ok(Some(Reason::Group));
    }
    if source & target & OURS != 0 {
        return Ok(Some(Reason::Local));
    }
    if either & OURS == 0
        && let Some((source, target)) = at_interface(records, row)?
    {
        let interface = text_of(&records.interface, row)?;
        partial.interfaces.learn(interface, source, target);
    }
    let remote = match (source & OURS != 0, target & OURS != 0) {
        (true, _) => target,
        (_, true) => source,
        _ => either,
    };
    if remote & WATCHED == 0 {
        return Ok(Some(Reason::Unwatched));
    }
    let protocol = records.protocol.as_ref().and_then(|column| column.get(row));
    Ok(matches!(protocol, Some(1 | 58)).then_some(Reason::Icmp))
}

fn keep(
    records: &Records,
    partial: &mut Partial,
    row: usize,
    ends: [u8; 2],
    has_passed: bool,
) -> Result<(), ColumnError> {
    let (source, source_is_other) = end_of(&records.source, &records.packet_source, row)?;
    let (target, target_is_other) = end_of(&records.target, &records.packet_target, row)?;
    let is_between = source_is_other || target_is_other;
    let number = |column: &Option<Whole>, null: i64| column.as_ref().and_then(|column| column.get(row)).unwrap_or(null);
    let port = |nth: usize| number(&records.ports[nth], -1) as i32;
    // Sound, as its caller has seen.
    let moment = |moments: &Moments| moments.numbers.get(row).unwrap_or(0).saturating_mul(moments.factor);
    let direction = records.direction.as_ref().map(|column| column.get(row)).transpose()?;
    let at_interface = if (ends[0] | ends[1]) & OURS == 0 {
        at_interface(records, row)?
    } else {
        None
    };
    partial.between += u64::from(is_between);
    let flows = &mut partial.flows;
    flows.line.push(row as i64 + 1);
    flows.source.push(source);
    flows.target.push(target);
    flows.source_side.push(ends[0]);
    flows.target_side.push(ends[1]);
    flows.source_port.push(port(0));
    flows.target_port.push(port(1));
    flows
        .protocol
        .push(i32::try_from(number(&records.protocol, -1)).unwrap_or(i32::MAX));
    flows.packets.push(number(&records.packets, 0));
    flows.bytes.push(records.size.get(row).unwrap_or(0));
    flows.start.push(moment(&records.start));
    flows.end.push(moment(&records.end));
    flows.is_accepted.push(records.action.is_some().then_some(has_passed));
    // A sign beside others: what cannot be read of it is nothing.
    flows.flags.push((number(&records.flags, 0).max(0) & 0xff) as u8);
    flows.outwards.push(match direction.flatten() {
        Some(b"egress") => 1,
        Some(b"ingress") => 0,
        _ => -1,
    });
    flows.is_between.push(is_between);
    flows.interface.push(text_of(&records.interface, row)?);
    flows.account.push(text_of(&records.account, row)?);
    flows.at_interface.push(at_interface);
    Ok(())
}

/// The packet's own address, or what the interface printed where there is none; and whether the two differ.
fn end_of(printed: &Coded, packet: &Option<Coded>, row: usize) -> Result<(u128, bool), ColumnError> {
    let printed = printed.get(row)?;
    let packet = match packet {
        Some(packet) => packet.get(row)?.filter(|text| *text != NULL),
        None => None,
    };
    let address = packet.or(printed).and_then(parse).unwrap_or(0);
    Ok((address, packet.is_some() && packet != printed))
}

/// Both addresses as the interface printed them.
fn at_interface(records: &Records, row: usize) -> Result<Option<(u128, u128)>, ColumnError> {
    let [source, target] = [records.source.get(row)?, records.target.get(row)?];
    Ok(source.and_then(parse).zip(target.and_then(parse)))
}

fn text_of(column: &Option<Coded>, row: usize) -> Result<&[u8], ColumnError> {
    match column {
        Some(column) => Ok(column.get(row)?.unwrap_or(NULL)),
        None => Ok(NULL),
    }
}
