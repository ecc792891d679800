// SPDX-License-Identifier: Apache-2.0
// Decoding what was fetched, once for as long as it stays the same.
#include "decoded_code.h"

#include <algorithm>

#include "staleline/a64/decode.h"

namespace staleline::pe {

namespace {

/// What stands behind it is not executed, unless by a branch to it.
bool never_goes_on(const a64::Instruction& i) {
  using a64::Opcode;
  switch (i.opcode) {
    case Opcode::B:
      return i.condition >= a64::Condition::AL;
    case Opcode::BL:
    case Opcode::BR:
    case Opcode::BLR:
    case Opcode::RET:
    case Opcode::ERET:
    case Opcode::UDF:
    case Opcode::UndefinedRead:
    case Opcode::UndefinedWrite:
      return true;
    default:
      return false;
  }
}

/// What stands behind it is fetched again before it is executed, unless by a branch past it.
bool is_isb(const a64::Instruction& i) {
  return i.opcode == a64::Opcode::Barrier && i.barrier.kind == arm::BarrierKind::ISB;
}

bool branches_conditionally(const a64::Instruction& i) {
  using a64::Opcode;
  return i.opcode == Opcode::B || i.opcode == Opcode::CBZ || i.opcode == Opcode::CBNZ || i.opcode == Opcode::TBZ ||
         i.opcode == Opcode::TBNZ;
}

}  // namespace

void DecodedCode::set_nops(std::span<const arm::VirtAddr> at) {
  nops_.clear();
  for (const arm::VirtAddr a : at) nops_.push_back(a.value);
  std::sort(nops_.begin(), nops_.end());
  for (Group& g : groups_) g.valid = false;
}

void DecodedCode::decode(Group& g, arm::VirtAddr at, std::span<const std::uint8_t, kGroupBytes> bytes) {
  g.valid = true;
  g.at = at;
  std::memcpy(g.bytes.data(), bytes.data(), kGroupBytes);
  std::uint8_t end = kGroupBytes, past_isb = end;
  for (std::size_t n = g.code.size(); n-- != 0;) {
    const arm::VirtAddr pc = g.at + 4 * n;
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) word |= std::uint32_t{g.bytes[4 * n + i]} << (8 * i);
    auto& instruction = g.code[n].instruction;
    instruction = a64::decode(word, pc).value_or(a64::Instruction{.opcode = a64::Opcode::UDF});
    if (std::binary_search(nops_.begin(), nops_.end(), pc.value)) instruction = {};
    instruction.line = line_of(pc);
    g.code[n].execute = a64::executor_of(instruction);
    g.code[n].plain_access = a64::is_plain_access(instruction);
    const auto behind = static_cast<std::uint8_t>(4 * n + 4);
    if (never_goes_on(instruction)) {
      end = past_isb = behind;
    } else if (is_isb(instruction)) {
      end = behind;
    } else if (branches_conditionally(instruction)) {
      end = past_isb;
    }
    g.end[n] = end;
    places_[instruction.line.value] = {pc, word};
  }
}

std::optional<CodePlace> DecodedCode::place_of(event::SourceLine line) const {
  const auto found = places_.find(line.value);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace staleline::pe
