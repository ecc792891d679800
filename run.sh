#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds build/release/staleline and runs it with the given arguments.
#   ./run.sh                         boots U-Boot, as Debian has it, to its banner
#   ./run.sh boot-linux [OPTION...]  boots Debian's kernel, until its MMU is on; fetches it the first time (128 MB)
#   ./run.sh ARGUMENT...             the program: ./run.sh explain SL101
set -euo pipefail
called_from=$PWD
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
# shellcheck source=.ci/setup.sh
source .ci/setup.sh

# image GUEST: its path; dies where it cannot be had, after fetch.sh has said why.
image() {
  local line
  line=$(tests/guest/fetch.sh "$1") || die "no $1 to boot"
  line=${line##* }
  printf '%s\n' "$line"
}

install_packages "${build_packages[@]}"
build_preset release programs
staleline=$PWD/build/release/staleline

if ((!$#)); then
  guest=$(image u-boot)
  exec "$staleline" boot "$guest" --until console:DRAM --brief
fi
if [[ $1 == boot-linux ]]; then
  shift
  guest=$PWD/$(image linux)
  [[ " $* " == *" --until"* ]] || set -- --until mmu-on "$@"
  cd "$called_from"
  exec "$staleline" boot "$guest" "$@"
fi
cd "$called_from"  # paths in the arguments are the caller's
exec "$staleline" "$@"
