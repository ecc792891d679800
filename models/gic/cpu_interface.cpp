// SPDX-License-Identifier: Apache-2.0
// GICC_*: what a PE is told of, takes, and ends (IHI 0048B 3.2 and 4.4).
#include <algorithm>
#include <bit>

#include "staleline/gic/gicv2.h"

namespace staleline::gic {

namespace {

constexpr std::uint64_t kCtlr = 0x00, kPmr = 0x04, kBpr = 0x08, kIar = 0x0c, kEoir = 0x10, kRpr = 0x14, kHppir = 0x18,
                        kAbpr = 0x1c, kAiar = 0x20, kAeoir = 0x24, kAhppir = 0x28, kApr = 0xd0, kNsapr = 0xe0,
                        kIidr = 0xfc, kDir = 0x1000;
/// Product 2, architecture version 2, Arm.
constexpr std::uint32_t kIdentification = 0x2U << 20 | 0x2U << 16 | 0x43b;
constexpr std::uint8_t kIdle = 0xff, kPriorityBits = 0xf8;
/// What GICC_BPR cannot go below: five bits of priority leave no finer split (of GICC_ABPR one more).
constexpr std::uint8_t kLeastPoint = 2;

}  // namespace

// The bits of a priority that decide about preemption (IHI 0048B 3.3.3).
std::uint8_t GicV2::group_priority(const Interface& c, std::uint8_t priority, bool group1) const {
  // GICC_ABPR counts from one bit higher.
  const unsigned point = group1 && !c.common_points ? c.point1 - 1U : c.point0;
  return static_cast<std::uint8_t>(priority & 0xffU << (point + 1));
}

std::uint8_t GicV2::running(const Interface& c) const {
  const std::uint32_t active = c.active_priorities[0] | c.active_priorities[1];
  return active == 0 ? kIdle : static_cast<std::uint8_t>(std::countr_zero(active) << 3);
}

GicV2::Candidate GicV2::best(unsigned pe) const {
  const Interface& c = interfaces_[pe];
  Candidate best;
  for (IntId id = 0; id < count(); ++id) {
    const Interrupt& i = at(pe, id);
    if (!i.enabled || i.active || !is_pending(i)) continue;
    if (!(i.group1 ? forward_group1_ && c.enable_group1 : forward_group0_ && c.enable_group0)) continue;
    if (id >= kFirstSpi && own_.size() > 1 && (i.targets >> pe & 1) == 0) continue;
    if (i.priority >= best.priority) continue;
    const auto source = static_cast<std::uint8_t>(i.sources == 0 ? 0 : std::countr_zero(i.sources));
    best = {id, i.priority, source, i.group1};
  }
  return best;
}

bool GicV2::signalled(unsigned pe, const Candidate& candidate) const {
  const Interface& c = interfaces_[pe];
  return candidate.id != kSpurious && candidate.priority < c.mask &&
         group_priority(c, candidate.priority, candidate.group1) < running(c);
}

Pending GicV2::pending(unsigned pe) const {
  const Candidate candidate = best(pe);
  if (!signalled(pe, candidate)) return {};
  const bool fiq = !candidate.group1 && interfaces_[pe].fiq;
  return {!fiq, fiq};
}

std::uint32_t GicV2::acknowledge(unsigned pe, bool group1_view) {
  Interface& c = interfaces_[pe];
  const Candidate candidate = best(pe);
  if (!signalled(pe, candidate)) return kSpurious;
  if (group1_view && !candidate.group1) return kSpurious;
  if (!group1_view && candidate.group1 && !c.acknowledge_both) return kOtherGroup;
  Interrupt& i = at(pe, candidate.id);
  i.active = true;
  i.latched = false;
  if (candidate.id < kFirstPpi) i.sources = static_cast<std::uint8_t>(i.sources & ~(1U << candidate.source));
  c.active_priorities[candidate.group1 ? 1 : 0] |= 1U << (group_priority(c, candidate.priority, candidate.group1) >> 3);
  return candidate.id | static_cast<std::uint32_t>(candidate.source) << 10;
}

// The running priority drops to that of the interrupt that was preempted.
void GicV2::end(unsigned pe, std::uint32_t value) {
  if ((value & 0x3ff) >= count()) return;
  Interface& c = interfaces_[pe];
  const std::uint32_t active = c.active_priorities[0] | c.active_priorities[1];
  const std::uint32_t highest = active & (~active + 1);
  for (std::uint32_t& group : c.active_priorities) group &= ~highest;
  if (!c.separate_deactivation) deactivate(pe, value);
}

void GicV2::deactivate(unsigned pe, std::uint32_t value) {
  if ((value & 0x3ff) < count()) at(pe, value & 0x3ff).active = false;
}

std::uint32_t GicV2::read_interface(unsigned pe, std::uint64_t offset, std::uint8_t bytes) {
  if (pe >= own_.size() || bytes != 4) return 0;
  const Interface& c = interfaces_[pe];
  switch (offset) {
    case kCtlr:
      return (c.enable_group0 ? 1U : 0U) | (c.enable_group1 ? 2U : 0U) | (c.acknowledge_both ? 4U : 0U) |
             (c.fiq ? 8U : 0U) | (c.common_points ? 16U : 0U) | c.bypass | (c.separate_deactivation ? 512U : 0U);
    case kPmr:
      return c.mask;
    case kBpr:
      return c.point0;
    case kAbpr:
      return c.point1;
    case kIar:
      return acknowledge(pe, false);
    case kAiar:
      return acknowledge(pe, true);
    case kRpr:
      return running(c);
    case kHppir:
    case kAhppir: {
      const Candidate candidate = best(pe);
      if (candidate.id == kSpurious) return kSpurious;
      if (offset == kAhppir && !candidate.group1) return kSpurious;
      if (offset == kHppir && candidate.group1 && !c.acknowledge_both) return kOtherGroup;
      return candidate.id | static_cast<std::uint32_t>(candidate.source) << 10;
    }
    case kApr:
      return c.active_priorities[0];
    case kNsapr:
      return c.active_priorities[1];
    case kIidr:
      return kIdentification;
    default:
      return 0;
  }
}

void GicV2::write_interface(unsigned pe, std::uint64_t offset, std::uint8_t bytes, std::uint32_t value) {
  if (pe >= own_.size() || bytes != 4) return;
  Interface& c = interfaces_[pe];
  const auto point = static_cast<std::uint8_t>(value & 7);
  switch (offset) {
    case kCtlr:
      c.enable_group0 = (value & 1) != 0;
      c.enable_group1 = (value & 2) != 0;
      c.acknowledge_both = (value & 4) != 0;
      c.fiq = (value & 8) != 0;
      c.common_points = (value & 16) != 0;
      c.bypass = value & 0x1e0;
      c.separate_deactivation = (value & 512) != 0;
      return;
    case kPmr:
      c.mask = value & kPriorityBits;
      return;
    case kBpr:
      c.point0 = std::max(point, kLeastPoint);
      return;
    case kAbpr:
      c.point1 = std::max<std::uint8_t>(point, kLeastPoint + 1);
      return;
    case kEoir:
    case kAeoir:
      end(pe, value);
      return;
    case kApr:
      c.active_priorities[0] = value;
      return;
    case kNsapr:
      c.active_priorities[1] = value;
      return;
    case kDir:
      if (c.separate_deactivation) deactivate(pe, value);
      return;
    default:
      return;
  }
}

}  // namespace staleline::gic
