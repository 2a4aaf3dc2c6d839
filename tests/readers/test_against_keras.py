"""from_keras against Keras: parameters, shapes, MACs, and the pixels that gradients reach."""

import itertools
from math import prod

import pytest
from keras_models import channels_last, keras, macs, numbers, torch, without_weights

import cnncalc
from cnncalc.loading import definition
from cnncalc.network.build import build

layers = keras.layers

APPLICATIONS = {
    "VGG16": {},
    "ResNet50": {},
    "ResNet50V2": {},
    "MobileNet": {},
    "MobileNetV2": {},
    "MobileNetV3Small": {"input_shape": (224, 224, 3)},
    "Xception": {},
    "InceptionV3": {},
    "InceptionResNetV2": {},
    "DenseNet121": {},
    "EfficientNetB0": {},
    "EfficientNetV2B0": {},
    "ConvNeXtTiny": {},
}


def shapes_agree(layer, found):
    """Whether a layer gives the shape that was read; a pooled vector is a map of one unit."""
    shape = tuple(layer.output.shape[1:])
    return found == (shape[-1], *shape[:-1]) or found == (shape[-1], 1, 1)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications(name):
    model = without_weights(getattr(keras.applications, name), weights=None, **APPLICATIONS[name])
    report = cnncalc.analyze(cnncalc.from_keras(model))
    assert report.totals.params == numbers(model.trainable_weights)
    assert report.totals.macs == macs(model)
    counters = [w for w in model.non_trainable_weights if w.name == "count"]
    assert report.totals.buffers == numbers(model.non_trainable_weights) - numbers(counters)
    wrong = [
        layer.name
        for layer in model.layers
        if not isinstance(layer, (keras.Model, layers.InputLayer))
        and not shapes_agree(layer, report[layer.name].out_shape)
    ]
    assert not wrong
    assert not report.warnings


def test_published_numbers():
    """MobileNet's trainable and other numbers, as Keras' summary prints them."""
    model = without_weights(keras.applications.MobileNet, weights=None)
    report = cnncalc.analyze(cnncalc.from_keras(model))
    assert (report.totals.params, report.totals.buffers) == (4_231_976, 21_888)


def test_frozen_layers_count_as_in_pytorch():
    model = without_weights(keras.applications.MobileNet, weights=None)
    model.trainable = False
    assert cnncalc.analyze(cnncalc.from_keras(model)).totals.params == 4_231_976


def single(layer, shape):
    """cnncalc's report and Keras' model of one layer."""
    given = keras.Input(shape)
    model = without_weights(lambda: keras.Model(given, layer(given)))
    return cnncalc.analyze(cnncalc.from_keras(model)), model


def assert_alike(layer, shape):
    report, model = single(layer, shape)
    last = report.layers[-1]
    assert channels_last(last.out_shape) == tuple(model.output.shape[1:])
    assert report.totals.params == numbers(model.trainable_weights)
    return report


SIZES = {1: (13,), 2: (13, 10), 3: (7, 6, 5)}


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolutions(axes, padding):
    for kernel, stride, dilation in itertools.product((1, 2, 3), (1, 2, 3), (1, 2)):
        if stride > 1 < dilation:
            continue  # Keras refuses both
        window = {"strides": stride, "padding": padding, "dilation_rate": dilation}
        shape = (*SIZES[axes], 4)
        conv = getattr(layers, f"Conv{axes}D")(6, kernel, groups=2, **window)
        report = assert_alike(conv, shape)
        assert report.totals.macs == macs_of(report, conv)
        if axes < 3:
            depthwise = getattr(layers, f"DepthwiseConv{axes}D")
            assert_alike(depthwise(kernel, depth_multiplier=2, use_bias=False, **window), shape)
            separable = getattr(layers, f"SeparableConv{axes}D")
            assert_alike(separable(5, kernel, depth_multiplier=3, **window), shape)


def macs_of(report, conv):
    return prod(conv.kernel.shape) * prod(report.layers[-1].out_shape[1:])


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_transposed_convolutions(axes, padding):
    for kernel, stride, extra in itertools.product((1, 2, 3, 4), (1, 2, 3), (None, 0, 1)):
        if (extra or 0) >= stride:
            continue
        transposed = getattr(layers, f"Conv{axes}DTranspose")
        shape = (*SIZES[axes], 4)
        try:
            layer = transposed(5, kernel, stride, padding, output_padding=extra)
            report = assert_alike(layer, shape)
        except cnncalc.DefinitionError as error:
            # more is asked for than the window reaches
            assert "output_padding" in str(error)
            assert kernel == 1
            continue
        assert report.totals.macs == prod(layer.kernel.shape) * prod(SIZES[axes])


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_poolings_and_resizings(axes):
    shape = (*SIZES[axes], 4)
    for size, stride, padding in itertools.product((1, 2, 3), (None, 1, 2), ("valid", "same")):
        for word in ("Max", "Average"):
            assert_alike(getattr(layers, f"{word}Pooling{axes}D")(size, stride, padding), shape)
    for word in ("Max", "Average"):
        assert_alike(getattr(layers, f"Global{word}Pooling{axes}D")(keepdims=True), shape)
        adaptive = getattr(layers, f"Adaptive{word}Pooling{axes}D", None)
        if adaptive is not None:
            assert_alike(adaptive(3), shape)
    pairs = tuple((1, 2) for _ in range(axes)) if axes > 1 else (1, 2)
    assert_alike(getattr(layers, f"ZeroPadding{axes}D")(pairs), shape)
    assert_alike(getattr(layers, f"Cropping{axes}D")(pairs), shape)
    assert_alike(getattr(layers, f"UpSampling{axes}D")(2), shape)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Dense(7),
        layers.Dense(7, activation="relu", use_bias=False),
        layers.BatchNormalization(scale=False),
        layers.BatchNormalization(center=False),
        layers.BatchNormalization(scale=False, center=False),
        layers.LayerNormalization(),
        layers.LayerNormalization(rms_scaling=True),
        layers.GroupNormalization(2),
        layers.GroupNormalization(-1),
        layers.PReLU(shared_axes=[1, 2]),
        layers.PReLU(shared_axes=[1, 2, 3]),
        layers.Resizing(20, 7),
        layers.UpSampling2D(3, interpolation="bilinear"),
        layers.Flatten(),
        layers.Reshape((10, 13, 4)),
        layers.Normalization(),
    ],
    ids=lambda layer: layer.name,
)
def test_layers(layer):
    if isinstance(layer, (layers.Flatten, layers.Reshape)):
        report, model = single(layer, (13, 10, 4))
        assert prod(report.layers[-1].out_shape) == prod(model.output.shape[1:])
        return
    report = assert_alike(layer, (13, 10, 4))
    stored = [w for w in layer.non_trainable_weights if w.name != "count"]
    assert report.totals.buffers == numbers(stored)


def pixels_read(model, unit):
    """First and last pixel per axis with a gradient to one unit, all weights being positive."""
    for weight in model.weights:
        weight.assign(torch.rand(tuple(weight.shape)) + 0.5)
    image = (torch.rand(1, *model.input.shape[1:]) + 0.5).requires_grad_()
    model(image)[0][unit].sum().backward()
    found = image.grad[0].sum(-1).nonzero()
    return list(zip(found.min(0).values.tolist(), found.max(0).values.tolist(), strict=True))


CONV, UP = layers.Conv2D, layers.Conv2DTranspose
STACKS = {
    "same, stride 2, odd size": lambda: [CONV(2, 3, 2, "same"), CONV(2, 4, 2, "same")],
    "dilated": lambda: [CONV(2, 3, dilation_rate=3, padding="same"), CONV(2, 2)],
    "padded and cropped": lambda: [
        layers.ZeroPadding2D(((0, 3), (2, 1))),
        CONV(2, 3),
        layers.Cropping2D(((1, 0), (0, 2))),
    ],
    "pools": lambda: [
        layers.AveragePooling2D(3, 2, "same"),
        layers.AveragePooling2D(2, 1, "same"),
    ],
    "separable": lambda: [layers.SeparableConv2D(3, 3, 2, "same"), layers.DepthwiseConv2D(2)],
    "bilinear": lambda: [layers.UpSampling2D(2, interpolation="bilinear"), CONV(2, 2)],
    "nearest": lambda: [layers.UpSampling2D(3), CONV(2, 2)],
    **{
        f"transposed {kernel}/{stride} {padding} {extra}": (
            lambda k=kernel, s=stride, p=padding, e=extra: [UP(2, k, s, p, output_padding=e)]
        )
        for kernel, stride in ((2, 2), (3, 2), (4, 2), (5, 3), (3, 1))
        for padding in ("valid", "same")
        for extra in (None, 0, 1)
        if (extra or 0) < stride
    },
}


@pytest.mark.parametrize("name", STACKS)
def test_fields_are_what_gradients_reach(name):
    given = keras.Input((25, 24, 2))
    value = given
    for layer in STACKS[name]():
        value = layer(value)
    model = keras.Model(given, value)
    last = cnncalc.analyze(cnncalc.from_keras(model)).layers[-1]
    period = max(stride.denominator for stride in last.eff_stride)
    sizes = model.output.shape[1:-1]
    first = [size // 2 // period * period for size in sizes]
    extents = []
    for phase in range(period):
        found = pixels_read(model, tuple(start + phase for start in first))
        extents.append([end - begin + 1 for begin, end in found])
        if not phase:
            moved = zip(first, last.eff_stride, last.eff_pad, strict=True)
            assert [begin for begin, _ in found] == [u * s - before for u, s, before in moved]
    assert tuple(map(max, zip(*extents, strict=True))) == last.rf
    assert tuple(map(min, zip(*extents, strict=True))) == last.rf_min


def test_causal_convolutions():
    given = keras.Input((30, 2))
    value = layers.Conv1D(2, 3, padding="causal", dilation_rate=2)(given)
    model = keras.Model(given, value)
    last = cnncalc.analyze(cnncalc.from_keras(model)).layers[-1]
    assert last.out_shape == (2, 30)
    assert pixels_read(model, (15,)) == [(15 - last.eff_pad[0], 15)]


def test_operations_written_as_arithmetic():
    given = keras.Input((8, 8, 4))
    conv = layers.Conv2D(6, 3, padding="same", name="conv")(given)
    cut = conv[..., 1:4]
    total = keras.ops.relu(cut * 2.0 + conv[..., 3:])
    model = keras.Model(given, keras.ops.concatenate([total, given], axis=-1))
    report = cnncalc.analyze(cnncalc.from_keras(model))
    assert report.layers[-1].out_shape == (3 + 4, 8, 8)
    assert [layer.type for layer in report].count("slice") == 2


def test_archives_and_architectures_give_the_same_report(tmp_path):
    model = keras.Sequential([keras.Input((9, 9, 3)), CONV(4, 3, activation="relu"), CONV(2, 1)])
    model.save(tmp_path / "m.keras")
    (tmp_path / "m.json").write_text(model.to_json())
    expected = cnncalc.analyze(cnncalc.from_keras(model)).to_dict()
    for name in ("m.keras", "m.json"):
        found = build(definition(str(tmp_path / name)))
        assert cnncalc.analyze(found).to_dict() == expected


def test_a_subclassed_model_is_refused():
    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(cnncalc.DefinitionError):
        cnncalc.from_keras(Own())
