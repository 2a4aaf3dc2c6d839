"""The command line: what may be asked, where it goes, and what becomes of a wrong request."""

from __future__ import annotations

import html
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnncalc import zoo
from cnncalc.cli.application import COMMANDS, run
from cnncalc.layers import KINDS

NET = """\
name: tiny
input: [3, 32, 32]
layers:
  - {name: conv1, type: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - {name: relu1, type: relu}
  - {name: pool1, type: max_pool, kernel_size: 2}
  - {name: conv2, type: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - {name: gate, type: global_avg_pool}
  - {name: scaled, type: mul, from: [conv2, gate]}
  - {name: conv3, type: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - {name: fc, type: linear, out_features: 10}
"""
FAILING = NET.replace(
    "kernel_size: 2}", "kernel_size: 2}\n  - {name: wide, type: conv, kernel_size: 99}"
)
FAILURE = (
    "failing.yaml:7: layer 'wide': window 99 is larger than its padded input 16 on axis h; "
    "it needs an input of at least 99, not 16\n"
)
HELPED = ("", *COMMANDS, *(f"solve {name}" for name in ("padding", "input", "field", "tile")))
FIGURES = ("shape", "rf", "params", "flops", "summary")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working directory with a few definitions."""
    (tmp_path / "tiny.yaml").write_text(NET)
    (tmp_path / "failing.yaml").write_text(FAILING)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(capsys, line, status=0):
    """What a command prints; its standard error where it fails."""
    words = line if isinstance(line, list) else line.split()
    assert run(words) == status
    told = capsys.readouterr()
    return told.out if status == 0 else told.err


def table_of(text):
    """CSV without quotes as a list of dicts."""
    heading, *rows = [line.split(",") for line in text.splitlines()]
    return [dict(zip(heading, row)) for row in rows]


def column(text, name):
    return [row[name] for row in table_of(text)]


class TestNet:
    @pytest.mark.parametrize("name", ["vgg16", "VGG16", "VGG-16", "vgg_16", "Vgg.16", "v-g-g 16"])
    def test_built_in_names_in_any_spelling(self, capsys, name):
        assert command(capsys, ["rf", name, "--csv"]).count("\n") == 19

    @pytest.mark.parametrize("words", ["tiny.yaml", "./tiny.yaml", "--yaml tiny.yaml"])
    def test_a_file(self, capsys, words):
        assert column(command(capsys, f"shape {words} --csv"), "layer")[0] == "conv1"

    def test_a_file_named_as_a_built_in_network(self, capsys, folder):
        (folder / "vgg16").write_text(NET)
        assert len(table_of(command(capsys, "shape vgg16 --csv"))) > 20
        assert len(table_of(command(capsys, "shape --yaml vgg16 --csv"))) == 8
        assert len(table_of(command(capsys, "shape ./vgg16 --csv"))) == 8

    @pytest.mark.parametrize("words", ["-", "--yaml -"])
    def test_standard_input(self, capsys, monkeypatch, words):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NET.encode())))
        assert len(table_of(command(capsys, f"shape {words} --csv"))) == 8

    def test_standard_input_is_called_so_in_messages(self, capsys, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"name: a\xff\n")))
        assert command(capsys, "rf -", 1).startswith("<stdin>:1: not UTF-8")

    @pytest.mark.parametrize(
        "name, hint",
        [
            ("vgg17", "did you mean vgg19 or vgg16 or vgg13?"),
            ("resnet-5O", "resnet50"),
            ("tiny.yml", "no network or file is named 'tiny.yml'"),
            ("qqqqqqqq", "did you mean "),
            ("", "no network or file is named ''"),
            ("no/such/file.yaml", "no network or file is named"),
            ("a\nb", r"no network or file is named 'a\nb'"),
            ("\udcff", r"no network or file is named '\udcff'"),
        ],
    )
    def test_no_such_network(self, capsys, name, hint):
        told = command(capsys, ["rf", name], 2)
        assert hint in told
        assert told.count("\n") == 1

    def test_no_such_yaml_file(self, capsys):
        assert command(capsys, "rf --yaml vgg16", 2) == "no file is named 'vgg16'\n"

    @pytest.mark.parametrize("words", ["rf", "rf tiny.yaml --yaml tiny.yaml", "rf a b"])
    def test_one_network_is_asked_of(self, capsys, words):
        assert "Usage: cnncalc rf" in command(capsys, words, 2)

    def test_a_folder_is_no_definition(self, capsys):
        assert command(capsys, "rf .", 1) == ".: is a folder; give a file in it\n"


class TestInput:
    @pytest.mark.parametrize(
        "shape, expected",
        [
            ("3x320x320", ("320", "320")),
            ("320x480", ("320", "480")),
            ("320", ("320", "320")),
            ("3X320X320", ("320", "320")),
            ("3×320×480", ("320", "480")),
            ("?", ("", "")),
            ("64x?", ("64", "")),
        ],
    )
    def test_forms(self, capsys, shape, expected):
        first = table_of(command(capsys, f"shape tiny.yaml --csv --input {shape}"))[0]
        assert (first["out_h"], first["out_w"]) == expected

    def test_channels_change_parameters(self, capsys):
        assert column(command(capsys, "params tiny.yaml --csv"), "params")[0] == "224"
        told = command(capsys, "params tiny.yaml --csv --input 1x32x32")
        assert column(told, "params")[0] == str(8 * 9 + 8)

    def test_one_axis_takes_one_or_two_numbers(self, capsys, folder):
        (folder / "one.yaml").write_text("name: one\ninput: [2, 8]\nlayers: [relu]\n")
        for shape in ("16", "2x16"):
            told = command(capsys, f"shape one.yaml --csv --input {shape}")
            assert column(told, "out_l") == ["16"]
        told = command(capsys, "shape one.yaml --input 2x16x16", 2)
        assert told == (
            "input '2x16x16' does not fit a network of 1 axis; "
            "give 2 numbers (channels and axes), or 1 (the axis)\n"
        )

    @pytest.mark.parametrize(
        "shape", ["0", "3x0x32", "-1", "3x", "x", "a", "3,32,32", "1e3", "3.5", "1" * 25, "٣", " "]
    )
    def test_refused(self, capsys, shape):
        told = command(capsys, ["shape", "tiny.yaml", f"--input={shape}"], 2)
        assert "Invalid value for '--input'" in told

    @pytest.mark.parametrize("shape", ["1x2x3x4", "1x2x3x4x5"])
    def test_of_other_axes(self, capsys, shape):
        assert "does not fit a network of" in command(capsys, f"rf tiny.yaml --input {shape}", 2)


class TestBatch:
    def test_scales_costs_and_not_parameters(self, capsys):
        one = table_of(command(capsys, "summary tiny.yaml --csv"))
        many = table_of(command(capsys, "summary tiny.yaml --csv --batch 4"))
        for a, b in zip(one, many):
            for name in ("macs", "flops", "activations"):
                assert int(b[name]) == 4 * int(a[name])
            assert {**b, "macs": 0, "flops": 0, "activations": 0} == {
                **a,
                "macs": 0,
                "flops": 0,
                "activations": 0,
            }

    @pytest.mark.parametrize("batch", ["0", "-1", "1.5", "many", "1000000001"])
    def test_refused(self, capsys, batch):
        assert "Invalid value for '--batch'" in command(capsys, f"rf tiny.yaml --batch {batch}", 2)


class TestSelection:
    def test_all_shows_every_layer(self, capsys):
        shown = {
            "rf": ["conv1", "pool1", "conv2", "gate", "scaled", "conv3"],
            "params": ["conv1", "conv2", "conv3", "fc"],
            "flops": ["conv1", "conv2", "conv3", "fc"],
        }
        every = ["conv1", "relu1", "pool1", "conv2", "gate", "scaled", "conv3", "fc"]
        for name in FIGURES:
            told = command(capsys, f"{name} tiny.yaml --csv")
            assert column(told, "layer") == shown.get(name, every)
            assert column(command(capsys, f"{name} tiny.yaml --csv --all"), "layer") == every

    def test_index_counts_every_layer(self, capsys):
        told = command(capsys, "rf tiny.yaml --csv")
        assert column(told, "index") == ["1", "3", "4", "5", "6", "7"]

    @pytest.mark.parametrize(
        "pattern, layers",
        [
            ("conv*", ["conv1", "conv2", "conv3"]),
            ("conv[13]", ["conv1", "conv3"]),
            ("*1", ["conv1", "relu1", "pool1"]),
            ("fc", ["fc"]),
            ("?c", ["fc"]),
        ],
    )
    def test_layers(self, capsys, pattern, layers):
        told = command(capsys, ["shape", "tiny.yaml", "--csv", "--layers", pattern])
        assert column(told, "layer") == layers

    def test_layers_of_the_command_s_rows(self, capsys):
        told = command(capsys, ["rf", "tiny.yaml", "--csv", "--layers", "*1"])
        assert column(told, "layer") == ["conv1", "pool1"]
        told = command(capsys, ["rf", "tiny.yaml", "--csv", "--layers", "relu*"])
        assert table_of(told) == []

    def test_layers_that_do_not_exist(self, capsys):
        told = command(capsys, ["shape", "tiny.yaml", "--layers", "deconv*"], 2)
        assert told == "no layer of tiny fits 'deconv*'\n"

    def test_columns(self, capsys):
        told = command(capsys, "shape tiny.yaml --csv --columns layer,rf,eff_pad_w,from,aligned")
        first = told.splitlines()[0]
        assert first == "layer,rf_h,rf_w,eff_pad_w,from,aligned"
        assert table_of(told)[5]["from"] == "conv2;gate"

    def test_columns_with_blanks(self, capsys):
        told = command(capsys, ["rf", "tiny.yaml", "--csv", "--columns", " layer , macs "])
        assert told.splitlines()[0] == "layer,macs"

    @pytest.mark.parametrize(
        "columns, told",
        [
            ("layer,rff", "no column is named 'rff'; did you mean 'rf'?"),
            ("rf_d", "no column is named 'rf_d'"),
            ("macs_h", "no column is named 'macs_h'"),
            ("", "--columns names no column"),
            (",", "--columns names no column"),
        ],
    )
    def test_wrong_columns(self, capsys, columns, told):
        assert told in command(capsys, ["rf", "tiny.yaml", f"--columns={columns}"], 2)

    def test_columns_do_not_go_with_json(self, capsys):
        told = command(capsys, "rf tiny.yaml --json --columns rf", 2)
        assert "--columns does not go with JSON, which has every key" in told


class TestFields:
    def test_from_a_layer(self, capsys):
        """Behind a 3×3 on the pooled map, rf 3 and stride 1 of it; what came before has none."""
        rows = {
            row["layer"]: row
            for row in table_of(command(capsys, "rf tiny.yaml --csv --from pool1"))
        }
        assert (rows["conv1"]["rf_h"], rows["conv1"]["eff_stride_h"]) == ("", "")
        assert (rows["pool1"]["rf_h"], rows["pool1"]["eff_stride_h"]) == ("1", "1")
        assert (rows["conv2"]["rf_h"], rows["conv2"]["eff_stride_h"]) == ("3", "1")
        assert rows["conv2"]["eff_pad_h"] == "1"

    def test_from_the_input(self, capsys):
        assert command(capsys, "rf tiny.yaml --csv --from input") == command(
            capsys, "rf tiny.yaml --csv"
        )

    def test_from_no_layer(self, capsys):
        told = command(capsys, "rf tiny.yaml --from conv9", 2)
        assert told == "tiny has no layer 'conv9'; did you mean 'conv3' or 'conv2' or 'conv1'?\n"

    def test_from_a_vector(self, capsys):
        told = command(capsys, "rf tiny.yaml --from fc", 2)
        assert told == "fields cannot be relative to 'fc': it gives a vector, not a map\n"

    def test_with_global(self, capsys):
        """Pool 2/2 and two 3×3 behind it: 2 + 2·2 = 6, 10; the gate alone sees pixels −3 … 34."""
        counted = command(capsys, "rf tiny.yaml --csv --with-global --layers [sc]*[d3]")
        assert column(counted, "rf_h") == ["38", "38"]
        assert column(counted, "eff_stride_h") == ["", ""]
        local = command(capsys, "rf tiny.yaml --csv --layers [sc]*[d3]")
        assert column(local, "rf_h") == ["8", "12"]
        assert column(local, "eff_stride_h") == ["2", "2"]

    def test_a_mark_says_that_there_is_a_gate(self, capsys):
        out = command(capsys, "rf tiny.yaml --layers [sc]*[d3]")
        assert " 12+ " in out
        assert "+ and the whole map, through " in out
        assert "+" not in command(capsys, "rf vgg16")

    def test_ignore_global_changes_nothing(self, capsys):
        plain = command(capsys, "rf tiny.yaml --csv")
        assert run(["rf", "tiny.yaml", "--csv", "--ignore-global"]) == 0
        told = capsys.readouterr()
        assert told.out == plain
        assert told.err.startswith("note: --ignore-global changes nothing")


class TestFormats:
    @pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "markdown"])
    @pytest.mark.parametrize("name", FIGURES)
    def test_short_forms(self, capsys, name, form):
        long = command(capsys, f"{name} tiny.yaml --format {form}")
        assert command(capsys, f"{name} tiny.yaml --{form}") == long
        assert command(capsys, f"{name} tiny.yaml --{form} --format {form}") == long

    def test_table_is_what_comes_without(self, capsys):
        assert command(capsys, "rf tiny.yaml") == command(capsys, "rf tiny.yaml --table")

    @pytest.mark.parametrize("words", ["--csv --json", "--format csv --json", "--table --csv"])
    def test_one_format(self, capsys, words):
        assert "do not go together" in command(capsys, f"rf tiny.yaml {words}", 2)

    def test_unknown_format(self, capsys):
        assert "Invalid value for '--format'" in command(capsys, "rf tiny.yaml --format xml", 2)

    def test_layout_is_of_tables(self, capsys):
        told = command(capsys, "params tiny.yaml --layout nhwc")
        assert "input 32×32×3" in told
        assert "3×3×3×8" in told  # kh·kw·C·O
        assert "8×3×3×3" in command(capsys, "params tiny.yaml")
        assert "16×16×8" in command(capsys, "shape tiny.yaml --markdown --layout nhwc")
        for form in ("csv", "json"):
            plain = command(capsys, f"shape tiny.yaml --{form}")
            assert command(capsys, f"shape tiny.yaml --{form} --layout nhwc") == plain


class TestOutputFile:
    CSV = "rf tiny.yaml --csv"

    def test_whole(self, capsys, folder):
        printed = command(capsys, self.CSV)
        assert command(capsys, f"{self.CSV} -o out.csv") == ""
        assert (folder / "out.csv").read_text() == printed
        assert command(capsys, f"{self.CSV} --output out.csv") == ""
        assert sorted(path.name for path in folder.iterdir()) == [
            "failing.yaml",
            "out.csv",
            "tiny.yaml",
        ]

    def test_bytes_are_utf_8_with_plain_newlines(self, capsys, folder):
        command(capsys, "rf tiny.yaml -o out.txt")
        content = (folder / "out.txt").read_bytes()
        assert "tiny · input 3×32×32".encode() in content
        assert b"\r" not in content and b"\x1b" not in content

    @pytest.mark.parametrize(
        "suffix, form",
        [("csv", "csv"), ("TSV", "tsv"), ("json", "json"), ("md", "markdown"), ("txt", "table")],
    )
    @pytest.mark.parametrize("asked", ["rf tiny.yaml", "box tiny.yaml conv2 3", "lint tiny.yaml"])
    def test_the_suffix_chooses_the_form(self, capsys, folder, asked, suffix, form):
        command(capsys, f"{asked} -o out.{suffix}")
        expected = command(capsys, f"{asked} --{form}" if form != "table" else asked)
        assert (folder / f"out.{suffix}").read_text(encoding="utf-8") == expected
        command(capsys, f"{asked} --format csv -o asked.{suffix}")
        assert (folder / f"asked.{suffix}").read_text() == command(capsys, f"{asked} --csv")

    @pytest.mark.parametrize("name", ["out", "out.dat", ".csv", "out.tex"])
    def test_any_other_name_gets_what_people_are_shown(self, capsys, folder, name):
        command(capsys, f"rf tiny.yaml -o {name}")
        expected = command(capsys, "rf tiny.yaml")
        assert (folder / name).read_text(encoding="utf-8") == expected

    @pytest.mark.parametrize(
        "asked",
        [
            *("rf tiny.yaml", "box tiny.yaml conv2 3", "explain tiny.yaml conv2", "list"),
            *("compare tiny.yaml lenet5", "check tiny.yaml --max-params 1k", "lint tiny.yaml"),
        ],
    )
    def test_pictures_and_pages_have_every_word_of_the_table(self, capsys, folder, asked):
        status = 1 if asked.startswith("check") else 0
        command(capsys, f"{asked} -o out.svg", status)
        command(capsys, f"{asked} -o out.html", status)
        picture = ElementTree.parse(folder / "out.svg")
        page = (folder / "out.html").read_text(encoding="utf-8")
        assert page.startswith("<!DOCTYPE html>") and "http" not in page.partition("<body>")[0]
        shown = "".join(text.text or "" for text in picture.iter() if text.tag.endswith("}text"))
        read = html.unescape(re.sub(r"<[^>]*>", " ", page)).split()
        form = "--text" if asked.startswith("explain") else "--markdown"
        assert run([*asked.split(), form]) == status
        words = re.findall(r"[\w×·]+", capsys.readouterr().out.replace("\\", ""))
        assert [word for word in words if word not in shown] == []
        assert [word for word in words if not any(word in one for one in read)] == []

    @pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
    def test_standard_output(self, capsys, name):
        assert command(capsys, f"{self.CSV} -o {name}") == command(capsys, self.CSV)

    def test_a_new_file_has_the_usual_permissions(self, capsys, folder):
        mask = os.umask(0o027)
        try:
            command(capsys, f"{self.CSV} -o out.csv")
        finally:
            os.umask(mask)
        assert stat.S_IMODE((folder / "out.csv").stat().st_mode) == 0o640

    def test_an_existing_file_keeps_its_permissions(self, capsys, folder):
        (folder / "out.csv").write_text("old")
        (folder / "out.csv").chmod(0o604)
        command(capsys, f"{self.CSV} -o out.csv")
        assert stat.S_IMODE((folder / "out.csv").stat().st_mode) == 0o604
        assert (folder / "out.csv").read_text().startswith("index,layer")

    def test_a_link_stays_a_link(self, capsys, folder):
        (folder / "link.csv").symlink_to("target.csv")
        for _ in range(2):
            command(capsys, f"{self.CSV} -o link.csv")
            assert (folder / "link.csv").is_symlink()
            assert (folder / "target.csv").read_text().startswith("index,layer")

    @pytest.mark.parametrize(
        "name, told",
        [
            (".", "cannot write '.': Is a directory"),
            ("no/such/out.csv", "cannot write 'no/such/out.csv': No such file or directory"),
            ("tiny.yaml/out.csv", "cannot write 'tiny.yaml/out.csv': Not a directory"),
            ("x" * 300, "File name too long"),
            ("", "cannot write ''"),
        ],
    )
    def test_not_to_be_written(self, capsys, folder, name, told):
        message = command(capsys, [*self.CSV.split(), "-o", name], 1)
        assert told in message
        assert message.count("\n") == 1
        assert len(list(folder.iterdir())) == 2

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
    def test_full_disk(self, capsys):
        told = command(capsys, f"{self.CSV} -o /dev/full", 1)
        assert told == "cannot write '/dev/full': No space left on device\n"

    def test_nothing_is_written_where_a_layer_fails(self, capsys, folder):
        (folder / "out.csv").write_text("old")
        assert run(["rf", "failing.yaml", "--csv", "-o", "out.csv"]) == 1
        told = capsys.readouterr()
        assert (told.out, told.err) == ("", FAILURE)
        assert (folder / "out.csv").read_text() == "old"

    def test_a_pipe_is_written_to(self, folder):
        os.mkfifo(folder / "pipe")
        reader = subprocess.Popen(["head", "-n", "1", "pipe"], stdout=subprocess.PIPE, text=True)
        assert run([*self.CSV.split(), "-o", "pipe"]) == 0
        assert reader.communicate(timeout=60)[0].startswith("index,layer")
        assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


class TestFailingLayer:
    @pytest.mark.parametrize("name", FIGURES)
    def test_rows_before_it_and_then_the_error(self, capsys, name):
        assert run([name, "failing.yaml", "--csv", "--all"]) == 1
        told = capsys.readouterr()
        assert column(told.out, "layer") == ["conv1", "relu1", "pool1"]
        assert told.err == FAILURE

    @pytest.mark.parametrize("form", ["table", "markdown", "tsv"])
    def test_no_totals(self, capsys, form):
        assert run(["summary", "failing.yaml", f"--{form}"]) == 1
        told = capsys.readouterr()
        assert "pool1" in told.out and "total" not in told.out
        assert told.err == FAILURE

    def test_layers_that_may_come_later_are_no_mistake(self, capsys):
        assert run(["rf", "failing.yaml", "--csv", "--layers", "conv3"]) == 1
        told = capsys.readouterr()
        assert (table_of(told.out), told.err) == ([], FAILURE)

    def test_the_first_layer(self, capsys, folder):
        text = "name: t\ninput: [3, 2, 2]\nlayers:\n  - {type: max_pool, kernel_size: 9}\n"
        (folder / "first.yaml").write_text(text)
        assert run(["rf", "first.yaml"]) == 1
        told = capsys.readouterr()
        assert told.err.startswith("first.yaml:4: layer 'max_pool1': window 9")

    def test_a_wrong_definition_has_no_rows(self, capsys, folder):
        (folder / "wrong.yaml").write_text(NET.replace("kernel_size: 2", "kernel_sice: 2"))
        assert run(["rf", "wrong.yaml", "--csv"]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith("wrong.yaml:6: layer 'pool1': unknown key 'kernel_sice'")

    def test_warnings_do_not_fail(self, capsys, folder):
        text = (
            "name: t\ninput: [1, 12]\nlayers:\n  - {name: a, type: conv, out_channels: 1, "
            "kernel_size: 7}\n  - {name: b, type: conv, out_channels: 1, kernel_size: 2, "
            "stride: 2, from: input}\n  - {name: sum, type: add, from: [a, b]}\n"
        )
        (folder / "apart.yaml").write_text(text)
        assert run(["rf", "apart.yaml", "--csv"]) == 0
        told = capsys.readouterr()
        assert column(told.out, "rf_l") == ["7", "2", ""]
        assert told.err == (
            "warning: apart.yaml:6: layer 'sum': it merges branches of effective stride 1 and 2 "
            "on axis l; its field is unknown\n"
        )


class TestSet:
    TEXT = (
        "name: wide\ninput: [3, 8, 8]\nargs: {width: 8, flag: true, alpha: 1.0}\nlayers:\n"
        "  - {name: c, type: conv, out_channels: $(width * alpha), kernel_size: 1, bias: $flag}\n"
    )

    @pytest.fixture(autouse=True)
    def file(self, folder):
        (folder / "wide.yaml").write_text(self.TEXT)

    @pytest.mark.parametrize(
        "given, params",
        [
            ("width=16", 16 * 3 + 16),
            ("width=16,flag=no", 16 * 3),
            ("alpha=0.75", 6 * 3 + 6),
            ("width=1,width=4", 4 * 3 + 4),
        ],
    )
    def test_overrides(self, capsys, given, params):
        words = [f"--set={each}" for each in given.split(",")]
        told = command(capsys, ["params", "wide.yaml", "--csv", *words])
        assert column(told, "params") == [str(params)]

    @pytest.mark.parametrize(
        "given, status, told",
        [
            ("width", 2, "'width' must be ARG=VALUE, as in widen=4"),
            ("=3", 2, "'=3' must be ARG=VALUE, as in widen=4"),
            ("widht=3", 2, "wide has no argument 'widht'; did you mean 'width'?"),
            ("width=", 1, "wide.yaml:3: argument 'width' has no value; give it with --set width="),
            ("width=010", 1, "wide.yaml:5: expression '$(width * alpha)': the text '010' is not"),
            ("width=1e3", 1, "the text '1e3' is not a number"),
            ("width=0.5", 1, "wide.yaml:5: layer 'c': out_channels must be a whole number"),
            ("flag=1", 1, "wide.yaml:5: layer 'c': bias must be true or false, not 1"),
        ],
    )
    def test_refused(self, capsys, given, status, told):
        assert told in command(capsys, ["params", "wide.yaml", "--set", given], status)


class TestCommands:
    def test_version(self, capsys):
        from cnncalc.version import __version__

        assert command(capsys, "--version") == f"cnncalc {__version__}\n"

    @pytest.mark.parametrize("name", COMMANDS)
    @pytest.mark.parametrize("option", ["--help", "-h"])
    def test_help_has_an_example(self, capsys, name, option):
        told = command(capsys, [name, option])
        assert f"Usage: cnncalc {name}" in told
        assert f"cnncalc {name}" in told.partition("Example")[2]

    def test_help_lists_every_command(self, capsys):
        told = command(capsys, "--help")
        for name in COMMANDS:
            assert f"\n  {name} " in told

    def test_without_a_command(self, capsys):
        assert "Usage: cnncalc" in command(capsys, [], 2)

    @pytest.mark.parametrize(
        "words, told",
        [
            ("shpae vgg16", "No such command 'shpae'. Did you mean 'shape'?"),
            ("qqqqqqq", "No such command 'qqqqqqq'"),
            ("rf vgg16 --inptu 3", "--inptu"),
            ("rf vgg16 --input", "Option '--input' requires an argument"),
            ("--nonsense", "--nonsense"),
        ],
    )
    def test_no_such_word(self, capsys, words, told):
        assert told in command(capsys, words, 2)

    def test_show_gives_the_file(self, capsys):
        assert command(capsys, "show tiny.yaml") == NET

    def test_show_to_a_file(self, capsys, folder):
        command(capsys, "show tiny.yaml -o copy.yaml")
        assert (folder / "copy.yaml").read_text() == NET

    def test_show_expanded_is_a_definition(self, capsys, monkeypatch):
        flat = command(capsys, "show tiny.yaml --expand")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(flat.encode())))
        assert command(capsys, "summary - --csv") == command(capsys, "summary tiny.yaml --csv")

    def test_show_expanded_of_a_failing_network(self, capsys):
        assert "name: wide" in command(capsys, "show failing.yaml --expand")

    def test_show_set_goes_with_expand(self, capsys):
        assert "--set and --input go with --expand" in command(capsys, "show vgg16 --set a=1", 2)


def process(*arguments, **options):
    """A process of its own; for what only a process shows."""
    root = Path(__file__).parent.parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root), **options.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", "cnncalc", *arguments],
        env=environment,
        **{"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def ended(running, timeout=60):
    """Standard output, standard error and status."""
    out, err = running.communicate(timeout=timeout)
    return out, err, running.returncode


class TestPlaces:
    """Places that begin with a minus, and the two names of a wanted size."""

    @pytest.mark.parametrize(
        "words, told",
        [
            ("-1,0", "there is no unit -1 on axis h, which has units 0 to 15\n"),
            ("0,-1", "there is no unit -1 on axis w, which has units 0 to 15\n"),
            ("-1x-1", "there is no unit -1 on axis h, which has units 0 to 15\n"),
            ("-2", "there is no unit -2 on axis h, which has units 0 to 15\n"),
            ("--pixel -1,0", "there is no pixel -1 on axis h, which has pixels 0 to 31\n"),
            ("--pixel=-1", "there is no pixel -1 on axis h, which has pixels 0 to 31\n"),
        ],
    )
    def test_a_place_before_the_first(self, capsys, words, told):
        assert command(capsys, f"box tiny.yaml conv2 {words}", 2) == told
        # A file's place among the words makes no difference.
        assert command(capsys, f"box --yaml tiny.yaml conv2 {words}", 2) == told

    @pytest.mark.parametrize("word", ["-1,", "--1", "-z", "-1,a"])
    def test_what_is_no_place(self, capsys, word):
        assert "Error: " in command(capsys, f"box tiny.yaml conv2 {word}", 2)

    @pytest.mark.parametrize(
        "asked",
        [
            "solve padding --size 224 --kernel-size 7 --stride 2 {} 112 --csv",
            "solve input tiny.yaml --layer pool1 {} 8 --range 1:40 --csv",
        ],
    )
    def test_a_wanted_size_by_either_name(self, capsys, asked):
        by_its_name = command(capsys, asked.format("--output-size"))
        assert by_its_name and command(capsys, asked.format("--output")) == by_its_name
        told = command(capsys, f"solve {asked.split()[1]} --help")
        assert "--output-size" in told and "--output 112" not in told


class TestProcess:
    def test_statuses(self):
        assert ended(process("rf", "tiny.yaml", "--csv"))[2] == 0
        out, err, status = ended(process("rf", "failing.yaml", "--csv"))
        assert (status, err) == (1, FAILURE)
        assert out.splitlines()[-1].startswith("3,pool1,max_pool")
        assert ended(process("rf", "nothing"))[2] == 2

    def test_closed_pipe(self, folder):
        """The reader is gone before the first line: no complaint."""
        (folder / "long.yaml").write_text(
            "name: long\ninput: [1, 8]\nlayers:\n  - {type: relu, repeat: 20000}\n"
        )
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as closed:
            _, err, status = ended(process("shape", "long.yaml", "--csv", stdout=closed))
        assert (err, status) == ("", 0)

    def test_closed_pipe_and_a_failing_layer(self):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as closed:
            err = ended(process("rf", "failing.yaml", "--csv", stdout=closed))[1]
        assert "Traceback" not in err

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            _, err, status = ended(process("rf", "tiny.yaml", stdout=full))
        assert (err, status) == ("cannot write the output: No space left on device\n", 1)

    @pytest.mark.parametrize(
        "closed, arguments, expected",
        [
            ("<&-", "rf -", ("<stdin>: the file is empty; a definition needs", 1)),
            (">&-", "rf tiny.yaml --csv", ("cannot write the output", 1)),
            (">&-", "rf tiny.yaml --csv -o out.csv", ("", 0)),
            ("2>&-", "rf nothing", ("", 2)),
            ("<&- >&- 2>&-", "rf failing.yaml", ("", 1)),
        ],
    )
    def test_closed_streams(self, closed, arguments, expected):
        line = f"{sys.executable} -m cnncalc {arguments} {closed}"
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
        done = subprocess.run(
            ["sh", "-c", line], capture_output=True, text=True, env=environment, timeout=60
        )
        assert done.stderr.startswith(expected[0]) and done.stderr.count("\n") <= 1
        assert done.returncode == expected[1]

    def test_standard_output_that_is_a_file_is_not_replaced(self, folder):
        with open("all.txt", "w") as file:
            file.write("before\n")
            file.flush()
            assert (
                ended(process("rf", "tiny.yaml", "--csv", "-o", "/dev/stdout", stdout=file))[2] == 0
            )
            file.seek(0, os.SEEK_END)
            file.write("after\n")
        lines = (folder / "all.txt").read_text().splitlines()
        assert (lines[0], lines[1][:11], lines[-1]) == ("before", "index,layer", "after")

    def test_interrupted_while_it_reads(self, folder):
        """Ctrl-C while a definition comes slowly: no traceback."""
        running = process("rf", "-", stdin=subprocess.PIPE)
        # More than a pipe holds: returns when the process reads.
        running.stdin.write("#" * 1_000_000)
        running.send_signal(signal.SIGINT)
        out, err, status = ended(running)
        assert (out, err.strip(), status) == ("", "", 130)

    def test_a_terminal_that_cannot_show_it(self):
        running = process("rf", "tiny.yaml", env={"PYTHONIOENCODING": "ascii"})
        out, err, status = ended(running)
        assert (err, status) == ("", 0)
        assert "tiny - input 3x32x32" in out and "conv1" in out
        assert "-" * 40 in out and "\\" not in out

    @pytest.mark.parametrize(
        "asked", ["rf tiny.yaml", "box tiny.yaml conv2 3", "explain tiny.yaml"]
    )
    @pytest.mark.parametrize(
        "how",
        [
            {"PYTHONIOENCODING": "ascii"},
            {"PYTHONIOENCODING": "cp1252"},
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        ],
    )
    def test_signs_are_spelled_where_there_are_none(self, asked, how):
        encoding = how.get("PYTHONIOENCODING", "ascii")
        running = process(*asked.split(), env=how, text=False)
        out, err, status = ended(running)
        assert (err, status) == (b"", 0)
        text = out.decode(encoding)
        assert "\\" not in text
        plain, _, _ = ended(process(*asked.split(), env={"PYTHONIOENCODING": "utf-8"}))
        assert re.findall(r"\d+", text) == re.findall(r"\d+", plain)
        if "×" in plain:
            assert ("×" if encoding == "cp1252" else "32x32") in text
        # Columns stay below each other where a spelling is longer than its sign.
        if asked.startswith("box"):
            ends = {len(line) for line in text.splitlines() if "%" in line and line[:1] in "hw"}
            assert len(ends) == 1

    def test_csv_is_never_changed_and_json_is_escaped(self, folder):
        text = NET.replace("name: conv1", "name: price€")
        (folder / "priced.yaml").write_text(text, encoding="utf-8")
        narrow = {"PYTHONIOENCODING": "ascii"}
        for form in ("--csv", "--tsv"):
            out, err, status = ended(process("rf", "priced.yaml", form, env=narrow))
            assert (out, status, err.count("\n")) == ("", 1, 1)
            assert "ascii, which has no '\\u20ac'" in err and "-o" in err
            assert ended(process("rf", "tiny.yaml", form, env=narrow))[1:] == ("", 0)
        out, _, _ = ended(process("rf", "priced.yaml", "--json", env=narrow))
        assert out.isascii() and json.loads(out)["layers"][0]["layer"] == "price€"
        assert ended(process("rf", "priced.yaml", "--csv", "-o", "o.csv", env=narrow))[2] == 0
        assert "price€" in (folder / "o.csv").read_text(encoding="utf-8")

    @pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
    @pytest.mark.parametrize("name", [*HELPED, *(f"layer {name}" for name in KINDS)])
    def test_help_in_a_terminal_that_cannot_show_all_of_it(self, name, encoding, monkeypatch):
        written = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
        assert run([*name.split(), "--help"]) == (2 if name == "layer unknown" else 0)
        assert "\\" not in written.getvalue().decode(encoding)

    @pytest.mark.parametrize(
        "line, told",
        [
            ("layer relu --input 3x100", "note: input 3x100 is read as ?x3x100; --axes 1 means"),
            ("lint tiny.yaml --select A→B", "no rule has the code or name 'A->B'"),
            ("rf tiny.yaml --from×", "No such option '--from×'."),
            ("explain tiny.yaml a≤b", "tiny has no layer 'a<=b'"),
        ],
    )
    @pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
    def test_errors_and_notes_in_such_a_terminal(self, line, told, encoding, monkeypatch):
        written = io.BytesIO()
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding=encoding))
        run(line.split())
        sys.stderr.flush()
        text = written.getvalue().decode(encoding)
        assert told.replace("×", "x") in text.replace("×", "x") and "\\" not in text

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_completion_script(self, shell):
        if shell == "bash":
            pytest.importorskip("shutil").which("bash") or pytest.skip("there is no bash")
        out, _, status = ended(process(env={"_CNNCALC_COMPLETE": f"{shell}_source"}))
        assert status == 0
        assert "_CNNCALC_COMPLETE" in out

    @pytest.mark.parametrize(
        "words, number, expected",
        [
            ("cnncalc ", 1, "plain,shape"),
            ("cnncalc sum", 1, "plain,summary"),
            ("cnncalc rf vgg1", 2, "plain,vgg16"),
            ("cnncalc rf vgg16 --col", 3, "plain,--columns"),
            ("cnncalc rf vgg16 --format ", 4, "plain,markdown"),
        ],
    )
    def test_completion(self, words, number, expected):
        asked = {
            "_CNNCALC_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(number),
        }
        out, err, status = ended(process(env=asked))
        assert (err, status) == ("", 0)
        assert expected in out.splitlines()


def test_interrupt_of_a_running_command(capsys, monkeypatch):
    class Interrupted:
        def read(self, *_):
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", type("Stream", (), {"buffer": Interrupted()})())
    assert run(["rf", "-"]) == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_model_file_has_no_definition_to_show(capsys, tmp_path):
    pytest.importorskip("onnx")
    assert run(["export", "lenet5", "--to", "onnx", "-o", str(tmp_path / "lenet5.onnx")]) == 0
    assert run(["show", str(tmp_path / "lenet5.onnx")]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "--expand" in told.err


def test_list_is_the_catalogue_whatever_becomes_of_its_second_process(capsys, monkeypatch):
    assert run(["list", "--json"]) == 0
    listed = capsys.readouterr().out
    names = [network["network"] for network in json.loads(listed)["networks"]]
    assert names == [name for name, _ in zoo.by_family()]

    def ended(*_):
        os._exit(9)

    monkeypatch.setattr("pickle.dump", ended)
    assert run(["list", "--json"]) == 0 and capsys.readouterr().out == listed
    monkeypatch.delattr("os.fork")
    assert run(["list", "--json"]) == 0 and capsys.readouterr().out == listed


def test_list_of_some(capsys):
    assert run(["list", "ResNet-1", "--csv"]) == 0
    names = [line.split(",")[0] for line in capsys.readouterr().out.splitlines()[1:]]
    known = [name for name, _ in zoo.by_family() if "resnet1" in name.replace("_", "")]
    assert names == known
    assert run(["list", "--family", "detection", "--sort", "params", "--top", "2", "--csv"]) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    # YOLO v1's linear layers of 4096 units: arXiv:1506.02640, figure 3.
    assert rows[0][0] == "yolo_v1" and int(rows[0][3]) > int(rows[1][3])
    for wrong, told in (
        ("detection", "it is a family: --family detection"),
        ("resnx", "did you mean 'resnet50'?"),
    ):
        assert run(["list", wrong]) == 2
        assert told in capsys.readouterr().err
    assert run(["list", "--family", "detect"]) == 2
    assert "did you mean 'detection'?" in capsys.readouterr().err
