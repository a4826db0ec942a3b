//! One-way records joined into conversations, and what each amounts to for us.
//!
//! `beholden.scan.traffic.conversations` says which signs are taken in which order, and why; `conversations_reference` gives
//! the same rows.

use std::hash::BuildHasher;

use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::address::MAPPED;
use crate::flow::Verdict;
use crate::pages::Pages;
use crate::sides::{OURS, WATCHED};

/// How many lines are kept of a conversation: `beholden.schema.observation.MAX_LINES`.
pub const MAX_LINES: usize = 5;
const TCP: i32 = 6;
const UDP: i32 = 17;
const SYN: u8 = 2;
const ACK: u8 = 16;
const WELL_KNOWN: i32 = 1024;
const EPHEMERAL: i32 = 32_768;
const BARE_TCP_HEADER: i64 = 40;
const MORE_IN_V6: i64 = 20;
/// No more packets than this take part in a product.
const MOST_PACKETS: i64 = 1 << 50;
const DAY: i64 = 86_400_000_000;

/// A column of short texts or bytes.
pub struct Strings {
    /// Where each begins and ends.
    pub offsets: OffsetBuffer<i32>,
    /// All of them.
    pub values: Buffer,
    /// Which are none.
    pub nulls: Option<NullBuffer>,
}

impl Strings {
    /// One of them.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&[u8]> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return None;
        }
        let (start, end) = (*self.offsets.get(row)?, *self.offsets.get(row + 1)?);
        self.values
            .get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}

/// Records of one log, in its order: columns of `beholden.schema.traffic.FLOW`.
#[expect(missing_docs, reason = "named and explained in `beholden.schema.traffic`")]
pub struct Piece {
    /// Number of the file, and of the names of its address fields.
    pub file: i32,
    pub ends: i32,
    pub line: ScalarBuffer<i64>,
    pub source: [ScalarBuffer<u64>; 2],
    pub target: [ScalarBuffer<u64>; 2],
    pub sides: [ScalarBuffer<u8>; 2],
    pub ports: [ScalarBuffer<i32>; 2],
    pub protocol: ScalarBuffer<i32>,
    pub packets: ScalarBuffer<i64>,
    pub bytes: ScalarBuffer<i64>,
    pub start: ScalarBuffer<i64>,
    pub end: ScalarBuffer<i64>,
    pub is_accepted: (BooleanBuffer, Option<NullBuffer>),
    pub flags: ScalarBuffer<u8>,
    pub outwards: ScalarBuffer<i8>,
    pub is_between: BooleanBuffer,
    pub interface: Strings,
    pub account: Strings,
    pub at_interface: Strings,
}

/// Why a conversation is not followed up; `None` where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named in `beholden.scan.traffic.conversations`")]
pub enum Reason {
    OurSideUnknown,
    Unwatched,
    ResetOrAcknowledgement,
    InboundUnanswered,
}

/// How many reasons there are.
pub const REASONS: usize = Reason::InboundUnanswered as usize + 1;

/// Both directions of a conversation have the same; `a` is the lesser end.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
struct Key {
    a: (u128, i32),
    b: (u128, i32),
    file: i32,
    protocol: i32,
    is_between: bool,
}

/// Sums of what one end sent.
#[derive(Clone, Copy)]
struct Half {
    accepted: i64,
    rejected: i64,
    packets: i64,
    bytes: i64,
    start: i64,
    flags: u8,
}

const NOTHING: Half = Half {
    accepted: 0,
    rejected: 0,
    packets: 0,
    bytes: 0,
    start: i64::MAX,
    flags: 0,
};

impl Half {
    fn is_seen(&self) -> bool {
        self.records() > 0
    }

    fn records(&self) -> i64 {
        self.accepted + self.rejected
    }

    /// Whether no packet of that direction need have carried content (or all were rejected).
    fn is_empty(&self, header: i64) -> bool {
        self.accepted == 0 || self.bytes <= self.packets.clamp(1, MOST_PACKETS) * header
    }
}

/// What is summed by conversation, and of long ones by day.
#[derive(Clone, Copy)]
struct Span {
    /// From `a` to `b`, and the other way.
    halves: [Half; 2],
    lines: [i64; MAX_LINES],
    count: usize,
    start: i64,
    end: i64,
}

impl Span {
    const NONE: Self = Self {
        halves: [NOTHING; 2],
        lines: [0; MAX_LINES],
        count: 0,
        start: i64::MAX,
        end: i64::MIN,
    };

    fn add(&mut self, piece: &Piece, row: usize, is_forward: bool, has_passed: bool) {
        let half = &mut self.halves[usize::from(!is_forward)];
        if has_passed {
            half.accepted += 1;
            half.packets = half.packets.saturating_add(piece.packets[row]);
            half.bytes = half.bytes.saturating_add(piece.bytes[row]);
        } else {
            half.rejected += 1;
        }
        half.start = half.start.min(piece.start[row]);
        half.flags |= piece.flags[row];
        if let Some(line) = self.lines.get_mut(self.count) {
            *line = piece.line[row];
            self.count += 1;
        }
        self.start = self.start.min(piece.start[row]);
        self.end = self.end.max(piece.end[row]);
    }
}

struct Talk {
    key: Key,
    span: Span,
    day: i64,
    has_days: bool,
    is_unsaid: bool,
    /// Of the first record.
    first: (u32, u32),
    is_forward: bool,
    outwards: i8,
    sides: [u8; 2],
    is_a_ours: Option<bool>,
    is_second_count: bool,
}

/// Conversations of whole files.
pub struct Talks {
    pieces: Vec<Piece>,
    talks: Pages<Talk>,
    /// The conversation of each record of each piece.
    of: Vec<Vec<u32>>,
}

/// CONTACT, column by column.
#[derive(Default)]
#[expect(missing_docs, reason = "named and explained in `beholden.schema.traffic`")]
pub struct Contacts {
    pub file: Vec<i32>,
    pub ends: Vec<i32>,
    pub lines: Vec<i64>,
    pub line_ends: Vec<i32>,
    pub remote: Vec<u128>,
    pub own: Vec<u128>,
    pub verdict: Vec<u8>,
    pub start: Vec<i64>,
    pub end: Vec<i64>,
    pub count: Vec<i64>,
    pub first_bytes: Vec<i64>,
    pub second_bytes: Vec<i64>,
    pub port: Vec<i32>,
    pub protocol: Vec<i32>,
    /// Piece and row of the record that says interface and account.
    pub said_by: Vec<(u32, u32)>,
}

/// A conversation whose sides only the interface can tell apart.
pub struct Asked<'a> {
    /// Which it is.
    pub talk: usize,
    /// Its file.
    pub file: i32,
    /// Whether its first record went from the lesser end to the other.
    pub is_forward: bool,
    /// The interface, where the record names one.
    pub interface: Option<&'a [u8]>,
    /// Both addresses as the interface printed them.
    pub pair: &'a [u8],
}

fn end_of(halves: &[ScalarBuffer<u64>; 2], row: usize) -> u128 {
    u128::from(halves[0][row]) << 64 | u128::from(halves[1][row])
}

impl Talks {
    /// Join records; all records of a conversation must be here. Columns of a piece are equally long.
    #[must_use]
    pub fn join(pieces: Vec<Piece>) -> Self {
        let mut talks: Pages<Talk> = Pages::default();
        // Numbers of conversations, which hold the keys.
        let records = pieces.iter().map(|piece| piece.line.len()).sum();
        let mut known: HashTable<u32> = HashTable::with_capacity(records);
        let hasher = DefaultHashBuilder::default();
        let mut of = Vec::with_capacity(pieces.len());
        let mut is_any_between = false;
        for (number, piece) in pieces.iter().enumerate() {
            let mut mine = Vec::with_capacity(piece.line.len());
            for row in 0..piece.line.len() {
                let source = (end_of(&piece.source, row), piece.ports[0][row]);
                let target = (end_of(&piece.target, row), piece.ports[1][row]);
                let is_forward = source <= target;
                let (a, b) = if is_forward { (source, target) } else { (target, source) };
                let key = Key {
                    a,
                    b,
                    file: piece.file,
                    protocol: piece.protocol[row],
                    is_between: piece.is_between.value(row),
                };
                is_any_between |= key.is_between;
                let day = piece.start[row].div_euclid(DAY);
                let (accepted, nulls) = &piece.is_accepted;
                let is_unsaid = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
                let entry = known.entry(
                    hasher.hash_one(key),
                    |&at| talks[at as usize].key == key,
                    |&at| hasher.hash_one(talks[at as usize].key),
                );
                let at = match entry {
                    Entry::Occupied(entry) => *entry.get(),
                    Entry::Vacant(entry) => {
                        let sides = [piece.sides[0][row], piece.sides[1][row]];
                        let at = talks.push(Talk {
                            key,
                            span: Span::NONE,
                            day,
                            has_days: false,
                            is_unsaid: false,
                            first: (number as u32, row as u32),
                            is_forward,
                            outwards: piece.outwards[row],
                            sides: if is_forward { sides } else { [sides[1], sides[0]] },
                            is_a_ours: None,
                            is_second_count: false,
                        }) as u32;
                        entry.insert(at);
                        at
                    }
                };
                let talk = &mut talks[at as usize];
                talk.has_days |= talk.day != day;
                talk.is_unsaid |= is_unsaid;
                talk.span.add(piece, row, is_forward, is_unsaid || accepted.value(row));
                mine.push(at);
            }
            of.push(mine);
        }
        let is_known = |key: Key| {
            let found = known.find(hasher.hash_one(key), |&at| talks[at as usize].key == key);
            found.is_some()
        };
        let at_ends_too: Vec<bool> = if is_any_between {
            let at_ends = |key: Key| Key {
                is_between: false,
                ..key
            };
            talks
                .iter()
                .map(|talk| talk.key.is_between && is_known(at_ends(talk.key)))
                .collect()
        } else {
            Vec::new()
        };
        for (number, talk) in talks.iter_mut().enumerate() {
            // Logged on the way, and at the interface where the same conversation ends, too.
            talk.is_second_count = at_ends_too.get(number).copied().unwrap_or_default();
            let [a, b] = talk.sides.map(|side| side & OURS != 0);
            talk.is_a_ours = if a != b {
                Some(a)
            } else {
                (talk.outwards != -1).then_some((talk.outwards == 1) == talk.is_forward)
            };
        }
        Self { pieces, talks, of }
    }

    /// Conversations of which neither networks nor the record tell whose side is ours.
    pub fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        self.talks.iter().enumerate().filter_map(|(number, talk)| {
            if talk.is_a_ours.is_some() || talk.is_second_count {
                return None;
            }
            let (piece, row) = (&self.pieces[talk.first.0 as usize], talk.first.1 as usize);
            Some(Asked {
                talk: number,
                file: talk.key.file,
                is_forward: talk.is_forward,
                interface: piece.interface.get(row),
                pair: piece.at_interface.get(row)?,
            })
        })
    }

    /// Say whose side is ours; a conversation that is not there counts for nothing.
    pub fn answer(&mut self, talk: usize, is_a_ours: bool) {
        if let Some(talk) = self.talks.get_mut(talk) {
            talk.is_a_ours = Some(is_a_ours);
        }
    }

    /// Judge: a contact for each UTC day of a conversation that is followed up, and records that are not, by file and
    /// reason.
    #[must_use]
    pub fn judge(&self) -> (Contacts, HashMap<i32, [i64; REASONS]>) {
        let mut contacts = Contacts::default();
        let mut aside: HashMap<i32, [i64; REASONS]> = HashMap::new();
        let mut days: HashMap<u32, Verdict> = HashMap::new();
        for (number, talk) in self.talks.iter().enumerate() {
            if talk.is_second_count {
                continue;
            }
            match talk.verdict() {
                Err(reason) => {
                    let records: i64 = talk.span.halves.iter().map(Half::records).sum();
                    aside.entry(talk.key.file).or_default()[reason as usize] += records;
                }
                Ok(verdict) if talk.has_days => {
                    days.insert(number as u32, verdict);
                }
                Ok(verdict) => self.keep(&mut contacts, talk, verdict, &talk.span),
            }
        }
        if !days.is_empty() {
            self.keep_days(&mut contacts, &days);
        }
        (contacts, aside)
    }

    fn keep_days(&self, contacts: &mut Contacts, long: &HashMap<u32, Verdict>) {
        let mut places: HashMap<(u32, i64), usize> = HashMap::new();
        let mut spans: Vec<(u32, Span)> = Vec::new();
        for (piece, of) in self.pieces.iter().zip(&self.of) {
            for (row, &talk) in of.iter().enumerate().filter(|(_, talk)| long.contains_key(*talk)) {
                let day = piece.start[row].div_euclid(DAY);
                let place = *places.entry((talk, day)).or_insert_with(|| {
                    spans.push((talk, Span::NONE));
                    spans.len() - 1
                });
                let source = (end_of(&piece.source, row), piece.ports[0][row]);
                let (accepted, nulls) = &piece.is_accepted;
                let has_passed = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) || accepted.value(row);
                let target = (end_of(&piece.target, row), piece.ports[1][row]);
                spans[place].1.add(piece, row, source <= target, has_passed);
            }
        }
        for (number, span) in &spans {
            if let (Some(&verdict), Some(talk)) = (long.get(number), self.talks.get(*number as usize)) {
                self.keep(contacts, talk, verdict, span);
            }
        }
    }

    fn keep(&self, contacts: &mut Contacts, talk: &Talk, verdict: Verdict, span: &Span) {
        let is_a = talk.is_a_ours == Some(true);
        let [ours, theirs] = in_order(is_a, &span.halves);
        let [own, remote] = in_order(is_a, &[talk.key.a, talk.key.b]);
        let is_by_them = matches!(verdict, Verdict::Answered | Verdict::LikelyAnswered);
        let (opener, other, served) = if is_by_them {
            (theirs, ours, own.1)
        } else {
            (ours, theirs, remote.1)
        };
        contacts.file.push(talk.key.file);
        contacts.ends.push(self.pieces[talk.first.0 as usize].ends);
        contacts.lines.extend(&span.lines[..span.count]);
        contacts.line_ends.push(contacts.lines.len() as i32);
        contacts.remote.push(remote.0);
        contacts.own.push(own.0);
        contacts.verdict.push(verdict as u8);
        contacts.start.push(span.start);
        contacts.end.push(span.end);
        contacts.count.push(opener.records());
        contacts.first_bytes.push(opener.bytes);
        contacts.second_bytes.push(other.bytes);
        contacts.port.push(served);
        contacts.protocol.push(talk.key.protocol);
        contacts.said_by.push(talk.first);
    }

    /// Interface and account of a contact.
    #[must_use]
    pub fn said(&self, (piece, row): (u32, u32)) -> (Option<&[u8]>, Option<&[u8]>) {
        let piece = &self.pieces[piece as usize];
        (piece.interface.get(row as usize), piece.account.get(row as usize))
    }
}

fn in_order<T: Copy>(is_first: bool, pair: &[T; 2]) -> [T; 2] {
    if is_first { *pair } else { [pair[1], pair[0]] }
}

impl Talk {
    fn verdict(&self) -> Result<Verdict, Reason> {
        let Some(is_a) = self.is_a_ours else {
            return Err(Reason::OurSideUnknown);
        };
        let [our, their] = in_order(is_a, &self.span.halves);
        let [own, _] = in_order(is_a, &[self.key.a, self.key.b]);
        let [_, remote_side] = in_order(is_a, &self.sides);
        if remote_side & WATCHED == 0 {
            return Err(Reason::Unwatched);
        }
        let more = if own.0 >> 32 == MAPPED >> 32 { 0 } else { MORE_IN_V6 };
        let header = more
            + match self.key.protocol {
                TCP => 60,
                UDP => 28,
                _ => 20,
            };
        let are_empty = [our.is_empty(header), their.is_empty(header)];
        let (is_by_us, is_sure) = self.opening(is_a, &our, &their, are_empty);
        let (is_by_us, is_sure) = (is_by_us && our.is_seen(), is_sure && !self.is_unsaid);
        let has_passed = our.accepted > 0;
        let is_without_content = !has_passed || (are_empty[0] && are_empty[1]);
        if is_by_us {
            let bare = our.packets.min(MOST_PACKETS) * (BARE_TCP_HEADER + more);
            let is_bare = self.key.protocol == TCP && our.packets > 0 && our.bytes <= bare;
            return match (is_without_content, is_sure) {
                (true, _) if has_passed && is_bare => Err(Reason::ResetOrAcknowledgement),
                (true, _) => Ok(Verdict::Attempted),
                (false, true) => Ok(Verdict::Sent),
                (false, false) => Ok(Verdict::LikelySent),
            };
        }
        if are_empty[0] || (their.is_seen() && are_empty[1]) {
            return Err(Reason::InboundUnanswered);
        }
        Ok(if is_sure {
            Verdict::Answered
        } else {
            Verdict::LikelyAnswered
        })
    }

    /// Whether our side opened it, and whether that is sure.
    fn opening(&self, is_a: bool, our: &Half, their: &Half, are_empty: [bool; 2]) -> (bool, bool) {
        if our.flags & SYN != 0 {
            return (our.flags & ACK == 0, true);
        }
        if their.flags & SYN != 0 {
            return (their.flags & ACK != 0, true);
        }
        let [own, remote] = in_order(is_a, &[self.key.a, self.key.b]);
        let (low, high) = (own.1.min(remote.1), own.1.max(remote.1));
        let ports_say = low >= 0 && own.1 != remote.1 && low < EPHEMERAL;
        let theirs_serves = remote.1 == low;
        let is_plain = ports_say && (low < WELL_KNOWN || high >= EPHEMERAL);
        if !(our.is_seen() && their.is_seen()) {
            return (if ports_say { theirs_serves } else { our.is_seen() }, is_plain);
        }
        let starts_differ = our.start != their.start;
        if !starts_differ && (our.rejected > 0) != (their.rejected > 0) {
            return (our.rejected > 0, true);
        }
        let is_first = if starts_differ {
            our.start < their.start
        } else {
            self.is_forward == is_a
        };
        if !ports_say || theirs_serves == is_first {
            return (is_first, starts_differ || ports_say);
        }
        if is_first || !is_plain {
            return (is_first && !is_plain, starts_differ && !is_plain);
        }
        (!are_empty[0] && !are_empty[1], false)
    }
}
