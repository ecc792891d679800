// SPDX-License-Identifier: Apache-2.0
// The hash of registers, against numbers that Python's zlib made of the same records.
#include "staleline/guest/register_hash.h"

#include <catch2/catch.hpp>
#include <map>

TEST_CASE("the hash of registers is what its definition says") {
  const std::map<std::uint64_t, std::uint32_t> expected{{1, 0x539b'4b31}, {2, 0x4916'c7b2}, {1000, 0x1eef'810f}};
  staleline::guest::RegisterHash hash;
  CHECK(hash.value() == 0);
  for (std::uint64_t n = 0; n < 1000; ++n) {
    std::array<std::uint64_t, 31> x{};
    for (std::uint64_t i = 0; i < 31; ++i) x[i] = n * 0x0123'4567'89ab'cdef * (i + 1);
    // Bits of PSTATE that are no flags do not count.
    hash.add(0x4020'0000 + 4 * n, x, 0x5ff0'0000 - n, (n % 16) << 28 | 0x3c5);
    CHECK(hash.instructions() == n + 1);
    if (const auto at = expected.find(n + 1); at != expected.end()) CHECK(hash.value() == at->second);
  }
}
