# Shortcuts around CMake and ctest. `make` alone lists them.

JOBS ?= $(shell nproc)
# Many tests wait, for time-outs and disks, more than they compute.
TEST_JOBS ?= $(shell echo $$(($(JOBS) + 2)))
SEEDS ?= 10000
SECONDS ?= 60
CRASH_SECONDS ?= 600
SOAK_SECONDS ?= 1800
NET_SECONDS ?= 1800
NET_SEED ?= $(shell date +%s)
BUILD := build/release
FIGURES ?= build/figures

.DEFAULT_GOAL := help
.PHONY: help deps deps-lint deps-clang deps-docs deps-browser deps-bench \
  build test deb docs package-check demo demo-sim lint format presubmit bench bench-cluster \
  bench-figures bench-plots soak soak-sim soak-net soak-crash soak-conformance \
  fuzz mutants asan \
  tsan clang clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | \
	  sed -E 's/^([a-z-]+):.*## */\1\t/' | \
	  while IFS="$$(printf '\t')" read -r name text; do \
	    printf '  make %-14s %s\n' "$$name" "$$text"; done

deps:
	@tools/install_deps.sh build
deps-lint: deps
	@tools/install_deps.sh lint
deps-clang: deps
	@tools/install_deps.sh clang
deps-docs:
	@tools/install_deps.sh docs
deps-browser:
	@tools/install_deps.sh browser
deps-bench: deps
	@tools/install_deps.sh bench

# $(call configure_and_build,preset[,targets])
define configure_and_build
	cmake --preset $(1) --log-level=NOTICE
	cmake --build --preset $(1) -j $(JOBS) $(if $(2),--target $(2))
endef

build: deps  ## Build everything (release preset)
	$(call configure_and_build,release)

test: build  ## Install what is missing, build, run every test
	ctest --preset release -j $(TEST_JOBS)

deb: build  ## Packages for Debian, in build/packages
	cmake -E make_directory build/packages
	cd build/packages && cpack --config ../release/CPackConfig.cmake

docs: deps-docs  ## A reference of the public headers, in build/docs/html
	tools/docs/make_docs.sh build/docs

package-check: build  ## All about packages, and a project that has this one in a folder
	ctest --preset release -L package
	cmake -S tests/package/in_folder -B build/package-check \
	  -DTRIMARAN_SOURCE_DIR=$(CURDIR)
	cmake --build build/package-check -j $(JOBS) --target consumer consumer_shared
	api/examples/run_in_scratch.sh $(CURDIR)/build/package-check/consumer
	api/examples/run_in_scratch.sh $(CURDIR)/build/package-check/consumer_shared

demo: deps  ## Install what is missing, build, show a group losing its leader
	$(call configure_and_build,release,trimaran)
	$(BUILD)/bin/trimaran demo

demo-sim: deps  ## The same on simulated disks and a simulated network
	$(call configure_and_build,release,sim_demo)
	$(BUILD)/bin/sim_demo

lint: deps-lint  ## Format, layers, style, headers, clang-tidy (FILES="..." for a few)
	tools/lint/lint.sh $(FILES)

format: deps-lint  ## Rewrite the sources in the project's format
	tools/lint/format.sh --fix

presubmit: deps-lint deps-clang deps-docs deps-browser  ## All that must pass before a change is sent
	tools/presubmit.sh

bench: deps  ## Build and run the benchmarks
	$(call configure_and_build,release)
	@set -e; for b in $(BUILD)/bin/*_bench; do \
	  [ -x "$$b" ] || { echo "no benchmark was built" >&2; exit 1; }; \
	  echo "== $$b"; "$$b"; done

bench-cluster: deps  ## Three processes beside three of etcd, if it is installed
	$(call configure_and_build,release,cluster_node bare_quorum)
	bench/cluster_bench.py $(BUILD)/bin/cluster_node

bench-figures: deps-bench  ## Measure all that the pictures show, and draw them: forty minutes
	$(call configure_and_build,release)
	bench/figures.sh $(FIGURES)

bench-plots: deps-bench  ## Draw what was measured: make bench-plots FIGURES=build/figures
	bench/plots.py $(FIGURES) bench/pictures

soak-sim: deps  ## Simulate many seeds: make soak-sim SEEDS=100000
	$(call configure_and_build,release,cluster_sim node_sim)
	$(BUILD)/bin/cluster_sim --seeds $(SEEDS)
	$(BUILD)/bin/node_sim --seeds $(SEEDS)
	$(BUILD)/bin/node_sim --engine --seeds $$(($(SEEDS) / 10))

soak: deps  ## Run a group under load and faults: make soak SOAK_SECONDS=1800
	$(call configure_and_build,release,group_soak)
	$(BUILD)/bin/group_soak --seconds $(SOAK_SECONDS)

soak-net: deps  ## Processes that are killed and cut off: make soak-net NET_SECONDS=3600
	$(call configure_and_build,release,net_chaos net_replica net_snapshot_test)
	TRIMARAN_NET_SNAPSHOT_MB=1024 $(BUILD)/bin/net_snapshot_test
	@set -e; seed=$(NET_SEED); end=$$(($$(date +%s) + $(NET_SECONDS))); \
	while [ $$(date +%s) -lt $$end ]; do for replicas in 3 5; do \
	  $(BUILD)/bin/net_chaos --replicas $$replicas --seconds 120 \
	    --seed $$seed --tls $$((seed % 2)) --pause-max-ms 30000; \
	  seed=$$((seed + 1)); done; done

# Every crash and every error of each story, to its end; then crashes during the
# recoveries from these, for CRASH_SECONDS of each story; then the stories that
# are programs of their own, everywhere. tests/crash/README.md has the times.
CRASH_STORIES := crash.store_errors crash.store_damage crash.generations \
  crash.node
soak-crash: deps  ## Crash the storage everywhere, for hours: CRASH_SECONDS=3600
	$(call configure_and_build,release,crash_points $(CRASH_STORIES))
	@set -e; for flags in "--all" \
	  "--kind crashes --nested-stride 1 --max-seconds $(CRASH_SECONDS)"; do \
	for s in $$($(BUILD)/bin/crash_points --list); do \
	  seq 0 $$(($(JOBS) - 1)) | xargs -P $(JOBS) -I{} \
	    $(BUILD)/bin/crash_points --scenario $$s $$flags --shard {}/$(JOBS); \
	done; done
	@printf '%s\n' $(CRASH_STORIES) | TRIMARAN_ERRORS=all TRIMARAN_DAMAGE=all \
	  TRIMARAN_CRASHES=all xargs -P $(JOBS) -I{} $(BUILD)/bin/{} --gtest_brief=1

soak-conformance: deps  ## Compare the storage with its model: SEEDS=1000
	$(call configure_and_build,release,engine_conformance)
	$(BUILD)/bin/engine_conformance --seeds $(SEEDS)

fuzz: deps deps-clang  ## Run each fuzzer for a while: make fuzz SECONDS=600
	$(call configure_and_build,fuzz,fuzzers)
	@set -e; for f in build/fuzz/bin/*_fuzz; do \
	  name=$$(basename "$$f"); corpus=build/fuzz/corpus/$$name; \
	  mkdir -p "$$corpus"; echo "== $$name"; \
	  kept=tests/fuzz/corpus/$${name%_fuzz}; [ -d "$$kept" ] || kept=; \
	  "$$f" -max_total_time=$(SECONDS) -print_final_stats=1 \
	    -artifact_prefix=build/fuzz/$$name- "$$corpus" $$kept; done

mutants: deps  ## Switch on known bugs one by one; the tests must notice each
	$(call configure_and_build,mutants)
	ctest --preset mutants -L mutant -j $(JOBS)

asan: deps  ## Unit tests and scripts under ASan and UBSan
	$(call configure_and_build,asan-ubsan,quick_tests)
	ctest --preset asan-ubsan -L 'unit|scripts' -j $(TEST_JOBS)

tsan: deps  ## Unit tests and scripts under TSan
	$(call configure_and_build,tsan,quick_tests)
	ctest --preset tsan -L 'unit|scripts' -j $(TEST_JOBS)

clang: deps deps-clang  ## Every test in a clang build
	$(call configure_and_build,clang)
	ctest --preset clang -j $(TEST_JOBS)

clean:  ## Remove all build directories
	rm -rf build
