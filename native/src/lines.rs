//! Lines of text and their cells, without a copy: the bytes are looked at many at a time.
//!
//! Cells are told apart by bytes up to 0x20 (blanks and controls) or by tabs alone. What a line cannot be (too long, with
//! a NUL byte) is told as such, as `beholden.scan.source.Source.lines` does.

/// The longest line that is read; `beholden.scan.source.MAX_LINE_BYTES`.
pub const MAX_LINE: usize = 1024 * 1024;
/// Cells of a line beyond these are counted, not kept, where blanks tell them apart.
pub const MAX_CELLS: usize = 128;

const MARK: &[u8] = b"\xef\xbb\xbf";
// A window and its index stay in the nearest caches.
const WINDOW: usize = 32 * 1024;
// Brings the lowest bit of each byte together in the highest byte.
const TO_BITS: u64 = 0x0102_0408_1020_4080;

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
    cells: Cells<'a>,
}

enum Cells<'a> {
    /// Where each begins and ends in the line.
    Places(&'a [(u32, u32)]),
    /// Tabs of a window, and where in it the line begins (behind a byte order mark) and ends.
    Between {
        tabs: &'a [u32],
        window: &'a [u8],
        begin: usize,
        end: usize,
    },
}

impl<'a> Line<'a> {
    /// A cell by its place from 0; empty where there is none.
    #[inline]
    #[must_use]
    pub fn cell(&self, place: usize) -> &'a [u8] {
        if place >= self.count {
            return &[];
        }
        match self.cells {
            Cells::Places(cells) => match cells.get(place) {
                Some(&(start, end)) => self.text.get(start as usize..end as usize).unwrap_or_default(),
                None => &[],
            },
            Cells::Between {
                tabs,
                window,
                begin,
                end,
            } => {
                let tab = |nth: usize| tabs.get(nth).map(|&place| place as usize);
                let start = place.checked_sub(1).and_then(tab).map_or(begin, |tab| tab + 1);
                window.get(start..tab(place).unwrap_or(end)).unwrap_or_default()
            }
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

/// Give each line of a text to `take`, until it says no; how many lines were given.
pub fn each(text: &[u8], separator: Separator, mut take: impl FnMut(Found<'_>) -> bool) -> u64 {
    let mut walk = Walk {
        cells: [(0, 0); MAX_CELLS],
        tabs: Vec::new(),
        number: 0,
    };
    let mut index = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = whole_lines(text, at);
        let marks = mark(&text[at..end], separator, &mut index);
        let wants_more = match separator {
            Separator::Blanks => walk.blanks(&text[at..end], at, marks, &mut take),
            Separator::Tab => walk.between_tabs(&text[at..end], at, marks, &mut take),
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
    /// The lines of a window that ends with one; whether more are wanted.
    fn blanks(&mut self, window: &[u8], at: usize, index: &[u32], take: &mut impl FnMut(Found<'_>) -> bool) -> bool {
        let (mut begin, mut start, mut count, mut has_nul) = (0, 0, 0, false);
        for &place in index {
            let place = place as usize;
            let byte = window[place];
            if place > start {
                self.keep(count, start - begin, place - begin);
                count += 1;
            }
            if byte == b'\n' {
                if !self.line_of_blanks(&window[begin..place], at + begin, count, has_nul, 1, take) {
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
            self.keep(count, start - begin, window.len() - begin);
            count += 1;
        }
        self.line_of_blanks(&window[begin..], at + begin, count, has_nul, 0, take)
    }

    #[inline]
    fn keep(&mut self, count: usize, start: usize, end: usize) {
        if let Some(cell) = self.cells.get_mut(count) {
            // A window is one line where it is longer than 4 GiB; such a line is not read.
            *cell = (start as u32, end as u32);
        }
    }

    #[inline]
    fn line_of_blanks(
        &mut self,
        text: &[u8],
        at: usize,
        mut count: usize,
        has_nul: bool,
        line_end: usize,
        take: &mut impl FnMut(Found<'_>) -> bool,
    ) -> bool {
        self.number += 1;
        if let Some(found) = unreadable(self.number, text.len() + line_end, has_nul) {
            return take(found);
        }
        if text.starts_with(MARK) {
            // Which is no part of the first cell, nor a cell.
            self.cells[0].0 = 3.min(self.cells[0].1);
            if self.cells[0].1 == 3 {
                self.cells.copy_within(1.., 0);
                count -= 1;
            }
        }
        take(Found::Line(Line {
            text,
            number: self.number,
            at,
            count,
            cells: Cells::Places(&self.cells),
        }))
    }

    /// As `blanks`. Cells lie between the places in the index, so that none has to be written down.
    fn between_tabs(
        &mut self,
        window: &[u8],
        at: usize,
        index: &[u32],
        take: &mut impl FnMut(Found<'_>) -> bool,
    ) -> bool {
        let (mut begin, mut first, mut has_nul, mut has_others) = (0, 0, false, false);
        for (nth, &place) in index.iter().enumerate() {
            match window[place as usize] {
                b'\t' => {}
                b'\n' => {
                    let place = place as usize;
                    let marks = &index[first..nth];
                    if !self.line_of_tabs(window, (begin, place), at, marks, has_others, has_nul, 1, take) {
                        return false;
                    }
                    (begin, first, has_nul, has_others) = (place + 1, nth + 1, false, false);
                }
                byte => {
                    has_others = true;
                    has_nul |= byte == 0;
                }
            }
        }
        if begin == window.len() {
            return true;
        }
        let marks = &index[first..];
        self.line_of_tabs(window, (begin, window.len()), at, marks, has_others, has_nul, 0, take)
    }

    #[inline]
    #[expect(
        clippy::too_many_arguments,
        reason = "one call by line, which has all of them at hand"
    )]
    fn line_of_tabs(
        &mut self,
        window: &[u8],
        (begin, mut end): (usize, usize),
        at: usize,
        marks: &[u32],
        has_others: bool,
        has_nul: bool,
        line_end: usize,
        take: &mut impl FnMut(Found<'_>) -> bool,
    ) -> bool {
        self.number += 1;
        if let Some(found) = unreadable(self.number, end - begin + line_end, has_nul) {
            return take(found);
        }
        let mut tabs = marks;
        if has_others {
            self.tabs.clear();
            self.tabs
                .extend(marks.iter().filter(|&&place| window[place as usize] == b'\t'));
            tabs = &self.tabs;
            while end > begin && window[end - 1] == b'\r' {
                end -= 1;
            }
        }
        let text = &window[begin..end];
        take(Found::Line(Line {
            text,
            number: self.number,
            at: at + begin,
            count: tabs.len() + 1,
            cells: Cells::Between {
                tabs,
                window,
                begin: if text.starts_with(MARK) {
                    begin + MARK.len()
                } else {
                    begin
                },
                end,
            },
        }))
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

/// The places of all bytes that may end a cell or a line. `index` is room for them, which grows with the windows.
fn mark<'a>(window: &[u8], separator: Separator, index: &'a mut Vec<u32>) -> &'a [u32] {
    if index.len() < window.len() {
        index.resize(window.len(), 0);
    }
    let mut count = 0;
    let limit: u8 = if separator == Separator::Blanks { 0x20 } else { 0x1f };
    let mut base = 0;
    let blocks = window.chunks_exact(64);
    let rest = blocks.remainder();
    for block in blocks {
        // In two steps, of which the compiler does the first for many bytes at once.
        let mut found = [0_u8; 64];
        for (is_such, &byte) in found.iter_mut().zip(block) {
            *is_such = u8::from(byte <= limit);
        }
        let mut bits = 0;
        for (nth, word) in found.as_chunks::<8>().0.iter().enumerate() {
            bits |= (u64::from_le_bytes(*word).wrapping_mul(TO_BITS) >> 56) << (8 * nth);
        }
        while bits != 0 {
            index[count] = base + bits.trailing_zeros();
            count += 1;
            bits &= bits - 1;
        }
        base += 64;
    }
    for (nth, &byte) in rest.iter().enumerate() {
        if byte <= limit {
            index[count] = base + nth as u32;
            count += 1;
        }
    }
    &index[..count]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], separator: Separator) -> Vec<String> {
        let mut lines = Vec::new();
        each(text, separator, |found| {
            lines.push(match found {
                Found::TooLong(number) => format!("{number}: too long"),
                Found::Nul(number) => format!("{number}: NUL"),
                Found::Line(line) => {
                    let cells: Vec<_> = (0..line.count)
                        .map(|at| String::from_utf8_lossy(line.cell(at)))
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
            assert_eq!((0..line.count).map(|at| line.cell(at)).collect::<Vec<_>>(), cells);
            assert_eq!(line.cell(line.count), b"");
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
                    assert_eq!(line.cell(at), *cell);
                }
                nth += 1;
                true
            });
            assert_eq!(nth, lines.len());
        }
    }
}
