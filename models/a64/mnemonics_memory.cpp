// SPDX-License-Identifier: Apache-2.0
// Mnemonics of loads and stores, and of what fills SIMD&FP registers: how operands are parsed, and from which
// prototype.
#include <array>

#include "instructions.h"

namespace staleline::a64 {
namespace {

using namespace parse;

constexpr Instruction access(Opcode opcode, std::uint8_t bytes) { return {.opcode = opcode, .element_bytes = bytes}; }
constexpr Instruction signed_load(Opcode opcode, std::uint8_t bytes) {
  return {.opcode = opcode, .sign_extends = true, .element_bytes = bytes};
}
constexpr Instruction acquiring(std::uint8_t bytes, bool pc = false) {
  return {.opcode = Opcode::LDR, .acquire = true, .acquire_pc = pc, .element_bytes = bytes};
}
constexpr Instruction acquiring_signed(std::uint8_t bytes) {
  return {.opcode = Opcode::LDR, .sign_extends = true, .acquire = true, .acquire_pc = true, .element_bytes = bytes};
}
constexpr Instruction releasing(std::uint8_t bytes) {
  return {.opcode = Opcode::STR, .release = true, .element_bytes = bytes};
}
constexpr Instruction unprivileged(Opcode opcode, std::uint8_t bytes, bool sign_extends = false) {
  return {.opcode = opcode, .sign_extends = sign_extends, .unprivileged = true, .element_bytes = bytes};
}

constexpr std::uint8_t kAny = kSizeOfRegister;

constexpr auto kMnemonics = std::to_array<Mnemonic>({
    {"ldr", "ldr Xt, [ADDRESS]", load, access(Opcode::LDR, kAny)},
    {"ldrb", "ldrb Wt, [ADDRESS]", load_store, access(Opcode::LDR, 1)},
    {"ldrh", "ldrh Wt, [ADDRESS]", load_store, access(Opcode::LDR, 2)},
    {"ldrsb", "ldrsb Xt, [ADDRESS]", load_store, signed_load(Opcode::LDR, 1)},
    {"ldrsh", "ldrsh Xt, [ADDRESS]", load_store, signed_load(Opcode::LDR, 2)},
    {"ldrsw", "ldrsw Xt, [ADDRESS]", load_store, signed_load(Opcode::LDR, 4)},
    {"ldur", "ldur Xt, [Xn, #offset]", load_store_unscaled, access(Opcode::LDR, kAny)},
    {"ldurb", "ldurb Wt, [Xn, #offset]", load_store_unscaled, access(Opcode::LDR, 1)},
    {"ldurh", "ldurh Wt, [Xn, #offset]", load_store_unscaled, access(Opcode::LDR, 2)},
    {"ldursb", "ldursb Xt, [Xn, #offset]", load_store_unscaled, signed_load(Opcode::LDR, 1)},
    {"ldursh", "ldursh Xt, [Xn, #offset]", load_store_unscaled, signed_load(Opcode::LDR, 2)},
    {"ldursw", "ldursw Xt, [Xn, #offset]", load_store_unscaled, signed_load(Opcode::LDR, 4)},
    {"str", "str Xt, [ADDRESS]", load_store, access(Opcode::STR, kAny)},
    {"strb", "strb Wt, [ADDRESS]", load_store, access(Opcode::STR, 1)},
    {"strh", "strh Wt, [ADDRESS]", load_store, access(Opcode::STR, 2)},
    {"stur", "stur Xt, [Xn, #offset]", load_store_unscaled, access(Opcode::STR, kAny)},
    {"sturb", "sturb Wt, [Xn, #offset]", load_store_unscaled, access(Opcode::STR, 1)},
    {"sturh", "sturh Wt, [Xn, #offset]", load_store_unscaled, access(Opcode::STR, 2)},
    {"ldp", "ldp Xt1, Xt2, [ADDRESS]", load_store_pair, access(Opcode::LDP, kAny)},
    {"ldpsw", "ldpsw Xt1, Xt2, [ADDRESS]", load_store_pair, signed_load(Opcode::LDP, 4)},
    {"stp", "stp Xt1, Xt2, [ADDRESS]", load_store_pair, access(Opcode::STP, kAny)},
    {"ldar", "ldar Xt, [Xn]", load_store_ordered, acquiring(kAny), kNotInDevices},
    {"ldarb", "ldarb Wt, [Xn]", load_store_ordered, acquiring(1), kNotInDevices},
    {"ldarh", "ldarh Wt, [Xn]", load_store_ordered, acquiring(2), kNotInDevices},
    {"ldapr", "ldapr Xt, [Xn]", load_store_ordered, acquiring(kAny, true), kNotInDevices},
    {"ldaprb", "ldaprb Wt, [Xn]", load_store_ordered, acquiring(1, true), kNotInDevices},
    {"ldaprh", "ldaprh Wt, [Xn]", load_store_ordered, acquiring(2, true), kNotInDevices},
    {"stlr", "stlr Xt, [Xn]", load_store_ordered, releasing(kAny), kNotInDevices},
    {"stlrb", "stlrb Wt, [Xn]", load_store_ordered, releasing(1), kNotInDevices},
    {"stlrh", "stlrh Wt, [Xn]", load_store_ordered, releasing(2), kNotInDevices},
    {"ldlar", "ldlar Xt, [Xn]", load_store_ordered, acquiring(kAny), kNotInDevices},
    {"ldlarb", "ldlarb Wt, [Xn]", load_store_ordered, acquiring(1), kNotInDevices},
    {"ldlarh", "ldlarh Wt, [Xn]", load_store_ordered, acquiring(2), kNotInDevices},
    {"stllr", "stllr Xt, [Xn]", load_store_ordered, releasing(kAny), kNotInDevices},
    {"stllrb", "stllrb Wt, [Xn]", load_store_ordered, releasing(1), kNotInDevices},
    {"stllrh", "stllrh Wt, [Xn]", load_store_ordered, releasing(2), kNotInDevices},
    {"ldapur", "ldapur Xt, [Xn, #offset]", load_store_unscaled, acquiring(kAny, true), kNotInDevices},
    {"ldapurb", "ldapurb Wt, [Xn, #offset]", load_store_unscaled, acquiring(1, true), kNotInDevices},
    {"ldapurh", "ldapurh Wt, [Xn, #offset]", load_store_unscaled, acquiring(2, true), kNotInDevices},
    {"ldapursb", "ldapursb Xt, [Xn, #offset]", load_store_unscaled, acquiring_signed(1), kNotInDevices},
    {"ldapursh", "ldapursh Xt, [Xn, #offset]", load_store_unscaled, acquiring_signed(2), kNotInDevices},
    {"ldapursw", "ldapursw Xt, [Xn, #offset]", load_store_unscaled, acquiring_signed(4), kNotInDevices},
    {"stlur", "stlur Xt, [Xn, #offset]", load_store_unscaled, releasing(kAny), kNotInDevices},
    {"stlurb", "stlurb Wt, [Xn, #offset]", load_store_unscaled, releasing(1), kNotInDevices},
    {"stlurh", "stlurh Wt, [Xn, #offset]", load_store_unscaled, releasing(2), kNotInDevices},
    {"ldtr", "ldtr Xt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::LDR, kAny), kNotInDevices},
    {"ldtrb", "ldtrb Wt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::LDR, 1), kNotInDevices},
    {"ldtrh", "ldtrh Wt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::LDR, 2), kNotInDevices},
    {"ldtrsb", "ldtrsb Xt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::LDR, 1, true), kNotInDevices},
    {"ldtrsh", "ldtrsh Xt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::LDR, 2, true), kNotInDevices},
    {"ldtrsw", "ldtrsw Xt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::LDR, 4, true), kNotInDevices},
    {"sttr", "sttr Xt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::STR, kAny), kNotInDevices},
    {"sttrb", "sttrb Wt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::STR, 1), kNotInDevices},
    {"sttrh", "sttrh Wt, [Xn, #offset]", load_store_unscaled, unprivileged(Opcode::STR, 2), kNotInDevices},
    {"ldnp", "ldnp Xt1, Xt2, [Xn, #offset]", load_store_no_allocate, access(Opcode::LDP, kAny)},
    {"stnp", "stnp Xt1, Xt2, [Xn, #offset]", load_store_no_allocate, access(Opcode::STP, kAny)},
    {"movi", "movi Vd.16b, #byte", move_vector_immediate, {.opcode = Opcode::MOVI}},
    {"dup", "dup Vd.16b, Wn", duplicate, {.opcode = Opcode::DUP}},
    {"umov", "umov Xd, Vn.d[0]", move_element, {.opcode = Opcode::UMOV}},
    {"prfm", "prfm pldl1keep, [ADDRESS]", prefetch, {.opcode = Opcode::PRFM}, kNotInDevices},
    {"prfum", "prfum pldl1keep, [Xn, #offset]", prefetch_unscaled, {.opcode = Opcode::PRFM}, kNotInDevices},
});

}  // namespace

std::span<const Mnemonic> memory_mnemonics() { return kMnemonics; }

}  // namespace staleline::a64
