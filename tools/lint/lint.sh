#!/usr/bin/env bash
# Every check that reads the sources without running them; the quick ones
# first. All of them run, then the result says which failed.
#
# usage: tools/lint/lint.sh [--deep | file.cc...]
#   Files limit clang-tidy, by far the slowest. Default: all of what users run.
#   --deep: its analyzer takes all the time that it wants (clang_tidy.py), and
#   the headers of tests are compiled alone as well.
set -uo pipefail
cd "$(dirname "$0")/../.."

failed=()
step() {
  local name=$1
  shift
  echo "-- lint: $name"
  "$@" || failed+=("$name")
}

headers=(header_check)
if [ "${1:-}" = --deep ]; then headers+=(test_header_check); fi
header_check() {
  cmake --preset dev --log-level=NOTICE &&
    cmake --build --preset dev --target "${headers[@]}"
}

step selftest python3 -B -m unittest discover -q \
  -s tools/lint/tests -t tools/lint
step layers python3 -B tools/lint/check_layers.py
step tidy python3 -B tools/lint/tidy.py
step format tools/lint/format.sh
step headers header_check
step clang-tidy python3 -B tools/lint/clang_tidy.py "$@"

if [ ${#failed[@]} -gt 0 ]; then
  echo "lint: failed: ${failed[*]}" >&2
  exit 1
fi
echo "lint: all passed"
