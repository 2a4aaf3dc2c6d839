"""The effective receptive field at initialization, and paths: exact, without weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from typing import TYPE_CHECKING, Any

from ...analysis.analysis import trace_of
from ...analysis.trace import Trace
from ...arithmetic import Input, Number
from ...definition.arguments import checked_text, flag, items
from ...definition.inputs import AskedInput
from ...errors import UsageError
from ...loading import network_of
from ...network.network import Network
from ...record import Record
from ...report.display import Displayed
from ...report.report import SCHEMA
from ...wording import plain_input, quote
from .distribution import Distribution
from .figures import PERCENTAGES, root, sides, variance
from .propagation import Propagation
from .sources import missing_fields, missing_shares

if TYPE_CHECKING:
    from fractions import Fraction

MOST_BITS = 14_000  # of a count: 4,200 digits, which Python still writes
ASSUMPTIONS = (
    "of the expected squared gradient at initialization; trained weights change it",
    "taps and merged inputs count alike, joined ones by channels, bilinear weights squared",
    "activations and norms have gain 1; paths through whole maps and borders are left out",
)


class EffectiveField(Record):
    """The effective field of a layer's unit, per axis in pixels; None where it is not known.

    The unit is the first of the largest extent. `variance` is that of the expected squared
    gradient's distribution over the pixels; `side_50` to `side_99` are the smallest extents around
    the field's middle that hold so many per cent of it. `paths` are how many paths lead from the
    unit to each pixel from the field's first to its last, `shares` how much of the distribution
    each has relative to the others; both are None unless asked for. The `reason` says why a figure
    is not known.
    """

    layer: str
    type: str
    index: int
    rf: tuple[Number, ...]
    variance: tuple[Fraction | None, ...]
    side_50: tuple[Number, ...]
    side_90: tuple[Number, ...]
    side_99: tuple[Number, ...]
    paths: tuple[tuple[int, ...] | None, ...] | None = None
    shares: tuple[tuple[int, ...] | None, ...] | None = None
    reason: str = ""

    @property
    def sd(self) -> tuple[Fraction | None, ...]:
        """Standard deviation per axis, in pixels; rounded to 80 bits where it is no fraction."""
        return tuple(None if each is None else root(each) for each in self.variance)

    def to_dict(self) -> dict[str, Any]:
        """The layer in JSON's form."""
        spread = [None if each is None else float(each) for each in self.sd]
        values = {name: [*getattr(self, name)] for name in ("rf", *SIDES)}
        paths = self.paths and [None if each is None else [*each] for each in self.paths]
        sides = {name: values[name] for name in SIDES}
        return {"layer": self.layer, "rf": values["rf"], "sd": spread, **sides, "paths": paths}


SIDES = tuple(f"side_{percentage}" for percentage in PERCENTAGES)


class EffectiveFields(Displayed, Record):
    """The effective fields of a network's layers, in its order; `axes` are their names.

    `origin` is the layer in whose units they are, None for the input.
    """

    network: str
    input_shape: Input
    axes: tuple[str, ...]
    origin: str | None
    layers: tuple[EffectiveField, ...]

    def __getitem__(self, name: str) -> EffectiveField:
        """The effective field of a layer by its name."""
        found = {layer.layer: layer for layer in self.layers}
        if checked_text(name, "a layer's name") not in found:
            raise UsageError(f"no effective field of a layer {quote(name)} is among these")
        return found[name]

    def to_dict(self) -> dict[str, Any]:
        """The effective fields in JSON's form."""
        return {
            "schema": SCHEMA,
            "network": self.network,
            "input_shape": plain_input(self.input_shape),
            "from": self.origin,
            "assumptions": [*ASSUMPTIONS],
            "layers": [layer.to_dict() for layer in self.layers],
            "reasons": {layer.layer: layer.reason for layer in self.layers if layer.reason},
        }


def erf(
    network: Network | str | PathLike[str],
    input: AskedInput | None = None,
    *,
    layers: Iterable[str] | str | None = None,
    paths: bool = False,
    shares: bool = False,
    from_layer: str | None = None,
) -> EffectiveFields:
    """The effective receptive field of every layer that is not global, or of the named ones.

    It is the distribution over the input's pixels of a unit's expected squared gradient at
    initialization (Luo et al. 2016, arXiv:1701.04128), channels summed, each axis with the others
    summed. With `paths`, how many paths lead to each pixel too; with `shares`, what
    share each has. `input` and `from_layer` are those
    of `analyze`. Raises what `analyze` raises, and UsageError for a layer that there is not.

    >>> field = erf("vgg16", layers="conv1_2")["conv1_2"]
    >>> field.variance, field.side_50
    ((Fraction(4, 3), Fraction(4, 3)), (3, 3))
    """
    network, counted = network_of(network), flag(paths, "paths")
    figures = _spread_and_shares if flag(shares, "shares") else _spread
    named = None if layers is None else {_index(network, name) for name in items(layers, "layers")}
    if named:
        start = 0 if from_layer is None else network.index(from_layer)
        network = network.up_to(max(start, *named))
    trace = trace_of(network, input, from_layer=from_layer)
    asked = [
        layer.index
        for layer in trace.layers
        if (not layer.is_global if named is None else layer.index in named)
    ]
    spread = _along_axes(trace, asked, True, figures)
    counts = _along_axes(trace, asked, False, _counts) if counted else None
    report = trace.report
    found = tuple(_field(trace, index, spread, counts) for index in asked)
    return EffectiveFields(report.network, report.input, trace.axes, report.origin, found)


def _index(network: Network, name: str) -> int:
    index = network.index(name)
    if index <= 0:
        raise UsageError("the input reads nothing; name a layer")
    return index


class _Axis(Record):
    """What is known on an axis, by layers' indices, and why what is not."""

    values: dict[int, Any]
    reasons: list[str]


def _along_axes(
    trace: Trace, asked: list[int], shares: bool, figures: Callable[[Distribution], Any]
) -> list[_Axis]:
    """The figures of the distributions on every axis, once for axes that are alike."""
    if _axes_are_alike(trace):
        return [_along(trace, 0, asked, shares, figures)] * len(trace.axes)
    axes = range(len(trace.axes))
    return [_along(trace, axis, asked, shares, figures) for axis in axes]


def _along(
    trace: Trace,
    axis: int,
    asked: list[int],
    shares: bool,
    figures: Callable[[Distribution], Any],
) -> _Axis:
    missing = missing_shares if shares else missing_fields
    reasons = missing(trace, axis)
    if not shares:
        for other in range(len(trace.axes)):
            others = missing(trace, other)
            reasons = [reason or beside for reason, beside in zip(reasons, others)]
    values: dict[int, Any] = {}
    last: tuple[Distribution | None, Any] = None, None
    for index, found in Propagation(trace, axis, reasons, shares).distributions(asked):
        if found is not last[0]:  # an activation has that of what it reads
            last = found, figures(found)
        values[index] = last[1]
    return _Axis(values, reasons)


def _axes_are_alike(trace: Trace) -> bool:
    return all(
        all(field is fields[0] for field in fields)
        and all(window == each[0] for each in windows for window in each)
        for fields, windows in zip(trace.fields, trace.windows)
    )


def _spread(found: Distribution) -> tuple[Any, ...]:
    numbers = found.numbers()
    return variance(numbers), *sides(numbers), None


def _spread_and_shares(found: Distribution) -> tuple[Any, ...]:
    return *_spread(found)[:-1], tuple(found.numbers())


def _counts(found: Distribution) -> tuple[int, ...] | None:
    return None if found.total.bit_length() > MOST_BITS else tuple(found.numbers())


def _field(
    trace: Trace, index: int, spread: list[_Axis], counts: list[_Axis] | None
) -> EffectiveField:
    layer = trace.layer(index)
    nothing = (None,) * (2 + len(SIDES))
    columns = zip(*(axis.values.get(index, nothing) for axis in spread))
    figures = dict(zip(("variance", *SIDES, "shares"), columns))
    paths = None if counts is None else tuple(axis.values.get(index) for axis in counts)
    reason = next(
        (axis.reasons[index] for axis in (*spread, *(counts or ())) if axis.reasons[index]), ""
    )
    if not reason and paths and None in paths:
        reason = "its paths are counted in over 4,200 digits"
    return EffectiveField(
        layer=layer.layer,
        type=layer.type,
        index=index,
        rf=layer.rf,
        paths=paths,
        reason=reason,
        **figures,
    )
