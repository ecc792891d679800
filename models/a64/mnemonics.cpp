// SPDX-License-Identifier: Apache-2.0
// All instruction mnemonics but B.cond, and everything that may begin a line.
#include "instructions.h"

namespace staleline::a64 {

std::span<const Mnemonic> mnemonics() {
  static const std::vector<Mnemonic> all = [] {
    std::vector<Mnemonic> tables;
    for (const auto& table : {integer_mnemonics(), memory_mnemonics(), atomic_mnemonics(), system_mnemonics()})
      tables.insert(tables.end(), table.begin(), table.end());
    return tables;
  }();
  return all;
}

const std::vector<std::string_view>& first_words() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> all;
    for (const Mnemonic& m : mnemonics()) all.push_back(m.name);
    for (const Mnemonic& m : directives()) all.push_back(m.name);
    for (const std::string_view name : {"b.eq", "b.ne", "b.cs", "b.hs", "b.cc", "b.lo", "b.mi", "b.pl", "b.vs", "b.vc",
                                        "b.hi", "b.ls", "b.ge", "b.lt", "b.gt", "b.le", "b.al", "b.nv"})
      all.push_back(name);
    return all;
  }();
  return words;
}

}  // namespace staleline::a64
