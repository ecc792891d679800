// SPDX-License-Identifier: Apache-2.0
// Whole runs do not depend on the run-ahead window or on the order of visits; the set of hazards does
// not depend on the adversary either.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "load.h"

namespace {

using namespace staleline;

class Recorder final : public event::Listener {
 public:
  void on_event(const event::Event& e) override { events.push_back(e); }
  [[nodiscard]] bool wants_copy_events() const override { return true; }
  std::vector<event::Event> events;
};

auto identity(const event::Event& e) {
  return std::tuple(e.cycle, e.component, e.sequence, static_cast<int>(e.kind), e.address.value, e.data, e.aux,
                    e.line.value, e.agent.value, e.pe.value, e.size, e.detail, static_cast<int>(e.mechanism),
                    e.path.node.value);
}

using Found = std::set<std::tuple<judge::HazardId, std::uint16_t, std::uint32_t>>;
Found found(const run::Result& r) {
  Found result;
  for (const auto& f : r.hazards) result.emplace(f.hazard.id, f.hazard.agent.value, f.hazard.line.value);
  return result;
}

const char* const kShipped[] = {"dma/C3-03-no-invalidate.yaml", "instructions/C5-07-generated-code.yaml",
                                "boot/C1-01-host-lines-at-cache-on.yaml", "vmm/C2-05-zeroed-memslot.yaml"};

}  // namespace

TEST_CASE("the events of a run are byte-identical for windows of one cycle and the largest, forwards and reversed") {
  for (const char* name : kShipped) {
    const auto d = test::shipped(name);
    for (const auto& variant : d.variants()) {
      Recorder reference;
      run::Options options;
      options.adversary = 40;
      options.listeners = {&reference};
      const auto expected = run::run(d.variant(variant), options);
      REQUIRE(!reference.events.empty());
      CHECK(std::is_sorted(reference.events.begin(), reference.events.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.cycle, a.component, a.sequence) < std::tuple(b.cycle, b.component, b.sequence);
      }));
      for (const event::Cycle window : {1U, 0U}) {
        for (const bool reverse : {false, true}) {
          Recorder recorder;
          options.listeners = {&recorder};
          options.window = window;
          options.reverse_agents = reverse;
          const auto r = run::run(d.variant(variant), options);
          CAPTURE(name, variant, window, reverse);
          REQUIRE(recorder.events.size() == reference.events.size());
          for (std::size_t i = 0; i < recorder.events.size(); ++i) {
            REQUIRE(identity(recorder.events[i]) == identity(reference.events[i]));
          }
          CHECK(found(r) == found(expected));
          CHECK(r.statistics.cycles == expected.statistics.cycles);
        }
      }
    }
  }
}

TEST_CASE("the adversary changes what is observed, never what is found") {
  for (const char* name : kShipped) {
    const auto d = test::shipped(name);
    for (const auto& variant : d.variants()) {
      const auto plain = found(run::run(d.variant(variant), {}));
      for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        run::Options options;
        options.seed = seed;
        options.adversary = 100;
        CAPTURE(name, variant, seed);
        CHECK(found(run::run(d.variant(variant), options)) == plain);
      }
    }
  }
}
