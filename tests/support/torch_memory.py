"""What PyTorch keeps in memory, counted by storages on the meta device: no number is computed."""

from contextlib import contextmanager, nullcontext

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# Padded copies by their storages: the storage that they are counted as, and what keeps them alive.
PADDED = {}


def storage(tensor):
    """A tensor's storage: its identity, and its bytes."""
    held = tensor.untyped_storage()
    key, size, _ = PADDED.get(held._cdata, (held._cdata, held.nbytes(), None))
    return key, size


def _count_as(padded, tensor):
    """Count a padded copy as the tensor that it was made of."""
    PADDED[padded.untyped_storage()._cdata] = *storage(tensor), padded


class _ConvolutionsPad(TorchFunctionMode):
    """Counts what convolutions alone read as what it was before it was padded."""

    def __init__(self):
        super().__init__()
        self.made = {}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for padded in tensors(args) if tensors(result) else []:
            key = padded.untyped_storage()._cdata
            if key in self.made and "conv" in function.__name__:
                _count_as(padded, self.made[key][0])
            elif key in self.made:
                del self.made[key]
                PADDED.pop(key, None)
        if function is torch.nn.functional.pad:
            self.made[result.untyped_storage()._cdata] = args[0], result
        return result


@contextmanager
def convolutions_pad():
    """Within it, padding before a convolution is its own, and makes no copy that counts."""
    try:
        with _ConvolutionsPad():
            yield
    finally:
        PADDED.clear()


def tensors(value):
    """All tensors in a value."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return tensors([*value.values()])
    if isinstance(value, (list, tuple)):
        return [tensor for one in value for tensor in tensors(one)]
    return []


class _WeightsMade(TorchFunctionMode):
    """Tells what is computed of weights and constants alone, as `known` are, from what is not."""

    def __init__(self, known):
        super().__init__()
        self.known, self.held, self.inside = known, [], False

    def __torch_function__(self, function, types, args=(), kwargs=None):
        read = tensors([args, kwargs or {}])
        self.inside = all(storage(tensor)[0] in self.known for tensor in read)
        result = function(*args, **(kwargs or {}))
        if self.inside:
            self.held += tensors(result)
            self.known.update(storage(tensor)[0] for tensor in tensors(result))
        self.inside = False
        return result


class _IndicesMade(TorchDispatchMode):
    """Bytes of the places that max poolings find as they run, most of them at once."""

    def __init__(self):
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        if "max_pool" in function.__name__ and isinstance(made, tuple):
            self.bytes = max(self.bytes, storage(made[1])[1])
        return made


class Counting(torch.fx.Interpreter):
    """Runs a traced module, dropping each value after its last use.

    Where `weights_made`, what is computed of no input is left out, as weights are. Where `indices`,
    what a max pooling gives besides counts while it runs.
    """

    def __init__(self, module, weights_made=False, indices=False):
        super().__init__(module)
        self.own = {storage(t)[0] for t in (*module.parameters(), *module.buffers())}
        self.peak = 0
        self.convolutions_pad = torch.overrides._len_torch_function_stack() > 0
        self.weights_made, self.of_input = weights_made, set()
        self.indices = indices

    def _pads_for_convolutions(self, node):
        if node.op != "call_function" or "pad" not in getattr(node.target, "__name__", ""):
            return False
        return all(self._is_convolution(user) for user in node.users)

    def _is_convolution(self, node):
        if node.op == "call_module":
            return isinstance(self.fetch_attr(node.target), torch.nn.modules.conv._ConvNd)
        return "conv" in getattr(node.target, "__name__", "")

    def run_node(self, node):
        with _IndicesMade() as places:
            made = super().run_node(node)
        if self.convolutions_pad and self._pads_for_convolutions(node):
            _count_as(made, self.env[node.args[0]])
        if node.op == "placeholder" or not self.of_input.isdisjoint(node.all_input_nodes):
            self.of_input.update([node] if tensors(made) else [])
        counted = {**self.env, node: made}.items()
        if self.weights_made:
            counted = [(each, value) for each, value in counted if each in self.of_input]
        values = [tensor for _, value in counted for tensor in tensors(value)]
        live = {key: size for key, size in map(storage, values) if key not in self.own}
        besides = places.bytes if self.indices and len(tensors(made)) == 1 else 0
        self.peak = max(self.peak, sum(live.values()) + besides)
        return made


def inference_peak(module, *shape, weights_made=False, unread=False, indices=False):
    """Most bytes of storages alive at once while a module's layers run in evaluation.

    What nobody reads is left out unless `unread`: the interpreter keeps it to the end. The places
    that max poolings find count where `indices`.
    """
    example = torch.empty(*shape, device="meta")
    traced = _program(module.to("meta").eval(), example)
    if not unread:
        traced.graph.eliminate_dead_code()
        traced.recompile()
    counting = Counting(traced, weights_made, indices)
    with torch.no_grad():
        counting.run(example)
    return counting.peak


def _program(module, example):
    """The module's calls in a row; operator by operator where it asks for shapes as it runs."""
    try:
        return torch.fx.symbolic_trace(module)
    except Exception:  # whatever a foreign module raises
        return torch.export.export(module, (example,), strict=False).module()


def saved_bytes(module, *shape, weights_made=False):
    """Bytes of all storages that autograd keeps for backward, parameters and buffers left out.

    Where `weights_made`, so is what is computed of these and of constants alone.
    """
    kept = []
    module = module.to("meta").train()
    known = {storage(t)[0] for t in (*module.parameters(), *module.buffers())}
    example = torch.empty(*shape, device="meta")
    mode = _WeightsMade(known)

    def pack(tensor):
        if not mode.inside:
            kept.append(tensor)
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    with hooks, mode if weights_made else nullcontext():
        assert tensors(module(example))
    return sum(size for key, size in dict(map(storage, kept)).items() if key not in known)
