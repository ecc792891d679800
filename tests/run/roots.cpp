// SPDX-License-Identifier: Apache-2.0
// Context switches on one PE, and translation controls that change while the MMU is on: what TLBs may go on with
// (DDI 0487 D8.13.1, D8.14.5).
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using test::Found;
using test::found;

const std::string kThreads = R"(
schema: 1
scenario: test/threads
memory:
  a:   { base: 0x4000_0000, size: 4 KiB }
  b:   { base: 0x4000_1000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 128 KiB }
mappings:
  one:
    tables: { at: tables, asid: 5 }
    stage1: { a: { attr: normal-wb, va: 0x1000, ng: on } }
  two:
    tables: { at: tables, asid: 5 }
    stage1: { b: { attr: normal-wb, va: 0x1000, ng: on } }
agents:
  t1: { core: 0, view: one }
  t2: { core: 0, view: two }
program:
  t1: |2
      ldr x0, [a]
      [early] mov x9, #0
      [early] movk x9, #5, lsl 48
      [early] tlbi aside1, x9
      [early] dsb nsh
      .handoff t2
  t2: |2
      .await t1
      [fix,fix-va] mov x9, #0
      [fix] movk x9, #5, lsl 48
      [fix] tlbi aside1, x9
      [fix-va] tlbi vaae1, b[..]
      [fix,fix-va] dsb nsh
      ldr x0, [b]
variants:
  bug: {}
  early: {}
  fix: {}
  fix-va: {}
  other-asid: { mappings: { two: { tables: { asid: 6 } } } }
  other-pe: { agents: { t2: { core: 1 } } }
  global: { mappings: { one: { stage1: { a: { ng: off } } }, two: { tables: { asid: 6 } } } }
  neighbour: { mappings: { two: { stage1: { b: { va: 0x2000 } } } } }
)";

const std::string kGuests = R"(
schema: 1
scenario: test/guests
memory:
  ram:   { base: 0x4000_0000, size: 4 KiB }
  other: { base: 0x4000_1000, size: 4 KiB }
  stage2: { base: 0xa000_0000, size: 128 KiB }
mappings:
  host: { el: 2, stage1: { ram: normal-wb, other: normal-wb, stage2: normal-wb } }
  one:
    mmu: off
    stage2: { tables: { at: stage2, vmid: 3 }, ram: { attr: normal-wb, ipa: 0x1000 } }
  two:
    mmu: off
    stage2: { tables: { at: stage2, vmid: 3 }, other: { attr: normal-wb, ipa: 0x1000 } }
agents:
  hyp: { core: 0, view: host }
  g1: { core: 0, view: one }
  g2: { core: 0, view: two }
program:
  hyp: |2
      .handoff g1
      .await g1
      [fix] tlbi vmalls12e1is, two
      [fix] dsb ish
      [stage1] tlbi vmalle1is, two
      [stage1] dsb ish
      .handoff g2
  g1: |2
      .await hyp
      mov x1, #0x1000
      ldr x0, [x1]
      .handoff hyp
  g2: |2
      .await hyp
      mov x1, #0x1000
      ldr x0, [x1]
variants:
  bug: {}
  fix: {}
  stage1: {}
  other-vmid: { mappings: { two: { stage2: { tables: { vmid: 4 } } } } }
  same: { mappings: { two: { stage2: { other: { ipa: 0x2000 }, ram: { attr: normal-wb, ipa: 0x1000 } } } } }
)";

const std::string kControls = R"(
schema: 1
scenario: test/controls
memory:
  page:   { base: 0x4000_0000, size: 4 KiB }
  uncached: { base: 0x4000_1000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  kernel:
    tables: { at: tables }
    stage1: { page: normal-wb, uncached: normal-nc }
agents:
  cpu: { core: 0 }
program:
  cpu: |2
      ldr x0, [page]
      ldr x0, [uncached]
      mov x2, #40
      mrs x1, mair_el1
      [mair,mair-fix,mair-other] eor x1, x1, #0xff00
      [mair,mair-fix,mair-other] msr mair_el1, x1
      mrs x1, tcr_el1
      [epd] orr x1, x1, #0x80
      [t0sz,t0sz-fix] bfi x1, x2, #0, #6
      [tg0] orr x1, x1, #0x4000
      [t0sz-smaller] add x1, x1, #1
      [walks,walks-c] bic x1, x1, #0xf00
      [ips] bic x1, x1, #0x7_0000_0000
      [upper] bic x1, x1, #0x3f0000
      [epd,t0sz,t0sz-fix,t0sz-smaller,tg0,walks,walks-c,ips,upper] msr tcr_el1, x1
      [walks-c] mrs x1, sctlr_el1
      [walks-c] bic x1, x1, #4    // counts for every access anew
      [walks-c] msr sctlr_el1, x1
      isb
      [mair-fix,t0sz-fix] tlbi vmalle1
      [mair-fix,t0sz-fix] dsb nsh
      [mair-fix,t0sz-fix] isb
      [mair,mair-fix] ldr x0, [uncached]
      [mair-other,epd,t0sz,t0sz-fix,t0sz-smaller,tg0,walks,walks-c,ips,upper] ldr x0, [page]
variants:
  mair: {}
  mair-fix: {}
  mair-other: {}
  epd: {}
  t0sz: {}
  t0sz-fix: {}
  t0sz-smaller: {}
  tg0: {}
  walks: {}
  walks-c: {}
  ips: {}
  upper: {}
)";

// Stage 2 alone: its guest has stage 1 off.
const std::string kStage1Off = R"(
schema: 1
scenario: test/stage1-off
memory:
  ram:   { base: 0x4000_0000, size: 4 KiB }
  stage2: { base: 0xa000_0000, size: 128 KiB }
mappings:
  host: { el: 2, stage1: { ram: normal-wb, stage2: normal-wb } }
  one:
    mmu: off
    stage2: { tables: { at: stage2, vmid: 3 }, ram: { attr: normal-wb, ipa: 0x1000 } }
agents:
  hyp: { core: 0, view: host }
  g1: { core: 0, view: one }
program:
  hyp: |2
      .handoff g1
      .await g1
      ldr x1, [s2pte(one:ram)]
      mov x3, #0x3c
      bic x2, x1, x3
      mov x3, #0x14               // Non-cacheable
      orr x2, x2, x3
      str xzr, [s2pte(one:ram)]
      dsb ishst
      [ipa,both] tlbi ipas2e1is, one:ram
      [ipa,both] dsb ish
      [both] tlbi vmalle1is, one
      [all] tlbi vmalls12e1is, one
      dsb ish
      str x2, [s2pte(one:ram)]
      dsb ish
      .handoff g1
  g1: |2
      .await hyp
      mov x1, #0x1000
      ldr x0, [x1]
      .handoff hyp
      .await hyp
      ldr x0, [x1]
variants:
  ipa: {}
  both: {}
  all: {}
)";

const Found kNone{}, kObserved{"SL104 observed"}, kLatent{"SL104 latent"};

}  // namespace

TEST_CASE(
    "a thread with the ASID of another, or where that left global entries, needs TLB maintenance behind the switch") {
  CHECK(found(kThreads, "bug") == kObserved);
  CHECK(found(kThreads, "global") == kObserved);
  CHECK(found(kThreads, "neighbour") == kObserved);  // by a walk cache
  CHECK(found(kThreads, "early") == kLatent);        // a walk may read the older tables until they are gone
  for (const char* variant : {"fix", "fix-va", "other-asid", "other-pe"}) {
    INFO(variant);
    CHECK(found(kThreads, variant) == kNone);
  }
}

TEST_CASE("a VMID that another guest had needs maintenance of both stages") {
  CHECK(found(kGuests, "bug") == kObserved);
  CHECK(found(kGuests, "stage1") == kLatent);
  for (const char* variant : {"fix", "other-vmid", "same"}) {
    INFO(variant);
    CHECK(found(kGuests, variant) == kNone);
  }
}

TEST_CASE("memory attributes and disabled halves that change with the MMU on leave older entries") {
  CHECK(found(kControls, "mair") == kObserved);
  CHECK(found(kControls, "mair-fix") == kNone);
  CHECK(found(kControls, "mair-other") == kNone);
  CHECK(found(kControls, "epd") == kObserved);
}

TEST_CASE("the fix for a register of translation ends with an isb") {
  for (const auto& [text, variant] : {std::pair{&kControls, "mair"}, {&kControls, "t0sz"}, {&kThreads, "bug"}}) {
    INFO(variant);
    const auto all = test::hazards(*text, variant);
    REQUIRE(all.size() == 1);
    const auto& fixes = all[0].hazard.fixes;
    REQUIRE(fixes.size() == 3);
    CHECK(fixes[0].operation == "tlbi vmalle1");
    CHECK(fixes[1].operation == "dsb ish");
    CHECK(fixes[2].operation == "isb");
  }
}

TEST_CASE("a TCR that translates otherwise leaves older entries") {
  CHECK(found(kControls, "t0sz") == kObserved);
  CHECK(found(kControls, "tg0") == kObserved);
  CHECK(found(kControls, "t0sz-fix") == Found{"SL604 observed"});
  // The same tables for a smaller space that the page is in, walks past the caches, sizes that nothing reaches, the
  // other half.
  for (const char* variant : {"walks", "walks-c", "ips", "upper", "t0sz-smaller"}) {
    INFO(variant);
    CHECK(found(kControls, variant) == kNone);
  }
}

TEST_CASE("maintenance of stage 2 by IPA is not enough alone, and not where stage 1 is off either") {
  CHECK_FALSE(found(kStage1Off, "ipa") == kNone);
  CHECK(found(kStage1Off, "both") == kNone);
  CHECK(found(kStage1Off, "all") == kNone);
}