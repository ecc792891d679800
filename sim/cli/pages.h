// SPDX-License-Identifier: Apache-2.0
// The pages of docs/hazards, part of the program since it was built.
#pragma once

#include <span>
#include <string_view>

namespace staleline::cli {

struct Page {
  std::string_view id, text;  ///< "SL101" and the page
};
std::span<const Page> hazard_pages();

}  // namespace staleline::cli
