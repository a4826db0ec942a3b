"""Iran, North Korea, and Syria Nonproliferation Act: determinations of 2026."""
