"""Layers in the making, as the calls of a traced graph make them one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any

from ...arithmetic import Impossible
from ...layers import kind
from ...layers.attributes import Wrong
from ...layers.base import Layer, Reading, Referred
from ...wording import shape_text
from ..builder import INPUT, MOST_LAYERS, Builder
from .call import Call
from .layout import CHANNELS, joined_parts, whole
from .naming import Names
from .values import NO_NAMES, Constant, Draft, Opaque, Unreadable, Value, map_value


def _start(name: str, shape: Any) -> Value:
    """An input, as it is read."""
    draft = Draft(INPUT, name)
    draft.shape = tuple(shape)
    return map_value(draft, (1, *shape))


class Graph:
    """Layers in the making.

    `counts` has the numbers of every parameter, `owners` the layer that counts it; `repeated` are
    weights of one number over and over, which many layers may have. `read` are layers that others
    read, `vague` those of which it is not known what the dimensions of their output hold. `GIVES`
    says who tells a layer's shape, and `EXACT` that the format knows what is learned, so that every
    number of it is to be counted.
    """

    GIVES = "the graph goes on with"
    EXACT = False

    def __init__(self, builder: Builder, names: Names, shape: tuple[int, ...]) -> None:
        self.builder = builder
        self.names = names
        self.axes = len(shape) - 1
        inputs = builder.inputs or {INPUT: shape}
        self.starts = {name: _start(name, inputs[name]) for name in inputs}
        self.start = next(iter(self.starts.values()))
        self.input = self.start.layer
        self.drafts: list[Draft] = []
        self.read: dict[Draft, None] = {}
        self.vague: set[Draft] = set()
        self.kinds: dict[Draft, tuple[Layer, Reading]] = {}
        self.counts: dict[str, int] = {}
        self.owners: dict[str, Draft] = {}
        self.repeated: set[str] = set()
        self.views: dict[tuple[Any, ...], Value] = {}
        # What layers are in attention: weights, what they take of the values, maps moved around.
        self.weights: dict[Draft, Any] = {}
        self.cores: dict[Draft, Any] = {}
        self.rolls: dict[Draft, tuple[int, ...]] = {}
        # Of parts of every head: which of how many channels, so far apart.
        self.parts: dict[Draft, tuple[range, int, int]] = {}
        # Layers of which the graph gives the output.
        self.given: set[Draft] = set()

    def emit(
        self,
        type_name: str,
        name: str,
        sources: Sequence[Value | Opaque],
        names: frozenset[str] = NO_NAMES,
        /,
        **attributes: Any,
    ) -> Draft:
        """Add a layer; `names` are the parameters and statistics that it counts."""
        if len(self.drafts) == MOST_LAYERS:
            raise self.builder.refuse(f"it has more than {MOST_LAYERS:,} layers")
        names -= self.repeated
        layers, owner = tuple(source.layer for source in sources), self._owner(names, type_name)
        draft = Draft(type_name, name, layers, names, owner, **attributes)
        for one in names:
            self.owners.setdefault(one, draft)
        self.read.update(dict.fromkeys(layers))
        if not self.vague.isdisjoint(layers):
            self.vague.add(draft)
        self.drafts.append(draft)
        return draft

    def mark(self) -> tuple[int, ...]:
        """How far layers are made, for `take_back`."""
        return tuple(map(len, (self.drafts, self.owners, self.views, self.read)))

    def take_back(self, mark: tuple[int, ...]) -> None:
        """Leave out the layers made since a mark, of an attempt that came to nothing."""
        count, *lengths = mark
        del self.drafts[count:]
        tables: tuple[dict[Any, Any], ...] = (self.owners, self.views, self.read)
        for table, length in zip(tables, lengths):
            while len(table) > length:
                table.popitem()

    def layer(
        self,
        call: Call,
        type_name: str,
        value: Value,
        names: frozenset[str] = NO_NAMES,
        /,
        *,
        name: str = "",
        shape: tuple[int, ...] = (),
        **attributes: Any,
    ) -> Value:
        """A layer's output as (batch or regions, channels, *axes).

        Its shape is the given one, the call's, or where none is told what the layer's kind gives.
        """
        name = name or self.names.of(call, type_name)
        draft = self.emit(type_name, name, [value], names, **attributes)
        shape = shape or call.shape or (value.regions, *self.shape_of(draft, value))
        draft.shape = shape[1:]
        return map_value(draft, shape)

    def alike(
        self,
        call: Call,
        type_name: str,
        value: Value,
        names: frozenset[str] = NO_NAMES,
        /,
        *,
        name: str = "",
        sources: Sequence[Value] = (),
        **attributes: Any,
    ) -> Value:
        """The output of a layer that works number by number, laid out as what it reads."""
        name = name or self.names.of(call, attributes.get("operator", type_name))
        if call.in_place and kind(type_name).may_be_in_place:
            attributes["in_place"] = True
        draft = self.emit(type_name, name, sources or [value], names, **attributes)
        draft.shape = (value.channels, *value.sizes)
        return value.but(layer=draft)

    def shape_of(self, draft: Draft, value: Value) -> tuple[int, ...]:
        """Shape of the output of a layer that reads a value, as its kind gives it."""
        given = {
            key: one.name if isinstance(one, Draft) else one
            for key, one in draft.attributes.items()
        }
        try:
            made = self.builder.layer(draft.type, len(value.sizes) or self.axes, given)
            names = tuple(source.name for source in draft.sources)
            shapes = ((value.channels, *value.sizes),)
            reading = Reading(shapes, names, self._reference(made, draft))
            shape = made.output_shape(reading)
        except (Impossible, Wrong) as error:
            raise self.builder.refuse(str(error), layer=draft.name) from None
        if None in shape:
            raise Unreadable("the shape that it gives is not known")
        self.kinds[draft] = made, reading
        draft.shape = shape  # type: ignore[assignment]
        return draft.shape

    def _reference(self, made: Layer, draft: Draft) -> Referred | None:
        named = draft.attributes.get(made.reference) if made.reference else None
        if named is None:
            return None
        layer, reading = self.kinds.get(named, (None, Reading((named.shape,))))
        return Referred(layer, reading, named.shape)

    def _owner(self, names: frozenset[str], type_name: str) -> Draft | None:
        """The layer that counts these parameters already, None where none does."""
        owners = {self.owners.get(name) for name in names} or {None}
        if owners == {None}:
            return None
        owner = next(iter(owners))
        if len(owners) > 1 or owner is None or owner.names != names or owner.type != type_name:
            shared = sorted(name for name in names if name in self.owners)
            raise Unreadable(f"it shares {shared[0]} with a layer that has other parameters too")
        return owner

    def parameters(self, *constants: Constant | Value | None) -> list[str]:
        """The parameters that constants are made of."""
        if any(isinstance(one, Value) for one in constants):
            raise Unreadable("its weights depend on the input")
        names = {name for one in constants if isinstance(one, Constant) for name in one.names}
        return sorted(name for name in names if name in self.counts)

    def is_vague(self, sources: Iterable[Any]) -> bool:
        """Whether some of it comes from an unknown layer, and its dimensions may be any."""
        return any(getattr(source, "layer", None) in self.vague for source in sources)

    def has_bias(self, constant: Constant | None) -> bool:
        """Whether a constant is a bias to be counted."""
        return bool(self.parameters(constant))

    def is_used(self, draft: Draft) -> bool:
        """Whether another layer reads a layer, refers to it or shares its parameters."""
        others = (one for one in self.drafts if one.shares or one.attributes)
        return draft in self.read or any(
            draft is one.shares or draft in one.attributes.values() for one in others
        )

    def is_alone(self, call: Call, draft: Draft) -> bool:
        """Whether a layer's output has no reader but a call, through whatever views."""
        return call.sole and draft not in self.read

    def takes_bias(self, call: Call, draft: Draft, names: frozenset[str]) -> bool:
        """Let a layer without a bias count one, where only the call reads it; whether it does."""
        names -= self.repeated
        if draft.attributes.get("bias") is not False or draft.shares:
            return False
        if not self.is_alone(call, draft) or names & self.owners.keys():
            return False
        draft.learn("bias", names)
        self.owners.update(dict.fromkeys(names, draft))
        return True

    def rearrangement(self, value: Value, axes: int) -> Value:
        """The value in its own order as a map of so many axes, where no kind stands for that."""
        raise Unreadable("its channels and axes are rearranged as no layer does")

    def opaque(self, draft: Draft, shape: tuple[int, ...]) -> Value:
        """An unknown layer's output, as far as its shape tells channels and axes apart."""
        if len(shape) == self.axes + 2:
            return map_value(draft, shape)
        self.vague.add(draft)
        if len(shape) < 3:
            channels = shape[-1] if shape else 1
            dims = tuple(whole(0, size) for size in shape[:-1])
            return Value(draft, channels, (), (*dims, whole(CHANNELS, channels))[: len(shape)])
        units, channels = prod(shape[1:-1]), shape[-1]
        parts, step = [], units
        for size in shape[1:-1]:
            step //= size
            parts.append(joined_parts([(0, step, size)] if size > 1 else []))
        dims = ((), *parts, whole(CHANNELS, channels))
        return Value(draft, channels, (units, *(1,) * (self.axes - 1)), dims)

    def finish(self) -> None:
        """Hand every layer to the builder, under names of their own."""
        final = {start.layer: name for name, start in self.starts.items()}
        for draft in self.drafts:
            attributes: dict[str, Any] = {
                key: final[given] if isinstance(given, Draft) else given
                for key, given in draft.attributes.items()
            }
            sources = [final[source] for source in draft.sources]
            shares = final[draft.shares] if draft.shares else None
            name = self.builder.add(draft.type, draft.name, sources, shares=shares, **attributes)
            self.compare(draft, name)
            final[draft] = name

    def compare(self, draft: Draft, name: str) -> None:
        """Refuse a layer whose kind says otherwise than the graph: it would be misunderstood."""
        shape = self.builder.shapes[name]
        if draft.shape and None not in shape and draft.shape != shape:
            raise self.builder.refuse(
                f"{self.GIVES} {shape_text(draft.shape)} where a {draft.type} layer gives "
                f"{shape_text(shape)}",
                layer=name,
            )


Handler = Callable[[Graph, Call], Any]
