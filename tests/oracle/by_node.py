"""A second opinion on layers.py: the same layers, node by node and edge by edge, in plain Python and numpy.

It shares no code with layers.py; make_fixtures.py refuses to write a case on which the two disagree.
"""
import math

import numpy as np


def in_edges(graph, node):
    """(source, type) of every edge into a node."""
    return [(int(s), int(t)) for s, d, t in zip(graph.src, graph.dst, graph.type) if int(d) == node]


def softmax(logits):
    exponents = [math.exp(logit - max(logits)) for logit in logits]
    return [e / (sum(exponents) + 1e-16) for e in exponents]


def rgcn(x, graph, weights, aggr):
    def project(row, r):
        weight = weights["weight"]
        if "comp" in weights:
            return sum(weights["comp"][r, b] * (row @ weight[b]) for b in range(len(weight)))
        if weight.ndim == 4:
            parts = np.split(row, weight.shape[1])
            return np.concatenate([part @ block for part, block in zip(parts, weight[r])])
        return row @ weight[r]

    width = weights["weight"].shape[-1] * (weights["weight"].shape[1] if weights["weight"].ndim == 4 else 1)
    out = np.zeros((graph.nodes, width))
    for node in range(graph.nodes):
        edges = in_edges(graph, node)
        for source, r in edges:
            peers = sum(1 for _, other in edges if other == r)
            out[node] += project(x[source], r) / (peers if aggr == "mean" else 1)
        if "root" in weights:
            out[node] += x[node] @ weights["root"]
    return out + weights.get("bias", 0)


def rgat(x, graph, weights, heads, concat, attention_mechanism, negative_slope):
    width = weights["weight"].shape[2] // heads
    out = np.zeros((graph.nodes, heads, width))
    for node in range(graph.nodes):
        edges = in_edges(graph, node)
        groups = [edges]
        if attention_mechanism == "within-relation":
            groups = [[e for e in edges if e[1] == r] for r in range(graph.relations)]
        for group in filter(None, groups):
            for h in range(heads):
                logits = []
                for source, r in group:
                    query = (x[node] @ weights["weight"][r]) @ weights["q"][:, h]
                    key = (x[source] @ weights["weight"][r]) @ weights["k"][:, h]
                    logits.append(query + key if query + key > 0 else negative_slope * (query + key))
                for (source, r), alpha in zip(group, softmax(logits)):
                    out[node, h] += alpha * (x[source] @ weights["weight"][r][:, h * width:(h + 1) * width])
    rows = out.reshape(graph.nodes, -1) if concat else out.sum(axis=1) / heads
    return rows + weights.get("bias", 0)


def hgt(x, graph, weights, heads):
    features = weights["out_lin.lins.0.bias"].shape[0]
    width = features // heads

    def projected(node, part, h):
        t = int(graph.node_type[node])
        rows = slice(part * features + h * width, part * features + (h + 1) * width)
        return weights[f"kqv_lin.lins.{t}.weight"][rows] @ x[node] + weights[f"kqv_lin.lins.{t}.bias"][rows]

    out = []
    for node in range(graph.nodes):
        t = int(graph.node_type[node])
        edges = in_edges(graph, node)
        heads_out = np.zeros((heads, width))
        for h in range(heads):
            logits = []
            for source, r in edges:
                key = projected(source, 0, h) @ weights["k_rel.weight"][h * graph.relations + r]
                s, d = graph.ends[r]
                logits.append(key @ projected(node, 1, h) * weights[f"p_rel.{s}__{r}__{d}"][0, h] / math.sqrt(width))
            for (source, r), alpha in zip(edges, softmax(logits) if edges else []):
                heads_out[h] += alpha * (projected(source, 2, h) @ weights["v_rel.weight"][h * graph.relations + r])
        gelu = np.array([o * 0.5 * (1 + math.erf(o / math.sqrt(2))) for o in heads_out.ravel()])
        row = weights[f"out_lin.lins.{t}.weight"] @ gelu + weights[f"out_lin.lins.{t}.bias"]
        if features == x.shape[1]:
            gate = 1 / (1 + math.exp(-weights[f"skip.{t}"][0]))
            row = gate * row + (1 - gate) * x[node]
        out.append(row)
    return np.stack(out)
