"""`python -m beholden`."""

from __future__ import annotations

from beholden.cli import main

if __name__ == "__main__":
    main()
