"""Section 889 of the NDAA for fiscal year 2019: named companies."""
