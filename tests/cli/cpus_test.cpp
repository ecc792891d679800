// SPDX-License-Identifier: Apache-2.0
// `boot --cpus 2`: PSCI starts the second CPU; what both do to each other's memory is judged.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "program.h"

using namespace staleline::test;
using Catch::Contains;
using Catch::StartsWith;
using Json = nlohmann::json;

namespace {

// The first CPU starts the second at 0x40, and waits for what it prints to come to memory.
constexpr std::array<std::uint32_t, 27> kTwo{
    0x52b88000,  // mov  w0, #0xc4000000
    0x72800060,  // movk w0, #3
    0xd2800021,  // mov  x1, #1
    0xd2800802,  // mov  x2, #0x40
    0xd2800da3,  // mov  x3, #'m'
    0xd4000002,  // hvc  #0
    0xd2a80209,  // mov  x9, #0x40100000
    0xf9400128,  // ldr  x8, [x9]
    0xb4ffffe8,  // cbz  x8, .-4
    0x52b08000,  // mov  w0, #0x84000000
    0x72800100,  // movk w0, #8
    0xd4000002,  // hvc  #0
    0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f,
    0xd2a12001,  // 0x40: mov x1, #0x9000000
    0xb9000020,  // str  w0, [x1]
    0xd5381000,  // mrs  x0, sctlr_el1
    0xd2a80209,  // mov  x9, #0x40100000
    0xb2400000,  // orr  x0, x0, #1
    0xf9000120,  // str  x0, [x9]
    0xd5181000,  // msr  sctlr_el1, x0
    0xd5033fdf,  // isb
    0xd503201f, 0xd503201f,
    0x14000000,  // b    .
};

struct Two : Folder {
  Two() {
    std::string bytes;
    for (const std::uint32_t w : kTwo)
      for (unsigned i = 0; i < 4; ++i) bytes += static_cast<char>(w >> 8 * i & 0xff);
    write("two.bin", bytes);
  }
};

const std::filesystem::path kBare = BARE_GUESTS;

/// The spin table in a variant.
Outcome boot(const Folder& here, const std::string& variant, const std::string& options) {
  return here.staleline("boot '" + (kBare / ("spin-table-" + variant + ".elf")).string() + "' --cpus 2 " + options);
}

bool built() {
  if (std::filesystem::exists(kBare / "spin-table-fix.elf")) return true;
  WARN("skipped: no aarch64-linux-gnu-gcc when this was built (Debian: gcc-aarch64-linux-gnu)");
  return false;
}

}  // namespace

TEST_CASE("PSCI starts the second CPU with its context, and either may end the run") {
  const Two here;
  const auto found = here.staleline("boot two.bin --cpus 2 --until mmu-on:1");
  CHECK(found.code == 1);  // it has no tables
  CHECK_THAT(found.out, Contains("hazard SL302 not-synchronised (latent): cpu1 fetches before the write of SCTLR_EL1"));
  CHECK_THAT(found.out, StartsWith("m\n"));
  CHECK_THAT(found.out, Contains("cpu1, with the MMU off: 0 reads, 2 writes, 0 of cache maintenance, until cycle "));
  CHECK_THAT(found.out, Contains("\ncpu1: turned its MMU on after 8 instructions at 0x60\n"));
  CHECK_THAT(found.out, Contains("\nguest: was stopped after "));
  const auto once = here.staleline("boot two.bin --cpus 2 --until mmu-on:1 --json");
  CHECK(here.staleline("boot two.bin --cpus 2 --until mmu-on:1 --json --window 1").out == once.out);
  const Json report = Json::parse(once.out);
  REQUIRE(report["boot"]["cpus"].size() == 1);
  CHECK(report["boot"]["cpus"][0]["agent"] == "cpu1");
  CHECK(report["boot"]["cpus"][0]["mmu_off"]["rows"].size() == 3);  // two stores and an ISB

  const auto first = here.staleline("boot two.bin --cpus 2 --until pc:0x18");
  CHECK(first.code == 0);
  CHECK_THAT(first.out, Contains("\nguest: came to 0x18 after 6 "));
}

TEST_CASE("a second CPU that nobody starts") {
  const Two here;
  const auto found = here.staleline("boot two.bin --cpus 2 --until instructions:3");
  CHECK(found.code == 0);
  CHECK_THAT(found.out, Contains("\ncpu1: was never started\n"));
  // One CPU alone: CPU_ON finds no such PE, and the guest waits for ever.
  CHECK(here.staleline("boot two.bin --max-instructions 1000").code == 3);
  CHECK(here.staleline("boot two.bin --cpus 2 --until mmu-on:1 --max-instructions 3").code == 3);
  const auto refused = here.staleline("boot two.bin --until mmu-on:1");
  CHECK(refused.code == 2);
  CHECK(refused.err == "staleline: error: --until mmu-on:1: needs --cpus 2\n");
}

TEST_CASE("registers are those of the first CPU") {
  const Two here;
  CHECK(here.staleline("boot two.bin --cpus 2 --registers both --registers-at 0:6 --until pc:0x18").code == 0);
  CHECK(here.staleline("boot two.bin --registers alone --registers-at 0:6 --until instructions:6").code == 0);
  CHECK(here.read("both") == here.read("alone"));
}

TEST_CASE("C1-06 in real code: each half of a spin table's maintenance carries it") {
  if (!built()) return;
  const Folder here;
  const auto fix = boot(here, "fix", "");
  CHECK(fix.code == 0);
  CHECK_THAT(fix.out, StartsWith("spin table: the secondary is up\n"));
  CHECK_THAT(fix.out, Contains("dc ivac, x0       1") && Contains("1 line written with the MMU off at tell+0x"));

  const auto status = boot(here, "bug-status", "--json");
  CHECK(status.code == 1);
  const Json found = Json::parse(status.out)["runs"][0]["hazards"];
  REQUIRE(found.size() == 1);
  CHECK(found[0]["id"] == "SL608");
  CHECK(found[0]["agent"] == "guest");

  const auto release = boot(here, "bug-release", "");
  CHECK(release.code == 1);
  CHECK_THAT(release.out, StartsWith("spin table: the secondary never saw its release\n"));
  CHECK_THAT(release.out, Contains("hazard SL608 no-progress (observed): cpu1 polls an older copy"));
  CHECK_THAT(release.out, Contains("sends start cpu1"));
}

TEST_CASE("the spin table gives the same bytes for any window size, and an adversary finds nothing in the fix") {
  if (!built()) return;
  const Folder here;
  const auto once = boot(here, "fix", "--json");
  CHECK(boot(here, "fix", "--json --window 1").out == once.out);
  for (const char* seed : {"1", "2", "3"})
    CHECK(boot(here, "fix", std::string("--adversary 20 --seed ") + seed).code == 0);
}

TEST_CASE("under kvm each CPU has its hypervisor, and both map pages of the same tables") {
  const Two here;
  const auto found = here.staleline("boot two.bin --cpus 2 --vmm kvm --until mmu-on:1");
  CHECK(found.code == 0);
  CHECK_THAT(found.out, StartsWith("m\n"));
  // The return from the trap brings the write into force, and not the ISB behind it.
  CHECK_THAT(found.out, Contains("\ncpu1: turned its MMU on after 7 instructions at 0x5c\n"));
  CHECK(here.staleline("boot two.bin --cpus 2 --vmm kvm --until mmu-on:1 --window 1").out == found.out);
  const auto shown = here.staleline("boot two.bin --cpus 2 --vmm kvm --show-scenario").out;
  CHECK_THAT(shown,
             Contains("  vmm1:  { core: 1, view: host }\n") && Contains(".handoff cpu1\n      .await   cpu1.abort\n"));
  CHECK_THAT(shown, !Contains("vmm2") && !Contains("dc       cvau"));
  // The second one traps what its guest writes to SCTLR_EL1 as the first one does.
  const Json report = Json::parse(here.staleline("boot two.bin --cpus 2 --vmm kvm --until mmu-on:1 --json").out);
  CHECK(report["boot"]["cpus"][0]["mmu_off"]["rows"].size() == 3);
  CHECK_THAT(here.staleline("boot two.bin --vmm kvm --show-scenario").out, !Contains("vmm1") && !Contains("ldaxr"));
}

TEST_CASE(
    "the spin table under kvm: stage 2 maintains nothing that its CPUs tell each other, unless it forces Write-Back") {
  if (!built()) return;
  const Folder here;
  for (const char* vmm : {"kvm", "kvm,toggle-flush=off", "kvm,fwb=on"}) {
    INFO(vmm);
    const std::string with = std::string("--json --vmm ") + vmm;
    const bool forced = std::string(vmm) == "kvm,fwb=on";
    CHECK(boot(here, "fix", with).code == 0);
    for (const char* variant : {"bug-release", "bug-status"}) {
      const auto bug = boot(here, variant, with);
      CHECK(bug.code == (forced ? 0 : 1));
      const Json hazards = Json::parse(bug.out)["runs"][0]["hazards"];
      REQUIRE(hazards.size() == (forced ? 0 : 1));
      if (!forced) CHECK(hazards[0]["id"] == "SL608");
    }
  }
}
