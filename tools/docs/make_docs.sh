#!/usr/bin/env bash
# Makes the reference of the public headers; fails where doxygen warns.
#
# usage: tools/docs/make_docs.sh <directory>
#   The first page is <directory>/html/index.html. Exit code 77: no doxygen.
set -euo pipefail
[ $# -eq 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
output=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."

if ! command -v doxygen >/dev/null; then
  echo "make_docs: doxygen is not installed" >&2
  exit 77
fi

part() {
  sed -n "s/^#define TRIMARAN_VERSION_$1 //p" api/include/trimaran/version.h
}
{
  cat tools/docs/Doxyfile
  echo "OUTPUT_DIRECTORY = \"$output\""
  echo "PROJECT_NUMBER = $(part MAJOR).$(part MINOR).$(part PATCH)"
} | doxygen -
