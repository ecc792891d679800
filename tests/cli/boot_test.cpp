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

TEST_CASE("the scenario of a boot is one that `run` takes") {
  const Hello here;
  const auto shown = here.staleline("boot hello.bin --show-scenario --vmm copy");
  CHECK(shown.code == 0);
  CHECK_THAT(shown.out, Contains("code: 0x0"));
  here.write("virt-1.dtb", "any bytes do");
  const auto valid = here.staleline("validate -", shown.out);
  INFO(valid.err);
  CHECK(valid.code == 0);
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
  refused("hello.bin --until never");
  refused("hello.bin --until instructions:0");
  refused("hello.bin --until pc:");
  refused("hello.bin --max-instructions 0");
  refused("hello.bin --cpus 3");
  refused("hello.bin --map hello.bin");
  refused("hello.bin --platform none");
  refused("hello.bin --set nonsense=1");
}
