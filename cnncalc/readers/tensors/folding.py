"""Layers that are attention together, folded into the one layer that they are.

What is folded is what the layer kind counts: projections to queries, keys and values and back, the
two products, a table of position biases, and around windows the padding and the rolls.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from ...layers import kind
from ...layers.base import Reading
from ...record import Record
from .attention import SCALING, Core
from .values import Draft, Value

if TYPE_CHECKING:
    from .graph import Graph


class Projection(Record):
    """Channels [first, end) of a layer, behind others that at the most scale them.

    Where they are parts of every head, `within` has how many channels these are cut from, and how
    far apart they are; channels then count head by head.
    """

    layer: Draft
    first: int
    end: int
    behind: tuple[Draft, ...]
    within: tuple[int, int] | None = None


class Surroundings(Record):
    """What is around the windows of a map: padding at its end and a roll, and what undoes them.

    `source` gives the map, `before` are the layers of these, `undoing` those that undo them, and
    `beside` are others that stand between.
    """

    source: Draft
    shift: tuple[int, ...]
    before: tuple[Draft, ...]
    undoing: tuple[Draft, ...]
    beside: tuple[Draft, ...]


class Folding:
    """All attention of a graph, folded."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.readers: dict[Draft, list[Draft]] = {}
        self.needed = set(graph.given)
        self.instead: dict[Draft, Draft] = {}
        self.gone: set[Draft] = set()
        for draft in graph.drafts:
            for source in draft.sources:
                self.readers.setdefault(source, []).append(draft)
            self.needed.update(one for one in draft.attributes.values() if isinstance(one, Draft))
            self.needed.update([draft, draft.shares] if draft.shares else [])

    def run(self) -> None:
        """Fold what can be."""
        for draft, core in self.graph.cores.items():
            self._fold(draft, core)
        if not self.gone:
            return
        self.graph.drafts = [one for one in self.graph.drafts if one not in self.gone]
        for one in self.graph.drafts:
            one.sources = tuple(map(self._standing, one.sources))

    def _standing(self, draft: Draft) -> Draft:
        """The layer that gives what a layer gave."""
        while draft in self.instead:
            draft = self.instead[draft]
        return draft

    def _fold(self, draft: Draft, core: Core) -> None:
        """Let the projection of what attention gives be its layer, where all of it is one."""
        values = (core.query, core.key, core.value)
        projections = [_projection(one, self.graph.parts) for one in values]
        layers = list(dict.fromkeys(one.layer for one in projections))
        passed = list[Draft]()
        output = self._only_reader(draft, passed)
        if core.sizes is None or output is None or not all(map(_is_linear, (*layers, output))):
            return
        alike = len({(one.sources, one.attributes["bias"]) for one in layers}) == 1
        if not alike or not all(_is_covered(layer, projections) for layer in layers):
            return
        around = self._surroundings(core.sizes, layers[0].sources[0], output)
        if around is None or not _is_plain(core, around):
            return
        inside = {draft, *layers, *core.weights.drafts, *around.before, *passed}
        inside.update(one for each in projections for one in each.behind)
        read = [reader for one in inside for reader in self.readers[one]]
        inside.update(filter(self._is_idle, read))
        attributes = _attributes(core, around, layers[0], output)
        names = output.names.union(*(one.names for one in inside))
        if not self._are_apart(inside, output) or not self._counts(attributes, around, names):
            return
        output.name = _module_of(layers[0], output)
        output.become("attention", (around.source,), **attributes)
        output.names = names
        for one in (output, *around.beside):
            one.shape = around.source.shape
        self.instead.update((one, one.sources[0]) for one in around.undoing)
        self.gone.update(inside, around.undoing)

    def _surroundings(
        self, window: tuple[int, ...], source: Draft, output: Draft
    ) -> Surroundings | None:
        """What is around attention in windows of a map; None where it is not undone behind it."""
        sizes, before = source.shape[1:], list[Draft]()
        roll = padding = (0,) * len(sizes)
        *passed, rolled = _behind_identities(source)
        if rolled in self.graph.rolls:
            roll = self.graph.rolls[rolled]
            before += [*passed, rolled]
            (source,) = rolled.sources
        *passed, padded = _behind_identities(source)
        if padded.type == "pad" and _is_to_whole_windows(padded, window):
            padding = tuple(after for _, after in padded.attributes["padding"])
            before += [*passed, padded]
            (source,) = padded.sources
        last, undoing, beside = output, list[Draft](), list[Draft]()
        is_rolled, left = any(roll), list(padding)
        while is_rolled or any(left):
            reader = self._only_reader(last, beside)
            if reader is None:
                return None
            if is_rolled and self._rolls_back(reader, roll, sizes):
                undoing.append(reader)
                is_rolled = False
            elif not is_rolled and _takes_off(reader, left):
                undoing.append(reader)
            elif reader.type == "dropout":
                beside.append(reader)
            else:
                return None
            last = reader
        shift = tuple(-one % size for one, size in zip(roll, sizes))
        return Surroundings(source, shift, tuple(before), tuple(undoing), tuple(beside))

    def _rolls_back(self, draft: Draft, amounts: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
        """Whether a layer rolls a map back."""
        back = self.graph.rolls.get(draft)
        return back is not None and not any(
            (one + other) % size for one, other, size in zip(amounts, back, sizes)
        )

    def _counts(
        self, attributes: dict[str, Any], around: Surroundings, names: Iterable[str]
    ) -> bool:
        """Whether a layer of these attributes has the parameters of these names."""
        shape = around.source.shape
        params = kind("attention")(len(shape) - 1, attributes).parameters(Reading((shape,)))
        return params == sum(self.graph.counts.get(name, 0) for name in names)

    def _only_reader(self, draft: Draft, passed: list[Draft]) -> Draft | None:
        """The one layer that reads a layer, behind identities, which are put into a list.

        None where there are others, or none.
        """
        readers = [one for one in self.readers.get(draft, []) if not self._is_idle(one)]
        if len(readers) != 1 or draft in self.needed:
            return None
        if readers[0].type != "identity":
            return readers[0]
        passed.append(readers[0])
        return self._only_reader(readers[0], passed)

    def _is_idle(self, draft: Draft) -> bool:
        """Whether nothing comes of a layer: neither an output, nor parameters, nor costs."""
        return (
            draft not in self.readers
            and draft not in self.needed
            and not draft.names
            and draft.type == "unknown"
            and draft.attributes.get("num_macs") == 0
        )

    def _are_apart(self, inside: set[Draft], output: Draft) -> bool:
        """Whether layers are read by each other and by the output alone."""
        readers = (reader for one in inside for reader in self.readers.get(one, []))
        return inside.isdisjoint(self.needed | self.gone) and inside.issuperset(
            reader for reader in readers if reader is not output
        )


def _projection(value: Value, parts: dict[Draft, tuple[range, int, int]]) -> Projection:
    """Which channels of which layer a value is."""
    draft, first, behind = value.layer, 0, list[Draft]()
    within = None
    while draft.type in ("slice", "dropout", "identity") or _scales(draft) or draft in parts:
        if draft in parts and (within or first):
            break
        behind.append(draft)
        if draft.type == "slice":
            first += draft.attributes["channels"][0]
        elif draft in parts:
            ends, length, step = parts[draft]
            first += value.channels // len(ends) * ends.start
            within = (length, step)
        (draft,) = draft.sources
    return Projection(draft, first, first + value.channels, tuple(behind), within)


def _behind_identities(draft: Draft) -> list[Draft]:
    """A layer and those before it, up to the first that is no identity."""
    passed = [draft]
    while passed[-1].type == "identity":
        passed += passed[-1].sources
    return passed


def _scales(draft: Draft) -> bool:
    """Whether a layer multiplies with constants."""
    return draft.type == "function" and draft.attributes["operator"] in SCALING


def _is_linear(draft: Draft) -> bool:
    """Whether a layer is linear at every unit by itself."""
    one = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    given = (draft.attributes.get(key, number) for key, number in one.items())
    return draft.type == "conv" and all(
        found == number or (isinstance(found, (list, tuple)) and set(found) == {number})
        for found, number in zip(given, one.values())
    )


def _is_covered(layer: Draft, projections: Iterable[Projection]) -> bool:
    """Whether the ranges of a layer's channels lie side by side, and are all of them."""
    place, own = 0, [one for one in projections if one.layer is layer]
    for first, end in sorted((one.first, one.end) for one in own):
        if first != place:
            return False
        place = end
    alike = len({one.within for one in own}) == 1
    return alike and bool(place == layer.attributes["out_channels"])


def _is_plain(core: Core, around: Surroundings) -> bool:
    """Whether nothing is done to the weights but what the layer kind does.

    What is added to them and not learned masks windows that a roll put together at the edges.
    """
    drafts = core.weights.drafts
    usual = all(one.type != "function" or _scales(one) for one in drafts)
    softmax = any(one.type == "softmax" for one in drafts) or not drafts
    channels = core.value.channels
    alike = channels == around.source.shape[0] and channels % core.heads == 0
    masked = core.weights.masked == any(around.shift)
    lengths = zip(around.shift, core.sizes or (), around.source.shape[1:])
    moved = all(size > window for shift, window, size in lengths if shift)
    return usual and softmax and alike and masked and moved and core.weights.plain


def _is_to_whole_windows(pad: Draft, window: tuple[int, ...]) -> bool:
    """Whether zeros are added at a map's end alone, up to the next whole window."""
    sizes = pad.sources[0].shape[1:]
    wanted = [[0, -size % length] for size, length in zip(sizes, window)]
    return pad.attributes == {"padding": wanted}


def _takes_off(draft: Draft, padded: list[int]) -> bool:
    """Whether a layer crops what was padded at a map's end, along axes, which are then done."""
    pairs = draft.attributes.get("amount") if draft.type == "crop" else None
    if pairs is None or any(pair not in ([0, 0], [0, left]) for pair, left in zip(pairs, padded)):
        return False
    padded[:] = [left - after for (_, after), left in zip(pairs, padded)]
    return True


def _attributes(core: Core, around: Surroundings, layer: Draft, output: Draft) -> dict[str, Any]:
    """Attributes of the attention layer, those that are not as its kind has them anyway."""
    channels, *sizes = around.source.shape
    assert core.sizes is not None
    given = {
        "heads": core.heads,
        "key_dim": core.key_dim if core.key_dim * core.heads != channels else None,
        "window": list(core.sizes) if core.sizes != tuple(sizes) else None,
        "shift": list(around.shift) if any(around.shift) else None,
        "qkv_bias": None if layer.attributes["bias"] else False,
        "bias": None if output.attributes["bias"] else False,
        "position_bias": True if core.weights.tables else None,
    }
    return {key: value for key, value in given.items() if value is not None}


def _module_of(layer: Draft, output: Draft) -> str:
    """The path of the innermost module that both layers are parts of."""
    pairs = zip(layer.name.split("."), output.name.split("."))
    return ".".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) or (
        "attention"
    )
