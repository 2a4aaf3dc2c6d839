"""PyTorch modules: run without weights, without data, or traced by torch.export.

A module is read as it is in evaluation mode. Its parameters are all of `module.parameters()`, those
that are frozen included; one that no layer counts is refused.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ...arithmetic import Shape
from ...definition.arguments import checked_text
from ...definition.definition import INPUT, Definition
from ...definition.inputs import AskedInput, input_title
from ...definition.shape import input_shape
from ...errors import CnncalcError, DefinitionError, UsageError
from ...wording import install_line, quote
from ..builder import Builder
from ..collecting import without_collecting
from ..source import PASS, REFUSE, Source
from ..tensors.folding import Folding
from ..unread_operators import BY_OPTION_OR_ARGUMENT, UnreadOperators
from .graph import TorchGraph
from .program import Program, Shapes, export
from .side_effects import output_withheld
from .user_code import one_line
from .walk import TorchWalk

Programmer = Callable[[Any, Shapes, Builder], Program]


def read(source: Source) -> Definition:
    """The definition of what `package.module:factory` makes; the source's input is its input."""
    _torch()
    if source.input is None:
        raise UsageError(
            f"{source.path}: PyTorch modules do not say what they read; give --input 3x224x224"
        )
    module = _module(source)
    name = source.path.rpartition(":")[2]
    return definition(module, _shapes(source.input), source, name)


def from_module(
    module: Any, shape: AskedInput, unknown: str = REFUSE, name: str | None = None
) -> Definition:
    """The definition of a module that reads a batch of tensors of this shape (channels, *axes).

    Of several tensors, `shape` has their shapes by the names of its forward's parameters.
    """
    torch = _torch()
    if not isinstance(module, torch.nn.Module):
        raise UsageError(f"from_torch reads a torch.nn.Module, not {quote(type(module).__name__)}")
    if checked_text(unknown, "unknown") not in (REFUSE, PASS):
        raise UsageError(f"unknown must be {REFUSE!r} or {PASS!r}, not {quote(unknown)}")
    name = name or type(module).__name__
    return definition(module, _shapes(shape), Source(name, unknown=unknown), name)


def definition(module: Any, shapes: Shapes, source: Source, name: str) -> Definition:
    """The definition of a module, by what it calls when it runs.

    Where it does not run without numbers, or is refused so, it is PyTorch's export that counts.
    """
    from .recording import Unrecordable, record  # they need PyTorch

    with suppress(Unrecordable, CnncalcError), output_withheld():
        return definition_by(record, module, shapes, source, name)
    return definition_by(export, module, shapes, source, name)


def definition_by(
    program: Programmer, module: Any, shapes: Shapes, source: Source, name: str
) -> Definition:
    """The definition of a module whose program is found in one way."""
    unread = UnreadOperators(way=BY_OPTION_OR_ARGUMENT)
    shape = next(iter(shapes.values()))
    named = None if list(shapes) == [INPUT] else shapes
    builder = Builder(source, list(shape), unread, named)
    graph = TorchGraph(builder, module, shape)
    graph.counts = _counts(module, builder)
    with without_collecting(), builder.reading():
        TorchWalk(graph, program(module, shapes, builder), module).run()
        graph.account()
        Folding(graph).run()
        graph.finish()
    kind = type(module)
    return builder.definition(name, list(shape), f"PyTorch {kind.__module__}.{kind.__qualname__}")


def _counts(module: Any, builder: Builder) -> dict[str, int]:
    """The numbers of every parameter, under one name where it has several."""
    try:
        return {name: tensor.numel() for name, tensor in module.named_parameters()}
    except ValueError as error:
        raise builder.refuse(f"its parameters have no shapes yet: {one_line(error)}") from None


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise UsageError(
            f"reading PyTorch modules needs PyTorch; {install_line('torch')}"
        ) from None
    return torch


def _shapes(given: AskedInput) -> Shapes:
    """The shapes of the tensors that a module reads by name; an only one is called `input`."""
    if not isinstance(given, Mapping):
        return {INPUT: _shape(given)}
    if not given:
        raise UsageError("no input is given; give a shape for every tensor that the module reads")
    shapes: dict[str, tuple[int, ...]] = {}
    for name, asked in given.items():
        first = next(iter(shapes.values()), None)
        shapes[checked_text(name, "an input's name")] = _shape(asked, input_title(name), first)
    return shapes


def _shape(given: object, what: str = INPUT, first: Shape | None = None) -> tuple[int, ...]:
    shape = input_shape(given, what, first)
    if None in shape:
        raise UsageError(f"{what} {quote(given)} must have every number for PyTorch to trace")
    return shape  # type: ignore[return-value]


def _module(source: Source) -> Any:
    """The module that a factory makes, on the meta device: without weights."""
    torch = _torch()
    where, colon, path = source.path.partition(":")
    if not colon or not where or not path:
        raise UsageError(
            f"{quote(source.path)} names no factory; give package.module:factory, as in "
            "torchvision.models:resnet18"
        )
    made = _factory(source, where, path)
    if isinstance(made, torch.nn.Module):
        return made
    if not callable(made):
        raise _refuse(source, f"{path} is {type(made).__name__}, no function that makes a module")
    with _running(source, f"{path}()"):
        made = _without_weights(made)
    if not isinstance(made, torch.nn.Module):
        raise _refuse(source, f"{path}() gives {type(made).__name__}, no torch.nn.Module")
    return made


def _without_weights(factory: Callable[[], Any]) -> Any:
    """What a factory makes on the meta device.

    Where it asks for numbers on its way, it runs on the real device, and every parameter goes to
    the meta device as soon as it is there.
    """
    torch = _torch()
    try:
        with torch.device("meta"):
            return factory()
    except (NotImplementedError, RuntimeError) as error:
        if "meta" not in str(error):
            raise
    from unittest.mock import patch

    register = torch.nn.Module.register_parameter

    def register_empty(module: Any, name: str, parameter: Any) -> None:
        if parameter is not None:
            trained = parameter.requires_grad
            parameter = torch.nn.Parameter(parameter.to("meta"), requires_grad=trained)
        register(module, name, parameter)

    with patch.object(torch.nn.Module, "register_parameter", register_empty):
        made = factory()
    return made.to("meta") if isinstance(made, torch.nn.Module) else made


def _factory(source: Source, where: str, path: str) -> Any:
    from importlib import import_module

    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    with _running(source, f"import {where}"):
        found: Any = import_module(where)
    for name in path.split("."):
        if not hasattr(found, name):
            raise _refuse(source, f"{where} has no {quote(name)}")
        found = getattr(found, name)
    return found


@contextmanager
def _running(source: Source, what: str) -> Iterator[None]:
    """Somebody else's code, its output kept apart and its errors told on one line."""
    from contextlib import redirect_stdout

    try:
        with redirect_stdout(sys.stderr):
            yield
    except CnncalcError:
        raise
    except (Exception, SystemExit) as error:
        raise _refuse(source, f"{what} fails: {one_line(error)}") from None


def _refuse(source: Source, message: str) -> DefinitionError:
    return DefinitionError(message, path=source.path)
