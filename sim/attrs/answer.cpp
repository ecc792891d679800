// SPDX-License-Identifier: Apache-2.0
// One access from its fields to its final attributes, and what the architecture lets happen to it.
#include "staleline/attrs/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "results.h"
#include "staleline/arm/alignment.h"
#include "staleline/arm/attribute_cells.h"
#include "staleline/arm/combine.h"
#include "staleline/arm/shareability.h"
#include "staleline/arm/stage1.h"

namespace staleline::attrs {

namespace {

using arm::MemoryAttributes;
using arm::MemoryType;

constexpr std::string_view kMair = "D17.2.97", kHcr = "D17.2.48", kSctlr = "D17.2.118", kShare = "D8.6.2",
                           kStage2 = "D8.6.6", kCombine = "D8.6.7", kOff = "D8.2.10", kNormal = "B2.7.1",
                           kDevice = "B2.7.2", kAlign = "B2.5.2";

Via via(const Question& q) { return q.walk ? Via::Walk : q.fetch ? Via::Fetch : Via::Data; }
arm::AccessKind kind(const Question& q) { return q.fetch && !q.walk ? arm::AccessKind::Fetch : arm::AccessKind::Data; }
bool is_off(const Question& q) { return !q.walk && (q.mmu_off || q.dc); }
bool has_descriptor(const Question& q) { return !q.walk && !is_off(q); }

/// Stage 1 as its fields say, for one meaning of SH, before caches that are off and fetches change it.
MemoryAttributes stage1_fields(const Question& q, arm::Shareability share) {
  if (q.walk) return arm::walk_descriptor(q.irgn, q.orgn, share, true);
  if (is_off(q)) return arm::mmu_off(kind(q), q.i, q.dc, q.dc && q.dct);
  MemoryAttributes a = arm::mair_decode(q.mair, q.features);
  a.shareability = share;
  return a;
}

/// Stage 1's attributes, for one meaning of SH.
MemoryAttributes stage1(const Question& q, arm::Shareability share) {
  const MemoryAttributes a = stage1_fields(q, share);
  if (is_off(q)) return a;
  if (q.walk) return arm::walk_descriptor(q.irgn, q.orgn, share, q.c);
  return arm::stage1_access(a, kind(q), q.fetch ? q.i : q.c);
}

Stage2Fields stage2_fields(const Question& q) {
  const bool cache_off = q.fetch && !q.walk ? q.id : q.cd;
  return {static_cast<std::uint8_t>(q.s2_memattr.value_or(0xf) & 0xf), q.s2_sh, q.fwb, cache_off};
}

std::vector<MemoryAttributes> final_attributes(const Question& q) {
  Results results;
  for (const arm::Shareability share : arm::shareability_decode(is_off(q) ? std::uint8_t{2} : q.sh)) {
    MemoryAttributes s1 = stage1(q, share);
    if (q.s2_memattr) {
      add_through_stage2(results, s1, stage2_fields(q), via(q), q.features);
    } else {
      s1.shareability = arm::effective_shareability(s1);
      results.add(s1);
    }
  }
  std::vector<MemoryAttributes> distinct;
  for (const auto& a : results.all())
    if (std::find(distinct.begin(), distinct.end(), a) == distinct.end()) distinct.push_back(a);
  return distinct;
}

Fact stage1_fact(const Question& q) {
  const MemoryAttributes a = stage1(q, arm::shareability_decode(q.sh).taken());
  if (q.walk)
    return {"stage 1",
            fmt::format("{} (a walk: TCR_EL1 IRGN {}, ORGN {}, SH {:#04b}{})", in_words(a), q.irgn, q.orgn, q.sh,
                        q.c ? "" : ", SCTLR_EL1.C 0"),
            std::string{q.c ? kCombine : kSctlr}};
  if (is_off(q)) {
    const std::string why =
        q.dc ? fmt::format("HCR_EL2.DC 1, DCT {:d}", q.dct) : fmt::format("MMU off, SCTLR_EL1.I {:d}", q.i);
    return {"stage 1", fmt::format("{} ({})", in_words(a), why), std::string{q.dc ? kHcr : kOff}};
  }
  const bool cache_on = q.fetch ? q.i : q.c;
  return {"stage 1",
          fmt::format("{} (MAIR_EL1 byte {:#04x}, SH {:#04b}{})", in_words(a), q.mair, q.sh,
                      cache_on ? "" : fmt::format(", SCTLR_EL1.{} 0", q.fetch ? 'I' : 'C')),
          fmt::format("{}, {}", kMair, cache_on ? kShare : kSctlr)};
}

Fact stage2_fact(const Question& q) {
  if (!q.s2_memattr) return {"stage 2", "off", std::string{kHcr}};
  const Stage2Fields f = stage2_fields(q);
  const unsigned low = f.memattr & 7u;
  const std::string fields =
      fmt::format("MemAttr {:#06b}, SH {:#04b}{}{}", f.memattr, f.sh, f.fwb ? ", HCR_EL2.FWB 1" : "",
                  f.cache_off ? fmt::format(", HCR_EL2.{} 1", via(q) == Via::Fetch ? "ID" : "CD") : std::string{});
  std::string value;
  if (!f.fwb) {
    const auto share = arm::shareability_decode(f.sh).taken();
    const MemoryAttributes a = arm::stage2_decode(f.memattr, share, q.features).taken();
    value = a.type == MemoryType::Device
                ? fmt::format("Device-{}", arm::cell(arm::AttributeColumn::Device, a))
                : fmt::format("Normal, inner {}, outer {}", arm::cell(arm::AttributeColumn::InnerAttr, a),
                              arm::cell(arm::AttributeColumn::OuterAttr, a));
    value += fmt::format(", {}", arm::share_cell(share));
  } else if (low < 4) {
    value = fmt::format("forces Device-{} or stricter",
                        arm::cell(arm::AttributeColumn::Device, {.device = static_cast<arm::DeviceType>(low)}));
  } else {
    value = low == 6   ? "forces Normal Write-Back"
            : low == 7 ? "leaves stage 1 as it is"
            : low == 5 ? "forces Normal to Non-cacheable"
                       : "reserved, taken as 0b0101: forces Normal to Non-cacheable";
  }
  if (f.fwb && f.memattr >= 8 && !q.features.mte_perm) value += "; bit 3 is RES0 and plays no part";
  if (arm::stage2_no_tag_access(f.memattr, f.fwb, q.features)) value += "; no tag access";
  return {"stage 2", fmt::format("{} ({})", value, fields), std::string{f.cache_off ? kHcr : kStage2}};
}

Fact share_fact(const MemoryAttributes& a) {
  const bool by_type = a.type == MemoryType::Device || (a.inner.cacheability == arm::Cacheability::NonCacheable &&
                                                        a.outer.cacheability == arm::Cacheability::NonCacheable);
  return {"shareability",
          fmt::format("effectively {}{}", name_of(a.shareability),
                      by_type ? ", whatever SH says: Device and Non-cacheable memory always is" : ""),
          std::string{kShare}};
}

/// The value of `of` for all results: the model's, and what else is permitted.
template <class Of>
Fact over(const Answer& so_far, std::string about, std::string_view clause, Of of) {
  std::vector<std::string> values;
  for (const auto& a : so_far.results) {
    std::string value{of(a)};
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
  }
  std::string text = values.front();
  for (std::size_t i = 1; i < values.size(); ++i)
    text += fmt::format("{}{}", i == 1 ? "; also permitted: " : ", ", values[i]);
  return {std::move(about), std::move(text), std::string{clause}};
}

std::string_view yes(bool value) { return value ? "yes" : "no"; }

std::string_view cached(const MemoryAttributes& a) {
  using enum arm::Cacheability;
  if (a.type == MemoryType::Device) return "no";
  const bool inner = a.inner.cacheability != NonCacheable, outer = a.outer.cacheability != NonCacheable;
  if (inner == outer) return yes(inner);
  return inner ? "in inner caches only (the model: in none)" : "in outer caches only (the model: in none)";
}

Fact unaligned_fact(const Question& q, bool device) {
  if (q.walk) return {"unaligned", "descriptors are aligned", std::string{kAlign}};
  if (q.fetch) return {"unaligned", "no Alignment fault from the memory type: this is a fetch", std::string{kAlign}};
  const arm::AlignedAccess access{.aligned = false};
  const auto share = arm::shareability_decode(q.sh).taken();
  if (arm::stage1_alignment_fault(access, stage1_fields(q, share)))
    return {"unaligned",
            fmt::format("Alignment fault at stage 1, which says Device{}; so does `dc zva`",
                        device ? "" : " though the result is Normal"),
            std::string{kDevice}};
  if (q.s2_memattr) {
    const Stage2Fields f = stage2_fields(q);
    const auto s2 = f.fwb ? arm::combine_fwb(stage1(q, share), f.memattr, share)
                          : arm::stage2_decode(f.memattr, share, q.features).taken();
    if (arm::stage2_alignment_fault(access, s2))
      return {"unaligned", "Alignment fault at stage 2, which says Device; so does `dc zva`", std::string{kDevice}};
  }
  return {"unaligned", "no fault, unless SCTLR_EL1.A asks for one", std::string{kAlign}};
}

void add_open(const Question& q, Answer& out) {
  const std::vector<std::string> shares{"OSH", "ISH", "NSH"};
  const bool reserved_byte = has_descriptor(q) && arm::mair_reserved(q.mair, q.features);
  if (reserved_byte)
    out.open.push_back({fmt::format("MAIR_EL1 byte {:#04x} is reserved", q.mair),
                        {"as 0x00, Device-nGnRnE", "as any other byte that is not reserved"},
                        std::string{kMair}});
  if (!is_off(q) && q.sh == 1) out.open.push_back({"stage 1 SH 0b01 is reserved", shares, std::string{kShare}});
  const MemoryAttributes fields = stage1_fields(q, arm::Shareability::OuterShareable);
  if (has_descriptor(q) && arm::stage1_tag_open(fields, kind(q), q.c))
    out.open.push_back({"Tagged memory with SCTLR_EL1.C 0", {"Untagged", "Tagged"}, std::string{kSctlr}});
  const std::vector<std::string> fetches{"as from Normal Non-cacheable memory", "a Permission fault"};
  if (kind(q) == arm::AccessKind::Fetch && fields.type == MemoryType::Device)
    out.open.push_back({"a fetch from what stage 1 says is Device memory", fetches, std::string{kDevice}});
  if (!q.s2_memattr) return;
  const Stage2Fields f = stage2_fields(q);
  if (f.sh == 1) out.open.push_back({"stage 2 SH 0b01 is reserved", shares, std::string{kShare}});
  if (open_memattr(f, q.features))
    out.open.push_back({fmt::format("stage 2 MemAttr {:#06b} has reserved inner bits", f.memattr),
                        {"inner NC", "inner WT", "inner WB"},
                        std::string{kStage2}});
  const bool s2_device = f.fwb ? (f.memattr & 4) == 0 : f.memattr < 4;
  if (kind(q) == arm::AccessKind::Fetch && s2_device)
    out.open.push_back({"a fetch from what stage 2 says is Device memory", fetches, std::string{kDevice}});
}

}  // namespace

Answer answer(const Question& question) {
  Question q = question;
  q.sh &= 3, q.s2_sh &= 3;
  Answer out;
  out.results = final_attributes(q);
  const MemoryAttributes& a = out.results.front();
  const bool device = a.type == MemoryType::Device;
  out.stages = {stage1_fact(q), stage2_fact(q), {"combined", in_words(a), std::string{kCombine}}, share_fact(a)};
  const Stage2Fields f = stage2_fields(q);
  if (q.walk && q.s2_memattr && arm::stage2_device_walk(f.memattr, f.fwb))
    out.stages.push_back({"walk",
                          q.ptw ? "Permission fault at stage 2: HCR_EL2.PTW 1 forbids walks in Device memory"
                                : "stage 2 says Device: made as to Normal Non-cacheable memory (HCR_EL2.PTW 0)",
                          std::string{kHcr}});
  const auto clause = device ? kDevice : kNormal;
  out.may.push_back(over(out, "cached", clause, cached));
  out.may.push_back(over(out, "gathered", clause, [](const auto& m) { return yes(may_gather(memory_class(m))); }));
  out.may.push_back(over(out, "reordered", clause,
                         [](const auto& m) { return yes(memory_class(m) >= arm::MemoryClass::DevicenGRE); }));
  out.may.push_back(over(out, "acked early", clause,
                         [](const auto& m) { return yes(memory_class(m) != arm::MemoryClass::DevicenGnRnE); }));
  out.may.push_back(over(out, "speculated", clause, [](const auto& m) { return yes(m.type == MemoryType::Normal); }));
  out.may.push_back(unaligned_fact(q, device));
  add_open(q, out);
  return out;
}

}  // namespace staleline::attrs
