// SPDX-License-Identifier: Apache-2.0
// `new` and `schema`: print what the scenario room knows.
#include <fmt/format.h>

#include <algorithm>

#include "command.h"
#include "staleline/cli/cli.h"
#include "staleline/scenario/scenario.h"

namespace staleline::cli {
namespace {

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 128 && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                  c == '.' || c == '/';
         });
}

int run_new(const Command& self, const std::vector<std::string>& arguments) {
  po::options_description options;
  po::variables_map values;
  std::vector<std::string> words;
  if (!parse(self, options, arguments, values, words)) return kAsExpected;
  if (words.size() != 1) throw UsageError("new: give one NAME, such as `my-driver/rx-ring`");
  if (!is_name(words[0]))
    throw UsageError(fmt::format("new: `{}` is no name; use letters, digits, `-`, `_`, `.` and `/`", words[0]));
  print(scenario::starter(words[0]));
  return kAsExpected;
}

int run_schema(const Command& self, const std::vector<std::string>& arguments) {
  po::options_description options;
  po::variables_map values;
  std::vector<std::string> words;
  if (!parse(self, options, arguments, values, words)) return kAsExpected;
  if (!words.empty()) throw UsageError(fmt::format("schema: takes no arguments, found `{}`", words[0]));
  std::string text = scenario::json_schema();
  if (!text.empty() && text.back() != '\n') text += '\n';
  print(text);
  return kAsExpected;
}

}  // namespace

const Command kNew{"new", "new NAME", "Print a commented scenario to start from.",
                   "  staleline new my-driver/rx-ring > rx-ring.yaml\n", run_new};
const Command kSchema{"schema", "schema", "Print the JSON Schema of scenario files, for editors.",
                      "  staleline schema > staleline.schema.json\n", run_schema};

}  // namespace staleline::cli
