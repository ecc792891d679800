// SPDX-License-Identifier: Apache-2.0
// Global monitors of what is not cached, and atomics that are performed here: one step that nothing comes between
// (DDI 0487 B2.10.2, C3.2.12).
#include "home.h"

namespace staleline::interconnect {

using cache::Array;
using cache::protocol::Request;
using Result = Message::Result;

void Interconnect::Implementation::clear_monitors(std::uint64_t line, std::uint8_t source) {
  if (monitors_set_ == 0) return;
  for (std::size_t pe = 0; pe < monitored_.size(); ++pe) {
    if (pe == source || monitored_[pe] != line) continue;
    monitored_[pe] = kNoLine;
    --monitors_set_;
  }
}

bool Interconnect::Implementation::pass_monitors(const Message& m, const Line* line) {
  if (m.exclusive && m.request == Request::ReadNoSnp) {
    std::uint64_t& own = monitored_[m.source];
    if (own == kNoLine) ++monitors_set_;
    own = m.line;
    return true;
  }
  if (m.exclusive && m.request == Request::WriteNoSnp) {
    std::uint64_t& own = monitored_[m.source];
    const bool stands = own == m.line;
    if (own != kNoLine) --monitors_set_;
    own = kNoLine;
    if (!stands) return false;
  }
  // Where others write, the copy of the line goes: it stands for the monitor.
  if (m.exclusive && m.request == Request::WriteUnique &&
      (line == nullptr || (line->directory.holders >> m.source & 1) == 0)) {
    return false;
  }
  if (cache::protocol::writes(m.request)) clear_monitors(m.line, m.source);
  return true;
}

void Interconnect::Implementation::atomic_past_caches(Cycle now, Cycle at, const Message& m) {
  std::array<std::uint8_t, arm::kLineBytes> bytes;
  settle_late_of(now, m.line);
  Cycle done = read_memory(at, m.line, bytes.data());
  std::uint8_t* const operand = bytes.data() + m.offset;
  if (m.modifier->modify({operand, m.size})) done = write_memory(now, done, m.line, m.offset, m.size, operand).done;
  reply(done, m, Result::Done);
}

Cycle Interconnect::Implementation::atomic_unique(Cycle now, Cycle at, const Message& m, std::uint8_t* bytes,
                                                  bool dirty) {
  at = clean_shared(now, at, m.line, dirty ? bytes : nullptr);
  settle_late_of(now, m.line);
  at = read_memory(at, m.line, bytes);
  std::uint8_t* const operand = bytes + m.offset;
  if (!m.modifier->modify({operand, m.size})) return at;
  for (Level& level : levels_) {
    const std::uint32_t slot = level.array.find(m.line);
    if (slot != Array::kNoSlot) std::memcpy(level.array.data(slot) + m.offset, operand, m.size);
  }
  return write_memory(now, at, m.line, m.offset, m.size, operand).done;
}

}  // namespace staleline::interconnect
