"""What no layer kind stands for: parameters, MACs and shapes are PyTorch's all the same."""

from __future__ import annotations

from math import prod

import pytest

import cnncalc
from cnncalc.exporters.yaml import flat_definition, folded_definition

torch = pytest.importorskip("torch", reason="reading PyTorch modules needs torch")
from torch_constructs import CONSTRUCTS  # noqa: E402
from torch_count import macs_and_outputs  # noqa: E402


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_counts_are_pytorchs_and_those_by_hand(name):
    module, shape, params, macs = CONSTRUCTS[name]
    network = cnncalc.from_torch(module, shape)
    report = cnncalc.analyze(network)
    assert params == sum(one.numel() for one in module.parameters())
    counted, (output,) = macs_and_outputs(module, shape)
    assert (report.totals.params, report.totals.macs) == (params, macs) == (params, counted)
    channels_last = (output[-1], prod(output[:-1]))
    batch_first = (output[-1], prod(output[1:-1]))
    assert report.layers[-1].out_shape in (output[1:], channels_last, batch_first)


def test_one_warning_names_operators_and_how_many_fields_are_lost():
    module, shape, *_ = CONSTRUCTS["windows"]
    report = cnncalc.analyze(cnncalc.from_torch(module, shape))
    (warning,) = report.warnings
    lost = [layer for layer in report if None in layer.rf and not layer.is_global]
    assert "matmul (2×)" in warning and "roll (2×)" in warning
    assert f"{len(lost)} of {len(report)} layers are without one" in warning


@pytest.mark.parametrize("name", ["windows", "cbam", "selective", "unused", "learned table"])
def test_written_as_a_definition_it_gives_the_same_report(name, tmp_path):
    module, shape, *_ = CONSTRUCTS[name]
    network = cnncalc.from_torch(module, shape)
    for text in (flat_definition(network), folded_definition(network)):
        again = cnncalc.analyze(cnncalc.loads(text))
        assert again.to_dict() == cnncalc.analyze(network).to_dict()


def test_on_another_input_traced_figures_are_not_known():
    module, shape, params, _ = CONSTRUCTS["bmm"]
    report = cnncalc.analyze(cnncalc.from_torch(module, shape), input=(3, 8, 8))
    last = report.layers[-1]
    assert (last.type, last.out_shape, last.macs, last.params) == ("unknown", (None, None), None, 0)
    assert report.totals.macs is None and report.totals.params == params


def test_products_of_activations_are_told_apart():
    module, shape, _, macs = CONSTRUCTS["attention, fused"]
    report = cnncalc.analyze(cnncalc.from_torch(module, shape))
    products = [layer.product_macs for layer in report if layer.product_macs]
    assert products == [2 * (2 * 16 * 16 * 2)]
    assert sum(layer.macs for layer in report) == macs


def test_an_operator_that_may_multiply_has_unknown_macs():
    class Spectrum(torch.nn.Module):
        def forward(self, x):
            return torch.fft.fft(x).real.relu()

    report = cnncalc.analyze(cnncalc.from_torch(Spectrum(), (3, 4, 4)))
    assert report.totals.macs is None and report.totals.params == 0
    assert report.layers[-1].out_shape == (3, 4, 4)


def test_a_gate_over_channels_keeps_fields():
    """CBAM: a unit reads the 3×3 units around it."""
    module, shape, *_ = CONSTRUCTS["cbam"]
    report = cnncalc.analyze(cnncalc.from_torch(module, shape))
    assert report.layers[-1].rf == (3, 3) and report.warnings == ()


def test_global_attention_reads_all():
    module, shape, *_ = CONSTRUCTS["attention, fused"]
    assert cnncalc.analyze(cnncalc.from_torch(module, shape)).layers[-1].is_global
