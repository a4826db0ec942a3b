"""Section 5949 of the NDAA for fiscal year 2023: named companies."""
