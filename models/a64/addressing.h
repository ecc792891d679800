// SPDX-License-Identifier: Apache-2.0
// What loads, stores and atomics share: the operand in brackets, and the register that moves.
#pragma once

#include <cstdint>

#include "instructions.h"

namespace staleline::a64 {

/// What an addressing operand may be, besides [Xn] and [region+offset].
struct Forms {
  bool write_back = false;
  bool index = false;     ///< [Xn, Xm]
  bool scaled = false;    ///< [Xn, #i], i a multiple of the size
  bool unscaled = false;  ///< [Xn, #i], i from -256 to 255
  bool pair = false;      ///< i a multiple of the size from -64 to 63 times it, write-back too
};

/// The operand in brackets, and what follows it. `bytes` are accessed in all.
void addressing(Line& line, Instruction& i, std::uint64_t bytes, const Forms& forms);

/// Rt, with the size of the access where the mnemonic leaves it to the register.
Register transfer_register(Line& line, Instruction& i);

}  // namespace staleline::a64
