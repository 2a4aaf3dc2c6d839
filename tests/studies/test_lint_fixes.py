"""What `lint --fix` writes: the attribute, and no other byte."""

import pytest
import yaml

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
    edit = next(iter(switch_offs(text, "bias").values()))
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
