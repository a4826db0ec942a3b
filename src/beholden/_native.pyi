"""Types of the optional native core, `native/` (ADR 17); `beholden.scan.kernel` decides whether it runs."""

__version__: str
