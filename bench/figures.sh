#!/usr/bin/env bash
# Measures everything that the pictures and the tables of README.md need, and
# draws the pictures anew. Takes some forty minutes on a machine with two
# processors, which ought to have nothing else to do. What fails is named at the
# end; the rest is measured all the same.
#
# usage: bench/figures.sh [<directory for the JSON>]    (default: build/figures)
#
# QUICK=1 tries it out in a few minutes; its figures mean nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
bench=$PWD/bench
bin=$PWD/build/release/bin
mkdir -p "${1:-build/figures}"
cd "${1:-build/figures}"
figures=$PWD

# $1 where it is meant, $2 where it is only tried.
pick() { if [ -n "${QUICK:-}" ]; then echo "$2"; else echo "$1"; fi; }

failed=()
step() {  # <name> <command>...
  local name=$1
  shift
  echo "== $name ($(date +%H:%M:%S), load $(cut -d' ' -f1 /proc/loadavg))"
  timeout 1200 "$@" || failed+=("$name")
}
google() {  # <name> <program> <filter>
  step "$1" "$bin/$2" --benchmark_filter="$3" \
    --benchmark_out="$1.json" --benchmark_out_format=json
}

TRIMARAN_BENCH_PERCENT=$(pick 100 5)
export TRIMARAN_BENCH_PERCENT
TRIMARAN_BENCH_ROUNDS=$(pick 7 1) google put put_bench \
  "$(pick . 'BlockingPut.*value:100/')"
TRIMARAN_BENCH_ROUNDS=$(pick 5 1) google batch batch_bench .
TRIMARAN_BENCH_ROUNDS=$(pick 3 1) TRIMARAN_BENCH_ROWS=$(pick 100000 2000) \
  google ycsb ycsb_bench .
# The same where the three replicas are processes.
export TRIMARAN_BENCH_PROCESSES=1
TRIMARAN_BENCH_ROUNDS=$(pick 5 1) google processes_put put_bench \
  'replicas:3.*value:100/'
TRIMARAN_BENCH_ROUNDS=$(pick 3 1) google processes_batch batch_bench replicas:3
TRIMARAN_BENCH_ROUNDS=$(pick 3 1) TRIMARAN_BENCH_ROWS=$(pick 100000 2000) \
  google processes_ycsb ycsb_bench replicas:3
unset TRIMARAN_BENCH_PROCESSES
TRIMARAN_BENCH_ROUNDS=$(pick 5 1) TRIMARAN_BENCH_ROWS=$(pick 10000000 10000) \
  TRIMARAN_BENCH_WRITES=$(pick 1000000 10000) google growth growth_bench .
TRIMARAN_BENCH_ROUNDS=3 TRIMARAN_BENCH_MB=$(pick 1024 16) \
  TRIMARAN_BENCH_ROWS=$(pick 1000000 10000) \
  TRIMARAN_BENCH_WRITES=$(pick 1000000 10000) google open open_bench .
TRIMARAN_BENCH_ROUNDS=$(pick 5 1) TRIMARAN_BENCH_ROWS=$(pick 200000 2000) \
  google install install_bench .
google interference interference_bench .
step dump "$bench/dump_bench.py" "$bin" --megabytes "$(pick 1024 16)" \
  --json dump.json
step cluster "$bench/cluster_bench.py" "$bin/cluster_node" \
  --repetitions "$(pick 5 1)" --seconds "$(pick 3 1)" --json cluster.json
step serve "$bench/serve_bench.py" "$bin/trimaran" --rounds "$(pick 3 1)" \
  --json serve.json
step plots "$bench/plots.py" "$figures" \
  "$(pick "$bench/pictures" "$figures/pictures")"

if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
