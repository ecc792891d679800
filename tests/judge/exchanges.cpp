// SPDX-License-Identifier: Apache-2.0
// Code that its own agent executes while it changes it: of which pairs either instruction is right until the change is
// complete, and that it has to be completed (DDI 0487 B2.2.5).
#include <catch2/catch.hpp>

#include "script.h"

namespace {

using namespace staleline;
using namespace staleline::judge_test;
using arm::CacheOp;

constexpr std::uint64_t kCode = 0x4000'0000;
constexpr std::uint32_t kNop = 0xd503'201f, kBranch = 0x1400'0038, kMove = 0xaa1e'03e9;

using Found = std::vector<std::string>;
const Found kNone{}, kStale{"SL103 observed"};

/// Code of one word for one or two agents.
struct Code : Script {
  explicit Code(std::uint32_t word, std::uint16_t agents = 1) : Script(with(word, agents)) {}
  static judge::Parameters with(std::uint32_t word, std::uint16_t agents) {
    judge::Parameters p{
        .agents = agents, .pes = static_cast<std::uint8_t>(agents), .is_device = {}, .initial_bytes = {}};
    p.initial_bytes = [word](arm::PhysAddr line, std::span<std::uint8_t, 64> bytes) {
      if (line.value == kCode) put(word, bytes);
    };
    return p;
  }
  static void put(std::uint32_t word, std::span<std::uint8_t, 64> bytes) {
    for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(word >> 8 * i);
  }
  void word(std::uint16_t agent, Kind kind, std::uint32_t value, std::uint64_t at = kCode) {
    Event e = make(agent, kind);
    e.address = arm::PhysAddr{at};
    e.size = 4;
    e.data[0] = value;
    say(e);
  }
  void fetch(std::uint32_t value, std::uint16_t agent = 0) { word(agent, Kind::Fetch, value); }
  void store(std::uint32_t value, std::uint16_t agent = 0) { word(agent, Kind::Write, value); }
  /// All of it, or without one of its steps: 0 clean, 1 DSB, 2 invalidate, 3 DSB, 4 ISB.
  void complete(int missing = -1) {
    if (missing != 0) maintain(0, CacheOp::DC_CVAU, kCode);
    if (missing != 1) dsb(0);
    if (missing != 2) maintain(0, CacheOp::IC_IVAU, kCode);
    if (missing != 3) dsb(0);
    if (missing != 4) isb(0);
  }
  /// The line may be allocated at any time: accesses of it take the judge's short path.
  void live() {
    Event e = make(0, Kind::Live);
    e.address = arm::PhysAddr{kCode};
    e.data[0] = 64;
    e.aux = 1;
    say(e);
  }
  [[nodiscard]] std::size_t notes() const { return judge().hazards().size() - found().size(); }
};

}  // namespace

TEST_CASE("which instructions may be exchanged while they are executed, each with each") {
  struct Instruction {
    std::uint32_t word = 0;
    bool may = false;
  };
  constexpr Instruction kAll[] = {
      {kNop, true},         {kBranch, true},      {0x17ff'ffff, true},  // b .-4
      {0x9400'0038, true},                                              // bl
      {0xd420'0000, true},  {0xd43f'ffe0, true},                        // brk #0, #0xffff
      {0xd400'0001, true},  {0xd41f'ffe2, true},  {0xd400'0003, true},  // svc, hvc, smc
      {0xd503'3fdf, true},                                              // isb
      {kMove, false},       {0x5400'0040, false},                       // mov, b.eq
      {0xb400'0040, false}, {0x3600'0040, false},                       // cbz, tbz
      {0xd61f'0000, false}, {0xd65f'03c0, false},                       // br, ret
      {0xd440'0000, false}, {0xd400'0000, false},                       // hlt, unallocated
      {0xd503'205f, false}, {0xd503'3f9f, false},                       // wfe, dsb
      {0x0000'0000, false}, {0xd503'233f, false},                       // udf, paciasp
  };
  for (const Instruction& from : kAll) {
    for (const Instruction& to : kAll) {
      if (from.word == to.word) continue;
      for (const bool live : {false, true}) {
        Code s(from.word);
        if (live) s.live();
        s.fetch(from.word);
        s.store(to.word);
        s.fetch(from.word);
        INFO(std::hex << from.word << " to " << to.word << (live ? ", live" : ""));
        CHECK(s.found() == kStale);  // it may never be completed
        s.complete();
        CHECK(s.found() == (from.may && to.may ? kNone : kStale));
        CHECK(s.notes() == (from.may && to.may ? 1 : 0));
        s.fetch(to.word);
        CHECK(s.found() == (from.may && to.may ? kNone : kStale));
        CHECK(s.judge().unexplained() == 0);
      }
    }
  }
}

TEST_CASE("an exchange is complete with all of its steps, each of which is needed") {
  for (int missing = -1; missing < 5; ++missing) {
    Code s(kBranch);
    s.fetch(kBranch);
    s.store(kNop);
    s.fetch(kBranch);
    s.complete(missing);
    INFO("missing step " << missing);
    CHECK(s.found() == (missing < 0 ? kNone : kStale));
    if (missing == 4) s.isb(0);
    if (missing == 4) CHECK(s.found() == kNone);
  }
}

TEST_CASE("what is executed may be latently older as well") {
  Code s(kBranch);
  s.fetch(kBranch);
  s.store(kNop);
  s.fetch(kNop);
  CHECK(s.found() == Found{"SL103 latent"});
  s.complete();
  CHECK(s.found() == kNone);
  CHECK(s.notes() == 1);
}

TEST_CASE("an exchange of another agent is no excuse, however that completes it") {
  Code s(kBranch, 2);
  s.fetch(kBranch, 1);
  s.store(kNop);
  s.handoff(0, 1);
  s.fetch(kBranch, 1);
  s.complete();
  s.isb(1);
  s.handoff(0, 1);
  CHECK(s.found() == kStale);
}

TEST_CASE("an exchange begins with code that was fetched right") {
  SECTION("an instruction from before may still come up") {
    Code s(kMove);
    s.fetch(kMove);
    s.store(kBranch);
    s.store(kNop);
    s.fetch(kMove);
    s.complete();
    CHECK(s.found() == kStale);
  }
  SECTION("a chain") {
    Code s(kBranch);
    s.fetch(kBranch);
    s.store(kNop);
    s.store(0xd420'0000);
    s.fetch(kBranch);
    s.complete();
    CHECK(s.found() == kNone);
  }
  SECTION("a chain that leaves") {
    Code s(kBranch);
    s.fetch(kBranch);
    s.store(kNop);
    s.store(kMove);
    s.store(kNop);
    s.fetch(kBranch);
    s.complete();
    CHECK(s.found() == kStale);
  }
  SECTION("once that is complete") {
    Code s(kMove);
    s.fetch(kMove);
    s.store(kBranch);
    s.complete();
    s.fetch(kBranch);
    s.store(kNop);
    s.fetch(kBranch);
    s.complete();
    CHECK(s.found() == kNone);
  }
  SECTION("half an instruction") {
    Code s(kBranch);
    s.fetch(kBranch);
    Event e = s.make(0, Kind::Write);
    e.address = arm::PhysAddr{kCode};
    e.size = 1;
    e.data[0] = 0x40;
    s.say(e);
    s.fetch(kBranch);
    s.complete();
    CHECK(s.found() == kStale);
  }
  SECTION("both instructions of a store") {
    Code s(kNop);
    s.word(0, Kind::Fetch, 0, kCode + 4);
    s.fetch(kNop);
    Event e = s.make(0, Kind::Write);
    e.address = arm::PhysAddr{kCode};
    e.size = 8;
    e.data[0] = std::uint64_t{kBranch} << 32 | kBranch;
    s.say(e);
    s.fetch(kNop);
    s.word(0, Kind::Fetch, 0, kCode + 4);
    s.complete();
    CHECK(s.found() == kStale);  // the second one was no instruction before
    CHECK(s.notes() == 1);
  }
}

TEST_CASE("a loop that exchanges is one note, and a later hazard of the same line is told as it is") {
  Code s(kBranch);
  const auto fetch = [&s](std::uint32_t value) {
    Event e = s.make(0, Kind::Fetch);
    e.line = event::SourceLine{1000};
    e.address = arm::PhysAddr{kCode};
    e.size = 4;
    e.data[0] = value;
    s.say(e);
  };
  std::uint32_t now = kBranch, next = kNop;
  for (int i = 0; i < 200; ++i) {
    fetch(now);
    s.store(next);
    fetch(now);
    s.complete();
    std::swap(now, next);
  }
  CHECK(s.found() == kNone);
  CHECK(s.notes() == 1);
  fetch(now);
  s.store(kMove);
  fetch(now);
  CHECK(s.found() == kStale);
  CHECK(s.notes() == 0);
  CHECK(s.judge().hazards().front().what.empty());
  CHECK_FALSE(s.fixes().empty());
}
