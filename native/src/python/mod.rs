//! The doors to Python: they turn Arrow columns into kernel input and kernel errors into exceptions, nothing more.

use pyo3::prelude::*;

/// `beholden._native`; the types of its members are in `src/beholden/_native.pyi`.
#[pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
