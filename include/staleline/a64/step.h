// SPDX-License-Identifier: Apache-2.0
// An instruction as a resumable function: `issue` reads registers and says what the memory
// system has to do; `complete` takes the response and writes registers. The cycle engine, the
// explorer and the binary decoder share it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "staleline/a64/address_translation.h"
#include "staleline/a64/atomic.h"
#include "staleline/a64/instruction.h"
#include "staleline/arm/address.h"
#include "staleline/arm/tlbi.h"
#include "staleline/arm/vocabulary.h"

namespace staleline::a64 {

/// General-purpose registers, SP, the condition flags and the SIMD&FP registers of one agent.
struct Registers {
  /// By register number: X0 to X30, XZR, which is 0 and never written, and SP.
  std::array<std::uint64_t, 33> x{};
  bool n = false, z = false, c = false, v = false;
  std::array<std::array<std::uint64_t, 2>, 32> vectors{};  ///< V0 to V31, the low half first
  [[nodiscard]] std::uint64_t& sp() { return x[kStackPointer]; }
  [[nodiscard]] std::uint64_t sp() const { return x[kStackPointer]; }
  /// X0 to X30.
  [[nodiscard]] std::span<const std::uint64_t, 31> general() const { return std::span(x).first<31>(); }
  friend bool operator==(const Registers&, const Registers&) = default;
};

/// The elements of an access, zero-extended.
using Elements = std::array<std::uint64_t, 4>;

/// What an instruction asks of the memory system.
struct MemoryRequest {
  enum class Kind : std::uint8_t {
    Load,
    Store,   ///< with `exclusive` the response is the status: 0 stored, 1 not
    Atomic,  ///< `atomic` of `data` and `compared`; the response is what memory had
    Prefetch,
    Cache,
    Tlbi,       ///< `tlbi`, Xt in data[0], Instruction::mask in data[1]
    Translate,  ///< AT: `translation` of `address`
    Fetch,
    Walk,
  };
  Kind kind = Kind::Load;
  arm::VirtAddr address{};
  std::uint8_t element_bytes = 0;  ///< 1, 2, 4, 8
  std::uint8_t elements = 1;       ///< 2 for a pair. A Q register is two of 8 bytes, each single-copy atomic
  std::uint8_t alignment = 1;      ///< what Device memory asks of the address: the size of one register
  bool acquire = false;            ///< LDAR, LDAPR, LDAXR, LDADDA
  bool acquire_pc = false;         ///< LDAPR: may pass an earlier STLR to another address
  bool release = false;            ///< STLR, STLXR, LDADDL
  bool exclusive = false;          ///< LDXR, STXR
  bool unprivileged = false;       ///< LDTR, STTR: with the permissions of EL0
  std::uint8_t hint = 0;           ///< Kind::Prefetch: prfop of PRFM, Type:Target:Policy
  AtomicOperation atomic{};
  arm::CacheOp op{};  ///< for Kind::Cache; by set and way: Xt in data[0]
  arm::Tlbi tlbi{};
  AddressTranslation translation{};
  /// Kind::Cache on `region[..]`: [address, address + range_bytes), and so every line that it touches,
  /// from the one that holds `address`; 0 = the one line that holds `address`.
  std::uint64_t range_bytes = 0;
  Elements data{};      ///< Store, Atomic: the elements; or as the kind says
  Elements compared{};  ///< Atomic: of CAS
};

/// What raises an exception by itself.
enum class ExceptionCall : std::uint8_t { SVC, HVC, SMC, BRK };

/// What the sequencer has to do next. `next` is the code address of the following instruction for all kinds.
struct Step {
  enum class What : std::uint8_t {
    Next,              ///< done; go to `next`
    Memory,            ///< perform `memory`, then call complete() (also for stores) and go on
    Barrier,           ///< perform `barrier`
    WriteSystem,       ///< bits `mask` of `system_register` become those of `value`; takes effect at context
                       ///< synchronisation
    ReadSystem,        ///< read `system_register`, then call complete()
    ExceptionCall,     ///< `call` with `value`; returns to `next`
    ExceptionReturn,   ///< ERET
    WaitForEvent,      ///< WFE
    WaitForInterrupt,  ///< WFI
    SendEvent,         ///< SEV; with `local` SEVL
    ClearExclusive,    ///< CLREX
    Directive,         ///< perform the program's directive number `directive`
    Undefined,         ///< UNDEFINED: no register is written
  };
  What what = What::Next;
  arm::VirtAddr next{};
  MemoryRequest memory{};
  arm::Barrier barrier{};
  SystemRegister system_register{};
  ExceptionCall call{};
  bool local = false;
  std::uint64_t value = 0;
  std::uint64_t mask = ~std::uint64_t{0};
  std::uint32_t directive = 0;
};

/// Starts an instruction that stands at code address `pc`. `after` becomes `before` with what the
/// instruction writes at once (nothing for Memory and ReadSystem steps: complete() writes that, base
/// registers of pre- and post-index forms included, so a step may be issued again). `before` and
/// `after` may be the same object.
[[nodiscard]] Step issue(const Instruction& instruction, arm::VirtAddr pc, const Registers& before, Registers& after);

/// Finishes a Memory or ReadSystem step: writes the destination registers (with sign or zero
/// extension) from `response`, the elements zero-extended, and the base register of pre- and
/// post-index forms. Of stores and maintenance `response` is ignored, but for the status of an exclusive store in bit 0
/// of response[0]; another store's complete() may be called as soon as its request is taken.
void complete(const Instruction& instruction, const Elements& response, Registers& registers);

/// The code address of an instruction, and the instruction at a code address: the program's size, which is its end,
/// where there is none.
[[nodiscard]] inline arm::VirtAddr code_address(const Program& program, std::uint32_t index) {
  return program.code + 4 * std::uint64_t{index};
}
[[nodiscard]] inline std::uint32_t index_at(const Program& program, arm::VirtAddr code) {
  const std::uint64_t offset = code - program.code, size = program.instructions.size();
  return static_cast<std::uint32_t>(offset % 4 == 0 && offset / 4 < size ? offset / 4 : size);
}

/// True where the condition holds (DDI 0487 C1.2.4 and `ConditionHolds`; NV is as AL).
[[nodiscard]] constexpr bool holds(Condition condition, const Registers& r) {
  const auto encoding = static_cast<unsigned>(condition);
  bool result = true;
  switch (encoding >> 1) {
    case 0:
      result = r.z;
      break;
    case 1:
      result = r.c;
      break;
    case 2:
      result = r.n;
      break;
    case 3:
      result = r.v;
      break;
    case 4:
      result = r.c && !r.z;
      break;
    case 5:
      result = r.n == r.v;
      break;
    case 6:
      result = r.n == r.v && !r.z;
      break;
    default:
      return true;  // AL, and NV which is the same
  }
  return (encoding & 1) != 0 ? !result : result;
}

}  // namespace staleline::a64
