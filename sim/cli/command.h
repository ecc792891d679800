// SPDX-License-Identifier: Apache-2.0
// What a command is, and what all of them share: options, help, suggestions, output.
#pragma once

#include <boost/program_options.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace staleline::cli {

namespace po = boost::program_options;

/// Bad usage: exit 2, `staleline: error: ...` on standard error.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Command {
  std::string_view name, synopsis, summary, examples;
  int (*run)(const Command& self, const std::vector<std::string>& arguments);
};

extern const Command kRun, kBoot, kValidate, kList, kExplain, kAttrs, kNew, kSchema;
/// All commands, in the order in which help lists them.
std::span<const Command* const> commands();

/// Parses `arguments`; words that are no options go to `words`. Prints help and returns false for --help.
/// Throws UsageError, with the nearest valid option.
bool parse(const Command& command, po::options_description& options, const std::vector<std::string>& arguments,
           po::variables_map& values, std::vector<std::string>& words);

/// "; did you mean `x`?" or nothing.
std::string suggestion(std::string_view found, std::span<const std::string_view> valid);

/// A whole number option in the one number grammar. Throws UsageError.
std::uint64_t number(const po::variables_map& values, const char* name, std::uint64_t fallback);

/// Writes to standard output. A reader that went away is no error; a full disk is (UsageError).
void print(std::string_view text);
/// Writes to standard error.
void complain(std::string_view text);

}  // namespace staleline::cli
