"""Products of activations that are self-attention: weights of keys for queries, and their values.

Queries, keys and values are views of what layers give. Which of their dimensions are channels, and
which units attend to each other, is told by the parts that these are made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from ...record import Record
from .call import Call
from .graph import Graph
from .layout import CHANNELS, Dim, Dims, Part, joined_parts
from .unknown import unknown_layer
from .values import Constant, Draft, Unreadable, Value

ALL, UNIT = "all", "unit"
NO_KIND = "no layer kind stands for it"
# What may stand between the weights and the product with the values.
BETWEEN = ("softmax", "dropout", "identity", "function")
SCALING = ("mul", "div")
LETTERS = "abcdefghijklmnopqrstuvw"


class Product(Record):
    """A product of two tensors, a small letter for each of their dimensions, as in an einsum."""

    first: Value
    second: Value
    reads: tuple[str, str]
    gives: str

    @property
    def batch(self) -> str:
        """Letters of what all three have."""
        return "".join(one for one in self.gives if all(one in term for term in self.reads))

    @property
    def inner(self) -> str:
        """Letters that are summed up."""
        return "".join(one for one in self.reads[0] if one not in self.gives)

    def own(self, operand: int) -> str:
        """Letters that one operand alone has, and gives."""
        other = self.reads[1 - operand]
        return "".join(one for one in self.reads[operand] if one not in other)

    def parts(self, operand: int, letters: str) -> list[Part]:
        """The parts of an operand's dimensions of these letters."""
        value = (self.first, self.second)[operand]
        found = (value.dims[self.reads[operand].index(letter)] for letter in letters)
        return [part for dim in found for part in dim]


class Weights(Record):
    """How much a query takes of every value: `scores` of all pairs with what was done to them.

    `dims` is how they lie. `tables` are parameters added to them, `masked` says that constants are,
    `plain` that nothing else is done to them but scaling and softmax; `drafts` are the layers.
    """

    scores: Product
    dims: Dims
    drafts: tuple[Draft, ...]
    tables: frozenset[str] = frozenset()
    masked: bool = False
    plain: bool = True


class Core(Record):
    """What attention does between its projections: its products, and where units attend.

    `sizes` are those of what one unit attends to, per axis; None where it is neither a window nor
    the whole map.
    """

    query: Value
    key: Value
    value: Value
    heads: int
    key_dim: int
    sizes: tuple[int, ...] | None
    weights: Weights


def product_of(call: Call) -> Product | None:
    """The product that an operator is; None where its dimensions do not go together one by one."""
    if call.operator == "einsum":
        terms, arrow, gives = call["equation"].replace(" ", "").partition("->")
        reads, operands = terms.split(","), call["tensors"]
        if not arrow or "." in terms or len(reads) != 2:
            return None
    else:
        second = {"bmm": "mat2", "matmul": "other"}.get(call.operator, "")
        operands = [call["input"], call.arguments.get(second)]
        batch = LETTERS[: len(call.shape) - 2]
        reads, gives = [f"{batch}xy", f"{batch}yz"], f"{batch}xz"
    if not all(isinstance(one, Value) for one in operands):
        return None
    pairs = [(term, value.shape) for term, value in zip(reads, operands)]
    if any(len(set(term)) != len(term) or len(term) != len(shape) for term, shape in pairs):
        return None
    sizes: dict[str, int] = dict(zip(*pairs[0]))
    alike = all(sizes.setdefault(letter, size) == size for letter, size in zip(*pairs[1]))
    if not alike or not set(gives) <= set(sizes) or len(sizes) > len(LETTERS):
        return None
    small = str.maketrans("".join(sizes), LETTERS[: len(sizes)])
    first, second = (term.translate(small) for term in reads)
    return Product(operands[0], operands[1], (first, second), gives.translate(small))


def multiplication(graph: Graph, call: Call) -> Value:
    """A product of matrices in attention: queries with keys, or weights with values."""
    product = product_of(call)
    if product is None:
        raise Unreadable(NO_KIND)
    weights = _weights_behind(graph, product.first)
    if weights is not None:
        return _core(graph, call, weights, product)
    if not _are_scores(product):
        raise Unreadable(NO_KIND)
    made = _scores_value(graph, call, product)
    graph.weights[made.layer] = Weights(product, made.dims, (made.layer,))
    return made


def attention(graph: Graph, call: Call) -> Value:
    """Attention in one operator."""
    query, key, value = (call[name] for name in ("query", "key", "value"))
    mask = call.arguments.get("attn_mask")
    depends = all(isinstance(one, Value) for one in (query, key, value))
    if call.arguments.get("is_causal") or not depends:
        raise Unreadable(NO_KIND)
    batch = LETTERS[: len(call.shape) - 2]
    scores = Product(query, key, (f"{batch}xy", f"{batch}zy"), f"{batch}xz")
    if isinstance(mask, Value) or query.shape[:-2] != key.shape[:-2] or not _are_scores(scores):
        raise Unreadable(NO_KIND)
    weights = Weights(scores, (), ())
    if mask is not None:
        names = frozenset(graph.parameters(mask))
        weights = weights.but(tables=names, masked=not names)
    product = Product(query, value, (f"{batch}xz", f"{batch}zv"), f"{batch}xv")
    return _core(graph, call, weights, product)


def _are_scores(product: Product) -> bool:
    """Whether it multiplies the channels of every unit with those of others, head by head."""
    first, second = product.first, product.second
    if first.is_vector or second.is_vector or first.regions > 1 or second.regions > 1:
        return False
    inner = [product.parts(operand, product.inner) for operand in (0, 1)]
    own = [product.parts(operand, product.own(operand)) for operand in (0, 1)]
    batch = [product.parts(operand, product.batch) for operand in (0, 1)]
    complete = all(
        prod(size for axis, _, size in (*inner[n], *batch[n]) if axis == CHANNELS) == value.channels
        and prod(size for axis, _, size in (*own[n], *batch[n]) if axis >= 0) == prod(value.sizes)
        for n, value in enumerate((first, second))
    )
    return (
        complete
        and all(axis == CHANNELS for parts in inner for axis, _, _ in parts)
        and all(axis >= 0 for parts in own for axis, _, _ in parts)
        and _go_together(product, product.batch)
    )


def _go_together(product: Product, letters: str) -> bool:
    """Whether dimensions of both operands hold the same units, and as many channels each."""
    for letter in letters:
        one, other = product.parts(0, letter), product.parts(1, letter)
        if len(one) != len(other):
            return False
        for (axis, step, size), (axis2, step2, size2) in zip(one, other):
            if axis != axis2 or size != size2 or (axis >= 0 and step != step2):
                return False
    return all(axis >= CHANNELS for axis, _, _ in product.parts(0, letters))


def _scores_value(graph: Graph, call: Call, product: Product) -> Value:
    """The layer of the scores: for every unit, numbers for each head and unit it attends to."""
    laid = [_parts_given(product, letter) for letter in product.gives]
    rows = prod(size for parts in laid for axis, _, size in parts if axis >= 0)
    channels = prod(size for parts in laid for axis, _, size in parts if axis == CHANNELS)
    steps, dims = {0: rows, CHANNELS: channels}, []
    for parts in laid:
        made = []
        for axis, _, size in parts:
            axis = min(axis, 0)
            steps[axis] //= size
            made.append((axis, steps[axis], size))
        dims.append(joined_parts(made))
    sources = [product.first, product.second]
    draft = unknown_layer(
        graph, call, sources, (channels, rows), reads=ALL if _is_whole(product) else None
    )
    return Value(draft, channels, (rows,), tuple(dims))


def _parts_given(product: Product, letter: str) -> list[Part]:
    """The parts of a dimension of the scores: a unit's own, heads, and what it attends to."""
    if letter in product.reads[0]:
        return product.parts(0, letter)
    return [(CHANNELS, 1, size) for _, _, size in product.parts(1, letter)]


def _is_whole(product: Product) -> bool:
    """Whether every unit attends to all units of the second operand's map."""
    return all(axis == CHANNELS for axis, _, _ in product.parts(1, product.batch))


def _weights_behind(graph: Graph, value: Value) -> Weights | None:
    """The weights that a value is, behind layers that work on each of them; None for others."""
    draft, passed = value.layer, list[Draft]()
    while draft not in graph.weights:
        if draft.type not in BETWEEN or len(draft.sources) != 1:
            return None
        passed.append(draft)
        (draft,) = draft.sources
    weights: Weights = graph.weights[draft]
    if _order(value.dims) != _order(weights.dims):
        return None
    return weights.but(drafts=(*passed, *weights.drafts))


def _order(dims: Dims) -> Dim:
    """The parts of all dimensions, in the order in which the numbers lie."""
    return joined_parts(part for dim in dims for part in dim)


def biased_weights(
    graph: Graph, call: Call, value: Value, constants: list[Constant]
) -> Value | None:
    """Weights with what constants do to them; None for other values, and where they only scale."""
    weights = _weights_behind(graph, value)
    names, adds = frozenset(graph.parameters(*constants)), call.operator == "add"
    scales = call.operator in SCALING and all(one.count == 1 for one in constants)
    if weights is None or call.shape != value.shape or (scales and not names):
        return None
    if not graph.EXACT and _is_per_window(weights, value, constants):
        names = frozenset()
    if not names:
        # They may let no more than some of the weights through.
        weights.drafts[-1].attributes.pop("reads", None)
    free, shape = names - graph.owners.keys(), (value.channels, *value.sizes)
    reads = UNIT if names else None
    made = value.but(layer=unknown_layer(graph, call, [value], shape, free, reads=reads))
    graph.weights[made.layer] = weights.but(
        drafts=(made.layer, *weights.drafts),
        tables=weights.tables | names,
        masked=weights.masked or not names,
        plain=weights.plain and adds,
    )
    return made


def _is_per_window(weights: Weights, value: Value, constants: list[Constant]) -> bool:
    """Whether constants tell windows apart, but not heads: no table of biases does, a mask does."""
    (constant, *others), heads = constants, weights.scores.parts(0, weights.scores.batch)
    shape = (1,) * (len(value.dims) - len(constant.shape)) + constant.shape
    spread = [part for size, dim in zip(shape, value.dims) if size == 1 for part in dim]
    over_heads = {axis for axis, _, _ in spread} == {CHANNELS}
    alike = prod(size for _, _, size in spread) == _channels_in(heads)
    return not others and not _is_whole(weights.scores) and over_heads and alike


def mask(graph: Graph, call: Call) -> Value:
    """Weights of which constants tell which are left."""
    made, values = None, call.values()
    if len(values) == 1:
        made = biased_weights(graph, call, values[0], call.constants())
    if made is None:
        raise Unreadable(NO_KIND)
    return made


def _core(graph: Graph, call: Call, weights: Weights, product: Product) -> Value:
    """What units take of the values that they attend to, laid out as the queries are."""
    scores, value = weights.scores, product.second
    query, key = scores.first, scores.second
    # The weights' letters are the scores'; what the values alone have is in capitals.
    same = dict(zip(product.reads[0], scores.gives))
    reads, gives = (
        "".join(same.get(letter, letter.upper()) for letter in term)
        for term in (product.reads[1], product.gives)
    )
    attends = Product(key, value, (scores.reads[1], reads), gives)
    columns, own = scores.own(1), "".join(one for one in reads if one.isupper())
    if (
        (weights.drafts and product.first.dims != weights.dims)
        or set(reads) != {*scores.batch, *columns, *own}
        or set(gives) != {*scores.batch, *scores.own(0), *own}
        or value.sizes != key.sizes
        or not _go_together(attends, scores.batch + columns)
        or {axis for axis, _, _ in attends.parts(1, own)} - {CHANNELS}
        or _channels_in(attends.parts(1, reads)) != value.channels
    ):
        raise Unreadable(NO_KIND)
    dims = tuple(
        query.dims[scores.reads[0].index(one)]
        if one in scores.own(0)
        else value.dims[reads.index(one)]
        for one in gives
    )
    reads_all = ALL if _is_whole(scores) and not weights.masked else None
    sources = [product.first, value] if weights.drafts else [query, key, value]
    shape = (value.channels, *query.sizes)
    tables = weights.tables - graph.owners.keys()
    draft = unknown_layer(graph, call, sources, shape, tables, reads=reads_all)
    heads = _channels_in(scores.parts(0, scores.batch))
    key_dim = _channels_in(scores.parts(0, scores.inner))
    graph.cores[draft] = Core(query, key, value, heads, key_dim, _attended_sizes(scores), weights)
    return query.but(layer=draft, channels=value.channels, dims=dims, scope=call.scope)


def _channels_in(parts: Iterable[Part]) -> int:
    """How many channels parts count, those of units left out."""
    return prod(size for axis, _, size in parts if axis == CHANNELS)


def _attended_sizes(scores: Product) -> tuple[int, ...] | None:
    """Sizes of what one unit attends to: units next to each other; None where it is none such."""
    rows, columns = (scores.parts(operand, scores.own(operand)) for operand in (0, 1))
    sizes = {axis: size for axis, _, size in columns}
    beside = all(step == 1 for _, step, _ in columns) and len(sizes) == len(columns)
    if not beside or sorted(rows) != sorted(columns) or scores.first.sizes != scores.second.sizes:
        return None
    return tuple(sizes.get(axis, 1) for axis in range(len(scores.first.sizes)))
