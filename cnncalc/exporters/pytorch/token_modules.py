"""Classes that an exported file defines for attention and tokens."""

from __future__ import annotations

ATTENTION = '''
class Attention(nn.Module):
    """Self-attention of the units of a map, or of tokens: over all of them, or in windows that are
    moved by a shift. `offsets` are the sizes of what a unit attends to, where offsets between units
    have a learned bias.
    """

    def __init__(
        self,
        channels,
        heads,
        key_dim=None,
        window=None,
        shift=None,
        qkv_bias=True,
        bias=True,
        offsets=None,
    ):
        super().__init__()
        self.heads, self.window, self.shift = heads, window, shift
        keys = channels if key_dim is None else heads * key_dim
        self.split = keys, keys, channels
        self.qkv = nn.Linear(channels, 2 * keys + channels, bias=qkv_bias)
        self.proj = nn.Linear(channels, channels, bias=bias)
        self.position_bias = None
        if offsets is not None:
            table = torch.zeros(heads, *[2 * size - 1 for size in offsets])
            self.position_bias = nn.Parameter(table)

    def forward(self, x):
        sizes = x.shape[2:]
        window, axes = self.window or sizes, [*range(1, len(sizes) + 1)]
        counts = [-(-size // side) for size, side in zip(sizes, window)]
        padded = [count * side for count, side in zip(counts, window)]
        shift = [0] * len(sizes)
        if self.shift is not None:
            shift = [moved if count > 1 else 0 for moved, count in zip(self.shift, counts)]
        x = x.movedim(1, -1)
        for axis, (size, whole) in enumerate(zip(sizes, padded), 1):
            x = F.pad(x, (0, 0) * (len(axes) - axis + 1) + (0, whole - size))
        x = self.windows(x.roll([-moved for moved in shift], axes), window)
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in self.qkv(x).split(self.split, -1)
        )
        x = F.scaled_dot_product_attention(q, k, v, self.mask(x, padded, window, shift))
        x = self.proj(x.transpose(1, 2).flatten(2))
        x = x.unflatten(1, window).unflatten(0, (-1, *counts))
        order = [place for axis in axes for place in (axis, axis + len(axes))]
        x = x.permute(0, *order, -1).reshape(-1, *padded, x.shape[-1]).roll(shift, axes)
        return x[(slice(None), *map(slice, sizes))].movedim(-1, 1)

    def windows(self, x, window):
        """The units of every window in a row: (windows, units, channels)."""
        count = len(window)
        for axis, side in enumerate(window):
            x = x.unflatten(1 + 2 * axis, (-1, side))
        order = range(1, 2 * count + 1)
        x = x.permute(0, *order[::2], *order[1::2], -1)
        return x.flatten(1 + count, 2 * count).flatten(0, count)

    def mask(self, x, padded, window, shift):
        """What is added to the products: the biases, and -inf where a window wraps around."""
        mask = None
        if self.position_bias is not None:
            places = torch.stack(torch.meshgrid(*map(torch.arange, window), indexing="ij"))
            places = places.flatten(1)
            apart = places[:, :, None] - places[:, None]
            mask = self.position_bias[
                (slice(None), *[between + side - 1 for between, side in zip(apart, window)])
            ]
        if any(shift):
            side = x.new_zeros(1, *padded, 1)
            for axis, (size, moved) in enumerate(zip(padded, shift), 1):
                wraps = torch.arange(size, device=x.device) + moved >= size
                side = side + 2**axis * wraps.view(-1, *[1] * (len(padded) - axis + 1))
            side = self.windows(side, window)
            wrapped = side != side.transpose(1, 2)
            wrapped = torch.zeros_like(wrapped, dtype=x.dtype).masked_fill(wrapped, float("-inf"))
            wrapped = wrapped.unsqueeze(1).repeat(x.shape[0] // wrapped.shape[0], 1, 1, 1)
            mask = wrapped if mask is None else mask + wrapped
        return mask
'''

PREPEND = '''
class Prepend(nn.Module):
    """Learned tokens before those that it reads."""

    def __init__(self, channels, count=1):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels, count))

    def forward(self, x):
        return torch.cat([self.weight.expand(x.shape[0], -1, -1), x], dim=2)
'''

POSITION = '''
class Position(nn.Module):
    """A learned number added to each."""

    def __init__(self, shape):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        return x + self.weight
'''

HELPERS = {"attention": ATTENTION, "prepend": PREPEND, "position": POSITION}
