// SPDX-License-Identifier: Apache-2.0
// What came of leaving instructions out, for people.
#include <fmt/format.h>

#include <algorithm>

#include "staleline/boot/mutate.h"
#include "table.h"

namespace staleline::boot {

namespace {

std::string without(const Mutation& m) {
  if (!m.carries()) return "not needed here";
  if (m.found.empty()) return "the guest " + m.stopped;
  const auto& worst = *std::max_element(m.found.begin(), m.found.end(),
                                        [](const auto& a, const auto& b) { return a.verdict < b.verdict; });
  const judge::HazardKind& kind = judge::kind_of(worst.id);
  std::string out = fmt::format("{} {} ({}, {}) at {}", judge::spelled(kind.id), kind.slug, judge::spelled(kind.rule),
                                judge::spelled(worst.verdict), worst.place);
  if (m.found.size() > 1) out += fmt::format(", and {} more", m.found.size() - 1);
  if (!m.arrived) out += "; the guest " + m.stopped;
  return out;
}

/// Its function; without symbols the instruction, without the registers that hold what it is about.
std::string class_of(const Mutation& m, const Guest& guest) {
  const std::string symbol = symbol_text(guest, m.place.pc);
  if (!symbol.empty()) return symbol.substr(0, symbol.find('+'));
  const std::string text = instruction_text(m.place);
  return text.substr(0, text.find(", x"));
}

}  // namespace

std::string mutations_text(const std::vector<Mutation>& mutations, const Guest& guest) {
  if (mutations.empty()) return "nothing to leave out: no maintenance and no barrier with the MMU off\n";
  struct Class {
    std::string name;
    std::uint64_t places = 0, times = 0, carrying = 0;
  };
  std::vector<Class> classes;
  Table table({"pc", "function", "instruction", "times", "left out"}, {3});
  std::uint64_t times = 0, carrying = 0;
  for (const Mutation& m : mutations) {
    table.add({fmt::format("{:#x}", m.place.pc.value), symbol_text(guest, m.place.pc), instruction_text(m.place),
               std::to_string(m.times), without(m)});
    const std::string name = class_of(m, guest);
    auto c = std::find_if(classes.begin(), classes.end(), [&](const Class& one) { return one.name == name; });
    if (c == classes.end()) c = classes.insert(classes.end(), Class{name, 0, 0, 0});
    ++c->places;
    c->times += m.times;
    c->carrying += m.carries() ? 1 : 0;
    times += m.times;
    carrying += m.carries() ? 1 : 0;
  }
  std::string out = fmt::format("each left out in turn: {} instructions, executed {} times; {} carry the boot\n",
                                mutations.size(), times, carrying);
  out += table.text() + "\n";
  Table summary({"class", "instructions", "times", "carry"}, {1, 2, 3});
  for (const Class& c : classes)
    summary.add({c.name, std::to_string(c.places), std::to_string(c.times), std::to_string(c.carrying)});
  return out + summary.text();
}

}  // namespace staleline::boot
