// SPDX-License-Identifier: Apache-2.0
// How reports spell places and bytes: regions instead of addresses, values instead of byte arrays.
#include "places.h"

#include <fmt/format.h>

#include <algorithm>

#include "staleline/a64/decode.h"

namespace staleline::report {
namespace {

constexpr std::uint64_t kLine = arm::kLineBytes;

struct Range {
  std::uint64_t begin, end;
  [[nodiscard]] Range lines() const { return {begin & ~(kLine - 1), (end + kLine - 1) & ~(kLine - 1)}; }
  friend bool operator==(Range, Range) = default;
};

Range range_of(const scenario::Region& r) { return {r.base.value, r.base.value + r.bytes}; }

std::string offset(std::uint64_t value) {
  return value < 0x1000 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

std::string inside(const scenario::Region& region, Range range) {
  const Range whole = range_of(region);
  if (range.lines() == whole.lines()) return fmt::format("{}[..]", region.name);
  return fmt::format("{}[{}..{}]", region.name, offset(range.begin - whole.begin), offset(range.end - whole.begin));
}

}  // namespace

const scenario::Region* region_of(const scenario::Scenario& s, arm::PhysAddr address, std::uint64_t bytes) {
  const scenario::Region* best = nullptr;
  for (const auto& r : s.regions) {
    const Range range = range_of(r);
    if (address.value < range.begin || address.value + std::max<std::uint64_t>(bytes, 1) > range.end) continue;
    if (best == nullptr || r.bytes <= best->bytes) best = &r;
  }
  return best;
}

std::string hex(std::uint64_t value) { return fmt::format("{:#x}", value); }

std::string spelled(const scenario::Scenario& s, arm::PhysAddr address) {
  const auto* region = region_of(s, address, 1);
  if (region == nullptr) return hex(address.value);
  return fmt::format("{}+{:#x}", region->name, address - region->base);
}

std::string spelled_span(const scenario::Scenario& s, arm::PhysAddr address, std::uint64_t bytes,
                         std::optional<std::uint32_t> hint) {
  const Range range{address.value, address.value + bytes};
  if (hint && *hint < s.regions.size()) {
    const auto& region = s.regions[*hint];
    const Range whole = range_of(region);
    const Range common{std::max(range.begin, whole.begin), std::min(range.end, whole.end)};
    if (common.begin < common.end && common.lines() == range.lines()) return inside(region, common);
  }
  if (const auto* region = region_of(s, address, bytes)) return inside(*region, range);
  // No region holds all of it: the one that shares most, cut to its bounds.
  const scenario::Region* best = nullptr;
  std::uint64_t most = 0;
  for (const auto& r : s.regions) {
    const Range whole = range_of(r);
    const auto begin = std::max(range.begin, whole.begin), end = std::min(range.end, whole.end);
    if (begin < end && (best == nullptr || end - begin > most || (end - begin == most && r.bytes < best->bytes))) {
      best = &r;
      most = end - begin;
    }
  }
  if (best == nullptr) return fmt::format("{:#x} to {:#x}", range.begin, range.end);
  const Range whole = range_of(*best);
  return inside(*best, {std::max(range.begin, whole.begin), std::min(range.end, whole.end)});
}

std::string spelled_bytes(const std::array<std::uint8_t, 16>& bytes, std::uint8_t size) {
  std::string out;
  if (size == 1 || size == 2 || size == 4 || size == 8) {
    out = "0x";
    for (int i = size - 1; i >= 0; --i) out += fmt::format("{:02x}", bytes[static_cast<std::size_t>(i)]);
    return out;
  }
  const auto count = std::min<std::size_t>(size, bytes.size());
  const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(count);
  if (count > 8 && std::all_of(bytes.begin(), end, [&](std::uint8_t b) { return b == bytes[0]; }))
    return fmt::format("{} x {:#04x}", count, bytes[0]);
  for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}{:02x}", i == 0 ? "" : " ", bytes[i]);
  return out;
}

std::string agent_name(const scenario::Scenario& s, event::AgentId agent) {
  return agent.value < s.agents.size() ? s.agents[agent.value].name : fmt::format("agent {}", agent.value);
}

Quoted quoted(const scenario::Scenario& s, event::SourceLine line) {
  Quoted q;
  if (line.value == 0 || line.value > s.source_lines.size()) return q;
  q.text = s.source_lines[line.value - 1];
  for (char& c : q.text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';  // no control characters on a terminal
  while (!q.text.empty() && q.text.back() == ' ') q.text.pop_back();

  std::size_t begin = q.text.find_first_not_of(' ');
  if (begin == std::string::npos) return q;
  if (q.text[begin] == '[') {  // a tag such as [fix] or [v1,v2]
    const auto close = q.text.find(']', begin);
    const auto word = close == std::string::npos ? close : q.text.find_first_not_of(' ', close + 1);
    if (word != std::string::npos) begin = word;
  }
  const std::size_t first_word = begin;
  if (const auto colon = q.text.find(':', begin); colon != std::string::npos) {  // a label before the instruction
    const bool name = std::all_of(q.text.begin() + static_cast<std::ptrdiff_t>(begin),
                                  q.text.begin() + static_cast<std::ptrdiff_t>(colon), [](unsigned char c) {
                                    return c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                           (c >= 'A' && c <= 'Z');
                                  });
    const auto word = q.text.find_first_not_of(' ', colon + 1);
    if (name && word != std::string::npos && q.text.compare(word, 2, "//") != 0) begin = word;
  }
  std::size_t end = std::min(q.text.find("//", begin), q.text.size());
  while (end > begin && q.text[end - 1] == ' ') --end;
  q.column = static_cast<std::uint32_t>(begin + 1);
  q.length = static_cast<std::uint32_t>(std::max<std::size_t>(end - begin, 1));
  q.lead = q.text.substr(0, first_word) + std::string(begin - first_word, ' ');
  q.label = q.text.substr(first_word, begin - first_word);
  return q;
}

namespace {

std::optional<pe::CodePlace> place_of(const run::Result& result, event::AgentId agent, event::SourceLine line) {
  return result.place_of ? result.place_of(agent, line) : std::nullopt;
}

}  // namespace

Quoted quoted(const run::Result& result, event::AgentId agent, event::SourceLine line) {
  const auto place = place_of(result, agent, line);
  if (!place) return quoted(*result.scenario, line);
  Quoted q;
  const auto instruction = a64::decode(place->word, place->pc);
  q.text = instruction ? a64::text_of(*instruction, place->pc) : fmt::format(".inst {:#010x}", place->word);
  q.length = static_cast<std::uint32_t>(q.text.size());
  return q;
}

std::string line_name(const run::Result& result, event::AgentId agent, event::SourceLine line) {
  const auto place = place_of(result, agent, line);
  if (!place) return fmt::format("line {}", line.value);
  const std::string symbol = result.symbol_of ? result.symbol_of(place->pc) : "";
  return symbol.empty() ? hex(place->pc.value) : fmt::format("{} ({})", symbol, hex(place->pc.value));
}

}  // namespace staleline::report
