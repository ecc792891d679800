// SPDX-License-Identifier: Apache-2.0
// Who may use what: grants and revocations in the order they were said, and the last uses that a revocation
// has to come after.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "orders.h"
#include "staleline/event/event.h"

namespace staleline::judge {

struct Entitlement {
  event::AgentId agent{};
  arm::PhysAddr begin{}, end{};
  bool granted = false;
  event::AgentId by{};
  Epoch epoch = 0;
  Clock intent;  ///< what came before it
  [[nodiscard]] bool covers(arm::PhysAddr a) const { return begin <= a && a < end; }
  [[nodiscard]] bool meets(arm::PhysAddr first, std::uint64_t bytes) const {
    return first < end && begin < first + bytes;
  }
};

class Entitlements {
 public:
  void add(Entitlement e) { all_.push_back(std::move(e)); }
  /// What was said last of `agent` and `address`; null where nothing was.
  [[nodiscard]] const Entitlement* last(event::AgentId agent, arm::PhysAddr address) const {
    for (auto at = all_.rbegin(); at != all_.rend(); ++at)
      if (at->agent == agent && at->covers(address)) return &*at;
    return nullptr;
  }
  [[nodiscard]] bool concerns(arm::PhysAddr first, std::uint64_t bytes) const {
    for (const Entitlement& e : all_)
      if (e.meets(first, bytes)) return true;
    return false;
  }

  struct LastUse {
    event::Event event{};
    Epoch epoch = 0;
  };
  /// By agent, line of memory, and whether it was a store.
  std::map<std::tuple<event::AgentId, std::uint64_t, bool>, LastUse> uses;

 private:
  std::vector<Entitlement> all_;
};

}  // namespace staleline::judge
