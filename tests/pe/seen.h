// SPDX-License-Identifier: Apache-2.0
// All that a run can be told by, to compare two ways to simulate the same.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "world.h"

namespace staleline::test {

struct Seen {
  std::vector<event::Event> events;
  std::vector<std::uint64_t> numbers;
  std::uint64_t messages = 0;  ///< of the PEs
};

/// A run of `setup`, whose memory `prepare(World&)` fills, and what [memory.first, memory.second) holds then.
template <class Prepare>
[[nodiscard]] Seen seen(const Setup& setup, std::pair<std::uint64_t, std::uint64_t> memory, Prepare prepare) {
  World world(setup);
  world.recorder.copies = true;
  prepare(world);
  world.run();
  Seen s{world.recorder.events, {}, 0};
  for (std::size_t a = 0; a < setup.agents.size(); ++a)
    for (std::size_t i = 0; i < 31; ++i) s.numbers.push_back(world.x(a, i));
  const auto& c = world.interconnect().counters();
  s.numbers.insert(s.numbers.end(), {c.requests, c.snoops, c.lookups, c.misses, c.memory_reads, c.memory_writes,
                                     c.target_accesses, c.cacheable_to_target});
  for (std::size_t core = 0; core < world.cores(); ++core) {
    const auto& k = world.pe(core).caches().counters();
    const auto& n = world.pe(core).counts();
    s.messages += world.pe(core).caches().sent();
    s.numbers.insert(s.numbers.end(), {k.accesses, k.l1_misses, k.fetches, k.fetch_misses, k.fills, k.write_backs,
                                       n.instructions, n.loads, n.stores, n.barriers});
  }
  for (std::uint64_t at = memory.first; at < memory.second; at += 8) s.numbers.push_back(world.memory(at, 8));
  return s;
}

inline void require_same(const Seen& a, const Seen& b) {
  const auto all_of = [](const event::Event& e) {
    return std::tuple(e.cycle, e.component, e.sequence, e.kind, e.address.value, e.data, e.aux, e.line.value,
                      e.agent.value, e.pe.value, e.size, e.detail, e.mechanism, e.path.memory, e.path.node.value,
                      e.entry);
  };
  REQUIRE(a.numbers == b.numbers);
  REQUIRE(a.events.size() == b.events.size());
  for (std::size_t i = 0; i < a.events.size(); ++i) {
    INFO("event " << i << " in cycle " << b.events[i].cycle);
    REQUIRE(all_of(a.events[i]) == all_of(b.events[i]));
  }
}

}  // namespace staleline::test
