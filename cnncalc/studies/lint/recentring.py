"""What would centre the branches of a merge alike: windows that keep units where they are.

A kernel of k at stride s keeps them in one of two ways: unit 0 stays on unit 0, by a padding of
(k − 1)/2 on both sides, or amid the s units that it stands for, by (k − s)/2. Nearest and bilinear
resizing keep them amid, so that odd kernels at stride 2 do not go with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ...analysis.analysis import trace_of
from ...analysis.trace import Trace
from ...arithmetic import dilated_kernel
from ...errors import CnncalcError
from ...layers.attributes import Wrong, once
from ...network.paths import dependencies
from ...record import Record
from ...report.layer import LayerReport
from ..solve.changed_network import kind_with, with_kinds
from ..solve.effort import phases

MOST_EFFORT = 60_000  # phases of fields, over all layers of all trials for one network

Change = Mapping[str, Any]
Changes = Mapping[int, Change]


class SlideOnAxis(Record):
    """A window on one axis; `total` is its padding on both sides, less output padding."""

    kernel: int
    stride: int
    dilation: int
    total: int


class Stance(Record):
    """A window that keeps units where they are: its kernel, padding on each side and at the end."""

    kernel: int
    padding: int
    output_padding: int


Way = Callable[[SlideOnAxis], Stance | None]


def even_padding(slide: SlideOnAxis) -> Stance | None:
    """The same padding, as much of it before as after."""
    if slide.total < 0 or slide.total % 2:
        return None
    return Stance(slide.kernel, slide.total // 2, 0)


def amid_units(slide: SlideOnAxis) -> Stance | None:
    """Unit 0 amid the first `stride` units."""
    return _stance(slide, slide.stride, 0)


def on_units(slide: SlideOnAxis) -> Stance | None:
    """Unit 0 on unit 0."""
    return _stance(slide, 1, slide.stride - 1)


def _stance(slide: SlideOnAxis, units: int, output_padding: int) -> Stance | None:
    """The least kernel from the present one on that padding centres on the first units."""
    least = max(slide.kernel, 1 - (1 - units) // slide.dilation)
    for kernel in (least, least + 1):
        rest = dilated_kernel(kernel, slide.dilation) - units
        if rest % 2 == 0:
            return Stance(kernel, rest // 2, output_padding)
    return None


class Recentring:
    """The search for changes that align merges of a network, which share its effort."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.misaligned = _misaligned_merges(trace)
        nodes = trace.network.nodes
        sharing = [(node.index, node.shares) for node in nodes if node.shares is not None]
        self.tied = {index for pair in sharing for index in pair}
        self.cost = phases(trace)
        self.effort = MOST_EFFORT

    @property
    def is_over(self) -> bool:
        """Whether there is no effort left for a trial."""
        return self.effort < self.cost

    def changes(self, merge: int) -> Changes:
        """The least changes found that centre a merge's inputs alike, by layer; none found: empty.

        They were applied: the merge keeps its shape, and no other one is misaligned by them.
        """
        for layers in () if self.is_over else self._scopes(merge):
            ways = [self._changes(layers, way) for way in (even_padding, amid_units, on_units)]
            each = [{index: changes[index]} for changes in ways for index in changes]
            for changes in (*sorted(ways, key=len), *each):
                if changes and self._align(merge, changes):
                    return self._fewest(merge, changes)
        return {}

    def _scopes(self, merge: int) -> Iterator[list[int]]:
        """Layers to change: those that not all inputs depend on, then all that any depends on."""
        sources = dict.fromkeys(self.trace.node(merge).sources)
        behind = [dependencies(self.trace.network, source) for source in sources]
        counts = Counter(index for indices in behind for index in indices)
        yield sorted(index for index, count in counts.items() if count < len(behind))
        yield sorted(counts)

    def _changes(self, layers: Sequence[int], way: Way) -> Changes:
        changes = {index: _change(self.trace.layer(index), way) for index in layers}
        return {
            index: change
            for index, change in changes.items()
            if change and not ("kernel_size" in change and index in self.tied)
        }

    def _align(self, merge: int, changes: Changes) -> bool:
        if self.is_over:
            return False
        self.effort -= self.cost
        trace = self.trace
        try:
            kinds = {index: kind_with(trace.node(index).kind, changes[index]) for index in changes}
            network = with_kinds(trace.network, kinds)
            changed = trace_of(network, from_layer=trace.report.origin)
        except (CnncalcError, Wrong):
            return False
        layer = changed.layer(merge)
        same_shape = layer.out_shape == trace.layer(merge).out_shape
        return (
            layer.aligned is True and same_shape and _misaligned_merges(changed) < self.misaligned
        )

    def _fewest(self, merge: int, changes: Changes) -> Changes:
        """The changes without those that it does without."""
        for index in changes:
            fewer = {other: changes[other] for other in changes if other != index}
            if fewer and self._align(merge, fewer):
                changes = fewer
        return changes


def _misaligned_merges(trace: Trace) -> set[int]:
    return {layer.index for layer in trace.layers if layer.aligned is False}


def _change(layer: LayerReport, way: Way) -> Change:
    """The attributes that a way gives a layer, as a definition has them; those that differ."""
    kind: Any = layer.node.kind
    wanted = _window(layer, way) if "kernel_size" in kind.attributes else _shift(layer)
    if wanted is None:
        return {}
    given = {name: kind.attributes[name].value(value, kind.axes) for name, value in wanted.items()}
    resolved = {"padding": layer.padding, "stride": layer.stride}
    return {
        name: value
        for name, value in wanted.items()
        if given[name] != resolved.get(name, getattr(kind, name))
        # A pool's stride goes with its kernel, unless it is given.
        or (name == "stride" and kind.stride is None and given["kernel_size"] != kind.kernel_size)
    }


def _window(layer: LayerReport, way: Way) -> Change | None:
    """Kernel, stride and padding that keep units."""
    if layer.kernel is None or layer.stride is None or layer.padding is None:
        return None
    kind: Any = layer.node.kind
    extra = getattr(kind, "output_padding", (0,) * kind.axes)
    stances = []
    for k, s, d, (before, after), o in zip(
        layer.kernel, layer.stride, layer.dilation or (), layer.padding, extra
    ):
        if before is None or after is None:
            return None
        stances.append(way(SlideOnAxis(k, s, d, before + after - o)))
    if None in stances:
        return None
    columns = {name: once([getattr(one, name) for one in stances]) for name in Stance._fields}
    if "output_padding" not in kind.attributes:
        del columns["output_padding"]
    return {"stride": once(layer.stride), "kernel_size": columns.pop("kernel"), **columns}


def _shift(layer: LayerReport) -> Change | None:
    """What a crop takes off or a pad adds, in halves."""
    kind: Any = layer.node.kind
    for name in ("padding", "amount"):
        pairs = getattr(kind, name, None)
        if pairs is not None and all(sum(pair) % 2 == 0 for pair in pairs):
            return {name: once([sum(pair) // 2 for pair in pairs])}
    sizes = [*layer.in_shape[1:], *layer.out_shape[1:]]
    if "offset" not in kind.attributes or kind.like is None or None in sizes:
        return None
    rests = [size - out for size, out in zip(sizes, layer.out_shape[1:])]  # type: ignore[operator]
    return None if any(rest % 2 for rest in rests) else {"offset": once([r // 2 for r in rests])}
