"""The public Python interface; the docstrings are the reference."""

from __future__ import annotations

import pkgutil

import beholden.schema
from beholden import plugin

_PLUGIN = """# Python: beholden.plugin

"""
_SCHEMA = """# Python: beholden.schema

Tables, batches and documents: the contract between the stages, and with other programs. Modules that are not on this
page or under [beholden.plugin](python-plugin.md) may change in any release.

"""


def pages() -> dict[str, str]:
    """One page for plugin authors, one for the schema."""
    modules = sorted(module.name for module in pkgutil.iter_modules(beholden.schema.__path__))
    members = "".join(f"        - {name}\n" for name in plugin.__all__)
    return {
        "reference/python-plugin.md": f"{_PLUGIN}::: beholden.plugin\n    options:\n      members:\n{members}",
        "reference/python-schema.md": _SCHEMA
        + "".join(f"## {name}\n\n::: beholden.schema.{name}\n\n" for name in modules),
    }
