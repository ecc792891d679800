// SPDX-License-Identifier: Apache-2.0
// Faults that an older descriptor explains and a handler mends: the access is made again, and nothing is wrong.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using test::Found;

const std::string kSpurious = R"(
schema: 1
scenario: test/spurious
platform: { preset: cortex-a57, ets2: false }
memory:
  warm:   { base: 0x4000_1000, size: 4 KiB }
  page:   { base: 0x4000_0000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  kernel:
    tables: { at: tables }
    stage1: { warm: normal-wb, page: { attr: normal-wb, valid: off } }
agents:
  cpu: { core: 0 }
program:
  cpu: |2
      [mended,skipped,made] .vector handler
      ldr x5, [warm]
      adr x3, pte(page)
      ldr x4, [x3]
      [mended,skipped,none] ldr x1, =desc(page, rw)
      [mended,skipped,none] str x1, [pte(page)]
      access: ldr x0, [page]
      b end
    handler:
      [made] ldr x1, =desc(page, rw)
      [made] str x1, [pte(page)]
      [skipped] mrs x2, elr_el1
      [skipped] add x2, x2, #4
      [skipped] msr elr_el1, x2
      [mended] dsb ish
      eret
    end: nop
variants:
  mended: {}
  skipped: {}
  made: {}
  none: {}
)";

Found found(const std::string& variant) { return test::found(kSpurious, variant); }

}  // namespace

TEST_CASE("a spurious fault is no hazard where the access is made again, and is one where it is not") {
  CHECK(found("mended").empty());
  CHECK(found("made").empty());  // at worst it faults once more
  CHECK(found("skipped") == Found{"SL104 observed"});
  CHECK(found("none") == Found{"SL104 observed"});
}
