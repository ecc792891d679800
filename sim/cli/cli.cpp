// SPDX-License-Identifier: Apache-2.0
// Finds the command, and turns whatever escapes it into a message and an exit code.
#include "staleline/cli/cli.h"

#include <fmt/format.h>

#include <array>
#include <new>

#include "command.h"
#include "staleline/report/machine.h"
#include "staleline/scenario/diagnostic.h"

namespace staleline::cli {
namespace {

constexpr std::string_view kExamples =
    "examples:\n"
    "  staleline new my-driver > my-driver.yaml    start a scenario\n"
    "  staleline run my-driver.yaml                run all its variants\n"
    "  staleline run --strict --json scenarios     run a folder, for a machine\n"
    "  staleline explain SL101                     what a hazard means\n"
    "\n"
    "exit codes: 0 as expected, 1 a hazard or an expectation failed, 2 bad usage or input,\n"
    "            3 a limit was hit, 4 a defect in staleline itself\n";

std::string usage() {
  std::string out =
      "usage: staleline COMMAND [OPTIONS]\n\n"
      "Memory attributes and cache coherency on Armv8-A, cycle by cycle: why a line went stale,\n"
      "whether it could, and what to add so that it cannot.\n\ncommands:\n";
  for (const auto* c : commands())
    out += fmt::format("  {:<10} {}\n", c->name, c->summary.substr(0, c->summary.find('\n')));
  return out +
         "\noptions:\n"
         "  --version  print the versions of the program, the scenario schema and the rule set\n"
         "  --help     print this help; `staleline COMMAND --help` tells about a command\n\n" +
         std::string(kExamples);
}

int version() {
  print(fmt::format("staleline {}\nscenario schema {}\nrule set {}\nreport schema {}\n", report::program_version(),
                    report::kScenarioSchemaVersion, report::kRuleSetVersion, report::kJsonSchemaVersion));
  return kAsExpected;
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    complain(usage());
    return kBadInput;
  }
  const std::string& name = arguments.front();
  if (name == "--version" || name == "-V") return version();
  const bool help = name == "help";
  if (name == "--help" || name == "-h" || (help && arguments.size() == 1)) {
    print(usage());
    return kAsExpected;
  }
  const std::string& wanted = help ? arguments[1] : name;
  std::vector<std::string_view> names;
  for (const auto* c : commands()) {
    if (c->name == wanted)
      return c->run(*c, help ? std::vector<std::string>{"--help"}
                             : std::vector<std::string>(arguments.begin() + 1, arguments.end()));
    names.push_back(c->name);
  }
  if (wanted.starts_with("-")) {
    constexpr std::array<std::string_view, 2> kOptions{"--help", "--version"};
    throw UsageError(fmt::format("unknown option `{}`{}", wanted, suggestion(wanted, kOptions)));
  }
  throw UsageError(fmt::format("unknown command `{}`{}", wanted, suggestion(wanted, names)));
}

}  // namespace

std::span<const Command* const> commands() {
  static constexpr std::array<const Command*, 8> kAll{&kRun,     &kBoot,  &kValidate, &kList,
                                                      &kExplain, &kAttrs, &kNew,      &kSchema};
  return kAll;
}

int guarded(const std::function<int()>& body) {
  try {
    return body();
  } catch (const UsageError& e) {
    complain(fmt::format("staleline: error: {}\n", e.what()));
    return kBadInput;
  } catch (const scenario::InputError& e) {
    for (const auto& d : e.diagnostics()) complain(d.formatted() + "\n");
    return kBadInput;
  } catch (const std::bad_alloc&) {
    complain("staleline: error: out of memory; the result is not complete\n");
    return kLimit;
  } catch (const std::exception& e) {
    complain(
        fmt::format("staleline: defect: {}\nThis is a mistake in staleline, not in your input. Please report it, "
                    "with the input and the command line.\n",
                    e.what()));
  } catch (...) {
    complain("staleline: defect: unknown exception\nThis is a mistake in staleline. Please report it.\n");
  }
  return kDefect;
}

int main(const std::vector<std::string>& arguments) {
  return guarded([&] { return dispatch(arguments); });
}

}  // namespace staleline::cli
