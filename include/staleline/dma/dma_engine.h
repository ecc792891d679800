// SPDX-License-Identifier: Apache-2.0
// A DMA engine that runs a device program: it waits for doorbells, moves lines through its port
// of the interconnect and reports completion.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "staleline/a64/instruction.h"
#include "staleline/engine/component.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/pe/board.h"
#include "staleline/pe/pe.h"
#include "staleline/pe/sequencer.h"
#include "staleline/smmu/smmu.h"

namespace staleline::dma {

using engine::Cycle;

struct Parameters {
  event::AgentId agent{};
  bool snoops = false;                  ///< IO-coherent: its accesses look into the coherent domain
  std::uint32_t writes_in_flight = 16;  ///< writes that may be on their way at once
};

class DmaEngine final : public engine::Component, private interconnect::IoClient {
 public:
  /// Without an SMMU: addresses are physical. `program` outlives the engine.
  DmaEngine(const Parameters& parameters, const a64::Program& program, interconnect::Interconnect& interconnect,
            pe::Board& board);
  /// Behind an SMMU: addresses are IOVAs, and the SMMU tells the accesses of `device.agent`.
  DmaEngine(const Parameters& parameters, const a64::Program& program, smmu::Smmu& smmu, const smmu::Device& device,
            pe::Board& board);

  [[nodiscard]] Cycle next() const override;
  void run(Cycle until) override;

  [[nodiscard]] pe::Standing standing() const;
  [[nodiscard]] pe::Counts counts() const;
  [[nodiscard]] const pe::Sequencer& sequencer() const { return sequencer_; }

 private:
  void completed(const interconnect::IoRequest& r, Cycle at) override;
  void tick();
  void perform();
  void access(bool write);
  void finish();
  void send();
  void emit(event::Event e);
  void emit_access(event::Kind kind, const interconnect::IoRequest& r);
  [[nodiscard]] Cycle next_issue() const;
  [[nodiscard]] event::Path path() const;

  Parameters parameters_;
  pe::Board& board_;
  bool translated_;  ///< behind an SMMU
  std::unique_ptr<interconnect::IoPort> port_;
  pe::Sequencer sequencer_;
  pe::Counts counts_{};
  Cycle now_ = 0, ready_at_ = 0;
  bool blocked_ = false;  ///< until a transfer is done
  bool loading_ = false;  ///< the program waits for the bytes of a read
  bool over_ = false;
  std::uint64_t progress_ = 0;  ///< bytes of the current access that are done
  std::array<std::uint8_t, 64> response_{};
  arm::PhysAddr response_from_{};  ///< of its first byte
  std::uint32_t writes_ = 0;       ///< on their way
};

}  // namespace staleline::dma
