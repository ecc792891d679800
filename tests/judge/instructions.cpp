// SPDX-License-Identifier: Apache-2.0
// The instruction side against enumeration: all schedules of programs of one PE that changes an instruction, cleans,
// invalidates, completes, synchronises and fetches, over the copies that there are of that instruction.
#include <catch2/catch.hpp>
#include <set>

#include "script.h"

namespace {

using namespace staleline;
using namespace staleline::judge_test;

enum Step : unsigned { Change, Clean, Complete, Invalidate, Synchronise, Fetch, kSteps };
constexpr std::uint64_t kWord = 0x4000'0010;
constexpr int kNone = -1;

/// One way that things may stand. Versions count the changes.
struct Copies {
  int below = 0;          ///< at the Point of Unification
  int cached = kNone;     ///< in the instruction cache
  int ahead = kNone;      ///< fetched since context synchronisation, and not executed yet
  int cleaning = kNone;   ///< by maintenance that is not complete
  bool dropping = false;  ///< by maintenance that is not complete
  auto operator<=>(const Copies&) const = default;
};
using All = std::set<Copies>;

/// Adds all that hardware may come to by itself.
void close(All& all, int newest) {
  std::vector<Copies> work(all.begin(), all.end());
  const auto add = [&](const Copies& c) {
    if (all.insert(c).second) work.push_back(c);
  };
  while (!work.empty()) {
    const Copies c = work.back();
    work.pop_back();
    Copies n = c;
    n.below = newest;  // written back
    add(n);
    if (c.cleaning > c.below) {
      n = c;
      n.below = c.cleaning;
      add(n);
    }
    n = c;
    n.cached = c.cached == kNone ? c.below : c.cached;  // filled
    add(n);
    n.ahead = n.cached;
    add(n);
    n = c;
    n.cached = kNone;  // evicted
    add(n);
    n.dropping = false;  // or invalidated
    add(n);
  }
}

/// True where a fetch may return something older.
bool perform(All& all, Step s, int newest, bool idc) {
  bool older = false;
  All next;
  for (Copies c : all) {
    switch (s) {
      case Clean:
        c.cleaning = newest;
        break;
      case Complete:
        c.below = idc ? newest : std::max(c.below, c.cleaning);
        c.cleaning = kNone;
        if (c.dropping) c.cached = kNone;
        c.dropping = false;
        break;
      case Invalidate:
        c.dropping = true;
        break;
      case Synchronise:
        c.ahead = kNone;
        break;
      case Fetch:
        older = older || (c.ahead != kNone && c.ahead != newest);
        break;
      default:
        break;
    }
    next.insert(c);
  }
  close(next, newest);
  all = std::move(next);
  return older;
}

struct Setting {
  bool idc = false;    ///< CTR_EL0.IDC
  bool other = false;  ///< another PE fetches; the last fetch comes after a handoff to it, and obliges alone
  std::size_t length = 0;
};

/// Performs the program for the judge; which of its steps, one bit each, it says may fetch something older.
unsigned judged(const std::vector<Step>& program, const Setting& in) {
  const std::uint16_t reader = in.other ? 1 : 0;
  judge::Parameters p{.agents = 2, .pes = 2, .is_device = {}, .initial_bytes = {}};
  p.pou_above_poc = !in.idc;
  Script s(std::move(p));
  Event live = s.make(0, Kind::Live);
  live.address = arm::PhysAddr{kWord}.aligned_down(64);
  live.data[0] = 64;
  live.aux = 3;  // of data and of instructions
  s.say(live);
  std::uint64_t newest = 0;
  std::vector<std::uint32_t> lines;
  for (const Step step : program) {
    lines.push_back(0);
    switch (step) {
      case Change:
        s.write(0, kWord, ++newest);
        break;
      case Clean:
        s.maintain(0, arm::CacheOp::DC_CVAU, kWord);
        break;
      case Complete:
        s.dsb(0);
        break;
      case Invalidate:
        s.maintain(0, arm::CacheOp::IC_IVAU, kWord);
        break;
      case Synchronise:
        s.isb(0);
        break;
      default:
        if (in.other && lines.size() == in.length) s.handoff(0, 1);
        lines.back() = s.access(reader, Kind::Fetch, kWord, newest);
    }
  }
  unsigned found = 0;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i] != 0 && s.flagged(lines[i])) found |= 1U << i;
  return found;
}

/// And by enumeration: step `s` after what `all` says.
bool enumerated(All& all, Step s, int newest, const Setting& in, bool last) {
  if (!in.other) return perform(all, s, newest, in.idc);
  if (last) {
    perform(all, Complete, newest, in.idc);
    perform(all, Synchronise, newest, in.idc);
  } else if (s == Synchronise) {
    return false;  // of the one that does not fetch
  }
  return perform(all, s, newest, in.idc) && last;
}

struct Counts {
  std::uint64_t programs = 0, missed = 0, false_alarms = 0, safe = 0;
  std::string first;
};

void enumerate(std::vector<Step>& program, const All& before, int newest, unsigned older, const Setting& in,
               Counts& counts) {
  if (program.size() == in.length) {
    ++counts.programs;
    const unsigned found = judged(program, in);
    if (found == older) {
      counts.safe += older == 0 ? 1U : 0U;
      return;
    }
    if ((older & ~found) != 0) ++counts.missed;
    if ((found & ~older) != 0) ++counts.false_alarms;
    if (counts.first.empty())
      for (const Step s : program) counts.first += "WCDISF"[s];
    return;
  }
  const bool last = program.size() + 1 == in.length;
  for (unsigned i = 0; i < kSteps; ++i) {
    const auto s = static_cast<Step>(i);
    if (last && s != Fetch) continue;  // nothing else tells of what came before
    All all = before;
    const int now = newest + (s == Change ? 1 : 0);
    program.push_back(s);
    const bool stale = enumerated(all, s, now, in, last);
    enumerate(program, all, now, stale ? older | 1U << (program.size() - 1) : older, in, counts);
    program.pop_back();
  }
}

}  // namespace

TEST_CASE("each program that changes an instruction is judged as all of its schedules are") {
  const bool idc = GENERATE(false, true), other = GENERATE(false, true);
  const Setting in{.idc = idc, .other = other, .length = idc || other ? 8U : 9U};
  Counts counts;
  std::vector<Step> program;
  All all{Copies{}};
  close(all, 0);
  for (const Step s : {Fetch, Change}) {
    program.push_back(s);
    enumerated(all, s, s == Change ? 1 : 0, in, false);
  }
  enumerate(program, all, 1, 0, in, counts);
  INFO("the first that is not: " << counts.first << ", with CTR_EL0.IDC " << idc << ", another PE fetches " << other);
  CHECK(counts.programs == (in.length == 8 ? 7776 : 46656));
  CHECK(counts.safe != 0);
  CHECK(counts.missed == 0);
  CHECK(counts.false_alarms == 0);
}
