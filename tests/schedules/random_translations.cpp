// SPDX-License-Identifier: Apache-2.0
// Random programs that change the descriptors which two PEs share and use: what is found does not depend on the
// schedule, and whoever was seen to use an older translation is told of in every run.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include "staleline/run/run.h"
#include "staleline/scenario/scenario.h"

namespace {

using namespace staleline;

enum class Intent : std::uint8_t { Ordered, Racing };

/// What a descriptor says, in the order of all programs.
struct Says {
  bool valid = true, read_only = false;
  std::size_t page = 0;
};

class Generator {
 public:
  Generator(std::uint64_t seed, Intent intent) : random_(seed), intent_(intent) {}

  std::string write(std::size_t operations) {
    faults_ = pick(2) == 0;
    uncached_walks_ = pick(3) == 0;
    const bool uncached_tables = pick(4) == 0;
    mismatched_ = uncached_walks_ || uncached_tables;
    for (std::size_t i = 0; i < kPages; ++i) slots_[i].says.page = i;
    for (std::size_t i = 0; i < operations; ++i) {
      const std::size_t a = pick(kAgents);
      if (pick(5) == 0)
        edge(a, 1 - a);
      else
        operation(a);
    }
    std::ostringstream out;
    out << "schema: 1\nscenario: random\nabout: Generated.\n"
        << "platform: { preset: " << kPlatforms[pick(kPlatforms.size())] << ", cores: 2"
        << (pick(3) == 0 ? ", ets2: false" : "") << " }\nmemory:\n";
    for (std::size_t i = 0; i < kPages; ++i)
      out << "  " << name(i) << ": { base: 0x4000_" << kPlaces[i] << "000, size: 4 KiB }\n";
    out << "  tables: { base: 0x9000_0000, size: 64 KiB }\ninit:\n";
    for (std::size_t i = 0; i < kPages; ++i)
      out << "  - { region: " << name(i) << ", bytes: " << 0x11 * (i + 1) << " }\n";
    out << "mappings:\n  kernel:\n    tables: { at: tables, asid: 5, walk: "
        << (uncached_walks_ ? "normal-nc" : "normal-wb") << " }\n    stage1:\n";
    for (std::size_t i = 0; i < kPages; ++i)
      out << "      " << name(i) << ": { attr: normal-wb" << (pick(2) == 0 ? ", ng: on" : "") << " }\n";
    if (uncached_tables) out << "      tables: normal-nc\n";
    out << "agents:\n  cpu0: { core: 0 }\n  cpu1: { core: 1 }\nprogram:\n";
    for (std::size_t a = 0; a < kAgents; ++a) {
      out << "  cpu" << a << ": |\n    .vector skip\n";
      for (const std::string& line : programs_[a]) out << "    " << line << "\n";
      out << "    b over\n    skip: mrs x11, elr_el1\n    add x11, x11, #4\n    msr elr_el1, x11\n"
          << "    mov x10, #1\n    eret\n    over: nop\n";
    }
    if (!placements_.empty()) out << "schedule:\n";
    for (const std::string& p : placements_) out << "  - { " << p << " }\n";
    out << "variants:\n  only: {}\n";
    return out.str();
  }

 private:
  static constexpr std::size_t kAgents = 2, kPages = 4;
  static constexpr std::array<const char*, kPages> kPlaces{"0", "1", "8", "9"};  // two lines of descriptors
  static constexpr std::array<const char*, 4> kPlatforms{"tiny", "cortex-a53", "cortex-a57", "neoverse-n1"};

  struct Slot {
    Says says{};
    std::size_t writer = 0, written = 0;
    std::array<std::size_t, kAgents> used{};
  };

  static std::string name(std::size_t page) { return "p" + std::to_string(page); }
  std::size_t pick(std::size_t n) { return random_() % n; }
  void add(std::size_t a, std::string text) { programs_[a].push_back(std::move(text)); }

  [[nodiscard]] bool may_use(std::size_t a, const Slot& s) const {
    return intent_ == Intent::Racing || s.written <= known_[a][s.writer];
  }
  [[nodiscard]] bool may_write(std::size_t a, std::size_t n) const {
    if (intent_ == Intent::Racing) return true;
    for (std::size_t i = 0; i < kPages; ++i) {
      if (i != n && !(mismatched_ && i / 2 == n / 2)) continue;  // then neighbours in a line matter
      const Slot& s = slots_[i];
      for (std::size_t r = 0; r < kAgents; ++r)
        if (s.used[r] > known_[a][r]) return false;
      if (!may_use(a, s)) return false;
    }
    return true;
  }

  void use(std::size_t a) { use(a, pick(kPages)); }
  void use(std::size_t a, std::size_t n) {
    Slot& s = slots_[n];
    if (!may_use(a, s)) return;
    s.used[a] = ++known_[a][a];
    // Stores go to bytes that nobody reads.
    const bool store = pick(4) == 0;
    const bool fault = !s.says.valid || (store && s.says.read_only);
    add(a, "mov x2, #0xbad");
    add(a, "mov x10, #0");
    add(a, store ? "str x2, [" + name(n) + "+" + std::to_string(128 + 64 * a) + "]" : "ldr x2, [" + name(n) + "]");
    if (faults_) add(a, "isb");  // a fault is one, and where an older descriptor is used there may be none
    if (intent_ == Intent::Racing) return;
    if (store)
      add(a, std::string(".expect x10 == ") + (fault ? "1" : "0"));
    else if (fault)
      add(a, ".expect x2 == 0xbad");
    else
      add(a, ".expect x2 == " + std::to_string(0x1111'1111'1111'1111 * (s.says.page + 1)));
  }

  void store(std::size_t a) { store(a, pick(kPages)); }
  void store(std::size_t a, std::size_t n) {
    if (!may_write(a, n)) return;
    Slot& s = slots_[n];
    const bool careful = faults_ && pick(3) == 0;
    if (careful) {
      add(a, "str xzr, [pte(" + name(n) + ")]");
      clean(a, n);
      add(a, "dsb ishst");
      add(a, "tlbi vaae1is, " + name(n));
      add(a, "dsb ish");
    }
    s.writer = a;
    s.written = ++known_[a][a];
    if (faults_ && pick(3) == 0) {
      s.says = {.valid = false};
      add(a, "str xzr, [pte(" + name(n) + ")]");
    } else {
      s.says = {.valid = true, .read_only = faults_ && pick(3) == 0, .page = pick(2) == 0 ? n : pick(kPages)};
      add(a, "ldr x1, =desc(" + name(s.says.page) + ", " + (pick(4) == 0 ? "normal-nc" : "normal-wb") +
                 (s.says.read_only ? ", ro" : "") + (pick(2) == 0 ? ", ng" : "") + ")");
      add(a, "str x1, [pte(" + name(n) + ")]");
    }
    if (careful && pick(3) != 0) {
      clean(a, n);
      add(a, "dsb ishst");
      add(a, "isb");
    }
  }
  /// What an operating system does when it changes a page that both use, with at most one step too weak.
  void change(std::size_t a) {
    static constexpr std::array<const char*, 4> visible{"dsb ishst", "dsb nsh", "dmb ish", "nop"};
    static constexpr std::array<const char*, 6> removal{"vaae1is", "vae1is", "vale1is", "vaae1", "vale1", "vae1"};
    static constexpr std::array<const char*, 4> complete{"dsb ish", "dsb ishst", "dsb nsh", "nop"};
    const std::size_t n = pick(kPages), weak = pick(5), b = 1 - a;
    edge(a, b);
    use(b, n);
    edge(b, a);
    use(a, n);
    store(a, n);
    clean(a, n);
    add(a, visible[weak == 0 ? 1 + pick(3) : 0]);
    add(a, std::string("tlbi ") + removal[pick(weak == 1 ? removal.size() : 3)] + ", " +
               name(weak == 2 ? pick(kPages) : n));
    add(a, complete[weak == 3 ? 1 + pick(3) : 0]);
    if (pick(2) == 0) use(a, n);
    add(a, "dmb ish");
    edge(a, b);
    add(b, pick(3) == 0 ? "isb" : "dsb ish");
    use(b, n);
  }
  void clean(std::size_t a, std::size_t n) {
    if (!uncached_walks_) return;
    add(a, "ldr x5, =pte(" + name(n) + ")");
    add(a, pick(2) == 0 ? "dc cvac, x5" : "dc civac, x5");
  }

  void tlbi(std::size_t a) {
    static constexpr std::array<const char*, 8> by_va{"vae1is", "vaae1is", "vale1is", "vaale1is",
                                                      "vae1",   "vaae1",   "vae1is",  "vale1"};
    switch (pick(8)) {
      case 0:
        return add(a, "tlbi vmalle1is");
      case 1:
        return add(a, "tlbi vmalle1");
      case 2:
        add(a, "movz x5, #5, lsl #48");
        return add(a, pick(2) == 0 ? "tlbi aside1is, x5" : "tlbi aside1, x5");
      default:
        return add(a, std::string("tlbi ") + by_va[pick(by_va.size())] + ", " + name(pick(kPages)));
    }
  }

  void operation(std::size_t a) {
    static constexpr std::array<const char*, 8> barriers{"dsb ish",   "dsb ish", "dsb ishst", "dsb nsh",
                                                         "dmb ishst", "dmb ish", "isb",       "isb"};
    if (pick(8) == 0) return change(a);
    switch (pick(12)) {
      case 0:
      case 1:
      case 2:
        return use(a);
      case 3:
      case 4:
        return store(a);
      case 5:
      case 6:
        return tlbi(a);
      case 7:
        return clean(a, pick(kPages));
      case 8:
        return intent_ == Intent::Racing && pick(2) == 0 ? entitle(a) : place(a);
      default:
        return add(a, barriers[pick(barriers.size())]);
    }
  }
  void entitle(std::size_t a) {
    add(a, std::string(pick(2) == 0 ? ".grant cpu" : ".revoke cpu") + std::to_string(pick(kAgents)) + ", " +
               name(pick(kPages)));
  }
  /// A walk at a time of its own choice, as hardware may make one.
  void place(std::size_t a) {
    const std::string label = "l" + std::to_string(labels_++);
    add(a, label + ": nop");
    placements_.push_back("after: cpu" + std::to_string(a) + "." + label + ", do: tlbfill, at: " + name(pick(kPages)) +
                          ", by: cpu" + std::to_string(pick(kAgents)) + ", optional: true");
  }
  void edge(std::size_t from, std::size_t to) {
    for (std::size_t i = 0; i < kAgents; ++i) known_[to][i] = std::max(known_[to][i], known_[from][i]);
    const std::string sender = "cpu" + std::to_string(from), receiver = "cpu" + std::to_string(to);
    if (pick(4) == 0) {
      add(from, ".handoff " + receiver);
      return add(to, ".await " + sender + ".handoff");
    }
    const std::string flag = "e" + std::to_string(edges_++);
    add(from, ".publish " + flag + (pick(3) == 0 ? ", release" : ""));
    add(to, ".await " + sender + "." + flag + (pick(3) == 0 ? ", acquire" : ""));
  }

  std::mt19937_64 random_;
  Intent intent_;
  bool faults_ = false, uncached_walks_ = false, mismatched_ = false;
  std::array<std::array<std::size_t, kAgents>, kAgents> known_{};
  std::array<Slot, kPages> slots_{};
  std::array<std::vector<std::string>, kAgents> programs_;
  std::vector<std::string> placements_;
  std::size_t edges_ = 0, labels_ = 0;
};

/// Hazard, agent and line.
using Found = std::set<std::string>;

struct Outcome {
  Found found;
  Found seen;  ///< lines of checks that failed
};

std::string place_of(const scenario::Scenario& s, event::AgentId agent, std::uint32_t line) {
  return s.agents[agent.value].name + ":" + std::to_string(line);
}

Outcome run_once(const scenario::Scenario& s, const run::Options& options) {
  run::Options bounded = options;
  bounded.max_cycles = 1'000'000;
  const run::Result result = run::run(s, bounded);
  REQUIRE(result.limit == run::Limit::None);
  Outcome o;
  for (const run::FoundHazard& h : result.hazards)
    o.found.insert(judge::spelled(h.hazard.id) + " " + place_of(s, h.hazard.agent, h.hazard.line.value));
  for (const run::ExpectFailure& f : result.expect_failures) o.seen.insert(place_of(s, f.agent, f.line.value));
  return o;
}

std::size_t rounds() {
  const char* wanted = std::getenv("STALELINE_ROUNDS");
  return wanted == nullptr ? 150 : std::strtoull(wanted, nullptr, 10);
}

std::uint64_t first_seed() {
  const char* wanted = std::getenv("STALELINE_SEED");
  return wanted == nullptr ? 1 : std::strtoull(wanted, nullptr, 10);
}

/// A check stands one or two lines behind the access that it checks.
bool explained(const Found& found, const std::string& check) {
  const auto colon = check.find(':');
  const std::size_t line = std::stoul(check.substr(colon + 1));
  for (const std::size_t behind : {1U, 2U})
    if (found.count("SL104 " + check.substr(0, colon + 1) + std::to_string(line - behind)) != 0) return true;
  return false;
}

std::size_t stale_uses = 0;

Found check(const std::string& text, Intent intent) {
  const auto document = scenario::Document::parse("random.yaml", text, ".");
  const scenario::Scenario& s = document.variant("only");
  std::vector<Outcome> outcomes;
  const auto run_with = [&](const run::Options& options) { REQUIRE_NOTHROW(outcomes.push_back(run_once(s, options))); };
  run_with({});
  for (const event::Cycle window : {event::Cycle{1}, event::Cycle{3}, event::Cycle{0}}) {
    run::Options options;
    options.window = window;
    options.reverse_agents = true;
    run_with(options);
    CHECK(outcomes.back().found == outcomes.front().found);
  }
  for (std::uint64_t adversary = 1; adversary <= 3; ++adversary) {
    run::Options options;
    options.seed = adversary;
    options.adversary = 50.0 * static_cast<double>(adversary);
    run_with(options);
    if (intent == Intent::Ordered) CHECK(outcomes.back().found == outcomes.front().found);
  }
  for (const Outcome& o : outcomes) {
    for (const std::string& seen : o.seen) {
      ++stale_uses;
      INFO("check " << seen);
      for (const Outcome& other : outcomes) CHECK(explained(other.found, seen));
    }
  }
  return outcomes.front().found;
}

}  // namespace

TEST_CASE("where intent orders descriptors and their uses, what is found does not depend on the schedule") {
  std::size_t hazards = 0, clean = 0;
  stale_uses = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + rounds(); ++seed) {
    const std::string text = Generator(seed, Intent::Ordered).write(20 + seed % 3 * 30);
    INFO("seed " << seed << "\n" << text);
    const Found f = check(text, Intent::Ordered);
    hazards += f.size();
    clean += f.empty() ? 1 : 0;
  }
  CHECK(hazards > rounds() / 4);
  CHECK(clean > 0);
  CHECK(stale_uses > 0);
}

TEST_CASE("where descriptors and their uses race, every wrong translation is explained") {
  std::size_t hazards = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + rounds(); ++seed) {
    const std::string text = Generator(seed, Intent::Racing).write(70);
    INFO("seed " << seed << "\n" << text);
    hazards += check(text, Intent::Racing).size();
  }
  CHECK(hazards > rounds() / 4);
}

TEST_CASE("one text", "[.]") {  // for reducing: STALELINE_TEXT names a file
  std::ifstream file(std::getenv("STALELINE_TEXT"));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  check(text, text.find("expect") == std::string::npos ? Intent::Racing : Intent::Ordered);
}
