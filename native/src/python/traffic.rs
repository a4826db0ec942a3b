//! `beholden._native.Sides` and `scan_vpc`: the fused scan of flow log text.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::{Array, ArrayRef, BooleanArray, Int8Array, Int32Array, Int64Array, UInt8Array, UInt64Array};
use arrow_pyarrow::ToPyArrow;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::ranges::Ranges;
use super::text::Text;
use crate::flow::{Flows, Texts};
use crate::sides;
use crate::vpc::{self, COLUMNS, Layout, Partial};

/// Whose an address is.
#[pyclass(frozen, module = "beholden._native")]
pub struct Sides {
    pub(crate) sides: Arc<sides::Sides>,
}

#[pymethods]
impl Sides {
    #[new]
    #[pyo3(signature = (places, no_party, watched=None))]
    fn new(places: &Ranges, no_party: i32, watched: Option<&Ranges>) -> Self {
        let watched = watched.map(|ranges| Arc::clone(&ranges.set));
        Self {
            sides: Arc::new(sides::Sides::new(Arc::clone(&places.set), no_party, watched)),
        }
    }
}

/// Read whole lines of VPC flow log text; see `beholden.scan.kernel.vpc`.
#[pyfunction]
pub fn scan_vpc<'py>(
    py: Python<'py>,
    text: Text<'py>,
    width: usize,
    first_name: &[u8],
    places: Vec<Option<usize>>,
    has_action: bool,
    sides: &Sides,
) -> PyResult<Bound<'py, PyDict>> {
    let places: [Option<usize>; COLUMNS] = places
        .try_into()
        .map_err(|_| PyValueError::new_err("a place for each column is needed"))?;
    let layout = Layout {
        width,
        first_name: first_name.to_vec(),
        places,
        has_action,
    };
    let partial = text.read(py, |bytes| vpc::scan(bytes, &layout, &sides.sides))?;
    let stopped_at = partial.stopped_at;
    let found = found(py, partial)?;
    found.set_item("stopped_at", stopped_at)?;
    Ok(found)
}

/// What records came to, as `beholden.scan.kernel.vpc` takes it.
pub fn found<'py>(py: Python<'py>, partial: Partial) -> PyResult<Bound<'py, PyDict>> {
    let found = PyDict::new(py);
    let interfaces = interfaces(py, &partial)?;
    found.set_item("counts", partial.counts.to_vec())?;
    found.set_item("rejects", &partial.rejects)?;
    found.set_item("lines", partial.lines)?;
    found.set_item("accepted", partial.accepted)?;
    found.set_item("between", partial.between)?;
    found.set_item("interfaces", interfaces)?;
    let columns = py.detach(|| flow_columns(partial.flows));
    let flows = PyList::empty(py);
    for column in columns {
        flows.append(column.to_data().to_pyarrow(py)?)?;
    }
    found.set_item("flows", flows)?;
    Ok(found)
}

fn interfaces<'py>(py: Python<'py>, partial: &Partial) -> PyResult<Bound<'py, PyList>> {
    let rows = PyList::empty(py);
    for (name, is_v6, found) in partial.interfaces.iter() {
        let name = name.map(|name| String::from_utf8_lossy(name).into_owned());
        let candidates = PyList::new(py, found.iter().map(|address| PyBytes::new(py, &address.to_be_bytes())))?;
        rows.append((name, is_v6, candidates))?;
    }
    Ok(rows)
}

/// The columns of `beholden.schema.traffic.FLOW`.
fn flow_columns(flows: Flows) -> Vec<ArrayRef> {
    let high =
        |addresses: &[u128]| UInt64Array::from_iter_values(addresses.iter().map(|address| (address >> 64) as u64));
    let low = |addresses: &[u128]| UInt64Array::from_iter_values(addresses.iter().map(|address| *address as u64));
    let mut ends = BinaryBuilder::new();
    for pair in &flows.at_interface {
        ends.append_option(pair.map(|(source, target)| [source.to_be_bytes(), target.to_be_bytes()].concat()));
    }
    vec![
        Arc::new(Int64Array::from(flows.line)),
        Arc::new(high(&flows.source)),
        Arc::new(low(&flows.source)),
        Arc::new(high(&flows.target)),
        Arc::new(low(&flows.target)),
        Arc::new(UInt8Array::from(flows.source_side)),
        Arc::new(UInt8Array::from(flows.target_side)),
        Arc::new(Int32Array::from(flows.source_port)),
        Arc::new(Int32Array::from(flows.target_port)),
        Arc::new(Int32Array::from(flows.protocol)),
        Arc::new(Int64Array::from(flows.packets)),
        Arc::new(Int64Array::from(flows.bytes)),
        Arc::new(Int64Array::from(flows.start)),
        Arc::new(Int64Array::from(flows.end)),
        Arc::new(BooleanArray::from(flows.is_accepted)),
        Arc::new(UInt8Array::from(flows.flags)),
        Arc::new(Int8Array::from(flows.outwards)),
        Arc::new(BooleanArray::from(flows.is_between)),
        Arc::new(texts(&flows.interface)),
        Arc::new(texts(&flows.account)),
        Arc::new(ends.finish()),
    ]
}

pub fn texts(column: &Texts) -> arrow_array::StringArray {
    let mut builder = StringBuilder::new();
    for text in column.iter() {
        builder.append_option(text);
    }
    builder.finish()
}
