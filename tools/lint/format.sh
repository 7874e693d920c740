#!/usr/bin/env bash
# Compares every C++ file with .clang-format. --fix rewrites instead.
# The formatter's version is fixed: another one formats differently.
set -euo pipefail
cd "$(dirname "$0")/../.."

mode=(--dry-run -Werror)
[ "${1:-}" = --fix ] && mode=(-i)

find . \( -path ./build -o -path ./.git \) -prune -o \
  \( -name '*.cc' -o -name '*.h' \) -print0 |
  xargs -0 -r -P "$(nproc)" -n 8 clang-format-14 "${mode[@]}"
