"""Which pixels each unit reads of modules beside layer kinds, by PyTorch's gradients in float64.

All weights are above 0, so that no two paths cancel, and pools are means. What reads whole maps is
kept out of the gradient: the figures are those of the paths beside it.
"""

from __future__ import annotations

from contextlib import ExitStack
from unittest.mock import patch

import pytest

import cnncalc
from cnncalc.analysis.analysis import trace_of
from cnncalc.fields.field import Global

torch = pytest.importorskip("torch", reason="reading PyTorch modules needs torch")
from torch_constructs import CONSTRUCTS  # noqa: E402
from torch_count import macs_and_outputs  # noqa: E402

nn, functional = torch.nn, torch.nn.functional
MEAN, NORM, MATMUL = torch.Tensor.mean, torch.Tensor.norm, torch.matmul


class Heads(nn.Module):
    """A detector's: maps of three scales, boxes and classes joined along their places."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(4, 4, 3, 2, 1) for _ in range(2))
        self.heads = nn.ModuleList(nn.Conv2d(4, 6, 1) for _ in range(3))

    def forward(self, x):
        maps = [self.stem(x)]
        for down in self.down:
            maps.append(down(maps[-1]))
        flat = [head(one).flatten(2) for head, one in zip(self.heads, maps, strict=True)]
        boxes, classes = torch.cat(flat, 2).split((4, 2), 1)
        return torch.cat([boxes, classes.sigmoid()], 1)


class Rows(nn.Module):
    """Maps of unlike fields below each other, and what comes behind."""

    def __init__(self, *kernels, behind=None):
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(3, 2, (kernel, 3), padding=(kernel // 2, 1)) for kernel in kernels
        )
        self.behind = behind or nn.Identity()

    def forward(self, x):
        return self.behind(torch.cat([conv(x) for conv in self.convs], 2))


class Halves(nn.Module):
    """A map cut in two, the halves exchanged or not."""

    def __init__(self, order):
        super().__init__()
        self.order, self.conv = order, nn.Conv2d(3, 2, 3)

    def forward(self, x):
        halves = x.chunk(2, 3)
        return self.conv(torch.cat([halves[place] for place in self.order], 3))


class Unfolded(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.unfold = nn.Conv2d(3, 2, 3), nn.Unfold(3, padding=1, stride=2)
        self.mix = nn.Conv1d(18, 4, 1)

    def forward(self, x):
        return self.mix(self.unfold(self.conv(x)))


class Copies(nn.Module):
    """Units several times, channels in another order, the map twice."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3, padding=1)

    def forward(self, x):
        x = self.conv(x.repeat_interleave(2, 2)[:, [2, 0, 1]])
        return self.conv(torch.cat([x, x[:, :1]], 1)).repeat(1, 1, 1, 2)


class NonLocal(nn.Module):
    """A block of arXiv:1711.07971, figure 2."""

    def __init__(self):
        super().__init__()
        self.before = nn.Conv2d(3, 4, 3, padding=1)
        self.theta, self.phi, self.g = (nn.Conv2d(4, 2, 1) for _ in range(3))
        self.out = nn.Conv2d(2, 4, 1)

    def forward(self, x):
        x = self.before(x)
        theta, phi, g = (part(x).flatten(2) for part in (self.theta, self.phi, self.g))
        weights = torch.matmul(theta.transpose(1, 2), phi).softmax(-1)
        y = torch.matmul(weights, g.transpose(1, 2)).transpose(1, 2)
        return x + self.out(y.reshape(1, 2, *x.shape[2:]))


class BlurPool(nn.Module):
    """A blur of constant weights after padding by reflection."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        row = torch.tensor([1.0, 2, 1])
        self.register_buffer("kernel", (row[:, None] * row)[None, None].repeat(3, 1, 1, 1) / 16)

    def forward(self, x):
        return functional.conv2d(self.conv(x), self.kernel, stride=2, padding=1, groups=3)


class Wide(nn.Module):
    """A construct between two convolutions."""

    def __init__(self, name, channels=3):
        super().__init__()
        self.before = nn.Conv2d(3, channels, 3, padding=1)
        self.inner = CONSTRUCTS[name][0]

    def forward(self, x):
        return self.inner(self.before(x))


SIDE = 12
MODULES = {
    "heads": Heads(),
    "rows": Rows(3, 5),
    "rows, convolved": Rows(1, 5, 3, behind=nn.Conv2d(2, 2, 3, padding=1)),
    "rows, pooled": Rows(3, 3, behind=nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(2, 2, 3))),
    "halves": Halves((0, 1)),
    "halves exchanged": Halves((1, 0)),
    "unfold": Unfolded(),
    "copies": Copies(),
    "blur pool": BlurPool(),
    "non-local": NonLocal(),
    **{name: Wide(name) for name in ("eca", "cbam", "grn", "coordinates", "selective", "scalar")},
    **{name: Wide(name) for name in ("detections", "join along an axis", "rms")},
}
WHOLE = ("eca", "grn", "selective", "non-local")


def without_whole_maps(function):
    """A function whose result has no gradient where it takes all units together."""

    def call(x, *args, **kwargs):
        made = function(x, *args, **kwargs)
        whole = function is MATMUL or made.dim() < 3 or set(made.shape[-2:]) == {1}
        return made.detach() if whole or made.shape[1:3] == (1, 1) else made

    return call


def pixels_read(module, shape):
    """Per unit of what the module gives, which pixels each axis reads, in the order of units."""
    torch.manual_seed(0)
    module = module.double().eval()
    image = torch.rand(1, *shape, dtype=torch.float64).requires_grad_()
    with torch.no_grad():
        for each in module.parameters():
            share = each[0].numel() if each.dim() else 1
            each.copy_(0.5 + torch.rand(each.shape, dtype=torch.float64)).div_(share)
    with ExitStack() as stack:
        stack.enter_context(patch.object(functional, "max_pool2d", functional.avg_pool2d))
        stack.enter_context(patch.object(torch.Tensor, "mean", without_whole_maps(MEAN)))
        stack.enter_context(patch.object(torch.Tensor, "norm", without_whole_maps(NORM)))
        stack.enter_context(patch.object(torch, "matmul", without_whole_maps(MATMUL)))
        output = module(image)
    units = output[0].sum(0).flatten()
    each = torch.eye(len(units), dtype=torch.float64)
    (gradients,) = torch.autograd.grad(units, image, each, is_grads_batched=True)
    read = gradients[:, 0].abs().sum(1) > 1e-12
    rows, columns = read.any(2), read.any(1)
    found = [
        [set(axis[unit].nonzero().flatten().tolist()) for axis in (rows, columns)]
        for unit in range(len(units))
    ]
    return found, output.shape[2:]


def pixels_told(field, unit, size):
    """The pixels of a unit's field that are the image's."""
    first, last, mask = field.at(unit)
    pixels = {first + n for n in range(last - first + 1) if mask is None or mask >> n & 1}
    return pixels & set(range(size))


@pytest.mark.parametrize("name", MODULES)
def test_units_read_the_pixels_that_gradients_reach(name):
    module, shape = MODULES[name], (3, SIDE, SIDE)
    trace = trace_of(cnncalc.from_torch(module, shape))
    found, sizes = pixels_read(module, shape)
    fields, figures = trace.fields[-1], trace.layers[-1]
    assert not any(isinstance(field, Global) for field in fields)
    assert figures.gated == (name in WHOLE)
    for number, read in enumerate(found):
        places = (number, number) if len(sizes) == 1 else divmod(number, sizes[1])
        for axis in range(2):
            told = pixels_told(fields[axis], places[axis], SIDE)
            assert told == read[axis], (number, axis)


@pytest.mark.parametrize("name", MODULES)
def test_counts_are_pytorchs(name):
    module = MODULES[name].float()
    report = cnncalc.analyze(cnncalc.from_torch(module, (3, SIDE, SIDE)))
    macs, _ = macs_and_outputs(module, (3, SIDE, SIDE))
    params = sum(one.numel() for one in module.parameters())
    assert (report.totals.params, report.totals.macs) == (params, macs)
    assert not report.warnings or name in WHOLE
