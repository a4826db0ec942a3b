//! Columns of pyarrow, taken over without a copy.

use arrow_data::ArrayData;
use arrow_pyarrow::FromPyArrowUnchecked;
use pyo3::prelude::*;

use crate::column::Bytes;

/// An array of pyarrow with text or bytes.
///
/// Arrow's own checked import reads every byte, with the GIL held; it refuses text that is not UTF-8, which files do hold,
/// and null slots that point anywhere, which the format allows.
#[allow(unsafe_code)]
pub fn bytes(array: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    // How long each buffer is, and the first and the last offset: what the import below relies on.
    array.call_method0("validate")?;
    // SAFETY: The condition is everything that `ArrayData::validate_full` checks. What `validate` did not check of it is
    // where single offsets and views point to, and that text is UTF-8. `ArrayData` has these looked at by those who read
    // values only; `Bytes`, which takes it over, is the only one that does: it slices with bounds checks and makes no `str`.
    let data = unsafe { ArrayData::from_pyarrow_bound_unchecked(array)? };
    Ok(Bytes::new(data)?)
}
