"""Layers in the making from a traced PyTorch module, whose parameters are all to be counted."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...layers.base import UNUSED
from ..builder import Builder, printable
from ..tensors.call import flat
from ..tensors.graph import Graph
from ..tensors.products import PRODUCTS, between_activations, product_macs
from ..tensors.traced import (
    Outputs,
    form_behind,
    in_own_order,
    layer,
    rearranged_map,
    regions_of,
)
from ..tensors.values import Constant, Draft, Indices, Unreadable, Value
from ..unread_operators import Unread
from .call import TorchCall
from .names import ModuleNames
from .operators import Handler
from .roles import MAY_MULTIPLY, NUMBERLESS, is_costless, statistics, what_a_unit_reads
from .user_code import user_line

NONE = "none"
NO_KIND = "no layer kind stands for it"


class TorchGraph(Graph):
    """Layers in the making, checked against what PyTorch says of shapes and parameters."""

    GIVES = "PyTorch gives"
    EXACT = True

    def __init__(self, builder: Builder, module: Any, shape: tuple[int, ...]) -> None:
        self.module_names = ModuleNames(module)
        super().__init__(builder, self.module_names, shape)

    def output_of(self, call: TorchCall, handler: Handler | None) -> Any:
        """What a call gives: constants from constants, else what its handler makes of it.

        Where that cannot read the views of tensors as they are, it gets them in their own order;
        what it cannot read then is a layer of unknown type.
        """
        empty = bool(call.shapes) and all(0 in shape for shape in call.shapes)
        if not call.values() or empty or call.operator in NUMBERLESS:
            return self._constant(call)
        reason, before, named = NO_KIND, self.mark(), len(self.module_names.given)
        for ordered in (False, True) if handler else ():
            try:
                asked = call.with_values(partial(in_own_order, self)) if ordered else call
                return self._output_of_handler(asked, handler)
            except Unreadable as error:
                reason = str(error)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                reason = f"its arguments are not as expected ({error})"
            self.take_back(before)
            self.module_names.take_back(named)
        try:
            return self.unknown(call)
        except Unreadable:
            return self.refuse(call, reason)

    def _output_of_handler(self, call: TorchCall, handler: Handler | None) -> Any:
        """What a handler makes of a call, of the shape that PyTorch traced."""
        made = handler(self, call) if handler else None
        if isinstance(made, Value) and made.shape != call.shape:
            raise Unreadable(f"it gives {call.shape}, where {made.shape} was expected")
        for value in made if isinstance(made, list) else [made]:
            if isinstance(value, Value) and not value.padding:
                value.layer.shape = (value.channels, *value.sizes)
        return made

    def _constant(self, call: TorchCall) -> Any:
        """Constants made of constants; a product of matrices is a layer, for what it takes."""
        if call.values():
            return _one_or_all([Constant(shape) for shape in call.shapes])
        indices = [one for one in flat(call.arguments.values()) if isinstance(one, Indices)]
        if indices:
            return indices[0]
        constants = call.constants()
        matrices = len([one for one in constants if len(one.shape) > 1]) > 1
        multiplies = call.operator in PRODUCTS or call.operator in MAY_MULTIPLY
        if matrices and multiplies and call.shape and 0 not in call.shape:
            return self.unknown(call)
        names = frozenset().union(*(constant.names for constant in constants))
        return _one_or_all([Constant(shape, names) for shape in call.shapes])

    def rearrangement(self, value: Value, axes: int) -> Value:
        return rearranged_map(self, value, axes)

    def unknown(self, call: TorchCall) -> Any:
        """A layer of unknown type for a call, with its shape, parameters and MACs."""
        sources = call.values() or [self.start]
        free = [name for name in self.parameters(*call.constants()) if name not in self.owners]
        figures: dict[str, Any] = {"num_params": sum(self.counts[name] for name in free)}
        regions = regions_of(sources)
        if call.operator in PRODUCTS:
            macs = product_macs(call)
            figures["num_macs"] = None if macs is None else macs // regions
            if macs and between_activations(call):
                figures["num_products"] = macs // regions
        elif is_costless(call):
            figures["num_macs"] = 0
        if buffers := statistics(call):
            figures["num_buffers"] = buffers
        given = form_behind(self, call.operator, sources, call.shape)
        shapes, name = list(call.shapes), self.names.of(call, call.operator)
        read = what_a_unit_reads(call, sources, given, self.axes) if call.values() else NONE
        figures["reads"] = read
        made = layer(self, call.operator, name, sources, given, frozenset(free), **figures)
        return Outputs(self, call.operator, made, shapes) if len(shapes) > 1 else made

    def refuse(self, call: TorchCall, reason: str) -> Any:
        """Take note of an operator that is not read; what only reads one is not told."""
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
        if None not in self.builder.shapes[name]:
            kind, reading = self.builder.kinds[name]
            params = kind.parameters(reading)
            counted = sum(self.counts.get(name, 0) for name in draft.names)
            if params not in (None, counted):
                raise self.builder.refuse(
                    f"PyTorch has {counted} parameters where a {draft.type} layer has {params}",
                    layer=name,
                )
        super().compare(draft, name)

    def leave_out_dead_ends(self) -> None:
        """Leave out layers without weights at the end that nothing given depends on."""
        while self.drafts and self.given and _is_free(self.drafts[-1]):
            if self.drafts[-1] in self.given:
                break
            self.drafts.pop()
        self.read = dict.fromkeys(one for draft in self.drafts for one in draft.sources)

    def account(self) -> None:
        """Count parameters that take no part in what is computed in a layer that nothing reads."""
        unused = [name for name in self.counts if name not in self.owners]
        if unused:
            count = sum(self.counts[name] for name in unused)
            layer(
                self,
                UNUSED,
                "unused",
                [self.start],
                (1, (), ()),
                frozenset(unused),
                num_params=count,
                num_macs=0,
            )
            self.drafts.insert(0, self.drafts.pop())


def _is_free(draft: Draft) -> bool:
    """Whether a layer has no weights and takes no multiply–accumulates."""
    costs = draft.type in ("attention", "matmul") or draft.attributes.get("num_macs", 0) != 0
    return not (draft.names or costs)


def _one_or_all(outputs: list[Any]) -> Any:
    """The one thing that a call gives, or all of several."""
    return outputs[0] if len(outputs) == 1 else outputs
