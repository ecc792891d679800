// SPDX-License-Identifier: Apache-2.0
// The grammar of each family of mnemonics, and the table that names them all.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "line.h"
#include "staleline/a64/instruction.h"

namespace staleline::a64 {

/// Parses the operands into `i`, which starts as the table's prototype.
using OperandParser = void (*)(Line& line, Instruction& i);

struct Mnemonic {
  std::string_view name;
  std::string_view usage;
  OperandParser parse = nullptr;
  Instruction prototype{};
  bool in_devices = true;  ///< false: a device program refuses it
};

/// The tables of instructions, by family.
[[nodiscard]] std::span<const Mnemonic> integer_mnemonics();
[[nodiscard]] std::span<const Mnemonic> memory_mnemonics();
[[nodiscard]] std::span<const Mnemonic> atomic_mnemonics();
[[nodiscard]] std::span<const Mnemonic> system_mnemonics();

/// All instructions but B.cond, and all directives (with their dot).
[[nodiscard]] std::span<const Mnemonic> mnemonics();
[[nodiscard]] std::span<const Mnemonic> directives();

/// Everything that may begin a line, for suggestions.
[[nodiscard]] const std::vector<std::string_view>& first_words();

inline constexpr bool kNotInDevices = false;
// Prototypes with element_bytes = 0 take their size from the register.
inline constexpr std::uint8_t kSizeOfRegister = 0;

namespace parse {
void no_operands(Line& line, Instruction& i);

void move(Line& line, Instruction& i);
void move_wide(Line& line, Instruction& i);
void add_sub(Line& line, Instruction& i);
void compare(Line& line, Instruction& i);
void negate(Line& line, Instruction& i);
void logical(Line& line, Instruction& i);
void test(Line& line, Instruction& i);
void shift(Line& line, Instruction& i);
void three_registers(Line& line, Instruction& i);
void four_registers(Line& line, Instruction& i);
void extend(Line& line, Instruction& i);
void bitfield_move(Line& line, Instruction& i);
void bitfield_extract(Line& line, Instruction& i);
void bitfield_insert(Line& line, Instruction& i);
void select(Line& line, Instruction& i);
void conditional_set(Line& line, Instruction& i);
void conditional_change(Line& line, Instruction& i);
void conditional_compare(Line& line, Instruction& i);
void negate_with_carry(Line& line, Instruction& i);
void extract(Line& line, Instruction& i);
void two_registers(Line& line, Instruction& i);
void wide_product(Line& line, Instruction& i);
void long_product(Line& line, Instruction& i);
void long_product_sum(Line& line, Instruction& i);
void checksum(Line& line, Instruction& i);
void address(Line& line, Instruction& i);
void page_address(Line& line, Instruction& i);

void branch(Line& line, Instruction& i);
void branch_register(Line& line, Instruction& i);
void return_(Line& line, Instruction& i);
void compare_and_branch(Line& line, Instruction& i);
void test_and_branch(Line& line, Instruction& i);

void load(Line& line, Instruction& i);
void load_store(Line& line, Instruction& i);
void load_store_unscaled(Line& line, Instruction& i);
void load_store_ordered(Line& line, Instruction& i);
void load_store_pair(Line& line, Instruction& i);
void load_store_no_allocate(Line& line, Instruction& i);
void prefetch(Line& line, Instruction& i);
void move_vector_immediate(Line& line, Instruction& i);
void duplicate(Line& line, Instruction& i);
void move_element(Line& line, Instruction& i);
void prefetch_unscaled(Line& line, Instruction& i);
void fetch_walk(Line& line, Instruction& i);

void load_exclusive_pair(Line& line, Instruction& i);
void store_exclusive(Line& line, Instruction& i);
void store_exclusive_pair(Line& line, Instruction& i);
void atomic_load(Line& line, Instruction& i);
void atomic_store(Line& line, Instruction& i);
void compare_and_swap(Line& line, Instruction& i);
void compare_and_swap_pair(Line& line, Instruction& i);

void data_cache(Line& line, Instruction& i);
void instruction_cache(Line& line, Instruction& i);
void barrier(Line& line, Instruction& i);
void instruction_barrier(Line& line, Instruction& i);
void write_system(Line& line, Instruction& i);
void read_system(Line& line, Instruction& i);
void tlb_invalidate(Line& line, Instruction& i);
void address_translate(Line& line, Instruction& i);
void exception_call(Line& line, Instruction& i);
void hint(Line& line, Instruction& i);
void hint_word(Line& line, Instruction& i);
}  // namespace parse

/// A value that MOV, `ldr =` and ADR name: region, region+offset or a label's code address.
[[nodiscard]] std::uint64_t symbol_value(Line& line);

}  // namespace staleline::a64
