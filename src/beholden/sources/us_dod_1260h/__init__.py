"""US Department of Defense, section 1260H list: its editions since 2021, and notices of the Federal Register."""
