// SPDX-License-Identifier: Apache-2.0
// What is lost with a PE, and what with its cluster.
#include <catch2/catch.hpp>

#include "load.h"

using namespace staleline;

TEST_CASE("What others left in the shared caches goes with the cluster, not with a PE", "[run][power]") {
  const auto document = test::parse(R"(
schema: 1
scenario: test/cluster
about: The last PE of a cluster goes off with the dirty lines of the shared cache.
memory:
  word: { base: 0x8000_0000, size: 64 }
agents:
  first: { core: 0 }
  last:  { core: 1 }
program:
  first: |
    mov x0, #7
    str x0, [word]
    [cleaned] dc cvac, word
    [cleaned] dsb sy
    .handoff last
  last: |
    .await first
    [alone] .poweroff
    [cluster,cleaned] .poweroff cluster
    .poweron
    ldr x1, [word]
variants:
  alone: {}
  cluster: { hazards: [ { id: SL203, agent: last, region: word } ] }
  cleaned: {}
)");
  for (const char* variant : {"alone", "cluster", "cleaned"}) {
    INFO(variant);
    CHECK(run::run(document.variant(variant), {}).exit_code(false) == 0);
  }
}

TEST_CASE("The timeline tells of power that goes and comes", "[run][power]") {
  const auto document = test::parse(R"(
schema: 1
scenario: test/power
memory: { word: { base: 0x8000_0000, size: 64 } }
agents: { cpu: { core: 0 } }
program:
  cpu: |
    .poweroff cluster
    .poweron
variants: { silent: {} }
)");
  std::string said;
  for (const auto& m : run::run(document.variant("silent"), {}).timeline) said += m.text + "\n";
  CHECK(said ==
        "the shared caches of its cluster lose their lines\n"
        "leaves coherency; its private caches lose their lines\n"
        "joins coherency; its caches are invalid\n");
}
