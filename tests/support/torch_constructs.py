"""Modules of what no layer kind stands for alone, or is read in ways of its own.

By name: a module, the shape that it reads, and the parameters and MACs counted by hand.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Parameter(torch.zeros(1, 3, 4, 4))

    def forward(self, x):
        return functional.relu(x + self.embedding)


class Auxiliary(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)
        self.aux = nn.Linear(7, 3)

    def forward(self, x):
        x = self.conv(x)
        return (x, self.aux(x)) if self.training else x


class Scalar(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return functional.relu(x * self.gain)


class Attention(nn.Module):
    def forward(self, x):
        y = x.flatten(2)
        return torch.bmm(y.transpose(1, 2), y)


class Blur(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kernel", torch.ones(3, 1, 3, 3))

    def forward(self, x):
        return functional.conv2d(x, self.kernel, groups=3)


class AcrossChannels(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1)

    def forward(self, x):
        return self.conv(x.mean((2, 3)).unsqueeze(1))


class OtherViews(nn.Module):
    def forward(self, x):
        half = x[:, :1]
        half += 1
        return functional.relu(x)


class Siblings(nn.Module):
    def forward(self, x):
        one, other = x[:, :2], x[:, 1:]
        one += 1
        return functional.relu(other)


class Dynamic(nn.Module):
    def forward(self, x):
        return functional.conv2d(x, x.mean((0, 2, 3)).view(1, 3, 1, 1))


class Joined(nn.Module):
    def forward(self, x):
        return torch.cat([x, x], dim=2)


class HalfShared(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 3, 1)
        self.second = nn.Conv2d(3, 3, 1)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(self.first(x))


class Product(nn.Module):
    """q·kᵀ and what it weighs, by one of PyTorch's ways of writing it."""

    def __init__(self, way, heads=2, channels=4):
        super().__init__()
        self.way, self.heads = way, heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x):
        x = x.flatten(2).transpose(1, 2)
        batch, units, channels = x.shape
        qkv = self.qkv(x).reshape(batch, units, 3, self.heads, channels // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        if self.way == "fused":
            y = functional.scaled_dot_product_attention(q, k, v)
        elif self.way == "einsum":
            weights = torch.einsum("bhnd,bhmd->bhnm", q, k).softmax(-1)
            y = torch.einsum("bhnm,bhmd->bhnd", weights, v)
        else:
            y = ((q * 0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        return self.proj(y.transpose(1, 2).reshape(batch, units, channels))


class Multihead(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True, **options)

    def forward(self, x):
        x = x.flatten(2).transpose(1, 2)
        return self.attention(x, x, x)[0]


class Windows(nn.Module):
    """Attention in windows of 2×2 of a map that is rolled by 1, channels last."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.qkv, self.proj = nn.Linear(4, 12, bias=False), nn.Linear(4, 4)
        self.bias = nn.Parameter(torch.zeros(9, 2))
        places = torch.arange(4)
        self.register_buffer("index", (places[:, None] - places[None] + 3).flatten())

    def forward(self, x):
        x = torch.roll(self.norm(x.permute(0, 2, 3, 1)), (-1, -1), (1, 2))
        _, high, wide, channels = x.shape
        x = x.view(1, high // 2, 2, wide // 2, 2, channels)
        x = x.permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, channels)
        q, k, v = self.qkv(x).reshape(-1, 4, 3, 2, 2).permute(2, 0, 3, 1, 4)
        bias = self.bias[self.index].view(4, 4, 2).permute(2, 0, 1)
        weights = (q @ k.transpose(-2, -1) + bias).softmax(-1)
        x = self.proj((weights @ v).transpose(1, 2).reshape(-1, 4, channels))
        x = x.view(1, high // 2, wide // 2, 2, 2, channels).permute(0, 1, 3, 2, 4, 5)
        return torch.roll(x.reshape(1, high, wide, channels), (1, 1), (1, 2)).permute(0, 3, 1, 2)


class Tokens(nn.Module):
    """A class token and positions, and a head on the first token."""

    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 3))
        self.positions = nn.Parameter(torch.zeros(1, 17, 3))
        self.norm, self.head = nn.LayerNorm(3), nn.Linear(3, 5)

    def forward(self, x):
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.head(self.norm(x)[:, 0])


class ChannelAttention(nn.Module):
    """ECA: a convolution over the channels' means gates the channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv(x.mean((2, 3)).view(1, 1, -1))
        return x * y.sigmoid().view(1, -1, 1, 1).expand_as(x)


class SpatialAttention(nn.Module):
    """CBAM's: mean and maximum over the channels gate the units."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 3, padding=1, bias=False)

    def forward(self, x):
        y = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return x * self.conv(y).sigmoid()


class ResponseNorm(nn.Module):
    """GRN, channels last."""

    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        size = x.norm(p=2, dim=(1, 2), keepdim=True)
        y = x * (size / (size.mean(-1, keepdim=True) + 1e-6))
        return (x + torch.addcmul(self.bias, self.weight, y)).permute(0, 3, 1, 2)


class RootMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.RMSNorm(3)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Factors(nn.Module):
    """Learned factors of a shape of their own."""

    def __init__(self, *shape):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(shape))
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        return self.conv(x * self.factor)


class Selective(nn.Module):
    """Branches, stacked and summed by weights that depend on the input."""

    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 1)

    def forward(self, x):
        y = torch.stack([self.one(x), self.other(x)], 0)
        return (y * y.mean((3, 4), keepdim=True).softmax(0)).sum(0)


class Coordinates(nn.Module):
    """A coordinate convolution: rows and columns as channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(5, 2, 3)

    def forward(self, x):
        rows = torch.linspace(-1, 1, x.shape[2]).view(1, 1, -1, 1).expand(1, 1, -1, x.shape[3])
        columns = rows.transpose(2, 3)
        return self.conv(torch.cat([x, rows.to(x), columns.to(x)], 1))


class Detections(nn.Module):
    """Heads of a detector: boxes of two scales, joined along their places."""

    def __init__(self):
        super().__init__()
        self.near, self.far = nn.Conv2d(3, 6, 1), nn.Conv2d(3, 6, 1)

    def forward(self, x):
        near, far = self.near(x), self.far(functional.max_pool2d(x, 2))
        return torch.cat([near.view(1, 6, -1), far.view(1, 6, -1)], 2)


class Picked(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        x = x.repeat_interleave(2, 3)[:, [2, 0, 1]]
        y = torch.zeros_like(x)
        y[:, :, ::2] = x[:, :, ::2]
        return self.conv(y)


class OddLinear(nn.Module):
    """A linear layer along the width, whatever the layout."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 7)

    def forward(self, x):
        return self.fc(x)


class BatchedConvolution(nn.Module):
    """A convolution of tiles in the place of the batch."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x):
        tiles = x.view(1, 3, 2, 2, 2, 2).permute(0, 2, 4, 1, 3, 5).reshape(4, 3, 2, 2)
        return self.conv(tiles)


class LearnedTable(nn.Module):
    """A table of biases that a small network makes of constants (Swin v2)."""

    def __init__(self):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3, bias=False))
        self.register_buffer("places", torch.zeros(16, 2))

    def forward(self, x):
        return x + self.mlp(self.places).view(4, 4, 3).permute(2, 0, 1)[None]


class Wrapped(nn.Module):
    """A part in full precision, on the image and on constants."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1, bias=False)
        self.register_buffer("rows", torch.zeros(4, 2))

    def forward(self, x):
        with torch.autocast("cpu", enabled=False):
            y = self.conv(x) + self.rows @ self.rows.T
        return y.relu()


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 5, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.lstm(x.flatten(2).transpose(1, 2))[0]


class Repeated(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 5)

    def forward(self, x):
        return self.fc(x.mean((2, 3)).unsqueeze(1).expand(1, 7, 3))


class TokenTwice(nn.Module):
    """A learned token that is joined and added."""

    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 3))

    def forward(self, x):
        x = torch.cat([self.token, x.flatten(2).transpose(1, 2)], 1)
        return x[:, :1] + self.token


class NothingJoined(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        return self.conv(torch.cat([x[:, :0], x.roll(1, 2)], 1))


class PooledHeads(nn.Module):
    """Tokens of every head laid out as a map again, the heads as a batch (MViT)."""

    def __init__(self):
        super().__init__()
        self.norm, self.conv = nn.LayerNorm(4), nn.Conv2d(2, 2, 3, 2, 1, groups=2)

    def forward(self, x):
        x = functional.relu(x.flatten(2).transpose(1, 2))
        x = x.reshape(1, 16, 2, 2).transpose(1, 2).transpose(2, 3).reshape(2, 2, 4, 4)
        return self.norm(self.conv(x).reshape(1, 4, 4).transpose(1, 2))


class DeadEnd(nn.Module):
    """A pool of what is given, which nothing reads."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        x = self.conv(x)
        x.mean((2, 3)).relu()
        return x


class Checked(nn.Module):
    """A result that is measured besides, by operators that multiply nothing with weights."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x):
        y = self.conv(x)
        missed = functional.mse_loss(*torch.broadcast_tensors(x, y))
        return y * (y > missed).any(1, keepdim=True)


class Contraction(nn.Module):
    """A product with constants, by an equation; the numbers are spread over before."""

    def __init__(self, equation, *shape):
        super().__init__()
        self.equation = equation
        self.register_buffer("table", torch.ones(shape))

    def forward(self, x):
        return torch.einsum(self.equation, x, self.table)


class WindowTokens(nn.Module):
    """Windows with a token more each, through a convolution over a window's units (SepViT)."""

    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(3, 1))
        self.conv, self.norm = nn.Conv1d(3, 6, 1), nn.LayerNorm(6)

    def forward(self, x):
        x = x.reshape(1, 3, 2, 2, 2, 2).permute(0, 2, 4, 1, 3, 5).reshape(4, 3, 4)
        x = self.conv(torch.cat([self.token.expand(4, 3, 1), x], -1))
        return self.norm(x[:, :, 0].reshape(1, 4, 6))


class OnMapAndTokens(nn.Module):
    """One linear layer on the units of a map, and on tokens of it (RegionViT)."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        x = self.fc(x.permute(0, 2, 3, 1))
        return self.fc(x.flatten(1, 2))


IMAGE = (3, 4, 4)
QKV = 4 * 12 + 12 + 4 * 4 + 4  # weights and biases of qkv and of what comes after
# 16 units: qkv and proj, and two products of 2 heads, 16 × 16 × 2
ATTENDED = 16 * (4 * 12 + 4 * 4) + 2 * (2 * 16 * 16 * 2)
CONSTRUCTS = {
    "wrapped part": (Wrapped(), IMAGE, 9, 16 * 9 + 4 * 2 * 4),
    # 16 steps of 2 directions: 4·5·(3 + 5) weights, and two biases of 4·5
    "lstm": (Recurrent(), IMAGE, 2 * (4 * 5 * (3 + 5) + 2 * 4 * 5), 16 * 2 * 4 * 5 * (3 + 5)),
    "repeated units": (Repeated(), IMAGE, 3 * 5 + 5, 7 * 15),
    "token twice": (TokenTwice(), IMAGE, 3, 0),
    "nothing joined": (NothingJoined(), IMAGE, 8, 16 * 6),
    "positions": (Positions(), IMAGE, 48, 0),
    "unused": (Auxiliary(), IMAGE, 3 * 2 + 2 + 7 * 3 + 3, 16 * 3 * 2),
    "scalar": (Scalar(), IMAGE, 1, 0),
    "bmm": (Attention(), IMAGE, 0, 16 * 3 * 16),
    "blur": (Blur(), IMAGE, 0, 2 * 2 * 3 * 9),
    "across channels": (AcrossChannels(), IMAGE, 3 + 1, 3 * 3),
    "views in place": (OtherViews(), IMAGE, 0, 0),
    "siblings in place": (Siblings(), IMAGE, 0, 0),
    "dynamic convolution": (Dynamic(), IMAGE, 0, 16 * 3),
    "join along an axis": (Joined(), IMAGE, 0, 0),
    "half shared": (HalfShared(), IMAGE, 9 + 3 + 3, 2 * 16 * 9),
    "attention, fused": (Product("fused"), (4, 4, 4), QKV, ATTENDED),
    "attention, einsum": (Product("einsum"), (4, 4, 4), QKV, ATTENDED),
    "attention, matmul": (Product("matmul"), (4, 4, 4), QKV, ATTENDED),
    "multihead": (Multihead(), (4, 4, 4), QKV, ATTENDED),
    "multihead, key tokens": (
        Multihead(add_zero_attn=True),
        (4, 4, 4),
        QKV,
        ATTENDED + 2 * (2 * 16 * 2),
    ),
    # 4 windows of 4 units, 2 heads of 2
    "windows": (Windows(), (4, 4, 4), 8 + 48 + 20 + 18, 16 * 64 + 2 * 4 * 2 * 4 * 4 * 2),
    "tokens": (Tokens(), IMAGE, 3 + 17 * 3 + 6 + 3 * 5 + 5, 15),
    "eca": (ChannelAttention(), IMAGE, 3, 3 * 3),
    "cbam": (SpatialAttention(), IMAGE, 2 * 9, 16 * 18),
    "grn": (ResponseNorm(), IMAGE, 6, 0),
    "rms": (RootMean(), IMAGE, 3, 0),
    "factor per unit": (Factors(4, 4), IMAGE, 16 + 8, 16 * 6),
    "factor of all": (Factors(3, 4, 4), IMAGE, 48 + 8, 16 * 6),
    "factor per row": (Factors(4, 1), IMAGE, 4 + 8, 16 * 6),
    "selective": (Selective(), IMAGE, 84 + 12, 16 * (81 + 9)),
    "coordinates": (Coordinates(), IMAGE, 5 * 2 * 9 + 2, 4 * 90),
    "detections": (Detections(), IMAGE, 2 * 24, 18 * 16 + 18 * 4),
    "picked": (Picked(), IMAGE, 8, 32 * 6),
    "linear along an axis": (OddLinear(), IMAGE, 35, 12 * 28),
    "tiles as batch": (BatchedConvolution(), IMAGE, 112, 16 * 108),
    "einsum, dots": (Contraction("...yx,cx->...cy", 5, 4), IMAGE, 0, 3 * 4 * 5 * 4),
    "einsum, no arrow": (Contraction("bdyx,zx", 5, 4), IMAGE, 0, 3 * 4 * 5 * 4),
    "einsum, dots at once": (Contraction("b...x,...x->b...", 4, 4), IMAGE, 0, 3 * 4 * 4),
    "einsum over size 1": (Contraction("bcyx,zy->bczx", 5, 1), (3, 1, 4), 0, 0),
    "map and tokens": (OnMapAndTokens(), IMAGE, 12, 2 * 16 * 9),
    "window tokens": (WindowTokens(), IMAGE, 3 + 24 + 12, 4 * 5 * 18),
    "heads as batch": (PooledHeads(), (4, 4, 4), 8 + 18 + 2, 2 * 4 * 18),
    "dead end": (DeadEnd(), IMAGE, 8, 16 * 6),
    "measured": (Checked(), IMAGE, 12, 16 * 9),
    "learned table": (LearnedTable(), IMAGE, 24 + 24, 16 * (16 + 24)),
}
