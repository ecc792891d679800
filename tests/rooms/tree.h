// SPDX-License-Identifier: Apache-2.0
// The checkout as the tests of its structure see it: source files with their lines and includes, and the table of
// rooms.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rooms {

struct Include {
  std::string target;  // as written, without the delimiters
  bool quoted{};
  std::size_t line{};
};

struct SourceFile {
  std::filesystem::path path;  // relative to the checkout
  std::string room;            // "arm" of models/arm/, sim/... and include/staleline/arm/; empty elsewhere
  std::vector<std::string> lines;
  std::vector<Include> includes;
};

// Every C++ file under `folder` of the checkout, in the order of their paths.
std::vector<SourceFile> cpp_files(const std::string& folder);

// Every file under `folder` that is not hidden, in the order of their paths.
std::vector<std::filesystem::path> all_files(const std::string& folder);

std::vector<std::string> lines_of(const std::filesystem::path& path);

struct Room {
  std::string folder;             // "models/arm"
  std::set<std::string> allowed;  // rooms that it may include, itself among them
};

// rooms.txt, checked while it is read: each room uses rooms above it only, or a named partner.
std::map<std::string, Room> table();

}  // namespace rooms
