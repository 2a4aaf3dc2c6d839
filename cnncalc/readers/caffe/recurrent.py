"""Caffe's recurrent layers: of time × batch × features, in which time stands for the batch."""

from __future__ import annotations

from math import prod

from ..builder import Unreadable
from .entry import CaffeLayer
from .net import CaffeNet

# Products with input and state, each as wide as the output; an RNN has one more for its output.
GATES = {"lstm": 4, "rnn": 1}
PARAMETERS = {"lstm": 3, "rnn": 5}


def recurrent(net: CaffeNet, layer: CaffeLayer) -> None:
    """One step of an LSTM or RNN for the whole batch; its second bottom says what begins where."""
    param = layer.param("recurrent_param")
    outputs = param.whole("num_output", None, least=1)
    if outputs is None:
        raise layer.refuse(f"{layer.type} needs num_output")
    if len(layer.bottoms) > 2:
        raise Unreadable("it reads more than a sequence and its beginnings")
    source = net.source(layer)
    batch, *features = net.builder.known_shape(source)
    weights = GATES[layer.key] * outputs * (prod(features) + outputs)
    biases = GATES[layer.key] * outputs
    if layer.key == "rnn":
        weights, biases = weights + outputs * outputs, biases + outputs
    shape = (batch, outputs)
    figures = {"params": weights + biases, "macs": batch * weights}
    net.add_stated(layer, shape, [source], PARAMETERS[layer.key], **figures)
