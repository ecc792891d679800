// SPDX-License-Identifier: Apache-2.0
// What a report tells its user to add is what it takes: pasted where it says, first hazard by first
// hazard, it makes every shipped `bug` silent.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "shipped.h"
#include "staleline/report/machine.h"

namespace staleline::test {
namespace {

using nlohmann::json;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

/// `text` with the fixes of one hazard inserted, from the last line to the first so that numbers stay right.
std::string pasted(const std::string& text, const json& fixes) {
  auto lines = lines_of(text);
  std::vector<json> sorted(fixes.begin(), fixes.end());
  const auto place = [](const json& f) {
    return f.at("line").get<std::size_t>() - (f.at("where") == "before" ? 1 : 0);
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const json& a, const json& b) { return place(a) < place(b); });
  for (auto f = sorted.rbegin(); f != sorted.rend(); ++f) {
    const std::string& beside = lines.at(f->at("line").get<std::size_t>() - 1);
    const std::string indent = beside.substr(0, beside.find_first_not_of(' '));
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(place(*f)), indent + f->at("text").get<std::string>());
  }
  return joined(lines);
}

/// True where no instruction can mend it: the advice is to map, or to access, something else.
bool is_advice(const json& hazard) {
  const json& fixes = hazard.at("fix");
  return std::all_of(fixes.begin(), fixes.end(),
                     [](const json& f) { return f.at("text").get<std::string>().starts_with("//"); });
}

/// The first hazard that is more than a note and can be mended by instructions, or null.
json first_hazard(const run::Result& result) {
  const json report = json::parse(report::json({{"file", "bug", 0, result, {}}}, 0, false));
  for (const json& h : report.at("runs").at(0).at("hazards")) {
    if (h.at("verdict") == "note") continue;
    // What faults or reaches the wrong place takes another mapping or another access; what an SMMU holds, commands.
    if (const std::string rule = h.at("rule"); is_advice(h)) {
      const bool commands = h.at("fix").dump().find("CMD_SYNC") != std::string::npos;
      CHECK((rule == "P4" || rule == "P6" || rule == "P7" || commands));
      CHECK_FALSE(h.at("fix").empty());
      continue;
    }
    return h;
  }
  return {};
}

}  // namespace

TEST_CASE("the fixes that a report prints make every bug silent") {
  constexpr int kEnough = 8;
  std::size_t bugs = 0;
  for (const Shipped& s : shipped()) {
    const auto first = s.document();
    for (const std::string& variant : first.variants()) {
      if (!is_bug(variant)) continue;
      ++bugs;
      std::string text = s.text;
      json hazard;
      for (int round = 0; round < kEnough; ++round) {
        const auto document = scenario::Document::parse(s.path, text, s.folder());
        hazard = first_hazard(run::run(document.variant(variant), {}));
        if (hazard.is_null()) break;
        text = pasted(text, hazard.at("fix"));
      }
      INFO(s.name() << "#" << variant << "\n" << text << hazard.dump(1));
      CHECK(hazard.is_null());
    }
  }
  CHECK(bugs > 15);
}

}  // namespace staleline::test
