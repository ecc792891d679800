// SPDX-License-Identifier: Apache-2.0
// The system registers of one agent: what was written, and what is in force since the last context
// synchronisation.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "staleline/arm/system_registers.h"
#include "staleline/arm/translation.h"
#include "staleline/mmu/translator.h"

namespace staleline::pe {

class SystemState {
 public:
  using Register = arm::SystemRegister;

  /// Reset values, at Exception level `el`.
  explicit SystemState(std::uint8_t el);

  /// A value that holds from the start, written and in force.
  void preset(Register r, std::uint64_t value);

  /// What MRS and MSR at this Exception level mean by a name: with HCR_EL2.E2H those of EL1 are those of EL2 there.
  [[nodiscard]] Register redirected(Register r) const;
  [[nodiscard]] std::uint64_t written(Register r) const { return written_[index(r)]; }
  [[nodiscard]] std::uint64_t in_force(Register r) const { return in_force_[index(r)]; }
  /// MSR. A register that translation does not depend on is in force at once.
  void write(Register r, std::uint64_t value);

  /// Context synchronisation: calls change(register, value, before) for each register that comes into force.
  template <class Change>
  void synchronise(Change change) {
    for (const Register r : translation_registers()) {
      const std::uint64_t before = in_force_[index(r)];
      if (written_[index(r)] == before) continue;
      in_force_[index(r)] = written_[index(r)];
      change(r, written_[index(r)], before);
    }
  }

  [[nodiscard]] std::uint8_t el() const { return el_; }
  void set_el(std::uint8_t el) { el_ = el; }
  /// PSTATE.PAN.
  [[nodiscard]] bool pan() const { return (written(Register::PAN) >> 22 & 1) != 0; }
  /// SCTLR_ELx of this Exception level.
  [[nodiscard]] Register control() const { return el_ <= 1 ? Register::SCTLR_EL1 : Register::SCTLR_EL2; }
  [[nodiscard]] mmu::Controls controls() const;
  /// As they will be after context synchronisation.
  [[nodiscard]] mmu::Controls controls_written() const;
  [[nodiscard]] arm::Regime regime() const { return arm::regime_of(el_, in_force(Register::HCR_EL2)); }
  [[nodiscard]] arm::TranslationRegisters translation() const { return translation_of(regime()); }
  [[nodiscard]] arm::TranslationRegisters translation_of(arm::Regime regime) const;

  /// Those that come into force at context synchronisation, in a fixed order.
  [[nodiscard]] static std::span<const Register> translation_registers();

 private:
  static std::size_t index(Register r) { return static_cast<std::size_t>(r); }
  std::uint8_t el_;
  std::array<std::uint64_t, arm::kSystemRegisters> written_{}, in_force_{};
};

}  // namespace staleline::pe
