// SPDX-License-Identifier: Apache-2.0
// The command line of `staleline`, callable from main and from tests.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace staleline::cli {

/// The exit codes of every command (docs/getting-started.md).
enum Exit : int {
  kAsExpected = 0,  ///< what was expected happened and nothing else
  kFailed = 1,      ///< a hazard or an expectation failed
  kBadInput = 2,    ///< bad usage or input
  kLimit = 3,       ///< a limit was hit; the result says what is not covered
  kDefect = 4,      ///< a defect in staleline itself
};

/// Runs one command line (without the program's name); returns the exit code. Never throws.
int main(const std::vector<std::string>& arguments);

/// Calls `body`; an exception that escapes it becomes a message on standard error and an exit code.
int guarded(const std::function<int()>& body);

}  // namespace staleline::cli
