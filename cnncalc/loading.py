"""Every way to a network: a name, a path, a text, a chain of windows, a module in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import zoo
from .definition.arguments import argument_text, checked_text, plain
from .definition.definition import Definition
from .definition.inputs import AskedInput
from .errors import UsageError
from .network.build import build
from .network.network import Network
from .readers import read, spec
from .readers.source import REFUSE, Source
from .wording import is_exact

if TYPE_CHECKING:
    from torch.nn import Module

    Model = Any  # keras.Model, or tf_keras.Model


def load(name_or_path: str | os.PathLike[str], **arguments: Any) -> Network:
    """The network of a built-in name or of a definition file.

    Keyword arguments override the definition's `args`. Raises UsageError where there is no such
    network or file, DefinitionError or NetworkError where the file is wrong.
    """
    return build(definition(path_of(name_or_path)), _exact(arguments))


def network_of(network: Network | str | os.PathLike[str]) -> Network:
    """The network itself, or that of a built-in name or a path."""
    return network if isinstance(network, Network) else load(network)


def path_of(name_or_path: object) -> str:
    """A network's name or path as text; raises UsageError for what is neither."""
    if not isinstance(name_or_path, (str, os.PathLike)):
        wrong = argument_text(name_or_path)
        raise UsageError(f"a network is a built-in name, a path or a Network, not {wrong}")
    return os.fsdecode(name_or_path)


def loads(text: str, **arguments: Any) -> Network:
    """The network of a YAML text. Includes are looked for below the working directory."""
    content = checked_text(text, "a definition").encode(errors="surrogatepass")
    return build(read_content(content, "<text>", "yaml"), _exact(arguments))


def _exact(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with floats and decimals as the exact fractions that they are written as."""
    return {name: _exact_number(name, value) for name, value in arguments.items()}


def _exact_number(name: str, value: Any) -> Any:
    number = plain(value)
    if not isinstance(number, (bool, str)) and not is_exact(number):
        wrong = f"must be a number, a text or a boolean, not {argument_text(value)}"
        raise UsageError(f"argument {name} {wrong}")
    return number


def definition(
    name_or_path: str,
    reader: str | None = None,
    unknown: str = REFUSE,
    input: str | Mapping[str, str] | None = None,
) -> Definition:
    """The definition of a built-in name or a file; `reader` names its format outright."""
    built_in = zoo.path(name_or_path) if reader is None else None
    path = built_in or name_or_path
    if not os.path.exists(path) and reader != "torch":
        raise zoo.unknown(name_or_path)
    return read(Source(path, os.path.dirname(path), None, unknown, input), reader)


def read_content(
    content: bytes,
    path: str,
    reader: str | None = None,
    unknown: str = REFUSE,
    input: str | Mapping[str, str] | None = None,
) -> Definition:
    """The definition of content that comes from no file; `path` is how messages call it."""
    return read(Source(path, "", content, unknown, input), reader)


def from_spec(text: str) -> Network:
    """The network of a chain of windows; its channels and input size are unknown.

    >>> from cnncalc import analyze
    >>> report = analyze(from_spec("11,4 3,2 5,1,2"), input=227)
    >>> report["layer3"].out_shape, report["layer3"].rf
    ((None, 27, 27), (51, 51))
    """
    return build(spec.definition(checked_text(text, "a spec")))


def from_torch(module: Module, input_shape: AskedInput, *, unknown: str = REFUSE) -> Network:
    """The network that a PyTorch module computes in evaluation mode, reading (channels, *axes).

    Of a module that reads several tensors, `input_shape` has their shapes by the names of its
    forward's parameters. No weights are allocated (a module on the meta device will do) and nothing
    is computed. Layers are called as modules are, functions by their type within a module:
    `layer1.0.conv1`, `layer1.0.add1`. Parameters count as `module.parameters()` has them, frozen
    ones included, and once where several layers use them.

    With `unknown="pass"`, operators without a layer kind become layers of which nothing is known.
    Raises UsageError where PyTorch is not installed or the shape has unknown numbers, and
    DefinitionError where PyTorch cannot trace the module, an operator has no layer kind, or
    parameters belong to no layer.
    """
    from .readers.pytorch.reading import from_module

    return build(from_module(module, input_shape, unknown))


def from_keras(model: Model, *, unknown: str = REFUSE) -> Network:
    """The network that a Keras model computes in inference: Functional or Sequential.

    It is read from the architecture that Keras writes of it, channels first whatever its
    data_format. Layers are called as the model's; those of a model within it go by its name too,
    `backbone.conv1`; an activation within a layer is one of its own, `conv1.relu`. Parameters are
    the weights that training could change, those of layers with `trainable=False` included, and
    count once where a layer is called again; moving statistics are buffers.

    With `unknown="pass"`, classes without a layer kind become layers of which nothing is known.
    Raises UsageError where it is no Keras model, and DefinitionError where Keras cannot write its
    architecture or a class has no layer kind.
    """
    from .readers.keras.reading import from_model

    return build(from_model(model, unknown))
