"""Protobuf text format: what its values are, where they stand, how far it is followed."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.readers.caffe import prototxt
from cnncalc.readers.caffe.prototxt import parse


def test_text_format():
    message = parse(
        r"""a: 1 a: [2, 0x10, 010] b { c: "x" 'y' } b < c: "\x41\101\n\"" > ;  d: -1.5e-2f, e: [{}]
        # a comment { with signs
        f: true g: MAX h : "" """,
        "x",
    )
    assert message.wholes("a") == [1, 2, 16, 8]
    assert [inner.text("c") for inner in message.messages("b")] == ["xy", 'AA\n"']
    assert message.number("d") * 200 == -3
    assert len(message.messages("e")) == 1
    assert message.flag("f", False) and message.choice("g", ("AVE", "MAX")) == "MAX"
    assert (message.text("h"), message.whole("i", 7), message.line) == ("", 7, 1)
    assert [value.line for value in message.fields["f"]] == [3]


@pytest.mark.parametrize("text", ["a: inf", "a: nan", "a: 1e999999999", "a: 0x10", 'a: "1"'])
def test_numbers_that_are_none(text):
    with pytest.raises(cnncalc.DefinitionError, match="a must be a number"):
        parse(text, "x").number("a")


def test_fields_are_bounded(monkeypatch):
    monkeypatch.setattr(prototxt, "MOST_FIELDS", 1000)
    assert len(parse("a:[" + "1," * 1000 + "]", "x").wholes("a")) == 1000
    with pytest.raises(cnncalc.DefinitionError, match="more than 1,000 fields"):
        parse("a:[" + "1," * 1001 + "]", "x")


def test_nesting_is_bounded():
    assert parse("a { " * 50 + "}" * 50, "x")
    with pytest.raises(cnncalc.DefinitionError, match="nested deeper than 50 levels"):
        parse("a { " * 51 + "}" * 51, "x")


@pytest.mark.parametrize(
    "text, told",
    [
        ("a: " + "1" * 200_000 + "x", "'1' cannot stand here"),
        ("a: 1e" + "1" * 200_000 + "x", "'1' cannot stand here"),
        ('a: "' + r"\a" * 200_000, "a string without an end cannot stand here"),
    ],
)
def test_long_tokens_are_read_once(text, told):
    with pytest.raises(cnncalc.DefinitionError) as caught:
        parse(text, "x")
    assert caught.value.message == f"not readable as prototxt: {told}"
