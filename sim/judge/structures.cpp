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
    for (HeldStructure& h : s.held)
      if (h.clears.size() < many && orders.store_before_tlbi(e.agent, h.superseded.agent, h.superseded.epoch, false))
        h.clears.push_back(self);
  }
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
