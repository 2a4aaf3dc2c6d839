"""ONNX models as PyTorch exports them, against PyTorch's own counts of the modules.

Exporters fold batch normalization into convolutions unless they are told not to; then parameters
are PyTorch's, too. MACs are half the flops of PyTorch's FlopCounterMode in any case.
"""

import io
import warnings
from importlib.util import find_spec

import pytest

pytest.importorskip("onnx", reason="the ONNX reader needs the package onnx")

from onnx_models import report

torch = pytest.importorskip("torch", reason="the exporters are PyTorch's")
flop_counter = pytest.importorskip("torch.utils.flop_counter")
nn, functional = torch.nn, torch.nn.functional


class Residual(nn.Module):
    """A residual block with a strided shortcut, and a classifier."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.one = nn.Conv2d(8, 16, 3, stride=2, padding=1, bias=False)
        self.one_norm = nn.BatchNorm2d(16)
        self.two = nn.Conv2d(16, 16, 3, padding=1, groups=4)
        self.short = nn.Conv2d(8, 16, 1, stride=2)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = functional.relu(self.norm(self.stem(x)))
        x = functional.max_pool2d(x, 3, 2, 1)
        y = self.two(functional.relu(self.one_norm(self.one(x)))) + self.short(x)
        return self.fc(torch.flatten(functional.adaptive_avg_pool2d(functional.relu(y), 1), 1))


class Gated(nn.Module):
    """An inverted bottleneck with squeeze and excitation by linear layers."""

    def __init__(self):
        super().__init__()
        self.expand = nn.Conv2d(3, 24, 1, bias=False)
        self.norm = nn.BatchNorm2d(24)
        self.depthwise = nn.Conv2d(24, 24, 5, stride=2, padding=2, groups=24)
        self.squeeze = nn.Linear(24, 6)
        self.excite = nn.Linear(6, 24)
        self.project = nn.Conv2d(24, 8, 1)
        self.act = nn.Hardswish()

    def forward(self, x):
        x = self.depthwise(self.act(self.norm(self.expand(x))))
        gate = functional.silu(self.squeeze(x.mean((2, 3))))
        gate = functional.hardsigmoid(self.excite(gate))
        return self.project(x * gate.view(x.shape[0], -1, 1, 1))


class Modern(nn.Module):
    """A ConvNeXt block with a layer norm over the channels, and a learned scale."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 4, 4)
        self.depthwise = nn.Conv2d(12, 12, 7, padding=3, groups=12)
        self.norm = nn.LayerNorm(12)
        self.up, self.down = nn.Linear(12, 48), nn.Linear(48, 12)
        self.gamma = nn.Parameter(torch.randn(12))
        self.groups = nn.GroupNorm(3, 12)

    def forward(self, x):
        x = self.stem(x)
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.gamma * self.down(functional.gelu(self.up(y)))
        return self.groups(x + y.permute(0, 3, 1, 2))


class Shuffled(nn.Module):
    """Channels split, shuffled and joined; a pixel shuffle behind."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.branch = nn.Conv2d(8, 8, 3, padding=1)
        self.last = nn.Conv2d(16, 12, 1)
        self.up = nn.PixelShuffle(2)
        self.end = nn.Conv2d(3, 5, 3)

    def forward(self, x):
        left, right = self.stem(x).chunk(2, 1)
        x = torch.cat([left, functional.leaky_relu(self.branch(right))], 1)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        return self.end(self.up(self.last(x)))


class Decoder(nn.Module):
    """Down by ceiled pooling, up by transposed convolution and by resizing to the input's size."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 8, 3, padding=2, dilation=2)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.up = nn.ConvTranspose2d(8, 6, 4, stride=2, padding=1)
        self.act = nn.PReLU(6)
        self.head = nn.Conv2d(6, 2, 1)

    def forward(self, x):
        y = self.act(self.up(self.pool(self.down(x))))
        y = functional.interpolate(y, scale_factor=2.0, mode="nearest")
        size = x.shape[-2:]
        y = functional.interpolate(self.head(y), size=size, mode="bilinear", align_corners=False)
        return y[:, :, 1:-2, :]


class Shared(nn.Module):
    """One head on two maps, as detectors have it."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.head = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x):
        x = self.stem(x)
        return self.head(x), self.head(functional.avg_pool2d(x, 2))


MODULES = (Residual, Gated, Modern, Shuffled, Decoder, Shared)
SHAPE = (3, 40, 48)


@pytest.fixture(scope="module", params=MODULES, ids=lambda module: module.__name__)
def module(request):
    """A module with weights of its own, none of them a number repeated."""
    torch.manual_seed(1)
    made = request.param().eval()
    for numbers in (*made.parameters(), *made.buffers()):
        if numbers.dim():
            nn.init.uniform_(numbers, 0.5, 1.5)
    return made


def counted(module):
    """Parameters, MACs and the output's shape, by PyTorch."""
    with flop_counter.FlopCounterMode(display=False) as counter, torch.no_grad():
        made = module(torch.zeros(1, *SHAPE))
    params = sum(numbers.numel() for numbers in module.parameters())
    last = made[-1] if isinstance(made, tuple) else made
    return params, counter.get_total_flops() // 2, tuple(last.shape[1:])


def exported(module, **given):
    """The module as ONNX, encoded."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (torch.zeros(1, *SHAPE),), stream, verbose=False, **given)
    return stream.getvalue()


UNFOLDED = {"do_constant_folding": False, "training": torch.onnx.TrainingMode.PRESERVE}
OPEN = {"input_names": ["x"], "dynamic_axes": {"x": {0: "n", 2: "h", 3: "w"}}}


@pytest.mark.parametrize("opset", [11, 17, 20])
def test_the_exporter_by_tracing(module, opset):
    found = report(exported(module, dynamo=False, opset_version=opset, **UNFOLDED))
    params, macs, shape = counted(module)
    assert (found.totals.params, found.totals.macs) == (params, macs)
    assert found.layers[-1].out_shape == shape


def test_the_exporter_by_tracing_with_constants_folded(module):
    found = report(exported(module, dynamo=False, opset_version=17))
    assert (found.totals.macs, found.layers[-1].out_shape) == counted(module)[1:]


def test_sizes_left_open(module):
    content = exported(module, dynamo=False, opset_version=17, **UNFOLDED, **OPEN)
    params, macs, shape = counted(module)
    size = "x".join(map(str, SHAPE))
    found = report(content, input=size)
    assert (found.totals.params, found.totals.macs) == (params, macs)
    assert found.layers[-1].out_shape == shape
    open_sizes = report(content)
    assert open_sizes.input == (3, None, None)
    assert open_sizes.totals.params == params


@pytest.mark.skipif(find_spec("onnxscript") is None, reason="onnxscript is not installed")
def test_the_exporter_by_torch_export(module):
    params, macs, shape = counted(module)
    found = report(exported(module, dynamo=True, optimize=False))
    assert (found.totals.params, found.totals.macs) == (params, macs)
    found = report(exported(module, dynamo=True))
    assert (found.totals.macs, found.layers[-1].out_shape) == (macs, shape)
