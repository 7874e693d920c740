#!/bin/sh
# Runs a program in an empty directory, which is removed afterwards.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
"$@"
