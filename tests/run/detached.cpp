// SPDX-License-Identifier: Apache-2.0
// Tables that nothing names any more: of a PE with its MMU off, of a stream that goes to another domain. What TLBs have
// of them is gone with the maintenance after that, and they are memory as any other.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using test::Found;
using test::found;

const std::string kSwitchedOff = R"(
schema: 1
scenario: test/off
about: Other tables are named while the MMU is off.
memory:
  ram: { base: 0x4000_0000, size: 2 MiB }
  t: { base: 0x9000_0000, size: 64 KiB }
  t2: { base: 0x9001_0000, size: 64 KiB }
mappings:
  v: { tables: { at: t }, stage1: { ram: { attr: normal-wb, block: 2m } } }
  w: { tables: { at: t2 }, stage1: { ram: { attr: normal-nc, block: 2m } } }
agents:
  cpu: { core: 0, view: v }
  o: { core: 1, view: w }
program:
  cpu: |
    mrs x2, sctlr_el1
    mov x3, #1
    bic x3, x2, x3
    msr sctlr_el1, x3
    isb
    [cleared] tlbi vmalle1
    dsb nsh
    isb
    ldr x5, =0x9001_0000
    msr ttbr0_el1, x5
    isb
    msr sctlr_el1, x2
    isb
    ldr x0, [ram]
  o: |
    .delay 1
variants:
  cleared: {}
  kept: {}
)";

const std::string kDetached = R"(
schema: 1
scenario: test/detached
about: A page of tables that a stream had is used for something else.
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
    stage1: { buf: {attr: normal-wb, ng: on} }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 0, view: domain }
program:
  cpu: |
    [bypass] mov x3, #0x9
    [abort,kept] mov x3, #0x1
    [invalid] mov x3, #0x0
    str x3, [streams]
    dmb oshst
    ldp x7, x8, =CMD_SYNC()
    ldp x5, x6, =CMD_CFGI_ALL()
    stp x5, x6, [commands]
    stp x7, x8, [commands+16]
    dmb oshst
    mov w9, #2
    str w9, [iommu.CMDQ_PROD]
    .await iommu.sync
    ldp x5, x6, =CMD_TLBI_NSNH_ALL()
    [abort,invalid,bypass] stp x5, x6, [commands+32]
    [kept] stp x7, x8, [commands+32]
    stp x7, x8, [commands+48]
    dmb oshst
    mov w9, #4
    str w9, [iommu.CMDQ_PROD]
    .await iommu.sync
    ldr x1, =0x1313131313131313
    str x1, [pte(domain:buf, 2)]
  nic: |
    .delay 10
variants:
  abort: {}
  invalid: {}
  bypass: {}
  kept: {}
)";

const std::string kAttached = R"(
schema: 1
scenario: test/attach
about: A stream goes from one domain to another.
memory:
  buf:      { base: 0x8000_0000, size: 4 KiB }
  buf2:     { base: 0x8020_0000, size: 4 KiB }
  streams:  { base: 0x9000_0000, size: 1 KiB }
  contexts: { base: 0x9000_1000, size: 1 KiB }
  commands: { base: 0x9000_2000, size: 4 KiB }
  tables:   { base: 0x9001_0000, size: 64 KiB }
mappings:
  kernel: { stage1: { buf: normal-wb, buf2: normal-wb, streams: normal-wb, contexts: normal-wb, commands: normal-wb, tables: normal-wb } }
  A:
    tables: { at: tables, asid: 1 }
    stage1: { buf: {attr: normal-wb, ng: on, va: 0x9100_0000 } }
  B:
    tables: { at: tables, asid: 2 }
    stage1: { buf2: {attr: normal-wb, ng: on, va: 0x9100_0000 } }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 0, view: A }
  gpu: { device: io-coherent, smmu: iommu, stream: 1, view: B }
program:
  cpu: |
    .await nic.go
    ldp x7, x8, =CMD_SYNC()
    // new CD in place: V=0, rest, V=1  (arm_smmu_write_cd_entry)
    ldr x10, [contexts+64]
    ldr x11, [contexts+72]
    bic x12, x10, #0x80000000
    ldr x13, [contexts]
    bic x13, x13, #0x80000000
    [cd,kept] str x13, [contexts]
    dmb oshst
    ldp x5, x6, =CMD_CFGI_CD(nic, Leaf=1)
    stp x5, x6, [commands+0]
    stp x7, x8, [commands+16]
    dmb oshst
    mov w9, #2
    str w9, [iommu.CMDQ_PROD]
    .await iommu.sync
    [cd,kept] str x11, [contexts+8]
    [cd,kept] dmb oshst
    [cd,kept] str x10, [contexts]
    [ste] ldr x4, [streams+64]
    [ste] str x4, [streams]
    dmb oshst
    ldp x5, x6, =CMD_CFGI_STE(nic, Leaf=1)
    stp x5, x6, [commands+32]
    stp x7, x8, [commands+48]
    dmb oshst
    mov w9, #4
    str w9, [iommu.CMDQ_PROD]
    .await iommu.sync
    ldp x5, x6, =CMD_TLBI_NH_ASID(A)
    [cd,ste] stp x5, x6, [commands+64]
    [kept] stp x7, x8, [commands+64]
    stp x7, x8, [commands+80]
    dmb oshst
    mov w9, #6
    str w9, [iommu.CMDQ_PROD]
    .await iommu.sync
    .revoke nic, buf
    mov x1, #9
    str x1, [buf]
    .doorbell nic
  nic: |
    mov x9, #0x91000000
    ldr x0, [x9]
    .publish go
    .await cpu.doorbell
    ldr x0, [x9]
    .expect x0 == 0x2222_2222_2222_2222
  gpu: |
    .delay 1
variants:
  cd: {}
  ste: {}
  kept: {}
init:
  - { region: buf2, bytes: 0x22 }
)";

const std::string kUnused = R"(
schema: 1
scenario: test/unused
about: A page is taken from an agent that has not used it.
memory:
  k: { base: 0x4000_0000, size: 4 KiB }
  a: { base: 0x4100_0000, size: 4 KiB }
  t: { base: 0x9000_0000, size: 64 KiB }
mappings:
  v: { tables: { at: t }, stage1: { k: normal-wb, a: normal-wb, t: normal-wb } }
agents:
  os: { core: 0, view: v }
  u: { core: 1, view: v }
program:
  os: |
    .delay 2000
    str xzr, [pte(a)]
    dsb ishst
    [fix] tlbi vaae1is, a
    dsb ish
    .revoke u, a
    mov x1, #1
    str x1, [k]
  u: |
    .delay 4000
    ldr x0, [k]
variants:
  fix: {}
  bug: {}
)";

const std::string kDisabled = R"(
schema: 1
scenario: test/disabled
about: Tables are written anew while their SMMU is disabled.
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
    stage1: { buf: normal-wb }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
init:
  - { region: buf2, bytes: 0x22 }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 0, view: domain }
program:
  cpu: |
    mov w1, #8
    str w1, [iommu.CR0]        // SMMUEN off, queue on
    poll: ldr w2, [iommu.CR0ACK]
    tbnz w2, #0, poll
    ldp x7, x8, =CMD_SYNC()
    ldr x2, =desc(domain:buf2, normal-wb)
    str x2, [pte(domain:buf)]
    dmb oshst
    ldp x5, x6, =CMD_CFGI_ALL()
    stp x5, x6, [commands]
    [fix] ldp x5, x6, =CMD_TLBI_NSNH_ALL()
    [notlbi] mov x5, x7
    [notlbi] mov x6, x8
    stp x5, x6, [commands+16]
    stp x7, x8, [commands+32]
    dmb oshst
    mov w9, #3
    str w9, [iommu.CMDQ_PROD]
    .await iommu.sync
    mov w1, #9
    str w1, [iommu.CR0]
    .doorbell nic
  nic: |
    .await cpu
    ldr x0, [buf]
    .expect x0 == 0x2222_2222_2222_2222
variants:
  fix: {}
  notlbi: { }
)";

const Found kNone{};

}  // namespace

TEST_CASE("TLB maintenance with the MMU off counts for tables that a TTBR names no more only after it") {
  CHECK(found(kSwitchedOff, "cleared") == kNone);
  CHECK_FALSE(found(kSwitchedOff, "kept") == kNone);
}

TEST_CASE("tables of a stream that is detached, its TLB maintenance done, may be used for something else") {
  for (const char* variant : {"abort", "invalid", "bypass"}) {
    INFO(variant);
    CHECK(found(kDetached, variant) == kNone);
  }
  CHECK(found(kDetached, "kept") == Found{"SL602 latent"});
}

TEST_CASE("a stream that has another domain cannot reach what the one before maps") {
  CHECK(found(kAttached, "cd") == kNone);
  CHECK(found(kAttached, "ste") == kNone);
  CHECK_FALSE(found(kAttached, "kept") == kNone);
}

TEST_CASE("a revocation looks at the tables of an agent that has not used them") {
  CHECK(found(kUnused, "fix") == kNone);
  CHECK(found(kUnused, "bug") == Found{"SL701 latent"});
}

TEST_CASE(
    "a disabled SMMU walks nothing: its tables may be replaced, and TLB maintenance before it walks again counts") {
  CHECK(found(kDisabled, "fix") == kNone);
  CHECK(found(kDisabled, "notlbi") == Found{"SL602 latent", "SL104 latent"});
}
