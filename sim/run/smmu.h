// SPDX-License-Identifier: Apache-2.0
// SMMUs and the devices before and behind them, from a scenario.
#pragma once

#include <memory>
#include <vector>

#include "staleline/dma/dma_engine.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/pe/board.h"
#include "staleline/pe/pe.h"
#include "staleline/scenario/scenario.h"
#include "staleline/smmu/smmu.h"

namespace staleline::run {

/// In the order of Scenario::smmus, set up as firmware left them.
[[nodiscard]] std::vector<std::unique_ptr<smmu::Smmu>> make_smmus(const scenario::Scenario& s,
                                                                  interconnect::Interconnect& interconnect,
                                                                  pe::Board& board);

/// What drivers ring: the registers of every SMMU.
[[nodiscard]] std::vector<pe::Doorbell> doorbells(const scenario::Scenario& s);

/// Every device, in the order of the agents, behind its SMMU where it has one.
[[nodiscard]] std::vector<std::unique_ptr<dma::DmaEngine>> make_devices(
    const scenario::Scenario& s, const std::vector<std::unique_ptr<smmu::Smmu>>& smmus,
    interconnect::Interconnect& interconnect, pe::Board& board);

}  // namespace staleline::run
