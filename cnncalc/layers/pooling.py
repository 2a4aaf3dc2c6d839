"""Poolings: sliding, global and adaptive ones, unpooling, regions of interest."""

from __future__ import annotations

from ..arithmetic import Impossible, Number, Pair, Shape
from ..fields.window import Window, adaptive, transposed_window
from ..wording import shape_text
from . import attributes as attribute
from . import formulas
from .base import (
    Costless,
    Geometry,
    KeepsChannels,
    Layer,
    Reading,
    WholeMap,
    Windows,
    per_axis,
    product,
)
from .sliding import Dilated, Sliding, refuse_wide_padding
from .storage import INPUT, NOTHING, REDUCED, Saved


class Seeking(Layer):
    """Poolings that find where the largest is."""

    seeks = True

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Their input, with the place of each largest."""
        count = product(self.output_shape(reading))
        return None if count is None else INPUT.but(indices=count)


class Pool(KeepsChannels, Sliding, Costless):
    """A sliding pooling; its stride is its kernel size where none is given."""

    example = "--kernel-size 3 --stride 2 --padding 1 --ceil-mode true"

    stride = attribute.PerAxis(None)
    ceil_mode = attribute.Choice(False, False, True, "caffe")

    def strides(self) -> tuple[int, ...]:
        return self.kernel_size if self.stride is None else self.stride

    def is_default(self, name: str) -> bool:
        if name == "stride":
            return self.strides() == self.kernel_size
        return super().is_default(name)

    def rounding(self) -> bool | str:
        return self.ceil_mode  # type: ignore[no-any-return]

    def output_shape(self, reading: Reading) -> Shape:
        if not isinstance(self.padding, str):
            per_axis(refuse_wide_padding, self.padding, self.kernel_size)
        return (reading.channels, *self.output_sizes(reading))


class MaxPool(Seeking, Pool, Dilated):
    """Maximum over a sliding window."""

    type = "max_pool"
    passes_shift = True


class AvgPool(Pool):
    """Mean over a sliding window."""

    type = "avg_pool"
    keeps = INPUT

    count_include_pad = attribute.Kept(True)

    @property
    def passes_shift(self) -> bool:  # type: ignore[override]
        """Whether no zero of the padding goes into a mean."""
        unpadded = self.padding == "valid" or all(pair == (0, 0) for pair in self.padding)
        return unpadded or not self.count_include_pad


class GlobalPool(WholeMap, KeepsChannels, Costless):
    """A pooling over the whole map, to one unit."""

    windowed = True
    passes_shift = True

    def output_shape(self, reading: Reading) -> Shape:
        return (reading.channels, *(1 for _ in self.map_sizes(reading)))

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.sizes.own(1, "one unit for the whole map")] * self.axes


class GlobalAvgPool(GlobalPool):
    """Mean over the whole map."""

    type = "global_avg_pool"
    keeps = NOTHING


class SeekingUnlessReduced(Seeking):
    """Poolings that may be a plain maximum: of that autograd keeps both sides, and no places."""

    reduction = attribute.Flag(False)

    @property
    def seeks(self) -> bool:  # type: ignore[override]
        return not self.reduction

    def autograd_rule(self, reading: Reading) -> Saved | None:
        return REDUCED if self.reduction else super().autograd_rule(reading)


class GlobalMaxPool(SeekingUnlessReduced, GlobalPool):
    """Maximum over the whole map; where `reduction`, without the places of the largest."""

    type = "global_max_pool"


class AdaptivePool(KeepsChannels, Costless):
    """A pooling to a given size: unit i of m reads ⌊i·n/m⌋ … ⌈(i + 1)·n/m⌉ − 1."""

    windowed = True
    divides_gradient = True
    passes_shift = True
    example = "--output-size 7"

    output_size = attribute.OutputSize()

    def output_shape(self, reading: Reading) -> Shape:
        pairs = zip(self.output_size, self.map_sizes(reading))
        return (reading.channels, *(size if output is None else output for output, size in pairs))

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        outputs = self.output_shape(reading)[1:]
        return [formulas.sizes.adaptive(*pair) for pair in zip(reading.sizes, outputs)]

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return (tuple(map(_adaptive_window, reading.sizes, self.output_shape(reading)[1:])),)


def _adaptive_window(size: Number, output: Number) -> Window | None:
    if output == 1:
        return adaptive(1, 1)
    return None if size is None or output is None else adaptive(size, output)


class AdaptiveAvgPool(AdaptivePool):
    """Mean over an even division of the map; where `reduction`, over whole axes at once."""

    type = "adaptive_avg_pool"

    reduction = attribute.Flag(False)

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Its input; to a single unit it is a mean, which keeps nothing."""
        is_mean = self.reduction or set(self.output_shape(reading)[1:]) == {1}
        return NOTHING if is_mean else INPUT


class AdaptiveMaxPool(SeekingUnlessReduced, AdaptivePool):
    """Maximum over an even division of the map; where `reduction`, over whole axes at once."""

    type = "adaptive_max_pool"


class MaxUnpool(KeepsChannels, Costless):
    """Puts every unit back where its max_pool found it, in a map of the size that pool read."""

    type = "max_unpool"
    windowed = True
    spreads = True
    undoes = "max_pool"
    divides_gradient = True
    reference = "pool"

    pool = attribute.LayerName()

    def _undone_pool(self, reading: Reading) -> tuple[MaxPool, Reading, Shape]:
        referred = reading.referred
        if referred is None or not isinstance(referred.kind, MaxPool):
            found = "the input" if referred is None or referred.kind is None else referred.kind.type
            raise Impossible(
                f"pool {self.pool!r} is {found}, not a max_pool", "name a max_pool layer"
            )
        return referred.kind, referred.reading, referred.shape

    def output_shape(self, reading: Reading) -> Shape:
        sizes = self.map_sizes(reading)
        _, pooled, shape = self._undone_pool(reading)
        if None not in (*sizes, *shape[1:]) and sizes != shape[1:]:
            raise Impossible(
                f"its input is {shape_text(sizes)}, but {self.pool!r} gave {shape_text(shape[1:])}",
                "unpool a map of the size that the pool gave",
            )
        if None not in (reading.channels, shape[0]) and reading.channels != shape[0]:
            raise Impossible(
                f"its input has {reading.channels} channels, but {self.pool!r} gave {shape[0]}",
                "unpool a map of the channels that the pool gave",
            )
        return (reading.channels, *pooled.sizes)

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """The places where its pool found what it puts back."""
        count = product(reading.shapes[0])
        return None if count is None else Saved(indices=count)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        _, pooled, _ = self._undone_pool(reading)
        return [
            formulas.sizes.own(size, f"the size that {self.pool} read") for size in pooled.sizes
        ]

    def geometry(self, reading: Reading) -> Geometry | None:
        kind, pooled, _ = self._undone_pool(reading)
        return kind.geometry(pooled)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        kind, pooled, _ = self._undone_pool(reading)
        return (tuple(map(_unpooling_window, *kind.geometry(pooled))),)


def _unpooling_window(kernel: int, stride: int, padding: Pair, dilation: int) -> Window | None:
    before = padding[0]
    return None if before is None else transposed_window(kernel, stride, before, dilation)


def regions_of_map(regions: int, inherited: int | None) -> int:
    """How many regions a layer pools, of a whole map; raises Impossible for one of regions."""
    if inherited is not None:
        raise Impossible("it reads what is per region already", "pool regions from a whole map")
    return regions


class RegionPool(WholeMap, KeepsChannels, Costless):
    """A pooling of regions of interest; what follows is computed once per region."""

    windowed = True
    keeps = None
    example = "--region 665x665 --eff-stride 32 --output-size 7"

    output_size = attribute.PerAxis()
    regions = attribute.Count(1)
    spatial_scale = attribute.Kept(1)

    def output_shape(self, reading: Reading) -> Shape:
        self.map_sizes(reading)
        return (reading.channels, *self.output_size)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.sizes.own(size, "the size asked for") for size in self.output_size]

    def explain_region(self, stretch: formulas.regions.Stretch) -> list[formulas.Step]:
        """How a region of input pixels is divided into bins on one axis."""
        raise NotImplementedError

    def regions_of(self, inherited: int | None) -> int | None:
        return regions_of_map(self.regions, inherited)


class RoiPool(RegionPool):
    """Maximum over the bins of each region, bins rounded to units."""

    type = "roi_pool"

    def explain_region(self, stretch: formulas.regions.Stretch) -> list[formulas.Step]:
        regions = formulas.regions
        return [*regions.two_roundings(stretch), *regions.overlapping_bins(stretch)]


class RoiAlign(RegionPool):
    """Interpolated samples in the bins of each region, bins not rounded."""

    type = "roi_align"
    example = "--region 665x665 --eff-stride 32 --output-size 7 --sampling-ratio 2"

    sampling_ratio = attribute.Count(-1, least=-1)
    aligned = attribute.Flag(False)

    def explain_region(self, stretch: formulas.regions.Stretch) -> list[formulas.Step]:
        regions = formulas.regions
        points = regions.sample_points(stretch, self.sampling_ratio, self.aligned)
        return [*regions.no_rounding(stretch), *points]
