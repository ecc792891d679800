// SPDX-License-Identifier: Apache-2.0
// PSCI: one PE starts another, which ends, starts again, and is switched off with everything.
#include <catch2/catch.hpp>

#include "fetched.h"

using namespace staleline;
using namespace staleline::test;
using event::Kind;

TEST_CASE("PSCI starts and stops a PE", "[pe][fetched]") {
  const bool reverse = GENERATE(false, true);
  const auto window = GENERATE(event::Cycle{1}, event::Cycle{0});
  Setup setup;
  setup.agents = {guest(), guest()};
  setup.agents[1].core = 1;
  setup.agents[1].power_on = event::EdgeId{3};
  setup.agents[1].fetched = 0;  // never begins there
  setup.window = window;
  setup.reverse = reverse;
  World world(setup);
  world.poke_words(kCode, std::vector<std::uint32_t>{
                              0x52b08000,  // mov w0, #0x84000000
                              0xd4000002,  // hvc #0
                              0xaa0003f4,  // mov x20, x0
                              0x94000016,  // bl on
                              0xaa0003f5,  // mov x21, x0
                              0x94000014,  // bl on
                              0xaa0003f6,  // mov x22, x0
                              0xd2860009,  // mov x9, #0x3000
                              0xf9000d29,  // str x9, [x9, #24]
                              0xf9400137,  // ldr x23, [x9]
                              0xb4fffff7,  // cbz x23, .-4
                              0x52b88000,  // movz w0, #0xc400, lsl #16
                              0x72800080,  // movk w0, #4
                              0xd2800021,  // mov x1, #1
                              0xd2800002,  // mov x2, #0
                              0xd4000002,  // hvc #0
                              0xf100041f,  // cmp x0, #1
                              0x54ffff41,  // b.ne .-24
                              0xd282200a,  // mov x10, #0x1100
                              0x94000006,  // bl on
                              0xf9400538,  // ldr x24, [x9, #8]
                              0xb4fffff8,  // cbz x24, .-4
                              0x52b08000,  // mov w0, #0x84000000
                              0x72800100,  // movk w0, #8
                              0xd4000003,  // smc #0
                              0x52b88000,  // on: mov w0, #0xc4000000
                              0x72800060,  // movk w0, #3
                              0xd2800021,  // mov x1, #1
                              0xd2840002,  // mov x2, #0x2000
                              0x91001d43,  // add x3, x10, #7
                              0xd4000002,  // hvc #0
                              0xd65f03c0,  // ret
                          });
  // The other: X0 to memory; off after the first time.
  world.poke_words(0x2000, std::vector<std::uint32_t>{
                               0xd2860009,  // mov x9, #0x3000
                               0x9100056b,  // add x11, x11, #1
                               0xf1001c1f,  // cmp x0, #7
                               0x54000101,  // b.ne .+32
                               0xf9400d2c,  // ldr x12, [x9, #24]
                               0xb4ffffec,  // cbz x12, .-4
                               0xf9000120,  // str x0, [x9]
                               0x52b08000,  // mov w0, #0x84000000
                               0x72800040,  // movk w0, #2
                               0xd4000003,  // smc #0
                               0xd4200000,  // brk #0
                               0xf900092b,  // str x11, [x9, #16]
                               0xf9000520,  // str x0, [x9, #8]
                               0x14000000,  // b .
                           });
  world.run();
  CHECK(world.x(0, 20) == 0x1'0001);
  CHECK(world.x(0, 21) == 0);
  CHECK(static_cast<std::int64_t>(world.x(0, 22)) == -4);  // ALREADY_ON
  CHECK(world.x(0, 23) == 7);
  CHECK(world.x(0, 24) == 0x1107);
  CHECK(world.memory(0x3010, 8) == 1);  // registers begin anew
  CHECK(ending(world, 0) == pe::Ending::SystemOff);
  CHECK(ending(world, 1) == pe::Ending::Stopped);
  const auto sends = world.of(Kind::EdgeSend), receives = world.of(Kind::EdgeReceive);
  REQUIRE(sends.size() == 2);
  REQUIRE(receives.size() == 2);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(sends[k].aux == 3);
    CHECK(sends[k].data[0] == k);
    CHECK(sends[k].mechanism == event::Mechanism::Handoff);
    CHECK(receives[k].agent.value == 1);
    CHECK(receives[k].data[0] == k);
    CHECK(receives[k].cycle > sends[k].cycle);
  }
}

TEST_CASE("A PE that nobody starts keeps nobody waiting", "[pe][fetched]") {
  Setup setup;
  setup.agents = {guest(), guest()};
  setup.agents[1].core = 1;
  setup.agents[1].power_on = event::EdgeId{3};
  World world(setup);
  world.poke_words(kCode, kOff);
  world.run();
  CHECK(ending(world, 1) == pe::Ending::CpuOff);
  CHECK(world.pe(1).counts().instructions == 0);
}
