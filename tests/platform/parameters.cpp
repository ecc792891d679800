// SPDX-License-Identifier: Apache-2.0
// The parameter table: every key can be set and read back, everything else is refused where it stands.
#include "staleline/platform/parameters.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

namespace {

using namespace staleline;
using platform::Parameters;
using scenario::InputError;
using scenario::PlatformRequest;

PlatformRequest request(std::string preset, std::vector<std::pair<std::string, std::string>> values) {
  PlatformRequest r;
  r.preset = std::move(preset);
  std::uint32_t line = 10;
  for (auto& [key, value] : values) r.overrides.push_back({key, value, line++, 5, "some.yaml"});
  return r;
}

std::map<std::string, std::string> described(const Parameters& p) {
  const auto all = platform::describe(p);
  return {all.begin(), all.end()};
}

std::vector<scenario::Diagnostic> refused(const PlatformRequest& r) {
  try {
    static_cast<void>(platform::resolve(r));
  } catch (const InputError& e) {
    return e.diagnostics();
  }
  FAIL("accepted");
  return {};
}

std::vector<scenario::Diagnostic> refused_file(const std::string& text) {
  char name[] = "/tmp/staleline-platform-XXXXXX";
  const int fd = ::mkstemp(name);
  REQUIRE(fd >= 0);
  ::close(fd);
  std::ofstream(name, std::ios::binary) << text;
  std::vector<scenario::Diagnostic> result;
  try {
    static_cast<void>(platform::load_platform(name));
  } catch (const InputError& e) {
    result = e.diagnostics();
    for (auto& d : result) CHECK(d.file == name);
  }
  std::remove(name);
  return result;
}

}  // namespace

TEST_CASE("every key of the table can be set and is read back") {
  // A value that differs from the default, for each key.
  const std::map<std::string, std::string> values{
      {"cores", "7"},
      {"store_buffer.entries", "3"},
      {"store_buffer.drain_cycles", "17"},
      {"ctr.idc", "true"},
      {"ctr.dic", "true"},
      {"ets2", "true"},
      {"exclusives.global_monitor", "true"},
      {"tlb.l1_entries", "16"},
      {"tlb.l2_entries", "512"},
      {"l1i.bytes", "64 KiB"},
      {"l1i.ways", "8"},
      {"l1i.hit_cycles", "9"},
      {"l1i.replacement", "random"},
      {"l1i.vipt", "true"},
      {"quirks.clean_completes_early", "true"},
      {"quirks.clean_loses_to_eviction", "true"},
      {"quirks.invalidate_promoted_not_forwarded", "true"},
      {"quirks.clean_leaves_dirty", "true"},
      {"quirks.maintenance_needs_dsb", "true"},
      {"quirks.tlbi_completes_early", "true"},
      {"quirks.fetches_out_of_order", "true"},
      {"l1d.bytes", "8 KiB"},
      {"l1d.ways", "1"},
      {"l1d.hit_cycles", "5"},
      {"l1d.replacement", "plru"},
      {"l2.bytes", "256 KiB"},
      {"l2.ways", "16"},
      {"l2.hit_cycles", "13"},
      {"l2.replacement", "lru"},
      {"prefetch.lines", "2"},
      {"replacement.seed", "99"},
      {"shared.bytes", "4 MiB"},
      {"shared.ways", "8"},
      {"shared.hit_cycles", "21"},
      {"shared.replacement", "random"},
      {"system.bytes", "16 MiB"},
      {"system.ways", "32"},
      {"system.hit_cycles", "31"},
      {"system.replacement", "lru"},
      {"system.below_poc", "true"},
      {"interconnect.link_cycles", "11"},
      {"interconnect.snoop_cycles", "12"},
      {"interconnect.home_occupancy_cycles", "3"},
      {"interconnect.snoop_filter_lines", "4096"},
      {"memory.cycles", "222"},
      {"memory.occupancy_cycles", "9"},
      {"memory.channels", "4"},
  };
  const auto before = described(platform::resolve(request("cortex-a57", {})));
  std::set<std::string> keys;
  for (const auto& row : platform::parameter_table()) {
    const std::string key(row.key);
    CAPTURE(key);
    CHECK(keys.insert(key).second);
    CHECK(!row.meaning.empty());
    CHECK(before.at(key) == row.default_value);
    REQUIRE(values.contains(key));
    CHECK(before.at(key) != values.at(key));
  }
  CHECK(keys.size() == values.size());
  const auto after = described(platform::resolve(request("cortex-a57", {values.begin(), values.end()})));
  CHECK(after == values);
  // What was read back is accepted and means the same.
  CHECK(described(platform::resolve(request("tiny", {after.begin(), after.end()}))) == values);
}

TEST_CASE("a truth is spelled as in scenarios: on and off, or true and false") {
  for (const char* yes : {"on", "true"})
    CHECK(described(platform::resolve(request("tiny", {{"ets2", yes}}))).at("ets2") == "true");
  for (const char* no : {"off", "false"})
    CHECK(described(platform::resolve(request("neoverse-n1", {{"ets2", no}}))).at("ets2") == "false");
  CHECK(refused(request("tiny", {{"ets2", "yes"}})).size() == 1);
}

TEST_CASE("a key changes its own field and no other") {
  const auto before = described(platform::resolve(request("neoverse-n1", {})));
  const auto after = described(platform::resolve(request("neoverse-n1", {{"memory.cycles", "77"}})));
  for (const auto& [key, value] : after) CHECK((key == "memory.cycles" ? "77" : before.at(key)) == value);
}

TEST_CASE("both first-level TLBs have one size, and the second has sets") {
  const auto p = platform::resolve(request("tiny", {{"tlb.l1_entries", "8"}}));
  CHECK(p.tlb.l1_data.entries == 8);
  CHECK(p.tlb.l1_instruction.entries == 8);
  CHECK(platform::resolve(request("tiny", {{"tlb.l2_entries", "0"}})).tlb.l2.entries == 0);
  const auto said = refused(request("tiny", {{"tlb.l2_entries", "24"}}));
  REQUIRE(said.size() == 1);
  CHECK(said[0].message == "tlb.l2_entries: 24 entries in 4 ways: the number of sets is no power of two");
}

TEST_CASE("every preset resolves, names itself and says what it is") {
  std::set<std::string_view> names;
  for (const auto& p : platform::presets()) {
    const auto parameters = platform::resolve(request(std::string(p.name), {}));
    CHECK(parameters.preset == p.name);
    CHECK(!p.about.empty());
    CHECK(names.insert(p.name).second);
  }
  for (const char* name : {"cortex-a53", "cortex-a57", "cortex-a72", "neoverse-n1", "tiny"})
    CHECK(names.contains(name));
  // A preset in a file or on the command line replaces that of the scenario.
  CHECK(platform::resolve(request("cortex-a57", {{"preset", "tiny"}})).preset == "tiny");
}

TEST_CASE("an absent shared level is no level") {
  const auto p = platform::resolve(request("cortex-a57", {{"shared.bytes", "0"}}));
  CHECK(p.interconnect.shared.empty());
  CHECK(described(p).at("shared.bytes") == "0");
}

TEST_CASE("mistakes are reported where they stand, all of them, with what was meant") {
  const auto unknown = refused(request("cortex-a57", {{"l1d.bites", "1"}, {"cores", "17"}, {"l1d.ways", "zwei"}}));
  REQUIRE(unknown.size() == 3);
  CHECK(unknown[0].formatted() ==
        "some.yaml:10:5: error: unknown platform parameter `l1d.bites`; did you mean `l1d.bytes`?");
  CHECK(unknown[1].line == 11);
  CHECK(unknown[1].message.find("1 to 16") != std::string::npos);
  CHECK(unknown[2].line == 12);
  const auto preset = refused(request("cortex-a75", {}));
  REQUIRE(preset.size() == 1);
  CHECK(preset[0].message.find("cortex-a57") != std::string::npos);
  const auto geometry = refused(request("cortex-a57", {{"memory.cycles", "100"}, {"l1d.bytes", "33 KiB"}}));
  REQUIRE(geometry.size() == 1);
  CHECK(geometry[0].line == 11);
  CHECK(geometry[0].message.find("power of two") != std::string::npos);
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"cores", "0"},
                                                                                   {"cores", "010"},
                                                                                   {"cores", "-1"},
                                                                                   {"l1d.ways", "0"},
                                                                                   {"l1d.bytes", "0"},
                                                                                   {"l2.bytes", "16 KiB"},
                                                                                   {"ctr.idc", "yes"},
                                                                                   {"l1d.replacement", "fifo"},
                                                                                   {"interconnect.link_cycles", "0"},
                                                                                   {"memory.channels", "1 KiB"}}) {
    CAPTURE(key, value);
    CHECK(refused(request("cortex-a57", {{key, value}})).size() == 1);
  }
}

TEST_CASE("a platform file is checked as strictly as a scenario") {
  CHECK(refused_file("preset: cortex-a53\nl1d.bytes: 16 KiB\nl1d.ways: 4 # narrow\n").empty());
  const auto at = [](const std::vector<scenario::Diagnostic>& d, std::uint32_t line, std::uint32_t column) {
    REQUIRE(d.size() == 1);
    CAPTURE(d[0].message);
    CHECK(d[0].line == line);
    CHECK(d[0].column == column);
  };
  at(refused_file("cores: 2\ncores: 3\n"), 2, 1);
  at(refused_file("cores: 2\ncors: 3\n"), 2, 1);
  at(refused_file("cores: 2\nl1d.ways: no\n"), 2, 11);
  at(refused_file("preset: cortex-a99\n"), 1, 9);
  at(refused_file("cores: [1, 2]\n"), 1, 8);
  at(refused_file("l1d:\n  bytes: 1\n"), 2, 3);
  at(refused_file("cores: &a 2\n"), 1, 8);
  at(refused_file("cores: !!int 2\n"), 1, 8);
  at(refused_file("cores: 2\n---\ncores: 3\n"), 2, 1);
  at(refused_file("- cores\n"), 1, 1);
  at(refused_file("cores:\n"), 1, 1);
  CHECK(refused_file("").size() == 1);
  CHECK(refused_file(std::string("\0\1\2\3", 4)).size() == 1);
  CHECK(refused_file("cores: \"2\n").size() == 1);
  CHECK(refused_file(std::string(300 * 1024, '#')).size() == 1);
  CHECK_THROWS_AS(platform::load_platform("/nowhere/at/all.yaml"), InputError);
}
