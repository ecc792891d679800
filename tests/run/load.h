// SPDX-License-Identifier: Apache-2.0
// Scenarios from text for the tests of runs.
#pragma once

#include <string>
#include <vector>

#include "staleline/run/run.h"
#include "staleline/scenario/scenario.h"

namespace staleline::test {

inline scenario::Document parse(const std::string& text) {
  return scenario::Document::parse("test.yaml", text, STALELINE_SOURCE_DIR);
}
inline scenario::Document shipped(const std::string& name) {
  return scenario::Document::load(std::string(STALELINE_SOURCE_DIR) + "/scenarios/" + name);
}

/// What a run of the variant finds.
inline std::vector<run::FoundHazard> hazards(const std::string& text, const std::string& variant) {
  return run::run(parse(text).variant(variant), {}).hazards;
}
inline std::vector<judge::HazardId> ids(const std::string& text, const std::string& variant) {
  std::vector<judge::HazardId> all;
  for (const auto& one : hazards(text, variant)) all.push_back(one.hazard.id);
  return all;
}
/// "SL104 latent" ...
using Found = std::vector<std::string>;
inline Found found(const std::string& text, const std::string& variant) {
  Found all;
  for (const auto& one : hazards(text, variant))
    all.push_back(judge::spelled(one.hazard.id) + " " + std::string(judge::spelled(one.hazard.verdict)));
  return all;
}

}  // namespace staleline::test
