"""Networks written as Keras models: refusals, and round trips through Keras and back."""

from __future__ import annotations

import pytest
from random_networks import generate, to_yaml

import cnncalc
from cnncalc.cli.application import run
from cnncalc.exporters.keras.export import export

SOME = (
    *("alexnet", "googlenet", "zf5", "deeplab_v1", "pspnet101"),
    *("convnext_tiny", "deeplab_v2", "efficientnet_b0", "fcn8s", "inception_v2", "lenet5"),
    *("mobilenet_v3_large", "preresnet50", "resnet18", "se_resnet50", "shufflenet_v2_x1_0"),
    *("squeezenet1_0", "ssd300_vgg16", "unet", "vgg16", "yolo_v2"),
)
REFUSED = {
    "segnet": "layer 'upsample5': Keras has no layer for type max_unpool",
    "faster_rcnn_vgg16": "layer 'roi_pool5': Keras has no layer for type roi_pool",
}
FIGURES = ("params", "buffers", "macs")
FIELDS = (
    *("out_shape", "rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage", "aligned"),
    "is_global",
)


def written(text):
    network = cnncalc.loads(text)
    return export(network, cnncalc.analyze(network))


def one(layer, shape="[4, 12, 12]"):
    return f"name: one\ninput: {shape}\nlayers:\n  - {{name: x, {layer}}}\n"


def code_of(layer, shape="[4, 12, 12]"):
    """The lines between the input and the model."""
    lines = written(one(layer, shape)).splitlines()
    return [line.strip() for line in lines if line.startswith("    x = ")]


def test_a_network_as_a_person_would_write_it():
    text = """\
name: tiny
input: [3, 32, 32]
layers:
  - {name: stem.conv, type: conv, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
  - {name: relu, type: relu}
  - {name: down, type: conv, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
  - {name: sum, type: add, from: [down, down]}
  - {name: head, type: linear, out_features: 10}
"""
    assert (
        written(text).split("\n\n", 2)[2]
        == """\
import keras
from keras import layers


def build() -> keras.Model:
    \"\"\"tiny, without trained weights.\"\"\"
    inputs = keras.Input((32, 32, 3), name="input")
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="stem_conv")(inputs)
    x = layers.Activation("relu", name="relu")(x)
    x = layers.ZeroPadding2D(1, name="down_pad")(x)
    down = layers.Conv2D(8, 3, strides=2, name="down")(x)
    x = layers.Add(name="sum")([down, down])
    x = layers.Flatten(name="head_flatten")(x)
    x = layers.Dense(10, name="head")(x)
    return keras.Model(inputs, x, name="tiny")
"""
    )


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (
            "type: conv, out_channels: 2, kernel_size: 3, padding: [[0, 2], [1, 1]]",
            [
                'x = layers.ZeroPadding2D(((0, 2), (1, 1)), name="x_pad")(inputs)',
                'x = layers.Conv2D(2, 3, name="x")(x)',
            ],
        ),
        (
            "type: conv_transpose, out_channels: 2, kernel_size: 4, stride: 2, padding: 1",
            ['x = layers.Conv2DTranspose(2, 4, strides=2, padding="same", name="x")(inputs)'],
        ),
        (
            "type: conv_transpose, out_channels: 2, kernel_size: 3, stride: 2, padding: 1, "
            "output_padding: 1",
            [
                'x = layers.Conv2DTranspose(2, 3, strides=2, name="x")(inputs)',
                'x = layers.Cropping2D(((1, 0), (1, 0)), name="x_crop")(x)',
            ],
        ),
        # n·s units, as Keras' valid gives where the window is within the stride
        (
            "type: conv_transpose, out_channels: 2, kernel_size: 1, stride: 3, padding: same_lower",
            ['x = layers.Conv2DTranspose(2, 1, strides=3, name="x")(inputs)'],
        ),
        (
            "type: conv_transpose, out_channels: 2, kernel_size: 1, stride: 3",
            [
                'x = layers.Conv2DTranspose(2, 1, strides=3, name="x")(inputs)',
                'x = layers.Cropping2D(((0, 2), (0, 2)), name="x_crop")(x)',
            ],
        ),
        # (12 − 3)/2 rounds up to 5 + 1 windows, the last reaching one unit beyond: Keras' same
        (
            "type: max_pool, kernel_size: 3, stride: 2, ceil_mode: true",
            ['x = layers.MaxPooling2D(3, strides=2, padding="same", name="x")(inputs)'],
        ),
        (
            "type: max_pool, kernel_size: 3, stride: 2, padding: 1",
            [
                'x = layers.MaxPooling2D(3, strides=1, padding="same", name="x_window")(inputs)',
                'x = layers.MaxPooling2D(1, strides=2, name="x")(x)',
            ],
        ),
        # zeros around the map count unless count_include_pad is false
        (
            "type: avg_pool, kernel_size: 3, stride: 2, padding: same",
            [
                'x = layers.ZeroPadding2D(((0, 1), (0, 1)), name="x_pad")(inputs)',
                'x = layers.AveragePooling2D(3, strides=2, name="x")(x)',
            ],
        ),
        (
            "type: avg_pool, kernel_size: 3, stride: 2, padding: same, count_include_pad: false",
            ['x = layers.AveragePooling2D(3, strides=2, padding="same", name="x")(inputs)'],
        ),
        (
            "type: upsample, size: [30, 18], mode: bilinear",
            ['x = layers.Resizing(30, 18, interpolation="bilinear", name="x")(inputs)'],
        ),
    ],
)
def test_what_keras_has_other_words_for(layer, expected):
    assert code_of(layer) == expected


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("type: conv, out_channels: 2, kernel_size: 3, stride: 2, dilation: 2", "no stride togeth"),
        ("type: conv, kernel_size: 3", "number of output channels, which is unknown"),
        ("type: max_pool, kernel_size: 2, dilation: 2", "no dilated pooling"),
        ("type: max_pool, kernel_size: 4, stride: 2, padding: 2", "zeros around it would count"),
        ("type: avg_pool, kernel_size: 3, stride: 2, ceil_mode: true", "beyond the padding"),
        ("type: upsample, size: 20", "at broken factors"),
        ("type: upsample, scale_factor: 2, mode: bicubic, align_corners: true", "aligns corners"),
        ("type: pad, padding: 1, mode: reflect", "pads with zeros, not with reflect"),
        ("type: batch_norm, track_running_stats: false", "keeps statistics"),
        ("type: function, operator: erf", "Keras has no activation 'erf'"),
    ],
)
def test_what_keras_has_not_is_refused_by_name(layer, message):
    with pytest.raises(cnncalc.NetworkError) as caught:
        written(one(layer))
    assert message in str(caught.value)
    assert str(caught.value).startswith("<text>:4: layer 'x': ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", REFUSED)
def test_built_in_networks_that_keras_has_not_the_layers_for(name):
    network = cnncalc.load(name)
    with pytest.raises(cnncalc.NetworkError) as caught:
        export(network, cnncalc.analyze(network))
    assert REFUSED[name] in str(caught.value)


def test_the_command(tmp_path, capsys):
    path = tmp_path / "vgg16.py"
    assert run(["export", "vgg16", "--to", "keras", "-o", str(path)]) == 0
    network = cnncalc.load("vgg16")
    assert path.read_text() == export(network, cnncalc.analyze(network))
    assert run(["export", "segnet", "--to", "keras"]) == 1
    assert "Keras has no layer for type max_unpool" in capsys.readouterr().err


def assert_round_trip(network, built):
    """Keras has the report's shapes and numbers, and from_keras its report."""
    from keras_models import channels_last, numbers

    report = cnncalc.analyze(network)
    model = built(export(network, report))
    back = cnncalc.analyze(cnncalc.from_keras(model))
    assert numbers(model.trainable_weights) == report.totals.params == back.totals.params
    assert numbers(model.non_trainable_weights) == report.totals.buffers
    assert back.totals.macs == report.totals.macs
    layers = {layer.name: layer for layer in model.layers}
    for layer in report:
        name = layer.layer.replace(".", "_")
        last = f"{name}_crop" if f"{name}_crop" in layers else name
        assert tuple(layers[last].output.shape[1:]) == channels_last(layer.out_shape), name
        for figures, found in ((FIGURES, back[name]), (FIELDS, back[last])):
            expected = {figure: getattr(layer, figure) for figure in figures}
            assert {figure: getattr(found, figure) for figure in figures} == expected, name


def built(code):
    """The model that the code builds, without weights."""
    keras_models = pytest.importorskip("keras_models", reason="building needs Keras on PyTorch")
    names = {}
    exec(compile(code, "exported", "exec"), names)
    return keras_models.without_weights(names["build"])


@pytest.mark.parametrize("name", SOME)
def test_built_in_networks_through_keras_and_back(name):
    assert_round_trip(cnncalc.load(name), built)


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_through_keras_and_back(seed):
    network = cnncalc.loads(to_yaml(generate(seed)))
    try:
        export(network, cnncalc.analyze(network))
    except cnncalc.NetworkError as error:
        assert error.layer is not None
        return
    assert_round_trip(network, built)


SHARED = """\
name: shared
input: [4, 12, 12]
layers:
  - {name: a, type: conv, out_channels: 4, kernel_size: 3, padding: 1}
  - {name: b, type: conv, out_channels: 4, kernel_size: 3, padding: 1, shares: a}
  - {name: sum, type: add, from: [a, b]}
"""


def test_shared_parameters_are_one_layer_called_twice():
    model = built(written(SHARED))
    assert sum(layer.count_params() for layer in model.layers) == 4 * 4 * 9 + 4
    report = cnncalc.analyze(cnncalc.from_keras(model))
    assert [layer.layer for layer in report] == ["a", "a_2", "sum"]
    assert [layer.params for layer in report] == [4 * 4 * 9 + 4, 0, 0]


NAMES = r"""name: "a\"\"\" \\ b/c é"
input: [3, 9, 9]
layers:
  - {name: x, type: conv, out_channels: 4, kernel_size: 1}
  - {name: layers, type: relu}
  - {name: a.b, type: conv, out_channels: 4, kernel_size: 1}
  - {name: a_b, type: conv, out_channels: 4, kernel_size: 1, from: layers}
  - {name: 'é {0} "q"', type: conv, out_channels: 4, kernel_size: 1, from: x}
  - {name: class, type: add, from: [a.b, a_b, 'é {0} "q"', x]}
  - {name: '7', type: linear, out_features: 3}
  - {name: tail, type: max_pool, kernel_size: 2, from: class}
"""


def test_names_that_python_and_keras_do_not_take():
    model = built(written(NAMES))
    assert model.count_params() == (3 * 4 + 4) + 3 * (4 * 4 + 4) + 4 * 81 * 3 + 3
    assert len(model.outputs) == 2
    assert {"x", "layers", "a_b", "a_b_2", "class", "7", "tail"} <= {n.name for n in model.layers}


def test_sizes_that_are_unknown_stay_so():
    text = "name: free\ninput: [3, null, null]\nlayers:\n  - {type: conv, out_channels: 2, "
    assert "keras.Input((None, None, 3)" in written(text + "kernel_size: 3, padding: same}\n")
    with pytest.raises(cnncalc.NetworkError, match="give the whole input"):
        written(text + "kernel_size: 3, padding: same_lower, stride: 2}\n")


def test_values_are_those_of_the_padding_that_was_asked_for():
    """A max pool of numbers below 0: padding must not count as numbers."""
    keras_models = pytest.importorskip("keras_models", reason="computing needs Keras on PyTorch")
    torch = keras_models.torch
    image = -torch.rand(1, 12, 12, 4) - 1
    names = {}
    exec(written(one("type: max_pool, kernel_size: 3, stride: 2, padding: 1")), names)
    found = names["build"]()(image)
    expected = torch.nn.functional.max_pool2d(image.movedim(-1, 1), 3, 2, 1).movedim(1, -1)
    assert torch.equal(found, expected)
