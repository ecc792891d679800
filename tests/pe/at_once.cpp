// SPDX-License-Identifier: Apache-2.0
// What is done at once is what would be done step by step: the same events in the same cycles, the same counts, the
// same bytes, for random guests whose MMU is on, with code that changes and tables that do.
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "fetched.h"
#include "seen.h"
#include "tables.h"

using namespace staleline;
using namespace staleline::test;
using R = arm::SystemRegister;

namespace {

// Pages of data by X20 to X24: two Write-Back, Device, Non-cacheable, and one that is not mapped; a routine by X25.
constexpr std::uint64_t kData = 0x3000, kRoutine = 0x2000;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Setup setup() {
    Setup s;
    s.store_buffer_entries = 1 + static_cast<std::uint32_t>(pick(6));
    s.drain_cycles = std::uint64_t{1} << pick(10);
    if (pick(8) == 0) s.adversary = 5;
    if (pick(3) == 0) s.tlb = {{2, 0}, {2, 0}, {8, 2}, {2, 0}};
    quiet_ = pick(2) == 0;
    s.ahead = pick(2) == 0 ? 0 : 1'000'000;
    const std::uint32_t cores = 1 + pick(2);
    for (std::uint8_t core = 0; core < cores; ++core) {
      Setup::Agent a = guest();
      a.core = core;
      a.fetched = kCode + core * 0x400U;
      a.registers = table_registers();
      a.registers.emplace_back(R::VBAR_EL1, kVectors);
      a.until.instructions = 200 + pick(600);
      if (pick(3) == 0) a.until.pc = arm::VirtAddr{*a.fetched + 4 * (40 + pick(60))};
      s.agents.push_back(a);
    }
    return s;
  }

  std::vector<std::uint32_t> words() {
    std::vector<std::uint32_t> w;
    for (std::uint32_t n = 0; n < 5; ++n) w.push_back((0xd280'0014 + n) | (0x3000 + 0x1000 * n) << 5);  // mov x20+n, #
    w.push_back(0xd280'0019 | 0x2000 << 5);                                                             // mov x25, #
    // X27: the leaf tables; X19: the descriptor of X21's page; W28: add x1, x1, #2.
    w.insert(w.end(), {0xd280'001b | 0xa000 << 5, 0xf940'1373, 0x5280'001c | 0x0821 << 5, 0x72a0'001c | 0x9100U << 5});
    // X16, X17: TTBR0_EL1, and the same with ASID 1.
    w.insert(w.end(), {0xd538'2010, 0xd538'2011, 0xf2e0'0031});
    const std::size_t loop = w.size();
    w.push_back(0xd280'001a | 0x3400 << 5);  // mov x26, #, which loads and stores move
    for (int i = 0; i < 90; ++i) w.push_back(word());
    w.push_back(0x1400'0000 | ((static_cast<std::uint32_t>(loop) - static_cast<std::uint32_t>(w.size())) & 0x3ff'ffff));
    return w;
  }

 private:
  std::uint32_t pick(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  std::uint32_t number() { return pick(8); }
  std::uint32_t base() { return (pick(quiet_ ? 2 : 4) == 0 ? 20 + pick(5) : 20 + pick(2)) << 5; }

  std::uint32_t word() {
    switch (pick(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: {  // LDR, STR of every size; LDRS* by bit 23
        const std::uint32_t size = pick(4), opc = pick(3) == 0 && size < 3 ? 2 : load();
        return size << 30 | 0x3900'0000 | opc << 22 | pick(200) << 10 | base() | number();
      }
      case 5:
      case 6: {  // LDUR, STUR, and with write-back
        const std::uint32_t size = pick(4), mode = std::array<std::uint32_t, 3>{0, 1, 3}[pick(3)];
        return size << 30 | 0x3800'0000 | load() << 22 | ((pick(128) - 64U) & 0x1ff) << 12 | mode << 10 |
               (mode == 0 ? base() : 26U << 5) | number();
      }
      case 7:
      case 8: {  // LDP, STP
        const std::uint32_t mode = 1 + pick(3);
        return pick(2) << 31 | 0x2800'0000 | mode << 23 | load() << 22 | ((pick(64) - 32U) & 0x7f) << 15 | 9U << 10 |
               (mode == 2 ? base() : 26U << 5) | number();
      }
      case 9: {
        static constexpr std::array<std::uint32_t, 14> system{
            0xd503'3f9f, 0xd503'3bbf, 0xd503'3fdf,   // dsb sy, dmb ish, isb
            0xd50b'7e34, 0xd50b'7a35, 0xd508'711f,   // dc civac, x20; dc cvac, x21; ic ialluis
            0xd518'2010, 0xd518'2011,                // msr ttbr0_el1, x16 and x17
            0xd508'831f, 0xd508'871f, 0xd503'209f,   // tlbi vmalle1is; tlbi vmalle1; sev
            0xc85f'7e80, 0xc80a'7e89, 0xc8df'fe80};  // ldxr x0, [x20]; stxr w10, x9, [x20]; ldar x0, [x20]
        return system[pick(system.size())];
      }
      case 10: {  // The routine is changed, made known, and called.
        static constexpr std::array<std::uint32_t, 6> code{0xb900'033c, 0xd50b'7b39, 0xd503'3b9f,
                                                           0xd50b'7539, 0xd503'3fdf, 0xd63f'0320};
        return code[pick(code.size())];  // str w28, [x25]; dc cvau, x25; dsb ish; ic ivau, x25; isb; blr x25
      }
      case 11:
        // The page of X21 goes and comes back: str x19 or xzr, [x27, #32]; blr x25.
        return pick(6) != 0 ? 0xd63f'0320 : 0xf900'1360 | (pick(3) == 0 ? 31U : 19U);
      case 12:  // branches, some of them to the instruction behind
        return 0x1400'0001 + pick(5);
      case 13:
        return 0xb400'0020 + ((pick(4) << 5) | number());  // cbz
      case 14:
        return 0x5400'0020 + ((pick(4) << 5) | pick(14));  // b.cond
      default:
        return std::array<std::uint32_t, 4>{0x9100'0400, 0xf100'0400, 0x8b01'0000, 0xca02'0c00}[pick(4)] |
               number() << 5 | number();  // add, subs, add, eor
    }
  }

  std::uint32_t load() { return pick(quiet_ ? 12 : 2) != 0 ? 1 : 0; }

  std::mt19937_64 random_;
  bool quiet_ = false;  // few stores, so that the store buffer is empty most of the time
};

void prepare(World& world, const std::vector<std::vector<std::uint32_t>>& programs) {
  poke_tables(world);
  world.poke(pte(0x5000), page(0x5000, kDevice));
  world.poke(pte(0x6000), page(0x6000, kNC));
  world.poke(pte(0x7000), 0);
  // mrs x18, elr_el1; add x18, x18, #4; msr elr_el1, x18; eret
  world.poke_words(kVectors + 0x200, {0xd538'4032, 0x9100'1252, 0xd518'4032, 0xd69f'03e0});
  world.poke_words(kRoutine, {0x9100'0421, 0x9100'0421, 0xd65f'03c0});  // add x1, x1, #1, twice; ret
  for (std::size_t n = 0; n < programs.size(); ++n) world.poke_words(kCode + 0x400 * n, programs[n]);
}

std::size_t rounds() {
  const char* wanted = std::getenv("STALELINE_ROUNDS");
  return wanted == nullptr ? 300 : std::strtoull(wanted, nullptr, 10);
}

}  // namespace

TEST_CASE("What is done at once is what is done step by step", "[pe][at_once]") {
  std::size_t accesses = 0;
  for (std::uint64_t seed = 1; seed <= rounds(); ++seed) {
    Generator generator(seed);
    Setup setup = generator.setup();
    std::vector<std::vector<std::uint32_t>> programs;
    for (std::size_t n = 0; n < setup.agents.size(); ++n) programs.push_back(generator.words());
    INFO("seed " << seed);
    const auto run = [&] {
      return seen(setup, {kData, kData + 0x5000}, [&](World& world) { prepare(world, programs); });
    };
    setup.at_once = true;
    const Seen short_way = run();
    setup.at_once = false;
    require_same(short_way, run());
    accesses += short_way.events.size();
  }
  CHECK(accesses > 100 * rounds());
}
