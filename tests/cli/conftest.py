"""A small folder of an organisation, and a home of its own for tests that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

LEDGER = """date,vendor,amount,currency
2026-05-20,"Hangzhou Hikvision Digital Technology Co., Ltd.",1200.00,USD
2026-05-21,Harmless Example Limited,30.00,USD
"""
GO_MOD = "module example.com/shop\n\nrequire github.com/aliyun/credentials-go v1.4.5\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger that pays a listed party and a module that uses a vendor's client."""
    place = tmp_path / "input"
    place.mkdir()
    (place / "payments.csv").write_text(LEDGER, encoding="utf-8")
    (place / "go.mod").write_text(GO_MOD, encoding="utf-8")
    return place


@pytest.fixture
def own_last_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that no other test writes to; the base is compiled into it anew."""
    home = tmp_path / "home"
    monkeypatch.setenv("BEHOLDEN_HOME", str(home))
    return home
