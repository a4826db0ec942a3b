//! Columns of pyarrow, taken over without a copy.

use arrow_data::ArrayData;
use arrow_pyarrow::FromPyArrowUnchecked;
use pyo3::prelude::*;

use crate::coded::Coded;
use crate::column::Bytes;
use crate::whole::Whole;

/// An array of pyarrow with text or bytes.
pub fn bytes(array: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    Ok(Bytes::new(data(array)?)?)
}

/// An array of pyarrow with text, or a dictionary of such.
pub fn coded(array: &Bound<'_, PyAny>) -> PyResult<Coded> {
    Ok(Coded::new(data(array)?)?)
}

/// An array of pyarrow with whole numbers.
pub fn whole(array: &Bound<'_, PyAny>) -> PyResult<Whole> {
    Ok(Whole::new(data(array)?)?)
}

/// The data of an array of pyarrow, for `Bytes`, `Coded` and `Whole` only.
///
/// Arrow's own checked import reads every byte, with the GIL held; it refuses text that is not UTF-8, which files do hold,
/// and null slots that point anywhere, which the format allows.
#[allow(unsafe_code)]
fn data(array: &Bound<'_, PyAny>) -> PyResult<ArrayData> {
    // How long each buffer is, and the first and the last offset: what the import below relies on.
    array.call_method0("validate")?;
    // SAFETY: The condition is everything that `ArrayData::validate_full` checks. What `validate` did not check of it is
    // where single offsets, views and numbers of dictionaries point to, and that text is UTF-8. `ArrayData` has these
    // looked at by those who read values only. The three above, which take it over, are the only ones that do: they
    // slice with bounds checks and make no `str`, and of whole numbers every pattern of bits is one.
    Ok(unsafe { ArrayData::from_pyarrow_bound_unchecked(array)? })
}
