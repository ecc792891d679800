// SPDX-License-Identifier: Apache-2.0
// Pages of bytes, allocated by writes.
#include "staleline/memory/memory.h"

#include <algorithm>
#include <cstring>

namespace staleline::memory {

namespace {

// Calls f(page, offset in it, offset in the span, bytes) for each page that [address, address + bytes) touches.
template <class F>
void for_each_page(arm::PhysAddr address, std::size_t bytes, const F& f) {
  for (std::size_t done = 0; done < bytes;) {
    const arm::PhysAddr at = address + done;
    const std::uint64_t offset = at.offset_in(Memory::kPageBytes);
    const std::size_t part = std::min<std::size_t>(bytes - done, Memory::kPageBytes - offset);
    f(at.value / Memory::kPageBytes, offset, done, part);
    done += part;
  }
}

}  // namespace

void Memory::read_pages(arm::PhysAddr address, std::span<std::uint8_t> bytes) const {
  for_each_page(address, bytes.size(), [&](std::uint64_t page, std::uint64_t offset, std::size_t done, std::size_t n) {
    read({page * kPageBytes + offset}, bytes.subspan(done, n));
  });
}

void Memory::write(arm::PhysAddr address, std::span<const std::uint8_t> bytes) {
  for_each_page(address, bytes.size(), [&](std::uint64_t page, std::uint64_t offset, std::size_t done, std::size_t n) {
    auto& slot = pages_[page];
    if (slot == nullptr) slot = std::make_unique<Page>();
    std::memcpy(slot->data() + offset, bytes.data() + done, n);
  });
}

}  // namespace staleline::memory
