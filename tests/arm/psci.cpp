// SPDX-License-Identifier: Apache-2.0
// Every function of PSCI, both conventions, every state of a CPU.
#include "staleline/arm/psci.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

namespace {

using namespace staleline::arm;
using namespace staleline::arm::psci;
using Action = Answer::Action;

// Two clusters; the caller is the first.
const std::vector<Cpu> kCpus{
    {0x000, CpuState::On}, {0x001, CpuState::Off}, {0x100, CpuState::OnPending}, {0x1'0000'0000, CpuState::Off}};

Answer call(std::uint64_t x0, std::uint64_t x1 = 0, std::uint64_t x2 = 0, std::uint64_t x3 = 0) {
  return answer({{x0, x1, x2, x3}}, kCpus);
}
std::int64_t returned(const Answer& a) {
  CHECK(a.action == Action::Return);
  return static_cast<std::int64_t>(a.x0);
}

}  // namespace

TEST_CASE("versions are 1.1, and there is no trusted OS to migrate") {
  CHECK(returned(call(0x8400'0000)) == 0x1'0001);
  CHECK(returned(call(0x8000'0000)) == 0x1'0001);
  CHECK(returned(call(0x8400'0006)) == 2);
  // W0 alone says which function it is.
  CHECK(returned(call(0xdead'beef'8400'0000)) == 0x1'0001);
}

TEST_CASE("CPU_ON starts a CPU that is off, and says why not otherwise") {
  for (const std::uint64_t id : {std::uint64_t{0x8400'0003}, std::uint64_t{0xc400'0003}}) {
    const Answer a = call(id, 0x001, 0x4020'0000, 0x1234);
    CHECK(a.action == Action::StartCpu);
    CHECK(a.x0 == 0);
    CHECK(a.cpu == 1);
    CHECK(a.entry.value == 0x4020'0000);
    CHECK(a.context == 0x1234);
    CHECK(returned(call(id, 0x000, 0x4020'0000)) == -4);
    CHECK(returned(call(id, 0x100, 0x4020'0000)) == -5);
    CHECK(returned(call(id, 0x002, 0x4020'0000)) == -2);
    CHECK(returned(call(id, 0x001, 0x4020'0002)) == -9);
  }
  // The 32-bit convention has arguments of 32 bits.
  const Answer wide = call(0xc400'0003, 0x1'0000'0000, 0x8'4000'0000, 0xffff'ffff'ffff'ffff);
  CHECK(wide.cpu == 3);
  CHECK(wide.entry.value == 0x8'4000'0000);
  CHECK(wide.context == 0xffff'ffff'ffff'ffff);
  const Answer narrow = call(0x8400'0003, 0xffff'ffff'0000'0001, 0x8'4000'0000, 0xffff'ffff'ffff'ffff);
  CHECK(narrow.action == Action::StartCpu);
  CHECK(narrow.cpu == 1);
  CHECK(narrow.entry.value == 0x4000'0000);
  CHECK(narrow.context == 0xffff'ffff);
}

TEST_CASE("AFFINITY_INFO tells the state of a CPU, and of a cluster that of its liveliest") {
  for (const std::uint64_t id : {std::uint64_t{0x8400'0004}, std::uint64_t{0xc400'0004}}) {
    CHECK(returned(call(id, 0x000, 0)) == 0);
    CHECK(returned(call(id, 0x001, 0)) == 1);
    CHECK(returned(call(id, 0x100, 0)) == 2);
    CHECK(returned(call(id, 0x002, 0)) == -2);
    CHECK(returned(call(id, 0x000, 1)) == 0);
    CHECK(returned(call(id, 0x1ff, 1)) == 2);
    CHECK(returned(call(id, 0x200, 1)) == -2);
    CHECK(returned(call(id, 0x200, 2)) == 0);
    CHECK(returned(call(id, 0x000, 4)) == -2);
  }
  CHECK(returned(call(0xc400'0004, 0x1'0000'0000, 3)) == 1);
  CHECK(returned(call(0x8400'0004, 0x1'0000'0000, 3)) == 0);
}

TEST_CASE("the calls that do not return, and the one that waits") {
  CHECK(call(0x8400'0002).action == Action::StopCpu);
  CHECK(call(0x8400'0008).action == Action::SystemOff);
  CHECK(call(0x8400'0009).action == Action::SystemReset);
  for (const std::uint64_t id : {std::uint64_t{0x8400'0001}, std::uint64_t{0xc400'0001}}) {
    CHECK(call(id, 0).action == Action::Wait);
    CHECK(call(id, 0).x0 == 0);
    CHECK(call(id, 0x0300'0007).action == Action::Wait);
    CHECK(returned(call(id, 1U << 16)) == -2);
    CHECK(returned(call(id, 1U << 31)) == -2);
  }
}

TEST_CASE("everything else is not supported, and PSCI_FEATURES knows what is") {
  const std::vector<std::uint64_t> known{0x8000'0000, 0x8400'0000, 0x8400'0001, 0x8400'0002, 0x8400'0003,
                                         0x8400'0004, 0x8400'0006, 0x8400'0008, 0x8400'0009, 0x8400'000a,
                                         0xc400'0001, 0xc400'0003, 0xc400'0004};
  const auto is_known = [&](std::uint64_t id) { return std::find(known.begin(), known.end(), id) != known.end(); };
  for (const std::uint64_t base :
       {0x8000'0000U, 0x8400'0000U, 0xc000'0000U, 0xc400'0000U, 0x0000'0000U, 0x8600'0000U}) {
    for (std::uint64_t n = 0; n < 64; ++n) {
      const std::uint64_t id = base + n;
      INFO(std::hex << id);
      CHECK(returned(call(0x8400'000a, id)) == (is_known(id) ? 0 : -1));
      const Answer a = call(id, 0x001, 0x4000'0000);
      const bool refused = a.action == Action::Return && a.x0 == ~std::uint64_t{0};
      CHECK((refused || is_known(id)));
      // PSCI_FEATURES itself was asked for CPU number 1 here, which is no function.
      if (is_known(id) && id != 0x8400'000a) CHECK_FALSE(refused);
    }
  }
}
