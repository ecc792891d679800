// SPDX-License-Identifier: Apache-2.0
// Runs the built executable as a user would, in a folder of its own.
#pragma once

#include <string>

namespace staleline::test {

struct Outcome {
  int code = -1;  ///< -1 if it did not exit by itself
  std::string out, err;
};

/// A temporary folder; it goes with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Writes a file, with the folders that its name needs.
  void write(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::string read(const std::string& name) const;
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Runs `staleline ARGUMENTS` here, the shell splits them; `input` is its standard input.
  [[nodiscard]] Outcome staleline(const std::string& arguments, const std::string& input = "") const;
  /// Runs a shell command here; `$STALELINE` is the executable.
  [[nodiscard]] Outcome shell(const std::string& command, const std::string& input = "") const;

 private:
  std::string path_;
};

}  // namespace staleline::test
