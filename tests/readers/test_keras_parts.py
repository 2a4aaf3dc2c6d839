"""Parts of Keras' tensors, and layers along time: figures are Keras' own, fields what gradients
reach."""

import pytest
from keras_models import keras, numbers, torch

import cnncalc

flop_counter = pytest.importorskip("torch.utils.flop_counter")
layers, ops = keras.layers, keras.ops
CONV = layers.Conv2D
PICTURE = (20, 16, 3)


def joined(pieces, axis=-1):
    return layers.Concatenate(axis=axis)(list(pieces))


# What is between two convolutions; the input, and how many axes the last one has.
PARTS = {
    "rows and columns": (PICTURE, lambda x: CONV(2, 3)(x[:, 2:10, 1:, :])),
    "rows from the end": (PICTURE, lambda x: CONV(2, 3)(x[:, -9:-1])),
    "channels": (PICTURE, lambda x: CONV(2, 3)(x[..., 1:3])),
    "channels and columns": (PICTURE, lambda x: CONV(2, 3)(x[:, :, 3:12, 1:3])),
    "every second": (PICTURE, lambda x: CONV(2, 3)(x[:, ::2, ::3, :])),
    "every second of some": (PICTURE, lambda x: CONV(2, 2)(x[:, 3:12:2, 2:9, :2])),
    "pieces of channels": (PICTURE, lambda x: CONV(2, 3)(layers.Add()(ops.split(x, 2, axis=-1)))),
    "pieces at places": (PICTURE, lambda x: CONV(2, 3)(joined(ops.split(x, [1, 3], axis=3)[1:]))),
    "pieces of rows": (PICTURE, lambda x: CONV(2, 3)(layers.Add()(ops.split(x, 2, axis=1)))),
    "half the size": (PICTURE, lambda x: CONV(2, 3)(ops.image.resize(x, (9, 7)))),
    "in time": ((5, 20, 16, 3), lambda x: layers.TimeDistributed(CONV(2, 3, strides=2))(x)),
    "in time, padded": (
        (5, 20, 16, 3),
        lambda x: layers.TimeDistributed(CONV(2, 3, padding="same", dilation_rate=2))(x),
    ),
    "pool in time": (
        (5, 20, 16, 3),
        lambda x: layers.TimeDistributed(layers.AveragePooling2D(3, padding="same"))(x),
    ),
    "rows in time": ((5, 20, 3), lambda x: layers.TimeDistributed(layers.Conv1D(2, 3, 2))(x)),
}


def built(name):
    shape, part = PARTS[name]
    first = {3: CONV, 4: layers.Conv3D, 2: layers.Conv2D}[len(shape) if len(shape) > 2 else 2]
    picture = keras.Input(shape)
    return keras.Model(picture, part(first(4, 3, padding="same")(picture)))


@pytest.mark.parametrize("name", PARTS)
def test_figures_and_fields(name):
    model = built(name)
    report = cnncalc.analyze(cnncalc.from_keras(model))
    assert report.totals.params == numbers(model.trainable_weights)
    with flop_counter.FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, *model.input.shape[1:]))
    assert report.totals.macs == counter.get_total_flops() // 2
    last = report.layers[-1]
    assert (*last.out_shape[1:], last.out_shape[0]) == model.output.shape[1:]
    for unit in (tuple(n // 2 for n in last.out_shape[1:]), (0,) * len(last.out_shape[1:])):
        sides = cnncalc.unit_box(report.analysed, last.layer, unit).sides
        inside = [
            (max(side.first, 0), min(side.last, size - 1))
            for side, size in zip(sides, report.input[1:])
        ]
        assert inside == pixels_read(model, unit)


def pixels_read(model, unit):
    """First and last pixel per axis with a gradient to one unit, all weights being positive."""
    for weight in model.weights:
        weight.assign(torch.rand(tuple(weight.shape)) + 0.5)
    picture = (torch.rand(1, *model.input.shape[1:]) + 0.5).requires_grad_()
    model(picture)[0][unit].sum().backward()
    found = picture.grad[0].sum(-1).nonzero()
    return list(zip(found.min(0).values.tolist(), found.max(0).values.tolist(), strict=True))


def test_one_row_goes():
    picture = keras.Input((20, 16, 3))
    model = keras.Model(picture, CONV(4, 3)(picture)[:, 2])
    report = cnncalc.analyze(cnncalc.from_keras(model))
    assert report.layers[-1].out_shape == (4, 1, 14)
    assert report.layers[-1].rf == (3, 3)


@pytest.mark.parametrize(
    ("axis", "buffers"), [(None, 2), (-1, 2 * 3), (1, 2 * 20), ([1, 2], 2 * 20 * 16)]
)
def test_what_a_normalization_adapted_to(axis, buffers):
    """Keras keeps a mean and a variance along the axes, and a count, which is no statistic."""
    picture, norm = keras.Input((20, 16, 3)), layers.Normalization(axis=axis)
    norm.build((None, 20, 16, 3))
    model = keras.Model(picture, CONV(4, 3)(norm(picture)))
    report = cnncalc.analyze(cnncalc.from_keras(model))
    counters = numbers(weight for weight in norm.weights if weight.name == "count")
    assert report.totals.buffers == numbers(norm.weights) - counters == buffers
    assert report.totals.params == 3 * 9 * 4 + 4


def test_a_model_on_its_own_output_counts_once():
    inner = keras.Sequential([CONV(3, 3, padding="same", name="conv"), layers.ReLU()], name="m")
    picture = keras.Input(PICTURE)
    report = cnncalc.analyze(cnncalc.from_keras(keras.Model(picture, inner(inner(inner(picture))))))
    assert report.totals.params == numbers(inner.trainable_weights)
    assert report.totals.macs == 3 * 20 * 16 * 3 * 27
    assert report.layers[-1].rf == (1 + 3 * 2,) * 2
