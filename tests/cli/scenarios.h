// SPDX-License-Identifier: Apache-2.0
// Small scenarios that the end-to-end tests run.
#pragma once

namespace staleline::test {

/// Variants `bug` (declared SL101), `undeclared` (the same, not declared), `fix`.
inline constexpr const char* kStale = R"(schema: 1
scenario: test/stale
about: A dirty line and a reader of memory.
platform: cortex-a57
memory:
  image: { base: 0x4000_0000, size: 64 }
mappings:
  host: { stage1: { image: normal-wb } }
  guest: { mmu: off, stage1: { image: normal-wb } }
agents:
  vmm: { core: 0, view: host }
  guest: { core: 1, view: guest }
program:
  vmm: |
          mov      x0, #0x11
          str      x0, [image]
    [fix] dc       cvac, image[..]
    [fix] dsb      sy
          .handoff guest
  guest: |
          .await   vmm
          ldr      x0, [image]
variants:
  bug: { hazards: [ { id: SL101, agent: guest, region: image } ] }
  undeclared: { hazards: [] }
  fix: { hazards: [] }
)";

/// One agent, no hazard; `EXPECT` is compared with 5.
inline constexpr const char* kQuiet = R"(schema: 1
scenario: test/quiet
about: One agent reads what it wrote.
memory:
  data: { base: 0x4000_0000, size: 64 }
agents:
  cpu: { core: 0 }
program:
  cpu: |
          mov      x0, #5
          str      x0, [data]
          ldr      x1, [data]
          .expect  x1 == 5
variants:
  silent: { hazards: [] }
  wrong-guess: { hazards: [ { id: SL101, agent: cpu, region: data } ] }
)";

inline constexpr const char* kFailedExpect = R"(schema: 1
scenario: test/expect
about: An expectation that is wrong.
memory:
  data: { base: 0x4000_0000, size: 64 }
agents:
  cpu: { core: 0 }
program:
  cpu: |
          mov      x0, #5
          .expect  x0 == 6
variants:
  silent: { hazards: [] }
)";

/// Never ends.
inline constexpr const char* kEndless = R"(schema: 1
scenario: test/endless
about: A loop.
memory:
  data: { base: 0x4000_0000, size: 64 }
agents:
  cpu: { core: 0 }
program:
  cpu: |
    top:  ldr      x0, [data]
          b        top
variants:
  silent: { hazards: [] }
)";

inline constexpr const char* kBroken = R"(schema: 1
scenario: test/broken
about: A misspelled key.
sedule: []
memory:
  data: { base: 0x4000_0000, size: 64 }
agents:
  cpu: { core: 0 }
program:
  cpu: |
          nop
variants:
  silent: { hazards: [] }
)";

}  // namespace staleline::test
