// SPDX-License-Identifier: Apache-2.0
// Reading where a guest starts and what its registers hold.
#include "code.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "span.h"
#include "staleline/arm/system_registers.h"
#include "values.h"
#include "views.h"

namespace staleline::scenario {

namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kHcrRw = std::uint64_t{1} << 31;

/// x0 to x30 and sp.
std::optional<std::uint8_t> general_register(std::string_view name) {
  if (name == "sp") return a64::kStackPointer;
  unsigned number = 0;
  if (!name.starts_with('x') || name.size() > 3) return std::nullopt;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  const bool leading_zero = name.size() > 2 && name[1] == '0';
  if (error != std::errc{} || end != name.data() + name.size() || number >= a64::kZeroRegister || leading_zero)
    return std::nullopt;
  return static_cast<std::uint8_t>(number);
}

std::optional<arm::VirtAddr> address_of(const Node& node, const View& view, const Memory& memory, Problems& problems) {
  if (node.kind == Node::Kind::Scalar && !node.text.empty() && node.text.front() >= '0' && node.text.front() <= '9') {
    const auto value = number(node, "the address of the first instruction", kLargest, problems);
    return value ? std::optional(arm::VirtAddr{*value}) : std::nullopt;
  }
  const auto place = place_in(node, problems);
  if (!place) return std::nullopt;
  const auto& names = memory.names();
  const auto at = std::find(names.begin(), names.end(), place->name);
  if (at == names.end()) {
    problems.add(node.mark, with_suggestion(fmt::format("no region {}", shown(place->name)), place->name, names));
    return std::nullopt;
  }
  const auto region = static_cast<std::size_t>(at - names.begin());
  if (!memory.sound(region)) return std::nullopt;
  const auto base = address_in(view, region, memory);
  if (!base) problems.add(node.mark, fmt::format("view `{}` does not map `{}`", view.name, place->name));
  return base ? std::optional(*base + place->offset) : std::nullopt;
}

void read_registers(const Node& node, Agent& agent, Problems& problems) {
  if (!is_map(node, "`registers`", problems)) return;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& key = node.keys[i];
    const auto value = number(node.items[i], "the value of a register", kLargest, problems);
    if (const auto general = general_register(key.text)) {
      agent.program.registers.emplace_back(*general, value.value_or(0));
    } else if (const auto system = arm::system_register_named(key.text)) {
      agent.registers.emplace_back(*system, value.value_or(0));
    } else {
      std::vector<std::string> names;
      for (const auto& info : arm::system_registers()) names.emplace_back(info.name);
      const std::string text =
          fmt::format("{} is no register: expected x0 to x30, sp or a system register", shown(key.text));
      problems.add(key.mark, with_suggestion(text, key.text, names));
    }
  }
}

}  // namespace

void read_code(const Node& node, const View& view, const Memory& memory, Agent& agent, Problems& problems) {
  const Node* const code = node.find("code");
  const Node* const registers = node.find("registers");
  const Node* const power = node.find("power");
  const bool off = power != nullptr && flag(*power, "`power`", problems) == false;
  if (code == nullptr && !off) {
    if (registers != nullptr) problems.add(registers->mark, "`registers` goes with `code`; a program sets its own");
    return;
  }
  agent.program.fetched = true;
  if (off) agent.start.emplace();
  if (off && code != nullptr)
    problems.add(code->mark, "`code` does not go with `power: off`: CPU_ON says where the agent begins");
  if (view.m && !view.tables) {
    problems.add(
        (off ? power : code)->mark,
        fmt::format("agent {} executes code: view `{}` needs `mmu: off`, or `tables`", shown(agent.name), view.name));
    return;
  }
  if (const auto at = code != nullptr ? address_of(*code, view, memory, problems) : std::nullopt) {
    agent.program.code = *at;
    if (at->value % 4 != 0) problems.add(code->mark, "instructions lie at multiples of 4");
  }
  if (registers != nullptr) read_registers(*registers, agent, problems);
}

void walk_for_real(const Agent& agent, std::vector<View>& views) {
  if (!agent.program.fetched || agent.view >= views.size()) return;
  View& view = views[agent.view];
  if (view.tables || view.m) return;
  const auto sctlr = view.el == 1 ? arm::SystemRegister::SCTLR_EL1 : arm::SystemRegister::SCTLR_EL2;
  const std::uint64_t bits = (view.c ? 1U << 2 : 0U) | (view.i ? 1U << 12 : 0U);
  view.tables = true;
  // Its own tables say what it maps, once there are any.
  for (Mapping& m : view.mappings) {
    m.stage1 = arm::MemoryAttributes{};
    m.held = false;
  }
  view.registers.emplace_back(sctlr, arm::info_of(sctlr).reset | bits);
  view.registers.emplace_back(arm::SystemRegister::HCR_EL2, kHcrRw);
}

}  // namespace staleline::scenario
