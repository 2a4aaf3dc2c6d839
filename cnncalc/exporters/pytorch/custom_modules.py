"""Classes and functions that an exported file defines where PyTorch has none of the kind."""

from __future__ import annotations

from . import token_modules

SCALE = '''
class Scale(nn.Module):
    """A learned factor per channel, and a bias per channel."""

    def __init__(self, channels, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x):
        shape = (-1,) + (1,) * (x.dim() - 2)
        x = x * self.weight.view(shape)
        return x if self.bias is None else x + self.bias.view(shape)
'''

REGION_POOL = '''
class RegionPool(nn.Module):
    """Pools regions of a map. The regions are placeholders: (image, x1, y1, x2, y2) each, in pixels
    of the input; give those that your proposals are.
    """

    def __init__(self, output_size, spatial_scale=1, regions=1):
        super().__init__()
        self.output_size = output_size
        self.spatial_scale = spatial_scale
        self.register_buffer("regions", torch.zeros(regions, 5), persistent=False)

    def forward(self, x):
        return torchvision.ops.roi_pool(x, self.regions, self.output_size, self.spatial_scale)
'''

PIXEL_SHUFFLE = '''
def pixel_shuffle(x, factor):
    """Channels moved into space, on any number of axes."""
    batch, channels, *sizes = x.shape
    axes = len(sizes)
    x = x.reshape(batch, channels // factor**axes, *[factor] * axes, *sizes)
    order = [place for axis in range(axes) for place in (2 + axes + axis, 2 + axis)]
    return x.permute(0, 1, *order).reshape(batch, -1, *[size * factor for size in sizes])
'''

SPACE_TO_DEPTH = '''
def space_to_depth(x, factor):
    """Space moved into channels, on any number of axes."""
    batch, channels, *sizes = x.shape
    axes = len(sizes)
    parts = [part for size in sizes for part in (size // factor, factor)]
    x = x.reshape(batch, channels, *parts)
    order = [*range(3, 2 + 2 * axes, 2), *range(2, 2 + 2 * axes, 2)]
    return x.permute(0, 1, *order).reshape(batch, -1, *[size // factor for size in sizes])
'''

REGION_ALIGN = '''
class RegionAlign(nn.Module):
    """Samples regions of a map. The regions are placeholders: (image, x1, y1, x2, y2) each, in
    pixels of the input; give those that your proposals are.
    """

    def __init__(
        self, output_size, spatial_scale=1, regions=1, sampling_ratio=-1, aligned=False
    ):
        super().__init__()
        self.output_size = output_size
        self.sampling = (spatial_scale, sampling_ratio, aligned)
        self.register_buffer("regions", torch.zeros(regions, 5), persistent=False)

    def forward(self, x):
        return torchvision.ops.roi_align(x, self.regions, self.output_size, *self.sampling)
'''

HELPERS = {
    "scale": SCALE,
    "roi_pool": REGION_POOL,
    "roi_align": REGION_ALIGN,
    "pixel_shuffle": PIXEL_SHUFFLE,
    "space_to_depth": SPACE_TO_DEPTH,
    **token_modules.HELPERS,
}
