//! Lines of a text file that begin between two bytes, read into room that a thread keeps.
//!
//! A line belongs to the stretch that its first byte is in: stretches that meet hold each line once, wherever they are
//! cut. `beholden.scan.slices` cuts files the same way.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::lines::MAX_LINE;

// Most lines end within so many bytes behind the cut.
const SPARE: usize = 4096;

thread_local! {
    // Fresh memory has to be zeroed by the system, which costs as much as reading the file.
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Some lines of a file. Of a line that is too long only so much is read that it is known as such.
#[derive(Debug, Clone)]
pub struct Stretch {
    file: Arc<File>,
    begin: u64,
    end: u64,
}

impl Stretch {
    /// The lines that begin from one byte of a file up to before another.
    #[must_use]
    pub fn new(file: Arc<File>, begin: u64, end: u64) -> Self {
        Self { file, begin, end }
    }

    /// Read the lines and hand them over.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or the stretch is longer than memory can be addressed.
    pub fn lines<R>(&self, take: impl FnOnce(&[u8]) -> R) -> io::Result<R> {
        // Taken out meanwhile, so that whoever takes the lines may read a stretch too.
        let mut room = ROOM.take();
        let found = self.read(&mut room);
        let taken = found.map(|lines| take(room.get(lines).unwrap_or_default()));
        ROOM.set(room);
        taken
    }

    /// Read the lines into room; where they are in it.
    fn read(&self, room: &mut Vec<u8>) -> io::Result<Range<usize>> {
        if self.begin >= self.end {
            return Ok(0..0);
        }
        // The byte before tells whether a line begins here.
        let from = self.begin.saturating_sub(1);
        let owned = usize::try_from(self.end - from).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut filled = self.fill(room, from, 0, owned.saturating_add(SPARE))?;
        let line_end = |room: &[u8], from: usize, to: usize| {
            let found = room.get(from..to)?.iter().position(|&byte| byte == b'\n')?;
            Some(from + found + 1)
        };
        let first = if self.begin == 0 {
            Some(0)
        } else {
            line_end(room, 0, filled)
        };
        let Some(first) = first.filter(|&first| first < owned.min(filled)) else {
            return Ok(0..0);
        };
        // The last line that begins here ends at the first line end from the last byte of the stretch on.
        let before = room.get(first..filled.min(owned - 1)).unwrap_or_default();
        let last = first + before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let mut seen = owned - 1;
        loop {
            if let Some(end) = line_end(room, seen, filled) {
                return Ok(first..end);
            }
            seen = filled;
            if filled - last <= MAX_LINE {
                filled = self.fill(room, from, filled, filled.saturating_add(MAX_LINE))?;
            }
            if filled <= seen {
                return Ok(first..filled);
            }
        }
    }

    /// Read on until so many bytes are there, or the file ends; how many are there.
    fn fill(&self, room: &mut Vec<u8>, from: u64, mut filled: usize, wanted: usize) -> io::Result<usize> {
        if room.len() < wanted {
            room.resize(wanted, 0);
        }
        while let Some(rest) = room.get_mut(filled..wanted).filter(|rest| !rest.is_empty()) {
            match read_at(&self.file, rest, from + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

#[cfg(unix)]
fn read_at(file: &File, room: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, room, at)
}

#[cfg(windows)]
fn read_at(file: &File, room: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, room, at)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file_of(text: &[u8], name: &str) -> (Arc<File>, std::path::PathBuf) {
        let path = std::env::temp_dir().join(format!("beholden-{}-{name}", std::process::id()));
        File::create(&path)
            .and_then(|mut file| file.write_all(text))
            .expect("room for a file");
        (Arc::new(File::open(&path).expect("it was written")), path)
    }

    fn expected(text: &[u8], begin: usize, end: usize) -> Vec<u8> {
        let mut at = 0;
        let mut found = Vec::new();
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            if (begin..end).contains(&at) {
                found.extend_from_slice(line);
            }
            at += line.len();
        }
        found
    }

    #[test]
    fn each_line_is_in_the_stretch_that_it_begins_in() {
        for (nth, text) in ["", "\n", "a", "a\n", "\n\na\nbc\n\ndef", "abc\ndefg\nh\n"]
            .iter()
            .enumerate()
        {
            let text = text.as_bytes();
            let (file, path) = file_of(text, &nth.to_string());
            for begin in 0..=text.len() + 2 {
                for end in 0..=text.len() + 2 {
                    let found = Stretch::new(Arc::clone(&file), begin as u64, end as u64).lines(<[u8]>::to_vec);
                    assert_eq!(found.expect("it is there"), expected(text, begin, end), "{begin} {end}");
                }
            }
            std::fs::remove_file(path).expect("it is there");
        }
    }

    #[test]
    fn lines_longer_than_the_spare_are_whole_and_those_too_long_are_cut() {
        let long = [vec![b'x'; 3 * SPARE], b"\n".to_vec()].concat();
        let endless = [vec![b'y'; 3 * MAX_LINE], b"\nz\n".to_vec()].concat();
        let text = [long.clone(), endless].concat();
        let (file, path) = file_of(&text, "long");
        let of = |begin: usize, end: usize| {
            let stretch = Stretch::new(Arc::clone(&file), begin as u64, end as u64);
            stretch.lines(<[u8]>::to_vec).expect("it is there")
        };
        assert_eq!(of(0, 10), long);
        assert_eq!(of(0, long.len()), long);
        assert_eq!(of(1, long.len()), b"");
        let cut = of(1, long.len() + 1);
        assert!(cut.len() > MAX_LINE && cut.len() < 3 * MAX_LINE, "{}", cut.len());
        assert!(cut.iter().all(|&byte| byte == b'y'));
        assert_eq!(of(long.len() + 1, text.len() - 3), b"");
        assert_eq!(of(long.len() + 1, text.len()), b"z\n");
        std::fs::remove_file(path).expect("it is there");
    }

    #[test]
    fn who_takes_lines_may_read_others() {
        let (file, path) = file_of(b"ab\ncd\n", "nested");
        let of = |begin, end| Stretch::new(Arc::clone(&file), begin, end);
        let both = of(0, 3).lines(|first| (first.to_vec(), of(3, 6).lines(<[u8]>::to_vec)));
        let (first, second) = both.expect("it is there");
        assert_eq!(
            (first, second.expect("it is there")),
            (b"ab\n".to_vec(), b"cd\n".to_vec())
        );
        std::fs::remove_file(path).expect("it is there");
    }
}
