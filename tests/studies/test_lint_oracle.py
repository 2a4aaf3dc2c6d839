"""The linter's evidence against enumeration of units and taps, over random networks."""

import math
import random
from fractions import Fraction
from itertools import product

import pytest
from oracle import MERGES, extent, mean_centre, sizes_of, trace
from oracle_windows import ceil_count, floor_count, reach, sliding_padding
from random_networks import generate, to_yaml

import cnncalc
from cnncalc.analysis.analysis import trace_of
from cnncalc.fields.window import dropped_units, sliding, transposed_window
from cnncalc.studies.lint import RULES
from cnncalc.studies.lint.counting import in_none, live_taps, read_mask, read_share

SEEDS = range(300)
RULE = {rule.name: rule for rule in RULES}


def cases(rule, network):
    """A rule's evidence of every single layer, before equal causes are put together."""
    loaded = cnncalc.loads(to_yaml(network))
    analysed = trace_of(loaded)
    return {analysed.name(case.index): case.evidence for case in RULE[rule].examine(analysed)}


def traced_layers(seed):
    """A random network, its layers as the oracle traces them, and who reads each."""
    network = generate(seed)
    layers = trace(network).layers
    readers = {name: [] for name in layers}
    for layer in network["layers"]:
        for source in dict.fromkeys(layer["from"]):
            readers[source].append(layer["name"])
    return network, layers, readers


def windowed(seed):
    """A random network, and per layer that reads one map how it does and who reads that map."""
    network, layers, readers = traced_layers(seed)
    rows = []
    for layer in network["layers"]:
        if layer["type"] not in MERGES:
            made = layers[layer["name"]]
            axes = list(enumerate(zip(made.windows, made.in_sizes)))
            dropped = [units_dropped(layer, window, axis, size) for axis, (window, size) in axes]
            left = left_by_all(layers, readers, layer["from"][0])
            rows.append((layer["name"], made, dropped, left))
    return network, layers, rows


def moves_only(window):
    """Whether a window of the oracle only moves or cuts a map."""
    return window.reads is not None and window.period == window.shift == len(window.reads(0)) == 1


def units_read(window, size):
    """The real units of a map that real units read on one axis."""
    if window.reads is None:
        return set(range(size))
    read = set().union(*(window.reads(unit) for unit in range(window.size)))
    return {unit for unit in read if 0 <= unit < size}


def units_dropped(layer, window, axis, size):
    """Real units past the last window that windows after it would read."""
    strides = layer.get("stride", layer.get("kernel_size"))
    stride = strides[axis] if isinstance(strides, list) else strides
    kinds = ("conv", "depthwise_conv", "max_pool", "avg_pool")
    if layer["type"] not in kinds or (layer["type"][-4:] == "conv" and "stride" not in layer):
        return set()
    if stride == 1:
        return set()
    last = max(window.reads(window.size - 1))
    later = set().union(*(window.reads(window.size + more) for more in range(size + 1)))
    return {unit for unit in later if last < unit < size}


def boxes(per_axis):
    """The units whose place on each axis is in the axis's set."""
    return set(product(*per_axis))


def test_checkerboard():
    seen = 0
    for seed in SEEDS:
        network, layers, _ = traced_layers(seed)
        expected = {}
        for layer in network["layers"]:
            if layer["type"] == "conv_transpose":
                windows = layers[layer["name"]].windows
                taps = [sorted({len(w.reads(u)) for u in range(w.period)}) for w in windows]
                if any(len(counts) > 1 for counts in taps):
                    together = sorted({math.prod(counts) for counts in product(*taps)})
                    expected[layer["name"]] = {"taps": taps, "together": together}
        assert cases("checkerboard", network) == expected, to_yaml(network)
        seen += len(expected)
    assert seen > 20


def test_skipped_pixels():
    seen = shared = 0
    for seed in SEEDS:
        network, _, rows = windowed(seed)
        expected = {}
        for name, layer, dropped, left in rows:
            if all(map(moves_only, layer.windows)):
                continue
            sizes = layer.in_sizes
            kept = [units_read(*axis) | lost for *axis, lost in zip(layer.windows, sizes, dropped)]
            never = math.prod(sizes) - len(boxes(kept))
            if never:
                read = list(map(len, kept))
                expected[name] = {"read": read, "of": list(sizes), "never_read": never, **left}
        assert cases("skipped-pixels", network) == expected, to_yaml(network)
        seen += len(expected)
        shared += sum("read_by_none" in evidence for evidence in expected.values())
    assert seen > 100 and shared > 20


def left_by_all(layers, readers, source):
    """The units of a map that none of several readers reads; nothing where there is but one."""
    if len(readers[source]) < 2:
        return {}
    sizes = sizes_of(layers[source])
    units = boxes(map(range, sizes))
    for name in readers[source]:
        layer = layers[name]
        broadcast = layer.description["type"] in MERGES and sizes_of(layer) != sizes
        if layer.description["type"] in MERGES:
            read = [set(range(size)) for size in sizes] if broadcast else map(range, sizes)
        else:
            read = [units_read(window, size) for window, size in zip(layer.windows, sizes)]
        units -= boxes(read)
    return {"read_by_none": len(units)}


def test_dropped_edges():
    seen = 0
    for seed in SEEDS:
        network, layers, rows = windowed(seed)
        expected = {}
        for name, layer, dropped, left in rows:
            if any(dropped):
                sizes = layer.in_sizes
                counts = list(map(len, dropped))
                kept = [size - lost for size, lost in zip(sizes, counts)]
                units = {"units": math.prod(sizes) - math.prod(kept)} if len(sizes) > 1 else {}
                expected[name] = {"dropped": counts, "of": list(sizes), **units, **left}
        found = cases("dropped-edge", network)
        for name, evidence in found.items():
            check_fits(layers[name], evidence.pop("fits"))
        assert found == expected, to_yaml(network)
        seen += len(expected)
    assert seen > 50


def check_fits(layer, fits):
    """At the sizes told, and with the padding told, no unit past the last window is left."""
    description, sizes = layer.description, layer.in_sizes
    for axis, fit in enumerate(fits):
        if fit is None:
            continue
        smaller, larger, more = fit
        assert smaller < sizes[axis] < larger
        before, after = sliding_padding(description, axis, sizes[axis])
        kernel, stride, dilation = (
            value[axis] if isinstance(value, list) else value
            for value in (
                description["kernel_size"],
                description.get("stride", description["kernel_size"]),
                description.get("dilation", 1),
            )
        )
        span = reach(kernel, dilation)
        for size, behind in ((smaller, after), (larger, after), (sizes[axis], after + more)):
            if size + before + behind >= span:
                count = floor_count(size, before, behind, span, stride)
                assert (count - 1) * stride - before + span >= size


def test_hollow_kernels():
    seen = 0
    for seed in SEEDS:
        network, layers, _ = traced_layers(seed)
        expected = {}
        for layer in network["layers"]:
            if layer["type"] not in ("conv", "depthwise_conv", "conv_transpose"):
                continue
            windows, sizes = layers[layer["name"]].windows, layers[layer["name"]].in_sizes
            if any(window.period > 1 for window in windows):
                continue
            taps = [len(window.reads(0)) for window in windows]
            live = math.prod(map(live_pairs, windows, sizes))
            pairs = math.prod(window.size * count for window, count in zip(windows, taps))
            if 2 * live < pairs:
                met = math.prod(map(taps_that_meet, windows, sizes))
                idle = math.prod(taps) - met
                expected[layer["name"]] = {"live": live, "taps": pairs, "idle": idle}
        assert cases("hollow-kernel", network) == expected, to_yaml(network)
        seen += len(expected)
    assert seen > 10


def live_pairs(window, size):
    """Pairs of a unit and a tap that meets a real unit, one by one."""
    return sum(0 <= place < size for unit in range(window.size) for place in window.reads(unit))


def taps_that_meet(window, size):
    """Taps, by their order, that meet a real unit for some unit."""
    taps = range(len(window.reads(0)))
    return sum(
        any(0 <= sorted(window.reads(unit))[tap] < size for unit in range(window.size))
        for tap in taps
    )


def random_dilated_chain(seed):
    """A chain of convolutions on one axis whose windows leave no unit between them unread."""
    rng = random.Random(seed)
    layers, previous = [], "input"
    for number in range(rng.randint(1, 5)):
        kernel, dilation = rng.randint(1, 4), rng.choice((1, 1, 2, 2, 3, 4))
        strides = [s for s in range(1, kernel + 1) if math.gcd(s, dilation) == 1]
        attributes = {"kernel_size": kernel, "dilation": dilation, "stride": rng.choice(strides)}
        attributes["padding"] = rng.randint(0, kernel)
        layer = {"name": f"l{number}", "type": "conv", "from": [previous], "out_channels": 1}
        layers.append({**layer, **attributes})
        previous = layer["name"]
    return {"name": "chain", "input": [1, 20000], "layers": layers}


def test_gridding_of_chains():
    """Found where, and only where, the last layer's units have gaps in what they read."""
    seen = 0
    for seed in range(400):
        network = random_dilated_chain(seed)
        layers = trace(network).layers
        gaps = {}
        for layer in network["layers"]:
            pixels = layers[layer["name"]].fields[0].reads(0)
            if len(pixels) < extent(pixels):
                gaps[layer["name"]] = (len(pixels), extent(pixels))
        names = [layer["name"] for layer in network["layers"]]
        findings = cnncalc.lint(cnncalc.loads(to_yaml(network)), select=["gridding"])
        findings = [finding for finding in findings if "stage" not in finding.evidence]
        assert bool(findings) == (names[-1] in gaps), to_yaml(network)
        if not findings:
            continue
        seen += 1
        (finding,) = findings
        # The layers with gaps up to the last one, back to the one whose input had none.
        start = max((i + 1 for i, name in enumerate(names) if name not in gaps), default=0)
        assert finding.layers == tuple(names[start:])
        assert finding.evidence["read"] == [gaps[names[start]]]
        shares = {name: Fraction(*gaps[name]) for name in finding.layers}
        least = finding.evidence.get("least", finding.layer)
        assert shares[least] == min(shares.values())
        assert finding.evidence.get("least_read", [gaps[finding.layer]]) == [gaps[least]]
    assert 50 < seen < 350


def common_factor(offsets):
    """The largest number by multiples of which all offsets differ; 0 for a single one."""
    return math.gcd(*(offset - min(offsets) for offset in offsets))


def grids_of_chain(chain):
    """Per first layer of a dilated stage behind a stride, the layers that stay on its grid.

    Units of the stage's input that unit 0 reads are enumerated, tap by tap.
    """
    found, start = {}, 0
    while start < len(chain):
        before = math.prod(layer["stride"] for layer in chain[:start])
        if before == 1 or chain[start]["dilation"] == 1 or chain[start]["kernel_size"] == 1:
            start += 1
            continue
        offsets, shift, members, dilated = {0}, 1, [], 0
        for layer in chain[start:]:
            taps = range(layer["kernel_size"])
            moved = [tap * layer["dilation"] - layer["padding"] for tap in taps]
            offsets = {offset + shift * tap for offset in offsets for tap in moved}
            if common_factor(offsets) == 1:
                break
            shift *= layer["stride"]
            members.append(layer["name"])
            dilated += layer["dilation"] > 1 and layer["kernel_size"] > 1
        else:
            if dilated > 1:
                found[members[0]] = (tuple(members), common_factor(offsets))
        start += len(members)
    return found


def test_gridding_of_chains_from_their_stages_own_input():
    seen = 0
    for seed in range(400):
        chain = random_dilated_chain(seed)
        chain["layers"][0].update(kernel_size=9, dilation=1, stride=2)
        findings = cnncalc.lint(cnncalc.loads(to_yaml(chain)), select=["gridding"])
        of_pixels = {n for f in findings if "stage" not in f.evidence for n in f.layers}
        found = {
            finding.layer: (finding.layers, *finding.evidence["apart"])
            for finding in findings
            if "stage" in finding.evidence
        }
        expected = grids_of_chain(chain["layers"])
        told = {name: row for name, row in expected.items() if of_pixels.isdisjoint(row[0])}
        assert found == told, to_yaml(chain)
        seen += len(found)
    assert seen > 20


def test_no_gridding_without_gaps():
    for seed in SEEDS:
        network, layers, _ = traced_layers(seed)
        found = cases("gridding", network)
        found = {name: each for name, each in found.items() if "stage" not in each}
        for name, evidence in found.items():
            dilation = layers[name].description.get("dilation", 1)
            assert max(dilation if isinstance(dilation, list) else [dilation]) > 1 or (
                layers[name].description["type"] == "max_unpool"
            )
            for field, counts in zip(layers[name].fields, evidence["read"]):
                if counts is not None and field.whole is None:
                    widest = max((field.reads(u) for u in range(field.period)), key=extent)
                    assert counts == (len(widest), extent(widest))


def with_changes(network, changes):
    """The description with other attributes for some of its layers."""
    layers = [{**layer, **changes.get(layer["name"], {})} for layer in network["layers"]]
    return {**network, "layers": layers}


def test_misaligned_merges():
    seen = remedied = 0
    for seed in SEEDS:
        network, layers, _ = traced_layers(seed)
        if any(any(layer.global_axes) for layer in layers.values()):
            continue
        expected = {}
        for layer in network["layers"]:
            if layer["type"] not in MERGES or layers[layer["name"]].aligned is not False:
                continue
            apart, own = [], []
            for axis, joint in enumerate(layers[layer["name"]].fields):
                fields = [layers[source].fields[axis] for source in layer["from"]]
                centres = [mean_centre(field, joint.period) for field in fields]
                far = None if None in centres else max(centres) - min(centres)
                apart.append(far)
                own.append(far if far is None else far * Fraction(joint.period, joint.shift))
            expected[layer["name"]] = {"apart": apart, "apart_in_units": own}
        found = cases("misaligned-merge", network)
        for name, evidence in found.items():
            if changes := evidence.pop("changes"):
                changed = trace(with_changes(network, changes)).layers
                assert changed[name].aligned is True, (to_yaml(network), changes)
                assert changed[name].shape == layers[name].shape
                remedied += 1
        assert found == expected, to_yaml(network)
        seen += len(expected)
    assert seen > 5 and remedied > 5


def random_window(rng):
    """Kernel, stride, padding before and after, dilation, size and units of a window that fits."""
    while True:
        kernel, stride, dilation = rng.randint(1, 6), rng.randint(1, 7), rng.randint(1, 5)
        before, after, size = rng.randint(0, 8), rng.randint(0, 8), rng.randint(1, 40)
        span = reach(kernel, dilation)
        if span > size + before + after:
            continue
        if rng.random() < 0.7:
            units = floor_count(size, before, after, span, stride)
        else:
            units = ceil_count(size, before, after, span, stride, True)
        if units:
            return kernel, stride, before, dilation, size, units


@pytest.mark.parametrize("seed", range(20))
def test_counts_of_one_axis(seed):
    rng = random.Random(seed)
    for _ in range(100):
        kernel, stride, before, dilation, size, units = random_window(rng)
        window = sliding(kernel, stride, before, dilation)
        taps = {
            (unit, tap): unit * stride - before + tap * dilation
            for unit in range(units + size)
            for tap in range(kernel)
        }
        read = {place for (unit, _), place in taps.items() if unit < units and 0 <= place < size}
        assert read_mask(window, size, units) == sum(1 << place for place in read)
        last = max(place for (unit, _), place in taps.items() if unit < units)
        missed = {place for place in taps.values() if last < place < size} if stride > 1 else ()
        assert dropped_units(window, size, units) == len(missed)
        live = [tap for (unit, tap), p in taps.items() if unit < units and 0 <= p < size]
        found = live_taps(window, size, units)
        assert (found.live, found.all) == (len(live), units * kernel)
        assert found.idle == kernel - len(set(live))
        far = range(1000 * stride, 1001 * stride)
        interior = {u * stride - before + t * dilation for u in range(1200) for t in range(kernel)}
        assert read_share(window) == (sum(place in interior for place in far), stride)


@pytest.mark.parametrize("seed", range(50))
def test_units_that_no_reader_reads(seed):
    rng = random.Random(seed)
    sizes = [rng.randint(1, 6) for _ in range(rng.randint(1, 3))]
    masks = [tuple(rng.getrandbits(size) for size in sizes) for _ in range(rng.randint(0, 5))]
    left = sum(
        not any(all(mask >> at & 1 for mask, at in zip(each, unit)) for each in masks)
        for unit in product(*map(range, sizes))
    )
    assert in_none(masks, sizes) == left


def test_transposed_windows_read_every_unit():
    for kernel, stride in product(range(1, 6), repeat=2):
        window = transposed_window(kernel, stride, 0)
        assert read_mask(window, 4, 3 * stride + kernel) == 0b1111
