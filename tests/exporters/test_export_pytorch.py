"""Networks written as PyTorch source: run on the meta device, and read back.

What PyTorch makes of the source has the report's layers by name, their shapes and parameters; read
by from_torch it gives the report's figures. Numbers computed by it are compared with modules that
tests/support/torch_networks.py builds of the same descriptions.
"""

from __future__ import annotations

import ast
import sys
from importlib.util import find_spec

import pytest
from oracle import trace
from random_networks import generate, to_yaml

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import run
from cnncalc.exporters.pytorch.export import export

torch = pytest.importorskip("torch", reason="running exported PyTorch modules needs PyTorch")
from torch_networks import TorchNetwork  # noqa: E402

nn = torch.nn

# PyTorch tells that it copies where an even kernel is padded to the same size.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")


def source_of(network, shape=None):
    """The source of a network, and the report it must have."""
    report = cnncalc.analyze(network, shape)
    return export(network, report), report


def made(source, device="meta"):
    """The module of a source: the last class that it defines."""
    names = {}
    exec(compile(source, "exported.py", "exec"), names)
    last = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)][-1]
    with torch.device(device):
        return names[last]().eval()


def outputs(module, batch):
    """What a module gives, as a tuple."""
    with torch.no_grad():
        given = module(batch)
    return given if isinstance(given, tuple) else (given,)


def shapes_by_module(module, shape):
    """Every module's output shapes in its first call, and the shapes of the whole's outputs."""
    shapes = {}

    def hook(name):
        def note(_, __, given):
            tensor = given[0] if isinstance(given, tuple) else given
            shapes.setdefault(name, tuple(tensor.shape[1:]))

        return note

    for name, part in module.named_modules():
        part.register_forward_hook(hook(name))
    whole = outputs(module, torch.empty(1, *shape, device="meta"))
    return shapes, [tuple(tensor.shape[1:]) for tensor in whole]


def last_layers(report):
    """The layers that no layer reads: the network's outputs."""
    read = {source for layer in report for source in layer.node.sources}
    return [layer for layer in report if layer.index not in read]


def check(source, report):
    """Hold a source to the report; gives the module, and the names of layers that are modules."""
    assert max(map(len, source.splitlines())) <= 100
    module = made(source)
    shapes, whole = shapes_by_module(module, report.input)
    assert whole == [layer.out_shape for layer in last_layers(report)]
    assert sum(one.numel() for one in module.parameters()) == report.totals.params
    for name, given in shapes.items():
        if name not in report.names or report[name].layer != name:
            continue
        layer, shape = report[name], given
        if layer.type == "layer_norm" and len(given) > 1:
            shape = (given[-1], *given[:-1])  # it reads channels last
        assert shape == layer.out_shape or layer.type == "conv_transpose", layer
    return module, [layer.layer for layer in report if layer.layer in shapes]


def check_read_back(module, report, names):
    """Hold what from_torch reads of a module to the report, layer by layer."""
    read = cnncalc.analyze(cnncalc.from_torch(module, report.input))
    for key in ("params", "buffers", "macs"):
        assert getattr(read.totals, key) == getattr(report.totals, key)
    fields = ("out_shape", "params", "buffers", "macs", "rf", "rf_min", "eff_stride", "eff_pad")
    for name in names:
        # An identity is nothing that PyTorch does; what its padding cannot take off a transposed
        # convolution is cut behind it.
        if report[name].type not in ("identity", "conv_transpose"):
            for key in fields:
                assert getattr(read[name], key) == getattr(report[name], key), (name, key)
    return read


@pytest.fixture
def region_operators(monkeypatch):
    """torchvision's pooling of regions, or its shapes where it is installed without operators."""
    if not find_spec("torchvision"):
        pytest.skip("torchvision, which pools regions, is not installed")
    library = torch.library
    boxes = "Tensor dets, Tensor scores, float iou_threshold"
    try:
        import torchvision
    except RuntimeError:
        for operator in ("nms", "qnms"):
            library.define(f"torchvision::{operator}", f"({boxes}) -> Tensor")
        import torchvision
    if torchvision.extension._has_ops():
        return
    for operator, (more, returned, shapes) in REGION_OPERATORS.items():
        if not hasattr(torch.ops.torchvision, operator):
            size = "SymInt pooled_height, SymInt pooled_width"
            arguments = f"Tensor input, Tensor rois, float spatial_scale, {size}{more}"
            library.define(f"torchvision::{operator}", f"({arguments}) -> {returned}")
            library.register_fake(f"torchvision::{operator}", shapes)
        module = sys.modules[f"torchvision.ops.{operator}"]
        monkeypatch.setattr(module, "_has_ops", lambda: True, raising=False)
        monkeypatch.setattr(module, "_assert_has_ops", lambda: None)


def aligned_regions(x, boxes, scale, height, width, *_):
    """The shapes of interpolated regions."""
    return x.new_empty(boxes.shape[0], x.shape[1], height, width)


def pooled_regions(x, boxes, *asked):
    """The shapes of pooled regions, and of where their maxima were."""
    pooled = aligned_regions(x, boxes, *asked)
    return pooled, torch.empty_like(pooled, dtype=torch.int32)


REGION_OPERATORS = {
    "roi_pool": ("", "(Tensor, Tensor)", pooled_regions),
    "roi_align": (", int sampling_ratio, bool aligned", "Tensor", aligned_regions),
}
WITH_ATTENTION = ("vit_b_16", "vit_l_16", "deit_s", "swin_t", "swin_b")
WITH_REGIONS = ("faster_rcnn_vgg16", "fast_rcnn_vgg16", "mask_rcnn_resnet50_fpn")


@pytest.mark.parametrize("name", [name for name in zoo.names() if name not in WITH_REGIONS])
def test_built_in_networks(name):
    source, report = source_of(cnncalc.load(name))
    module, names = check(source, report)
    if name not in WITH_ATTENTION:  # which from_torch does not read
        check_read_back(module, report, names)


@pytest.mark.parametrize("name", WITH_REGIONS)
def test_built_in_networks_with_regions(name, region_operators):
    source, report = source_of(cnncalc.load(name))
    module, names = check(source, report)
    check_read_back(module, report, names)


def test_sampling_of_regions():
    text = "name: r\ninput: [4, 9, 9]\nlayers:\n  - {type: roi_align, output_size: 2%s}\n"
    source, _ = source_of(cnncalc.loads(text % ", sampling_ratio: 2, aligned: true"))
    assert "RegionAlign(2, sampling_ratio=2, aligned=True)" in source.replace("output_size=", "")
    assert "sampling_ratio=2" not in source_of(cnncalc.loads(text % ""))[0]


def test_regions_have_the_scale_of_their_map(region_operators):
    source, report = source_of(cnncalc.load("faster_rcnn_vgg16"))
    module = made(source)
    assert module.roi_pool5.regions.shape == (300, 5)
    assert module.roi_pool5.spatial_scale == 1 / 16
    # 600 halved and rounded up four times is 38
    *heads, scores, boxes = outputs(module, torch.empty(1, *report.input, device="meta"))
    assert [tuple(head.shape) for head in heads] == [(1, 18, 38, 50), (1, 36, 38, 50)]
    # 21 classes and as many boxes of 4 numbers for each of 300 regions
    assert [tuple(head.shape) for head in (scores, boxes)] == [(300, 21), (300, 84)]
    names = [layer.layer for layer in report]  # all of its layers are modules
    assert {name for name, _ in module.named_modules()} == {"", *names}
    read = check_read_back(module, report, names)
    assert read["fc6"].macs == 300 * 512 * 7 * 7 * 4096


def has_norm_of_one_unit(report):
    """Whether PyTorch refuses to run a normalization, or computes other than it says."""
    norms = ("batch_norm", "group_norm", "instance_norm", "layer_norm", "lrn", "scale")
    return any(layer.type in norms and max(layer.in_shape[1:], default=1) == 1 for layer in report)


@pytest.mark.parametrize("seed", range(30))
def test_random_networks(seed):
    network = cnncalc.loads(to_yaml(generate(seed)))
    if has_norm_of_one_unit(cnncalc.analyze(network)):
        pytest.skip("PyTorch does not normalize a single unit")
    source, report = source_of(network)
    module, names = check(source, report)
    check_read_back(module, report, names)


def has_stand_in(description):
    """Whether torch_networks.py has a module that gives a layer's shape but not its numbers."""
    types = [layer["type"] for layer in description["layers"]]
    return "scale" in types or ("avg_pool" in types and len(description["input"]) == 4)


@pytest.mark.parametrize("seed", range(1000, 1020))
def test_random_networks_compute_what_pytorch_modules_compute(seed):
    description = generate(seed, portable=True)
    network = cnncalc.loads(to_yaml(description))
    if has_norm_of_one_unit(cnncalc.analyze(network)) or has_stand_in(description):
        pytest.skip("the modules compared with have another in the place of a layer")
    source, report = source_of(network)
    torch.manual_seed(seed)
    module = made(source, "cpu").double()
    expected = TorchNetwork(description, trace(description)).eval().double()
    with torch.no_grad():
        for name, part in expected.parts.items():
            if any(True for _ in part.parameters()):
                own = module.get_submodule(name).parameters()
                for parameter, other in zip(own, part.parameters(), strict=True):
                    parameter.copy_(other.normal_())
        batch = torch.rand(1, *report.input, dtype=torch.double)
        wanted = expected(batch)
    for layer, given in zip(last_layers(report), outputs(module, batch), strict=True):
        torch.testing.assert_close(given, wanted[layer.layer])


# Beyond what the random networks have. Shapes are counted by hand.
KINDS = [
    # windows at 0, 4 and 8 of 9 units; the last starts at the end, where Caffe keeps it
    ("[2, 8, 8]", "{type: max_pool, kernel_size: 2, stride: 4, ceil_mode: caffe}", (2, 3, 3)),
    ("[2, 8, 8]", "{type: avg_pool, kernel_size: 2, stride: 4, ceil_mode: caffe}", (2, 3, 3)),
    # (5 + 2 − 2)/3 rounded up, plus 1; PyTorch's own
    (
        "[2, 5, 5]",
        "{type: max_pool, kernel_size: 2, stride: 3, padding: 1, ceil_mode: caffe}",
        (2, 2, 2),
    ),
    ("[2, 6, 6]", "{type: max_pool, kernel_size: 3, padding: [[1, 0], [0, 1]]}", (2, 2, 2)),
    # 7 units to ⌈7/2⌉ = 4: (4 − 1)·2 + 3 − 7 = 2 more, one on each side
    (
        "[2, 7, 7]",
        "{type: conv, out_channels: 4, kernel_size: 3, stride: 2, padding: same}",
        (4, 4, 4),
    ),
    # 8 units to 4: one more, behind; same_lower: before
    (
        "[2, 8, 8]",
        "{type: conv, out_channels: 4, kernel_size: 3, stride: 2, padding: same}",
        (4, 4, 4),
    ),
    (
        "[2, 8, 8]",
        "{type: conv, out_channels: 4, kernel_size: 3, stride: 2, padding: same_lower}",
        (4, 4, 4),
    ),
    ("[2, 8]", "{type: conv, out_channels: 4, kernel_size: 4, padding: same_lower}", (4, 8)),
    # same: 8·3
    (
        "[2, 8, 8]",
        "{type: conv_transpose, out_channels: 4, kernel_size: 2, stride: 3, padding: same}",
        (4, 24, 24),
    ),
    # (4 − 1)·2 + 3 = 9, less 0 before and 2 after
    (
        "[2, 4, 4]",
        "{type: conv_transpose, out_channels: 4, kernel_size: 3, stride: 2, "
        "padding: [[0, 2], [0, 2]]}",
        (4, 7, 7),
    ),
    # PyTorch's average pool on three axes wants no kernel wider than its unpadded input
    (
        "[2, 2, 4, 4]",
        "{type: avg_pool, kernel_size: 4, stride: 1, padding: 1, ceil_mode: true}",
        (2, 1, 3, 3),
    ),
    ("[4, 6]", "{type: pixel_shuffle, factor: 2}", (2, 12)),
    ("[8, 2, 2, 2]", "{type: pixel_shuffle, factor: 2}", (1, 4, 4, 4)),
    ("[2, 6]", "{type: space_to_depth, factor: 3}", (6, 2)),
    ("[3, 9, 9]", "{type: upsample, scale_factor: $(4/3)}", (3, 12, 12)),
    ("[3, 8, 8]", "{type: upsample, scale_factor: 1.5, mode: bicubic}", (3, 12, 12)),
    ("[3, 8]", "{type: upsample, size: 5, mode: bilinear, align_corners: true}", (3, 5)),
    ("[3, 4, 4]", "{type: pad, padding: 2, mode: reflect}", (3, 8, 8)),
    ("[3, 4, 4]", "{type: pad, padding: [[1, 0], [0, 2]], value: 0.5}", (3, 5, 6)),
    ("[3, 9, 9]", "{type: crop, amount: [[2, 0], [0, 3]]}", (3, 7, 6)),
    ("[3, 6, 9]", "{type: adaptive_avg_pool, output_size: [null, 4]}", (3, 6, 4)),
    ("[4, 3, 3]", "{type: reshape, shape: [2, 6, -1]}", (2, 6, 3)),
    ("[4, 3, 3]", "{type: function, operator: softplus}", (4, 3, 3)),
    ("[4, 3, 3]", "{type: function, operator: exp}", (4, 3, 3)),
    ("[4, 3, 3]", "{type: scale}", (4, 3, 3)),
    ("[4, 3, 3]", "{type: prelu, per_channel: true}", (4, 3, 3)),
    ("[4, 3, 3]", "{type: batch_norm, affine: false, track_running_stats: false}", (4, 3, 3)),
    ("[4, 3, 3]", "{type: instance_norm, affine: true}", (4, 3, 3)),
    ("[4, 3, 3]", "{type: lrn, size: 3, alpha: 0.5}", (4, 3, 3)),
    ("[4, 3, 3]", "{type: leaky_relu, negative_slope: 0.1}", (4, 3, 3)),
]


@pytest.mark.parametrize(("shape", "layer", "out_shape"), KINDS)
def test_kinds(shape, layer, out_shape):
    source, report = source_of(cnncalc.loads(f"name: net\ninput: {shape}\nlayers:\n  - {layer}\n"))
    assert report.layers[-1].out_shape == out_shape
    module, names = check(source, report)
    check_read_back(module, report, names)


def test_what_is_padded_before_a_pool_counts_as_its_own_padding_does():
    layer = "kernel_size: 2, stride: 2, padding: [[1, 0]]"
    text = f"name: net\ninput: [1, 3]\nlayers:\n  - {{type: max_pool, {layer}}}\n"
    text += f"  - {{type: avg_pool, {layer}, from: input}}\n"
    source, _ = source_of(cnncalc.loads(text))
    largest, mean = outputs(made(source, "cpu"), -torch.ones(1, 1, 3))
    # the first window holds padding and −1: its maximum is −1, its mean −1/2
    assert largest.flatten().tolist() == [-1, -1]
    assert mean.flatten().tolist() == [-0.5, -1]


GRAPHS = {
    "vectors": (
        "[3, 2, 2]",
        """
  - {name: flat, type: flatten}
  - batch_norm
  - {name: left, type: linear, out_features: 8}
  - {name: right, type: linear, out_features: 8, from: flat}
  - {type: mul, from: [left, right]}
  - {name: cut, type: slice, channels: [2, 6]}
  - {type: concat, from: [cut, flat]}
  - {type: channel_shuffle, groups: 2}
  - {type: layer_norm}
  - {type: reshape, shape: [16, 1, 1]}
  - {type: conv, out_channels: 2, kernel_size: 1}
""",
    ),
    "likes": (
        "[3, 9, 9]",
        """
  - {name: down, type: conv, out_channels: 4, kernel_size: 3, stride: 2}
  - {name: up, type: upsample, like: input, mode: bilinear}
  - {name: cut, type: crop, like: down, offset: 2}
  - {name: largest, type: maximum, from: [cut, down, cut]}
  - {name: all, type: add, from: [largest, cut, down]}
""",
    ),
    "shared": (
        "[4, 8, 8]",
        """
  - {name: tower.conv, type: conv, out_channels: 4, kernel_size: 3, padding: 1}
  - {name: tower.norm, type: batch_norm}
  - {name: small, type: max_pool, kernel_size: 2, from: input}
  - {name: again.conv, type: conv, out_channels: 4, kernel_size: 3, padding: 1, shares: tower.conv}
  - {name: again.norm, type: batch_norm, shares: tower.norm}
""",
    ),
    "names": (
        "[2, 4, 4]",
        """
  - {name: "0", type: conv, out_channels: 2, kernel_size: 1}
  - {name: 3x3/s2, type: conv, out_channels: 2, kernel_size: 1}
  - {name: class, type: relu}
  - {name: "it's \\"so\\"", type: prelu}
  - {name: größe, type: relu}
  - {name: a-b, type: relu}
  - {name: a_b, type: relu}
  - {name: block.1x1, type: conv, out_channels: 2, kernel_size: 1}
  - {name: block.relu, type: relu}
  - {name: x, type: relu}
  - {name: late, type: add, from: [class, x, block.relu]}
""",
    ),
}


@pytest.mark.parametrize(("shape", "layers"), GRAPHS.values(), ids=GRAPHS)
def test_graphs(shape, layers):
    source, report = source_of(cnncalc.loads(f"name: net\ninput: {shape}\nlayers:{layers}"))
    module, names = check(source, report)
    check_read_back(module, report, names)
    own = {name for name, _ in module.named_modules() if "." not in name}
    assert own >= {layer.layer for layer in report if layer.weight_shape and "." not in layer.layer}


def test_names_that_modules_have_themselves_are_changed_and_told():
    text = "name: net\ninput: [2, 4, 4]\nlayers:\n  - {name: forward, type: relu}\n"
    source, report = source_of(cnncalc.loads(text))
    assert "self.forward_ = nn.ReLU()  # forward" in source
    made(source)(torch.empty(1, *report.input, device="meta"))


TINY = """
name: tiny
description: Two residual units
input: [3, 8, 8]
blocks:
  basic:
    args: {width: null}
    layers:
      - {name: conv1, type: conv, out_channels: $width, kernel_size: 3, padding: 1, bias: false}
      - batch_norm
      - {type: add, from: [batch_norm1, input]}
      - relu
layers:
  - {name: stem, type: conv, out_channels: 16, kernel_size: 3, padding: same}
  - {name: stage1, type: basic, width: 16, repeat: 3}
  - {name: widen, type: conv, out_channels: 32, kernel_size: 1, stride: 2}
  - {name: stage2, type: basic, width: 32}
  - global_avg_pool
  - {name: fc, type: linear, out_features: 10}
"""

# 3·16·9 + 16, 3·(16·16·9 + 2·16), 16·32 + 32, 32·32·9 + 2·32, 32·10 + 10 parameters;
# by units: 8·8·(432 + 3·2304), 4·4·(512 + 9216), 320 multiply–accumulates
TINY_SOURCE = '''"""tiny: Two residual units.

Input 3×8×8: 17,610 parameters, 625,984 MACs (1 MAC = 2 FLOPs; convolutions and linear layers only).
Written by cnncalc.
"""

from torch import nn


class Basic(nn.Module):
    """stage1.0 and 3 more like it."""

    def __init__(self, in_channels):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, in_channels, kernel_size=3, padding=1, bias=False)
        self.batch_norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU()

    def forward(self, x):
        out = self.conv1(x)
        out = self.batch_norm1(out)
        out = out + x
        out = self.relu1(out)
        return out


class Tiny(nn.Module):
    """The whole of tiny."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, kernel_size=3, padding="same")
        self.stage1 = nn.Sequential(*(Basic(in_channels=16) for _ in range(3)))
        self.widen = nn.Conv2d(16, 32, kernel_size=1, stride=2)
        self.stage2 = Basic(in_channels=32)
        self.global_avg_pool1 = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.stem(x)
        x = self.stage1(x)
        x = self.widen(x)
        x = self.stage2(x)
        x = self.global_avg_pool1(x)
        x = self.fc(x.flatten(1))
        return x
'''


def test_the_source_reads_as_a_person_would_write_it():
    source, report = source_of(cnncalc.loads(TINY))
    assert source == TINY_SOURCE
    check(source, report)


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("resnet152", ["Bottleneck", "Bottleneck2", "Resnet152"]),
        ("vgg16", ["Vgg16"]),
        ("squeezenet1_1", ["Fire", "Squeezenet1_1"]),
    ],
)
def test_parts_that_differ_in_numbers_alone_are_one_class(name, classes):
    source, _ = source_of(cnncalc.load(name))
    body = ast.parse(source).body
    assert [node.name for node in body if isinstance(node, ast.ClassDef)] == classes


def test_a_description_may_hold_quotes_and_backslashes():
    text = 'name: "q"\ndescription: \'a """ b \\n c "\'\ninput: [1, 4]\nlayers: [relu]\n'
    check(*source_of(cnncalc.loads(text)))


def test_a_function_that_pytorch_does_not_name_is_marked():
    text = "name: net\ninput: [2, 4]\nlayers:\n  - {name: f, type: function, operator: Power}\n"
    source, report = source_of(cnncalc.loads(text))
    assert "self.f = nn.Identity()  # stands for the function Power" in source
    check(source, report)


def test_another_input_is_written_for_that_input():
    source, report = source_of(cnncalc.load("vgg16"), (3, 64, 96))
    assert "nn.Linear(3072, 4096)" in source  # 512·2·3
    check(source, report)


REFUSED = [
    ("[3, 8, 8]", "conv1: [3, 1, 1]", "layer 'conv1': PyTorch needs to know what a window"),
    ("[null, 8, 8]", "{type: conv, out_channels: 2, kernel_size: 1}", "number of input channels"),
    ("[2, 8, 8]", "{type: conv, kernel_size: 1}", "number of output channels"),
    ("[3, null, null]", "{type: linear, out_features: 2}", "input's length, which is unknown"),
    ("[3, 4, 4]", "{type: pad, padding: 1, mode: symmetric}", "no padding of mode 'symmetric'"),
    (
        "[3, 4, 4]",
        "{type: avg_pool, kernel_size: 2, padding: [[1, 0], [1, 0]], count_include_pad: false}",
        "cannot leave out padding",
    ),
    ("[3, 8]", "{type: upsample, scale_factor: 2, mode: bicubic}", "along 2 axes, not 1"),
    ("[3, 8, 8]", "{type: unknown, operator: NMS}", 'nothing is known of its operator "NMS"'),
]


@pytest.mark.parametrize(("shape", "layer", "message"), REFUSED)
def test_refusals_name_the_layer(shape, layer, message):
    network = cnncalc.loads(f"name: net\ninput: {shape}\nlayers:\n  - {layer}\n")
    with pytest.raises(cnncalc.NetworkError) as refused:
        source_of(network)
    told = str(refused.value)
    assert told.startswith("<text>:4: layer ") and message in told and "\n" not in told


def test_command_line(tmp_path, capsys):
    path = tmp_path / "net.py"
    assert run(["export", "lenet5", "--to", "pytorch", "-o", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == source_of(cnncalc.load("lenet5"))[0]
    assert run(["export", "lenet5", "--to", "pytorch"]) == 0
    assert capsys.readouterr().out == path.read_text(encoding="utf-8")
    assert run(["export", "lenet5", "--to", "torch7"]) == 2
    assert run(["export", "lenet5"]) == 2
