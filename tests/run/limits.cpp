// SPDX-License-Identifier: Apache-2.0
// Runs that do not come to their end say why, and leave a valid result.
#include <atomic>
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;

std::string scenario_of(const std::string& cpu, const std::string& other, const std::string& platform = "cortex-a57") {
  return "schema: 1\nscenario: test/limits\nabout: Limits.\nplatform: " + platform +
         "\nmemory:\n  buf: { base: 0x8000_0000, size: 64 }\nagents:\n  cpu: { core: 0 }\n  other: { core: 1 }\n"
         "program:\n  cpu: |\n" +
         cpu + "  other: |\n" + other + "variants:\n  only: {}\n";
}

}  // namespace

TEST_CASE("an edge that nobody sends is a deadlock, told with agent and line") {
  const auto d = test::parse(
      scenario_of("    cbz xzr, over\n    .publish go\n    over: nop\n", "    nop\n    .await cpu\n    nop\n"));
  const auto r = run::run(d.variant("only"), {});
  CHECK(r.limit == run::Limit::Deadlock);
  CHECK(r.limit_text.find("agent `other` waits at line 17") == 0);
  CHECK(r.exit_code(false) == 3);
  CHECK(r.exit_code(true) == 3);
  // The adversary keeps nothing alive.
  run::Options options;
  options.adversary = 20;
  CHECK(run::run(d.variant("only"), options).limit == run::Limit::Deadlock);
}

TEST_CASE("a program without end stops at the cycle limit, or when the user asks") {
  const auto d = test::parse(scenario_of("    again: b again\n", "    nop\n"));
  run::Options options;
  options.max_cycles = 10'000;
  const auto r = run::run(d.variant("only"), options);
  CHECK(r.limit == run::Limit::Cycles);
  CHECK(r.limit_text.find("10000") != std::string::npos);
  CHECK(r.exit_code(false) == 3);
  const std::atomic<bool> interrupted = true;
  options.interrupted = &interrupted;
  CHECK(run::run(d.variant("only"), options).limit == run::Limit::Interrupted);
}

TEST_CASE("an agent on a core that the platform does not have is refused where it stands") {
  const auto d = test::parse(scenario_of("    nop\n", "    nop\n", "{ preset: cortex-a57, cores: 1 }"));
  try {
    static_cast<void>(run::run(d.variant("only"), {}));
    FAIL("accepted");
  } catch (const scenario::InputError& e) {
    REQUIRE(e.diagnostics().size() == 1);
    CHECK(e.diagnostics()[0].line == 9);
    CHECK(e.diagnostics()[0].message.find("core 1") != std::string::npos);
  }
}

TEST_CASE("many runs in one process do not disturb each other") {
  const auto d = test::parse(scenario_of("    mov x0, #5\n    str x0, [buf]\n    .publish go, release\n",
                                         "    .await cpu, acquire\n    ldr x1, [buf]\n    .expect x1 == 5\n"));
  const auto first = run::run(d.variant("only"), {});
  for (int i = 0; i < 50; ++i) {
    const auto r = run::run(d.variant("only"), {});
    CHECK(r.expect_failures.empty());
    CHECK(r.hazards.empty());
    CHECK(r.statistics.cycles == first.statistics.cycles);
  }
}
