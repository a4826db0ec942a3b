//! Native kernels of beholden: the inner loops that would be slow in Python.
//!
//! Every kernel is plain Rust over bytes and Arrow columns, knows nothing of Python, and has a reference in
//! `src/beholden/scan/kernel/` that gives the same rows. Only `python` knows PyO3. Input is hostile: a kernel
//! answers for any bytes, and holds no more memory than it says.

pub mod address;
pub mod coded;
pub mod column;
pub mod flow;
pub mod level;
pub mod lines;
pub mod number;
pub mod pages;
pub mod ranges;
pub mod records;
pub mod sides;
pub mod stretch;
pub mod suffixes;
pub mod sums;
pub mod talks;
pub mod vpc;
pub mod whole;
pub mod words;
pub mod zeek;

#[cfg(feature = "python")]
mod python;
