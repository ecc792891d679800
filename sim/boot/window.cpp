// SPDX-License-Identifier: Apache-2.0
// What an agent does while its stage 1 MMU is off.
#include "staleline/arm/system_registers.h"
#include "staleline/boot/boot.h"

namespace staleline::boot {

using event::Event;
using event::Kind;

namespace {

bool turns_on(const Event& e) {
  const auto r = static_cast<arm::SystemRegister>(e.aux);
  const bool sctlr = r == arm::SystemRegister::SCTLR_EL1 || r == arm::SystemRegister::SCTLR_EL2;
  return e.kind == Kind::SystemRegister && e.detail == 0 && sctlr && (e.data[0] & 1) != 0;
}

bool has_operand(Kind kind) { return kind == Kind::Maintenance || kind == Kind::Barrier || kind == Kind::Tlbi; }

}  // namespace

// A loop over lines is one row, and the next loop of the same function another one.
Window::Row& Window::row(const Event& e) {
  constexpr std::size_t kMostRuns = 16;
  const std::uint32_t aux = has_operand(e.kind) ? e.aux : 0;
  Runs& runs = index_[{e.line.value, static_cast<std::uint8_t>(e.kind), aux}];
  const bool by_va = e.kind == Kind::Maintenance && arm::is_by_va(static_cast<arm::CacheOp>(e.aux));
  const bool apart = runs.count != 0 && by_va && runs.count < kMostRuns && !(e.address == rows_[runs.last].end);
  if (runs.count == 0 || apart) {
    ++runs.count;
    runs.last = rows_.size();
    rows_.push_back({e.line, e.kind, aux, e.address, e.address, e.cycle, 0, 0, {}});
  }
  return rows_[runs.last];
}

void Window::on_event(const Event& e) {
  if (!open_ || e.agent != guest_) return;
  if (turns_on(e)) {
    open_ = false;
    closed_at_ = e.cycle;
    return;
  }
  switch (e.kind) {
    case Kind::Write:
    case Kind::Read:
    case Kind::Maintenance:
    case Kind::Barrier:
    case Kind::Tlbi:
    case Kind::ContextSync:
      break;
    default:
      return;
  }
  Row& r = row(e);
  ++r.times;
  if (e.kind == Kind::Barrier || e.kind == Kind::Tlbi || e.kind == Kind::ContextSync) return;
  const std::uint64_t bytes = e.kind == Kind::Maintenance ? arm::kLineBytes : e.size;
  r.first = std::min(r.first, e.address);
  r.end = std::max(r.end, e.address + bytes);
  const std::uint64_t line = e.address.aligned_down(arm::kLineBytes).value;
  if (e.kind == Kind::Write) written_[line] = e.line;
  if (e.kind != Kind::Maintenance || !arm::is_by_va(static_cast<arm::CacheOp>(e.aux))) return;
  if (const auto written = written_.find(line); written != written_.end()) {
    ++r.protects;
    r.protected_ = written->second;
  }
}

}  // namespace staleline::boot
