// SPDX-License-Identifier: Apache-2.0
// The judge listens to memory events and reports every read that must see a write and might not.
// It knows nothing of the models; it follows may-state per line (docs/architecture.md).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "staleline/arm/descriptor.h"
#include "staleline/event/listener.h"
#include "staleline/judge/hazard.h"

namespace staleline::judge {

struct Parameters {
  std::uint16_t agents = 0;
  std::uint8_t pes = 0;
  std::uint8_t nodes = 1;            ///< copy nodes, node 0 included
  std::vector<bool> is_device;       ///< per agent: an observer outside the Inner Shareable domain
  std::vector<event::PeId> pe_of{};  ///< per agent: where it runs; empty: each on a PE of its own
  bool pou_above_poc = true;         ///< false: L1I fills see what L1D holds (CTR_EL0.IDC = 1)
  bool dic = false;                  ///< CTR_EL0.DIC = 1: L1I is coherent with the unified caches
  bool ets2 = false;  ///< FEAT_ETS2: a DSB orders own stores before own walks without context synchronisation
  /// Quirk: TLB maintenance is complete before stores through what it removes have landed; a second one waits for them.
  bool tlbi_completes_early = false;
  /// Quirk: an instruction that was fetched ahead may be executed after newer ones; TLB maintenance of all PEs ends it.
  bool fetches_out_of_order = false;
  std::uint8_t private_levels = 2;  ///< of each PE: what goes with its power
  /// Which caches there are above the Point of Coherency, as far as power goes: with false others may hold lines too.
  bool caches_of_pes_only = false;      ///< private ones
  bool caches_of_cluster_only = false;  ///< private ones and those that `.poweroff cluster` takes
  /// Guarantees of maintenance that this platform does not give (docs/spec-compliance.md, "Quirks").
  struct Quirks {
    bool clean_completes_early = false;    ///< what was cleaned once need not be in memory yet; twice, it is
    bool clean_loses_to_eviction = false;  ///< DC CVAC, CVAP and CVAU clean nothing for certain
    bool clean_leaves_dirty = false;       ///< DC CVAC, CVAP and CVAU may leave their line marked dirty
    bool maintenance_needs_dsb = false;    ///< DC by VA covers what a DSB of its PE separates it from, no more
    bool invalidate_promoted_not_forwarded = false;  ///< DC IVAC that became DC CIVAC discards all the same
  } quirks{};
  struct Forbidden {
    enum class Kind : std::uint8_t {
      Firewalled,   ///< refuses every access
      SideEffects,  ///< a device: reads and writes count
      Hole,         ///< nothing answers
      Flash,        ///< may be read and written, but knows no cache maintenance
    };
    arm::PhysAddr base{};
    std::uint64_t bytes = 0;
    Kind kind = Kind::Firewalled;
  };
  std::vector<Forbidden> forbidden{};  ///< what is no memory
  /// Tables that a PE whose MMU is on, or an SMMU that is enabled, walks from the start, where one stage is all: TLBs
  /// may hold them before any walk is seen.
  struct Tables {
    event::PeId pe{};
    std::optional<std::uint16_t> smmu{};  ///< the component of the SMMU that walks them
    event::AgentId device{};              ///< of an SMMU: whose accesses they translate
    std::uint8_t stage = 1;
    bool combined = false;  ///< of stage 2: stage 1 has a part in the entries
    std::uint16_t vmid = 0;
    event::AgentId agent{};
    std::uint8_t el = 1;
    arm::Granule granule = arm::Granule::K4;
    std::int8_t level = 0;       ///< of the root
    arm::PhysAddr root{};        ///< TTBRn_ELx.BADDR
    std::uint64_t first_va = 0;  ///< that its first descriptor maps
    std::uint16_t asid = 0;
    event::Path walk{};
    std::uint64_t mair = 0;  ///< MAIR_ELx
  };
  std::vector<Tables> tables{};
  /// A stream table entry or a context descriptor that an SMMU may read from the start, and keep.
  struct Structure {
    std::uint16_t smmu = 0;   ///< its component
    event::AgentId device{};  ///< whose accesses it is for
    arm::PhysAddr address{};
    bool stream_table = false;
    std::uint32_t stream = 0, substream = 0;
  };
  std::vector<Structure> structures{};
  /// Initial contents of memory; called once for each line that an event touches.
  std::function<void(arm::PhysAddr line, std::span<std::uint8_t, 64> bytes)> initial_bytes;
};

class Judge final : public event::Listener {
 public:
  explicit Judge(Parameters parameters);
  ~Judge() override;

  void on_event(const event::Event& e) override;
  [[nodiscard]] std::uint32_t kinds() const override { return event::kinds_before(event::Kind::Fill); }

  /// All hazards so far, ordered by (cycle, agent, line, id, address).
  [[nodiscard]] std::vector<Hazard> hazards() const;
  /// Bytes that a read had to see, that it read wrong, and that no hazard explains: 0, or either the
  /// judge or a model is defective.
  [[nodiscard]] std::uint64_t unexplained() const;
  /// True where the agent polls a value that is not the newest and that no read of it will get: SL608, unless another
  /// hazard says so of the same read already. Nothing that it does from here on can change that.
  [[nodiscard]] bool stuck(event::AgentId agent) const;

  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace staleline::judge
