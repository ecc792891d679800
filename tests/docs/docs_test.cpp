// SPDX-License-Identifier: Apache-2.0
// Runs the examples of the documentation: whole scenarios must run, broken ones must say what the page says.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "program.h"

using namespace staleline::test;
namespace fs = std::filesystem;

namespace {

struct Block {
  std::string where, info, text;
};

/// The fenced blocks of a page, in order.
std::vector<Block> blocks(const fs::path& page) {
  std::vector<Block> out;
  std::ifstream in(page);
  std::size_t number = 0;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) out.push_back({page.filename().string() + ":" + std::to_string(number), line.substr(3), ""});
    } else if (inside) {
      out.back().text += line + "\n";
    }
  }
  return out;
}

std::vector<fs::path> pages() {
  std::vector<fs::path> out;
  for (const auto& e : fs::recursive_directory_iterator(STALELINE_SOURCE_DIR "/docs"))
    if (e.path().extension() == ".md") out.push_back(e.path());
  out.emplace_back(STALELINE_SOURCE_DIR "/README.md");
  std::sort(out.begin(), out.end());
  return out;
}

std::string trimmed(std::string s) {
  while (!s.empty() && s.back() == '\n') s.pop_back();
  return s;
}

}  // namespace

TEST_CASE("every whole scenario in the documentation runs as it declares") {
  const Folder here;
  std::size_t count = 0;
  for (const auto& page : pages())
    for (const auto& b : blocks(page)) {
      if (b.info != "yaml" || !b.text.starts_with("schema: 1")) continue;
      ++count;
      const auto found = here.staleline("run -", b.text);
      INFO(b.where << "\n" << found.out << found.err);
      CHECK(found.code == 0);
    }
  CHECK(count >= 7);  // the hazard pages at least
}

TEST_CASE("every broken scenario in the documentation gives the error that is printed below it") {
  const Folder here;
  for (const auto& page : pages()) {
    const auto all = blocks(page);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].info != "yaml broken") continue;
      INFO(all[i].where);
      REQUIRE(i + 1 < all.size());
      REQUIRE(all[i + 1].info == "text");
      const auto found = here.staleline("run -", all[i].text);
      CHECK(found.code == 2);
      CHECK(found.out.empty());
      CHECK_THAT(found.err, Catch::Contains(trimmed(all[i + 1].text)));
    }
  }
}

TEST_CASE("every command that the documentation shows exists with its options") {
  // Blocks fenced as `console`: lines that start with `$ staleline` must name a command and known options.
  const Folder here;
  for (const auto& page : pages())
    for (const auto& b : blocks(page)) {
      if (b.info != "console") continue;
      std::istringstream in(b.text);
      for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("$ staleline ")) continue;
        std::istringstream words(line.substr(12));
        std::string command, word;
        words >> command;
        const auto help = here.staleline(command.starts_with("--") ? "--help" : command + " --help");
        INFO(b.where << ": " << line);
        CHECK(help.code == 0);
        if (command.starts_with("--")) CHECK_THAT(help.out, Catch::Contains(command));
        while (words >> word && word != "|" && word != ">")
          if (word.starts_with("--")) CHECK_THAT(help.out, Catch::Contains(word.substr(0, word.find('='))));
      }
    }
}
