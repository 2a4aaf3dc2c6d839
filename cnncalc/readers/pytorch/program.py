"""The program that torch.export traces of a module, quietly; failures are told by the user's line.

A module is traced in evaluation mode, on a batch of one that has no numbers.
"""

from __future__ import annotations

import inspect
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

from ...wording import name_list
from ..builder import INPUT, Builder, printable
from .call import VALUE
from .user_code import failing_line, failing_module, one_line, user_line

LOGS_ASKED = "TORCH_LOGS"
Shapes = Mapping[str, tuple[int, ...]]
# Errors of code that asks for numbers of a tensor, by their classes, which are not public.
BY_NUMBERS = (
    *("GuardOnDataDependentSymNode", "DataDependentOutputException"),
    *("DynamicOutputShapeException", "PendingUnbackedSymbolNotFound"),
)

DEPENDENT = (
    "it depends on the numbers in a tensor, where tracing has shapes alone; decide by shapes or by "
    "the module's settings, or write ONNX with torch.onnx.export(…, dynamo=False), which goes the "
    "way of an example"
)


class Program(NamedTuple):
    """Operators in order, as nodes of a graph, those of torch.fx or like them.

    `inputs` are the inputs' names by those of their nodes; `constants` has the parameter's or
    buffer's name by the name of its node.
    """

    graph: Any
    inputs: dict[str, str]
    constants: dict[str, str]


def export(module: Any, shapes: Shapes, builder: Builder) -> Program:
    """What the module computes, as torch.export traces it."""
    import torch

    _check_inputs(module, shapes, builder)
    tensors = [*module.parameters(), *module.buffers()]
    batches = batches_of_one(module, shapes, tensors[0].device if tensors else "meta")
    args, kwargs = arguments(batches)
    try:
        with quiet(), evaluating(module):
            program = torch.export.export(module, args, kwargs, strict=False)
    except (Exception, SystemExit) as error:
        raise builder.refuse(_failure(error, module, shapes)) from None
    _check_shapes(program.graph, shapes, builder)
    signature = program.graph_signature
    constants = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    inputs = dict(zip(map(str, signature.user_inputs), batches))
    return Program(program.graph, inputs, constants)


def _check_shapes(graph: Any, shapes: Shapes, builder: Builder) -> None:
    """Refuse a program that makes tensors of as many numbers as there are of some kind."""
    for node in graph.nodes:
        made = node.meta.get(VALUE)
        for tensor in made if isinstance(made, (list, tuple)) else [made]:
            if not all(type(size) is int for size in getattr(tensor, "shape", ())):
                line = user_line(node.meta.get("stack_trace"))
                place = f": {line}" if line else ""
                told = f"PyTorch cannot trace it on {asked_text(shapes)}{place}"
                raise builder.refuse(f"{told}: {DEPENDENT}")


def batches_of_one(module: Any, shapes: Shapes, device: Any) -> dict[str, Any]:
    """The tensors that the module reads, of the type of its parameters."""
    import torch

    tensors = (*module.parameters(), *module.buffers())
    floating = [tensor.dtype for tensor in tensors if tensor.is_floating_point()]
    dtype = floating[0] if floating else torch.float32
    return {
        name: torch.empty(1, *shape, dtype=dtype, device=device) for name, shape in shapes.items()
    }


def arguments(batches: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """How the module is called: tensors by the names of its parameters, an only one without."""
    return (tuple(batches.values()), {}) if list(batches) == [INPUT] else ((), batches)


def _check_inputs(module: Any, shapes: Shapes, builder: Builder) -> None:
    """Refuse a module that reads other tensors, as far as it says what it reads."""
    try:
        signature = inspect.signature(module.forward)
    except ValueError:
        return
    try:
        args, kwargs = arguments(dict(shapes))
        signature.bind(*args, **kwargs)
    except TypeError:
        one = list(shapes) == [INPUT]
        tensors = "one tensor" if one else f"tensors {name_list(shapes)}"
        raise builder.refuse(
            f"its forward({', '.join(signature.parameters)}) cannot be called with {tensors}, as "
            "it is traced; give the shapes of all that it reads by name, or wrap it in a module "
            "that makes the others"
        ) from None


def _failure(error: BaseException, module: Any, shapes: Shapes) -> str:
    """What fails, where in the user's code and in the module, and the way out."""
    path, line = failing_module(error, module), failing_line(error)
    place = f" (module {printable(path)!r})" if path else ""
    fault = (
        f"{one_line(error)}; give the input that it is made for, and compute with PyTorch's own "
        "operations on tensors"
    )
    if type(error).__name__ in BY_NUMBERS:
        fault = DEPENDENT
    told = f"PyTorch cannot trace it on {asked_text(shapes)}"
    return f"{told}: {line}{place}: {fault}" if line or place else f"{told}: {fault}"


def asked_text(shapes: Shapes) -> str:
    """The inputs as they are asked for: input 3x64x64, inputs left=3x64x64, right=3x64x64."""
    texts = {name: "x".join(map(str, shape)) for name, shape in shapes.items()}
    if list(shapes) == [INPUT]:
        return f"input {texts[INPUT]}"
    return f"inputs {', '.join(f'{name}={text}' for name, text in texts.items())}"


@contextmanager
def evaluating(module: Any) -> Iterator[None]:
    """The module in evaluation mode; every part gets its own mode back."""
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, training in modes.items():
            if part.training is not training:
                part.training = training


@contextmanager
def quiet() -> Iterator[None]:
    """Without what PyTorch writes on its own; what it is asked for, and the user's logs, stay.

    What the module itself prints goes to standard error: standard output is for figures.
    """
    import torch

    handlers = list(getattr(torch._logging._internal, "handlers", ()))
    errors = sys.stderr if LOGS_ASKED in os.environ else io.StringIO()
    for handler in handlers:
        handler.addFilter(_is_asked_for)
    try:
        with warnings.catch_warnings(), redirect_stdout(sys.stderr), redirect_stderr(errors):
            warnings.simplefilter("ignore")
            yield
    finally:
        for handler in handlers:
            handler.removeFilter(_is_asked_for)


def _is_asked_for(record: logging.LogRecord) -> bool:
    """Whether somebody set PyTorch's logger to tell more than warnings."""
    return logging.getLogger(record.name).getEffectiveLevel() < logging.WARNING
