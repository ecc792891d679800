// SPDX-License-Identifier: Apache-2.0
// The bare-metal programs, where they could be built: they load, and the variants differ in nothing but maintenance.
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "staleline/guest/image.h"

namespace {

using namespace staleline;
using namespace staleline::guest;

Image load(const std::string& name) {
  ImageOptions options;
  options.memory = {{{0x4000'0000}, 0x2000'0000}};
  return load_image(std::filesystem::path(BARE_GUESTS) / (name + ".elf"), options);
}

/// The instructions of a function, branches and addresses without their distances.
std::vector<std::uint32_t> code(const Image& image, const std::string& function, std::size_t count) {
  const std::size_t at = *image.symbols.find(function) - image.segments.front().linked.value;
  std::vector<std::uint32_t> words(count);
  std::memcpy(words.data(), image.segments.front().bytes.data() + at, 4 * count);
  return words;
}

}  // namespace

TEST_CASE("the spin table in its variants") {
  if (!std::filesystem::exists(std::filesystem::path(BARE_GUESTS) / "spin-table-fix.elf")) {
    WARN("skipped: no aarch64-linux-gnu-gcc when this was built (Debian: gcc-aarch64-linux-gnu)");
    return;
  }
  for (const std::string variant : {"bug-release", "bug-status", "fix"}) {
    INFO(variant);
    const Image image = load("spin-table-" + variant);
    CHECK(image.kind == ImageKind::Elf);
    CHECK(image.entry.value == 0x4020'0000);
    CHECK(image.symbols.at(0x4020'0000)->text() == "_start");
    REQUIRE(image.symbols.find("release"));
    REQUIRE(image.symbols.find("status"));
    // Never one line: what one side maintains is not the other's.
    CHECK(*image.symbols.find("release") / 64 != *image.symbols.find("status") / 64);
    REQUIRE(image.segments.size() == 2);
    CHECK(image.segments[1].memory_bytes > image.segments[1].bytes.size());

    // release_secondary: adrp add adrp add str [dc civac, x0] dsb sev ret.
    const bool cleans = variant != "bug-release";
    const auto release = code(image, "release_secondary", 9);
    CHECK((release[5] == 0xd50b'7e20) == cleans);
    CHECK(release[cleans ? 6 : 5] == 0xd503'3f9f);
    // secondary: mov adrp add str [dmb; dc ivac, x0] dsb.
    const bool invalidates = variant != "bug-status";
    const auto secondary = code(image, "secondary", 8);
    CHECK((secondary[4] == 0xd503'3fbf && secondary[5] == 0xd508'7620) == invalidates);
    CHECK(secondary[invalidates ? 6 : 4] == 0xd503'3f9f);
  }
}
