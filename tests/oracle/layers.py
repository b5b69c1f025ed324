"""The layers as PyTorch Geometric (2.3 and later) defines them, written from its formulas in plain torch operators.

Every function takes rows x [N, in], a Graph and a state dict with PyG's names, all float64, and returns [N, out].
Row vectors multiply from the left: x @ W.
"""
import math
from typing import Dict, List, NamedTuple

import torch
from torch import Tensor

Weights = Dict[str, Tensor]


class Graph(NamedTuple):
    """A typed multigraph; edge e goes from src[e] to dst[e] and has type[e]."""
    src: Tensor
    dst: Tensor
    type: Tensor
    node_type: Tensor
    ends: List[tuple]  # for each edge type: (node type of its sources, of its destinations)

    @property
    def nodes(self) -> int:
        return len(self.node_type)

    @property
    def relations(self) -> int:
        return len(self.ends)


def sum_by(rows: Tensor, index: Tensor, count: int) -> Tensor:
    """out[i] = the sum of rows[e] over all e with index[e] = i."""
    return rows.new_zeros(count, *rows.shape[1:]).index_add_(0, index, rows)


def softmax_by(logits: Tensor, index: Tensor, count: int) -> Tensor:
    """A softmax over the rows that share an index: exp(a - max) / (sum + 1e-16), column by column."""
    top = logits.new_zeros(count, logits.shape[1])
    for i in index.unique():
        top[i] = logits[index == i].max(0).values
    exponent = (logits - top[index]).exp()
    return exponent / (sum_by(exponent, index, count) + 1e-16)[index]


def rgcn(x: Tensor, graph: Graph, weights: Weights, aggr: str) -> Tensor:
    """RGCNConv on its loop over relations: mean is taken per relation and destination."""
    weight = weights["weight"]
    if "comp" in weights:
        weight = torch.einsum("rb,bio->rio", weights["comp"], weight)
    elif weight.dim() == 4:
        weight = torch.stack([torch.block_diag(*blocks) for blocks in weight])
    out = x.new_zeros(graph.nodes, weight.shape[2])
    for r in range(graph.relations):
        mask = graph.type == r
        src, dst = graph.src[mask], graph.dst[mask]
        h = sum_by(x[src], dst, graph.nodes)
        if aggr == "mean":
            h = h / sum_by(x.new_ones(len(dst), 1), dst, graph.nodes).clamp(min=1)
        out = out + h @ weight[r]
    if "root" in weights:
        out = out + x @ weights["root"]
    return out + weights["bias"] if "bias" in weights else out


def rgat(x: Tensor, graph: Graph, weights: Weights, heads: int, concat: bool, attention_mechanism: str,
         negative_slope: float) -> Tensor:
    """RGATConv with additive self-attention, dim = 1, no edge features and no cardinality preservation."""
    weight = weights["weight"][graph.type]
    out_i = torch.bmm(x[graph.dst].unsqueeze(1), weight).squeeze(1)
    out_j = torch.bmm(x[graph.src].unsqueeze(1), weight).squeeze(1)
    logits = torch.nn.functional.leaky_relu(out_i @ weights["q"] + out_j @ weights["k"], negative_slope)
    alpha = torch.zeros_like(logits)
    if attention_mechanism == "within-relation":
        for r in range(graph.relations):
            mask = graph.type == r
            alpha[mask] = softmax_by(logits[mask], graph.dst[mask], graph.nodes)
    else:
        alpha = softmax_by(logits, graph.dst, graph.nodes)
    messages = out_j.view(len(graph.src), heads, -1) * alpha.unsqueeze(-1)
    out = sum_by(messages, graph.dst, graph.nodes)
    out = out.flatten(1) if concat else out.mean(1)
    return out + weights["bias"] if "bias" in weights else out


def hgt(x: Tensor, graph: Graph, weights: Weights, heads: int) -> Tensor:
    """HGTConv; node types are named 0, 1, ... and edge type r with ends (s, d) is named s__r__d."""
    features = weights["out_lin.lins.0.weight"].shape[0]
    width = features // heads
    kqv = x.new_zeros(graph.nodes, 3 * features)
    for t in range(int(graph.node_type.max()) + 1):
        rows = graph.node_type == t
        kqv[rows] = x[rows] @ weights[f"kqv_lin.lins.{t}.weight"].T + weights[f"kqv_lin.lins.{t}.bias"]
    k, q, v = (part.reshape(graph.nodes, heads, width) for part in kqv.tensor_split(3, dim=1))

    logits = x.new_zeros(len(graph.src), heads)
    values = x.new_zeros(len(graph.src), heads, width)
    for r, (s, d) in enumerate(graph.ends):
        mask = graph.type == r
        src, dst = graph.src[mask], graph.dst[mask]
        slices = torch.arange(heads) * graph.relations + r
        key = torch.einsum("ehi,hio->eho", k[src], weights["k_rel.weight"][slices])
        values[mask] = torch.einsum("ehi,hio->eho", v[src], weights["v_rel.weight"][slices])
        logits[mask] = (q[dst] * key).sum(-1) * weights[f"p_rel.{s}__{r}__{d}"] / math.sqrt(width)
    alpha = softmax_by(logits, graph.dst, graph.nodes)
    out = sum_by(values * alpha.unsqueeze(-1), graph.dst, graph.nodes).flatten(1)

    activated = torch.nn.functional.gelu(out)  # the exact one, by erf
    result = x.new_zeros(graph.nodes, features)
    for t in range(int(graph.node_type.max()) + 1):
        rows = graph.node_type == t
        a = activated[rows] @ weights[f"out_lin.lins.{t}.weight"].T + weights[f"out_lin.lins.{t}.bias"]
        if features == x.shape[1]:
            gate = weights[f"skip.{t}"].sigmoid()
            a = gate * a + (1 - gate) * x[rows]
        result[rows] = a
    return result
