// SPDX-License-Identifier: Apache-2.0
// Merging, forwarding and the order in which stores leave.
#include "store_buffer.h"

#include <algorithm>

namespace staleline::pe {

namespace {
// How many entries may be on their way at once: enough to overlap misses, few enough to keep order visible.
constexpr std::size_t kInFlight = 4;
}  // namespace

bool StoreBuffer::put(Cycle now, arm::PhysAddr address, std::span<const std::uint8_t> bytes, event::Path path,
                      bool release, event::AgentId agent) {
  const arm::PhysAddr line = address.aligned_down(arm::kLineBytes);
  const std::uint64_t offset = address - line;
  Entry* entry = entries_.empty() ? nullptr : &entries_.back();
  const bool merges = entry != nullptr && !entry->sent && !entry->release && !release && entry->line == line &&
                      entry->path == path && entry->agent == agent.value && arm::may_gather(path.memory);
  if (!merges) {
    if (full()) return false;
    entries_.emplace_back();
    known_ = false;
    entry = &entries_.back();
    entry->line = line;
    entry->path = path;
    entry->due = now + drain_cycles_;
    entry->id = ++last_id_;
    entry->agent = agent.value;
    entry->release = release;
  }
  std::copy(bytes.begin(), bytes.end(), entry->data.begin() + static_cast<std::ptrdiff_t>(offset));
  const std::uint64_t ones = bytes.size() >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bytes.size()) - 1;
  entry->mask |= ones << offset;
  return true;
}

StoreBuffer::Forwarded StoreBuffer::forward(arm::PhysAddr address, std::span<std::uint8_t> out,
                                            event::Path path) const {
  Forwarded result;
  const arm::PhysAddr line = address.aligned_down(arm::kLineBytes);
  const std::uint64_t offset = address - line;
  for (const Entry& e : entries_) {  // oldest first: younger bytes overwrite
    if (e.line != line) continue;
    const std::uint64_t hit = e.mask >> offset & ((std::uint64_t{1} << out.size()) - 1);
    if (hit == 0) continue;
    for (std::uint64_t m = hit; m != 0; m &= m - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(m));
      out[i] = e.data[offset + i];
    }
    result.mask |= hit;
    if (e.path != path) {
      result.other_path = true;
      result.youngest = e.id;
    }
  }
  return result;
}

std::size_t StoreBuffer::find_candidate() const {
  if (in_flight_ >= kInFlight) return entries_.size();
  const auto first = std::find_if(entries_.begin(), entries_.end(), [](const Entry& e) { return !e.sent; });
  if (first == entries_.end()) return entries_.size();
  const bool device = arm::is_device(first->path.memory);
  const bool blocked = std::any_of(entries_.begin(), first, [&](const Entry& e) {
    return e.line == first->line || (device && arm::is_device(e.path.memory));
  });
  return blocked ? entries_.size() : static_cast<std::size_t>(first - entries_.begin());
}

StoreBuffer::Entry* StoreBuffer::ready(Cycle now) {
  if (next() > now) return nullptr;
  Entry& entry = entries_[candidate_];
  entry.sent = true;
  for_each_piece(entry.mask, [&](unsigned, unsigned) { ++entry.pieces; });
  ++in_flight_;
  known_ = false;
  return &entry;
}

void StoreBuffer::find_next() const {
  known_ = true;
  candidate_ = find_candidate();
  if (candidate_ == entries_.size()) {
    next_ = engine::kNever;
    return;
  }
  const Entry& entry = entries_[candidate_];
  next_ = entry.id <= demanded_ || full() ? 0 : entry.due;
}

bool StoreBuffer::done(std::uint32_t id) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.id == id; });
  if (found == entries_.end() || --found->pieces != 0) return false;
  entries_.erase(found);
  known_ = false;
  --in_flight_;
  return true;
}

}  // namespace staleline::pe
