//! `beholden._native.Ranges`.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, make_array};
use arrow_data::ArrayData;
use arrow_pyarrow::PyArrowType;
use arrow_schema::DataType;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::{column, numbers};
use crate::ranges::{Range, RangeSet};

/// Labelled address ranges; other kernels share the set.
#[pyclass(frozen, module = "beholden._native")]
pub struct Ranges {
    pub(crate) set: Arc<RangeSet>,
}

#[pymethods]
impl Ranges {
    #[new]
    fn new(first: &Bound<'_, PyAny>, last: &Bound<'_, PyAny>, label: PyArrowType<ArrayData>) -> PyResult<Self> {
        let (firsts, lasts, labels) = (packed(first)?, packed(last)?, numbered(label.0)?);
        if firsts.len() != lasts.len() || firsts.len() != labels.len() {
            return Err(PyValueError::new_err("the columns of ranges differ in length"));
        }
        let rows = firsts.into_iter().zip(lasts).zip(labels);
        let set = RangeSet::new(rows.map(|((first, last), label)| Range { first, last, label }));
        Ok(Self {
            set: Arc::new(set.map_err(|error| PyValueError::new_err(error.to_string()))?),
        })
    }

    fn __len__(&self) -> usize {
        self.set.len()
    }

    fn find<'py>(&self, column: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        numbers(column, |column| self.set.find_all(column))
    }
}

fn packed(array: &Bound<'_, PyAny>) -> PyResult<Vec<u128>> {
    let column = column::bytes(array)?;
    if column.width() != Some(16) {
        return Err(PyTypeError::new_err("ends of ranges are binary(16)"));
    }
    let mut ends = Vec::with_capacity(column.len());
    column.each(|value| {
        ends.extend(value.and_then(|bytes| bytes.first_chunk().map(|bytes| u128::from_be_bytes(*bytes))))
    })?;
    if ends.len() == column.len() {
        Ok(ends)
    } else {
        Err(PyValueError::new_err("an end of a range is null"))
    }
}

fn numbered(mut data: ArrayData) -> PyResult<Vec<i32>> {
    if *data.data_type() != DataType::Int32 {
        return Err(PyTypeError::new_err("labels of ranges are int32"));
    }
    data.align_buffers();
    let labels = make_array(data);
    if labels.null_count() > 0 {
        return Err(PyValueError::new_err("a label of a range is null"));
    }
    Ok(labels.as_primitive::<Int32Type>().values().to_vec())
}
