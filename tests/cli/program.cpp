// SPDX-License-Identifier: Apache-2.0
// Runs the built executable through the shell, its streams in files.
#include "program.h"

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace staleline::test {
namespace fs = std::filesystem;

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "staleline-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, const std::string& text) const {
  const auto path = fs::path(path_) / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string Folder::read(const std::string& name) const {
  std::ifstream in(fs::path(path_) / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Outcome Folder::staleline(const std::string& arguments, const std::string& input) const {
  return shell("\"$STALELINE\" " + arguments, input);
}

Outcome Folder::shell(const std::string& command, const std::string& input) const {
  write(".in", input);
  const std::string whole = "cd '" + path_ + "' && STALELINE='" STALELINE_EXECUTABLE "' && export STALELINE && { " +
                            command + "\n} < .in > .out 2> .err";
  const int status = std::system(whole.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(".out"), read(".err")};
}

}  // namespace staleline::test
