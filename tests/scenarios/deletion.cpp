// SPDX-License-Identifier: Apache-2.0
// Nothing in a clean variant is superfluous: without any one maintenance operation or barrier there
// is a hazard, unless the file says that the line is redundant, and then there is none.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <regex>

#include "shipped.h"

namespace staleline::test {
namespace {

// DC ZVA is no maintenance but a store.
bool maintains_or_orders(const a64::Instruction& i) {
  if (i.opcode == a64::Opcode::DC && i.op == arm::CacheOp::DC_ZVA) return false;
  return i.opcode == a64::Opcode::DC || i.opcode == a64::Opcode::IC || i.opcode == a64::Opcode::TLBI ||
         i.opcode == a64::Opcode::Barrier;
}

// Indentation, tag, label; then the instruction and a comment.
const std::regex kProgramLine(R"(^(\s*(?:\[[^\]]*\]\s*)?)(?:(\w+):)?(\s*)((?:dc|ic|tlbi|dmb|dsb|isb)\b.*)$)");

struct Deletable {
  std::uint32_t line = 0;
  std::string label;
  std::string without;  ///< the line with a NOP in its place, so that its label stays
};

std::vector<Deletable> deletable(const Shipped& s, const scenario::Scenario& variant) {
  std::vector<Deletable> lines;
  for (const auto& agent : variant.agents) {
    for (const auto& i : agent.program.instructions) {
      if (!maintains_or_orders(i)) continue;
      const std::string text = s.line(i.line.value);
      std::smatch m;
      INFO(s.name() << ": " << text);
      REQUIRE(std::regex_match(text, m, kProgramLine));
      const std::string label = m[2].str();
      lines.push_back({i.line.value, label, m[1].str() + (label.empty() ? "" : label + ":") + m[3].str() + "nop"});
    }
  }
  return lines;
}

TEST_CASE("a clean variant without one of its operations has a hazard, or declares it redundant") {
  std::size_t deletions = 0, redundant = 0;
  for (const auto& s : shipped()) {
    const auto document = s.document();
    for (const auto& name : document.variants()) {
      if (is_bug(name)) continue;
      const auto& variant = document.variant(name);
      std::map<std::string, bool> declared;  // label: was met
      for (const auto& r : variant.redundant) {
        declared[r.label] = false;
        CHECK_FALSE(r.why.empty());
      }
      for (const auto& d : deletable(s, variant)) {
        CAPTURE(s.name(), name, d.line, s.line(d.line));
        const bool is_redundant = declared.contains(d.label);
        if (is_redundant) declared[d.label] = true;
        const auto changed = s.document(d.line, d.without);
        // A hazard may end its agent, for which others then wait in vain; or not end one that loops for good.
        run::Options options;
        options.max_cycles = 1'000'000;
        const auto result = run::run(changed.variant(name), options);
        CHECK((result.limit == run::Limit::None || !is_redundant));
        CHECK(found_in(result).empty() == is_redundant);
        ++deletions;
        redundant += is_redundant ? 1 : 0;
      }
      for (const auto& [label, met] : declared) {
        CAPTURE(s.name(), name, label);
        CHECK(met);
      }
    }
  }
  CHECK(deletions > 50);
  CHECK(redundant * 4 < deletions);
}

}  // namespace
}  // namespace staleline::test
