#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything and runs all tests; arguments go to ctest (-R PATTERN, -LE slow, ...).
# STALELINE_PRESET chooses the preset of CMakePresets.json, `release` if unset.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
# shellcheck source=.ci/setup.sh
source .ci/setup.sh

preset=${STALELINE_PRESET:-release}
install_packages "${build_packages[@]}"
build_preset "$preset"
exec ctest --test-dir "build/$preset" --parallel "$(cores)" --output-on-failure --no-tests=error "$@"
