//! Lines of text and their cells, without a copy: the bytes are looked at many at a time.
//!
//! Cells are told apart by bytes up to 0x20 (blanks and controls) or by tabs alone. What a line cannot be (too long, with
//! a NUL byte) is told as such, as `beholden.scan.source.Source.lines` does.

use crate::level::{Blanks, Level};

/// The longest line that is read; `beholden.scan.source.MAX_LINE_BYTES`.
pub const MAX_LINE: usize = 1024 * 1024;
/// Cells of a line beyond these are counted, not kept, where blanks tell them apart.
pub const MAX_CELLS: usize = 128;

const MARK: &[u8] = b"\xef\xbb\xbf";
// A window and its index stay in the nearest caches.
const WINDOW: usize = 32 * 1024;

/// One line and where its cells are.
pub struct Line<'a> {
    /// The text without its end.
    pub text: &'a [u8],
    /// From 1, within the text that was given.
    pub number: u64,
    /// Where it begins in the text that was given.
    pub at: usize,
    /// How many cells there are.
    pub count: usize,
    window: &'a [u8],
    cells: Cells<'a>,
}

enum Cells<'a> {
    /// Where each begins and ends in the window.
    Places(&'a [(u32, u32)]),
    /// What stands between them, and where the first begins and the last ends.
    Between { marks: &'a [u32], begin: usize, end: usize },
}

/// A part of a line, with what stands around it at hand: many bytes are loaded at once, whatever its length.
#[derive(Clone, Copy)]
pub struct Cell<'a> {
    window: &'a [u8],
    start: usize,
    end: usize,
}

impl<'a> Cell<'a> {
    /// Nothing.
    pub const EMPTY: Self = Self::of(&[]);

    /// A text that stands alone.
    #[must_use]
    pub const fn of(text: &'a [u8]) -> Self {
        Self {
            window: text,
            start: 0,
            end: text.len(),
        }
    }

    /// Some of its bytes, in a cell of their own.
    #[inline(always)]
    #[must_use]
    pub fn part(self, from: usize, to: usize) -> Self {
        let end = self.end.min(self.start + to);
        let start = end.min(self.start + from);
        Self { start, end, ..self }
    }

    /// Its bytes.
    #[inline(always)]
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.window.get(self.start..self.end).unwrap_or_default()
    }

    /// How many bytes it has.
    #[inline(always)]
    #[must_use]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether there are none.
    #[inline(always)]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// Sixteen bytes from its beginning on; what lies behind its end is anything.
    #[inline(always)]
    #[must_use]
    pub fn first_16(self) -> [u8; 16] {
        if let Some(found) = self.window.get(self.start..).and_then(<[u8]>::first_chunk) {
            return *found;
        }
        let mut bytes = [0; 16];
        for (to, &from) in bytes.iter_mut().zip(self.bytes()) {
            *to = from;
        }
        bytes
    }

    /// Sixty-four bytes from its beginning on, where the window has as many; what lies behind its end is anything.
    #[inline(always)]
    #[must_use]
    pub fn first_64(self) -> Option<&'a [u8; 64]> {
        self.window.get(self.start..)?.first_chunk()
    }

    /// The eight bytes that lie before its end, the last one highest; what lies before its beginning is anything.
    #[inline(always)]
    #[must_use]
    pub fn last_8(self) -> u64 {
        if let Some(found) = self.window.get(..self.end).and_then(<[u8]>::last_chunk) {
            return u64::from_le_bytes(*found);
        }
        self.bytes()
            .iter()
            .rev()
            .take(8)
            .rev()
            .fold(0, |word, &byte| word >> 8 | u64::from(byte) << 56)
    }

    /// What comes before the last eight bytes, and these as `last_8` gives them; of a cell that has as many.
    #[inline(always)]
    #[must_use]
    pub fn split_last_8(self) -> (Self, u64) {
        let end = self.end.saturating_sub(8).max(self.start);
        (Self { end, ..self }, self.last_8())
    }
}

impl<'a> Line<'a> {
    /// The text from one cell to another; nothing where more than one byte may stand between two cells.
    #[inline(always)]
    #[must_use]
    pub fn span(&self, first: usize, last: usize) -> Option<Cell<'a>> {
        if matches!(self.cells, Cells::Places(_)) {
            return None;
        }
        let (first, last) = (self.cell(first), self.cell(last));
        (first.end <= last.end).then_some(Cell { end: last.end, ..first })
    }

    /// A cell by its place from 0; empty where there is none.
    #[inline(always)]
    #[must_use]
    pub fn cell(&self, place: usize) -> Cell<'a> {
        if place >= self.count {
            return Cell::EMPTY;
        }
        let (start, end) = match self.cells {
            Cells::Places(cells) => match cells.get(place) {
                Some(&(start, end)) => (start as usize, end as usize),
                None => (0, 0),
            },
            Cells::Between { marks, begin, end } => {
                let mark = |nth: usize| marks.get(nth).map(|&place| place as usize);
                let start = place.checked_sub(1).and_then(mark).map_or(begin, |mark| mark + 1);
                (start, mark(place).unwrap_or(end))
            }
        };
        Cell {
            window: self.window,
            start,
            end: end.max(start),
        }
    }
}

/// What a line turned out to be.
pub enum Found<'a> {
    /// A line with its cells.
    Line(Line<'a>),
    /// A line that is longer than any record.
    TooLong(u64),
    /// A line with a NUL byte.
    Nul(u64),
}

/// What tells cells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// Any run of bytes up to 0x20.
    Blanks,
    /// Each tab.
    Tab,
}

/// What is done with lines. Its method should always be inlined: a kernel is compiled as a whole for each level.
pub trait Take {
    /// Take a line; whether more are wanted.
    fn line(&mut self, found: Found<'_>) -> bool;
}

/// Give each line of a text to `take`, until it says no; how many lines were given.
#[inline(always)]
pub fn each<L: Level>(text: &[u8], separator: Separator, level: L, take: &mut impl Take) -> u64 {
    let mut walk = Walk {
        cells: [(0, 0); MAX_CELLS],
        tabs: Vec::new(),
        number: 0,
    };
    let mut index = Index::default();
    let mut at = 0;
    while at < text.len() {
        let end = whole_lines(text, at);
        let window = &text[at..end];
        index.mark(window, separator, level);
        let wants_more = match separator {
            // Most logs put one blank between two cells, and then a cell lies between two marks.
            Separator::Blanks if !index.is_plain => walk.blanks(window, at, &index, take),
            _ => walk.between(window, at, &index, separator, take),
        };
        if !wants_more {
            break;
        }
        at = end;
    }
    walk.number
}

struct Walk {
    cells: [(u32, u32); MAX_CELLS],
    tabs: Vec<u32>,
    number: u64,
}

impl Walk {
    /// The lines of a window that ends with one, with any run of blanks between cells; whether more are wanted.
    #[cold]
    #[inline(never)]
    fn blanks(&mut self, window: &[u8], at: usize, index: &Index, take: &mut impl Take) -> bool {
        let (mut begin, mut start, mut count, mut has_nul) = (0, 0, 0, false);
        for &place in index.marks() {
            let place = place as usize;
            let byte = window[place];
            if place > start {
                self.keep(count, start, place);
                count += 1;
            }
            if byte == b'\n' {
                if !self.line_of_blanks(window, (begin, place), at, count, has_nul, take) {
                    return false;
                }
                (begin, count, has_nul) = (place + 1, 0, false);
            } else if byte == 0 {
                has_nul = true;
            }
            start = place + 1;
        }
        if begin == window.len() {
            return true;
        }
        if start < window.len() {
            self.keep(count, start, window.len());
            count += 1;
        }
        self.line_of_blanks(window, (begin, window.len()), at, count, has_nul, take)
    }

    fn keep(&mut self, count: usize, start: usize, end: usize) {
        if let Some(cell) = self.cells.get_mut(count) {
            // A window is one line where it is longer than 4 GiB; such a line is not read.
            *cell = (start as u32, end as u32);
        }
    }

    fn line_of_blanks(
        &mut self,
        window: &[u8],
        (begin, end): (usize, usize),
        at: usize,
        mut count: usize,
        has_nul: bool,
        take: &mut impl Take,
    ) -> bool {
        self.number += 1;
        if let Some(found) = unreadable(self.number, end - begin + usize::from(end < window.len()), has_nul) {
            return take.line(found);
        }
        let text = &window[begin..end];
        if text.starts_with(MARK) {
            // Which is no part of the first cell, nor a cell.
            let behind = begin as u32 + 3;
            self.cells[0].0 = behind.min(self.cells[0].1);
            if self.cells[0].1 == behind {
                self.cells.copy_within(1.., 0);
                count -= 1;
            }
        }
        take.line(Found::Line(Line {
            text,
            number: self.number,
            at: at + begin,
            count,
            window,
            cells: Cells::Places(&self.cells),
        }))
    }

    /// As `blanks`, where each mark ends one cell: nothing has to be written down.
    #[inline(always)]
    fn between(&mut self, window: &[u8], at: usize, index: &Index, separator: Separator, take: &mut impl Take) -> bool {
        let (mut begin, mut first) = (0, 0);
        let marks = index.marks();
        for &rank in index.line_ends() {
            let rank = rank as usize;
            let (Some(&place), Some(inside)) = (marks.get(rank), marks.get(first..rank)) else {
                return true;
            };
            let place = place as usize;
            if !self.line_between(window, (begin, place), at, inside, (index, separator), take) {
                return false;
            }
            (begin, first) = (place + 1, rank + 1);
        }
        if begin == window.len() {
            return true;
        }
        let inside = marks.get(first..).unwrap_or_default();
        self.line_between(window, (begin, window.len()), at, inside, (index, separator), take)
    }

    #[inline(always)]
    fn line_between(
        &mut self,
        window: &[u8],
        (mut begin, mut end): (usize, usize),
        at: usize,
        inside: &[u32],
        (index, separator): (&Index, Separator),
        take: &mut impl Take,
    ) -> bool {
        self.number += 1;
        let number = self.number;
        let whole = end - begin + usize::from(end < window.len());
        let (mut marks, from) = (inside, begin);
        let mut has_nul = false;
        if separator == Separator::Tab && index.has_controls {
            (marks, has_nul) = self.tabs_among(window, inside);
            while end > begin && window[end - 1] == b'\r' {
                end -= 1;
            }
        }
        if let Some(found) = unreadable(number, whole, has_nul) {
            return take.line(found);
        }
        let text = &window[begin..end];
        if text.starts_with(MARK) {
            begin += MARK.len();
            // A mark alone is no cell.
            if separator == Separator::Blanks && marks.first().map_or(end, |&place| place as usize) == begin {
                let Some((&before, rest)) = marks.split_first() else {
                    return take.line(Found::Line(Line {
                        text,
                        number,
                        at: at + from,
                        count: 0,
                        window,
                        cells: Cells::Places(&[]),
                    }));
                };
                (begin, marks) = (before as usize + 1, rest);
            }
        }
        take.line(Found::Line(Line {
            text,
            number,
            at: at + from,
            count: marks.len() + 1,
            window,
            cells: Cells::Between { marks, begin, end },
        }))
    }

    /// The marks that are tabs, and whether one is a NUL byte.
    #[cold]
    #[inline(never)]
    fn tabs_among(&mut self, window: &[u8], marks: &[u32]) -> (&[u32], bool) {
        let is = |place: u32, byte: u8| window.get(place as usize) == Some(&byte);
        self.tabs.clear();
        self.tabs.extend(marks.iter().filter(|&&place| is(place, b'\t')));
        (&self.tabs, marks.iter().any(|&place| is(place, 0)))
    }
}

#[inline]
fn unreadable(number: u64, len: usize, has_nul: bool) -> Option<Found<'static>> {
    if len > MAX_LINE {
        Some(Found::TooLong(number))
    } else if has_nul {
        Some(Found::Nul(number))
    } else {
        None
    }
}

/// Where a window of whole lines ends that begins here: at the end of the text, or behind a line end.
fn whole_lines(text: &[u8], at: usize) -> usize {
    let limit = at + WINDOW;
    if limit >= text.len() {
        return text.len();
    }
    let before = text[at..limit].iter().rposition(|&byte| byte == b'\n');
    let end = before.map(|place| at + place).or_else(|| {
        let behind = text[limit..].iter().position(|&byte| byte == b'\n');
        behind.map(|place| limit + place)
    });
    end.map_or(text.len(), |place| place + 1)
}

/// The places in a window of all bytes that may end a cell or a line. Its room grows with the windows.
#[derive(Default)]
struct Index {
    marks: Vec<u32>,
    count: usize,
    /// Which of the marks are line ends.
    line_ends: Vec<u32>,
    /// Whether some mark is neither a blank, nor a tab, nor a line end.
    has_controls: bool,
    /// Whether there are no such marks, no two side by side, and none before the first cell or behind the last.
    is_plain: bool,
}

impl Index {
    #[inline(always)]
    fn marks(&self) -> &[u32] {
        self.marks.get(..self.count).unwrap_or_default()
    }

    #[inline(always)]
    fn line_ends(&self) -> &[u32] {
        &self.line_ends
    }

    #[inline(always)]
    fn mark<L: Level>(&mut self, window: &[u8], separator: Separator, level: L) {
        // A place more for each byte of a block, so that the room need not be looked at for each.
        if self.marks.len() < window.len() + 64 {
            self.marks.resize(window.len() + 64, 0);
        }
        self.line_ends.clear();
        (self.count, self.has_controls) = (0, false);
        let limit: u8 = if separator == Separator::Blanks { 0x20 } else { 0x1f };
        let (blocks, rest) = window.as_chunks::<64>();
        let (mut side_by_side, mut before) = (false, 1);
        let mut base = 0;
        for block in blocks {
            let found = level.blanks(block, limit);
            side_by_side |= found.all & (found.all << 1 | before) != 0;
            before = found.all >> 63;
            self.add(base, &found);
            base += 64;
        }
        if !rest.is_empty() {
            // What is behind the end is no mark.
            let mut block = [b'x'; 64];
            block[..rest.len()].copy_from_slice(rest);
            let found = level.blanks(&block, limit);
            side_by_side |= found.all & (found.all << 1 | before) != 0;
            self.add(base, &found);
        }
        let ends_with_blank = window.last().is_some_and(|&byte| byte <= limit && byte != b'\n');
        self.is_plain = !side_by_side && !self.has_controls && !ends_with_blank;
    }

    #[inline(always)]
    fn add(&mut self, base: u32, found: &Blanks) {
        self.has_controls |= found.has_controls;
        let mut ends = found.ends;
        while ends != 0 {
            let below = found.all & (ends & ends.wrapping_neg()).wrapping_sub(1);
            self.line_ends.push(self.count as u32 + below.count_ones());
            ends &= ends - 1;
        }
        let Some(room) = self.marks.get_mut(self.count..self.count + 64) else {
            return;
        };
        let (mut bits, mut nth) = (found.all, 0);
        while bits != 0 {
            room[nth & 63] = base + bits.trailing_zeros();
            nth += 1;
            bits &= bits - 1;
        }
        self.count += nth;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Portable;

    struct Call<F>(F);

    impl<F: FnMut(Found<'_>) -> bool> Take for Call<F> {
        fn line(&mut self, found: Found<'_>) -> bool {
            self.0(found)
        }
    }

    fn each(text: &[u8], separator: Separator, take: impl FnMut(Found<'_>) -> bool) -> u64 {
        super::each(text, separator, Portable, &mut Call(take))
    }

    fn read(text: &[u8], separator: Separator) -> Vec<String> {
        let mut lines = Vec::new();
        each(text, separator, |found| {
            lines.push(match found {
                Found::TooLong(number) => format!("{number}: too long"),
                Found::Nul(number) => format!("{number}: NUL"),
                Found::Line(line) => {
                    let cells: Vec<_> = (0..line.count)
                        .map(|at| String::from_utf8_lossy(line.cell(at).bytes()))
                        .collect();
                    format!("{} @{}: {}", line.number, line.at, cells.join("|"))
                }
            });
            true
        });
        lines
    }

    #[test]
    fn blanks_of_any_number_tell_cells_apart() {
        let found = read(b"a b\n  cc\t d \r\n\n\xef\xbb\xbfe f", Separator::Blanks);
        assert_eq!(found, ["1 @0: a|b", "2 @4: cc|d", "3 @14: ", "4 @15: e|f"]);
    }

    #[test]
    fn a_byte_order_mark_alone_is_no_cell() {
        let found = read(b"\xef\xbb\xbf\n\xef\xbb\xbf a b", Separator::Blanks);
        assert_eq!(found, ["1 @0: ", "2 @4: a|b"]);
    }

    #[test]
    fn each_tab_tells_cells_apart_and_blanks_are_text() {
        let found = read(b"a b\t\tc\x01\r\n\td\n\xef\xbb\xbfx\ty\r", Separator::Tab);
        assert_eq!(found, ["1 @0: a b||c\u{1}", "2 @9: |d", "3 @12: x|y"]);
    }

    #[test]
    fn any_number_of_tabs_gives_what_splitting_gives() {
        let mut seed = 5_u64;
        let text: Vec<u8> = (0..3 * WINDOW)
            .map(|_| {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                b"ab\t\t\t \x01\r\n\xff.\t\t0\x20\x7f"[(seed >> 33) as usize % 16]
            })
            .collect();
        let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
        let given = each(&text, Separator::Tab, |found| {
            let Found::Line(line) = found else {
                panic!("no such line was made")
            };
            let mut expected = lines[line.number as usize - 1];
            while let Some(rest) = expected.strip_suffix(b"\r") {
                expected = rest;
            }
            assert_eq!(line.text, expected);
            let cells: Vec<&[u8]> = expected.split(|&byte| byte == b'\t').collect();
            assert_eq!(
                (0..line.count).map(|at| line.cell(at).bytes()).collect::<Vec<_>>(),
                cells
            );
            assert_eq!(line.cell(line.count).bytes(), b"");
            true
        });
        assert_eq!(given as usize, lines.len() - usize::from(text.ends_with(b"\n")));
    }

    #[test]
    fn lines_that_cannot_be_read_are_told_and_counted() {
        let mut text = b"a\n\0b\n".to_vec();
        text.extend(vec![b'x'; MAX_LINE]);
        text.extend(b"\nc");
        assert_eq!(
            read(&text, Separator::Blanks),
            ["1 @0: a", "2: NUL", "3: too long", &format!("4 @{}: c", MAX_LINE + 6)]
        );
    }

    #[test]
    fn any_length_and_place_of_lines_gives_what_splitting_gives() {
        let mut seed = 1_u64;
        for size in [0, 1, 7, 8, 63, 64, 65, 1000, 3 * WINDOW] {
            let text: Vec<u8> = (0..size)
                .map(|_| {
                    seed = seed
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    b"abc.:09 \t\n\x1f\x21\x7f\x80\xff "[(seed >> 33) as usize % 16]
                })
                .collect();
            let mut lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
            if lines.last().is_some_and(|last| last.is_empty()) {
                lines.pop();
            }
            let mut nth = 0;
            each(&text, Separator::Blanks, |found| {
                let Found::Line(line) = found else {
                    panic!("no such line was made")
                };
                let cells: Vec<&[u8]> = lines[nth]
                    .split(|&byte| byte <= 0x20)
                    .filter(|cell| !cell.is_empty())
                    .collect();
                assert_eq!(line.count, cells.len());
                for (at, cell) in cells.iter().enumerate().take(MAX_CELLS) {
                    assert_eq!(line.cell(at).bytes(), *cell);
                }
                nth += 1;
                true
            });
            assert_eq!(nth, lines.len());
        }
    }
}
