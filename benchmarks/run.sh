#!/usr/bin/env bash
# Builds the benchmarks with libtorch (128 MB from NuGet on first use) and runs them: benchmarks/run.sh -o OUT [options], see --help.
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build "$here/Pigeon.Benchmarks" -c Release -p:WithLibtorch=true --nologo -v quiet -clp:NoSummary >&2
# Pigeon's buffers ask for large pages; so does the allocator that torch takes its memory from.
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"
exec dotnet "$here/Pigeon.Benchmarks/bin/Release/net10.0/pigeon-benchmarks.dll" "$@"
