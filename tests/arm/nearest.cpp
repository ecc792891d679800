// SPDX-License-Identifier: Apache-2.0
// Suggestions: near misses find their name, far ones nothing, and junk costs nothing.
#include "staleline/arm/nearest.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "staleline/arm/attribute_names.h"

using staleline::arm::nearest;

TEST_CASE("a slip of the pen finds its name", "[arm]") {
  const auto names = staleline::arm::memory_attribute_names();
  CHECK(nearest("normal-wbb", names) == "normal-wb");
  CHECK(nearest("nromal-wb", names) == "normal-wb");
  CHECK(nearest("NORMAL-WT", names) == "normal-wt");
  CHECK(nearest("device-nGnRnE", names) == "device-ngnrne");
  CHECK(nearest("device_gre", names) == "device-gre");
  CHECK(nearest("normal-nc/bw", names) == "normal-nc/wb");
}

TEST_CASE("a transposition is one edit, so it wins over two substitutions", "[arm]") {
  constexpr std::array<std::string_view, 2> names{"dxay", "daxy"};
  CHECK(nearest("adxy", names) == "daxy");
  constexpr std::array<std::string_view, 1> one{"ihs"};
  CHECK(nearest("ish", one) == "ihs");
}

TEST_CASE("the first of equally near names is suggested", "[arm]") {
  constexpr std::array<std::string_view, 3> names{"cat", "bat", "rat"};
  CHECK(nearest("hat", names) == "cat");
  CHECK(nearest("rat", names) == "rat");
}

TEST_CASE("nothing near means no suggestion", "[arm]") {
  constexpr std::array<std::string_view, 3> names{"image", "ram", "x"};
  CHECK_FALSE(nearest("banana", names));
  CHECK_FALSE(nearest("imxxe", names));
  CHECK_FALSE(nearest("", names));
  CHECK_FALSE(nearest("y", names));
  CHECK(nearest("X", names) == "x");
  CHECK_FALSE(nearest("image", {}));
  CHECK_FALSE(nearest(std::string(1 << 20, 'i'), names));
}
