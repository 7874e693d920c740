#!/bin/sh
# Instructions per proposal, and per row or entry of what the engine does,
# counted by callgrind: nearly the same on a busy machine as on an idle one. Of
# raft_core_bench two runs of different length are compared, so that what is
# needed to start does not count; engine_work says itself what counts.
#
#   bench/instructions.sh [folder of the programs]
#
# With CALLGRIND_OUT=<file>, also leaves a profile of the last run there, and
# with WORK="<kind> ..." it runs these kinds of engine_work and nothing else.

set -eu

bin=${1:-build/release/bin}
out=${CALLGRIND_OUT:-/dev/null}
if ! command -v valgrind >/dev/null; then
  echo "valgrind is missing" >&2
  exit 1
fi
for program in raft_core_bench engine_work; do
  if [ -n "${WORK-}" ] && [ $program = raft_core_bench ]; then continue; fi
  if [ ! -x "$bin/$program" ]; then
    echo "$bin/$program is missing" >&2
    exit 1
  fi
done

# collected <what to run...>
collected() {
  valgrind --tool=callgrind --callgrind-out-file="$out" "$@" 2>&1 >/dev/null |
    sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p'
}

# proposals <per_ready>
proposals() {
  # The longer run has 32768 proposals more.
  few=$(collected "$bin/raft_core_bench" --rounds "$1" $((8192 / $1)))
  many=$(collected "$bin/raft_core_bench" --rounds "$1" $((40960 / $1)))
  printf '%-24s %12d\n' "proposal, $1 per ready" $(((many - few) / 32768))
}

# work <kind>
work() {
  case $1 in
    scan | raw_scan) times=100000 ;;
    replay | append_*) times=20480 ;;
    get | raw_get | apply_* | raw_insert_*) times=4096 ;;
    *) times=50000 ;;
  esac
  count=$(collected --collect-atstart=no --toggle-collect='*::Counted(*' \
    "$bin/engine_work" "$1" "$times")
  printf '%-24s %12d\n' "$1" $((count / times))
}

printf '%-24s %12s\n' what instructions
if [ -z "${WORK-}" ]; then
  for per_ready in 1 64 1024; do proposals "$per_ready"; done
fi
for kind in ${WORK-get raw_get scan raw_scan apply_1 raw_insert_1 apply_64 \
  raw_insert_64 append_1 append_64 replay snapshot raw_checkpoint_scan \
  install raw_bulk_load}; do
  work "$kind"
done
