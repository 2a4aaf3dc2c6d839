"""Tables: whole numbers at any width, aligned, and nothing that a pipe does not want."""

import re
from collections import Counter

import pytest

import cnncalc
from cnncalc.studies.catalogue import CatalogueEntry
from cnncalc.text.answer import render
from cnncalc.text.catalogue import catalogue_answer
from cnncalc.text.grid import Grid
from cnncalc.text.report import report_grid
from cnncalc.text.selection import VIEWS, select
from cnncalc.text.table import table

STYLES = re.compile(r"\x1b\[[0-9;]*m")


def drawn(network, view="summary", **options):
    """The grid of a network's view."""
    return report_grid(select(cnncalc.analyze(cnncalc.load(network)), VIEWS[view], **options))


def lines_at(made, width):
    """Lines of a table in a terminal, without styles."""
    return STYLES.sub("", table(made, width)).splitlines()


def numbers(texts):
    """How often each word with a digit occurs."""
    return Counter(word for text in texts for word in text.split() if re.search(r"\d", word))


@pytest.mark.parametrize("width", [24, 40, 60, 80, 100, 160])
@pytest.mark.parametrize(("network", "view"), [("vgg16", "summary"), ("unet", "shape")])
def test_no_number_is_cut(network, view, width):
    made = drawn(network, view)
    lines = lines_at(made, width)
    wanted = numbers(cell for row in [*made.rows, made.footer] for cell in row)
    assert not wanted - numbers(lines)


def test_a_number_is_whole_even_where_it_is_wider_than_the_terminal():
    number = f"{10**27:,}"
    made = Grid("t", ["layer", "macs"], [["a", number]], ["layer"])
    assert number in table(made, 20)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_lines_fit_the_terminal(width):
    made = drawn("vgg16")
    assert max(map(len, lines_at(made, width))) <= width


def test_parts_repeat_number_and_name():
    lines = lines_at(drawn("vgg16"), 60)
    headings = [line.split() for line in lines if line.split()[:1] == ["#"]]
    assert len(headings) > 1
    assert all(heading[:2] == ["#", "layer"] for heading in headings)
    assert sum("conv5_3" in line for line in lines) == len(headings)


def test_one_part_where_there_is_room():
    made = drawn("vgg16")
    width = max(map(len, lines_at(made, 200)))
    assert len(lines_at(made, width)) == len(lines_at(made, 200))
    assert len(lines_at(made, width - 10)) > len(lines_at(made, 200))


def test_words_fold_where_they_may():
    source = "a source of many words that no narrow terminal can show on one line of its own"
    entry = CatalogueEntry(
        "net", "classification", (3, 224, 224), 138357544, 15470264320, 212, source
    )
    lines = render(catalogue_answer([entry]), "table", 100).splitlines()
    plain = [STYLES.sub("", line) for line in lines]
    assert max(map(len, plain)) <= 100
    assert set(source.split()) <= {word for line in plain for word in line.split()}


def test_a_pipe_gets_plain_text_in_full():
    text = table(drawn("vgg16"))
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert text.count("conv5_3") == 1


def test_decimal_points_are_below_each_other():
    made = Grid("t", ["layer", "center"], [["a", "0"], ["b", "15.5"]], ["layer"])
    whole, fraction = table(made).splitlines()[-2:]
    assert whole.index("0") + 1 == fraction.index(".")


def test_marks_do_not_shift_numbers():
    rows = [line for line in table(drawn("vgg16", "shape")).splitlines() if " pool5" in line]
    rows += [line for line in table(drawn("vgg16", "shape")).splitlines() if " fc6" in line]
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
