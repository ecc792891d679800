// SPDX-License-Identifier: Apache-2.0
// Mnemonics of maintenance, barriers, system registers, exceptions and hints.
#include <array>

#include "instructions.h"

namespace staleline::a64 {
namespace {

using namespace parse;

constexpr Instruction of(Opcode opcode) { return {.opcode = opcode}; }
constexpr Instruction barrier_of(arm::BarrierKind kind) {
  return {.opcode = Opcode::Barrier, .barrier = {.kind = kind}};
}

constexpr auto kMnemonics = std::to_array<Mnemonic>({
    {"dc", "dc OPERATION, Xn|REGION[..]", data_cache, of(Opcode::DC), kNotInDevices},
    {"ic", "ic OPERATION, Xn|REGION[..]", instruction_cache, of(Opcode::IC), kNotInDevices},
    {"dmb", "dmb OPTION", barrier, barrier_of(arm::BarrierKind::DMB), kNotInDevices},
    {"dsb", "dsb OPTION", barrier, barrier_of(arm::BarrierKind::DSB), kNotInDevices},
    {"isb", "isb", instruction_barrier, barrier_of(arm::BarrierKind::ISB), kNotInDevices},
    {"msr", "msr REGISTER, Xn|#value", write_system, of(Opcode::MSR), kNotInDevices},
    {"mrs", "mrs Xn, REGISTER", read_system, of(Opcode::MRS), kNotInDevices},
    {"tlbi", "tlbi OPERATION, Xn|REGION", tlb_invalidate, of(Opcode::TLBI), kNotInDevices},
    {"at", "at OPERATION, Xn|REGION", address_translate, of(Opcode::AT), kNotInDevices},
    {"svc", "svc #value", exception_call, of(Opcode::SVC), kNotInDevices},
    {"hvc", "hvc #value", exception_call, of(Opcode::HVC), kNotInDevices},
    {"smc", "smc #value", exception_call, of(Opcode::SMC), kNotInDevices},
    {"brk", "brk #value", exception_call, of(Opcode::BRK), kNotInDevices},
    {"eret", "eret", no_operands, of(Opcode::ERET), kNotInDevices},
    {"wfe", "wfe", no_operands, of(Opcode::WFE), kNotInDevices},
    {"wfi", "wfi", no_operands, of(Opcode::WFI), kNotInDevices},
    {"sev", "sev", no_operands, of(Opcode::SEV), kNotInDevices},
    {"sevl", "sevl", no_operands, of(Opcode::SEVL), kNotInDevices},
    {"nop", "nop", no_operands, of(Opcode::NOP)},
    {"yield", "yield", no_operands, of(Opcode::YIELD)},
    {"hint", "hint #number", hint, of(Opcode::NOP), kNotInDevices},
    // What speculation, error synchronisation, branch targets and pointer authentication would do is not modelled:
    // these are permitted to do nothing.
    {"bti", "bti c|j|jc", hint_word, of(Opcode::NOP)},
    {"psb", "psb csync", hint_word, of(Opcode::NOP)},
    {"tsb", "tsb csync", hint_word, of(Opcode::NOP)},
    {"sb", "sb", no_operands, of(Opcode::NOP)},
    {"csdb", "csdb", no_operands, of(Opcode::NOP)},
    {"esb", "esb", no_operands, of(Opcode::NOP)},
    {"dgh", "dgh", no_operands, of(Opcode::NOP)},
    {"xpaclri", "xpaclri", no_operands, of(Opcode::NOP)},
    {"paciasp", "paciasp", no_operands, of(Opcode::NOP)},
    {"pacibsp", "pacibsp", no_operands, of(Opcode::NOP)},
    {"autiasp", "autiasp", no_operands, of(Opcode::NOP)},
    {"autibsp", "autibsp", no_operands, of(Opcode::NOP)},
    {"paciaz", "paciaz", no_operands, of(Opcode::NOP)},
    {"pacibz", "pacibz", no_operands, of(Opcode::NOP)},
    {"autiaz", "autiaz", no_operands, of(Opcode::NOP)},
    {"autibz", "autibz", no_operands, of(Opcode::NOP)},
    {"pacia1716", "pacia1716", no_operands, of(Opcode::NOP)},
    {"pacib1716", "pacib1716", no_operands, of(Opcode::NOP)},
    {"autia1716", "autia1716", no_operands, of(Opcode::NOP)},
    {"autib1716", "autib1716", no_operands, of(Opcode::NOP)},
});

}  // namespace

std::span<const Mnemonic> system_mnemonics() { return kMnemonics; }

}  // namespace staleline::a64
