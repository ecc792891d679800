// SPDX-License-Identifier: Apache-2.0
// What a device can still reach when memory is taken from it: with its SMMU disabled, and before it has used anything.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using test::Found;
using test::found;

const std::string kPlatform = R"(
schema: 1
scenario: test/revoked
about: A page is taken from a device.
memory:
  buf:      { base: 0x8000_0000, size: 4 KiB }
  buf2:     { base: 0x8020_0000, size: 4 KiB }
  streams:  { base: 0x9000_0000, size: 1 KiB }
  contexts: { base: 0x9000_1000, size: 1 KiB }
  commands: { base: 0x9000_2000, size: 4 KiB }
  tables:   { base: 0x9001_0000, size: 64 KiB }
mappings:
  kernel: { stage1: { buf: normal-wb, buf2: normal-wb, streams: normal-wb, contexts: normal-wb, commands: normal-wb, tables: normal-wb } }
  domain:
    tables: { at: tables, asid: 1 }
    stage1: { buf: { attr: normal-wb, ng: on }, buf2: { attr: normal-wb, ng: on } }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 0, view: domain }
)";

const std::string kDisabled = kPlatform + R"(
program:
  cpu: |
    [late] .grant nic, buf
    .await nic.go
    ldr w1, =0x8010_0000
    [abort,enabled,late] str w1, [iommu.GBPA]
    [abort,late,bypass] str wzr, [iommu.CR0]
    poll: ldr w2, [iommu.CR0ACK]
    [abort,late,bypass] tbnz w2, #0, poll
    .revoke nic, buf
    mov x1, #4
    str x1, [buf]
  nic: |
    ldr x0, [buf]
    [abort,enabled,bypass] .publish go
    [late] ldr x0, [buf2]
    [late] .publish go
    [late] str x0, [buf]
    .delay 3000
variants:
  abort: {}
  bypass: {}
  enabled: {}
  late: {}
)";

const std::string kUnused = kPlatform + R"(
program:
  cpu: |
    ldp x7, x8, =CMD_SYNC()
    mov x3, #1
    [cut,cut-held] str x3, [streams]
    [cut,cut-held] dmb oshst
    [cut] ldp x5, x6, =CMD_CFGI_STE(nic, Leaf=1)
    [unmapped,not-waited,other,bare] str xzr, [pte(domain:buf)]
    dmb oshst
    [unmapped,not-waited] ldp x5, x6, =CMD_TLBI_NH_VA(domain:buf, Leaf=1)
    [other] ldp x5, x6, =CMD_TLBI_NH_VA(domain:buf2, Leaf=1)
    [mapped,bare,cut-held,off] ldp x5, x6, =CMD_SYNC()
    stp x5, x6, [commands]
    stp x7, x8, [commands+16]
    dmb oshst
    mov w9, #2
    str w9, [iommu.CMDQ_PROD]
    [unmapped,other,mapped,bare,cut,cut-held] .await iommu.sync
    .revoke nic, buf
    mov x1, #5
    str x1, [buf]
  nic: |
    .delay 4000
    [unmapped,other,not-waited,mapped,bare] ldr x0, [buf2]
variants:
  unmapped: {}
  not-waited: {}
  other: {}
  mapped: {}
  bare: {}
  cut: {}
  cut-held: {}
  off: { smmu: { iommu: { enabled: off } } }
)";

const Found kNone{}, kReached{"SL701 latent"};

}  // namespace

TEST_CASE("a device whose SMMU is disabled and aborts what it sends reaches nothing", "[run][smmu]") {
  CHECK(found(kDisabled, "abort") == kNone);
  CHECK(found(kDisabled, "bypass") == kReached);
  CHECK(found(kDisabled, "enabled") == kReached);
  CHECK_FALSE(found(kDisabled, "late") == kNone);  // nothing waits for what was translated before
}

TEST_CASE("an SMMU that is enabled may hold what maps a revoked page before its device uses any", "[run][smmu]") {
  for (const char* variant : {"unmapped", "cut", "off"}) {
    INFO(variant);
    CHECK(found(kUnused, variant) == kNone);
  }
  for (const char* variant : {"not-waited", "other", "mapped", "bare", "cut-held"}) {
    INFO(variant);
    CHECK(found(kUnused, variant) == kReached);
  }
}
