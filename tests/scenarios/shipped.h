// SPDX-License-Identifier: Apache-2.0
// The shipped scenario files, and what a run of one of them found, in a form that tests compare.
#pragma once

#include <ostream>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "staleline/run/run.h"
#include "staleline/scenario/scenario.h"

namespace staleline::test {

struct Shipped {
  std::string family;  ///< its folder
  std::string id;      ///< of the catalogue, such as "C3-03"
  std::string path;
  std::string text;
  [[nodiscard]] std::string name() const { return family + "/" + id; }
  [[nodiscard]] std::string folder() const;
  /// With line `line` (from 1) replaced.
  [[nodiscard]] scenario::Document document() const { return scenario::Document::parse(path, text, folder()); }
  [[nodiscard]] scenario::Document document(std::uint32_t line, const std::string& replacement) const;
  [[nodiscard]] std::string line(std::uint32_t number) const;
  /// True where a run takes long: a whole firmware image, byte by byte.
  [[nodiscard]] bool big() const { return id == "C1-02"; }
};

/// All files below scenarios/, by path.
[[nodiscard]] const std::vector<Shipped>& shipped();

/// What has to be the same for every schedule: id and reader. Notes are not hazards.
struct Found {
  judge::HazardId id{};
  std::uint16_t agent = 0;
  std::uint32_t line = 0;
  friend auto operator<=>(const Found&, const Found&) = default;
};
std::ostream& operator<<(std::ostream& out, const Found& f);
using FoundSet = std::set<Found>;
[[nodiscard]] FoundSet found_in(const run::Result& result);

/// True for `bug`, whose runs are expected to fail under --strict.
[[nodiscard]] bool is_bug(const std::string& variant);

}  // namespace staleline::test
