// SPDX-License-Identifier: Apache-2.0
// What goes with a program whose instructions are fetched from memory: how far it runs, and who looks at its registers.
#pragma once

#include <cstdint>
#include <optional>

#include "staleline/a64/step.h"
#include "staleline/arm/address.h"
#include "staleline/arm/system_registers.h"

namespace staleline::pe {

/// Where a fetched program ends, as if it had come to its end; whichever comes first.
struct Until {
  std::optional<arm::VirtAddr> pc{};  ///< before the instruction there is executed
  std::uint64_t instructions = 0;     ///< after so many; 0: no limit
  bool mmu_on = false;                ///< once SCTLR_ELx.M of its Exception level is set and in force
};

/// Why a program ended.
enum class Ending : std::uint8_t {
  None,          ///< it has not
  Program,       ///< it came to its end
  Fault,         ///< nobody takes its fault
  Pc,            ///< Until::pc
  Instructions,  ///< Until::instructions
  MmuOn,         ///< Until::mmu_on
  SystemOff,     ///< PSCI
  SystemReset,
  CpuOff,
  ExceptionLoop,  ///< its vector's first instruction takes the same exception each time
  Stopped,        ///< by another, which ended everything
};

/// Hears of every instruction of a fetched program.
class InstructionObserver {
 public:
  virtual ~InstructionObserver() = default;
  /// Before the instruction at `pc` is executed; `registers` has the stack pointer in force and the flags. One that
  /// takes an exception is told of once, and one whose fetch fails is none.
  virtual void before(arm::VirtAddr pc, const a64::Registers& registers) = 0;
  /// What a read of a counter, CNTVCT_EL0 or CNTPCT_EL0, gives instead of simulated time.
  virtual std::optional<std::uint64_t> counter(arm::SystemRegister) { return std::nullopt; }
};

/// Where an instruction of a fetched program stands, and what it is.
struct CodePlace {
  arm::VirtAddr pc{};
  std::uint32_t word = 0;
};

}  // namespace staleline::pe
