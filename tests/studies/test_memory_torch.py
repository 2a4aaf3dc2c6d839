"""Peaks and what autograd keeps against PyTorch, which counts its own storages."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import cnncalc

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch_memory import inference_peak, saved_bytes  # noqa: E402

DATA = Path(__file__).parent.parent / "data"
PLAIN = {"aux_logits": False, "init_weights": False}
# Stochastic depth is a mask for each image of a batch, which no layer of a network stands for.
OPTIONS = {
    "googlenet": PLAIN,
    "inception_v3": PLAIN,
    "efficientnet_b0": {"stochastic_depth_prob": 0.0},
    "convnext_tiny": {"stochastic_depth_prob": 0.0},
}
NAMES = (
    *("alexnet", "vgg11_bn", "resnet18", "resnext50_32x4d", "squeezenet1_1", "densenet121"),
    *("mobilenet_v2", "mobilenet_v3_small", "mnasnet0_5", "shufflenet_v2_x0_5", "regnet_y_400mf"),
    *OPTIONS,
)


def models():
    """torchvision's models, as the table of framework rows imports them."""
    sys.path.insert(0, str(DATA))
    try:
        from framework_rows import torchvision_models

        return torchvision_models()
    finally:
        sys.path.remove(str(DATA))


@pytest.mark.skipif(not find_spec("torchvision"), reason="torchvision is not installed")
@pytest.mark.parametrize("name", NAMES)
def test_torchvision(name):
    library = models()
    with torch.device("cpu" if name.startswith("regnet") else "meta"):
        module = library.get_model(name, weights=None, **OPTIONS.get(name, {})).eval()
    found = cnncalc.memory(cnncalc.from_torch(module, (3, 224, 224)), batch=2)
    assert found.peak == inference_peak(module, 2, 3, 224, 224)
    assert found.saved == saved_bytes(module, 2, 3, 224, 224)


class Joined(nn.Module):
    """A product of two convolutions, and of one with what no parameter precedes."""

    def __init__(self, join):
        super().__init__()
        self.left, self.right, self.join = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1), join

    def forward(self, x):
        y = self.left(x)
        return self.join(self.join(y, self.right(y)), torch.tanh(x))


class Resized(nn.Module):
    """An upsampling, which keeps nothing."""

    def __init__(self, mode):
        super().__init__()
        self.mode = mode

    def forward(self, x):
        return nn.functional.interpolate(x, scale_factor=2, mode=self.mode)


class Unpooled(nn.Module):
    """A pool and its undoing, which share their indices."""

    def __init__(self):
        super().__init__()
        self.pool, self.unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)

    def forward(self, x):
        small, indices = self.pool(x)
        return self.unpool(torch.relu(small), indices)


SINGLE = {
    "conv": nn.Conv2d(8, 6, 3, padding=1),
    "transposed": nn.ConvTranspose2d(8, 6, 2, stride=2),
    "batch_norm": nn.BatchNorm2d(8),
    "batch_norm_alone": nn.BatchNorm2d(8, affine=False),
    "group_norm": nn.GroupNorm(4, 8),
    "instance_norm": nn.InstanceNorm2d(8),
    "instance_norm_affine": nn.InstanceNorm2d(8, affine=True),
    "instance_norm_tracking": nn.InstanceNorm2d(8, affine=True, track_running_stats=True),
    "lrn": nn.LocalResponseNorm(3),
    "prelu": nn.PReLU(8),
    "max_pool": nn.MaxPool2d(2),
    "avg_pool": nn.AvgPool2d(2),
    "global_avg": nn.AdaptiveAvgPool2d(1),
    "adaptive_avg": nn.AdaptiveAvgPool2d(3),
    "adaptive_max": nn.AdaptiveMaxPool2d(3),
    "global_max": nn.AdaptiveMaxPool2d(1),
    "dropout": nn.Dropout(0.3),
    "dropout_none": nn.Dropout(0.0),
    "dropout_all": nn.Dropout(1.0),
    "dropout_of_maps": nn.Dropout2d(0.3),
    "dropout_of_all_maps": nn.Dropout2d(1.0),
    "feature_alpha_dropout": nn.FeatureAlphaDropout(0.3),
    "dropout_in_place": nn.Dropout(0.3, inplace=True),
    "shuffle": nn.ChannelShuffle(2),
    "pixel_shuffle": nn.PixelShuffle(2),
    "pixel_unshuffle": nn.PixelUnshuffle(2),
    "zeros": nn.ZeroPad2d(1),
    "reflect": nn.ReflectionPad2d(1),
    "nearest": Resized("nearest"),
    "bilinear": Resized("bilinear"),
    "mul": Joined(torch.mul),
    "maximum": Joined(torch.maximum),
    "add": Joined(torch.add),
    "unpool": Unpooled(),
    "softmax": nn.Softmax(dim=1),
    "log_softmax": nn.LogSoftmax(dim=1),
    "gelu": nn.GELU(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    **{
        f"{kind.__name__}_{'in_place' if in_place else 'plain'}": kind(inplace=in_place)
        for kind in (
            *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SiLU, nn.Mish),
            *(nn.Hardsigmoid, nn.Hardswish),
        )
        for in_place in (False, True)
    },
}


@pytest.mark.parametrize("learns", [True, False])
@pytest.mark.parametrize("name", SINGLE)
def test_single_layers(name, learns):
    """What a layer keeps behind a convolution, and what one keeps that no parameter precedes."""
    layer = SINGLE[name].to_empty(device="cpu")
    module = nn.Sequential(nn.Conv2d(8, 8, 1), layer) if learns else nn.Sequential(layer)
    network = cnncalc.from_torch(module.eval(), (8, 12, 12))
    found = cnncalc.memory(network, batch=2)
    wanted = sum(tensor.numel() for tensor in module.parameters())
    assert found.saved == (saved_bytes(module, 2, 8, 12, 12) if wanted else 0)


class Applied(nn.Module):
    """A function of numbers between a convolution and another."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.before, self.behind = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1)

    def forward(self, x):
        return self.behind(self.function(self.before(x)))


NAMED = (
    *("neg", "sign", "floor", "ceil", "round", "trunc", "frac", "exp", "expm1", "sqrt", "rsqrt"),
    *("reciprocal", "tan", "abs", "square", "log", "log2", "log10", "log1p", "logit", "sin"),
    *("cos", "sinh", "cosh", "asin", "acos", "atan", "erf", "erfc", "nan_to_num", "selu", "celu"),
)
WITH_NUMBERS = {
    "added": lambda x: x + 2,
    "subtracted": lambda x: x - 2,
    "subtracted_from": lambda x: 2 - x,
    "multiplied": lambda x: x * 2,
    "divided": lambda x: x / 2,
    "dividing": lambda x: 2 / x,
    "remainder": lambda x: torch.fmod(x, 2),
    "power": lambda x: x**3,
    "exponent": lambda x: 2**x,
    "clamped": lambda x: x.clamp(-1, 1),
    "clamped_below": lambda x: x.clamp(min=0.5),
    "maximum_of_maps": lambda x: x.amax((2, 3), keepdim=True),
    "maximum_of_rows": lambda x: x.amax(3, keepdim=True),
    "mean_of_rows": lambda x: x.mean(3, keepdim=True),
    "softplus": nn.functional.softplus,
    "hardshrink": nn.functional.hardshrink,
    "softshrink": nn.functional.softshrink,
    "threshold": lambda x: nn.functional.threshold(x, 0.1, 1.0),
}


@pytest.mark.parametrize("name", [*NAMED, *WITH_NUMBERS])
def test_functions_of_numbers(name):
    module = Applied(WITH_NUMBERS.get(name) or getattr(torch, name)).eval()
    network = cnncalc.from_torch(module, (8, 4, 4))
    assert cnncalc.memory(network, batch=2).saved == saved_bytes(module, 2, 8, 4, 4)


@pytest.mark.parametrize(
    "pool",
    [nn.MaxPool2d(2), nn.MaxPool2d(3, 1, 1), nn.AdaptiveMaxPool2d(3), nn.AdaptiveMaxPool2d(1)],
)
def test_places_that_max_pooling_finds_in_inference(pool):
    """They are made, if only while it runs."""
    module = nn.Sequential(nn.Conv2d(8, 8, 1), pool)
    found = cnncalc.memory(cnncalc.from_torch(module, (8, 12, 12)), batch=2, runtime="pytorch")
    assert found.peak == inference_peak(module, 2, 8, 12, 12, indices=True)


def test_a_plain_maximum_finds_no_places():
    module = nn.Sequential(Applied(lambda x: x.amax((2, 3), keepdim=True)))
    found = cnncalc.memory(cnncalc.from_torch(module, (8, 12, 12)), batch=2, runtime="pytorch")
    assert found.peak == inference_peak(module, 2, 8, 12, 12, indices=True)


class Tokens(nn.Module):
    """Tokens of a map behind a learned one, with positions; a product of them, and a map again."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)
        self.first = nn.Parameter(torch.empty(1, 1, 8))
        self.position = nn.Parameter(torch.empty(1, 145, 8))

    def forward(self, x):
        tokens = self.conv(x).flatten(2).transpose(1, 2)
        joined = torch.cat([self.first.expand(len(x), -1, -1), tokens], 1) + self.position
        return joined[:, 1:].transpose(1, 2).reshape(len(x), 8, 12, 12)


TOKENS = """
name: tokens
input: [8, 12, 12]
layers:
  - {name: conv, type: conv, out_channels: 8, kernel_size: 1}
  - tokens
  - prepend
  - position
  - {type: take, index: [1, 145]}
  - {type: untokens, like: conv}
"""


def test_tokens_as_pytorch_keeps_them():
    """Views of tokens share, learned tokens and positions make a tensor, and none keep any."""
    found = cnncalc.memory(cnncalc.loads(TOKENS))
    assert found.peak == inference_peak(Tokens(), 1, 8, 12, 12)
    assert found.saved == saved_bytes(Tokens(), 1, 8, 12, 12)
