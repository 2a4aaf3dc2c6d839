"""Names of classes, of modules and of variables, after the layers and blocks of a definition."""

from __future__ import annotations

from collections.abc import Iterable

from ...definition.definition import INPUT, Block, Definition, Entry
from ...record import Record
from ..python_code import identifier
from ..unique_names import UniqueNames

LIBRARY = (
    *("Scale", "RegionPool", "RegionAlign", "Attention", "Prepend", "Position"),
    *("OrderedDict", "F", "None", "True", "False"),
)


def camel(text: str) -> str:
    """`cn_block` as CnBlock.

    >>> camel("cn_block"), camel("squeezenet1_1"), camel("3x3-net")
    ('CnBlock', 'Squeezenet1_1', 'Net3x3Net')
    """
    clean = "".join(sign if sign.isalnum() and sign.isascii() else " " for sign in text)
    name = ""
    for word in clean.split():
        between = "_" if name[-1:].isdigit() and word[0].isdigit() else ""
        name += between + word[0].upper() + word[1:]
    return f"Net{name}" if not name or name[0].isdigit() else name


def class_name(prefix: str, blocks: dict[str, str], names: UniqueNames) -> str:
    """A class name of its own for a prefix, that of its block if it is one."""
    words = [word for word in prefix.split(".") if not word.isdecimal()]
    wanted = camel(blocks.get(prefix) or (words[-1] if words else "block"))
    return names.of(wanted, "_" if wanted[-1].isdigit() else "")


def blocks_by_prefix(definition: Definition, prefixes: list[str]) -> dict[str, str]:
    """The block that each prefix of layers' names is a use of, where it is one."""
    blocks = {p: _block_at(definition.layers, definition.blocks, p) for p in prefixes}
    return {prefix: block for prefix, block in blocks.items() if block is not None}


def _block_at(entries: tuple[Entry, ...], blocks: dict[str, Block], path: str) -> str | None:
    """The block whose use a dotted path leads to."""
    unnamed: dict[str, int] = {}
    for entry in entries:
        type_name = str(entry.type.value)
        if entry.name is None:
            unnamed[type_name] = unnamed.get(type_name, 0) + 1
            name = f"{type_name}{unnamed[type_name]}"
        else:
            name = str(entry.name.value)
        if type_name not in blocks or not f"{path}.".startswith(f"{name}."):
            continue
        rest = path[len(name) + 1 :]
        if entry.repeat is not None:
            if not rest:
                return None
            rest = rest.partition(".")[2]
        return _block_at(blocks[type_name].layers, blocks, rest) if rest else type_name
    return None


# What nn.Module and nn.ModuleDict have themselves, and what the file has.
TAKEN = """
    T add_module apply bfloat16 buffers call_super_init children clear compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half input ipu items keys load_state_dict modules mtia named_buffers
    named_children named_modules named_parameters parameters pop register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule share_memory state_dict to to_empty train training type update values xpu
    zero_grad
    self x out torch torchvision nn F OrderedDict Scale RegionPool RegionAlign pixel_shuffle
    space_to_depth super float range reduce
    T_destination append extend insert
    _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _compiled_call_impl
    _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks
    _forward_pre_hooks_with_kwargs _get_abs_string_index _get_backward_hooks
    _get_backward_pre_hooks _get_item_by_idx _get_name _is_full_backward_hook
    _load_from_state_dict _load_state_dict_post_hooks _load_state_dict_pre_hooks
    _maybe_warn_non_full_backward_hook _modules _named_members _non_persistent_buffers_set
    _parameters _register_load_state_dict_pre_hook _register_state_dict_hook
    _replicate_for_data_parallel _save_to_state_dict _slow_forward _state_dict_hooks
    _state_dict_pre_hooks _version _wrapped_call_impl
"""
RESERVED = frozenset(TAKEN.split())


class PartNames(Record):
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


def argument_names(inputs: Iterable[str]) -> list[str]:
    """What a forward pass calls inputs that have names; none for an only one without."""
    names, taken = list(inputs), UniqueNames(RESERVED)
    if names == [INPUT]:
        return []
    return [name if name == "x" else taken.of(identifier(name, INPUT)) for name in names]


def part_names(own: str, kind: str, taken: set[str]) -> PartNames:
    """Names like the part of a name given: a module takes nearly any, Python only some."""
    key, variable = own or kind, identifier(own, kind)
    if key.startswith("__"):
        key = variable
    while key in taken or key in RESERVED:
        key += "_"
    taken.add(key)
    while variable in RESERVED or (variable != key and variable in taken):
        variable += "_"
    taken.add(variable)
    return PartNames(own, key, variable)
