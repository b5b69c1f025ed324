#!/usr/bin/env bash
# Measures the models on several graphs, inference and training steps, and writes one JSON file for each.
# usage: benchmarks/run.sh OUT [GRAPH ...]      default graphs: generated ones, which need no data
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
out=${1:?"usage: benchmarks/run.sh OUT [GRAPH ...]"}
shift
graphs=("$@")
[[ ${#graphs[@]} -gt 0 ]] || graphs=(gen:aifb gen:mutag gen:fb15k)

mkdir -p -- "$out"
for graph in "${graphs[@]}"; do
  for mode in inference training; do
    file="$out/${graph//[:@]/-}-$mode.json"
    "$here/../pigeon" bench --datasets "$graph" --mode "$mode" --threads "${THREADS:-1}" --json >"$file.part"
    mv -- "$file.part" "$file"
    echo "$file"
  done
done
