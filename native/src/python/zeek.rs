//! `beholden._native.scan_zeek_conn`: the fused scan of Zeek conn logs.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int32Array, Int64Array, ListArray, StringArray, UInt8Array, UInt64Array};
use arrow_buffer::OffsetBuffer;
use arrow_pyarrow::ToPyArrow;
use arrow_schema::{DataType, Field};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::text::Text;
use super::traffic::{Sides, texts};
use crate::zeek::{self, COLUMNS, Contacts, Layout};

/// Read whole lines of a Zeek conn log; see `beholden.scan.kernel.zeek`.
#[pyfunction]
pub fn scan_zeek_conn<'py>(
    py: Python<'py>,
    text: Text<'py>,
    at: usize,
    width: usize,
    places: Vec<Option<usize>>,
    has_own_networks: bool,
    sides: &Sides,
) -> PyResult<Bound<'py, PyDict>> {
    let places: [Option<usize>; COLUMNS] = places
        .try_into()
        .map_err(|_| PyValueError::new_err("a place for each column is needed"))?;
    let layout = Layout {
        width,
        places,
        has_own_networks,
    };
    let partial = text.read(py, |bytes| {
        zeek::scan(bytes.get(at..).unwrap_or_default(), &layout, &sides.sides)
    })?;
    let odd = partial
        .odd
        .iter()
        .map(|&(line, begin, end)| (line, at + begin, at + end));
    let found = PyDict::new(py);
    found.set_item("counts", partial.counts.to_vec())?;
    found.set_item("rejects", &partial.rejects)?;
    found.set_item("odd", odd.collect::<Vec<_>>())?;
    found.set_item("lines", partial.lines)?;
    found.set_item("accepted", partial.accepted)?;
    found.set_item("missed", partial.missed)?;
    found.set_item("on_the_wire", partial.on_the_wire)?;
    found.set_item("stopped_at", partial.stopped_at.map(|place| at + place))?;
    let contacts = PyList::empty(py);
    if !partial.contacts.line.is_empty() {
        for column in py.detach(|| columns(partial.contacts)) {
            contacts.append(column.to_data().to_pyarrow(py)?)?;
        }
    }
    found.set_item("contacts", contacts)?;
    Ok(found)
}

/// The columns of `beholden.schema.traffic.CONTACT`.
fn columns(contacts: Contacts) -> Vec<ArrayRef> {
    let rows = contacts.line.len();
    let high =
        |addresses: &[u128]| UInt64Array::from_iter_values(addresses.iter().map(|address| (address >> 64) as u64));
    let low = |addresses: &[u128]| UInt64Array::from_iter_values(addresses.iter().map(|address| *address as u64));
    let none = StringArray::new_null(rows);
    let lines = ListArray::new(
        Arc::new(Field::new_list_field(DataType::Int64, true)),
        OffsetBuffer::from_lengths(std::iter::repeat_n(1, rows)),
        Arc::new(Int64Array::from(contacts.line)),
        None,
    );
    vec![
        Arc::new(lines),
        Arc::new(high(&contacts.remote)),
        Arc::new(low(&contacts.remote)),
        Arc::new(high(&contacts.own)),
        Arc::new(low(&contacts.own)),
        Arc::new(UInt8Array::from(contacts.verdict)),
        Arc::new(Int64Array::from(contacts.start)),
        Arc::new(Int64Array::from(contacts.end)),
        Arc::new(Int64Array::from_value(1, rows)),
        Arc::new(Int64Array::from(contacts.first_bytes)),
        Arc::new(Int64Array::from(contacts.second_bytes)),
        Arc::new(Int32Array::from(contacts.port)),
        Arc::new(texts(&contacts.protocol)),
        Arc::new(texts(&contacts.service)),
        Arc::new(texts(&contacts.state)),
        Arc::new(none.clone()),
        Arc::new(none),
    ]
}
