// SPDX-License-Identifier: Apache-2.0
// System registers of translation that are written, and accesses that rely on them before context synchronisation
// (DDI 0487 D19.1.2).
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using test::Found;
using test::found;
using test::hazards;

// Two sets of tables for one PE: page 0x1000 is another memory in each, 0x2000 the same.
const std::string kRoots = R"(
schema: 1
scenario: test/roots
memory:
  a: { base: 0x4000_0000, size: 4 KiB }
  b: { base: 0x4000_1000, size: 4 KiB }
  same: { base: 0x4000_2000, size: 4 KiB }
  t1: { base: 0x9000_0000, size: 64 KiB }
  t2: { base: 0x9001_0000, size: 64 KiB }
mappings:
  one:
    tables: { at: t1, asid: 5 }
    stage1:
      a: { attr: normal-wb, va: 0x1000, ng: on }
      same: { attr: normal-wb, va: 0x2000, ng: on }
      b: { attr: normal-wb, va: 0xffff_0000_0000_1000, ng: on }
  two:
    tables: { at: t2, asid: 7 }
    stage1:
      b: { attr: normal-wb, va: 0x1000, ng: on }
      same: { attr: normal-wb, va: 0x2000, ng: on }
agents:
  other: { core: 0, view: two }
  cpu: { core: 0, view: one }
program:
  other: |2
      mrs x1, ttbr0_el1
      .expect x1 == 0x7000090010000
      .handoff cpu
  cpu: |2
      .await other
      mov x2, #0
      movk x2, #0x9001, lsl 16
      movk x2, #6, lsl 48
      [asid] mrs x2, ttbr0_el1
      [asid] mov x3, #6
      [asid] bfi x2, x3, #48, #16
      [upper] mrs x2, ttbr1_el1
      [upper] add x2, x2, #0x1000
      mov x1, #0x1000
      [same] mov x1, #0x2000
      [upper,asid,data,same,back,fetch,clean,at,isb] mrs x4, ttbr0_el1
      [upper] msr ttbr1_el1, x2
      [asid,data,same,back,fetch,clean,at,isb] msr ttbr0_el1, x2
      [back] msr ttbr0_el1, x4
      [isb] isb
      [data,same,asid,upper,back] ldr x0, [x1]
      [isb] mov x1, #0x2000
      [isb] ldr x0, [x1]
      [fetch] .fetch x0, [x1]
      [clean] dc cvac, x1
      [at] at s1e1r, x1
      isb
variants:
  data: {}
  same: {}
  asid: {}
  upper: {}
  back: {}
  fetch: {}
  clean: {}
  at: {}
  isb: {}
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
    stage1: { page: { attr: normal-wb }, uncached: normal-nc }
  declared: { stage1: { page: normal-wb, uncached: normal-nc } }
agents:
  cpu: { core: 0, view: kernel }
program:
  cpu: |2
      [mair,mair-other] mrs x1, mair_el1
      [mair,mair-other] eor x1, x1, #0xff00
      [mair,mair-other] msr mair_el1, x1
      [epd] mrs x1, tcr_el1
      [epd] orr x1, x1, #0x80
      [epd] msr tcr_el1, x1
      [wxn,wxn-load,wxn-store] mrs x1, sctlr_el1
      [wxn,wxn-load,wxn-store] orr x1, x1, #0x80000
      [wxn,wxn-load,wxn-store] msr sctlr_el1, x1
      [c,c-clean,c-fetch,c-other,c-declared,c-declared-fetch] mrs x1, sctlr_el1
      [c,c-clean,c-fetch,c-other,c-declared,c-declared-fetch] bic x1, x1, #4
      [c,c-clean,c-fetch,c-other,c-declared,c-declared-fetch] msr sctlr_el1, x1
      [m,m-fetch,m-declared] mrs x1, sctlr_el1
      [m,m-fetch,m-declared] bic x1, x1, #1
      [m,m-fetch,m-declared] msr sctlr_el1, x1
      [contextidr] msr contextidr_el1, x1
      [mair,c-other] ldr x0, [uncached]
      [epd,mair-other,c,m,wxn-load,c-declared,m-declared,contextidr] ldr x0, [page]
      [wxn-store] str x0, [page]
      [wxn,c-fetch,m-fetch,c-declared-fetch] .fetch x0, [page]
      [c-clean] dc cvac, page[..]
      isb
variants:
  mair: {}
  mair-other: {}
  epd: {}
  wxn: {}
  wxn-load: {}
  wxn-store: {}
  c: {}
  c-other: {}
  c-clean: {}
  c-fetch: {}
  m: {}
  m-fetch: {}
  contextidr: {}
  c-declared: { agents: { cpu: { view: declared } } }
  c-declared-fetch: { agents: { cpu: { view: declared } } }
  m-declared: { agents: { cpu: { view: declared } } }
)";

const std::string kPar = R"(
schema: 1
scenario: test/par
memory:
  page:   { base: 0x4000_0000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  kernel:
    tables: { at: tables }
    stage1: { page: normal-wb }
  declared: { stage1: { page: normal-wb } }
agents:
  cpu: { core: 0, view: kernel }
program:
  cpu: |2
      at s1e1r, page
      [isb] isb
      [written] msr par_el1, xzr
      mrs x0, par_el1
      mrs x0, par_el1
variants:
  bug: {}
  isb: {}
  written: {}
  declared: { agents: { cpu: { view: declared } } }
)";

const std::string kVmid = R"(
schema: 1
scenario: test/vmid
memory:
  page: { base: 0x4000_0000, size: 4 KiB }
mappings:
  host: { el: 2, stage1: { page: normal-wb } }
agents:
  host: { core: 0, view: host }
program:
  host: |2
      mov x1, #0x1000
      [bug,isb,all] movk x1, #3, lsl 48
      msr vttbr_el2, x1
      [isb] isb
      [bug,isb,same] tlbi vmalls12e1is
      [all] tlbi alle1is
      dsb ish
variants:
  bug: {}
  isb: {}
  all: {}
  same: {}
)";

const Found kNone{}, kObserved{"SL302 observed"}, kLatent{"SL302 latent"};

}  // namespace

TEST_CASE("other tables are named, and an access that they translate otherwise needs an ISB before it") {
  CHECK(found(kRoots, "data") == kObserved);
  CHECK(found(kRoots, "fetch") == kLatent);
  CHECK(found(kRoots, "clean") == kLatent);
  CHECK(found(kRoots, "at") == kLatent);
  for (const char* variant : {"same", "asid", "upper", "back", "isb"}) {
    INFO(variant);
    CHECK(found(kRoots, variant) == kNone);
  }
}

TEST_CASE("controls of translation count for accesses that they make others, before an ISB") {
  for (const char* variant : {"epd", "m", "m-declared"}) {
    INFO(variant);
    const Found all = found(kControls, variant);
    REQUIRE_FALSE(all.empty());
    CHECK(all.front() == (std::string(variant) == "epd" ? "SL302 observed" : "SL302 latent"));
  }
  for (const char* variant : {"mair", "wxn", "c", "c-declared"}) {
    INFO(variant);
    CHECK(found(kControls, variant) == kLatent);
  }
  for (const char* variant : {"mair-other", "wxn-load", "wxn-store", "c-other", "c-clean", "c-fetch", "m-fetch",
                              "c-declared-fetch", "contextidr"}) {
    INFO(variant);
    CHECK(found(kControls, variant) == kNone);
  }
}

TEST_CASE("what AT found is there after context synchronisation") {
  CHECK(found(kPar, "bug") == Found{"SL302 latent", "SL302 latent"});
  CHECK(found(kPar, "declared") == Found{"SL302 latent", "SL302 latent"});
  CHECK(found(kPar, "isb") == kNone);
  CHECK(found(kPar, "written") == kNone);
}

TEST_CASE("TLB maintenance takes the VMID that is in force") {
  CHECK(found(kVmid, "bug") == kLatent);
  for (const char* variant : {"isb", "all", "same"}) {
    INFO(variant);
    CHECK(found(kVmid, variant) == kNone);
  }
}

TEST_CASE("the fix is an ISB behind the last write") {
  for (const auto& [text, variant] : {std::pair{kRoots, "data"}, std::pair{kPar, "bug"}, std::pair{kControls, "c"}}) {
    const auto all = hazards(text, variant);
    REQUIRE_FALSE(all.empty());
    const auto& h = all.front().hazard;
    REQUIRE(h.fixes.size() == 1);
    CHECK(h.fixes.front().operation == "isb");
    CHECK(h.fixes.front().after == h.writer.line);
    CHECK(h.writer.line < h.line);
  }
}
