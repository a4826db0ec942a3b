//! Arrow columns of whole numbers, of any width.

use std::ops::Range;

use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use crate::column::{ColumnError, scalars};

/// A column of whole numbers.
pub struct Whole {
    numbers: Numbers,
    nulls: Option<NullBuffer>,
    /// The rows that are null, in order.
    absent: Vec<usize>,
}

enum Numbers {
    I8(ScalarBuffer<i8>),
    I16(ScalarBuffer<i16>),
    I32(ScalarBuffer<i32>),
    I64(ScalarBuffer<i64>),
    U8(ScalarBuffer<u8>),
    U16(ScalarBuffer<u16>),
    U32(ScalarBuffer<u32>),
    U64(ScalarBuffer<u64>),
}

/// The same for the numbers of every width: one loop each, so that none asks per row which width it is.
macro_rules! of_any_width {
    ($whole:expr, $numbers:ident => $what:expr) => {
        match &$whole.numbers {
            Numbers::I8($numbers) => $what,
            Numbers::I16($numbers) => $what,
            Numbers::I32($numbers) => $what,
            Numbers::I64($numbers) => $what,
            Numbers::U8($numbers) => $what,
            Numbers::U16($numbers) => $what,
            Numbers::U32($numbers) => $what,
            Numbers::U64($numbers) => $what,
        }
    };
}

impl Whole {
    /// Take over a column; its buffer is shared, not copied.
    ///
    /// # Errors
    /// `Type` where it holds no whole numbers, `Broken` where its buffer is shorter than it says.
    pub fn new(mut data: ArrayData) -> Result<Self, ColumnError> {
        data.align_buffers();
        let (buffer, offset, len) = (data.buffers().first(), data.offset(), data.len());
        let numbers = match data.data_type() {
            DataType::Int8 => Numbers::I8(scalars(buffer, offset, len)?),
            DataType::Int16 => Numbers::I16(scalars(buffer, offset, len)?),
            DataType::Int32 => Numbers::I32(scalars(buffer, offset, len)?),
            DataType::Int64 => Numbers::I64(scalars(buffer, offset, len)?),
            DataType::UInt8 => Numbers::U8(scalars(buffer, offset, len)?),
            DataType::UInt16 => Numbers::U16(scalars(buffer, offset, len)?),
            DataType::UInt32 => Numbers::U32(scalars(buffer, offset, len)?),
            DataType::UInt64 => Numbers::U64(scalars(buffer, offset, len)?),
            other => return Err(ColumnError::Type(other.to_string())),
        };
        let nulls = data.nulls().filter(|nulls| nulls.null_count() > 0).cloned();
        let absent = match &nulls {
            None => Vec::new(),
            Some(nulls) => (!nulls.inner()).set_indices().collect(),
        };
        Ok(Self { numbers, nulls, absent })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        of_any_width!(self, numbers => numbers.len())
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A number; -1 where 63 bits do not hold it, nothing where there is none.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<i64> {
        if self.is_null(row) {
            return None;
        }
        of_any_width!(self, numbers => numbers.get(row).map(|&number| held(number)))
    }

    /// Give some rows to `take`, in order, each as `get` has it; those that there are.
    pub fn each_of(&self, of: Range<usize>, mut take: impl FnMut(Option<i64>)) {
        of_any_width!(self, numbers => {
            let numbers = numbers.get(of.clone()).unwrap_or_default();
            match &self.nulls {
                None => numbers.iter().for_each(|&number| take(Some(held(number)))),
                Some(nulls) => {
                    for (row, &number) in of.zip(numbers) {
                        // What stands in a slot that is null means nothing.
                        take(nulls.is_valid(row).then(|| held(number)));
                    }
                }
            }
        });
    }

    /// Mark, of the rows from one on, those whose number is below 0 or above `largest`, and those that have none, where
    /// `null_is_wrong`.
    pub fn mark_others(&self, from: usize, largest: i64, null_is_wrong: bool, wrong: &mut [bool]) {
        let end = from + wrong.len();
        let absent = |row: usize| self.absent.partition_point(|&absent| absent < row);
        let absent = self.absent.get(absent(from)..absent(end)).unwrap_or_default();
        of_any_width!(self, numbers => {
            // Most rows have a number; of such ones many are compared at once.
            let mut begin = from;
            for stop in absent.iter().copied().chain([end]) {
                let numbers = numbers.get(begin..stop).unwrap_or_default();
                let rows = wrong.get_mut(begin - from..stop - from).unwrap_or_default();
                for (wrong, &number) in rows.iter_mut().zip(numbers) {
                    *wrong |= !(0..=largest).contains(&held(number));
                }
                if let Some(wrong) = wrong.get_mut(stop - from) {
                    *wrong |= null_is_wrong;
                }
                begin = stop + 1;
            }
        });
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls
            .as_ref()
            .is_some_and(|nulls| row < nulls.len() && nulls.is_null(row))
    }
}

#[inline(always)]
fn held<T: ArrowNativeType>(number: T) -> i64 {
    number.to_i64().unwrap_or(-1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_buffer::Buffer;

    fn column<T: ArrowNativeType>(kind: DataType, numbers: Vec<T>, offset: usize, validity: u8) -> Whole {
        let data = ArrayData::builder(kind)
            .len(numbers.len() - offset)
            .offset(offset)
            .add_buffer(Buffer::from_vec(numbers))
            .null_bit_buffer(Some(Buffer::from_vec(vec![validity])))
            .build()
            .unwrap();
        Whole::new(data).unwrap()
    }

    #[test]
    fn rows_begin_at_the_offset_and_null_slots_mean_nothing() {
        let whole = column(DataType::Int16, vec![7_i16, 1, -5, 3, -9], 1, 0b0_1110);
        let all: Vec<_> = (0..5).map(|row| whole.get(row)).collect();
        assert_eq!(all, [Some(1), Some(-5), Some(3), None, None]);
        let mut some = Vec::new();
        whole.each_of(1..4, |number| some.push(number));
        assert_eq!(some, [Some(-5), Some(3), None]);
        for (null_is_wrong, last) in [(false, false), (true, true)] {
            let mut wrong = [false; 4];
            whole.mark_others(0, 2, null_is_wrong, &mut wrong);
            assert_eq!(wrong, [false, true, true, last]);
        }
    }

    #[test]
    fn what_63_bits_do_not_hold_is_below_zero() {
        let whole = column(DataType::UInt64, vec![u64::MAX, 1 << 63, i64::MAX as u64], 0, 0b111);
        let all: Vec<_> = (0..3).map(|row| whole.get(row)).collect();
        assert_eq!(all, [Some(-1), Some(-1), Some(i64::MAX)]);
    }

    #[test]
    fn other_types_and_short_buffers_are_refused() {
        let floats = ArrayData::builder(DataType::Float64)
            .len(1)
            .add_buffer(Buffer::from_vec(vec![1.0]));
        assert!(matches!(Whole::new(floats.build().unwrap()), Err(ColumnError::Type(_))));
        let builder = ArrayData::builder(DataType::Int64)
            .len(2)
            .add_buffer(Buffer::from_vec(vec![1_i64]));
        // SAFETY: `Whole` is what must answer for data that nobody has validated; nothing else reads it.
        #[allow(unsafe_code)]
        let short = unsafe { builder.build_unchecked() };
        assert!(matches!(Whole::new(short), Err(ColumnError::Broken { row: 0 })));
    }
}
