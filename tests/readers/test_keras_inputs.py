"""Functional Keras models of several inputs, against what Keras and PyTorch count of them."""

import json

import pytest
from keras_models import keras, torch

import cnncalc
from cnncalc.cli.application import run

flop_counter = pytest.importorskip("torch.utils.flop_counter")
layers, Input, Model = keras.layers, keras.Input, keras.Model


def pictures(*sizes, names=("left", "right")):
    return [Input(size, name=name) for size, name in zip(sizes, names)]


def siamese():
    """A sequential tower on both pictures."""
    tower = keras.Sequential(
        [layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(5)], name="tower"
    )
    left, right = pictures((16, 16, 3), (16, 16, 3))
    return Model([left, right], layers.Dense(1)(layers.Subtract()([tower(left), tower(right)])))


def functional_tower():
    """A functional tower with statistics on both pictures."""
    inner = Input((16, 16, 3))
    body = layers.BatchNormalization()(layers.Conv2D(8, 3, name="conv")(inner))
    tower = Model(inner, layers.GlobalAveragePooling2D()(body), name="tower")
    left, right = pictures((16, 16, 3), (16, 16, 3))
    return Model([left, right], layers.Dense(1)(layers.Concatenate()([tower(left), tower(right)])))


def shared_layer():
    """One convolution on pictures of two sizes."""
    left, right = pictures((16, 16, 3), (8, 8, 3))
    conv, pool = layers.Conv2D(8, 3, name="conv"), layers.GlobalAveragePooling2D()
    return Model([left, right], layers.Add()([pool(conv(left)), pool(conv(right))]))


def model_of_two():
    """A model of two inputs within another, which gives them the other way round."""
    one, other = pictures((16, 16, 3), (16, 16, 1), names=("p", "q"))
    inner = Model([one, other], layers.Conv2D(4, 1)(layers.Concatenate()([one, other])))
    left, right = pictures((16, 16, 1), (16, 16, 3))
    return Model([left, right], inner([right, left]))


def vector_first():
    """A vector, listed first, that weighs channels."""
    code, image = Input((5,), name="code"), Input((16, 16, 3), name="image")
    gate = layers.Reshape((1, 1, 4))(layers.Dense(4)(code))
    return Model([code, image], layers.Multiply()([layers.Conv2D(4, 3)(image), gate]))


def vectors():
    """Two vectors."""
    one, other = pictures((5,), (7,))
    return Model([one, other], layers.Dense(3)(layers.Concatenate()([one, other])))


def number():
    """A picture and one number for it."""
    image, time = Input((16, 16, 3), name="image"), Input((), name="time")
    told = layers.Dense(4)(keras.ops.expand_dims(time, -1))
    told = layers.Reshape((1, 1, 4))(told)
    return Model([image, time], layers.Add()([layers.Conv2D(4, 3)(image), told]))


def words_and_picture():
    """Words as their numbers beside a picture."""
    words, image = Input((10,), dtype="int64", name="words"), Input((16, 16, 3), name="image")
    told = layers.GlobalAveragePooling1D()(layers.Embedding(50, 8)(words))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3)(image))
    return Model([words, image], layers.Dense(2)(layers.Concatenate()([told, seen])))


def unread():
    """An input that nothing reads."""
    image, other = Input((7, 7, 3), name="image"), Input((5,), name="other")
    return Model([image, other], layers.Conv2D(3, 3)(image))


MODELS = (
    *(siamese, functional_tower, shared_layer, model_of_two, vector_first, vectors, number),
    *(words_and_picture, unread),
)


def multiplications(model):
    """What PyTorch counts when the model runs, by halves of its flops."""
    tensors = [
        torch.zeros(1, *one.shape[1:], dtype=torch.int64 if "int" in one.dtype else torch.float32)
        for one in model.inputs
    ]
    with flop_counter.FlopCounterMode(display=False) as counter:
        model(tensors)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("build", MODELS)
@pytest.mark.parametrize("way", ["live", "json", "keras"])
def test_figures_are_keras_own(build, way, tmp_path):
    model = build()
    if way == "live":
        network = cnncalc.from_keras(model)
    elif way == "json":
        (tmp_path / "model.json").write_text(model.to_json())
        network = cnncalc.load(tmp_path / "model.json")
    else:
        model.save(tmp_path / "model.keras")
        network = cnncalc.load(tmp_path / "model.keras")
    report = cnncalc.analyze(network)
    assert set(report.input) == {one.name for one in model.inputs}
    assert report.totals.params + report.totals.buffers == model.count_params()
    assert report.totals.macs == multiplications(model)


def test_a_shared_model_counts_once_and_computes_twice():
    report = cnncalc.analyze(cnncalc.from_keras(siamese()))
    convolutions = [layer for layer in report if layer.type == "conv"]
    assert [layer.params for layer in convolutions] == [8 * 27 + 8, 0]
    assert [layer.macs for layer in convolutions] == [14 * 14 * 8 * 27] * 2


def test_a_layer_may_not_share_an_input_s_name(tmp_path):
    config = json.loads(functional_tower().to_json())
    config["config"]["layers"][-1]["name"] = config["config"]["output_layers"][0] = "left"
    path = tmp_path / "model.json"
    path.write_text(json.dumps(config))
    with pytest.raises(cnncalc.DefinitionError, match="two of its layers are called 'left'"):
        cnncalc.load(path)


def test_open_sizes_come_from_the_command_line(tmp_path, capsys):
    left, right = pictures((None, None, 3), (None, None, 1))
    made = layers.Concatenate()([layers.Conv2D(8, 3)(left), layers.Conv2D(8, 3)(right)])
    path = tmp_path / "model.json"
    path.write_text(Model([left, right], made).to_json())
    assert cnncalc.load(path).input == {"left": (3, None, None), "right": (1, None, None)}
    assert (
        run(["flops", str(path), "--csv", "--input", "left=3x8x8", "--input", "right=1x8x8"]) == 0
    )
    found = [line.split(",")[-2] for line in capsys.readouterr().out.splitlines()[1:]]
    assert found == [str(6 * 6 * 8 * channels * 9) for channels in (3, 1)]
