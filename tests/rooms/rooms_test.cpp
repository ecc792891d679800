// SPDX-License-Identifier: Apache-2.0
// The dependency rule: who includes whom, compared with rooms.txt, and where third-party libraries may be seen.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tree.h"

namespace {

using rooms::SourceFile;

std::vector<SourceFile> room_files() {
  std::vector<SourceFile> files;
  for (const auto* folder : {"include/staleline", "models", "sim"})
    for (auto& file : rooms::cpp_files(folder)) files.push_back(std::move(file));
  return files;
}

std::string at(const SourceFile& file, const rooms::Include& include) {
  return file.path.string() + ":" + std::to_string(include.line) + " includes " + include.target;
}

bool starts_with_any(const std::string& text, std::initializer_list<const char*> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const char* prefix) { return text.starts_with(prefix); });
}

// A module file is where a model meets SystemC: <model>_module.{h,cpp} or module.{h,cpp}.
bool may_see_systemc(const SourceFile& file) {
  const auto stem = file.path.stem().string();
  return file.room == "platform" || file.room == "run" ||
         (file.path.string().starts_with("models/") && (stem == "module" || stem.ends_with("_module")));
}

}  // namespace

TEST_CASE("the table and the folders name the same rooms") {
  const auto table = rooms::table();
  std::set<std::string> expected;
  for (const auto& [name, room] : table) expected.insert(room.folder);
  std::set<std::string> found;
  for (const auto* top : {"models", "sim"})
    for (const auto& path : rooms::all_files(top))
      if (std::distance(path.begin(), path.end()) > 2) found.insert(path.parent_path().string());
  for (auto it = found.begin(); it != found.end();)  // a folder inside a room belongs to that room
    it = std::count(it->begin(), it->end(), '/') > 1 ? found.erase(it) : std::next(it);
  CHECK(found == expected);

  for (const auto& path : rooms::all_files("include/staleline")) {
    INFO(path);
    CHECK(table.contains((++(++path.begin()))->string()));
  }
}

TEST_CASE("a room includes only the rooms that the table allows") {
  const auto table = rooms::table();
  std::size_t checked = 0;
  for (const auto& file : room_files()) {
    if (!table.contains(file.room)) FAIL(file.path << " is in no room");
    for (const auto& include : file.includes) {
      if (!include.target.starts_with("staleline/")) continue;
      const auto rest = include.target.substr(std::string{"staleline/"}.size());
      const auto used = rest.substr(0, rest.find('/'));
      INFO(at(file, include));
      CHECK(table.at(file.room).allowed.contains(used));
      ++checked;
    }
  }
  CHECK(checked > 100);  // the scan finds includes at all
}

TEST_CASE("private headers stay in their room") {
  const std::filesystem::path root{STALELINE_SOURCE_DIR};
  for (const auto& file : room_files()) {
    for (const auto& include : file.includes) {
      if (!include.quoted || include.target.starts_with("staleline/")) continue;
      INFO(at(file, include));
      CHECK(include.target.find("..") == std::string::npos);
      // Beside its source, or relative to the room for a folder inside it.
      const auto folder = root / rooms::table().at(file.room).folder;
      CHECK((exists(root / file.path.parent_path() / include.target) || exists(folder / include.target)));
    }
  }
}

TEST_CASE("public headers show no third-party library") {
  for (const auto& file : rooms::cpp_files("include"))
    for (const auto& include : file.includes) {
      INFO(at(file, include));
      CHECK_FALSE(starts_with_any(include.target, {"fmt/", "yaml-cpp/", "nlohmann/", "boost/", "systemc", "tlm",
                                                   "sysc/", "catch2/", "benchmark/"}));
    }
}

TEST_CASE("SystemC stays in module files, sim/platform and sim/run") {
  for (const auto& file : room_files()) {
    if (may_see_systemc(file)) continue;
    for (const auto& include : file.includes) {
      INFO(at(file, include));
      CHECK_FALSE(starts_with_any(include.target, {"systemc", "tlm", "sysc/"}));
    }
  }
}

TEST_CASE("the architecture page knows every room") {
  std::string page;
  for (const auto& line : rooms::lines_of("docs/architecture.md")) page += line + "\n";
  for (const auto& [name, room] : rooms::table()) {
    INFO(room.folder);
    CHECK(page.find("`" + room.folder + "`") != std::string::npos);
  }
}
