"""Section 1286 of the NDAA for fiscal year 2019: foreign institutions."""
