// SPDX-License-Identifier: Apache-2.0
// Hashes of registers at milestones, and registers one by one.
#include "staleline/boot/registers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace staleline::boot {

namespace {

std::uint64_t nzcv(const a64::Registers& r) {
  const auto bit = [](bool value, unsigned at) { return static_cast<std::uint64_t>(value) << at; };
  return bit(r.n, 31) | bit(r.z, 30) | bit(r.c, 29) | bit(r.v, 28);
}

std::string all(std::uint64_t number, arm::VirtAddr pc, const a64::Registers& r) {
  std::string line = fmt::format("{}: PC={:x}", number, pc.value);
  for (std::size_t i = 0; i < r.general().size(); ++i) fmt::format_to(std::back_inserter(line), " X{}={:x}", i, r.x[i]);
  fmt::format_to(std::back_inserter(line), " SP={:x} NZCV={:x}\n", r.sp(), nzcv(r));
  return line;
}

}  // namespace

Registers::Registers(const RegisterLines& lines, std::function<void(std::string_view)> out)
    : lines_(lines), out_(std::move(out)) {}

void Registers::before(arm::VirtAddr pc, const a64::Registers& registers) {
  const std::uint64_t number = hash_.instructions();
  if (lines_.range && number - lines_.range->first < lines_.range->end - lines_.range->first)
    out_(all(number, pc, registers));
  hash_.add(pc.value, registers.general(), registers.sp(), nzcv(registers));
  last_ = pc;
  if (hash_.instructions() != next_) return;
  tell();
  next_ = next_ < lines_.every ? std::min(2 * next_, lines_.every) : next_ + lines_.every;
}

void Registers::finish() {
  if (hash_.instructions() != told_) tell();
}

void Registers::tell() {
  told_ = hash_.instructions();
  if (!lines_.range) out_(fmt::format("{:>12} {:08x} PC={:#x}\n", told_, hash_.value(), last_.value));
}

}  // namespace staleline::boot
