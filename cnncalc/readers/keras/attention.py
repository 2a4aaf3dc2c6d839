"""Keras' attention layers: parameters as Keras counts them, MACs of projections and products."""

from __future__ import annotations

from math import prod

from ...record import Record
from ..builder import Unreadable
from .call import KerasCall, KerasValue
from .input import CHANNELS
from .model import items_of


class Heads(Record):
    """Heads of queries and of keys, and the numbers that a key and a value of one have."""

    queries: int
    keys: int
    key_dim: int
    value_dim: int


def multi_head(call: KerasCall) -> KerasValue | list[KerasValue]:
    """Attention of several heads, each with keys and values of its own."""
    config = call.config
    key_dim = config.whole("key_dim")
    heads = config.whole("num_heads")
    return _attention(
        call, Heads(heads, heads, key_dim, config.whole("value_dim", key_dim)), _outputs(call)
    )


def grouped_query(call: KerasCall) -> KerasValue | list[KerasValue]:
    """Attention whose heads share keys and values in groups."""
    config = call.config
    size, keys = config.whole("head_dim"), config.whole("num_key_value_heads")
    return _attention(call, Heads(config.whole("num_query_heads"), keys, size, size), None)


def _outputs(call: KerasCall) -> list[int] | None:
    """The dimensions that the output's projection gives, None for those of the query."""
    given = call.config.get("output_shape")
    return None if given is None else call.config.wholes("output_shape", least=1)


def _attention(
    call: KerasCall, heads: Heads, outputs: list[int] | None
) -> KerasValue | list[KerasValue]:
    config = call.config
    if config.flag("use_gate", False):
        raise Unreadable("its gate is not known here")
    query, value, key = _read(call)
    bias = config.flag("use_bias", True)
    scores = bool(call.use.named.get("return_attention_scores"))
    if _is_plain(call, heads) and query == key == value and outputs is None and not scores:
        count, size = heads.queries, heads.key_dim
        return call.emit_weighted(
            "attention", query, heads=count, key_dim=size, qkv_bias=bias, bias=bias
        )
    of_query, of_value, of_key = (call.net.dims(one) for one in (query, value, key))
    queries, keys = heads.queries * heads.key_dim, heads.keys * heads.key_dim
    values, joined = heads.keys * heads.value_dim, heads.queries * heads.value_dim
    given = outputs or of_query[-1:]
    units, read = prod(of_query[:-1]), prod(of_key[:-1])
    places = _attention_places(call, len(of_query))
    pairs = units * prod(of_key[place] for place in places)
    products = heads.queries * pairs * (heads.key_dim + heads.value_dim)
    of_queries = of_query[-1] * queries + joined * prod(given)
    of_keys = of_key[-1] * keys + of_value[-1] * values
    params = of_queries + of_keys + bias * (queries + keys + values + prod(given))
    first = call.state(
        [*of_query[:-1], *given],
        [query, value, key],
        params=params,
        macs=units * of_queries + read * of_keys + products,
        num_products=products,
    )
    lengths = [prod(of_query[place] for place in places), prod(of_key[place] for place in places)]
    extra = [call.state([heads.queries, *lengths], suffix=".scores")] if scores else []
    return [first, *extra]


def _read(call: KerasCall) -> list[KerasValue]:
    """Query, value and key, which is the value where it is not given."""
    names = ("query", "value", "key")
    given = [value for value in call.use.arguments if isinstance(value, KerasValue)]
    given += [call.use.named[name] for name in names[len(given) :] if name in call.use.named]
    given = list(items_of(KerasValue, given))
    if len(given) not in (2, 3):
        raise Unreadable(f"it reads {len(given)} tensors where a query and a value are expected")
    return [*given, given[1]] if len(given) == 2 else given


def _is_plain(call: KerasCall, heads: Heads) -> bool:
    """Whether the attention of all units is one of as many heads as all its numbers make."""
    value = call.values[0]
    width, rank = call.net.shape(value)[0], len(value.order)
    every = _attention_places(call, rank) == list(range(rank - 1))
    halves = heads.queries == heads.keys and heads.key_dim == heads.value_dim
    whole = value.order[-1] == CHANNELS and call.config.get("sliding_window") is None
    return every and halves and whole and rank > 1 and heads.queries * heads.key_dim == width


def _attention_places(call: KerasCall, rank: int) -> list[int]:
    """The places among the dimensions, the batch left out, that attention goes along."""
    axes = call.config.get("attention_axes")
    if axes is None:
        return list(range(rank - 1))
    given = call.config.wholes("attention_axes")
    places = [axis - 1 if axis > 0 else axis + rank for axis in given]
    if not all(0 <= place < rank - 1 for place in places):
        raise call.config.refuse(f"attention_axes {given} are none of {rank} dimensions")
    return places


def dot_product(call: KerasCall) -> KerasValue | list[KerasValue]:
    """Attention without projections: a weighted sum of values, by the products of keys."""
    config, (query, value, key) = call.config, _read_list(call)
    of_query, of_value, of_key = (call.net.dims(one) for one in (query, value, key))
    if not len(of_query) == len(of_key) == len(of_value) == 2:
        raise Unreadable("it reads other than sequences")
    (units, width), (read, _), (_, values) = of_query, of_key, of_value
    scaled = config.flag("use_scale", call.layer.operator == "AdditiveAttention")
    mode = config.word("score_mode", "dot", "dot", "concat")
    products, params, weighted = units * read * values, int(scaled), 0
    if call.layer.operator == "AdditiveAttention":
        # The scores are sums over tanh(query + key), each number times one of the scale.
        params, weighted = width * scaled, units * read * width * scaled
    elif mode == "dot":
        products += units * read * width
    else:
        params += 1
    first = call.state(
        [units, values],
        [query, value, key],
        params=params,
        macs=products + weighted,
        num_products=products,
    )
    scores = call.use.named.get("return_attention_scores")
    return [first, *([call.state([units, read], suffix=".scores")] if scores else [])]


def _read_list(call: KerasCall) -> list[KerasValue]:
    """Query, value and key of layers that read them in a list."""
    listed = next((each for each in call.use.everything if isinstance(each, list)), [])
    return _read(call.but(use=call.use.but(arguments=listed, named={})))
