"""Network and input → Report: one pass over the layers, in order."""

from __future__ import annotations

from functools import partial
from os import PathLike
from typing import cast

from ..arithmetic import AXES, Impossible, Shape
from ..definition.arguments import flag, whole_number
from ..definition.inputs import AskedInput
from ..fields import composition
from ..fields import figures as figures_of
from ..fields.composition import AxisField, by_units
from ..fields.effort import Effort
from ..fields.field import Figures, Global, UnknownField, origin
from ..fields.figures import NO_FIGURES
from ..fields.joining import Joining
from ..fields.row import with_paths_beside
from ..fields.window import IDENTITY, WHOLE
from ..layers.base import Layer, Reading, Referred, Windows, per_axis
from ..loading import network_of
from ..network.network import Network, Node
from ..readers.collecting import without_collecting
from ..record import Record
from ..report.layer import LayerReport
from ..report.report import Report, ShapeError
from ..wording import quote
from .measures import Measurement, check_origin, measurement_of, own_measures
from .notes import notes
from .trace import LayerTrace, Trace

MOST_MEASUREMENTS = 10_000  # kept for layers that are alike


class _Map(Record):
    """What later layers need of a layer: its shape, field, figures and regions.

    `through` names a layer that reads a whole map and that some path from the input goes through.
    """

    name: str
    shape: Shape
    fields: tuple[AxisField, ...]
    figures: tuple[Figures, ...]
    regions: int | None
    kind: Layer | None
    reading: Reading
    through: str | None = None


def analyze(
    network: Network | str | PathLike[str],
    input: AskedInput | None = None,
    *,
    batch: int = 1,
    from_layer: str | None = None,
    with_global: bool = False,
    ignore_global: bool | None = None,
) -> Report:
    """Every figure of every layer of a network, a built-in one's name or a path.

    `input` replaces the network's own: (channels, *axes), the axes alone, or one size for all.
    `batch` scales macs, flops and activations. With `from_layer`, fields are relative to that
    layer's output, in its units. Where paths merge, those through layers that read a whole map are
    left out if there are others; `with_global` counts them too. `ignore_global` changes nothing.

    Raises ShapeError where a layer cannot read what it is given, with the report of the layers
    before it, and UsageError where an argument does not fit the network.
    """
    note_ignored(ignore_global)
    return _Analysis(network, input, batch, from_layer, with_global).report()


def note_ignored(ignore_global: bool | None) -> None:
    """Say of an argument that is still accepted that it changes nothing."""
    if ignore_global is not None:
        import warnings

        message = "ignore_global changes nothing: paths through whole maps are left out anyway"
        warnings.warn(f"{message}; with_global=True counts them", FutureWarning, stacklevel=3)


def trace_of(
    network: Network | str | PathLike[str],
    input: AskedInput | None = None,
    *,
    batch: int = 1,
    from_layer: str | None = None,
    with_global: bool = False,
) -> Trace:
    """The analysis of `analyze`, with all readings, windows and fields kept."""
    return _Analysis(network, input, batch, from_layer, with_global).trace()


class _Analysis:
    """One pass; keeps of each layer what layers after it still read."""

    def __init__(
        self,
        asked: Network | str | PathLike[str],
        input: AskedInput | None,
        batch: int,
        from_layer: str | None,
        with_global: bool,
    ) -> None:
        network = network_of(asked)
        self.network = network if input is None else network.with_input(input)
        self.batch = whole_number(batch, "batch")
        self.start = 0 if from_layer is None else network.index(from_layer)
        self.with_global = flag(with_global, "with_global")
        self.axes = AXES[network.axes]
        pixels = origin()
        self.origin: tuple[tuple[AxisField, ...], tuple[Figures, ...]] = (
            (pixels,) * network.axes,
            (figures_of.figures(pixels),) * network.axes,
        )
        self.effort = effort = Effort(len(network.nodes))
        self.behind = partial(composition.through, effort=effort)
        self.union = partial(composition.merge, effort=effort)
        self.alignment = partial(figures_of.alignment, effort=effort)
        self.measurements: dict[tuple[Layer, tuple[Shape, ...]], Measurement] = {}
        # By their indices: those of further inputs are below 0 and count from the end.
        places = len(network.nodes) + len(network.inputs)
        self.maps: list[_Map | None] = [None] * places
        self.layers: list[LayerReport] = []
        self.warnings: list[str] = []
        self.told: set[UnknownField] = set()
        self.traces: list[LayerTrace | None] | None = None

    def trace(self) -> Trace:
        """The whole report, with what it comes from."""
        self.traces = [None] * len(self.maps)
        report = self.report()
        traces = cast("list[LayerTrace]", self.traces)
        return Trace(self.network, report, traces, self.with_global)

    def report(self) -> Report:
        """The whole report. Collecting garbage would only walk what is being built."""
        with without_collecting():
            return self._report()

    def _report(self) -> Report:
        last_use = self._last_uses()
        self._add_inputs()
        for node in self.network.nodes:
            try:
                self._add(node)
            except Impossible as refusal:
                raise self._refusal(node, refusal) from None
            for source in (*node.sources, node.index):
                if last_use[source] <= node.index:
                    self.maps[source] = None
        self.warnings += notes(self.network.nodes, self.layers)
        return self._report_so_far()

    def _report_so_far(self, complete: bool = True) -> Report:
        return Report(
            self.network.name,
            self.network.inputs,
            tuple(self.layers),
            self.network.names,
            tuple(self.warnings),
            self.batch,
            complete,
            self.network.name_of(self.start) if self.start else None,
            self.with_global,
            self.network,
        )

    def _refusal(self, node: Node, refusal: Impossible) -> ShapeError:
        error = ShapeError(str(refusal), path=node.path, line=node.line, layer=node.name)
        error.report = self._report_so_far(complete=False)
        return error

    def _last_uses(self) -> list[int]:
        """Per layer, the last one that reads it or refers to it; 0 where none does."""
        last = [0] * len(self.maps)
        for node in self.network.nodes:
            for source in node.sources:
                last[source] = node.index
            if node.referred is not None:
                last[node.referred] = node.index
        return last

    def _add_inputs(self) -> None:
        """The network's inputs; only the one that fields are relative to, if any, has some."""
        for place, (name, shape) in enumerate(self.network.inputs.items()):
            fields, figures = self.origin
            if self.start == -place:
                check_origin(name, shape, self.network)
            else:
                fields, figures = (None,) * len(fields), (NO_FIGURES,) * len(fields)
            reading = Reading((shape,))
            if self.traces is not None:
                self.traces[-place] = LayerTrace(reading, (), fields)
            self.maps[-place] = _Map(name, shape, fields, figures, None, None, reading)

    def _add(self, node: Node) -> None:
        """Analyse a layer whose inputs are."""
        sources: list[_Map] = [self.maps[source] for source in node.sources]  # type: ignore[misc]
        reading, measurement = self._measure(node, sources)
        measures, windows = measurement.measures, measurement.windows
        if node.shares is not None:
            measures = own_measures(measures, self.layers[node.shares - 1])
        regions = self._regions(node, sources)
        units = self._sizes_on_axes(measures.out_shape)
        reached = [self._through(*each, units, measurement) for each in zip(sources, windows)]
        merged = self._merge(sources, reached, measurement) if node.kind.merges else None
        fields, aligned = merged or (reached[0], None)
        through = _whole_map_reader(node.name, sources, reached)
        figures = next((source.figures for source in sources if source.fields == fields), None)
        if figures is None:
            figures = per_axis(figures_of.figures, fields)
        if node.index == self.start:
            check_origin(node.name, measures.out_shape, self.network)
            (fields, figures), through = self.origin, None
        self._warn(node, fields)
        if self.traces is not None:
            self.traces[node.index] = LayerTrace(reading, windows, fields)
        layer = LayerReport(
            node,
            reading.names,
            reading.shapes,
            measures,
            self.batch * (regions or 1),
            figures,
            aligned,
            _is_global(fields),
            any(source.figures != figures for source in sources),
            through,
        )
        self.layers.append(layer)
        out_shape, kind = measures.out_shape, node.kind
        self.maps[node.index] = _Map(
            node.name, out_shape, fields, figures, regions, kind, reading, through
        )

    def _measure(self, node: Node, sources: list[_Map]) -> tuple[Reading, Measurement]:
        """What the kind says of the layer; copies that read equal shapes share it."""
        shapes = tuple([source.shape for source in sources])
        names = tuple([source.name for source in sources])
        if node.referred is None:
            key = (node.kind, shapes)
            reading = Reading(shapes, names)
            if key not in self.measurements:
                if len(self.measurements) >= MOST_MEASUREMENTS:
                    self.measurements.clear()
                self.measurements[key] = measurement_of(node.kind, reading, len(self.axes))
            return reading, self.measurements[key]
        other = self.maps[node.referred]
        assert other is not None
        reading = Reading(shapes, names, Referred(other.kind, other.reading, other.shape))
        return reading, measurement_of(node.kind, reading, len(self.axes))

    def _regions(self, node: Node, sources: list[_Map]) -> int | None:
        inherited = {source.regions for source in sources}
        if len(inherited) > 1:
            inputs = [
                f"{quote(source.name)} ({source.regions or 'not per region'})" for source in sources
            ]
            raise Impossible(
                f"it merges inputs of different regions: {', '.join(inputs[:5])}",
                "merge before the regions are pooled, or only what follows the same pooling",
            )
        return node.kind.regions_of(sources[0].regions)

    def _merge(
        self, sources: list[_Map], reached: list[tuple[AxisField, ...]], measurement: Measurement
    ) -> tuple[tuple[AxisField, ...], bool | None]:
        """The field of a merge, and whether its inputs are centred alike."""
        if isinstance(step := measurement.row_step, Joining):
            return step.fields(reached, len(self.axes), self.with_global, self.effort), None
        sizes = [self._sizes_on_axes(source.shape) for source in sources]
        left_out: list[tuple[AxisField, ...]] = []
        if not self.with_global:
            # What does not depend on the origin of the fields is no path beside the global ones.
            local = [i for i, fields in enumerate(reached) if not _is_global(fields)]
            if any(reached[i][0] is not None for i in local):
                left_out = [fields for fields in reached if _is_global(fields)]
                reached, sizes = [reached[i] for i in local], [sizes[i] for i in local]
        columns = list(zip(*reached))
        fields = per_axis(self.union, columns, list(zip(*sizes)))
        if left_out:
            fields = per_axis(with_paths_beside, fields, list(zip(*left_out)))
        alike = per_axis(self.alignment, columns)
        return fields, False if False in alike else None if None in alike else True

    def _sizes_on_axes(self, shape: Shape) -> Shape:
        """Sizes of a map on the input's axes; a vector and tokens have none there."""
        sizes = shape[1:]
        return sizes if len(sizes) == len(self.axes) else (None,) * len(self.axes)

    def _through(
        self, source: _Map, windows: Windows, units: Shape, measurement: Measurement
    ) -> tuple[AxisField, ...]:
        """The fields of so many units behind a window, or a step between a map and tokens."""
        if (step := measurement.row_step) is not None:
            return tuple([step.field_after(each, axis) for axis, each in enumerate(source.fields)])
        if windows[0] is IDENTITY and all(window is IDENTITY for window in windows):
            return source.fields
        # Few fields depend on sizes: axes of other sizes and equal windows are alike without them.
        fields, sizes = source.fields, self._sizes_on_axes(source.shape)
        whole = [size if window is WHOLE else None for size, window in zip(sizes, windows)]
        kept = [n if by_units(f, w) else None for n, f, w in zip(units, fields, windows)]
        return per_axis(self.behind, fields, windows, whole, kept)

    def _warn(self, node: Node, fields: tuple[AxisField, ...]) -> None:
        """Tell of a field that becomes unknown here and why, once for all axes."""
        for axis, field in zip(self.axes, fields):
            if not isinstance(field, UnknownField) or not field.reason or field in self.told:
                continue
            self.told.add(field)
            place = f"{node.path}:{node.line}: " if node.line is not None else ""
            self.warnings.append(
                f"{place}layer {quote(node.name)}: {field.reason} on axis {axis}; "
                "its field is unknown"
            )
            return


def _whole_map_reader(
    name: str, sources: list[_Map], reached: list[tuple[AxisField, ...]]
) -> str | None:
    """A layer that reads a whole map and that some path goes through: one before, or this one."""
    for source, fields in zip(sources, reached):
        if source.through is not None:
            return source.through
        if fields is not source.fields and _is_global(fields):
            return name
    return None


def _is_global(fields: tuple[AxisField, ...]) -> bool:
    return Global in map(type, fields)
