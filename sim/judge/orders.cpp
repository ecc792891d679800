// SPDX-License-Identifier: Apache-2.0
// How barriers and edges move the clocks (docs/edges.md; DDI 0487 B2.3, B2.7.5, D7.5.9).
#include "orders.h"

#include <algorithm>

namespace staleline::judge {

using arm::BarrierAccess;
using arm::BarrierDomain;
using arm::BarrierKind;
using event::AgentId;
using event::Mechanism;

Orders::Orders(std::size_t agents, std::vector<bool> is_device, bool fetches_in_order)
    : fetches_in_order_(fetches_in_order) {
  agents_.resize(agents);
  for (std::size_t i = 0; i < agents; ++i) {
    Agent& a = agents_[i];
    a.device = i < is_device.size() && is_device[i];
    a.intent = a.divided = a.executed = Clock(agents);
    a.loads = a.stores = a.fetch = a.walk = a.flushing = a.flushed = Guarantee(agents);
  }
}

/// The agent's loads now come after everything that its stores do.
void Orders::accept(Agent& self, bool from_devices) {
  if (from_devices) {
    self.loads.join(self.stores);
    return;
  }
  for (std::uint16_t i = 0; i < agents_.size(); ++i) {
    if (agents_[i].device) continue;
    for (std::uint8_t o = 0; o < kOrders; ++o)
      self.loads.raise(Order{o}, AgentId{i}, self.stores[Order{o}][AgentId{i}]);
  }
}

void Orders::barrier(AgentId a, arm::Barrier b) {
  Agent& self = at(a);
  if (b.kind == BarrierKind::ISB) return context_sync(a);
  const bool dsb = b.kind == BarrierKind::DSB;
  const bool inner = b.domain != BarrierDomain::NSH;
  const bool outer = b.domain == BarrierDomain::OSH || b.domain == BarrierDomain::SY;
  const bool loads = b.access != BarrierAccess::ST;
  const bool stores = b.access != BarrierAccess::LD;
  const bool all = loads && stores;
  if (loads && inner) accept(self, outer);
  // Stores of others that this agent has observed are before it as its own are (DDI 0487 B2.3.11, group A).
  if (all && outer) self.stores.join(Order::StoresOuter, Order::StoresInner);
  const auto own = [&](Order o, bool holds) {
    if (holds) self.stores.raise(o, a, self.now);
  };
  own(Order::StoresInner, stores && inner);
  own(Order::StoresOuter, stores && outer);
  own(Order::StoresDone, stores && inner && dsb);
  own(Order::CmosOrdered, all && inner);
  own(Order::CmosDoneInner, all && inner && dsb);
  own(Order::CmosDoneOuter, all && outer && dsb);
  if (all) self.all = self.now;
  if (stores) self.any_stores = self.now;
  if (dsb && stores) self.stores_done = self.now;
  if (dsb && all) self.cmos_done = self.now;
  if (dsb) self.walk = self.stores;
  if (dsb && all && inner && !fetches_in_order_) self.flushed.join(self.flushing);
  if (dsb && stores) self.divided.set(self.stores[Order::StoresInner]);
  ++self.now;
}

void Orders::context_sync(AgentId a) {
  Agent& self = at(a);
  accept(self, true);  // a branch on what was awaited, then context synchronisation, orders later loads
  // What fetches come after grows, and what was safe stays so, unless it was known from an instruction that was
  // executed.
  if (self.executed_newer) ++self.fetch_version;
  self.fetch = self.loads;
  self.walk.join(self.loads);
  self.fetch_stores_done = self.walk_stores_done = self.stores_done;
  self.fetch_cmos_done = self.cmos_done;
}

void Orders::flush_fetches(AgentId a) {
  if (!fetches_in_order_) at(a).flushing.join(at(a).stores);
}

void Orders::complete_everything(AgentId a) {
  Agent& self = at(a);
  accept(self, true);
  for (std::uint8_t o = 0; o < kOrders; ++o) self.stores.raise(Order{o}, a, self.now);
  self.all = self.any_stores = self.stores_done = self.walk_stores_done = self.cmos_done = self.now;
  self.walk = self.stores;
}

void Orders::send(AgentId a, event::EdgeId edge, std::uint64_t number, Mechanism m, event::SourceLine line) {
  Agent& self = at(a);
  if (m == Mechanism::Handoff || m == Mechanism::Completion || self.device) complete_everything(a);
  Message message{
      .intent = self.intent, .guarantee = self.stores, .fetch = fetches_in_order_ ? self.stores : self.flushed};
  message.intent.raise(a, self.now);
  if (m == Mechanism::FlagOrdered) {
    message.guarantee.raise(Order::StoresInner, a, self.now);
    message.guarantee.raise(Order::StoresOuter, a, self.now);
  }
  messages_.insert_or_assign({edge, number}, std::move(message));
  self.sends.emplace_back(self.now, line);
  ++self.now;
}

void Orders::receive(AgentId a, event::EdgeId edge, std::uint64_t number, Mechanism m) {
  const auto found = messages_.find({edge, number});
  if (found == messages_.end()) return;
  Agent& self = at(a);
  ++self.fetch_version;
  self.intent.join(found->second.intent);
  self.stores.join(found->second.guarantee);
  if (m == Mechanism::Fetched) {
    self.executed_newer = true;
    self.executed.join(found->second.intent);
    self.fetch.join(found->second.fetch);
    return;
  }
  if (m != Mechanism::Flag || self.device) self.loads.join(found->second.guarantee);
  if (m == Mechanism::Handoff || m == Mechanism::Completion) {
    self.walk = self.stores;
    self.divided.set(self.stores[Order::StoresInner]);
    context_sync(a);
  }
}

bool Orders::store_before(Use use, AgentId a, AgentId writer, Epoch epoch, bool cacheable) const {
  if (epoch == 0) return true;  // the initial contents
  const Agent& self = agents_[a.value];
  if (writer == a) {
    switch (use) {
      case Use::Load:
      case Use::Store:
        return true;
      case Use::Maintenance:
        return cacheable || self.device || epoch <= self.all;
      case Use::Fetch:
        return epoch <= self.fetch_stores_done;
      case Use::Walk:
      case Use::InstructionMaintenance:
        return epoch <= self.stores_done;
    }
  }
  const Order order = self.device ? Order::StoresOuter : Order::StoresInner;
  switch (use) {
    case Use::Load:
      return epoch <= self.loads[order][writer];
    case Use::Fetch:
      return epoch <= self.fetch[order][writer];
    case Use::Walk:
      return epoch <= self.walk[order][writer];
    default:
      return epoch <= self.stores[order][writer];
  }
}

bool Orders::divided(AgentId a, AgentId writer, Epoch epoch) const {
  const Agent& self = agents_[a.value];
  return epoch == 0 || self.device || epoch <= (writer == a ? self.stores_done : self.divided[writer]);
}

bool Orders::cmo_before(Use use, AgentId a, AgentId issuer, Epoch epoch, bool cacheable) const {
  const Agent& self = agents_[a.value];
  if (issuer == a) {
    switch (use) {
      case Use::Load:
      case Use::Store:
        return cacheable || epoch <= self.all;
      case Use::Maintenance:
        return true;
      case Use::Fetch:
        return epoch <= self.fetch_cmos_done;
      case Use::Walk:
      case Use::InstructionMaintenance:
        return epoch <= self.cmos_done;
    }
  }
  if (self.device) return epoch <= self.loads[Order::CmosDoneOuter][issuer];
  switch (use) {
    case Use::Load:
      return epoch <= self.loads[Order::CmosOrdered][issuer];
    case Use::Fetch:
      return epoch <= self.fetch[Order::CmosDoneInner][issuer];
    case Use::Walk:
      return epoch <= self.walk[Order::CmosDoneInner][issuer];
    case Use::InstructionMaintenance:
      return epoch <= self.stores[Order::CmosDoneInner][issuer];
    default:
      return epoch <= self.stores[Order::CmosOrdered][issuer];
  }
}

bool Orders::cmo_before_all(AgentId issuer, Epoch epoch) const {
  for (std::uint16_t i = 0; i < agents_.size(); ++i) {
    const AgentId a{i};
    for (const Use use : {Use::Load, Use::Store, Use::Maintenance, Use::Fetch, Use::Walk, Use::InstructionMaintenance})
      if (!cmo_before(use, a, issuer, epoch, false)) return false;
  }
  return true;
}

bool Orders::store_before_walk(AgentId a, AgentId writer, Epoch epoch, bool ets2) const {
  if (epoch == 0) return true;
  const Agent& self = agents_[a.value];
  if (writer == a) return self.device || epoch <= (ets2 ? self.stores_done : self.walk_stores_done);
  if (self.device) return epoch <= self.loads[Order::StoresOuter][writer];
  if (ets2 && epoch <= self.loads[Order::StoresInner][writer]) return true;  // what comes before the access
  return epoch <= self.loads[Order::StoresDone][writer] || epoch <= self.walk[Order::StoresInner][writer];
}

bool Orders::store_before_tlbi(AgentId a, AgentId writer, Epoch epoch, bool broadcast) const {
  if (epoch == 0) return true;
  const Agent& self = agents_[a.value];
  if (writer == a) return self.device || epoch <= (broadcast ? self.stores[Order::StoresDone][a] : self.stores_done);
  if (self.device) return epoch <= self.loads[Order::StoresOuter][writer];
  return epoch <= self.stores[Order::StoresDone][writer] || epoch <= self.walk[Order::StoresInner][writer];
}

bool Orders::tlbi_before(Use use, AgentId a, AgentId issuer, Epoch epoch, bool elsewhere) const {
  const Agent& self = agents_[a.value];
  if (issuer == a) return self.device || epoch <= (elsewhere ? self.stores[Order::CmosDoneInner][a] : self.cmos_done);
  if (self.device) return epoch <= self.loads[Order::CmosDoneOuter][issuer];
  switch (use) {
    case Use::Load:
      return epoch <= self.loads[Order::CmosDoneInner][issuer];
    case Use::Fetch:
      return epoch <= self.fetch[Order::CmosDoneInner][issuer];
    default:
      return epoch <= self.stores[Order::CmosDoneInner][issuer];
  }
}

bool Orders::store_announced(AgentId reader, AgentId writer, Epoch epoch) const {
  const Order order = agents_[reader.value].device ? Order::StoresOuter : Order::StoresInner;
  return epoch <= agents_[reader.value].stores[order][writer];
}

bool Orders::cmo_announced(AgentId reader, AgentId issuer, Epoch epoch) const {
  const Order order = agents_[reader.value].device ? Order::CmosDoneOuter : Order::CmosOrdered;
  return epoch <= agents_[reader.value].stores[order][issuer];
}

event::SourceLine Orders::send_after(AgentId a, Epoch epoch) const {
  const auto& sends = agents_[a.value].sends;
  const auto at =
      std::lower_bound(sends.begin(), sends.end(), epoch, [](const auto& s, Epoch e) { return s.first < e; });
  return at == sends.end() ? event::SourceLine{} : at->second;
}

}  // namespace staleline::judge
