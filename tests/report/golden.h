// SPDX-License-Identifier: Apache-2.0
// Compares text with a file of tests/report/golden; STALELINE_UPDATE_GOLDEN=1 rewrites the file.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace staleline::report::test {

inline std::string golden(const std::string& name, const std::string& found) {
  const std::string path = STALELINE_SOURCE_DIR "/tests/report/golden/" + name;
  if (std::getenv("STALELINE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << found;
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace staleline::report::test
