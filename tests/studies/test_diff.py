"""diff: never more edits than were made, and its script makes the old report the new one."""

import copy
import itertools
import json
import random
import subprocess

import pytest
import yaml

import cnncalc
from cnncalc.cli.application import run
from cnncalc.errors import CnncalcError
from cnncalc.exporters.yaml import flat_definition
from cnncalc.report.columns import plain_layer

NETWORKS = ("alexnet", "resnet18", "unet", "squeezenet1_1", "googlenet", "mobilenet_v2", "segnet")
ELEMENTWISE = ("relu", "batch_norm", "dropout", "sigmoid", "silu", "identity", "relu6")


def explicit(name):
    """A built-in network as a tree in which every layer says its name and what it reads."""
    network = cnncalc.load(name)
    tree = yaml.safe_load(flat_definition(network))
    for entry, node in zip(tree["layers"], network.nodes):
        at = tree["layers"].index(entry)
        entry = {"type": entry} if isinstance(entry, str) else entry
        entry |= {"name": node.name, "from": [network.name_of(index) for index in node.sources]}
        tree["layers"][at] = entry
    return tree


def renamed(tree, old, new):
    for entry in tree["layers"]:
        if entry["name"] == old:
            entry["name"] = new
        entry["from"] = [new if name == old else name for name in entry["from"]]
        for key in ("like", "pool", "shares"):
            if entry.get(key) == old:
                entry[key] = new


def edited(tree, chance, number):
    """The tree with one edit; None where the edit does not fit."""
    tree = copy.deepcopy(tree)
    at = chance.randrange(len(tree["layers"]))
    entry = tree["layers"][at]
    how = chance.choice(["insert", "remove", "rename", "attribute", "type"])
    if how == "insert":
        new = {"name": f"new{number}", "type": chance.choice(ELEMENTWISE), "from": [entry["name"]]}
        for later in tree["layers"][at + 1 :]:
            if chance.random() < 0.8:
                later["from"] = [
                    new["name"] if name == entry["name"] else name for name in later["from"]
                ]
        tree["layers"].insert(at + 1, new)
    elif how == "remove":
        del tree["layers"][at]
        renamed(tree, entry["name"], entry["from"][0])
    elif how == "rename":
        renamed(tree, entry["name"], f"other{number}")
    elif how == "type" and entry["type"] in ELEMENTWISE:
        entry["type"] = chance.choice([one for one in ELEMENTWISE if one != entry["type"]])
        for key in set(entry) - {"name", "type", "from"}:
            del entry[key]
    elif "kernel_size" in entry and how == "attribute":
        entry["kernel_size"] = chance.choice([1, 3, 5])
        entry["padding"] = "same" if entry["type"] == "conv" else 0
    else:
        return None
    return tree


def network_of(tree):
    return cnncalc.loads(json.dumps(tree))


def made(name, seed):
    """An old and a new network, and how many edits were made."""
    chance = random.Random(seed)
    old = new = explicit(name)
    count, edits = 0, chance.randint(1, 6)
    for number in itertools.count():
        one = edited(new, chance, number)
        if one is not None:
            try:
                cnncalc.analyze(network_of(one))
            except CnncalcError:
                continue
            new, count = one, count + 1
        if count == edits:
            break
    return network_of(old), network_of(new), count


def rows(network):
    return [plain_layer(layer) for layer in cnncalc.analyze(network)]


def applied(layers, script):
    """The old layers with a script's changes, by what its JSON says alone."""
    changed = {change["old"]: change for change in script if change["old"]}
    new_name = {old: change["new"] for old, change in changed.items()}
    result = []
    for layer in layers:
        change = changed.get(layer["layer"], {"new": layer["layer"], "changes": {}})
        if change["new"] is None:
            continue
        row = {**layer, "layer": change["new"]}
        row["from"] = [new_name.get(name, name) for name in layer["from"]]
        result.append(row | {key: new for key, (_, new) in change["changes"].items() if key in row})
    for change in script:
        if change["change"] == "added":
            names = [None, *(row["layer"] for row in result)]
            row = {key: new for key, (_, new) in change["changes"].items()}
            row |= {"layer": change["new"], "from": change["definition"]["from"]}
            result.insert(names.index(change["after"]), row)
    return [row | {"index": place} for place, row in enumerate(result, start=1)]


@pytest.mark.parametrize("seed", range(300))
def test_random_edits(seed):
    old, new, count = made(NETWORKS[seed % len(NETWORKS)], seed)
    assert len(cnncalc.diff(old, new).layers) <= count
    script = cnncalc.diff(old, new, every=True).to_dict()["layers"]
    assert applied(rows(old), script) == rows(new)


def test_equal_networks():
    assert cnncalc.diff("resnet50", "resnet50").layers == ()


BASE = "input: [3, 32, 32]\nlayers:\n  - {name: a, type: conv, out_channels: 8, kernel_size: 3}\n"


def test_a_renamed_layer_is_one_edit():
    (change,) = cnncalc.diff(cnncalc.loads(BASE), cnncalc.loads(BASE.replace("a,", "b,"))).layers
    assert (change.change, change.old, change.new) == ("renamed", "a", "b")


def test_numbers_of_unnamed_layers_are_no_names():
    old, new = (
        BASE + "  - relu\n  - relu\n",
        BASE + "  - {type: relu, name: x}\n  - relu\n  - relu\n",
    )
    (change,) = cnncalc.diff(cnncalc.loads(old), cnncalc.loads(new)).layers
    assert (change.change, change.new, change.definition) == (
        "added",
        "x",
        {"type": "relu", "from": ["a"]},
    )


def test_figures_that_merely_moved_are_told_with_every():
    old = BASE + "  - {name: b, type: conv, out_channels: 4, kernel_size: 3}\n"
    new = old.replace("8", "16")
    networks = cnncalc.loads(old), cnncalc.loads(new)
    (change,) = cnncalc.diff(*networks).layers
    assert change.changes["out_channels"] == [8, 16]
    assert [one.new for one in cnncalc.diff(*networks, every=True).layers] == ["a", "b"]


def test_rewiring_is_a_change():
    text = BASE + "  - {name: b, type: relu}\n  - {name: c, type: relu, from: FROM}\n"
    (change,) = cnncalc.diff(
        cnncalc.loads(text.replace("FROM", "a")), cnncalc.loads(text.replace("FROM", "b"))
    ).layers
    assert (change.new, change.changes["from"]) == ("c", [["a"], ["b"]])


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def git(*words):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *identity, *words], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "same.yaml").write_text(BASE)
    (tmp_path / "nets" / "net.yaml").write_text(BASE)
    (tmp_path / "nets" / "old.yaml").write_text(BASE)
    (tmp_path / "ci.yaml").write_text("steps: [a]\n")
    git("add", ".")
    git("commit", "-qm", "first")
    (tmp_path / "nets" / "net.yaml").write_text(BASE + "  - relu\n")
    (tmp_path / "nets" / "old.yaml").unlink()
    (tmp_path / "nets" / "new.yaml").write_text("budgets: {max_params: 100}\n" + BASE)
    (tmp_path / "ci.yaml").write_text("steps: [b]\n")
    git("add", ".")
    git("commit", "-qm", "second")
    return git


def test_git(repository, capfd):
    assert run(["diff", "--git", "HEAD~1..HEAD", "nets", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert [(one["old"], one["new"]) for one in found] == [
        ("net", "net"),
        (None, "new"),
        ("old", None),
    ]
    assert [change["change"] for change in found[0]["layers"]] == ["added"]
    assert found[1]["totals"]["params"] == [None, 8 * 27 + 8]


def test_git_against_now_and_files_that_are_no_networks(repository, capfd):
    assert run(["diff", "--git", "HEAD", "--exit-code"]) == 0
    assert run(["diff", "--git", "HEAD~1", "--exit-code", "--markdown"]) == 1
    out, err = capfd.readouterr()
    assert "note: ci.yaml is passed over" in err
    assert "<details><summary>1 added</summary>" in out
    assert r"| max\_params | 224 | 100 | exceeded |" in out


def test_a_change_of_blocks_is_one_of_what_includes_them(repository, tmp_path, capfd):
    (tmp_path / "nets" / "parts").mkdir()
    block = "blocks: {b: {layers: [{type: conv, out_channels: 4, kernel_size: K}]}}\n"
    user = "input: [3, 8, 8]\ninclude: [parts/b.yaml]\nlayers: [{name: u, type: b}]\n"
    (tmp_path / "nets" / "parts" / "b.yaml").write_text(block.replace("K", "3"))
    (tmp_path / "nets" / "user.yaml").write_text(user)
    repository("add", ".")
    repository("commit", "-qm", "third")
    (tmp_path / "nets" / "parts" / "b.yaml").write_text(block.replace("K", "5"))
    assert run(["diff", "--git", "HEAD", "--json"]) == 0
    (found,) = json.loads(capfd.readouterr().out)
    assert (found["new"], found["totals"]["params"]) == ("user", [4 * 27 + 4, 4 * 75 + 4])
    assert run(["diff", "--git", "HEAD", "nets/user.yaml", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == [found]
    repository("commit", "-qam", "fourth")
    assert run(["diff", "--git", "HEAD~1..HEAD", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == [found]


def test_what_a_layer_refers_to_is_an_attribute():
    text = BASE + "  - {name: p, type: max_pool, kernel_size: 2}\n"
    text += "  - {name: u, type: upsample, like: LIKE, from: p}\n"
    like, other = (cnncalc.loads(text.replace("LIKE", name)) for name in ("a", "p"))
    (change,) = cnncalc.diff(like, other).layers
    assert change.changes["like"] == ["a", "p"]
    assert cnncalc.diff(like, like).layers == ()


def test_git_complains_in_a_line(repository, capfd):
    for revision in ("nowhere", "HEAD..", "--output=x", "..", "a..b..c"):
        assert run(["diff", "--git", revision]) == 2
        assert len(capfd.readouterr().err.splitlines()) == 1


def test_exit_code(capfd):
    assert run(["diff", "vgg16", "vgg16", "--exit-code"]) == 0
    assert run(["diff", "vgg16", "vgg19", "--exit-code"]) == 1
    assert run(["diff", "vgg16", "vgg19"]) == 0
    assert run(["diff", "vgg16"]) == 2
