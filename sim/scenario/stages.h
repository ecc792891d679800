// SPDX-License-Identifier: Apache-2.0
// What `stage1`, `stage2` and `tables` of a view say, region by region.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "memory.h"
#include "node.h"
#include "problems.h"
#include "staleline/arm/attributes.h"
#include "staleline/arm/granule.h"

namespace staleline::scenario {

/// What a descriptor has besides attributes and an address.
struct PageOptions {
  bool writable = true, user = false, xn = false, ng = false, contiguous = false, valid = true, af = true;
  /// log2 of what one descriptor maps; 0: the largest that fits; empty: a page.
  std::optional<std::uint8_t> block{};
  friend bool operator==(const PageOptions&, const PageOptions&) = default;
};

/// One region of one stage.
struct Declared {
  arm::MemoryAttributes attributes{};
  std::optional<std::uint64_t> input{};  ///< `va` or `ipa`
  PageOptions options{};
  Mark mark{};  ///< of the mapping, or of `va` or `ipa`
  /// The first key that means something in tables only.
  struct TableKey {
    std::string_view name;
    Mark mark{};
  };
  std::optional<TableKey> table_key{};
};

/// `tables` of a stage.
struct TablesRequest {
  std::size_t region = 0;
  arm::Granule granule = arm::Granule::K4;
  std::uint16_t id = 0;  ///< ASID or VMID
  std::uint8_t bits = 0;
  std::optional<arm::MemoryAttributes> walk{};
  Mark mark{};
};

struct Stage {
  std::map<std::size_t, Declared> regions;
  std::optional<TablesRequest> tables{};
  bool fwb = false, fb = false;

  /// The innermost declaration that covers `region`, and in which region it stands; null: none.
  [[nodiscard]] const std::pair<const std::size_t, Declared>* covering(std::size_t region, const Memory& memory) const;
  /// Where `region` lies on the input side: by its own declaration or that of a region around it, else at `otherwise`.
  [[nodiscard]] std::uint64_t input_of(std::size_t region, std::uint64_t otherwise, const Memory& memory) const;
};

/// `normal-wb` or `{ attr: normal-wb, sh: ish }`, for walks.
[[nodiscard]] std::optional<arm::MemoryAttributes> read_walk(const Node& node, Problems& problems);
[[nodiscard]] Stage read_stage1(const Node& node, const Memory& memory, Problems& problems);
/// With its `tables`, `fwb` and `fb`.
[[nodiscard]] Stage read_stage2(const Node& node, const Memory& memory, Problems& problems);
/// `tables` of stage 1.
[[nodiscard]] std::optional<TablesRequest> read_tables1(const Node& node, const Memory& memory, Problems& problems);

}  // namespace staleline::scenario
