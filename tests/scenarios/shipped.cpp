// SPDX-License-Identifier: Apache-2.0
// Finding and reading the shipped scenario files.
#include "shipped.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace staleline::test {

namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::vector<Shipped> read_all() {
  std::vector<Shipped> all;
  const std::filesystem::path root = std::filesystem::path(STALELINE_SOURCE_DIR) / "scenarios";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string stem = entry.path().stem().string();
    const auto id_end = stem.find('-', stem.find('-') + 1);
    all.push_back({entry.path().parent_path().filename().string(), stem.substr(0, id_end), entry.path().string(),
                   contents(entry.path())});
  }
  std::sort(all.begin(), all.end(), [](const Shipped& a, const Shipped& b) { return a.path < b.path; });
  return all;
}

/// Where line `number` (from 1) begins and ends, without its newline.
std::pair<std::size_t, std::size_t> bounds_of(const std::string& text, std::uint32_t number) {
  std::size_t begin = 0;
  for (std::uint32_t n = 1; n < number; ++n) begin = text.find('\n', begin) + 1;
  return {begin, std::min(text.find('\n', begin), text.size())};
}

}  // namespace

std::string Shipped::folder() const { return std::filesystem::path(path).parent_path().string(); }

std::string Shipped::line(std::uint32_t number) const {
  const auto [begin, end] = bounds_of(text, number);
  return text.substr(begin, end - begin);
}

scenario::Document Shipped::document(std::uint32_t number, const std::string& replacement) const {
  const auto [begin, end] = bounds_of(text, number);
  return scenario::Document::parse(path, std::string(text).replace(begin, end - begin, replacement), folder());
}

const std::vector<Shipped>& shipped() {
  static const std::vector<Shipped> all = read_all();
  return all;
}

std::ostream& operator<<(std::ostream& out, const Found& f) {
  return out << judge::spelled(f.id) << " agent " << f.agent << " line " << f.line;
}

FoundSet found_in(const run::Result& result) {
  FoundSet found;
  for (const auto& f : result.hazards) {
    if (f.hazard.verdict == judge::Verdict::Note) continue;
    found.insert({f.hazard.id, f.hazard.agent.value, f.hazard.line.value});
  }
  return found;
}

bool is_bug(const std::string& variant) { return variant.starts_with("bug"); }

}  // namespace staleline::test
