"""Fields and cones in a browser: what they mark on the screen is what index loops read."""

import math
from fractions import Fraction

import browsers
import pytest
from oracle import sizes_of, trace
from oracle_paths import paths_to
from random_networks import generate, to_yaml

import cnncalc
from cnncalc import UsageError, zoo

pytestmark = pytest.mark.skipif(browsers.missing() is not None, reason=str(browsers.missing()))

SEEDS = range(24)
# By row: its layer, and its marked units among those from a few before the first to a few behind
# the last, each with its tone and where its centre is across the screen.
ROWS = """(beside) => [...document.querySelectorAll("g.row")].map((row) => {
  const { layer, first, last } = row.dataset, marks = {};
  const matrix = row.getScreenCTM(), middle = (unit) => new DOMPoint(unit + 0.5, 0.5);
  for (let unit = first - beside; unit <= +last + beside; unit++) {
    const paths = [...row.querySelectorAll("path:not(.map)")];
    const over = paths.filter((path) => path.isPointInStroke(middle(unit)));
    if (over.length > 1) throw new Error("marked twice");
    if (over.length) marks[unit] = [+over[0].classList[0].slice(1),
      middle(unit).matrixTransform(matrix).x];
  }
  return [layer, marks];
})"""
BOXES = """() => Object.fromEntries([...document.querySelectorAll("path[class]")].map((path) => {
  const { left, right, top, bottom } = path.getBoundingClientRect();
  return [path.classList[0], [top, left, bottom, right]];
}))"""


@pytest.fixture(scope="module")
def tab(browser):
    return browsers.tab(browser, viewport={"width": 1400, "height": 1000})


@pytest.fixture
def show(tab, tmp_path):
    """Opens a drawing; nothing but its file is asked for."""
    path = tmp_path / "drawing.svg"

    def shown(drawing):
        path.write_text(drawing.svg, encoding="utf-8")
        page = tab.open(path)
        assert tab.is_clean(path), (tab.requests, tab.messages)
        return page

    return shown


def centre(pixels):
    """Where a unit is centred that reads these pixels."""
    return Fraction(min(pixels) + max(pixels), 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cone_marks_what_index_loops_reach(seed, show):
    description = generate(seed)
    network, traced = cnncalc.loads(to_yaml(description)), trace(description)
    for name, layer in list(traced.layers.items())[1:][-4:]:
        axis = seed % len(layer.fields)
        unit = sizes_of(layer)[axis] // 2
        if any(layer.global_axes) or not layer.fields[axis].reads(unit):
            continue
        paths = paths_to(traced, name, axis, unit)
        rows = show(cnncalc.draw_cone(network, name, axis=network_axes(layer)[axis]))
        places = {}
        for drawn, marks in rows.evaluate(ROWS, 3):
            most = max(paths[drawn].values())
            tones = {place: math.ceil(8 * Fraction(n, most)) for place, n in paths[drawn].items()}
            assert {int(place): tone for place, (tone, _) in marks.items()} == tones
            places[drawn] = {int(place): x for place, (_, x) in marks.items()}
        check_places(traced, places, axis)


def network_axes(layer):
    """The names of the axes."""
    return {1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}[len(layer.fields)]


def check_places(traced, places, axis):
    """Units that read alike stand over the middle of the pixels that they read."""
    pixels = places["input"]
    first, last = min(pixels), max(pixels)
    pitch = (pixels[last] - pixels[first]) / (last - first) if last > first else None
    for layer, units in places.items():
        field = traced.layers[layer].fields[axis]
        if field.period == 1 and not field.units and pitch:
            for unit, x in units.items():
                expected = pixels[first] + pitch * float(centre(field.reads(unit)) - first)
                assert x == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_field_lies_where_its_pixels_are(seed, show):
    description = generate(seed)
    network, traced = cnncalc.loads(to_yaml(description)), trace(description)
    for name, layer in list(traced.layers.items())[1:][-4:]:
        unit = [size // 2 for size in sizes_of(layer)]
        sets = [field.reads(at) for field, at in zip(layer.fields, unit, strict=True)]
        if len(unit) > 2 or not all(sets):
            continue
        boxes = show(cnncalc.draw_field(network, name, unit)).evaluate(BOXES)
        for axis, read in enumerate(sets, 2 - len(sets)):
            start, end = boxes["frame"][axis], boxes["frame"][axis + 2]
            pitch = (end - start) / traced.layers["input"].shape[axis - 2 + len(sets) + 1]
            first, last = boxes["field"][axis], boxes["field"][axis + 2]
            ends = (first - start) / pitch, (last - start) / pitch
            assert ends == pytest.approx((min(read), max(read) + 1), abs=0.02)


@pytest.mark.parametrize("name", [name for name, _ in zoo.by_family()][::5])
def test_built_in_networks_show_without_a_word(name, show):
    report = cnncalc.analyze(name)
    for layer in report.layers[:: len(report) // 3 + 1]:
        for draw, theme in ((cnncalc.draw_field, "dark"), (cnncalc.draw_cone, "light")):
            try:
                page = show(draw(name, layer.layer, theme=theme))
            except UsageError:
                continue
            inside = page.evaluate(INSIDE)
            assert inside == [], "texts that go beyond the drawing"


INSIDE = """() => {
  const all = document.documentElement.getBoundingClientRect();
  return [...document.querySelectorAll("text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < all.left || box.right > all.right || box.bottom > all.bottom;
  }).map((text) => text.textContent);
}"""
