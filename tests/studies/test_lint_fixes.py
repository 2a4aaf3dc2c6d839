"""What `lint --fix` writes: the attribute, and no other byte."""

from random import Random

import pytest
import yaml

from cnncalc.cli.application import run
from cnncalc.readers.yaml_places import switch_offs

LAYOUTS = [
    ("- conv", "- {type: conv, bias: false}"),
    ("- conv  # c", "- {type: conv, bias: false}  # c"),
    ('- "conv"', '- {type: "conv", bias: false}'),
    ("- {type: conv, name: é𝄞}  # c", "- {type: conv, name: é𝄞, bias: false}  # c"),
    ("- {type: conv, stride: 2, }", "- {type: conv, stride: 2, bias: false, }"),
    ("- {type: conv, bias: true, stride: 2}", "- {type: conv, bias: false, stride: 2}"),
    ("- {type: conv, bias:   Yes }", "- {type: conv, bias:   false }"),
    ("- {type: conv, # a\n     stride: [2,\n 2] # b\n   }",
     "- {type: conv, # a\n     stride: [2,\n 2], bias: false # b\n   }"),
    ("- name: a # x\n    type: conv   # y\n    # z",
     "- name: a # x\n    type: conv   # y\n    bias: false\n    # z"),
    ("- type: conv\n    stride:\n      - 2\n      - 2",
     "- type: conv\n    bias: false\n    stride:\n      - 2\n      - 2"),
    ("-\n      type: conv\n      bias: on # k", "-\n      type: conv\n      bias: false # k"),
    ("- {type: conv, bias: $b}", None),
    ("- {type: conv, bias: 'true'}", None),
    ("- {type: conv, bias: &b true}", None),
    ("- &a {type: conv}", None),
    ("- &a conv", None),
]  # fmt: skip
HEAD = "# ä𝄞\ninput: [3, 8, 8]\nlayers:\n  "
TAIL = "\n  - batch_norm # end\n"


def edited(text):
    edit = next(iter(switch_offs(text, ("conv",), "bias").values()))
    return None if edit is None else text[: edit.start] + edit.text + text[edit.end :]


@pytest.mark.parametrize("feed", ["\n", "\r\n"])
@pytest.mark.parametrize(("before", "after"), LAYOUTS)
def test_layouts(before, after, feed):
    text = (HEAD + before + TAIL).replace("\n", feed)
    if after is None:
        assert edited(text) is None
        return
    assert edited(text) == (HEAD + after + TAIL).replace("\n", feed)
    old, new = yaml.safe_load(text)["layers"], yaml.safe_load(edited(text))["layers"]
    layer = {"type": "conv"} if isinstance(old[0], str) else old[0]
    assert new == [{**layer, "bias": False}, *old[1:]]


def fixed(tmp_path, text, *options):
    """The file's content after the command."""
    path = tmp_path / "net.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert run(["lint", str(path), *(options or ["--fix"])]) == 0
    return path.read_bytes().decode()


CONV = "{type: conv, out_channels: 4, kernel_size: 3}"
BARE = "input: [3, 64, 64]\ndefaults: {conv: {out_channels: 4, kernel_size: 3}}\n"
LEFT = {
    "read by another": "layers:\n- {name: a, type: conv}\n- batch_norm\n- {type: relu, from: a}",
    "used otherwise": f"blocks:\n  b:\n    layers:\n    - {CONV}\nlayers:\n"
    "- b\n- batch_norm\n- b\n- relu",
    "repeated": "layers:\n- {type: conv, repeat: 2}\n- batch_norm",
    "two on a line": "layers: [conv, batch_norm, conv, batch_norm]",
    "under a condition, on a line": "args: {n: true}\nlayers: [conv, {type: batch_norm, when: $n}]",
    "an alias": "layers:\n- &c {type: conv}\n- batch_norm\n- *c\n- batch_norm",
    "an expression": "args: {b: true}\nlayers:\n- {type: conv, bias: $b}\n- batch_norm",
    "under a condition": "args: {n: true}\nlayers:\n- conv\n- {type: batch_norm, when: $n}",
    "shared": "layers:\n- {type: conv, out_channels: 3, padding: 1, name: a}\n- batch_norm\n"
    "- {type: conv, out_channels: 3, padding: 1, shares: a}\n- batch_norm",
    "attention": "layers:\n- {type: attention, heads: 1}\n- batch_norm",
}  # fmt: skip


@pytest.mark.parametrize("reason", LEFT)
def test_what_is_not_certain_is_left(reason, tmp_path):
    text = BARE + LEFT[reason]
    assert fixed(tmp_path, text) == text


def test_a_block_whose_uses_all_come_before_a_norm(tmp_path, capsys):
    text = BARE + "blocks:\n  b:\n    layers:\n    - conv\n    - batch_norm\nlayers:\n- b\n- b\n"
    expected = text.replace("    - conv\n", "    - {type: conv, bias: false}\n")
    assert fixed(tmp_path, text) == expected
    out, err = capsys.readouterr()
    assert out == "net: nothing found by 11 rules\n"
    assert err == f"note: fixed 1 in {tmp_path}/net.yaml\n"
    assert fixed(tmp_path, expected) == expected


def test_a_layer_whose_comment_lets_findings_pass_is_left(tmp_path):
    text = BARE + "layers:\n- conv\n- batch_norm\n- {type: conv} # cnncalc: ignore\n- batch_norm"
    fix = text.replace("- conv\n", "- {type: conv, bias: false}\n")
    assert fixed(tmp_path, text) == fix


def test_one_that_shares_its_line_with_other_kinds(tmp_path):
    text = BARE + "layers: [conv, batch_norm, relu,\n  {type: conv}, batch_norm]\n"
    expected = text.replace("[conv", "[{type: conv, bias: false}")
    assert fixed(tmp_path, text) == expected.replace("{type: conv}", "{type: conv, bias: false}")


def test_byte_order_mark_and_line_ends_stay(tmp_path):
    text = (BARE + "layers:\n- type: conv # é\n- batch_norm").replace("\n", "\r\n")
    assert fixed(tmp_path, b"\xef\xbb\xbf" + text.encode()) == "\ufeff" + text.replace(
        "# é\r\n", "# é\r\n  bias: false\r\n"
    )


def test_the_difference_is_shown_and_nothing_written(tmp_path, capsys):
    text = BARE + "layers:\n- conv\n- batch_norm"
    assert fixed(tmp_path, text, "--diff") == text
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:] == [
        *(" " + line for line in (BARE + "layers:").splitlines()),
        "-- conv",
        "+- {type: conv, bias: false}",
        " - batch_norm",
        "\\ No newline at end of file",
    ]


def test_others_than_own_files_are_left(tmp_path, capsys):
    (tmp_path / "blocks.yaml").write_text(f"blocks:\n  b:\n    layers:\n    - {CONV}\n")
    text = BARE + "include: blocks.yaml\nlayers:\n- b\n- batch_norm\n"
    assert fixed(tmp_path, text) == text
    assert "1 entry is left alone" in capsys.readouterr().err
    assert CONV + "\n" in (tmp_path / "blocks.yaml").read_text()
    with_set = BARE + "args: {n: 4}\nlayers:\n- {type: conv, out_channels: $n}\n- batch_norm\n"
    assert fixed(tmp_path, with_set, "--fix", "--set", "n=5") == with_set


VALUES = {"name": "a b", "stride": "[1,\n      1]", "padding": "1", "bias": "true"}


@pytest.mark.parametrize("seed", range(60))
def test_random_definitions(seed, tmp_path):
    """Of layers in random layouts, just those that a norm follows get the key."""
    random, lines, before = Random(seed), [], []
    for number in range(8):
        keys = random.sample(sorted(VALUES), random.randint(0, 4))
        pairs = {"type": "conv", **{key: VALUES[key] for key in keys}}
        if "name" in pairs:
            pairs["name"] = f"'n {number}'"
        items = [f"{key}: {pairs[key]}" for key in random.sample(sorted(pairs), len(pairs))]
        comment, apart = random.choice(["", "  # c, }"]), random.choice([", ", ",\n      "])
        flow = f"- {{{apart.join(items)}}}{comment}"
        block = "- " + f"{comment}\n    ".join(items) + comment
        before.append(random.random() < 0.6)
        lines += [random.choice([flow, block]), random.choice(["# x", ""])]
        lines.append("- batch_norm" if before[-1] else "- relu")
    text = BARE + "layers:\n  " + "\n  ".join(lines) + random.choice(["", "\n"])
    old = yaml.safe_load(text)
    for layer, norm in zip(old["layers"][::2], before):
        layer.update({"bias": False} if norm else {})
    new = fixed(tmp_path, text)
    assert yaml.safe_load(new) == old
    assert fixed(tmp_path, new) == new
