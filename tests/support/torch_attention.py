"""Modules with attention, of torchvision, timm and written by hand, and what they read."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "data"))
from framework_rows import torchvision_models

torchvision_models()
from timm.layers import BlurPool2d, NonLocalAttn  # noqa: E402
from timm.models.twins import LocallyGroupedAttn  # noqa: E402
from timm.models.vision_transformer import Attention  # noqa: E402
from torchvision.models.maxvit import PartitionAttentionLayer  # noqa: E402
from torchvision.models.swin_transformer import ShiftedWindowAttention  # noqa: E402


class OnMap(nn.Module):
    """A part that reads maps with channels last, between two convolutions."""

    def __init__(self, part):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 2, stride=2)
        self.attn = part
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, x):
        return self.head(self.attn(self.stem(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


class Unit(nn.Module):
    """A part that reads maps, behind a strided convolution."""

    def __init__(self, part, channels=4):
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 2, stride=2)
        self.part = part

    def forward(self, x):
        return self.part(self.stem(x))


class OnTokens(nn.Module):
    """A part that reads tokens and the sizes of their map, which they go back to."""

    def __init__(self, part, *, token=False, sizes=False):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 2, stride=2)
        self.token = nn.Parameter(torch.randn(1, 1, 4)) if token else None
        self.attn = part
        self.sizes = sizes
        self.head = nn.Conv2d(4, 2, 3, padding=1)

    def forward(self, x):
        x = self.stem(x)
        batch, channels, high, wide = x.shape
        x = x.flatten(2).transpose(1, 2)
        if self.token is not None:
            x = torch.cat([self.token.expand(batch, -1, -1), x], 1)
        x = self.attn(x, (high, wide)) if self.sizes else self.attn(x)
        x = x[:, -high * wide :]
        return self.head(x.transpose(1, 2).reshape(batch, channels, high, wide))


class SelfAttention(nn.Module):
    """nn.MultiheadAttention of tokens with themselves."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


class Interleaved(nn.Module):
    """Queries, keys and values of separate layers, of a width of their own, by einsum."""

    def __init__(self):
        super().__init__()
        self.q, self.k = nn.Linear(4, 6, bias=False), nn.Linear(4, 6, bias=False)
        self.v, self.out = nn.Linear(4, 4, bias=False), nn.Linear(4, 4)

    def forward(self, x):
        q, k, v = (one(x).unflatten(-1, (2, -1)) for one in (self.q, self.k, self.v))
        weights = (torch.einsum("bNhD,bMhD->bhNM", q, k) / 3**0.5).softmax(-1)
        return self.out(torch.einsum("bhNM,bMhD->bNhD", weights, v).flatten(2))


class ByHeads(nn.Module):
    """Queries, keys and values of a head side by side, then those of the next."""

    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(4, 12), nn.Linear(4, 4)

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (2, 6)).transpose(1, 2).chunk(3, -1)
        weights = (q @ k.transpose(2, 3) / 2**0.5).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).flatten(2))


class Rolled(nn.Module):
    """Attention in windows of 3×3 of a map that is rolled by 1, and nothing masked."""

    def __init__(self):
        super().__init__()
        self.part = LocallyGroupedAttn(4, 2, ws=3)

    def forward(self, x):
        x = x.roll((-1, -1), (1, 2))
        batch, high, wide, channels = x.shape
        x = self.part(x.flatten(1, 2), (high, wide)).view(batch, high, wide, channels)
        return x.roll((1, 1), (1, 2))


class Coordinates(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(5, 4, 3)

    def forward(self, x):
        rows = torch.linspace(-1, 1, x.shape[2], dtype=x.dtype, device=x.device)
        grid = rows.view(1, 1, -1, 1).expand(1, 1, -1, x.shape[3])
        return self.conv(torch.cat([x, grid], 1))


class Branches(nn.Module):
    """Two branches, stacked and summed up again."""

    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        return torch.stack([self.one(x), self.other(x)]).sum(0)


def swin(window, shift):
    """torchvision's attention in shifted windows, its table of biases filled."""
    part = ShiftedWindowAttention(4, list(window), list(shift), 2)
    nn.init.normal_(part.relative_position_bias_table)
    return OnMap(part)


def non_local():
    """timm's block of attention beside what it adds to."""
    return Unit(NonLocalAttn(4, rd_channels=2))


def unfused(part):
    """timm's attention written out."""
    part.fused_attn = False
    return part


# By name: a module, the shape that it reads, and the attributes of the attention in it.
WINDOWED = {
    "windows": (swin((3, 3), (0, 0)), (3, 12, 18), {"window": (3, 3), "shift": (0, 0)}),
    "shifted": (swin((3, 3), (1, 1)), (3, 12, 18), {"window": (3, 3), "shift": (1, 1)}),
    "padded": (swin((3, 3), (0, 0)), (3, 14, 16), {"window": (3, 3), "shift": (0, 0)}),
    "shifted and padded": (swin((4, 3), (1, 2)), (3, 14, 16), {"window": (4, 3), "shift": (1, 2)}),
    "covered": (swin((3, 4), (1, 1)), (3, 12, 8), {"window": (3, 4), "shift": (1, 0)}),
    "locally grouped": (
        OnTokens(LocallyGroupedAttn(4, 2, ws=3), sizes=True),
        (3, 12, 18),
        {"window": (3, 3), "shift": (0, 0)},
    ),
    "maxvit": (
        Unit(
            PartitionAttentionLayer(8, 4, 3, "window", (6, 9), 2, nn.GELU, nn.LayerNorm, 0, 0, 0), 8
        ),
        (3, 12, 18),
        {"window": (3, 3), "shift": (0, 0), "position_bias": True},
    ),
}
WHOLE = {
    "multihead": OnTokens(SelfAttention()),
    "einsum": OnTokens(Interleaved()),
    "by heads": OnTokens(ByHeads()),
    "fused": OnTokens(Attention(4, 2, qkv_bias=True), token=True),
    "written out": OnTokens(unfused(Attention(4, 2)), token=True),
}
LOCAL = {
    "blur": (Unit(BlurPool2d(4, 3, 2, pad_mode="constant")), (3, 16, 20)),
    "coordinates": (Unit(Coordinates()), (3, 16, 20)),
    "stack": (Unit(Branches()), (3, 16, 20)),
    "tokens and back": (OnTokens(nn.Linear(4, 4), token=True), (3, 12, 18)),
}


def seeded(module, seed=0):
    """The module in float64 with seeded weights, in evaluation mode.

    They are small, so that no softmax is so steep that what it weighs least is lost.
    """
    generator = torch.Generator().manual_seed(seed)
    module = module.double().eval()
    with torch.no_grad():
        for one in module.parameters():
            one.copy_(torch.randn(one.shape, generator=generator, dtype=torch.float64) / 4)
    return module


def pixels_read(module, shape, seed=1):
    """Per unit of the map that a module gives, the first and last pixel per axis that move it."""
    generator = torch.Generator().manual_seed(seed)
    image = torch.randn((1, *shape), generator=generator, dtype=torch.float64, requires_grad=True)
    output = module(image)
    read = {}
    for unit in product(*map(range, output.shape[2:])):
        total = output[(0, slice(None), *unit)].sum()
        gradient = torch.autograd.grad(total, image, retain_graph=True)[0][0].abs().sum(0)
        places = (gradient > 1e-12 * gradient.max()).nonzero()
        low, high = places.min(0).values.tolist(), places.max(0).values.tolist()
        read[unit] = list(zip(low, high, strict=True))
    return read
