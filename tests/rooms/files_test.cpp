// SPDX-License-Identifier: Apache-2.0
// The form of files: licence, a subject on top, a length that one can read.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tree.h"

namespace {

const std::vector<std::string> code_folders{"include", "models", "sim", "tests", "bench"};

bool has_licence(const std::filesystem::path& path) {
  const auto lines = rooms::lines_of(path);
  const auto top = std::min<std::size_t>(lines.size(), 3);
  return std::any_of(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(top), [](const std::string& line) {
    return line.find("SPDX-License-Identifier: Apache-2.0") != std::string::npos;
  });
}

}  // namespace

TEST_CASE("every source, script and scenario names its licence") {
  for (const auto& folder : {"include", "models", "sim", "tests", "bench", "scenarios"})
    for (const auto& path : rooms::all_files(folder)) {
      const auto extension = path.extension();
      const bool code = extension == ".h" || extension == ".cpp" || extension == ".cmake" || extension == ".sh" ||
                        extension == ".py" || path.filename() == "CMakeLists.txt";
      const bool scenario = folder == std::string{"scenarios"} && extension == ".yaml";
      if (!code && !scenario) continue;
      INFO(path);
      CHECK(has_licence(path));
    }
  for (const auto* script : {"run.sh", "test.sh", ".ci/run", ".ci/setup.sh", "CMakeLists.txt"}) {
    INFO(script);
    CHECK(has_licence(script));
  }
}

TEST_CASE("a C++ file says its subject below the licence, and a header guards itself") {
  for (const auto& folder : code_folders)
    for (const auto& file : rooms::cpp_files(folder)) {
      INFO(file.path);
      REQUIRE(file.lines.size() > 2);
      CHECK(file.lines[0] == "// SPDX-License-Identifier: Apache-2.0");
      CHECK(file.lines[1].starts_with("// "));
      if (file.path.extension() == ".h")
        CHECK(std::find(file.lines.begin(), file.lines.end(), "#pragma once") != file.lines.end());
    }
}

TEST_CASE("no C++ file is longer than 800 lines, and past 400 it asks to be split") {
  for (const auto& folder : code_folders)
    for (const auto& file : rooms::cpp_files(folder)) {
      INFO(file.path);
      CHECK(file.lines.size() <= 800);
      if (file.lines.size() > 400) WARN(file.path.string() << " has " << file.lines.size() << " lines");
    }
}

TEST_CASE("no test case has a semicolon in its name, which CTest would take for two tests") {
  for (const auto& file : rooms::cpp_files("tests"))
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      INFO(file.path << ":" << i + 1);
      const auto& line = file.lines[i];
      CHECK_FALSE((line.starts_with("TEST_CASE(") && line.substr(0, line.rfind('"')).find(';') != std::string::npos));
    }
}
