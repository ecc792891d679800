// SPDX-License-Identifier: Apache-2.0
// GICD_*: which interrupts are pending, enabled, of which group and priority, and for whom (IHI 0048B 4.3).
#include <stdexcept>

#include "staleline/gic/gicv2.h"

namespace staleline::gic {

namespace {

constexpr std::uint64_t kCtlr = 0x000, kTyper = 0x004, kIidr = 0x008, kIgroupr = 0x080, kIsenabler = 0x100,
                        kIcenabler = 0x180, kIspendr = 0x200, kIcpendr = 0x280, kIsactiver = 0x300, kIcactiver = 0x380,
                        kIpriorityr = 0x400, kItargetsr = 0x800, kIcfgr = 0xc00, kSgir = 0xf00, kCpendsgir = 0xf10,
                        kSpendsgir = 0xf20, kIcpidr2 = 0xfe8;
constexpr std::uint32_t kImplementer = 0x43b;  // Arm
constexpr std::uint8_t kPriorityBits = 0xf8;
constexpr std::uint64_t kNone = ~std::uint64_t{0};

// The first register of the array of bits that `offset` lies in, and the ID of its bit 0.
constexpr std::uint64_t bits_at(std::uint64_t offset) {
  return offset < kIgroupr || offset >= kIpriorityr ? kNone : offset & ~std::uint64_t{0x7f};
}

}  // namespace

GicV2::GicV2(unsigned pes, unsigned interrupts) : own_(pes), interfaces_(pes) {
  if (pes == 0 || pes > 8) throw std::invalid_argument("a GICv2 has 1 to 8 PEs");
  if (interrupts < kFirstSpi || interrupts > 992 || interrupts % 32 != 0) {
    throw std::invalid_argument("a GICv2 has 32 to 992 interrupts, in steps of 32");
  }
  shared_.resize(interrupts - kFirstSpi);
  for (auto& bank : own_) {
    for (IntId id = 0; id < kFirstPpi; ++id) bank[id].edge = bank[id].enabled = true;
  }
}

bool GicV2::is_pending(const Interrupt& i) const { return i.latched || i.sources != 0 || (!i.edge && i.line); }

void GicV2::set_line(unsigned pe, IntId id, bool level) {
  if (id < kFirstPpi || id >= count()) return;
  Interrupt& i = at(pe, id);
  if (i.edge && level && !i.line) i.latched = true;
  i.line = level;
}

std::uint32_t GicV2::bit(unsigned pe, std::uint64_t offset, IntId id) const {
  const Interrupt& i = at(pe, id);
  switch (offset) {
    case kIgroupr:
      return i.group1 ? 1 : 0;
    case kIsenabler:
    case kIcenabler:
      return i.enabled ? 1 : 0;
    case kIspendr:
    case kIcpendr:
      return is_pending(i) ? 1 : 0;
    default:
      return i.active ? 1 : 0;
  }
}

// Of a bit that is written as 1.
void GicV2::write_bit(unsigned pe, std::uint64_t offset, IntId id) {
  Interrupt& i = at(pe, id);
  const bool sgi = id < kFirstPpi;
  switch (offset) {
    case kIsenabler:
      i.enabled = true;
      break;
    case kIcenabler:
      if (!sgi) i.enabled = false;  // those of SGIs are fixed
      break;
    case kIspendr:
      if (!sgi) i.latched = true;
      break;
    case kIcpendr:
      if (!sgi) i.latched = false;
      break;
    case kIsactiver:
      i.active = true;
      break;
    case kIcactiver:
      i.active = false;
      break;
    default:
      break;
  }
}

// GICD_IPRIORITYR, GICD_ITARGETSR, GICD_CPENDSGIR, GICD_SPENDSGIR.
std::uint8_t GicV2::byte(unsigned pe, std::uint64_t offset) const {
  if (offset >= kCpendsgir && offset < kSpendsgir + 16) return own_[pe][offset % 16].sources;
  const IntId id = static_cast<IntId>(offset % 0x400);
  if (id >= count()) return 0;
  if (offset < kItargetsr) return at(pe, id).priority;
  if (own_.size() == 1) return 0;  // one PE: RAZ/WI
  return id < kFirstSpi ? static_cast<std::uint8_t>(1U << pe) : at(pe, id).targets;
}

void GicV2::write_byte(unsigned pe, std::uint64_t offset, std::uint8_t value) {
  if (offset >= kCpendsgir && offset < kSpendsgir + 16) {
    std::uint8_t& sources = own_[pe][offset % 16].sources;
    const auto all = static_cast<std::uint8_t>((1U << own_.size()) - 1);
    sources = static_cast<std::uint8_t>(offset < kSpendsgir ? sources & ~value : sources | (value & all));
    return;
  }
  const IntId id = static_cast<IntId>(offset % 0x400);
  if (id >= count()) return;
  if (offset < kItargetsr) {
    at(pe, id).priority = value & kPriorityBits;
  } else if (id >= kFirstSpi) {
    at(pe, id).targets = static_cast<std::uint8_t>(value & ((1U << own_.size()) - 1));
  }
}

// GICD_SGIR.
void GicV2::generate(unsigned pe, std::uint32_t value) {
  const IntId id = value & 15;
  const unsigned all = (1U << own_.size()) - 1;
  const unsigned self = 1U << pe;
  constexpr unsigned kNobody = 0;
  const unsigned filter = value >> 24 & 3;
  const unsigned targets = filter == 0 ? value >> 16 & all : filter == 1 ? all & ~self : filter == 2 ? self : kNobody;
  for (unsigned to = 0; to < own_.size(); ++to) {
    if ((targets >> to & 1) != 0) own_[to][id].sources = static_cast<std::uint8_t>(own_[to][id].sources | self);
  }
}

std::uint32_t GicV2::read_distributor(unsigned pe, std::uint64_t offset, std::uint8_t bytes) const {
  const bool bytewise =
      (offset >= kIpriorityr && offset < kIcfgr) || (offset >= kCpendsgir && offset < kSpendsgir + 16);
  if (pe >= own_.size() || offset % bytes != 0 || (bytes != 4 && !(bytes == 1 && bytewise))) return 0;
  if (bytewise) {
    std::uint32_t value = 0;
    for (std::uint8_t i = bytes; i-- > 0;) value = value << 8 | byte(pe, offset + i);
    return value;
  }
  if (const std::uint64_t array = bits_at(offset); array != kNone) {
    const IntId first = static_cast<IntId>(offset - array) * 8;
    std::uint32_t value = 0;
    for (IntId i = 0; i < 32 && first + i < count(); ++i) value |= bit(pe, array, first + i) << i;
    return value;
  }
  if (offset >= kIcfgr && offset < kIcfgr + 0x100) {
    const IntId first = static_cast<IntId>(offset - kIcfgr) * 4;
    std::uint32_t value = 0;
    for (IntId i = 0; i < 16 && first + i < count(); ++i) value |= (at(pe, first + i).edge ? 2U : 0U) << (2 * i);
    return value;
  }
  switch (offset) {
    case kCtlr:
      return (forward_group0_ ? 1U : 0U) | (forward_group1_ ? 2U : 0U);
    case kTyper:
      return (count() / 32 - 1) | static_cast<std::uint32_t>(own_.size() - 1) << 5;
    case kIidr:
      return kImplementer;
    case kIcpidr2:
      return 0x2b;  // GICv2, designed by Arm
    default:
      return 0;
  }
}

void GicV2::write_distributor(unsigned pe, std::uint64_t offset, std::uint8_t bytes, std::uint32_t value) {
  const bool bytewise =
      (offset >= kIpriorityr && offset < kIcfgr) || (offset >= kCpendsgir && offset < kSpendsgir + 16);
  if (pe >= own_.size() || offset % bytes != 0 || (bytes != 4 && !(bytes == 1 && bytewise))) return;
  if (bytewise) {
    for (std::uint8_t i = 0; i < bytes; ++i) write_byte(pe, offset + i, static_cast<std::uint8_t>(value >> (8 * i)));
    return;
  }
  if (const std::uint64_t array = bits_at(offset); array != kNone) {
    const IntId first = static_cast<IntId>(offset - array) * 8;
    for (IntId i = 0; i < 32 && first + i < count(); ++i) {
      if (array == kIgroupr) {
        at(pe, first + i).group1 = (value >> i & 1) != 0;
      } else if ((value >> i & 1) != 0) {
        write_bit(pe, array, first + i);
      }
    }
    return;
  }
  if (offset >= kIcfgr && offset < kIcfgr + 0x100) {
    const IntId first = static_cast<IntId>(offset - kIcfgr) * 4;
    for (IntId i = 0; i < 16 && first + i < count(); ++i) {
      if (first + i >= kFirstPpi) at(pe, first + i).edge = (value >> (2 * i) & 2) != 0;
    }
    return;
  }
  if (offset == kCtlr) {
    forward_group0_ = (value & 1) != 0;
    forward_group1_ = (value & 2) != 0;
  } else if (offset == kSgir) {
    generate(pe, value);
  }
}

}  // namespace staleline::gic
