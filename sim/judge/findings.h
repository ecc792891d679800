// SPDX-License-Identifier: Apache-2.0
// Hazards as they are found: one entry for each id at one reading line, extended from read to read.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "line.h"
#include "staleline/event/event.h"
#include "staleline/judge/hazard.h"

namespace staleline::judge {

/// One unguaranteed read, as the judge sees it.
struct Finding {
  HazardId id{};
  Mask bytes = 0;     ///< that intent obliges and nothing guarantees
  Mask observed = 0;  ///< of these, the ones that this run read wrong
  Mask benign = 0;    ///< of these, the ones where older copies are equal
  WriteRef writer{};
  std::optional<Deed> culprit{};
  event::NodeId holder = event::kCoherentDomain;
};

class Findings {
 public:
  /// Records `f` at the read `e`; true where it is the first of its entry, whose fixes are then wanted.
  Hazard* record(const Finding& f, const event::Event& e, const Line& line);
  [[nodiscard]] std::vector<Hazard> sorted() const;

 private:
  std::vector<Hazard> all_;
  std::map<std::tuple<HazardId, event::AgentId, event::SourceLine>, std::vector<std::size_t>> by_place_;
};

}  // namespace staleline::judge
