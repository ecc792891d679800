// SPDX-License-Identifier: Apache-2.0
// What a report tells its user to add is what it takes: pasted where it says, first hazard by first
// hazard, it makes every shipped `bug` silent; what only advice can mend is listed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
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
  static const std::regex label(R"(^( *(?:\[[^\]]*\] *)?)([A-Za-z_.][A-Za-z0-9_.]*: +)(\S.*)$)");
  for (auto f = sorted.rbegin(); f != sorted.rend();) {
    const auto at = static_cast<std::ptrdiff_t>(place(*f));
    const bool before = f->at("where") == "before";
    std::string& beside = lines.at(f->at("line").get<std::size_t>() - 1);
    std::smatch parts;
    std::string lead = beside.substr(0, beside.find_first_not_of(' ')), moved = lead;
    if (std::regex_match(beside, parts, label)) {
      lead = parts.str(1);
      moved = before ? lead + parts.str(2) : lead;
      if (before) beside = lead + parts.str(3);  // the label goes to the first of the new lines
    }
    std::vector<std::string> added;
    for (; f != sorted.rend() && static_cast<std::ptrdiff_t>(place(*f)) == at; ++f)
      added.insert(added.begin(), f->at("text").get<std::string>());
    for (std::size_t i = 0; i < added.size(); ++i) added[i].insert(0, i == 0 ? moved : lead);
    lines.insert(lines.begin() + at, added.begin(), added.end());
  }
  return joined(lines);
}

/// What is shipped, and scenarios of this test alone.
std::vector<Shipped> all() {
  std::vector<Shipped> found = shipped();
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(STALELINE_SOURCE_DIR "/tests/scenarios/mended"))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream in(path);
    found.push_back({"mended", path.stem().string(), path.string(), {std::istreambuf_iterator<char>(in), {}}});
  }
  return found;
}

/// True where no instruction can mend it: the advice is to map, or to access, something else.
bool is_advice(const json& hazard) {
  const json& fixes = hazard.at("fix");
  return std::all_of(fixes.begin(), fixes.end(),
                     [](const json& f) { return f.at("text").get<std::string>().starts_with("//"); });
}

/// The hazards of a run that are more than notes.
std::vector<json> hazards_of(const run::Result& result) {
  const json report = json::parse(report::json({{"file", "bug", 0, result, {}}}, 0, false));
  std::vector<json> found;
  for (const json& h : report.at("runs").at(0).at("hazards"))
    if (h.at("verdict") != "note") found.push_back(h);
  return found;
}

/// What no line added to a program mends, by scenario, variant and kind of hazard, and what takes its place: another
/// mapping, another access, a line less, a command to an SMMU.
const std::map<std::string, std::set<std::string>> kOnlyAdvice = {
    {"devices/C7-01#bug", {"SL601"}},       // map the memory Normal first
    {"devices/C7-02#bug", {"SL601"}},       // map the flash Normal, or copy by aligned accesses
    {"devices/C7-12#bug", {"SL401"}},       // do not map what the firewall denies
    {"devices/C7-15#bug", {"SL606"}},       // leave flash out of the maintenance
    {"exclusives/C10-01#bug", {"SL603"}},   // enable the caches first
    {"mended/contiguous#bug", {"SL602"}},   // break the whole run
    {"mended/descriptors#bug", {"SL201"}},  // a line for each
    {"mended/neighbour#bug", {"SL201", "SL202"}},
    {"mended/told-early#bug", {"SL103"}},   // another order
    {"smmu/C6-12#bug", {"SL607"}},          // write the entry so that it is valid at any time
    {"smmu/C6-12#bug-no-cfgi", {"SL104"}},  // CMD_CFGI_STE and CMD_SYNC
};

}  // namespace

TEST_CASE("the fixes that a report prints make every bug silent, but for what only advice can mend") {
  constexpr int kEnough = 8;
  std::size_t bugs = 0;
  std::map<std::string, std::set<std::string>> only_advice;
  for (const Shipped& s : all()) {
    const auto first = s.document();
    for (const std::string& variant : first.variants()) {
      if (!is_bug(variant)) continue;
      ++bugs;
      std::string text = s.text;
      std::vector<json> hazards;
      for (int round = 0; round < kEnough; ++round) {
        const auto document = scenario::Document::parse(s.path, text, s.folder());
        hazards = hazards_of(run::run(document.variant(variant), {}));
        const auto mendable = std::find_if(hazards.begin(), hazards.end(), [](const json& h) { return !is_advice(h); });
        if (mendable == hazards.end()) break;
        text = pasted(text, mendable->at("fix"));
      }
      for (const json& h : hazards) {
        INFO(s.name() << "#" << variant << "\n" << text << h.dump(1));
        CHECK(is_advice(h));
        CHECK_FALSE(h.at("fix").empty());
        only_advice[s.name() + "#" + variant].insert(h.at("id").get<std::string>());
      }
    }
  }
  for (const auto& [where, ids] : only_advice) {
    INFO(where);
    CHECK((kOnlyAdvice.contains(where) && kOnlyAdvice.at(where) == ids));
  }
  CHECK(only_advice.size() == kOnlyAdvice.size());
  CHECK(bugs > 15);
}

}  // namespace staleline::test
