// SPDX-License-Identifier: Apache-2.0
// `boot` end to end: a guest of fourteen instructions, who put it into memory, where it stops, and wrong inputs.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "program.h"

using namespace staleline::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;
using Json = nlohmann::json;

namespace {

// Says "hi" on the UART, writes to memory with its MMU off, invalidates that line, switches the system off.
constexpr std::array<std::uint32_t, 14> kHello{
    0xd2a12001,  // mov  x1, #0x9000000
    0x52800d00,  // mov  w0, #'h'
    0xb9000020,  // str  w0, [x1]
    0x52800d20,  // mov  w0, #'i'
    0xb9000020,  // str  w0, [x1]
    0x52800140,  // mov  w0, #10
    0xb9000020,  // str  w0, [x1]
    0xd2a80202,  // mov  x2, #0x40100000
    0xf9000040,  // str  x0, [x2]
    0xd5087622,  // dc   ivac, x2
    0xd5033f9f,  // dsb  sy
    0x52800100,  // mov  w0, #8
    0x72b08000,  // movk w0, #0x8400, lsl #16
    0xd4000002,  // hvc  #0
};

// Writes a translation table with its MMU off, turns MMU and caches on, and maintains nothing.
constexpr std::array<std::uint32_t, 25> kCareless{
    0xd2a80601,  // mov x1, #0x40300000
    0xd280e0a2,  // mov x2, #0x705
    0xf2a80002,  // movk x2, #0x4000, lsl #16
    0xd280e023,  // mov x3, #0x701
    0xf9000023,  // str x3, [x1]
    0xf9000422,  // str x2, [x1, #8]
    0xd5033f9f,  // dsb sy
    0xd29fe004,  // mov x4, #0xff00
    0xd518a204,  // msr mair_el1, x4
    0xd286a325,  // mov x5, #0x3519
    0xf2a01005,  // movk x5, #0x80, lsl #16
    0xd5182045,  // msr tcr_el1, x5
    0xd5182001,  // msr ttbr0_el1, x1
    0xd5033fdf,  // isb
    0xd508871f,  // tlbi vmalle1
    0xd503379f,  // dsb nsh
    0xd5381006,  // mrs x6, sctlr_el1
    0xd28000a7,  // mov x7, #0x5
    0xaa0700c6,  // orr x6, x6, x7
    0xd5181006,  // msr sctlr_el1, x6
    0xd5033fdf,  // isb
    0xf9400027,  // ldr x7, [x1]
    0x52800100,  // mov w0, #0x8
    0x72b08000,  // movk w0, #0x8400, lsl #16
    0xd4000002,  // hvc #0x0
};

// Writes the instruction that it goes on to, in the next line, and has no barrier between.
constexpr std::array<std::uint32_t, 20> kRelocates{
    0x10000200,  // adr  x0, 0x40
    0x18000081,  // ldr  w1, 0x14
    0xb9000001,  // str  w1, [x0]
    0x1400000d,  // b    0x40
    0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f,
    0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f, 0xd503201f,
    0x00000000,  // udf  #0
    0x52800100,  // mov  w0, #8
    0x72b08000,  // movk w0, #0x8400, lsl #16
    0xd4000002,  // hvc  #0
};

std::string bytes_of(std::span<const std::uint32_t> words) {
  std::string out;
  for (const std::uint32_t w : words)
    for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(w >> 8 * i & 0xff);
  return out;
}

struct Hello : Folder {
  Hello() { write("hello.bin", bytes_of(kHello)); }
};

}  // namespace

TEST_CASE("a guest boots, prints, and its MMU-off window is a table") {
  const Hello here;
  const auto found = here.staleline("boot hello.bin");
  CHECK(found.code == 0);
  CHECK(found.err.empty());
  CHECK_THAT(found.out, StartsWith("hi\n"));
  CHECK_THAT(found.out, Contains("with the MMU off: 0 reads, 4 writes, 1 of cache maintenance\n"));
  CHECK_THAT(found.out,
             Contains("dc ivac, x2       1  0x40100000..0x40100040  1 line written with the MMU off at 0x20"));
  CHECK_THAT(found.out, Contains("guest: switched the system off after 14 instructions at 0x34\n"));
  CHECK_THAT(found.out, Contains("hello.bin#none: ok (no hazard;"));
}

TEST_CASE("the same bytes for any window size") {
  const Hello here;
  const auto once = here.staleline("boot hello.bin --json");
  CHECK(once.code == 0);
  CHECK(here.staleline("boot hello.bin --json --window 1").out == once.out);
  const Json report = Json::parse(once.out);
  CHECK(report["boot"]["console"] == "hi\n");
  CHECK(report["boot"]["guests"][0]["instructions"] == 14);
  CHECK(report["boot"]["mmu_off"]["rows"].size() == 6);
  CHECK(report["boot"]["mmu_off"]["rows"][4]["lines_written_with_mmu_off"] == 1);
}

TEST_CASE("without the judge a guest executes the same, and the report says so") {
  const Hello here;
  const auto found = here.staleline("boot hello.bin --no-judge");
  CHECK(found.code == 0);
  CHECK_THAT(found.out, StartsWith("hi\n") && Contains("hello.bin#none: not judged (") && !Contains("MMU off"));
  const auto judged = Json::parse(here.staleline("boot hello.bin --json").out);
  const auto report = Json::parse(here.staleline("boot hello.bin --json --no-judge").out);
  CHECK(report["runs"][0]["hazards"].is_null());
  CHECK(report["runs"][0]["statistics"]["fills"].is_null());
  CHECK(report["boot"]["mmu_off"].is_null());
  CHECK(report["boot"]["console"] == judged["boot"]["console"]);
  CHECK(report["boot"]["guests"] == judged["boot"]["guests"]);
  for (const char* count : {"instructions", "loads", "stores", "maintenance", "barriers", "memory_reads"})
    CHECK(report["runs"][0]["statistics"][count] == judged["runs"][0]["statistics"][count]);
}

TEST_CASE("where a boot stops") {
  const Hello here;
  const auto stop = [&here](const std::string& options) {
    const auto found = here.staleline("boot hello.bin " + options);
    const auto at = found.out.find("guest: ");
    return std::to_string(found.code) + " " + found.out.substr(at, found.out.find('\n', at) - at);
  };
  CHECK(stop("--until instructions:5") == "0 guest: stopped after 5 instructions at 0x14");
  CHECK(stop("--until pc:0x20") == "0 guest: came to 0x20 after 8 instructions");
  CHECK_THAT(stop("--until console:h"), StartsWith("0 guest: the console said `h` after"));
  CHECK(stop("--max-instructions 5") == "3 guest: stopped after 5 instructions at 0x14");
  CHECK(stop("--until mmu-on") == "3 guest: switched the system off after 14 instructions at 0x34");
}

TEST_CASE("a copied image that nobody cleaned is stale, and named by its instruction") {
  const Hello here;
  const auto found = here.staleline("boot hello.bin --vmm copy --max-instructions 100");
  CHECK(found.code == 1);
  CHECK_THAT(found.out, Contains("0x0: hazard SL103 stale-instruction"));
  CHECK_THAT(found.out, Contains("help: add `dc cvac, image"));
}

TEST_CASE("a guest under kvm finds its image in memory, page by page") {
  const Hello here;
  for (const char* vmm : {"kvm", "kvm,toggle-flush=off", "kvm,fwb=on", "kvm,setway-trap=off"}) {
    INFO(vmm);
    const auto found = here.staleline("boot hello.bin --vmm " + std::string(vmm));
    INFO(found.out);
    CHECK(found.code == 0);
    CHECK_THAT(found.out, StartsWith("hi\n"));
    CHECK_THAT(found.out, Contains("hello.bin#" + std::string(vmm) + ": ok (no hazard;"));
  }
}

TEST_CASE("tables that were written with the MMU off and never maintained: who puts them right") {
  const Folder here;
  here.write("careless.bin", bytes_of(kCareless));
  for (const char* vmm : {"none", "kvm", "kvm,fwb=on"}) {
    INFO(vmm);
    const auto found = here.staleline("boot careless.bin --load 0x40200000 --vmm " + std::string(vmm));
    INFO(found.out);
    CHECK(found.code == 0);
  }
  const auto stale = here.staleline("boot careless.bin --load 0x40200000 --vmm kvm,toggle-flush=off");
  CHECK(stale.code == 1);
  CHECK_THAT(stale.out, Contains("hazard SL104 stale-translation (latent): guest may walk old bytes of ram+0x300008"));
  // With SCTLR_EL1.I as well: what KVM cleaned before the caches came on needs no IC of the guest, and what it maps
  // afterwards neither.
  std::string image = bytes_of(kCareless);
  image.resize(4096, '\0');
  here.write("far.bin", image + bytes_of(std::span(kCareless).last<3>()));
  const auto far = here.staleline(
      "boot far.bin --load 0x40200000 --vmm kvm --patch 0x40200044=0xd28200a7 --patch 0x40200058=0x140003ea");
  INFO(far.out);
  CHECK(far.code == 0);
  CHECK_THAT(far.out, Contains("switched the system off after 26 instructions at 0x40201008\n"));
  CHECK(here.staleline("boot careless.bin --load 0x40200000 --vmm kvm --patch 0x40200044=0xd28200a7").code == 0);
  CHECK_THAT(here.staleline("boot careless.bin --load 0x40200000 --vmm kvm --until mmu-on").out,
             Contains("guest: turned its MMU on after 20 instructions at 0x40200050\n"));
}

TEST_CASE("what carries a boot: maintenance and barriers, each left out") {
  const Folder here;
  here.write("careless.bin", bytes_of(kCareless));
  // Without the second DSB, which would stand in for the first.
  const std::string boot = "boot careless.bin --load 0x40200000 --until mmu-on --mutate --patch 0x4020003c=0xd503201f";
  const auto found = here.staleline(boot);
  INFO(found.out);
  CHECK(found.code == 0);
  CHECK_THAT(found.out, Contains("each left out in turn: 4 instructions, executed 4 times; 3 carry the boot\n"));
  CHECK_THAT(found.out, Contains("dsb sy            1  SL102 stale-copy (P1, latent) at 0x40200054, and 2 more\n"));
  CHECK_THAT(found.out, Contains("isb               1  SL302 not-synchronised (P3, latent) at 0x40200054\n"));
  CHECK_THAT(found.out, Contains("tlbi vmalle1      1  not needed here\n"));
  const Json report = Json::parse(here.staleline(boot + " --json").out)["boot"]["mutations"];
  CHECK(report.size() == 4);
  CHECK(report[0]["carries"] == true);
  CHECK(report[0]["hazards"].size() == 3);
  CHECK(report[1]["carries"] == true);
  CHECK(report[2]["carries"] == false);
  CHECK(here.staleline(boot).out == found.out);

  // What the guest invalidates carries the boot only where nobody else does.
  const Hello hello;
  const auto line = [&hello](const std::string& vmm) {
    const auto out = hello.staleline("boot hello.bin --mutate --vmm " + vmm).out;
    const auto at = out.find("each left out in turn");
    return out.substr(at, out.find('\n', at) - at);
  };
  CHECK(line("none") == "each left out in turn: 2 instructions, executed 2 times; 0 carry the boot");
}

TEST_CASE("the instructions that were executed with the MMU off") {
  const Hello here;
  const auto found = here.staleline("boot hello.bin --disasm");
  CHECK_THAT(found.out, Contains("executed with the MMU off: 14 instructions\n"));
  CHECK_THAT(found.out, Contains("  0x20  f9000040          1  str x0, [x2]\n"));
  const Json listing = Json::parse(here.staleline("boot hello.bin --disasm --json").out)["boot"]["listing"];
  CHECK(listing.size() == 14);
  CHECK(listing[9]["instruction"] == "dc ivac, x2");
}

TEST_CASE("set and way operations do not reach the caches of other VMs: KVM traps them") {
  const Folder here;
  here.write("setway.bin", bytes_of(std::array<std::uint32_t, 4>{0xd508765f, 0x52800100, 0x72b08000, 0xd4000002}));
  const auto trapped = here.staleline("boot setway.bin --vmm kvm");
  CHECK(trapped.code == 0);
  CHECK_THAT(trapped.out, Contains(" 0 of cache maintenance"));
  const auto done = here.staleline("boot setway.bin --vmm kvm,setway-trap=off");
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains(" 1 of cache maintenance"));
}

TEST_CASE("code that was written with the MMU off needs a DSB and an ISB, and a patch can be tried") {
  const Folder here;
  here.write("relocates.bin", bytes_of(kRelocates));
  const std::string boot = "boot relocates.bin --load 0x40200000";
  const auto found = here.staleline(boot);
  CHECK(found.code == 1);
  CHECK_THAT(found.out, Contains("hazard SL103 stale-instruction (observed)"));
  CHECK_THAT(found.out, Contains("help: add `dsb ish` and `isb` to guest, before 0x40200040"));
  CHECK_THAT(found.out,
             Contains("guest: takes an exception in the first instruction of its vector again and again, after "));
  // The barriers in place of the branch.
  const auto mended = here.staleline(boot + " --patch 0x4020000c=0xd5033b9f --patch 0x40200010=0xd5033fdf");
  INFO(mended.out);
  CHECK(mended.code == 0);
  const auto half = here.staleline(boot + " --patch 0x4020000c=0xd5033b9f");
  CHECK(half.code == 1);
  CHECK_THAT(half.out, Contains("help: add `isb` to guest"));
}

TEST_CASE("the scenario of a boot is one that `run` takes") {
  const Hello here;
  here.write("virt-1.dtb", "any bytes do");
  for (const char* vmm : {"none", "copy", "qemu", "kvm", "kvm,fwb=on", "kvm,toggle-flush=off,setway-trap=off"}) {
    INFO(vmm);
    const auto shown = here.staleline("boot hello.bin --show-scenario --vmm " + std::string(vmm));
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, Contains("code: 0x0"));
    const auto valid = here.staleline("validate -", shown.out);
    INFO(valid.err);
    CHECK(valid.code == 0);
  }
}

TEST_CASE("wrong inputs of boot: one line, exit 2") {
  const Hello here;
  here.write("empty", "");
  here.write("cut.elf",
             "\x7f"
             "ELF");
  const auto refused = [&here](const std::string& arguments) {
    const auto found = here.staleline("boot " + arguments);
    INFO(arguments << ": " << found.err);
    CHECK(found.code == 2);
    CHECK(found.out.empty());
    CHECK(std::count(found.err.begin(), found.err.end(), '\n') == 1);
    return found.err;
  };
  refused("");
  refused("none.bin");
  refused(".");
  refused("empty");
  refused("cut.elf");
  CHECK_THAT(refused("hello.bin --dtb hello.bin"), Contains("not a flattened device tree"));
  CHECK_THAT(refused("hello.bin --load 0x48000000"), Contains("where the device tree has to be"));
  refused("hello.bin --load 0x8000000000");
  CHECK_THAT(refused("hello.bin --vmm cpoy"), Contains("did you mean `copy`?"));
  CHECK_THAT(refused("hello.bin --vmm kvm,togle-flush=off"), Contains("did you mean `toggle-flush`?"));
  CHECK_THAT(refused("hello.bin --vmm kvm,fwb=on,fwb=off"), Contains("fwb is said twice"));
  CHECK_THAT(refused("hello.bin --until mmu_on"), Contains("did you mean `mmu-on`?"));
  CHECK_THAT(refused("hello.bin --mutate --no-judge"), Contains("--mutate does not go with --no-judge"));
  CHECK_THAT(refused("hello.bin --json --show-scenario"), Contains("--show-scenario does not go with --json"));
  CHECK_THAT(refused("hello.bin --json --registers -"), Contains("--registers - does not go with --json"));
  CHECK_THAT(refused("hello.bin --load 0x40200001"), Contains("instructions lie at multiples of 4"));
  refused("hello.bin --vmm kvm,fwb");
  refused("hello.bin --vmm kvm,fwb=yes");
  refused("hello.bin --vmm kvm,flush=on");
  refused("hello.bin --vmm copy,fwb=on");
  refused("hello.bin --vmm kvm,");
  refused("hello.bin --patch 0x10");
  refused("hello.bin --patch 0x12=0");
  refused("hello.bin --patch 0x10=0x100000000");
  CHECK_THAT(refused("hello.bin --patch 0x38=0"), Contains("has no word at 0x38"));
  refused("hello.bin --until never");
  refused("hello.bin --until instructions:0");
  refused("hello.bin --until pc:");
  refused("hello.bin --max-instructions 0");
  refused("hello.bin --cpus 3");
  refused("hello.bin --map hello.bin");
  refused("hello.bin --platform none");
  refused("hello.bin --set nonsense=1");
}
