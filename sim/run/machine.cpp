// SPDX-License-Identifier: Apache-2.0
// From a scenario to components.
#include "machine.h"

#include <fmt/format.h>

#include <algorithm>

#include "smmu.h"

namespace staleline::run {

namespace {

using scenario::Agent;

// CTR_EL0 (DDI 0487 D17.2.34): 64-byte lines, exclusives granule and write-back granule.
std::uint64_t ctr_el0(const platform::Parameters& p) {
  constexpr std::uint64_t kLineWords = 4;  // log2 of 16 words
  return 1U << 31 | (p.dic ? 1U << 29 : 0U) | (p.idc ? 1U << 28 : 0U) | kLineWords << 24 | kLineWords << 20 |
         kLineWords << 16 | (p.caches.vipt ? 2U : 3U) << 14 | kLineWords;
}

// The SPI of the first PL011, as on QEMU's `virt`; further ones have those after it.
constexpr gic::IntId kUartInterrupt = gic::kFirstSpi + 1;

mmu::Controls controls_of(const scenario::View& v) { return {v.m, v.c, v.i, v.dc}; }

/// Whether a program waits for the edge: without one there is nobody to take a fault to.
bool awaited(const scenario::Scenario& s, std::optional<event::EdgeId> edge) {
  return edge && std::any_of(s.agents.begin(), s.agents.end(), [&](const Agent& a) {
           return std::any_of(a.program.directives.begin(), a.program.directives.end(), [&](const a64::Directive& d) {
             return d.kind == a64::Directive::Kind::Await && d.edge == *edge;
           });
         });
}

}  // namespace

Machine::Machine(const scenario::Scenario& s, platform::Parameters parameters, const Options& options)
    : scenario_(s),
      parameters_(std::move(parameters)),
      interconnect_(std::make_unique<interconnect::Interconnect>(parameters_.interconnect)),
      board_(s.agents.size(), s.edges.size(), interconnect_->lookahead()) {
  std::vector<scenario::Diagnostic> problems;
  for (const auto& a : s.agents) {
    if (a.kind != Agent::Kind::Program || a.core < parameters_.cores) continue;
    problems.push_back({s.file, std::max(a.line.value, 1U), 1,
                        fmt::format("agent `{}` runs on core {}, but platform {} has {} (cores 0 to {})", a.name,
                                    a.core, parameters_.preset, parameters_.cores, parameters_.cores - 1)});
  }
  if (!problems.empty()) throw scenario::InputError(std::move(problems));

  parameters_.caches.seed += options.seed - 1;
  make_views();
  for (std::uint8_t core = 0; core < parameters_.cores; ++core) make_pe(core, options);
  make_targets(options);
  smmus_ = make_smmus(s, *interconnect_, board_);
  devices_ = make_devices(s, smmus_, *interconnect_, board_);

  for (const auto& pe : pes_) engine_.add(*pe);
  for (const auto& device : devices_) engine_.add(*device);
  for (const auto& smmu : smmus_) engine_.add(*smmu);
  if (gic_) engine_.add(*gic_);
  for (const auto& uart : uarts_) engine_.add(*uart);
  engine_.add(*interconnect_);
  const auto largest = interconnect_->lookahead();
  engine_.configure(options.window == 0 ? largest : std::min(options.window, largest), options.reverse_agents);
}

void Machine::make_views() {
  for (const auto& v : scenario_.views) {
    std::vector<mmu::DeclaredMapping> mappings;
    for (const auto& m : v.mappings) {
      const auto& region = scenario_.regions.at(m.region);
      mappings.push_back({m.va, region.base, region.bytes, m.stage1, m.stage2, m.held});
    }
    views_.push_back(std::make_unique<mmu::DeclaredMappings>(std::move(mappings), v.walk));
  }
}

void Machine::make_pe(std::uint8_t core, const Options& options) {
  pe::Parameters p;
  p.pe = event::PeId{core};
  p.store_buffer_entries = parameters_.store_buffer_entries;
  p.store_buffer_drain_cycles = parameters_.store_buffer_drain_cycles;
  p.ctr_el0 = ctr_el0(parameters_);
  p.caches = parameters_.caches;
  p.tlb = parameters_.tlb;
  p.ets2 = parameters_.ets2;
  p.tlbi_completes_early = parameters_.tlbi_completes_early;
  p.global_monitor = parameters_.global_monitor;
  p.tells_undivided = parameters_.interconnect.quirks.maintenance_needs_dsb;
  p.placements = placements_of(core);
  p.adversary = adversary(options);
  p.doorbells = doorbells(scenario_);
  for (std::size_t v = 0; v < scenario_.views.size(); ++v) {
    if (!scenario_.views[v].always_live) continue;
    const auto reach = views_[v]->reach({true, true, true});
    p.always_live.insert(p.always_live.end(), reach.begin(), reach.end());
  }
  p.always_live = mmu::merged(std::move(p.always_live));
  p.announces_always_live = core == 0;

  std::vector<pe::Context> contexts;
  for (std::uint16_t i = 0; i < scenario_.agents.size(); ++i) {
    const Agent& a = scenario_.agents[i];
    if (a.kind != Agent::Kind::Program || a.core != core) continue;
    const scenario::View& v = scenario_.views.at(a.view);
    contexts.push_back({event::AgentId{i}, &a.program, views_.at(a.view).get(), controls_of(v), a.el, v.tables,
                        v.registers, awaited(scenario_, a.abort) ? a.abort : std::nullopt});
    pe::Context& context = contexts.back();
    context.registers.insert(context.registers.end(), a.registers.begin(), a.registers.end());
    if (a.program.fetched) {
      context.until = a.start ? options.started : options.until;
      context.observer = a.start ? nullptr : options.observer;
      context.power_on = a.start;
      context.nops = options.nops;
    }
    const auto handoff = std::find_if(scenario_.edges.begin(), scenario_.edges.end(),
                                      [&a](const scenario::Edge& e) { return e.name == "handoff " + a.name; });
    if (handoff != scenario_.edges.end()) {
      const auto index = handoff - scenario_.edges.begin();
      contexts.back().begins_on_resume = a.program.fetched;
      contexts.back().resume = event::EdgeId{static_cast<std::uint16_t>(index)};
    }
  }
  pes_.push_back(std::make_unique<pe::Pe>(p, std::move(contexts), *interconnect_, board_));
}

// Registers of devices that are modelled. What they ask of PEs by interrupts goes no further than the GIC.
void Machine::make_targets(const Options& options) {
  using Kind = scenario::Region::Kind;
  const auto base_of = [this](Kind kind) -> std::optional<arm::PhysAddr> {
    for (const auto& r : scenario_.regions)
      if (r.kind == kind) return r.base;
    return std::nullopt;
  };
  const auto distributor = base_of(Kind::GicDistributor), interfaces = base_of(Kind::GicCpuInterface);
  if (distributor && interfaces) {
    gic_ = std::make_unique<gic::Gic>(
        gic::Parameters{*distributor, *interfaces, std::min<unsigned>(parameters_.cores, 8), 288}, *interconnect_,
        [](unsigned, gic::Pending, engine::Cycle) {});
  }
  for (const auto& r : scenario_.regions) {
    if (r.kind != Kind::Pl011) continue;
    const gic::IntId id = kUartInterrupt + static_cast<gic::IntId>(uarts_.size());
    uart::Uart::Outputs outputs;
    if (options.console) outputs.sent = [&options](std::uint8_t byte, engine::Cycle) { options.console(byte); };
    outputs.interrupt = [this, id, at = uarts_.size()](bool level, engine::Cycle now) {
      if (gic_) gic_->set_line(now + interconnect_->lookahead(), uarts_[at]->id(), wire_changes_++, 0, id, level);
    };
    uarts_.push_back(std::make_unique<uart::Uart>(*interconnect_, r.base, std::move(outputs)));
  }
}

std::vector<pe::Placement> Machine::placements_of(std::uint8_t core) {
  std::vector<pe::Placement> result;
  for (const auto& placed : scenario_.schedule) {
    const Agent& by = scenario_.agents.at(placed.by.value);
    if (by.kind != Agent::Kind::Program || by.core != core) continue;
    const Agent& after = scenario_.agents.at(placed.after_agent.value);
    pe::Placement p;
    switch (placed.what) {
      case scenario::Placed::What::Fill:
        p.what = pe::Placement::What::Fill;
        break;
      case scenario::Placed::What::Evict:
        p.what = pe::Placement::What::Evict;
        break;
      case scenario::Placed::What::InstructionFill:
        p.what = pe::Placement::What::InstructionFill;
        break;
      case scenario::Placed::What::Drain:
        p.what = pe::Placement::What::Drain;
        break;
      case scenario::Placed::What::TlbFill:
        p.what = pe::Placement::What::TlbFill;
        p.by = placed.by;
        p.va = placed.va;
        break;
    }
    p.after_agent = placed.after_agent;
    p.after_line = placed.after_line;
    p.same_pe = after.kind == Agent::Kind::Program && after.core == core;
    if (p.what != pe::Placement::What::Drain) {
      p.address = scenario_.regions.at(placed.region).base + placed.offset;
      p.bytes = placed.bytes;
    }
    p.optional = placed.optional;
    p.line = placed.line;
    if (p.after_line.value != 0) board_.watch(p.after_agent, p.after_line);
    result.push_back(p);
  }
  return result;
}

// Small regions as a whole, of large ones the first page: there the programs are.
pe::Adversary Machine::adversary(const Options& options) const {
  constexpr std::uint64_t kLarge = 1024 * 1024, kPage = 4096;
  pe::Adversary a;
  a.per_kilocycle = options.adversary.value_or(0);
  a.seed = options.seed;
  for (const auto& r : scenario_.regions) a.ranges.push_back({r.base, r.bytes > kLarge ? kPage : r.bytes});
  return a;
}

std::vector<pe::Standing> Machine::standing() const {
  std::vector<pe::Standing> result;
  for (const auto& pe : pes_) {
    const auto some = pe->standing();
    result.insert(result.end(), some.begin(), some.end());
  }
  for (const auto& device : devices_) result.push_back(device->standing());
  for (const auto& smmu : smmus_) result.push_back(smmu->standing());
  std::sort(result.begin(), result.end(),
            [](const pe::Standing& a, const pe::Standing& b) { return a.agent < b.agent; });
  return result;
}

std::optional<pe::CodePlace> Machine::place_of(event::AgentId agent, event::SourceLine line) const {
  const scenario::Agent& a = scenario_.agents.at(agent.value);
  if (!a.program.fetched || line.value == 0) return std::nullopt;
  return pes_.at(a.core)->place_of(agent, line);
}

std::vector<GuestEnd> Machine::guests() const {
  std::vector<GuestEnd> result;
  for (const pe::Standing& s : standing()) {
    if (!scenario_.agents.at(s.agent.value).program.fetched) continue;
    const pe::Sequencer& program = sequencer(s.agent);
    result.push_back({s.agent, program.address(), program.instructions(), s.ending});
  }
  return result;
}

const pe::Sequencer& Machine::sequencer(event::AgentId agent) const {
  for (const auto& pe : pes_) {
    const auto contexts = pe->contexts();
    for (std::size_t i = 0; i < contexts.size(); ++i) {
      if (contexts[i].agent == agent) return pe->sequencer(i);
    }
  }
  const auto device =
      std::find_if(devices_.begin(), devices_.end(), [&](const auto& d) { return d->standing().agent == agent; });
  return (*device)->sequencer();
}

}  // namespace staleline::run
