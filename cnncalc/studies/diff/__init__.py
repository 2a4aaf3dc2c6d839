"""What differs between two networks: layers by structure first, names second; figures old → new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any

from ...analysis.analysis import analyze
from ...definition.arguments import flag
from ...definition.inputs import AskedInput
from ...exporters.folding import attributes
from ...loading import network_of
from ...network.network import Network
from ...record import Record
from ...report.columns import decimal, plain_layer
from ...report.display import Displayed
from ..compare import widest
from ..memory import peak_bytes
from .pairing import items, pairs

ADDED, REMOVED, RENAMED, CHANGED = "added", "removed", "renamed", "changed"
NAMES = ("index", "layer", "from")
# Attributes that JSON's layers have among their figures.
IN_FIGURES = ("kernel_size", "stride", "padding", "dilation", "groups")


class Change(Record):
    """One edit of a layer: `changes` are old and new values by key.

    `after` is the layer listed before an added one, whose attributes and inputs `definition` has.
    """

    change: str
    old: str | None
    new: str | None
    type: str
    changes: dict[str, list[Any]]
    definition: dict[str, Any] | None = None
    after: str | None = None


class Difference(Displayed, Record):
    """What makes one network the other; `totals` are old and new figures by name.

    `layers` are edits of layers, in the order of both networks.
    """

    old: str | None
    new: str | None
    totals: dict[str, list[Any]]
    layers: tuple[Change, ...]

    def to_dict(self) -> dict[str, Any]:
        """The difference in JSON's form."""
        return {
            "old": self.old,
            "new": self.new,
            "totals": self.totals,
            "layers": [_plain(change) for change in self.layers],
        }


def _plain(change: Change) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "change": change.change,
        "old": change.old,
        "new": change.new,
        "changes": change.changes,
    }
    if change.definition is not None:
        plain |= {"definition": change.definition, "after": change.after}
    return plain


class _Side:
    """One of the two networks with its figures."""

    def __init__(self, network: Network, input: AskedInput | None) -> None:
        self.network = network
        self.report = analyze(network, input)
        self.layers = [plain_layer(layer) for layer in self.report]
        self.items = items(network)
        self.attributes = [_plain_values(attributes(node)) for node in network.nodes]

    @property
    def totals(self) -> dict[str, Any]:
        return {
            **self.report.totals.as_dict(),
            "memory": peak_bytes(self.report, self.network),
            "layers": len(self.report),
            "rf": list(widest(self.report)),
        }


def diff(
    old: Network | str | PathLike[str] | None,
    new: Network | str | PathLike[str] | None,
    *,
    input: AskedInput | None = None,
    every: bool = False,
) -> Difference:
    """What makes the old network the new one, with as few edits of layers as there can be.

    Layers correspond by their order, types and attributes first and by their names second, so that
    a renamed layer is one edit. Layers whose figures alone moved, because of an edit before them,
    are told with `every`, and so is what merely reads past or through removed and added layers.
    None stands for a network that is not there yet, or no longer. Raises what `analyze` raises.

    >>> import cnncalc
    >>> text = "input: [3, 8, 8]\\nlayers: [{name: a, type: conv, out_channels: 4, kernel_size: K}]"
    >>> old, new = (cnncalc.loads(text.replace("K", size)) for size in "35")
    >>> (change,) = diff(old, new).layers
    >>> change.change, change.changes["kernel"], change.changes["params"]
    ('changed', [[3, 3], [5, 5]], [112, 304])
    """
    flag(every, "every")
    one, two = (
        None if network is None else _Side(network_of(network), input) for network in (old, new)
    )
    before, behind = (None if side is None else side.totals for side in (one, two))
    names = [*(before or behind or {})]
    totals = {name: [before and before[name], behind and behind[name]] for name in names}
    before_name, name = (None if side is None else side.report.network for side in (one, two))
    return Difference(before_name, name, totals, tuple(_changes(one, two, every)))


def _changes(one: _Side | None, two: _Side | None, every: bool) -> Iterator[Change]:
    if one is None or two is None:
        if two is not None:
            yield from (_addition(two, place) for place in range(len(two.layers)))
        if one is not None:
            yield from (_removal(one, place) for place in range(len(one.layers)))
        return
    found = pairs(one.items, two.items)
    wiring = _Wiring(one, two, found)
    for before, behind in found:
        if before is None and behind is not None:
            yield _addition(two, behind)
        elif behind is None and before is not None:
            yield _removal(one, before)
        elif before is not None and behind is not None:
            change = _change(one, two, before, behind, wiring, every)
            if change is not None:
                yield change


class _Wiring:
    """How layers that correspond read: whether from layers that correspond."""

    def __init__(
        self, old: _Side, new: _Side, found: Sequence[tuple[int | None, int | None]]
    ) -> None:
        self.old, self.new = old, new
        both = [(one, two) for one, two in found if one is not None and two is not None]
        self.partner = {one + 1: two + 1 for one, two in both}
        self.kept = set(self.partner.values())

    def is_rewired(self, one: int, two: int) -> bool:
        """Whether a layer reads another one than before, not merely past removed or added ones."""
        sources, others = self.old.network.nodes[one].sources, self.new.network.nodes[two].sources
        if len(sources) != len(others):
            return True
        return not all(map(self._is_same, sources, others))

    def references(self, one: int, two: int) -> dict[str, list[str | None]]:
        """What a layer refers to, and whose parameters it uses, where that differs."""
        old, new = self.old.network.nodes[one], self.new.network.nodes[two]
        links = {"shares": (old.shares, new.shares)}
        if name := new.kind.reference or old.kind.reference:
            links[name] = (old.referred, new.referred)
        return {
            name: [self._name(self.old, before), self._name(self.new, behind)]
            for name, (before, behind) in links.items()
            if (before is None) != (behind is None)
            or (before is not None and behind is not None and not self._is_same(before, behind))
        }

    @staticmethod
    def _name(side: _Side, index: int | None) -> str | None:
        return None if index is None else side.network.name_of(index)

    def _is_same(self, old: int, new: int) -> bool:
        if new > 0 and new not in self.kept:
            return True
        return new in self._through_removal(old)

    def _through_removal(self, old: int) -> set[int]:
        """What a layer corresponds to; of one that is removed, what its inputs do."""
        reached, waiting, seen = set(), [old], {old}
        while waiting:
            index = waiting.pop()
            if index <= 0:
                reached.add(index)
            elif index in self.partner:
                reached.add(self.partner[index])
            else:
                more = [s for s in self.old.network.nodes[index - 1].sources if s not in seen]
                seen.update(more)
                waiting += more
        return reached

    def reads_otherwise(self, one: int, two: int) -> bool:
        """Whether its inputs are not those that correspond, for whatever reason."""
        sources = self.old.network.nodes[one].sources
        expected = [self.partner.get(index, index if index <= 0 else None) for index in sources]
        return expected != list(self.new.network.nodes[two].sources)


def _change(
    one: _Side, two: _Side, before: int, behind: int, wiring: _Wiring, every: bool
) -> Change | None:
    """The edit of a pair of layers; None where there is none."""
    old, new = one.layers[before], two.layers[behind]
    edited = _edits(one.attributes[before], two.attributes[behind])
    is_edited = one.attributes[before] != two.attributes[behind]
    if old["type"] != new["type"]:
        edited["type"] = [old["type"], new["type"]]
    edited |= wiring.references(before, behind)
    rewired = wiring.is_rewired(before, behind)
    if rewired or (every and wiring.reads_otherwise(before, behind)):
        edited["from"] = [old["from"], new["from"]]
    moved = {key: [old[key], new[key]] for key in old if key not in NAMES and old[key] != new[key]}
    renamed = not one.items[before].is_called_as(two.items[behind])
    is_edited = is_edited or bool(edited)
    if not (is_edited or renamed or (every and moved)):
        return None
    changes = {**edited, **moved} if is_edited or every else {}
    kind = RENAMED if renamed and not is_edited else CHANGED
    return Change(kind, old["layer"], new["layer"], new["type"], changes)


def _plain_values(values: Any) -> Any:
    """Values in JSON's form: fractions are the nearest doubles."""
    if isinstance(values, dict):
        return {name: _plain_values(value) for name, value in values.items()}
    if isinstance(values, list):
        return [_plain_values(value) for value in values]
    exact = values is None or isinstance(values, (bool, str, int))
    return values if exact else decimal((values.numerator, values.denominator))


def _edits(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    """Attributes that differ and that JSON's layers do not have."""
    keys = [key for key in {**old, **new} if key not in IN_FIGURES]
    return {key: [old.get(key), new.get(key)] for key in keys if old.get(key) != new.get(key)}


def _removal(side: _Side, place: int) -> Change:
    layer = side.layers[place]
    gone = {key: [value, None] for key, value in layer.items() if key not in NAMES}
    return Change(REMOVED, layer["layer"], None, layer["type"], gone)


def _addition(side: _Side, place: int) -> Change:
    layer = side.layers[place]
    new = {key: [None, value] for key, value in layer.items() if key not in NAMES}
    definition = {"type": layer["type"], **side.attributes[place], "from": layer["from"]}
    after = side.layers[place - 1]["layer"] if place else None
    return Change(ADDED, None, layer["layer"], layer["type"], new, definition, after)
