// SPDX-License-Identifier: Apache-2.0
// ELF files: segments, entry, symbols, and each way to be none for us.
#include <algorithm>
#include <catch2/catch.hpp>

#include "made.h"
#include "staleline/guest/image.h"

namespace {

using namespace staleline;
using namespace staleline::guest;
using namespace staleline::guest_made;

ImageOptions options() {
  ImageOptions o;
  o.memory = {{{0x4000'0000}, 0x2000'0000}, {{0}, 0x10'0000}};
  return o;
}

std::string refused(const Bytes& b) {
  return error_of([&] { static_cast<void>(parse_image("f", b, options())); });
}

// Two segments, out of order, linked high and loaded low.
ElfFile two() {
  ElfFile f;
  f.header.e_entry = 0xffff'0000'0000'1010;
  f.segment(0xffff'0000'0001'0000, 0x4001'0000, 100, 0x1000).segment(0xffff'0000'0000'1000, 0x4000'1000, 64, 64);
  return f;
}

template <class Change>
std::string changed(Change&& change) {
  ElfFile f = two();
  change(f);
  return refused(f.bytes());
}

}  // namespace

TEST_CASE("an ELF file is its segments at physical addresses, in their order, and enters where it is loaded") {
  const Image image = parse_image("f", two().bytes(), options());
  CHECK(image.kind == ImageKind::Elf);
  REQUIRE(image.segments.size() == 2);
  CHECK(image.segments[0].address.value == 0x4000'1000);
  CHECK(image.segments[0].linked.value == 0xffff'0000'0000'1000);
  CHECK(image.segments[0].bytes == counted(64));
  CHECK(image.segments[1].address.value == 0x4001'0000);
  CHECK(image.segments[1].bytes == counted(100));
  CHECK(image.segments[1].memory_bytes == 0x1000);
  CHECK(image.entry.value == 0x4000'1010);

  ImageOptions moved = options();
  moved.load_at = arm::PhysAddr{0x5000'0000};
  const Image elsewhere = parse_image("f", two().bytes(), moved);
  CHECK(elsewhere.segments[0].address.value == 0x5000'0000);
  CHECK(elsewhere.segments[1].address.value == 0x5000'f000);
  CHECK(elsewhere.entry.value == 0x5000'0010);
}

TEST_CASE("each kind of ELF file that cannot run has its own message") {
  CHECK(changed([](ElfFile&) {}).empty());
  CHECK(changed([](ElfFile& f) { f.header.e_ident[EI_CLASS] = ELFCLASS32; }) ==
        "f: not a 64-bit ELF file; an AArch64 executable is expected");
  CHECK(changed([](ElfFile& f) { f.header.e_ident[EI_DATA] = ELFDATA2MSB; }) ==
        "f: a big-endian ELF file; only little-endian guests run");
  CHECK(changed([](ElfFile& f) { f.header.e_machine = EM_X86_64; }) ==
        "f: an ELF file for machine 62; AArch64 (183) is expected");
  CHECK(changed([](ElfFile& f) { f.header.e_type = ET_REL; }) ==
        "f: an object file that is not linked; an executable is expected");
  CHECK(changed([](ElfFile& f) { f.header.e_type = ET_CORE; }) == "f: an ELF file that is no executable");
  CHECK(changed([](ElfFile& f) { f.segments.clear(); }) ==
        "f: an ELF file without program headers: it says nothing to load");
  CHECK(changed([](ElfFile& f) { f.segments[0].p_type = f.segments[1].p_type = PT_NOTE; }) ==
        "f: an ELF file without a segment to load");
  CHECK(changed([](ElfFile& f) { f.header.e_entry = 0x10; }) == "f: the entry point 0x10 lies in no segment");
  CHECK(changed([](ElfFile& f) { f.segments[0].p_memsz = 99; }) == "f: segment 0 has 100 bytes and room for 99");
  CHECK(changed([](ElfFile& f) { f.segments[0].p_paddr = ~std::uint64_t{0} - 10; }) ==
        "f: segment 0 goes past the last address");
  CHECK(changed([](ElfFile& f) { f.segments[0].p_paddr = 0x4000'1020; }) ==
        "f: two segments overlap: 0x40001000 to 0x4000103f and 0x40001020 to 0x4000201f");
  CHECK(changed([](ElfFile& f) { f.segments[0].p_paddr = 0x4000'1040; }).empty());
  CHECK(changed([](ElfFile& f) { f.segments[0].p_paddr = 0x5fff'f001; }) ==
        "f: 0x5ffff001 to 0x60000000 is not in memory, which is 0x40000000 to 0x5fffffff, 0x0 to 0xfffff");
  CHECK(changed([](ElfFile& f) { f.segments[0].p_memsz = std::uint64_t{1} << 40; }) ==
        "f: 0x40010000 to 0x1004000ffff is not in memory, which is 0x40000000 to 0x5fffffff, 0x0 to 0xfffff");
}

TEST_CASE("an ELF file that is cut anywhere is refused, or what was cut is not used") {
  const Bytes whole = two().symbol("start", 0xffff'0000'0000'1000, 64).bytes();
  for (std::size_t n = 4; n < whole.size(); n += n < 200 || n > 4000 ? 1 : 97) {
    Bytes cut = whole;
    cut.resize(n);
    const std::string message = refused(cut);
    INFO(n << ": " << message);
    CHECK(std::count(message.begin(), message.end(), '\n') == 0);
    if (n < 4096 + 164) CHECK(message.starts_with("f: a truncated ELF file: "));
  }
}

TEST_CASE("every byte of the headers may be anything") {
  const Bytes whole = two().symbol("start", 0xffff'0000'0000'1000, 64).bytes();
  for (std::size_t n = 4; n < whole.size(); ++n) {
    if (n == 200) n = 4096 + 164;  // contents
    for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{0x7f}, std::uint8_t{0xff}}) {
      Bytes bad = whole;
      bad[n] = value;
      static_cast<void>(refused(bad));
    }
  }
}

TEST_CASE("symbols are found by address, as linked and as loaded, and by name") {
  ElfFile f = two();
  f.symbol("local_alias", 0xffff'0000'0000'1000, 16, STT_FUNC, STB_LOCAL)
      .symbol("start", 0xffff'0000'0000'1000, 16)
      .symbol("$x", 0xffff'0000'0000'1014, 0, STT_NOTYPE, STB_LOCAL)
      .symbol("label", 0xffff'0000'0000'1020, 0, STT_NOTYPE)
      .symbol("table", 0xffff'0000'0001'0000, 8, STT_OBJECT)
      .symbol("size_of_all", 0x30, 0, STT_NOTYPE, STB_GLOBAL, SHN_ABS)
      .symbol("elsewhere", 0, 0, STT_NOTYPE, STB_GLOBAL, SHN_UNDEF)
      .symbol("image.c", 0, 0, STT_FILE, STB_LOCAL);
  const Symbols symbols = parse_image("f", f.bytes(), options()).symbols;
  const auto text = [&](std::uint64_t address) {
    const auto place = symbols.at(address);
    return place ? place->text() : "";
  };
  for (const std::uint64_t base : {std::uint64_t{0xffff'0000'0000'0000}, std::uint64_t{0x4000'0000}}) {
    CHECK(text(base + 0xfff).empty());
    CHECK(text(base + 0x1000) == "start");
    CHECK(text(base + 0x100c) == "start+0xc");
    CHECK(text(base + 0x1010).empty());  // past its end, before the next
    CHECK(text(base + 0x1020) == "label");
    CHECK(text(base + 0x103c) == "label+0x1c");
    CHECK(text(base + 0x1'0000) == "table");
    CHECK(text(base + 0x1'0008).empty());
  }
  CHECK(symbols.find("start") == 0xffff'0000'0000'1000);
  CHECK(symbols.find("local_alias") == 0xffff'0000'0000'1000);
  CHECK_FALSE(symbols.find("elsewhere"));
  CHECK_FALSE(symbols.find("size_of_all"));
  CHECK_FALSE(symbols.find("$x"));
}

TEST_CASE("a System.map names a kernel, where it is linked and where it runs with the MMU off") {
  const std::string map =
      "                 w not_there\n"
      "0000000000000000 A _kernel_flags_le_hi32\n"
      "ffff800008000000 T _text\n"
      "ffff800008010000 t $x\n"
      "ffff800008010000 T primary_entry\n"
      "ffff800008010040 t preserve_boot_args\n"
      "ffff800008020000 B _end\n";
  const Bytes ok(map.begin() + static_cast<std::ptrdiff_t>(map.find('\n')) + 1, map.end());
  Image image = parse_image("f", linux_file(0, 0x2'0000, 0, 4096), options());
  name_kernel(image, "System.map", parse_system_map("System.map", ok));
  CHECK(image.symbols.at(0x4021'0044)->text() == "preserve_boot_args+0x4");
  CHECK(image.symbols.at(0xffff'8000'0801'0000)->text() == "primary_entry");
  CHECK(image.symbols.at(0xffff'8000'0802'0000)->text() == "_end");
  CHECK_FALSE(image.symbols.at(0xffff'8000'0802'0001));
  CHECK_FALSE(image.symbols.at(0x401f'ffff));
  CHECK_FALSE(image.symbols.at(0x4022'0000));
  CHECK(parse_system_map("System.map", gzip(ok)).size() == 4);

  const auto map_refused = [](const std::string& content) {
    return error_of([&] { static_cast<void>(parse_system_map("m", Bytes(content.begin(), content.end()))); });
  };
  CHECK(map_refused(map) == "m:1: not a line of a System.map, as in `ffff800008000000 T _text`");
  CHECK(map_refused("ffff800008000000 T _text\nELF\n") ==
        "m:2: not a line of a System.map, as in `ffff800008000000 T _text`");
  CHECK(map_refused("") == "m: no symbols in it");
  CHECK(error_of([&] { name_kernel(image, "m", Symbols{}); }) ==
        "m: no symbol _text, which is the first byte of a kernel");
}
