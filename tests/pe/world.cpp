// SPDX-License-Identifier: Apache-2.0
// The small platform of these tests.
#include "world.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace staleline::test {

namespace {

class Names final : public a64::Symbols {
 public:
  explicit Names(bool is_device) : device_(is_device) {}
  std::optional<Region> region(std::string_view name) const override {
    // `m0` to `m9`: pages of 4 KiB.
    if (name.size() != 2 || name[0] != 'm') return std::nullopt;
    const auto index = static_cast<std::uint32_t>(name[1] - '0');
    return Region{index, {std::uint64_t{index} * 0x1000}, 0x1000, nullptr, true};
  }
  std::vector<std::string> region_names() const override { return {}; }
  const std::vector<std::uint8_t>* payload() const override { return nullptr; }
  Resolved publish(std::string_view name) const override { return edge(name, event::Mechanism::Flag); }
  Resolved await(std::string_view agent, std::string_view name) const override {
    if (agent == "hand") return edge(name, event::Mechanism::Handoff);
    if (agent == "bell") return edge(name, event::Mechanism::Doorbell);
    return edge(name, event::Mechanism::Flag);
  }
  Resolved handoff(std::string_view agent) const override { return edge(agent, event::Mechanism::Handoff); }
  Resolved doorbell(std::string_view name) const override { return edge(name, event::Mechanism::Doorbell); }
  Resolved complete() const override { return edge("complete", event::Mechanism::Completion); }
  bool device() const override { return device_; }

 private:
  static Resolved edge(std::string_view name, event::Mechanism m) {
    // Edges `a` to `y`; `complete` is `z`.
    const char letter = name == "complete" ? 'z' : name[0];
    return Edge{event::EdgeId{static_cast<std::uint16_t>(letter - 'a')}, m};
  }
  bool device_;
};

}  // namespace

a64::Program assemble(const std::string& text, bool device) {
  a64::SourceText source;
  std::istringstream in(text);
  std::uint32_t number = 0;
  for (std::string line; std::getline(in, line);) source.lines.push_back({++number, 1, line});
  auto assembled = a64::assemble(source, Names(device));
  for (const auto& p : assembled.problems) FAIL(p.line << ":" << p.column << ": " << p.message);
  return std::move(assembled.program);
}

arm::MemoryAttributes attributes(arm::MemoryClass c) {
  arm::MemoryAttributes a;
  a.shareability = arm::Shareability::InnerShareable;
  if (arm::is_device(c)) {
    a.device = static_cast<arm::DeviceType>(c);
    return a;
  }
  a.type = arm::MemoryType::Normal;
  a.inner.cacheability = a.outer.cacheability =
      static_cast<arm::Cacheability>(static_cast<int>(c) - static_cast<int>(arm::MemoryClass::NormalNC));
  a.inner.read_allocate = a.outer.read_allocate = a.inner.write_allocate = a.outer.write_allocate =
      arm::is_cacheable(c);
  return a;
}

World::World(const Setup& setup) {
  std::vector<mmu::DeclaredMapping> mappings;
  for (const auto& [range, c] : setup.memory) {
    mappings.push_back({{range.first}, {range.first}, range.second, attributes(c), {}});
  }
  view_ = std::make_unique<mmu::DeclaredMappings>(std::move(mappings), attributes(arm::MemoryClass::NormalWB));
  interconnect_ = std::make_unique<interconnect::Interconnect>(setup.interconnect);
  board_ = std::make_unique<pe::Board>(setup.agents.size(), 26, interconnect_->lookahead());

  std::size_t cores = 1;
  for (const auto& a : setup.agents) {
    programs_.push_back(assemble(a.program, a.device));
    if (a.fetched) {
      programs_.back().fetched = true;
      programs_.back().code = {*a.fetched};
    }
    cores = std::max<std::size_t>(cores, a.core + 1U);
  }
  for (std::size_t core = 0; core < cores; ++core) {
    std::vector<pe::Context> contexts;
    for (std::size_t i = 0; i < setup.agents.size(); ++i) {
      const auto& a = setup.agents[i];
      if (a.device || a.core != core) continue;
      places_[i] = {core, contexts.size()};
      contexts.push_back({event::AgentId{static_cast<std::uint16_t>(i)}, &programs_[i], view_.get(), a.controls, a.el,
                          a.tables, a.registers, a.abort, a.resume, a.until, a.observer, a.nops, a.power_on});
    }
    pe::Parameters parameters;
    parameters.pe = event::PeId{static_cast<std::uint8_t>(core)};
    parameters.store_buffer_entries = setup.store_buffer_entries;
    parameters.store_buffer_drain_cycles = setup.drain_cycles;
    parameters.tlb = setup.tlb;
    parameters.global_monitor = setup.global_monitor;
    parameters.at_once = setup.at_once;
    parameters.tlbi_completes_early = setup.tlbi_completes_early;
    parameters.caches.l1i = parameters.caches.l1d = {2 * 1024, 2, 2};
    parameters.adversary = {setup.adversary, setup.seed, {{{0}, 0x1000}, {{0x1000}, 0x1000}}};
    if (core == 0) parameters.placements = setup.placements;
    for (const auto& placement : parameters.placements) board_->watch(placement.after_agent, placement.after_line);
    pes_.push_back(std::make_unique<pe::Pe>(parameters, std::move(contexts), *interconnect_, *board_));
    engine_.add(*pes_.back());
  }
  for (std::size_t i = 0; i < setup.agents.size(); ++i) {
    const auto& a = setup.agents[i];
    if (!a.device) continue;
    places_[i] = {cores + devices_.size(), 0};
    const dma::Parameters d{event::AgentId{static_cast<std::uint16_t>(i)}, a.snoops};
    devices_.push_back(std::make_unique<dma::DmaEngine>(d, programs_[i], *interconnect_, *board_));
    engine_.add(*devices_.back());
  }
  if (setup.hole) {
    hole_ = std::make_unique<interconnect::Hole>(*interconnect_, arm::PhysAddr{*setup.hole}, 0x1000,
                                                 interconnect::Hole::Reply::ExternalAbort);
    engine_.add(*hole_);
  }
  engine_.add(*interconnect_);
  engine_.configure(setup.window == 0 ? interconnect_->lookahead() : setup.window, setup.reverse);
  engine_.run_ahead(setup.ahead);
}

void World::run() {
  engine_.listen(recorder);
  for (int windows = 0; engine_.run_window() != engine::kNever; ++windows) REQUIRE(windows < 2'000'000);
  REQUIRE(board_->all_ended() != engine::kNever);
}

std::uint64_t World::x(std::size_t agent, std::size_t number) const {
  const auto [core, index] = places_.at(agent);
  const auto& sequencer = core < pes_.size() ? pes_[core]->sequencer(index) : devices_[core - pes_.size()]->sequencer();
  return sequencer.registers().x.at(number);
}

std::vector<event::Event> World::of(event::Kind kind) const {
  std::vector<event::Event> result;
  for (const auto& e : recorder.events) {
    if (e.kind == kind) result.push_back(e);
  }
  return result;
}

std::uint64_t World::memory(std::uint64_t address, std::size_t bytes) const {
  std::array<std::uint8_t, 8> data{};
  interconnect_->peek({address}, std::span(data).first(bytes));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{data[i]} << (8 * i);
  return value;
}

void World::poke(std::uint64_t address, std::uint64_t value) {
  std::array<std::uint8_t, 8> data{};
  for (std::size_t i = 0; i < 8; ++i) data[i] = static_cast<std::uint8_t>(value >> (8 * i));
  interconnect_->poke({address}, data);
}

void World::poke_words(std::uint64_t address, const std::vector<std::uint32_t>& words) {
  std::array<std::uint8_t, 4> data{};
  for (std::size_t n = 0; n < words.size(); ++n) {
    for (std::size_t i = 0; i < 4; ++i) data[i] = static_cast<std::uint8_t>(words[n] >> (8 * i));
    interconnect_->poke({address + 4 * n}, data);
  }
}

}  // namespace staleline::test
