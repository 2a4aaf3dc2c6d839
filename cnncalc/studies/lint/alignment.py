"""Rules about where the fields of units are centred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property

from ...analysis.trace import Trace
from ...fields.field import Field
from ...fields.figures import figures
from ...fields.unit_field import UnitField
from ...fields.window import IDENTITY, moves_only
from ...report.layer import LayerReport, exact
from ..explain.centres import mean_centres
from .recentring import Change, Changes, Recentring
from .rule import INFO, WARNING, Case, enumeration, layer_names, on_axes, rule, window_text

Exact = int | Fraction


@rule(
    "CNN201",
    "misaligned-merge",
    WARNING,
    "a merge of branches whose units' fields are centred differently, or move at different strides",
    "padding alike on both sides, of kernels that are odd at stride 1 and differ from the stride "
    "by an even number where branches are resized",
    "Araujo et al. 2019, doi:10.23915/distill.00021",
)
def misaligned_merge(trace: Trace) -> Iterator[Case]:
    """Merges of branches that differ in their strides, or else in their centres."""
    remedies = _Remedies(trace)
    for layer in trace.layers:
        if not layer.node.kind.merges:
            continue
        columns = [_branches(trace, layer, axis) for axis in range(len(trace.axes))]
        strides = [sorted({_stride(field) for field in column.values()}) for column in columns]
        if any(len(different) > 1 for different in strides):
            yield _mismatch(trace, layer, columns, strides)
        elif layer.aligned is False:
            yield _misalignment(trace, layer, columns, remedies)


def _branches(trace: Trace, layer: LayerReport, axis: int) -> dict[int, Field]:
    """The fields that a merge joins on one axis, by the layer that they come from.

    Empty where it joins them unit by unit: what aligned corners stretch has no stride to compare.
    """
    if isinstance(trace.fields[layer.index][axis], UnitField):
        return {}
    return {
        source: field
        for source, windows in zip(layer.node.sources, trace.windows[layer.index])
        if isinstance(field := trace.fields[source][axis], Field) and windows[axis] is IDENTITY
    }


def _stride(field: Field) -> Fraction:
    return Fraction(field.shift, field.period)


def _mismatch(
    trace: Trace,
    layer: LayerReport,
    columns: list[dict[int, Field]],
    strides: list[list[Fraction]],
) -> Case:
    texts = []
    for column, different in zip(columns, strides):
        groups = [[i for i, field in column.items() if _stride(field) == s] for s in different]
        parts = [f"{s} ({layer_names(trace, group)})" for s, group in zip(different, groups)]
        texts.append(enumeration(parts) if len(different) > 1 else None)
    text = f"it merges branches of effective stride {on_axes(trace, texts)}"
    evidence = {"eff_strides": strides}
    remedy = "bring the branches to one effective stride: pool or upsample by their ratio"
    return Case(layer.index, ("stride", *map(tuple, strides)), text, evidence, remedy)


def _misalignment(
    trace: Trace, layer: LayerReport, columns: list[dict[int, Field]], remedies: _Remedies
) -> Case:
    texts, apart, own = zip(*[_apart(trace, column) for column in columns])
    text = f"its branches' {on_axes(trace, texts)}"
    changes, remedy = remedies.of(layer.index, own)
    evidence = {"apart": list(apart), "apart_in_units": list(own), "changes": changes}
    return Case(layer.index, own, text, evidence, remedy)


class _Remedies:
    """What would align the merges of a network, of those that are apart alike the first."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.known: dict[object, tuple[Mapping[str, Change], str | None]] = {}

    @cached_property
    def recentring(self) -> Recentring:
        """The search, which takes up all layers."""
        return Recentring(self.trace)

    def of(self, merge: int, cause: object) -> tuple[Mapping[str, Change], str | None]:
        """The changes by layer, and in words: none where none helps, None where that is open."""
        if cause not in self.known:
            changes = self.recentring.changes(merge)
            words = None if self.recentring.is_over and not changes else self._words(changes)
            named = {self.trace.name(index): change for index, change in changes.items()}
            self.known[cause] = named, words
        return self.known[cause]

    def _words(self, changes: Changes) -> str:
        """`give 'conv1' and 'conv2' kernel_size: 4 and padding: 1`."""
        groups: dict[str, list[int]] = {}
        for index, change in changes.items():
            told = enumeration([f"{name}: {value}" for name, value in change.items()])
            groups.setdefault(told, []).append(index)
        parts = [f"{layer_names(self.trace, group)} {told}" for told, group in groups.items()]
        return f"give {'; '.join(parts)}: its branches are then centred alike" if parts else ""


def _apart(trace: Trace, column: dict[int, Field]) -> tuple[str | None, Exact | None, Exact | None]:
    """How far apart branches are centred on one axis: in words, in pixels, in the merge's units."""
    centres = mean_centres(list(column.values()))
    known = sorted({place for place in centres.places if place is not None})
    if None in centres.places or not known:
        return None, None, None
    apart = known[-1] - known[0]
    if not apart:
        return None, 0, 0
    pairs = list(zip(column, centres.places))
    groups = [layer_names(trace, [at for at, place in pairs if place == one]) for one in known]
    if any(field.anchor for field in column.values()):
        where = f", {' before '.join(groups)}"
    else:
        unit = "pixel" if trace.origin == 0 else f"unit of {trace.report.origin!r}"
        parts = [f"{place} ({group})" for place, group in zip(known, groups)]
        where = f" at {unit} {enumeration(parts)}"
    own = apart / _stride(next(iter(column.values())))
    return f"{centres.which} {centres.lie}{where}: {apart} apart", apart, own


class _Centre:
    """Where a sliding window puts the centre of unit 0 on one axis, in units of its input.

    It is expected on unit 0 of the input, as corner-aligned resizing takes it, or in the middle of
    the input's first `stride` units, as half-pixel resizing does. `shift` is how far it is from
    the nearer of the two.
    """

    def __init__(self, center: Fraction, stride: int) -> None:
        self.center = center
        self.expected = sorted({Fraction(0), Fraction(stride - 1, 2)})
        self.shift = min((center - place for place in self.expected), key=abs)

    @property
    def text(self) -> str:
        """`1/2, not at 0`."""
        return f"{self.center}, not at {' or '.join(map(str, self.expected))}"


@rule(
    "CNN202",
    "shifted-centre",
    INFO,
    "an even kernel or uneven padding that moves units off the places which they stand for",
    "an odd kernel with padding (k - 1)/2 on both sides keeps units on the units that they read",
    "Araujo et al. 2019, doi:10.23915/distill.00021",
)
def shifted_centre(trace: Trace) -> Iterator[Case]:
    """Sliding windows whose unit 0 is centred neither on a unit nor amid a stride's units."""
    for layer in trace.layers:
        windows = trace.windows[layer.index][0]
        if len(layer.padding or ()) < len(windows) or all(map(moves_only, windows)):
            continue
        centres = [_centre(trace, layer, axis) for axis in range(len(trace.axes))]
        if not any(centres):
            continue
        texts = [centre.text if centre else None for centre in centres]
        text = f"{window_text(layer)} centres unit 0 at {on_axes(trace, texts)}"
        shifts = [centre.shift if centre else 0 for centre in centres]
        pixels = [
            None if figure.eff_stride is None else shift * (exact(figure.eff_stride) or 0)
            for shift, figure in zip(shifts, map(figures, trace.fields[layer.node.sources[0]]))
        ]
        evidence = {
            "center": [centre.center if centre else None for centre in centres],
            "shift": shifts,
            "shift_in_pixels": pixels,
        }
        yield Case(layer.index, (layer.kernel, layer.stride, tuple(texts)), text, evidence)


def _centre(trace: Trace, layer: LayerReport, axis: int) -> _Centre | None:
    """The centre of an even kernel or under uneven padding, where it is not where expected."""
    window = trace.windows[layer.index][0][axis]
    outputs = layer.out_shape[1:][axis]
    if window is None or window.period != 1 or not window.reads or window.floating is not None:
        return None
    first, step, count = window.reads[0]
    before, after = (layer.padding or ())[axis]
    span = step * (count - 1)
    if outputs == 1 or (span % 2 == 0 and before == after):
        return None
    centre = _Centre(Fraction(2 * first + span, 2), window.shift)
    return centre if centre.shift else None
