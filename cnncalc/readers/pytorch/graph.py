"""Layers in the making from a traced PyTorch module, whose parameters are all to be counted."""

from __future__ import annotations

from typing import Any

from ..builder import Builder, printable
from ..source import PASS
from ..tensors.call import Call, flat
from ..tensors.graph import Graph
from ..tensors.values import Constant, Draft, Indices, Unreadable, Value
from ..unread_operators import Unread
from .call import TorchCall
from .names import ModuleNames
from .operators import Handler
from .user_code import user_line

NO_KIND = "no layer kind stands for it"


class TorchGraph(Graph):
    """Layers in the making, checked against what PyTorch says of shapes and parameters."""

    GIVES = "PyTorch gives"
    EXACT = True

    def __init__(self, builder: Builder, module: Any, shape: tuple[int, ...]) -> None:
        self.module_names = ModuleNames(module)
        super().__init__(builder, self.module_names, shape)

    def output_of(self, call: TorchCall, handler: Handler | None) -> Any:
        """What a call gives: constants from constants, else what its handler makes of it."""
        if not call.values():
            indices = [one for one in flat(call.arguments.values()) if isinstance(one, Indices)]
            if indices:
                return indices[0]
            names = frozenset().union(*(constant.names for constant in call.constants()))
            return _one_or_all([Constant(shape, names) for shape in call.shapes])
        try:
            if handler is None:
                raise Unreadable(NO_KIND)
            made = handler(self, call)
            if isinstance(made, Value) and made.shape != call.shape:
                raise Unreadable(f"it gives {call.shape}, where {made.shape} was expected")
        except Unreadable as reason:
            return self.unknown(call, str(reason))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            return self.unknown(call, f"its arguments are not as expected ({error})")
        for value in made if isinstance(made, list) else [made]:
            if isinstance(value, Value) and not value.padding:
                value.layer.shape = (value.channels, *value.sizes)
        return made

    def unknown(self, call: Call, reason: str) -> Any:
        """A layer of which nothing is known for a call; what only reads one is not told."""
        assert isinstance(call, TorchCall)
        name = self.names.of(call, call.operator)
        if reason == NO_KIND or not self.is_vague(call.values()):
            code = user_line(call.node.meta.get("stack_trace"))
            self.builder.note_unread(
                Unread(call.operator, repr(printable(name)), reason, code=code)
            )
        draft = self.emit("unknown", name, call.values(), operator=call.operator)
        for parameter in self.parameters(*call.constants()):
            self.owners.setdefault(parameter, draft)
        return _one_or_all([self.opaque(draft, shape) for shape in call.shapes])

    def compare(self, draft: Draft, name: str) -> None:
        if draft.type != "unknown" and None not in self.builder.shapes[name]:
            kind, reading = self.builder.kinds[name]
            params = kind.parameters(reading)
            counted = sum(self.counts.get(name, 0) for name in draft.names)
            if params not in (None, counted):
                raise self.builder.refuse(
                    f"PyTorch has {counted} parameters where a {draft.type} layer has {params}",
                    layer=name,
                )
        super().compare(draft, name)

    def account(self) -> None:
        """Refuse parameters that no layer counts, or tell of them as of an unknown layer."""
        unused = [name for name in self.counts if name not in self.owners]
        if not unused:
            return
        names = ", ".join(unused[:3]) + (", …" if len(unused) > 3 else "")
        count = sum(self.counts[name] for name in unused)
        if self.builder.source.unknown != PASS:
            raise self.builder.refuse(
                f"{len(unused)} of its parameters, {count} numbers, take no part in what it "
                f"computes in evaluation mode: {names}; build it without them (aux_logits=False, "
                "say), or pass them on as unknown (--unknown pass, unknown='pass')"
            )
        self.emit("unknown", "unused", [self.start], operator="unused parameters")


def _one_or_all(outputs: list[Any]) -> Any:
    """The one thing that a call gives, or all of several."""
    return outputs[0] if len(outputs) == 1 else outputs
