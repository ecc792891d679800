// SPDX-License-Identifier: Apache-2.0
// Random coherent traffic of four PEs and a device over few lines and tiny caches. After every
// transition: one writer, equal copies, inclusion; every read returns the last write; nothing hangs.
// STALELINE_ACCESSES raises the number of accesses.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "oracle.h"
#include "rig.h"

namespace staleline {
namespace {

using arm::CacheOp;
using arm::MemoryClass;
using cache::Level;
using cache::LineState;
using engine::Cycle;
using event::CacheRef;
using Op = cache::Request::Op;

constexpr std::uint64_t kBase = 0x8000'0000;
constexpr std::size_t kPes = 4;

std::uint64_t accesses_wanted() {
  const char* text = std::getenv("STALELINE_ACCESSES");
  return text == nullptr ? 1'000'000 : std::strtoull(text, nullptr, 10);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e37'79b9'7f4a'7c15U | 1) {}
  std::uint64_t operator()(std::uint64_t below) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return (state_ >> 11) % below;
  }

 private:
  std::uint64_t state_;
};

struct Setup {
  const char* name;
  cache::Parameters caches{};
  interconnect::Parameters interconnect{};
};

Level tiny(std::uint64_t lines, std::uint32_t ways, Level::Replacement r = Level::Replacement::PseudoLRU) {
  return {.bytes = lines * 64, .ways = ways, .hit_cycles = 3, .replacement = r};
}

std::vector<Setup> setups() {
  using enum Level::Replacement;
  std::vector<Setup> all;
  all.push_back({"L1 only", {.l1i = tiny(2, 1), .l1d = tiny(4, 2)}, {}});
  all.push_back({"direct-mapped L1, shared L2", {.l1i = tiny(2, 2), .l1d = tiny(2, 1)}, {}});
  all.back().interconnect.shared = {{tiny(4, 2, LRU), CacheRef::Level::Shared, false}};
  all.push_back({"private L2, shared L3, prefetch",
                 {.l1i = tiny(2, 1), .l1d = tiny(2, 2, LRU), .l2 = tiny(4, 2, Random), .prefetch_lines = 2},
                 {}});
  all.back().interconnect.shared = {{tiny(4, 4), CacheRef::Level::Shared, false}};
  all.push_back(
      {"shared L2 and L3, system cache, small snoop filter", {.l1i = tiny(2, 1), .l1d = tiny(4, 4, Random)}, {}});
  all.back().interconnect.shared = {{tiny(2, 2), CacheRef::Level::Shared, false},
                                    {tiny(4, 2), CacheRef::Level::Shared, false},
                                    {tiny(4, 2), CacheRef::Level::System, true}};
  all.back().interconnect.snoop_filter_lines = 5;
  all.push_back({"IDC and DIC, slow snoops", {.l1i = tiny(4, 2), .l1d = tiny(4, 2)}, {}});
  all.back().interconnect.dic = true;
  all.back().interconnect.link_cycles = 3;
  all.back().interconnect.snoop_cycles = 17;
  all.push_back({"private L2, slow links", {.l1i = tiny(2, 1), .l1d = tiny(2, 1), .l2 = tiny(4, 1)}, {}});
  all.back().interconnect.link_cycles = 23;
  all.back().interconnect.snoop_cycles = 2;
  all.back().interconnect.memory_cycles = 5;
  all.push_back({"quirks, VIPT", {.l1i = tiny(256, 2), .l1d = tiny(4, 2), .vipt = true}, {}});
  all.back().interconnect.shared = {{tiny(4, 2), CacheRef::Level::Shared, false}};
  all.back().interconnect.quirks = {true, true, true, true, true};
  return all;
}

/// One run: the traffic, the oracle, and a record of everything that was seen.
class Run final : public event::Listener {
 public:
  Run(const Setup& setup, std::uint64_t seed, std::uint64_t accesses, Cycle window, bool reverse, bool checks)
      : setup_(setup), checks_(checks), interconnect_(setup.interconnect) {
    for (std::size_t i = 0; i < kPes; ++i) {
      pes_.push_back(std::make_unique<rig::Port>(static_cast<std::uint8_t>(i), setup.caches, interconnect_));
      random_.emplace_back(seed * 100 + i);
      in_flight_.emplace_back();
      left_.push_back(accesses / (kPes + 1));
      engine_.add(*pes_[i]);
      pes_[i]->act = [this, i](Cycle now) { return act(i, now); };
      pes_[i]->done = [this, i](const cache::Request& r, Cycle at) { done(i, r, at); };
      pes_[i]->wake = i;
    }
    device_ = std::make_unique<rig::Device>(interconnect_);
    random_.emplace_back(seed * 100 + kPes);
    left_.push_back(accesses / (kPes + 1));
    device_->act = [this](Cycle now) { return act_device(now); };
    device_->done = [this](const interconnect::IoRequest& r, Cycle at) { done(r, at); };
    device_->wake = 9;
    engine_.add(*device_);
    engine_.add(interconnect_);
    engine_.listen(*this);
    engine_.configure(window == 0 ? interconnect_.lookahead() : window, reverse);
  }

  void go() {
    Cycle end = 0;
    for (;;) {
      end = engine_.run_window();
      engine_.deliver();  // checks follow every window
      if (end == engine::kNever) break;
      if (checks_) {
        for (const std::uint64_t line : touched_) check(line);
        touched_.clear();
      }
    }
    for (std::size_t i = 0; i <= kPes; ++i) {
      if (left_[i] != 0) fail("deadlock: accesses were never made");
    }
    for (const auto& port : pes_) {
      if (port->caches.outstanding() != 0) fail("deadlock: a request never completed");
    }
    if (open_ != 0) fail("deadlock: a completion is missing");
  }

  void on_event(const event::Event& e) override {
    hash(kEvents, e.cycle);
    hash(kEvents, e.component);
    hash(kEvents, static_cast<std::uint64_t>(e.kind) << 32 | e.aux);
    hash(kEvents, e.address.value);
    hash(kEvents, e.data[0]);
    touched_.insert(e.address.aligned_down(64).value);
  }
  [[nodiscard]] bool wants_copy_events() const override { return true; }

  [[nodiscard]] const std::string& failure() const { return failure_; }
  /// What each PE and the device saw and when, and all events in the order that listeners heard them.
  using Signature = std::array<std::uint64_t, kPes + 2>;
  [[nodiscard]] const Signature& signature() const { return signature_; }
  [[nodiscard]] std::uint64_t checked() const { return checked_; }
  [[nodiscard]] const interconnect::Interconnect& interconnect() const { return interconnect_; }

 private:
  struct InFlight {
    std::uint64_t location = 0, value = 0;
    std::size_t ticket = 0;
    bool past_caches = false;
  };

  static constexpr std::uint64_t kLines = 8;
  static constexpr std::size_t kEvents = kPes + 1;

  Cycle act(std::size_t pe, Cycle now) {
    Random& random = random_[pe];
    if (left_[pe] == 0) return engine::kNever;
    if (pes_[pe]->caches.outstanding() >= 10) return now + 7;
    --left_[pe];
    const std::uint64_t line = kBase + random(kLines) * 64;
    const std::uint64_t location = line + random(8) * 8;
    cache::Request r = rig::Rig::make(Op::Load, location, MemoryClass::NormalWB);
    const std::uint64_t kind = random(100);
    if (kind < 40) {
      r.op = kind < 36 ? Op::Load : Op::Walk;
      if (kind < 4) r.path.memory = MemoryClass::NormalWT;
      if (kind == 4) r.path.allocates = false;
    } else if (kind < 72) {
      r.op = Op::Store;
      if (kind < 46) r.path.memory = MemoryClass::NormalWT;
      if (kind == 46) r.path.allocates = false;
    } else if (kind < 80) {
      r.op = Op::Fetch;
      r.virtual_index = static_cast<std::uint16_t>(random(4));
    } else if (kind < 88) {
      r.op = Op::Maintenance;
      constexpr CacheOp kOps[] = {CacheOp::DC_CVAC,    CacheOp::DC_CIVAC, CacheOp::DC_CVAU, CacheOp::IC_IVAU,
                                  CacheOp::IC_IALLUIS, CacheOp::IC_IALLU, CacheOp::DC_CVAP};
      r.maintenance = kOps[random(std::size(kOps))];
      if (random(16) == 0) r.op = Op::TlbMaintenance;
      if (random(16) == 0) {
        r.maintenance = random(2) == 0 ? CacheOp::DC_CSW : CacheOp::DC_CISW;
        r.whole_level = random(8) == 0;
        r.data[0] = random(4) << 30 | random(4) << 6 | random(4) << 1;
      }
    } else {
      r.op = kind < 92 ? Op::Prefetch : kind < 94 ? Op::PrefetchInstruction : Op::Evict;
    }
    const bool fine_grained = random(3) == 0;
    issue(pe, now, r);
    return now + (fine_grained ? 1 : random(60));
  }

  void issue(std::size_t pe, Cycle now, cache::Request& r) {
    auto& table = in_flight_[pe];
    std::uint32_t tag = 0;
    while (tag < table.size() && table[tag].location != 0) ++tag;
    if (tag == table.size()) table.emplace_back();
    InFlight f;
    f.location = r.address.value;
    r.tag = tag;
    if (r.op == Op::Store) {
      f.value = r.data[0] = ++last_value_[pe] * 8 + pe;
      f.past_caches = r.path.memory == MemoryClass::NormalWT || !r.path.allocates;
      if (f.past_caches) oracle_.issued(f.location, f.value);
    } else if (r.op == Op::Load || r.op == Op::Walk) {
      f.past_caches = !r.path.allocates;
      if (f.past_caches) f.ticket = oracle_.open(f.location);
    }
    const bool waits = r.op < Op::Prefetch || r.op == Op::TlbMaintenance;
    if (waits) {
      table[tag] = f;
      ++open_;
    }
    const cache::Request asked = r;
    if (const auto latency = pes_[pe]->caches.access(now, r)) {
      if (waits) {
        finish(pe, r, now);
        if (asked.op == Op::Store && f.past_caches && *latency == 0) fail("a store took no time");
      }
    }
  }
  void done(std::size_t pe, const cache::Request& r, Cycle at) { finish(pe, r, at); }

  void finish(std::size_t pe, const cache::Request& r, Cycle at) {
    InFlight& f = in_flight_[pe][r.tag];
    --open_;
    hash(pe, at);
    hash(pe, r.data[0]);
    if (r.op == Op::Store) {
      if (f.past_caches) {
        oracle_.completed(f.location, f.value);
      } else {
        oracle_.performed(f.location, f.value);
      }
    } else if (r.op == Op::Load || r.op == Op::Walk) {
      const bool right =
          f.past_caches ? oracle_.close(f.location, f.ticket, r.data[0]) : oracle_.read(f.location, r.data[0]);
      if (!right) fail("a read did not return the last write");
    }
    f = {};
  }

  Cycle act_device(Cycle now) {
    Random& random = random_[kPes];
    if (left_[kPes] == 0) return engine::kNever;
    if (device_->port->outstanding() >= 10) return now + 7;
    --left_[kPes];
    interconnect::IoRequest r;
    r.snoop = true;
    r.write = random(4) == 0;
    r.size = 8;
    r.address = {kBase + random(kLines * 8) * 8};
    std::uint32_t tag = 0;
    while (tag < io_.size() && io_[tag].location != 0) ++tag;
    if (tag == io_.size()) io_.emplace_back();
    InFlight& f = io_[tag];
    r.tag = tag;
    f.location = r.address.value;
    if (r.write) {
      f.value = ++last_value_[kPes] * 8 + kPes;
      std::memcpy(r.data.data(), &f.value, 8);
      oracle_.issued(f.location, f.value);
    } else {
      f.ticket = oracle_.open(f.location);
    }
    ++open_;
    device_->port->access(now, r);
    return now + random(60);
  }
  void done(const interconnect::IoRequest& r, Cycle at) {
    InFlight& f = io_[r.tag];
    --open_;
    std::uint64_t value;
    std::memcpy(&value, r.data.data(), 8);
    hash(kPes, at);
    hash(kPes, value);
    if (r.write) {
      oracle_.completed(f.location, f.value);
    } else if (!oracle_.close(f.location, f.ticket, value)) {
      fail("a device's read did not return the last write");
    }
    f = {};
  }

  void check(std::uint64_t line) {
    ++checked_;
    const auto holdings = interconnect_.holdings({line});
    const interconnect::Holding* dirty[kPes] = {};
    const interconnect::Holding* inner[kPes] = {};
    const interconnect::Holding* outer[kPes] = {};
    const bool has_l2 = setup_.caches.l2.bytes != 0;
    for (const auto& h : holdings) {
      if (h.cache.level == CacheRef::Level::L1D) inner[h.cache.pe.value] = &h;
      if (h.cache.level == (has_l2 ? CacheRef::Level::L2 : CacheRef::Level::L1D)) outer[h.cache.pe.value] = &h;
      if (h.cache.pe != event::kNoPe && h.dirty) dirty[h.cache.pe.value] = &h;
    }
    const interconnect::Holding* first = nullptr;
    std::size_t holders = 0, writers = 0;
    for (std::size_t pe = 0; pe < kPes; ++pe) {
      if (has_l2 && inner[pe] != nullptr && outer[pe] == nullptr) fail("a private L2 is not inclusive of its L1D");
      const auto* newest = inner[pe] != nullptr ? inner[pe] : outer[pe];
      if (newest == nullptr) continue;
      ++holders;
      writers += dirty[pe] != nullptr ? 1 : 0;
      if (first == nullptr) first = newest;
      const bool follows = writes_past_caches_under_way(line);
      if (newest->data != first->data && !follows) fail("two PEs hold different bytes of a line");
    }
    if (writers > 1 || (writers == 1 && holders > 1)) fail("a line has a writer and another holder");
    if (setup_.interconnect.snoop_filter_lines != 0) filter_checked_ = true;
  }
  bool writes_past_caches_under_way(std::uint64_t line) const {
    for (const auto& table : in_flight_) {
      for (const InFlight& f : table) {
        if (f.past_caches && f.value != 0 && f.location / 64 * 64 == line) return true;
      }
    }
    return false;
  }

  void fail(const std::string& text) {
    if (failure_.empty()) failure_ = text;
  }
  void hash(std::size_t who, std::uint64_t v) {
    signature_[who] = (signature_[who] ^ v) * 0x100'0000'01b3U + (signature_[who] >> 29);
  }

  const Setup& setup_;
  bool checks_;
  interconnect::Interconnect interconnect_;
  std::vector<std::unique_ptr<rig::Port>> pes_;
  std::unique_ptr<rig::Device> device_;
  engine::Engine engine_;
  rig::Oracle oracle_;
  std::vector<Random> random_;
  std::vector<std::vector<InFlight>> in_flight_;
  std::vector<InFlight> io_;
  std::vector<std::uint64_t> left_;
  std::uint64_t last_value_[kPes + 1] = {};
  std::uint64_t open_ = 0, checked_ = 0;
  std::set<std::uint64_t> touched_;
  std::string failure_;
  Signature signature_{};
  bool filter_checked_ = false;
};

}  // namespace

TEST_CASE("random coherent traffic keeps every invariant", "[random]") {
  const auto all = setups();
  const std::uint64_t each = accesses_wanted() / all.size();
  std::uint64_t seed = 1;
  for (const Setup& setup : all) {
    for (const Cycle window : {Cycle{1}, Cycle{0}}) {
      Run run(setup, ++seed, each / 2, window, window == 0, true);
      run.go();
      INFO(setup.name << ", window " << window);
      CHECK(run.failure() == "");
      CHECK(run.checked() > each / 5);
      if (setup.interconnect.snoop_filter_lines != 0) CHECK(run.interconnect().counters().back_invalidates > 0);
    }
  }
}

TEST_CASE("completions, data and events are the same for every window and visiting order", "[random]") {
  std::uint64_t seed = 100;
  for (const Setup& setup : setups()) {
    ++seed;
    Run one(setup, seed, 20'000, 1, false, false);
    one.go();
    for (const auto& [window, reverse] : {std::pair<Cycle, bool>{1, true}, {2, false}, {0, false}, {0, true}}) {
      Run other(setup, seed, 20'000, window, reverse, false);
      other.go();
      INFO(setup.name << ", window " << window << ", reverse " << reverse);
      CHECK(other.signature() == one.signature());
    }
  }
}

}  // namespace staleline
