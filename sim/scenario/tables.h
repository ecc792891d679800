// SPDX-License-Identifier: Apache-2.0
// Translation tables of views: descriptors in memory and the registers that point to them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "descriptors.h"
#include "memory.h"
#include "problems.h"
#include "stages.h"
#include "staleline/scenario/scenario.h"
#include "table_tree.h"

namespace staleline::scenario {

/// The tables of one view, for programs that name descriptors.
struct ViewTables {
  struct Tree {
    TableTree tree;
    std::size_t region = 0;  ///< that it lies in
  };
  std::vector<Tree> stage1;  ///< of TTBR0, then TTBR1, where there is one
  std::optional<Tree> stage2;
  arm::Granule granule1 = arm::Granule::K4, granule2 = arm::Granule::K4;
  AttributeIndex attributes;
  bool fwb = false;
  std::optional<std::uint16_t> asid{}, vmid{};
};

/// The stages of a view as they count: what is left out is filled in.
struct Stages {
  Stage stage1, stage2;
  bool has_stage2 = false;
};

/// Where the tables of all views of a variant lie.
class TableSpace {
 public:
  explicit TableSpace(const Memory& memory) : memory_(memory) {}

  /// Builds the tables that `stages` asks for and sets `view.registers`. The regions that both stages map: those of
  /// `stages`. Empty where something is wrong, which is reported, and where there are no tables.
  [[nodiscard]] std::optional<ViewTables> build(View& view, const Stages& stages, Problems& problems);

  /// The contents of all tables built so far.
  [[nodiscard]] std::vector<Init> take_init() { return std::move(init_); }

 private:
  [[nodiscard]] std::optional<TableTree> begin(const TablesRequest& request, int first_level, std::uint64_t first_input,
                                               const View& view, Problems& problems);
  [[nodiscard]] bool count(const TableTree& tree, const TablesRequest& request, const View& view, Problems& problems);
  [[nodiscard]] bool place(const TableTree& tree, const TablesRequest& request, const View& view, Problems& problems);
  [[nodiscard]] bool build_stage1(const View& view, const Stages& stages, ViewTables& out, Problems& problems);
  [[nodiscard]] bool build_stage2(const View& view, const Stages& stages, ViewTables& out, Problems& problems);

  const Memory& memory_;
  std::map<std::size_t, std::uint64_t> used_;  ///< bytes of a region
  std::uint64_t descriptors_ = 0, bytes_ = 0;
  std::vector<Init> init_;
};

/// Where stage 1 has to point for a region: its intermediate physical address.
[[nodiscard]] std::uint64_t output_of_stage1(const Stages& stages, std::size_t region, const Memory& memory);

}  // namespace staleline::scenario
