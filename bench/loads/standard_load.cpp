// SPDX-License-Identifier: Apache-2.0
// Platform and injectors of the standard loads.
#include "standard_load.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "staleline/cache/private_caches.h"
#include "staleline/engine/engine.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/judge/judge.h"

namespace staleline::loads {

using cache::Request;
using engine::Cycle;

namespace {

constexpr std::uint64_t kPes = 4;
constexpr std::uint64_t kBase = 0x8000'0000;
constexpr std::uint64_t kReadPercent = 70;

/// Makes one access after the other.
class Injector final : public engine::Component, public cache::Client {
 public:
  Injector(std::uint8_t pe, std::uint64_t base, std::uint64_t bytes, std::uint64_t accesses, std::uint64_t seed,
           const cache::Parameters& caches, interconnect::Interconnect& interconnect)
      : caches_(event::PeId{pe}, caches, *this, interconnect, *this),
        pe_(pe),
        base_(base),
        word_mask_(bytes / 8 - 1),
        left_(accesses),
        random_((seed * kPes + pe) * 0x9e37'79b9'7f4a'7c15U | 1) {}

  [[nodiscard]] Cycle next() const override { return std::min(ready_at_, caches_.next()); }
  void run(Cycle until) override {
    if (caches_.next() < until) {
      while (next() < until) {
        if (caches_.next() <= ready_at_) {
          caches_.deliver(caches_.next());
        } else {
          access();
        }
      }
    } else {
      while (ready_at_ < until) access();
    }
  }
  void completed(const Request& r, Cycle at) override {
    if (r.op == Request::Op::Load) seen(r, at);
    finish(at);
  }

  [[nodiscard]] std::uint64_t reads_sum() const { return reads_sum_; }
  [[nodiscard]] Cycle finished() const { return finished_; }
  [[nodiscard]] const cache::PrivateCaches& caches() const { return caches_; }

 private:
  void access() {
    const Cycle now = ready_at_;
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    Request r;
    r.address = {base_ + (random_ >> 20 & word_mask_) * 8};
    if ((random_ & 0xffff) * 100 < kReadPercent * 0x1'0000) {
      r.op = Request::Op::Load;
    } else {
      r.op = Request::Op::Store;
      r.data[0] = random_;
      if (events() != nullptr) emit(event::Kind::Write, r, now);
    }
    const auto latency = caches_.access(now, r);
    if (!latency) {
      ready_at_ = engine::kNever;
      return;
    }
    if (r.op == Request::Op::Load) seen(r, now);
    finish(now + *latency);
  }
  void seen(const Request& r, Cycle at) {
    reads_sum_ += r.data[0];
    if (events() != nullptr) emit(event::Kind::Read, r, at);
  }
  void finish(Cycle at) {
    finished_ = at;
    ready_at_ = --left_ == 0 ? engine::kNever : at;
  }
  void emit(event::Kind kind, const Request& r, Cycle at) {
    event::Event& e = events()->add();
    e.cycle = at;
    e.kind = kind;
    e.address = r.address;
    e.data = r.data;
    e.size = r.size;
    e.agent = {pe_};
    e.pe = {pe_};
    e.path = r.path;
  }

  cache::PrivateCaches caches_;
  std::uint8_t pe_;
  std::uint64_t base_, word_mask_, left_, random_;
  std::uint64_t reads_sum_ = 0;
  Cycle ready_at_ = 0, finished_ = 0;
};

}  // namespace

std::optional<Load> parse(std::string_view name) {
  if (name == "hit") return Load::Hit;
  if (name == "shared") return Load::Shared;
  if (name == "big") return Load::Big;
  return std::nullopt;
}

Outcome run(const Options& options) {
  interconnect::Parameters x;
  x.shared.push_back({{.bytes = 2 << 20, .ways = 16, .hit_cycles = 20}, event::CacheRef::Level::Shared, false});
  interconnect::Interconnect interconnect(x);
  const cache::Parameters caches{};

  const std::uint64_t bytes = options.load == Load::Hit      ? 16 << 10
                              : options.load == Load::Shared ? 256 << 10
                                                             : 64 << 20;
  std::vector<std::unique_ptr<Injector>> injectors;
  engine::Engine engine;
  for (std::uint64_t pe = 0; pe < kPes; ++pe) {
    const std::uint64_t base = kBase + (options.load == Load::Hit ? pe * bytes : 0);
    const std::uint64_t share = options.accesses / kPes + (pe < options.accesses % kPes ? 1 : 0);
    if (share == 0) continue;
    injectors.push_back(std::make_unique<Injector>(static_cast<std::uint8_t>(pe), base, bytes, share, options.seed,
                                                   caches, interconnect));
    engine.add(*injectors.back());
  }
  engine.add(interconnect);

  std::unique_ptr<judge::Judge> judge;
  if (options.judge) {
    judge::Parameters p;
    p.agents = kPes;
    p.pes = kPes;
    p.is_device.assign(kPes, false);
    p.initial_bytes = [](arm::PhysAddr, std::span<std::uint8_t, 64> line) { std::fill(line.begin(), line.end(), 0); };
    judge = std::make_unique<judge::Judge>(std::move(p));
    engine.listen(*judge);
    event::Event mapped;  // as in every scenario, the memory is mapped Normal Write-Back
    mapped.kind = event::Kind::Live;
    mapped.address = arm::PhysAddr{kBase};
    mapped.data[0] = 64 << 20;
    mapped.aux = 1;
    judge->on_event(mapped);
  }
  engine.configure(interconnect.lookahead(), false);
  while (engine.run_window() != engine::kNever) {
  }

  Outcome outcome;
  std::uint64_t accesses = 0, misses = 0;
  for (const auto& injector : injectors) {
    outcome.cycles = std::max(outcome.cycles, injector->finished());
    outcome.reads_sum += injector->reads_sum();
    accesses += injector->caches().counters().accesses;
    misses += injector->caches().counters().l1_misses;
  }
  const auto& counters = interconnect.counters();
  const auto rate = [](std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  outcome.accesses = accesses;
  outcome.l1_miss_rate = rate(misses, accesses);
  outcome.llc_miss_rate = rate(counters.misses, counters.lookups);
  if (judge) outcome.hazards = judge->hazards().size();
  return outcome;
}

}  // namespace staleline::loads
