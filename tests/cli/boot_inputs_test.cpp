// SPDX-License-Identifier: Apache-2.0
// What `boot` is given: images of each kind that run, and wrong ones, each refused with one line and exit 2.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "../guest/made.h"
#include "program.h"

using namespace staleline::test;
using namespace staleline::guest_made;
using Catch::Contains;
using Catch::StartsWith;

namespace {

// Prints a letter, writes with the MMU off, switches the system off.
constexpr std::array<std::uint32_t, 8> kHello{
    0xd2a12001,  // mov  x1, #0x9000000
    0x52800d00,  // mov  w0, #'h'
    0xb9000020,  // str  w0, [x1]
    0xd2a80202,  // mov  x2, #0x40100000
    0xf9000040,  // str  x0, [x2]
    0x52800100,  // mov  w0, #8
    0x72b08000,  // movk w0, #0x8400, lsl #16
    0xd4000002,  // hvc  #0
};

constexpr std::size_t kContents = 4096;  // of an ElfFile

Bytes code() {
  Bytes out;
  for (const std::uint32_t word : kHello) put(out, out.size(), word);
  return out;
}

/// Two segments; the code is in the first, and `_start` names it.
ElfFile elf() {
  ElfFile f;
  f.header.e_entry = 0x4010'0000;
  f.segment(0x4010'0000, 0x4020'0000, 64, 64).segment(0x4010'1000, 0x4020'1000, 64, 4096);
  f.symbol("_start", 0x4010'0000, 64);
  return f;
}

Bytes with_code(Bytes file, std::size_t at) {
  const Bytes words = code();
  std::copy(words.begin(), words.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
  return file;
}

/// An arm64 Image that branches over its header.
Bytes kernel() {
  Bytes file = with_code(linux_file(0, 0x2000, 0, 4096), 64);
  put(file, 0, std::uint32_t{0x1400'0010});
  return file;
}

struct Inputs : Folder {
  void file(const std::string& name, const Bytes& bytes) const { write(name, {bytes.begin(), bytes.end()}); }
  std::string runs(const std::string& arguments) const {
    const auto found = staleline("boot " + arguments);
    INFO(arguments << ": " << found.err);
    CHECK(found.code == 0);
    CHECK_THAT(found.out, StartsWith("h\n") && Contains("switched the system off after "));
    return found.out;
  }
  std::string refused(const std::string& arguments) const {
    const auto found = staleline("boot " + arguments);
    INFO(arguments << ": " << found.err);
    CHECK(found.code == 2);
    CHECK(found.out.empty());
    CHECK(std::count(found.err.begin(), found.err.end(), '\n') == 1);
    CHECK_THAT(found.err, StartsWith("staleline: error: "));
    return found.err;
  }
};

}  // namespace

TEST_CASE("boot runs images of each kind, compressed or not, where they say or are told") {
  const Inputs here;
  here.file("raw", code());
  here.file("raw.gz", gzip(code()));
  here.file("guest.elf", with_code(elf().bytes(), kContents));
  here.file("guest.elf.gz", gzip(with_code(elf().bytes(), kContents)));
  here.file("Image", kernel());
  here.file("Image.gz", gzip(kernel()));
  here.write("System.map", "ffff800008000000 T _text\nffff800008000040 T primary_entry\nffff800008002000 B _end\n");

  for (const char* raw : {"raw", "raw.gz"}) {
    CHECK_THAT(here.runs(raw), Contains("  0x10            str x0, [x2]"));
    CHECK_THAT(here.runs(std::string(raw) + " --load 0x40300000"), Contains("  0x40300010            str x0, [x2]"));
  }
  for (const char* file : {"guest.elf", "guest.elf.gz"})
    CHECK_THAT(here.runs(file), Contains("  0x40200010  _start+0x10  str x0, [x2]"));
  CHECK_THAT(here.runs("guest.elf --load 0x41000000"), Contains("  0x41000010  _start+0x10  str x0, [x2]"));
  for (const char* file : {"Image", "Image.gz"}) {
    CHECK_THAT(here.runs(file), Contains("  0x40200050            str x0, [x2]"));
    CHECK_THAT(here.runs(std::string(file) + " --map System.map"),
               Contains("  0x40200050  primary_entry+0x10  str x0, [x2]"));
  }
}

TEST_CASE("boot refuses what is no image that fits, with one line") {
  const Inputs here;
  here.file("raw", code());
  const auto elf_file = [&here](auto change) {
    ElfFile f = elf();
    change(f);
    here.file("bad.elf", f.bytes());
    return here.refused("bad.elf");
  };
  CHECK_THAT(elf_file([](ElfFile& f) { f.segments[1].p_paddr = 0x4020'0020; }), Contains("two segments overlap"));
  CHECK_THAT(elf_file([](ElfFile& f) { f.segments[1].p_paddr = 0x6000'0000; }), Contains("is not in memory"));
  CHECK_THAT(elf_file([](ElfFile& f) { f.segments[1].p_memsz = std::uint64_t{1} << 40; }),
             Contains("is not in memory"));
  CHECK_THAT(elf_file([](ElfFile& f) { f.segments[1].p_paddr = ~std::uint64_t{0} - 4; }),
             Contains("goes past the last address"));
  CHECK_THAT(elf_file([](ElfFile& f) { f.segments[1].p_paddr = 0x47ff'f800; }),
             Contains("where the device tree has to be"));
  CHECK_THAT(elf_file([](ElfFile& f) { f.header.e_machine = EM_X86_64; }), Contains("AArch64 (183) is expected"));
  CHECK_THAT(elf_file([](ElfFile& f) { f.header.e_entry = 0x10; }), Contains("lies in no segment"));
  Bytes cut = with_code(elf().bytes(), kContents);
  cut.resize(kContents + 10);
  here.file("cut.elf", cut);
  CHECK_THAT(here.refused("cut.elf"), Contains("a truncated ELF file"));
  here.file("cut.gz", [] {
    Bytes b = gzip(counted(5000));
    b.resize(b.size() / 2);
    return b;
  }());
  here.refused("cut.gz");

  CHECK_THAT(here.refused("raw --dtb raw"), Contains("not a flattened device tree"));
  here.write("empty", "");
  here.refused("raw --dtb empty");
  here.refused("raw --dtb none");
  here.refused("raw --map raw");
  here.write("late.map", "ffff800008000000 T text\n");
  here.file("Image", kernel());
  CHECK_THAT(here.refused("Image --map late.map"), Contains("no symbol _text"));
  CHECK_THAT(here.refused("Image --load 0x40201000"), Contains("a multiple of 2 MiB"));
}

TEST_CASE("boot refuses 100 MB of junk with one line, and junk that fits ends at its limit") {
  const Inputs here;
  here.write("junk", "");
  std::filesystem::resize_file(here.path() + "/junk", 100'000'000);  // no disk is needed
  CHECK_THAT(here.refused("junk"), Contains("junk: 0x0 to 0x5f5e0ff is not in memory, which is"));
  CHECK_THAT(here.refused("junk --load 0x47000000"), Contains("where the device tree has to be"));
  here.file("noise", counted(100'000));
  const auto found = here.staleline("boot noise --max-instructions 5000 --max-cycles 1000000");
  CHECK((found.code == 1 || found.code == 3));  // what it does is its own affair
  CHECK(found.err.empty());
}

TEST_CASE("a guest that runs away ends at its limit, with exit 3 and a report") {
  const Inputs here;
  here.write("loop", std::string("\x00\x00\x00\x14", 4));  // b .
  const auto found = here.staleline("boot loop --max-instructions 100000");
  CHECK(found.code == 3);
  CHECK(found.err.empty());
  CHECK_THAT(found.out, Contains("with the MMU off: 0 reads, 0 writes") &&
                            Contains("guest: stopped after 100000 instructions at 0x0\n") &&
                            Contains("loop#none: LIMIT (the guest stopped after 100000 instructions"));
  const auto cycles = here.staleline("boot loop --max-cycles 5000");
  CHECK(cycles.code == 3);
  CHECK_THAT(cycles.out, Contains("stopped after 5000 cycles; later accesses were not run"));
}
