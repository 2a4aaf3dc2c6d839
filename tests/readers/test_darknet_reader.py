"""Darknet's cfg: networks with figures counted by hand, rules against counting, refusals."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.exporters.yaml import folded_definition
from cnncalc.loading import definition, read_content
from cnncalc.network.build import build
from cnncalc.readers.darknet import reading as darknet
from cnncalc.readers.source import Source

DATA = Path(__file__).parent.parent / "data" / "darknet"
REJECTED = sorted((DATA / "rejected").glob("*.cfg"))


def report(name, unknown="refuse"):
    return cnncalc.analyze(build(definition(str(DATA / f"{name}.cfg"), None, unknown)))


def read(text, unknown="refuse"):
    return cnncalc.analyze(build(read_content(text.encode(), "net.cfg", "darknet", unknown)))


# layer: (shape, params, MACs). Layers that are not listed have neither params nor MACs.
EXPECTED = {
    "detector": {
        "conv_0": ((8, 32, 48), 8 * 3 * 9, 32 * 48 * 8 * 3 * 9),
        "batch_norm_0": ((8, 32, 48), 2 * 8, 0),
        "maxpool_1": ((8, 16, 24), 0, 0),  # ⌊(32 + 1 − 2)/2⌋ + 1
        "conv_2": ((16, 8, 12), 16 * 8 * 9, 8 * 12 * 16 * 8 * 9),
        "batch_norm_2": ((16, 8, 12), 2 * 16, 0),
        "conv_3": ((8, 8, 12), 8 * 16, 8 * 12 * 8 * 16),
        "batch_norm_3": ((8, 8, 12), 2 * 8, 0),
        "conv_4": ((16, 8, 12), 16 * 8 * 9, 8 * 12 * 16 * 8 * 9),
        "batch_norm_4": ((16, 8, 12), 2 * 16, 0),
        "shortcut_5": ((16, 8, 12), 0, 0),
        "maxpool_6": ((16, 8, 12), 0, 0),  # 8 + 1 − 2 + 1
        "conv_7": ((21, 8, 12), 21 * 16 + 21, 8 * 12 * 21 * 16),
        "yolo_8": ((21, 8, 12), 0, 0),
        "route_9": ((16, 8, 12), 0, 0),
        "conv_10": ((4, 8, 12), 4 * 16, 8 * 12 * 4 * 16),
        "batch_norm_10": ((4, 8, 12), 2 * 4, 0),
        "upsample_11": ((4, 16, 24), 0, 0),
        "route_12": ((4 + 8, 16, 24), 0, 0),
        "conv_13": ((21, 16, 24), 21 * 12 + 21, 16 * 24 * 21 * 12),
        "yolo_14": ((21, 16, 24), 0, 0),
    },
    "classifier": {
        "crop_0": ((3, 16, 14), 0, 0),
        "conv_1": ((6, 8, 14), 6 * 3 * 25 + 6, 8 * 14 * 6 * 3 * 25),  # ⌊(16 + 4 − 5)/2⌋ + 1
        "conv_3": ((9, 8, 14), 9 * 2 * 9 + 9, 8 * 14 * 9 * 2 * 9),  # 3 groups, 8 + 2·2 − 5 + 1
        "reorg_4": ((9 * 4, 4, 7), 0, 0),
        "route_5": ((18, 4, 7), 0, 0),
        "maxpool_6": ((18, 2, 4), 0, 0),  # ⌊(4 + 2 − 3)/2⌋ + 1, ⌊(7 + 2 − 3)/2⌋ + 1
        "batchnorm_7": ((18, 2, 4), 2 * 18, 0),
        "connected_9": ((10,), 18 * 8 * 10, 18 * 8 * 10),
        "batch_norm_9": ((10,), 2 * 10, 0),
        "connected_11": ((5,), 10 * 5 + 5, 10 * 5),
        "softmax_12": ((5,), 0, 0),
    },
    "shortcuts": {
        "conv_0": ((4, 8, 8), 4 * 2 * 9 + 4, 64 * 4 * 2 * 9),
        "conv_1": ((6, 4, 4), 6 * 4 * 9 + 6, 16 * 6 * 4 * 9),
        "thinned_2": ((4, 4, 4), 0, 0),
        "shortcut_2": ((6, 4, 4), 0, 0),
        "conv_3": ((3, 4, 4), 3 * 6 + 3, 16 * 3 * 6),
        "shortcut_4": ((3, 4, 4), 0, 0),
        "conv_5": ((3, 4, 4), 3 * 3 * 9 + 3, 16 * 3 * 3 * 9),
        "shortcut_6": ((3, 4, 4), 0, 0),
        "avgpool_7": ((3, 1, 1), 0, 0),
        "conv_8": ((3, 1, 1), 3 * 3 + 3, 3 * 3),
        "scale_channels_9": ((3, 4, 4), 0, 0),
        "sam_10": ((3, 4, 4), 0, 0),
    },
    "shared": {
        "conv_0": ((4, 12, 12), 4 * 4 * 9, 144 * 4 * 4 * 9),
        "batch_norm_0": ((4, 12, 12), 2 * 4, 0),
        "conv_2": ((4, 12, 12), 0, 144 * 4 * 4 * 9),
        "conv_3": ((4, 12, 12), 0, 144 * 4 * 4 * 9),
        "route_4": ((12, 12, 12), 0, 0),
    },
    "local": {
        "conv_0": ((4, 7, 7), 4 * 3 * 9 + 4, 49 * 4 * 3 * 9),
        "local_1": ((2, 7, 7), 49 * 2 * (9 * 4 + 1), 49 * 2 * 9 * 4),
        "connected_2": ((5,), 49 * 2 * 5 + 5, 49 * 2 * 5),
        "route_3": ((4, 7, 7), 0, 0),
    },
}
BUFFERS = {
    "detector": 2 * (8 + 16 + 8 + 16 + 4),
    "classifier": 2 * (18 + 10),
    "shortcuts": 0,
    "shared": 2 * 4,
    "local": 0,
}


def test_every_file_has_figures():
    assert sorted(EXPECTED) == sorted(path.stem for path in DATA.glob("*.cfg"))


@pytest.mark.parametrize("name", EXPECTED)
def test_figures(name):
    expected, found = EXPECTED[name], report(name)
    rows = {layer.layer: (layer.out_shape, layer.params, layer.macs) for layer in found}
    assert {layer: rows[layer] for layer in expected} == expected
    assert found.totals.params == sum(params for _, params, _ in expected.values())
    assert found.totals.macs == sum(macs for _, _, macs in expected.values())
    assert found.totals.buffers == BUFFERS[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_converted_definition_gives_the_same_report(name):
    network = build(definition(str(DATA / f"{name}.cfg")))
    again = cnncalc.loads(folded_definition(network))
    assert cnncalc.analyze(again).records() == cnncalc.analyze(network).records()


def test_layers_by_section():
    found = report("detector")
    assert found.network == "detector"
    assert [layer.layer for layer in found][:7] == [
        *("conv_0", "batch_norm_0", "leaky_relu_0", "maxpool_1"),
        *("conv_2", "batch_norm_2", "leaky_relu_2"),
    ]
    assert found["leaky_relu_0"].node.kind.negative_slope * 10 == 1
    assert found["shortcut_5"].sources == ("batch_norm_4", "leaky_relu_2")
    assert found["route_9"].sources == ("leaky_relu_5",)
    assert found["route_12"].sources == ("upsample_11", "maxpool_1")
    assert found["conv_13"].sources == ("route_12",)


def test_group_of_channels():
    found = report("classifier")
    assert found["route_5"].sources == ("slice_5",)
    assert found["slice_5"].node.kind.channels == (18, 36)
    assert found["softmax_12"].index == len(found), "a cost is no layer"


def test_sums_of_unequal_maps():
    found = report("shortcuts")
    assert found["sum_2"].sources == ("slice_2", "thinned_2")
    parts = [found[name].node.kind.channels for name in ("slice_2", "slice_2_2", "slice_4")]
    assert parts == [(0, 4), (4, 6), (0, 3)]
    assert found["shortcut_6"].sources == ("conv_5", "relu_4", "conv_3")
    assert found["scale_channels_9"].sources == ("shortcut_6", "sigmoid_8")
    # Every second unit of a 3×3 convolution, and a 3×3 stride-2 convolution behind it.
    assert (found["thinned_2"].rf, found["sum_2"].rf) == ((3, 3), (5, 5))


def reads_of_maxpool(size, stride, padding, length):
    """The rows that each unit reads, as Darknet's loops visit them: from −padding/2 on."""
    units = (length + padding - size) // stride + 1
    return [
        [row for tap in range(size) if 0 <= (row := unit * stride - padding // 2 + tap) < length]
        for unit in range(units)
    ]


@pytest.mark.parametrize("size, stride", list(itertools.product((1, 2, 3, 4, 5), (1, 2, 3))))
def test_maxpool_pads_by_a_rule_of_its_own(size, stride):
    for length, padding in itertools.product((7, 8, 9), {size - 1, 0}):
        found = read(f"""
            [net]
            height={length}
            width={length}
            channels=1
            [maxpool]
            size={size}
            stride={stride}
            padding={padding}
        """)["maxpool_0"]
        reads = reads_of_maxpool(size, stride, padding, length)
        assert found.out_shape == (1, len(reads), len(reads))
        whole = next(rows for rows in reads if len(rows) == size)
        unit = reads.index(whole)
        assert found.eff_pad[0] == unit * stride - whole[0]


def test_padding_left_out_is_one_less_than_the_window():
    text = "[net]\nheight=8\nwidth=8\nchannels=1\n[maxpool]\nsize=4\nstride=2\n"
    assert read(text)["maxpool_0"].padding == ((1, 2), (1, 2))
    assert read(text.replace("size=4\n", ""))["maxpool_0"].kernel == (2, 2), "size is the stride"


NET = "[net]\nheight=9\nwidth=9\nchannels=4\n"


@pytest.mark.parametrize(
    "section, type_name, shape, params",
    [
        ("[conv]\nfilters=2\nsize=3\nactivation=linear", "conv", (2, 7, 7), 2 * 4 * 9 + 2),
        ("[convolutional]\nactivation=linear", "conv", (1, 9, 9), 4 + 1),
        ("[convolutional]\nfilters=2", "sigmoid", (2, 9, 9), 0),
        ("[convolutional]\nfilters=2\nsize=5\npad=1", "sigmoid", (2, 9, 9), 0),
        ("[convolutional]\nfilters=2\nsize=4\npad=1", "sigmoid", (2, 10, 10), 0),
        ("[convolutional]\nfilters=2\nfilters=7\nactivation=tanh", "tanh", (2, 9, 9), 0),
        (
            "[deconvolutional]\nfilters=2\nsize=4\nstride=2\npadding=1\nactivation=linear",
            *("conv_transpose", (2, 18, 18), 4 * 2 * 16 + 2),
        ),
        ("[conn]\noutput=3\nactivation=linear", "linear", (3,), 4 * 81 * 3 + 3),
        ("[max]\nsize=2\nstride=2", "max_pool", (4, 5, 5), 0),
        ("[local_avgpool]\nsize=3\nstride=3", "avg_pool", (4, 3, 3), 0),
        ("[avg]", "global_avg_pool", (4, 1, 1), 0),
        ("[soft]", "softmax", (4, 9, 9), 0),
        ("[lrn]", "lrn", (4, 9, 9), 0),
        ("[upsample]\nstride=3", "upsample", (4, 27, 27), 0),
        ("[upsample]", "upsample", (4, 18, 18), 0),
        ("[reorg3d]\nstride=3", "space_to_depth", (36, 3, 3), 0),
        ("[reorg]\nstride=2\nreverse=1", "pixel_shuffle", (1, 18, 18), 0),
        ("[logistic]", "sigmoid", (4, 9, 9), 0),
        ("[region]\nclasses=1", "identity", (4, 9, 9), 0),
        ("[detection]", "identity", (4, 9, 9), 0),
        ("[Gaussian_yolo]", "identity", (4, 9, 9), 0),
        ("[activation]\nactivation=hard_mish", "function", (4, 9, 9), 0),
    ],
)
def test_sections(section, type_name, shape, params):
    *_, layer = read(NET + section)
    assert (layer.type, layer.out_shape, layer.params) == (type_name, shape, params)


def test_without_an_input_size():
    found = read("[net]\nchannels=3\n[convolutional]\nfilters=2\nsize=3\nactivation=linear")
    assert (found.input, found["conv_0"].params) == ((3, None, None), 2 * 3 * 9 + 2)
    assert read("[net]\ninputs=30\n[connected]\noutput=2\n")["connected_0"].params == 30 * 2 + 2


def test_crop_takes_the_middle_of_the_input_asked_for():
    source = Source(str(DATA / "classifier.cfg"), input="24")
    kind = build(darknet.read(source)).nodes[0].kind
    assert kind.amount == ((4, 4), (5, 5))  # (24 − 16)/2, (24 − 14)/2


def connected(inputs, outputs):
    """The numbers of a connected layer as Darknet makes it: weights and biases."""
    return inputs * outputs + outputs


def convolution(channels, filters, size, groups=1):
    """The numbers of a convolution as Darknet makes it, without batch normalization."""
    return channels // groups * filters * size**2 + filters


# section: (shape, params, buffers, MACs), from Darknet's make_…_layer of the section.
STATED = {
    "[local]\nfilters=3\nsize=3\nstride=2\nactivation=linear": (
        (3, 4, 4), 16 * 3 * (9 * 4 + 1), 0, 16 * 3 * 9 * 4,
    ),
    "[rnn]\nhidden=5\noutput=6": (
        (6,), connected(324, 5) + connected(5, 5) + connected(5, 6), 0, 324 * 5 + 5 * 5 + 5 * 6,
    ),
    "[rnn]\nhidden=5\noutput=6\nbatch_normalize=1": (
        (6,), connected(324, 5) + connected(5, 5) + connected(5, 6) + 5 + 5 + 6, 2 * (5 + 5 + 6),
        324 * 5 + 5 * 5 + 5 * 6,
    ),
    "[lstm]\noutput=7": ((7,), 4 * (connected(324, 7) + connected(7, 7)), 0, 4 * 7 * (324 + 7)),
    "[gru]\noutput=7": ((7,), 3 * (connected(324, 7) + connected(7, 7)), 0, 3 * 7 * (324 + 7)),
    "[crnn]\nhidden=5\noutput=6\npad=1": (
        (6, 9, 9), convolution(4, 5, 3) + convolution(5, 5, 3) + convolution(5, 6, 3), 0,
        81 * 9 * (4 * 5 + 5 * 5 + 5 * 6),
    ),
    "[conv_lstm]\noutput=6\npad=1\ngroups=2": (
        (6, 9, 9), 4 * convolution(4, 6, 3, 2) + 4 * convolution(6, 6, 3, 2), 0,
        81 * 9 * 4 * (2 * 6 + 3 * 6),
    ),
    "[conv_lstm]\noutput=6\nsize=1\npeephole=1\nbottleneck=1": (
        (6, 9, 9), 4 * convolution(4, 6, 1) + convolution(12, 6, 1) + 3 * convolution(6, 6, 1), 0,
        81 * (4 * 4 * 6 + 12 * 6 + 3 * 6 * 6),
    ),
    "[history]\nhistory_size=3": ((12, 9, 9), 0, 0, 0),
    "[implicit]\nfilters=6\natoms=2": ((6, 2, 1), 12, 0, 0),
    "[reorg]\nextra=1": ((4 * 81 + 1,), 0, 0, 0),
    "[reorg]\nstride=3\nflatten=1": ((36, 3, 3), 0, 0, 0),
    "[maxpool]\nmaxpool_depth=1\nout_channels=2": ((2, 9, 9), 0, 0, 0),
    "[maxpool]\nsize=3\nstride=2\nantialiasing=1": ((4, 5, 5), 0, 0, 25 * 4 * 9),  # of 9×9
    "[maxpool]\nsize=2\nstride=2\nantialiasing=2": ((4, 4, 4), 0, 0, 16 * 4 * 4),  # of 9×9
}  # fmt: skip


@pytest.mark.parametrize("section", STATED)
def test_sections_without_a_kind_have_their_figures(section):
    found = read(NET + section)
    last, totals = found.layers[-1], found.totals
    assert last.type == "unknown"
    assert (last.out_shape, totals.params, totals.buffers, totals.macs) == STATED[section]


def test_antialiasing_strides_behind_the_convolution():
    found = read(NET + "[conv]\nfilters=2\nsize=3\npad=1\nstride=2\nantialiasing=1")
    shapes = [(layer.layer, layer.out_shape, layer.params, layer.macs) for layer in found]
    assert shapes == [
        ("conv_0", (2, 9, 9), 2 * 4 * 9 + 2, 81 * 2 * 4 * 9),
        ("sigmoid_0", (2, 9, 9), 0, 0),
        ("blur_0", (2, 5, 5), 0, 25 * 2 * 9),
    ]


@pytest.mark.parametrize(("form", "params"), [("per_channel", 2 * 4), ("per_feature", 2)])
def test_weighted_sums(form, params):
    conv = "[conv]\nfilters=4\nsize=3\npad=1\nactivation=linear\n"
    found = read(NET + conv + f"[shortcut]\nfrom=-1\n{conv}[shortcut]\nfrom=1\nweights_type={form}")
    assert found["shortcut_3"].params == params
    assert found["shortcut_3"].rf == (5, 5)


def test_a_vector_is_a_map_of_one_unit_for_sections_that_need_one():
    found = read(NET + "[connected]\noutput=5\n[crnn]\nsize=1\noutput=3\nhidden=2")
    assert found["crnn_1"].out_shape == (3, 1, 1)
    assert found["crnn_1"].params == connected(5, 2) + connected(2, 2) + connected(2, 3)


def test_a_convolution_behind_a_vector():
    """Darknet's make_connected_layer: out_h = out_w = 1, out_c = outputs."""
    found = read(
        NET + "[connected]\noutput=5\nactivation=linear\n[conv]\nfilters=3\nsize=3\npad=1\n"
        "activation=linear\n[upsample]\nstride=4\n[route]\nlayers=0,1"
    )
    assert (found["conv_1"].out_shape, found["conv_1"].params) == ((3, 1, 1), convolution(5, 3, 3))
    assert found["upsample_2"].out_shape == (3, 4, 4)
    assert found["route_3"].out_shape == (5 + 3, 1, 1)
    assert found["conv_1"].rf == (9, 9)


def test_what_is_behind_an_unknown_section_is_not_told():
    text = NET + "[mystery]\n[local]\nfilters=2\nactivation=linear"
    with pytest.raises(cnncalc.DefinitionError) as caught:
        read(text)
    assert str(caught.value) == (
        "net.cfg:5: operator '[mystery]' of section 0, 'mystery_0' is not known here; "
        "--unknown pass goes on with its figures unknown"
    )
    found = read(text, "pass")
    assert [layer.params for layer in found] == [None, None]


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_rejected(path):
    """A rejected file's first line is `# error: ` and what is said of it, its line first."""
    with pytest.raises(cnncalc.CnncalcError) as caught:
        cnncalc.analyze(cnncalc.load(path))
    told = str(caught.value).removeprefix(f"{path}:").strip()
    assert told == path.read_bytes().partition(b"\n")[0].decode().removeprefix("# error: ")


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_rejected_in_one_line_with_status_1(path, capsys):
    assert run(["shape", str(path), "--csv"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name", EXPECTED)
def test_no_prefix_of_a_file_brings_more_than_a_refusal(name):
    text = (DATA / f"{name}.cfg").read_text()
    for end in range(0, len(text), 5):
        try:
            read(text[:end])
        except cnncalc.CnncalcError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("head", ["", "# words\n; more\n\n"])
def test_content_says_what_a_name_does_not(head, tmp_path, capsys):
    path = tmp_path / "model.txt"
    path.write_text(f"{head}[net]\nheight=4\nwidth=4\nchannels=1\n[connected]\noutput=2\n")
    assert run(["params", str(path), "--csv"]) == 0
    assert "connected_0,linear,2,34" in capsys.readouterr().out


BOUNDS = {
    ("darknet.section", "MOST_LINES", "it has more than 6 lines"): NET + "[conv]\n\n\n",
    ("darknet.section", "MOST_SECTIONS", "it has more than 6 sections"): NET + "[avg]\n" * 6,
    ("darknet.section", "LONGEST_LIST", "layers is longer than 6 characters"): (
        NET + "[avg]\n[route]\nlayers=-1,-1,-1\n"
    ),
    ("darknet.net", "MOST_READS", "sections name others more than 6 times"): (
        NET + "[avg]\n" + "[route]\nlayers=-1,-1\n" * 4
    ),
}


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound[1])
def test_what_a_file_may_ask_for_is_bounded(bound, monkeypatch):
    module, name, told = bound
    read(BOUNDS[bound])
    monkeypatch.setattr(f"cnncalc.readers.{module}.{name}", 6)
    with pytest.raises(cnncalc.DefinitionError) as caught:
        read(BOUNDS[bound])
    assert caught.value.message.endswith(told)
