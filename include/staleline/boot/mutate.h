// SPDX-License-Identifier: Apache-2.0
// What a guest would lose: each maintenance operation and barrier of its MMU-off window left out, one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "staleline/boot/boot.h"
#include "staleline/judge/hazard.h"

namespace staleline::boot {

/// One instruction, executed as NOP every time.
struct Mutation {
  event::Kind kind = event::Kind::Maintenance;
  pe::CodePlace place{};
  std::uint64_t times = 0;
  bool arrived = false;   ///< the guest came where it was to all the same
  std::string stopped{};  ///< why it was over

  /// A hazard that the guest does not have as it is.
  struct Found {
    judge::HazardId id{};
    judge::Verdict verdict{};
    arm::PhysAddr address{};
    std::string place;  ///< of the reader
  };
  std::vector<Found> found{};
  [[nodiscard]] bool carries() const { return !arrived || !found.empty(); }
};

/// What is asked of a run about its end: whether the guest came where it was to, and in words.
struct Arrival {
  bool arrived = false;
  std::string stopped;
};

/// Runs the guest anew for each instruction of the window of `windowed`, whose places it knows, on as many processes as
/// there are PEs in the host; the order is that of the window. `run` makes the run with `nops` left out; `baseline` is
/// the one without any.
[[nodiscard]] std::vector<Mutation> mutate(
    const run::Result& baseline, const run::Result& windowed, const Told& told,
    const std::function<run::Result(const std::vector<arm::VirtAddr>& nops)>& run,
    const std::function<Arrival(const run::Result&)>& arrival);

/// For people: a table, and a summary by function where symbols say which, else by instruction.
[[nodiscard]] std::string mutations_text(const std::vector<Mutation>& mutations, const Guest& guest);

}  // namespace staleline::boot
