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
