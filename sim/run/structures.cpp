// SPDX-License-Identifier: Apache-2.0
// Stream table entries, context descriptors and tables as they stand in memory before cycle 0.
#include "structures.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "staleline/arm/descriptor.h"
#include "staleline/arm/shareability.h"
#include "staleline/arm/smmu_registers.h"
#include "staleline/arm/smmu_tables.h"
#include "staleline/arm/stage1.h"

namespace staleline::run {

namespace {

using arm::smmu::Register;
namespace reg = arm::smmu;

constexpr unsigned kStreamIdBits = 32;

/// Coherent accesses of an SMMU look into the caches of PEs and leave no copy.
event::Path walk_path(std::uint8_t ir, std::uint8_t orgn, std::uint8_t sh, bool coherent) {
  const arm::MemoryAttributes attributes = arm::walk_attributes(ir, orgn, sh).taken();
  event::Path p;
  p.memory = arm::memory_class(attributes);
  p.shareability = arm::effective_shareability(attributes);
  p.allocates = false;
  const bool looks = coherent && arm::is_cacheable(p.memory) && p.shareability != arm::Shareability::NonShareable;
  p.node = looks ? event::kCoherentDomain : event::kNoNode;
  if (!looks && arm::is_cacheable(p.memory)) {
    p.memory = arm::MemoryClass::NormalNC;
    p.shareability = arm::Shareability::OuterShareable;
  }
  return p;
}

class Reader {
 public:
  Reader(const scenario::Smmu& smmu, std::uint16_t component, event::AgentId device, const InitialMemory& memory,
         judge::Parameters& j)
      : smmu_(smmu), component_(component), device_(device), memory_(memory), j_(j) {}

  void add(const scenario::Agent& device) {
    if (reg::get(value(Register::CR0), reg::cr0::SMMUEN) == 0) return;
    const auto at = entry_of(device.stream);
    if (!at) return;
    structure(*at, true, device.stream, 0);
    const reg::Ste ste = reg::decode_ste(words(*at));
    if (!ste.v || ste.config < reg::SteConfig::Stage1) return;
    // Behind stage 2 a context descriptor stands at an IPA: what is there counts from its first use on.
    if (ste.config != reg::SteConfig::Stage1) return add_stage2(ste);
    const std::uint32_t substream = device.substream.value_or(0);
    if (ste.s1fmt != reg::SteS1fmt::Linear || substream >> ste.s1cd_max != 0 || ste.strw != reg::SteStrw::NsEl1) return;
    const arm::PhysAddr context = ste.s1_context_ptr + substream * reg::kCdBytes;
    structure(context, false, device.stream, substream);
    const reg::Cd cd = reg::decode_cd(words(context));
    if (cd.v) add_stage1(ste, cd);
  }

 private:
  [[nodiscard]] std::uint64_t value(Register r) const {
    std::uint64_t last = 0;
    for (const auto& [offset, v] : smmu_.registers)
      if (offset == static_cast<std::uint32_t>(r)) last = v;
    return last;
  }
  [[nodiscard]] std::uint64_t word(arm::PhysAddr at) const {
    std::array<std::uint8_t, 8> bytes{};
    memory_.read(at, bytes);
    std::uint64_t result = 0;
    std::memcpy(&result, bytes.data(), bytes.size());
    return result;
  }
  [[nodiscard]] std::array<std::uint64_t, 8> words(arm::PhysAddr at) const {
    std::array<std::uint64_t, 8> result{};
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = word(at + 8 * i);
    return result;
  }

  /// IHI 0070 3.3.1.
  [[nodiscard]] std::optional<arm::PhysAddr> entry_of(std::uint32_t stream) const {
    const std::uint64_t format = value(Register::STRTAB_BASE_CFG);
    const auto log2size = reg::get(format, reg::strtab_base_cfg::LOG2SIZE);
    if (log2size < kStreamIdBits && stream >> log2size != 0) return std::nullopt;
    const arm::PhysAddr base{reg::get(value(Register::STRTAB_BASE), reg::strtab_base::ADDR)};
    if (reg::get(format, reg::strtab_base_cfg::FMT) == 0) return base + stream * reg::kSteBytes;
    const auto split = reg::get(format, reg::strtab_base_cfg::SPLIT);
    const auto d = reg::decode_l1_stream_table_descriptor(word(base + (stream >> split) * 8));
    const std::uint64_t index = stream & ((std::uint64_t{1} << split) - 1);
    if (d.span == 0 || d.span > split + 1 || index >> (d.span - 1U) != 0) return std::nullopt;
    return d.l2_ptr + index * reg::kSteBytes;
  }

  void structure(arm::PhysAddr at, bool stream_table, std::uint32_t stream, std::uint32_t substream) {
    j_.structures.push_back({.smmu = component_,
                             .device = device_,
                             .address = at,
                             .stream_table = stream_table,
                             .stream = stream,
                             .substream = substream});
  }

  void add_stage1(const reg::Ste& ste, const reg::Cd& cd) {
    const auto half = [&](std::uint8_t tsz, arm::Granule granule, arm::PhysAddr root, bool upper, event::Path walk) {
      const unsigned bits = 64U - tsz;
      j_.tables.push_back({.smmu = component_,
                           .device = device_,
                           .vmid = ste.s2vmid,
                           .agent = smmu_.agent,
                           .granule = granule,
                           .level = static_cast<std::int8_t>(arm::start_level(granule, bits)),
                           .root = root,
                           .first_va = upper ? ~std::uint64_t{0} << bits : 0,
                           .asid = cd.asid,
                           .walk = walk});
    };
    using G = arm::Granule;
    if (!cd.epd0)
      half(cd.t0sz,
           cd.tg0 == 0   ? G::K4
           : cd.tg0 == 1 ? G::K64
                         : G::K16,
           cd.ttb0, false, walk_path(cd.ir0, cd.or0, cd.sh0, smmu_.coherent));
    if (!cd.epd1)
      half(cd.t1sz,
           cd.tg1 == 2   ? G::K4
           : cd.tg1 == 3 ? G::K64
                         : G::K16,
           cd.ttb1, true, walk_path(cd.ir1, cd.or1, cd.sh1, smmu_.coherent));
  }

  /// Where the first table is one page: concatenated ones count from their first use on.
  void add_stage2(const reg::Ste& ste) {
    using G = arm::Granule;
    const G granule = ste.s2tg == 0 ? G::K4 : ste.s2tg == 1 ? G::K64 : G::K16;
    const int level = (granule == G::K4 ? 2 : 3) - ste.s2sl0;
    const std::uint64_t each = arm::bytes_mapped(granule, level);
    const unsigned bits = 64U - ste.s2t0sz;
    if (each == 0 || (std::uint64_t{1} << bits) / each * 8 > arm::page_bytes(granule)) return;
    j_.tables.push_back({.smmu = component_,
                         .device = device_,
                         .stage = 2,
                         .combined = ste.config == reg::SteConfig::Nested,
                         .vmid = ste.s2vmid,
                         .agent = smmu_.agent,
                         .granule = granule,
                         .level = static_cast<std::int8_t>(level),
                         .root = ste.s2ttb,
                         .walk = walk_path(ste.s2ir0, ste.s2or0, ste.s2sh0, smmu_.coherent)});
  }

  const scenario::Smmu& smmu_;
  std::uint16_t component_;
  event::AgentId device_;
  const InitialMemory& memory_;
  judge::Parameters& j_;
};

}  // namespace

void add_structures(judge::Parameters& j, const scenario::Scenario& s, std::uint8_t pes, const InitialMemory& memory) {
  const auto is_device = [](const scenario::Agent& a) { return a.kind == scenario::Agent::Kind::Device; };
  const auto devices = std::count_if(s.agents.begin(), s.agents.end(), is_device);
  for (std::uint16_t i = 0; i < s.agents.size(); ++i) {
    const scenario::Agent& a = s.agents[i];
    if (!is_device(a) || !a.smmu) continue;
    // The machine has PEs, then devices, then SMMUs.
    const auto component = static_cast<std::uint16_t>(pes + static_cast<std::size_t>(devices) + *a.smmu);
    Reader(s.smmus.at(*a.smmu), component, event::AgentId{i}, memory, j).add(a);
  }
}

}  // namespace staleline::run
