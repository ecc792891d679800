// SPDX-License-Identifier: Apache-2.0
// The outputs in README.md are what ./run.sh and the program print. Numbers may differ, so that a better calibrated
// latency need not touch the page; words, lines and their order may not.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "program.h"

namespace {

std::string page() {
  std::ifstream file{STALELINE_SOURCE_DIR "/README.md"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The block that follows the comment "output of ...".
std::string shown(const std::string& what) {
  static const std::string fence = "```text\n";
  const auto text = page();
  const auto mark = text.find("<!-- output of " + what + ",");
  const auto from = text.find(fence, mark) + fence.size();
  return text.substr(from, text.find("```", from) - from);
}

// Every number becomes 0, every run of blanks one blank.
std::string without_numbers(const std::string& text) {
  const auto zeroed = std::regex_replace(text, std::regex{"0x[0-9a-f]+|[0-9]+"}, "0");
  return std::regex_replace(zeroed, std::regex{" +"}, " ");
}

}  // namespace

TEST_CASE("the output in the README is what the boot replay prints") {
  const staleline::test::Folder here;
  const std::string boot = "run scenarios/boot/C1-02-stale-image.yaml";
  const auto run =
      here.shell("cd '" STALELINE_SOURCE_DIR "' && $STALELINE " + boot + "#bug && echo && $STALELINE " + boot + "#fix");
  CHECK(run.code == 0);
  CHECK(run.err.empty());
  CHECK(without_numbers(run.out) == without_numbers(shown("the replay")));
}

TEST_CASE("the output in the README is what U-Boot and its boot print") {
  const std::string image = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";
  if (!std::filesystem::exists(image)) {
    WARN("skipped: no U-Boot (Debian: u-boot-qemu)");
    return;
  }
  const staleline::test::Folder here;
  auto run = here.staleline("boot " + image + " --until console:DRAM --brief");
  CHECK(run.code == 0);
  std::erase(run.out, '\r');  // U-Boot's line ends
  // Its version and date are the package's.
  const std::regex version{"U-Boot [0-9].*\\)"};
  const auto at = run.out.find(image);
  REQUIRE(at != std::string::npos);
  run.out.replace(at, image.size(), "build/guests/u-boot/u-boot.bin");
  CHECK(without_numbers(std::regex_replace(run.out, version, "")) ==
        without_numbers(std::regex_replace(shown("./run.sh"), version, "")));
}
