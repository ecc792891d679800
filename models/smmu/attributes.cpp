// SPDX-License-Identifier: Apache-2.0
// Overrides of incoming attributes.
#include "attributes.h"

#include "staleline/arm/combine.h"
#include "staleline/arm/shareability.h"
#include "staleline/arm/smmu_registers.h"
#include "staleline/arm/stage1.h"

namespace staleline::smmu {

namespace {

// 0b10 and 0b11 replace what came; 0b01 is reserved and taken as 0b00.
bool overridden(std::uint8_t cfg, bool came) { return cfg < 2 ? came : cfg == 3; }

// SHCFG 0b01 keeps what came; the others are an SH field without its reserved value.
arm::Shareability shareability(std::uint8_t shcfg, arm::Shareability came) {
  switch (shcfg) {
    case 0:
      return arm::Shareability::NonShareable;
    case 2:
      return arm::Shareability::OuterShareable;
    case 3:
      return arm::Shareability::InnerShareable;
    default:
      return came;
  }
}

void allocate(arm::CacheAttributes& c, std::uint8_t alloccfg) {
  if (c.cacheability == arm::Cacheability::NonCacheable) return;
  c.read_allocate = (alloccfg & 4) != 0;
  c.write_allocate = (alloccfg & 2) != 0;
  c.transient = (alloccfg & 1) != 0;
}

}  // namespace

Incoming incoming(bool coherent, bool privileged) {
  Incoming in;
  in.attributes.type = arm::MemoryType::Normal;
  in.attributes.xs = false;
  in.privileged = privileged;
  if (coherent) {
    in.attributes.inner = in.attributes.outer = {arm::Cacheability::WriteBack, true, true, false};
    in.attributes.shareability = arm::Shareability::InnerShareable;
  }
  return in;
}

Overrides overrides_of(const arm::smmu::Ste& ste) {
  return {ste.mtcfg, ste.mem_attr, ste.alloccfg, ste.shcfg, ste.privcfg, ste.instcfg};
}

Overrides overrides_of_gbpa(std::uint64_t value) {
  namespace gbpa = arm::smmu::gbpa;
  const auto field = [value](const arm::smmu::Field& f) { return static_cast<std::uint8_t>(get(value, f)); };
  return {field(gbpa::MTCFG) != 0, field(gbpa::MemAttr), field(gbpa::ALLOCCFG),
          field(gbpa::SHCFG),      field(gbpa::PRIVCFG), field(gbpa::INSTCFG)};
}

Incoming apply(const Overrides& o, Incoming in) {
  auto& a = in.attributes;
  if (o.mtcfg) {
    const auto came = a.shareability;
    a = arm::stage2_decode(o.mem_attr, came).taken();
    a.shareability = came;
  }
  if ((o.alloccfg & 8) != 0 && a.type == arm::MemoryType::Normal) {
    allocate(a.inner, o.alloccfg);
    allocate(a.outer, o.alloccfg);
  }
  a.shareability = shareability(o.shcfg, a.shareability);
  in.privileged = overridden(o.privcfg, in.privileged);
  in.instruction = overridden(o.instcfg, in.instruction);
  return in;
}

arm::MemoryAttributes access_attributes(std::uint64_t inner, std::uint64_t outer, std::uint64_t sh, bool ste) {
  // TCR_ELx.IRGN has the numbering of the STE; CR1 has no value without Read-Allocate.
  const auto rgn = [ste](std::uint64_t c) { return static_cast<std::uint8_t>(c == 3 && !ste ? 0 : c); };
  return arm::walk_attributes(rgn(inner), rgn(outer), static_cast<std::uint8_t>(sh)).taken();
}

event::Path path_of(const arm::MemoryAttributes& attributes, bool coherent) {
  event::Path p;
  p.memory = arm::memory_class(attributes);
  p.shareability = arm::effective_shareability(attributes);
  p.allocates = false;
  if (!arm::is_cacheable(p.memory)) {
    p.node = event::kNoNode;
  } else if (!coherent || p.shareability == arm::Shareability::NonShareable) {
    p.memory = arm::MemoryClass::NormalNC;
    p.shareability = arm::Shareability::OuterShareable;
    p.node = event::kNoNode;
  } else {
    p.node = event::kCoherentDomain;
  }
  return p;
}

}  // namespace staleline::smmu
