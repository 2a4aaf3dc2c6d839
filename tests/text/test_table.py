"""Tables: whole numbers at any width, aligned, and nothing that a pipe does not want."""

import re
from collections import Counter

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.studies.catalogue import CatalogueEntry
from cnncalc.text.answer import render
from cnncalc.text.catalogue import catalogue_answer
from cnncalc.text.grid import Grid
from cnncalc.text.report import report_answer, report_grid
from cnncalc.text.report_sheet import window_text
from cnncalc.text.selection import VIEWS, select
from cnncalc.text.sheet import Sheet, SheetColumn, sheet_of
from cnncalc.text.table import table
from cnncalc.text.terminal import Terminal
from cnncalc.wording import short_number

STYLES = re.compile(r"\x1b\[[0-9;]*m")
REPORTS = {}


def report_of(network):
    """The analysis of a built-in network, done once."""
    if network not in REPORTS:
        REPORTS[network] = cnncalc.analyze(network)
    return REPORTS[network]


def lines_at(width, network, view="summary", **options):
    """Lines of a network's table in a terminal, without styles."""
    look = {name: options.pop(name) for name in ("exact", "wide", "height") if name in options}
    answer = report_answer(select(report_of(network), VIEWS[view], **options))
    text = render(answer, "table", Terminal(width, colours=256, styled=True, **look))
    return STYLES.sub("", text).splitlines()


def plain(network, view="summary", **options):
    """A network's table in a pipe."""
    return render(report_answer(select(report_of(network), VIEWS[view], **options)), "table")


def words(texts):
    """How often each word occurs."""
    return Counter(word for text in texts for word in text.split())


@pytest.mark.parametrize("network", zoo.names())
@pytest.mark.parametrize("view", VIEWS)
def test_in_one_piece_and_no_line_too_long(network, view):
    for width in (40, 80, 100, 120):
        lines = lines_at(width, network, view)
        assert max(map(len, lines)) <= width
        assert sum(line.split()[:1] in (["layer"], ["#"]) for line in lines) == 1


@pytest.mark.parametrize("network", ["vgg16", "resnet50", "unet", "squeezenet1_0"])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("width", [80, 120])
def test_every_name_is_whole(network, view, width):
    shown = words(lines_at(width, network, view, all_layers=True))
    assert all(shown[layer.layer] for layer in report_of(network))


def test_narrow_terminals_name_a_block_once_above_its_layers():
    lines = lines_at(40, "resnet50")
    block = lines.index("layer1.0")
    names = [line.split()[0] for line in lines[block + 1 : lines.index("layer1.1")]]
    expected = [
        layer.layer.removeprefix("layer1.0.")
        for layer in report_of("resnet50")
        if layer.layer.startswith("layer1.0.")
    ]
    assert names == expected


@pytest.mark.parametrize("width", [24, 40, 60, 80, 100, 160])
def test_no_number_is_cut(width):
    written = words(lines_at(width, "vgg16", exact=True))
    for layer in report_of("vgg16"):
        assert written[f"{layer.macs:,}" if layer.macs else "·"]


def test_all_columns_with_wide_and_all_digits_with_exact():
    wide = lines_at(40, "vgg16", wide=True, exact=True)
    assert words(wide)["15,470,264,320"] and words(wide)["30,940,528,640"]
    assert not any("left out" in line for line in wide)
    narrow = " ".join(lines_at(40, "vgg16"))
    assert "left out: type, window, output, FLOPs, activations, eff. stride" in narrow
    assert "totals: 138,357,544 params, 15,470,264,320 MACs" in narrow


def test_wider_terminals_show_more():
    widest = [max(map(len, lines_at(width, "resnet50"))) for width in (60, 80, 100, 120, 200)]
    assert widest == sorted(set(widest))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "?"),
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10.00 k"),
        (11_689_512, "11.69 M"),  # resnet18's parameters, in SPEC's own words
        (1_814_073_344, "1.81 G"),  # its MACs
        (999_994, "999.99 k"),
        (999_995, "1.00 M"),  # half up
        (999_995_000, "1.00 G"),
        (10**18, "1.00 E"),
        (123 * 10**21, "123,000.00 E"),
    ],
)
def test_short_numbers(value, text):
    assert short_number(value) == text


def test_windows_in_short():
    text = """\
input: [8, 64, 48]
layers:
  - {type: conv, out_channels: 8, kernel_size: 7, stride: 2, padding: 3}
  - {type: conv, out_channels: 8, kernel_size: [3, 5], padding: [1, 2], groups: 8}
  - {type: conv, out_channels: 8, kernel_size: 3, padding: [[0, 1], [0, 1]], dilation: 2}
  - {type: max_pool, kernel_size: 2, stride: [2, 1]}
  - relu
"""
    report = cnncalc.analyze(cnncalc.loads(text))
    assert [window_text(layer) for layer in report] == [
        "7×7/2 p3",
        "3×5 p1×2 g8",
        "3×3 p0:1 d2",
        "2×2/2×1",
        "",
    ]


def test_rules_where_the_stride_changes_and_maps_end():
    # A ResNet halves its map five times: arXiv:1512.03385, table 1.
    rules = [line.strip("─ ") for line in lines_at(80, "resnet18") if line.startswith("── ")]
    assert rules == [*(f"stride {2**stage}" for stage in range(1, 6)), "whole map"]
    assert not [line for line in lines_at(80, "resnet18", sort="macs") if line.startswith("── ")]


def test_bars_are_shares_of_the_largest_cost():
    lines = lines_at(80, "vgg16", "flops")
    drawn = {}
    for line in lines:
        for layer in report_of("vgg16"):
            if f" {layer.layer} " in f" {line} " and "│" not in line:
                drawn[layer.layer] = sum("▏▎▍▌▋▊▉█".find(sign) + 1 for sign in line)
    largest = max(layer.macs for layer in report_of("vgg16"))
    for name, eighths in drawn.items():
        assert eighths == -(-64 * report_of("vgg16")[name].macs // largest)


def test_a_field_beyond_the_input_has_another_colour():
    answer = report_answer(select(report_of("resnet50"), VIEWS["rf"]))
    lines = render(answer, "table", Terminal(100, colours=256, styled=True)).splitlines()
    inside = next(line for line in lines if "layer1.0.conv2" in line)
    outside = next(line for line in lines if "layer4.2.conv2" in line)
    assert "38;5;166m" in outside and "38;5;166m" not in inside


def test_without_colours_and_styles():
    answer = report_answer(select(report_of("vgg16"), VIEWS["summary"]))
    bold = render(answer, "table", Terminal(80, styled=True))
    assert "\x1b[1m" in bold and "38;5" not in bold
    assert "\x1b" not in render(answer, "table", Terminal(80))


def test_a_long_table_says_what_folding_would_show():
    said = "--depth 1 shows blocks in 10 rows, --depth 2 in more"
    assert said in lines_at(80, "resnet50", height=40)
    assert said not in lines_at(80, "resnet50", height=400)
    assert not any("--depth" in line for line in lines_at(80, "vgg16", height=10))  # no blocks


def test_words_fold_where_they_may():
    cells = ["a source of many words that no narrow terminal can show on one line of its own"]
    sheet = Sheet("t", [SheetColumn("name", ["net"], True), SheetColumn("source", cells, True)])
    lines = table(sheet, Terminal(50)).splitlines()
    assert max(map(len, lines)) <= 50
    assert set(cells[0].split()) <= {word for line in lines for word in line.split()}


def test_columns_that_all_stay_come_in_parts_with_the_leading_ones():
    columns = [SheetColumn(f"figure{n}", ["1,234,567", "1"]) for n in range(6)]
    sheet = Sheet("t", [SheetColumn("layer", ["a", "b"], True), *columns])
    lines = table(sheet, Terminal(40)).splitlines()
    headings = [line.split() for line in lines if line.startswith("layer")]
    assert len(headings) > 1
    assert [name for heading in headings for name in heading[1:]] == [c.heading for c in columns]
    assert max(map(len, lines)) <= 40


def test_sources_of_networks_come_with_room():
    source = "a source of many words that no narrow terminal can show on one line of its own"
    shape = (3, 224, 224)
    entry = CatalogueEntry("net", "classification", shape, 138357544, 15470264320, 212, source, 0)
    answer = catalogue_answer([entry])
    assert source not in render(answer, "table", Terminal(80))
    assert source in render(answer, "table", Terminal(160))
    assert source in render(answer, "table")


def test_a_pipe_gets_plain_text_in_full():
    text = plain("vgg16")
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert text.count("conv5_3") == 1
    title = "vgg16 · input 3×224×224 · 138.36 M params · 15.47 G MACs"
    assert text.splitlines()[0] == title


def test_decimal_points_are_below_each_other():
    made = Grid("t", ["layer", "center"], [["a", "0"], ["b", "15.5"]], ["layer"])
    whole, fraction = table(sheet_of(made)).splitlines()[-2:]
    assert whole.index("0") + 1 == fraction.index(".")


def test_marks_do_not_shift_numbers():
    rows = [line for line in plain("vgg16", "shape").splitlines() if " pool5" in line]
    rows += [line for line in plain("vgg16", "shape").splitlines() if " fc6" in line]
    assert rows[0].index("212") == rows[1].index("404*")


def test_totals_say_what_they_sum():
    report = cnncalc.analyze(cnncalc.load("alexnet"))
    assert report_grid(select(report, VIEWS["params"])).footer[1] == "total"
    some = select(report, VIEWS["params"], pattern="conv*")
    assert report_grid(some).footer[1] == "all layers"
    assert report_grid(some).footer[-2] == "60,965,224"


def test_no_share_of_an_unknown_whole():
    text = """\
name: broken
input: [3, 8, 8]
layers:
  - {type: conv, out_channels: 4, kernel_size: 3}
  - {type: conv, out_channels: 4, kernel_size: 9}
"""
    with pytest.raises(cnncalc.ShapeError) as raised:
        cnncalc.analyze(cnncalc.loads(text))
    made = report_grid(select(raised.value.report, VIEWS["params"]))
    assert made.footer == []
    assert [row[-1] for row in made.rows] == ["?"]
