// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: an answer, quickly, and never anything but InputError.
#include <catch2/catch.hpp>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "sample.h"
#include "staleline/a64/shown.h"

using namespace staleline::scenario;
using namespace staleline::scenario::test;

namespace {

/// UTF-8 without control characters.
bool is_readable(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = staleline::a64::character_length(text);
    if (length == 0 || first < 0x20 || first == 0x7f) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// True where the text loads. Diagnostics must be one line of printable text inside the file.
bool loads(const std::string& text) {
  try {
    parsed(text, "/nonexistent");
    return true;
  } catch (const InputError& e) {
    REQUIRE_FALSE(e.diagnostics().empty());
    const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const Diagnostic& d : e.diagnostics()) {
      INFO(d.formatted());
      CHECK((d.line >= 1 && d.line <= lines));
      CHECK(d.column >= 1);
      CHECK_FALSE(d.message.empty());
      CHECK(is_readable(d.message));
    }
    return false;
  }
}

const std::string kSample(kGood);

}  // namespace

TEST_CASE("every prefix of a scenario has an answer") {
  for (std::size_t n = 0; n < kSample.size(); ++n) {
    INFO(n);
    static_cast<void>(loads(kSample.substr(0, n)));
  }
  // Only the last lines, which nothing needs, may be missing.
  CHECK_FALSE(loads(kSample.substr(0, kSample.find("variants:"))));
}

TEST_CASE("a scenario without any one of its bytes has an answer") {
  for (std::size_t n = 0; n < kSample.size(); ++n) {
    INFO(n);
    static_cast<void>(loads(edited(kSample, kSample.substr(n), kSample.substr(n + 1))));
  }
}

TEST_CASE("a scenario without any one of its lines has an answer") {
  for (std::size_t begin = 0; begin < kSample.size();) {
    const std::size_t end = kSample.find('\n', begin) + 1;
    INFO(kSample.substr(begin, end - begin));
    static_cast<void>(loads(kSample.substr(0, begin) + kSample.substr(end)));
    begin = end;
  }
}

TEST_CASE("random edits of a scenario have an answer") {
  static constexpr std::string_view kBytes = "[]{}:,|>-#&*!%@`'\"\\\n\t ?.=~<0x\xc3\xff";
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text = kSample;
    for (std::size_t edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.insert(at, 1, kBytes[random() % kBytes.size()]);
          break;
        case 2:
          text.erase(at, 1 + random() % 20);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 40));
          break;
      }
    }
    INFO(text);
    static_cast<void>(loads(text));
  }
}

TEST_CASE("the largest files are answered within a second") {
  const auto quick = [](const std::string& text) {
    REQUIRE(text.size() <= 256 * 1024);
    // Processor time, so that a busy machine changes nothing; sanitizers take their share.
    const std::clock_t start = std::clock();
    static_cast<void>(loads(text));
    CHECK((std::clock() - start) / CLOCKS_PER_SEC < 5);
  };
  constexpr std::size_t kSize = 250 * 1024;
  const auto grown = [&](const char* at, const std::string& piece) {
    std::string more;
    while (more.size() + kSample.size() < kSize) more += piece;
    return edited(kSample, at, at + more);
  };
  quick(grown("  cpu: |\n", "          nop\n"));
  quick(grown("  cpu: |\n", "          .copy buf, buf\n"));
  quick(grown("  cpu: |\n", "          .copy bfu, buf\n"));
  quick(grown("  cpu: |\n", "    [fix]\n"));
  quick(grown("init:\n", "  - { region: buf, bytes: 1 }\n"));
  quick(grown("about: ", "\"a\" "));
  std::string regions, labels, publishes;
  for (int i = 0; regions.size() < kSize / 2; ++i)
    regions += "  r" + std::to_string(i + 100) + ": { at: ram, size: 1 }\n";
  for (int i = 0; labels.size() < kSize / 2; ++i) labels += "    l" + std::to_string(i) + ": nop\n";
  for (int i = 0; publishes.size() < kSize / 2; ++i) publishes += "    .publish e" + std::to_string(i) + "\n";
  quick(edited(kSample, "memory:\n", "memory:\n" + regions));
  quick(edited(kSample, "  cpu: |\n", "  cpu: |\n" + labels));
  quick(edited(kSample, "  cpu: |\n", "  cpu: |\n" + publishes));
  std::string variants;
  for (int i = 0; i < 28; ++i) variants += "  v" + std::to_string(i) + ": {}\n";
  quick(edited(grown("  cpu: |\n", "          mov x1, #1\n").substr(0, kSize + 6000), "variants:\n",
               "variants:\n" + variants));
  quick(std::string(kSize, '['));
  quick(std::string(kSize, '\n'));
  quick("a: |\n" + std::string(kSize, ' '));
  quick("a: '" + std::string(kSize, '\''));
}

TEST_CASE("payloads are read from the folder of the scenario, and only regular files are") {
  const auto folder = std::filesystem::temp_directory_path() / "staleline-scenario-payload";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "image.bin", std::ios::binary) << "0123456789";
  std::ofstream(folder / "empty.bin", std::ios::binary);
  const auto said = [&](const std::string& region) {
    try {
      parsed(edited(kSample, "{ at: ram+0x100, size: 256 }", "{ at: ram+0x100, " + region + " }"), folder.string());
    } catch (const InputError& e) {
      return e.diagnostics().front().message;
    }
    return std::string();
  };
  CHECK(said("size: 256, payload: image.bin").empty());
  CHECK(said("payload: empty.bin") == "payload file `empty.bin`: is empty");
  CHECK(said("payload: /dev/zero") == "payload file `/dev/zero`: expected a regular file that can be read");
  CHECK(said("size: 8, payload: image.bin") ==
        "payload file `image.bin`: has 10 bytes, more than the region, which has 8");

  // Without a size: whole lines.
  std::string text = edited(kSample, "at: ram+0x100, size: 256", "at: ram+0x100, payload: image.bin");
  text = edited(edited(text, "region: \"buf[0..64]\"", "region: \"buf[0..8]\""), "buf[64..128]", "buf[..64]");
  text = edited(text, ".doorbell nic\n",
                ".doorbell nic\n          .copy buf, payload\n          .expect x0 == payload[8..10]\n");
  const Document document = parsed(text, folder.string());
  const Scenario& s = document.variant("bug");
  CHECK(s.regions[1].bytes == 64);
  const auto& directives = s.agents[0].program.directives;
  CHECK(std::string(directives[1].bytes.begin(), directives[1].bytes.end()) == "0123456789");
  CHECK(directives[1].destination.bytes == 10);
  CHECK(directives[2].value == 0x3938);
  std::filesystem::remove_all(folder);
}
