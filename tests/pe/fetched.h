// SPDX-License-Identifier: Apache-2.0
// What the tests of fetched programs share.
#pragma once

#include <cstdint>
#include <vector>

#include "world.h"

namespace staleline::test {

inline constexpr std::uint64_t kCode = 0x1000, kVectors = 0x800;

/// With translation as after reset: off.
[[nodiscard]] inline Setup::Agent guest(std::uint8_t el = 1) {
  Setup::Agent a;
  a.fetched = kCode;
  a.el = el;
  a.controls = {false, false, false};
  a.tables = true;
  a.until.instructions = 10'000;
  return a;
}

[[nodiscard]] inline Setup one(const Setup::Agent& a) {
  Setup s;
  s.agents.push_back(a);
  return s;
}

[[nodiscard]] inline pe::Ending ending(const World& world, std::size_t core = 0) {
  return world.pe(core).standing().at(0).ending;
}

// Ends the program: PSCI SYSTEM_OFF.
inline const std::vector<std::uint32_t> kOff{
    0x52b08000,  // mov w0, #0x84000000
    0x72800100,  // movk w0, #8
    0xd4000002,  // hvc #0
};

[[nodiscard]] inline std::vector<std::uint32_t> operator+(std::vector<std::uint32_t> a,
                                                          const std::vector<std::uint32_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace staleline::test
