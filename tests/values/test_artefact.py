from __future__ import annotations

import pytest

from beholden.schema.vocabulary import Kind
from beholden.values.artefact import recognise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2001:DB8::1", (Kind.IP, "2001:db8::1")),
        ("as45102", (Kind.ASN, "AS45102")),
        ("4419b6010203", (Kind.MAC, "44:19:b6:01:02:03")),
        ("44:19:b6", (Kind.MAC, "44:19:b6:00:00:00")),
        ("pkg:pypi/Dashscope@1.2", (Kind.PURL, "pkg:pypi/dashscope")),
        ("pkg:huggingface/Qwen/Qwen2-7B@abc", (Kind.MODEL, "qwen/qwen2-7b")),
        ("deepseek-ai/DeepSeek-R1", (Kind.MODEL, "deepseek-ai/deepseek-r1")),
        ("https://oss.example.com/a?b", (Kind.DOMAIN, "oss.example.com")),
        ("8.8.8.8/24", None),
        ("Huawei", None),
    ],
)
def test_what_a_value_on_the_command_line_is(text: str, expected: tuple[Kind, str] | None) -> None:
    assert recognise(text) == expected
