// SPDX-License-Identifier: Apache-2.0
// Runs one agent's program as a stream of actions: instructions and directives become accesses,
// maintenance, barriers, sends and waits. PEs and DMA engines perform the same stream.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "staleline/a64/step.h"
#include "staleline/arm/address.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/event/types.h"

namespace staleline::pe {

/// What an agent does next.
struct Action {
  enum class What : std::uint8_t {
    Compute,  ///< registers only: takes a cycle
    Load,     ///< `address`, `bytes`, `ordered`: acquire
    Store,    ///< `address`, `bytes`, `data`, `ordered`: release
    Fetch,
    Walk,
    Maintenance,  ///< `operation` on every line of [address, address + bytes)
    Barrier,
    WriteSystem,  ///< `value` to `system_register`
    ReadSystem,
    Send,   ///< `edge`, `mechanism`
    Await,  ///< send number `value` of `edge`, `mechanism`
    Delay,  ///< `value` cycles
    End,
  };
  What what = What::End;
  event::SourceLine line{};
  arm::VirtAddr address{};
  std::uint64_t bytes = 0;
  std::uint8_t alignment = 1;  ///< of the elements, a power of two
  bool ordered = false;
  bool weakly_ordered = false;  ///< LDAPR: may pass an earlier STLR
  std::array<std::uint8_t, 64> data{};
  arm::CacheOp operation{};
  arm::Barrier barrier{};
  a64::SystemRegister system_register{};
  event::EdgeId edge{};
  event::Mechanism mechanism = event::Mechanism::Flag;
  std::uint64_t value = 0;
};

/// A `.expect` that did not hold.
struct Unexpected {
  std::uint32_t directive = 0;
  std::uint64_t actual = 0;
  // Where the register's bytes were loaded from; `bytes` is 0 if they were not.
  arm::PhysAddr loaded_from{};
  std::uint8_t bytes = 0;
};

class Sequencer {
 public:
  /// `chunk`: the largest access of .copy, .fill and .read, a power of two up to 64. `natural`: their
  /// accesses are a power of two in size and aligned to it, as those of a PE are.
  Sequencer(const a64::Program& program, std::uint32_t chunk, bool natural);

  /// The action to perform now; stays the same until finished.
  [[nodiscard]] const Action& action() const { return action_; }
  /// Ends the action. `response`: the bytes that a load, fetch or walk got, or the value of a system
  /// register; `from`: where they were. Returns true where it was the last action of its line.
  bool finish(const std::array<std::uint8_t, 64>& response = {}, arm::PhysAddr from = {});
  /// Ends the program now (a fault).
  void stop() { action_.what = Action::What::End; }

  [[nodiscard]] bool ended() const { return action_.what == Action::What::End; }
  [[nodiscard]] std::uint64_t instructions() const { return instructions_; }
  [[nodiscard]] const std::vector<Unexpected>& unexpected() const { return unexpected_; }
  [[nodiscard]] const a64::Registers& registers() const { return registers_; }
  [[nodiscard]] const a64::Program& program() const { return *program_; }

 private:
  struct Origin {
    arm::PhysAddr address{};
    std::uint8_t bytes = 0;
  };
  void prepare();
  void prepare_memory(const a64::MemoryRequest& request);
  void prepare_directive(const a64::Directive& directive);
  void prepare_chunk(const a64::Directive& directive);
  void expect(const a64::Directive& directive);
  void remember_origin(arm::PhysAddr from);
  /// True while the directive has further chunks.
  bool next_chunk(const std::array<std::uint8_t, 64>& response);

  const a64::Program* program_;
  std::uint32_t chunk_;
  bool natural_;
  bool has_expect_ = false;
  a64::Registers registers_{};
  std::uint32_t index_ = 0, next_index_ = 0;
  a64::Step step_{};
  Action action_{};
  std::uint64_t offset_ = 0;  ///< how much of a .copy, .fill or .read is done
  bool storing_ = false;      ///< .copy: the chunk is loaded, its store is next
  std::uint64_t instructions_ = 0;
  std::vector<std::uint64_t> awaited_;  ///< per edge: how many awaits were executed
  std::array<Origin, 31> origins_{};
  std::vector<Unexpected> unexpected_;
};

}  // namespace staleline::pe
