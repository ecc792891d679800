// SPDX-License-Identifier: Apache-2.0
// Register fields sit where the architecture puts them, and writing them disturbs nothing else.
#include "staleline/arm/controls.h"

#include <catch2/catch.hpp>
#include <initializer_list>

using namespace staleline::arm;

TEST_CASE("SCTLR_EL1 M, C and I are bits 0, 2 and 12", "[arm]") {
  CHECK(system_control(0x1) == SystemControl{.m = true});
  CHECK(system_control(0x4) == SystemControl{.c = true});
  CHECK(system_control(0x1000) == SystemControl{.i = true});
  CHECK(system_control(~std::uint64_t{0x1005}) == SystemControl{});
  CHECK(with_system_control(0, {true, true, true}) == 0x1005);
}

TEST_CASE("HCR_EL2 fields are at their bits", "[arm]") {
  CHECK(hypervisor_control(1) == HypervisorControl{.vm = true});
  CHECK(hypervisor_control(1ull << 12) == HypervisorControl{.dc = true});
  CHECK(hypervisor_control(1ull << 27) == HypervisorControl{.tge = true});
  CHECK(hypervisor_control(1ull << 32) == HypervisorControl{.cd = true});
  CHECK(hypervisor_control(1ull << 33) == HypervisorControl{.id = true});
  CHECK(hypervisor_control(1ull << 46) == HypervisorControl{.fwb = true});
  CHECK(hypervisor_control(1ull << 57) == HypervisorControl{.dct = true});
}

TEST_CASE("fields read back as written and other bits stay", "[arm]") {
  for (const std::uint64_t rest : {std::uint64_t{0}, std::uint64_t{0x30d0'0800}, ~std::uint64_t{0}}) {
    for (unsigned bits = 0; bits < 128; ++bits) {
      const auto on = [bits](unsigned n) { return (bits >> n & 1) != 0; };
      const SystemControl s{on(0), on(1), on(2)};
      const std::uint64_t sctlr = with_system_control(rest, s);
      CHECK(system_control(sctlr) == s);
      CHECK((sctlr | 0x1005) == (rest | 0x1005));

      const HypervisorControl h{on(0), on(1), on(2), on(3), on(4), on(5), on(6)};
      const std::uint64_t hcr = with_hypervisor_control(rest, h);
      constexpr std::uint64_t kFields = 0x0200'4003'0800'1001;
      CHECK(hypervisor_control(hcr) == h);
      CHECK((hcr | kFields) == (rest | kFields));
    }
  }
}

TEST_CASE("HCR_EL2.DC turns stage 1 off and stage 2 on", "[arm]") {
  const SystemControl on{.m = true};
  CHECK(stage1_enabled_el10(on, true, {}));
  CHECK_FALSE(stage1_enabled_el10({}, true, {}));
  CHECK_FALSE(stage1_enabled_el10(on, true, {.dc = true}));
  CHECK(stage1_enabled_el10(on, false, {.dc = true}));
  CHECK(stage2_enabled_el10(true, {.dc = true}));
  CHECK(stage2_enabled_el10(true, {.vm = true}));
  CHECK_FALSE(stage2_enabled_el10(false, {.vm = true}));
  CHECK_FALSE(stage2_enabled_el10(true, {}));
}
