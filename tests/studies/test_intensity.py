"""FLOPs for each byte, and rooflines, by hand."""

import json
import re
from fractions import Fraction

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.studies.intensity import intensity
from cnncalc.text.answer import render
from cnncalc.text.intensity_devices import device_answer
from cnncalc.text.terminal import Terminal

NET = """
name: net
input: [2, 4, 4]
layers:
  - {name: c, type: conv, out_channels: 3, kernel_size: 1, bias: false}
  - flatten
  - {name: f, type: linear, out_features: 5}
"""
FLOPS = {"c": 2 * 16 * 2 * 3, "flatten1": 0, "f": 2 * 48 * 5}
# input + weights + output, in numbers; a flatten moves nothing
NUMBERS = {"c": 32 + 6 + 48, "flatten1": 0, "f": 48 + 48 * 5 + 5 + 5}


def of(dtype="float32", **arguments):
    return intensity(cnncalc.loads(NET), dtype=dtype, **arguments)


def test_bytes_and_their_quotient():
    for layer in of("float16").layers:
        assert layer.bytes == 2 * NUMBERS[layer.layer]
        assert layer.flops == FLOPS[layer.layer]
        if layer.bytes:
            assert fraction(layer.intensity) == Fraction(layer.flops, layer.bytes)
    total = of()
    assert fraction(total.intensity) == Fraction(sum(FLOPS.values()), 4 * sum(NUMBERS.values()))


def fraction(exact):
    return Fraction(*exact) if isinstance(exact, tuple) else Fraction(exact)


def test_a_batch_reads_weights_once():
    by_name = {layer.layer: layer.bytes for layer in of(batch=10).layers}
    assert by_name["c"] == 4 * (320 + 6 + 480)


def test_the_roofline_bounds_each_layer_and_their_sum():
    found = of(roofline="1k,2k")  # c: 192 FLOPs and 344 bytes; f: 480 FLOPs and 1192 bytes
    by_name = {layer.layer: layer for layer in found.layers}
    assert (by_name["c"].bound, fraction(by_name["c"].seconds)) == ("compute", Fraction(192, 1000))
    assert (by_name["f"].bound, fraction(by_name["f"].seconds)) == ("memory", Fraction(1192, 2000))
    assert by_name["flatten1"].bound is None
    assert fraction(found.seconds) == Fraction(192, 1000) + Fraction(1192, 2000)


@pytest.mark.parametrize(
    ("roofline", "dtype", "message"),
    [
        ("a100", "int64", "the data sheet of a100 has no int64; it has float64, float32, float16"),
        ("a101", "float32", "no device is named 'a101'; did you mean 'a100'?"),
        ("10T,x", "float32", "each must be a whole number, or one with k, M, G or T behind it"),
        ("0,1", "float32", "the roofline '0,1' has a 0"),
        ("1,2,3", "float32", "in the roofline '1,2,3', each must be a whole number"),
    ],
)
def test_wrong_rooflines(roofline, dtype, message):
    with pytest.raises(cnncalc.UsageError) as refusal:
        of(dtype, roofline=roofline)
    assert message in str(refusal.value)


def test_unknown_is_null(capsys):
    assert run(["flops", "--spec", "3,1,1", "--intensity", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["layers"][0]["bytes"] is None and found["totals"]["intensity"] is None


def test_csv(capsys):
    assert run(["flops", "lenet5", "--roofline", "10T,900G", "--csv"]) == 0
    header, first, *_ = capsys.readouterr().out.splitlines()
    assert header == "index,layer,type,macs,flops,bytes,intensity,bound,seconds"
    assert first.startswith(f"1,C1,conv,117600,235200,{4 * (1024 + 156 + 4704)},")


BLOCKS = """
name: blocks
input: [2, 4, 4]
blocks:
  pair:
    layers:
      - {name: c, type: conv, out_channels: 2, kernel_size: 1, bias: false}
      - relu
layers:
  - {name: p, type: pair, repeat: 2}
  - {name: end, type: conv, out_channels: 1, kernel_size: 4, bias: false}
"""
# Bytes of float32: a convolution reads and writes 32 numbers and 4 weights, a relu 32 each; `end`
# reads 32 numbers and 32 weights, and writes one.
CONV, RELU, END = 4 * (32 + 4 + 32), 4 * (32 + 32), 4 * (32 + 32 + 1)


@pytest.fixture
def blocks(tmp_path):
    path = tmp_path / "blocks.yaml"
    path.write_text(BLOCKS)
    return str(path)


def printed(capsys, *arguments):
    assert run(["flops", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ("--columns layer,bytes", f"layer,bytes\np.0.c,{CONV}\np.1.c,{CONV}\nend,{END}\n"),
        (
            "--columns layer,bytes --all --layers p.0.*",
            f"layer,bytes\np.0.c,{CONV}\np.0.relu1,{RELU}\n",
        ),
        ("--columns layer,bytes --sort bytes --top 1", f"layer,bytes\np.0.c,{CONV}\n"),
        ("--columns layer,rf --sort rf --top 1", "layer,rf_h,rf_w\nend,4,4\n"),
        (
            "--columns layer,repeat,bytes,flops --depth 1",
            f"layer,repeat,bytes,flops\np,1,{2 * (CONV + RELU)},{2 * 2 * 64}\nend,1,{END},64\n",
        ),
    ],
)
def test_rows_and_columns_as_everywhere(options, rows, blocks, capsys):
    assert printed(capsys, blocks, "--intensity", "--csv", *options.split()) == rows


def test_a_block_of_both_bounds_takes_the_sum_of_times(blocks, capsys):
    """Layers run one after another: 128 FLOPs at 1 a second, and a relu's 256 bytes at 2."""
    columns = "layer,bound,seconds"
    options = ("--roofline", "1,2", "--depth", "2", "--columns", columns, "--csv")
    lines = printed(capsys, blocks, *options).splitlines()
    # p.0.c: 128 s of FLOPs, 272 bytes in 136 s; so memory bounds it.
    assert lines[1] == f"p.0,memory,{2 * (CONV + RELU) // 2}"
    options = ("--roofline", "1,4", "--depth", "2", "--columns", columns, "--csv")
    lines = printed(capsys, blocks, *options).splitlines()
    assert lines[1] == f"p.0,both,{2 * (128 + RELU // 4)}"


def test_json_has_every_key_of_a_report_too(blocks, capsys):
    found = json.loads(printed(capsys, blocks, "--intensity", "--json"))
    usual = json.loads(printed(capsys, blocks, "--json"))
    assert list(found)[:6] == list(usual)[:6]
    for layer, also in zip(found["layers"], usual["layers"], strict=True):
        assert {key: layer[key] for key in also} == also
    assert found["totals"]["bytes"] == 2 * (CONV + RELU) + END


def test_rows_before_a_layer_that_fails(tmp_path, capsys):
    path = tmp_path / "bad.yaml"
    path.write_text(BLOCKS + "  - {name: far, type: conv, out_channels: 1, kernel_size: 3}\n")
    assert run(["flops", str(path), "--intensity", "--csv", "--columns", "bytes"]) == 1
    told = capsys.readouterr()
    assert told.out == f"bytes\n{CONV}\n{CONV}\n{END}\n"
    assert "layer 'far'" in told.err and told.err.count("\n") == 1


@pytest.mark.parametrize("option", ["--sort", "--columns"])
def test_no_such_column(option, blocks, capsys):
    assert run(["flops", blocks, "--intensity", option, "byte"]) == 2
    assert capsys.readouterr().err == "no column is named 'byte'; did you mean 'bytes'?\n"


# Figures as they are published, in 10⁹ operations and bytes a second; each is to be compared with
# the document that the table names.
STATED = [
    ("a100", "float16", 312_000, 2_039),  # 312 TFLOPS, 2,039 GB/s
    ("h100", "float16", 989_500, 3_350),  # 1,979 teraFLOPS with sparsity, 3.35TB/s
    ("h100", "int8", 1_979_000, 3_350),  # 3,958 TOPS with sparsity
    ("rtx4090", "float32", 82_600, 1_008),  # 82.6, 1008 GB/sec
    # Peak FP16 Tensor TFLOPS with FP16 Accumulate: 330.3/660.6, the second with sparsity
    ("rtx4090", "float16", 330_300, 1_008),
    ("rtx4090", "bfloat16", 165_200, 1_008),  # 165.2/330.4, the second with sparsity
    ("rtx4090", "int8", 660_600, 1_008),  # 660.6/1321.2
    ("jetson-orin-nano", "int8", 33_000, 102),  # 67 TOPS sparse, 33 dense, 102 GB/s
    ("jetson-orin-nano", "float32", 2_080, 102),  # 2.08 TFLOPs (MAXN_SUPER), data sheet v1.5
    ("jetson-orin-nano", "float16", 17_000, 102),  # 17 FP16 TFLOPs
    ("cortex-m7@480", "int16", 1.92, 3.84),  # two 16-bit MACs a cycle, two 32-bit TCM at 480 MHz
    ("cortex-m7@480", "int32", 0.96, 3.84),  # a 32-bit MAC a cycle
]


@pytest.mark.parametrize(("device", "dtype", "giga", "bandwidth"), STATED)
def test_devices(device, dtype, giga, bandwidth):
    roofline = of(dtype, roofline=device).roofline
    assert Fraction(roofline.speed, 10**9) == Fraction(str(giga))
    assert Fraction(roofline.bandwidth, 10**9) == Fraction(str(bandwidth))


@pytest.mark.parametrize(
    ("device", "dtype", "told"),
    [
        ("m4", "int8", "it states no type of numbers: 38 trillion operations/s"),
        ("cortex-m7@480", "int8", "it has int32, int16"),
        ("jetson-orin-nano", "bfloat16", "it has float32, float16, int8"),
    ],
)
def test_a_type_that_no_sheet_has(device, dtype, told):
    with pytest.raises(cnncalc.UsageError) as refusal:
        of(dtype, roofline=device)
    assert f"the data sheet of {device} has no {dtype}; {told}" in str(refusal.value)


def test_the_list_of_devices(capsys):
    assert "m4,,,120000000000\n" in printed(capsys, "--roofline", "list", "--csv")
    text = printed(capsys, "--roofline", "list")
    assert "www.apple.com/newsroom/2024/05/apple-introduces-m4-chip" in text
    assert json.loads(printed(capsys, "--roofline", "list", "--json"))["devices"]["a100"]["source"]


@pytest.mark.parametrize("width", [40, 80])
def test_sources_of_devices_fit_the_terminal(width):
    """Addresses have no blanks: they part behind dots, slashes and hyphens."""
    text = render(device_answer(), "table", Terminal(width, styled=True))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert max(map(len, lines)) <= width
    assert "datasheet" in "".join(lines)
