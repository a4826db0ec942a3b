//! Arrow columns of bytes, whatever their layout: one checked way to the value of a row.
//!
//! Where a column comes from is not ours to trust: offsets and views may point anywhere. Every access is checked, so
//! a broken column is an error and never a read outside its buffers. A null slot has no value, whatever its bytes
//! say: the slots of string views keep what was there before.
//! Layouts: Arrow columnar format 1.4, "Variable-size Binary Layout" and "Variable-size Binary View Layout".

use std::fmt;
use std::ops::Range;

use arrow_buffer::{ArrowNativeType, Buffer, NullBuffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

/// Why a column cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnError {
    /// Its type is none of those this kernel takes.
    Type(String),
    /// Its offsets or views point outside its buffers.
    Broken {
        /// Row of the column, from 0.
        row: usize,
    },
}

impl fmt::Display for ColumnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(found) => write!(f, "a column of text or bytes is needed, this is {found}"),
            Self::Broken { row } => write!(f, "broken column: the value of row {row} lies outside its buffers"),
        }
    }
}

impl std::error::Error for ColumnError {}

enum Layout {
    Offsets32(ScalarBuffer<i32>, Buffer),
    Offsets64(ScalarBuffer<i64>, Buffer),
    Views(ScalarBuffer<u128>, Vec<Buffer>),
    Fixed(usize, Buffer),
}

/// A column of byte strings: string, large string, string view, their binary twins, or binary of one width.
pub struct Bytes {
    layout: Layout,
    nulls: Option<NullBuffer>,
    len: usize,
}

impl Bytes {
    /// Take over a column; its buffers are shared, not copied.
    ///
    /// # Errors
    /// `Type` where it is no column of text or bytes, `Broken` where a buffer is shorter than the column says.
    pub fn new(mut data: ArrayData) -> Result<Self, ColumnError> {
        // Before anything of Arrow asks for the layout of such a type, which stops there.
        if let DataType::FixedSizeBinary(width) = data.data_type()
            && *width < 0
        {
            return Err(ColumnError::Type(format!("binary({width})")));
        }
        data.align_buffers();
        let (offset, len) = (data.offset(), data.len());
        let buffers = data.buffers();
        let layout = match data.data_type() {
            DataType::Utf8 | DataType::Binary => {
                let ends = if len == 0 { 0 } else { len + 1 };
                Layout::Offsets32(scalars(buffers.first(), offset, ends)?, at(buffers, 1))
            }
            DataType::LargeUtf8 | DataType::LargeBinary => {
                let ends = if len == 0 { 0 } else { len + 1 };
                Layout::Offsets64(scalars(buffers.first(), offset, ends)?, at(buffers, 1))
            }
            DataType::Utf8View | DataType::BinaryView => Layout::Views(
                scalars(buffers.first(), offset, len)?,
                buffers.get(1..).unwrap_or_default().to_vec(),
            ),
            DataType::FixedSizeBinary(width) => {
                let width = usize::try_from(*width).map_err(|_| ColumnError::Type(format!("binary({width})")))?;
                let whole = at(buffers, 0);
                let fits = offset.checked_add(len).and_then(|rows| rows.checked_mul(width));
                if fits.is_none_or(|needed| needed > whole.len()) {
                    return Err(ColumnError::Broken { row: 0 });
                }
                Layout::Fixed(width, whole.slice_with_length(offset * width, len * width))
            }
            other => return Err(ColumnError::Type(other.to_string())),
        };
        Ok(Self {
            layout,
            nulls: data.nulls().cloned(),
            len,
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Which rows are null, if any is.
    #[must_use]
    pub fn nulls(&self) -> Option<&NullBuffer> {
        self.nulls.as_ref()
    }

    /// The width of every value, where the column is binary of one width.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        match self.layout {
            Layout::Fixed(width, _) => Some(width),
            _ => None,
        }
    }

    /// Give every row to `take`, in order: its value, or nothing for a null.
    ///
    /// # Errors
    /// `Broken` at the first row whose value lies outside the buffers.
    pub fn each<'a>(&'a self, take: impl FnMut(Option<&'a [u8]>)) -> Result<(), ColumnError> {
        self.each_of(0..self.len, take)
    }

    /// The same for some rows.
    ///
    /// # Errors
    /// `Broken` at the first row whose value lies outside the buffers, or where there are fewer rows.
    pub fn each_of<'a>(&'a self, of: Range<usize>, mut take: impl FnMut(Option<&'a [u8]>)) -> Result<(), ColumnError> {
        if of.end > self.len {
            return Err(ColumnError::Broken { row: self.len });
        }
        // One loop a layout, so that none asks per row which layout it is.
        match &self.layout {
            Layout::Offsets32(ends, bytes) => self.rows(of, &mut take, |row| between_ends(ends, bytes, row)),
            Layout::Offsets64(ends, bytes) => self.rows(of, &mut take, |row| between_ends(ends, bytes, row)),
            Layout::Views(views, buffers) => self.rows(of, &mut take, |row| view(views, buffers, row)),
            Layout::Fixed(width, bytes) => {
                self.rows(of, &mut take, |row| between(bytes, row * width, row * width + width))
            }
        }
    }

    /// The value of a row, or nothing for a null.
    ///
    /// # Errors
    /// `Broken` where it lies outside the buffers, or there is no such row.
    pub fn get(&self, row: usize) -> Result<Option<&[u8]>, ColumnError> {
        if row >= self.len {
            return Err(ColumnError::Broken { row });
        }
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(None);
        }
        let value = match &self.layout {
            Layout::Offsets32(ends, bytes) => between_ends(ends, bytes, row),
            Layout::Offsets64(ends, bytes) => between_ends(ends, bytes, row),
            Layout::Views(views, buffers) => view(views, buffers, row),
            Layout::Fixed(width, bytes) => between(bytes, row * width, row * width + width),
        };
        value.map(Some).ok_or(ColumnError::Broken { row })
    }

    fn rows<'a>(
        &'a self,
        of: Range<usize>,
        take: &mut impl FnMut(Option<&'a [u8]>),
        value: impl Fn(usize) -> Option<&'a [u8]>,
    ) -> Result<(), ColumnError> {
        match self.nulls.as_ref().filter(|nulls| nulls.null_count() > 0) {
            None => {
                for row in of {
                    take(Some(value(row).ok_or(ColumnError::Broken { row })?));
                }
            }
            Some(nulls) => {
                for row in of {
                    if nulls.is_valid(row) {
                        take(Some(value(row).ok_or(ColumnError::Broken { row })?));
                    } else {
                        take(None);
                    }
                }
            }
        }
        Ok(())
    }
}

#[inline(always)]
fn between_ends<'a, T: ArrowNativeType>(ends: &[T], bytes: &'a [u8], row: usize) -> Option<&'a [u8]> {
    between(bytes, ends[row].to_usize()?, ends[row + 1].to_usize()?)
}

fn between(bytes: &[u8], start: usize, end: usize) -> Option<&[u8]> {
    bytes.get(start..end)
}

/// A view is its length, then either up to 12 bytes of text, or a prefix, the number of a buffer and the place in it.
fn view<'a>(views: &'a ScalarBuffer<u128>, buffers: &'a [Buffer], row: usize) -> Option<&'a [u8]> {
    let word = views[row];
    let len = (word as u32) as usize;
    if len <= 12 {
        let at = row * 16 + 4;
        return views.inner().as_slice().get(at..at + len);
    }
    let buffer = buffers.get(((word >> 64) as u32) as usize)?;
    let start = ((word >> 96) as u32) as usize;
    buffer.as_slice().get(start..start.checked_add(len)?)
}

fn at(buffers: &[Buffer], number: usize) -> Buffer {
    buffers.get(number).cloned().unwrap_or_default()
}

/// The numbers of a buffer from a row on.
///
/// # Errors
/// `Broken` where there are not so many.
pub(crate) fn scalars<T: ArrowNativeType>(
    buffer: Option<&Buffer>,
    offset: usize,
    len: usize,
) -> Result<ScalarBuffer<T>, ColumnError> {
    let whole = buffer.cloned().unwrap_or_default();
    let needed = offset
        .checked_add(len)
        .and_then(|rows| rows.checked_mul(size_of::<T>()));
    if len == 0 {
        return Ok(ScalarBuffer::from(Vec::new()));
    }
    if needed.is_none_or(|needed| needed > whole.len()) {
        return Err(ColumnError::Broken { row: 0 });
    }
    Ok(ScalarBuffer::new(whole, offset, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(kind: DataType, len: usize, buffers: Vec<Buffer>) -> Result<Vec<Vec<u8>>, ColumnError> {
        let builder = ArrayData::builder(kind).len(len).buffers(buffers);
        // SAFETY: `Bytes` is what must answer for data that nobody has validated; nothing else reads it.
        #[allow(unsafe_code)]
        let data = unsafe { builder.build_unchecked() };
        let mut rows = Vec::new();
        Bytes::new(data)?.each(|value| rows.push(value.unwrap_or_default().to_vec()))?;
        Ok(rows)
    }

    fn text() -> Buffer {
        Buffer::from_vec(b"abcdefghijklmnop".to_vec())
    }

    #[test]
    fn offsets_and_views_outside_the_buffers_are_told_with_their_row() {
        let offsets = |ends: [i32; 3]| broken(DataType::Utf8, 2, vec![Buffer::from_vec(ends.to_vec()), text()]);
        assert_eq!(
            offsets([0, 2, 16]),
            Ok(vec![b"ab".to_vec(), b"cdefghijklmnop".to_vec()])
        );
        assert_eq!(offsets([0, 2, 17]), Err(ColumnError::Broken { row: 1 }));
        assert_eq!(offsets([2, 1, 3]), Err(ColumnError::Broken { row: 0 }));
        assert_eq!(offsets([0, -1, 3]), Err(ColumnError::Broken { row: 0 }));
        let views = |view: u128| broken(DataType::Utf8View, 1, vec![Buffer::from_vec(vec![view]), text()]);
        assert_eq!(views(13 | 3 << 96), Ok(vec![b"defghijklmnop".to_vec()]));
        assert_eq!(views(13 | 4 << 96), Err(ColumnError::Broken { row: 0 }));
        assert_eq!(views(13 | 1 << 64), Err(ColumnError::Broken { row: 0 }));
        assert_eq!(views(u128::MAX), Err(ColumnError::Broken { row: 0 }));
    }

    #[test]
    fn buffers_that_are_too_short_or_missing_are_told() {
        for kind in [
            DataType::Utf8,
            DataType::LargeUtf8,
            DataType::Utf8View,
            DataType::FixedSizeBinary(16),
        ] {
            assert_eq!(
                broken(kind.clone(), 3, vec![text()]),
                Err(ColumnError::Broken { row: 0 }),
                "{kind}"
            );
            assert_eq!(
                broken(kind.clone(), 1, Vec::new()),
                Err(ColumnError::Broken { row: 0 }),
                "{kind}"
            );
            assert_eq!(broken(kind, 0, Vec::new()), Ok(Vec::new()));
        }
    }

    #[test]
    fn what_holds_no_bytes_is_refused() {
        for kind in [DataType::Int64, DataType::FixedSizeBinary(-1)] {
            assert_eq!(
                broken(kind.clone(), 1, vec![text()]),
                Err(ColumnError::Type(kind_name(&kind)))
            );
        }
    }

    fn kind_name(kind: &DataType) -> String {
        if let DataType::FixedSizeBinary(width) = kind {
            format!("binary({width})")
        } else {
            kind.to_string()
        }
    }
}
