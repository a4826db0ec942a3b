"""Section 154 of the NDAA for fiscal year 2024: named companies."""
