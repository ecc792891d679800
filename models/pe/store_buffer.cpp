// SPDX-License-Identifier: Apache-2.0
// Merging, forwarding and the order in which stores leave.
#include "store_buffer.h"

#include <algorithm>

namespace staleline::pe {

namespace {
// How many entries may be on their way at once: enough to overlap misses, few enough to keep order visible.
constexpr std::size_t kInFlight = 4;
}  // namespace

StoreBuffer::StoreBuffer(std::size_t capacity, Cycle drain_cycles) : drain_cycles_(drain_cycles), entries_(capacity) {
  order_.reserve(capacity);
  for (std::size_t n = capacity; n-- != 0;) free_.push_back(static_cast<std::uint32_t>(n));
}

bool StoreBuffer::put(Cycle now, arm::PhysAddr address, std::span<const std::uint8_t> bytes, event::Path path,
                      bool release, event::AgentId agent) {
  const arm::PhysAddr line = address.aligned_down(arm::kLineBytes);
  const std::uint64_t offset = address - line;
  Entry* entry = empty() ? nullptr : &entries_[order_.back()];
  const bool merges = entry != nullptr && !entry->sent && !entry->release && !release && entry->line == line &&
                      entry->path == path && entry->agent == agent.value && arm::may_gather(path.memory);
  if (!merges) {
    if (full()) return false;
    order_.push_back(free_.back());
    free_.pop_back();
    known_ = false;
    entry = &entries_[order_.back()];
    entry->line = line;
    entry->path = path;
    entry->mask = 0;
    entry->due = now + drain_cycles_;
    entry->id = ++last_id_;
    entry->agent = agent.value;
    entry->release = release;
    entry->sent = false;
    entry->pieces = 0;
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
  for (const std::uint32_t n : order_) {  // oldest first: younger bytes overwrite
    const Entry& e = entries_[n];
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

const StoreBuffer::Entry* StoreBuffer::find_candidate() const {
  if (in_flight_ >= std::min(kInFlight, order_.size())) return nullptr;
  const Entry& first = entries_[order_[in_flight_]];
  const bool device = arm::is_device(first.path.memory);
  for (std::size_t i = 0; i != in_flight_; ++i) {
    const Entry& e = entries_[order_[i]];
    if (e.line == first.line || (device && arm::is_device(e.path.memory))) return nullptr;
  }
  return &first;
}

StoreBuffer::Entry* StoreBuffer::ready(Cycle now) {
  if (next() > now) return nullptr;
  Entry& entry = entries_[order_[in_flight_]];
  entry.sent = true;
  for_each_piece(entry.mask, [&](unsigned, unsigned) { ++entry.pieces; });
  ++in_flight_;
  known_ = false;
  return &entry;
}

void StoreBuffer::find_next() const {
  known_ = true;
  const Entry* const candidate = find_candidate();
  next_ = candidate == nullptr ? engine::kNever : candidate->id <= demanded_ || full() ? 0 : candidate->due;
}

bool StoreBuffer::done(std::uint32_t id) {
  const auto found = std::find_if(order_.begin(), order_.end(), [&](std::uint32_t n) { return entries_[n].id == id; });
  if (found == order_.end() || --entries_[*found].pieces != 0) return false;
  free_.push_back(*found);
  order_.erase(found);
  known_ = false;
  --in_flight_;
  return true;
}

}  // namespace staleline::pe
