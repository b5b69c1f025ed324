#!/usr/bin/env python3
"""Writes the oracle fixtures: small graphs, weights and outputs of RGCN, RGAT and HGT layers.

Run it with Debian's python3, python3-numpy and python3-torch (1.13):

    /usr/bin/python3 tests/oracle/make_fixtures.py

PyTorch Geometric itself is not needed: layers.py computes what its layers compute, by_node.py computes it again
another way, and a case is written only if the two agree. Seeds are fixed, so that the output is the same on every run.

A case is a folder tests/oracle/fixtures/<case>/ with
    graph.csv            src,dst,type; one edge a line; node and type numbers start at 0
    node_types.csv       the type of each node, one a line (only where there are several)
    x.npy                float32 [N, in]
    weights.safetensors  float32, named as in the state dict of the PyG layer
    y.npy                float32 [N, out'], computed in float64 from the float32 inputs above
    options.json         model, set (arguments of the PyG layer), in, out, nodes, and edge_types:
                         for each edge type the node types of its sources and destinations, also where it has no edge
"""
import inspect
import json
import os
import shutil
import struct

import numpy as np
import torch

import by_node
import layers
from layers import Graph

HERE = os.path.dirname(os.path.abspath(__file__))
LAYERS = {"rgcn": (layers.rgcn, by_node.rgcn), "rgat": (layers.rgat, by_node.rgat), "hgt": (layers.hgt, by_node.hgt)}


def make_graph(random, types, ends, edges, empty=()):
    """A graph with a hub, repeated edges, self loops and isolated nodes.

    types: the number of nodes of each type. ends: for each edge type its source and destination node type. edges: the
    edges of each type before repetition. empty: edge types without edges. The last node of each type stays isolated.
    """
    first = np.cumsum([0] + types)
    src, dst, kind = [], [], []
    for r, (s, d) in enumerate(ends):
        if r in empty:
            continue
        sources = first[s] + random.randint(0, types[s] - 1, edges)
        targets = first[d] + random.randint(0, types[d] - 1, edges)
        targets[: edges // 4] = first[d]
        if s == d:
            targets[-1] = sources[-1]
        src += [*sources, sources[0], sources[0]]
        dst += [*targets, targets[0], targets[0]]
        kind += [r] * (edges + 2)
    order = random.permutation(len(src))
    pick = lambda values: torch.tensor(np.array(values, dtype=np.int64)[order])
    node_type = torch.tensor(np.repeat(np.arange(len(types)), types))
    return Graph(pick(src), pick(dst), pick(kind), node_type, ends)


def rgcn_weights(random, relations, width, out, num_bases=None, num_blocks=None, root_weight=True, bias=True, **_):
    shapes = {"weight": [num_bases or relations, width, out]}
    if num_bases:
        shapes["comp"] = [relations, num_bases]
    if num_blocks:
        shapes["weight"] = [relations, num_blocks, width // num_blocks, out // num_blocks]
    if root_weight:
        shapes["root"] = [width, out]
    if bias:
        shapes["bias"] = [out]
    return normal(random, shapes)


def rgat_weights(random, relations, width, out, heads, concat, bias=True, **_):
    shapes = {"weight": [relations, width, heads * out], "q": [heads * out, heads], "k": [heads * out, heads]}
    if bias:
        shapes["bias"] = [heads * out if concat else out]
    # PyG's layer has these in every state dict, and uses them only with mod=...: a loader skips them.
    shapes.update(w=[out], l1=[1, out], b1=[1, out], l2=[out, out], b2=[1, out])
    return normal(random, shapes)


def hgt_weights(random, graph, width, out, heads):
    depth = out // heads
    shapes = {name: [heads * graph.relations, depth, depth] for name in ("k_rel.weight", "v_rel.weight")}
    for t in range(int(graph.node_type.max()) + 1):
        shapes[f"kqv_lin.lins.{t}.weight"] = [3 * out, width]
        shapes[f"kqv_lin.lins.{t}.bias"] = [3 * out]
        shapes[f"out_lin.lins.{t}.weight"] = [out, out]
        shapes[f"out_lin.lins.{t}.bias"] = [out]
        shapes[f"skip.{t}"] = [1]
    for r, (s, d) in enumerate(graph.ends):
        shapes[f"p_rel.{s}__{r}__{d}"] = [1, heads]
    return normal(random, shapes)


def normal(random, shapes):
    """Float32 normal numbers for each name, scaled by the number of rows that a product sums over."""
    def scale(shape):
        return 1 if len(shape) == 1 else 1 / np.sqrt(shape[-2])
    return {name: (random.randn(*shape) * scale(shape)).astype(np.float32) for name, shape in sorted(shapes.items())}


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, value in sorted(tensors.items()):
        raw = value.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_case(name, model, graph, x, weights, options, width, out):
    layer, second_opinion = LAYERS[model]
    arguments = {k: v for k, v in options.items() if k in inspect.signature(layer).parameters}
    x64, weights64 = x.astype(np.float64), {k: v.astype(np.float64) for k, v in weights.items()}
    y = layer(torch.tensor(x64), graph, {k: torch.tensor(v) for k, v in weights64.items()}, **arguments).numpy()
    np.testing.assert_allclose(y, second_opinion(x64, graph, weights64, **arguments), rtol=1e-10, atol=1e-12, err_msg=name)

    folder = os.path.join(HERE, "fixtures", name)
    os.makedirs(folder)
    with open(os.path.join(folder, "graph.csv"), "w") as file:
        file.write("src,dst,type\n")
        file.writelines(f"{s},{d},{t}\n" for s, d, t in zip(graph.src, graph.dst, graph.type))
    if int(graph.node_type.max()) > 0:
        with open(os.path.join(folder, "node_types.csv"), "w") as file:
            file.writelines(f"{t}\n" for t in graph.node_type)
    np.save(os.path.join(folder, "x.npy"), x)
    np.save(os.path.join(folder, "y.npy"), y.astype(np.float32))
    write_safetensors(os.path.join(folder, "weights.safetensors"), weights)
    with open(os.path.join(folder, "options.json"), "w") as file:
        json.dump({"model": model, "set": options, "in": width, "out": out, "nodes": graph.nodes,
                   "edge_types": graph.ends}, file)
        file.write("\n")


def rgcn_case(name, seed, width, out, relations=4, nodes=15, empty=(), **options):
    random = np.random.RandomState(seed)
    graph = make_graph(random, [nodes], [(0, 0)] * relations, 12, empty)
    options = {"aggr": "mean", "root_weight": True, "bias": True, **options}
    weights = rgcn_weights(random, relations, width, out, **options)
    x = random.randn(nodes, width).astype(np.float32)
    write_case(name, "rgcn", graph, x, weights, options, width, out)


def rgat_case(name, seed, width, out, heads, concat=True, mechanism="across-relation", relations=4, nodes=15, empty=(),
              bias=True, integers=False):
    random = np.random.RandomState(seed)
    graph = make_graph(random, [nodes], [(0, 0)] * relations, 12, empty)
    options = {"heads": heads, "concat": concat, "attention_mechanism": mechanism, "negative_slope": 0.2, "bias": bias}
    weights = rgat_weights(random, relations, width, out, **options)
    x = random.randn(nodes, width).astype(np.float32)
    if integers:
        weights = {k: random.randint(-3, 4, v.shape).astype(np.float32) for k, v in weights.items()}
        x = random.randint(-30, 31, x.shape).astype(np.float32)
    write_case(name, "rgat", graph, x, weights, options, width, out)


def hgt_case(name, seed, width, out, heads, types, ends, empty=()):
    random = np.random.RandomState(seed)
    graph = make_graph(random, types, ends, 10, empty)
    weights = hgt_weights(random, graph, width, out, heads)
    x = random.randn(graph.nodes, width).astype(np.float32)
    write_case(name, "hgt", graph, x, weights, {"heads": heads}, width, out)


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    shutil.rmtree(os.path.join(HERE, "fixtures"), ignore_errors=True)

    rgcn_case("rgcn_mean", 1, 8, 8)
    rgcn_case("rgcn_add", 2, 8, 5, aggr="add")
    rgcn_case("rgcn_bases", 3, 6, 4, relations=7, num_bases=3)
    rgcn_case("rgcn_blocks", 4, 6, 9, num_blocks=3)
    rgcn_case("rgcn_no_root", 5, 4, 8, root_weight=False)
    rgcn_case("rgcn_no_bias", 6, 8, 4, aggr="add", bias=False)
    rgcn_case("rgcn_odd_dims", 7, 17, 3)
    rgcn_case("rgcn_empty_relation", 8, 5, 7, empty=(0, 2))
    rgcn_case("rgcn_no_edges", 9, 3, 17, relations=2, nodes=5, empty=(0, 1))

    rgat_case("rgat_one_head", 11, 8, 8, heads=1)
    rgat_case("rgat_concat_four_heads", 12, 8, 4, heads=4)
    rgat_case("rgat_mean_two_heads", 13, 6, 5, heads=2, concat=False)
    rgat_case("rgat_within_two_heads", 14, 8, 8, heads=2, mechanism="within-relation")
    rgat_case("rgat_odd_dims_no_bias", 15, 17, 3, heads=2, bias=False, empty=(1,))
    rgat_case("rgat_within_empty_relation", 16, 3, 17, heads=1, mechanism="within-relation", empty=(0, 3))
    # Logits in the hundreds, exact in float32: wrong without subtracting the maximum.
    rgat_case("rgat_large_logits", 17, 4, 3, heads=2, integers=True)

    three_types = [(0, 1), (1, 0), (2, 2), (0, 2), (2, 1)]
    hgt_case("hgt_homogeneous", 21, 8, 8, 2, [14], [(0, 0)] * 3)
    hgt_case("hgt_heterogeneous", 22, 8, 8, 4, [6, 5, 7], three_types)
    hgt_case("hgt_widths_differ", 23, 5, 6, 2, [6, 5, 7], three_types)
    hgt_case("hgt_odd_dims", 24, 17, 17, 1, [14], [(0, 0)] * 4, empty=(1,))
    hgt_case("hgt_empty_relation", 25, 3, 4, 2, [6, 5, 7], three_types, empty=(4,))


if __name__ == "__main__":
    main()
