// SPDX-License-Identifier: Apache-2.0
// Random programs of PEs and devices with random edges, maintenance and barriers: what is found does
// not depend on the schedule, and every wrong value that was read is explained.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include "staleline/run/run.h"
#include "staleline/scenario/scenario.h"

namespace {

using namespace staleline;

/// What two accesses must have in common to be ordered by intent where one of them writes.
enum class Conflict : std::uint8_t { Byte, Line };

/// Writes one scenario. Edges are placed in one global order, so no program can deadlock; intent orders
/// conflicting accesses, so no read races, and every invalidate against every access to its line.
class Generator {
 public:
  Generator(std::uint64_t seed, Conflict conflict) : random_(seed), conflict_(conflict) {}

  std::string write(std::size_t operations) {
    for (auto& p : programs_) p.clear();
    edges_ = 0;
    known_ = {};
    slots_ = {};
    for (std::size_t i = 0; i < operations; ++i) {
      const std::size_t a = pick(4);
      if (pick(4) == 0) {
        edge(a, (a + 1 + pick(3)) % 4);
      } else if (a == kDevice || a == kSnooping) {
        device_operation(a);
      } else {
        pe_operation(a);
      }
    }
    std::ostringstream out;
    out << "schema: 1\nscenario: random\nabout: Generated.\n"
        << "platform: { preset: " << kPlatforms[pick(kPlatforms.size())] << ", cores: 2 }\n"
        << "memory:\n  buf: { base: 0x4000_0000, size: 128 }\n"
        << initial() << "mappings:\n  cached:\n    stage1: { buf: normal-wb }\n"
        << "  uncached:\n    stage1: { buf: normal-nc }\n"
        << "  through:\n    stage1: { buf: normal-wt }\n"
        << "  off:\n    mmu: off\n    stage1: { buf: normal-wb }\n"
        << "agents:\n  cpu0: { core: 0, view: cached }\n"
        << "  cpu1: { core: " << (pick(4) == 0 ? 0 : 1) << ", view: " << kViews[pick(kViews.size())] << " }\n"
        << "  dev:  { device: non-coherent }\n  io:   { device: io-coherent }\n"
        << "program:\n";
    for (std::size_t a = 0; a < 4; ++a) {
      out << "  " << kNames[a] << ": |\n";
      if (programs_[a].empty()) out << "    nop\n";
      for (const std::string& line : programs_[a]) out << "    " << line << "\n";
    }
    out << "variants:\n  only: {}\n";
    return out.str();
  }

 private:
  static constexpr std::array<const char*, 4> kNames{"cpu0", "cpu1", "dev", "io"};
  static constexpr std::array<const char*, 5> kPlatforms{"tiny", "tiny", "cortex-a53", "cortex-a57", "neoverse-n1"};
  static constexpr std::array<const char*, 4> kViews{"cached", "uncached", "through", "off"};
  static constexpr std::size_t kDevice = 2, kSnooping = 3;

  std::size_t pick(std::size_t n) { return random_() % n; }
  struct Slot {
    std::size_t writer = 0, written = 0;
    std::array<std::size_t, 4> read{}, invalidated{};
  };
  [[nodiscard]] bool may_read(std::size_t a, const Slot& s) const {
    for (std::size_t r = 0; r < 4; ++r)
      if (s.invalidated[r] > known_[a][r]) return false;
    return s.written <= known_[a][s.writer];
  }
  [[nodiscard]] bool may_write(std::size_t a, const Slot& s) const {
    for (std::size_t r = 0; r < 4; ++r)
      if (s.read[r] > known_[a][r]) return false;
    return may_read(a, s);
  }
  /// True, and remembered, where `a` may access `count` slots from `n` now.
  bool access(std::size_t a, bool write, std::size_t n, std::size_t count) {
    const bool lines = conflict_ == Conflict::Line;
    const std::size_t first = lines ? n / 8 * 8 : n;
    const std::size_t last = lines ? (n + count + 7) / 8 * 8 : n + count;
    for (std::size_t i = first; i < last; ++i)
      if (!(write ? may_write(a, slots_[i]) : may_read(a, slots_[i]))) return false;
    const std::size_t now = ++known_[a][a];
    for (std::size_t i = n; i < n + count; ++i) {
      if (!write) {
        slots_[i].read[a] = now;
        continue;
      }
      slots_[i].writer = a;
      slots_[i].written = now;
    }
    return true;
  }
  /// A place that `a` may access now, or nothing.
  std::optional<std::string> access(std::size_t a, bool write) {
    const std::size_t n = pick(kSlots);
    if (!access(a, write, n, 1)) return std::nullopt;
    return "[buf+" + std::to_string(8 * n) + "]";
  }
  void sweep(std::size_t a) {
    const std::size_t n = pick(kSlots), count = 1 + pick(std::min<std::size_t>(6, kSlots - n));
    const bool write = pick(2) == 0;
    if (!access(a, write, n, count)) return;
    const std::string span = "buf[" + std::to_string(8 * n) + ".." + std::to_string(8 * (n + count)) + "]";
    add(a, write ? ".fill " + span + ", " + std::to_string(++values_ % 200 + 1) : ".read " + span);
  }
  std::string initial() {
    static constexpr std::array<const char*, 3> held{"", ", held: clean, by: cpu0", ", held: dirty, by: cpu0"};
    std::string text = "init:\n";
    for (std::size_t n = 0; n < 2; ++n)
      text +=
          "  - { region: \"" + line(n) + "\", bytes: " + std::to_string(0xe0 + n) + held[pick(held.size())] + " }\n";
    return text;
  }
  static std::string line(std::size_t n) { return n == 0 ? "buf[0..64]" : "buf[64..128]"; }
  void invalidate(std::size_t a) {
    const std::size_t n = pick(2);
    for (std::size_t i = 8 * n; i < 8 * n + 8; ++i)
      if (!may_write(a, slots_[i])) return;
    const std::size_t now = ++known_[a][a];
    for (std::size_t i = 8 * n; i < 8 * n + 8; ++i) slots_[i].invalidated[a] = now;
    add(a, "dc ivac, " + line(n));
  }
  void add(std::size_t a, std::string text) { programs_[a].push_back(std::move(text)); }
  void store(std::size_t a) {
    const auto place = access(a, true);
    if (!place) return;
    add(a, "mov x1, #" + std::to_string(++values_));
    static constexpr std::array<const char*, 5> stores{"str x1, ", "str x1, ", "str w1, ", "strh w1, ", "strb w1, "};
    add(a, stores[pick(stores.size())] + *place);
  }
  void load(std::size_t a) {
    if (const auto place = access(a, false)) add(a, "ldr x0, " + *place);
  }

  void pe_operation(std::size_t a) {
    static constexpr std::array<const char*, 8> barriers{"dmb ish",   "dmb ishst", "dmb ishld", "dmb osh",
                                                         "dsb ishst", "dsb ish",   "dsb sy",    "isb"};
    switch (pick(11)) {
      case 0:
      case 1:
        return store(a);
      case 2:
      case 3:
        return load(a);
      case 4:
        return add(a, (pick(2) == 0 ? "dc civac, " : "dc cvac, ") + line(pick(2)));
      case 5:
        return invalidate(a);
      case 6:
        if (const auto place = access(a, false)) add(a, ".fetch x2, " + *place);
        return;
      case 9:
        return sweep(a);
      case 10:
        if (const auto place = access(a, false)) add(a, ".walk x3, " + *place);
        return;
      case 7:
        return add(a, (pick(2) == 0 ? "dc cvau, " : "ic ivau, ") + line(pick(2)));
      default:
        return add(a, barriers[pick(barriers.size())]);
    }
  }
  void device_operation(std::size_t a) {
    if (pick(4) == 0) return sweep(a);
    if (pick(2) == 0) return store(a);
    load(a);
  }
  void edge(std::size_t from, std::size_t to) {
    const std::string name = "e" + std::to_string(edges_++);
    const bool device = from >= kDevice;
    for (std::size_t i = 0; i < 4; ++i) known_[to][i] = std::max(known_[to][i], known_[from][i]);
    add(from, ".publish " + name + (!device && pick(3) == 0 ? ", release" : ""));
    add(to, ".await " + std::string(kNames[from]) + "." + name + (to < kDevice && pick(3) == 0 ? ", acquire" : ""));
  }

  static constexpr std::size_t kSlots = 16;
  std::mt19937_64 random_;
  Conflict conflict_;
  std::array<std::array<std::size_t, 4>, 4> known_{};
  std::array<Slot, kSlots> slots_{};
  std::array<std::vector<std::string>, 4> programs_;
  std::size_t edges_ = 0, values_ = 0;
};

/// Hazard, reader's agent and line; verdicts may differ.
using Found = std::set<std::string>;

Found found(const scenario::Scenario& s, const run::Options& options) {
  const run::Result result = run::run(s, options);
  REQUIRE(result.limit == run::Limit::None);
  Found f;
  for (const run::FoundHazard& h : result.hazards)
    f.insert(judge::spelled(h.hazard.id) + " " + s.agents[h.hazard.agent.value].name + ":" +
             std::to_string(h.hazard.line.value));
  return f;
}

std::size_t rounds() {
  const char* wanted = std::getenv("STALELINE_ROUNDS");
  return wanted == nullptr ? 300 : std::strtoull(wanted, nullptr, 10);
}

}  // namespace

namespace {

/// Runs what `seed` makes; the hazards of the plain run.
Found check(std::uint64_t seed, Conflict conflict) {
  const std::string text = Generator(seed, conflict).write(80);
  INFO("seed " << seed << "\n" << text);
  const auto document = scenario::Document::parse("random.yaml", text, ".");
  const scenario::Scenario& s = document.variant("only");
  Found plain;
  REQUIRE_NOTHROW(plain = found(s, {}));
  for (const event::Cycle window : {event::Cycle{1}, event::Cycle{0}}) {
    run::Options options;
    options.window = window;
    options.reverse_agents = true;
    CHECK(found(s, options) == plain);
  }
  for (std::uint64_t adversary = 1; adversary <= 4; ++adversary) {
    run::Options options;
    options.seed = adversary;
    options.adversary = 20.0 * static_cast<double>(adversary);
    Found other;
    REQUIRE_NOTHROW(other = found(s, options));
    if (conflict == Conflict::Line) CHECK(other == plain);
  }
  return plain;
}

}  // namespace

TEST_CASE("where intent orders the accesses to each line, what is found does not depend on the schedule") {
  std::size_t hazards = 0, clean = 0;
  for (std::uint64_t seed = 1; seed <= rounds(); ++seed) {
    const Found f = check(seed, Conflict::Line);
    hazards += f.size();
    clean += f.empty() ? 1 : 0;
  }
  CHECK(hazards > rounds() / 4);
  CHECK(clean > 0);
}

TEST_CASE("where neighbours in a line race, every wrong value that is read is explained") {
  std::size_t hazards = 0;
  for (std::uint64_t seed = 1; seed <= rounds(); ++seed) hazards += check(seed, Conflict::Byte).size();
  CHECK(hazards > rounds() / 4);
}
