// SPDX-License-Identifier: Apache-2.0
// A PE that goes on alone, and has its accesses past the caches answered without messages, does what it would do
// window by window: the same events in the same cycles, the same counts, the same bytes.
#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <tuple>

#include "fetched.h"
#include "seen.h"

using namespace staleline;
using namespace staleline::test;
using arm::MemoryClass;

namespace {

constexpr std::size_t kPages = 7;  // of data, from 0x3000, each of its own memory type
constexpr std::array<MemoryClass, kPages> kTypes{
    MemoryClass::NormalNC,     MemoryClass::DevicenGnRnE, MemoryClass::DeviceGRE, MemoryClass::NormalWB,
    MemoryClass::DevicenGnRnE, MemoryClass::NormalNC,     MemoryClass::NormalWT};
constexpr std::uint64_t kData = 0x3000, kHole = 0x7000;  // the fifth page is registers that fail

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Setup setup() {
    Setup s;
    s.memory = {{{0, kData}, pick(2) == 0 ? MemoryClass::NormalNC : MemoryClass::NormalWB}};
    for (std::size_t i = 0; i < kPages; ++i) s.memory.push_back({{kData + 0x1000 * i, 0x1000}, kTypes[i]});
    s.memory.push_back({{0x1'0000, 0x1000}, MemoryClass::NormalWB});
    s.hole = kHole;
    s.global_monitor = true;
    s.store_buffer_entries = 1 + static_cast<std::uint32_t>(pick(6));
    s.drain_cycles = std::uint64_t{1} << pick(10);
    if (pick(8) == 0) s.adversary = 5;
    platform(s.interconnect);
    quiet_ = pick(3) != 0;
    const std::size_t agents = quiet_ ? 1 + pick(2) : 1 + pick(4);
    for (std::size_t i = 0; i < agents; ++i) {
      Setup::Agent a;
      a.device = i == 3;
      a.core = a.device ? std::uint8_t{0} : static_cast<std::uint8_t>(i == 1 ? pick(2) : i);
      a.snoops = pick(2) == 0;
      if (i == 0 && pick(2) == 0) {
        a = guest();
        a.until.instructions = 60 + pick(400);
      } else {
        a.program = program(i, a.device);
      }
      s.agents.push_back(a);
    }
    if (agents > 1 && !s.agents[0].fetched) s.agents[1].program = ".await any.a\n" + s.agents[1].program;
    return s;
  }

  /// Instructions for whom fetches some: any loads and stores within two pages, in a loop.
  std::vector<std::uint32_t> words() {
    std::vector<std::uint32_t> w{0xd286'0014,   // mov x20, #0x3000
                                 0xd290'0015};  // mov x21, #0x8000
    const auto t = [this] { return static_cast<std::uint32_t>(pick(8)); };
    const auto n = [this] { return static_cast<std::uint32_t>(20 + pick(2)) << 5; };
    for (int i = 0; i < 40; ++i) {
      const auto offset = static_cast<std::uint32_t>(pick(32)) << 10;
      switch (quiet_ && pick(8) != 0 ? 2 + pick(8) : pick(12)) {
        case 0:
          w.push_back(0xf900'0000 | offset | n() | t());  // str x
          break;
        case 1:
          w.push_back(0xb900'0000 | offset | n() | t());  // str w
          break;
        case 2:
        case 3:
          w.push_back(0xb940'0000 | offset | n() | t());  // ldr w
          break;
        case 4:
          w.push_back(0xa940'0000 | static_cast<std::uint32_t>(pick(16)) << 15 | 9U << 10 | n() | t());  // ldp x, x9
          break;
        case 5:
        case 6:
          w.push_back(0xf940'0000 | offset | n() | t());  // ldr x
          break;
        case 7:
          w.push_back(pick(2) == 0 ? 0xd503'3f9f : 0xd503'209f);  // dsb sy, sev
          break;
        case 8:
          w.push_back(pick(2) == 0 ? 0xd503'3fdf : 0xd50b'7a34);  // isb, dc cvac, x20
          break;
        case 9:
          // ldur x, [.., #3], which ends the program where it is of Device memory
          w.push_back(pick(16) == 0 ? 0xf840'3000 | n() | t() : 0x3940'0000 | offset | n() | t());  // ldrb
          break;
        default:
          w.push_back(0x9100'0400 | t() << 5 | t());  // add
          break;
      }
    }
    w.push_back(0x1400'0000 | ((2 - static_cast<std::uint32_t>(w.size())) & 0x03ff'ffff));  // b to the third
    return w;
  }

 private:
  std::size_t pick(std::size_t n) { return random_() % n; }

  void platform(interconnect::Parameters& p) {
    p.link_cycles = 2 + pick(20);
    p.snoop_cycles = 2 + pick(20);
    p.home_occupancy_cycles = pick(30);
    p.memory_cycles = 1 + pick(150);
    p.memory_occupancy_cycles = pick(200);
    p.memory_channels = 1 + static_cast<std::uint32_t>(pick(2));
    p.memory_writes_queued = 1 + static_cast<std::uint32_t>(pick(4));
    p.quirks.clean_completes_early = pick(4) == 0;
    for (std::size_t i = pick(3); i != 0; --i)
      p.shared.push_back(
          {{std::uint64_t{1024} << i, 2, 3, cache::Level::Replacement::Random}, event::CacheRef::Level::System, true});
  }

  std::string program(std::size_t agent, bool device) {
    std::string text;
    for (std::size_t i = 0; i < kPages; ++i)
      if (!device) text += fmt::format("mov x{}, #{}\n", 20 + i, kData + 0x1000 * i);
    if (!device) text += ".vector skip\n";
    for (std::size_t i = 0, size = 30 + pick(60); i < size; ++i) {
      if (agent == 0 && i == size / 2) text += ".publish a\n";
      text += device ? transfer() : operation(agent);
    }
    if (!device) text += "b over\nskip: mrs x18, elr_el1\nadd x18, x18, #4\nmsr elr_el1, x18\neret\nover: nop\n";
    return text;
  }
  std::string transfer() {
    const std::string place = fmt::format("[m{}+{}]", 3 + pick(3), 8 * pick(16));
    if (pick(3) == 0) return fmt::format(".delay {}\n", pick(2000));
    return pick(2) == 0 ? "ldr x0, " + place + "\n" : fmt::format("mov x1, #{}\nstr x1, {}\n", pick(60'000), place);
  }
  std::string operation(std::size_t agent) {
    static constexpr std::array<const char*, 9> others{"dsb sy",       "dmb sy",        "isb",
                                                       "dc cvac, x23", "dc civac, x20", "tlbi vmalle1is",
                                                       "ic ialluis",   "sev",           "dc ivac, x25"};
    // Programs of one PE do not share bytes, so that none faults where another would not.
    const std::size_t base = 20 + pick(kPages), offset = 8 * pick(24), number = pick(8);
    switch (quiet_ && pick(8) != 0 ? 15 : pick(16)) {
      case 0:
        return fmt::format("{}\n", others[pick(others.size())]);
      case 1:
        if (pick(3) == 0) return fmt::format(".delay {}\n", pick(3000));
        // One waits for the other, and the program does not.
        return fmt::format("str x{0}, [x21, #{1}]\nstr x{0}, [x22, #{1}]\n.delay {2}\n", number, offset, pick(600));
      case 2:
      case 3:
        return fmt::format("str x{}, [x{}, #{}]\n", number, base, offset);
      case 4:
        return fmt::format("stp x{}, x9, [x{}, #{}]\n", number, base, offset);
      case 5:
        return fmt::format("ldp x{}, x9, [x{}, #{}]\n", number, base, offset);
      case 6:
        return fmt::format("ldur x{}, [x{}, #{}]\n", number, 20 + 5 * pick(2), pick(120));
      case 7:
        return fmt::format(".fetch x{}, [m{}+{}]\n", number, pick(2) == 0 ? 3 : 8, offset);
      case 8:
        return fmt::format("ldxr x{}, [x20]\n", number) + (pick(2) == 0 ? "stxr w10, x9, [x20]\n" : "");
      case 9:
        return fmt::format("ldar x{}, [x{}]\nstlr x9, [x20, #0]\n", number, 20);
      default:
        return fmt::format("ldr x{}, [x{}, #{}]\n", number, base, offset + 8 * agent);
    }
  }

  std::mt19937_64 random_;
  bool quiet_ = false;  // reads, most of the time
};

Seen seen(Setup setup, const std::vector<std::uint32_t>& words, event::Cycle window, bool reverse, event::Cycle ahead) {
  setup.window = window;
  setup.reverse = reverse;
  setup.ahead = ahead;
  return seen(setup, {kData, kData + 0x1000 * kPages}, [&](World& world) { world.poke_words(kCode, words); });
}

std::size_t rounds() {
  const char* wanted = std::getenv("STALELINE_ROUNDS");
  return wanted == nullptr ? 400 : std::strtoull(wanted, nullptr, 10);
}

}  // namespace

TEST_CASE("A PE that goes on alone does what it does window by window", "[pe][ahead]") {
  std::uint64_t without_messages = 0;
  for (std::uint64_t seed = 1; seed <= rounds(); ++seed) {
    Generator generator(seed);
    const Setup setup = generator.setup();
    const auto words = generator.words();
    INFO("seed " << seed);
    const Seen reference = seen(setup, words, 1, false, 0);
    for (const auto& [window, reverse, ahead] : {std::tuple<event::Cycle, bool, event::Cycle>{0, true, 0},
                                                 {0, false, 1'000'000},
                                                 {1, true, 1'000'000},
                                                 {0, true, 300}}) {
      const Seen other = seen(setup, words, window, reverse, ahead);
      INFO("window " << window << ", ahead " << ahead);
      require_same(other, reference);
      without_messages += reference.messages - other.messages;
    }
  }
  CHECK(without_messages > 10'000);
}
