"""Keras' layers without a kind: shapes, parameters and buffers of Keras, MACs counted."""

from __future__ import annotations

import json

import pytest
from keras_models import channels_last, keras, numbers, without_weights

import cnncalc
from cnncalc.loading import read_content
from cnncalc.network.build import build

layers, ops = keras.layers, keras.ops
MAP, SEQUENCE, VIDEO = (8, 8, 4), (6, 4), (3, 8, 8, 4)


@keras.saving.register_keras_serializable("own")
class Own(layers.Layer):
    """A layer of one's own: a product with a weight, and a constant beside it."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 5))
        self.constant = self.add_weight(shape=(3,), trainable=False)

    def call(self, x):
        return ops.matmul(x, self.kernel)


def small():
    return keras.Sequential(
        [keras.Input((8, 8, 4)), layers.Conv2D(5, 3), layers.GlobalAveragePooling2D()]
    )


def attend(*given, **named):
    return lambda x: layers.MultiHeadAttention(*given, **named)(x, x)


# what makes it, what it reads, its MACs
FIGURES = {
    "LSTM": (lambda: layers.LSTM(5), SEQUENCE, 6 * 4 * 5 * (4 + 5)),
    "LSTM of all steps": (lambda: layers.LSTM(5, return_sequences=True), SEQUENCE, 6 * 4 * 5 * 9),
    "GRU": (lambda: layers.GRU(5), SEQUENCE, 6 * 3 * 5 * (4 + 5)),
    "GRU, one bias": (lambda: layers.GRU(5, reset_after=False), SEQUENCE, 6 * 3 * 5 * (4 + 5)),
    "GRU, no bias": (lambda: layers.GRU(5, use_bias=False), SEQUENCE, 6 * 3 * 5 * (4 + 5)),
    "SimpleRNN": (lambda: layers.SimpleRNN(5), SEQUENCE, 6 * 5 * (4 + 5)),
    "RNN": (lambda: layers.RNN(layers.LSTMCell(5)), SEQUENCE, 6 * 4 * 5 * (4 + 5)),
    "RNN of two cells": (
        lambda: layers.RNN([layers.LSTMCell(5), layers.GRUCell(3)]),
        *(SEQUENCE, 6 * (4 * 5 * (4 + 5) + 3 * 3 * (5 + 3))),
    ),
    "Bidirectional": (
        lambda: layers.Bidirectional(layers.LSTM(5)), SEQUENCE, 2 * 6 * 4 * 5 * (4 + 5),
    ),
    "Bidirectional sum": (
        lambda: layers.Bidirectional(layers.GRU(5, return_sequences=True), merge_mode="sum"),
        *(SEQUENCE, 2 * 6 * 3 * 5 * (4 + 5)),
    ),
    "ConvLSTM2D": (
        lambda: layers.ConvLSTM2D(5, 3, padding="same"), VIDEO, 3 * 64 * 9 * 4 * 5 * (4 + 5),
    ),
    "ConvLSTM1D, strided": (
        lambda: layers.ConvLSTM1D(5, 3, strides=2, return_sequences=True),
        *((3, 9, 4), 3 * 4 * 3 * 4 * 5 * (4 + 5)),
    ),
    "attention": (lambda: attend(2, 2), SEQUENCE, 6 * 4 * 4 * 4 + 2 * 6 * 6 * (2 + 2)),
    "attention, wider": (
        lambda: attend(2, 3, value_dim=5, use_bias=False, output_shape=7), SEQUENCE,
        6 * 4 * 2 * (3 + 3 + 5) + 6 * 10 * 7 + 2 * 6 * 6 * (3 + 5),
    ),
    "attention on a map": (
        lambda: attend(2, 3, attention_axes=(1, 2)), MAP,
        64 * 4 * 6 * 3 + 64 * 6 * 4 + 2 * 64 * 64 * (3 + 3),
    ),
    "attention along rows": (
        lambda: attend(2, 3, attention_axes=(2,)), MAP,
        64 * 4 * 6 * 3 + 64 * 6 * 4 + 2 * 8 * 8 * 8 * (3 + 3),
    ),
    "grouped attention": (
        lambda: lambda x: layers.GroupQueryAttention(5, 4, 2)(x, x), SEQUENCE,
        6 * 4 * (20 + 10 + 10) + 6 * 20 * 4 + 4 * 6 * 6 * (5 + 5),
    ),
    "Attention": (lambda: lambda x: layers.Attention()([x, x]), SEQUENCE, 6 * 6 * (4 + 4)),
    "Attention, scaled": (
        lambda: lambda x: layers.Attention(use_scale=True)([x, x]), SEQUENCE, 6 * 6 * (4 + 4),
    ),
    "AdditiveAttention": (
        lambda: lambda x: layers.AdditiveAttention()([x, x]), SEQUENCE, 6 * 6 * (4 + 4),
    ),
    "EinsumDense": (
        lambda: layers.EinsumDense("abc,bd->adc", output_shape=(7, 4)), SEQUENCE, 7 * 6 * 4,
    ),
    "EinsumDense of channels": (
        lambda: layers.EinsumDense("...c,cd->...d", output_shape=7, bias_axes="d"), MAP, 64 * 4 * 7,
    ),
    "Dot": (lambda: lambda x: layers.Dot(axes=(2, 2))([x, x]), SEQUENCE, 6 * 6 * 4),
    "matmul": (
        lambda: lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))), SEQUENCE, 6 * 4 * 6,
    ),
    "einsum": (lambda: lambda x: ops.einsum("bij,bkj->bik", x, x), SEQUENCE, 6 * 4 * 6),
    "TimeDistributed Dense": (lambda: layers.TimeDistributed(layers.Dense(5)), SEQUENCE, 6 * 4 * 5),
    "TimeDistributed Conv2D": (
        lambda: layers.TimeDistributed(layers.Conv2D(5, 3)), VIDEO, 3 * 36 * 5 * 4 * 9,
    ),
    "TimeDistributed model": (lambda: layers.TimeDistributed(small()), VIDEO, 3 * 36 * 5 * 4 * 9),
    "SpectralNormalization": (
        lambda: layers.SpectralNormalization(layers.Conv2D(3, 3)), MAP, 36 * 3 * 4 * 9,
    ),
    "Embedding": (lambda: layers.Embedding(10, 4), (6,), 0),
    "LayerNormalization of all": (lambda: layers.LayerNormalization(axis=[1, 2, 3]), MAP, 0),
    "LayerNormalization of rows": (lambda: layers.LayerNormalization(axis=1), MAP, 0),
    "BatchNormalization of rows": (lambda: layers.BatchNormalization(axis=1), MAP, 0),
    "UnitNormalization": (lambda: layers.UnitNormalization(), MAP, 0),
    "PReLU of every unit": (lambda: layers.PReLU(), MAP, 0),
    "CenterCrop": (lambda: layers.CenterCrop(5, 4), MAP, 0),
    "CenterCrop of less": (lambda: layers.CenterCrop(10, 4), MAP, 0),
    "RandomCrop": (lambda: layers.RandomCrop(5, 4), MAP, 0),
    "Resizing, nearest": (lambda: layers.Resizing(5, 7, interpolation="nearest"), MAP, 0),
    "RepeatVector": (lambda: layers.RepeatVector(3), (5,), 0),
    "Reshape": (lambda: layers.Reshape((-1, 32)), MAP, 0),
    "Permute": (lambda: lambda x: layers.Conv2D(3, 3)(layers.Permute((2, 1, 3))(x)), (8, 7, 4),
        5 * 6 * 3 * 4 * 9),
    "Permute channels": (lambda: lambda x: layers.Dense(5)(layers.Permute((3, 1, 2))(x)), (8, 7, 4),
        4 * 8 * 7 * 5),
    "Conv1D of a reshaped map": (
        lambda: lambda x: layers.Conv1D(3, 5)(layers.Reshape((64, 4))(x)), MAP, 60 * 3 * 4 * 5,
    ),
    "concatenation along rows": (lambda: lambda x: layers.Concatenate(axis=1)([x, x]), MAP, 0),
    "mean of the map": (lambda: lambda x: ops.mean(x, axis=[1, 2], keepdims=True), MAP, 0),
    "mean of channels": (lambda: lambda x: ops.mean(x, axis=-1, keepdims=True), MAP, 0),
    "maximum of rows": (lambda: lambda x: ops.max(x, axis=1, keepdims=True), MAP, 0),
    "square": (lambda: lambda x: ops.square(x), MAP, 0),
    "power": (lambda: lambda x: x**2, MAP, 0),
    "padding": (lambda: lambda x: ops.pad(x, ((0, 0), (1, 1), (2, 0), (0, 0))), MAP, 0),
    "rows": (lambda: lambda x: x[:, 1:3], MAP, 0),
    "part": (lambda: lambda x: ops.split(x, 2, axis=-1)[1], MAP, 0),
    "transposed, more than it reaches": (
        lambda: layers.Conv2DTranspose(5, 1, 2, "same", output_padding=1), MAP, 64 * 4 * 5,
    ),
    "Discretization": (lambda: layers.Discretization([0.0, 1.0]), MAP, 0),
}  # fmt: skip


def model_of(make, shape):
    given = keras.Input(shape)
    return without_weights(lambda: keras.Model(given, make()(given)))


def report_of(model, **named):
    return cnncalc.analyze(cnncalc.from_keras(model, **named))


@pytest.mark.parametrize("name", FIGURES)
def test_figures(name):
    make, shape, macs = FIGURES[name]
    model = model_of(make, shape)
    report = report_of(model)
    last = report.layers[-1].out_shape
    expected = tuple(model.output.shape[1:])
    found = channels_last(last) if len(last) > 1 else last
    # A sequence that a Reshape makes of a map stays a map here, of one column.
    assert found == expected or (name == "Reshape" and found == (8, 1, 32))
    assert report.totals.params == numbers(model.trainable_weights)
    assert report.totals.buffers == numbers(model.non_trainable_weights)
    assert report.totals.macs == macs


@pytest.mark.parametrize(
    "name", ["LSTM", "attention, wider", "Bidirectional", "TimeDistributed model"]
)
def test_the_architecture_alone_gives_the_same(name):
    make, shape, _ = FIGURES[name]
    model = model_of(make, shape)
    content = model.to_json().encode()
    found = cnncalc.analyze(build(read_content(content, "m.json", "keras")))
    assert found.totals == report_of(model).totals


def test_products_are_counted_apart():
    report = report_of(model_of(lambda: attend(2, 3), SEQUENCE))
    assert report.layers[0].product_macs == 2 * 6 * 6 * (3 + 3)
    assert report_of(model_of(lambda: attend(2, 2), SEQUENCE)).layers[0].type == "attention"


def test_several_outputs():
    def states(x):
        _, hidden, cell = layers.LSTM(5, return_state=True)(x)
        return layers.Dense(2)(layers.Concatenate()([hidden, cell]))

    report = report_of(model_of(lambda: states, SEQUENCE))
    assert report.layers[-1].params == 10 * 2 + 2
    parts = report_of(model_of(lambda: lambda x: layers.Add()(ops.split(x, 2, axis=-1)), MAP))
    assert parts.layers[-1].out_shape == (2, 8, 8)


def test_layers_of_ones_own_have_their_weights_and_unknown_macs():
    report = report_of(model_of(lambda: lambda x: layers.Conv2D(2, 3)(Own()(x)), MAP))
    own, conv = report.layers
    assert (own.out_shape, own.params, own.buffers, own.macs) == ((5, 8, 8), 4 * 5, 3, None)
    assert (conv.params, conv.macs, report.totals.macs) == (5 * 2 * 9 + 2, 36 * 5 * 2 * 9, None)
    cut = layers.Lambda(lambda x: ops.mean(x, axis=1), output_shape=(8, 4))
    assert report_of(model_of(lambda: cut, MAP)).layers[0].out_shape == (4, 8)


def test_frozen_layers_of_ones_own_have_unknown_parameters():
    model = model_of(Own, MAP)
    model.trainable = False
    assert report_of(model).totals.params is None


def test_a_model_of_its_own_output_counts_once():
    given = keras.Input((8, 8, 3))
    conv = layers.Conv2D(3, 3, padding="same")
    model = keras.Model(given, conv(given))
    again = keras.Model(given, model(model(model.output)))
    report = report_of(again)
    assert (report.totals.params, report.totals.macs) == (84, 3 * 64 * 81)
    assert report.layers[-1].rf == (7, 7)
    within = keras.Model(model.inputs, model(model.outputs[0]))
    assert report_of(within).totals.params == numbers(within.trainable_weights) == 84


def test_a_shared_recurrent_layer_counts_once():
    lstm = layers.LSTM(4, return_sequences=True)
    report = report_of(model_of(lambda: lambda x: lstm(lstm(x)), SEQUENCE))
    assert [layer.params for layer in report] == [4 * 4 * (4 + 4 + 1), 0]
    assert report.totals.macs == 2 * 6 * 4 * 4 * 8


def test_a_sequence_of_unknown_length_needs_it():
    with pytest.raises(cnncalc.DefinitionError, match="is not known, which --input gives"):
        report_of(model_of(lambda: layers.LSTM(5), (None, 4)))


@pytest.mark.parametrize("config", [
    {"equation": "abc"}, {"equation": "abc,de->abe"}, {"equation": 3},
    {"equation": "abc,cd->abd", "output_shape": [7, 3]},
])  # fmt: skip
def test_damaged_equations_are_told_of(config):
    layer = {
        "module": "keras.layers", "class_name": "EinsumDense", "registered_name": None,
        "config": {"name": "x", "output_shape": [None, 7], **config},
    }  # fmt: skip
    given = {"class_name": "InputLayer", "config": {"batch_shape": [None, 6, 4], "name": "i"}}
    model = {"class_name": "Sequential", "config": {"name": "s", "layers": [given, layer]}}
    with pytest.raises(cnncalc.DefinitionError) as caught:
        read_content(json.dumps(model).encode(), "m.json", "keras")
    assert "\n" not in str(caught.value)
