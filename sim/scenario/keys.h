// SPDX-License-Identifier: Apache-2.0
// Every key that a scenario may have, in one table: the loader checks by it, the JSON Schema is
// made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace staleline::scenario {

/// A mapping with fixed keys.
enum class Section : std::uint8_t {
  Document,
  Region,
  Init,
  View,
  Mapping1,  ///< of a region in stage 1
  Mapping2,  ///< of a region in stage 2
  Tables1,
  Tables2,
  Walk,
  Agent,
  Smmu,
  Placed,
  Variant,
  Hazard,
  Redundant,
};
inline constexpr std::size_t kSections = 15;

/// What a value looks like.
enum class Shape : std::uint8_t {
  One,           ///< the number 1
  ScenarioName,  ///< letters, digits, - _ . /
  Name,          ///< of something that the file declares
  Text,
  Number,
  Flag,        ///< on, off
  Byte,        ///< a number up to 255 or a list of them
  Place,       ///< region or region+offset
  CodePlace,   ///< a number or a Place
  RegionPart,  ///< region, region[a..b], region[..]
  Point,       ///< agent or agent.label
  Attributes,
  Shareability,
  RegionKind,
  Granule,
  Permission,
  Block,
  Split,
  ExceptionLevel,
  Held,
  DeviceKind,
  Placement,
  HazardName,
  Verdict,
  Platform,   ///< a preset, or a mapping of parameters
  Programs,   ///< name: block text
  Regions,    ///< name: Region
  Views,      ///< name: View
  Registers,  ///< x0 to x30, sp, or a system register: Number
  Agents,     ///< name: Agent
  Smmus,      ///< name: Smmu
  Variants,   ///< name: Variant
  Mappings1,  ///< name: attributes or Mapping1
  Mappings2,  ///< name: attributes or Mapping2; also Tables2 and a flag
  Tables1,
  WalkAttributes,  ///< attributes or Walk
  Inits,           ///< list of Init
  Schedule,        ///< list of Placed
  Hazards,         ///< list of Hazard
  Redundants,      ///< list of Redundant
};

struct Key {
  std::string_view name;
  Shape shape;
  bool required;
  std::string_view about;
};

[[nodiscard]] std::span<const Key> keys_of(Section section);
/// How messages call a mapping of this section: "a region".
[[nodiscard]] std::string_view name_of(Section section);

inline constexpr std::string_view kHeld[] = {"clean", "dirty"};
inline constexpr std::string_view kDeviceKinds[] = {"non-coherent", "io-coherent"};
inline constexpr std::string_view kPlacements[] = {"fill", "evict", "ifill", "drain", "tlbfill"};
inline constexpr std::string_view kRegionKinds[] = {
    "ram", "device", "firewalled", "flash", "pl011", "gicv2-distributor", "gicv2-cpu-interface"};
inline constexpr std::string_view kGranules[] = {"4k", "16k", "64k"};
inline constexpr std::string_view kPermissions[] = {"rw", "ro"};
inline constexpr std::string_view kBlocks[] = {"page", "auto", "2m", "32m", "512m", "1g"};
inline constexpr std::string_view kSplits[] = {"6", "8", "10"};
inline constexpr std::string_view kExceptionLevels[] = {"1", "2"};
inline constexpr std::string_view kVerdicts[] = {"latent", "observed"};

}  // namespace staleline::scenario
