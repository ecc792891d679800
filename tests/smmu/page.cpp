// SPDX-License-Identifier: Apache-2.0
// docs/smmu.md has every register, field, command and record that the formats have.
#include <catch2/catch.hpp>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "staleline/arm/smmu.h"

namespace smmu = staleline::arm::smmu;

namespace {

std::set<std::string> words_of_page() {
  std::ifstream file(STALELINE_SOURCE_DIR "/docs/smmu.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
    } else {
      words.insert(std::exchange(word, {}));
    }
  }
  return words;
}

}  // namespace

TEST_CASE("the page of compliance has every register, field, command and record") {
  const auto words = words_of_page();
  REQUIRE(words.size() > 200);
  const auto check = [&](std::string_view name) {
    INFO(name);
    CHECK(words.count(std::string(name)) == 1);
  };
  for (const auto& r : smmu::registers()) {
    check(r.name);
    for (const auto& f : r.fields) check(f.name);
  }
  for (const auto& f : smmu::ste_fields()) check(f.name);
  for (const auto& f : smmu::cd_fields()) check(f.name);
  for (const auto o : smmu::all_opcodes()) check(smmu::name_of(o));
  for (const auto t : smmu::all_event_types()) check(smmu::name_of(t));
}
