//! The doors to Python: they turn Arrow columns into kernel input and kernel errors into exceptions, nothing more.

mod column;
mod ranges;
mod records;
mod stage;
mod suffixes;
mod text;
mod traffic;
mod words;
mod zeek;

use arrow_array::{Array, Int32Array};
use arrow_pyarrow::ToPyArrow;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::column::{Bytes, ColumnError};

/// `beholden._native`; the types of its members are in `src/beholden/_native.pyi`.
#[pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::ranges::Ranges;
    #[pymodule_export]
    use super::records::scan_records;
    #[pymodule_export]
    use super::stage::{Sums, Talks};
    #[pymodule_export]
    use super::suffixes::Suffixes;
    #[pymodule_export]
    use super::text::{Stretch, TextFile};
    #[pymodule_export]
    use super::traffic::{Sides, scan_vpc};
    #[pymodule_export]
    use super::words::{address_texts, json_objects};
    #[pymodule_export]
    use super::zeek::scan_zeek_conn;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

impl From<ColumnError> for PyErr {
    fn from(error: ColumnError) -> Self {
        match error {
            ColumnError::Type(_) => PyTypeError::new_err(error.to_string()),
            ColumnError::Broken { .. } => PyValueError::new_err(error.to_string()),
        }
    }
}

/// A number for every row of a column, null where the column is, as an array of pyarrow. The GIL is free meanwhile.
fn numbers<'py>(
    column: &Bound<'py, PyAny>,
    find_all: impl FnOnce(&Bytes) -> Result<Vec<i32>, ColumnError> + Send,
) -> PyResult<Bound<'py, PyAny>> {
    let py = column.py();
    let column = column::bytes(column)?;
    let found = py.detach(|| -> Result<Int32Array, ColumnError> {
        Ok(Int32Array::new(find_all(&column)?.into(), column.nulls().cloned()))
    })?;
    found.to_data().to_pyarrow(py)
}
