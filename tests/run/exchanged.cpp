// SPDX-License-Identifier: Apache-2.0
// A kernel that puts a NOP in place of a branch in the code that it executes, as Linux does when it applies its
// alternatives: the branch may still be executed, until the change is complete.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using test::Found;

const std::string kAlternatives = R"(
schema: 1
scenario: test/alternatives
memory:
  code: { base: 0x4000_0000, size: 64 }
agents:
  kernel: { core: 0 }
program:
  kernel: |
      [completed,left] ldr w1, =0x1400_0038 // b .+0xe0
      [another] ldr w1, =0xaa1e_03e9   // mov x9, x30
      str      w1, [code]
      dc       cvau, code
      dsb      ish
      ic       ialluis
      dsb      ish
      isb
      .fetch   x0, [code]              // executed before
      ldr      w2, =0xd503_201f        // nop
      str      w2, [code]
      dc       civac, code
      dsb      ish
      .fetch   x3, [code]              // on the way to the next line
      [completed,another] ic ialluis
      [completed,another] dsb ish
      [completed,another] isb
      .fetch   x4, [code]
variants:
  completed: {}
  left: {}
  another: {}
)";

Found found(const std::string& variant) { return test::found(kAlternatives, variant); }

}  // namespace

TEST_CASE("a branch that its own agent makes a NOP may be executed until that is complete, and is told of in a note") {
  CHECK(found("completed") == Found{"SL103 note"});
}

TEST_CASE("a change that is not completed, or of another instruction, is stale as ever") {
  CHECK(found("left") == Found{"SL103 observed", "SL103 observed"});
  CHECK(found("another") == Found{"SL103 observed"});
}
