// SPDX-License-Identifier: Apache-2.0
// A scenario's platform, assembled: PEs with their agents, DMA engines, the interconnect.
#pragma once

#include <memory>
#include <vector>

#include "staleline/dma/dma_engine.h"
#include "staleline/engine/engine.h"
#include "staleline/gic/gic.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/mmu/declared_mappings.h"
#include "staleline/pe/board.h"
#include "staleline/pe/pe.h"
#include "staleline/platform/parameters.h"
#include "staleline/run/run.h"
#include "staleline/smmu/smmu.h"
#include "staleline/uart/uart.h"

namespace staleline::run {

class Machine {
 public:
  /// Throws scenario::InputError where an agent names a core that the platform does not have.
  Machine(const scenario::Scenario& s, platform::Parameters parameters, const Options& options);

  /// Where an agent stands: its line, whether it ended, whether it waits for a send.
  [[nodiscard]] std::vector<pe::Standing> standing() const;
  [[nodiscard]] const pe::Sequencer& sequencer(event::AgentId agent) const;
  [[nodiscard]] pe::Pe& pe_of(event::AgentId agent) { return *pes_.at(scenario_.agents.at(agent.value).core); }

  [[nodiscard]] std::optional<pe::CodePlace> place_of(event::AgentId agent, event::SourceLine line) const;
  [[nodiscard]] std::vector<GuestEnd> guests() const;

  [[nodiscard]] engine::Engine& engine() { return engine_; }
  [[nodiscard]] interconnect::Interconnect& interconnect() { return *interconnect_; }
  [[nodiscard]] const std::vector<std::unique_ptr<pe::Pe>>& pes() const { return pes_; }
  [[nodiscard]] const std::vector<std::unique_ptr<dma::DmaEngine>>& devices() const { return devices_; }
  [[nodiscard]] const pe::Board& board() const { return board_; }
  [[nodiscard]] const platform::Parameters& parameters() const { return parameters_; }

 private:
  void make_views();
  void make_targets(const Options& options);
  void make_pe(std::uint8_t core, const Options& options);
  [[nodiscard]] std::vector<pe::Placement> placements_of(std::uint8_t core);
  [[nodiscard]] pe::Adversary adversary(const Options& options) const;

  const scenario::Scenario& scenario_;
  platform::Parameters parameters_;
  std::unique_ptr<interconnect::Interconnect> interconnect_;
  pe::Board board_;
  std::vector<std::unique_ptr<mmu::DeclaredMappings>> views_;
  std::vector<std::unique_ptr<pe::Pe>> pes_;
  std::unique_ptr<gic::Gic> gic_;
  std::vector<std::unique_ptr<uart::Uart>> uarts_;
  std::uint32_t wire_changes_ = 0;
  std::vector<std::unique_ptr<smmu::Smmu>> smmus_;
  std::vector<std::unique_ptr<dma::DmaEngine>> devices_;
  engine::Engine engine_;
};

}  // namespace staleline::run
