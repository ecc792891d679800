// SPDX-License-Identifier: Apache-2.0
// Runs one scenario on the cycle engine, with the judge listening.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "staleline/event/listener.h"
#include "staleline/judge/hazard.h"
#include "staleline/pe/pe.h"
#include "staleline/scenario/scenario.h"

namespace staleline::run {

struct Options {
  std::uint64_t seed = 1;
  std::optional<double> adversary;  ///< random legal fills and evictions per thousand cycles
  event::Cycle window = 0;          ///< run-ahead in cycles; 0: the largest allowed
  bool reverse_agents = false;      ///< visit components in reverse; must change nothing
  event::Cycle max_cycles = 200'000'000;
  std::vector<event::Listener*> listeners;         ///< besides the judge
  const std::atomic<bool>* interrupted = nullptr;  ///< becomes true: stop with Limit::Interrupted
  const bool* enough = nullptr;                    ///< becomes true: the run is over
  std::function<void(std::uint8_t)> console{};     ///< gets what a PL011 sends; may be empty
  /// Of agents that execute code from memory.
  pe::Until until{};
  pe::Until started{};                          ///< instead, of those that PSCI starts
  pe::InstructionObserver* observer = nullptr;  ///< not of those
  std::vector<arm::VirtAddr> nops{};
  /// False: nothing listens but `listeners`, so that there are no hazards, no timeline and no counts of copies.
  bool judge = true;
};

/// Where a program of an agent that executes code from memory stood when the run was over.
struct GuestEnd {
  event::AgentId agent{};
  arm::VirtAddr pc{};
  std::uint64_t instructions = 0;
  pe::Ending ending = pe::Ending::None;
};

struct ExpectFailure {
  event::AgentId agent{};
  event::SourceLine line{};
  std::string text;        ///< "x0 == 0x2: x0 is 0x1"
  bool explained = false;  ///< the bytes are those of a hazard that was found
};

/// Where the newest bytes (or an older copy) sat when the hazard was first seen.
struct HolderState {
  std::string cache;  ///< "L1D of core 0", "L2", "none" where the copy is only possible
  std::string state;  ///< "Modified", "Shared", ...
  event::Cycle since = 0;
};

struct FoundHazard {
  judge::Hazard hazard;
  std::optional<std::uint32_t> region;  ///< the innermost region of its address
  std::optional<HolderState> holder;
  bool expected = false;
};

struct Statistics {
  event::Cycle cycles = 0;
  std::uint64_t instructions = 0, loads = 0, stores = 0, maintenance = 0, barriers = 0;
  std::uint64_t fills = 0, write_backs = 0, memory_reads = 0, memory_writes = 0, snoops = 0;
};

/// One line of the timeline: what an agent did that matters to the story.
struct Moment {
  event::Cycle cycle = 0;
  event::AgentId agent{};
  event::SourceLine line{};
  std::string text;
};

enum class Limit : std::uint8_t { None, Cycles, Deadlock, Interrupted, Guest };

struct Result {
  const scenario::Scenario* scenario = nullptr;
  Options options;
  std::vector<FoundHazard> hazards;
  std::vector<std::uint32_t> missing;  ///< indexes of scenario->expected that were not found
  std::vector<ExpectFailure> expect_failures;
  std::vector<Moment> timeline;
  Statistics statistics;
  std::vector<GuestEnd> guests{};
  /// The instruction of an agent that executes code from memory, by what stands for its line; empty where there is
  /// none.
  std::function<std::optional<pe::CodePlace>(event::AgentId, event::SourceLine)> place_of{};
  std::function<std::string(arm::VirtAddr)> symbol_of{};  ///< "name+0x10", or nothing; may be empty
  Limit limit = Limit::None;
  std::string limit_text;  ///< what is not covered

  /// Exit code of this run (docs/getting-started.md): 0, 1 or 3. `strict` ignores declared hazards.
  [[nodiscard]] int exit_code(bool strict) const;
};

/// Runs `s`. Throws scenario::InputError for a platform request that cannot be met.
[[nodiscard]] Result run(const scenario::Scenario& s, const Options& options);

}  // namespace staleline::run
