// SPDX-License-Identifier: Apache-2.0
// `validate`: reads scenarios and resolves their platforms, runs nothing.
#include <fmt/format.h>

#include "command.h"
#include "inputs.h"
#include "staleline/cli/cli.h"
#include "staleline/platform/parameters.h"
#include "staleline/scenario/scenario.h"

namespace staleline::cli {
namespace {

int run_validate(const Command& self, const std::vector<std::string>& arguments) {
  po::options_description options;
  options.add_options()("quiet,q", "print nothing where all is well");
  po::variables_map values;
  std::vector<std::string> words;
  if (!parse(self, options, arguments, values, words)) return kAsExpected;
  int code = kAsExpected;
  std::string out;
  for (const auto& input : expand(words).files) {
    const int one = guarded([&] {
      const auto document = scenario::Document::load(input.path);
      for (const auto& v : input.variant ? std::vector{*input.variant} : document.variants())
        static_cast<void>(platform::resolve(document.variant(v).platform));
      out += fmt::format("{}: ok ({} variant{})\n", document.file(), document.variants().size(),
                         document.variants().size() == 1 ? "" : "s");
      return static_cast<int>(kAsExpected);
    });
    code = std::max(code, one);
  }
  if (values.count("quiet") == 0) print(out);
  return code;
}

}  // namespace

const Command kValidate{"validate", "validate [OPTIONS] PATH...",
                        "Check scenario files without running them.\n"
                        "PATH is a file, a folder (all *.yaml in it), or - for standard input.",
                        "  staleline validate scenarios\n  staleline new demo | staleline validate -\n", run_validate};

}  // namespace staleline::cli
