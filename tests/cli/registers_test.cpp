// SPDX-License-Identifier: Apache-2.0
// `boot --registers` against hashes that QEMU gave for the same instructions, and the script that compares them.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "program.h"

using namespace staleline::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

// Prints a letter, reads both counters, stores a pair, switches the system off.
constexpr std::array<std::uint32_t, 11> kProgram{
    0xd2a12001,  // mov  x1, #0x9000000
    0x52800d00,  // mov  w0, #'h'
    0xb9000020,  // str  w0, [x1]
    0xd53be043,  // mrs  x3, cntvct_el0
    0xd53be024,  // mrs  x4, cntpct_el0
    0xeb03008a,  // subs x10, x4, x3
    0xd2a80202,  // mov  x2, #0x40100000
    0xa9000840,  // stp  x0, x2, [x2]
    0x52800100,  // mov  w0, #8
    0x72b08000,  // movk w0, #0x8400, lsl #16
    0xd4000002,  // hvc  #0
};

// By tests/guest/reference.py --every 4.
constexpr const char* kHashes =
    "           1 282df241 PC=0x0\n"
    "           2 c0117a41 PC=0x4\n"
    "           4 a89c8e5c PC=0xc\n"
    "           8 cb2bfd4d PC=0x1c\n"
    "          11 85643ddd PC=0x28\n";

struct Guest : Folder {
  explicit Guest(std::array<std::uint32_t, 11> words = kProgram) {
    std::string bytes;
    for (const std::uint32_t w : words)
      for (unsigned i = 0; i < 4; ++i) bytes += static_cast<char>(w >> 8 * i & 0xff);
    write("guest.bin", bytes);
  }
};

}  // namespace

TEST_CASE("registers as hashes: those of QEMU, the counters among them") {
  const Guest here;
  const auto found = here.staleline("boot guest.bin --registers hashes --hash-every 4");
  CHECK(found.code == 0);
  CHECK(here.read("hashes") == kHashes);
  const auto printed = here.staleline("boot guest.bin --registers - --hash-every 4 --quiet");
  CHECK_THAT(printed.out, StartsWith(kHashes));
  CHECK(here.staleline("boot guest.bin --registers hashes --hash-every 4 --window 1").code == 0);
  CHECK(here.read("hashes") == kHashes);
}

TEST_CASE("registers as hashes: one other register is another hash") {
  auto words = kProgram;
  words[6] = 0xd2a80205;  // mov x5, ...
  const Guest here(words);
  CHECK(here.staleline("boot guest.bin --registers hashes --hash-every 4 --until instructions:8").code == 0);
  const std::string hashes = here.read("hashes");
  const std::string expected = kHashes;
  CHECK_THAT(hashes, StartsWith(expected.substr(0, expected.find("           8"))));
  CHECK_THAT(hashes, Contains("           8 ") && !Contains("cb2bfd4d"));
}

TEST_CASE("registers of the instructions about one") {
  const Guest here;
  CHECK(here.staleline("boot guest.bin --registers lines --registers-at 5:1").code == 0);
  const std::string lines = here.read("lines");
  CHECK_THAT(lines, StartsWith("4: PC=10 X0=68 X1=9000000 X2=0 X3=4 X4=0 "));
  CHECK_THAT(lines, Contains("\n5: PC=14 X0=68 X1=9000000 X2=0 X3=4 X4=5 "));
  CHECK_THAT(lines, Contains(" SP=0 NZCV=40000000\n"));
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
}

TEST_CASE("options of registers that make no sense") {
  const Guest here;
  for (const char* options :
       {"--hash-every 4", "--registers-at 4:1", "--registers - --hash-every 0", "--registers - --registers-at 4",
        "--registers - --registers-at 4:x", "--registers no/such/folder"}) {
    INFO(options);
    const auto found = here.staleline(std::string("boot guest.bin ") + options);
    CHECK(found.code == 2);
    CHECK(std::count(found.err.begin(), found.err.end(), '\n') == 1);
  }
}

TEST_CASE("compare.py: equal, where it differs, and what it does not know") {
  const Guest here;
  const std::string compare = "python3 " STALELINE_SOURCE_DIR
                              "/tests/guest/compare.py guest.bin --staleline \"$STALELINE\" --records record.json";
  const auto compared = [&](const std::string& hash, const std::string& last) {
    here.write("points", "[[1, \"282df241\"], [8, \"" + hash + "\"], [" + last + ", \"85643ddd\"]]");
    return here.shell(
        "sum() { sha256sum <\"$1\" | cut -c1-64; }; tree=$(dirname \"$STALELINE\")/sim/guest/virt-1.dtb\n"
        "printf '{\"image\": {\"sha256\": \"%s\"}, \"dtb\": {\"sha256\": \"%s\"}, \"reference\": \"a test\", "
        "\"points\": %s}' \"$(sum guest.bin)\" \"$(sum \"$tree\")\" \"$(cat points)\" >record.json\n" +
        compare);
  };
  const auto equal = compared("cb2bfd4d", "11");
  CHECK(equal.code == 0);
  CHECK(equal.out == "equal to a test at every milestone up to instruction 11\n");
  const auto wrong = compared("cb2bfd4e", "11");
  CHECK(wrong.code == 1);
  CHECK(wrong.out == "registers differ from a test: equal up to instruction 1, not up to 8\n");
  const auto ended = compared("cb2bfd4d", "12");
  CHECK(ended.code == 1);
  CHECK_THAT(ended.out, StartsWith("the guest ended after 11 instructions, before 12\n"));
  here.write("record.json", R"({"image": {"sha256": "0"}, "dtb": {"sha256": "0"}})");
  const auto unknown = here.shell(compare);
  CHECK(unknown.code == 77);
  CHECK_THAT(unknown.err, Contains("registers are not compared"));
}
