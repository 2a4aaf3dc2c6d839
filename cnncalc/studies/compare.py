"""Networks side by side: totals and layers, in ratio to the first of them."""

from __future__ import annotations

import os
from math import prod
from os import PathLike
from typing import Any

from ..analysis.analysis import analyze, note_ignored
from ..arithmetic import Exact, Number, ratio
from ..definition.arguments import whole_number
from ..definition.inputs import AskedInput
from ..definition.scalars import scalar
from ..definition.shape import BadInput, check_asked
from ..errors import UsageError
from ..loading import load, path_of
from ..network.network import Network
from ..record import Record
from ..report.display import Displayed
from ..report.layer import LayerReport
from ..report.report import Report
from ..wording import quote
from ..zoo import path as built_in
from .memory import peak_bytes

TOTALS = ("params", "buffers", "macs", "flops", "activations", "memory")
BY_NAME, BY_PLACE = "name", "place"


class Compared(Record):
    """One network of a comparison, as it was asked for: figures, and their ratios to the first.

    `figures` are the totals, `memory`, the peak of live bytes of float32, and `layers`, how many
    there are; a ratio is None where a figure is
    unknown or the first's is 0. `rf` is the receptive field, in pixels per axis, of the layer
    `rf_of`: of those that do not see the whole map the one with the largest field, its axes
    multiplied, and of equal ones the first.
    """

    asked: str
    report: Report
    figures: dict[str, Number]
    ratios: dict[str, Exact | None]
    rf: tuple[Number, ...]
    rf_of: str | None


class Pair(Record):
    """A layer of the first network and the one of another that corresponds to it.

    `by` says how: by `name`, or by `place` among the rest of its type. One of the two is None
    where a layer has no counterpart, as is `by`.
    """

    first: LayerReport | None
    other: LayerReport | None
    by: str | None


class Comparison(Displayed, Record):
    """Networks in the order in which they were asked for; the first is what ratios are to."""

    networks: tuple[Compared, ...]

    def pairs(self, other: int) -> list[Pair]:
        """The layers of the first network and of another, by its place, that correspond."""
        place = whole_number(other, "a network's place", 0, len(self.networks) - 1)
        return corresponding(self.networks[0].report, self.networks[place].report)


def compare(
    *asked: Network | str | PathLike[str],
    input: AskedInput | None = None,
    batch: int = 1,
    with_global: bool = False,
    ignore_global: bool | None = None,
) -> Comparison:
    """The figures of networks, files and variants, in ratio to those of the first.

    A variant is written `vgg16@320` (another input), `mobilenet_v1:alpha=0.5` (other arguments) or
    both, `net.yaml:alpha=0.5,b=2@3x64x64`; it is read so only where no file and no network has
    that name. `input` is for those without one of their own.

    Networks that are loaded already serve as well. Raises UsageError where there is none of a name,
    and what reading and analysing raise.
    """
    note_ignored(ignore_global)
    if not asked:
        raise UsageError("name the networks to compare")
    networks: list[Compared] = []
    for each in asked:
        if isinstance(each, Network):
            label, network, own_input = each.name, each, None
        else:
            label = path_of(each)
            name, arguments, own_input = variant(label)
            network = load(name, **arguments)
        shape = input if own_input is None else own_input
        report = analyze(network, shape, batch=batch, with_global=with_global)
        figures = {
            **report.totals.as_dict(),
            "memory": peak_bytes(report, network),
            "layers": len(report),
        }
        first = networks[0].figures if networks else figures
        ratios = {name: ratio_to(figures[name], first[name]) for name in figures}
        layer = widest_layer(report)
        name = None if layer is None else layer.layer
        networks.append(Compared(label, report, figures, ratios, widest(report), name))
    return Comparison(tuple(networks))


def ratio_to(value: Number, first: Number) -> Exact | None:
    """The exact ratio of a figure to the first's; None where there is none.

    >>> ratio_to(18, 25), ratio_to(50, 25), ratio_to(1, 0)
    ((18, 25), 2, None)
    """
    return ratio(value, first) if value is not None and first else None


def widest(report: Report) -> tuple[Number, ...]:
    """The receptive field per axis of the layer whose field is the largest, in pixels."""
    layer = widest_layer(report)
    return (None,) * len(report.axes) if layer is None else layer.rf


def widest_layer(report: Report) -> LayerReport | None:
    """The first with the largest receptive field, its axes multiplied, that sees no whole map.

    Fields known on more axes come before others; None where none is known.
    """
    local = [layer for layer in report if not layer.is_global and set(layer.rf) - {None}]
    return max(local, key=_extent_known, default=None)


def _extent_known(layer: LayerReport) -> tuple[int, int]:
    known = [rf for rf in layer.rf if rf is not None]
    return len(known), prod(known)


class Variant(Record):
    """A network's name or path, the arguments it is given, and its input where it has its own."""

    name: str
    arguments: dict[str, Any]
    input: str | None


def variant(text: str) -> Variant:
    """What `net.yaml:alpha=0.5,b=2@3x64x64` asks for; all of it is the name where that exists.

    >>> variant("mobilenet_v1:alpha=2@160")
    Variant(name='mobilenet_v1', arguments={'alpha': 2}, input='160')
    """
    name, at, size = text.rpartition("@")
    if _exists(text) or not at:
        name, at, size = text, "", ""
    base, _, given = name.rpartition(":")
    values: dict[str, Any] = {}
    if not _exists(name):
        if not base or not _exists(base):
            return Variant(text, {}, None)
        name, values = base, _arguments(given, text)
    if at:
        _check_input(size, text)
    return Variant(name, values, size or None)


def _exists(name: str) -> bool:
    return built_in(name) is not None or os.path.exists(name)


def _check_input(size: str, text: str) -> None:
    try:
        check_asked(size)
    except BadInput as error:
        raise UsageError(f"in {quote(text)}: {error}") from None


def _arguments(given: str, text: str) -> dict[str, Any]:
    values = {}
    for part in given.split(","):
        name, sign, value = part.partition("=")
        if not sign or not name:
            raise UsageError(
                f"in {quote(text)}, {quote(part)} must be ARG=VALUE, as in mobilenet_v1:alpha=0.5"
            )
        values[name] = scalar(value)
    return values


def corresponding(first: Report, other: Report) -> list[Pair]:
    """Layers of two networks that correspond, in the order of the first, then what is left.

    Those of equal name do; of the rest, the n-th of a type and the n-th of that type.
    """
    by_name = {layer.layer: layer for layer in other}
    names = {layer.layer for layer in first}
    rest: dict[str, list[LayerReport]] = {}
    for layer in other:
        if layer.layer not in names:
            rest.setdefault(layer.type, []).append(layer)
    pairs = []
    for layer in first:
        if layer.layer in by_name:
            pairs.append(Pair(layer, by_name[layer.layer], BY_NAME))
        elif rest.get(layer.type):
            pairs.append(Pair(layer, rest[layer.type].pop(0), BY_PLACE))
        else:
            pairs.append(Pair(layer, None, None))
    alone = {layer.index for layers in rest.values() for layer in layers}
    return pairs + [Pair(None, layer, None) for layer in other if layer.index in alone]
