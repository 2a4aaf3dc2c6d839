"""Drawings in a browser: what they mark is what loops over the layers' indices reach."""

import itertools
import math
import random

import browsers
import pytest

import cnncalc

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(browsers.missing() is not None, reason=str(browsers.missing()))

# The centres of what is drawn, in pixels of the screen.
CENTRES = """(selector) => [...document.querySelectorAll(selector)].map((node) => {
  const { left, right, top, bottom } = node.getBoundingClientRect();
  return [(left + right) / 2, (top + bottom) / 2];
})"""
TOTAL = """() => Math.max(...document.getAnimations().map(
  (each) => each.effect.getTiming().duration))"""
SEEK = """(time) => document.getAnimations().forEach((each) => {
  each.pause();
  each.currentTime = time;
})"""
NEAR = 1.5  # pixels


@pytest.fixture(scope="module")
def tab(browser):
    return browsers.tab(browser, viewport={"width": 1600, "height": 1000})


@pytest.fixture
def show(tab, tmp_path):
    """Opens the drawing of a layer; nothing but its file is asked for."""
    path = tmp_path / "layer.svg"

    def shown(*layer, **how):
        path.write_text(cnncalc.draw(*layer, **how).svg, encoding="utf-8")
        page = tab.open(path)
        assert tab.is_clean(path), (tab.requests, tab.messages)
        return page

    return shown


class Grid:
    """The cells of one map as they lie on the screen: places by their row and column."""

    def __init__(self, page, role, around=None):
        own = page.evaluate(CENTRES, f'[data-cell="{role}"]')
        beside = page.evaluate(CENTRES, f'[data-cell="{around}"]') if around else []
        self.lines = [distinct(place[axis] for place in own + beside) for axis in (1, 0)]
        self.first = [distinct(place[axis] for place in own)[0] for axis in (1, 0)]
        self.own, self.beside = len(own), len(beside)

    def index(self, place):
        """The row and column of a place, counted from the map's first unit; None beside it."""
        found = []
        for lines, first, at in zip(self.lines, self.first, reversed(place), strict=True):
            near = [number for number, line in enumerate(lines) if abs(line - at) < NEAR]
            if not near:
                return None
            found.append(near[0] - lines.index(first))
        return tuple(found)

    def indices(self, places):
        found = [self.index(place) for place in places]
        known = [index for index in found if index is not None]
        assert len(known) == len(set(known)), "two marks on one cell"
        return set(known)


def distinct(numbers):
    lines = []
    for number in sorted(numbers):
        if not lines or number - lines[-1] > NEAR:
            lines.append(number)
    return lines


# What a unit reaches on one axis of n units, as loops: `reach(unit)`, with the units beside the
# map, and how many units there are and cells before and after.


def sliding(n, k, s=1, before=0, after=0, d=1, outputs=None):
    last = d * (k - 1)
    starts = range(-before, n + after - last, s)
    return {
        "outputs": len(starts) if outputs is None else outputs,
        "reach": lambda unit: {unit * s - before + tap * d for tap in range(k)},
        "beside": (before, after),
    }


def same(n, k, s, d=1):
    outputs = math.ceil(n / s)
    total = max((outputs - 1) * s + d * (k - 1) + 1 - n, 0)
    return sliding(n, k, s, total // 2, total - total // 2, d)


def moved(outputs, reach):
    return {"outputs": outputs, "reach": reach, "beside": (0, 0)}


def adaptive(n, outputs):
    def reach(unit):
        return set(range(math.floor(unit * n / outputs), math.ceil((unit + 1) * n / outputs)))

    return moved(outputs, reach)


def by_gradient(n, outputs, mode, corners):
    """What interpolation on one axis depends on, by float64 gradients."""

    def reach(unit):
        line = torch.zeros(1, 1, n, n, dtype=torch.float64, requires_grad=True)
        align = None if mode == "nearest" else corners
        how = {"size": (outputs, outputs), "mode": mode, "align_corners": align}
        torch.nn.functional.interpolate(line, **how)[0, 0, unit].sum().backward()
        return {row for row in range(n) if line.grad[0, 0, row].abs().max() > 1e-12}

    return moved(outputs, reach)


READING = [
    ("conv", (5, 5), {"kernel_size": 3, "stride": 2, "padding": 1}, [sliding(5, 3, 2, 1, 1)] * 2),
    ("conv", (7, 8), {"kernel_size": 3, "dilation": 2}, [sliding(7, 3, d=2), sliding(8, 3, d=2)]),
    (
        "conv",
        (6, 9),
        {"kernel_size": [2, 4], "stride": [1, 3], "padding": [[1, 0], [2, 1]]},
        [sliding(6, 2, 1, 1, 0), sliding(9, 4, 3, 2, 1)],
    ),
    (
        "conv",
        (9,),
        {"kernel_size": 3, "dilation": 2, "padding": [[4, 0]]},
        [sliding(9, 3, 1, 4, 0, 2)],
    ),
    (
        "conv",
        (5, 6),
        {"kernel_size": 3, "stride": 2, "padding": "same"},
        [same(5, 3, 2), same(6, 3, 2)],
    ),
    (
        "depthwise_conv",
        (7, 4),
        {"kernel_size": 4, "padding": "same"},
        [same(7, 4, 1), same(4, 4, 1)],
    ),
    ("max_pool", (7, 8), {"kernel_size": 2}, [sliding(7, 2, 2), sliding(8, 2, 2)]),
    ("avg_pool", (6, 5), {"kernel_size": 1, "stride": 2}, [sliding(6, 1, 2), sliding(5, 1, 2)]),
    # ⌈(6 − 3)/2⌉ + 1 = 3 windows, the last one over the edge
    (
        "max_pool",
        (6, 6),
        {"kernel_size": 3, "stride": 2, "ceil_mode": True},
        [sliding(6, 3, 2, outputs=3)] * 2,
    ),
    ("adaptive_avg_pool", (7, 5), {"output_size": 3}, [adaptive(7, 3), adaptive(5, 3)]),
    ("adaptive_max_pool", (3, 4), {"output_size": [5, 1]}, [adaptive(3, 5), adaptive(4, 1)]),
    ("global_avg_pool", (3, 4), {}, [adaptive(3, 1), adaptive(4, 1)]),
    ("space_to_depth", (4, 6), {"factor": 2}, [sliding(4, 2, 2), sliding(6, 2, 2)]),
    (
        "pad",
        (3, 4),
        {"padding": [[1, 2], [0, 1]]},
        [sliding(3, 1, 1, 1, 2), sliding(4, 1, 1, 0, 1)],
    ),
    (
        "crop",
        (4, 6),
        {"amount": [[1, 0], [2, 1]]},
        [moved(3, lambda unit: {unit + 1}), moved(3, lambda unit: {unit + 2})],
    ),
    # Windows of 3 that begin at 1 of 7 units: 0 | 1 2 3 | 4 5 6
    (
        "attention",
        (7,),
        {"heads": 1, "window": 3, "shift": 1},
        [moved(7, lambda unit: {at for at in range(7) if (at + 2) // 3 == (unit + 2) // 3})],
    ),
    ("relu", (5,), {}, [sliding(5, 1)]),
    *(
        (
            "upsample",
            (4, 3),
            {"size": [7, 6], "mode": mode, **({"align_corners": True} if corners else {})},
            [by_gradient(4, 7, mode, corners), by_gradient(3, 6, mode, corners)],
        )
        for mode, corners in (
            ("nearest", False),
            ("bilinear", False),
            ("bilinear", True),
            ("bicubic", False),
        )
    ),
]
SHUFFLED = [{"outputs": n * 2, "reach": lambda unit: {unit // 2}, "beside": (0, 0)} for n in (3, 4)]
READING.append(("pixel_shuffle", (3, 4), {"factor": 2}, SHUFFLED))
READ_IDS = [f"{case[0]} {case[2]}" for case in READING]


def reached(axes, unit, sizes):
    """The cells of a unit's window, those beside the map that are drawn with it."""
    sides = [
        sorted(
            at for at in axis["reach"](place) if -axis["beside"][0] <= at < n + axis["beside"][1]
        )
        for axis, place, n in zip(axes, unit, sizes, strict=True)
    ]
    return set(itertools.product(*(sides if len(sides) == 2 else [[0], *sides])))


def all_units(axes):
    return list(itertools.product(*(range(axis["outputs"]) for axis in axes)))


def in_plane(unit):
    return unit if len(unit) == 2 else (0, *unit)


@pytest.mark.parametrize(("type_name", "sizes", "attributes", "axes"), READING, ids=READ_IDS)
def test_a_still_marks_what_its_unit_reads(show, type_name, sizes, attributes, axes):
    units = all_units(axes)
    for unit in random.Random(1).sample(units, min(len(units), 6)):
        page = show(type_name, sizes, unit=unit, **attributes)
        grid, output = Grid(page, "input", "padding"), Grid(page, "output")
        assert grid.indices(page.evaluate(CENTRES, "[data-tap]")) == reached(axes, unit, sizes)
        assert output.indices(page.evaluate(CENTRES, ".unit path")) == {in_plane(unit)}
        padded = math.prod(n + sum(axis["beside"]) for axis, n in zip(axes, sizes, strict=True))
        assert (grid.own, grid.beside) == (math.prod(sizes), padded - math.prod(sizes))
        assert output.own == len(units)


@pytest.mark.parametrize(("type_name", "sizes", "attributes", "axes"), READING, ids=READ_IDS)
def test_an_animation_steps_through_all_units(show, type_name, sizes, attributes, axes):
    page = show(type_name, sizes, animate=True, **attributes)
    grid, output = Grid(page, "input", "padding"), Grid(page, "output")
    for unit, _ in each_step(page, all_units(axes)):
        assert grid.indices(page.evaluate(CENTRES, "[data-tap]")) == reached(axes, unit, sizes)
        assert output.indices(page.evaluate(CENTRES, ".unit path")) == {in_plane(unit)}


def each_step(page, units):
    """The units, in the order of the animation, which is stopped in the middle of each."""
    total = page.evaluate(TOTAL) if len(units) > 1 else 0
    for number, unit in enumerate(units):
        page.evaluate(SEEK, (number + 0.5) * total / len(units))
        yield unit, number


SPREAD = [
    ((3, 3), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ((3, 2), {"kernel_size": 4, "stride": 2, "padding": 1, "output_padding": 1}),
    ((2, 3), {"kernel_size": 2, "stride": 3}),
    ((4, 3), {"kernel_size": 3, "dilation": 2, "padding": 3}),
    ((5,), {"kernel_size": 3, "stride": 2}),
]


def transposed(sizes, attributes):
    """The sizes by PyTorch, and which units of the output a unit's taps go to, on each axis."""
    module = [torch.nn.ConvTranspose1d, torch.nn.ConvTranspose2d][len(sizes) - 1]
    outputs = module(1, 1, **attributes)(torch.zeros(1, 1, *sizes)).shape[2:]
    k, s, p, d = (
        attributes.get(name, default)
        for name, default in (("kernel_size", 1), ("stride", 1), ("padding", 0), ("dilation", 1))
    )
    writes = [
        [{u * s + t * d - p for t in range(k)} & set(range(size)) for u in range(n)]
        for n, size in zip(sizes, outputs, strict=True)
    ]
    return tuple(outputs), writes


@pytest.mark.parametrize(("sizes", "attributes"), SPREAD)
def test_units_are_spread_over_windows(show, sizes, attributes):
    outputs, writes = transposed(sizes, attributes)
    units = list(itertools.product(*map(range, sizes)))
    expected = [
        set(
            itertools.product(
                *({0} for _ in range(2 - len(sizes))),
                *(w[at] for w, at in zip(writes, unit, strict=True)),
            )
        )
        for unit in units
    ]
    page = show("conv_transpose", sizes, animate=True, **attributes)
    given, output = Grid(page, "input"), Grid(page, "output")
    assert output.own == math.prod(outputs) and not page.evaluate(CENTRES, "[data-cell=padding]")
    for unit, number in each_step(page, units):
        assert output.indices(page.evaluate(CENTRES, "[data-tap]")) == expected[number]
        assert given.indices(page.evaluate(CENTRES, ".unit path")) == {in_plane(unit)}
    for number in random.Random(2).sample(range(len(units)), 2):
        page = show("conv_transpose", sizes, unit=units[number], **attributes)
        assert (
            Grid(page, "output").indices(page.evaluate(CENTRES, "[data-tap]")) == expected[number]
        )


@pytest.mark.parametrize(("sizes", "attributes"), SPREAD)
def test_a_window_slides_over_the_stretched_input(show, sizes, attributes):
    outputs, writes = transposed(sizes, attributes)
    units = list(itertools.product(*map(range, outputs)))
    expected = []
    for unit in units:
        reads = [
            [u for u, to in enumerate(w) if at in to] for w, at in zip(writes, unit, strict=True)
        ]
        expected.append(set(itertools.product(*([0] for _ in range(2 - len(sizes))), *reads)))
    page = show("conv_transpose", sizes, stretched=True, animate=True, **attributes)
    given, output = Grid(page, "input"), Grid(page, "output")
    assert given.own == math.prod(sizes) and not page.evaluate(CENTRES, "[data-cell=padding]")
    for unit, number in each_step(page, units):
        assert given.indices(page.evaluate(CENTRES, "[data-tap]")) == expected[number]
        assert output.indices(page.evaluate(CENTRES, ".unit path")) == {in_plane(unit)}
    page = show("conv_transpose", sizes, stretched=True, unit=units[-2], **attributes)
    assert Grid(page, "input").indices(page.evaluate(CENTRES, "[data-tap]")) == expected[-2]


@pytest.mark.parametrize(
    ("size", "attributes"),
    [
        (5, {"kernel_size": 2}),
        (6, {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    ],
)
def test_unpooling_puts_units_back_into_the_windows_of_its_pool(show, size, attributes):
    pooled = torch.nn.MaxPool2d(**attributes)(torch.zeros(1, 1, size, size)).shape[-1]
    k, p = attributes["kernel_size"], attributes.get("padding", 0)
    s = attributes.get("stride", k)
    page = show("max_unpool", (size, size), animate=True, **attributes)
    given, output = Grid(page, "input"), Grid(page, "output")
    assert (given.own, output.own) == (pooled**2, size**2)
    for unit, _ in each_step(page, list(itertools.product(range(pooled), repeat=2))):
        sides = [{at * s - p + tap for tap in range(k)} & set(range(size)) for at in unit]
        assert output.indices(page.evaluate(CENTRES, "[data-tap]")) == set(
            itertools.product(*sides)
        )
        assert given.indices(page.evaluate(CENTRES, ".unit path")) == {unit}


@pytest.mark.parametrize("seed", range(12))
def test_random_windows(show, seed):
    """Still and animated, of one axis and two."""
    rng = random.Random(seed)
    axes, sizes, names = [], [], ("kernel_size", "stride", "padding", "dilation")
    values = {name: [] for name in names}
    for _ in range(rng.choice((1, 2, 2))):
        k, s, d = rng.randint(1, 3), rng.randint(1, 3), rng.randint(1, 2)
        before, after = rng.randint(0, 2), rng.randint(0, 2)
        n = rng.randint(max(d * (k - 1) + 1 - before - after, 2), 9)
        axes.append(sliding(n, k, s, before, after, d))
        sizes.append(n)
        for name, value in zip(names, (k, s, [before, after], d), strict=True):
            values[name].append(value)
    page = show("conv", sizes, animate=True, **values)
    grid = Grid(page, "input", "padding")
    units = all_units(axes)
    for unit, _ in each_step(page, units):
        assert grid.indices(page.evaluate(CENTRES, "[data-tap]")) == reached(axes, unit, sizes)
    unit = rng.choice(units)
    page = show("conv", sizes, unit=unit, **values)
    grid = Grid(page, "input", "padding")
    assert grid.indices(page.evaluate(CENTRES, "[data-tap]")) == reached(axes, unit, sizes)


def test_who_asks_for_less_motion_sees_the_first_unit(browser, tmp_path):
    path = tmp_path / "layer.svg"
    path.write_text(cnncalc.draw("adaptive_avg_pool", "7x5", output_size=3, animate=True).svg)
    page = browsers.tab(browser, reduced_motion="reduce").open(path)
    assert page.evaluate("() => document.getAnimations().length") == 0
    taps = Grid(page, "input").indices(page.evaluate(CENTRES, "[data-tap]"))
    assert taps == set(itertools.product(range(3), range(2)))
