// SPDX-License-Identifier: Apache-2.0
// Runs one variant of the scenario that it is given and ends with that run's exit code.
#include "staleline/run/run.h"
#include "staleline/scenario/scenario.h"

// The SystemC library refers to it; this program has a main of its own.
extern "C" int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto document = staleline::scenario::Document::load(argv[1]);
  return staleline::run::run(document.variant(argv[2]), {}).exit_code(true);
}
