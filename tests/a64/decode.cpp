// SPDX-License-Identifier: Apache-2.0
// The binary decoder: against the words of GNU as, against GNU objdump, and its table against itself.
#include "staleline/a64/decode.h"

#include <array>
#include <fstream>
#include <iostream>
#include <random>
#include <set>

#include "decode_table.h"
#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;
using staleline::arm::VirtAddr;

namespace {

constexpr VirtAddr kAt{0xffff'8000'1234'5678};

struct Row {
  std::string text;
  std::uint32_t word = 0;
};

/// A table of `text<TAB>word`.
std::vector<Row> rows_of(const std::string& name) {
  std::ifstream file(std::string(STALELINE_SOURCE_DIR) + "/tests/a64/" + name);
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    REQUIRE(tab != std::string::npos);
    rows.push_back({line.substr(0, tab), static_cast<std::uint32_t>(std::stoul(line.substr(tab + 1), nullptr, 16))});
  }
  return rows;
}

/// The instruction at the code address kDefaultCode + 8, which is that of `text`, for any Exception level.
Instruction assembled_to(const std::string& text) {
  TestSymbols symbols;
  symbols.level = 3;
  const Assembled a = assemble(source_of("back: nop\nnop\n" + text + "\nnop\nthere: nop"), symbols);
  for (const Problem& p : a.problems) FAIL_CHECK(text << ": " << p.message);
  Instruction i = a.program.instructions.at(2);
  i.line = {};
  return i;
}

std::string text_of_word(std::uint32_t word) {
  const auto decoded = decode(word, kAt);
  return decoded ? text_of(*decoded, kAt) : "undefined";
}

}  // namespace

TEST_CASE("a word decodes to what its text assembles to") {
  const std::vector<Row> rows = rows_of("encodings.tsv");
  REQUIRE(rows.size() > 4900);
  for (const Row& row : rows) {
    INFO(row.text << " is " << std::hex << row.word);
    const Instruction expected = assembled_to(row.text);
    const auto decoded = decode(row.word, kDefaultCode + 8);
    REQUIRE(decoded.has_value());
    CHECK(text_of(*decoded) == text_of(expected));
    CHECK(*decoded == expected);
  }
}

TEST_CASE("no word is of two classes, and words of every class are found") {
  std::mt19937 random(3);
  const auto classes = encoding_classes();
  std::set<std::string> names;
  for (std::size_t n = 0; n < classes.size(); ++n) {
    const EncodingClass& c = classes[n];
    INFO(c.name);
    CHECK(names.insert(c.name).second);
    CHECK((c.value & ~c.mask) == 0);
    unsigned found = 0;
    for (unsigned round = 0; round < 4000; ++round) {
      const auto word = static_cast<std::uint32_t>(c.value | (random() & random() & ~c.mask));
      std::vector<std::size_t> of;
      for (std::size_t m = 0; m < classes.size(); ++m) {
        Instruction ignored;
        if ((word & classes[m].mask) == classes[m].value && classes[m].decode(word, 0, ignored)) of.push_back(m);
      }
      const auto plain = std::count_if(of.begin(), of.end(), [&](std::size_t m) { return !classes[m].otherwise; });
      REQUIRE(plain <= 1);
      REQUIRE(of.size() <= 2);
      Instruction expected;
      if (!of.empty()) static_cast<void>(classes[of[0]].decode(word, 0, expected));
      const auto decoded = decode(word, {0});
      REQUIRE(decoded.has_value() == !of.empty());
      if (decoded) REQUIRE(*decoded == expected);
      found += !of.empty() && of[0] == n ? 1U : 0U;
    }
    CHECK(found > 0);
  }
}

TEST_CASE("every word has an answer, and every answer a text and roles") {
  // A stride that is coprime to 2^32 visits all fields of all classes.
  std::uint32_t word = 0;
  std::size_t decoded_words = 0;
  for (unsigned n = 0; n < 400'000; ++n, word += 0x9e37'79b1) {
    const auto decoded = decode(word, kAt);
    if (!decoded) continue;
    ++decoded_words;
    if (n % 16 != 0) continue;
    REQUIRE_FALSE(text_of(*decoded, kAt).empty());
    static_cast<void>(roles(*decoded));
    Registers registers;
    const Step step = issue(*decoded, kAt, registers, registers);
    if (step.what == Step::What::Memory || step.what == Step::What::ReadSystem)
      complete(*decoded, {1, 2, 3, 4}, registers);
  }
  CHECK(decoded_words > 100'000);
}

TEST_CASE("bitmask immediates: 5334 of 64 bits and 1302 of 32 are encoded, and the assembler takes each") {
  for (const std::uint32_t sf : {0U, 1U}) {
    std::set<std::uint64_t> values;
    for (std::uint32_t fields = 0; fields < 1U << 13U; ++fields) {
      const auto decoded = decode(sf << 31 | 0x1200'0000 | fields << 10 | 1U << 5, kAt);  // AND R0, R1, #bitmask
      if (!decoded) continue;
      REQUIRE(is_bitmask_immediate(decoded->immediate, sf != 0));
      values.insert(decoded->immediate);
    }
    CHECK(values.size() == (sf != 0 ? 5334 : 1302));
  }
}

TEST_CASE("addresses come from the code address, as far as the fields reach") {
  const auto immediate = [](std::uint32_t word, std::uint64_t pc) { return decode(word, {pc}).value().immediate; };
  for (const std::uint64_t pc : std::initializer_list<std::uint64_t>{0, 0x4008'0ffc, 0xffff'8000'1000'0004}) {
    // Each bit of the offset alone, by the place that the architecture gives it.
    for (unsigned bit = 0; bit < 21; ++bit) {
      const std::uint32_t field = bit < 2 ? 1U << (29 + bit) : 1U << (5 + bit - 2);
      const std::uint64_t offset = bit == 20 ? 0 - (std::uint64_t{1} << 20) : std::uint64_t{1} << bit;
      CHECK(immediate(0x1000'0000 | field, pc) == pc + offset);                                    // ADR
      CHECK(immediate(0x9000'0000 | field, pc) == (pc & ~std::uint64_t{0xfff}) + (offset << 12));  // ADRP
    }
    for (unsigned bit = 0; bit < 19; ++bit) {
      const std::uint64_t offset = bit == 18 ? 0 - (std::uint64_t{4} << 18) : std::uint64_t{4} << bit;
      for (const std::uint32_t literal : {0x1800'0000U, 0x5800'0000U, 0x9800'0000U, 0xd800'0000U, 0x9c00'0000U})
        CHECK(immediate(literal | 1U << (5 + bit), pc) == pc + offset);  // LDR, LDRSW, PRFM
      CHECK(immediate(0x5400'0000 | 1U << (5 + bit), pc) == offset);     // B.cond
      CHECK(immediate(0xb500'0000 | 1U << (5 + bit), pc) == offset);     // CBNZ
    }
    for (unsigned bit = 0; bit < 26; ++bit) {
      const std::uint64_t offset = bit == 25 ? 0 - (std::uint64_t{4} << 25) : std::uint64_t{4} << bit;
      CHECK(immediate(0x1400'0000 | 1U << bit, pc) == offset);
      CHECK(immediate(0x9400'0000 | 1U << bit, pc) == offset);
    }
    for (unsigned bit = 0; bit < 14; ++bit) {
      const std::uint64_t offset = bit == 13 ? 0 - (std::uint64_t{4} << 13) : std::uint64_t{4} << bit;
      CHECK(immediate(0x3700'0000 | 1U << (5 + bit), pc) == offset);  // TBNZ
    }
  }
  CHECK(decode(0x5800'0000, {0x1000})->rn == kZeroRegister);
}

TEST_CASE("what is UNDEFINED says so, and what it was") {
  Registers registers;
  const auto what = [&](std::uint32_t word) {
    return issue(decode(word, kAt).value(), kAt, registers, registers).what;
  };
  const std::tuple<std::uint32_t, const char*> rows[] = {
      {0x0000'0000, "udf #0x0"},
      {0x0000'beef, "udf #0xbeef"},
      {0xd440'0020, "hlt #0x1"},
      {0xd538'1020 | 7, "mrs x7, actlr_el1"},
      {0xd538'f201, "mrs x1, s3_0_c15_c2_0"},
      {0xd518'f21f, "msr s3_0_c15_c2_0, xzr"},
      {0xd530'0003, "mrs x3, s2_0_c0_c0_0"},
      {0xd518'0001, "msr midr_el1, x1"},  // read-only
      {0xd508'7f05, "sys #0, c7, c15, #0, x5"},
      {0xd52b'7f05, "sysl x5, #3, c7, c15, #0"},
  };
  for (const auto& [word, text] : rows) {
    INFO(text);
    CHECK(text_of_word(word) == text);
    if (word != (0xd538'1020 | 7)) CHECK(what(word) == Step::What::Undefined);
  }
  CHECK(decode(0xd538'f201, kAt)->immediate == staleline::arm::SystemEncoding(3, 0, 15, 2, 0).packed);
  CHECK(decode(0xd508'7f05, kAt)->immediate == staleline::arm::SystemEncoding(1, 0, 7, 15, 0).packed);
}

TEST_CASE("identification registers that nobody has are zero, and only they") {
  for (std::uint32_t encoding = 0x4000; encoding < 0x1'0000; ++encoding) {
    const Instruction read = decode(0xd520'0000 | encoding << 5 | 7, kAt).value();
    const Instruction write = decode(0xd500'0000 | encoding << 5 | 7, kAt).value();
    const staleline::arm::SystemEncoding e(encoding >> 14, encoding >> 11 & 7, encoding >> 7 & 15, encoding >> 3 & 15,
                                           encoding & 7);
    const bool identification = e.op0() == 3 && e.op1() == 0 && e.crn() == 0 && e.crm() >= 1 && e.crm() <= 7;
    const auto known = staleline::arm::system_register_at(e);
    const bool readable = known && staleline::arm::info_of(*known).access != staleline::arm::RegisterAccess::WriteOnly;
    const bool writable = known && staleline::arm::info_of(*known).access != staleline::arm::RegisterAccess::ReadOnly;
    const Opcode unnamed = identification ? Opcode::MOV : Opcode::UndefinedRead;
    INFO(std::hex << encoding);
    REQUIRE(read.rd == 7);
    REQUIRE(read.opcode == (readable ? Opcode::MRS : unnamed));
    if (read.opcode == Opcode::MOV) REQUIRE(read.immediate == 0);
    if (e.op0() == 1) continue;  // maintenance
    REQUIRE(write.opcode == (writable ? Opcode::MSR : Opcode::UndefinedWrite));
    if (writable) REQUIRE(write.system_register == *known);
  }
}

TEST_CASE("reserved and ignored fields") {
  CHECK(text_of_word(0xd503'309f) == "dsb sy");  // CRm = 0
  CHECK(text_of_word(0xd503'30bf) == "dmb sy");
  CHECK(text_of_word(0xd503'30df) == "isb");
  CHECK(text_of_word(0xd503'305f) == "clrex");
  CHECK(text_of_word(0xd508'8700) == "tlbi vmalle1");  // Rt is not read
  CHECK(text_of_word(0x0800'7c00) == "stxrb w0, w0, [x0]");
  CHECK(text_of_word(0x0800'0000) == "stxrb w0, w0, [x0]");
  const std::uint32_t undefined[] = {
      0x0000'0000 | 1U << 16,             // not UDF
      0x1ac0'0000,                        // two sources, opcode 0
      0x1280'0000 | 2U << 21,             // MOVN of W, shifted by 32
      0x1340'0000,                        // bit-field of W with N
      0x5ac0'0c00,                        // REV of X, as W
      0x0b00'8000,                        // ADD of W, shifted by 32
      0x0bc0'0000,                        // ADD, rotated
      0x0b20'1400,                        // ADD, extended and shifted by 5
      0x0861'7c00,                        // CASP of an odd register
      0x2840'0000 | 1U << 31 | 1U << 30,  // a pair of size 3
      0x5503'7fdf,
      0xd69f'03e1,  // ERET with operand
      0xffff'ffff,
  };
  for (const std::uint32_t word : undefined) {
    INFO(std::hex << word);
    CHECK(text_of_word(word) == "undefined");
  }
}

TEST_CASE("GNU objdump agrees which words are instructions, and which") {
  // `text` is what objdump says; `-` where it knows none. What the model does not have begins with `?`.
  const std::vector<Row> rows = rows_of("words.tsv");
  REQUIRE(rows.size() > 3000);
  for (const Row& row : rows) {
    INFO(row.text << " is " << std::hex << row.word);
    const auto decoded = decode(row.word, kDefaultCode + 8);
    const bool expected = row.text != "-" && row.text[0] != '?';
    CHECK(decoded.has_value() == expected);
    if (!decoded || !expected || row.text[0] == '!') continue;  // `!`: not text for the assembler
    CHECK(text_of(*decoded) == text_of(assembled_to(row.text)));
    CHECK(*decoded == assembled_to(row.text));
  }
}

TEST_CASE("disassembly is what objdump says, but for what the instruction does not keep") {
  // Numbers in decimal, as many signs as there are.
  const auto normal = [](const std::string& text) {
    std::string result;
    for (std::size_t n = 0; n < text.size();) {
      if (text[n] != '#') {
        result += text[n++];
        continue;
      }
      std::size_t used = 0;
      const bool negative = text[n + 1] == '-';
      const std::uint64_t value = std::stoull(text.substr(n + 1 + (negative ? 1 : 0)), &used, 0);
      result += "#" + std::to_string(negative ? 0 - value : value);
      n += 1 + (negative ? 1U : 0U) + used;
    }
    return result;
  };
  // Which of two encodings it was: LDNP or LDP, LDUR or LDR, hints, an immediate in full or shifted ...
  const auto kept = [](const std::string& text, const Instruction& i) {
    if (i.opcode == Opcode::NOP || i.opcode == Opcode::MOVI || (i.opcode == Opcode::MSR && i.mask == 0)) return false;
    for (const char* lost : {"ldnp", "stnp", "ldlar", "stllr", "ldur", "stur", "ldapur", "stlur", "prfum"})
      if (text.starts_with(lost)) return false;
    if (text.find("lsl #12") != std::string::npos || text.ends_with(" #0]")) return false;
    return !(text.starts_with("orr") && i.opcode == Opcode::MOV);
  };
  std::size_t compared = 0;
  for (const Row& row : rows_of("words.tsv")) {
    if (std::string("-?!").find(row.text[0]) != std::string::npos) continue;
    const Instruction i = decode(row.word, kDefaultCode).value();
    const std::string text = text_of(i, kDefaultCode);
    CHECK(assembled_to(text) == i);
    if (!kept(row.text, i)) continue;
    CHECK(normal(text) == normal(row.text));
    ++compared;
  }
  CHECK(compared > 1000);
}

TEST_CASE("aliases") {
  const auto text = [](const std::string& source) { return text_of(instruction_of(source), kDefaultCode); };
  // Each is what its instruction is shown as.
  for (const char* preferred : {"mov x0, x1",
                                "mov x0, sp",
                                "mvn w0, w1, lsl #3",
                                "cmp x1, #0x3",
                                "cmp sp, x2, uxtx",
                                "cmn w1, w2",
                                "tst x1, #0xf",
                                "neg x0, x1, asr #3",
                                "negs w0, w1",
                                "ngc x0, x1",
                                "ngcs w0, w1",
                                "mul x0, x1, x2",
                                "mneg w0, w1, w2",
                                "smull x0, w1, w2",
                                "umnegl x0, w1, w2",
                                "lsl x0, x1, #63",
                                "lsl w0, w1, #1",
                                "lsr w0, w1, #31",
                                "asr x0, x1, #1",
                                "ror x0, x1, #7",
                                "uxtb w0, w1",
                                "uxth w0, w1",
                                "sxtb x0, w1",
                                "sxth w0, w1",
                                "sxtw x0, w1",
                                "ubfx x0, x1, #0, #8",
                                "sbfx w0, w1, #3, #4",
                                "ubfiz x0, x1, #3, #4",
                                "sbfiz w0, w1, #3, #4",
                                "bfi x0, x1, #60, #4",
                                "bfxil w0, w1, #3, #4",
                                "cset w0, eq",
                                "csetm x0, lt",
                                "cinc x0, x1, hi",
                                "cinv w0, w1, cc",
                                "cneg x0, x1, ne",
                                "cneg x0, xzr, ne",
                                "movk x0, #0x1",
                                "ret",
                                "ret x1",
                                "csinc x0, x1, x2, eq",
                                "extr x0, x1, x2, #7",
                                "adds x0, x1, #0x0",
                                "ands x0, x1, x2"})
    CHECK(text(preferred) == preferred);
  CHECK(text("csinc x0, x1, x1, al") == "csinc x0, x1, x1, al");  // AL has no inverse
  CHECK(text("bfi x0, xzr, #3, #4") == "bfm x0, xzr, #61, #3");
}

TEST_CASE("words from stdin as text", "[.]") {
  for (std::string word; std::cin >> word;)
    std::cout << word << '\t' << text_of_word(static_cast<std::uint32_t>(std::stoul(word, nullptr, 16))) << '\n';
}
