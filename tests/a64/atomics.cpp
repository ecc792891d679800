// SPDX-License-Identifier: Apache-2.0
// Exclusives and atomics: what they ask of memory, and the registers they write.
#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

Step step_of(const std::string& text, const Registers& registers = {}) {
  Registers after;
  return issue(program_of(text), 0, registers, after);
}

struct Outcome {
  std::uint64_t loaded = 0, memory = 0;
};

/// `text` with x1 = operand, x2 = the address of a word that holds `old`; x0 is loaded.
Outcome outcome(const std::string& text, std::uint64_t old, std::uint64_t operand, std::uint64_t x0 = 0x5555) {
  Registers r;
  Memory memory;
  r.x[0] = x0;
  r.x[1] = operand;
  r.x[2] = 0x1000;
  memory.store(0x1000, 8, old);
  run(program_of(text), r, memory);
  return {r.x[0], memory.load(0x1000, 8)};
}

}  // namespace

TEST_CASE("exclusive loads and stores are asked for as such, with their order") {
  Registers r;
  r.x[1] = 0x1111;
  r.x[2] = 0x2222;
  r.x[3] = 0x4000;
  const MemoryRequest load = step_of("ldaxrh w0, [x3]", r).memory;
  CHECK(load.kind == MemoryRequest::Kind::Load);
  CHECK(load.exclusive);
  CHECK(load.acquire);
  CHECK_FALSE(load.acquire_pc);
  CHECK(load.element_bytes == 2);
  CHECK(load.address.value == 0x4000);
  CHECK_FALSE(step_of("ldxr x0, [x3]").memory.acquire);
  CHECK_FALSE(step_of("ldar x0, [x3]").memory.exclusive);
  const MemoryRequest store = step_of("stlxp w0, w1, w2, [x3]", r).memory;
  CHECK(store.kind == MemoryRequest::Kind::Store);
  CHECK(store.exclusive);
  CHECK(store.release);
  CHECK(store.elements == 2);
  CHECK(store.element_bytes == 4);
  CHECK(store.data == Elements{0x1111, 0x2222});
  CHECK(step_of("clrex").what == Step::What::ClearExclusive);
}

TEST_CASE("an exclusive store writes its status, and nothing else") {
  for (const char* text : {"stxr w0, x1, [x2]", "stlxrb w0, w1, [x2]", "stxp w0, x1, x3, [x2]"}) {
    const Program program = program_of(text);
    for (const std::uint64_t status : {0U, 1U}) {
      Registers r;
      r.x.fill(0xffff'ffff'ffff'fff0);
      Registers expected = r;
      expected.x[0] = status;
      complete(program, 0, {status, 0}, r);
      CHECK(r == expected);
    }
  }
}

TEST_CASE("each atomic combines what memory has with its operand, at its size") {
  const std::uint64_t old = 0x8123'4567'89ab'cdf0, operand = 0x7fff'0000'ffff'8013;
  struct Row {
    const char* name;
    std::uint64_t byte, half, word, whole;
  };
  const std::uint64_t upper = old & ~std::uint64_t{0xffff'ffff};
  const auto in_word = [&](std::uint64_t w) { return upper | w; };
  const Row rows[] = {
      {"add", 0x03, 0x4e03, in_word(0x89ab'4e03), old + operand},
      {"clr", 0xe0, 0x4de0, in_word(0x0000'4de0), old & ~operand},
      {"eor", 0xe3, 0x4de3, in_word(0x7654'4de3), old ^ operand},
      {"set", 0xf3, 0xcdf3, in_word(0xffff'cdf3), old | operand},
      {"smax", 0x13, 0xcdf0, in_word(0xffff'8013), operand},
      {"smin", 0xf0, 0x8013, in_word(0x89ab'cdf0), old},
      {"umax", 0xf0, 0xcdf0, in_word(0xffff'8013), old},
      {"umin", 0x13, 0x8013, in_word(0x89ab'cdf0), operand},
  };
  for (const Row& row : rows) {
    const std::string ld = std::string("ld") + row.name, st = std::string("st") + row.name;
    INFO(row.name);
    CHECK(outcome(ld + "b w1, w0, [x2]", old, operand).memory == ((old & ~std::uint64_t{0xff}) | row.byte));
    CHECK(outcome(ld + "alh w1, w0, [x2]", old, operand).memory == ((old & ~std::uint64_t{0xffff}) | row.half));
    CHECK(outcome(ld + "a w1, w0, [x2]", old, operand).memory == row.word);
    CHECK(outcome(ld + "l x1, x0, [x2]", old, operand).memory == row.whole);
    CHECK(outcome(ld + "b w1, w0, [x2]", old, operand).loaded == 0xf0);
    CHECK(outcome(ld + "h w1, w0, [x2]", old, operand).loaded == 0xcdf0);
    CHECK(outcome(ld + " w1, w0, [x2]", old, operand).loaded == 0x89ab'cdf0);
    CHECK(outcome(ld + " x1, x0, [x2]", old, operand).loaded == old);
    CHECK(outcome(st + " x1, [x2]", old, operand).memory == row.whole);
    CHECK(outcome(st + " x1, [x2]", old, operand).loaded == 0x5555);
  }
  CHECK(outcome("swp x1, x0, [x2]", old, operand).memory == operand);
  CHECK(outcome("swpb w1, w0, [x2]", old, operand).memory == (old & ~std::uint64_t{0xff}) + 0x13);
}

TEST_CASE("compare and swap stores where memory has what is compared, at its size") {
  const std::uint64_t old = 0x8123'4567'89ab'cdf0;
  CHECK(outcome("cas x0, x1, [x2]", old, 7, old).memory == 7);
  CHECK(outcome("cas x0, x1, [x2]", old, 7, old + 1).memory == old);
  CHECK(outcome("cas x0, x1, [x2]", old, 7, old + 1).loaded == old);
  CHECK(outcome("casb w0, w1, [x2]", old, 0x107, 0xffff'fff0).memory == (old & ~std::uint64_t{0xff}) + 7);
  CHECK(outcome("casb w0, w1, [x2]", old, 0x107, 0xffff'fff1).memory == old);
  CHECK(outcome("casalh w0, w1, [x2]", old, 0x107, 0xcdf0).loaded == 0xcdf0);
}

TEST_CASE("a pair is compared and swapped as a whole") {
  const Program program = program_of("casp x0, x1, x2, x3, [x4]");
  for (const unsigned differs : {0U, 1U, 2U}) {
    Registers r;
    Memory memory;
    memory.store(0x1000, 8, 11);
    memory.store(0x1008, 8, 22);
    r.x[0] = differs == 1 ? 1 : 11;
    r.x[1] = differs == 2 ? 2 : 22;
    r.x[2] = 33;
    r.x[3] = 44;
    r.x[4] = 0x1000;
    run(program, r, memory);
    CHECK(r.x[0] == 11);
    CHECK(r.x[1] == 22);
    CHECK(memory.load(0x1000, 8) == (differs == 0 ? 33 : 11));
    CHECK(memory.load(0x1008, 8) == (differs == 0 ? 44 : 22));
  }
  const MemoryRequest request = step_of("caspal w0, w1, w2, w3, [x4]").memory;
  CHECK(request.kind == MemoryRequest::Kind::Atomic);
  CHECK(request.atomic == AtomicOperation::Compare);
  CHECK(request.elements == 2);
  CHECK(request.element_bytes == 4);
  CHECK(request.acquire);
  CHECK(request.release);
}

TEST_CASE("an atomic whose loaded value goes nowhere acquires nothing, but for a compare and swap") {
  CHECK(step_of("ldadda x1, x0, [x2]").memory.acquire);
  CHECK_FALSE(step_of("ldadda x1, xzr, [x2]").memory.acquire);
  CHECK_FALSE(step_of("swpal w1, wzr, [x2]").memory.acquire);
  CHECK(step_of("swpal w1, wzr, [x2]").memory.release);
  CHECK(step_of("casa xzr, x1, [x2]").memory.acquire);
}

TEST_CASE("unprivileged and acquiring forms with an offset") {
  Registers r;
  r.x[1] = 0x1000;
  const MemoryRequest ldtr = step_of("ldtrsw x0, [x1, #-4]", r).memory;
  CHECK(ldtr.unprivileged);
  CHECK(ldtr.address.value == 0xffc);
  CHECK(step_of("sttrb w0, [x1]", r).memory.unprivileged);
  CHECK_FALSE(step_of("ldur x0, [x1]", r).memory.unprivileged);
  const MemoryRequest ldapur = step_of("ldapur x0, [x1, #3]", r).memory;
  CHECK(ldapur.acquire_pc);
  CHECK(ldapur.address.value == 0x1003);
  CHECK(step_of("stlurh w0, [x1, #-2]", r).memory.release);
  const MemoryRequest prefetch = step_of("prfm pstl2strm, [x1, #8]", r).memory;
  CHECK(prefetch.kind == MemoryRequest::Kind::Prefetch);
  CHECK(prefetch.hint == 0b10011);
  CHECK(prefetch.address.value == 0x1008);
}
