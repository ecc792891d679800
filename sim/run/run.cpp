// SPDX-License-Identifier: Apache-2.0
// One run from a scenario to its result.
#include "staleline/run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "initial.h"
#include "machine.h"
#include "outcome.h"
#include "residency.h"
#include "simulation.h"
#include "staleline/judge/judge.h"
#include "timeline.h"

namespace staleline::run {

namespace {

// Windows between two looks at limits, and between two waits of the SystemC process.
constexpr int kBatch = 256;

// The last cycle in which an agent did something; copies may move long after.
class LastDeed final : public event::Listener {
 public:
  void on_event(const event::Event& e) override {
    if (e.kind < event::Kind::Live) cycle = std::max(cycle, e.cycle);
  }
  event::Cycle cycle = 0;
};

judge::Parameters judge_parameters(const scenario::Scenario& s, const platform::Parameters& p,
                                   const InitialMemory& memory) {
  judge::Parameters j;
  j.agents = static_cast<std::uint16_t>(s.agents.size());
  j.pes = p.cores;
  for (const auto& a : s.agents) j.is_device.push_back(a.kind != scenario::Agent::Kind::Program);
  j.pou_above_poc = !p.idc && !p.dic;
  j.dic = p.dic;
  j.ets2 = p.ets2;
  j.private_levels = p.caches.l2.bytes != 0 ? 2 : 1;
  for (const auto& r : s.regions) {
    using From = scenario::Region::Kind;
    using To = judge::Parameters::Forbidden::Kind;
    if (r.kind == From::Ram) continue;
    const To kind = r.kind == From::Device ? To::SideEffects : r.kind == From::Flash ? To::Flash : To::Firewalled;
    j.forbidden.push_back({r.base, r.bytes, kind});
  }
  j.initial_bytes = [&memory](arm::PhysAddr line, std::span<std::uint8_t, 64> bytes) { memory.read(line, bytes); };
  return j;
}

class Run {
 public:
  Run(const scenario::Scenario& s, const Options& options, Result& result)
      : scenario_(s), options_(options), result_(result), machine_(s, platform::resolve(s.platform), options) {}

  void go() {
    const Initial before = initial(scenario_);
    load(before, machine_);
    judge::Judge judge(judge_parameters(scenario_, machine_.parameters(), before.memory));
    const bool private_l2 = machine_.parameters().caches.l2.bytes != 0;
    const auto outermost = private_l2 ? event::CacheRef::Level::L2 : event::CacheRef::Level::L1D;
    Residency residency(private_l2 ? "shared L3" : "shared L2");
    Timeline timeline(scenario_);
    LastDeed last;
    for (const auto& h : before.held) {
      const auto core = scenario_.agents.at(h.holder.value).core;
      residency.preloaded({outermost, event::PeId{core}}, h.line, h.dirty);
    }
    // A user's listener hears the same as the judge, from the first event on.
    std::vector<event::Listener*> listeners{&judge, &residency, &timeline, &last};
    listeners.insert(listeners.end(), options_.listeners.begin(), options_.listeners.end());
    for (auto* l : listeners) machine_.engine().listen(*l);
    for (const auto& e : before.events) {
      judge.on_event(e);
      for (auto* l : options_.listeners) l->on_event(e);
    }

    simulate([this] { return advance(); });
    machine_.engine().deliver();

    if (const auto bytes = judge.unexplained(); bytes != 0) {
      throw std::logic_error(fmt::format("{} bytes were read wrong and no hazard explains it", bytes));
    }
    match_hazards(judge.hazards(), residency, result_);
    collect_failures(machine_, result_);
    result_.timeline = timeline.moments();
    count(residency.counts(), last.cycle);
  }

 private:
  // A batch of windows; kNever where the run is over.
  event::Cycle advance() {
    event::Cycle end = 0;
    for (int i = 0; i < kBatch; ++i) {
      if (options_.interrupted != nullptr && options_.interrupted->load(std::memory_order_relaxed)) {
        return stop(Limit::Interrupted, fmt::format("interrupted at cycle {}; later accesses were not run", end));
      }
      end = machine_.engine().run_window();
      if (end == engine::kNever) break;
      if (end > options_.max_cycles) {
        return stop(Limit::Cycles,
                    fmt::format("stopped after {} cycles; later accesses were not run", options_.max_cycles));
      }
    }
    const auto standing = machine_.standing();
    if (deadlocked(standing)) return stop(Limit::Deadlock, deadlock_text(scenario_, standing));
    if (end == engine::kNever &&
        !std::all_of(standing.begin(), standing.end(), [](const pe::Standing& one) { return one.ended; })) {
      throw std::logic_error("the platform came to rest before its programs ended");
    }
    return end;
  }

  event::Cycle stop(Limit limit, std::string text) {
    result_.limit = limit;
    result_.limit_text = std::move(text);
    return engine::kNever;
  }

  void count(const CopyCounts& copies, event::Cycle last) {
    Statistics& t = result_.statistics;
    t.cycles = last;
    const auto add = [&t](const pe::Counts& c) {
      t.instructions += c.instructions;
      t.loads += c.loads;
      t.stores += c.stores;
      t.maintenance += c.maintenance;
      t.barriers += c.barriers;
    };
    for (const auto& pe : machine_.pes()) add(pe->counts());
    for (const auto& device : machine_.devices()) add(device->counts());
    t.fills = copies.fills;
    t.write_backs = copies.write_backs;
    const auto& interconnect = machine_.interconnect().counters();
    t.memory_reads = interconnect.memory_reads;
    t.memory_writes = interconnect.memory_writes;
    t.snoops = interconnect.snoops;
  }

  const scenario::Scenario& scenario_;
  const Options& options_;
  Result& result_;
  Machine machine_;
};

}  // namespace

Result run(const scenario::Scenario& s, const Options& options) {
  Result result;
  result.scenario = &s;
  result.options = options;
  Run(s, options, result).go();
  return result;
}

}  // namespace staleline::run
