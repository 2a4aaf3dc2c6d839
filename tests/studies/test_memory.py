"""Bytes to run and to train: by hand, against brute force over orders and over arenas."""

import json
import random
import re
from itertools import permutations

import pytest

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import run
from cnncalc.studies.memory.arena import offsets
from cnncalc.studies.memory.liveness import Lifetime
from cnncalc.text.answer import render
from cnncalc.text.memory import memory_answer
from cnncalc.text.terminal import Terminal

# Numbers: input 48, a 32, relu 32, b 64, its relu 64, pool 16, flatten 16, fc 10.
NET = """
name: net
input: [3, 4, 4]
layers:
  - {name: a, type: conv, out_channels: 2, kernel_size: 1, bias: false}
  - {name: act, type: relu}
  - {name: b, type: conv, out_channels: 4, kernel_size: 1, bias: false}
  - {name: act2, type: relu6}
  - {name: pool, type: max_pool, kernel_size: 2}
  - flatten
  - {name: fc, type: linear, out_features: 10}
"""
LIVE = [48 + 32, 32 + 32, 32 + 64, 64 + 64, 64 + 16, 16, 16 + 10]
# a keeps the input, act its output, b nothing new, act2 its input, pool its input and 16 indices of
# 8 bytes, fc the pool's output through the flatten.
SAVED = [48 * 4, 32 * 4, 0, 64 * 4, 64 * 4 + 16 * 8, 0, 16 * 4]
PARAMS = 3 * 2 + 2 * 4 + 16 * 10 + 10


def live(found):
    return [layer.live for layer in found.layers]


def test_a_chain_by_hand():
    found = cnncalc.memory(cnncalc.loads(NET), train="adam")
    assert live(found) == [4 * each for each in LIVE]
    assert (found.peak, found.peak_layer) == (4 * 128, "act2")
    assert found.peak_input_held == 4 * (128 + 48)
    assert [layer.saved for layer in found.layers] == SAVED
    assert [layer.storage_of for layer in found.layers] == [None] * 5 + ["pool", None]
    assert found.weights == 4 * PARAMS and found.optimizer == 8 * PARAMS
    assert found.training == 4 * (4 * PARAMS) + sum(SAVED)
    assert [(each.tensor, each.size, each.first, each.last) for each in found.plan] == [
        ("input", 192, 0, 1),
        ("a", 128, 1, 2),
        ("act", 128, 2, 3),
        ("b", 256, 3, 4),
        ("act2", 256, 4, 5),
        ("pool", 64, 5, 7),
        ("fc", 40, 7, 7),
    ]


def test_batch_and_type_scale_what_is_per_image():
    found = cnncalc.memory(cnncalc.loads(NET), batch=10**9, dtype="float16")
    assert found.peak == 128 * 2 * 10**9
    assert found.weights == 2 * PARAMS
    pool = found.layers[4]
    assert pool.saved == (64 * 2 + 16 * 8) * 10**9


def test_in_place_where_nobody_reads_the_input_later():
    found = cnncalc.memory(cnncalc.loads(NET), in_place=True)
    assert [layer.storage_of for layer in found.layers][:4] == [None, "a", None, "b"]
    assert live(found)[:4] == [4 * each for each in (48 + 32, 32, 32 + 64, 64)]


SHARED = """
input: [1, 2, 2]
layers:
  - {type: relu, name: first}
  - {type: conv, name: c, out_channels: 1, kernel_size: 1}
  - {type: relu, name: r}
  - {type: add, name: sum, from: [r, c]}
  - {type: sigmoid, name: out}
  - {type: tanh, name: twin, from: sum}
"""


def test_not_in_place_of_the_input_nor_of_what_is_read_later():
    found = cnncalc.memory(cnncalc.loads(SHARED), in_place=True)
    owners = {layer.layer: layer.storage_of for layer in found.layers}
    # `first` reads the network's own input; c is read by sum, sum by twin after out.
    assert owners == {"first": None, "c": None, "r": None, "sum": "r", "out": None, "twin": "r"}


def test_the_attribute_shares_whatever_is_read_later():
    text = SHARED.replace("type: relu, name: r", "type: relu, in_place: true, name: r")
    owners = {layer.layer: layer.storage_of for layer in cnncalc.memory(cnncalc.loads(text)).layers}
    assert owners["r"] == "c"


def test_indices_of_max_pooling_in_pytorch():
    ideal, pytorch = (
        cnncalc.memory(cnncalc.loads(NET), runtime=runtime) for runtime in ("ideal", "pytorch")
    )
    differences = [two - one for one, two in zip(live(ideal), live(pytorch))]
    assert differences == [0, 0, 0, 0, 16 * 8, 0, 0]


def test_indices_live_until_they_are_read():
    text = """
input: [1, 4, 4]
layers:
  - {name: pool, type: max_pool, kernel_size: 2}
  - {name: act, type: relu}
  - {name: up, type: max_unpool, pool: pool}
  - {name: end, type: sigmoid}
"""
    network = cnncalc.loads(text)
    ideal, pytorch = (
        live(cnncalc.memory(network, runtime=runtime)) for runtime in ("ideal", "pytorch")
    )
    assert [two - one for one, two in zip(ideal, pytorch)] == [32, 32, 32, 0]


def test_nothing_is_kept_before_the_first_parameter():
    early = "  - {name: early, type: sigmoid}\n  - {type: max_pool, kernel_size: 1}\n"
    found = cnncalc.memory(cnncalc.loads(NET.replace("  - {name: a,", f"{early}  - {{name: a,")))
    assert [layer.saved for layer in found.layers] == [0, 0, *SAVED]


def test_what_is_not_known_is_not_a_number():
    text = NET.replace("4, 4]", "null, null]").replace("- flatten", "- global_avg_pool")
    found = cnncalc.memory(cnncalc.loads(text), train="sgd", order="best")
    assert (found.peak, found.peak_input_held, found.peak_layer, found.arena) == (None,) * 4
    assert (found.saved, found.training, found.plan) == (None, None, ())
    assert (found.order.proven, found.order.bound) == (False, None)
    # pool's output alone is unknown while the global average runs; fc reads 4 numbers, gives 10.
    assert live(found) == [None] * 6 + [4 * (4 + 10)]
    assert found.weights == 4 * (3 * 2 + 2 * 4 + 4 * 10 + 10)


def test_a_kind_without_a_rule_is_unknown():
    text = NET.replace("{name: act, type: relu}", "{name: act, type: function, operator: i0}")
    found = cnncalc.memory(cnncalc.loads(text))
    assert found.layers[1].saved is None and found.saved is None
    assert found.peak == 4 * 128


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dtype": "float23"}, "no type of numbers is named 'float23'; did you mean 'float32'?"),
        ({"runtime": "tf"}, "no runtime is named 'tf'; use ideal, pytorch"),
        ({"order": 3}, "order must be a text, not 3"),
        ({"train": "adamv"}, "no optimizer is named 'adamv'; did you mean 'adam'?"),
        (
            {"train": "adam", "dtype": "int8"},
            "a network of int8 is not trained; use one of float64, float32, float16, bfloat16",
        ),
        ({"in_place": 1}, "in_place must be True or False, not 1"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(cnncalc.UsageError) as refusal:
        cnncalc.memory("lenet5", **arguments)
    assert str(refusal.value) == message


def random_network(seed, most=8):
    """A small network with branches, whose maps are of different sizes."""
    rng = random.Random(seed)
    lines, names = [], ["input"]
    for place in range(rng.randint(3, most)):
        name = f"l{place}"
        if rng.random() < 0.3 and len(names) > 2:
            sources = rng.sample(names, 2)
            lines.append(f"{{name: {name}, type: concat, from: [{', '.join(sources)}]}}")
        elif rng.random() < 0.2:
            lines.append(f"{{name: {name}, type: relu, from: {rng.choice(names)}}}")
        else:
            channels = rng.choice([1, 2, 5, 9])
            source = rng.choice(names)
            lines.append(
                f"{{name: {name}, type: conv, out_channels: {channels}, kernel_size: 1, "
                f"from: {source}}}"
            )
        names.append(name)
    layers = "\n".join(f"  - {line}" for line in lines)
    return cnncalc.loads(f"name: r\ninput: [3, 1, 1]\nlayers:\n{layers}\n")


def brute_force_peak(network, in_place):
    """The least peak of all orders, each simulated with sets of names."""
    sources = {node.index: node.sources for node in network.nodes}
    size = {0: 3, **{layer.index: layer.out_shape[0] for layer in cnncalc.analyze(network)}}
    readers = {index: {i for i, read in sources.items() if index in read} for index in size}
    elementwise = {node.index for node in network.nodes if node.type == "relu"}
    best = None
    for order in permutations(sources):
        ran, peak, live_now = {0}, 0, {0}
        for index in order:
            if not ran.issuperset(sources[index]):
                break
            first = sources[index][0]
            over = in_place and index in elementwise and first and readers[first] <= {*ran, index}
            peak = max(peak, sum(size[each] for each in live_now | {index}) - over * size[index])
            ran.add(index)
            live_now = {i for i in ran if not readers[i] or not readers[i] <= ran}
        else:
            best = peak if best is None else min(best, peak)
    return 4 * best


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("start", range(0, 500, 100))
def test_the_least_order_is_the_least_of_all(start, in_place):
    improved = 0
    for seed in range(start, start + 100):
        network = random_network(seed, 8 if seed % 50 == 0 else 6)
        given = cnncalc.memory(network, in_place=in_place)
        best = cnncalc.memory(network, in_place=in_place, order="best")
        assert best.peak == brute_force_peak(network, in_place), seed
        assert best.order.proven and best.order.bound == best.peak == max(live(best))
        assert best.given_peak == given.peak
        improved += best.peak < given.peak
        places = {layer.layer: place for place, layer in enumerate(best.layers)}
        for node in network.nodes:
            names = [network.name_of(source) for source in node.sources if source]
            assert all(places[name] < places[node.name] for name in names)
    assert improved


def test_an_order_does_not_overwrite_what_is_still_read():
    """The relu in place must come after `big`, which reads what it writes over."""
    text = """
input: [1, 4, 4]
layers:
  - {name: a, type: conv, out_channels: 1, kernel_size: 1}
  - {name: big, type: conv, out_channels: 9, kernel_size: 1, from: a}
  - {name: r, type: relu, in_place: true, from: a}
  - {name: small, type: global_avg_pool, from: r}
  - {name: end, type: mul, from: [big, small]}
"""
    found = cnncalc.memory(cnncalc.loads(text), order="best")
    assert [layer.layer for layer in found.layers] == ["a", "big", "r", "small", "end"]


def least_arena(lifetimes):
    """The least arena of first fits over all orders of placing, which one of them reaches."""

    def placed(order):
        blocks = []
        for each in order:
            beside = sorted(
                (o, o + b.size) for b, o in blocks if b.first <= each.last and b.last >= each.first
            )
            offset = 0
            for start, end in beside:
                if start - offset >= each.size:
                    break
                offset = max(offset, end)
            blocks.append((each, offset))
        return max(offset + each.size for each, offset in blocks)

    return min(map(placed, permutations(lifetimes)))


def greedy(lifetimes):
    """The published plan, written down again with bytes that are taken or free."""
    taken = {}
    for each in sorted(lifetimes, key=lambda each: -each.size):
        busy = {
            byte
            for other, offset in taken.values()
            if other.first <= each.last and other.last >= each.first
            for byte in range(offset, offset + other.size)
        }
        end = max(busy, default=-1) + 1
        gaps, at = [], 0
        while at < end:
            if at in busy:
                at += 1
                continue
            stop = next(b for b in range(at, end + 1) if b in busy)
            gaps.append((stop - at, at))
            at = stop
        fitting = [gap for gap in gaps if gap[0] >= each.size]
        taken[each.key] = each, min(fitting)[1] if fitting else end
    return max(offset + each.size for each, offset in taken.values())


@pytest.mark.parametrize("seed", range(60))
def test_an_arena_without_overlap_near_the_least(seed):
    rng = random.Random(seed)
    lifetimes = []
    for key in range(6):
        first = rng.randint(0, 6)
        lifetimes.append(Lifetime(key, rng.randint(1, 9), first, min(first + rng.randint(0, 3), 7)))
    places = offsets(lifetimes)
    for one, at in zip(lifetimes, places):
        for other, there in zip(lifetimes, places):
            if one is not other and one.first <= other.last and other.first <= one.last:
                assert at + one.size <= there or there + other.size <= at
    size = max(at + each.size for each, at in zip(lifetimes, places))
    peak = max(sum(e.size for e in lifetimes if e.first <= step <= e.last) for step in range(8))
    assert peak <= least_arena(lifetimes) <= size == greedy(lifetimes)


def test_more_storages_than_are_planned():
    text = "input: [1, 1, 1]\nlayers:\n  - {type: relu, repeat: %d}\n"
    planned, beyond = (cnncalc.memory(cnncalc.loads(text % count)) for count in (4_999, 5_000))
    assert planned.arena == 8 and len(planned.plan) == 5_000
    assert beyond.arena is None and beyond.plan == () and beyond.peak == 8


KEYS = [
    *("schema", "network", "input_shape", "dtype", "batch", "weights", "buffers", "input", "peak"),
    *("peak_input_held", "peak_layer", "arena", "saved", "gradients", "optimizer", "training"),
    *("order", "layers", "plan"),
]


def test_json(capsys):
    assert run(["memory", "lenet5", "--json", "--order", "best"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == KEYS and found == cnncalc.memory("lenet5", order="best").to_dict()
    assert list(found["layers"][0]) == ["layer", "output", "storage_of", "live", "saved"]
    assert list(found["plan"][0]) == ["tensor", "offset", "size", "first", "last"]
    assert list(found["order"]) == ["proven", "bound"]


def test_csv_of_layers_and_plan(capsys):
    run(["memory", "lenet5", "--csv", "--sort", "live", "--top", "1"])
    assert capsys.readouterr().out == (
        "index,layer,type,output,storage_of,live,saved\n"
        # 6·28² and 6·14² numbers of LeNet-5's C1 and S2, the activation between them
        f"2,tanh1,tanh,{6 * 28 * 28 * 4},,{2 * 6 * 28 * 28 * 4},{6 * 28 * 28 * 4}\n"
    )
    run(["memory", "lenet5", "--csv", "--plan", "--top", "1"])
    assert capsys.readouterr().out.splitlines()[0] == "tensor,offset,size,first,last"


PAIRS = """
name: pairs
input: [2, 4, 4]
blocks:
  pair:
    layers:
      - {name: c, type: conv, out_channels: 2, kernel_size: 1}
      - tanh
layers:
  - {name: p, type: pair, repeat: 2}
  - {name: end, type: conv, out_channels: 1, kernel_size: 1}
"""
# Each map but the last is of 32 numbers, two of them are live; a pair keeps its input (what the
# second reads is what the first keeps) and its tanh's output.


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ("--depth 1 --columns layer,repeat,output,live,saved", "p,1,128,256,384 end,1,64,192,0"),
        ("--layers p.1.* --columns layer,live", "p.1.c,256 p.1.tanh1,256"),
        ("--sort saved --top 1 --columns layer,saved", "p.0.c,128"),
        ("--plan --layers p.1.* --columns tensor,first,last", "p.1.c,3,4 p.1.tanh1,4,5"),
    ],
)
def test_rows_and_columns_are_chosen(options, rows, tmp_path, capsys):
    path = tmp_path / "pairs.yaml"
    path.write_text(PAIRS)
    assert run(["memory", str(path), "--csv", *options.split()]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == rows.split()


def test_json_has_the_rows_that_are_asked_for(capsys):
    assert run(["memory", "lenet5", "--json", "--layers", "C*", "--sort", "live"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [layer["layer"] for layer in found["layers"]] == ["C1", "C3", "C5"]
    assert found["peak"] == 2 * 6 * 28 * 28 * 4


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["lenet5", "--layers", "zz"], 2, "no layer of lenet5 fits 'zz'"),
        (["lenet5", "--columns", "layer,lives"], 2, "did you mean 'live'?"),
        (["lenet5", "--plan", "--depth", "1"], 2, "they do not go together"),
        (["lenet5", "--train", "adam", "--dtype", "int8"], 2, "a network of int8 is not trained"),
        (["lenet5", "--sort", "rf"], 2, "no column is named 'rf'; use index"),
        (["--spec", "3,1,1", "--plan"], 2, "has no plan"),
    ],
)
def test_refusals_are_one_line(arguments, status, message, capsys):
    assert run(["memory", *arguments]) == status
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


EARLY = """
name: early
input: [1, 8, 8]
layers:
  - {name: wide, type: conv, out_channels: 16, kernel_size: 1}
  - {name: act, type: relu}
  - {name: down, type: conv, out_channels: 2, kernel_size: 2, stride: 2}
"""


def test_one_layer_alone_makes_the_peak():
    (finding,) = cnncalc.lint(cnncalc.loads(EARLY), select=["CNN501"])
    wide = 16 * 64 * 4
    assert (finding.rule, finding.severity, finding.layer) == ("memory-peak", "info", "act")
    assert finding.evidence == {
        "peak": 2 * wide,
        "second": wide + 64 * 4,  # the input and wide; act and down are less
        "in_place": wide + 64 * 4,
        "order": 2 * wide,
    }
    assert "4.25 KiB in place" in finding.remedy
    without = cnncalc.loads(EARLY.replace("  - {name: act, type: relu}\n", ""))
    assert not cnncalc.lint(without, select=["CNN501"])


@pytest.mark.parametrize(
    ("bound", "result"), [(8192, "ok"), ("8KiB", "ok"), ("8.1k", "exceeded"), ("0.007MiB", None)]
)
def test_budgets(bound, result):
    network = cnncalc.loads(EARLY)
    if result is None:
        with pytest.raises(cnncalc.UsageError, match="is no whole number"):
            cnncalc.check(network, max_memory=bound)
        return
    (verdict,) = cnncalc.check(network, max_memory=bound)
    assert (verdict.figure, verdict.result) == (2 * 16 * 64 * 4, result)


def test_budgets_hold_for_a_type_of_numbers_and_a_batch(capsys):
    network = cnncalc.loads(EARLY + "budgets: {max_memory: 8KiB, max_weight_memory: 100}\n")
    numbers, weights = 2 * 16 * 64, 16 + 16 + 16 * 2 * 4 + 2
    for dtype, width in (("float64", 8), ("float16", 2), ("int8", 1)):
        verdicts = cnncalc.check(network, dtype=dtype, batch=3)
        assert [each.figure for each in verdicts] == [3 * width * numbers, width * weights]
    with pytest.raises(cnncalc.UsageError, match="did you mean 'float32'"):
        cnncalc.check(network, dtype="float23")
    options = ["--max-memory", "19KiB", "--dtype", "float16"]  # 6 · 28² numbers, twice, are 18,816
    assert run(["check", "lenet5", *options]) == 0
    assert " · float16\n" in capsys.readouterr().out
    assert run(["check", "lenet5", *options, "--batch", "2"]) == 1


def test_budget_of_weights_and_of_what_is_unknown():
    (verdict,) = cnncalc.check(cnncalc.loads(EARLY), max_weight_memory="1KiB")
    assert (verdict.figure, verdict.result) == (4 * (16 + 16 + 16 * 2 * 4 + 2), "ok")
    (verdict,) = cnncalc.check(cnncalc.from_spec("3,1,1"), max_memory="1KiB")
    assert (verdict.figure, verdict.result) == (None, "unknown")


def test_memory_of_networks_side_by_side():
    comparison = cnncalc.compare(cnncalc.loads(EARLY), cnncalc.loads(EARLY), batch=3)
    assert [each.figures["memory"] for each in comparison.networks] == [3 * 8192] * 2


def test_list_with_memory(capsys):
    assert run(["list", "lenet5", "--columns", "network,memory", "--csv"]) == 0
    assert capsys.readouterr().out == f"network,memory\nlenet5,{2 * 6 * 28 * 28 * 4}\n"
    assert run(["list", "--columns", "memery"]) == 2
    assert "did you mean 'memory'?" in capsys.readouterr().err


def test_the_sum_at_the_peak(capsys):
    assert run(["explain", "lenet5", "--memory", "--csv", "--batch", "2"]) == 0
    size = 2 * 6 * 28 * 28 * 4
    assert capsys.readouterr().out == (
        "tensor,shape,copies,bytes,first,last\n"
        f"C1,6x28x28,2,{size},1,2\ntanh1,6x28x28,2,{size},2,3\n"
    )
    assert run(["explain", "lenet5", "C1", "--memory"]) == 2


STYLES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("network", zoo.names())
def test_the_table_is_in_one_piece(network):
    answer = memory_answer(cnncalc.memory(network, in_place=True, train="adam"))
    for width in (40, 80):
        text = render(answer, "table", Terminal(width, colours=256, styled=True))
        lines = STYLES.sub("", text).splitlines()
        assert max(map(len, lines)) <= width
        assert sum(line.split()[:1] in (["layer"], ["#"]) for line in lines) == 1
        assert width < 80 or "█" * 8 in text


def test_the_bar_of_the_peak_is_full():
    text = render(memory_answer(cnncalc.memory("lenet5")), "table", Terminal(80, styled=True))
    lines = [line for line in STYLES.sub("", text).splitlines() if "█" * 8 in line]
    assert [line.split()[1] for line in lines] == ["tanh1"]
