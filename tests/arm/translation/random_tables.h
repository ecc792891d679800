// SPDX-License-Identifier: Apache-2.0
// Random registers, requests and tables that mostly lead somewhere: a table grows as it is walked, each descriptor when
// it is first read, by its stage and level.
#pragma once

#include <cstdint>
#include <map>
#include <random>

#include "reference.h"
#include "staleline/arm/translation.h"

namespace random_tables {

struct Case {
  staleline::arm::TranslationRegisters registers;
  staleline::arm::Regime regime = staleline::arm::Regime::EL10;
  std::uint64_t va = 0;
  staleline::arm::AccessRequest request;
  bool tame = false;  ///< tables with few reasons to fault
};

/// Descriptors by physical address.
class Tables : public reference::Memory {
 public:
  std::uint64_t read(std::uint64_t pa) override {
    const auto found = values_.find(pa);
    return found == values_.end() ? 0 : found->second;
  }
  void write(std::uint64_t pa, std::uint64_t value) override { values_[pa] = value; }
  void plant(std::uint64_t pa, std::uint64_t value) { planted_[pa] = values_[pa] = value; }
  /// Before any write.
  [[nodiscard]] Tables as_planted() const {
    Tables t;
    t.values_ = planted_;
    return t;
  }
  [[nodiscard]] bool has(std::uint64_t pa) const { return values_.contains(pa); }
  friend bool operator==(const Tables& a, const Tables& b) { return a.values_ == b.values_; }

 private:
  std::map<std::uint64_t, std::uint64_t> values_, planted_;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] Case next();
  /// Another request for the same registers and address.
  [[nodiscard]] staleline::arm::AccessRequest request();
  /// A descriptor for `stage` and `level` of the walk that `c` makes.
  [[nodiscard]] std::uint64_t descriptor(const Case& c, unsigned stage, int level);

  std::uint64_t bits(unsigned n) { return n >= 64 ? random_() : random_() & ((std::uint64_t{1} << n) - 1); }
  bool percent(unsigned p) { return random_() % 100 < p; }
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

 private:
  std::uint64_t control(bool el2);
  std::uint64_t stage2_control(const staleline::arm::TranslationFeatures& f);

  std::mt19937_64 random_;
};

}  // namespace random_tables
