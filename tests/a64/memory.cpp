// SPDX-License-Identifier: Apache-2.0
// Loads and stores: sizes, signs, addressing forms, pairs, ordering bits.
#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

constexpr std::uint64_t kBase = 0x8000'0000;

MemoryRequest request_of(const std::string& text, const Registers& registers) {
  const Program program = program_of(text);
  Registers after;
  const Step step = issue(program, 0, registers, after);
  REQUIRE(step.what == Step::What::Memory);
  CHECK(step.next == code_address(program, 1));
  CHECK(after == registers);  // complete() does all writes
  return step.memory;
}

std::uint64_t signed_value(std::uint64_t v, unsigned bytes, bool to_64) {
  std::uint64_t out = 0;
  switch (bytes) {
    case 1:
      out = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int8_t>(v)});
      break;
    case 2:
      out = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int16_t>(v)});
      break;
    default:
      out = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(v)});
      break;
  }
  return to_64 ? out : out & 0xffff'ffff;
}

}  // namespace

TEST_CASE("every load takes its bytes and extends them as named") {
  struct Row {
    const char* text;
    unsigned bytes;
    bool is_signed, to_64;
  };
  const Row rows[] = {
      {"ldr x0, [x1]", 8, false, true},     {"ldr w0, [x1]", 4, false, false},   {"ldrh w0, [x1]", 2, false, false},
      {"ldrb w0, [x1]", 1, false, false},   {"ldrsb x0, [x1]", 1, true, true},   {"ldrsb w0, [x1]", 1, true, false},
      {"ldrsh x0, [x1]", 2, true, true},    {"ldrsh w0, [x1]", 2, true, false},  {"ldrsw x0, [x1]", 4, true, true},
      {"ldur x0, [x1]", 8, false, true},    {"ldurb w0, [x1]", 1, false, false}, {"ldurh w0, [x1]", 2, false, false},
      {"ldursb w0, [x1]", 1, true, false},  {"ldursh x0, [x1]", 2, true, true},  {"ldursw x0, [x1]", 4, true, true},
      {"ldar x0, [x1]", 8, false, true},    {"ldar w0, [x1]", 4, false, false},  {"ldarb w0, [x1]", 1, false, false},
      {"ldarh w0, [x1]", 2, false, false},  {"ldapr x0, [x1]", 8, false, true},  {"ldaprb w0, [x1]", 1, false, false},
      {"ldaprh w0, [x1]", 2, false, false}, {".fetch x0, [x1]", 4, false, true}, {".walk x0, [x1]", 8, false, true}};
  for (const Row& row : rows) {
    for (const std::uint64_t value : {0x0123'4567'89ab'cdefULL, 0xfedc'ba98'7654'3210ULL, 0x8080'8080'8080'8080ULL,
                                      0x7f7f'7f7f'7f7f'7f7fULL, 0xffff'ffff'ffff'ffffULL, 0x8000'8000'0000'0080ULL}) {
      INFO(row.text << std::hex << " " << value);
      const Program program = program_of(row.text);
      Registers r;
      r.x[0] = 0x5555'5555'5555'5555;
      r.x[1] = kBase;
      Registers after;
      const Step step = issue(program, 0, r, after);
      CHECK(step.memory.element_bytes == row.bytes);
      CHECK(step.memory.elements == 1);
      CHECK(step.memory.address.value == kBase);
      const std::uint64_t element = row.bytes == 8 ? value : value & ((std::uint64_t{1} << (8 * row.bytes)) - 1);
      complete(program, 0, {element, 0}, r);
      CHECK(r.x[0] == (row.is_signed ? signed_value(value, row.bytes, row.to_64) : element));
    }
  }
}

TEST_CASE("every store sends its low bytes") {
  Registers r;
  r.x[0] = 0x8877'6655'4433'2211;
  r.x[1] = kBase;
  const std::tuple<const char*, unsigned, std::uint64_t> rows[] = {{"str x0, [x1]", 8, 0x8877'6655'4433'2211},
                                                                   {"str w0, [x1]", 4, 0x4433'2211},
                                                                   {"strh w0, [x1]", 2, 0x2211},
                                                                   {"strb w0, [x1]", 1, 0x11},
                                                                   {"stur x0, [x1]", 8, 0x8877'6655'4433'2211},
                                                                   {"sturh w0, [x1]", 2, 0x2211},
                                                                   {"sturb w0, [x1]", 1, 0x11},
                                                                   {"stlr x0, [x1]", 8, 0x8877'6655'4433'2211},
                                                                   {"stlr w0, [x1]", 4, 0x4433'2211},
                                                                   {"stlrb w0, [x1]", 1, 0x11},
                                                                   {"stlrh w0, [x1]", 2, 0x2211},
                                                                   {"str xzr, [x1]", 8, 0}};
  for (const auto& [text, bytes, data] : rows) {
    INFO(text);
    const MemoryRequest m = request_of(text, r);
    CHECK(m.kind == MemoryRequest::Kind::Store);
    CHECK(m.element_bytes == bytes);
    CHECK(m.data[0] == data);
    CHECK(m.release == std::string_view(text).starts_with("stlr"));
  }
}

TEST_CASE("addressing forms") {
  Registers r;
  r.x[1] = kBase;
  r.x[2] = 0x1'ffff'fffe;  // W2 is -2
  r.sp() = 0x4000;
  const std::pair<const char*, std::uint64_t> rows[] = {{"ldr x0, [x1]", kBase},
                                                        {"ldr x0, [x1, #8]", kBase + 8},
                                                        {"ldr x0, [x1, 32760]", kBase + 32760},
                                                        {"ldr x0, [x1, #-256]", kBase - 256},
                                                        {"ldr x0, [x1, #3]", kBase + 3},
                                                        {"ldur x0, [x1, #255]", kBase + 255},
                                                        {"ldrb w0, [x1, #4095]", kBase + 4095},
                                                        {"ldr x0, [sp, #16]", 0x4010},
                                                        {"ldr x0, [x1, x2]", kBase + 0x1'ffff'fffe},
                                                        {"ldr x0, [x1, x2, lsl #3]", kBase + 0xf'ffff'fff0},
                                                        {"ldrh w0, [x1, x2, lsl #1]", kBase + 0x3'ffff'fffc},
                                                        {"ldr x0, [x1, x2, sxtx]", kBase + 0x1'ffff'fffe},
                                                        {"ldr x0, [x1, w2, uxtw]", kBase + 0xffff'fffe},
                                                        {"ldr x0, [x1, w2, sxtw]", kBase - 2},
                                                        {"ldr x0, [x1, w2, sxtw #3]", kBase - 16},
                                                        {"ldr w0, [x1, w2, uxtw #2]", kBase + 0x3'ffff'fff8},
                                                        {"ldr x0, [x1, #16]!", kBase + 16},
                                                        {"ldr x0, [x1, #-16]!", kBase - 16},
                                                        {"ldr x0, [x1], #16", kBase},
                                                        {"ldr x0, [buf]", 0x8000'0000},
                                                        {"ldr x0, [buf+248]", 0x8000'00f8},
                                                        {"ldar x0, [buf + 8]", 0x8000'0008},
                                                        {"ldr x0, [image]", 0xffff'0000'4008'0000},
                                                        {"ldp x0, x2, [x1, #-512]", kBase - 512},
                                                        {"ldp x0, x2, [x1, #504]", kBase + 504},
                                                        {"ldp w0, w2, [x1, #252]", kBase + 252},
                                                        {".walk x0, [buf+8]", 0x8000'0008}};
  for (const auto& [text, address] : rows) {
    INFO(text);
    CHECK(request_of(text, r).address.value == address);
  }
}

TEST_CASE("the base is written back by complete, for loads and for stores") {
  for (const char* text : {"ldr x0, [x1, #16]!", "ldr x0, [x1], #16", "str x0, [x1, #16]!", "strb w0, [x1], #16",
                           "ldp x0, x2, [x1, #16]!", "stp x0, x2, [x1], #16", "ldrsb x0, [x1], #16"}) {
    INFO(text);
    const Program program = program_of(text);
    Registers r;
    r.x[1] = kBase;
    const Step first = issue(program, 0, r, r);
    const Step again = issue(program, 0, r, r);  // a step may be issued again until it is complete
    CHECK(first.memory.address == again.memory.address);
    CHECK(r.x[1] == kBase);
    complete(program, 0, {0, 0}, r);
    CHECK(r.x[1] == kBase + 16);
  }
  Registers r;
  r.sp() = 0x1000;
  CHECK(executed("stp x29, x30, [sp, #-32]!", r).sp() == 0xfe0);
}

TEST_CASE("pairs move two elements") {
  Registers r;
  r.x[0] = 0x1111'2222'3333'4444;
  r.x[2] = 0x8555'6666'8777'8888;
  r.x[1] = kBase;
  const MemoryRequest wide = request_of("stp x0, x2, [x1]", r), narrow = request_of("stp w0, w2, [x1, #8]", r);
  CHECK(wide.elements == 2);
  CHECK(wide.element_bytes == 8);
  CHECK(wide.data == Elements{r.x[0], r.x[2]});
  CHECK(narrow.elements == 2);
  CHECK(narrow.element_bytes == 4);
  CHECK(narrow.data == Elements{0x3333'4444, 0x8777'8888});
  const Registers copied = executed("stp x0, x2, [x1]\nldp x3, x4, [x1]\nldpsw x5, x6, [x1, #8]\nldp w7, w8, [x1]", r);
  CHECK(copied.x[3] == r.x[0]);
  CHECK(copied.x[4] == r.x[2]);
  CHECK(copied.x[5] == 0xffff'ffff'8777'8888);
  CHECK(copied.x[6] == 0xffff'ffff'8555'6666);
  CHECK(copied.x[7] == 0x3333'4444);
  CHECK(copied.x[8] == 0x1111'2222);
}

TEST_CASE("acquire and release are told to the memory system") {
  Registers r;
  const auto bits = [&r](const char* text) {
    const MemoryRequest m = request_of(text, r);
    return std::tuple(m.acquire, m.acquire_pc, m.release);
  };
  CHECK(bits("ldr x0, [x1]") == std::tuple(false, false, false));
  CHECK(bits("ldar x0, [x1]") == std::tuple(true, false, false));
  CHECK(bits("ldapr w0, [x1]") == std::tuple(true, true, false));
  CHECK(bits("stlrb w0, [x1]") == std::tuple(false, false, true));
  CHECK(bits("str x0, [x1]") == std::tuple(false, false, false));
}

TEST_CASE("fetches and walks are their own kinds") {
  Registers r;
  CHECK(request_of(".fetch x0, [image+4]", r).kind == MemoryRequest::Kind::Fetch);
  CHECK(request_of(".walk x0, [x1, #8]", r).kind == MemoryRequest::Kind::Walk);
}

TEST_CASE("a load into XZR accesses memory and writes nothing") {
  Registers r;
  r.x[1] = kBase;
  CHECK(executed("ldr xzr, [x1]", r) == r);
}
