//! Columns whose offsets, views and validity say anything: every row is a value within the buffers, or an error.
#![no_main]

use _native::column::Bytes;
use arbitrary::Arbitrary;
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_schema::DataType;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Column {
    layout: Layout,
    offset: u8,
    len: u8,
    validity: Option<Vec<u8>>,
    values: Vec<Vec<u8>>,
}

#[derive(Arbitrary, Debug)]
enum Layout {
    Text(Vec<i32>),
    LargeText(Vec<i64>),
    Views(Vec<u128>),
    Fixed(i8),
    Numbers,
}

fuzz_target!(|column: Column| {
    let (kind, first) = match column.layout {
        Layout::Text(ends) => (DataType::Utf8, Some(Buffer::from_vec(ends))),
        Layout::LargeText(ends) => (DataType::LargeUtf8, Some(Buffer::from_vec(ends))),
        Layout::Views(views) => (DataType::Utf8View, Some(Buffer::from_vec(views))),
        Layout::Fixed(width) => (DataType::FixedSizeBinary(i32::from(width)), None),
        Layout::Numbers => (DataType::Int64, None),
    };
    let (offset, len) = (usize::from(column.offset), usize::from(column.len));
    // A validity bitmap that is too short is what pyarrow's own check at the door refuses.
    let validity = column
        .validity
        .filter(|bits| bits.len() * 8 >= offset + len)
        .map(Buffer::from_vec);
    let values = column.values.into_iter().map(Buffer::from_vec);
    let builder = ArrayData::builder(kind)
        .offset(offset)
        .len(len)
        .null_bit_buffer(validity)
        .buffers(first.into_iter().chain(values).collect());
    // SAFETY: `Bytes` is what must answer for data that nobody has validated; nothing else reads it.
    let data = unsafe { builder.build_unchecked() };
    let Ok(bytes) = Bytes::new(data) else { return };
    let mut rows = 0;
    let mut sum = 0_u64;
    let whole = bytes.each(|value| {
        rows += 1;
        sum = value
            .unwrap_or_default()
            .iter()
            .fold(sum, |sum, byte| sum.wrapping_add(u64::from(*byte)));
    });
    assert!(rows <= bytes.len());
    assert_eq!(whole.is_ok(), rows == bytes.len());
});
