// SPDX-License-Identifier: Apache-2.0
// Raw files, arm64 Images, gzip: where they go, and one message for each that is none.
#include "staleline/guest/image.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "made.h"

namespace {

using namespace staleline;
using namespace staleline::guest;
using namespace staleline::guest_made;

const std::vector<MemoryRange> kMemory{{{0x4000'0000}, 0x2000'0000}};

ImageOptions at(std::uint64_t address) {
  ImageOptions o;
  o.load_at = arm::PhysAddr{address};
  o.memory = kMemory;
  return o;
}

ImageOptions anywhere() {
  ImageOptions o;
  o.memory = kMemory;
  return o;
}

std::string refused(const Bytes& b, const ImageOptions& o) {
  return error_of([&] { static_cast<void>(parse_image("f", b, o)); });
}

}  // namespace

TEST_CASE("a raw file is its bytes at the address that the user gives") {
  const Image image = parse_image("f", counted(1000), at(0x4010'0000));
  CHECK(image.kind == ImageKind::Raw);
  REQUIRE(image.segments.size() == 1);
  CHECK(image.segments[0].address.value == 0x4010'0000);
  CHECK(image.segments[0].bytes == counted(1000));
  CHECK(image.segments[0].memory_bytes == 1000);
  CHECK(image.entry.value == 0x4010'0000);
  CHECK_FALSE(image.compressed);
  CHECK(image.file_bytes == 1000);
}

TEST_CASE("a raw file without an address, or past the memory, is refused with one line") {
  CHECK(refused(counted(1000), anywhere()) ==
        "f: neither an ELF file nor an arm64 Image; a raw file needs a load address");
  CHECK(refused(counted(0x1000), at(0x5fff'f000)).empty());
  CHECK(refused(counted(0x1001), at(0x5fff'f000)) ==
        "f: 0x5ffff000 to 0x60000000 is not in memory, which is 0x40000000 to 0x5fffffff");
  CHECK(refused(counted(16), at(0x3fff'fff8)) ==
        "f: 0x3ffffff8 to 0x40000007 is not in memory, which is 0x40000000 to 0x5fffffff");
  CHECK(refused(counted(16), at(0xffff'ffff'ffff'fff8)) ==
        "f: 16 bytes at 0xfffffffffffffff8 go past the last address");
  CHECK(refused({}, at(0x4000'0000)) == "f: the file is empty");
  Bytes zboot = counted(1000);
  zboot[0] = 'M', zboot[1] = 'Z', zboot[4] = 'z', zboot[5] = 'i', zboot[6] = 'm', zboot[7] = 'g';
  CHECK(refused(zboot, anywhere()) == "f: a compressed EFI kernel; unpack it first");
}

TEST_CASE("an arm64 Image goes to 2 MiB plus its text offset, and says how much memory it uses") {
  const Image image = parse_image("f", linux_file(0, 0x30'0000, 0xa, 4096), anywhere());
  CHECK(image.kind == ImageKind::LinuxImage);
  CHECK(image.entry.value == 0x4020'0000);
  CHECK(image.segments[0].address == image.entry);
  CHECK(image.segments[0].bytes.size() == 4096);
  CHECK(image.segments[0].memory_bytes == 0x30'0000);
  CHECK(parse_image("f", linux_file(0x8'0000, 0x30'0000, 0, 4096), anywhere()).entry.value == 0x4028'0000);
  CHECK(parse_image("f", linux_file(0x8'0000, 0x30'0000, 0, 4096), at(0x4408'0000)).entry.value == 0x4408'0000);

  // Kernels before 3.17 have no size in their header, and their text offset is what it always was.
  const Image old = parse_image("f", linux_file(0x1234, 0, 0, 4096), anywhere());
  CHECK(old.text_offset == 0x8'0000);
  CHECK(old.entry.value == 0x4028'0000);
  CHECK(old.segments[0].memory_bytes == 4096);
}

TEST_CASE("an arm64 Image that cannot run is refused with one line") {
  CHECK(refused(linux_file(0, 0x30'0000, 1, 4096), anywhere()) ==
        "f: a big-endian kernel; only little-endian guests run");
  CHECK(refused(linux_file(0, 0x30'0000, 0, 4096), at(0x4010'0000)) ==
        "f: an arm64 Image is loaded at a multiple of 2 MiB plus 0x0, not at 0x40100000");
  CHECK(refused(linux_file(0, 0x2000'0000, 0, 4096), anywhere()) ==
        "f: 0x40200000 to 0x601fffff is not in memory, which is 0x40000000 to 0x5fffffff");
  CHECK(refused(linux_file(0, 4095, 0, 4096), anywhere()) == "f: its header says 4095 bytes, the file has 4096");
  CHECK(refused(linux_file(0, ~std::uint64_t{0}, 0, 4096), anywhere()) ==
        "f: 18446744073709551615 bytes at 0x40200000 go past the last address");
  Bytes cut = linux_file(0, 0x30'0000, 0, 4096);
  cut.resize(62);
  CHECK(refused(cut, anywhere()) == "f: a truncated arm64 Image: its header is not complete");
}

TEST_CASE("what gzip has compressed is unpacked, and what is damaged or too much is refused") {
  const Bytes file = linux_file(0, 0x30'0000, 0, 600'000);
  const Image image = parse_image("f", gzip(file), anywhere());
  CHECK(image.compressed);
  CHECK(image.segments[0].bytes == file);
  CHECK(image.file_bytes == gzip(file).size());

  // Two members are one file; what is behind the last is nothing.
  Bytes two = gzip({file.begin(), file.begin() + 1000});
  const Bytes second = gzip({file.begin() + 1000, file.end()});
  two.insert(two.end(), second.begin(), second.end());
  CHECK(parse_image("f", two, anywhere()).segments[0].bytes == file);
  two.resize(two.size() + 100);
  CHECK(parse_image("f", two, anywhere()).segments[0].bytes == file);

  Bytes cut = gzip(file);
  cut.resize(cut.size() - 9);
  CHECK(refused(cut, anywhere()) == "f: the gzip data end too early");
  CHECK(refused({0x1f, 0x8b}, anywhere()) == "f: the gzip data end too early");
  Bytes bad = gzip(file);
  bad[bad.size() - 6] ^= 1;
  CHECK(refused(bad, anywhere()) == "f: the gzip data are damaged: incorrect data check");
  CHECK(refused(gzip({}), anywhere()) == "f: nothing is compressed in it");

  ImageOptions little = anywhere();
  little.most_bytes = 599'999;
  CHECK(refused(gzip(file), little) == "f: unpacks to more than 599999 bytes");
  little.most_bytes = 600'000;
  CHECK(refused(gzip(file), little).empty());
}

TEST_CASE("a file that is not there, not a file, or too large is refused before it is read") {
  const auto folder = std::filesystem::temp_directory_path() / "staleline-guest-image";
  std::filesystem::create_directories(folder);
  const auto file = folder / "raw.bin";
  const Bytes content = counted(5000);
  std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(content.data()), 5000);
  CHECK(load_image(file, at(0x4000'0000)).segments[0].bytes == content);
  ImageOptions little = at(0x4000'0000);
  little.most_bytes = 4999;
  CHECK(error_of([&] { static_cast<void>(load_image(file, little)); }) ==
        file.string() + ": has 5000 bytes, more than 4999");
  CHECK(error_of([&] { static_cast<void>(load_image(folder, little)); }) == folder.string() + ": not a file");
  CHECK(error_of([&] { static_cast<void>(load_image("/dev/zero", little)); }) == "/dev/zero: not a file");
  CHECK(error_of([&] { static_cast<void>(load_image(folder / "none", little)); }) ==
        (folder / "none").string() + ": there is no such file");
  std::filesystem::remove_all(folder);
}

TEST_CASE("100 MB of junk are refused at once") {
  const Bytes junk(100'000'000, 0x5a);
  CHECK(refused(junk, anywhere()) == "f: neither an ELF file nor an arm64 Image; a raw file needs a load address");
}
