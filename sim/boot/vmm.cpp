// SPDX-License-Identifier: Apache-2.0
// The programs of VMMs: a copy with and without maintenance, and a hypervisor that maps pages when they are touched.
#include "vmm.h"

#include <fmt/format.h>

namespace staleline::boot {

namespace {

constexpr std::uint64_t kHcrTsw = 1 << 22, kHcrTvm = 1 << 26;

// Stage 2 tables of 4KB pages: four concatenated tables of level 2, then what `next` links. Registers that last:
// x19 HCR_EL2, x20 the root, x26 and x27 begin and end of the list of mapped pages, x28 the next free table.
constexpr std::string_view kBegin = R"(      ldr      x20, =stage2
      ldr      x28, =pool
      ldr      x26, =mapped
      mov      x27, x26
      ldr      x19, =HCR
      msr      hcr_el2, x19
      isb
)";

constexpr std::string_view kEnter = R"(    enter: .handoff guest
      .await   guest.abort
)";

// The same where a hypervisor runs on each of several PEs: x25 has a lock and what x27 and x28 are without it.
constexpr std::string_view kShare = R"(      ldr      x25, =shared
)";
constexpr std::string_view kFirst = R"(      stp      x27, x28, [x25, #16]
)";
constexpr std::string_view kEnterShared = R"(      b        again
    enter: stp x27, x28, [x25, #16]
      stlr     xzr, [x25]
    again: .handoff guest
      .await   guest.abort
      mov      x0, #1
    lock: ldaxr x1, [x25]
      cbnz     x1, lock
      stxr     w1, x0, [x25]
      cbnz     w1, lock
      ldp      x27, x28, [x25, #16]
)";

constexpr std::string_view kAbort = R"(      mrs      x0, esr_el2
      lsr      x1, x0, #26
      cmp      x1, #0x18
      b.eq     trap
      mrs      x1, hpfar_el2
      lsr      x1, x1, #4
      lsl      x1, x1, #12               // the IPA, which is the PA
      mov      x2, x20
      lsr      x3, x1, #21               // level 2: 32 bits of IPA begin there
      bl       next
      ubfx     x3, x1, #12, #9
      add      x4, x2, x3, lsl #3
      mov      x6, #0x6c7                // Device-nGnRE, where there is no memory
      lsr      x3, x1, #26
      cbz      x3, memory                // ROM
      lsr      x3, x1, #29
      cmp      x3, #2                    // RAM
      b.ne     make
    memory: mov x6, #LEAF
      str      x1, [x27], #8
)";

constexpr std::string_view kClean = R"(      mov      x7, x1
      add      x8, x1, #0x1000
    clean: dc  civac, x7
      add      x7, x7, #64
      cmp      x7, x8
      b.lo     clean
      dsb      sy
)";

constexpr std::string_view kMake = R"(      mov      x7, x1
      add      x8, x1, #0x1000
    inval: ic  ivau, x7
      add      x7, x7, #64
      cmp      x7, x8
      b.lo     inval
      dsb      ish
    make: orr  x5, x1, x6
      str      x5, [x4]
      dsb      ishst
      b        enter
    next: add  x4, x2, x3, lsl #3        // x2: the table that entry x3 of table x2 links
      ldr      x5, [x4]
      tbnz     x5, #0, linked
      orr      x5, x28, #3
      add      x28, x28, #0x1000
      str      x5, [x4]
    linked: and x2, x5, #0xfffffffff000
      ret
    trap: ubfx x1, x0, #20, #2           // op0: 1 is a maintenance operation
      cmp      x1, #1
      b.eq     setway
      mrs      x1, sctlr_el1
      .emulate
      mrs      x2, sctlr_el1
      mov      x3, #5                    // M and C
      and      x1, x1, x3
      cmp      x1, x3
      cset     x1, eq
      and      x2, x2, x3
      cmp      x2, x3
      cset     x2, eq
      cmp      x1, x2
      b.eq     enter
)";

constexpr std::string_view kTraps = R"(      cbz      x2, enter
      and      x19, x19, #0xfffffffffbffffff   // TVM: it has its caches on
      msr      hcr_el2, x19
      isb
      b        enter
    setway: mrs x3, elr_el2
      add      x3, x3, #4
      msr      elr_el2, x3
)";

constexpr std::string_view kSetWay = R"(      tbnz     x19, #26, enter
      bl       flush
      orr      x19, x19, #0x4000000
      msr      hcr_el2, x19
      isb
)";

constexpr std::string_view kFlush = R"(      b        enter
    flush: mov x9, x26                   // every page that is mapped
    page: cmp  x9, x27
      b.eq     flushed
      ldr      x7, [x9], #8
      add      x8, x7, #0x1000
    line: dc   civac, x7
      add      x7, x7, #64
      cmp      x7, x8
      b.lo     line
      b        page
    flushed: dsb sy
      ret
)";

std::string with(std::string_view text, std::string_view word, const std::string& by) {
  std::string out(text);
  out.replace(out.find(word), word.size(), by);
  return out;
}

std::string name_of_cpu(unsigned cpu) { return cpu == 0 ? "guest" : fmt::format("cpu{}", cpu); }
/// A hypervisor runs on each PE of the guest.
std::string name_of_vmm(unsigned cpu) { return cpu == 0 ? "vmm" : fmt::format("vmm{}", cpu); }

/// The hypervisor of the guest's CPU number `cpu`.
std::string kvm_program(const Vmm& vmm, unsigned cpu, unsigned cpus) {
  // Set and way operations, and registers of virtual memory until the caches are on: with FWB there is no need.
  const std::uint64_t hcr = (vmm.setway_trap ? kHcrTsw : 0) | (vmm.fwb ? 0 : kHcrTvm);
  // AF, Inner Shareable, read and write, Write-Back; with FWB the same is MemAttr 0b0110 (DDI 0487 D8.6).
  constexpr std::uint64_t kLeaf = 0x7c3, kWriteBack = 0xf << 2, kForced = 6 << 2;
  std::string out = with(kBegin, "HCR", fmt::format("{:#x}", hcr));
  if (cpus > 1) out += kShare;
  if (cpus > 1 && cpu == 0) out += kFirst;
  const std::string guest = name_of_cpu(cpu);
  out += with(with(cpus > 1 ? kEnterShared : kEnter, "guest", guest), "guest.", guest + ".");
  out += with(kAbort, "LEAF", fmt::format("{:#x}", kLeaf | (vmm.fwb ? kForced : kWriteBack)));
  if (!vmm.fwb) out += kClean;
  out += kMake;
  if (vmm.toggle_flush) out += "      bl       flush\n";
  out += kTraps;
  if (!vmm.fwb) out += kSetWay;
  return out + std::string(kFlush);
}

}  // namespace

std::string name_of(const Vmm& vmm) {
  std::string out(kVmms[static_cast<std::size_t>(vmm.kind)]);
  if (vmm.fwb) out += ",fwb=on";
  if (!vmm.toggle_flush) out += ",toggle-flush=off";
  if (!vmm.setway_trap) out += ",setway-trap=off";
  return out;
}

std::string memory_of(const Vmm& vmm, unsigned cpus) {
  if (vmm.kind != Vmm::Kind::Kvm) return {};
  std::string out =
      "  stage2: { base: 0x1_0000_0000, size: 64 KiB }\n"
      "  pool:   { base: 0x1_0100_0000, size: 4 MiB }\n"
      "  mapped: { base: 0x1_0200_0000, size: 4 MiB }\n";
  if (cpus > 1) out += "  shared: { base: 0x1_0300_0000, size: 64 }\n";
  return out;
}

std::string views_of(const Vmm& vmm, unsigned cpus) {
  const bool kvm = vmm.kind == Vmm::Kind::Kvm;
  std::string out;
  if (kvm) {
    out += fmt::format(
        "  host:\n    el: 2\n    i: off\n    always_live: true\n"
        "    stage1: {{ rom: normal-wb, ram: normal-wb, stage2: normal-wb, pool: normal-wb, mapped: normal-wb{} }}\n",
        cpus > 1 ? ", shared: normal-wb" : "");
  } else if (vmm.kind != Vmm::Kind::None) {
    out += "  host:  { always_live: true, i: off, stage1: { rom: normal-wb, ram: normal-wb } }\n";
  }
  if (!kvm) return out + "  guest: { mmu: off, i: off }\n";
  out +=
      "  guest:\n    mmu: off\n    i: off\n    stage2:\n"
      "      tables: { at: stage2, vmid: 1, ipa_bits: 32 }\n";
  if (vmm.fwb) out += "      fwb: on\n";
  return out + "      gicd: device-ngnre\n      gicc: device-ngnre\n      uart: device-ngnre\n";
}

std::string agents_of(const Vmm& vmm, unsigned cpus) {
  if (vmm.kind == Vmm::Kind::None) return {};
  if (vmm.kind != Vmm::Kind::Kvm) return fmt::format("  vmm:   {{ core: {}, view: host }}\n", cpus);
  std::string out;
  for (unsigned cpu = 0; cpu < cpus; ++cpu)
    out += fmt::format("  {:6} {{ core: {}, view: host }}\n", name_of_vmm(cpu) + ":", cpu);
  return out;
}

std::string program_of(const Vmm& vmm, std::span<const Piece> pieces, unsigned cpus) {
  if (vmm.kind == Vmm::Kind::None) return {};
  std::string out = "program:\n  vmm: |\n";
  for (const Piece& p : pieces) {
    out += fmt::format("      .copy    {0}, payload({0})\n", p.region);
    if (vmm.kind == Vmm::Kind::Qemu) out += fmt::format("      dc       cvau, {}[..]\n", p.region);
  }
  if (vmm.kind == Vmm::Kind::Kvm) {
    out += kvm_program(vmm, 0, cpus);
    for (unsigned cpu = 1; cpu < cpus; ++cpu)
      out += fmt::format("  {}: |\n", name_of_vmm(cpu)) + kvm_program(vmm, cpu, cpus);
    return out;
  }
  if (vmm.kind == Vmm::Kind::Qemu) {
    out += "      dsb      ish\n";
    for (const Piece& p : pieces)
      if (p.region != "dtb") out += fmt::format("      ic       ivau, {}[..]\n", p.region);
    out += "      dsb      ish\n";
  }
  return out + "      .handoff guest\n";
}

}  // namespace staleline::boot
