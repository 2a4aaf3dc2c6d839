"""Caffe's prototxt: networks with figures counted by hand, rules against counting, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.exporters.yaml import folded_definition
from cnncalc.loading import definition, read_content
from cnncalc.network.build import build

DATA = Path(__file__).parent.parent / "data" / "caffe"
REJECTED = sorted((DATA / "rejected").glob("*.prototxt"))


def report(name, unknown="refuse", **arguments):
    return cnncalc.analyze(
        build(definition(str(DATA / f"{name}.prototxt"), None, unknown), arguments)
    )


def read(text, unknown="refuse"):
    return cnncalc.analyze(build(read_content(text.encode(), "net.prototxt", "caffe", unknown)))


# layer: (shape, params, MACs). Layers that are not listed have neither params nor MACs.
CLASSIFIER = {
    "conv1": ((8, 17, 15), 8 * 3 * 5 * 5 + 8, 17 * 15 * 8 * 3 * 5 * 5),  # ⌊(33 + 4 − 5)/2⌋ + 1
    "pool1": ((8, 8, 7), 0, 0),  # ⌈(17 − 3)/2⌉ + 1
    "conv2": ((12, 8, 7), 12 * 4 * 3 * 1 + 12, 8 * 7 * 12 * 4 * 3 * 1),  # 2 groups
    "pool2": ((12, 5, 4), 0, 0),  # ⌈(8 + 2 − 3)/2⌉ + 1, ⌈(7 + 2 − 3)/2⌉ + 1
    "fc": ((10,), 12 * 5 * 4 * 10 + 10, 12 * 5 * 4 * 10),
    "prob": ((10,), 0, 0),
}
EXPECTED = {
    "classifier_v1": CLASSIFIER,
    "classifier_v2": CLASSIFIER,
    "train_test": {
        "conv1": ((4, 10, 10), 4 * 3 * 3 * 3, 10 * 10 * 4 * 3 * 3 * 3),
        "slope": ((4, 10, 10), 4, 0),
        "one_slope": ((4, 10, 10), 1, 0),
        "pool": ((4, 1, 1), 0, 0),
        "fc": ((7,), 4 * 7, 4 * 7),
    },
    "residual": {
        "conv1": ((6, 10, 10), 6 * 3 * 9, 100 * 6 * 3 * 9),
        "bn1": ((6, 10, 10), 0, 0),
        "scale1": ((6, 10, 10), 6 + 6, 0),
        "conv2": ((6, 10, 10), 6 * 6 * 9 + 6, 100 * 6 * 6 * 9),  # 10 + 4 − (2·2 + 1) + 1
        "scale2": ((6, 10, 10), 6, 0),
        "largest": ((6, 10, 10), 0, 0),
        "joined": ((6 + 6 + 3, 10, 10), 0, 0),
        "cut.first": ((4, 10, 10), 0, 0),
        "cut.second": ((9 - 4, 10, 10), 0, 0),
        "cut.rest": ((15 - 9, 10, 10), 0, 0),
        "floor": ((6, 4, 4), 0, 0),  # ⌊(10 − 3)/2⌋ + 1
    },
    "segmentation": {
        "conv1": ((4, 88, 79), 4 * 3 * 9 + 4, 88 * 79 * 4 * 3 * 9),  # 50 + 40 − 3 + 1
        "pool1": ((4, 44, 40), 0, 0),
        "pool2": ((4, 22, 20), 0, 0),
        "score2": ((5, 22, 20), 4 * 5 + 5, 22 * 20 * 4 * 5),
        "up2": ((5, 46, 42), 5 * 4 * 4, 22 * 20 * 5 * 4 * 4),  # (22 − 1)·2 + 4, a group each
        "score1": ((5, 44, 40), 4 * 5 + 5, 44 * 40 * 4 * 5),
        "score1c": ((5, 44, 40), 0, 0),
        "up1": ((5, 90, 82), 5 * 5 * 4 * 4, 44 * 40 * 5 * 5 * 4 * 4),
        "score": ((5, 50, 41), 0, 0),
    },
    "siamese": {
        "cut.one": ((1, 9, 9), 0, 0),
        "conv": ((4, 4, 4), 4 * 9 + 4, 16 * 4 * 9),
        "fc": ((5,), 64 * 5 + 5, 64 * 5),
        "conv_p": ((4, 4, 4), 0, 16 * 4 * 9),
        "fc_p": ((5,), 0, 64 * 5),
    },
    "two_inputs": {
        "a": ((2, 2, 2), 2 * 3 * 9 + 2, 4 * 2 * 3 * 9),
        "b": ((2, 4, 6), 2 * 4 * 9 + 2, 24 * 2 * 4 * 9),
    },
    "video": {
        # 8 + 2 − 3 + 1, ⌊(20 + 2 − 5)/2⌋ + 1, ⌊(24 + 2 − 7)/2⌋ + 1
        "conv1": ((4, 8, 9, 10), 4 * 3 * 3 * 5 * 7 + 4, 8 * 9 * 10 * 4 * 3 * 3 * 5 * 7),
        "pool1": ((4, 8, 5, 5), 0, 0),  # ⌈(9 − 2)/2⌉ + 1
        "conv2": ((6, 7, 5, 5), 6 * 4 * 2 * 9 + 6, 7 * 5 * 5 * 6 * 4 * 2 * 9),
    },
    "regions": {
        "conv": ((8, 16, 24), 8 * 3 * 9 + 8, 16 * 24 * 8 * 3 * 9),
        "rpn_score": ((6, 16, 24), 8 * 6 + 6, 16 * 24 * 8 * 6),
        "rpn_pairs": ((2, 48, 24), 0, 0),
        "rpn_back": ((6, 16, 24), 0, 0),
        "pool": ((8, 2, 3), 0, 0),
        "score": ((4,), 8 * 2 * 3 * 4 + 4, 8 * 2 * 3 * 4),
    },
    "detector": {
        "conv1": ((4, 8, 8), 4 * 3 * 4 + 4, 64 * 4 * 3 * 4),
        "norm1": ((4, 8, 8), 4, 0),
        "conv2": ((4, 4, 4), 4 * 4 * 4 + 4, 16 * 4 * 4 * 4),
        "conf1": ((6, 8, 8), 6 * 4 * 9 + 6, 64 * 6 * 4 * 9),
        "flat1": ((6 * 64,), 0, 0),
        "conf2": ((6, 4, 4), 6 * 4 * 9 + 6, 16 * 6 * 4 * 9),
        "conf": ((6 * 64 + 6 * 16,), 0, 0),
        "flat": ((6 * 64 + 6 * 16,), 0, 0),
    },
    "unpooling": {
        "conv1": ((4, 15, 10), 4 * 3 * 9 + 4, 150 * 4 * 3 * 9),
        "bn1": ((4, 15, 10), 2 * 4, 0),
        "pool1": ((4, 8, 5), 0, 0),  # ⌈(15 − 2)/2⌉ + 1
        "gate": ((4,), 4 * 4 + 4, 4 * 4),
        "gated": ((4, 8, 5), 0, 0),
        "again": ((4, 8, 5), 0, 0),
        "upsample1": ((4, 15, 10), 0, 0),
        "score": ((2, 15, 10), 2 * 4 * 9 + 2, 150 * 2 * 4 * 9),
        "resized": ((2, 29, 19), 0, 0),
    },
}
BUFFERS = {"residual": 2 * 6, "siamese": 2 * 4, "unpooling": 0}
FILES = sorted(path.stem for path in DATA.glob("*.prototxt"))


def test_every_file_has_figures():
    assert sorted([*EXPECTED, "unknown"]) == FILES


@pytest.mark.parametrize("name", EXPECTED)
def test_figures(name):
    expected, found = EXPECTED[name], report(name)
    rows = {layer.layer: (layer.out_shape, layer.params, layer.macs) for layer in found}
    assert {layer: rows[layer] for layer in expected} == expected
    assert found.totals.params == sum(params for _, params, _ in expected.values())
    assert found.totals.macs == sum(macs for _, _, macs in expected.values())
    assert found.totals.buffers == BUFFERS.get(name, 0)


@pytest.mark.parametrize("name", EXPECTED)
def test_converted_definition_gives_the_same_report(name):
    network = build(definition(str(DATA / f"{name}.prototxt")))
    again = cnncalc.loads(folded_definition(network))
    assert cnncalc.analyze(again).records() == cnncalc.analyze(network).records()


def test_both_generations_are_one_network():
    first, second = report("classifier_v1"), report("classifier_v2")
    assert first.records() == second.records()
    assert (second["conv2"].kernel, second["conv2"].padding) == ((3, 1), ((1, 1), (0, 0)))
    assert [layer.type for layer in first] == [
        *("conv", "relu", "max_pool", "lrn", "conv", "avg_pool", "dropout", "linear", "softmax")
    ]


def test_eltwise_and_activations_become_what_they_are():
    found = report("residual")
    types = {layer.layer: layer.type for layer in found}
    assert [types[name] for name in ("sum", "product", "largest", "relu1")] == [
        *("add", "mul", "maximum", "leaky_relu")
    ]
    assert found["sum"].sources == ("relu1", "scale2")


def test_losses_labels_and_what_is_for_training_only_are_left_out():
    assert [layer.layer for layer in report("train_test")] == [
        *("conv1", "slope", "one_slope", "pool", "fc")
    ]


def test_crop_starts_at_its_offset():
    found = report("segmentation")
    before, after = found["up1"].center, found["score"].center
    assert after == (before[0] + 20, before[1] + 18)


def test_unpooling_reads_what_the_pooled_unit_covers():
    node = {layer.layer: layer.node for layer in report("unpooling")}
    assert node["upsample1"].kind.pool == "pool1"


def test_regions_are_an_argument():
    once, often = report("regions"), report("regions", regions=300)
    assert often["score"].macs == 300 * once["score"].macs
    assert often.totals.params == once.totals.params


def test_operators_without_a_meaning_here():
    with pytest.raises(cnncalc.DefinitionError) as caught:
        report("unknown")
    assert str(caught.value).endswith(
        "unknown.prototxt:12: operator 'Kaleidoscope' of layer 'twist' is not known here; "
        "--unknown pass goes on with its figures unknown"
    )
    found = report("unknown", "pass")
    assert [(layer.layer, layer.params) for layer in found] == [
        ("conv1", 4 * 3 * 9 + 4),
        ("twist", None),
        ("conv2", None),  # its input's channels are not known
        ("side", 4 * 2 + 2),
    ]
    assert found["side"].macs == 64 * 4 * 2
    assert found["conv2"].out_shape == (4, None, None)
    assert (found.totals.params, found.totals.macs) == (None, None)


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_rejected(path):
    """A rejected file's first line is `# error: ` and what is said of it, its line first."""
    with pytest.raises(cnncalc.CnncalcError) as caught:
        cnncalc.analyze(cnncalc.load(path))
    told = str(caught.value).removeprefix(f"{path}:").strip()
    assert told == path.read_text().partition("\n")[0].removeprefix("# error: ")


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_rejected_in_one_line_with_status_1(path, capsys):
    assert run(["shape", str(path), "--csv"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name", ["classifier_v1", "regions", "residual"])
def test_no_prefix_of_a_file_brings_more_than_a_refusal(name):
    text = (DATA / f"{name}.prototxt").read_text()
    for end in range(0, len(text), 7):
        try:
            read(text[:end])
        except cnncalc.CnncalcError as error:
            assert "\n" not in str(error)


def test_content_says_what_a_name_does_not(tmp_path, capsys):
    path = tmp_path / "model.txt"
    path.write_text((DATA / "classifier_v2.prototxt").read_text())
    assert run(["params", str(path), "--csv"]) == 0
    assert "fc,linear,10,2410" in capsys.readouterr().out


def test_command_line(capsys):
    path = str(DATA / "unknown.prototxt")
    assert run(["summary", path]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "Kaleidoscope" in told
    assert run(["summary", path, "--unknown", "pass", "--csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[2].startswith("2,twist,unknown,,,,,")
    assert run(["show", str(DATA / "video.prototxt")]) == 0
    assert capsys.readouterr().out == (DATA / "video.prototxt").read_text()
