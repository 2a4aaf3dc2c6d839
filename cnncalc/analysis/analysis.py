"""Network and input → Report: one pass over the layers, in order."""

from __future__ import annotations

import gc
from collections.abc import Sequence

from ..arithmetic import AXES, Impossible, Shape
from ..errors import UsageError
from ..fields import field as fields_of
from ..fields.field import AxisField, Figures, Global, UnknownField
from ..fields.window import IDENTITY, WHOLE
from ..layers.base import Layer, Reading, Referred, Windows
from ..network.network import Network, Node
from ..record import Record
from ..report.layer import LayerReport
from ..report.report import Report, ShapeError
from ..wording import quote
from .measures import _Measured, _measured, shared
from .trace import Trace


class _Map(Record):
    """What later layers need of a layer: its shape, field, figures and regions."""

    name: str
    shape: Shape
    fields: tuple[AxisField, ...]
    figures: tuple[Figures, ...]
    regions: int | None
    kind: Layer | None
    reading: Reading | None


_Kept = tuple[dict[int, tuple[AxisField, ...]], dict[int, tuple[Windows, ...]]]


def analyze(
    network: Network,
    input: Sequence[int | None] | str | int | None = None,
    *,
    batch: int = 1,
    from_layer: str | None = None,
    ignore_global: bool = False,
) -> Report:
    """Every figure of every layer.

    `input` replaces the network's own: (channels, *axes), the axes alone, or one size for all.
    `batch` scales macs, flops and activations. With `from_layer`, fields are relative to that
    layer's output, in its units. `ignore_global` leaves paths through layers that read a whole map
    out of merges.

    Raises ShapeError where a layer cannot read what it is given, with the report of the layers
    before it, and UsageError where an argument does not fit the network.
    """
    return _prepared(network, input, batch, from_layer, ignore_global).report()


def traced(
    network: Network,
    input: Sequence[int | None] | str | int | None = None,
    *,
    batch: int = 1,
    from_layer: str | None = None,
    ignore_global: bool = False,
) -> Trace:
    """The analysis of `analyze`, with all fields and windows kept."""
    analysis = _prepared(network, input, batch, from_layer, ignore_global)
    analysis.trace = {}, {}
    report = analysis.report()
    return Trace(report, *analysis.trace)


def _prepared(
    network: Network,
    input: Sequence[int | None] | str | int | None,
    batch: int,
    from_layer: str | None,
    ignore_global: bool,
) -> _Analysis:
    if isinstance(batch, bool) or not isinstance(batch, int) or not 1 <= batch <= 10**9:
        raise UsageError(f"batch must be a whole number from 1 to 10^9, not {quote(batch)}")
    if input is not None:
        network = network.with_input(input)
    start = 0 if from_layer is None else network.index(from_layer)
    return _Analysis(network, batch, start, ignore_global)


class _Analysis:
    """One pass; keeps of each layer what layers after it still read."""

    def __init__(self, network: Network, batch: int, start: int, ignore_global: bool) -> None:
        self.network = network
        self.batch = batch
        self.start = start
        self.ignore_global = ignore_global
        self.axes = AXES[network.axes]
        self.absent = ((None,) * network.axes, (fields_of.NO_FIGURES,) * network.axes)
        self.measured: dict[tuple[Layer, tuple[Shape, ...]], _Measured] = {}
        self.warnings: list[str] = []
        self.trace: _Kept | None = None

    def report(self) -> Report:
        """The whole report. Collecting garbage would only walk what is being built."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self._report()
        finally:
            if collecting:
                gc.enable()

    def _report(self) -> Report:
        last_use = self._last_uses()
        at_input = self._origin() if self.start == 0 else self.absent
        if self.trace:
            self.trace[0][0] = at_input[0]
        maps: list[_Map | None] = [_Map("input", self.network.input, *at_input, None, None, None)]
        layers: list[LayerReport] = []
        for node in self.network.nodes:
            try:
                made, layer = self._layer(node, maps, layers)
            except Impossible as refusal:
                raise self._failed(node, refusal, layers) from None
            maps.append(made)
            layers.append(layer)
            for source in (*node.sources, node.index):
                if last_use[source] <= node.index:
                    maps[source] = None
        return self._made(layers)

    def _made(self, layers: list[LayerReport], complete: bool = True) -> Report:
        origin = self.network.name_of(self.start) if self.start else None
        return Report(
            self.network.name,
            self.network.input,
            tuple(layers),
            self.network.names,
            tuple(self.warnings),
            self.batch,
            complete,
            origin,
        )

    def _failed(self, node: Node, refusal: Impossible, layers: list[LayerReport]) -> ShapeError:
        error = ShapeError(str(refusal), path=node.path, line=node.line, layer=node.name)
        error.report = self._made(layers, complete=False)
        return error

    def _last_uses(self) -> list[int]:
        """Per layer, the last one that reads it or refers to it; 0 where none does."""
        last = [0] * (len(self.network.nodes) + 1)
        for node in self.network.nodes:
            for source in node.sources:
                last[source] = node.index
            if node.referred is not None:
                last[node.referred] = node.index
        return last

    def _origin(self) -> tuple[tuple[AxisField, ...], tuple[Figures, ...]]:
        fields = (fields_of.origin(),) * len(self.axes)
        return fields, tuple(map(fields_of.figures, fields))

    def _layer(
        self, node: Node, maps: list[_Map | None], layers: list[LayerReport]
    ) -> tuple[_Map, LayerReport]:
        inputs = [maps[source] for source in node.sources]
        sources: list[_Map] = inputs  # type: ignore[assignment]
        reading, measured = self._measure(node, sources, maps)
        measures = measured.measures
        if node.shares is not None:
            measures = shared(measures, layers[node.shares - 1])
        regions = self._regions(node, sources)
        fields, aligned = self._fields(node, sources, measured.windows)
        figures = self._figures(sources[0], fields)
        if node.index == self.start:
            fields, figures = self._restarted(node, measures.out_shape)
        self._warn(node, sources, fields)
        if self.trace:
            self.trace[0][node.index], self.trace[1][node.index] = fields, measured.windows
        layer = LayerReport(
            node,
            tuple([source.name for source in sources]),
            reading.shapes,
            measures,
            self.batch * (regions or 1),
            figures,
            aligned,
            any(isinstance(field, Global) for field in fields),
            any(source.figures != figures for source in sources),
        )
        made = _Map(node.name, measures.out_shape, fields, figures, regions, node.kind, reading)
        return made, layer

    def _measure(
        self, node: Node, sources: list[_Map], maps: list[_Map | None]
    ) -> tuple[Reading, _Measured]:
        """What the kind says of the layer; copies that read equal shapes share it."""
        shapes = tuple([source.shape for source in sources])
        if node.referred is None:
            key = (node.kind, shapes)
            reading = Reading(shapes, tuple([source.name for source in sources]))
            if key not in self.measured:
                self.measured[key] = _measured(node.kind, reading)
            return reading, self.measured[key]
        named = maps[node.referred]
        assert named is not None
        about = Referred(named.kind, named.reading or Reading((named.shape,)), named.shape)
        reading = Reading(shapes, tuple(source.name for source in sources), about)
        return reading, _measured(node.kind, reading)

    def _regions(self, node: Node, sources: list[_Map]) -> int | None:
        inherited = {source.regions for source in sources}
        if len(inherited) > 1:
            told = [
                f"{quote(source.name)} ({source.regions or 'not per region'})" for source in sources
            ]
            raise Impossible(
                f"it merges inputs of different regions: {', '.join(told[:5])}",
                "merge before the regions are pooled, or only what follows the same pooling",
            )
        return node.kind.regions_of(sources[0].regions)

    def _restarted(
        self, node: Node, shape: Shape
    ) -> tuple[tuple[AxisField, ...], tuple[Figures, ...]]:
        if len(shape) == 1:
            raise UsageError(
                f"fields cannot be relative to {quote(node.name)}: it gives a vector, not a map"
            )
        return self._origin()

    def _fields(
        self, node: Node, sources: list[_Map], windows: tuple[Windows, ...]
    ) -> tuple[tuple[AxisField, ...], bool | None]:
        reached = [self._through(source, w) for source, w in zip(sources, windows)]
        if not node.kind.merges:
            return reached[0], None
        sizes = [source.shape[1:] for source in sources]
        if self.ignore_global:
            kept = [i for i, fields in enumerate(reached) if not _is_global(fields)]
            if kept:
                reached, sizes = [reached[i] for i in kept], [sizes[i] for i in kept]
        return self._merged(reached, sizes)

    def _through(self, source: _Map, windows: Windows) -> tuple[AxisField, ...]:
        """The fields behind a window; equal axes are computed once."""
        fields = source.fields
        if all(window is IDENTITY for window in windows):
            return fields
        sizes: Shape = source.shape[1:] or (None,) * len(fields)
        result: list[AxisField] = []
        for axis, (field, window, size) in enumerate(zip(fields, windows, sizes)):
            alike = field is fields[0] and window == windows[0]
            if axis and alike and (window is not WHOLE or size == sizes[0]):
                result.append(result[0])
                continue
            try:
                result.append(fields_of.through(field, window, size))
            except Impossible as refusal:
                raise refusal.on(self.axes[axis]) from None
        return tuple(result)

    def _merged(
        self, reached: list[tuple[AxisField, ...]], sizes: list[Shape]
    ) -> tuple[tuple[AxisField, ...], bool | None]:
        result: list[AxisField] = []
        alike: list[bool | None] = []
        for axis in range(len(self.axes)):
            column = [fields[axis] for fields in reached]
            lengths = [size[axis] if size else None for size in sizes]
            if axis and self._repeats(reached, sizes, axis):
                result.append(result[0])
                alike.append(alike[0])
                continue
            try:
                result.append(fields_of.merge(column, lengths))
            except Impossible as refusal:
                raise refusal.on(self.axes[axis]) from None
            alike.append(fields_of.alignment(column))
        if False in alike:
            return tuple(result), False
        return tuple(result), None if None in alike else True

    def _repeats(self, reached: list[tuple[AxisField, ...]], sizes: list[Shape], axis: int) -> bool:
        """Whether an axis merges the very same fields and sizes as the first one."""
        return all(
            fields[axis] is fields[0] and (not size or size[axis] == size[0])
            for fields, size in zip(reached, sizes)
        )

    def _figures(self, source: _Map, fields: tuple[AxisField, ...]) -> tuple[Figures, ...]:
        if fields is source.fields:
            return source.figures
        first = fields_of.figures(fields[0])
        return tuple(
            [first if field is fields[0] else fields_of.figures(field) for field in fields]
        )

    def _warn(self, node: Node, sources: list[_Map], fields: tuple[AxisField, ...]) -> None:
        """Tell of a field that becomes unknown here and why, once for all axes."""
        for axis, field in zip(self.axes, fields):
            if not isinstance(field, UnknownField) or not field.reason:
                continue
            if any(field is known for source in sources for known in source.fields):
                continue
            place = f"{node.path}:{node.line}: " if node.line is not None else ""
            self.warnings.append(
                f"{place}layer {quote(node.name)}: {field.reason} on axis {axis}; "
                "its field is unknown"
            )
            return


def _is_global(fields: tuple[AxisField, ...]) -> bool:
    return any(isinstance(field, Global) for field in fields)
