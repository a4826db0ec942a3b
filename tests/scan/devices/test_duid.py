from __future__ import annotations

import pytest

from beholden.scan.devices.duid import NotADuidError, mac_of

MAC = "00:53:00:0a:0b:0c"


@pytest.mark.parametrize(
    ("duid", "expected"),
    [
        pytest.param("00:01:00:01:2b:3c:4d:5e:00:53:00:0a:0b:0c", MAC, id="link-layer address and time"),
        pytest.param("00-03-00-01-00-53-00-0A-0B-0C", MAC, id="link-layer address, dashes"),
        pytest.param("00030001" + "0053000a0b0c", MAC, id="bare digits"),
        pytest.param("00:03:00:06:00:53:00:0a:0b:0c", MAC, id="IEEE 802"),
        pytest.param("00:03:00:20:00:53:00:0a:0b:0c", None, id="another link type"),
        pytest.param("00:01:00:01:2b:3c:4d:5e:00:53:00:0a:0b", None, id="address cut off"),
        pytest.param("00:02:00:00:ab:11:00:53:00:0a:0b:0c", None, id="enterprise number: bytes are no address"),
        pytest.param("00:04" + ":53" * 16, None, id="UUID"),
        pytest.param("00:01", None, id="type alone"),
    ],
)
def test_the_hardware_address_of_a_duid(duid: str, expected: str | None) -> None:
    assert mac_of(duid) == expected


@pytest.mark.parametrize("text", ["", "*", "camera", "00:1", "00:01:" * 200])
def test_what_is_no_row_of_bytes_is_an_error(text: str) -> None:
    with pytest.raises(NotADuidError):
        mac_of(text)
