// SPDX-License-Identifier: Apache-2.0
// PSCI calls, one function after the other (DEN 0022 chapter 5).
#include "staleline/arm/psci.h"

#include <algorithm>

namespace staleline::arm::psci {

namespace {

constexpr std::uint64_t kPsciVersion = 1U << 16 | 1;
constexpr std::uint64_t kSmcccVersion = 1U << 16 | 1;
constexpr std::uint64_t kNoTrustedOs = 2;       // MIGRATE_INFO_TYPE: no migration is needed
constexpr std::uint64_t kPowerDown = 1U << 16;  // StateType of a power_state
constexpr std::uint64_t kReservedState = 0xfcfe'0000;
constexpr std::uint64_t kAffinity = 0xff'00ff'ffff;  // the bits of MPIDR_EL1 that name a PE

// In X0 a number is signed, also one of the 32-bit convention.
constexpr std::uint64_t x0_of(Status s) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(s)); }
constexpr Answer returns(std::uint64_t x0) { return {Answer::Action::Return, x0, 0, {}, 0}; }
constexpr Answer returns(Status s) { return returns(x0_of(s)); }
constexpr Answer ends(Answer::Action action) { return {action, 0, 0, {}, 0}; }

bool has_64_bit_form(Function f) {
  return f == Function::CpuSuspend || f == Function::CpuOn || f == Function::AffinityInfo || f == Function::Migrate;
}

bool supported(std::uint64_t id) {
  const auto f = static_cast<Function>(id & ~std::uint64_t{kConvention64});
  if ((id & kConvention64) != 0 && !has_64_bit_form(f)) return false;
  switch (f) {
    case Function::SmcccVersion:
    case Function::Version:
    case Function::CpuSuspend:
    case Function::CpuOff:
    case Function::CpuOn:
    case Function::AffinityInfo:
    case Function::MigrateInfoType:
    case Function::SystemOff:
    case Function::SystemReset:
    case Function::Features:
      return true;
    default:
      return false;
  }
}

Answer cpu_on(std::uint64_t target, std::uint64_t entry, std::uint64_t context, std::span<const Cpu> cpus) {
  const auto found = std::find_if(cpus.begin(), cpus.end(), [&](const Cpu& c) { return c.affinity == target; });
  if (found == cpus.end()) return returns(Status::InvalidParameters);
  if (found->state == CpuState::On) return returns(Status::AlreadyOn);
  if (found->state == CpuState::OnPending) return returns(Status::OnPending);
  if (entry % 4 != 0) return returns(Status::InvalidAddress);
  return {Answer::Action::StartCpu,
          x0_of(Status::Success),
          static_cast<std::size_t>(found - cpus.begin()),
          {entry},
          context};
}

Answer affinity_info(std::uint64_t target, std::uint64_t level, std::span<const Cpu> cpus) {
  if (level > 3) return returns(Status::InvalidParameters);
  // From Aff<level> up; Aff3 lies above a hole.
  std::uint64_t mask = kAffinity;
  for (std::uint64_t l = 0; l < level; ++l) mask &= ~(std::uint64_t{0xff} << (8 * l));
  bool any = false;
  bool on = false;
  bool pending = false;
  for (const Cpu& c : cpus) {
    if (((c.affinity ^ target) & mask) != 0) continue;
    any = true;
    on = on || c.state == CpuState::On;
    pending = pending || c.state == CpuState::OnPending;
  }
  if (!any) return returns(Status::InvalidParameters);
  const CpuState state = on ? CpuState::On : pending ? CpuState::OnPending : CpuState::Off;
  return returns(static_cast<std::uint64_t>(state));
}

}  // namespace

Answer answer(const Call& call, std::span<const Cpu> cpus) {
  const std::uint64_t id = call.x[0] & 0xffff'ffff;
  if (!supported(id)) return returns(Status::NotSupported);
  const std::uint64_t width = (id & kConvention64) != 0 ? ~std::uint64_t{0} : 0xffff'ffff;
  const auto argument = [&](std::size_t n) { return call.x[n] & width; };
  switch (static_cast<Function>(id & ~std::uint64_t{kConvention64})) {
    case Function::SmcccVersion:
      return returns(kSmcccVersion);
    case Function::Version:
      return returns(kPsciVersion);
    case Function::CpuSuspend:
      // No state that loses anything is offered.
      if ((argument(1) & (kPowerDown | kReservedState)) != 0) return returns(Status::InvalidParameters);
      return ends(Answer::Action::Wait);
    case Function::CpuOff:
      return ends(Answer::Action::StopCpu);
    case Function::CpuOn:
      return cpu_on(argument(1), argument(2), argument(3), cpus);
    case Function::AffinityInfo:
      return affinity_info(argument(1), argument(2), cpus);
    case Function::MigrateInfoType:
      return returns(kNoTrustedOs);
    case Function::SystemOff:
      return ends(Answer::Action::SystemOff);
    case Function::SystemReset:
      return ends(Answer::Action::SystemReset);
    case Function::Features:
      return returns(supported(argument(1)) ? Status::Success : Status::NotSupported);
    default:
      return returns(Status::NotSupported);
  }
}

}  // namespace staleline::arm::psci
