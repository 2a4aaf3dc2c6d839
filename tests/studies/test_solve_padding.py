"""`solve padding` against every padding tried, windows counted one by one."""

import json
import random

import pytest
from oracle_windows import ceil_count, floor_count, reach, split

import cnncalc
from cnncalc.cli.application import run
from cnncalc.studies.solve.padding import paddings

BEYOND = 3  # paddings tried past the bounds


def questions(seed, count, most=14):
    """Random windows, and an output that some padding may give."""
    rng = random.Random(seed)
    for _ in range(count):
        size, kernel = rng.randint(1, most), rng.choice((1, 1, 2, 3, 4, 5, 6))
        stride, dilation = rng.randint(1, 5), rng.choice((1, 1, 2, 3))
        few = -(-size // stride)
        wanted = rng.choice((few, few + 1, rng.randint(1, most + 6)))
        yield size, kernel, stride, dilation, wanted


def tried(extent):
    """Every padding up to a little past the kernel's extent."""
    widths = range(extent + BEYOND)
    return [(before, after) for before in widths for after in widths]


def outputs(size, kernel, stride, dilation, before, after):
    """Output by the name of the layer that gives it; poolings refuse wide paddings."""
    extent = reach(kernel, dilation)
    floored = floor_count(size, before, after, extent, stride)
    given = {"conv": floored}
    if max(before, after) <= kernel // 2:
        padded = before + after > 0
        given["pool"] = floored
        given["pool_ceil"] = ceil_count(size, before, after, extent, stride, True)
        given["pool_caffe"] = ceil_count(size, before, after, extent, stride, padded)
    return given


def reads_only_padding(size, before, units, kernel, stride, dilation):
    """Whether the first or the last window meets no unit of the input."""
    for unit in (0, units - 1):
        places = {unit * stride - before + tap * dilation for tap in range(kernel)}
        if max(places) < 0 or min(places) >= size:
            return True
    return False


@pytest.mark.parametrize("seed", range(8))
def test_every_padding_is_found(seed):
    for size, kernel, stride, dilation, wanted in questions(seed, 40):
        extent = reach(kernel, dilation)
        expected = {}
        for before, after in tried(extent):
            given = outputs(size, kernel, stride, dilation, before, after)
            layers = {layer for layer, output in given.items() if output == wanted}
            if layers and max(before, after) < extent:
                expected[before, after] = layers
            elif "conv" in layers:
                # Past the bound, by a window that reads padding alone or by units never read.
                assert reads_only_padding(size, before, wanted, kernel, stride, dilation) or (
                    after >= extent
                )
        found = paddings(size, kernel, wanted, stride=stride, dilation=dilation).fits
        layers = ("conv", "pool", "pool_ceil", "pool_caffe")
        assert {
            (fit.before, fit.after): {layer for layer in layers if getattr(fit, layer)}
            for fit in found
        } == expected, (size, kernel, stride, dilation, wanted)


@pytest.mark.parametrize("seed", range(8))
def test_every_transposed_padding_is_found(seed):
    for size, kernel, stride, dilation, wanted in questions(seed, 12, most=9):
        extent = reach(kernel, dilation)
        written = 1 + max(u * stride + t * dilation for u in range(size) for t in range(kernel))
        expected = {
            (before, after, extra)
            for before in range(extent)
            for after in range(extent)
            for extra in range(max(stride, dilation))
            if len(range(before, written - after + extra)) == wanted
        }
        found = paddings(
            size, kernel, wanted, stride=stride, dilation=dilation, transposed=True
        ).fits
        assert {(f.before, f.after, f.output_padding) for f in found} == expected


@pytest.mark.parametrize("seed", range(8))
def test_dropped_units_and_words(seed):
    for size, kernel, stride, dilation, _ in questions(seed, 12):
        units = len(range(0, size, stride))
        for fit in paddings(size, kernel, units, stride=stride, dilation=dilation).fits:
            taps = [tap * dilation - fit.before for tap in range(kernel)]
            read = {unit * stride + tap for unit in range(units) for tap in taps}
            more = {unit * stride + tap for unit in range(units, units + size) for tap in taps}
            behind = (units - 1) * stride + max(taps)
            expected = {place for place in more - read if behind < place < size}
            assert fit.dropped == (len(expected) if stride > 1 else 0)
            total = max((units - 1) * stride + reach(kernel, dilation) - size, 0)
            if fit.same_as in ("same", "same_lower"):
                assert (fit.before, fit.after) == split(total, fit.same_as)
            else:
                assert (fit.before, fit.after) != split(total, "same")
                assert (fit.before, fit.after) != split(total, "same_lower")


def test_resnet_stem():
    """224 to 112 by 7/2: (7 − 7 + 224 + P) // 2: P = 5 or 6, the symmetric one is 3."""
    fits = paddings(224, 7, 112, stride=2).fits
    assert next((fit.before, fit.after) for fit in fits if fit.conv) == (3, 3)
    assert {fit.before + fit.after for fit in fits if fit.conv} == {5, 6}
    assert next(fit for fit in fits if fit.same_as == "same").before == 2
    only = paddings(224, 7, 112, stride=2, symmetric=True).fits
    assert [(fit.before, fit.after) for fit in only] == [(3, 3), (2, 2)]


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_possible(seed, symmetric):
    for size, kernel, stride, dilation, wanted in questions(seed, 40):
        extent = reach(kernel, dilation)
        given = set()
        for before, after in tried(extent):
            if max(before, after) < extent and (before == after or not symmetric):
                each = outputs(size, kernel, stride, dilation, before, after)
                given |= {output for output in each.values() if output and output > 0}
        options = {"stride": stride, "dilation": dilation, "symmetric": symmetric}
        answer = paddings(size, kernel, wanted, **options)
        least, most = answer.possible
        assert set(range(least, most + 1, answer.step)) == given, (size, kernel, options)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_possible_transposed(seed, symmetric):
    for size, kernel, stride, dilation, wanted in questions(seed, 12, most=9):
        written = 1 + max(u * stride + t * dilation for u in range(size) for t in range(kernel))
        sides = range(reach(kernel, dilation))
        given = {
            written - before - after + extra
            for before in sides
            for after in ([before] if symmetric else sides)
            for extra in range(max(stride, dilation))
        }
        options = {"stride": stride, "dilation": dilation, "symmetric": symmetric}
        answer = paddings(size, kernel, wanted, transposed=True, **options)
        least, most = answer.possible
        expected = {output for output in given if output > 0}
        assert set(range(least, most + 1, answer.step)) == expected, (size, kernel, options)


def test_what_is_possible_is_told(capsys):
    """5 units, a window of 3: 3, 5 and 7 windows with 0, 1 and 2 on both sides."""
    call = ["solve", "padding", "--size", "5", "--kernel-size", "3", "--symmetric"]
    assert run([*call, "--output", "4"]) == 0
    assert "from 3 to 7 in steps of 2, the sides being equal, is" in capsys.readouterr().out


def test_nothing_gives_it():
    """5 units, a window of 3: from 3 windows without padding to 7 with 2 on both sides."""
    answer = paddings(5, 3, 9)
    assert answer.fits == ()
    assert answer.possible == (3, 7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 3, 5), "size must be a whole number"),
        ((5, True, 5), "kernel_size must be a whole number"),
        ((5, 3, 10**12), "output must be a whole number"),
        ((10**6, 10**6, 10**6), "more than 10,000 paddings"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(cnncalc.UsageError, match=message):
        paddings(*arguments)


def test_huge_numbers_end_at_once():
    for symmetric in (False, True):
        for transposed in (False, True):
            for numbers in ((1, 10**9, 2, 10**9), (10**9, 10**9, 10**9, 10**9)):
                size, kernel, output, stride = numbers
                try:
                    paddings(
                        size,
                        kernel,
                        output,
                        stride=stride,
                        transposed=transposed,
                        symmetric=symmetric,
                    )
                except cnncalc.UsageError as error:
                    assert "paddings" in str(error)


def test_command_line(capsys):
    call = ["solve", "padding", "--size", "224", "--kernel-size", "7", "--stride", "2"]
    assert run([*call, "--output", "112", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "before,after,conv,pool,pool_ceil,pool_caffe,dropped,same_as"
    assert lines[1] == "3,3,true,true,false,false,0,"
    assert "2,3,true,true,true,true,0,same" in lines
    assert run([*call, "--output", "224", "--transposed", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == 1
    assert run([*call, "--output", "500"]) == 0
    assert "no padding gives 500: from 109 to 115" in capsys.readouterr().out
    for form in ("markdown", "tsv", "table"):
        assert run([*call, "--output", "112", "--symmetric", "--format", form]) == 0
    assert run(call) == 2
    assert run([*call, "--output", "0"]) == 2
