// SPDX-License-Identifier: Apache-2.0
// The judge's table against exhaustive enumeration over the exact copies of a line: for every
// program, each read is flagged exactly where some legal schedule returns an older version.
#include <catch2/catch.hpp>
#include <random>

#include "exact.h"
#include "may_state.h"

namespace {

using namespace staleline;
using namespace staleline::exact;

/// The same on the table.
bool apply_table(judge::MayState& m, const Operation& op, const Setting& s) {
  const judge::Mask byte = judge::Mask{1} << op.byte;
  const judge::NodeSet set = op.all_nodes ? static_cast<judge::NodeSet>((1U << s.nodes) - 1) : judge::just(op.node);
  bool stale = false;
  switch (op.what) {
    case What::ReadCacheable:
      stale = judge::stale_in(m, op.node, byte).any() != 0;
      judge::cacheable_read(m, op.node);
      break;
    case What::ReadSnooping:
      stale = judge::stale_in(m, op.node, byte).any() != 0;
      break;
    case What::ReadNonCacheable:
      stale = judge::stale_in_memory(m, byte).any() != 0;
      break;
    case What::WriteBackWrite:
      judge::write_back_write(m, op.node, byte);
      break;
    case What::WriteThroughWrite:
      judge::write_through_write(m, op.node, byte);
      break;
    case What::WriteNonCacheable:
      judge::non_cacheable_write(m, byte);
      break;
    case What::WriteSnooping:
      judge::snooping_write(m, op.node, byte);
      break;
    case What::Clean:
      judge::clean(m, set, {});
      break;
    case What::Invalidate:
      judge::invalidate(m, set, {});
      break;
    case What::CleanAndInvalidate:
      judge::clean_and_invalidate(m, set, {});
      break;
    default:
      FAIL("not a program operation");
  }
  return stale;
}

judge::MayState table_start(const Setting& s) {
  judge::MayState m;
  m.nodes = s.nodes;
  for (std::uint8_t d = 0; d < s.nodes; ++d) judge::set_live(m, d, (s.live >> d & 1U) != 0);
  return m;
}

struct Tally {
  std::size_t reads = 0, stale = 0;
};

void enumerate(const Exact& e, const judge::MayState& m, const std::vector<Operation>& ops, const Setting& s,
               std::vector<Operation>& program, std::size_t depth, Tally& tally) {
  for (const Operation& op : ops) {
    // A read as the last operation decides; anything else there decides nothing.
    if (depth == 1 && !is_read(op.what)) continue;
    program.push_back(op);
    Exact exact = e;
    judge::MayState may = m;
    const bool expected = apply_exact(exact, op, s);
    const bool flagged = apply_table(may, op, s);
    if (is_read(op.what)) {
      ++tally.reads;
      tally.stale += expected ? 1 : 0;
      if (expected != flagged) {
        INFO(spelled(program, s) << (expected ? ": missed" : ": false alarm"));
        REQUIRE(expected == flagged);
      }
    }
    if (depth > 1) enumerate(exact, may, ops, s, program, depth - 1, tally);
    program.pop_back();
  }
}

}  // namespace

TEST_CASE("the table equals enumeration on every program up to length 4") {
  for (std::uint8_t nodes = 1; nodes <= 2; ++nodes) {
    for (std::uint8_t live = 0; live < (1U << nodes); ++live) {
      const Setting s{nodes, 2, live};
      std::vector<Operation> program;
      Tally tally;
      enumerate(exact_start(s), table_start(s), alphabet(s, false), s, program, 4, tally);
      INFO(int{nodes} << " nodes, live " << int{live} << ": " << tally.reads << " reads, " << tally.stale << " stale");
      CHECK(tally.reads > 1000);
      CHECK(tally.stale > 100);
      CHECK(tally.stale < tally.reads);
    }
  }
}

TEST_CASE("the table equals enumeration on random programs of length 12") {
  constexpr std::uint64_t seed = 20260801;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 4000; ++round) {
    const auto nodes = static_cast<std::uint8_t>(1 + random() % 2);
    const Setting s{nodes, 2, static_cast<std::uint8_t>(random() % (1U << nodes))};
    const auto ops = alphabet(s, true);
    Exact exact = exact_start(s);
    judge::MayState may = table_start(s);
    std::vector<Operation> program;
    for (int i = 0; i < 12; ++i) {
      program.push_back(ops[random() % ops.size()]);
      const bool expected = apply_exact(exact, program.back(), s);
      const bool flagged = apply_table(may, program.back(), s);
      if (is_read(program.back().what) && expected != flagged) {
        INFO(spelled(program, s) << (expected ? ": missed" : ": false alarm"));
        REQUIRE(expected == flagged);
      }
    }
  }
}
