"""From the program of a module to layers: what is read, in which order."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ..tensors.maps import as_map, as_read, as_tokens
from ..tensors.slicing import Pieces
from ..tensors.traced import NOTHING, Outputs, form_behind, layer
from ..tensors.values import Constant, Draft, Unreadable, Value
from .call import TorchCall, node_shape, operator_name
from .composites import Composites
from .graph import TorchGraph
from .nodes import Nodes
from .operators import ALIASES, OPERATORS
from .program import Program

CHECKS = ("_assert_tensor_metadata", "_assert_async", "_assert_scalar", "sym_constrain_range")
SILENT = {*ALIASES, *CHECKS, "clone", "getitem"}


class TorchWalk:
    """Goes through the nodes of a traced program, in order; `values` are what they stand for."""

    def __init__(self, graph: TorchGraph, program: Program, module: Any) -> None:
        self.graph = graph
        self.program = program
        self.wrapped = Nodes(program.graph)
        self.nodes = self.wrapped.all
        self.order = {node: place for place, node in enumerate(self.nodes)}
        self.composites = Composites(self.nodes)
        self.constants = _constant_names(module)
        self.values: dict[Any, Any] = {}

    def run(self) -> None:
        """Read every node."""
        self._count_operators()
        for node in self.nodes:
            if node in self.wrapped.operands:
                self.values[node] = self._resolve(self.wrapped.operands[node])
            elif node in self.wrapped.results:
                self.values[node] = self._resolve(self.wrapped.results[node])
            elif node.op in ("placeholder", "get_attr"):
                self.values[node] = self._placeholder(node)
            elif node.op == "call_function" and node not in self.composites.inner:
                self.values[node] = self._output(node)
            elif node.op == "output" and node not in self.wrapped.outputs:
                self._give(node)

    def _give(self, node: Any) -> None:
        """Let views that the program gives be the layers that they are, as far as they are any.

        The layer of the first is the last one, where nothing reads it.
        """
        drafts, given = self.graph.drafts, list[Draft]()
        for output in node.all_input_nodes:
            value = self.values.get(output)
            if isinstance(value, Value):
                with suppress(Unreadable):
                    value = as_tokens(self.graph, as_read(self.graph, value))
                    if not value.is_vector:
                        value = as_map(self.graph, value)
                given.append(value.layer)
        self.graph.given.update(given)
        self.graph.leave_out_dead_ends()
        for draft in reversed(given):
            if draft in drafts and not self.graph.is_used(draft):
                drafts.remove(draft)
                drafts.append(draft)

    def _placeholder(self, node: Any) -> Any:
        if node.name in self.program.inputs:
            return self.graph.starts[self.program.inputs[node.name]]
        name = self.program.constants.get(node.name)
        names = [] if name is None else [self.constants.get(name, name)]
        return Constant(node_shape(node), frozenset(names))

    def _count_operators(self) -> None:
        """How many operators each module's call has: one alone is called as its module is."""
        live = set()
        for node in self.nodes:
            if node.name in self.program.inputs:
                live.add(node)
            elif live.intersection(self._inputs(node)):
                live.add(node)
                quiet = (
                    node.op != "call_function"
                    or node in self.composites.inner
                    or node in self.wrapped.results
                )
                if not quiet and operator_name(node) not in SILENT:
                    self.graph.module_names.count(node)

    def _inputs(self, node: Any) -> list[Any]:
        """The nodes that a node reads, those behind the inputs and results of a wrapped part."""
        if node in self.wrapped.operands:
            return [self.wrapped.operands[node]]
        if node in self.wrapped.results:
            result = self.wrapped.results[node]
            return list(result) if isinstance(result, (list, tuple)) else [result]
        return list(node.all_input_nodes)

    def _output(self, node: Any) -> Any:
        if operator_name(node) in CHECKS:
            return None
        if operator_name(node) == "getitem":
            source, index = node.args
            return self._item(source, index) if node.users else None
        composite = self.composites.last.get(node)
        if composite is not None:
            arguments = {"input": self.values[composite.source], **composite.arguments}
            call = self._call(node, composite.operator, arguments)
            return self.graph.output_of(call, composite.handler)
        call = self._call(node, operator_name(node), self._arguments(node))
        schema = getattr(node.target, "_schema", None)
        if schema is None or not schema.is_mutable:
            return self.graph.output_of(call, OPERATORS.get(call.operator))
        return self._change_in_place(call)

    def _call(self, node: Any, operator: str, arguments: dict[str, Any]) -> TorchCall:
        read = [one for one in node.all_input_nodes if isinstance(self.values.get(one), Value)]
        sole = all(len(one.users) == 1 for one in read)
        return TorchCall(node, operator, arguments, self.graph.module_names.own(node), sole)

    def _item(self, source: Any, index: int) -> Any:
        value = self.values[source]
        if isinstance(value, Pieces):
            try:
                return value[index]
            except Unreadable:
                assert isinstance(value.call, TorchCall)
                value = self.values[source] = self.graph.output_of(value.call, None)
        return value[index] if isinstance(value, (list, tuple, Outputs)) else value

    def _arguments(self, node: Any) -> dict[str, Any]:
        """The arguments by name, with what their nodes stand for."""
        schema = getattr(node.target, "_schema", None)
        if schema is None:
            given = {str(place): value for place, value in enumerate(node.args)} | node.kwargs
            return {key: self._resolve(value) for key, value in given.items()}
        arguments = {}
        for place, declared in enumerate(schema.arguments):
            if place < len(node.args):
                given = node.args[place]
            else:
                given = node.kwargs.get(declared.name, declared.default_value)
            if isinstance(given, int) and str(declared.type).startswith("List"):
                given = [given] * (declared.N or 1)
            # What an operator works on is its `self` or its `input`.
            name = "input" if declared.name == "self" else declared.name
            arguments[name] = self._resolve(given)
        return arguments

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [self._resolve(one) for one in value]
        made = self.values.get(value, value) if hasattr(value, "all_input_nodes") else value
        return list(made) if isinstance(made, (Pieces, Outputs)) else made

    def _change_in_place(self, call: TorchCall) -> Any:
        """The layer behind an operator that changes its input in place."""
        target = call.node.args[0]
        used = [
            other
            for other in _relatives(target)
            if any(self.order[user] > self.order[call.node] for user in other.users)
        ]
        if used:
            made = self.graph.output_of(call, None)
            for other in used:
                self.values[other] = self._relative(call, made, other)
        else:
            made = self.graph.output_of(call, OPERATORS.get(call.operator))
        self.values[target] = made
        return made

    def _relative(self, call: TorchCall, made: Any, other: Any) -> Any:
        """What a tensor is that shares numbers with one that was changed in place."""
        sources = [one for one in (made, self.values.get(other)) if isinstance(one, Value)]
        shape = node_shape(other)
        if not sources:
            return Constant(shape, made.names)
        name = self.graph.names.within(call.scope, call.operator)
        form = form_behind(self.graph, call.operator, sources, shape)
        return layer(self.graph, call.operator, name, sources, form, **NOTHING)


def _constant_names(module: Any) -> dict[str, str]:
    """One name for every parameter and buffer that goes by several."""
    first: dict[int, str] = {}
    names = {}
    for named in (module.named_parameters, module.named_buffers):
        for name, tensor in named(remove_duplicate=False):
            names[name] = first.setdefault(id(tensor), name)
    return names


def _relatives(target: Any) -> list[Any]:
    """Nodes whose numbers are partly those of a node: views of it, and what it is a view of."""
    found, node = [], target
    while _is_view(node):
        base = node.args[0]
        views = [user for user in base.users if user is not node and _is_view(user)]
        found += [view for view in views if not _is_apart(node, view)]
        node = base
    rest = [target, *found]
    while rest:
        views = [user for user in rest.pop().users if _is_view(user)]
        found += views
        rest += views
    while _is_view(target):
        target = target.args[0]
        found.append(target)
    return found


def _is_apart(one: Any, other: Any) -> bool:
    """Whether two views of a tensor have no number in common: pieces, or ranges side by side."""
    operators = {operator_name(one), operator_name(other)}
    if operators == {"getitem"}:
        return bool(one.args[1] != other.args[1])
    if operators != {"slice"} or one.args[1] != other.args[1]:
        return False
    length = node_shape(one.args[0])[one.args[1]]
    ranges = [range(length)[slice(*view.args[2:5])] for view in (one, other)]
    return not set(ranges[0]) & set(ranges[1])


def _is_view(node: Any) -> bool:
    if node.op != "call_function":
        return False
    schema = getattr(node.target, "_schema", None)
    returns = [] if schema is None or schema.is_mutable else schema.returns
    shares = any(one.alias_info is not None for one in returns)
    return shares or operator_name(node) in (*ALIASES, "getitem")
