// SPDX-License-Identifier: Apache-2.0
// The regions of a scenario: where they lie, which lies in which, and their payloads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node.h"
#include "payload.h"
#include "problems.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

class Memory {
 public:
  /// Reads `memory:`, and from `smmu` (null: none) the registers of each SMMU, a region of its name. Regions with
  /// mistakes stay known by name, so that these are reported once.
  Memory(const Node& node, const Node* smmu, const PayloadFiles& payloads, Problems& problems);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<Region>& regions() const { return regions_; }
  [[nodiscard]] const Region& region(std::size_t index) const { return regions_.at(index); }
  /// False where the region has a mistake: its base and size mean nothing.
  [[nodiscard]] bool sound(std::size_t index) const { return sound_.at(index); }
  /// True for the registers of an SMMU.
  [[nodiscard]] bool registers(std::size_t index) const { return index >= first_smmu_; }
  /// The innermost region around this one.
  [[nodiscard]] std::optional<std::size_t> parent(std::size_t index) const { return parents_.at(index); }
  /// Null where the region has none.
  [[nodiscard]] const std::vector<std::uint8_t>* payload(std::size_t index) const;
  /// The payload of the only region that has one; null where none or several have.
  [[nodiscard]] const std::vector<std::uint8_t>* only_payload() const;

 private:
  void read(const Node& key, const Node& node, const PayloadFiles& payloads, Problems& problems);
  void read_smmu(const Node& key, const Node& node, Problems& problems);
  void place(Problems& problems);
  void check_overlaps(Problems& problems);

  struct Pending {
    std::optional<std::string> inside;  ///< of `at`
    std::uint64_t offset = 0;
    Mark mark{};  ///< of `base` or `at`
    Mark name{};
  };
  std::size_t first_smmu_ = 0;
  std::vector<std::string> names_;
  std::vector<Region> regions_;
  std::vector<bool> sound_;
  std::vector<std::optional<std::size_t>> parents_;
  std::vector<std::optional<std::vector<std::uint8_t>>> payloads_;
  std::vector<Pending> pending_;
};

}  // namespace staleline::scenario
