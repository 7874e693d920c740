#!/usr/bin/env bash
# Installs the Debian packages that a kind of work needs and that are missing.
# Prints nothing and does not call apt when nothing is missing.
#
# usage: tools/install_deps.sh [build] [lint] [clang] [docs] [browser] [bench]
#   build  compile and test with g++ (default)
#   lint   check format, style and layers
#   clang  compile and fuzz with clang
#   docs   make the headers' reference
#   browser
#          test the status page of `serve`, which is left out without one
#   bench  draw what was measured
set -euo pipefail

packages_build=(
  make git cmake ninja-build ccache g++ python3 pkg-config
  libabsl-dev libgtest-dev libgmock-dev libbenchmark-dev
  libwiredtiger-dev wiredtiger libprotobuf-dev protobuf-compiler librocksdb-dev
  libasio-dev libssl-dev openssl iproute2 dpkg-dev file libedit-dev
  redis-tools curl
)
packages_lint=(clang-format-14 clang-tidy-14)
packages_clang=(clang-14 libclang-rt-14-dev)
packages_docs=(doxygen)
packages_browser=(chromium)
packages_bench=(gnuplot-nox)

wanted=()
for group in "${@:-build}"; do
  case "$group" in
    build) wanted+=("${packages_build[@]}") ;;
    lint)  wanted+=("${packages_lint[@]}") ;;
    clang) wanted+=("${packages_clang[@]}") ;;
    docs)  wanted+=("${packages_docs[@]}") ;;
    browser) wanted+=("${packages_browser[@]}") ;;
    bench) wanted+=("${packages_bench[@]}") ;;
    *) echo "install_deps: '$group' is none of build, lint, clang, docs," \
            "browser, bench" >&2
       exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null; then
  echo "install_deps: this is not Debian; install what corresponds to:" >&2
  echo "  ${wanted[*]}" >&2
  exit 0
fi

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${wanted[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  # A password may be asked for only where somebody can type one.
  if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }
  then
    as_root=(sudo)
  else
    echo "install_deps: packages are missing and this is not root; run:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null
}
install_missing() { apt install --no-install-recommends "${missing[@]}"; }

echo "Installing: ${missing[*]}"
# The package lists may be absent or too old; only then are they fetched.
if ! install_missing && ! { apt update && install_missing; }; then
  cat "$log" >&2
  echo "install_deps: apt-get failed (its output is above)" >&2
  exit 1
fi
