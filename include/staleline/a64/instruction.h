// SPDX-License-Identifier: Apache-2.0
// The A64-flavoured intermediate representation: what text programs, litmus tests and binary
// guests all become.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "staleline/a64/address_translation.h"
#include "staleline/a64/atomic.h"
#include "staleline/a64/directive.h"
#include "staleline/arm/address.h"
#include "staleline/arm/system_registers.h"
#include "staleline/arm/tlbi.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/event/types.h"

namespace staleline::a64 {

using arm::SystemRegister;

/// The operations, named as DDI 0487 C6.2 names them. Variants that differ only in a field of
/// Instruction share one: BIC is AND with `inverts`, CMP is SUB to XZR with `sets_flags`, LDRSB,
/// LDUR, LDAR, LDNP and the literal form are LDR or LDP. Register numbers are explicit (see Instruction), so
/// nothing depends on which operand of which encoding means SP. What no text program has is decoded from words only.
enum class Opcode : std::uint8_t {
  NOP,
  YIELD,
  Directive,  ///< immediate: index into Program::directives
  // Moves and integer arithmetic.
  MOV,   ///< rd = immediate: MOVZ, MOVN, MOV (bitmask), ADR, ADRP and LDR (literal address), resolved
  MOVK,  ///< rd bits [amount, amount + 16) = immediate
  ADD,   ///< rd = rn + operand2
  SUB,   ///< rd = rn - operand2
  AND,   ///< rd = rn & operand2; with `inverts`: BIC
  ORR,   ///< with `inverts`: ORN, MVN
  EOR,   ///< with `inverts`: EON
  UBFM,  ///< LSR, LSL, UBFX, UXTB ...: immr = amount, imms = immediate
  SBFM,  ///< ASR, SBFX, SXTW ...
  BFM,   ///< BFI, BFXIL
  LSLV,
  LSRV,
  ASRV,
  RORV,
  ADC,   ///< rd = rn + rm + C
  SBC,   ///< rd = rn - rm - 1 + C
  EXTR,  ///< rd = rn:rm from bit `amount`
  MADD,  ///< rd = ra + rn * rm
  MSUB,  ///< rd = ra - rn * rm
  SMADDL,
  UMADDL,
  SMSUBL,
  UMSUBL,
  SMULH,
  UMULH,
  UDIV,
  SDIV,
  RBIT,
  REV,  ///< the bytes of each `element_bytes` of rn reversed: REV16, REV32, REV
  CLZ,
  CLS,
  CRC32,   ///< rd = CRC of rn and the low `element_bytes` of rm
  CRC32C,  ///< the same with the polynomial of Castagnoli
  CSEL,    ///< rd = condition ? rn : rm
  CSINC,   ///< rd = condition ? rn : rm + 1
  CSINV,
  CSNEG,
  CCMP,  ///< flags = condition ? flags of rn - operand2 : amount (NZCV)
  CCMN,
  // Branches. `immediate` is where the target lies from the instruction itself, in bytes.
  B,  ///< with a condition other than AL: B.cond
  BL,
  BR,  ///< to the code address in rn
  BLR,
  RET,
  CBZ,  ///< tests rn
  CBNZ,
  TBZ,  ///< tests bit `amount` of rn
  TBNZ,
  // Memory.
  LDR,  ///< with `exclusive`: LDXR, LDAXR
  STR,  ///< with `exclusive`: STXR, STLXR, status to ra
  LDP,
  STP,
  Atomic,  ///< SWP, LDADD ... by `atomic`: memory combines with rm, rd = what memory had
  CAS,     ///< memory = rm where it equals rd; rd = what memory had
  CASP,    ///< the same of the pairs rd, rt2 and rm, ra
  CLREX,
  PRFM,   ///< `hint` is prfop; address as for LDR
  DC,     ///< op; address as for LDR, or a range of `range_bytes`; by set and way: rn is the operand
  IC,     ///< op
  TLBI,   ///< `tlbi`; the operand is rn, or `immediate` where rn = kZeroRegister
  AT,     ///< `translation`; address as for LDR
  FETCH,  ///< `.fetch`: 4 bytes through the instruction side to rd
  WALK,   ///< `.walk`: 8 bytes with the attributes of a translation table walk to rd
  // SIMD&FP registers.
  MOVI,  ///< rd = immediate in every doubleword of its `element_bytes` (8 or 16)
  DUP,   ///< rd = the low `element_bytes` of rn in each element of the low 16 bytes, or 8 with `amount` 8
  UMOV,  ///< rd = element `amount` of `element_bytes` of rn
  // System.
  Barrier,  ///< DMB, DSB, ISB
  MSR,      ///< of rn; with Operand::Immediate: bits `mask` become those of `immediate`
  MRS,
  UndefinedWrite,  ///< MSR (op0 = 2, 3) of rn or SYS (op0 = 1), `immediate` is SystemEncoding::packed: no such register
                   ///< or operation, or it cannot be written. UNDEFINED
  UndefinedRead,   ///< MRS and SYSL to rd in the same way
  SVC,             ///< `immediate`, as the others
  HVC,
  SMC,
  BRK,
  HLT,  ///< halting debug is never enabled: UNDEFINED
  UDF,
  ERET,
  WFE,
  WFI,
  SEV,
  SEVL,
};

/// B, CSEL and their kind, with the encoding of DDI 0487 C1.2.4.
enum class Condition : std::uint8_t { EQ, NE, CS, CC, MI, PL, VS, VC, HI, LS, GE, LT, GT, LE, AL, NV };

/// What the second operand is made of.
enum class Operand : std::uint8_t {
  Immediate,  ///< `immediate`
  Shifted,    ///< rm, shifted by `amount`
  Extended,   ///< rm, extended and shifted left by `amount`
};
enum class Shift : std::uint8_t { LSL, LSR, ASR, ROR };
enum class Extend : std::uint8_t { UXTB, UXTH, UXTW, UXTX, SXTB, SXTH, SXTW, SXTX };

/// How a load or store makes its address from the base rn and the offset (`immediate`, or rm extended).
enum class Addressing : std::uint8_t {
  Offset,     ///< rn + offset; rn = kZeroRegister: the offset is the address
  PreIndex,   ///< rn + offset, written back
  PostIndex,  ///< rn, then rn + offset is written back
};

/// Register numbers 0 to 30 are X0 to X30; these two are told apart, as encodings do not.
inline constexpr std::uint8_t kZeroRegister = 31;
inline constexpr std::uint8_t kStackPointer = 32;

/// Of Instruction::mask of a TLBI at EL2: bits 15:0 stand in for VTTBR_EL2.VMID.
inline constexpr std::uint64_t kNamesVmid = std::uint64_t{1} << 16;

struct Instruction {
  Opcode opcode = Opcode::NOP;
  bool is_64bit = true;              ///< X registers; false: W registers, results zero-extended
  bool sets_flags = false;           ///< ADDS, SUBS, ANDS, BICS
  bool inverts = false;              ///< BIC, ORN, EON
  bool sign_extends = false;         ///< loads: LDRSB ... into X (is_64bit) or W
  bool acquire = false;              ///< LDAR, LDAPR, LDAXR, LDADDA
  bool acquire_pc = false;           ///< LDAPR: with `acquire`, the weaker form (RCpc)
  bool release = false;              ///< STLR, STLXR, LDADDL
  bool exclusive = false;            ///< LDXR, STXR
  bool unprivileged = false;         ///< LDTR, STTR
  bool simd = false;                 ///< loads and stores: Rt and Rt2 are V registers
  std::uint8_t rd = kZeroRegister;   ///< destination; of loads and stores: Rt
  std::uint8_t rn = kZeroRegister;   ///< first source; of loads and stores: the base
  std::uint8_t rm = kZeroRegister;   ///< second source; of loads and stores: the index
  std::uint8_t ra = kZeroRegister;   ///< MADD, MSUB; of STXR: the status
  std::uint8_t rt2 = kZeroRegister;  ///< LDP, STP
  Operand operand = Operand::Immediate;
  Shift shift = Shift::LSL;
  Extend extend = Extend::UXTX;
  std::uint8_t amount = 0;  ///< of the shift; or as the opcode says
  Condition condition = Condition::AL;
  Addressing addressing = Addressing::Offset;
  std::uint8_t element_bytes = 8;  ///< loads and stores: 1, 2, 4, 8; of Q registers 16
  std::uint8_t hint = 0;           ///< PRFM
  AtomicOperation atomic{};
  arm::CacheOp op{};
  arm::Tlbi tlbi{};
  AddressTranslation translation{};
  arm::Barrier barrier{};
  SystemRegister system_register{};
  event::SourceLine line{};
  std::uint64_t immediate = 0;    ///< two's complement
  std::uint64_t range_bytes = 0;  ///< DC, IC on a range; 0: one line
  std::uint64_t mask = 0;         ///< MSR (immediate); TLBI: kNamesVmid and a VMID, where the operand names one
  friend bool operator==(const Instruction&, const Instruction&) = default;
};

/// The code address of the first instruction where no image gives one. BL writes code addresses;
/// BR, BLR or RET to an address that is no instruction of the program ends it, so that RET with
/// no caller does.
inline constexpr arm::VirtAddr kDefaultCode{0x0000'c0de'0000'0000};

struct Program {
  std::vector<Instruction> instructions;
  std::vector<Directive> directives;
  arm::VirtAddr code = kDefaultCode;  ///< the address of instructions[0]; each is 4 bytes
  /// True: a guest. Its instructions are what memory holds, `instructions` and `directives` are empty, and `code` is
  /// where it starts.
  bool fetched = false;
  /// What registers hold at the start, by number (0 to 30, kStackPointer); others are 0.
  std::vector<std::pair<std::uint8_t, std::uint64_t>> registers{};
};

/// A set of registers: X0 to X30, SP, the flags and V0 to V31. XZR is never a member.
class RegisterSet {
 public:
  static constexpr std::uint8_t kFlags = 33;
  static constexpr std::uint8_t kV0 = 64;  ///< Vn is kV0 + n
  constexpr void insert(std::uint8_t r) {
    if (r != kZeroRegister) word(r) |= std::uint64_t{1} << r % 64;
  }
  [[nodiscard]] constexpr bool contains(std::uint8_t r) const {
    return ((r < kV0 ? bits_ : vectors_) >> r % 64 & 1) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0 && vectors_ == 0; }
  [[nodiscard]] constexpr bool meets(RegisterSet other) const {
    return (bits_ & other.bits_) != 0 || (vectors_ & other.vectors_) != 0;
  }
  friend constexpr RegisterSet operator|(RegisterSet a, RegisterSet b) {
    a.bits_ |= b.bits_;
    a.vectors_ |= b.vectors_;
    return a;
  }
  friend constexpr bool operator==(RegisterSet, RegisterSet) = default;

 private:
  constexpr std::uint64_t& word(std::uint8_t r) { return r < kV0 ? bits_ : vectors_; }
  std::uint64_t bits_ = 0, vectors_ = 0;
};

/// What an instruction reads, by role, and what it writes. Dependencies between accesses follow
/// from these (DDI 0487 B2.3.2: address, data and control dependencies).
struct Roles {
  RegisterSet address;     ///< registers that make the address of an access or of maintenance
  RegisterSet data;        ///< registers whose values are stored or flow into `written`
  RegisterSet control;     ///< registers (and flags) that decide what is executed next
  RegisterSet written;     ///< results: from `data` (and from memory)
  RegisterSet write_back;  ///< the base register of pre- and post-index forms: from `address`
};
[[nodiscard]] Roles roles(const Instruction& instruction);

/// The instruction in assembler syntax, in one canonical spelling; addresses as numbers, branch targets
/// from the instruction itself (`b .+8` skips the next one). For traces and reports.
[[nodiscard]] std::string text_of(const Instruction& instruction);
/// An instruction at code address `pc` as a disassembler shows it: branch targets are addresses, and the aliases that
/// the architecture prefers (`cmp`, `mov`, `lsl` ...) stand for what they are aliases of.
[[nodiscard]] std::string text_of(const Instruction& instruction, arm::VirtAddr pc);
[[nodiscard]] std::string text_of(Condition condition);

/// The value that a bitmask immediate encodes (DDI 0487 `DecodeBitMasks`): true where `value` can be
/// the immediate of AND, ORR, EOR. For 32-bit forms `value` has its upper half clear.
[[nodiscard]] bool is_bitmask_immediate(std::uint64_t value, bool is_64bit);

}  // namespace staleline::a64
