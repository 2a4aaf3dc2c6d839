"""Blocks as rows: what they are called, what they sum up, and which are copies of each other."""

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.report.folding import fold
from cnncalc.text.selection import VIEWS, select


def rows_of(network, depth):
    """(name, copies) of the rows."""
    return [(row.layer, row.repeat) for row in fold(cnncalc.analyze(network), depth)]


def test_a_resnet_is_four_stages():
    # arXiv:1512.03385, table 1: 3, 4, 6 and 3 blocks, the first of each with its own shortcut.
    stages = [f"layer{stage}" for stage in range(1, 5)]
    assert rows_of("resnet50", 1) == [
        *((name, 1) for name in ("conv1", "bn1", "relu", "maxpool", *stages, "avgpool", "fc"))
    ]
    blocks = zip(stages, (3, 4, 6, 3))
    folded = [row for name, n in blocks for row in ((f"{name}.0", 1), (f"{name}.1", n - 1))]
    assert rows_of("resnet50", 2)[4:-2] == folded


def test_copies_by_a_number_at_the_end_of_their_names():
    # Xception's middle flow is eight times the same: arXiv:1610.02357, figure 5.
    assert ("block4", 8) in rows_of("xception", 1)
    assert all(copies == 1 for _, copies in rows_of("inception_v3", 2))


@pytest.mark.parametrize("network", zoo.names())
@pytest.mark.parametrize("depth", [1, 2, 3, 9])
def test_every_layer_is_in_one_row_and_sums_stay(network, depth):
    report = cnncalc.analyze(network)
    rows = fold(report, depth)
    assert sorted(layer.index for row in rows for layer in row.layers) == [
        layer.index for layer in report
    ]
    for name in report.totals._fields:
        assert sum(getattr(row, name) for row in rows) == getattr(report.totals, name)
    assert len({row.layer for row in rows}) == len(rows)


def test_deep_enough_nothing_is_folded_but_copies_of_a_layer():
    text = "input: [4, 9, 9]\nlayers:\n  - {name: c, type: conv, out_channels: 4, kernel_size: 3, "
    layers = f"{text}padding: 1, repeat: 3}}\n  - relu\n  - relu\n"
    report = cnncalc.analyze(cnncalc.loads(layers))
    assert [(row.layer, row.repeat) for row in fold(report, 2)] == [
        ("c.0", 3),
        ("relu1", 1),
        ("relu2", 1),
    ]
    first, *_ = fold(report, 2)
    assert first.out_shape == (4, 9, 9) and first.rf == (7, 7)
    assert (first.params, first.index, first.kernel) == (3 * (4 * 4 * 9 + 4), 1, None)
    assert first.macs == 3 * 4 * 4 * 9 * 81


def test_a_block_gives_what_its_output_gives():
    text = """\
input: [4, 9, 9]
blocks:
  two:
    output: a
    layers:
      - {name: a, type: conv, out_channels: 4, kernel_size: 3}
      - {name: b, type: max_pool, kernel_size: 2}
layers:
  - {name: x, type: two}
  - {name: y, type: max_pool, kernel_size: 7}
"""
    block, after = fold(cnncalc.analyze(cnncalc.loads(text)), 1)
    assert (block.layer, block.type, block.out_shape) == ("x", "block", (4, 7, 7))
    assert (block.sources, after.sources, after.out_shape) == (("input",), ("x.a",), (4, 1, 1))


def test_unknown_costs_make_unknown_sums():
    text = "input: [null, 9, 9]\nlayers:\n  - {name: a.b, type: conv, kernel_size: 3}\n"
    (block,) = fold(cnncalc.analyze(cnncalc.loads(text)), 1)
    assert (block.params, block.macs, block.rf) == (None, None, (3, 3))


def test_rows_sorted_and_cut():
    report = cnncalc.analyze("vgg16")
    largest = select(report, VIEWS["flops"], sort="macs", top=3).layers
    macs = sorted((layer.macs for layer in report), reverse=True)
    assert [row.macs for row in largest] == macs[:3]
    names = [row.layer for row in select(report, VIEWS["flops"], sort="layer").layers]
    assert names == sorted(names)
    sizes = [row.out_shape for row in select(report, VIEWS["summary"], sort="out").layers]
    assert sizes[0][1:] == (224, 224) and len(sizes[-1]) == 1
    with pytest.raises(cnncalc.UsageError, match="did you mean 'macs'"):
        select(report, VIEWS["flops"], sort="mac")


@pytest.mark.parametrize("column", ["padding", "kernel", "center", "from", "weight_shape", "rf"])
def test_every_sort_of_column_orders_rows(column):
    report = cnncalc.analyze("squeezenet1_1")
    rows = select(report, VIEWS["summary"], sort=column).layers
    assert sorted(row.index for row in rows) == [layer.index for layer in report]


def test_bulk_forms_are_those_of_single_layers():
    for network in ("googlenet", "unet", "efficientnet_b0"):
        report = cnncalc.analyze(network)
        assert report.to_dict()["layers"] == [layer.to_dict() for layer in report]
        for record, layer in zip(report.records(), report):
            assert record["rf_w"] == layer.rf[1] and record["layer"] == layer.layer
            assert record["params"] == layer.params and record["macs"] == layer.macs
    lists = [layer["kernel"] for layer in report.to_dict()["layers"] if layer["kernel"]]
    assert len(set(map(id, lists))) == len(lists)
