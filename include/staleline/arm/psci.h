// SPDX-License-Identifier: Apache-2.0
// PSCI 1.1 (DEN 0022) and as much of the SMC Calling Convention (DEN 0028) as says that it is there: from the registers
// of an HVC or SMC to what is returned and what happens.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "staleline/arm/address.h"

namespace staleline::arm::psci {

/// Function identifiers of the 32-bit convention; those that have a 64-bit form have bit 30 set in it.
enum class Function : std::uint32_t {
  SmcccVersion = 0x8000'0000,
  SmcccArchFeatures = 0x8000'0001,
  Version = 0x8400'0000,
  CpuSuspend = 0x8400'0001,
  CpuOff = 0x8400'0002,
  CpuOn = 0x8400'0003,
  AffinityInfo = 0x8400'0004,
  Migrate = 0x8400'0005,
  MigrateInfoType = 0x8400'0006,
  SystemOff = 0x8400'0008,
  SystemReset = 0x8400'0009,
  Features = 0x8400'000a,
};
inline constexpr std::uint32_t kConvention64 = 1U << 30;

/// What functions return (DEN 0022 5.2.2).
enum class Status : std::int32_t {
  Success = 0,
  NotSupported = -1,
  InvalidParameters = -2,
  Denied = -3,
  AlreadyOn = -4,
  OnPending = -5,
  InternalFailure = -6,
  NotPresent = -7,
  Disabled = -8,
  InvalidAddress = -9,
};

/// AFFINITY_INFO returns these.
enum class CpuState : std::uint8_t { On = 0, Off = 1, OnPending = 2 };
struct Cpu {
  std::uint64_t affinity = 0;  ///< MPIDR_EL1, the bits Aff0 to Aff3
  CpuState state = CpuState::Off;
};

struct Call {
  std::array<std::uint64_t, 4> x{};  ///< X0 to X3
};

struct Answer {
  enum class Action : std::uint8_t {
    Return,       ///< to the caller, with `x0`
    StartCpu,     ///< the same, and `cpu` starts at `entry` with `context` in its X0
    StopCpu,      ///< the caller is off; no return
    Wait,         ///< CPU_SUSPEND to a standby state: as WFI, then return with `x0`
    SystemOff,    ///< no return
    SystemReset,  ///< no return
  };
  Action action = Action::Return;
  std::uint64_t x0 = 0;
  std::size_t cpu = 0;  ///< index into the CPUs
  PhysAddr entry{};
  std::uint64_t context = 0;
};

/// The answer to a call that one of `cpus`, which is on, makes. What is no function of PSCI is not supported. An entry
/// has to be a multiple of 4; whether there is memory at it is for the machine to know.
[[nodiscard]] Answer answer(const Call& call, std::span<const Cpu> cpus);

}  // namespace staleline::arm::psci
