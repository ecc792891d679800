// SPDX-License-Identifier: Apache-2.0
// Entry point. SystemC's library wants an sc_main, which never runs here.
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "staleline/cli/cli.h"

extern "C" int sc_main(int, char**) { return 1; }

namespace {

/// A failed assertion ends here: the exit code says whose mistake it is.
extern "C" void on_abort(int) {
  static constexpr char kText[] =
      "staleline: defect: an internal check failed\n"
      "This is a mistake in staleline, not in your input. Please report it, with the input and the command line.\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText, sizeof kText - 1);
  ::_exit(staleline::cli::kDefect);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, on_abort);
  std::signal(SIGPIPE, SIG_IGN);
  return staleline::cli::main({argv + 1, argv + argc});
}
