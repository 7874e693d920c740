#!/usr/bin/env bash
# Everything that must pass before a change is sent: lints, then each build
# with all of its tests. Stops at the first failure.
#
# usage: tools/presubmit.sh [preset...]     (default: all four below)
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=$(nproc)
presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(release clang asan-ubsan tsan)

echo "== lint"
tools/lint/lint.sh --deep
for preset in "${presets[@]}"; do
  echo "== $preset"
  cmake --preset "$preset" --log-level=NOTICE
  cmake --build --preset "$preset" -j "$jobs"
  # Many tests wait more than they compute.
  ctest --preset "$preset" -j "$((jobs + 1))"
done
echo "== presubmit passed"
