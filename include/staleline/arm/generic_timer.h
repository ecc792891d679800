// SPDX-License-Identifier: Apache-2.0
// The Generic Timer (DDI 0487 D11): a system counter that follows simulated time, and timers as values.
#pragma once

#include <cstdint>
#include <optional>

namespace staleline::arm {

/// How the system counter follows a clock. Both sides start at 0 together.
class SystemCounter {
 public:
  /// CNTFRQ_EL0 that firmware would have set.
  static constexpr std::uint64_t kFrequency = 62'500'000;

  /// `clock`: cycles a second; not 0. With kFrequency a cycle is a tick.
  explicit constexpr SystemCounter(std::uint64_t clock, std::uint64_t frequency = kFrequency)
      : clock_(clock), frequency_(frequency) {}

  [[nodiscard]] constexpr std::uint64_t frequency() const { return frequency_; }
  /// The count in a cycle: CNTPCT_EL0.
  [[nodiscard]] constexpr std::uint64_t count_at(std::uint64_t cycle) const {
    // Whole seconds apart, so that nothing overflows.
    return cycle / clock_ * frequency_ + cycle % clock_ * frequency_ / clock_;
  }
  /// The first cycle that has this count or a larger one.
  [[nodiscard]] constexpr std::uint64_t cycle_of(std::uint64_t count) const {
    return count / frequency_ * clock_ + (count % frequency_ * clock_ + (frequency_ - 1)) / frequency_;
  }

 private:
  std::uint64_t clock_, frequency_;
};

/// One timer: CNT<x>_CTL, CNT<x>_CVAL, CNT<x>_TVAL. `count` is always what the timer compares with: CNTPCT for CNTP and
/// CNTHP, CNTPCT - CNTVOFF_EL2 for CNTV.
class Timer {
 public:
  static constexpr std::uint64_t kEnable = 1, kImask = 2, kIstatus = 4;

  /// ISTATUS reads as 0 while the timer is disabled (D17.11: UNKNOWN).
  [[nodiscard]] constexpr std::uint64_t ctl(std::uint64_t count) const {
    return control_ | (condition(count) ? kIstatus : 0);
  }
  constexpr void set_ctl(std::uint64_t value) { control_ = value & (kEnable | kImask); }
  [[nodiscard]] constexpr std::uint64_t cval() const { return compare_; }
  constexpr void set_cval(std::uint64_t value) { compare_ = value; }
  /// 32 bits, counting down, negative once the time has come (D11.2.4).
  [[nodiscard]] constexpr std::uint64_t tval(std::uint64_t count) const { return (compare_ - count) & 0xffff'ffff; }
  constexpr void set_tval(std::uint64_t count, std::uint64_t value) {
    compare_ = count + static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(value)));
  }

  /// The timer is enabled, and the time has come.
  [[nodiscard]] constexpr bool condition(std::uint64_t count) const {
    return (control_ & kEnable) != 0 && count >= compare_;
  }
  /// The level of its interrupt.
  [[nodiscard]] constexpr bool interrupt(std::uint64_t count) const {
    return (control_ & kImask) == 0 && condition(count);
  }
  /// The count at which its interrupt rises if nothing is written before; nothing where it is up, or will not rise.
  [[nodiscard]] constexpr std::optional<std::uint64_t> next(std::uint64_t count) const {
    if ((control_ & (kEnable | kImask)) != kEnable || count >= compare_) return std::nullopt;
    return compare_;
  }

 private:
  std::uint64_t control_ = 0, compare_ = 0;
};

/// Interrupt IDs that Arm's base system architecture gives the timers of a PE.
inline constexpr std::uint32_t kHypervisorTimerInterrupt = 26, kVirtualTimerInterrupt = 27,
                               kSecurePhysicalTimerInterrupt = 29, kPhysicalTimerInterrupt = 30;

/// The timers of a PE.
struct GenericTimer {
  std::uint64_t virtual_offset = 0;  ///< CNTVOFF_EL2
  Timer physical{}, virtual_timer{}, hypervisor{};

  /// CNTVCT_EL0.
  [[nodiscard]] constexpr std::uint64_t virtual_count(std::uint64_t count) const { return count - virtual_offset; }
  /// The physical count at which the next of the three interrupts rises.
  [[nodiscard]] constexpr std::optional<std::uint64_t> next(std::uint64_t count) const {
    std::optional<std::uint64_t> first = earlier(physical.next(count), hypervisor.next(count));
    std::optional<std::uint64_t> v = virtual_timer.next(virtual_count(count));
    if (v) {
      // The offset may carry it past the last count: never then.
      const std::uint64_t at = *v + virtual_offset;
      v = at > count ? std::optional(at) : std::nullopt;
    }
    return earlier(first, v);
  }

 private:
  static constexpr std::optional<std::uint64_t> earlier(std::optional<std::uint64_t> a,
                                                        std::optional<std::uint64_t> b) {
    if (!a) return b;
    return b && *b < *a ? b : a;
  }
};

}  // namespace staleline::arm
