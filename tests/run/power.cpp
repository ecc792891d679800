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

TEST_CASE("A sweep by set and way that did not count says why", "[run][power]") {
  const auto text = [](const std::string& variant) {
    const auto document = test::parse(R"(
schema: 1
scenario: test/sweep
about: A PE sweeps its L1 before it goes off, more or less.
platform: { cores: 2, l1d: { bytes: 1 KiB, ways: 1 }, l2.bytes: 0 }
memory: { word: { base: 0x8000_0000, size: 64 } }
agents: { cpu: { core: 0 }, other: { core: 1 } }
program:
  cpu: |
    mov x1, #1
    str x1, [word]
    [incomplete,unsynchronised,whole,shared] mrs x9, sctlr_el1
    [incomplete,unsynchronised,whole,shared] bic x9, x9, #4
    [incomplete,unsynchronised,whole,shared] msr sctlr_el1, x9
    [incomplete,unsynchronised,whole,shared] isb
    dsb sy
    mov x3, #0
    next: dc cisw, x3
    add x3, x3, #64
    cmp x3, #1024
    [on,unsynchronised,whole,shared] b.ne next
    [on,incomplete,whole,shared] dsb sy
    [shared] mov x3, #2
    [shared] dc cisw, x3
    [on,incomplete,unsynchronised,whole] .poweroff
    [shared] .poweroff cluster
    .handoff other
  other: |
    .await cpu
    ldr x0, [word]
variants: { on: {}, incomplete: {}, unsynchronised: {}, whole: {}, shared: {} }
)");
    std::string fixes;
    for (const auto& found : run::run(document.variant(variant), {}).hazards)
      for (const auto& f : found.hazard.fixes) fixes += f.operation + "\n";
    return fixes;
  };
  CHECK_THAT(text("on"), Catch::Contains("do not count: they are no sweep of all sets and ways"));
  CHECK_THAT(text("incomplete"), Catch::Contains("do not count: they are no sweep of all sets and ways"));
  CHECK_THAT(text("unsynchronised"), Catch::Contains("do not count: no dsb sy makes them complete"));
  CHECK_THAT(text("shared"), Catch::Contains("do not count: others share that level"));
  CHECK(text("whole").empty());
}

TEST_CASE("No copy outlives the power of every cache that could hold it", "[run][power]") {
  // `old`: a copy from before a store that went past the caches; `dirty`: the newest goes with them, and is found once.
  const auto document = test::parse(R"(
schema: 1
scenario: test/copies
platform: { preset: cortex-a53, cores: 1 }
memory: { log: { base: 0x4000_0000, size: 64 } }
mappings:
  wb: { stage1: { log: normal-wb } }
  off: { mmu: off, i: off, stage1: { log: normal-wb } }
agents:
  a: { core: 0, view: wb }
  b: { core: 0, view: off }
  c: { core: 0, view: wb }
program:
  c: |
    nop
  a: |
    mov x1, #5
    ldr x0, [log]
    [old,core,system,two] mov x9, #0
    [old,core,system,two] msr sctlr_el1, x9
    [old,core,system,two] isb
    str x1, [log]
    dsb sy
    [old,dirty,system,two] .poweroff cluster
    [core] .poweroff
    .poweron
    .handoff b
  b: |
    .await a
    [old,core,system,two] mov x9, #0x1005
    [old,core,system,two] msr sctlr_el1, x9
    [old,core,system,two] isb
    ldr x0, [log]
variants:
  old: {}
  dirty: { hazards: [ { id: SL203, agent: b } ] }
  core: { hazards: [ { id: SL102, agent: b } ] }
  system: { platform: { system: { bytes: 1 MiB, ways: 16 } }, hazards: [ { id: SL102, agent: b } ] }
  two: { platform: { cores: 2 }, agents: { c: { core: 1, view: wb } }, hazards: [ { id: SL102, agent: b } ] }
)");
  for (const char* variant : {"old", "dirty", "core", "system", "two"}) {
    INFO(variant);
    CHECK(run::run(document.variant(variant), {}).exit_code(false) == 0);
  }
}
