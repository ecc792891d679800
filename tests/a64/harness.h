// SPDX-License-Identifier: Apache-2.0
// A small scenario's names, and helpers that assemble and execute a few lines.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "staleline/a64/assembler.h"
#include "staleline/a64/step.h"

namespace staleline::a64::test {

/// Regions image (1 KiB, with a payload), buf (256 bytes, 64-aligned), line (64), hidden (unmapped);
/// agents cpu (publishes flag and freed, completes nothing), guest (handoff), nic (a device). Views host and vm: both
/// have tables with descriptors from 0x7000'0000 on, vm has ASID 5, 64 KiB pages, and IPAs 0x1'0000'0000 above the VAs.
class TestSymbols final : public Symbols {
 public:
  explicit TestSymbols(bool device = false) : device_(device) {
    for (unsigned n = 0; n < 100; ++n) payload_.push_back(static_cast<std::uint8_t>(n + 1));
  }
  [[nodiscard]] std::optional<Region> region(std::string_view name) const override {
    if (name == "image") return Region{0, {0xffff'0000'4008'0000}, 1024, &payload_, true};
    if (name == "buf") return Region{1, {0x8000'0000}, 256, nullptr, true};
    if (name == "line") return Region{2, {0x9000'0000}, 64, nullptr, true};
    if (name == "hidden") return Region{3, {0xa000'0000}, 64, nullptr, false};
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::string> region_names() const override { return {"buf", "hidden", "image", "line"}; }
  [[nodiscard]] const std::vector<std::uint8_t>* payload() const override { return &payload_; }
  [[nodiscard]] Resolved publish(std::string_view name) const override {
    return Edge{{static_cast<std::uint16_t>(name == "flag" ? 0 : 1)}, event::Mechanism::Flag};
  }
  [[nodiscard]] Resolved await(std::string_view agent, std::string_view name) const override {
    if (agent == "nic") return Edge{{4}, event::Mechanism::Completion};
    if (agent == "guest") return Edge{{2}, event::Mechanism::Handoff};
    if (agent != "cpu") return Unresolved{"no agent `" + std::string(agent) + "`", {"cpu", "guest", "nic"}, false};
    if (name == "freed") return Edge{{1}, event::Mechanism::Flag};
    if (name.empty() || name == "flag") return Edge{{0}, event::Mechanism::Flag};
    return Unresolved{"`cpu` has no edge `" + std::string(name) + "`", {"flag", "freed"}, true};
  }
  [[nodiscard]] Resolved handoff(std::string_view agent) const override {
    if (agent == "guest") return Edge{{2}, event::Mechanism::Handoff};
    return Unresolved{"no agent `" + std::string(agent) + "`", {"guest"}, false};
  }
  [[nodiscard]] Resolved doorbell(std::string_view device) const override {
    if (device == "nic") return Edge{{3}, event::Mechanism::Doorbell};
    return Unresolved{"no device `" + std::string(device) + "`", {"nic"}, false};
  }
  [[nodiscard]] Resolved complete() const override { return Edge{{4}, event::Mechanism::Completion}; }
  [[nodiscard]] bool device() const override { return device_; }
  [[nodiscard]] unsigned exception_level() const override { return level; }
  [[nodiscard]] std::variant<event::AgentId, Unresolved> agent(std::string_view name) const override {
    if (name == "guest") return event::AgentId{1};
    if (name == "nic") return event::AgentId{2};
    return Unresolved{"no agent `" + std::string(name) + "`", {"cpu", "guest", "nic"}, false};
  }
  [[nodiscard]] std::vector<std::string> view_names() const override { return {"host", "vm"}; }
  [[nodiscard]] Value address(std::string_view view, const Region& region, std::uint64_t offset,
                              Space space) const override {
    if (view == "vm" && region.index == 2) return Unresolved{"view `vm` does not map `line`", {}, false};
    return region.va.value + offset + (space == Space::Intermediate ? 0x1'0000'0000 : 0);
  }
  [[nodiscard]] std::uint16_t asid(std::string_view view) const override { return view == "vm" ? 5 : 1; }
  [[nodiscard]] std::uint16_t vmid(std::string_view view) const override { return view == "vm" ? 3 : 0; }
  [[nodiscard]] std::variant<Stream, Unresolved> stream(std::string_view device) const override {
    if (device == "nic") return Stream{0x12, std::nullopt};
    if (device == "gpu") return Stream{0x34, 0x56};
    return Unresolved{"no device `" + std::string(device) + "` behind an SMMU", {"gpu", "nic"}, false};
  }
  [[nodiscard]] arm::Granule granule(std::string_view view, unsigned stage) const override {
    return view == "vm" && stage == 1 ? arm::Granule::K64 : arm::Granule::K4;
  }
  [[nodiscard]] Value descriptor_address(const DescriptorPlace& place) const override {
    if (place.region.index == 3) return Unresolved{"no table maps `hidden`", {}, false};
    return 0x7000'0000 + (place.view == "vm" ? 0x100'0000U : 0U) + place.stage * 0x10'0000U +
           static_cast<std::uint64_t>(place.level.value_or(3) + 1) * 0x1'0000 + place.region.index * 0x1000U +
           place.offset / 4096 * 8;
  }
  [[nodiscard]] Value descriptor_value(const DescriptorContents& c) const override {
    if (!c.attribute.empty() && c.attribute != "normal-nc" && c.attribute != "normal-wb/nc")
      return Unresolved{"unknown attribute `" + c.attribute + "`", {"normal-nc", "normal-wb"}, true};
    contents = c;
    return c.region.va.value + c.offset + c.stage;
  }
  unsigned level = 2;
  mutable DescriptorContents contents{};  ///< what descriptor_value was last asked

 private:
  bool device_;
  std::vector<std::uint8_t> payload_;
};

/// The lines of `text`, the first one with number 10, all from column 3.
inline SourceText source_of(const std::string& text) {
  SourceText source;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    source.lines.push_back({static_cast<std::uint32_t>(10 + source.lines.size()), 3, text.substr(begin, end - begin)});
    begin = end + 1;
  }
  return source;
}

inline Assembled assembled(const std::string& text, bool device = false) {
  return assemble(source_of(text), TestSymbols(device));
}

/// The program of `text`, which has to be right.
inline Program program_of(const std::string& text, bool device = false) {
  Assembled a = assemble(source_of(text), TestSymbols(device));
  for (const Problem& p : a.problems) FAIL_CHECK(text << "\n" << p.line << ":" << p.column << ": " << p.message);
  return std::move(a.program);
}

/// The single instruction of `text`.
inline Instruction instruction_of(const std::string& text) {
  const Program program = program_of(text);
  REQUIRE(program.instructions.size() == 1);
  return program.instructions.front();
}

/// Memory of bytes; everything is 0 before it is stored.
struct Memory {
  std::map<std::uint64_t, std::uint8_t> bytes;
  [[nodiscard]] std::uint64_t load(std::uint64_t address, unsigned count) const {
    std::uint64_t value = 0;
    for (unsigned n = count; n-- > 0;) {
      const auto found = bytes.find(address + n);
      value = value << 8 | (found == bytes.end() ? 0U : found->second);
    }
    return value;
  }
  void store(std::uint64_t address, unsigned count, std::uint64_t value) {
    for (unsigned n = 0; n < count; ++n) bytes[address + n] = static_cast<std::uint8_t>(value >> (8 * n));
  }
};

/// issue() and complete() of the instruction at `index`, where it stands.
inline Step issue(const Program& program, std::uint32_t index, const Registers& before, Registers& after) {
  return a64::issue(program.instructions.at(index), code_address(program, index), before, after);
}
inline void complete(const Program& program, std::uint32_t index, const Elements& response, Registers& registers) {
  a64::complete(program.instructions.at(index), response, registers);
}

/// Runs a program to its end (at most `limit` steps) against a flat memory. Returns the number of steps.
inline unsigned run(const Program& program, Registers& registers, Memory& memory, unsigned limit = 10'000) {
  std::uint32_t index = 0;
  unsigned steps = 0;
  for (;; ++steps) {
    REQUIRE(steps < limit);
    if (index == program.instructions.size()) return steps;
    const Step step = issue(program, index, registers, registers);
    if (step.what == Step::What::Memory) {
      Elements response{};
      MemoryRequest m = step.memory;
      if (m.kind == MemoryRequest::Kind::Atomic) {
        AtomicValue old{};
        for (unsigned e = 0; e < m.elements; ++e)
          old[e] = memory.load(m.address.value + std::uint64_t{e} * m.element_bytes, m.element_bytes);
        const auto stored =
            atomic_result(m.atomic, m.element_bytes, old, {m.data[0], m.data[1]}, {m.compared[0], m.compared[1]});
        for (unsigned e = 0; stored && e < m.elements; ++e)
          memory.store(m.address.value + std::uint64_t{e} * m.element_bytes, m.element_bytes, (*stored)[e]);
        complete(program, index, {old[0], old[1]}, registers);
        index = index_at(program, step.next);
        continue;
      }
      for (unsigned e = 0; e < m.elements; ++e) {
        const std::uint64_t address = m.address.value + std::uint64_t{e} * m.element_bytes;
        if (m.kind == MemoryRequest::Kind::Store) memory.store(address, m.element_bytes, m.data[e]);
        response[e] = memory.load(address, m.element_bytes);
      }
      complete(program, index, response, registers);
    }
    index = index_at(program, step.next);
  }
}

/// The registers after the first instruction alone.
inline Registers after_one(const Program& program, const Registers& before) {
  Registers after;
  static_cast<void>(issue(program, 0, before, after));
  return after;
}

inline Registers executed(const std::string& text, Registers registers = {}) {
  Memory memory;
  run(program_of(text), registers, memory);
  return registers;
}

/// Values where arithmetic goes wrong.
inline const std::vector<std::uint64_t>& corners() {
  static const std::vector<std::uint64_t> values = {0,
                                                    1,
                                                    2,
                                                    0x7f,
                                                    0x80,
                                                    0xffff,
                                                    0x7fff'fffe,
                                                    0x7fff'ffff,
                                                    0x8000'0000,
                                                    0x8000'0001,
                                                    0xffff'fffe,
                                                    0xffff'ffff,
                                                    0x1'0000'0000,
                                                    0x1234'5678'9abc'def0,
                                                    0x7fff'ffff'ffff'fffe,
                                                    0x7fff'ffff'ffff'ffff,
                                                    0x8000'0000'0000'0000,
                                                    0x8000'0000'0000'0001,
                                                    0xffff'ffff'7fff'ffff,
                                                    0xffff'ffff'ffff'fffe,
                                                    0xffff'ffff'ffff'ffff};
  return values;
}

}  // namespace staleline::a64::test
