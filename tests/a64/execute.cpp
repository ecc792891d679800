// SPDX-License-Identifier: Apache-2.0
// executor_of() names what does as issue() does, and nothing where a step is needed.
#include "staleline/a64/execute.h"

#include <catch2/catch.hpp>
#include <random>

#include "staleline/a64/decode.h"

using namespace staleline;
using namespace staleline::a64;

TEST_CASE("instructions on registers alone: executing is issuing") {
  std::mt19937_64 random(11);
  std::size_t executed = 0, others = 0;
  for (int i = 0; i < 400'000; ++i) {
    const auto word = static_cast<std::uint32_t>(random());
    const arm::VirtAddr pc{random() & ~std::uint64_t{3}};
    const auto instruction = decode(word, pc);
    if (!instruction) continue;
    Registers before;
    for (std::size_t n = 0; n < 31; ++n) before.x[n] = random() % 3 == 0 ? random() % 3 : random();
    before.sp() = random();
    before.n = random() % 2 == 0;
    before.z = random() % 2 == 0;
    before.c = random() % 2 == 0;
    before.v = random() % 2 == 0;
    Registers by_issue = before, by_execute = before;
    const Step step = issue(*instruction, pc, by_issue, by_issue);
    INFO(std::hex << word);
    if (const Executor execute = executor_of(*instruction)) {
      ++executed;
      const arm::VirtAddr next = execute(*instruction, pc, by_execute);
      if (step.what != Step::What::Next || step.next != next || by_execute != by_issue) FAIL("differs");
    } else {
      ++others;
      if (step.next != pc + 4) FAIL("goes elsewhere");
    }
  }
  CHECK(executed > 50'000);
  CHECK(others > 10'000);
}
