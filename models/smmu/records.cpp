// SPDX-License-Identifier: Apache-2.0
// The event queue (IHI 0070 3.5, 7.2): records are written in order, and lost where there is no room.
#include <algorithm>
#include <cstring>

#include "core.h"

namespace staleline::smmu {

using arm::smmu::QueueIndex;
using arm::smmu::Register;
namespace reg = arm::smmu;

namespace {

QueueIndex queue_of(const Shared& s) {
  const std::uint64_t log2size = s.registers.get(Register::EVENTQ_BASE, reg::queue_base::LOG2SIZE);
  return {static_cast<std::uint8_t>(std::min<std::uint64_t>(log2size, s.parameters.event_queue_log2))};
}

}  // namespace

void Smmu::Core::record(const arm::smmu::EventRecord& r) {
  if (shared_.registers.events_enabled()) {
    records_.push_back(r);
  } else {
    ++shared_.counters.records_lost;
  }
}

bool Smmu::Core::record_due() const { return !writing_record_ && !records_.empty(); }

void Smmu::Core::write_record() {
  RegisterFile& r = shared_.registers;
  const QueueIndex q = queue_of(shared_);
  const auto prod = static_cast<std::uint32_t>(r.get(Register::EVENTQ_PROD, reg::eventq_prod::WR));
  const auto cons = static_cast<std::uint32_t>(r.get(Register::EVENTQ_CONS, reg::eventq_cons::RD));
  if (q.full(prod, cons) || !r.events_enabled()) {
    // OVFLG differs from OVACKFLG until software has seen it.
    const std::uint64_t acknowledged = r.get(Register::EVENTQ_CONS, reg::eventq_cons::OVACKFLG);
    if (r.events_enabled()) r.set(Register::EVENTQ_PROD, reg::eventq_prod::OVFLG, acknowledged ^ 1);
    shared_.counters.records_lost += records_.size();
    records_.clear();
    return;
  }
  const std::uint64_t bytes = arm::smmu::kEventBytes << q.log2size;
  const std::uint64_t base = r.get(Register::EVENTQ_BASE, reg::queue_base::ADDR) & ~(bytes - 1);
  const auto words = arm::smmu::encode(records_.front());
  const event::Path path = queue_path();
  interconnect::IoRequest w;
  w.write = true;
  w.snoop = path.node == event::kCoherentDomain;
  w.address = {base + q.index(prod) * arm::smmu::kEventBytes};
  w.size = arm::smmu::kEventBytes;
  w.tag = kEventQueue;
  std::memcpy(w.data.data(), words.data(), sizeof words);
  event::Event e = own(event::Kind::Write);
  e.address = w.address;
  e.path = path;
  emit_bytes(e, w.data.data(), w.size);
  writing_record_ = true;
  port_->access(now_, w);
}

// PROD moves once the record is visible.
void Smmu::Core::record_written() {
  RegisterFile& r = shared_.registers;
  const auto prod = static_cast<std::uint32_t>(r.get(Register::EVENTQ_PROD, reg::eventq_prod::WR));
  r.set(Register::EVENTQ_PROD, reg::eventq_prod::WR, queue_of(shared_).next(prod));
  records_.pop_front();
  writing_record_ = false;
  ++shared_.counters.records;
  send(shared_.parameters.record, event::Mechanism::Completion);
}

}  // namespace staleline::smmu
