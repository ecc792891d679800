#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Host instructions per access of the standard loads, counted by callgrind as the difference of two
# runs: bench/loads/instructions.sh [path of loads] [options of loads ...]
set -eu
loads=${1:-build/release/loads}
[ $# -gt 0 ] && shift
few=100000
many=300000
count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$loads" "$@" 2>&1 >/dev/null |
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
for load in hit shared big; do
  a=$(count "$load" -n "$few" "$@")
  b=$(count "$load" -n "$many" "$@")
  echo "$load: $(((b - a) / (many - few))) instructions per access"
done
