//! `beholden._native.Suffixes`.

use std::sync::Arc;

use pyo3::prelude::*;

use super::{column, numbers};
use crate::suffixes::SuffixSet;

/// Watched domain names; other kernels share the set.
#[pyclass(frozen, module = "beholden._native")]
pub struct Suffixes {
    pub(crate) set: Arc<SuffixSet>,
}

#[pymethods]
impl Suffixes {
    #[new]
    fn new(names: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self {
            set: Arc::new(SuffixSet::new(&column::bytes(names)?)?),
        })
    }

    fn __len__(&self) -> usize {
        self.set.len()
    }

    fn find<'py>(&self, column: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        numbers(column, |column| self.set.find_all(column))
    }
}
