// SPDX-License-Identifier: Apache-2.0
// Instructions as they were fetched, decoded: by address, and only where the bytes are still the same.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "staleline/a64/execute.h"
#include "staleline/arm/address.h"
#include "staleline/event/types.h"
#include "staleline/pe/guest.h"

namespace staleline::pe {

/// What one fetch brings: four instructions.
inline constexpr std::uint64_t kGroupBytes = 16;

/// One instruction, and how it is executed where that is simple.
struct Decoded {
  a64::Instruction instruction{};  ///< UDF where the word is none
  a64::Executor execute = nullptr;
  bool plain_access = false;
};

class DecodedCode {
 public:
  struct Group {
    arm::VirtAddr at{};
    std::array<std::uint8_t, kGroupBytes> bytes{};
    bool valid = false;
    std::array<Decoded, 4> code{};
    /// For each instruction: which byte of the group a branch that is always taken, or an ISB, ends what follows from
    /// it at.
    std::array<std::uint8_t, 4> end{};
  };

  /// The instructions at these code addresses are NOPs.
  void set_nops(std::span<const arm::VirtAddr> at);

  /// What was fetched from `at`, a multiple of 16. Stands until the next call.
  const Group& supply(arm::VirtAddr at, std::span<const std::uint8_t, kGroupBytes> bytes) {
    Group& g = groups_[at.value / kGroupBytes % kGroups];
    if (!g.valid || g.at != at || std::memcmp(g.bytes.data(), bytes.data(), kGroupBytes) != 0) decode(g, at, bytes);
    return g;
  }

  /// The line that stands for an instruction in events and reports.
  [[nodiscard]] static event::SourceLine line_of(arm::VirtAddr pc) {
    return {static_cast<std::uint32_t>((pc.value >> 2) + 1)};
  }
  /// Which instruction a line stands for, and what it was when it was last decoded.
  [[nodiscard]] std::optional<CodePlace> place_of(event::SourceLine line) const;

 private:
  static constexpr std::size_t kGroups = 4096;

  void decode(Group& group, arm::VirtAddr at, std::span<const std::uint8_t, kGroupBytes> bytes);

  std::vector<Group> groups_ = std::vector<Group>(kGroups);
  std::vector<std::uint64_t> nops_;                      // ascending
  std::unordered_map<std::uint32_t, CodePlace> places_;  // never gone through
};

}  // namespace staleline::pe
