"""Attention as PyTorch modules write it: one layer, whose units read what gradients show."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

import cnncalc
from cnncalc.exporters.yaml import flat_definition, folded_definition

torch = pytest.importorskip("torch", reason="reading PyTorch modules needs torch")
if not find_spec("timm"):
    pytest.skip("modules of timm and torchvision are read", allow_module_level=True)
from torch_attention import (  # noqa: E402
    LOCAL,
    WHOLE,
    WINDOWED,
    OnMap,
    OnTokens,
    Rolled,
    non_local,
    pixels_read,
    seeded,
)
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
    module = seeded(non_local())
    report = cnncalc.analyze(cnncalc.from_torch(module, IMAGE), with_global=True)
    assert report.layers[-1].is_global and report.warnings == ()
    assert all(sides == [(0, 11), (0, 17)] for sides in pixels_read(module, IMAGE).values())
    check_counts(module, IMAGE, report)


class Causal(torch.nn.Module):
    """A unit reads those before it alone, or those that a constant mask lets through."""

    def __init__(self, way):
        super().__init__()
        self.way, self.attn = way, torch.nn.Linear(4, 12)
        self.proj = torch.nn.Linear(4, 4)
        self.register_buffer("mask", torch.ones(54, 54).tril())

    def forward(self, x):
        q, k, v = self.attn(x).chunk(3, -1)
        attend = torch.nn.functional.scaled_dot_product_attention
        if self.way == "causal":
            return self.proj(attend(q, k, v, is_causal=True))
        if self.way == "mask":
            return self.proj(attend(q, k, v, attn_mask=self.mask.log()))
        weights = q @ k.transpose(1, 2) / 2
        if self.way == "filled":
            weights = weights.masked_fill(self.mask == 0, -100)
        elif self.way == "product":
            return self.proj((weights.softmax(-1) * self.mask) @ v)
        else:
            weights = weights + self.mask.log()
        return self.proj(weights.softmax(-1) @ v)


@pytest.mark.parametrize("way", ["causal", "mask", "sum", "filled", "product"])
def test_what_a_mask_lets_through_is_not_known(way):
    module = OnTokens(Causal(way))
    report = cnncalc.analyze(cnncalc.from_torch(module, IMAGE))
    assert not any(layer.type == "attention" for layer in report)
    assert report.layers[-1].rf == (None, None) and not report.layers[-1].is_global
    assert report.warnings
    check_counts(module, IMAGE, report)


def test_attention_that_gives_its_weights_too_stays_apart():
    class Both(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.qkv, self.proj = torch.nn.Linear(4, 12), torch.nn.Linear(4, 4)

        def forward(self, x):
            q, k, v = self.qkv(x.flatten(2).transpose(1, 2)).chunk(3, -1)
            weights = (q @ k.transpose(1, 2)).softmax(-1)
            return self.proj(weights @ v), weights

    report = cnncalc.analyze(cnncalc.from_torch(Both(), (4, 3, 3)))
    assert "attention" not in {layer.type for layer in report}
    assert report.totals.macs == 9 * 4 * 16 + 2 * 9 * 9 * 4
    assert report.layers[-1].is_global


def test_windows_rolled_without_a_mask_stay_as_they_are():
    """What is rolled around the edge is then read as well."""
    rolled, shape = OnMap(Rolled()), (3, 12, 18)
    report = cnncalc.analyze(cnncalc.from_torch(rolled, shape))
    assert report.layers[-1].rf == (None, None)
    assert any("roll" in warning for warning in report.warnings)
    check_counts(rolled, shape, report)


@pytest.mark.parametrize("name", ["shifted and padded", "locally grouped"])
def test_written_as_a_definition_it_gives_the_same_report(name):
    module, shape, _ = WINDOWED[name]
    network = cnncalc.from_torch(module, shape)
    for text in (flat_definition(network), folded_definition(network)):
        again = cnncalc.analyze(cnncalc.loads(text))
        assert again.to_dict() == cnncalc.analyze(network).to_dict()


def test_tokens_go_back_to_the_map_that_they_come_from():
    network = cnncalc.from_torch(WHOLE["fused"], IMAGE)
    report = cnncalc.analyze(network)
    types = [layer.type for layer in report if layer.type != "dropout"]
    assert types == ["conv", "tokens", "prepend", "attention", "take", "untokens", "conv"]
    assert report["untokens1"].out_shape == (4, 6, 9)
