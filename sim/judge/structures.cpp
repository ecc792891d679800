// SPDX-License-Identifier: Apache-2.0
// Stream table entries and context descriptors that an SMMU may hold, whether or not this run used them: it may read
// valid ones at any time, and goes on with them until a CMD_CFGI and a CMD_SYNC (IHI 0070 3.21.1, 4.3).
#include <algorithm>
#include <bit>
#include <cstring>

#include "implementation.h"
#include "staleline/arm/smmu_queues.h"
#include "staleline/arm/smmu_tables.h"

namespace staleline::judge {

namespace smmu = arm::smmu;

namespace {

std::uint64_t word_of(const std::array<std::uint8_t, 64>& bytes, std::size_t number) {
  std::uint64_t word = 0;
  std::memcpy(&word, &bytes[number * 8], 8);
  return word;
}

/// V stands in bit 0 of an STE, in bit 31 of a CD (IHI 0070 5.2, 5.4).
bool valid(const std::array<std::uint8_t, 64>& bytes, bool stream_table) {
  return (word_of(bytes, 0) >> (stream_table ? 0 : 31) & 1) != 0;
}

/// True where the STE has stage 1 translate by the context descriptor at `cd`.
bool leads_to(const std::array<std::uint8_t, 64>& bytes, std::uint64_t cd) {
  smmu::SteWords words{};
  std::memcpy(words.data(), bytes.data(), bytes.size());
  const smmu::Ste ste = smmu::decode_ste(words);
  if (!ste.v || (ste.config != smmu::SteConfig::Stage1 && ste.config != smmu::SteConfig::Nested)) return false;
  // Tables of two levels, and those behind stage 2, are not followed here.
  if (ste.s1fmt != smmu::SteS1fmt::Linear || ste.config == smmu::SteConfig::Nested) return true;
  return cd - ste.s1_context_ptr.value < smmu::kCdBytes << ste.s1cd_max;
}

/// CD.{TTB0, TTB1} of one that is valid and permits walks of them.
std::vector<arm::PhysAddr> roots_of(const std::array<std::uint8_t, 64>& bytes) {
  smmu::CdWords words{};
  std::memcpy(words.data(), bytes.data(), bytes.size());
  const smmu::Cd cd = smmu::decode_cd(words);
  std::vector<arm::PhysAddr> roots;
  if (cd.v && !cd.epd0) roots.push_back(cd.ttb0);
  if (cd.v && !cd.epd1) roots.push_back(cd.ttb1);
  return roots;
}

bool names(const smmu::Command& c, const Structure& s) {
  if (!s.named) return true;
  switch (c.opcode) {
    case smmu::Opcode::CFGI_STE:
      return c.stream_id == s.stream;
    case smmu::Opcode::CFGI_STE_RANGE:
      return c.range == smmu::kRangeAll || (c.stream_id >> (c.range + 1U)) == (s.stream >> (c.range + 1U));
    case smmu::Opcode::CFGI_CD:
      return !s.stream_table && c.stream_id == s.stream && c.substream_id == s.substream;
    case smmu::Opcode::CFGI_CD_ALL:
      return !s.stream_table && c.stream_id == s.stream;
    default:
      return false;
  }
}

}  // namespace

void Judge::Implementation::add_structure(arm::PhysAddr at, const Structure& s) {
  table_side(line_of(at));
  translations.structures.try_emplace(at.value, s);
}

void Judge::Implementation::store_structure(const event::Event& e, const Line& l, const WriteRef& self,
                                            const std::array<std::uint8_t, 64>& after) {
  const auto found = translations.structures.find(l.address.value);
  if (found == translations.structures.end() || e.detail == 1 || after == l.newest) return;
  if (!valid(l.newest, found->second.stream_table)) return;
  constexpr std::size_t many = 16;
  auto& held = found->second.held;
  if (held.size() == many) held.erase(held.begin());
  held.push_back({.bytes = l.newest, .superseded = self, .clears = {}});
}

void Judge::Implementation::clear_structures(const event::Event& e) {
  const auto command = smmu::decode_command({e.data[0], e.data[1]});
  if (!command) return;
  const WriteRef self{.cycle = e.cycle, .epoch = orders.now(e.agent), .line = e.line, .agent = e.agent};
  const std::uint16_t walker = translations.walker_of(e).index;
  for (auto& [address, s] : translations.structures) {
    if (s.walker != walker || !names(*command, s)) continue;
    constexpr std::size_t many = 4;
    for (HeldStructure& h : s.held) {
      if (h.clears.size() >= many || !orders.store_before_tlbi(e.agent, h.superseded.agent, h.superseded.epoch, false))
        continue;
      h.clears.push_back(self);
      retire_roots(s, h, self);
    }
  }
}

void Judge::Implementation::retire_roots(const Structure& s, const HeldStructure& h, const WriteRef& by) {
  Walker& w = translations.at(s.walker);
  const auto retire = [&](arm::PhysAddr root) {
    for (const arm::Granule size : {arm::Granule::K4, arm::Granule::K16, arm::Granule::K64}) {
      const auto found = translations.pages.find(root.aligned_down(arm::page_bytes(size)).value);
      if (found == translations.pages.end()) continue;
      for (const TableUse& use : found->second) {
        if (use.walker != s.walker || use.stage != 1 || use.parent.value != 0 || use.granule != size) continue;
        TableUse u = use;
        u.level = kRootLevel;
        u.input = {};
        std::erase_if(w.held_roots, [&](const HeldDescriptor& r) { return r.value == root.value && r.use == u; });
        constexpr std::size_t many = 16;
        if (w.held_roots.size() == many) w.held_roots.erase(w.held_roots.begin());
        w.held_roots.push_back(
            {.value = root.value, .use = u, .superseded = by, .clears = {}, .by_ipa = {}, .missed = {}});
      }
    }
  };
  if (!s.stream_table) {
    for (const arm::PhysAddr root : roots_of(h.bytes)) retire(root);
    return;
  }
  for (const auto& [address, cd] : translations.structures)
    if (!cd.stream_table && cd.walker == s.walker && leads_to(h.bytes, address))
      for (const arm::PhysAddr root : roots_of(line_of(arm::PhysAddr{address}).newest)) retire(root);
}

bool Judge::Implementation::configured(const TableUse& u, arm::PhysAddr page, event::AgentId a) {
  const auto newest = [&](std::uint64_t address) -> const auto& { return line_of(arm::PhysAddr{address}).newest; };
  const auto is_root = [&](const std::array<std::uint8_t, 64>& cd) {
    const auto roots = roots_of(cd);
    return std::any_of(roots.begin(), roots.end(),
                       [&](arm::PhysAddr r) { return r.aligned_down(arm::page_bytes(u.granule)) == page; });
  };
  const auto may_be_held = [&](const Structure& s, auto&& what) {
    return std::any_of(s.held.begin(), s.held.end(),
                       [&](const HeldStructure& h) { return what(h.bytes) && !cleared(h, a, Use::Store); });
  };
  bool any = false;
  for (const auto& [address, cd] : translations.structures) {
    if (cd.stream_table || cd.walker != u.walker) continue;
    any = true;
    if (may_be_held(cd, is_root)) return true;
    if (!is_root(newest(address))) continue;
    const auto leads = [cd_at = address](const std::array<std::uint8_t, 64>& ste) { return leads_to(ste, cd_at); };
    bool known = false;
    for (const auto& [at, ste] : translations.structures) {
      if (!ste.stream_table || ste.walker != cd.walker) continue;
      known = true;
      if (leads(newest(at)) || may_be_held(ste, leads)) return true;
    }
    if (!known) return true;
  }
  return !any;
}

bool Judge::Implementation::cleared(const HeldStructure& h, event::AgentId a, Use use) const {
  return std::any_of(h.clears.begin(), h.clears.end(),
                     [&](const WriteRef& by) { return orders.tlbi_before(use, a, by.agent, by.epoch, true); });
}

bool Judge::Implementation::judge_structure(const event::Event& e, std::uint64_t address, const event::Path& path) {
  const auto found = translations.structures.find(address);
  if (found == translations.structures.end()) return true;
  const Structure& s = found->second;
  Line& l = line_of(arm::PhysAddr{address});
  for (const HeldStructure& h : s.held) {
    if (!orders.intended(e.agent, h.superseded.agent, h.superseded.epoch) || cleared(h, e.agent, Use::Load)) continue;
    Mask older = 0;
    for (std::size_t i = 0; i < h.bytes.size(); ++i)
      if (h.bytes[i] != l.newest[i]) older |= Mask{1} << i;
    older &= ~l.raced;
    if (older == 0) continue;
    Finding f{.id = HazardId::StaleWalk, .bytes = older, .observed = 0, .writer = h.superseded};
    f.what = s.stream_table ? "may be translated by an older stream table entry, which the SMMU may hold"
                            : "may be translated by an older context descriptor, which the SMMU may hold";
    f.command = s.stream_table ? "CMD_CFGI_STE" : "CMD_CFGI_CD";
    const auto first = static_cast<std::size_t>(std::countr_zero(older)) / 8;
    event::Event at = e;
    at.address = arm::PhysAddr{address + 8 * first};
    at.size = 8;
    at.data = {word_of(h.bytes, first), 0};
    at.path = path;
    report(f, at, l, Use::Walk);
    return false;
  }
  return true;
}

bool Judge::Implementation::cut_off(event::AgentId device, event::AgentId a) {
  const auto by = translations.configured_by.find(device);
  if (by == translations.configured_by.end()) return false;
  return std::any_of(by->second.begin(), by->second.end(), [&](std::uint64_t address) {
    const auto found = translations.structures.find(address);
    if (found == translations.structures.end()) return false;
    const Structure& s = found->second;
    const auto& now = line_of(arm::PhysAddr{address}).newest;
    const bool permits = valid(now, s.stream_table) &&
                         (!s.stream_table || smmu::decode_ste({word_of(now, 0)}).config != smmu::SteConfig::Abort);
    return !permits &&
           std::all_of(s.held.begin(), s.held.end(), [&](const HeldStructure& h) { return cleared(h, a, Use::Store); });
  });
}

}  // namespace staleline::judge
