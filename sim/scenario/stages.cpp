// SPDX-License-Identifier: Apache-2.0
// Reading the stages of a view.
#include "stages.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "staleline/arm/attribute_names.h"
#include "values.h"

namespace staleline::scenario {

namespace {

constexpr std::uint8_t kBlockBits[] = {1, 0, 21, 25, 29, 30};  // as kBlocks; 1 stands for a page
constexpr std::string_view kTables = "tables", kFwb = "fwb", kFb = "fb";
constexpr std::string_view kWhole = "[..]";  // says that `tables[..]` is the region of that name

void read_options(const Node& node, Declared& declared, Problems& problems) {
  PageOptions& options = declared.options;
  const auto of = [&](std::string_view key) {
    const Node* const found = node.find(key);
    if (found != nullptr && !declared.table_key) declared.table_key = {key, found->mark};
    return found;
  };
  const auto read = [&](std::string_view key, bool& value) {
    if (const Node* const found = of(key)) value = flag(*found, fmt::format("`{}`", key), problems).value_or(value);
  };
  if (const Node* const ap = of("ap"))
    options.writable = choice(*ap, "a permission", kPermissions, problems).value_or(0) == 0;
  read("user", options.user);
  read("xn", options.xn);
  read("ng", options.ng);
  read("contiguous", options.contiguous);
  read("valid", options.valid);
  read("af", options.af);
  if (const Node* const block = of("block")) {
    const auto found = choice(*block, "a size of a block", kBlocks, problems);
    if (found && *found != 0) options.block = kBlockBits[*found];
  }
}

/// `normal-wb` or `{ attr: normal-wb, sh: ish }`.
std::optional<Declared> attributes(const Node& node, Section section, Problems& problems) {
  Declared declared;
  declared.mark = node.mark;
  const Node* attr = &node;
  const Node* sh = nullptr;
  if (node.kind == Node::Kind::Map) {
    check_section(node, section, problems);
    attr = node.find("attr");
    sh = node.find("sh");
    const bool first = section == Section::Mapping1, second = section == Section::Mapping2;
    const Node* const input = first ? node.find("va") : second ? node.find("ipa") : nullptr;
    if (input != nullptr) {
      const std::string_view what = first ? "the virtual address" : "the intermediate physical address";
      const std::uint64_t most = first ? ~std::uint64_t{0} : (std::uint64_t{1} << 48) - 1;
      declared.input = number(*input, what, most, problems);
      declared.mark = input->mark;
      if (second) declared.table_key = {"ipa", input->mark};
    }
    if (first || second) read_options(node, declared, problems);
    if (attr == nullptr) return std::nullopt;
  }
  const auto name = word(*attr, "memory attributes such as `normal-wb`", problems);
  if (!name) return std::nullopt;
  const auto parsed = arm::parse_memory_attributes(*name);
  if (!parsed) {
    const auto names = arm::memory_attribute_names();
    problems.add(attr->mark, with_suggestion(fmt::format("unknown memory attributes {}", shown(*name)), *name,
                                             std::vector<std::string>(names.begin(), names.end())));
    return std::nullopt;
  }
  declared.attributes = *parsed;
  if (sh == nullptr) return declared;
  const auto found = choice(*sh, "a shareability", arm::shareability_names(), problems);
  if (!found) return std::nullopt;
  declared.attributes.shareability = *arm::parse_shareability(arm::shareability_names()[*found]);
  return declared;
}

void read_region(const Node& key, const Node& value, Section section, const Memory& memory, Problems& problems,
                 Stage& stage) {
  Node name = key;
  if (name.text.ends_with(kWhole)) name.text.resize(name.text.size() - kWhole.size());
  const auto region = name_in(name, "a region", memory.names(), problems);
  const auto declared = attributes(value, section, problems);
  if (!region || !declared) return;
  if (!stage.regions.emplace(*region, *declared).second)
    problems.add(key.mark, fmt::format("region `{}` is mapped twice in this stage", name.text));
}

std::optional<TablesRequest> read_tables(const Node& node, Section section, const Memory& memory, Problems& problems) {
  constexpr std::uint64_t kMostId = 0xffff;
  constexpr std::uint8_t kMostBits = 48;
  const bool first = section == Section::Tables1;
  const std::size_t before = problems.size();
  if (!check_section(node, section, problems)) return std::nullopt;
  TablesRequest request;
  request.mark = node.mark;
  if (const Node* const at = node.find("at")) {
    request.mark = at->mark;
    request.region = name_in(*at, "a region", memory.names(), problems).value_or(0);
  }
  if (const Node* const granule = node.find("granule"))
    request.granule = static_cast<arm::Granule>(choice(*granule, "a granule", kGranules, problems).value_or(0));
  if (const Node* const id = node.find(first ? "asid" : "vmid")) {
    const auto found = number(*id, first ? "the ASID" : "the VMID", kMostId, problems);
    request.id = static_cast<std::uint16_t>(found.value_or(0));
  }
  request.bits = first ? kMostBits : 40;
  if (const Node* const bits = node.find(first ? "va_bits" : "ipa_bits")) {
    // Below 25 bits T0SZ would need FEAT_TTST; a stage 2 that small does not reach its own tables.
    const std::uint8_t least = first ? 25 : 32;
    const auto found = number(*bits, first ? "`va_bits`" : "`ipa_bits`", kMostBits, problems);
    if (found && *found < least) {
      problems.add(bits->mark, fmt::format("{} bits are too few: at least {}, at most {}", *found, least, kMostBits));
    } else if (found) {
      request.bits = static_cast<std::uint8_t>(*found);
    }
  }
  if (const Node* const walk = node.find("walk")) request.walk = read_walk(*walk, problems);
  return problems.size() == before ? std::optional(request) : std::nullopt;
}

/// `tables`, `fwb` and `fb` may be regions too: then they have the value of one.
bool is_mapping(const Node& value) {
  if (value.kind == Node::Kind::Map) return value.find("attr") != nullptr;
  return value.kind == Node::Kind::Scalar && arm::parse_memory_attributes(value.text).has_value();
}

}  // namespace

const std::pair<const std::size_t, Declared>* Stage::covering(std::size_t region, const Memory& memory) const {
  for (std::optional<std::size_t> at = region; at; at = memory.parent(*at)) {
    if (const auto found = regions.find(*at); found != regions.end()) return &*found;
  }
  return nullptr;
}

std::uint64_t Stage::input_of(std::size_t region, std::uint64_t otherwise, const Memory& memory) const {
  const arm::PhysAddr base = memory.region(region).base;
  for (std::optional<std::size_t> at = region; at; at = memory.parent(*at)) {
    const auto found = regions.find(*at);
    if (found != regions.end() && found->second.input) return *found->second.input + (base - memory.region(*at).base);
  }
  return otherwise;
}

std::optional<arm::MemoryAttributes> read_walk(const Node& node, Problems& problems) {
  const auto found = attributes(node, Section::Walk, problems);
  return found ? std::optional(found->attributes) : std::nullopt;
}

Stage read_stage1(const Node& node, const Memory& memory, Problems& problems) {
  Stage stage;
  if (!is_map(node, "`stage1`", problems)) return stage;
  for (std::size_t i = 0; i < node.keys.size(); ++i)
    read_region(node.keys[i], node.items[i], Section::Mapping1, memory, problems, stage);
  return stage;
}

Stage read_stage2(const Node& node, const Memory& memory, Problems& problems) {
  Stage stage;
  if (!is_map(node, "`stage2`", problems)) return stage;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node &key = node.keys[i], &value = node.items[i];
    if (key.text == kTables && !is_mapping(value)) {
      stage.tables = read_tables(value, Section::Tables2, memory, problems);
    } else if (key.text == kFwb && !is_mapping(value)) {
      stage.fwb = flag(value, "`fwb`", problems).value_or(false);
    } else if (key.text == kFb && !is_mapping(value)) {
      stage.fb = flag(value, "`fb`", problems).value_or(false);
    } else {
      read_region(key, value, Section::Mapping2, memory, problems, stage);
    }
  }
  return stage;
}

std::optional<TablesRequest> read_tables1(const Node& node, const Memory& memory, Problems& problems) {
  return read_tables(node, Section::Tables1, memory, problems);
}

}  // namespace staleline::scenario
