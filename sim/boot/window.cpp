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

bool has_no_address(Kind kind) { return kind == Kind::Barrier || kind == Kind::Tlbi || kind == Kind::ContextSync; }
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

// Nearly all that a guest does is loads and stores, the same ones time and again.
Window::Row& Window::access_row(const Event& e) {
  const std::uint64_t key = std::uint64_t{e.line.value} << 8 | static_cast<std::uint8_t>(e.kind);
  Recent& recent = recent_[e.line.value % recent_.size()];
  if (recent.key != key) recent = {key, static_cast<std::size_t>(&row(e) - rows_.data())};
  return rows_[recent.row];
}

void Window::on_event(const Event& e) {
  if (!open_ || e.agent != guest_) return;
  if (turns_on(e)) {
    open_ = false;
    closed_at_ = e.cycle;
    return;
  }
  const bool access = e.kind == Kind::Read || e.kind == Kind::Write;
  if (!access && e.kind != Kind::Maintenance && !has_no_address(e.kind)) return;
  Row& r = access ? access_row(e) : row(e);
  ++r.times;
  if (has_no_address(e.kind)) return;
  r.first = std::min(r.first, e.address);
  r.end = std::max(r.end, e.address + (access ? e.size : arm::kLineBytes));
  if (e.kind == Kind::Read) return;
  const std::uint64_t line = e.address.aligned_down(arm::kLineBytes).value;
  if (e.kind == Kind::Write) {
    written_[line] = e.line;
    return;
  }
  if (!arm::is_by_va(static_cast<arm::CacheOp>(e.aux))) return;
  if (const auto written = written_.find(line); written != written_.end()) {
    ++r.protects;
    r.protected_ = written->second;
  }
}

}  // namespace staleline::boot
