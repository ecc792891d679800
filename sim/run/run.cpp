// SPDX-License-Identifier: Apache-2.0
// One run from a scenario to its result.
#include "staleline/run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "initial.h"
#include "machine.h"
#include "outcome.h"
#include "residency.h"
#include "simulation.h"
#include "staleline/arm/descriptor.h"
#include "staleline/arm/stage1.h"
#include "staleline/judge/judge.h"
#include "staleline/mmu/translator.h"
#include "structures.h"
#include "timeline.h"

namespace staleline::run {

namespace {

// Windows between two looks at limits, and between two waits of the SystemC process.
constexpr int kBatch = 256;

// Cycles that a guest's PE may go on for alone, most of them waiting: one look at limits, and one delivery of events.
constexpr event::Cycle kMostAhead = 64 * 1024;

/// What the PE of an agent walks from the start.
void add_tables(judge::Parameters& j, const scenario::Scenario& s, event::AgentId agent) {
  using R = arm::SystemRegister;
  const scenario::Agent& a = s.agents[agent.value];
  if (a.kind != scenario::Agent::Kind::Program || !s.views.at(a.view).tables) return;
  const auto value = [&](R r) {
    for (const auto& [number, bits] : s.views[a.view].registers)
      if (number == r) return bits;
    return std::uint64_t{0};
  };
  const bool el2 = a.el == 2;
  const std::uint64_t sctlr = value(el2 ? R::SCTLR_EL2 : R::SCTLR_EL1), tcr = value(el2 ? R::TCR_EL2 : R::TCR_EL1);
  const bool two_halves = !el2 || (value(R::HCR_EL2) >> 34 & 1) != 0;
  if ((sctlr & 1) == 0 || (!el2 && (value(R::HCR_EL2) & 1) != 0)) return;
  const auto ttbr0 = value(el2 ? R::TTBR0_EL2 : R::TTBR0_EL1), ttbr1 = value(el2 ? R::TTBR1_EL2 : R::TTBR1_EL1);
  const auto field = [tcr](unsigned at) { return static_cast<std::uint8_t>(tcr >> at & 3); };
  for (const bool upper : {false, true}) {
    if (upper && !two_halves) break;
    if (two_halves && (tcr >> (upper ? 23 : 7) & 1) != 0) continue;  // EPDn
    const unsigned bits = 64 - static_cast<unsigned>(tcr >> (upper ? 16 : 0) & 0x3f);
    const std::uint8_t tg = field(upper ? 30 : 14);
    const auto granule = tg == (upper ? 3 : 1)   ? arm::Granule::K64
                         : tg == (upper ? 1 : 2) ? arm::Granule::K16
                                                 : arm::Granule::K4;
    const unsigned at = upper ? 24 : 8;
    j.tables.push_back(
        {.pe = event::PeId{a.core},
         .agent = agent,
         .el = a.el,
         .granule = granule,
         .level = static_cast<std::int8_t>(arm::start_level(granule, bits)),
         .root = arm::PhysAddr{(upper ? ttbr1 : ttbr0) & 0x0000'ffff'ffff'fffe},
         .first_va = upper ? ~std::uint64_t{0} << bits : 0,
         .asid = static_cast<std::uint16_t>((tcr >> 22 & 1) != 0 && two_halves ? ttbr1 >> 48 : ttbr0 >> 48),
         .walk =
             mmu::path_of(arm::walk_attributes(field(at), field(at + 2), field(at + 4), (sctlr >> 2 & 1) != 0).taken()),
         .mair = value(el2 ? R::MAIR_EL2 : R::MAIR_EL1)});
  }
}

judge::Parameters judge_parameters(const scenario::Scenario& s, const platform::Parameters& p,
                                   const InitialMemory& memory) {
  judge::Parameters j;
  j.agents = static_cast<std::uint16_t>(s.agents.size());
  j.pes = p.cores;
  for (const auto& a : s.agents) {
    const bool program = a.kind == scenario::Agent::Kind::Program;
    j.is_device.push_back(!program);
    j.pe_of.push_back(program ? event::PeId{a.core} : event::kNoPe);
  }
  j.pou_above_poc = !p.idc && !p.dic;
  j.dic = p.dic;
  j.ets2 = p.ets2;
  j.tlbi_completes_early = p.tlbi_completes_early;
  j.fetches_out_of_order = p.fetches_out_of_order;
  j.private_levels = p.caches.l2.bytes != 0 ? 2 : 1;
  j.caches_of_pes_only = j.caches_of_cluster_only = true;
  for (const auto& level : p.interconnect.shared) {
    if (level.below_poc) continue;
    j.caches_of_pes_only = false;
    if (level.name != event::CacheRef::Level::Shared) j.caches_of_cluster_only = false;
  }
  for (const auto& r : s.regions) {
    using From = scenario::Region::Kind;
    using To = judge::Parameters::Forbidden::Kind;
    if (r.kind == From::Ram) continue;
    const To kind = r.kind == From::Flash ? To::Flash : r.kind == From::Firewalled ? To::Firewalled : To::SideEffects;
    j.forbidden.push_back({r.base, r.bytes, kind});
  }
  for (std::uint16_t i = 0; i < s.agents.size(); ++i) add_tables(j, s, event::AgentId{i});
  add_structures(j, s, p.cores, memory);
  const auto& quirks = p.interconnect.quirks;
  j.quirks = {.clean_completes_early = quirks.clean_completes_early,
              .clean_loses_to_eviction = quirks.clean_loses_to_eviction,
              .clean_leaves_dirty = quirks.clean_leaves_dirty,
              .maintenance_needs_dsb = quirks.maintenance_needs_dsb,
              .invalidate_promoted_not_forwarded = quirks.invalidate_promoted_not_forwarded};
  j.initial_bytes = [&memory](arm::PhysAddr line, std::span<std::uint8_t, 64> bytes) { memory.read(line, bytes); };
  return j;
}

class Run {
 public:
  Run(const scenario::Scenario& s, const Options& options, Result& result)
      : scenario_(s),
        options_(options),
        result_(result),
        owned_(std::make_shared<Machine>(s, platform::resolve(s.platform), options)),
        machine_(*owned_) {}

  void go() {
    const Initial before = initial(scenario_);
    load(before, machine_);
    judge::Judge judge(judge_parameters(scenario_, machine_.parameters(), before.memory));
    const bool private_l2 = machine_.parameters().caches.l2.bytes != 0;
    const auto outermost = private_l2 ? event::CacheRef::Level::L2 : event::CacheRef::Level::L1D;
    judge_ = &judge;
    Residency residency(private_l2 ? "shared L3" : "shared L2");
    Timeline timeline(scenario_);
    for (const auto& h : before.held) {
      const auto core = scenario_.agents.at(h.holder.value).core;
      residency.preloaded({outermost, event::PeId{core}}, h.line, h.dirty);
    }
    // A user's listener hears the same as the judge, from the first event on.
    std::vector<event::Listener*> listeners;
    if (options_.judge) listeners = {&judge, &residency, &timeline};
    listeners.insert(listeners.end(), options_.listeners.begin(), options_.listeners.end());
    for (auto* l : listeners) machine_.engine().listen(*l);
    for (const auto& e : before.events) {
      if (options_.judge) judge.on_event(e);
      for (auto* l : options_.listeners) l->on_event(e);
    }

    if (std::any_of(scenario_.agents.begin(), scenario_.agents.end(),
                    [](const scenario::Agent& a) { return a.program.fetched; })) {
      machine_.engine().run_ahead(kMostAhead);
    }
    if (options_.max_cycles != engine::kNever) machine_.engine().stop_before(options_.max_cycles + 1);
    simulate([this] { return advance(); });
    machine_.engine().deliver();

    if (const auto bytes = judge.unexplained(); bytes != 0) {
      throw std::logic_error(fmt::format("{} bytes were read wrong and no hazard explains it", bytes));
    }
    match_hazards(judge.hazards(), residency, result_);
    collect_failures(machine_, result_);
    result_.timeline = timeline.moments();
    result_.guests = machine_.guests();
    if (!result_.guests.empty()) {
      result_.place_of = [machine = owned_](event::AgentId agent, event::SourceLine line) {
        return machine->place_of(agent, line);
      };
    }
    count(residency.counts(), options_.judge ? machine_.engine().last_deed() : last_window_);
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
      if (end != engine::kNever) last_window_ = end;
      if (options_.enough != nullptr && *options_.enough) return engine::kNever;
      if (end == engine::kNever) break;
      if (end > options_.max_cycles) {
        return stop(Limit::Cycles,
                    fmt::format("stopped after {} cycles; later accesses were not run", options_.max_cycles));
      }
    }
    const auto standing = machine_.standing();
    if (never_ends(standing) || guests_over(standing)) return engine::kNever;
    if (deadlocked(standing)) return stop(Limit::Deadlock, deadlock_text(scenario_, standing));
    if (end == engine::kNever &&
        !std::all_of(standing.begin(), standing.end(), [](const pe::Standing& one) { return one.ended; })) {
      throw std::logic_error("the platform came to rest before its programs ended");
    }
    return end;
  }

  // Every agent that has not ended polls for ever, or waits for one that does: the hazards say so.
  bool never_ends(const std::vector<pe::Standing>& standing) const {
    bool some = false;
    for (const pe::Standing& one : standing) {
      const bool stuck = judge_->stuck(one.agent);
      some |= stuck;
      if (!one.ended && !one.awaits && !stuck) return false;
    }
    return some;
  }

  // All that is left are hypervisors that wait for guests that are over.
  bool guests_over(const std::vector<pe::Standing>& standing) const {
    bool some = false;
    for (const pe::Standing& one : standing) {
      const scenario::Agent& a = scenario_.agents[one.agent.value];
      some |= a.program.fetched;
      if (!one.ended && !(one.awaits && a.el == 2 && !a.program.fetched)) return false;
    }
    return some;
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
  std::shared_ptr<Machine> owned_;  // a result may go on asking what a guest's instructions are
  Machine& machine_;
  const judge::Judge* judge_ = nullptr;
  event::Cycle last_window_ = 0;
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
