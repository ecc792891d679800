// SPDX-License-Identifier: Apache-2.0
// Programs as streams of actions: directives in chunks, awaits counted, expectations with their origin.
#include "staleline/pe/sequencer.h"

#include <catch2/catch.hpp>
#include <map>

#include "world.h"

namespace {

using namespace staleline;
using pe::Action;
using pe::Sequencer;
using What = Action::What;
using a64::Instruction;
using a64::Opcode;

a64::Program program_of(std::vector<Instruction> instructions) {
  a64::Program program;
  program.instructions = std::move(instructions);
  return program;
}

}  // namespace

TEST_CASE("a copy moves every byte once, in chunks that are natural for a PE and lines for a device") {
  for (const bool natural : {true, false}) {
    for (const char* text : {".copy m1[0..200], m2[0..200]", ".copy m1[3..130], m2[9..136]", ".copy m1[8..9], m2[7..8]",
                             ".copy m1[60..70], m2[0..10]"}) {
      const auto program = test::assemble(text);
      const auto& d = program.directives.at(0);
      const std::uint64_t bytes = d.destination.bytes;
      Sequencer s(program, natural ? 16 : 64, natural);
      std::map<std::uint64_t, std::uint8_t> to;
      while (!s.ended()) {
        const Action a = s.action();
        if (a.what == What::Compute) {
          s.finish();
          continue;
        }
        CAPTURE(text, natural, a.address.value, a.bytes);
        REQUIRE(a.bytes >= 1);
        if (natural) {
          REQUIRE((a.bytes & (a.bytes - 1)) == 0);
          REQUIRE(a.address.value % a.bytes == 0);
        } else {
          REQUIRE(a.address.value / 64 == (a.address.value + a.bytes - 1) / 64);
        }
        std::array<std::uint8_t, 64> response{};
        if (a.what == What::Load) {
          for (std::size_t i = 0; i < a.bytes; ++i) response[i] = static_cast<std::uint8_t>((a.address.value + i) * 7);
        } else {
          REQUIRE(a.what == What::Store);
          for (std::size_t i = 0; i < a.bytes; ++i) REQUIRE(to.emplace(a.address.value + i, a.data[i]).second);
        }
        s.finish(response);
      }
      REQUIRE(to.size() == bytes);
      for (const auto& [address, byte] : to) {
        const std::uint64_t source = address - d.destination.begin.value + d.source.begin.value;
        REQUIRE(byte == static_cast<std::uint8_t>(source * 7));
      }
    }
  }
}

TEST_CASE("a fill stores one byte value, a read loads and discards") {
  const auto fill = test::assemble(".fill m1[0..40], 0x5a");
  Sequencer s(fill, 16, true);
  std::uint64_t bytes = 0;
  for (; s.action().what == What::Store; s.finish()) {
    for (std::size_t i = 0; i < s.action().bytes; ++i) REQUIRE(s.action().data[i] == 0x5a);
    bytes += s.action().bytes;
  }
  CHECK(bytes == 40);
  const auto read = test::assemble(".read m1[0..40]");
  Sequencer r(read, 16, true);
  bytes = 0;
  for (; r.action().what == What::Load; r.finish()) bytes += r.action().bytes;
  CHECK(bytes == 40);
}

TEST_CASE("the k-th execution of an await waits for the k-th send, edge by edge") {
  const auto program = test::assemble(R"(
      .await p.a
      .await p.b
      .await p.a
  )");
  Sequencer s(program, 16, true);
  std::vector<std::pair<int, std::uint64_t>> seen;
  for (; !s.ended(); s.finish()) {
    REQUIRE(s.action().what == What::Await);
    seen.emplace_back(s.action().edge.value, s.action().value);
  }
  CHECK(seen == std::vector<std::pair<int, std::uint64_t>>{{0, 0}, {1, 0}, {0, 1}});
}

TEST_CASE("an expectation that fails says where its bytes came from, through moves too") {
  const auto program = test::assemble(R"(
      ldr x1, [m1]
      add x2, x1, #1
      mov x3, #5
      .expect x1 == 7
      .expect x2 == 9
      .expect x3 == 6
      .expect x3 >= 5
  )");
  Sequencer s(program, 16, true);
  std::array<std::uint8_t, 64> seven{7};
  while (!s.ended()) s.finish(seven, arm::PhysAddr{0x1000});
  REQUIRE(s.unexpected().size() == 2);
  CHECK(s.unexpected()[0].actual == 8);
  CHECK(s.unexpected()[0].loaded_from == arm::PhysAddr{0x1000});
  CHECK(s.unexpected()[0].bytes == 8);
  CHECK(s.unexpected()[0].loaded_by == event::SourceLine{2});
  CHECK(s.unexpected()[1].actual == 5);
  CHECK(s.unexpected()[1].bytes == 0);
}

TEST_CASE("stores of pairs are laid out in memory order, dc zva is a line of zeros") {
  const auto program = test::assemble(R"(
      mov x0, #0x11
      mov x1, #0x22
      stp x0, x1, [m1]
      dc  zva, m1+70
  )");
  Sequencer s(program, 16, true);
  while (s.action().what == What::Compute) s.finish();
  REQUIRE(s.action().what == What::Store);
  CHECK(s.action().bytes == 16);
  CHECK(s.action().data[0] == 0x11);
  CHECK(s.action().data[8] == 0x22);
  s.finish();
  REQUIRE(s.action().what == What::Store);
  CHECK(s.action().address == arm::VirtAddr{0x1040});
  CHECK(s.action().bytes == 64);
}

TEST_CASE("exclusives and atomics become actions with their bytes in memory order") {
  const auto program = program_of({
      {.opcode = Opcode::LDP, .acquire = true, .exclusive = true, .rd = 1, .rn = 0, .rt2 = 2, .element_bytes = 4},
      {.opcode = Opcode::STP,
       .is_64bit = false,
       .release = true,
       .exclusive = true,
       .rd = 1,
       .rn = 0,
       .ra = 3,
       .rt2 = 2,
       .element_bytes = 4},
      {.opcode = Opcode::CASP, .acquire = true, .release = true, .rd = 4, .rn = 0, .rm = 6, .ra = 7, .rt2 = 5},
      {.opcode = Opcode::Atomic,
       .is_64bit = false,
       .rd = 8,
       .rn = 0,
       .rm = 9,
       .element_bytes = 2,
       .atomic = a64::AtomicOperation::Add},
  });
  Sequencer s(program, 16, true);
  for (std::uint64_t n = 1; n < 10; ++n) s.registers().x[n] = n * 0x1'0101;
  CHECK(s.action().what == What::Load);
  CHECK((s.action().exclusive && s.action().ordered));
  CHECK(s.action().bytes == 8);
  CHECK(s.action().alignment == 8);
  s.finish({0x11, 0, 0, 0, 0x22});
  CHECK(s.registers().x[1] == 0x11);
  CHECK(s.registers().x[2] == 0x22);
  CHECK(s.action().what == What::Store);
  CHECK((s.action().exclusive && s.action().ordered));
  CHECK(s.action().alignment == 8);
  CHECK(s.action().data[0] == 0x11);
  CHECK(s.action().data[4] == 0x22);
  s.finish({1, 0xff, 0xff, 0xff});
  CHECK(s.registers().x[3] == 1);
  CHECK(s.action().what == What::Atomic);
  CHECK((s.action().ordered && s.action().released));
  CHECK(s.action().bytes == 16);
  CHECK(s.action().alignment == 16);
  CHECK(s.action().elements == 2);
  CHECK(s.action().data[8] == 7);
  CHECK(s.action().compared[8] == 5);
  std::array<std::uint8_t, 16> old = s.action().compared;
  const auto swapped = atomic_result(s.action(), old);
  REQUIRE(swapped);
  CHECK(std::equal(swapped->begin(), swapped->end(), s.action().data.begin()));
  old[15] = 1;
  CHECK_FALSE(atomic_result(s.action(), old));
  s.finish();
  CHECK(s.action().what == What::Atomic);
  CHECK(s.action().bytes == 2);
  const auto sum = atomic_result(s.action(), {0xff, 0xff, 0xee});
  REQUIRE(sum);
  CHECK((*sum)[0] == 8);  // 0xffff + 0x0909, two bytes
  CHECK((*sum)[1] == 9);
  CHECK((*sum)[2] == 0);
  s.finish({0xff, 0xff, 0xee});
  CHECK(s.registers().x[8] == 0xffff);
  CHECK(s.ended());
}

TEST_CASE("an exception abandons the action and goes to a vector, a return goes on anywhere") {
  const auto program = program_of({
      {.opcode = Opcode::LDR, .rd = 1, .rn = 0, .addressing = a64::Addressing::PostIndex, .immediate = 8},
      {.opcode = Opcode::HVC, .immediate = 7},
      {.opcode = Opcode::NOP},
      {.opcode = Opcode::ERET},
  });
  Sequencer s(program, 16, true);
  const arm::VirtAddr code = program.code;
  CHECK(s.address() == code);
  s.go_to(code + 12);
  CHECK(s.action().what == What::ExceptionReturn);
  CHECK(s.registers().x[0] == 0);
  s.go_to(code);
  CHECK(s.action().what == What::Load);
  s.finish();
  CHECK(s.registers().x[0] == 8);
  CHECK(s.action().what == What::ExceptionCall);
  CHECK(s.action().call == a64::ExceptionCall::HVC);
  CHECK(s.action().value == 7);
  CHECK(s.next_address() == code + 8);
  s.go_to(code + 2);
  CHECK(s.ended());
}

TEST_CASE("maintenance of TLBs, sets and ways, and what directives do to the machine") {
  auto program = program_of({
      {.opcode = Opcode::TLBI, .tlbi = {.scope = arm::TlbiScope::VA}, .immediate = 0x1234},
      {.opcode = Opcode::AT, .translation = {.write = true}, .immediate = 0x5000},
      {.opcode = Opcode::DC, .rn = 2, .op = arm::CacheOp::DC_ISW},
      {.opcode = Opcode::PRFM, .rn = 2, .hint = 3},
      {.opcode = Opcode::MSR, .system_register = arm::SystemRegister::DAIF, .immediate = 0x80, .mask = 0x80},
      {.opcode = Opcode::SEVL},
      {.opcode = Opcode::Directive, .immediate = 0},
      {.opcode = Opcode::Directive, .immediate = 1},
  });
  program.directives.push_back({.kind = a64::Directive::Kind::Revoke, .agent = {3}, .destination = {{0x4000}, 32, 0}});
  program.directives.push_back({.kind = a64::Directive::Kind::Vector, .value = 0x99});
  Sequencer s(program, 16, true);
  s.registers().x[2] = 0x42;
  CHECK(s.action().what == What::Tlbi);
  CHECK(s.action().tlbi.scope == arm::TlbiScope::VA);
  CHECK(s.action().value == 0x1234);
  s.finish();
  CHECK(s.action().what == What::AddressTranslate);
  CHECK(s.action().translation.write);
  CHECK(s.action().address.value == 0x5000);
  s.finish();
  CHECK(s.action().what == What::Maintenance);
  CHECK(s.action().operation == arm::CacheOp::DC_ISW);
  CHECK(s.action().value == 0x42);
  s.finish();
  CHECK(s.action().what == What::Prefetch);
  CHECK(s.action().value == 3);
  s.finish();
  CHECK(s.action().what == What::WriteSystem);
  CHECK(s.action().mask == 0x80);
  s.finish();
  CHECK(s.action().what == What::SendEvent);
  CHECK(s.action().local);
  s.finish();
  CHECK(s.action().what == What::Revoke);
  CHECK(s.action().agent.value == 3);
  CHECK(s.action().address.value == 0x4000);
  CHECK(s.action().bytes == 32);
  s.finish();
  CHECK(s.action().what == What::SetVector);
  CHECK(s.action().value == 0x99);
}
