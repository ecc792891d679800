// SPDX-License-Identifier: Apache-2.0
// The assembler is total: any bytes end in a program or in printable problems at existing columns.
#include <random>

#include "harness.h"
#include "instructions.h"
#include "staleline/a64/shown.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

/// UTF-8 without control characters.
bool is_readable(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = character_length(text);
    if (length == 0 || first < 0x20 || first == 0x7f) return false;
    text.remove_prefix(length);
  }
  return true;
}

void check_total(const std::string& text) {
  const SourceText source = source_of(text);
  const Assembled a = assemble(source, TestSymbols());
  static_cast<void>(assemble(source, TestSymbols()));
  static_cast<void>(edge_declarations(source));
  std::uint32_t last = 0;
  for (const Problem& p : a.problems) {
    REQUIRE(p.line > last);
    last = p.line;
    REQUIRE(p.line < 10 + source.lines.size());
    const std::size_t length = source.lines[p.line - 10].text.size();
    REQUIRE((p.column >= 3 && p.column <= 3 + length));
    REQUIRE_FALSE(p.message.empty());
    REQUIRE(is_readable(p.message));
  }
  for (const Instruction& i : a.program.instructions) {
    REQUIRE_FALSE(text_of(i).empty());
    if (i.opcode == Opcode::Directive) REQUIRE(i.immediate < a.program.directives.size());
  }
  for (const Label& l : a.labels) REQUIRE(l.instruction <= a.program.instructions.size());
}

}  // namespace

TEST_CASE("random bytes") {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 2000; ++round) {
    std::string text;
    for (auto n = random() % 200; n > 0; --n) text += static_cast<char>(random() & 0xff);
    check_total(text);
  }
}

TEST_CASE("random sequences of valid tokens") {
  std::vector<std::string> words = {"x0",
                                    "w1",
                                    "sp",
                                    "xzr",
                                    "[",
                                    "]",
                                    "(",
                                    ")",
                                    ",",
                                    ":",
                                    "#",
                                    "=",
                                    "+",
                                    "-",
                                    ".",
                                    "!",
                                    "..",
                                    "==",
                                    "<=",
                                    "0",
                                    "1",
                                    "8",
                                    "64",
                                    "0x10",
                                    "010",
                                    "4 KiB",
                                    "buf",
                                    "image",
                                    "hidden",
                                    "payload",
                                    "eq",
                                    "label",
                                    "lsl",
                                    "sxtw",
                                    "sy",
                                    "ish",
                                    "cvac",
                                    "ivau",
                                    "cpu",
                                    "guest",
                                    "nic",
                                    "//",
                                    "\n",
                                    "\n",
                                    "{",
                                    "}",
                                    "acquire",
                                    "release",
                                    "18446744073709551615",
                                    "0x8000000000000000",
                                    "x2",
                                    "w3",
                                    "pte",
                                    "s2pte",
                                    "desc",
                                    "s2desc",
                                    "vm",
                                    "normal-nc",
                                    "ro",
                                    "no-af",
                                    "/",
                                    "vae1is",
                                    "rvae1is",
                                    "s1e1r",
                                    "isw",
                                    "daifset",
                                    "ttbr0_el1",
                                    "pldl1keep",
                                    ":lo12:"};
  for (const std::string_view word : first_words()) words.emplace_back(word);
  std::mt19937 random(2);
  for (unsigned round = 0; round < 20'000; ++round) {
    std::string text(first_words()[random() % first_words().size()]);
    for (auto n = random() % 12; n > 0; --n) text += (random() % 8 == 0 ? "" : " ") + words[random() % words.size()];
    check_total(text);
  }
}

TEST_CASE("valid lines with one byte changed, dropped or doubled") {
  const std::string lines[] = {"ldr x0, [buf+8]",
                               "add x0, x1, w2, sxtw #2",
                               "dc cvac, image[64..128]",
                               ".copy buf[0..8], payload(image)[8..16]",
                               ".expect x0 == payload[0..8]",
                               "a: b.eq a",
                               "stp x0, x1, [sp, #-16]!",
                               ".await cpu.freed, acquire",
                               "dsb ish",
                               "tlbi rvae1is, vm:buf[0..64]",
                               "str x0, [s2pte(vm:buf+8, 2)]",
                               "ldr x0, =desc(buf, normal-wb/nc, ro)",
                               "casp x0, x1, x2, x3, [x4]",
                               "stlxp w0, x1, x2, [x3]",
                               "msr daifclr, #15",
                               "add x0, x0, :lo12:buf",
                               ".grant guest, buf[..8]"};
  std::mt19937 random(3);
  for (const std::string& line : lines) {
    for (std::size_t at = 0; at < line.size(); ++at) {
      for (unsigned round = 0; round < 40; ++round) {
        std::string changed = line;
        changed[at] = static_cast<char>(random() & 0xff);
        check_total(changed);
      }
      check_total(line.substr(0, at) + line.substr(at + 1));
      check_total(line.substr(0, at) + line.substr(at, 1) + line.substr(at));
      check_total(line.substr(0, at));
    }
  }
}

TEST_CASE("very long lines and names stay one short message") {
  const Assembled a = assembled(std::string(200'000, 'a'));
  REQUIRE(a.problems.size() == 1);
  CHECK(a.problems[0].message.size() < 200);
  check_total("mov x0, #" + std::string(200'000, '9'));
  check_total("ldr x0, [" + std::string(200'000, '['));
}
