"""Budgets: of the definition, of keyword arguments and of the command line."""

import json

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.definition.budgets import whole_bound

# conv1: 3·8·9 + 8 = 224 parameters, 216 · 32² MACs, 8 · 32² activations, field 3.
# conv2: 8·4·25 + 4 = 804 parameters, 800 · 14² MACs, 4 · 14² activations, field 3 + 4 = 7, 9 on w.
# batch_norm: 8 parameters, 8 buffers.
NET = """
name: net
input: [3, 32, 32]
{budgets}
layers:
  - {{name: conv1, type: conv, out_channels: 8, kernel_size: 3, padding: 1}}
  - {{name: conv2, type: conv, out_channels: 4, kernel_size: [5, 5], stride: 2, dilation: [1, 1]}}
  - {{type: batch_norm}}
  - {{type: global_avg_pool}}
"""
PARAMS = 224 + 804 + 8
MACS = 216 * 32 * 32 + 800 * 14 * 14
ACTIVATIONS = 8 * 32 * 32 + 4 * 14 * 14 * 2 + 4


def network(budgets=""):
    return cnncalc.loads(NET.format(budgets=budgets))


def results(verdicts):
    return {v.budget: (v.figure, v.bound, v.result) for v in verdicts}


def test_every_total():
    verdicts = cnncalc.check(
        network(),
        max_params=PARAMS,
        max_macs=MACS - 1,
        max_flops=2 * MACS,
        max_activations=ACTIVATIONS,
        max_buffers=7,
    )
    assert results(verdicts) == {
        "max_params": (PARAMS, PARAMS, "ok"),
        "max_macs": (MACS, MACS - 1, "exceeded"),
        "max_flops": (2 * MACS, 2 * MACS, "ok"),
        "max_activations": (ACTIVATIONS, ACTIVATIONS, "ok"),
        "max_buffers": (8, 7, "exceeded"),
    }
    assert [verdict.ok for verdict in verdicts] == [True, False, True, True, False]


@pytest.mark.parametrize(
    ("budgets", "expected"),
    [
        ({"min_rf": 7}, ("conv2", 7, "ok")),
        ({"min_rf": 8}, ("conv2", 7, "missed")),
        ({"max_rf": 7}, ("conv2", 7, "ok")),
        ({"max_rf": 6}, ("conv2", 7, "exceeded")),
        ({"min_rf": 4, "rf_of": "conv1"}, ("conv1", 3, "missed")),
        ({"max_rf": 3, "rf_of": "conv1"}, ("conv1", 3, "ok")),
    ],
)
def test_receptive_field(budgets, expected):
    (verdict,) = cnncalc.check(network(), **budgets)
    assert (verdict.layer, verdict.figure, verdict.result) == expected


def test_a_bound_holds_on_every_axis():
    text = (
        "name: n\ninput: [1, 32, 32]\nlayers: [{type: conv, out_channels: 1, kernel_size: [3, 9]}]"
    )
    both = cnncalc.check(cnncalc.loads(text), min_rf=4, max_rf=8)
    assert results(both) == {"min_rf": (3, 4, "missed"), "max_rf": (9, 8, "exceeded")}


def test_options_of_the_analysis():
    small = cnncalc.check(network(), 16, batch=3, max_macs="1G")[0]
    assert small.figure == 3 * (216 * 16 * 16 + 800 * 6 * 6)
    (relative,) = cnncalc.check(network(), from_layer="conv1", max_rf=9)
    assert (relative.layer, relative.figure) == ("conv2", 5)


def test_budgets_of_the_definition():
    net = network("budgets: {max_params: 1.036k, min_rf: 4, rf_of: conv1, max_macs: 1M}")
    assert results(cnncalc.check(net)) == {
        "max_params": (PARAMS, 1036, "ok"),
        "max_macs": (MACS, 1_000_000, "ok"),
        "min_rf": (3, 4, "missed"),
    }
    assert results(cnncalc.check(net, max_params=1, rf_of="conv2"))["max_params"][1:] == (
        1,
        "exceeded",
    )
    assert results(cnncalc.check(net, rf_of="conv2"))["min_rf"] == (7, 4, "ok")


UNKNOWN = """
name: unknown
input: [3, null, null]
layers:
  - {name: a, type: conv, kernel_size: 3, out_channels: 8}
  - {name: b, type: upsample, size: 7}
"""


def test_unknown_figures_keep_no_budget():
    verdicts = cnncalc.check(cnncalc.loads(UNKNOWN), max_macs="1T", max_rf=100, min_rf=3)
    assert results(verdicts) == {
        "max_macs": (None, 10**12, "unknown"),
        # What is known is wide enough; it may be too wide after b.
        "min_rf": (3, 3, "ok"),
        "max_rf": (None, 100, "unknown"),
    }
    (missed,) = cnncalc.check(cnncalc.loads(UNKNOWN), min_rf=4)
    assert (missed.result, missed.ok) == ("unknown", False)
    (own,) = cnncalc.check(cnncalc.loads(UNKNOWN), min_rf=1, rf_of="b")
    assert (own.layer, own.result) == ("b", "unknown")
    (exceeded,) = cnncalc.check(cnncalc.loads(UNKNOWN), max_rf=2)
    assert (exceeded.figure, exceeded.result) == (3, "exceeded")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0),
        ("224", 224),
        (224, 224),
        ("5k", 5_000),
        ("1.5M", 1_500_000),
        ("0.25G", 250_000_000),
        ("2T", 2 * 10**12),
        ("1.0005M", 1_000_500),
        ("2.0", 2),
    ],
)
def test_bounds(written, number):
    assert whole_bound(written) == number


@pytest.mark.parametrize(
    "written",
    [
        *(-1, "-1", True, None, 1.5, [1], ""),
        *("1.5", "1.0005k", "5m", "5 M", "M", ".5M", "5.M", "1e6", "5,000", "٣M", "9" * 101),
    ],
)
def test_no_bounds(written):
    with pytest.raises(ValueError, match="must be a whole number"):
        whole_bound(written)


@pytest.mark.parametrize(
    ("budgets", "message"),
    [
        (
            "budgets: {max_parms: 1M}",
            "<text>:4: unknown key 'max_parms' of budgets; did you mean 'max_params'?",
        ),
        ("budgets:\n  min_rf: 3\n  max_macs: 5m", "<text>:6: max_macs must be a whole number"),
        ("budgets: {max_macs: 1.5}", "<text>:4: max_macs must be a whole number"),
        ("budgets: {max_macs: true}", "<text>:4: max_macs must be a whole number"),
        ("budgets: {max_macs: null}", "<text>:4: max_macs must be a whole number"),
        ("budgets: {max_rf: 3, rf_of: conv9}", "<text>:4: rf_of: net has no layer 'conv9'"),
        ("budgets: {max_rf: 3, rf_of: [a]}", "<text>:4: rf_of must be a layer's name"),
    ],
)
def test_wrong_budgets_of_a_definition(budgets, message):
    with pytest.raises(cnncalc.DefinitionError) as caught:
        cnncalc.check(network(budgets))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "net has no budgets"),
        ({"max_parms": 1}, "unknown budget 'max_parms'; did you mean 'max_params'"),
        ({"max_params": "much"}, "max_params must be a whole number"),
        ({"max_params": 1, "rf_of": "conv1"}, "rf_of says whose field"),
        ({"max_rf": 1, "rf_of": "conv9"}, "net has no layer 'conv9'"),
    ],
)
def test_wrong_arguments(given, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        cnncalc.check(network(), **given)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "net.yaml"
    file.write_text(NET.format(budgets="budgets: {max_params: 2k, min_rf: 5}"))
    return str(file)


def test_command(path, capsys):
    assert run(["check", path, "--csv"]) == 0
    assert capsys.readouterr().out == (
        f"budget,layer,figure,bound,result\nmax_params,,{PARAMS},2000,ok\nmin_rf,conv2,7,5,ok\n"
    )
    assert run(["check", path, "--min-rf", "9", "--max-macs", "1M", "--csv"]) == 1
    assert "min_rf,conv2,7,9,missed\n" in capsys.readouterr().out


def test_command_in_json(path, capsys):
    assert run(["check", path, "--max-params", "1k", "--input", "64", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["network"], told["input"]) == (1, "net", [3, 64, 64])
    assert told["ok"] is False
    budget, layer, figure = "max_params", None, PARAMS
    assert told["budgets"][0] == {
        "budget": budget,
        "layer": layer,
        "figure": figure,
        "bound": 1000,
        "result": "exceeded",
    }


def test_command_as_a_table(path, capsys):
    assert run(["check", path, "--max-flops", "1G"]) == 0
    out = capsys.readouterr().out
    assert "≤ 1,000,000,000  ok" in out and "≥ 5  ok" in out
    assert "1 MAC = 2 FLOPs" in out


def test_command_to_a_file(path, tmp_path, capsys):
    target = tmp_path / "verdicts.md"
    assert run(["check", path, "--max-params", "1", "--markdown", "-o", str(target)]) == 1
    assert "exceeded" in target.read_text()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["vgg16"], 2, "vgg16 has no budgets"),
        (["vgg16", "--max-params", "5m"], 2, "--max-params"),
        (["vgg16", "--min-rf", "5", "--rf-of", "conv9"], 2, "no layer 'conv9'"),
        (["vgg16", "--min-rf", "5", "--input", "8"], 1, "layer 'pool4'"),
    ],
)
def test_command_refuses(arguments, status, message, capsys):
    assert run(["check", *arguments]) == status
    caught = capsys.readouterr()
    assert message in caught.err
    assert "Traceback" not in caught.err and caught.out == ""


def test_budgets_of_published_figures():
    # Simonyan and Zisserman 2015, arXiv:1409.1556: configuration D has 138 million parameters.
    vgg16 = cnncalc.load("vgg16")
    assert [v.ok for v in cnncalc.check(vgg16, max_params="138.5M")] == [True]
    assert [v.ok for v in cnncalc.check(vgg16, max_params="138M")] == [False]
