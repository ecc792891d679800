// SPDX-License-Identifier: Apache-2.0
// Hazards as they are found: one entry for each id at one reading line, extended from read to read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "line.h"
#include "staleline/event/event.h"
#include "staleline/judge/hazard.h"

namespace staleline::judge {

/// Which TLB maintenance is missing, where an older descriptor may live on in a TLB.
struct TlbMissing {
  enum class What : std::uint8_t {
    None,
    Maintenance,  ///< no instruction covers it
    StoreDone,    ///< the one of `by` was issued before the store was visible to walks
    Broadcast,    ///< the one of `by` reached another PE only
    Stage1,       ///< stage 2 maintenance of `by`, but what stage 1 was combined with lives on
    Completion,   ///< the one of `by` need not be complete
    Linked,       ///< none, but a barrier before `by`, which linked the table that held the descriptor
    Run,          ///< none can help: another descriptor of the contiguous run, still valid, says otherwise
  };
  What what = What::None;
  bool direct = false;  ///< of break-before-make: there was no break at all
  WriteRef by{};
  TableUse use{};
  WriteRef superseded{};  ///< the store that replaced what is held
  arm::PhysAddr mapped{};
};

/// One unguaranteed read, as the judge sees it.
struct Finding {
  HazardId id{};
  Mask bytes = 0;     ///< that intent obliges and nothing guarantees
  Mask observed = 0;  ///< of these, the ones that this run read wrong
  Mask benign = 0;    ///< of these, the ones where older copies are equal
  WriteRef writer{};
  std::optional<Deed> culprit{};
  event::NodeId holder = event::kCoherentDomain;
  TlbMissing tlb{};
  std::string what{};          ///< Hazard::what
  std::string_view command{};  ///< of an SMMU's copy: what makes it forget
  bool under_way = false;      ///< Hazard::under_way
};

class Findings {
 public:
  /// Records `f` at the read `e`; true where it is the first of its entry, whose fixes are then wanted.
  Hazard* record(const Finding& f, const event::Event& e, const Line& line);
  /// Records a hazard that is no read of a line; true where it is the first of its entry.
  bool note(Hazard h);
  [[nodiscard]] std::vector<Hazard> sorted() const;

 private:
  std::vector<Hazard> all_;
  std::map<std::tuple<HazardId, event::AgentId, event::SourceLine>, std::vector<std::size_t>> by_place_;
};

}  // namespace staleline::judge
