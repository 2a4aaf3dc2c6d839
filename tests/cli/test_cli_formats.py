"""What the formats look like: exact headers and keys, whole numbers, names as they are."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.report.columns import COLUMNS

# In 2-D, as the reference has them.
HEADERS = {
    "shape": "index,layer,type,kernel_h,kernel_w,stride_h,stride_w,padding_h,padding_w,"
    "dilation_h,dilation_w,out_channels,out_h,out_w,params,macs,rf_h,rf_w,"
    "eff_stride_h,eff_stride_w",
    "rf": "index,layer,type,out_h,out_w,rf_h,rf_w,eff_stride_h,eff_stride_w,eff_pad_h,eff_pad_w,"
    "center_h,center_w",
    "params": "index,layer,type,out_channels,params",
    "flops": "index,layer,type,out_channels,out_h,out_w,macs,flops",
    "summary": "index,layer,type,out_channels,out_h,out_w,params,macs,flops,activations,rf_h,rf_w,"
    "eff_stride_h,eff_stride_w",
}
AXES = {"[2, 64]": ("l",), "[2, 64, 64]": ("h", "w"), "[2, 64, 64, 64]": ("d", "h", "w")}
LAYERS = """\
layers:
  - {name: conv1, type: conv, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
  - {name: up, type: upsample, scale_factor: 3}
  - {name: any, type: conv, kernel_size: 1}
  - {name: pool, type: global_avg_pool}
  - {name: fc, type: linear, out_features: 10}
"""


def printed(capsys, *words, status=0):
    """Standard output of a command."""
    assert run(list(words)) == status
    return capsys.readouterr().out


def written(folder, text, name="net.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def on_axes(header, axes):
    """A header of 2-D with the columns of other axes."""
    return re.sub(
        r"([a-z_]+)_h,\1_w", lambda base: ",".join(f"{base[1]}_{axis}" for axis in axes), header
    )


@pytest.mark.parametrize("command", HEADERS)
@pytest.mark.parametrize("shape", AXES)
def test_headers(capsys, tmp_path, command, shape):
    path = written(tmp_path, f"name: t\ninput: {shape}\n{LAYERS}")
    expected = on_axes(HEADERS[command], AXES[shape])
    for options in ([], ["--all"]):
        lines = printed(capsys, command, path, "--csv", *options).split("\n")
        assert lines[0] == expected
        assert lines[-1] == ""
        assert {line.count(",") for line in lines[:-1]} == {expected.count(",")}
    assert printed(capsys, command, path, "--tsv").split("\n")[0] == expected.replace(",", "\t")


def test_one_header_is_what_it_looks_like():
    """The rule above by hand, once."""
    assert on_axes(HEADERS["flops"], ("l",)) == "index,layer,type,out_channels,out_l,macs,flops"
    assert on_axes(HEADERS["flops"], ("d", "h", "w")) == (
        "index,layer,type,out_channels,out_d,out_h,out_w,macs,flops"
    )


def test_csv_rows(capsys, tmp_path):
    """Whole numbers plain, fractions as decimals, unknown numbers and missing axes empty."""
    path = written(tmp_path, f"name: t\ninput: [2, 64, 64]\n{LAYERS}")
    lines = printed(capsys, "shape", path, "--csv").split("\n")
    # 8·2·9 + 8 = 152; 32·32·8·2·9 = 147,456; rf 3, stride 2, then a third of it; 64 + 2 pixels
    assert lines[1:] == [
        "1,conv1,conv,3,3,2,2,1,1,1,1,8,32,32,152,147456,3,3,2,2",
        "2,up,upsample,,,,,,,,,8,96,96,0,0,3,3,0.6666666666666666,0.6666666666666666",
        "3,any,conv,1,1,1,1,0,0,1,1,,96,96,,,3,3,0.6666666666666666,0.6666666666666666",
        "4,pool,global_avg_pool,,,,,,,,,,1,1,0,0,65,65,,",
        "5,fc,linear,,,,,,,,,10,,,,,65,65,,",
        "",
    ]


def test_fractions_read_back_as_the_same_double(capsys, tmp_path):
    layers = "layers:\n" + "".join(
        f"  - {{name: up{n}, type: upsample, scale_factor: {n}, from: input}}\n"
        for n in (2, 3, 7, 10, 9973)
    )
    path = written(tmp_path, f"name: t\ninput: [1, 4]\n{layers}")
    rows = csv.DictReader(io.StringIO(printed(capsys, "rf", path, "--csv")))
    found = [row["eff_stride_l"] for row in rows]
    assert [float(text) for text in found] == [1 / 2, 1 / 3, 1 / 7, 1 / 10, 1 / 9973]
    assert found[0] == "0.5" and found[3] == "0.1"


NAMES = ["a,b", 'say "so"', "a;b", "[bold]red[/]", "[/]", ":smile:", "|", "a\\b", "**x**", "<b>",
         "`x`", " x ", "#1", "=1+1", "卷积", "é", "x" * 300]  # fmt: skip


@pytest.fixture
def named(tmp_path):
    layers = "".join(f"  - {{name: {json.dumps(name)}, type: relu}}\n" for name in NAMES)
    return written(tmp_path, f"name: '[red]{NAMES[0]}'\ninput: [1, 4]\nlayers:\n{layers}")


class TestNames:
    def test_csv(self, capsys, named):
        text = printed(capsys, "shape", named, "--csv")
        assert [row["layer"] for row in csv.DictReader(io.StringIO(text, newline=""))] == NAMES
        assert '\n1,"a,b",relu,' in text
        assert '\n2,"say ""so""",relu,' in text
        assert "\n3,a;b,relu," in text

    def test_tsv(self, capsys, named):
        text = printed(capsys, "shape", named, "--tsv")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
        assert [row["layer"] for row in rows] == NAMES
        assert "\n1\ta,b\trelu\t" in text

    def test_json(self, capsys, named):
        report = json.loads(printed(capsys, "shape", named, "--json"))
        assert [layer["layer"] for layer in report["layers"]] == NAMES
        assert report["layers"][1]["from"] == [NAMES[0]]

    def test_table(self, capsys, named):
        lines = printed(capsys, "shape", named).split("\n")
        for name in NAMES:
            assert any(name.strip() in line for line in lines), name
        assert "[red]a,b" in lines[0]

    def test_markdown(self, capsys, named):
        lines = printed(capsys, "shape", named, "--markdown").split("\n")
        rows = [line for line in lines if re.match(r"\| \d", line)]
        assert len(rows) == len(NAMES)
        cells = [re.split(r"(?<!\\) \| |(?<!\\)\|(?= )", row)[2] for row in rows]
        shown = [re.sub(r"\\(.)", r"\1", cell) for cell in cells]
        assert [name.strip() for name in NAMES] == [name.strip() for name in shown]
        for sign in "*_`[<|~":
            assert not any(re.search(rf"(?<!\\){re.escape(sign)}", cell) for cell in cells)

    def test_html(self, named):
        html = cnncalc.analyze(cnncalc.load(named))._repr_html_()
        assert "&lt;b&gt;" in html and "<b>" not in html
        assert "[bold]red[/]" in html


LAYER_KEYS = [
    *("index", "layer", "type", "from", "in_shape", "out_shape", "kernel", "stride", "padding"),
    *("dilation", "groups", "params", "buffers", "macs", "flops", "activations", "rf", "rf_min"),
    *("eff_stride", "eff_pad", "center", "coverage", "aligned", "global", "gated"),
]
REPORT_KEYS = ["schema", "network", "input", "convention", "totals", "layers"]
CONVENTION = "1 MAC = 2 FLOPs; convolutions and linear layers only"


class TestJson:
    TEXT = """\
name: json
input: [2, 9, 8]
layers:
  - {name: conv1, type: conv, out_channels: 4, kernel_size: 3, stride: 2, padding: [[1, 0], 1]}
  - {name: norm, type: batch_norm}
  - {name: up, type: upsample, scale_factor: 2}
  - {name: pool, type: max_pool, kernel_size: 2}
  - {name: sum, type: add, from: [norm, pool]}
  - {name: any, type: conv, kernel_size: 1, groups: 2}
  - {name: fc, type: linear, out_features: 10}
"""

    @pytest.fixture
    def report(self, capsys, tmp_path):
        return json.loads(printed(capsys, "rf", written(tmp_path, self.TEXT), "--json"))

    def test_keys(self, report):
        assert list(report) == REPORT_KEYS
        assert all(list(layer) == LAYER_KEYS for layer in report["layers"])
        assert list(report["totals"]) == ["params", "buffers", "macs", "flops", "activations"]

    def test_report(self, report):
        assert {key: report[key] for key in REPORT_KEYS[:4]} == {
            "schema": 1,
            "network": "json",
            "input": [2, 9, 8],
            "convention": CONVENTION,
        }
        assert report["totals"] == {
            "params": None,
            "buffers": 8,
            "macs": None,
            "flops": None,
            "activations": None,
        }

    def test_a_window(self, report):
        """⌊(9 + 1 − 3)/2⌋ + 1 = 4, ⌊(8 + 2 − 3)/2⌋ + 1 = 4; 4·2·9 + 4 = 76; 4·4·4·2·9 = 1,152."""
        assert report["layers"][0] == {
            "index": 1,
            "layer": "conv1",
            "type": "conv",
            "from": ["input"],
            "in_shape": [2, 9, 8],
            "out_shape": [4, 4, 4],
            "kernel": [3, 3],
            "stride": [2, 2],
            "padding": [[1, 0], [1, 1]],
            "dilation": [1, 1],
            "groups": 1,
            "params": 76,
            "buffers": 0,
            "macs": 1152,
            "flops": 2304,
            "activations": 64,
            "rf": [3, 3],
            "rf_min": [3, 3],
            "eff_stride": [2, 2],
            "eff_pad": [1, 1],
            "center": [0, 0],
            "coverage": [1, 1],
            "aligned": None,
            "global": False,
            "gated": False,
        }

    def test_what_has_no_window(self, report):
        norm = report["layers"][1]
        for key in ("kernel", "stride", "padding", "dilation", "groups"):
            assert norm[key] is None
        assert (norm["params"], norm["buffers"], norm["macs"]) == (8, 8, 0)

    def test_a_fraction_and_a_merge(self, report):
        up, pool, merged = report["layers"][2:5]
        assert up["eff_stride"] == [1, 1] and pool["eff_stride"] == [2, 2]
        assert merged["from"] == ["norm", "pool"]
        assert merged["aligned"] is True

    def test_unknown_and_vector(self, report):
        unknown, vector = report["layers"][5:]
        assert unknown["out_shape"] == [None, 4, 4]
        assert [unknown[key] for key in ("params", "macs", "flops", "activations")] == [None] * 4
        assert unknown["groups"] == 2
        assert vector["in_shape"] == [None, 4, 4]
        assert vector["out_shape"] == [10]
        assert vector["global"] is True
        assert vector["eff_stride"] == [None, None]

    @pytest.mark.parametrize("command", HEADERS)
    def test_every_command_gives_all_layers(self, capsys, tmp_path, command):
        path = written(tmp_path, self.TEXT)
        text = printed(capsys, command, path, "--json")
        assert text == printed(capsys, "rf", path, "--json")
        assert text.endswith("}\n")

    def test_a_fraction_is_a_double(self, capsys, tmp_path):
        text = "name: t\ninput: [1, 4]\nlayers:\n  - {type: upsample, scale_factor: 3}\n"
        report = json.loads(printed(capsys, "rf", written(tmp_path, text), "--json"))
        assert report["layers"][0]["eff_stride"] == [1 / 3]

    def test_numbers_beyond_doubles_are_whole(self, capsys, tmp_path):
        size = 10**9
        text = f"name: t\ninput: [1, {size}, {size}]\nlayers:\n  - relu\n"
        report = json.loads(
            printed(capsys, "rf", written(tmp_path, text), "--json", "--batch", "7")
        )
        assert report["layers"][0]["activations"] == 7 * size * size

    def test_a_failing_layer(self, capsys, tmp_path):
        text = self.TEXT.replace("groups: 2", "groups: 3")
        path = written(tmp_path, text)
        assert run(["summary", path, "--json"]) == 1
        told = capsys.readouterr()
        report = json.loads(told.out)
        assert list(report) == [*REPORT_KEYS, "error"]
        assert report["totals"] is None
        assert [layer["layer"] for layer in report["layers"]] == [
            *("conv1", "norm", "up", "pool", "sum")
        ]
        assert report["error"] == told.err.strip()
        assert report["error"] == (
            f"{path}:9: layer 'any': groups=3 does not divide its 4 input channels; use 1, 2, 4"
        )

    def test_the_python_form_is_the_same(self, report, tmp_path):
        network = cnncalc.load(tmp_path / "net.yaml")
        assert cnncalc.analyze(network).to_dict() == report


class TestColumns:
    def test_every_column_can_be_asked_for(self, capsys, tmp_path):
        path = written(tmp_path, TestJson.TEXT)
        text = printed(capsys, "rf", path, "--csv", "--columns", ",".join(COLUMNS), "--all")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == 7
        records = cnncalc.analyze(cnncalc.load(path)).records()
        for row, record in zip(rows, records, strict=True):
            assert row.keys() == record.keys()
            for name, value in record.items():
                expected = "" if value is None else str(value)
                if isinstance(value, bool):
                    expected = expected.lower()
                if name.endswith("shape"):
                    expected = expected.replace("?", "")
                assert row[name] == expected, (row["layer"], name)

    def test_lists_booleans_shapes_and_paddings(self, capsys, tmp_path):
        path = written(tmp_path, TestJson.TEXT)
        names = "layer,from,aligned,global,out_shape,padding_h,padding_w"
        text = printed(capsys, "shape", path, "--csv", "--columns", names)
        assert text.split("\n")[1:8] == [
            "conv1,input,,false,4x4x4,1:0,1",
            "norm,conv1,,false,4x4x4,,",
            "up,norm,,false,4x8x8,,",
            "pool,up,,false,4x4x4,0,0",
            "sum,norm;pool,true,false,4x4x4,,",
            "any,sum,,false,x4x4,0,0",
            "fc,any,,true,10,,",
        ]


class TestTable:
    def lines(self, capsys, path, *words):
        return printed(capsys, *words, path).split("\n")

    @pytest.mark.parametrize("command", HEADERS)
    def test_in_a_pipe_it_is_plain_and_whole(self, capsys, named, command):
        text = printed(capsys, command, named, "--all")
        assert "\x1b" not in text
        assert "x" * 300 in text
        assert "…" not in text

    def test_unknown_numbers_and_what_does_not_apply(self, capsys, tmp_path):
        """A `?` where a number is not known, nothing where there is none; in 1-D as in 2-D."""
        for shape in AXES:
            path = written(tmp_path, f"name: t\ninput: {shape}\n{LAYERS}")
            columns = "layer,kernel,out_channels,params,groups,aligned"
            rows = [
                line.split()
                for line in self.lines(capsys, path, "shape", "--columns", columns)
                if line.split()[:1] in (["conv1"], ["up"], ["any"], ["pool"])
            ]
            weights = {"[2, 64]": 56, "[2, 64, 64]": 152, "[2, 64, 64, 64]": 440}[shape]
            assert rows == [
                ["conv1", "3", "8", str(weights), "1"],  # 8·2·3^axes + 8
                ["up", "8", "0"],
                ["any", "1", "?", "?", "1"],
                ["pool", "?", "0"],
            ]

    def test_unknown_numbers_of_one_axis(self, capsys, tmp_path):
        path = written(tmp_path, f"name: t\ninput: [2, null, 64]\n{LAYERS}")
        columns = "layer,out_h,out_w,rf_h,kernel_h"
        rows = {
            line.split()[0]: line.split()[1:]
            for line in self.lines(capsys, path, "shape", "--columns", columns)
            if line.strip()
        }
        assert rows["conv1"] == ["?", "32", "3", "3"]
        assert rows["pool"] == ["1", "1", "?"]
        assert rows["fc"] == ["?"]

    def test_axes_are_written_once_where_they_are_equal(self, capsys, tmp_path):
        layer = "{name: c, type: conv, out_channels: 1000, kernel_size: [3, 5], padding: [1, 2]}"
        path = written(tmp_path, f"name: t\ninput: [2, 64, 64]\nlayers:\n  - {layer}\n")
        row = next(line.split() for line in self.lines(capsys, path, "shape") if " conv " in line)
        # 1,000·2·15 + 1,000 = 31,000; 64·64·1,000·2·15
        assert row == [
            *("1", "c", "conv", "3×5", "1", "1×2", "1", "1000×64×64", "31,000"),
            *("122,880,000", "3×5", "1"),
        ]

    def test_title_totals_and_convention(self, capsys, tmp_path):
        path = written(tmp_path, TestJson.TEXT.replace("kernel_size: 1, g", "kernel_size: 1, "
                       "out_channels: 2, g"))  # fmt: skip
        lines = self.lines(capsys, path, "summary", "--batch", "2")
        assert lines[0] == "json · input 2×9×8 · batch 2 · 420 params · 3,072 MACs"
        total = next(line.split() for line in lines if "total" in line)
        # 76 + 8 + (2·2 + 2) + (32·10 + 10) = 420; 2·(1,152 + 16·4 + 320) = 3,072
        assert total[:4] == ["total", "420", "3,072", "6,144"]
        assert CONVENTION in lines

    def test_the_convention_stands_wherever_costs_do(self, capsys, tmp_path):
        path = written(tmp_path, TestJson.TEXT)
        for command in ("shape", "flops", "summary"):
            assert CONVENTION in printed(capsys, command, path)
            assert CONVENTION in printed(capsys, command, path, "--markdown")
        assert CONVENTION not in printed(capsys, "params", path)

    def test_a_field_beyond_the_input_is_marked(self, capsys, tmp_path):
        layers = "".join(
            f"  - {{name: c{k}, type: conv, out_channels: 1, kernel_size: {k}, padding: 3}}\n"
            for k in (3, 7)
        )
        path = written(tmp_path, f"name: t\ninput: [1, 8, 8]\nlayers:\n{layers}")
        lines = self.lines(capsys, path, "rf")
        rows = [line.split() for line in lines if line.split()[2:3] == ["conv"]]
        assert [row[4] for row in rows] == ["3", "9*"]
        assert any(
            line.startswith("* the receptive field is larger than the input") for line in lines
        )

    def test_a_field_s_origin_is_in_the_title(self, capsys, tmp_path):
        path = written(tmp_path, TestJson.TEXT)
        assert "fields relative to norm" in self.lines(capsys, path, "rf", "--from", "norm")[0]


class TestShares:
    def test_add_up(self, capsys, tmp_path):
        layers = "".join(
            f"  - {{name: c{n}, type: conv, out_channels: {n}, kernel_size: 1, bias: false, "
            "from: input}\n"
            for n in (1, 2, 5)
        )
        path = written(tmp_path, f"name: t\ninput: [1, 4, 4]\nlayers:\n{layers}")
        for command in ("params", "flops"):
            text = printed(capsys, command, path)
            assert re.findall(r"[\d.]+ %", text) == ["12.5 %", "25.0 %", "62.5 %"]


class TestList:
    HEADER = "network,family,input,params,macs,rf,source"

    def test_csv(self, capsys):
        rows = list(csv.DictReader(io.StringIO(printed(capsys, "list", "--csv"))))
        assert ",".join(rows[0]) == self.HEADER
        by_name = {row["network"]: row for row in rows}
        vgg = by_name["vgg16"]
        assert (vgg["input"], vgg["params"], vgg["macs"], vgg["rf"]) == (
            *("3x224x224", "138357544", "15470264320", "212"),
        )
        assert by_name["zf5"]["rf"] == "139"

    def test_json(self, capsys):
        told = json.loads(printed(capsys, "list", "--json"))
        assert told["schema"] == 1
        products = "convolutions, linear layers and products of activations"
        assert told["convention"] == f"1 MAC = 2 FLOPs; {products}"
        first = next(each for each in told["networks"] if each["network"] == "alexnet")
        assert ",".join(first) == f"{self.HEADER},memory"
        assert (first["input"], first["params"]) == ([3, 227, 227], 60_965_224)
