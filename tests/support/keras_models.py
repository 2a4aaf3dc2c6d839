"""Keras on PyTorch, with models that allocate nothing, and what Keras itself counts of them."""

import os
from math import prod

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
torch = pytest.importorskip("torch", reason="Keras runs on PyTorch here")
keras = pytest.importorskip("keras", reason="the differential tests need Keras")
if keras.backend.backend() != "torch":
    pytest.skip("models without weights need Keras on PyTorch", allow_module_level=True)


def without_weights(build, *given, **named):
    """A model on the meta device, which holds shapes and no numbers."""
    with keras.device("meta"):
        return build(*given, **named)


def numbers(weights):
    """How many numbers weights have."""
    return sum(prod(weight.shape) for weight in weights)


def leaves(model):
    """The layers of a model, those of models within it included."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        else:
            yield layer


def kernels(layer):
    """The weights that are multiplied: of every unit of the output once."""
    names = ("kernel", "depthwise_kernel", "pointwise_kernel")
    return [getattr(layer, name) for name in names if getattr(layer, name, None) is not None]


def macs(model):
    """Multiply–accumulates from Keras' kernels and output shapes alone."""
    return sum(
        prod(kernel.shape) * prod(layer.output.shape[1:-1])
        for layer in leaves(model)
        for kernel in kernels(layer)
    )


def channels_last(shape):
    """A shape as Keras has it."""
    return (*shape[1:], shape[0])
