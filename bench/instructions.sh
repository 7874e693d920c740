#!/bin/sh
# Instructions per proposal, counted by callgrind: exact, and the same on a busy
# machine. Two runs of different length are compared, so that what is needed to
# start does not count.
#
#   bench/instructions.sh [path of raft_core_bench]
#
# With CALLGRIND_OUT=<file>, also leaves a profile of the last run there.

set -eu

bench=${1:-build/release/bin/raft_core_bench}
if ! command -v valgrind >/dev/null; then
  echo "valgrind is missing" >&2
  exit 1
fi

# instructions <per_ready> <rounds>
instructions() {
  valgrind --tool=callgrind \
    --callgrind-out-file="${CALLGRIND_OUT:-/dev/null}" \
    "$bench" --rounds "$1" "$2" 2>&1 >/dev/null |
    sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p'
}

printf '%10s %24s\n' per_ready instructions/proposal
for per_ready in 1 64 1024; do
  # The longer run has 32768 proposals more.
  short=$((8192 / per_ready))
  long=$((40960 / per_ready))
  few=$(instructions "$per_ready" "$short")
  many=$(instructions "$per_ready" "$long")
  printf '%10d %24d\n' "$per_ready" $(((many - few) / 32768))
done
