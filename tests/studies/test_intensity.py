"""FLOPs for each byte, and rooflines, by hand."""

import json
from fractions import Fraction

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.studies.intensity import intensity

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


def test_options_that_do_not_go_with_it(capsys):
    assert run(["flops", "lenet5", "--intensity", "--depth", "1"]) == 2
    assert "--depth does not go with --intensity" in capsys.readouterr().err
