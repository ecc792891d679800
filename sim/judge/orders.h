// SPDX-License-Identifier: Apache-2.0
// What each agent's accesses come after: by intent (edges) and by guarantee (barriers, acquire and
// release, completion). Vector clocks of epochs; an agent's epoch ticks at its barriers and sends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "staleline/arm/vocabulary.h"
#include "staleline/event/types.h"

namespace staleline::judge {

using Epoch = std::uint32_t;

/// The clock of one order (see Guarantee).
class Row {
 public:
  explicit Row(const Epoch* of) : of_(of) {}
  [[nodiscard]] Epoch operator[](event::AgentId a) const { return of_[a.value]; }

 private:
  friend class Clock;
  const Epoch* of_;
};

/// How far each agent's past is known. Index: agent.
class Clock {
 public:
  explicit Clock(std::size_t agents = 0) : of_(agents, 0) {}
  void set(Row row) { std::copy_n(row.of_, of_.size(), of_.begin()); }
  [[nodiscard]] Epoch operator[](event::AgentId a) const { return of_[a.value]; }
  void raise(event::AgentId a, Epoch e) {
    if (of_[a.value] < e) of_[a.value] = e;
  }
  void join(const Clock& other) {
    for (std::size_t i = 0; i < of_.size(); ++i)
      if (of_[i] < other.of_[i]) of_[i] = other.of_[i];
  }

 private:
  std::vector<Epoch> of_;
};

/// What is guaranteed about another agent's past: an order for each kind of deed and observer.
enum class Order : std::uint8_t {
  StoresInner,    ///< stores, towards PEs
  StoresOuter,    ///< stores, towards devices
  StoresDone,     ///< stores, completed by a DSB: towards table walks of others
  CmosOrdered,    ///< cache maintenance, towards coherent observers (DMB)
  CmosDoneInner,  ///< cache maintenance completed in the Inner Shareable domain (DSB)
  CmosDoneOuter,  ///< cache maintenance completed everywhere (DSB OSH or SY)
};
inline constexpr std::size_t kOrders = 6;

/// A clock for each order. Barriers copy whole ones: the clocks stand in one piece.
class Guarantee {
 public:
  explicit Guarantee(std::size_t agents = 0) : agents_(agents), of_(kOrders * agents, 0) {}
  [[nodiscard]] Row operator[](Order o) const { return Row(&of_[static_cast<std::size_t>(o) * agents_]); }
  void raise(Order o, event::AgentId a, Epoch e) {
    Epoch& known = of_[static_cast<std::size_t>(o) * agents_ + a.value];
    if (known < e) known = e;
  }
  /// What is known in one order is known in another one too.
  void join(Order to, Order from) {
    for (std::uint16_t i = 0; i < agents_; ++i) raise(to, event::AgentId{i}, (*this)[from][event::AgentId{i}]);
  }
  void join(const Guarantee& other) {
    for (std::size_t i = 0; i < of_.size(); ++i)
      if (of_[i] < other.of_[i]) of_[i] = other.of_[i];
  }

 private:
  std::size_t agents_;
  std::vector<Epoch> of_;
};

/// What kind of access asks.
enum class Use : std::uint8_t { Load, Store, Maintenance, Fetch, Walk, InstructionMaintenance };

class Orders {
 public:
  /// `fetches_in_order`: false where a PE may execute what it fetched before it fetched the instruction that told it of
  /// something newer (against DDI 0487 B2.3.9), until TLB maintenance of all PEs has emptied its pipeline.
  Orders(std::size_t agents, std::vector<bool> is_device, bool fetches_in_order = true);

  void barrier(event::AgentId a, arm::Barrier b);
  void context_sync(event::AgentId a);
  void send(event::AgentId a, event::EdgeId edge, std::uint64_t number, event::Mechanism m, event::SourceLine line);
  /// `a` issues TLB maintenance for all PEs.
  void flush_fetches(event::AgentId a);
  /// The PE of the agent lost its power: nothing that it did is under way any more.
  void reset(event::AgentId a) {
    complete_everything(a);
    context_sync(a);
    ++at(a).now;
  }
  void receive(event::AgentId a, event::EdgeId edge, std::uint64_t number, event::Mechanism m);

  [[nodiscard]] Epoch now(event::AgentId a) const { return agents_[a.value].now; }
  /// Ends the agent's epoch, which it returns: what comes next can be told from what came before.
  Epoch tick(event::AgentId a) { return agents_[a.value].now++; }
  [[nodiscard]] bool is_device(event::AgentId a) const { return agents_[a.value].device; }
  /// Changes where a fetch of `a` that was safe may not be any more, or may do more than it did.
  [[nodiscard]] std::uint32_t fetch_version(event::AgentId a) const { return agents_[a.value].fetch_version; }

  /// True where intent puts `writer`'s deed of `epoch` before what `reader` does now.
  [[nodiscard]] bool intended(event::AgentId reader, event::AgentId writer, Epoch epoch) const {
    return reader == writer || epoch <= agents_[reader.value].intent[writer];
  }
  /// True where a store of `writer` is guaranteed to come before what `a` does now. `cacheable`: the
  /// store was Normal Write-Back or Write-Through; where `a` does maintenance, that too (DDI 0487 D7.5.9). An agent's
  /// own loads and stores come after its own stores that took the same path; see own_store_before() for the others.
  [[nodiscard]] bool store_before(Use use, event::AgentId a, event::AgentId writer, Epoch epoch, bool cacheable) const;
  /// True where a barrier of `a` lies between its own store of `epoch` and the load or store that it does
  /// now by another path to the same line (mismatched attributes, DDI 0487 B2.8).
  [[nodiscard]] bool own_store_before(Use use, event::AgentId a, Epoch epoch) const {
    const Agent& self = agents_[a.value];
    return self.device || epoch <= (use == Use::Store ? self.any_stores : self.all);
  }
  /// True where a DSB of `a` lies between a store of `writer`, as far as `a` knows of it, and what `a` does now.
  [[nodiscard]] bool divided(event::AgentId a, event::AgentId writer, Epoch epoch) const;
  /// True where maintenance of `issuer` is guaranteed to have taken effect. `cacheable`: it and the
  /// access of `a` that asks are Normal Write-Back or Write-Through.
  [[nodiscard]] bool cmo_before(Use use, event::AgentId a, event::AgentId issuer, Epoch epoch, bool cacheable) const;
  /// True where every agent knows that maintenance, whatever it does next.
  [[nodiscard]] bool cmo_before_all(event::AgentId issuer, Epoch epoch) const;

  /// True where a store of `writer` is guaranteed to be seen by the table walks of what `a` does next. Without `ets2`
  /// (FEAT_ETS2) an agent's own stores need context synchronisation after their DSB.
  [[nodiscard]] bool store_before_walk(event::AgentId a, event::AgentId writer, Epoch epoch, bool ets2) const;
  /// True where a store of `writer` is guaranteed to be seen by every walk after the TLB maintenance that `a` issues
  /// now. `broadcast`: by the walks of other PEs too.
  [[nodiscard]] bool store_before_tlbi(event::AgentId a, event::AgentId writer, Epoch epoch, bool broadcast) const;
  /// True where TLB maintenance of `issuer` is guaranteed to be complete before what `a` does now. `elsewhere`: in the
  /// TLBs of other PEs too.
  [[nodiscard]] bool tlbi_before(Use use, event::AgentId a, event::AgentId issuer, Epoch epoch, bool elsewhere) const;
  [[nodiscard]] const Clock& intent_of(event::AgentId a) const { return agents_[a.value].intent; }

  /// True where a DSB and then a context synchronisation of `a` come after its own store of `epoch`.
  [[nodiscard]] bool synchronised_since(event::AgentId a, Epoch epoch) const {
    return epoch <= agents_[a.value].fetch_stores_done;
  }
  /// True where `reader` knows of `writer`'s deed from executing an instruction that was written after it.
  [[nodiscard]] bool executed_after(event::AgentId reader, event::AgentId writer, Epoch epoch) const {
    return reader != writer && epoch <= agents_[reader.value].executed[writer];
  }

  // For fixes.
  /// True where `writer` itself has done what its side needs; the reader's side is then what is missing.
  [[nodiscard]] bool store_announced(event::AgentId reader, event::AgentId writer, Epoch epoch) const;
  [[nodiscard]] bool cmo_announced(event::AgentId reader, event::AgentId issuer, Epoch epoch) const;
  /// The first send of `a` at or after `epoch`; 0 where there is none.
  [[nodiscard]] event::SourceLine send_after(event::AgentId a, Epoch epoch) const;

 private:
  struct Agent {
    Epoch now = 1;
    bool device = false;
    Clock intent;
    Guarantee loads;             ///< what its loads come after
    Guarantee stores;            ///< what its stores and maintenance come after; own entries: its last barriers
    Guarantee fetch;             ///< `loads` at the last context synchronisation event
    Guarantee walk;              ///< `stores` at the last DSB
    Clock executed;              ///< what instructions that it executed were written after
    Guarantee flushing;          ///< `stores` at its last TLB maintenance for all PEs
    Guarantee flushed;           ///< that one where a DSB has completed the maintenance
    Clock divided;               ///< stores of others that it knew of at its last DSB
    Epoch all = 0;               ///< own last DMB or DSB of loads and stores
    Epoch any_stores = 0;        ///< own last DMB or DSB that orders stores
    Epoch stores_done = 0;       ///< own last DSB that completes stores
    Epoch walk_stores_done = 0;  ///< that one at the last context synchronisation or handoff
    Epoch cmos_done = 0;         ///< own last DSB that completes maintenance
    Epoch fetch_stores_done = 0, fetch_cmos_done = 0;  ///< the two at the last context synchronisation
    bool executed_newer = false;                       ///< `executed` has something
    std::uint32_t fetch_version = 0;
    std::vector<std::pair<Epoch, event::SourceLine>> sends;
  };
  struct Message {
    Clock intent;
    Guarantee guarantee;
    Guarantee fetch;  ///< what fetches come after where the receiver executes an instruction that was written after it
  };

  Agent& at(event::AgentId a) { return agents_[a.value]; }
  void accept(Agent& self, bool from_devices);
  void complete_everything(event::AgentId a);

  bool fetches_in_order_;
  std::vector<Agent> agents_;
  std::map<std::pair<event::EdgeId, std::uint64_t>, Message> messages_;
};

}  // namespace staleline::judge
