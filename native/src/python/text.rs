//! `beholden._native.TextFile` and `Stretch`: text that a kernel reads from the disk itself.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::stretch;

/// A file that stays open while a stretch of it is held.
#[pyclass(frozen, module = "beholden._native")]
pub struct TextFile {
    file: Arc<File>,
}

#[pymethods]
impl TextFile {
    #[new]
    fn new(path: PathBuf) -> PyResult<Self> {
        Ok(Self {
            file: Arc::new(File::open(path)?),
        })
    }

    fn stretch(&self, begin: u64, end: u64) -> Stretch {
        Stretch {
            stretch: stretch::Stretch::new(Arc::clone(&self.file), begin, end),
        }
    }
}

/// The lines of a file that begin between two bytes.
#[pyclass(frozen, module = "beholden._native")]
pub struct Stretch {
    stretch: stretch::Stretch,
}

#[pymethods]
impl Stretch {
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(self.stretch.lines(|text| PyBytes::new(py, text))?)
    }
}

/// What a kernel reads.
#[derive(FromPyObject)]
pub enum Text<'py> {
    Bytes(Bound<'py, PyBytes>),
    Stretch(Bound<'py, Stretch>),
}

impl Text<'_> {
    /// Let a kernel read it, while Python goes on.
    ///
    /// # Errors
    ///
    /// `OSError`: a stretch cannot be read.
    pub fn read<R: Send>(&self, py: Python<'_>, kernel: impl FnOnce(&[u8]) -> R + Send) -> PyResult<R> {
        match self {
            Self::Bytes(bytes) => {
                let bytes = bytes.as_bytes();
                Ok(py.detach(|| kernel(bytes)))
            }
            Self::Stretch(stretch) => {
                let stretch = &stretch.get().stretch;
                Ok(py.detach(|| stretch.lines(kernel))?)
            }
        }
    }
}
