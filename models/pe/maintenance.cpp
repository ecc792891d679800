// SPDX-License-Identifier: Apache-2.0
// Maintenance of caches and TLBs: issue, and TLB maintenance that arrives.
#include <algorithm>

#include "core.h"
#include "staleline/cache/set_way.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;

constexpr std::uint32_t kMaintenanceInFlight = 16;

// What HCR_EL2 makes of an operation at EL1: IVAC and ISW clean too, IALLU goes to all (DDI 0487 D7.5.9).
arm::CacheOp upgraded(arm::CacheOp op, const SystemState& system) {
  if (system.el() != 1) return op;
  const std::uint64_t hcr = system.in_force(R::HCR_EL2);
  const auto bit = [hcr](unsigned n) { return (hcr >> n & 1) != 0; };
  const bool guest = bit(0) || bit(12);  // VM, DC
  switch (op) {
    case arm::CacheOp::DC_IVAC:
      return guest ? arm::CacheOp::DC_CIVAC : op;
    case arm::CacheOp::DC_ISW:
      return guest || bit(1) ? arm::CacheOp::DC_CISW : op;  // SWIO
    case arm::CacheOp::IC_IALLU:
      return bit(9) ? arm::CacheOp::IC_IALLUIS : op;  // FB
    default:
      return op;
  }
}

}  // namespace

Pe::Core::Progress Pe::Core::maintain(Thread& t) {
  const Action& a = t.sequencer.action();
  if (t.maintenance >= kMaintenanceInFlight) return Progress::Blocked;
  cache::Request r;
  r.op = cache::Request::Op::Maintenance;
  r.maintenance = upgraded(a.operation, t.system);
  const bool by_va = arm::is_by_va(a.operation);
  if (by_va) {
    const auto translation = translate(t, mmu::AccessType::Maintenance);
    if (!translation) return Progress::Again;
    r.address = translation->address.aligned_down(arm::kLineBytes);
    r.path = translation->path;
    r.promoted = r.maintenance != a.operation;
    r.undivided = std::find(t.undivided.begin(), t.undivided.end(), r.address.value) != t.undivided.end();
    r.virtual_index = virtual_index(a.address + t.progress);
    // In program order with own stores to the line only where the VA is cacheable (DDI 0487 D7.5.9).
    const bool ordered = arm::is_cacheable(r.path.memory);
    if (ordered && !demand(stores_.youngest([&](const StoreBuffer::Entry& e) { return e.line == r.address; }))) {
      return Progress::Blocked;
    }
  }
  const bool set_way = cache::is_set_way(r.maintenance);
  if (set_way) r.data[0] = a.value;
  const bool sweep = set_way && completes_sweep(t, r.maintenance, a.value);
  if (pe_.events() != nullptr) {
    event::Event e;
    if (set_way) e.data = {cache::level_of_set_way(a.value), sweep ? std::uint64_t{1} : 0};
    if (r.maintenance == arm::CacheOp::IC_IVAU && parameters_.caches.vipt) e.data[1] = r.virtual_index + 1U;
    e.kind = event::Kind::Maintenance;
    e.aux = static_cast<std::uint32_t>(r.maintenance);
    e.detail = r.promoted ? 1 : 0;
    e.address = r.address;
    e.path = r.path;
    e.entry = by_va ? entry_ : 0;
    emit(e, t);
  }
  ++counts_.maintenance;
  r.tag = kMaintenanceTag | static_cast<std::uint32_t>(current_);
  if (!caches_.access(now_, r)) ++t.maintenance;
  if (!by_va) return Progress::Done;
  const arm::VirtAddr at = a.address + t.progress;
  t.progress += arm::kLineBytes - at.offset_in(arm::kLineBytes);
  return t.progress >= a.bytes ? Progress::Done : Progress::Again;
}

// True for the last of operations of one kind that reach every set and way of a level, data caching off throughout.
bool Pe::Core::completes_sweep(Thread& t, arm::CacheOp op, std::uint64_t xt) {
  const std::uint32_t level = cache::level_of_set_way(xt);
  if (level > caches_.levels().size()) return false;
  const auto& geometry = caches_.levels()[level - 1];
  auto& sweep = t.sweeps.at(level - 1);
  const std::size_t all = std::size_t{geometry.sets} * geometry.ways;
  const bool cached = t.controls.c || t.controls.dc;
  if (cached || sweep.operation != op || sweep.left == 0) {
    sweep = {op, std::vector<bool>(all), all};
    if (cached) return false;
  }
  const auto place = cache::decode_set_way(xt, geometry.sets, geometry.ways);
  if (place.way >= geometry.ways) return false;
  auto done = sweep.done[std::size_t{place.set} * geometry.ways + place.way];
  if (done) return false;
  done = true;
  return --sweep.left == 0;
}

Pe::Core::Progress Pe::Core::maintain_tlb(Thread& t) {
  const Action& a = t.sequencer.action();
  if (t.maintenance >= kMaintenanceInFlight) return Progress::Blocked;
  arm::Tlbi tlbi = a.tlbi;
  const std::uint64_t hcr = t.system.in_force(R::HCR_EL2);
  if (t.system.el() == 1 && (hcr >> 9 & 1) != 0) tlbi = arm::force_broadcast(tlbi);
  const auto regime = arm::regime_of(tlbi, hcr).value_or(arm::Regime::EL2);
  auto registers = t.system.translation_of(regime);
  if ((a.mask & a64::kNamesVmid) != 0) {
    constexpr unsigned kVmid = 48;
    registers.vttbr = (registers.vttbr & ~(std::uint64_t{0xffff} << kVmid)) | (a.mask & 0xffff) << kVmid;
  }
  if (t.unsynchronised && (a.mask & a64::kNamesVmid) == 0 && regime == arm::Regime::EL10 &&
      tlbi.scope != arm::TlbiScope::All)
    rely_on_vmid(t, registers);
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::Tlbi;
    arm::Tlbi told = tlbi;
    if (regime == arm::Regime::EL20) told.el = 2;  // those of EL1, with HCR_EL2.{E2H,TGE} (DDI 0487 D8.17.6)
    e.aux = arm::pack(told);
    e.data = {a.value,
              std::uint64_t{arm::vmid_of(registers, arm::Regime::EL10)} << 16 | arm::asid_of(registers, regime)};
    emit(e, t);
  }
  ++counts_.maintenance;
  cache::Request r;
  r.op = cache::Request::Op::TlbMaintenance;
  r.data = mmu::words_of(tlbi, a.value, registers);
  r.broadcast = tlbi.reach != arm::TlbiReach::Local;
  r.tag = kMaintenanceTag | static_cast<std::uint32_t>(current_);
  if (!caches_.access(now_, r)) ++t.maintenance;
  return Progress::Done;
}

// The answer says that nothing uses the old translations any more: stores that did have left by then.
cache::Answer Pe::Core::tlb_maintenance(const cache::TlbMaintenance& m, Cycle) {
  mmu_.invalidate(mmu::invalidation_of(m.words));
  if (walk_) walk_->poisoned = true;
  if (stores_.empty() && !load_pending_) {
    hurried_ = false;
    return cache::Answer::Now;
  }
  stores_.demand_all();
  // With the quirk only the next one waits for what this one should have.
  if (parameters_.tlbi_completes_early) {
    hurried_ = !hurried_;
    if (hurried_) return cache::Answer::Now;
  }
  unanswered_.push_back({m.ticket, stores_.last_id(), load_pending_});
  return cache::Answer::Later;
}

void Pe::Core::answer_tlb_maintenance() {
  const auto waits = [this](Unanswered& u) {
    u.load = u.load && load_pending_;
    return u.load || stores_.holds_up_to(u.last_store);
  };
  const auto done = std::stable_partition(unanswered_.begin(), unanswered_.end(), waits);
  for (auto u = done; u != unanswered_.end(); ++u) caches_.answer_tlb_maintenance(now_, u->ticket);
  unanswered_.erase(done, unanswered_.end());
}

}  // namespace staleline::pe
