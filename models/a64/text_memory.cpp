// SPDX-License-Identifier: Apache-2.0
// Instructions that access or maintain memory, as text.
#include <bit>

#include "text.h"

namespace staleline::a64 {
namespace {

std::string address_text(const Instruction& i) {
  const std::string base = reg(i.rn, true);
  if (i.operand == Operand::Extended) {
    const bool wide = extends_x(i.extend);
    const std::string_view extension = i.extend == Extend::UXTX ? "lsl" : name(i.extend);
    if (i.extend == Extend::UXTX && i.amount == 0) return fmt::format("[{}, {}]", base, reg(i.rm, true));
    if (i.amount == 0) return fmt::format("[{}, {}, {}]", base, reg(i.rm, wide), extension);
    return fmt::format("[{}, {}, {} #{}]", base, reg(i.rm, wide), extension, i.amount);
  }
  if (i.rn == kZeroRegister) return fmt::format("[{:#x}]", i.immediate);
  const auto offset = static_cast<std::int64_t>(i.immediate);
  switch (i.addressing) {
    case Addressing::Offset:
      return offset == 0 ? fmt::format("[{}]", base) : fmt::format("[{}, #{}]", base, offset);
    case Addressing::PreIndex:
      return fmt::format("[{}, #{}]!", base, offset);
    case Addressing::PostIndex:
      return fmt::format("[{}], #{}", base, offset);
  }
  return base;
}

/// b, h, or nothing for a whole register.
std::string_view size_suffix(const Instruction& i) {
  return i.element_bytes == 1 ? "b" : (i.element_bytes == 2 ? "h" : "");
}

/// ldrsb, ldur (where only its range fits), ldapr, stlrh, ...
std::string access_mnemonic(const Instruction& i) {
  const bool load = i.opcode == Opcode::LDR;
  const bool narrow = (i.element_bytes < 4 && !i.simd) || (i.sign_extends && i.element_bytes == 4);
  const char* const size = !narrow ? "" : (i.element_bytes == 1 ? "b" : (i.element_bytes == 2 ? "h" : "w"));
  const auto offset = static_cast<std::int64_t>(i.immediate);
  const bool plain = i.operand == Operand::Immediate && i.addressing == Addressing::Offset && i.rn != kZeroRegister;
  const bool unscaled = plain && (offset < 0 || offset % i.element_bytes != 0);
  const char* const s = i.sign_extends ? "s" : "";
  if (i.exclusive) {
    if (load) return fmt::format("ld{}xr{}", i.acquire ? "a" : "", size);
    return fmt::format("st{}xr{}", i.release ? "l" : "", size);
  }
  const bool moved = plain && offset != 0;  // LDAPUR, STLUR
  if (i.acquire && i.acquire_pc) return fmt::format("ldap{}r{}{}", moved || i.sign_extends ? "u" : "", s, size);
  if (i.acquire) return fmt::format("ldar{}", size);
  if (i.release) return fmt::format("stl{}r{}", moved ? "u" : "", size);
  if (i.unprivileged) return fmt::format("{}tr{}{}", load ? "ld" : "st", s, size);
  return fmt::format("{}{}r{}{}", load ? "ld" : "st", unscaled ? "u" : "", s, size);
}

std::string pair_mnemonic(const Instruction& i) {
  if (i.opcode == Opcode::STP) return i.exclusive ? (i.release ? "stlxp" : "stxp") : "stp";
  if (i.exclusive) return i.acquire ? "ldaxp" : "ldxp";
  return i.sign_extends ? "ldpsw" : "ldp";
}

std::string atomic_mnemonic(const Instruction& i) {
  static constexpr std::string_view kNames[] = {"ldadd",  "ldclr",  "ldeor",  "ldset", "ldsmax",
                                                "ldsmin", "ldumax", "ldumin", "swp",   "cas"};
  const std::string_view stem = i.opcode == Opcode::CASP ? "casp" : kNames[static_cast<std::size_t>(i.atomic) % 10];
  return fmt::format("{}{}{}{}", stem, i.acquire ? "a" : "", i.release ? "l" : "",
                     i.opcode == Opcode::CASP ? "" : size_suffix(i));
}

std::string prefetch_text(const Instruction& i) {
  static constexpr std::string_view kTypes[] = {"pld", "pli", "pst"};
  const unsigned type = i.hint >> 3U & 3U, target = i.hint >> 1U & 3U;
  const bool named = type < 3 && target < 3;
  const std::string operation =
      named ? fmt::format("{}l{}{}", kTypes[type], target + 1, (i.hint & 1) != 0 ? "strm" : "keep")
            : fmt::format("#{}", i.hint);
  const auto offset = static_cast<std::int64_t>(i.immediate);
  const bool plain = i.operand == Operand::Immediate && i.rn != kZeroRegister;
  return fmt::format("prf{}m {}, {}", plain && (offset < 0 || offset % 8 != 0) ? "u" : "", operation, address_text(i));
}

/// xN, an address, or a range.
std::string maintained_text(const Instruction& i) {
  if (i.rn != kZeroRegister || (i.immediate == 0 && i.range_bytes == 0)) return reg(i.rn, true);
  if (i.range_bytes == 0) return fmt::format("{:#x}", i.immediate);
  return fmt::format("{:#x}..{:#x}", i.immediate, i.immediate + i.range_bytes);
}

std::string maintenance_text(const Instruction& i) {
  const std::string_view operation = arm::name_of(i.op);
  if (arm::is_by_va(i.op)) return fmt::format("{}, {}", operation, maintained_text(i));
  if (arm::is_instruction_side(i.op)) return std::string(operation);
  return fmt::format("{}, {}", operation, reg(i.rn, true));
}

std::string tlb_text(const Instruction& i) {
  const std::string_view operation = arm::name_of(i.tlbi);
  if (!arm::takes_operand(i.tlbi)) return fmt::format("tlbi {}", operation);
  if (i.rn == kZeroRegister && i.immediate != 0) return fmt::format("tlbi {}, {:#x}", operation, i.immediate);
  return fmt::format("tlbi {}, {}", operation, reg(i.rn, true));
}

/// The status register of an exclusive store, with its comma.
std::string status_text(const Instruction& i) {
  const bool stores = i.opcode == Opcode::STR || i.opcode == Opcode::STP;
  return i.exclusive && stores ? reg(i.ra, false) + ", " : "";
}

}  // namespace

std::string memory_text(const Instruction& i) {
  const auto r = [&i](std::uint8_t number) {
    return i.simd ? fmt::format("{}{}", "bhsdq"[std::countr_zero(i.element_bytes) % 5], number)
                  : reg(number, i.is_64bit);
  };
  switch (i.opcode) {
    case Opcode::LDR:
    case Opcode::STR:
      return fmt::format("{} {}{}, {}", access_mnemonic(i), status_text(i), r(i.rd), address_text(i));
    case Opcode::LDP:
    case Opcode::STP:
      return fmt::format("{} {}{}, {}, {}", pair_mnemonic(i), status_text(i), r(i.rd), r(i.rt2), address_text(i));
    case Opcode::Atomic:
      return fmt::format("{} {}, {}, {}", atomic_mnemonic(i), r(i.rm), r(i.rd), address_text(i));
    case Opcode::CAS:
      return fmt::format("{} {}, {}, {}", atomic_mnemonic(i), r(i.rd), r(i.rm), address_text(i));
    case Opcode::CASP:
      return fmt::format("{} {}, {}, {}, {}, {}", atomic_mnemonic(i), r(i.rd), r(i.rt2), r(i.rm), r(i.ra),
                         address_text(i));
    case Opcode::PRFM:
      return prefetch_text(i);
    case Opcode::TLBI:
      return tlb_text(i);
    case Opcode::AT:
      return fmt::format("at {}, {}", name_of(i.translation), maintained_text(i));
    case Opcode::FETCH:
      return fmt::format(".fetch {}, {}", r(i.rd), address_text(i));
    case Opcode::WALK:
      return fmt::format(".walk {}, {}", r(i.rd), address_text(i));
    default:
      return maintenance_text(i);
  }
}

}  // namespace staleline::a64
