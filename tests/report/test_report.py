"""The Python face: reports, their layers and totals, and the errors that asking wrong gives."""

from __future__ import annotations

from fractions import Fraction

import pytest

import cnncalc
from cnncalc import CnncalcError, ShapeError, UsageError

TEXT = """\
name: report
input: [3, 16, 16]
layers:
  - {name: conv1, type: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - {name: norm1, type: batch_norm}
  - {name: up, type: upsample, scale_factor: 3}
  - {name: pair, type: relu, repeat: 2}
  - {name: pool, type: global_avg_pool}
  - {name: fc, type: linear, out_features: 10}
"""


@pytest.fixture
def network():
    return cnncalc.loads(TEXT)


@pytest.fixture
def report(network):
    return cnncalc.analyze(network)


class TestReport:
    def test_layers_by_name(self, report):
        assert report["conv1"].index == 1
        assert report["pair.0"].index == 4
        assert report["pair"].layer == "pair.1"

    def test_layers_in_order(self, report):
        names = ["conv1", "norm1", "up", "pair.0", "pair.1", "pool", "fc"]
        assert [layer.layer for layer in report] == names
        assert len(report) == 7
        assert report.layers[0] is report["conv1"]

    @pytest.mark.parametrize(
        "name, hint", [("conv2", "; did you mean 'conv1'?"), ("input", ""), ("", ""), ("zzz", "")]
    )
    def test_no_such_layer(self, report, name, hint):
        with pytest.raises(UsageError) as caught:
            report[name]
        assert str(caught.value) == f"report has no layer {name!r}{hint}"

    def test_totals(self, report):
        """8·27 + 8, + 16, + 10·8 + 10; 16·16·8·27 + 80; 8·16² twice, 8·48² three times, 8, 10."""
        totals = report.totals
        assert (totals.params, totals.buffers) == (224 + 16 + 90, 16)
        assert totals.macs == 16 * 16 * 8 * 27 + 80
        assert totals.flops == 2 * totals.macs
        assert totals.activations == 2 * 2048 + 3 * 18_432 + 8 + 10

    def test_figures_are_exact(self, report):
        up = report["up"]
        assert up.eff_stride == (Fraction(1, 3), Fraction(1, 3))
        assert (up.rf, up.rf_min, up.eff_pad, up.center) == ((3, 3), (3, 3), (1, 1), (0, 0))
        assert isinstance(report["conv1"].eff_stride[0], int)

    def test_input_and_batch(self, network):
        report = cnncalc.analyze(network, input=(1, 8, 12), batch=5)
        assert report.input == (1, 8, 12)
        assert report["conv1"].out_shape == (8, 8, 12)
        assert report["conv1"].macs == 5 * 8 * 12 * 8 * 9
        assert report["conv1"].params == 8 * 9 + 8

    @pytest.mark.parametrize("shape", [32, "32", (32, 32), "32x32", (3, 32, 32), [3, 32, 32]])
    def test_forms_of_an_input(self, network, shape):
        assert cnncalc.analyze(network, input=shape).input == (3, 32, 32)

    @pytest.mark.parametrize(
        "shape", [0, -1, True, 1.5, (1, 2, 3, 4), "a", (), None.__class__, b"3"]
    )
    def test_no_input(self, network, shape):
        with pytest.raises(UsageError, match=r"^input "):
            cnncalc.analyze(network, input=shape)

    @pytest.mark.parametrize("batch", [0, -1, True, 1.0, "2", None, 10**9 + 1])
    def test_no_batch(self, network, batch):
        with pytest.raises(UsageError, match="batch must be a whole number from 1 to 10"):
            cnncalc.analyze(network, batch=batch)

    def test_unknown_size(self, network):
        report = cnncalc.analyze(network, input=(3, None, None))
        assert report["conv1"].out_shape == (8, None, None)
        assert report["conv1"].rf == (3, 3)
        assert report["conv1"].macs is None and report.totals.macs is None
        assert report.totals.params == 330

    def test_a_failing_layer_carries_the_report_before_it(self, network):
        with pytest.raises(ShapeError) as caught:
            cnncalc.analyze(cnncalc.loads(TEXT.replace("factor: 3", "factor: 0.01")))
        assert caught.value.layer == "up"
        before = caught.value.report
        assert [layer.layer for layer in before] == ["conv1", "norm1"]
        assert not before.complete

    def test_analysis_changes_nothing(self, network):
        first = cnncalc.analyze(network)
        cnncalc.analyze(network, input=64, batch=3, with_global=True, from_layer="conv1")
        assert cnncalc.analyze(network).records() == first.records()

    def test_repr_is_short(self, report):
        assert repr(report["conv1"]) == "<conv1: conv (8, 16, 16), rf (3, 3)>"
        assert repr(report).startswith("<report of report: 7 layers, Totals(params=330")

    def test_html(self, report):
        html = report._repr_html_()
        assert html.startswith("<table>") and html.count("<tr>") == 1 + 7 + 1
        assert "conv1" in html and "330" in html


class TestRecords:
    def test_one_a_layer_with_every_column(self, report):
        records = report.records()
        assert [record["layer"] for record in records] == [layer.layer for layer in report]
        first = records[0]
        assert {name: first[name] for name in ("index", "type", "params", "macs", "global")} == {
            "index": 1,
            "type": "conv",
            "params": 224,
            "macs": 16 * 16 * 8 * 27,
            "global": False,
        }
        assert (first["rf_h"], first["rf_w"], first["kernel_w"], first["padding_h"]) == (3, 3, 3, 1)
        assert all(record.keys() == first.keys() for record in records)

    def test_values_are_plain(self, report):
        for record in report.records():
            for value in record.values():
                assert value is None or isinstance(value, (int, float, str))

    def test_fractions_and_unknown_numbers(self, report):
        by_name = {record["layer"]: record for record in report.records()}
        assert by_name["up"]["eff_stride_h"] == 1 / 3
        assert by_name["fc"]["eff_stride_h"] is None
        assert by_name["fc"]["kernel_h"] is None
        assert by_name["fc"]["out_shape"] == "10"


class TestErrors:
    @pytest.mark.parametrize(
        "kind", ["DefinitionError", "NetworkError", "ShapeError", "UsageError"]
    )
    def test_kinds(self, kind):
        assert issubclass(getattr(cnncalc, kind), CnncalcError)

    @pytest.mark.parametrize(
        "place, text",
        [
            ({}, "wrong"),
            ({"path": "a.yaml"}, "a.yaml: wrong"),
            ({"path": "a.yaml", "line": 3}, "a.yaml:3: wrong"),
            ({"path": "a.yaml", "line": 3, "layer": "c1"}, "a.yaml:3: layer 'c1': wrong"),
            ({"layer": "c\n1"}, r"layer 'c\n1': wrong"),
        ],
    )
    def test_place(self, place, text):
        error = CnncalcError("wrong", **place)
        assert str(error) == text
        assert error.message == "wrong"

    def test_long_names_are_shortened(self):
        assert len(str(CnncalcError("wrong", layer="x" * 1000))) < 100


def test_public_names_exist():
    for name in cnncalc.__all__:
        assert hasattr(cnncalc, name)


def test_network():
    network = cnncalc.load("vgg16")
    assert (network.name, network.axes, network.input) == ("vgg16", 2, (3, 224, 224))
    assert network.index("conv1_1") == 1
    assert network.name_of(1) == "conv1_1" and network.name_of(0) == "input"
    with pytest.raises(UsageError, match="did you mean 'conv5_3'"):
        network.index("conv5_33")
