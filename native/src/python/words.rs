//! `beholden._native.address_texts` and `json_objects`: columns of texts for observations.

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, make_array};
use arrow_data::ArrayData;
use arrow_pyarrow::{PyArrowType, ToPyArrow};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::words::{self, Value};

/// The text of each address, of which both halves are given; null where a half is.
#[pyfunction]
pub fn address_texts<'py>(
    py: Python<'py>,
    high: PyArrowType<ArrayData>,
    low: PyArrowType<ArrayData>,
) -> PyResult<Bound<'py, PyAny>> {
    let (high, low) = (make_array(high.0), make_array(low.0));
    let halves = (
        high.as_primitive_opt::<UInt64Type>(),
        low.as_primitive_opt::<UInt64Type>(),
    );
    let (Some(high), Some(low)) = halves else {
        return Err(PyTypeError::new_err("halves are uint64"));
    };
    let found = py.detach(|| {
        let mut texts = StringBuilder::with_capacity(high.len(), 14 * high.len());
        let mut text = String::new();
        for pair in high.iter().zip(low) {
            let (Some(high), Some(low)) = pair else {
                texts.append_null();
                continue;
            };
            text.clear();
            words::address(&mut text, u128::from(high) << 64 | u128::from(low));
            texts.append_value(&text);
        }
        texts.finish()
    });
    found.to_data().to_pyarrow(py)
}

/// A JSON object for each row, of columns of `large_string` and `large_list<int32>`; null where no member has a value.
#[pyfunction]
pub fn json_objects<'py>(
    py: Python<'py>,
    members: Vec<(String, PyArrowType<ArrayData>)>,
) -> PyResult<Bound<'py, PyAny>> {
    let members: Vec<(String, ArrayRef)> = members
        .into_iter()
        .map(|(name, column)| (name, make_array(column.0)))
        .collect();
    let columns: Option<Vec<(&str, Column<'_>)>> = members
        .iter()
        .map(|(name, column)| Some((name.as_str(), Column::of(column)?)))
        .collect();
    let columns = columns.ok_or_else(|| PyTypeError::new_err("members are large_string, or large_list<int32>"))?;
    let rows = members.first().map_or(0, |(_, column)| column.len());
    let found = py.detach(|| {
        let mut objects = StringBuilder::with_capacity(rows, 64 * rows);
        let mut json = String::new();
        for row in 0..rows {
            json.clear();
            let members = columns.iter().map(|(name, column)| (*name, column.at(row)));
            let is_any = words::object(&mut json, members);
            objects.append_option(is_any.then_some(&json));
        }
        objects.finish()
    });
    found.to_data().to_pyarrow(py)
}

enum Column<'a> {
    Texts(&'a arrow_array::LargeStringArray),
    Lists(&'a arrow_array::LargeListArray, &'a [i32]),
}

impl<'a> Column<'a> {
    fn of(column: &'a ArrayRef) -> Option<Self> {
        if let Some(texts) = column.as_string_opt::<i64>() {
            return Some(Self::Texts(texts));
        }
        let lists = column.as_list_opt::<i64>()?;
        Some(Self::Lists(
            lists,
            lists.values().as_primitive_opt::<Int32Type>()?.values(),
        ))
    }

    fn at(&self, row: usize) -> Value<'a> {
        match self {
            Self::Texts(texts) => {
                let is_there = row < texts.len() && texts.is_valid(row);
                Value::Text(is_there.then(|| texts.value(row)))
            }
            Self::Lists(lists, numbers) => {
                let ends = lists.value_offsets().get(row).zip(lists.value_offsets().get(row + 1));
                let range = ends
                    .filter(|_| lists.is_valid(row))
                    .map(|(&from, &to)| from as usize..to as usize);
                Value::Numbers(range.and_then(|range| numbers.get(range)).unwrap_or_default())
            }
        }
    }
}
