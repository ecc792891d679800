// SPDX-License-Identifier: Apache-2.0
// A processing element: issues the programs of its agents in order, one at a time, through a store
// buffer and its private caches.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "staleline/a64/instruction.h"
#include "staleline/arm/system_registers.h"
#include "staleline/cache/private_caches.h"
#include "staleline/engine/component.h"
#include "staleline/mmu/mmu.h"
#include "staleline/mmu/translator.h"
#include "staleline/pe/board.h"
#include "staleline/pe/guest.h"
#include "staleline/pe/sequencer.h"

namespace staleline::pe {

/// One agent that runs on this PE. What it points at outlives the PE.
struct Context {
  event::AgentId agent{};
  const a64::Program* program = nullptr;
  const mmu::Translator* translator = nullptr;
  mmu::Controls controls{};  ///< at cycle 0, of SCTLR_ELx of its Exception level
  std::uint8_t el = 1;       ///< the Exception level that it runs at
  /// True: what `registers` point to is walked. `translator` then only says where speculation may go at first.
  bool tables = false;
  std::vector<std::pair<arm::SystemRegister, std::uint64_t>> registers{};  ///< at cycle 0; others as after reset
  /// Where a stage 2 fault goes to a hypervisor: sent, and then the program waits for the next send of `resume`, after
  /// which the access is made again.
  std::optional<event::EdgeId> abort{}, resume{};
  Until until{};                            ///< of a fetched program, as the following
  InstructionObserver* observer = nullptr;  ///< may be null
  std::vector<arm::VirtAddr> nops{};        ///< instructions that are executed as NOP
  /// Its PE is off until a PSCI call turns it on, which is a send of this edge.
  std::optional<event::EdgeId> power_on{};
  bool begins_on_resume = false;  ///< a fetched program waits for the first send of `resume`
};

/// A step of copies that some schedule takes at this point; it carries no intent and no order.
struct Placement {
  enum class What : std::uint8_t { Fill, Evict, InstructionFill, Drain, TlbFill } what = What::Fill;
  event::AgentId after_agent{};
  event::SourceLine after_line{};  ///< after this line of that agent, which Board watches; 0: at the start
  bool same_pe = true;             ///< the agent runs on this PE: no message is needed
  arm::PhysAddr address{};
  std::uint64_t bytes = 0;
  event::AgentId by{};  ///< TlbFill: in whose context
  arm::VirtAddr va{};   ///< TlbFill: of what
  bool optional = false;
  event::SourceLine line{};
};

/// Random legal fills and evictions.
struct Adversary {
  double per_kilocycle = 0;  ///< 0: none
  std::uint64_t seed = 1;
  struct Range {
    arm::PhysAddr base{};
    std::uint64_t bytes = 0;
  };
  std::vector<Range> ranges;  ///< where it acts, if speculation may reach that
};

/// Registers of a device: each store that reaches them is a send of `edge`, of Mechanism::Doorbell.
struct Doorbell {
  arm::PhysAddr base{};
  std::uint64_t bytes = 0;
  event::EdgeId edge{};
};

struct Parameters {
  event::PeId pe{};
  std::vector<Doorbell> doorbells{};
  std::uint32_t store_buffer_entries = 8;
  Cycle store_buffer_drain_cycles = 64;
  std::uint64_t ctr_el0 = 0;
  cache::Parameters caches{};
  mmu::TlbParameters tlb{};
  bool tlbi_completes_early = false;  ///< quirk: TLB maintenance does not wait for stores through what it removes
  bool ets2 = false;                  ///< FEAT_ETS2: walks come after the own stores before them
  bool global_monitor = false;        ///< exclusives and atomics of other memory than Write-Back do not fault
  bool tells_undivided = false;       ///< maintenance says where no DSB lies between it and a store to its line
  bool at_once =
      true;  ///< what most accesses are takes a short way; where false, all is done step by step, to the same
  std::vector<Placement> placements;
  Adversary adversary{};
  std::vector<mmu::Reach> always_live;  ///< cacheable mappings that no agent of this PE owns
  bool announces_always_live = false;   ///< this PE emits their Live events
};

/// An access that could not be made; it ended its program.
struct Faulted {
  event::AgentId agent{};
  event::SourceLine line{};
  arm::VirtAddr address{};
  mmu::Fault fault{};
  std::uint8_t stage = 1;
  std::int8_t level = 0;  ///< of a walk
};

struct Counts {
  std::uint64_t instructions = 0, loads = 0, stores = 0, maintenance = 0, barriers = 0;
};

/// Where an agent stands, for reports.
struct Standing {
  event::AgentId agent{};
  event::SourceLine line{};  ///< of its current instruction
  bool ended = false;
  bool awaits = false;  ///< in `.await`, and the send has not been posted
  Ending ending = Ending::None;
};

class Pe final : public engine::Component {
 public:
  Pe(const Parameters& parameters, std::vector<Context> contexts, interconnect::Interconnect& interconnect,
     Board& board);
  ~Pe() override;
  Pe(const Pe&) = delete;
  Pe& operator=(const Pe&) = delete;

  [[nodiscard]] Cycle next() const override;
  void run(Cycle until) override;
  Cycle run_alone(Cycle until, Cycle window) override;

  [[nodiscard]] cache::PrivateCaches& caches();
  [[nodiscard]] const mmu::Mmu& mmu() const;
  [[nodiscard]] std::vector<Standing> standing() const;
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] const std::vector<Faulted>& faults() const;
  /// Placements that found nothing to evict though they are not optional, and those never reached.
  [[nodiscard]] std::vector<event::SourceLine> idle_placements() const;
  /// Of the context number `index`: `.expect` failures and registers.
  [[nodiscard]] const Sequencer& sequencer(std::size_t index) const;
  [[nodiscard]] std::vector<Context> contexts() const;
  /// The instruction of a fetched program that stands for `line` in events; empty for other programs.
  [[nodiscard]] std::optional<CodePlace> place_of(event::AgentId agent, event::SourceLine line) const;

  class Core;

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace staleline::pe
