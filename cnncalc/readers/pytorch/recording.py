"""The operators that a module calls when it runs on tensors without numbers.

They are what torch.export traces, in a fifth of the time: taken down where it takes them, above
autograd, before PyTorch makes smaller ones of them. A module that cannot run so, or that would not
be the same afterwards, is not recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from operator import getitem
from typing import Any
from unittest.mock import patch
from weakref import ref

import torch
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import ProxyTorchDispatchMode
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from ..builder import Builder
from .call import FUNCTION, MODULES, VALUE
from .nodes import RecordedNode, Recording
from .program import Program, Shapes, arguments, batches_of_one, evaluating, quiet
from .side_effects import state_kept

# Not __call__ itself: to change that takes Python longer than to read a small network.
RUN: Any = torch.nn.Module._call_impl
LIFT = torch.ops.aten.lift_fresh.default
# What a module may give besides tensors.
PLAIN = (bool, int, float, str, type(None))


class Unrecordable(BaseException):
    """A module that runs on tensors with numbers alone, or that cannot be put back as it was.

    It is no Exception, which the module itself might catch and go on.
    """


def record(module: Any, shapes: Shapes, builder: Builder) -> Program:
    """What the module calls on a batch of one."""
    try:
        _check_parts(module)
        recorder = Recorder(module)
        batches = batches_of_one(module, shapes, "meta")
        starts = {name: recorder.placeholder(batch) for name, batch in batches.items()}
        args, kwargs = arguments(batches)
        with quiet(), evaluating(module), state_kept(module), recorder.running():
            output = torch.func.functional_call(
                module, recorder.substitutes, args, kwargs, tie_weights=False
            )
        recorder.give(tree_leaves(output))
    except (Exception, SystemExit) as error:
        raise Unrecordable(str(error)) from error
    inputs = {start.name: name for name, start in starts.items()}
    return Program(recorder.graph, inputs, recorder.constants)


def _check_parts(module: Any) -> None:
    """Leave out what is compiled or traced already, and parts that go by several names."""
    parts = list(module.modules())
    if len(parts) < len(list(module.named_modules(remove_duplicate=False))):
        raise Unrecordable("a part goes by several names")
    for part in parts:
        if isinstance(part, (GraphModule, torch.jit.ScriptModule)) or hasattr(part, "_orig_mod"):
            raise Unrecordable("a part is compiled")


class Tensors:
    """What is known of tensors, each by itself, without holding them: PyTorch would copy those."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[ref[torch.Tensor], Any]] = {}

    def __contains__(self, tensor: torch.Tensor) -> bool:
        entry = self.known.get(id(tensor))
        return entry is not None and entry[0]() is tensor

    def __getitem__(self, tensor: torch.Tensor) -> Any:
        return self.known[id(tensor)][1]

    def __setitem__(self, tensor: torch.Tensor, value: Any) -> None:
        self.known[id(tensor)] = ref(tensor), value


class MadeTensor:
    """The shape of a tensor when it was made: it may get another in place."""

    __slots__ = ("shape",)

    def __init__(self, tensor: torch.Tensor) -> None:
        self.shape = tuple(tensor.shape)


class Recorder(ProxyTorchDispatchMode):  # type: ignore[no-untyped-call]
    """Takes down operators as nodes of a graph; PyTorch's own mode of tracing alone may do so here.

    `nodes` are those that make tensors; `stand_ins` are read in the place of tensors with numbers,
    `substitutes` are the parameters' and buffers' by their names, `constants` these names by their
    nodes'. `forms` are those of what operators gave, by what they were given.
    """

    def __init__(self, module: Any) -> None:
        super().__init__(None, "real", pre_dispatch=True)  # type: ignore[arg-type]
        self.graph = Recording()
        self.constants: dict[str, str] = {}
        self.nodes = Tensors()
        self.stand_ins = Tensors()
        self.paths = {id(part): path for path, part in module.named_modules()}
        self.calls: Counter[str] = Counter()
        self.modules: list[dict[str, tuple[str, str]]] = [{}]
        self.functions = Functions()
        self.forms: dict[Any, Any] = {}
        self.substitutes = self._substitutes(module)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Operators and calls of modules are taken down within; PyTorch is said to export."""

        def call(part: Any, /, *args: Any, **kwargs: Any) -> Any:
            path = self.paths.get(id(part))
            if path is None:
                return RUN(part, *args, **kwargs)
            self.modules.append(self._call_of(path, type(part)))
            try:
                return RUN(part, *args, **kwargs)
            finally:
                self.modules.pop()

        with (
            patch.object(torch.nn.Module, "_call_impl", call),
            patch.object(torch._library.utils, "handle_dispatch_mode", _dispatch),
            patch.object(torch.compiler, "_is_compiling_flag", True),
            patch.object(torch.compiler, "_is_exporting_flag", True),
            torch._C._EnablePythonDispatcher(),
            self.functions,
            self,
        ):
            yield

    def _call_of(self, path: str, kind: type) -> dict[str, tuple[str, str]]:
        """A call of a part of the module, as torch.export tells of it."""
        call = f"{path}@{self.calls[path]}"
        self.calls[path] += 1
        return {call: (path, f"{kind.__module__}.{kind.__qualname__}")}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Whether each call is kept from being compiled, for which there is no need here."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C._DisablePythonDispatcher(), torch._C.DisableTorchFunction():
            if func is LIFT:
                made = torch.empty_like(args[0], device="meta")
                self.placeholder(made)
                return made
            args, kwargs = self._without_numbers(args), self._without_numbers(kwargs or {})
            nodes = self._nodes_of(args), self._nodes_of(kwargs)
            node = self._operator(func.overloadpacket.__name__, func, *nodes)
            if "device" in kwargs and not any(isinstance(one, torch.Tensor) for one in args):
                kwargs["device"] = "meta"
            made = self._result(func, args, kwargs)
        self._take_down(made, node)
        return made

    def _result(self, func: Any, args: Any, kwargs: Any) -> Any:
        """What an operator gives, a tensor of its own unless it works in place.

        To tensors of forms that it had before it gives what has the form that it gave then.
        """
        key = (func, _form(args), _form(kwargs))
        if key not in self.forms:
            made = func(*args, **kwargs)
            if func._schema.is_mutable or not isinstance(made, torch.Tensor):
                return made
            self.forms[key] = _form(made)
            if not any(made is one for one in args):
                return made
        shape, stride, dtype = self.forms[key]
        return torch.empty_strided(shape, stride, dtype=dtype, device="meta")

    def placeholder(self, tensor: torch.Tensor) -> RecordedNode:
        """The node of a tensor that no operator makes."""
        node = self.graph.node("placeholder", "tensor")
        self._take_down(tensor, node)
        return node

    def give(self, outputs: list[Any]) -> None:
        """Take down what the module gives."""
        if not all(isinstance(one, (torch.Tensor, *PLAIN)) for one in outputs):
            raise Unrecordable("it gives other than tensors")
        self.graph.node("output", "output", args=(self._nodes_of(outputs),))

    def _substitutes(self, module: Any) -> dict[str, torch.Tensor]:
        """Parameters and buffers without numbers, as many as there are."""
        substitutes = {}
        for named in (module.named_parameters, module.named_buffers):
            for name, tensor in named(remove_duplicate=False):
                made = self._stand_in(tensor)
                self.constants.setdefault(self.nodes[made].name, name)
                if made is not tensor:
                    substitutes[name] = made
        return substitutes

    def _stand_in(self, tensor: torch.Tensor) -> torch.Tensor:
        """A tensor like another, without numbers."""
        if tensor not in self.stand_ins:
            self.stand_ins[tensor] = _without_numbers(tensor)
            self.placeholder(self.stand_ins[tensor])
        made: torch.Tensor = self.stand_ins[tensor]
        return made

    def _without_numbers(self, value: Any) -> Any:
        """Arguments with stand-ins for tensors with numbers, which the input has no part in."""
        if isinstance(value, torch.Tensor):
            return value if value.is_meta else self._stand_in(value)
        if isinstance(value, (list, tuple)):
            return [self._without_numbers(one) for one in value]
        if isinstance(value, dict):
            return {key: self._without_numbers(one) for key, one in value.items()}
        return value

    def _operator(self, name: str, function: Any, args: Any, kwargs: Any) -> RecordedNode:
        node = self.graph.node("call_function", name, function, args, kwargs)
        node.meta[MODULES], node.meta[FUNCTION] = self.modules[-1], self.functions.last
        return node

    def _take_down(self, made: Any, node: RecordedNode) -> None:
        """Let tensors be known by the node that makes them."""
        if isinstance(made, torch.Tensor):
            node.meta[VALUE] = MadeTensor(made)
            self.nodes[made] = node
        elif isinstance(made, (list, tuple)):
            node.meta[VALUE] = [
                MadeTensor(one) if isinstance(one, torch.Tensor) else None for one in made
            ]
            for place, one in enumerate(made):
                self._take_down(one, self._operator("getitem", getitem, (node, place), {}))
        elif made is not None:
            raise Unrecordable(f"{node.target} gives a number")

    def _nodes_of(self, value: Any) -> Any:
        """Arguments with nodes in the place of tensors."""
        if isinstance(value, torch.Tensor):
            if value not in self.nodes:
                raise Unrecordable("no operator made a tensor")
            return self.nodes[value]
        if isinstance(value, (list, tuple)):
            return tuple(map(self._nodes_of, value))
        if isinstance(value, dict):
            return {key: self._nodes_of(one) for key, one in value.items()}
        return value


class Functions(TorchFunctionMode):
    """Notes the function that PyTorch was last asked for, and which call of one it was."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.last = ("", "")

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        self.last = (str(self.count), f"{type(func).__name__}.{func.__name__}")
        return func(*args, **(kwargs or {}))


def _dispatch(mode: Any, operator: Any, *args: Any, **kwargs: Any) -> Any:
    """What a mode makes of an operator, without looking for classes of tensors of their own."""
    return mode.__torch_dispatch__(operator, (), args, kwargs)


def _form(value: Any) -> Any:
    """What an operator's result depends on where there are no numbers: forms of tensors."""
    if isinstance(value, torch.Tensor):
        return value.shape, value.stride(), value.dtype
    if isinstance(value, (list, tuple)):
        return tuple(map(_form, value))
    if isinstance(value, dict):
        return tuple((key, _form(one)) for key, one in value.items())
    return type(value), value  # 1 is not 1.0, nor is it True


def _without_numbers(tensor: torch.Tensor) -> torch.Tensor:
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter):
        raise Unrecordable("a tensor is of a class of its own")
    if tensor.is_meta:
        return tensor
    made = torch.empty_like(tensor, device="meta", requires_grad=tensor.requires_grad)
    is_learned = isinstance(tensor, torch.nn.Parameter)
    return torch.nn.Parameter(made, tensor.requires_grad) if is_learned else made
