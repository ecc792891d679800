// SPDX-License-Identifier: Apache-2.0
// Descriptors and registers of the tables.
#include "tables.h"

#include <cstring>

namespace staleline::loads {

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kTable = 0b11;                         // and a page at level 3
constexpr std::uint64_t kLeaf = kTable | 0b11 << 8 | 1 << 10;  // SH: Inner Shareable, AF, AttrIndx 0

std::uint64_t descriptor(std::uint64_t base, std::uint64_t bytes, std::uint64_t level, std::uint64_t index) {
  const std::uint64_t va = base - kToPhysical;
  if (level < 3) {
    const std::uint64_t used = va >> (12 + 9 * (3 - level)) & 511;
    return index == used ? (kTables + level * kPage) | kTable : 0;
  }
  const std::uint64_t pa = (base & ~(512 * kPage - 1)) + index * kPage;
  return pa - base < bytes ? pa | kLeaf : 0;
}

}  // namespace

arm::TranslationRegisters table_registers() {
  arm::TranslationRegisters r;
  r.sctlr = 1 | 1 << 2 | 1 << 12;                                              // M, C, I
  r.tcr = 25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | std::uint64_t{2} << 32;  // T0SZ, IRGN0, ORGN0, SH0, EPD1, IPS
  r.ttbr0 = kTables;
  r.mair = 0xff;
  return r;
}

event::Path walk_path() { return {}; }

void table_line(std::uint64_t base, std::uint64_t bytes, std::uint64_t line, std::span<std::uint8_t, 64> to) {
  const std::uint64_t offset = line - kTables;
  for (std::uint64_t i = 0; i < 8; ++i) {
    const std::uint64_t d = descriptor(base, bytes, kRootLevel + offset / kPage, offset % kPage / 8 + i);
    std::memcpy(to.data() + i * 8, &d, 8);
  }
}

}  // namespace staleline::loads
