// SPDX-License-Identifier: Apache-2.0
// The public face of a PE.
#include "staleline/pe/pe.h"

#include <algorithm>
#include <utility>

#include "core.h"

namespace staleline::pe {

Pe::Pe(const Parameters& parameters, std::vector<Context> contexts, interconnect::Interconnect& interconnect,
       Board& board)
    : core_(std::make_unique<Core>(*this, parameters, std::move(contexts), interconnect, board)) {}
Pe::~Pe() = default;

Cycle Pe::next() const { return core_->next(); }
void Pe::run(Cycle until) { core_->run(until); }
Cycle Pe::run_alone(Cycle until, Cycle window) { return core_->run_alone(until, window); }
cache::PrivateCaches& Pe::caches() { return core_->caches_; }
const mmu::Mmu& Pe::mmu() const { return core_->mmu_; }
const std::vector<Faulted>& Pe::faults() const { return core_->faults_; }
const Sequencer& Pe::sequencer(std::size_t index) const { return core_->threads_.at(index).sequencer; }

std::vector<event::SourceLine> Pe::idle_placements() const { return core_->idle_placements(); }

std::optional<CodePlace> Pe::place_of(event::AgentId agent, event::SourceLine line) const {
  for (const auto& t : core_->threads_) {
    if (t.context.agent == agent) return t.sequencer.place_of(line);
  }
  return std::nullopt;
}

std::vector<Context> Pe::contexts() const {
  std::vector<Context> result;
  for (const auto& t : core_->threads_) result.push_back(t.context);
  return result;
}

std::vector<Standing> Pe::standing() const {
  std::vector<Standing> result;
  for (const auto& t : core_->threads_) {
    const Action& a = t.sequencer.action();
    const bool awaits = t.resumes_on
                            ? core_->board_.visible(*t.context.resume, *t.resumes_on) == engine::kNever
                            : a.what == Action::What::Await && core_->board_.visible(a.edge, a.value) == engine::kNever;
    result.push_back({t.context.agent, a.line, t.over || t.parked, awaits && !t.over,
                      t.parked ? Ending::CpuOff : t.sequencer.ending()});
  }
  return result;
}

Counts Pe::counts() const {
  Counts counts = core_->counts_;
  for (const auto& t : core_->threads_) counts.instructions += t.sequencer.instructions();
  return counts;
}

}  // namespace staleline::pe
