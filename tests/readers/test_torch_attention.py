"""Attention as PyTorch modules write it: one layer, whose units read what gradients show."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

import cnncalc

torch = pytest.importorskip("torch", reason="reading PyTorch modules needs torch")
if not find_spec("timm"):
    pytest.skip("modules of timm and torchvision are read", allow_module_level=True)
from torch_attention import (  # noqa: E402
    LOCAL,
    WHOLE,
    WINDOWED,
    Unit,
    pixels_read,
    seeded,
)
from timm.layers import NonLocalAttn  # noqa: E402, I001
from torch_count import macs_and_outputs  # noqa: E402

IMAGE = (3, 12, 18)


def attention_in(network):
    (layer,) = [node for node in network.nodes if node.kind.type == "attention"]
    return layer


def check_counts(module, shape, report):
    macs, (output,) = macs_and_outputs(module.float(), shape)
    params = sum(one.numel() for one in module.parameters())
    found = (report.totals.params, report.totals.macs, report.layers[-1].out_shape)
    assert found == (params, macs, output[1:])


def check_fields(network, module, shape):
    """Every unit of the last layer reads within the image what its gradient reaches."""
    last = network.nodes[-1].name
    for unit, sides in pixels_read(module, shape).items():
        box = cnncalc.unit_box(network, last, list(unit))
        assert [side.clipped for side in box.sides] == sides, unit


@pytest.mark.parametrize("name", WINDOWED)
def test_windows_are_one_layer_with_pytorchs_counts_and_fields(name):
    module, shape, attributes = WINDOWED[name]
    module = seeded(module)
    network = cnncalc.from_torch(module, shape)
    layer = attention_in(network)
    assert {key: getattr(layer.kind, key) for key in attributes} == attributes
    report = cnncalc.analyze(network)
    assert report.warnings == () and not any(one.type == "unknown" for one in report)
    check_fields(network, module, shape)
    check_counts(module, shape, report)


@pytest.mark.parametrize("name", WHOLE)
def test_attention_of_all_is_one_layer_that_reads_all(name):
    module = seeded(WHOLE[name])
    network = cnncalc.from_torch(module, IMAGE)
    assert attention_in(network).name.startswith("attn")
    report = cnncalc.analyze(network)
    assert report.warnings == () and report.layers[-1].is_global
    everything = [(0, 11), (0, 17)]
    assert all(sides == everything for sides in pixels_read(module, IMAGE).values())
    check_counts(module, IMAGE, report)


@pytest.mark.parametrize("name", LOCAL)
def test_fields_of_other_constructs_are_those_of_gradients(name):
    module, shape = LOCAL[name]
    module = seeded(module)
    network = cnncalc.from_torch(module, shape)
    check_fields(network, module, shape)
    check_counts(module, shape, cnncalc.analyze(network))


def test_a_non_local_block_reads_all():
    module = seeded(Unit(NonLocalAttn(4, rd_channels=2)))
    report = cnncalc.analyze(cnncalc.from_torch(module, IMAGE), with_global=True)
    assert report.layers[-1].is_global and report.warnings == ()
    assert all(sides == [(0, 11), (0, 17)] for sides in pixels_read(module, IMAGE).values())
    check_counts(module, IMAGE, report)
