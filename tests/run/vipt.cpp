// SPDX-License-Identifier: Apache-2.0
// Code that is executed by one virtual address and maintained by another, with instruction caches of both kinds.
#include <catch2/catch.hpp>
#include <string>

#include "load.h"

namespace {

using namespace staleline;

// `poke` is a second mapping of `code`, as kernels make to write to what they execute.
const std::string kAlias = R"(
schema: 1
scenario: test/alias
about: Code is patched and invalidated through an alias.
platform: { preset: cortex-a57, l1i.vipt: @VIPT@ }
memory:
  code: { base: 0x8000_0000, size: 64 }
  poke: { at: code, size: 64 }
mappings:
  kernel:
    stage1:
      code: normal-wb
      poke: { attr: normal-wb, va: @VA@ }
agents:
  kernel: { core: 0, view: kernel }
  other:  { core: 1, view: kernel }
program:
  kernel: |
    .fetch x0, [code]
    .publish ran
    .await other
    ldr x1, =0xd503_201f
    str w1, [poke]
    dc cvau, poke
    dsb ish
    [alias] ic ivau, poke
    [own] ic ivau, code
    [all] ic ialluis
    dsb ish
    isb
    .publish patched
    .fetch x2, [code]
    .expect x2 == 0xd503_201f
    mrs x3, ctr_el0
    ubfx x3, x3, #14, #2
    .expect x3 == @L1IP@
  other: |
    .fetch x0, [code]
    .publish ran
    .await kernel.ran
    .await kernel.patched
    isb
    .fetch x2, [code]
    .expect x2 == 0xd503_201f
variants:
  none: { hazards: [ { id: SL103, agent: kernel }, { id: SL103, agent: other } ] }
  alias: { hazards: @HAZARDS@ }
  own: {}
  all: {}
)";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

struct Case {
  bool vipt = false;
  std::string va = "0x9000_1000";
  bool hazards = false;  // declared of `alias`
};

run::Result outcome(const Case& c, const std::string& variant, double adversary = 0) {
  const std::string both = "[ { id: SL103, agent: kernel }, { id: SL103, agent: other } ]";
  std::string text = replaced(kAlias, "@VA@", c.va);
  text = replaced(text, "@HAZARDS@", c.hazards ? both : "[]");
  text = replaced(text, "@VIPT@", c.vipt ? "true" : "false");
  text = replaced(text, "@L1IP@", c.vipt ? "2" : "3");
  run::Options options;
  if (adversary > 0) options.adversary = adversary;
  return run::run(test::parse(text).variant(variant), options);
}

}  // namespace

TEST_CASE("IC IVAU by another VA is none for a VIPT instruction cache", "[run][vipt]") {
  const Case pipt{false, "0x9000_1000", false}, vipt{true, "0x9000_1000", true}, same{true, "0x9000_0000", false};
  for (const double adversary : {0.0, 50.0}) {
    for (const std::string variant : {"none", "alias", "own", "all"}) {
      INFO(variant << ", adversary " << adversary);
      CHECK(outcome(pipt, variant, adversary).exit_code(false) == 0);
      CHECK(outcome(vipt, variant, adversary).exit_code(false) == 0);
      CHECK(outcome(same, variant, adversary).exit_code(false) == 0);
    }
  }
}
