// SPDX-License-Identifier: Apache-2.0
// TLB maintenance as messages: who hears it, when it is complete, and that nothing else is held up.
#include <catch2/catch.hpp>

#include "rig.h"

namespace staleline {
namespace {

using arm::MemoryClass;
using cache::Answer;
using cache::TlbMaintenance;
using engine::Cycle;
using rig::Rig;
using Op = cache::Request::Op;

cache::Request tlbi(std::uint64_t first, std::uint64_t second, bool broadcast) {
  cache::Request r = Rig::make(Op::TlbMaintenance, 0, MemoryClass::NormalWB);
  r.data = {first, second};
  r.broadcast = broadcast;
  return r;
}

struct Heard {
  std::size_t who;
  TlbMaintenance what;
  Cycle at;
};

// Everybody notes what arrives; `later` of them do not answer at once.
std::vector<Heard> listen(Rig& rig, std::vector<Heard>& heard, std::uint64_t later = 0) {
  for (std::size_t pe = 0; pe < rig.ports.size(); ++pe) {
    rig.ports[pe]->tlb = [&heard, pe, later](const TlbMaintenance& t, Cycle at) {
      heard.push_back({pe, t, at});
      return (later >> pe & 1) != 0 ? Answer::Later : Answer::Now;
    };
  }
  rig.device->tlb = [&heard, later](const TlbMaintenance& t, Cycle at) {
    heard.push_back({99, t, at});
    return later != 0 ? Answer::Later : Answer::Now;
  };
  return heard;
}

constexpr std::uint64_t kA = 0x8000'0000;

}  // namespace

TEST_CASE("TLBI IS reaches every PE, TLBI without it one", "[tlb]") {
  Rig rig(4, {}, {});
  std::vector<Heard> heard;
  listen(rig, heard);
  rig.access(2, tlbi(0x1234, 0x5678, true));
  REQUIRE(heard.size() == 4);
  for (std::size_t pe = 0; pe < 4; ++pe) {
    CHECK(heard[pe].who == pe);
    CHECK(heard[pe].what.words == std::array<std::uint64_t, 2>{0x1234, 0x5678});
  }
  heard.clear();
  CHECK(rig.access(2, tlbi(7, 8, false)).latency == 1);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].who == 2);
  CHECK(heard[0].what.words == std::array<std::uint64_t, 2>{7, 8});
}

TEST_CASE("TLBI IS reaches devices that listen, and only these", "[tlb]") {
  for (const bool listens : {false, true}) {
    Rig rig(2, {}, {});
    if (listens) rig.device->port->listen_to_tlb_maintenance();
    std::vector<Heard> heard;
    listen(rig, heard);
    rig.access(0, tlbi(1, 2, true));
    CHECK(heard.size() == (listens ? 3 : 2));
    heard.clear();
    rig.access(0, tlbi(1, 2, false));
    CHECK(heard.size() == 1);
  }
}

TEST_CASE("TLBI is complete when the last has answered", "[tlb]") {
  for (std::uint64_t late = 0; late < 16; ++late) {
    for (const bool broadcast : {false, true}) {
      Rig rig(3, {}, {});
      rig.device->port->listen_to_tlb_maintenance();
      std::vector<Heard> heard;
      std::vector<std::pair<std::size_t, Cycle>> answers;
      for (std::size_t pe = 0; pe < 3; ++pe) {
        rig::Port& port = *rig.ports[pe];
        port.tlb = [&, pe](const TlbMaintenance& t, Cycle at) {
          heard.push_back({pe, t, at});
          if ((late >> pe & 1) == 0) return Answer::Now;
          port.wake = at + 500 + 100 * pe;
          port.act = [&, t, pe](Cycle now) {
            rig.ports[pe]->caches.answer_tlb_maintenance(now, t.ticket);
            return engine::kNever;
          };
          return Answer::Later;
        };
      }
      rig.device->tlb = [&](const TlbMaintenance& t, Cycle at) {
        if ((late & 8) == 0) return Answer::Now;
        rig.device->wake = at + 1000;
        rig.device->act = [&, t](Cycle now) {
          rig.device->port->answer_tlb_maintenance(now, t.ticket);
          return engine::kNever;
        };
        return Answer::Later;
      };
      const Cycle latency = rig.access(1, tlbi(1, 2, broadcast)).latency;
      INFO("late " << late << ", broadcast " << broadcast);
      CHECK(heard.size() == (broadcast ? 3 : 1));
      Cycle longest = 0;
      for (std::size_t pe = 0; pe < 3; ++pe) {
        if ((late >> pe & 1) != 0 && (broadcast || pe == 1)) longest = std::max<Cycle>(longest, 500 + 100 * pe);
      }
      if (broadcast && (late & 8) != 0) longest = 1000;
      const interconnect::Parameters x;
      const Cycle round = broadcast ? 1 + 2 * x.link_cycles + 2 * x.snoop_cycles : (longest == 0 ? 1 : 0);
      CHECK(latency == longest + round);
      CHECK(rig.ports[1]->caches.outstanding() == 0);
    }
  }
}

TEST_CASE("TLBI of several PEs at once, between accesses, all complete in the issuer's order", "[tlb]") {
  Rig rig(4, {}, {});
  std::vector<Heard> heard;
  listen(rig, heard);
  std::vector<std::pair<std::size_t, std::uint64_t>> completed;
  for (std::size_t pe = 0; pe < 4; ++pe) {
    rig.ports[pe]->done = [&, pe](const cache::Request& r, Cycle) {
      if (r.op == Op::TlbMaintenance) completed.emplace_back(pe, r.data[0]);
    };
    for (std::uint64_t i = 0; i < 5; ++i) {
      cache::Request r = tlbi(pe * 100 + i, 0, true);
      CHECK_FALSE(rig.ports[pe]->caches.access(rig.now, r));
      cache::Request load = Rig::make(Op::Load, kA + 64 * i, MemoryClass::NormalWB);
      rig.ports[pe]->caches.access(rig.now, load);
    }
  }
  rig.settle();
  CHECK(heard.size() == 4 * 4 * 5);
  REQUIRE(completed.size() == 20);
  std::array<std::uint64_t, 4> next{};
  for (const auto& [pe, word] : completed) CHECK(word == pe * 100 + next[pe]++);
  for (auto& port : rig.ports) CHECK(port->caches.outstanding() == 0);
}

}  // namespace staleline
