"""A layer as a prototxt writes it, in either generation, and whether the test phase has it."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import DefinitionError
from ...wording import quote
from .prototxt_message import Message

SOLVER_FIELDS = ("net", "train_net", "test_net", "base_lr", "max_iter", "solver_mode")
NET_FIELDS = (
    *("name", "layer", "layers", "input", "input_shape", "input_dim"),
    *("state", "force_backward", "debug_info", "bn_stats_batch_size", "multinode"),
)
LAYER_FIELDS = (
    *("name", "type", "bottom", "top", "include", "exclude", "phase", "param", "blobs"),
    *("blobs_lr", "weight_decay", "loss_weight", "propagate_down", "blob_share_mode", "engine"),
)
PHASES = ("TRAIN", "TEST")
TEST = "TEST"
LEVELS = 10**9


class CaffeLayer:
    """A layer's name, type and blobs.

    `key` is the type's name in small letters: both generations agree on it but for the underscores
    of the first. `included` says whether the test phase has the layer.
    """

    def __init__(self, message: Message, included: bool) -> None:
        self.message = message
        self.included = included
        self.line = message.line
        self.type = message.text("type")
        self.key = self.type.replace("_", "").lower()
        self.name = message.text("name") or self.key
        self.bottoms = message.texts("bottom")
        self.tops = message.texts("top")

    def refuse(self, message: str, line: int | None = None) -> DefinitionError:
        """An error of this layer."""
        path = self.message.path
        return DefinitionError(message, path=path, line=line or self.line, layer=self.name)

    def param(self, field: str, known: Iterable[str] = ()) -> Message:
        """The message of the type's parameters; refuses others than the known ones, if given."""
        param = self.message.message(field)
        if known:
            param.check(known, field)
        return param

    def check_one(self, param: Message, name: str, meaning: str) -> None:
        """Refuse a number of the parameters that is given and not 1."""
        if param.whole(name, 1, least=-10) != 1:
            raise self.refuse(f"{name} must be 1{meaning}", param.line_of(name))

    def parameter_names(self, count: int) -> list[str]:
        """The names of its first so many parameter blobs, empty where they are not shared."""
        values = self.message.fields.get("param", ())[:count]
        names = [each.text("name") if isinstance(each, Message) else each.text for each in values]
        return names + [""] * (count - len(names))


def layers(root: Message) -> list[CaffeLayer]:
    """The layers of a network, in order."""
    # Files that mix both generations have their layers in the order of their lines.
    messages = root.messages("layer") + root.messages("layers")
    messages.sort(key=lambda message: message.line)
    if not messages and any(field in root for field in SOLVER_FIELDS):
        net = root.text("net") or root.text("train_net")
        file = f", {quote(net)}" if net else ""
        raise root.refuse(f"this is a solver, not a network; give the network's own file{file}")
    root.check(NET_FIELDS, "a network")
    if not messages:
        raise root.refuse("it has no layers: neither layer { … } nor layers { … }")
    state = root.message("state")
    return [CaffeLayer(message, _is_in_test_phase(message, state)) for message in messages]


def _is_in_test_phase(message: Message, state: Message) -> bool:
    if "layer" in message:
        raise message.refuse(
            "this is the oldest form, layers { layer { … } }; "
            "bring it up to date with Caffe's upgrade_net_proto_text"
        )
    params = [name for name in message.fields if name.endswith("_param")]
    message.check((*LAYER_FIELDS, *params), "a layer")
    include, exclude = message.messages("include"), message.messages("exclude")
    if include:
        return any(_meets(rule, state) for rule in include)
    return not any(_meets(rule, state) for rule in exclude)


def _meets(rule: Message, state: Message) -> bool:
    """Whether the test phase, with the level and stages that the file gives, meets a rule."""
    level = state.whole("level", 0)
    stages = state.texts("stage")
    return (
        ("phase" not in rule or rule.choice("phase", PHASES) == TEST)
        and level >= rule.whole("min_level", level, least=-LEVELS)
        and level <= rule.whole("max_level", level, least=-LEVELS)
        and all(stage in stages for stage in rule.texts("stage"))
        and not any(stage in stages for stage in rule.texts("not_stage"))
    )
