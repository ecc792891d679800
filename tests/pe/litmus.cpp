// SPDX-License-Identifier: Apache-2.0
// Litmus tests on the cycle engine: what the store buffer makes visible, and what barriers forbid.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>
#include <utility>

#include "world.h"

namespace {

using namespace staleline;
using test::Setup;
using test::World;
using Outcomes = std::set<std::pair<std::uint64_t, std::uint64_t>>;

// Store buffering: each PE stores its location and loads the other's.
Outcomes store_buffering(const std::string& between) {
  Outcomes outcomes;
  for (int delay = 0; delay <= 300; delay += 15) {
    const auto thread = [&](const char* own, const char* other, int wait) {
      return fmt::format("ldr x5, [{0}]\nldr x5, [{1}]\n.delay {2}\nmov x1, #1\nstr x1, [{0}]\n{3}\nldr x0, [{1}]\n",
                         own, other, wait, between);
    };
    Setup setup;
    setup.agents = {{thread("m1", "m2", 400), 0}, {thread("m2", "m1", 250 + delay), 1}};
    World world(setup);
    world.run();
    outcomes.emplace(world.x(0, 0), world.x(1, 0));
  }
  return outcomes;
}

}  // namespace

TEST_CASE("SB: both loads may miss both stores") { CHECK(store_buffering("").contains({0, 0})); }

TEST_CASE("SB: a full barrier between store and load forbids it, a store barrier does not") {
  for (const char* barrier : {"dmb ish", "dmb sy", "dsb sy", "dsb ish"}) {
    CAPTURE(barrier);
    CHECK_FALSE(store_buffering(barrier).contains({0, 0}));
  }
  CHECK(store_buffering("dmb ishld").contains({0, 0}));
}

TEST_CASE("a store barrier and a Store-Release wait until earlier stores are performed") {
  struct Row {
    const char* text;
    bool orders;
  };
  for (const Row& row :
       {Row{"dmb ishst\nstr x1, [x3]", true}, Row{"dmb sy\nstr x1, [x3]", true}, Row{"dsb st\nstr x1, [x3]", true},
        Row{"stlr x1, [x3]", true}, Row{"dmb ishld\nstr x1, [x3]", false}, Row{"str x1, [x3]", false}}) {
    Setup setup;
    setup.agents = {{fmt::format("mov x3, #0x2000\nmov x1, #1\nstr x1, [m1]\n{}\n", row.text), 0}};
    World world(setup);
    world.recorder.copies = true;
    world.run();
    event::Cycle performed = 0, issued = 0;
    for (const auto& e : world.recorder.events) {
      if (e.kind == event::Kind::Fill && e.address.value == 0x1000) performed = e.cycle;
      if (e.kind == event::Kind::Write && e.address.value == 0x2000) issued = e.cycle;
    }
    CAPTURE(row.text);
    CHECK((issued >= performed) == row.orders);
  }
}

TEST_CASE("a Load-Acquire waits for an earlier Store-Release, LDAPR does not") {
  const auto both_zero = [](const char* load) {
    bool seen = false;
    for (int delay = 0; delay <= 300; delay += 15) {
      const auto thread = [&](int own, int other, int wait) {
        return fmt::format(
            "mov x3, #{0}\nmov x4, #{1}\nldr x5, [x3]\nldr x5, [x4]\n.delay {2}\nmov x1, #1\nstlr x1, [x3]\n{3} x0, "
            "[x4]\n",
            own, other, wait, load);
      };
      Setup setup;
      setup.agents = {{thread(0x1000, 0x2000, 400), 0}, {thread(0x2000, 0x1000, 250 + delay), 1}};
      World world(setup);
      world.run();
      seen = seen || (world.x(0, 0) == 0 && world.x(1, 0) == 0);
    }
    return seen;
  };
  CHECK_FALSE(both_zero("ldar"));
  CHECK(both_zero("ldapr"));
}

TEST_CASE("a plain publish may be seen before the data, a release is not") {
  const auto seen = [](const char* publish) {
    Setup setup;
    setup.agents = {{fmt::format("mov x1, #1\nstr x1, [m1]\n{}\n", publish), 0},
                    {"ldr x5, [m1]\n.await p.a\nldr x0, [m1]\n", 1}};
    World world(setup);
    world.run();
    return world.x(1, 0);
  };
  CHECK(seen(".publish a") == 0);
  CHECK(seen(".publish a, release") == 1);
  CHECK(seen("dmb ish\n.publish a") == 1);
}

TEST_CASE("a handoff completes stores and maintenance first") {
  Setup setup;
  setup.agents = {{"mov x1, #1\nstr x1, [m1]\ndc cvac, m1+0\n.handoff a\n", 0}, {".await hand.a\nldr x0, [m1]\n", 1}};
  World world(setup);
  world.run();
  CHECK(world.x(1, 0) == 1);
  CHECK(world.memory(0x1000, 8) == 1);
  CHECK(world.of(event::Kind::ContextSync).size() == 1);
}
