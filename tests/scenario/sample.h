// SPDX-License-Identifier: Apache-2.0
// One good scenario that uses every section, and ways to break it.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "staleline/scenario/scenario.h"

namespace staleline::scenario::test {

inline constexpr std::string_view kGood = R"(schema: 1
scenario: test/all-sections
about: Everything that
  a scenario may have.
source: nowhere
platform: cortex-a57
memory:
  ram:   { base: 0x4000_0000, size: 64 KiB }
  buf:   { at: ram+0x100, size: 256 }
  flags: { base: 0x8000_0000, size: 64 }
init:
  - { region: "buf[0..64]", bytes: [1, 2] }
  - { region: buf, bytes: 0xee, held: dirty, by: cpu }
mappings:
  host:
    always_live: true
    stage1: { ram: normal-wb, flags: { attr: device-ngnre, va: 0xffff_0000 } }
  guest:
    mmu: off
    stage2: { ram: { attr: normal-nc, sh: osh } }
    walk: { attr: normal-nc, sh: osh }
agents:
  cpu:   { core: 0, view: host }
  vcpu:  { core: 1, view: guest }
  nic:   { device: non-coherent }
program:
  cpu: |
          mov      x0, #0x11           // the first line is indented most
    send: str      x0, [buf]
    [fix] dc       cvac, buf[..]
    [fix] done: dsb sy
          .doorbell nic
          .handoff vcpu
          .await   nic
          ldr      w1, [flags]
  vcpu: |
    .await cpu
    ldr    x2, [buf+8]
  nic: |
    .await cpu
    .read  buf
    .complete
schedule:
  - { after: cpu.send, do: evict, at: "buf[64..128]", optional: true }
  - { after: nic, do: drain, by: cpu }
variants:
  bug:
    hazards:
      - { id: SL101, agent: vcpu, region: buf }
      - { id: SL101, agent: nic, region: buf, verdict: observed }
  fix: { hazards: [], redundant: [ { label: done, why: "A test." } ] }
  snoop: { agents: { nic: { device: io-coherent } } }
)";

/// `text` with the first `from` replaced; `from` must be there.
inline std::string edited(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  INFO("no `" << from << "` in the sample");
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

inline Document parsed(std::string text, std::string folder = ".") {
  return Document::parse("s.yaml", std::move(text), std::move(folder));
}

/// All diagnostics, one a line; empty where there are none.
inline std::string errors_of(const std::string& text) {
  try {
    parsed(text);
  } catch (const InputError& e) {
    REQUIRE_FALSE(e.diagnostics().empty());
    return e.what();
  }
  return "";
}

}  // namespace staleline::scenario::test
