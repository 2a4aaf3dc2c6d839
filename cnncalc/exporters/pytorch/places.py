"""Names as the report, a module and Python have them."""

from __future__ import annotations

from ...record import Record
from .names import identifier

# What nn.Module and nn.ModuleDict have themselves.
RESERVED = frozenset(
    (
        *(
            "T",
            "add_module",
            "apply",
            "bfloat16",
            "buffers",
            "call_super_init",
            "children",
            "clear",
        ),
        *(
            "compile",
            "cpu",
            "cuda",
            "double",
            "dump_patches",
            "eval",
            "extra_repr",
            "float",
            "forward",
        ),
        *(
            "get_buffer",
            "get_extra_state",
            "get_parameter",
            "get_submodule",
            "half",
            "input",
            "ipu",
        ),
        *("items", "keys", "load_state_dict", "modules", "mtia", "named_buffers", "named_children"),
        *("named_modules", "named_parameters", "parameters", "pop", "register_backward_hook"),
        *("register_buffer", "register_forward_hook", "register_forward_pre_hook"),
        *("register_full_backward_hook", "register_full_backward_pre_hook"),
        *("register_load_state_dict_post_hook", "register_load_state_dict_pre_hook"),
        *("register_module", "register_parameter", "register_state_dict_post_hook"),
        *("register_state_dict_pre_hook", "requires_grad_", "set_extra_state"),
        *(
            "set_submodule",
            "share_memory",
            "state_dict",
            "to",
            "to_empty",
            "train",
            "training",
            "type",
        ),
        *(
            "update",
            "values",
            "xpu",
            "zero_grad",
            "self",
            "x",
            "out",
            "torch",
            "torchvision",
            "nn",
            "F",
        ),
        *("OrderedDict", "Scale", "RegionPool", "RegionAlign", "pixel_shuffle", "space_to_depth"),
    )
)


class Place(Record):
    """What a part of the tree is called: in the report, as a module, and as a variable."""

    own: str
    key: str
    variable: str

    @property
    def is_attribute(self) -> bool:
        """Whether the module's name is one that Python takes after a dot."""
        return self.key == self.variable

    @property
    def is_number(self) -> bool:
        """Whether it is a place in a sequence."""
        return self.key.isdecimal()


def place_of(own: str, kind: str, taken: set[str]) -> Place:
    """Names like the part of a name given: a module takes nearly any, Python only some."""
    key, variable = own or kind, identifier(own, kind)
    while key in taken or key in RESERVED:
        key += "_"
    taken.add(key)
    while variable in RESERVED or (variable != key and variable in taken):
        variable += "_"
    taken.add(variable)
    return Place(own, key, variable)
