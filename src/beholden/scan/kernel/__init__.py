"""Inner loops over columns, in two engines that give the same rows: native Rust, and the Python reference.

`beholden.engine` says which of them runs. Each kernel is one module here, with its reference, and one in `native/src`.
"""
