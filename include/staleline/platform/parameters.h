// SPDX-License-Identifier: Apache-2.0
// Every parameter of a platform, by name, with its unit, default and meaning; and the presets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "staleline/cache/private_caches.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/mmu/mmu.h"
#include "staleline/scenario/scenario.h"

namespace staleline::platform {

struct Parameters {
  std::string preset;
  std::uint8_t cores = 2;
  std::uint32_t store_buffer_entries = 8;
  event::Cycle store_buffer_drain_cycles = 64;  ///< a store leaves at the latest after this time
  bool idc = false, dic = false;                ///< CTR_EL0.IDC, CTR_EL0.DIC
  bool fetches_out_of_order = false;  ///< quirk: what was fetched ahead may be executed after newer instructions
  bool tlbi_completes_early = false;  ///< quirk: TLB maintenance does not wait for stores through what it removes
  bool ets2 = false;                  ///< FEAT_ETS2: own stores come before own walks without context synchronisation
  bool global_monitor = false;        ///< exclusives and atomics of other memory than Write-Back do not fault
  mmu::TlbParameters tlb{};           ///< of each PE
  cache::Parameters caches{};
  interconnect::Parameters interconnect{};
};

/// One row of the parameter table: what `--set key=value`, `platform:` and `list` accept and print.
struct ParameterInfo {
  std::string_view key, unit, meaning, default_value;
};
[[nodiscard]] std::span<const ParameterInfo> parameter_table();
struct PresetInfo {
  std::string_view name, about;
};
[[nodiscard]] std::span<const PresetInfo> presets();

/// Applies preset and overrides in order; an override of `preset` replaces the preset. Throws
/// scenario::InputError with the nearest valid key.
[[nodiscard]] Parameters resolve(const scenario::PlatformRequest& request);
/// Reads a platform file: a YAML mapping of keys of the parameter table (and `preset`) to values. Throws
/// scenario::InputError for a file that cannot be read and for anything in it that resolve() would refuse.
[[nodiscard]] scenario::PlatformRequest load_platform(const std::string& path);
/// The same table read back: key and value of every parameter, in table order.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> describe(const Parameters& p);

}  // namespace staleline::platform
