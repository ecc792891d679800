#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds build/release/staleline and runs it with the given arguments.
# Without arguments: a guest boots U-Boot with its MMU off, once with the maintenance forgotten and once with it.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
# shellcheck source=.ci/setup.sh
source .ci/setup.sh

install_packages "${build_packages[@]}"
build_preset release programs

if (($#)); then
  staleline=$PWD/build/release/staleline
  cd "$called_from"  # paths in the arguments are the caller's
  exec "$staleline" "$@"
fi

boot=scenarios/boot/C1-02-stale-image.yaml
build/release/staleline run "$boot#bug"
printf '\n'
build/release/staleline run "$boot#fix"
