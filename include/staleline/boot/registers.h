// SPDX-License-Identifier: Apache-2.0
// The registers of a guest as lines of text, in the form of tests/guest/reference.py: two machines run alike, or part.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "staleline/guest/register_hash.h"
#include "staleline/pe/guest.h"

namespace staleline::boot {

/// Which instructions are told of, counted from 0.
struct RegisterLines {
  /// The hash of all registers so far: after every so many instructions, and at powers of two before the first of them.
  std::uint64_t every = 65536;
  /// All registers instead, before each of the instructions [first, end).
  struct Range {
    std::uint64_t first = 0, end = 0;
  };
  std::optional<Range> range{};
};

/// Gives a line at each milestone to `out`. Time is counted in instructions meanwhile, one a tick of the counters, so
/// that what a guest reads of them is a matter of its instructions alone.
class Registers final : public pe::InstructionObserver {
 public:
  Registers(const RegisterLines& lines, std::function<void(std::string_view)> out);
  void before(arm::VirtAddr pc, const a64::Registers& registers) override;
  std::optional<std::uint64_t> counter(arm::SystemRegister) override { return hash_.instructions(); }
  /// The hash where the guest ended, unless it was told.
  void finish();

 private:
  void tell();
  RegisterLines lines_;
  std::function<void(std::string_view)> out_;
  guest::RegisterHash hash_;
  arm::VirtAddr last_{};
  std::uint64_t next_ = 1, told_ = 0;
};

}  // namespace staleline::boot
