// SPDX-License-Identifier: Apache-2.0
// The story of one hazard as sentences: made once, then laid out as text, JSON or JUnit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "staleline/run/run.h"

namespace staleline::report {

/// One point of the file that the story points at.
struct Marker {
  event::SourceLine line{};
  std::string says;
  event::AgentId agent{};
  bool main = false;  ///< the read itself
};

/// Lines to paste at one place.
struct Patch {
  bool before = false;  ///< before or after `line`
  event::SourceLine line{};
  event::AgentId agent{};
  std::vector<std::string> operations;  ///< "dc cvac, image[..]"
};

struct Story {
  std::string position;         ///< "stale-image.yaml:24:11"
  std::string title;            ///< "hazard SL101 stale-below-cache (observed)"
  std::string sentence;         ///< what was read, what should have been, who wrote it, where it sat
  std::vector<Marker> markers;  ///< in file order
  std::string where;            ///< where the newest bytes or the older copy sat; may be empty
  std::string how;              ///< of a latent hazard: the legal event that goes wrong; else empty
  std::string rule;             ///< "P1 may-stale: ..."
  std::vector<Patch> patches;
};

[[nodiscard]] Story story(const run::Result& result, const run::FoundHazard& found);

/// True if the hazard makes the run fail: not a note, and not declared unless `strict`.
[[nodiscard]] bool fails(const run::FoundHazard& found, bool strict);
/// The hazard that the report leads with: the first that fails, else the first; null if there is none.
[[nodiscard]] const run::FoundHazard* leading(const run::Result& result, bool strict);

/// "stale-image.yaml:24:11" of a program line.
[[nodiscard]] std::string position(const scenario::Scenario& s, event::SourceLine line);
/// The same of a line of an agent, which may execute code from memory.
[[nodiscard]] std::string position(const run::Result& result, event::AgentId agent, event::SourceLine line);
/// Sentences for what failed besides hazards, each with its position.
[[nodiscard]] std::vector<std::string> missing_sentences(const run::Result& result);
[[nodiscard]] std::vector<std::string> expect_sentences(const run::Result& result, bool strict);
/// Empty where no limit was hit.
[[nodiscard]] std::string limit_sentence(const run::Result& result);

}  // namespace staleline::report
