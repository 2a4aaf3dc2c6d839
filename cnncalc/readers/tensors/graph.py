"""The graph that torch.export traced, walked in order: every node becomes a layer, or none."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from ...wording import quote, shape_text
from ..builder import Measuring
from ..pytorch.names import Names
from ..source import PASS
from .call import Call, _flat
from .layout import CHANNELS, joined, whole
from .values import Constant, Draft, Indices, Unreadable, Value, map_value

INPUT = "input"


Handler = Callable[["Graph", Call], Any]


class Graph:
    """Layers in the making, and what every node stands for.

    `counts` has the numbers of every parameter; `owners` the layer that counts it.
    """

    def __init__(self, builder: Measuring, names: Names, shape: tuple[int, ...]) -> None:
        self.builder = builder
        self.names = names
        self.axes = len(shape) - 1
        self.input = Draft(INPUT, INPUT, ())
        self.start = map_value(self.input, (1, *shape))
        self.drafts: list[Draft] = []
        self.values: dict[Any, Any] = {}
        self.counts: dict[str, int] = {}
        self.owners: dict[str, Draft] = {}
        self.views: dict[tuple[Any, ...], Value] = {}

    def emit(
        self,
        type_name: str,
        name: str,
        sources: list[Value],
        names: frozenset[str] = frozenset(),
        **attributes: Any,
    ) -> Draft:
        """Add a layer; `names` are the parameters and statistics that it counts."""
        shares = self._shared(names)
        draft = Draft(type_name, name, tuple(source.layer for source in sources))
        draft.attributes = attributes
        draft.names, draft.shares = names, shares
        for one in names:
            self.owners.setdefault(one, draft)
        self.drafts.append(draft)
        return draft

    def _shared(self, names: frozenset[str]) -> Draft | None:
        """The layer that counts these parameters already, None where none does."""
        owners = {self.owners.get(name) for name in names} or {None}
        if owners == {None}:
            return None
        owner = next(iter(owners))
        if len(owners) > 1 or owner is None or owner.names != names or owner.type == "unknown":
            shared = sorted(name for name in names if name in self.owners)
            raise Unreadable(f"it shares {shared[0]} with a layer that has other parameters too")
        return owner

    def parameters(self, *constants: Constant | Value | None) -> list[str]:
        """The parameters that constants are made of."""
        if any(isinstance(one, Value) for one in constants):
            raise Unreadable("its weights depend on the input")
        names = {name for one in constants if isinstance(one, Constant) for name in one.names}
        return sorted(names & set(self.counts))

    def called(self, call: Call, handler: Handler | None) -> Any:
        """What a call gives: constants from constants, else what its handler makes of it."""
        kept = [one for one in _flat(call.arguments.values()) if isinstance(one, Indices)]
        if not call.values() and kept:
            return kept[0]
        if not call.values():
            names = frozenset().union(*(constant.names for constant in call.constants()))
            made = [Constant(shape, names) for shape in call.shapes]
            return made[0] if len(made) == 1 else made
        try:
            if handler is None:
                raise Unreadable("no layer kind stands for it")
            made = handler(self, call)
            if isinstance(made, Value) and made.shape != call.shape:
                raise Unreadable(f"it gives {call.shape}, where {made.shape} was expected")
            self._take_shapes(made)
            return made
        except Unreadable as reason:
            return self.unknown(call, str(reason))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            return self.unknown(call, f"its arguments are not as expected ({error})")

    def _take_shapes(self, made: Any) -> None:
        """Keep what PyTorch's shapes are of the layers that values come from."""
        for value in made if isinstance(made, list) else [made]:
            if isinstance(value, Value) and not value.padding:
                value.layer.shape = (value.channels, *value.sizes)

    def unknown(self, call: Call, reason: str) -> Any:
        """A layer of which nothing is known for a call, or the refusal of it."""
        name = self.names.of(call.node, call.operator)
        if self.builder.source.unknown != PASS:
            raise self.builder.refuse(
                f"operator {quote(call.operator)} of {quote(name)} cannot be read: {reason}; "
                "--unknown pass (unknown='pass') goes on with its figures unknown"
            )
        draft = self.emit("unknown", name, call.values(), operator=call.operator)
        for parameter in self.parameters(*call.constants()):
            self.owners.setdefault(parameter, draft)
        made = [self.opaque(draft, shape) for shape in call.shapes]
        return made[0] if len(made) == 1 else made

    def opaque(self, draft: Draft, shape: tuple[int, ...]) -> Value:
        """An unknown layer's output, as far as PyTorch's shape tells channels and axes apart."""
        if len(shape) == self.axes + 2:
            return map_value(draft, shape)
        if len(shape) < 3:
            channels = shape[-1] if shape else 1
            dims = tuple(whole(0, size) for size in shape[:-1])
            return Value(draft, channels, (), (*dims, whole(CHANNELS, channels))[: len(shape)])
        units, channels = prod(shape[1:-1]), shape[-1]
        parts, step = [], units
        for size in shape[1:-1]:
            step //= size
            parts.append(joined([(0, step, size)] if size > 1 else []))
        dims = ((), *parts, whole(CHANNELS, channels))
        return Value(draft, channels, (units, *(1,) * (self.axes - 1)), dims)

    def finish(self) -> None:
        """Hand every layer to the builder, under names of their own."""
        final: dict[Draft, str] = {self.input: INPUT}
        for draft in self.drafts:
            attributes: dict[str, Any] = {
                key: final[given] if isinstance(given, Draft) else given
                for key, given in draft.attributes.items()
            }
            sources = [final[source] for source in draft.sources]
            shares = final[draft.shares] if draft.shares else None
            name = self.builder.add(draft.type, draft.name, sources, shares=shares, **attributes)
            self._compare(draft, name)
            final[draft] = name

    def _compare(self, draft: Draft, name: str) -> None:
        """Refuse a layer whose kind says otherwise than PyTorch: it would be misunderstood."""
        shape = self.builder.shapes[name]
        if draft.type == "unknown" or None in shape:
            return
        kind, reading = self.builder.kinds[name]
        params, counted = kind.parameters(reading), self._counted(draft)
        if params is not None and params != counted:
            raise self.builder.refuse(
                f"PyTorch has {counted} parameters where a {draft.type} layer has {params}",
                layer=name,
            )
        if draft.shape and draft.shape != shape:
            raise self.builder.refuse(
                f"PyTorch gives {shape_text(draft.shape)} where a {draft.type} layer gives "
                f"{shape_text(shape)}",
                layer=name,
            )

    def _counted(self, draft: Draft) -> int:
        return sum(self.counts.get(name, 0) for name in draft.names)

    def unaccounted(self) -> list[str]:
        """Parameters that no layer counts."""
        return [name for name in self.counts if name not in self.owners]
