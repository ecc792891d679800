// SPDX-License-Identifier: Apache-2.0
// Scenarios from text for the tests of runs.
#pragma once

#include <string>

#include "staleline/run/run.h"
#include "staleline/scenario/scenario.h"

namespace staleline::test {

inline scenario::Document parse(const std::string& text) {
  return scenario::Document::parse("test.yaml", text, STALELINE_SOURCE_DIR);
}
inline scenario::Document shipped(const std::string& name) {
  return scenario::Document::load(std::string(STALELINE_SOURCE_DIR) + "/scenarios/" + name);
}

}  // namespace staleline::test
