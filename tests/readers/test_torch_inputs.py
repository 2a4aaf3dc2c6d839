"""PyTorch modules that read several tensors, by the names of forward's parameters."""

from importlib.util import find_spec
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli.application import run

torch = pytest.importorskip("torch")

DATA = Path(__file__).parent.parent / "data"
from torch_inputs import DEPTH, SIAMESE, ColourAndDepth, Gated, Siamese, macs  # noqa: E402


def test_a_part_that_reads_each_input_counts_once():
    report = cnncalc.analyze(cnncalc.from_torch(Siamese(), {**SIAMESE, "right": "3x64x64"}))
    assert report.input == {"left": (3, 64, 64), "right": (3, 64, 64)}
    assert report.totals.params == sum(each.numel() for each in Siamese().parameters())
    assert report.totals.macs == macs(Siamese(), SIAMESE)


def test_fields_are_those_of_the_input_asked_for():
    network = cnncalc.from_torch(ColourAndDepth(), DEPTH)
    assert cnncalc.analyze(network).totals.macs == macs(ColourAndDepth(), DEPTH)
    assert cnncalc.analyze(network)["both"].rf == (7 + 2 * 2,) * 2
    assert cnncalc.analyze(network, from_layer="depth")["both"].rf == (3 + 2 * 2,) * 2
    assert cnncalc.analyze(network)["depths"].rf == (None, None)


def test_both_ways_read_the_same():
    from cnncalc.network.build import build
    from cnncalc.readers.pytorch.program import export
    from cnncalc.readers.pytorch.reading import definition_by
    from cnncalc.readers.pytorch.recording import record
    from cnncalc.readers.source import Source

    for module, shapes in (
        (Siamese(), SIAMESE),
        (ColourAndDepth(), DEPTH),
    ):
        recorded, exported = (
            build(definition_by(way, module, shapes, Source("net"), "net")).definition
            for way in (record, export)
        )
        assert recorded == exported


@pytest.mark.skipif(find_spec("torchvision") is None, reason="needs torchvision")
def test_optical_flow_of_torchvision(monkeypatch):
    monkeypatch.syspath_prepend(str(DATA))
    from framework_rows import torchvision_models

    shapes = {"image1": (3, 128, 128), "image2": (3, 128, 128)}
    with torch.device("meta"):
        module = torchvision_models().optical_flow.raft_small()
    report = cnncalc.analyze(cnncalc.from_torch(module, shapes))
    assert report.totals.params == sum(each.numel() for each in module.parameters())
    assert report.totals.macs == macs(module, shapes)


def test_a_vector_beside_a_map():
    shapes = {"map": (3, 8, 8), "code": (5,)}
    report = cnncalc.analyze(cnncalc.from_torch(Gated(), shapes))
    assert report.totals.params == sum(each.numel() for each in Gated().parameters())
    assert report.totals.macs == macs(Gated(), shapes)
    last = report.layers[-1]
    assert (last.out_shape, last.rf) == ((4, 6, 6), (3, 3))


REFUSED = [
    ((3, 64, 64), r"forward\(image, depth\) cannot be called with one tensor"),
    ({"image": (3, 64, 64)}, "cannot be called with tensors image"),
    ({**DEPTH, "hint": (1, 8, 8)}, "cannot be called with tensors image, depth, hint"),
    ({"image": (3, 64, 64), "depth": (1, None, None)}, "must have every number"),
    ({"image": (3, 64, 64), "depth": (1, 32, 32)}, "PyTorch cannot trace it on inputs image=3x64"),
    ({}, "no input is given"),
    ({3: (3, 64, 64)}, "an input's name"),
]


@pytest.mark.parametrize(("shapes", "told"), REFUSED)
def test_what_cannot_be_read_is_told(shapes, told):
    with pytest.raises(cnncalc.CnncalcError, match=told):
        cnncalc.from_torch(ColourAndDepth(), shapes)


def test_from_the_command_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "rgbd.py").write_text(
        "from torch import cat, nn\n\nclass Both(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.both = nn.Conv2d(4, 8, 3)\n\n"
        "    def forward(self, image, depth):\n        return self.both(cat([image, depth], 1))\n"
    )
    monkeypatch.chdir(tmp_path)
    asked = ["flops", "rgbd:Both", "--reader", "torch", "--csv"]
    assert run([*asked, "--input", "image=3x8x8", "--input", "depth=1x8x8"]) == 0
    # 8 channels of 6×6, of 4 channels and 3×3 taps each
    assert (
        capsys.readouterr()
        .out.splitlines()[-1]
        .endswith(f",{8 * 6 * 6 * 4 * 9},{2 * 8 * 6 * 6 * 4 * 9}")
    )
