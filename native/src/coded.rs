//! Arrow columns of text, each value as it is or as the number of a value in a dictionary.

use arrow_data::ArrayData;
use arrow_schema::DataType;

use crate::column::{Bytes, ColumnError};
use crate::whole::Whole;

/// What no judgement is.
const UNASKED: u8 = u8::MAX;

/// A column of text.
pub struct Coded {
    values: Bytes,
    /// The place of each row's value; nothing where values stand in the order of rows.
    codes: Option<Whole>,
}

impl Coded {
    /// Take over a column; its buffers are shared, not copied.
    ///
    /// # Errors
    /// `Type` where it is no column of text or bytes, nor a dictionary of such, `Broken` where a buffer is too short.
    pub fn new(mut data: ArrayData) -> Result<Self, ColumnError> {
        let DataType::Dictionary(of_codes, _) = data.data_type().clone() else {
            return Ok(Self {
                values: Bytes::new(data)?,
                codes: None,
            });
        };
        data.align_buffers();
        let values = data
            .child_data()
            .first()
            .cloned()
            .ok_or(ColumnError::Broken { row: 0 })?;
        // The numbers of a dictionary's column are laid out as a column of their own type.
        let codes = data.into_builder().data_type(*of_codes).child_data(Vec::new());
        let codes = codes.build().map_err(|_| ColumnError::Broken { row: 0 })?;
        Ok(Self {
            values: Bytes::new(values)?,
            codes: Some(Whole::new(codes)?),
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.as_ref().map_or(self.values.len(), Whole::len)
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row, or nothing for a null.
    ///
    /// # Errors
    /// `Broken` where it lies outside the buffers, or there is no such row.
    pub fn get(&self, row: usize) -> Result<Option<&[u8]>, ColumnError> {
        let Some(codes) = &self.codes else {
            return self.values.get(row);
        };
        if row >= codes.len() {
            return Err(ColumnError::Broken { row });
        }
        let Some(code) = codes.get(row) else { return Ok(None) };
        let place = usize::try_from(code).map_err(|_| ColumnError::Broken { row })?;
        self.values.get(place).map_err(|_| ColumnError::Broken { row })
    }

    /// Ready to judge rows; each value of a dictionary is judged once.
    ///
    /// # Errors
    /// `Broken` where a value of a dictionary lies outside the buffers.
    pub fn judging<J: Fn(Option<&[u8]>) -> u8>(&self, judge: J) -> Result<Judging<'_, J>, ColumnError> {
        let mut known = Vec::new();
        if self.codes.is_some() {
            // In their order, which is that of the memory they lie in; but not all of many for few rows.
            if self.values.len() <= self.len() {
                known.reserve_exact(self.values.len());
                self.values.each(|value| known.push(judge(value)))?;
            } else {
                known.resize(self.values.len(), UNASKED);
            }
        }
        let of_null = judge(None);
        Ok(Judging {
            column: self,
            judge,
            known,
            of_null,
        })
    }
}

/// A column of text, and what its values come to.
pub struct Judging<'a, J> {
    column: &'a Coded,
    judge: J,
    known: Vec<u8>,
    of_null: u8,
}

impl<J: Fn(Option<&[u8]>) -> u8> Judging<'_, J> {
    /// What the rows from one on come to.
    ///
    /// # Errors
    /// `Broken` where a value lies outside the buffers, or there are fewer rows.
    pub fn read(&mut self, from: usize, told: &mut [u8]) -> Result<(), ColumnError> {
        let of = from..from + told.len();
        let mut next = told.iter_mut();
        let values = &self.column.values;
        let Some(codes) = &self.column.codes else {
            return values.each_of(of, |value| {
                if let Some(told) = next.next() {
                    *told = (self.judge)(value);
                }
            });
        };
        if of.end > codes.len() {
            return Err(ColumnError::Broken { row: codes.len() });
        }
        let (known, judge) = (&mut self.known, &self.judge);
        let mut row = from;
        let mut broken = None;
        codes.each_of(of, |code| {
            let Some(told) = next.next() else { return };
            let found = code.map_or(Some(self.of_null), |code| {
                let place = usize::try_from(code).ok()?;
                let known = known.get_mut(place)?;
                if *known == UNASKED {
                    *known = judge(values.get(place).ok()?);
                }
                Some(*known)
            });
            if found.is_none() && broken.is_none() {
                broken = Some(row);
            }
            *told = found.unwrap_or(self.of_null);
            row += 1;
        });
        broken.map_or(Ok(()), |row| Err(ColumnError::Broken { row }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    use arrow_buffer::Buffer;

    fn texts(texts: &[&str]) -> ArrayData {
        let mut ends = vec![0_i32];
        ends.extend(texts.iter().scan(0, |end, text| {
            *end += text.len() as i32;
            Some(*end)
        }));
        ArrayData::builder(DataType::Utf8)
            .len(texts.len())
            .add_buffer(Buffer::from_vec(ends))
            .add_buffer(Buffer::from_vec(texts.concat().into_bytes()))
            .build()
            .unwrap()
    }

    fn coded(codes: Vec<i8>, validity: u8) -> Coded {
        let builder = ArrayData::builder(DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8)))
            .len(codes.len())
            .add_buffer(Buffer::from_vec(codes))
            .null_bit_buffer(Some(Buffer::from_vec(vec![validity])))
            .add_child_data(texts(&["a", "bb", "never asked for"]));
        // SAFETY: `Coded` is what must answer for data that nobody has validated; nothing else reads it.
        #[allow(unsafe_code)]
        let data = unsafe { builder.build_unchecked() };
        Coded::new(data).unwrap()
    }

    fn judged(column: &Coded, judge: impl Fn(Option<&[u8]>) -> u8) -> Result<Vec<u8>, ColumnError> {
        let mut told = vec![0; column.len()];
        let mut judging = column.judging(judge)?;
        let (first, rest) = told.split_at_mut(1);
        judging.read(0, first)?;
        judging.read(1, rest)?;
        Ok(told)
    }

    #[test]
    fn each_value_of_a_dictionary_is_asked_for_once() {
        let column = coded(vec![1, 0, 1, 99, 0], 0b1_0111);
        let asked = Cell::new(0);
        let told = judged(&column, |value| {
            asked.set(asked.get() + 1);
            value.map_or(0, |value| value.len() as u8)
        });
        assert_eq!((told, asked.get()), (Ok(vec![2, 1, 2, 0, 1]), 4));
        assert_eq!(column.get(0), Ok(Some(b"bb".as_slice())));
        assert_eq!(column.get(3), Ok(None));
        assert_eq!(column.get(5), Err(ColumnError::Broken { row: 5 }));
    }

    #[test]
    fn of_many_values_for_few_rows_only_those_are_asked_for_that_rows_have() {
        let column = coded(vec![1, 1], 0b11);
        let told = judged(&column, |value| {
            value.map_or(0, |value| if value == b"bb" { 7 } else { panic!() })
        });
        assert_eq!(told, Ok(vec![7, 7]));
    }

    #[test]
    fn numbers_that_no_value_has_are_told_with_their_row() {
        for code in [3, -1] {
            for codes in [vec![0, code], vec![0, code, 0, 0]] {
                let column = coded(codes, 0b1111);
                assert_eq!(judged(&column, |_| 0), Err(ColumnError::Broken { row: 1 }));
                assert_eq!(column.get(1), Err(ColumnError::Broken { row: 1 }));
            }
        }
    }

    #[test]
    fn text_as_it_is_has_the_same_answers() {
        let column = Coded::new(texts(&["a", "bb"])).unwrap();
        assert_eq!(
            judged(&column, |value| value.unwrap_or_default().len() as u8),
            Ok(vec![1, 2])
        );
        assert_eq!(column.get(1), Ok(Some(b"bb".as_slice())));
        assert_eq!(column.get(2), Err(ColumnError::Broken { row: 2 }));
        assert_eq!(
            column.judging(|_| 0).unwrap().read(1, &mut [0; 2]),
            Err(ColumnError::Broken { row: 2 })
        );
    }
}
