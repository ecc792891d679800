// SPDX-License-Identifier: Apache-2.0
// The registers of an SMMU: what reads return, which writes take effect when (IHI 0070 6.3).
#pragma once

#include <array>
#include <cstdint>

#include "staleline/arm/smmu_registers.h"
#include "staleline/smmu/smmu.h"

namespace staleline::smmu {

class RegisterFile {
 public:
  explicit RegisterFile(const Parameters& parameters);

  /// Accesses of 4 or 8 bytes; anything else reads as zero and ignores writes.
  [[nodiscard]] std::uint64_t read(std::uint64_t offset, std::uint8_t bytes) const;
  void write(std::uint64_t offset, std::uint8_t bytes, std::uint64_t value);

  [[nodiscard]] std::uint64_t get(arm::smmu::Register r) const { return values_[index_of(r)]; }
  [[nodiscard]] std::uint64_t get(arm::smmu::Register r, const arm::smmu::Field& f) const {
    return arm::smmu::get(get(r), f);
  }
  void set(arm::smmu::Register r, std::uint64_t value) { values_[index_of(r)] = value; }
  void set(arm::smmu::Register r, const arm::smmu::Field& f, std::uint64_t value) {
    set(r, arm::smmu::with(get(r), f, value));
  }

  [[nodiscard]] bool smmu_enabled() const { return enabled(arm::smmu::cr0::SMMUEN); }
  [[nodiscard]] bool commands_enabled() const { return enabled(arm::smmu::cr0::CMDQEN); }
  [[nodiscard]] bool events_enabled() const { return enabled(arm::smmu::cr0::EVENTQEN); }
  /// An error in GERROR that GERRORN has not acknowledged.
  [[nodiscard]] bool error_active(const arm::smmu::Field& f) const;
  void raise(const arm::smmu::Field& f);

 private:
  [[nodiscard]] bool enabled(const arm::smmu::Field& f) const { return get(arm::smmu::Register::CR0, f) != 0; }
  [[nodiscard]] static std::size_t index_of(arm::smmu::Register r);
  void write_whole(const arm::smmu::RegisterRow& row, std::uint64_t value);

  std::array<std::uint64_t, 64> values_{};
};

}  // namespace staleline::smmu
