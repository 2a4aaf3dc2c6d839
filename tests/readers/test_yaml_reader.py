"""YAML text as values with lines, and the bytes that it comes from."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc
from cnncalc import DefinitionError, UsageError
from cnncalc.definition.scalars import Scalar
from cnncalc.loading import definition
from cnncalc.readers.source import Source
from cnncalc.readers.yaml import read
from cnncalc.readers.yaml_nodes import MOST_REPEATED, compose

TINY = "name: tiny\ninput: [3, 32, 32]\nlayers:\n  - relu\n"

# Decimal integers and decimals are numbers; whatever else YAML 1.1 takes for one is text.
SCALARS = {
    "3": 3,
    "+3": 3,
    "-3": -3,
    "0": 0,
    "-0": 0,
    "1.5": Fraction(3, 2),
    "0.1": Fraction(1, 10),  # exactly, as no double has it
    ".5": Fraction(1, 2),
    "-2.50": Fraction(-5, 2),
    "3.0": Fraction(3),
    "9" * 100: 10**100 - 1,
    "9" * 101: "9" * 101,
    "010": "010",
    "00": "00",
    "01.5": "01.5",
    "0x10": "0x10",
    "0o17": "0o17",
    "0b11": "0b11",
    "1_000": "1_000",
    "1e9": "1e9",
    "1.5e3": "1.5e3",
    "1:30": "1:30",
    "1:30:00.5": "1:30:00.5",
    ".nan": ".nan",
    ".inf": ".inf",
    "-.inf": "-.inf",
    "nan": "nan",
    ".": ".",
    "-": "-",
    "--1": "--1",
    "1.2.3": "1.2.3",
    "1,000": "1,000",
    "٣": "٣",
    "²": "²",
    "2001-01-01": "2001-01-01",
    "2001-01-01 10:00:00": "2001-01-01 10:00:00",
    "true": True,
    "True": True,
    "TRUE": True,
    "yes": True,
    "On": True,
    "false": False,
    "no": False,
    "OFF": False,
    "y": "y",
    "n": "n",
    "t": "t",
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "none": "none",
    "relu": "relu",
    "<<": "<<",
    "=": "=",
}


@pytest.mark.parametrize("text", SCALARS)
def test_plain_scalar(text):
    found = Scalar(text, True, 1).value
    assert found == SCALARS[text]
    assert type(found) is type(SCALARS[text])


@pytest.mark.parametrize("text", SCALARS)
def test_quoted_scalar_is_text(text):
    assert Scalar(text, False, 1).value == text


def refusal(content, path="it.yaml", **named):
    if isinstance(content, str):
        content = content.encode()
    with pytest.raises(DefinitionError) as caught:
        read(Source(path, given=content, **named))
    return str(caught.value)


class TestBytes:
    def test_byte_order_mark(self):
        assert read(Source("it.yaml", given=b"\xef\xbb\xbf" + TINY.encode())).name == "tiny"

    def test_lines_of_windows(self):
        text = TINY.replace("\n", "\r\n") + "  - {name: a, typ: relu}\r\n"
        assert refusal(text).startswith("it.yaml:5: a layer needs a type")

    def test_lines_of_long_ago(self):
        assert read(Source("it.yaml", given=TINY.replace("\n", "\r").encode())).name == "tiny"

    @pytest.mark.parametrize("encoding, byte", [("utf-16", "ff"), ("utf-32", "ff")])
    def test_other_encodings(self, encoding, byte):
        expected = f"it.yaml:1: not UTF-8: byte 0x{byte}; save the file as UTF-8"
        assert refusal(TINY.encode(encoding)) == expected

    def test_utf_16_without_a_mark_has_nul_bytes(self):
        found = refusal(TINY.encode("utf-16-le"))
        assert found.startswith("it.yaml:1: not readable as YAML")

    def test_line_of_a_byte_that_is_not_utf_8(self):
        assert refusal(TINY.encode() + b"# caf\xe9\n").startswith("it.yaml:5: not UTF-8: byte 0xe9")

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"# nothing\n", b"---\n", b"\xef\xbb\xbf"])
    def test_empty(self, content):
        expected = "it.yaml: the file is empty; a definition needs input, layers"
        assert refusal(content) == expected

    def test_largest(self):
        source = Source("it.yaml", given=b"a: 1\n" * 100)
        assert len(source.content(largest=500)) == 500
        with pytest.raises(DefinitionError, match=r"it.yaml: is larger than 0 MB"):
            source.content(largest=499)

    def test_half_a_surrogate_pair_in_a_text(self):
        with pytest.raises(DefinitionError, match="<text>:2: not UTF-8"):
            cnncalc.loads("name: tiny\ninput: \ud800\n")

    def test_line_of_a_control_character_behind_letters_of_several_bytes(self):
        assert refusal("# äöü×\n# 卷积\nname: \x01\n").startswith("it.yaml:3: not readable as YAML")


class TestLines:
    TEXT = """\
name: lines
input:
  - 3
  - 32
args:
  width: 8
layers:
  - name: conv1
    type:
      conv
    kernel_size:
      - 3
      - 3
    out_channels: $width
  -
    type: relu
  - {type: relu,
     from:
       conv1}
  - &again {type: relu}
  - *again
"""

    @pytest.fixture
    def read(self):
        return read(Source("it.yaml", given=self.TEXT.encode()))

    def test_a_value_has_its_key_s_line(self, read):
        conv = read.layers[0]
        assert (read.input.line, read.args["width"].line) == (2, 6)
        assert (conv.line, conv.name.line, conv.type.line) == (8, 8, 9)
        assert conv.attributes["kernel_size"].line == 11
        assert conv.attributes["out_channels"].line == 14

    def test_a_layer_has_the_line_that_it_begins_on(self, read):
        assert [layer.line for layer in read.layers] == [8, 16, 17, 20, 21]
        assert read.layers[2].sources[0].line == 18

    def test_an_alias_has_its_own_line(self, read):
        assert (read.layers[4].line, read.layers[4].type.line) == (21, 21)

    def test_a_layer_that_cannot_be_is_on_its_alias_s_line(self):
        text = TINY + "  - &pool {type: max_pool, kernel_size: 8}\n  - relu\n  - *pool\n"
        with pytest.raises(cnncalc.ShapeError) as caught:
            cnncalc.analyze(cnncalc.loads(text))
        assert (caught.value.line, caught.value.layer) == (7, "max_pool2")


class TestAliases:
    def test_what_an_alias_repeats_is_counted(self):
        within = f"a: &a [{', '.join('1' * 999)}]\nb: [{', '.join(['*a'] * 200)}]\n"
        root = compose(within, "it.yaml")
        assert len(root.items["b"][1].items) == 200  # 200 · 1,000 values are the most
        assert MOST_REPEATED == 200 * 1000
        with pytest.raises(DefinitionError, match=r"it.yaml:3: aliases repeat more than 200,000"):
            compose(within + "c: *a\n", "it.yaml")

    def test_an_alias_of_aliases_counts_all_that_it_stands_for(self):
        lines = ["a0: &a0 [1, 1]"]
        lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
        with pytest.raises(DefinitionError) as caught:
            compose("\n".join(lines), "it.yaml")
        assert caught.value.line < 20

    def test_an_anchor_may_be_given_again(self):
        root = compose("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "it.yaml")
        assert [root.items[key][1].value for key in "abcd"] == [1, 1, 2, 2]


class TestDepth:
    @pytest.mark.parametrize("opening, closing", ["[]", ("{a: ", "}"), ("- ", "")])
    def test_bound(self, opening, closing):
        within = opening * 20 + "1" + closing * 20
        assert compose(within, "it.yaml") is not None
        with pytest.raises(DefinitionError, match=r"it.yaml:1: nested deeper than 20 levels"):
            compose(opening + within + closing, "it.yaml")

    def test_no_value_is_deeper_than_a_list_of_lists(self):
        layer = "  - {type: relu, inplace: [[[1]]]}\n"
        assert refusal(TINY + layer) == "it.yaml:5: 'inplace' takes a value or a list of values"


class TestFiles:
    def test_path_like(self, tmp_path):
        path = tmp_path / "net.yaml"
        path.write_text(TINY)
        assert cnncalc.load(path).name == "tiny"

    def test_missing(self, tmp_path):
        with pytest.raises(UsageError, match="no network or file is named"):
            cnncalc.load(tmp_path / "nothing.yaml")

    def test_folder(self, tmp_path):
        with pytest.raises(DefinitionError, match="is a folder; give a file in it"):
            cnncalc.load(tmp_path)

    def test_a_name_that_no_file_can_have(self):
        with pytest.raises(UsageError, match="no network or file is named"):
            cnncalc.load("a\0b")

    @pytest.mark.parametrize("folder", ["", "sub/"])
    def test_includes_are_relative_to_their_file(self, tmp_path, monkeypatch, folder):
        (tmp_path / folder / "parts").mkdir(parents=True)
        (tmp_path / folder / "parts/a.yaml").write_text("include: [b.yaml]\n")
        (tmp_path / folder / "parts/b.yaml").write_text("blocks: {b: {layers: [relu]}}\n")
        net = TINY.replace("relu", "b") + "include: [parts/a.yaml]\n"
        (tmp_path / folder / "net.yaml").write_text(net)
        monkeypatch.chdir(tmp_path)
        assert [node.name for node in cnncalc.load(f"{folder}net.yaml").nodes] == ["b1.relu1"]
        assert cnncalc.load(tmp_path / folder / "net.yaml").nodes[0].path.endswith("parts/b.yaml")

    def test_includes_of_a_text_are_relative_to_the_working_directory(self, tmp_path, monkeypatch):
        (tmp_path / "b.yaml").write_text("blocks: {b: {layers: [relu]}}\n")
        monkeypatch.chdir(tmp_path)
        text = TINY.replace("relu", "b") + "include: b.yaml\n"
        assert cnncalc.loads(text).nodes[0].name == "b1.relu1"

    def test_one_file_included_by_two_ways_is_one(self, tmp_path):
        (tmp_path / "b.yaml").write_text("blocks: {b: {layers: [relu]}}\n")
        net = TINY.replace("relu", "b") + "include: [b.yaml, ./b.yaml, .//b.yaml]\n"
        (tmp_path / "net.yaml").write_text(net)
        assert len(cnncalc.load(tmp_path / "net.yaml").nodes) == 1

    def test_an_included_file_that_is_no_text(self, tmp_path):
        (tmp_path / "b.yaml").write_bytes(b"blocks:\n  \xff: 1\n")
        (tmp_path / "net.yaml").write_text(TINY + "include: b.yaml\n")
        with pytest.raises(DefinitionError) as caught:
            cnncalc.load(tmp_path / "net.yaml")
        assert (Path(caught.value.path).name, caught.value.line) == ("b.yaml", 2)

    def test_a_circle_through_another_spelling(self, tmp_path):
        (tmp_path / "sub").mkdir()
        (tmp_path / "net.yaml").write_text(TINY + "include: sub/a.yaml\n")
        (tmp_path / "sub/a.yaml").write_text("include: ./b.yaml\n")
        (tmp_path / "sub/b.yaml").write_text("include: .//a.yaml\n")
        with pytest.raises(DefinitionError, match="goes in a circle"):
            cnncalc.load(tmp_path / "net.yaml")


def test_definition_keeps_what_the_file_says(tmp_path):
    text = (
        "name: tiny\ndescription: |\n  two\n  lines\nsource: 7\ninput: [3, 8, 8]\n"
        "budgets: {params: 100, macs: 1.5}\nlayers:\n  - relu\n"
    )
    (tmp_path / "it.yaml").write_text(text)
    read = definition(str(tmp_path / "it.yaml"))
    assert (read.name, read.description, read.source) == ("tiny", "two lines", "7")
    assert read.budgets["params"].value == 100
    assert (read.budgets["macs"].value, read.budgets["macs"].line) == (Fraction(3, 2), 7)
    assert read.text == text
