//! `beholden._native.Suffixes`.

use std::sync::Arc;

use arrow_data::ArrayData;
use arrow_pyarrow::PyArrowType;
use pyo3::prelude::*;

use super::numbers;
use crate::column::Bytes;
use crate::suffixes::SuffixSet;

/// Watched domain names; other kernels share the set.
#[pyclass(frozen, module = "beholden._native")]
pub struct Suffixes {
    pub(crate) set: Arc<SuffixSet>,
}

#[pymethods]
impl Suffixes {
    #[new]
    fn new(names: PyArrowType<ArrayData>) -> PyResult<Self> {
        Ok(Self {
            set: Arc::new(SuffixSet::new(&Bytes::new(names.0)?)?),
        })
    }

    fn __len__(&self) -> usize {
        self.set.len()
    }

    fn find<'py>(&self, py: Python<'py>, column: PyArrowType<ArrayData>) -> PyResult<Bound<'py, PyAny>> {
        numbers(py, column, |column| self.set.find_all(column))
    }
}
