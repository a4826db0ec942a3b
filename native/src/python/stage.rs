//! `beholden._native.Talks` and `Sums`: what records of traffic come to, between the readers and the observations.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int8Type, Int32Type, Int64Type, UInt8Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, GenericByteArray, Int8Array, Int32Array, Int64Array, LargeListArray,
    LargeStringArray, RecordBatch, UInt8Array, UInt64Array, types,
};
use arrow_buffer::ScalarBuffer;
use arrow_pyarrow::{PyArrowType, ToPyArrow};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::sums::{self, Class, Contact, Groups, PLACE_BITS, Rest, Row, Said, TEXTS, Texts};
use crate::talks::{self, Contacts, Piece, REASONS, Strings};

/// Columns of a batch, one after the other.
struct Columns<'a> {
    batch: &'a RecordBatch,
    next: usize,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Self {
        Self { batch, next: 0 }
    }

    fn take<T>(&mut self, read: impl FnOnce(&'a ArrayRef) -> Option<T>) -> PyResult<T> {
        let at = self.next;
        self.next += 1;
        let found = self.batch.columns().get(at).and_then(read);
        found.ok_or_else(|| PyTypeError::new_err(format!("column {at} is not there, or of another type")))
    }

    fn numbers<P: ArrowPrimitiveType>(&mut self) -> PyResult<ScalarBuffer<P::Native>> {
        self.take(|column| column.as_primitive_opt::<P>().map(|column| column.values().clone()))
    }

    fn pair<P: ArrowPrimitiveType>(&mut self) -> PyResult<[ScalarBuffer<P::Native>; 2]> {
        Ok([self.numbers::<P>()?, self.numbers::<P>()?])
    }

    fn flags(&mut self) -> PyResult<&'a BooleanArray> {
        self.take(|column| column.as_boolean_opt())
    }

    fn texts<B: types::ByteArrayType<Offset = i32>>(&mut self) -> PyResult<Strings> {
        self.take(|column| {
            let column: &GenericByteArray<B> = column.as_bytes_opt()?;
            Some(Strings {
                offsets: column.offsets().clone(),
                values: column.values().clone(),
                nulls: column.nulls().cloned(),
            })
        })
    }
}

fn piece(file: i32, ends: i32, batch: &RecordBatch) -> PyResult<Piece> {
    let mut columns = Columns::of(batch);
    Ok(Piece {
        file,
        ends,
        line: columns.numbers::<Int64Type>()?,
        source: columns.pair::<UInt64Type>()?,
        target: columns.pair::<UInt64Type>()?,
        sides: columns.pair::<UInt8Type>()?,
        ports: columns.pair::<Int32Type>()?,
        protocol: columns.numbers::<Int32Type>()?,
        packets: columns.numbers::<Int64Type>()?,
        bytes: columns.numbers::<Int64Type>()?,
        start: columns.numbers::<Int64Type>()?,
        end: columns.numbers::<Int64Type>()?,
        is_accepted: {
            let accepted = columns.flags()?;
            (accepted.values().clone(), accepted.nulls().cloned())
        },
        flags: columns.numbers::<UInt8Type>()?,
        outwards: columns.numbers::<Int8Type>()?,
        is_between: columns.flags()?.values().clone(),
        interface: columns.texts::<types::Utf8Type>()?,
        account: columns.texts::<types::Utf8Type>()?,
        at_interface: columns.texts::<types::BinaryType>()?,
    })
}

/// Conversations; see `beholden.scan.traffic.conversations`.
#[pyclass(module = "beholden._native")]
pub struct Talks {
    talks: talks::Talks,
}

type Question<'py> = (usize, i32, bool, Option<String>, Bound<'py, PyBytes>);
type Aside = Vec<(i32, [i64; REASONS])>;

#[pymethods]
impl Talks {
    #[new]
    fn new(py: Python<'_>, pieces: Vec<(i32, i32, PyArrowType<RecordBatch>)>) -> PyResult<Self> {
        let pieces: PyResult<Vec<Piece>> = pieces
            .iter()
            .map(|(file, ends, batch)| piece(*file, *ends, &batch.0))
            .collect();
        let pieces = pieces?;
        Ok(Self {
            talks: py.detach(|| talks::Talks::join(pieces)),
        })
    }

    fn asked<'py>(&self, py: Python<'py>) -> Vec<Question<'py>> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.talks
            .asked()
            .map(|asked| {
                (
                    asked.talk,
                    asked.file,
                    asked.is_forward,
                    asked.interface.map(text),
                    PyBytes::new(py, asked.pair),
                )
            })
            .collect()
    }

    fn answer(&mut self, talk: usize, is_a_ours: bool) {
        self.talks.answer(talk, is_a_ours);
    }

    fn judge<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyList>, Aside)> {
        let (columns, aside) = py.detach(|| {
            let (contacts, aside) = self.talks.judge();
            (self.columns(contacts), aside.into_iter().collect())
        });
        Ok((to_python(py, &columns)?, aside))
    }
}

impl Talks {
    fn columns(&self, contacts: Contacts) -> Vec<ArrayRef> {
        let mut lines =
            ListBuilder::with_capacity(Int64Builder::with_capacity(contacts.lines.len()), contacts.file.len());
        let mut from = 0;
        for &end in &contacts.line_ends {
            let end = end as usize;
            lines.values().append_slice(&contacts.lines[from..end]);
            lines.append(true);
            from = end;
        }
        let (mut interface, mut account) = (StringBuilder::new(), StringBuilder::new());
        for &said_by in &contacts.said_by {
            let (of, by) = self.talks.said(said_by);
            interface.append_option(of.map(String::from_utf8_lossy));
            account.append_option(by.map(String::from_utf8_lossy));
        }
        let mut protocol = StringBuilder::new();
        for &number in &contacts.protocol {
            protocol.append_option((number >= 0).then(|| number.to_string()));
        }
        vec![
            Arc::new(Int32Array::from(contacts.file)),
            Arc::new(Int32Array::from(contacts.ends)),
            Arc::new(lines.finish()),
            high(contacts.remote.iter().copied()),
            low(contacts.remote.iter().copied()),
            high(contacts.own.iter().copied()),
            low(contacts.own.iter().copied()),
            Arc::new(UInt8Array::from(contacts.verdict)),
            Arc::new(Int64Array::from(contacts.start)),
            Arc::new(Int64Array::from(contacts.end)),
            Arc::new(Int64Array::from(contacts.count)),
            Arc::new(Int64Array::from(contacts.first_bytes)),
            Arc::new(Int64Array::from(contacts.second_bytes)),
            Arc::new(Int32Array::from(contacts.port)),
            Arc::new(protocol.finish()),
            Arc::new(account.finish()),
            Arc::new(interface.finish()),
        ]
    }
}

fn high(addresses: impl Iterator<Item = u128>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(
        addresses.map(|address| (address >> 64) as u64),
    ))
}

fn low(addresses: impl Iterator<Item = u128>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(addresses.map(|address| address as u64)))
}

fn to_python<'py>(py: Python<'py>, columns: &[ArrayRef]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for column in columns {
        list.append(column.to_data().to_pyarrow(py)?)?;
    }
    Ok(list)
}

/// Sums of contacts; see `beholden.scan.traffic.sums`.
#[pyclass(module = "beholden._native")]
#[derive(Default)]
pub struct Sums {
    sums: sums::Sums,
    texts: Texts,
}

#[pymethods]
impl Sums {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn add(&mut self, py: Python<'_>, contacts: PyArrowType<RecordBatch>) -> PyResult<()> {
        py.detach(|| self.add_all(&contacts.0))
    }

    fn columns<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyList>, Bound<'py, PyList>)> {
        let sums = &self.sums;
        let [by_day, by_host, by_value] =
            py.detach(|| [&sums.by_day, &sums.by_host, &sums.by_value].map(|groups| self.columns_of(groups)));
        Ok((
            to_python(py, &by_day)?,
            to_python(py, &by_host)?,
            to_python(py, &by_value)?,
        ))
    }
}

/// What a row of a batch says of itself.
struct Printed<'a> {
    row: usize,
    said: Vec<&'a LargeStringArray>,
    texts: &'a mut Texts,
}

impl Said for Printed<'_> {
    fn texts(&mut self) -> [u32; TEXTS] {
        std::array::from_fn(|nth| {
            let column = self.said[nth];
            let text = column.is_valid(self.row).then(|| column.value(self.row));
            self.texts.number(text)
        })
    }

    fn precede(&self, some: &[u32; TEXTS], others: &[u32; TEXTS]) -> bool {
        self.texts.precede(some, others)
    }
}

impl Sums {
    fn add_all(&mut self, batch: &RecordBatch) -> PyResult<()> {
        let mut columns = Columns::of(batch);
        let file = columns.numbers::<Int32Type>()?;
        let ends = columns.numbers::<Int32Type>()?;
        let verdict = columns.numbers::<UInt8Type>()?;
        let kind = columns.numbers::<Int8Type>()?;
        let [class, network] = columns.pair::<Int64Type>()?;
        let remote = columns.pair::<UInt64Type>()?;
        let own = columns.pair::<UInt64Type>()?;
        let [start, end] = columns.pair::<Int64Type>()?;
        let count = columns.numbers::<Int64Type>()?;
        let bytes = columns.pair::<Int64Type>()?;
        let port = columns.numbers::<Int32Type>()?;
        let lines: &LargeListArray = columns.take(|column| column.as_list_opt())?;
        let line: ScalarBuffer<i64> = lines
            .values()
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| PyTypeError::new_err("lines are int64"))?
            .values()
            .clone();
        let mut said: Vec<&LargeStringArray> = Vec::with_capacity(TEXTS);
        for _ in 0..TEXTS {
            said.push(columns.take(|column| column.as_string_opt())?);
        }
        let address =
            |halves: &[ScalarBuffer<u64>; 2], row: usize| u128::from(halves[0][row]) << 64 | u128::from(halves[1][row]);
        let offsets = lines.value_offsets();
        let mut places = Vec::new();
        let mut of_row = Printed {
            row: 0,
            said,
            texts: &mut self.texts,
        };
        for row in 0..batch.num_rows() {
            let lines = line.get(offsets[row] as usize..offsets[row + 1] as usize);
            places.clear();
            let in_file = i64::from(file[row]) << PLACE_BITS;
            places.extend(lines.unwrap_or_default().iter().map(|line| in_file + line));
            let contact = Contact {
                class: Class {
                    ends: ends[row],
                    verdict: verdict[row],
                    kind: kind[row],
                    class: class[row],
                },
                network: network[row],
                remote: address(&remote, row),
                own: address(&own, row),
                start: start[row],
                end: end[row],
                count: count[row],
                bytes: [bytes[0][row], bytes[1][row]],
                port: port[row],
                places: &places,
            };
            of_row.row = row;
            self.sums.add(&contact, &mut of_row);
        }
        Ok(())
    }

    /// In the order of `beholden.scan.traffic.sums._GIVEN`.
    fn columns_of(&self, groups: &Groups) -> Vec<ArrayRef> {
        let rows = groups.rows();
        let whole = |of: fn(&Row) -> i64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(rows.iter().map(of))) };
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.class.ends))),
            Arc::new(UInt8Array::from_iter_values(rows.iter().map(|row| row.class.verdict))),
            Arc::new(Int8Array::from_iter_values(rows.iter().map(|row| row.class.kind))),
            whole(|row| row.class.class),
            whole(|row| match row.rest {
                Rest::Day(network, _) | Rest::Value(network, _) => network,
                Rest::Host(_) => -1,
            }),
            whole(|row| if let Rest::Day(_, day) = row.rest { day } else { 0 }),
        ];
        let address = |row: &Row| match row.rest {
            Rest::Host(address) | Rest::Value(_, address) => address,
            Rest::Day(..) => 0,
        };
        columns.push(high(rows.iter().map(address)));
        columns.push(low(rows.iter().map(address)));
        columns.push(whole(|row| row.count));
        columns.push(whole(|row| row.start));
        columns.push(whole(|row| row.end));
        let mut places = ListBuilder::new(Int64Builder::new());
        let mut ports = ListBuilder::new(Int32Builder::new());
        for row in rows.iter() {
            places.values().append_slice(row.places.get());
            places.append(true);
            ports.values().append_slice(row.ports.get());
            ports.append(true);
        }
        columns.push(Arc::new(places.finish()));
        columns.push(whole(|row| row.bytes[0]));
        columns.push(whole(|row| row.bytes[1]));
        for nth in 0..TEXTS {
            let mut texts = StringBuilder::new();
            for row in rows.iter() {
                texts.append_option(self.texts.get(row.texts[nth]));
            }
            columns.push(Arc::new(texts.finish()));
        }
        columns.push(Arc::new(ports.finish()));
        columns
    }
}
