// SPDX-License-Identifier: Apache-2.0
// SIMD&FP registers: what each size moves, what stays, how it asks the memory system.
#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

constexpr std::uint64_t kBase = 0x8000'0000;
constexpr std::uint64_t kLow = 0x1716'1514'1312'1110, kHigh = 0x1f1e'1d1c'1b1a'1918;
constexpr std::pair<char, unsigned> kSizes[] = {{'b', 1}, {'h', 2}, {'s', 4}, {'d', 8}, {'q', 16}};

std::uint64_t low_bytes(std::uint64_t value, unsigned bytes) {
  return bytes >= 8 ? value : value & ((std::uint64_t{1} << 8 * bytes) - 1);
}

/// V0 and V31 hold bytes that name their place, everything else ones.
Registers filled() {
  Registers r;
  for (auto& v : r.vectors) v = {~std::uint64_t{0}, ~std::uint64_t{0}};
  r.vectors[0] = {kLow, kHigh};
  r.vectors[31] = {kLow ^ 0xffff'ffff'ffff'ffff, kHigh ^ 0xffff'ffff'ffff'ffff};
  r.x[1] = kBase;
  return r;
}

MemoryRequest request_of(const std::string& text, const Registers& r) {
  Registers after;
  const Step step = issue(program_of(text), 0, r, after);
  REQUIRE(step.what == Step::What::Memory);
  CHECK(after == r);
  return step.memory;
}

}  // namespace

TEST_CASE("a load of a SIMD register takes its bytes and clears the others, a store sends the low ones") {
  for (const auto& [letter, bytes] : kSizes) {
    for (const char* suffix : {"r", "ur"}) {
      const std::string rest = std::string(suffix) + " " + letter;
      INFO(rest);
      Registers r = filled();
      Memory memory;
      run(program_of("st" + rest + "0, [x1, #8]\nld" + rest + "5, [x1, #8]"), r, memory);
      CHECK(r.vectors[5] == std::array{low_bytes(kLow, bytes), bytes == 16 ? kHigh : 0});
      CHECK(memory.bytes.size() == bytes);
      r.vectors[5] = filled().vectors[5];
      CHECK(r == filled());
    }
  }
}

TEST_CASE("a pair of SIMD registers lies in memory order, and so do the halves of Q") {
  for (const auto& [letter, bytes] : kSizes) {
    if (bytes < 4) continue;
    const std::string l(1, letter);
    for (const char* mnemonic : {"p ", "np "}) {
      INFO(mnemonic << l);
      Registers r = filled();
      Memory memory;
      run(program_of(std::string("st") + mnemonic + l + "31, " + l + "0, [x1, #-64]"), r, memory);
      CHECK(memory.bytes.size() == 2 * bytes);
      for (unsigned n = 0; n < bytes; ++n) {
        CHECK(memory.load(kBase - 64 + n, 1) == ((0x10 + n) ^ 0xff));
        CHECK(memory.load(kBase - 64 + bytes + n, 1) == 0x10 + n);
      }
      run(program_of(std::string("ld") + mnemonic + l + "7, " + l + "8, [x1, #-64]"), r, memory);
      CHECK(r.vectors[7] == std::array{low_bytes(~kLow, bytes), bytes == 16 ? ~kHigh : 0});
      CHECK(r.vectors[8] == std::array{low_bytes(kLow, bytes), bytes == 16 ? kHigh : 0});
    }
  }
}

TEST_CASE("a Q register is two single-copy atomic halves, aligned as one on Device memory") {
  const Registers r = filled();
  struct Row {
    const char* text;
    unsigned element_bytes, elements, alignment;
  };
  const Row rows[] = {{"ldr b0, [x1]", 1, 1, 1},     {"str h0, [x1]", 2, 1, 2},      {"ldr s0, [x1]", 4, 1, 4},
                      {"str d0, [x1]", 8, 1, 8},     {"ldr q0, [x1]", 8, 2, 16},     {"stp s0, s1, [x1]", 4, 2, 4},
                      {"ldp d0, d1, [x1]", 8, 2, 8}, {"stp q0, q1, [x1]", 8, 4, 16}, {"stp x0, x2, [x1]", 8, 2, 8},
                      {"stp w0, w2, [x1]", 4, 2, 4}, {"strb w0, [x1]", 1, 1, 1},     {"prfm pldl1keep, [x1]", 0, 1, 1},
                      {"dc cvac, x1", 0, 1, 1}};
  for (const Row& row : rows) {
    INFO(row.text);
    const MemoryRequest m = request_of(row.text, r);
    CHECK(m.element_bytes == row.element_bytes);
    CHECK(m.elements == row.elements);
    CHECK(m.alignment == row.alignment);
    CHECK(m.address.value == kBase);
  }
  CHECK(request_of("stp q0, q31, [x1]", r).data == Elements{kLow, kHigh, ~kLow, ~kHigh});
}

TEST_CASE("the base of a SIMD access may have the number of what is transferred, and is written back") {
  for (const char* text : {"ldr q1, [x1], #16", "str q1, [x1, #16]!", "ldr d1, [x1, #16]!", "stp q1, q2, [x1], #16"}) {
    INFO(text);
    CHECK(executed(text, filled()).x[1] == kBase + 16);
  }
}

TEST_CASE("movi and dup fill a register, umov takes an element out") {
  const std::tuple<const char*, std::uint64_t, std::uint64_t> rows[] = {
      {"movi v2.16b, #0x5a", 0x5a5a'5a5a'5a5a'5a5a, 0x5a5a'5a5a'5a5a'5a5a},
      {"movi v2.8b, #0x5a", 0x5a5a'5a5a'5a5a'5a5a, 0},
      {"movi v2.2d, #0", 0, 0},
      {"movi v2.2d, #0xff0000ff", 0xff00'00ff, 0xff00'00ff},
      {"movi d2, #-1", 0xffff'ffff'ffff'ffff, 0},
      {"movi v2.4s, #0x5a, lsl #8", 0x5a00'0000'5a00, 0x5a00'0000'5a00},
      {"movi v2.2s, #0x5a", 0x5a'0000'005a, 0},
      {"movi v2.8h, #0x5a, lsl #8", 0x5a00'5a00'5a00'5a00, 0x5a00'5a00'5a00'5a00},
      {"dup v2.16b, w3", 0xf0f0'f0f0'f0f0'f0f0, 0xf0f0'f0f0'f0f0'f0f0},
      {"dup v2.8b, w3", 0xf0f0'f0f0'f0f0'f0f0, 0},
      {"dup v2.8h, w3", 0xdef0'def0'def0'def0, 0xdef0'def0'def0'def0},
      {"dup v2.4s, w3", 0x9abc'def0'9abc'def0, 0x9abc'def0'9abc'def0},
      {"dup v2.2d, x3", 0x1234'5678'9abc'def0, 0x1234'5678'9abc'def0},
      {"dup v2.2s, wzr", 0, 0}};
  for (const auto& [text, low, high] : rows) {
    INFO(text);
    Registers r = filled();
    r.x[3] = 0x1234'5678'9abc'def0;
    Registers after = executed(text, r);
    CHECK(after.vectors[2] == std::array{low, high});
    after.vectors[2] = r.vectors[2];
    CHECK(after == r);
  }
  for (unsigned n = 0; n < 16; ++n) {
    const auto element = [&](const char* rd, char size, unsigned index) {
      return executed("umov " + std::string(rd) + ", v0." + size + "[" + std::to_string(index) + "]", filled()).x[0];
    };
    CHECK(element("w0", 'b', n) == 0x10 + n);
    if (n < 8) CHECK(element("w0", 'h', n) == 0x1110 + n * 0x0202);
    if (n < 4) CHECK(element("w0", 's', n) == 0x1312'1110 + n * 0x0404'0404);
    if (n < 2) CHECK(element("x0", 'd', n) == (n == 0 ? kLow : kHigh));
  }
}

TEST_CASE("roles of SIMD registers are apart from those of the same number") {
  const auto set = [](std::initializer_list<unsigned> members) {
    RegisterSet s;
    for (const unsigned m : members) s.insert(static_cast<std::uint8_t>(m));
    return s;
  };
  constexpr unsigned kV = RegisterSet::kV0;
  const Roles load = roles(instruction_of("ldp q31, q1, [x1], #32"));
  CHECK(load.written == set({kV + 31, kV + 1}));
  CHECK(load.address == set({1}));
  CHECK(load.write_back == set({1}));
  CHECK(load.data.empty());
  const Roles store = roles(instruction_of("str q31, [x1, x2]"));
  CHECK(store.data == set({kV + 31}));
  CHECK(store.address == set({1, 2}));
  CHECK(store.written.empty());
  CHECK_FALSE(store.data.meets(set({31, 1})));
  CHECK(roles(instruction_of("movi v31.16b, #1")).written == set({kV + 31}));
  CHECK(roles(instruction_of("dup v3.16b, w3")).data == set({3}));
  CHECK(roles(instruction_of("umov w3, v3.b[0]")).data == set({kV + 3}));
  CHECK(roles(instruction_of("umov w3, v3.b[0]")).written == set({3}));
}

TEST_CASE("memcpy and memset as compilers write them") {
  const std::string copy = "loop: ldp q0, q1, [x1], #32\n stp q0, q1, [x0], #32\n subs x2, x2, #32\n b.ne loop";
  const std::string fill = "dup v0.16b, w1\nloop: stp q0, q0, [x0], #32\n subs x2, x2, #32\n b.ne loop";
  Memory memory;
  for (unsigned n = 0; n < 96; ++n) memory.store(kBase + n, 1, n + 1);
  Registers r;
  r.x[0] = kBase + 0x1000;
  r.x[1] = kBase;
  r.x[2] = 96;
  run(program_of(copy), r, memory);
  for (unsigned n = 0; n < 96; ++n) CHECK(memory.load(kBase + 0x1000 + n, 1) == n + 1);
  r.x[0] = kBase;
  r.x[1] = 0x1a5;
  r.x[2] = 64;
  run(program_of(fill), r, memory);
  for (unsigned n = 0; n < 96; ++n) CHECK(memory.load(kBase + n, 1) == (n < 64 ? 0xa5 : n + 1));
}
