// SPDX-License-Identifier: Apache-2.0
// The judge as a listener, fed with events: against enumeration over the copies of a line where
// everything is ordered, and the clocks of barriers and edges one at a time.
#include <catch2/catch.hpp>
#include <random>

#include "exact.h"
#include "staleline/judge/judge.h"

namespace {

using namespace staleline;
using namespace staleline::exact;
using event::Event;
using event::Kind;

constexpr arm::PhysAddr kLine{0x4000'0000};

/// Speaks to a judge as models do.
class Script {
 public:
  explicit Script(std::uint16_t agents, std::uint8_t nodes = 1, std::vector<bool> devices = {})
      : judge_({.agents = agents,
                .pes = static_cast<std::uint8_t>(agents),
                .nodes = nodes,
                .is_device = std::move(devices),
                .initial_bytes = {}}) {}

  void live(std::uint8_t node) {
    Event e = make(0, Kind::Live);
    e.data[0] = 64;
    e.aux = 1;
    e.path.node = event::NodeId{node};
    judge_.on_event(e);
  }
  std::uint32_t access(std::uint16_t agent, Kind kind, const event::Path& path, std::uint64_t offset,
                       std::uint8_t value, std::uint8_t size = 1) {
    Event e = make(agent, kind);
    e.address = kLine + offset;
    e.size = size;
    e.path = path;
    for (std::uint8_t i = 0; i < size; ++i) e.data[0] |= std::uint64_t{value} << (8 * i);
    judge_.on_event(e);
    return line_;
  }
  void maintain(std::uint16_t agent, arm::CacheOp op, event::NodeId node = event::kCoherentDomain) {
    Event e = make(agent, Kind::Maintenance);
    e.address = kLine;
    e.aux = static_cast<std::uint32_t>(op);
    e.path.node = node;
    judge_.on_event(e);
  }
  void barrier(std::uint16_t agent, arm::BarrierKind kind, arm::BarrierDomain domain, arm::BarrierAccess access) {
    if (kind == arm::BarrierKind::ISB) {
      judge_.on_event(make(agent, Kind::ContextSync));
      return;
    }
    Event e = make(agent, Kind::Barrier);
    e.aux = event::pack({kind, domain, access});
    judge_.on_event(e);
  }
  void edge(std::uint16_t from, event::Mechanism send, std::uint16_t to, event::Mechanism receive) {
    Event e = make(from, Kind::EdgeSend);
    e.data[0] = sends_;
    e.mechanism = send;
    judge_.on_event(e);
    e = make(to, Kind::EdgeReceive);
    e.data[0] = sends_++;
    e.mechanism = receive;
    judge_.on_event(e);
  }
  [[nodiscard]] bool flagged(std::uint32_t line) const {
    for (const judge::Hazard& h : judge_.hazards())
      if (h.line.value == line && h.verdict != judge::Verdict::Note) return true;
    return false;
  }
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const judge::Hazard& h : judge_.hazards())
      if (h.verdict != judge::Verdict::Note) ids.push_back(judge::spelled(h.id));
    return ids;
  }

 private:
  Event make(std::uint16_t agent, Kind kind) {
    Event e;
    e.cycle = ++line_;
    e.line = event::SourceLine{line_};
    e.agent = event::AgentId{agent};
    e.pe = event::PeId{static_cast<std::uint8_t>(agent)};
    e.kind = kind;
    e.address = kLine;
    return e;
  }

  judge::Judge judge_;
  std::uint32_t line_ = 0;
  std::uint64_t sends_ = 0;
};

using arm::BarrierAccess;
using arm::BarrierDomain;
using arm::BarrierKind;
using arm::CacheOp;
using event::Mechanism;

constexpr event::Path kWriteBack{};
constexpr event::Path kNonCacheable{.memory = arm::MemoryClass::NormalNC, .node = event::kNoNode};

/// Performs an operation of the abstract machine; returns the line of a read.
std::uint32_t perform(Script& s, const Operation& op, std::uint8_t version) {
  event::Path path = kWriteBack;
  path.node = event::NodeId{op.node};
  const auto maintain = [&](CacheOp c) { s.maintain(0, c, op.all_nodes ? event::kNoNode : path.node); };
  std::uint32_t line = 0;
  switch (op.what) {
    case What::ReadCacheable:
      line = s.access(0, Kind::Read, path, op.byte, version);
      break;
    case What::ReadSnooping:
      path.allocates = false;
      line = s.access(0, Kind::Read, path, op.byte, version);
      break;
    case What::ReadNonCacheable:
      line = s.access(0, Kind::Read, kNonCacheable, op.byte, version);
      break;
    case What::WriteBackWrite:
      s.access(0, Kind::Write, path, op.byte, version);
      break;
    case What::WriteThroughWrite:
      path.memory = arm::MemoryClass::NormalWT;
      s.access(0, Kind::Write, path, op.byte, version);
      break;
    case What::WriteNonCacheable:
      s.access(0, Kind::Write, kNonCacheable, op.byte, version);
      break;
    case What::WriteSnooping:
      path.allocates = false;
      s.access(0, Kind::Write, path, op.byte, version);
      break;
    case What::Clean:
      maintain(CacheOp::DC_CVAC);
      break;
    case What::Invalidate:
      maintain(CacheOp::DC_IVAC);
      break;
    case What::CleanAndInvalidate:
      maintain(CacheOp::DC_CIVAC);
      break;
    default:
      FAIL("not a program operation");
  }
  s.barrier(0, BarrierKind::DSB, BarrierDomain::SY, BarrierAccess::All);
  return line;
}

}  // namespace

TEST_CASE("fed with ordered events, the judge equals enumeration") {
  constexpr std::uint64_t seed = 4711;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::size_t reads = 0, stale = 0;
  for (int round = 0; round < 6000; ++round) {
    const auto nodes = static_cast<std::uint8_t>(1 + random() % 2);
    const Setting setting{nodes, 2, static_cast<std::uint8_t>(random() % (1U << nodes))};
    const auto ops = alphabet(setting, true);
    Exact exact = exact_start(setting);
    Script script(1, nodes);
    for (std::uint8_t d = 0; d < nodes; ++d)
      if ((setting.live >> d & 1) != 0) script.live(d);
    std::vector<Operation> program;
    for (int i = 0; i < 10; ++i) {
      program.push_back(ops[random() % ops.size()]);
      const Operation& op = program.back();
      const bool expected = apply_exact(exact, op, setting);
      const std::uint32_t line = perform(script, op, exact.newest[op.byte]);
      if (!is_read(op.what)) continue;
      ++reads;
      stale += expected ? 1 : 0;
      if (script.flagged(line) != expected) {
        INFO(spelled(program, setting) << (expected ? ": missed" : ": false alarm"));
        REQUIRE(script.flagged(line) == expected);
      }
    }
  }
  CHECK(stale > 1000);
  CHECK(reads - stale > 1000);
}

namespace {

/// One agent writes through its caches, cleans, and tells another that reads memory.
std::vector<std::string> clean_and_tell(std::optional<arm::Barrier> barrier, Mechanism m, bool device,
                                        std::optional<arm::Barrier> before_read = {}) {
  Script s(2, 1, {false, device});
  s.access(0, Kind::Write, kWriteBack, 0, 7);
  s.maintain(0, CacheOp::DC_CVAC);
  if (barrier) s.barrier(0, barrier->kind, barrier->domain, barrier->access);
  s.edge(0, m, 1, m);
  if (before_read) s.barrier(1, before_read->kind, before_read->domain, before_read->access);
  s.access(1, Kind::Read, kNonCacheable, 0, 7);
  return s.ids();
}

}  // namespace

TEST_CASE("which barrier makes a clean visible to whom") {
  using V = std::vector<std::string>;
  const V below{"SL101"}, none{};
  const auto dsb = [](BarrierDomain d, BarrierAccess a) { return arm::Barrier{BarrierKind::DSB, d, a}; };
  const auto dmb = [](BarrierDomain d, BarrierAccess a) { return arm::Barrier{BarrierKind::DMB, d, a}; };
  SECTION("a device sees it after a DSB that reaches it") {
    for (const BarrierDomain d : {BarrierDomain::NSH, BarrierDomain::ISH, BarrierDomain::OSH, BarrierDomain::SY}) {
      for (const BarrierAccess a : {BarrierAccess::LD, BarrierAccess::ST, BarrierAccess::All}) {
        const bool enough = a == BarrierAccess::All && d >= BarrierDomain::OSH;
        CHECK(clean_and_tell(dsb(d, a), Mechanism::Doorbell, true) == (enough ? none : below));
        CHECK(clean_and_tell(dmb(d, a), Mechanism::Doorbell, true) == below);
      }
    }
    CHECK(clean_and_tell({}, Mechanism::Doorbell, true) == below);
  }
  SECTION("a PE sees it after a DMB of both types on either side") {
    const arm::Barrier acquire = dmb(BarrierDomain::ISH, BarrierAccess::LD);
    for (const BarrierDomain d : {BarrierDomain::NSH, BarrierDomain::ISH, BarrierDomain::OSH, BarrierDomain::SY}) {
      for (const BarrierAccess a : {BarrierAccess::LD, BarrierAccess::ST, BarrierAccess::All}) {
        const bool enough = a == BarrierAccess::All && d >= BarrierDomain::ISH;
        CHECK(clean_and_tell(dmb(d, a), Mechanism::Flag, false, acquire) == (enough ? none : below));
        CHECK(clean_and_tell(dmb(d, a), Mechanism::Flag, false) == below);
      }
    }
  }
  SECTION("a handoff completes it") { CHECK(clean_and_tell({}, Mechanism::Handoff, false) == none); }
}

TEST_CASE("data through a flag needs order on both sides, and racing reads are obliged to nothing") {
  const auto run = [](std::optional<BarrierAccess> writer, std::optional<BarrierAccess> reader, Mechanism send,
                      Mechanism receive) {
    Script s(2);
    s.access(0, Kind::Write, kWriteBack, 8, 1, 8);
    if (writer) s.barrier(0, BarrierKind::DMB, BarrierDomain::ISH, *writer);
    s.edge(0, send, 1, receive);
    if (reader) s.barrier(1, BarrierKind::DMB, BarrierDomain::ISH, *reader);
    s.access(1, Kind::Read, kWriteBack, 8, 1, 8);
    return s.ids();
  };
  using V = std::vector<std::string>;
  const V unordered{"SL301"}, none{};
  const Mechanism plain = Mechanism::Flag, ordered = Mechanism::FlagOrdered;
  CHECK(run({}, {}, plain, plain) == unordered);
  CHECK(run(BarrierAccess::ST, {}, plain, plain) == unordered);
  CHECK(run({}, BarrierAccess::LD, plain, plain) == unordered);
  CHECK(run(BarrierAccess::LD, BarrierAccess::LD, plain, plain) == unordered);
  CHECK(run(BarrierAccess::ST, BarrierAccess::ST, plain, plain) == unordered);
  CHECK(run(BarrierAccess::ST, BarrierAccess::LD, plain, plain) == none);
  CHECK(run({}, {}, ordered, plain) == unordered);
  CHECK(run({}, {}, ordered, ordered) == none);
  CHECK(run(BarrierAccess::ST, {}, plain, ordered) == none);
  Script racing(2);
  racing.access(0, Kind::Write, kWriteBack, 0, 1);
  racing.access(1, Kind::Read, kNonCacheable, 0, 0);
  CHECK(racing.ids().empty());
}

TEST_CASE("a neighbour's invalidate that nothing orders may discard a write, whichever came first") {
  for (const bool write_first : {false, true}) {
    Script s(2);
    if (write_first) s.access(0, Kind::Write, kWriteBack, 0, 1);
    s.maintain(1, CacheOp::DC_IVAC);
    if (!write_first) s.access(0, Kind::Write, kWriteBack, 0, 1);
    s.access(0, Kind::Read, kWriteBack, 0, 1);
    CHECK(s.ids() == std::vector<std::string>{"SL202"});
  }
}

TEST_CASE("instructions: clean to PoU, complete, invalidate, complete, synchronise, and each is needed") {
  enum Step { Clean, Complete, InvalidateI, CompleteI, Sync };
  for (int missing = -1; missing <= Sync; ++missing) {
    Script s(1);
    s.access(0, Kind::Fetch, kWriteBack, 0, 0, 4);  // the instruction cache holds the line
    s.access(0, Kind::Write, kWriteBack, 0, 9, 4);
    const auto dsb = [&] { s.barrier(0, BarrierKind::DSB, BarrierDomain::ISH, BarrierAccess::All); };
    if (missing != Clean) s.maintain(0, CacheOp::DC_CVAU);
    if (missing != Complete) dsb();
    if (missing != InvalidateI) s.maintain(0, CacheOp::IC_IVAU);
    if (missing != CompleteI) dsb();
    if (missing != Sync) s.barrier(0, BarrierKind::ISB, {}, {});
    s.access(0, Kind::Fetch, kWriteBack, 0, 9, 4);
    INFO("missing step " << missing);
    CHECK(s.ids() == (missing < 0 ? std::vector<std::string>{} : std::vector<std::string>{"SL103"}));
  }
}

TEST_CASE("an equal older copy is a note") {
  Script s(2, 1, {false, true});
  s.live(0);
  s.access(0, Kind::Read, kWriteBack, 0, 0);
  s.barrier(0, BarrierKind::DSB, BarrierDomain::SY, BarrierAccess::All);
  s.edge(0, Mechanism::Doorbell, 1, Mechanism::Doorbell);
  s.access(1, Kind::Write, kNonCacheable, 0, 0);
  s.edge(1, Mechanism::Completion, 0, Mechanism::Completion);
  s.access(0, Kind::Read, kWriteBack, 0, 0);
  CHECK(s.ids().empty());
}

TEST_CASE("a store that nothing orders before a later one may land on top of it") {
  for (const bool ordered : {false, true}) {
    Script s(2);
    s.access(0, Kind::Write, kWriteBack, 0, 1);
    if (ordered) s.barrier(0, BarrierKind::DMB, BarrierDomain::ISH, BarrierAccess::ST);
    s.edge(0, Mechanism::Flag, 1, Mechanism::Flag);
    s.access(1, Kind::Write, kWriteBack, 0, 2);
    s.access(1, Kind::Read, kWriteBack, 0, 2);
    CHECK(s.ids() == (ordered ? std::vector<std::string>{} : std::vector<std::string>{"SL301"}));
  }
}

TEST_CASE("a neighbour's dirty line spoils a read of a device's data, even if it comes after the read") {
  for (const bool told : {false, true}) {
    Script s(2, 1, {false, true});
    s.access(1, Kind::Write, kNonCacheable, 0, 1);
    const std::uint32_t read = s.access(1, Kind::Read, kNonCacheable, 0, 1);
    if (told) s.edge(1, Mechanism::Completion, 0, Mechanism::Completion);
    s.access(0, Kind::Write, kWriteBack, 8, 2);
    CHECK(s.flagged(read) == !told);
  }
}

TEST_CASE("a walk sees another agent's table stores after a DSB or context synchronisation") {
  for (const int wait : {0, 1, 2}) {
    Script s(2);
    s.access(0, Kind::Write, kWriteBack, 0, 3, 8);
    s.barrier(0, BarrierKind::DSB, BarrierDomain::ISH, BarrierAccess::ST);
    s.edge(0, Mechanism::Flag, 1, Mechanism::Flag);
    if (wait == 1) s.barrier(1, BarrierKind::ISB, {}, {});
    if (wait == 2) s.barrier(1, BarrierKind::DSB, BarrierDomain::ISH, BarrierAccess::All);
    s.access(1, Kind::Walk, kWriteBack, 0, 3, 8);
    CHECK(s.ids() == (wait == 0 ? std::vector<std::string>{"SL104"} : std::vector<std::string>{}));
  }
}
