// SPDX-License-Identifier: Apache-2.0
// Loops that nothing ends: the run does, and says why.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using judge::HazardId;

const std::string kPoll = R"(
schema: 1
scenario: test/poll
about: A CPU polls what a device writes.
memory:
  flag: { base: 0x8000_0000, size: 64 }
agents:
  cpu: { core: 0 }
  nic: { device: non-coherent }
program:
  cpu: |2
          ldr  x0, [flag]
          .doorbell nic
    [fix] again: dc ivac, flag[..]
    [fix] dsb sy
    [fix] ldr x0, [flag]
    [fix] cbz x0, again
    [bug] poll: ldr x0, [flag]
    [bug] cbz x0, poll
    [stxr] mov x1, #1
    [stxr] retry: stxr w2, x1, [flag]
    [stxr] cbnz w2, retry
    [lost] mov x1, #1
    [lost] retry: ldxr x3, [flag]
    [lost] str x1, [flag+8]
    [lost] clrex
    [lost] stxr w2, x1, [flag]
    [lost] cbnz w2, retry
  nic: |
    .await cpu
    .fill flag, 0x22
variants:
  bug: { hazards: [ { id: SL608, agent: cpu } ] }
  stxr: { hazards: [ { id: SL608, agent: cpu } ] }
  lost: { hazards: [ { id: SL608, agent: cpu } ] }
  fix: {}
)";

// A guest's store to a page that stage 2 maps read-only; its hypervisor makes it writable, emulates it, or forgets to
// remove what the TLB holds.
const std::string kAbort = R"(
schema: 1
scenario: test/abort
memory:
  page: { base: 0x4000_0000, size: 4 KiB }
  s2: { base: 0xa000_0000, size: 64 KiB }
mappings:
  guest: { mmu: off, stage2: { tables: { at: s2, vmid: 3 }, page: { attr: normal-wb, ap: ro } } }
  kvm: { el: 2, stage1: { s2: normal-wb } }
agents:
  kvm: { core: 0, view: kvm }
  g: { core: 0, view: guest }
program:
  g: |2
          .await kvm.handoff
          ldr x0, [page]
          mov x2, #5000
    more: str x0, [page]
          subs x2, x2, #1
          b.ne more
          .publish done
  kvm: |2
          .handoff g
    loop: .await g.abort
    [emulated] mrs x3, elr_el2
    [emulated] add x3, x3, #4
    [emulated] msr elr_el2, x3
    [bug,fix] ldr x1, =s2desc(guest:page, normal-wb, rw)
    [bug,fix] str x1, [s2pte(guest:page)]
    [bug,fix] dsb ishst
    [fix] tlbi vmalls12e1is, guest
    [fix] dsb ish
    [bug,fix,emulated] .handoff g
    [bug,emulated] b loop
    [fix] .await g.done
variants:
  bug: { hazards: [ { id: SL608, agent: g } ] }
  fix: {}
  emulated: {}
)";

}  // namespace

TEST_CASE("a poll that hits an older copy for ever ends the run as no progress") {
  const auto r = run::run(test::parse(kPoll).variant("bug"), {});
  REQUIRE(r.hazards.size() == 1);
  CHECK(r.hazards[0].hazard.id == HazardId::NoProgress);
  CHECK(r.hazards[0].hazard.writer.line.value != 0);
  CHECK(r.limit == run::Limit::None);
  CHECK(r.exit_code(false) == 0);
  CHECK(r.exit_code(true) == 1);
  CHECK(run::run(test::parse(kPoll).variant("fix"), {}).hazards.empty());
}

TEST_CASE("an exclusive store that never succeeds ends its program as no progress") {
  for (const char* variant : {"stxr", "lost"}) {
    INFO(variant);
    const auto r = run::run(test::parse(kPoll).variant(variant), {});
    CHECK(r.missing.empty());
    CHECK(r.exit_code(false) == 0);
  }
}

TEST_CASE("a stage 2 fault that the hypervisor does not mend ends the run as no progress") {
  const auto r = run::run(test::parse(kAbort).variant("bug"), {});
  CHECK(r.missing.empty());
  CHECK(r.limit == run::Limit::None);
  CHECK(r.exit_code(false) == 0);
  CHECK(run::run(test::parse(kAbort).variant("fix"), {}).exit_code(true) == 0);
  const auto emulated = run::run(test::parse(kAbort).variant("emulated"), {});
  CHECK(emulated.hazards.empty());
  CHECK(emulated.limit == run::Limit::Deadlock);  // the hypervisor waits for another exit
}
