// SPDX-License-Identifier: Apache-2.0
// The counter against exact arithmetic, timers cycle by cycle.
#include "staleline/arm/generic_timer.h"

#include <catch2/catch.hpp>
#include <limits>
#include <random>

namespace {

using namespace staleline::arm;

__extension__ using Wide = unsigned __int128;
constexpr std::uint64_t kClocks[]{1'000'000'000, 2'000'000'000, 62'500'000, 62'500'001, 1'800'000'000, 24'000'000, 7};

}  // namespace

TEST_CASE("the counter follows the clock exactly, and a cycle is found for each count") {
  std::mt19937_64 random{1};
  for (const std::uint64_t clock : kClocks) {
    const SystemCounter counter(clock);
    CHECK(counter.count_at(0) == 0);
    CHECK(counter.count_at(clock) == 62'500'000);
    for (int i = 0; i < 2000; ++i) {
      const std::uint64_t cycle = random() >> (8 + random() % 50);
      const auto exact = static_cast<Wide>(cycle) * 62'500'000 / clock;
      if (exact > std::numeric_limits<std::uint64_t>::max()) continue;
      CHECK(counter.count_at(cycle) == static_cast<std::uint64_t>(exact));

      const std::uint64_t count = random() >> (20 + random() % 44);
      const std::uint64_t at = counter.cycle_of(count);
      CHECK(counter.count_at(at) >= count);
      if (at != 0) CHECK(counter.count_at(at - 1) < count);
    }
  }
  const SystemCounter same(SystemCounter::kFrequency);
  for (std::uint64_t n = 0; n < 1000; ++n) CHECK((same.count_at(n) == n && same.cycle_of(n) == n));
}

TEST_CASE("a timer is up from its compare value on, where it is enabled and not masked") {
  for (std::uint64_t control = 0; control < 8; ++control) {
    Timer t;
    t.set_ctl(control);
    t.set_cval(100);
    const bool enabled = (control & 1) != 0;
    const bool masked = (control & 2) != 0;
    for (std::uint64_t count = 90; count < 110; ++count) {
      CHECK(t.condition(count) == (enabled && count >= 100));
      CHECK(t.interrupt(count) == (enabled && !masked && count >= 100));
      CHECK(t.ctl(count) == ((control & 3) | (enabled && count >= 100 ? 4U : 0U)));
      const auto next = t.next(count);
      CHECK(next.has_value() == (enabled && !masked && count < 100));
      if (next) CHECK(*next == 100);
    }
  }
}

TEST_CASE("TVAL is a signed view of 32 bits on CVAL") {
  Timer t;
  t.set_tval(1000, 50);
  CHECK(t.cval() == 1050);
  CHECK(t.tval(1000) == 50);
  CHECK(t.tval(1051) == 0xffff'ffff);
  t.set_tval(1000, 0xffff'fff6);  // -10
  CHECK(t.cval() == 990);
  t.set_tval(1000, 0x1'0000'0005);
  CHECK(t.cval() == 1005);
  t.set_tval(0x1'0000'0000, 0x8000'0000);
  CHECK(t.cval() == 0x8000'0000);
  std::mt19937_64 random{2};
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t count = random();
    const std::uint64_t value = random();
    t.set_tval(count, value);
    CHECK(t.tval(count) == (value & 0xffff'ffff));
  }
}

TEST_CASE("of the timers of a PE the first that rises is next, the virtual one by its offset") {
  GenericTimer g;
  CHECK_FALSE(g.next(0));
  for (Timer* t : {&g.physical, &g.virtual_timer, &g.hypervisor}) t->set_ctl(Timer::kEnable);
  g.virtual_offset = 500;
  g.physical.set_cval(900);
  g.hypervisor.set_cval(950);
  g.virtual_timer.set_cval(300);
  CHECK(g.virtual_count(700) == 200);
  CHECK(g.next(600) == 800);
  CHECK(g.next(800) == 900);
  CHECK(g.next(900) == 950);
  CHECK_FALSE(g.next(950));
  g.virtual_timer.set_cval(~std::uint64_t{0});
  CHECK_FALSE(g.next(950));
  // Each count: the level is what the next rise says.
  g.virtual_timer.set_cval(300);
  for (std::uint64_t count = 600; count < 1000; ++count) {
    const auto next = g.next(count);
    const auto levels = [&](std::uint64_t at) {
      return (g.physical.interrupt(at) ? 1 : 0) + (g.hypervisor.interrupt(at) ? 1 : 0) +
             (g.virtual_timer.interrupt(g.virtual_count(at)) ? 1 : 0);
    };
    if (next) {
      CHECK(levels(*next - 1) == levels(count));
      CHECK(levels(*next) > levels(count));
    } else {
      CHECK(levels(count) == 3);
    }
  }
}
