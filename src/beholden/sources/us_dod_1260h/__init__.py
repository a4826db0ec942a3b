"""US Department of Defense, section 1260H list: its editions since 2021."""
