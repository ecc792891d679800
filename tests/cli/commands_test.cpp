// SPDX-License-Identifier: Apache-2.0
// The other commands end to end, help, versions, suggestions, and what happens on a defect.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "program.h"
#include "scenarios.h"
#include "staleline/arm/system_registers.h"
#include "staleline/cli/cli.h"
#include "staleline/judge/hazard.h"

using namespace staleline::test;
using Catch::Contains;
using Catch::StartsWith;
using Json = nlohmann::json;

TEST_CASE("help everywhere, with examples") {
  const Folder here;
  for (const char* command : {"", "run", "boot", "validate", "list", "explain", "attrs", "new", "schema"}) {
    const auto found = here.staleline(std::string(command) + " --help");
    INFO(command);
    CHECK(found.code == 0);
    CHECK(found.err.empty());
    CHECK_THAT(found.out, StartsWith("usage: staleline "));
    CHECK_THAT(found.out, Contains("examples:"));
    if (*command != '\0') CHECK(here.staleline(std::string("help ") + command).out == found.out);
  }
}

TEST_CASE("the versions of program, scenario schema and rule set") {
  const Folder here;
  const auto found = here.staleline("--version");
  CHECK(found.code == 0);
  CHECK_THAT(found.out, StartsWith("staleline 0."));
  CHECK_THAT(found.out, Contains("\nscenario schema 1\n"));
  CHECK_THAT(found.out, Contains("\nrule set 1\n"));
}

TEST_CASE("unknown names: exit 2 and the nearest") {
  const Folder here;
  for (const auto& [arguments, nearest] : {std::pair{"rnu", "`run`"},
                                           {"exlpain SL101", "`explain`"},
                                           {"--versoin", "`--version`"},
                                           {"list hazard", "`hazards`"},
                                           {"explain SL110", "`SL101`"},
                                           {"explain stale-copi", "`stale-copy`"},
                                           {"list --jsn", "`--json`"}}) {
    const auto found = here.staleline(arguments);
    INFO(arguments);
    CHECK(found.code == 2);
    CHECK(found.out.empty());
    CHECK_THAT(found.err, StartsWith("staleline: error: "));
    CHECK_THAT(found.err, Contains(std::string("did you mean ") + nearest));
  }
  CHECK(here.staleline("").code == 2);
  CHECK_THAT(here.staleline("explain SL999").err,
             Contains("unknown hazard `SL999`; there are SL101, SL102, SL103, SL104, SL201, SL202, SL203, SL301, "));
}

TEST_CASE("each hazard of the catalogue has its page") {
  const Folder here;
  for (const auto& kind : staleline::judge::hazard_kinds()) {
    const auto id = staleline::judge::spelled(kind.id);
    const auto found = here.staleline("explain " + id);
    INFO(id);
    CHECK(found.code == 0);
    CHECK_THAT(found.out, StartsWith("# " + id + " " + std::string(kind.slug) + "\n"));
    CHECK_THAT(found.out, Contains(std::string(kind.summary)));
    for (const char* part : {"**What it means.**", "**How it happens**", "**How to fix it.**", "**In real life.**",
                             "**False friends.**", "\nRule P"})
      CHECK_THAT(found.out, Contains(part));
    CHECK(here.staleline("explain " + std::string(kind.slug)).out == found.out);
  }
}

TEST_CASE("a new scenario validates and runs as it says") {
  const Folder here;
  const auto text = here.staleline("new my-driver/rx-ring");
  CHECK(text.code == 0);
  here.write("new.yaml", text.out);
  CHECK(here.staleline("validate new.yaml").code == 0);
  const auto run = here.staleline("run new.yaml");
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK(here.staleline("new").code == 2);
  CHECK(here.staleline("new 'a: b'").code == 2);
}

TEST_CASE("validate: ok or the errors, without running") {
  const Folder here;
  here.write("endless.yaml", kEndless);
  here.write("broken.yaml", kBroken);
  const auto good = here.staleline("validate endless.yaml");
  CHECK(good.code == 0);
  CHECK(good.out == "endless.yaml: ok (1 variant)\n");
  const auto bad = here.staleline("validate broken.yaml");
  CHECK(bad.code == 2);
  CHECK(bad.out.empty());
  CHECK_THAT(bad.err, StartsWith("broken.yaml:4:1: error: "));
}

TEST_CASE("the schema is JSON") {
  const Folder here;
  const auto found = here.staleline("schema");
  CHECK(found.code == 0);
  CHECK(Json::parse(found.out).contains("$schema"));
}

TEST_CASE("list: hazards, parameters, presets, scenarios with their expectations") {
  const Folder here;
  here.write("scenarios/stale.yaml", kStale);
  const auto found = here.staleline("list --json");
  REQUIRE(found.code == 0);
  const auto all = Json::parse(found.out);
  CHECK(all["hazards"].size() == staleline::judge::hazard_kinds().size());
  REQUIRE(!all["parameters"].empty());
  for (const auto& p : all["parameters"])
    for (const char* key : {"key", "unit", "default", "meaning"}) CHECK(p.contains(key));
  CHECK(!all["presets"].empty());
  REQUIRE(all["scenarios"].size() == 1);
  const auto& s = all["scenarios"][0];
  CHECK(s["file"] == "scenarios/stale.yaml");
  REQUIRE(s["variants"].size() == 3);
  const auto bug =
      std::find_if(s["variants"].begin(), s["variants"].end(), [](const Json& v) { return v["name"] == "bug"; });
  REQUIRE(bug != s["variants"].end());
  CHECK((*bug)["hazards"] == Json::parse(R"([{"id":"SL101","agent":"guest","region":"image","verdict":null}])"));
  CHECK_THAT(here.staleline("list").out, Contains("SL101 guest/image"));
  CHECK(here.staleline("list hazards").out.find("scenarios/") == std::string::npos);
  here.write("scenarios/broken.yaml", kBroken);
  CHECK(here.staleline("list scenarios").code == 2);
}

TEST_CASE("list: system registers, with their generic spelling") {
  namespace arm = staleline::arm;
  const Folder here;
  const auto all = Json::parse(here.staleline("list --json registers").out)["registers"];
  const auto text = here.staleline("list registers").out;
  CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) == arm::kSystemRegisters + 1);
  REQUIRE(all.size() == arm::kSystemRegisters);
  for (const auto& r : all) {
    const auto found = arm::system_register_named(r["encoding"].get<std::string>());
    INFO(r);
    REQUIRE(found);
    CHECK(r["name"] == arm::name_of(*found));
    const arm::RegisterKind kind = arm::info_of(*found).kind;
    CHECK(r["kind"] == (kind == arm::RegisterKind::Functional ? "functional"
                        : kind == arm::RegisterKind::Stored   ? "stored"
                                                              : "constant"));
    CHECK_THAT(text, Contains("\n  " + r["name"].get<std::string>() + " "));
  }
  CHECK(all[0] == Json::parse(R"({"name":"SCTLR_EL1","encoding":"s3_0_c1_c0_0","access":"RW","kind":"functional",
                                  "lowest_el":1,"reset":"0x30d00800"})"));
  CHECK_THAT(text, Contains("\n  SCTLR_EL1         s3_0_c1_c0_0     RW EL1 functional\n"));
}

TEST_CASE("what escapes a command becomes an exit code") {
  using staleline::cli::guarded;
  CHECK(guarded([] { return 3; }) == 3);
  CHECK(guarded([]() -> int { throw std::logic_error("test of the message"); }) == 4);
  CHECK(guarded([]() -> int { throw 1; }) == 4);
  CHECK(guarded([]() -> int { throw std::bad_alloc(); }) == 3);
}
