#!/usr/bin/env bash
# Builds everything and runs all tests. The last line is: N passed, M failed, K skipped.
set -uo pipefail

cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
if [[ -z ${PIGEON_DATA:-} && -d ../shared/data ]]; then
  PIGEON_DATA=$(cd ../shared/data && pwd)
  export PIGEON_DATA
fi

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0 skipped=0

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [[ $failed -eq 0 && $passed -gt 0 ]]
  exit
}

# count NAME LOG: the number after a word on the summary line.
count() { sed -n "s/.*[!] .*$1: *\([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1; }

echo "building"
if ! dotnet build Pigeon.sln -c Release --nologo -v quiet -clp:NoSummary >"$logs/build" 2>&1; then
  cat "$logs/build"
  failed=1
  finish
fi

# Tests of CUDA kernels need NVIDIA's compiler; where it can't be had they are skipped, with the reason.
cuda=$(./setup-cuda.sh 2>&1) || echo "no CUDA compiler: ${cuda##*$'\n'}"

for project in tests/*/*.csproj; do
  log="$logs/$(basename "$project" .csproj)"
  dotnet test "$project" -c Release --no-build --nologo -v quiet --logger "console;verbosity=minimal" >"$log" 2>&1
  code=$?
  p=$(count Passed "$log") f=$(count Failed "$log") k=$(count Skipped "$log")
  if [[ $code -ne 0 ]]; then
    cat "$log"
    # A run that broke off has no summary, but it did fail.
    [[ ${f:-0} -gt 0 ]] || f=1
  fi
  echo "$(basename "$project" .csproj): ${p:-0} passed, ${f:-0} failed, ${k:-0} skipped"
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${k:-0}))
done
finish
