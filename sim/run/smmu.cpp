// SPDX-License-Identifier: Apache-2.0
// Who stands behind which SMMU.
#include "smmu.h"

#include "staleline/arm/smmu_registers.h"

namespace staleline::run {

std::vector<std::unique_ptr<smmu::Smmu>> make_smmus(const scenario::Scenario& s,
                                                    interconnect::Interconnect& interconnect, pe::Board& board) {
  std::vector<std::unique_ptr<smmu::Smmu>> result;
  for (const scenario::Smmu& declared : s.smmus) {
    smmu::Parameters p;
    p.agent = declared.agent;
    p.base = s.regions.at(declared.region).base;
    p.coherent = declared.coherent;
    p.broadcast = declared.broadcast;
    p.link_cycles = interconnect.lookahead();
    p.doorbell = declared.doorbell;
    p.sync = declared.sync;
    p.record = declared.record;
    result.push_back(std::make_unique<smmu::Smmu>(p, interconnect, board));
    for (const auto& [offset, value] : declared.registers) {
      const auto* row = arm::smmu::find_register(offset);
      result.back()->preset(offset, row == nullptr ? std::uint8_t{4} : row->bytes, value);
    }
  }
  return result;
}

std::vector<pe::Doorbell> doorbells(const scenario::Scenario& s) {
  std::vector<pe::Doorbell> result;
  for (const scenario::Smmu& smmu : s.smmus) {
    result.push_back({s.regions.at(smmu.region).base, arm::smmu::kRegisterBytes, smmu.doorbell});
  }
  return result;
}

std::vector<std::unique_ptr<dma::DmaEngine>> make_devices(const scenario::Scenario& s,
                                                          const std::vector<std::unique_ptr<smmu::Smmu>>& smmus,
                                                          interconnect::Interconnect& interconnect, pe::Board& board) {
  std::vector<std::unique_ptr<dma::DmaEngine>> result;
  for (std::uint16_t i = 0; i < s.agents.size(); ++i) {
    const scenario::Agent& a = s.agents[i];
    if (a.kind != scenario::Agent::Kind::Device) continue;
    const dma::Parameters p{event::AgentId{i}, a.snoops};
    if (!a.smmu) {
      result.push_back(std::make_unique<dma::DmaEngine>(p, a.program, interconnect, board));
      continue;
    }
    const smmu::Device device{
        .agent = p.agent, .stream_id = a.stream, .substream_id = a.substream, .coherent = a.snoops};
    result.push_back(std::make_unique<dma::DmaEngine>(p, a.program, *smmus.at(*a.smmu), device, board));
  }
  return result;
}

}  // namespace staleline::run
