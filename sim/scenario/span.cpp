// SPDX-License-Identifier: Apache-2.0
// Reading ranges of regions.
#include "span.h"

#include <fmt/format.h>

#include <string_view>
#include <variant>

#include "staleline/a64/number.h"
#include "values.h"

namespace staleline::scenario {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// One end of a range; `otherwise` where none is written.
std::optional<std::uint64_t> bound(std::string_view text, std::uint64_t otherwise, Mark mark, Problems& problems) {
  text = trimmed(text);
  if (text.empty()) return otherwise;
  const auto parsed = a64::parse_number(text);
  if (const auto* value = std::get_if<std::uint64_t>(&parsed)) return *value;
  problems.add(mark, std::get<std::string>(parsed));
  return std::nullopt;
}

}  // namespace

std::optional<Part> region_part(const Node& node, const Memory& memory, Problems& problems) {
  const auto text = word(node, "a region or a range of one, such as `region[0..64]`", problems);
  if (!text) return std::nullopt;
  const std::string_view all = trimmed(*text);
  const std::size_t bracket = all.find('[');
  Node name = node;
  name.text = trimmed(all.substr(0, bracket));
  const auto region = name_in(name, "a region", memory.names(), problems);
  if (!region) return std::nullopt;
  Part part{static_cast<std::uint32_t>(*region), 0, memory.region(*region).bytes};
  if (bracket == std::string_view::npos) return memory.sound(*region) ? std::optional(part) : std::nullopt;

  const std::size_t dots = all.find("..", bracket);
  if (!all.ends_with(']') || dots == std::string_view::npos) {
    problems.add(node.mark,
                 fmt::format("{} is no range: expected `{}[FROM..TO]` or `{}[..]`", shown(all), name.text, name.text));
    return std::nullopt;
  }
  const auto begin = bound(all.substr(bracket + 1, dots - bracket - 1), 0, node.mark, problems);
  const auto end = bound(all.substr(dots + 2, all.size() - dots - 3), part.bytes, node.mark, problems);
  if (!begin || !end || !memory.sound(*region)) return std::nullopt;
  if (*end > part.bytes || *begin >= *end) {
    problems.add(node.mark, fmt::format("{} {}: region `{}` has {} bytes", shown(all),
                                        *end > part.bytes ? "goes past the end" : "is empty", name.text, part.bytes));
    return std::nullopt;
  }
  part.offset = *begin;
  part.bytes = *end - *begin;
  return part;
}

std::optional<Place> place_in(const Node& node, Problems& problems) {
  const auto text = word(node, "a place in another region, such as `ram+0x1000`", problems);
  if (!text) return std::nullopt;
  const std::size_t plus = text->find('+');
  Place place{std::string(trimmed(std::string_view(*text).substr(0, plus))), 0};
  if (plus == std::string::npos) return place;
  const auto offset = a64::parse_number(trimmed(std::string_view(*text).substr(plus + 1)));
  if (const auto* value = std::get_if<std::uint64_t>(&offset)) {
    place.offset = *value;
    return place;
  }
  problems.add(node.mark, std::get<std::string>(offset));
  return std::nullopt;
}

}  // namespace staleline::scenario
