// SPDX-License-Identifier: Apache-2.0
// A few PEs on a small platform, each with a program in assembler text, and the events that they make.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "staleline/a64/assembler.h"
#include "staleline/dma/dma_engine.h"
#include "staleline/engine/engine.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/interconnect/registers.h"
#include "staleline/mmu/declared_mappings.h"
#include "staleline/pe/pe.h"

namespace staleline::test {

/// Keeps everything it hears.
class Recorder final : public event::Listener {
 public:
  void on_event(const event::Event& e) override { events.push_back(e); }
  [[nodiscard]] bool wants_copy_events() const override { return copies; }
  std::vector<event::Event> events;
  bool copies = false;
};

/// Assembles a program whose edges are named by `.publish NAME` and `.await any.NAME`.
[[nodiscard]] a64::Program assemble(const std::string& text, bool device = false);

[[nodiscard]] arm::MemoryAttributes attributes(arm::MemoryClass c);

struct Setup {
  struct Agent {
    std::string program;
    std::uint8_t core = 0;
    mmu::Controls controls{};
    bool device = false, snoops = false;
    std::uint8_t el = 1;
    bool tables = false;
    std::vector<std::pair<arm::SystemRegister, std::uint64_t>> registers{};
    std::optional<event::EdgeId> abort{}, resume{};
    // Where the code is that is fetched; `program` is empty then.
    std::optional<std::uint64_t> fetched{};
    pe::Until until{};
    pe::InstructionObserver* observer = nullptr;
    std::vector<arm::VirtAddr> nops{};
    std::optional<event::EdgeId> power_on{};
  };
  std::vector<Agent> agents;
  /// Address ranges by memory class, identity mapped for all agents; the rest faults.
  std::vector<std::pair<std::pair<std::uint64_t, std::uint64_t>, arm::MemoryClass>> memory{
      {{0, 0x1'0000}, arm::MemoryClass::NormalWB}};
  std::uint32_t store_buffer_entries = 8;
  event::Cycle drain_cycles = 64;
  event::Cycle window = 0;
  bool reverse = false;
  double adversary = 0;
  std::uint64_t seed = 1;
  std::vector<pe::Placement> placements;  ///< on core 0
  mmu::TlbParameters tlb{};
  bool global_monitor = false, tlbi_completes_early = false;
  std::optional<std::uint64_t> hole{};  ///< 4 KiB whose every access fails
  event::Cycle ahead = 0;               ///< Engine::run_ahead
  bool at_once = true;
  interconnect::Parameters interconnect{.shared = {{{16 * 1024, 4, 4}, event::CacheRef::Level::Shared, false}}};
};

class World {
 public:
  explicit World(const Setup& setup);
  /// Runs to the end; fails the test if that does not come.
  void run();

  [[nodiscard]] std::uint64_t x(std::size_t agent, std::size_t number) const;
  [[nodiscard]] std::vector<event::Event> of(event::Kind kind) const;
  [[nodiscard]] std::uint64_t memory(std::uint64_t address, std::size_t bytes) const;
  void poke(std::uint64_t address, std::uint64_t value);
  void poke_words(std::uint64_t address, const std::vector<std::uint32_t>& words);
  [[nodiscard]] const pe::Pe& pe(std::size_t core) const { return *pes_[core]; }
  [[nodiscard]] pe::Pe& pe(std::size_t core) { return *pes_[core]; }
  [[nodiscard]] std::size_t cores() const { return pes_.size(); }
  [[nodiscard]] interconnect::Interconnect& interconnect() { return *interconnect_; }

  Recorder recorder;

 private:
  std::deque<a64::Program> programs_;
  std::unique_ptr<mmu::DeclaredMappings> view_;
  std::unique_ptr<interconnect::Interconnect> interconnect_;
  std::unique_ptr<interconnect::Hole> hole_;
  std::unique_ptr<pe::Board> board_;
  std::vector<std::unique_ptr<pe::Pe>> pes_;
  std::vector<std::unique_ptr<dma::DmaEngine>> devices_;
  std::map<std::size_t, std::pair<std::size_t, std::size_t>> places_;  // agent: core, index there
  engine::Engine engine_;
};

}  // namespace staleline::test
