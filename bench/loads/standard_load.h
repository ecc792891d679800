// SPDX-License-Identifier: Apache-2.0
// The standard loads: 8-byte accesses at random addresses, 70 % reads, 4 PEs with one outstanding
// access each at their load/store port.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace staleline::loads {

enum class Load : std::uint8_t {
  Hit,     ///< a private 16 KiB region a PE
  Tlb,     ///< the same behind a TLB: each access is translated by tables of stage 1
  Shared,  ///< one 256 KiB region for all
  Big,     ///< one 64 MiB region for all
};
[[nodiscard]] std::optional<Load> parse(std::string_view name);

struct Options {
  Load load = Load::Hit;
  std::uint64_t accesses = 1'000'000;  ///< of all PEs together
  std::uint64_t seed = 1;
  bool judge = false;  ///< a judge listens
};

struct Outcome {
  std::uint64_t accesses = 0;
  std::uint64_t cycles = 0;
  double l1_miss_rate = 0;
  double llc_miss_rate = 0;
  std::uint64_t reads_sum = 0;  ///< of all bytes that reads returned, modulo 2^64
  std::uint64_t hazards = 0;
};
[[nodiscard]] Outcome run(const Options& options);

}  // namespace staleline::loads
