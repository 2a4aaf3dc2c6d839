"""From a framework's module in memory to a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .network.build import build
from .network.network import Network
from .readers.source import REFUSE

if TYPE_CHECKING:
    from torch.nn import Module

    Model = Any  # keras.Model, or tf_keras.Model


def from_torch(
    module: Module, input_shape: Sequence[int] | str, *, unknown: str = REFUSE
) -> Network:
    """The network that a PyTorch module computes in evaluation mode, reading (channels, *axes).

    It is traced by torch.export: no weights are allocated (a module on the meta device will do) and
    nothing is computed. Layers are called as modules are, functions by their type within a module:
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
