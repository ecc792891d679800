// SPDX-License-Identifier: Apache-2.0
// The judge's short paths against its long ones: random accesses, fetches and maintenance of two agents on two lines.
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "script.h"

using namespace staleline;
using judge_test::Event;
using judge_test::Kind;

namespace {

/// A second node that nobody uses changes no answer, and no line is plain or calm with it.
judge::Parameters parameters(std::uint8_t nodes) {
  judge::Parameters p{.agents = 2, .pes = 2, .is_device = {}, .initial_bytes = {}};
  p.nodes = nodes;
  return p;
}

Event live(std::uint8_t node, std::uint32_t aux) {
  Event e;
  e.kind = Kind::Live;
  e.data[0] = 128;
  e.path.node = event::NodeId{node};
  e.pe = event::PeId{0};
  e.aux = aux;
  return e;
}

std::vector<std::string> told(const judge::Judge& judge) {
  std::vector<std::string> out{std::to_string(judge.unexplained())};
  for (const judge::Hazard& h : judge.hazards()) {
    std::string text;
    for (const std::uint64_t part :
         {static_cast<std::uint64_t>(h.id), static_cast<std::uint64_t>(h.verdict), std::uint64_t{h.agent.value},
          std::uint64_t{h.line.value}, h.address.value, h.bytes, h.cycle, std::uint64_t{h.writer.line.value}})
      text += std::to_string(part) + " ";
    out.push_back(text);
  }
  return out;
}

class Program {
 public:
  explicit Program(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] Event next() {
    Event e;
    e.cycle = ++line_;
    e.line = event::SourceLine{line_ % 40 + 1};
    const auto agent = static_cast<std::uint8_t>(pick(3) == 0 ? 1 : 0);
    e.agent = event::AgentId{agent};
    e.pe = event::PeId{agent};
    const std::uint64_t what = pick(100);
    if (what < 75) {
      e.kind = what < 25 ? Kind::Read : what < 45 ? Kind::Write : Kind::Fetch;
      const std::uint64_t size = e.kind == Kind::Fetch ? 4 * (1 + pick(4)) : std::uint64_t{1} << pick(5);
      e.size = static_cast<std::uint8_t>(size);
      std::uint64_t at = pick(128);
      if (e.kind == Kind::Fetch) at &= ~std::uint64_t{3};
      if (at % 64 + size > 64) at = at / 64 * 64 + 64 - size;
      e.address = arm::PhysAddr{at};
      if (pick(12) == 0) e.path = judge_test::kNonCacheable;
      if (e.kind == Kind::Write) std::memcpy(older_.data() + at, newest_.data() + at, size);
      for (std::uint64_t i = 0; e.kind == Kind::Write && i < size; ++i)
        newest_[at + i] = static_cast<std::uint8_t>(pick(3));
      if (e.kind == Kind::Write && at % 4 == 0) {
        // B, NOP, ISB and SVC may be exchanged while they may be executed; the last one not.
        constexpr std::array<std::uint32_t, 5> kWords{0x1400'0001, 0xd503'201f, 0xd503'3fdf, 0xd400'0001, 0x9100'0000};
        for (std::uint64_t i = 0; i + 4 <= size; i += 4)
          if (pick(2) == 0) std::memcpy(newest_.data() + at + i, &kWords[pick(kWords.size())], 4);
      }
      std::memcpy(e.data.data(), (pick(8) == 0 ? older_ : newest_).data() + at, size);
      if (e.kind == Kind::Write) std::memcpy(e.data.data(), newest_.data() + at, size);
    } else if (what < 84) {
      constexpr std::array kOperations{arm::CacheOp::DC_CVAC,  arm::CacheOp::DC_CVAU,   arm::CacheOp::DC_CIVAC,
                                       arm::CacheOp::DC_IVAC,  arm::CacheOp::IC_IVAU,   arm::CacheOp::IC_IVAU,
                                       arm::CacheOp::IC_IALLU, arm::CacheOp::IC_IALLUIS};
      e.kind = Kind::Maintenance;
      e.aux = static_cast<std::uint32_t>(kOperations[pick(kOperations.size())]);
      e.address = arm::PhysAddr{pick(2) * 64};
    } else if (what < 88) {
      e.kind = Kind::Barrier;
      e.aux = event::pack({pick(4) == 0 ? arm::BarrierKind::DMB : arm::BarrierKind::DSB, arm::BarrierDomain::SY,
                           arm::BarrierAccess::All});
    } else if (what < 90) {
      e.kind = Kind::ContextSync;
    } else if (what < 95 || sends_ == 0) {
      e.kind = Kind::EdgeSend;
      e.data[0] = sends_++;
      e.mechanism = event::Mechanism::FlagOrdered;
    } else {
      e.kind = Kind::EdgeReceive;
      e.data[0] = sends_ - 1;
      e.mechanism = event::Mechanism::FlagOrdered;
    }
    return e;
  }
  [[nodiscard]] std::uint64_t pick(std::uint64_t below) { return random_() % below; }

 private:
  std::mt19937_64 random_;
  std::uint32_t line_ = 0;
  std::uint64_t sends_ = 0;
  std::array<std::uint8_t, 128> newest_{}, older_{};
};

}  // namespace

TEST_CASE("short paths answer as the long ones do") {
  std::size_t hazards = 0, silent = 0;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    judge::Judge quick(parameters(1)), slow(parameters(2));
    Program program(seed);
    const auto aux = static_cast<std::uint32_t>(program.pick(3) * 2);  // 2: instructions may be fetched at any time
    for (judge::Judge* j : {&quick, &slow}) {
      if (aux != 4) j->on_event(live(0, aux | 1));
      // Instructions were fetched, so that no line is plain: reads of those are not kept for what may destroy them
      // later.
      for (const std::uint64_t line : {0U, 64U}) {
        Event e;
        e.kind = Kind::Fetch;
        e.address = arm::PhysAddr{line};
        e.size = 4;
        e.pe = event::PeId{0};
        j->on_event(e);
      }
    }
    const std::uint64_t length = 5 + program.pick(25);
    for (std::uint64_t step = 0; step < length; ++step) {
      const Event e = program.next();
      const std::uint64_t times = e.kind == Kind::Fetch || e.kind == Kind::Read ? 3 : 1;
      for (std::uint64_t i = 0; i < times; ++i) {
        quick.on_event(e);
        slow.on_event(live(1, 1));  // of a node that nobody uses: what was found to be settled is not any more
        slow.on_event(e);
      }
    }
    const auto expected = told(slow), found = told(quick);
    INFO("seed " << seed);
    REQUIRE(found == expected);
    ++(expected.size() > 1 ? hazards : silent);
  }
  CHECK(hazards > 500);
  CHECK(silent > 500);
}

TEST_CASE("a fetch that was safe is judged again once its agent learns of a write") {
  judge_test::Script s(2);
  Event e = live(0, 3);
  e.address = arm::PhysAddr{0x1000};
  s.say(e);
  s.write(1, 0x1000, 7);
  for (int i = 0; i < 4; ++i) s.access(0, Kind::Fetch, 0x1000, 7);
  CHECK(s.found().empty());  // nothing puts the write before them
  s.flag(1, 0);
  s.access(0, Kind::Fetch, 0x1000, 7);
  CHECK(s.found() == std::vector<std::string>{"SL103 latent"});
}

TEST_CASE("a fetch that was safe is judged again once its descriptor changes") {
  judge_test::Script s(1);
  constexpr std::uint64_t kTable = 0x4000'0000, kVa = 0x7000, kCode = 0x5000'0000, kPage = 0xf03;
  Event e = live(0, 3);
  e.address = arm::PhysAddr{kCode};
  s.say(e);
  s.write(0, kTable, kCode | kPage);
  s.dsb(0);
  s.isb(0);
  s.translate(0, {.at = kTable, .descriptor = kCode | kPage, .va = kVa});
  for (int i = 0; i < 4; ++i) s.access(0, Kind::Fetch, kCode, 0, 1);
  CHECK(s.found().empty());
  s.write(0, kTable, 0);
  s.access(0, Kind::Fetch, kCode, 0, 1);
  CHECK(s.found() == std::vector<std::string>{"SL104 observed"});
}
