//! `beholden._native.scan_records`: flow records that come as columns.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::column::{coded, whole};
use super::traffic::{Sides, found};
use crate::records::{self, Moments, Records};

/// `beholden.scan.kernel.flow_columns.Records`, each with what it is read from.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Columns<'py> {
    source: Bound<'py, PyAny>,
    target: Bound<'py, PyAny>,
    start: (Bound<'py, PyAny>, i64),
    end: (Bound<'py, PyAny>, i64),
    size: Bound<'py, PyAny>,
    packets: Option<Bound<'py, PyAny>>,
    source_port: Option<Bound<'py, PyAny>>,
    target_port: Option<Bound<'py, PyAny>>,
    protocol: Option<Bound<'py, PyAny>>,
    status: Option<Bound<'py, PyAny>>,
    action: Option<Bound<'py, PyAny>>,
    flags: Option<Bound<'py, PyAny>>,
    direction: Option<Bound<'py, PyAny>>,
    packet_source: Option<Bound<'py, PyAny>>,
    packet_target: Option<Bound<'py, PyAny>>,
    interface: Option<Bound<'py, PyAny>>,
    account: Option<Bound<'py, PyAny>>,
}

fn moments((column, factor): &(Bound<'_, PyAny>, i64)) -> PyResult<Moments> {
    Ok(Moments {
        numbers: whole(column)?,
        factor: *factor,
    })
}

/// A column that a log may lack.
fn maybe<T>(
    column: &Option<Bound<'_, PyAny>>,
    read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<Option<T>> {
    column.as_ref().map(read).transpose()
}

/// Read records; see `beholden.scan.kernel.flow_columns`.
#[pyfunction]
pub fn scan_records<'py>(py: Python<'py>, columns: Columns<'py>, sides: &Sides) -> PyResult<Bound<'py, PyDict>> {
    let records = Records {
        source: coded(&columns.source)?,
        target: coded(&columns.target)?,
        start: moments(&columns.start)?,
        end: moments(&columns.end)?,
        size: whole(&columns.size)?,
        packets: maybe(&columns.packets, whole)?,
        ports: [maybe(&columns.source_port, whole)?, maybe(&columns.target_port, whole)?],
        protocol: maybe(&columns.protocol, whole)?,
        status: maybe(&columns.status, coded)?,
        action: maybe(&columns.action, coded)?,
        flags: maybe(&columns.flags, whole)?,
        direction: maybe(&columns.direction, coded)?,
        packet_source: maybe(&columns.packet_source, coded)?,
        packet_target: maybe(&columns.packet_target, coded)?,
        interface: maybe(&columns.interface, coded)?,
        account: maybe(&columns.account, coded)?,
    };
    let partial = py.detach(|| records::scan(&records, &sides.sides))?;
    found(py, partial)
}
