"""PyTorch modules read into networks: what they count is PyTorch's own count, exactly.

Parameters are those of `module.parameters()`, flops those of FlopCounterMode, shapes those that
forward hooks see; where a figure is none of PyTorch's, it is counted by hand beside it.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from math import prod
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli.application import run

torch = pytest.importorskip("torch", reason="reading PyTorch modules needs PyTorch")
from torch_count import macs_and_outputs  # noqa: E402
from torch_modules import MODULES, Branches, Gate, InPlace, Unpooling  # noqa: E402

nn, functional = torch.nn, torch.nn.functional

DATA = Path(__file__).parent.parent / "data"


def shapes_by_module(module, shape):
    """Every module's output shape in its first call, the batch left out."""
    shapes = {}

    def hook(name):
        def note(_, __, given):
            if hasattr(given, "shape"):
                shapes.setdefault(name, tuple(given.shape[1:]))

        return note

    hooks = [part.register_forward_hook(hook(name)) for name, part in module.named_modules()]
    with torch.no_grad():
        module.to("meta").eval()(torch.empty(1, *shape, device="meta"))
    for each in hooks:
        each.remove()
    return shapes


def agrees(layer, shape):
    """Whether PyTorch's tensor holds the layer's map, channels first or last, units in any view."""
    channels = layer.out_shape[0]
    return prod(shape) == prod(layer.out_shape) and channels in (shape[0], shape[-1])


def check(module, shape):
    """The report of a module, held to what PyTorch counts and gives."""
    report = cnncalc.analyze(cnncalc.from_torch(module, shape))
    assert report.totals.params == sum(one.numel() for one in module.parameters())
    assert report.totals.flops == 2 * macs_and_outputs(module, shape)[0]
    for name, given in shapes_by_module(module, shape).items():
        if name in report.names:
            assert agrees(report[name], given), (report[name], given)
    return report


def layers(module, shape, **options):
    """(name, type, sources) of every layer."""
    network = cnncalc.from_torch(module, shape, **options)
    return [
        (node.name, node.type, [network.name_of(source) for source in node.sources])
        for node in network.nodes
    ]


@pytest.mark.parametrize(("module", "shape"), MODULES.values(), ids=MODULES)
def test_counts_are_pytorchs(module, shape):
    check(module, shape)


FIELDS = [
    # 7×7 at stride 1; channels last in between
    ("convnext", "add1", (7, 7), (1, 1)),
    # four maps of every second pixel: 2 pixels, then 3 units 2 pixels apart: 2 + 2·2
    ("focus", "concat1", (2, 2), (2, 2)),
    ("focus", "conv", (6, 6), (2, 2)),
    # a kernel of 3 at stride 2 after one unit of padding behind
    ("same", "conv2d", (3, 3), (2, 2)),
    # 3×3; shuffled, 3 of its units span 2 of the map: 3 + 1; a block of 2×2 such units: 4 + 1
    ("views", "conv2", (4, 4), (0.5, 0.5)),
    ("views", "space_to_depth1", (5, 5), (1, 1)),
    # dilation 2 with a kernel of 3: 5 pixels; a transposed kernel of 4 at stride 2 reads 2 units
    ("line", "up", (6,), (0.5,)),
    # (1, 3, 3) at stride (1, 2, 2), then a pool of 2: (2, 3 + 2, 3 + 2)
    ("volume", "stem.3", (2, 5, 5), (2, 4, 4)),
    # a pool of 2 at stride 2, then 3 units
    ("unpooling", "conv", (6, 6), (2, 2)),
]


@pytest.mark.parametrize(("name", "layer", "rf", "stride"), FIELDS)
def test_fields_through_functions(name, layer, rf, stride):
    found = cnncalc.analyze(cnncalc.from_torch(*MODULES[name]))[layer]
    assert (found.rf, found.eff_stride) == (rf, stride)


def test_layers_are_called_as_modules_and_functions_by_their_type_in_scope():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 3, 3, padding=1)
            self.act = nn.ReLU()

        def forward(self, x):
            return functional.relu(x + self.act(self.conv1(x)))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer1 = nn.Sequential(Block(), Block())
            self.fc = nn.Linear(3 * 4, 5)

        def forward(self, x):
            y = functional.interpolate(self.layer1(x), scale_factor=0.5)
            y = torch.cat([y, functional.max_pool2d(x, 2)], dim=1)[:, 3:]
            return self.fc(torch.flatten(y, 1))

    assert layers(Net(), (3, 4, 4)) == [
        ("layer1.0.conv1", "conv", ["input"]),
        ("layer1.0.act", "relu", ["layer1.0.conv1"]),
        ("layer1.0.add1", "add", ["input", "layer1.0.act"]),
        ("layer1.0.relu1", "relu", ["layer1.0.add1"]),
        ("layer1.1.conv1", "conv", ["layer1.0.relu1"]),
        ("layer1.1.act", "relu", ["layer1.1.conv1"]),
        ("layer1.1.add1", "add", ["layer1.0.relu1", "layer1.1.act"]),
        ("layer1.1.relu1", "relu", ["layer1.1.add1"]),
        ("upsample1", "upsample", ["layer1.1.relu1"]),
        ("max_pool1", "max_pool", ["input"]),
        ("concat1", "concat", ["upsample1", "max_pool1"]),
        ("slice1", "slice", ["concat1"]),
        ("fc", "linear", ["slice1"]),  # it flattens
    ]


def test_a_flatten_module_is_a_layer_and_a_view_before_other_than_linear_too():
    assert [type_ for _, type_, _ in layers(nn.Sequential(nn.Flatten(), nn.ReLU()), (2, 3, 3))] == [
        "flatten",
        "relu",
    ]

    class Net(nn.Module):
        def forward(self, x):
            return functional.relu(x.view(x.size(0), -1))

    assert layers(Net(), (2, 3, 3)) == [
        ("flatten1", "flatten", ["input"]),
        ("relu1", "relu", ["flatten1"]),
    ]


def test_a_shuffle_by_views_has_the_groups_of_the_first_view():
    class Net(nn.Module):
        def forward(self, x):
            n, c, h, w = x.shape
            return x.reshape(n, 2, 3, h, w).transpose(1, 2).reshape(n, c, h, w).relu()

    shuffle, relu = cnncalc.from_torch(Net(), (6, 2, 2)).nodes
    assert (shuffle.type, shuffle.kind.groups, relu.type) == ("channel_shuffle", 2, "relu")


def test_what_the_tensor_functions_of_a_gate_become():
    assert [type_ for _, type_, _ in layers(Gate(), (8, 6, 6))] == [
        *("global_avg_pool", "linear", "relu", "linear", "sigmoid", "reshape", "mul")
    ]


def test_parameters_shared_by_calls_count_once():
    network = cnncalc.from_torch(Branches(), (4, 8, 8))
    report = cnncalc.analyze(network)
    # 3×3 from 4 to 4 with bias, a norm's weight and bias, 1×1 from 4 to 2 with bias
    assert report.totals.params == 4 * 4 * 9 + 4 + 2 * 4 + 4 * 2 + 2
    assert report.totals.buffers == 2 * 4
    again = [node for node in network.nodes if node.shares is not None]
    owners = [network.name_of(node.shares) for node in again]
    assert owners == ["head.0", "head.1", "predict"]
    # the second pass is at half the size: a quarter of the first one's multiply–accumulates
    assert report["predict_2"].macs * 4 == report["predict"].macs == 4 * 2 * 64


def test_one_module_under_two_names_counts_once():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(3, 3, 3, padding=1)
            self.second = self.first

        def forward(self, x):
            return self.second(self.first(x))

    report = check(Tied(), (3, 5, 5))
    assert [layer.params for layer in report] == [3 * 3 * 9 + 3, 0]


def test_frozen_parameters_count_as_pytorch_counts_them():
    module = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    module.requires_grad_(False)
    assert check(module, (3, 2, 2)).totals.params == 3 * 4 + 4 + 2 * 4


def test_the_module_stays_as_it_was():
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
    module[1].eval()
    weights = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    cnncalc.from_torch(module, "3x8x8")
    assert [part.training for part in module] == [True, False, True]
    assert all(torch.equal(tensor, weights[name]) for name, tensor in module.state_dict().items())


def test_a_module_without_weights_will_do():
    with torch.device("meta"):
        module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 10**6, 10**6))
    report = cnncalc.analyze(cnncalc.from_torch(module, (3, 1000, 1000)))
    assert report.totals.params == 3 * 10**12 + 10**6


def test_what_is_changed_in_place_is_read_changed():
    # conv3 reads the sum of conv1 and conv2: 3, then 3 + 2
    report = cnncalc.analyze(cnncalc.from_torch(InPlace(), (3, 6, 6)))
    assert report["conv3"].rf == (5, 5)
    assert [layer.sources for layer in report if layer.layer == "relu1"] == [("add1",)]


def test_pieces_changed_in_place_are_no_views_of_each_other():
    class Net(nn.Module):
        def forward(self, x):
            first, second = x.chunk(2, dim=1)
            third, fourth = second[:, :1], second[:, 1:]
            first += 1
            third += 1
            return torch.cat([first, third, fourth], dim=1)

    assert [type_ for _, type_, _ in layers(Net(), (4, 3, 3))] == [
        *("slice", "slice", "slice", "slice", "function", "function", "concat")
    ]


def test_an_unpooling_names_its_pool():
    network = cnncalc.from_torch(Unpooling(), (4, 7, 9))
    assert network.name_of(network.nodes[-1].referred) == "pool"


class Doubtful(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


REFUSED = [
    (Doubtful(), "PyTorch cannot trace it on input 3x4x4", ""),
    (nn.LSTM(4, 4), "PyTorch cannot trace it on input 3x4x4", ""),
    (nn.Conv2d(5, 2, 1), "PyTorch cannot trace it on input 3x4x4", "3 channels"),
    (nn.Sequential(nn.LazyConv2d(8, 3)), "its parameters have no shapes yet", ""),
    (nn.Identity(), "it has no layers", ""),
]


@pytest.mark.parametrize(
    ("module", "what", "why"), REFUSED, ids=[type(row[0]).__name__ for row in REFUSED]
)
def test_what_cannot_be_read_is_refused_in_one_line(module, what, why):
    with pytest.raises(cnncalc.DefinitionError) as refused:
        cnncalc.from_torch(module, (3, 4, 4))
    message = str(refused.value)
    assert message.startswith(f"{type(module).__name__}: ") and "\n" not in message
    assert what in message and why in message


@pytest.mark.parametrize(
    ("given", "shape", "unknown", "message"),
    [
        (3, (3, 4, 4), "refuse", "torch.nn.Module, not 'int'"),
        (nn.ReLU(), (3, None, 4), "refuse", "every number"),
        (nn.ReLU(), "3x4y4", "refuse", "3x224x224"),
        (nn.ReLU(), 3, "refuse", "[channels, *axes]"),
        (nn.ReLU(), (3,), "refuse", "one to three axes"),
        (nn.ReLU(), (3, 4, 4), "skip", "'refuse' or 'pass', not 'skip'"),
    ],
)
def test_wrong_requests(given, shape, unknown, message):
    with pytest.raises(cnncalc.UsageError) as refused:
        cnncalc.from_torch(given, shape, unknown=unknown)
    assert message in str(refused.value)


FACTORIES = """
import torch
from torch import nn

print("noise that must not reach the figures")

def small():
    print("more noise")
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())

def numeric():
    stages = torch.linspace(1, 3, 3).tolist()
    return nn.Sequential(*(nn.Conv2d(3, 3, 3) for _ in stages))

module = small()

class Inner:
    @staticmethod
    def made():
        return small()

def broken():
    raise ValueError("of two\\nlines")

def leaving():
    raise SystemExit(3)

def number():
    return 3

value = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a module of factories."""
    (tmp_path / "factories.py").write_text(FACTORIES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    monkeypatch.delitem(sys.modules, "factories", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("factory", "params"),
    [
        ("small", 3 * 4 * 9 + 4),
        ("module", 3 * 4 * 9 + 4),
        ("Inner.made", 3 * 4 * 9 + 4),
        ("numeric", 3 * (3 * 3 * 9 + 3)),
    ],
)
def test_command_line_reads_a_factory_of_the_current_folder(folder, capsys, factory, params):
    net = f"factories:{factory}"
    status = run(["params", net, "--reader", "torch", "--input", "3x8x8", "--csv"])
    done = capsys.readouterr()
    header, *rows = done.out.splitlines()
    assert header == "index,layer,type,out_channels,params"
    assert sum(int(row.split(",")[-1]) for row in rows) == params
    assert status == 0 and "noise" in done.err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["factories:small"], 2, "give --input 3x224x224"),
        (["factories:small", "--input", "8"], 2, "[channels, *axes]"),
        (["factories", "--input", "3x8x8"], 2, "package.module:factory"),
        (["nowhere:small", "--input", "3x8x8"], 1, "import nowhere fails: ModuleNotFoundError"),
        (["factories:none", "--input", "3x8x8"], 1, "factories has no 'none'"),
        (["factories:broken", "--input", "3x8x8"], 1, "broken() fails: ValueError: of two"),
        (["factories:leaving", "--input", "3x8x8"], 1, "leaving() fails: SystemExit: 3"),
        (["factories:number", "--input", "3x8x8"], 1, "number() gives int, no torch.nn.Module"),
        (["factories:value", "--input", "3x8x8"], 1, "value is int, no function"),
        (["factories:small", "--input", "4x8x8"], 1, "PyTorch cannot trace it on input 4x8x8"),
    ],
)
def test_command_line_errors_are_one_line(folder, capsys, arguments, status, message):
    assert run(["summary", *arguments, "--reader", "torch"]) == status
    last = capsys.readouterr().err.rstrip().splitlines()[-1]
    assert message in last


def test_command_line_as_a_process_of_its_own(folder):
    package = str(Path(cnncalc.__file__).parent.parent)
    code = f"import sys; sys.path[:0] = [{package!r}]; from cnncalc.cli import main; main()"
    arguments = ["summary", "factories:small", "--reader", "torch", "--input", "3x8x8", "--csv"]
    command = [sys.executable, "-P", "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert [row.split(",")[1] for row in done.stdout.splitlines()] == ["layer", "0", "1"]


def test_without_pytorch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(cnncalc.UsageError) as refused:
        cnncalc.from_torch(nn.ReLU(), (3, 4, 4))
    assert str(refused.value).endswith('pip install "cnncalc[torch]"')


# Families whose models load and are traced in about a second.
TORCHVISION = [
    *("alexnet", "vgg11_bn", "resnet18", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small"),
    *("shufflenet_v2_x0_5", "efficientnet_b0", "convnext_tiny", "googlenet", "r3d_18"),
    *("vit_b_16", "swin_t"),
]
TIMM = [
    *("dla34", "skresnet18", "resnest14d", "legacy_seresnet18", "selecsls42", "regnetx_002"),
    *("ese_vovnet19b_dw", "ghostnet_050", "rexnet_100", "repvgg_a0", "lcnet_050", "nf_resnet26"),
    *("tf_efficientnet_lite0", "resnetv2_50", "eca_resnet33ts", "resnetblur18", "convnextv2_atto"),
    *("vit_tiny_patch16_224", "coat_lite_tiny", "poolformer_s12"),
]
WITHOUT_AUXILIARY = {"googlenet": {"aux_logits": False, "init_weights": False}}


def framework_models():
    """torchvision's models, as the table of framework rows imports them."""
    sys.path.insert(0, str(DATA))
    try:
        from framework_rows import torchvision_models

        return torchvision_models()
    finally:
        sys.path.remove(str(DATA))


@pytest.mark.skipif(not find_spec("torchvision"), reason="torchvision is not installed")
@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision_families(name):
    options = WITHOUT_AUXILIARY.get(name, {})
    models = framework_models()
    with torch.device("meta"):
        module = models.get_model(name, weights=None, **options)
    check(module, (3, 4, 64, 64) if name == "r3d_18" else (3, 224, 224))


@pytest.mark.skipif(
    not (find_spec("timm") and find_spec("torchvision")), reason="timm is not installed"
)
@pytest.mark.parametrize("name", TIMM)
def test_timm_families(name):
    framework_models()  # timm imports torchvision
    timm = pytest.importorskip("timm")
    with torch.device("meta"):
        module = timm.create_model(name, pretrained=False)
    check(module, module.default_cfg.get("input_size", (3, 224, 224)))
