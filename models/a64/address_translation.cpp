// SPDX-License-Identifier: Apache-2.0
// The AT instructions and their names.
#include "staleline/a64/address_translation.h"

#include <algorithm>
#include <array>

namespace staleline::a64 {
namespace {

constexpr auto kAll = std::to_array<AddressTranslation>({
    {1, false, false, false},
    {1, false, true, false},
    {0, false, false, false},
    {0, false, true, false},
    {1, false, false, true},
    {1, false, true, true},
    {2, false, false, false},
    {2, false, true, false},
    {1, true, false, false},
    {1, true, true, false},
    {0, true, false, false},
    {0, true, true, false},
});
constexpr std::array<std::string_view, kAll.size()> kNames = {"s1e1r", "s1e1w", "s1e0r",  "s1e0w",  "s1e1rp", "s1e1wp",
                                                              "s1e2r", "s1e2w", "s12e1r", "s12e1w", "s12e0r", "s12e0w"};

}  // namespace

std::span<const AddressTranslation> all_address_translations() { return kAll; }

std::string_view name_of(const AddressTranslation& t) {
  const auto found = std::find(kAll.begin(), kAll.end(), t);
  return found == kAll.end() ? std::string_view{} : kNames.at(static_cast<std::size_t>(found - kAll.begin()));
}

}  // namespace staleline::a64
