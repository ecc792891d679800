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
#include "staleline/mmu/mmu.h"
#include "tables.h"

namespace staleline::loads {

using cache::Request;
using engine::Cycle;

namespace {

constexpr std::uint64_t kPes = 4;
constexpr std::uint64_t kBase = 0x8000'0000;
constexpr std::uint64_t kReadPercent = 70;

class Port : public engine::Component, public cache::Client {
 public:
  [[nodiscard]] virtual std::uint64_t reads_sum() const = 0;
  [[nodiscard]] virtual Cycle finished() const = 0;
  [[nodiscard]] virtual const cache::PrivateCaches& caches() const = 0;
};

/// Makes one access after the other.
template <bool kTranslates>
class Injector final : public Port {
 public:
  Injector(std::uint8_t pe, std::uint64_t base, std::uint64_t bytes, std::uint64_t accesses, std::uint64_t seed,
           const cache::Parameters& caches, interconnect::Interconnect& interconnect)
      : caches_(event::PeId{pe}, caches, *this, interconnect, *this),
        pe_(pe),
        base_(base),
        word_mask_(bytes / 8 - 1),
        left_(accesses),
        random_((seed * kPes + pe) * 0x9e37'79b9'7f4a'7c15U | 1) {
    if constexpr (!kTranslates) return;
    mmu_.emplace(mmu::TlbParameters{});
    mmu_->enter(table_registers(), arm::Regime::EL10, false);
  }

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
    if (kTranslates && r.op == Request::Op::Walk) {
      walked(r, at);
      walk_on(at);
      return;
    }
    if (r.op == Request::Op::Load) seen(r, at);
    finish(at);
  }

  [[nodiscard]] std::uint64_t reads_sum() const override { return reads_sum_; }
  [[nodiscard]] Cycle finished() const override { return finished_; }
  [[nodiscard]] const cache::PrivateCaches& caches() const override { return caches_; }

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
    }
    if constexpr (kTranslates) {
      r.address = r.address - kToPhysical;
      translate(r, now);
    } else {
      perform(r, now);
    }
  }
  void translate(Request& r, Cycle now) {
    using Kind = arm::AccessRequest::Kind;
    const arm::VirtAddr va{r.address.value};
    const Kind kind = r.op == Request::Op::Load ? Kind::Read : Kind::Write;
    if (const auto hit = mmu_->recent(va, kind)) [[likely]] {
      through(*hit, r, now);
    } else {
      translate_slowly(va, kind, r, now);
    }
  }
  void through(const mmu::Translation& translation, Request& r, Cycle now) {
    r.address = translation.address;
    r.path = translation.path;
    entry_ = translation.entry;
    perform(r, now);
  }
  void translate_slowly(arm::VirtAddr va, arm::AccessRequest::Kind kind, Request& r, Cycle now) {
    arm::AccessRequest request;
    request.kind = kind;
    const auto found = mmu_->lookup(va, request);
    if (const auto* translation = std::get_if<mmu::Translation>(&found)) {
      through(*translation, r, now);
      return;
    }
    waits_ = r;
    walk_.emplace(mmu_->begin(va, request));
    walk_on(now);
  }
  // The few walks of a run take no time where the caches have their descriptors.
  void walk_on(Cycle now) {
    ready_at_ = engine::kNever;
    while (walk_->table.next() == arm::TableWalk::Next::Read) {
      Request r;
      r.op = Request::Op::Walk;
      r.address = walk_->table.read().address;
      if (!caches_.access(now, r)) return;
      walked(r, now);
    }
    const mmu::TlbEntry& made = mmu_->finish(*walk_);
    if (events() != nullptr) {
      event::TranslationTag tag;
      tag.level = 3;
      event::Event& e = emit(event::Kind::Translation, {}, now);
      e.address = made.result.pa;
      e.data = {made.va.value, tag.packed()};
      e.entry = made.id;
      e.aux = walk_->from;
    }
    walk_.reset();
    Request r = waits_;
    translate(r, now);
  }
  void walked(const Request& r, Cycle now) {
    if (events() != nullptr) {
      event::Event& e = emit(event::Kind::Walk, r, now);
      e.data[1] = walk_->va.value;
      e.detail = static_cast<std::uint8_t>(1 << 4 | walk_->table.read().level);
      e.entry = walk_->id;
    }
    walk_->table.supply(r.data[0]);
    mmu_->noted(*walk_);
  }
  void perform(Request& r, Cycle now) {
    if (r.op == Request::Op::Store && events() != nullptr) emit(event::Kind::Write, r, now);
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
  event::Event& emit(event::Kind kind, const Request& r, Cycle at) {
    event::Event& e = events()->add();
    e.cycle = at;
    e.kind = kind;
    e.address = r.address;
    e.data = r.data;
    e.size = r.size;
    e.agent = {pe_};
    e.pe = {pe_};
    e.path = r.path;
    if constexpr (kTranslates) e.entry = entry_;
    return e;
  }

  cache::PrivateCaches caches_;
  std::uint8_t pe_;
  std::uint64_t base_, word_mask_, left_, random_;
  std::uint64_t reads_sum_ = 0;
  Cycle ready_at_ = 0, finished_ = 0;
  std::optional<mmu::Mmu> mmu_;
  std::optional<mmu::Walk> walk_;
  Request waits_{};          // for the walk
  std::uint32_t entry_ = 0;  // the TLB entry of the access that is under way
};

}  // namespace

std::optional<Load> parse(std::string_view name) {
  if (name == "hit") return Load::Hit;
  if (name == "tlb") return Load::Tlb;
  if (name == "shared") return Load::Shared;
  if (name == "big") return Load::Big;
  return std::nullopt;
}

Outcome run(const Options& options) {
  interconnect::Parameters x;
  x.shared.push_back({{.bytes = 2 << 20, .ways = 16, .hit_cycles = 20}, event::CacheRef::Level::Shared, false});
  interconnect::Interconnect interconnect(x);
  const cache::Parameters caches{};

  const bool translates = options.load == Load::Tlb;
  const bool apart = options.load == Load::Hit || translates;
  const std::uint64_t bytes = apart ? 16 << 10 : options.load == Load::Shared ? 256 << 10 : 64 << 20;
  std::vector<std::unique_ptr<Port>> injectors;
  engine::Engine engine;
  for (std::uint64_t pe = 0; pe < kPes; ++pe) {
    const std::uint64_t base = kBase + (apart ? pe * bytes : 0);
    const std::uint64_t share = options.accesses / kPes + (pe < options.accesses % kPes ? 1 : 0);
    if (share == 0) continue;
    const auto add = [&]<bool kTranslates>() {
      injectors.push_back(std::make_unique<Injector<kTranslates>>(static_cast<std::uint8_t>(pe), base, bytes, share,
                                                                  options.seed, caches, interconnect));
    };
    if (translates) {
      add.template operator()<true>();
    } else {
      add.template operator()<false>();
    }
    engine.add(*injectors.back());
  }
  engine.add(interconnect);
  for (std::uint64_t line = kTables; translates && line < kTables + kTableBytes; line += arm::kLineBytes) {
    std::array<std::uint8_t, arm::kLineBytes> descriptors;
    table_line(kBase, kPes * bytes, line, descriptors);
    interconnect.poke({line}, descriptors);
  }

  std::unique_ptr<judge::Judge> judge;
  if (options.judge) {
    judge::Parameters p;
    p.agents = kPes;
    p.pes = kPes;
    p.is_device.assign(kPes, false);
    p.initial_bytes = [=](arm::PhysAddr line, std::span<std::uint8_t, 64> to) {
      std::fill(to.begin(), to.end(), 0);
      if (translates && line.value - kTables < kTableBytes) table_line(kBase, kPes * bytes, line.value, to);
    };
    for (std::uint8_t pe = 0; translates && pe < kPes; ++pe) {
      p.tables.push_back({.pe = {pe}, .agent = {pe}, .level = kRootLevel, .root = {kTables}, .walk = walk_path()});
    }
    judge = std::make_unique<judge::Judge>(std::move(p));
    engine.listen(*judge);
    event::Event mapped;  // as in every scenario, the memory is mapped Normal Write-Back
    mapped.kind = event::Kind::Live;
    mapped.address = arm::PhysAddr{kBase};
    mapped.data[0] = 64 << 20;
    mapped.aux = 1;
    judge->on_event(mapped);
    mapped.address = arm::PhysAddr{kTables};
    mapped.data[0] = kTableBytes;
    if (translates) judge->on_event(mapped);
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
