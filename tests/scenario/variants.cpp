// SPDX-License-Identifier: Apache-2.0
// What a variant changes, and that it changes nothing else.
#include <catch2/catch.hpp>

#include "sample.h"

using namespace staleline;
using namespace staleline::scenario;
using namespace staleline::scenario::test;

namespace {

Scenario variant(const std::string& extra) {
  return parsed(edited(std::string(kGood), "  snoop: { agents: { nic: { device: io-coherent } } }",
                       "  snoop: { " + extra + " }"))
      .variant("snoop");
}

}  // namespace

TEST_CASE("tagged lines belong to their variants only") {
  const Document document = parsed(std::string(kGood));
  const auto size = [&](const char* name) { return document.variant(name).agents[0].program.instructions.size(); };
  CHECK(size("bug") == 6);
  CHECK(size("fix") == 8);
  CHECK(size("snoop") == 6);
  const Document both = parsed(edited(std::string(kGood), "[fix] dc", "[fix, snoop] dc"));
  CHECK(both.variant("snoop").agents[0].program.instructions.size() == 7);
  CHECK(both.variant("bug").agents[0].program.instructions.size() == 6);
}

TEST_CASE("mappings merge key by key") {
  const Scenario s = variant("mappings: { host: { stage1: { ram: { sh: osh } } } }");
  CHECK(s.views[0].always_live);
  CHECK(s.views[0].mappings.size() == 2);
  CHECK(s.views[0].mappings[0].stage1.shareability == arm::Shareability::OuterShareable);
  CHECK(s.views[1].mappings.size() == 1);
}

TEST_CASE("a platform merges key by key, a preset alone changes only the preset") {
  Scenario s = variant("platform: { l1d.bytes: 32 KiB, cores: 4 }");
  CHECK(s.platform.preset == "cortex-a57");
  REQUIRE(s.platform.overrides.size() == 3);
  CHECK(s.platform.overrides[1].key == "l1d.bytes");
  CHECK(s.platform.overrides[1].value == "32 KiB");
  CHECK(s.platform.overrides[1].line == 52);
  s = variant("platform: tiny");
  CHECK(s.platform.preset == "tiny");
  CHECK(s.platform.overrides.size() == 1);
  s = variant("platform: { l1d: { bytes: 32 KiB, ways: 2 } }");
  CHECK(s.platform.overrides[2].key == "l1d.ways");
}

TEST_CASE("init and schedule are replaced") {
  const Scenario s = variant("init: [], schedule: [ { after: cpu, do: fill, at: flags } ]");
  CHECK(s.init.empty());
  REQUIRE(s.schedule.size() == 1);
  CHECK(s.schedule[0].what == Placed::What::Fill);
}

TEST_CASE("a mistake in any variant is found, with all of them") {
  const std::string text = edited(std::string(kGood), "  snoop: {", "  snoop: { hazards: [ { id: SL1, agent: cpu } ],");
  CHECK_THAT(errors_of(text), Catch::StartsWith("s.yaml:52:29: error: `SL1` is not the id of a hazard"));
}

TEST_CASE("a label that only another variant has is no label") {
  const std::string text = edited(std::string(kGood), "after: cpu.send", "after: cpu.done");
  CHECK(errors_of(text) ==
        "s.yaml:44:14: error: the program of `cpu` has no label `done` in this variant; expected `send`");
}
