// SPDX-License-Identifier: Apache-2.0
// Reading payload files.
#include "payload.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "values.h"

namespace staleline::scenario {

std::optional<std::vector<std::uint8_t>> read_payload(const Node& node, const PayloadFiles& files, std::uint64_t most,
                                                      Problems& problems) {
  const auto name = word(node, "the name of a payload file", problems);
  if (!name) return std::nullopt;
  const auto fail = [&](const std::string& why) {
    problems.add(node.mark, fmt::format("payload file {}: {}", shown(*name), why));
    return std::nullopt;
  };
  const auto too_large = [&](std::uint64_t bytes) {
    return fail(fmt::format("has {} bytes, more than the region, which has {}", bytes, most));
  };
  if (const auto known = files.contents.find(*name); known != files.contents.end()) {
    if (known->second.size() > most) return too_large(known->second.size());
    return known->second;
  }
  const std::filesystem::path path = files.folder / *name;
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return fail("no such file");
  if (status.type() == std::filesystem::file_type::directory) return fail("is a directory");
  // A pipe or a device might block, or never end.
  if (status.type() != std::filesystem::file_type::regular) return fail("expected a regular file that can be read");
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  if (error) return fail(error.message());
  if (bytes == 0) return fail("is empty");
  if (bytes > most) return too_large(bytes);
  std::vector<std::uint8_t> contents(bytes);
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(contents.data()), static_cast<std::streamsize>(bytes));
  if (!in) return fail("cannot be read");
  return contents;
}

}  // namespace staleline::scenario
