// SPDX-License-Identifier: Apache-2.0
// Placed and random fills of TLBs: the same hazards, and bytes that show them where the old entry was there in time.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "load.h"

namespace {

using namespace staleline;
using judge::HazardId;
using judge::Verdict;

scenario::Document document(const std::string& schedule) {
  return test::parse(R"(
schema: 1
scenario: test/tlbfill
about: A page moves; the fix breaks before it makes.
memory:
  old:    { base: 0x4000_0000, size: 4 KiB }
  new:    { base: 0x4001_0000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
init:
  - { region: old, bytes: 0x11 }
  - { region: new, bytes: 0x22 }
mappings:
  kernel:
    tables: { at: tables }
    stage1: { old: normal-wb, new: normal-wb }
agents:
  cpu: { core: 0 }
program:
  cpu: |
    nop
    ldr x1, =desc(new, normal-wb)
    first: nop
    .delay 300
    str xzr, [pte(old)]
    [fix] dsb ishst
    [fix] tlbi vae1is, old
    [fix] dsb ish
    made: str x1, [pte(old)]
    dsb ishst
    isb
    ldr x0, [old]
    [fix] .expect x0 == 0x2222_2222_2222_2222
variants:
  bug: { hazards: [ { id: SL104, agent: cpu }, { id: SL602, agent: cpu } ] }
  fix: {}
)" + schedule);
}

std::optional<Verdict> verdict(const run::Result& r) {
  for (const auto& h : r.hazards) {
    if (h.hazard.id == HazardId::StaleWalk) return h.hazard.verdict;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("An entry that was filled before the change is used after it", "[run][tlbfill]") {
  const auto early = document("schedule: [ { after: cpu.first, do: tlbfill, at: old } ]\n");
  const auto late = document("schedule: [ { after: cpu.made, do: tlbfill, at: new } ]\n");
  for (const auto* d : {&early, &late}) {
    const auto bug = run::run(d->variant("bug"), {}), fix = run::run(d->variant("fix"), {});
    CHECK(bug.exit_code(false) == 0);
    CHECK(verdict(bug) == (d == &early ? Verdict::Observed : Verdict::Latent));
    CHECK(fix.exit_code(false) == 0);
  }
}

TEST_CASE("Random fills of TLBs change no set of hazards", "[run][tlbfill]") {
  const auto d = document("");
  bool observed = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    run::Options options;
    options.seed = seed;
    options.adversary = 100;
    INFO("seed " << seed);
    const auto bug = run::run(d.variant("bug"), options);
    CHECK(bug.exit_code(false) == 0);
    observed = observed || verdict(bug) == Verdict::Observed;
    CHECK(run::run(d.variant("fix"), options).exit_code(false) == 0);
  }
  CHECK(observed);
}
