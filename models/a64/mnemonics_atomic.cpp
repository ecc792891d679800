// SPDX-License-Identifier: Apache-2.0
// Mnemonics of exclusives and atomics, put together from an operation, its order and its size (DDI 0487 C3.2.12).
#include <deque>
#include <string>
#include <vector>

#include "instructions.h"

namespace staleline::a64 {
namespace {

using namespace parse;

struct Order {
  std::string_view suffix;
  bool acquire, release;
};
constexpr Order kOrders[] = {{"", false, false}, {"a", true, false}, {"l", false, true}, {"al", true, true}};

struct Size {
  std::string_view suffix;
  std::uint8_t bytes;
  char register_letter;
};
constexpr Size kSizes[] = {{"", kSizeOfRegister, 'X'}, {"b", 1, 'W'}, {"h", 2, 'W'}};

struct Operation {
  std::string_view name;
  AtomicOperation operation;
};
constexpr Operation kOperations[] = {{"add", AtomicOperation::Add},   {"clr", AtomicOperation::Clear},
                                     {"eor", AtomicOperation::Eor},   {"set", AtomicOperation::Set},
                                     {"smax", AtomicOperation::SMax}, {"smin", AtomicOperation::SMin},
                                     {"umax", AtomicOperation::UMax}, {"umin", AtomicOperation::UMin}};

/// The table, and the texts that it points to.
class Table {
 public:
  Table() {
    for (const Size& size : kSizes) {
      exclusives(size);
      for (const Order& order : kOrders) atomics(size, order);
    }
    const Instruction load{.opcode = Opcode::LDP, .exclusive = true, .element_bytes = kSizeOfRegister};
    const Instruction store{.opcode = Opcode::STP, .exclusive = true, .element_bytes = kSizeOfRegister};
    add("ldxp", " Xt1, Xt2, [Xn]", load_exclusive_pair, load);
    add("ldaxp", " Xt1, Xt2, [Xn]", load_exclusive_pair, ordered(load, kOrders[1]));
    add("stxp", " Ws, Xt1, Xt2, [Xn]", store_exclusive_pair, store);
    add("stlxp", " Ws, Xt1, Xt2, [Xn]", store_exclusive_pair, ordered(store, kOrders[2]));
    for (const Order& order : kOrders) {
      add("casp" + std::string(order.suffix), " Xs, Xs+1, Xt, Xt+1, [Xn]", compare_and_swap_pair,
          ordered({.opcode = Opcode::CASP}, order));
    }
    add("clrex", "", no_operands, {.opcode = Opcode::CLREX});
  }
  [[nodiscard]] std::span<const Mnemonic> mnemonics() const { return mnemonics_; }

 private:
  static Instruction ordered(Instruction i, const Order& order) {
    i.acquire = order.acquire;
    i.release = order.release;
    return i;
  }

  std::string_view kept(std::string text) { return texts_.emplace_back(std::move(text)); }

  void add(const std::string& name, const std::string& operands, OperandParser parse, const Instruction& prototype) {
    const std::string_view usage = kept(name + operands);
    mnemonics_.push_back({usage.substr(0, name.size()), usage, parse, prototype, kNotInDevices});
  }

  void exclusives(const Size& size) {
    const std::string rt = std::string(1, size.register_letter) + "t, [Xn]";
    const std::string suffix(size.suffix);
    const Instruction load{.opcode = Opcode::LDR, .exclusive = true, .element_bytes = size.bytes};
    const Instruction store{.opcode = Opcode::STR, .exclusive = true, .element_bytes = size.bytes};
    add("ldxr" + suffix, " " + rt, load_store_ordered, load);
    add("ldaxr" + suffix, " " + rt, load_store_ordered, ordered(load, kOrders[1]));
    add("stxr" + suffix, " Ws, " + rt, store_exclusive, store);
    add("stlxr" + suffix, " Ws, " + rt, store_exclusive, ordered(store, kOrders[2]));
  }

  void atomics(const Size& size, const Order& order) {
    const std::string suffix = std::string(order.suffix) + std::string(size.suffix);
    const std::string rs = std::string(1, size.register_letter) + "s", rt = std::string(1, size.register_letter) + "t";
    const std::string both = " " + rs + ", " + rt + ", [Xn]";
    const auto prototype = [&](Opcode opcode, AtomicOperation operation) {
      return ordered({.opcode = opcode, .element_bytes = size.bytes, .atomic = operation}, order);
    };
    add("cas" + suffix, both, compare_and_swap, prototype(Opcode::CAS, AtomicOperation::Compare));
    add("swp" + suffix, both, atomic_load, prototype(Opcode::Atomic, AtomicOperation::Swap));
    for (const Operation& o : kOperations) {
      const std::string name = std::string(o.name) + suffix;
      add("ld" + name, both, atomic_load, prototype(Opcode::Atomic, o.operation));
      if (!order.acquire) add("st" + name, " " + rs + ", [Xn]", atomic_store, prototype(Opcode::Atomic, o.operation));
    }
  }

  std::deque<std::string> texts_;
  std::vector<Mnemonic> mnemonics_;
};

}  // namespace

std::span<const Mnemonic> atomic_mnemonics() {
  static const Table table;
  return table.mnemonics();
}

}  // namespace staleline::a64
