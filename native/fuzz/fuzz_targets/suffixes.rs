//! Any host names among any watched names: the answers are those of a comparison with every one of them.
#![no_main]

use _native::column::Bytes;
use _native::suffixes::{NO_SUFFIX, SuffixSet};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_schema::DataType;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<Vec<u8>>, Vec<Vec<u8>>)| {
    let (mut watched, mut hosts) = input;
    for name in &mut watched {
        name.make_ascii_lowercase();
    }
    for name in &watched {
        hosts.push([b"x.", name.as_slice()].concat());
        hosts.push(name.to_ascii_uppercase());
    }
    let set = SuffixSet::new(&column(&watched)).expect("a column that is whole");
    let found = set.find_all(&column(&hosts)).expect("a column that is whole");
    for (host, found) in hosts.iter().zip(found) {
        assert_eq!(found, expected(&watched, host), "{host:?}");
        assert_eq!(set.find(host), found);
    }
});

fn expected(watched: &[Vec<u8>], host: &[u8]) -> i32 {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(b".").unwrap_or(&host);
    for begin in 0..host.len() {
        if begin == 0 || host[begin - 1] == b'.' {
            if let Some(position) = watched.iter().position(|name| name == &host[begin..]) {
                return i32::try_from(position).expect("few names");
            }
        }
    }
    NO_SUFFIX
}

fn column(names: &[Vec<u8>]) -> Bytes {
    let mut ends = vec![0_i32];
    for name in names {
        ends.push(ends[ends.len() - 1] + i32::try_from(name.len()).expect("short names"));
    }
    let data = ArrayData::builder(DataType::Binary)
        .len(names.len())
        .add_buffer(Buffer::from_vec(ends))
        .add_buffer(Buffer::from_vec(names.concat()))
        .build()
        .expect("a column that is whole");
    Bytes::new(data).expect("bytes")
}
