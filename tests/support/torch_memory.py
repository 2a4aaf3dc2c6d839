"""What PyTorch keeps in memory, counted by storages on the meta device: no number is computed."""

import torch


def storage(tensor):
    """A tensor's storage: its identity, and its bytes."""
    held = tensor.untyped_storage()
    return held._cdata, held.nbytes()


def tensors(value):
    """All tensors in a value."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return tensors([*value.values()])
    if isinstance(value, (list, tuple)):
        return [tensor for one in value for tensor in tensors(one)]
    return []


class Counting(torch.fx.Interpreter):
    """Runs a traced module, dropping each value after its last use."""

    def __init__(self, module):
        super().__init__(module)
        self.own = {storage(t)[0] for t in (*module.parameters(), *module.buffers())}
        self.peak = 0

    def run_node(self, node):
        made = super().run_node(node)
        values = [tensor for value in (*self.env.values(), made) for tensor in tensors(value)]
        live = {key: size for key, size in map(storage, values) if key not in self.own}
        self.peak = max(self.peak, sum(live.values()))
        return made


def inference_peak(module, *shape):
    """Most bytes of storages alive at once while a module's layers run in evaluation.

    What nobody reads is left out, as a network has it: the interpreter would keep it to the end.
    """
    example = torch.empty(*shape, device="meta")
    traced = _program(module.to("meta").eval(), example)
    traced.graph.eliminate_dead_code()
    traced.recompile()
    counting = Counting(traced)
    with torch.no_grad():
        counting.run(example)
    return counting.peak


def _program(module, example):
    """The module's calls in a row; operator by operator where it asks for shapes as it runs."""
    try:
        return torch.fx.symbolic_trace(module)
    except Exception:  # whatever a foreign module raises
        return torch.export.export(module, (example,), strict=False).module()


def saved_bytes(module, *shape):
    """Bytes of all storages that autograd keeps for backward, parameters and buffers left out."""
    kept = {}

    def pack(tensor):
        key, size = storage(tensor)
        kept[key] = size, tensor
        return tensor

    module = module.to("meta").train()
    own = {storage(t)[0] for t in (*module.parameters(), *module.buffers())}
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = module(torch.empty(*shape, device="meta"))
    assert tensors(result)
    return sum(size for key, (size, _) in kept.items() if key not in own)
