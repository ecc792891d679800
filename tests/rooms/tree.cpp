// SPDX-License-Identifier: Apache-2.0
// Reads the checkout and the table of rooms.
#include "tree.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace rooms {
namespace fs = std::filesystem;

namespace {

const fs::path root{STALELINE_SOURCE_DIR};

// "arm" of include/staleline/arm/x.h and of models/arm/x.cpp.
std::string room_of(const fs::path& path) {
  std::vector<std::string> parts;
  for (const auto& part : path) parts.push_back(part.string());
  const std::size_t depth = parts.front() == "include" ? 2 : 1;
  const bool in_a_room = parts.front() == "include" || parts.front() == "models" || parts.front() == "sim";
  return in_a_room && parts.size() > depth + 1 ? parts[depth] : std::string{};
}

}  // namespace

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file{root / path};
  if (!file) throw std::runtime_error{"cannot read " + path.string()};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<fs::path> all_files(const std::string& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(root / folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator{root / folder})
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with("."))
      files.push_back(fs::relative(entry.path(), root));
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<SourceFile> cpp_files(const std::string& folder) {
  static const std::regex include{R"re(^\s*#\s*include\s*(["<])([^">]+)[">].*)re"};
  std::vector<SourceFile> files;
  for (const auto& path : all_files(folder)) {
    if (path.extension() != ".h" && path.extension() != ".cpp") continue;
    SourceFile file{.path = path, .room = room_of(path), .lines = lines_of(path), .includes = {}};
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (std::regex_match(file.lines[i], match, include))
        file.includes.push_back({.target = match[2], .quoted = match[1] == "\"", .line = i + 1});
    }
    files.push_back(std::move(file));
  }
  return files;
}

std::map<std::string, Room> table() {
  std::map<std::string, Room> rooms;
  std::map<std::string, std::string> partners;  // who is below, and who named it
  for (const auto& line : lines_of("tests/rooms/rooms.txt")) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words{line};
    std::string folder;
    words >> folder;
    if (!folder.ends_with(':')) throw std::runtime_error{"rooms.txt: `folder/room:` expected in: " + line};
    folder.pop_back();
    const auto name = folder.substr(folder.find('/') + 1);
    Room room{.folder = folder, .allowed = {name}};
    for (std::string word; words >> word;) {
      if (word == "*") {
        for (const auto& [above, ignored] : rooms) room.allowed.insert(above);
      } else if (word.ends_with('!')) {
        word.pop_back();
        partners[word] = name;
        room.allowed.insert(word);
      } else if (rooms.contains(word)) {
        room.allowed.insert(word);
      } else {
        throw std::runtime_error{"rooms.txt: `" + word + "` does not stand above `" + name + "`"};
      }
    }
    if (!rooms.emplace(name, room).second) throw std::runtime_error{"rooms.txt: `" + name + "` twice"};
  }
  for (const auto& [below, above] : partners)
    if (!rooms.contains(below) || !rooms.at(below).allowed.contains(above))
      throw std::runtime_error{"rooms.txt: `" + above + "` and `" + below + "` are no partners"};
  return rooms;
}

}  // namespace rooms
