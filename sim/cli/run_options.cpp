// SPDX-License-Identifier: Apache-2.0
// Parses and checks the options of `run`.
#include "run_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace staleline::cli {
namespace {

constexpr std::uint64_t kMostSeeds = 1'000'000;
constexpr const char* kDefaultRate = "20";

template <class T = std::string>
auto* named(const char* name) {
  return po::value<T>()->value_name(name);
}

}  // namespace

double adversary_rate(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value <= 0 || value > 1000)
    throw UsageError(
        fmt::format("--adversary: expected events per thousand cycles, above 0 and at most 1000, found `{}`", text));
  return value;
}

bool use_color(const std::string& when) {
  if (when == "always") return true;
  if (when == "never") return false;
  if (when != "auto") {
    constexpr std::array<std::string_view, 3> kValid{"auto", "always", "never"};
    throw UsageError(
        fmt::format("--color: expected auto, always or never, found `{}`{}", when, suggestion(when, kValid)));
  }
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') &&
         !(term != nullptr && std::string_view(term) == "dumb");
}

std::optional<RunOptions> read_run_options(const Command& self, const std::vector<std::string>& arguments) {
  po::options_description options;
  // clang-format off
  options.add_options()
      ("strict", "any hazard fails, declared ones too")
      ("adversary", named("RATE")->implicit_value(kDefaultRate), "random legal fills and evictions per thousand cycles (20)")
      ("seed", named("N"), "seed of everything random (1)")
      ("seeds", named("N"), "run N seeds, from --seed on, and count the hazards")
      ("platform", named("FILE"), "platform parameters from a YAML file, over those of the scenario")
      ("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"), "one platform parameter; may be repeated")
      ("json", "print JSON (docs/json.md)")
      ("junit", named("FILE"), "write JUnit XML as well")
      ("trace", named("FILE"), "write a Chrome/Perfetto trace as well")
      ("window", named("N"), "cycles of run-ahead; changes speed, never results (0: the largest allowed)")
      ("max-cycles", named("N"), "stop with exit code 3 after N cycles (200_000_000)")
      ("quiet,q", "print failures only, a line each")
      ("color", named("WHEN"), "auto, always or never (auto)");
  // clang-format on
  po::variables_map values;
  RunOptions out;
  auto words = arguments;
  for (auto& w : words) {
    if (w == "--") break;
    // Boost would take the next word, a file, as the rate.
    if (w == "--adversary") w += fmt::format("={}", kDefaultRate);
  }
  if (!parse(self, options, words, values, out.words)) return std::nullopt;
  out.strict = values.count("strict") != 0;
  out.json = values.count("json") != 0;
  out.quiet = values.count("quiet") != 0;
  out.run.seed = number(values, "seed", out.run.seed);
  out.seeds = number(values, "seeds", 1);
  if (out.seeds == 0 || out.seeds > kMostSeeds)
    throw UsageError(fmt::format("--seeds: expected 1 to {}, found `{}`", kMostSeeds, out.seeds));
  out.run.window = number(values, "window", out.run.window);
  out.run.max_cycles = number(values, "max-cycles", out.run.max_cycles);
  if (out.run.max_cycles == 0) throw UsageError("--max-cycles: expected at least 1, found `0`");
  if (values.count("adversary") != 0) out.run.adversary = adversary_rate(values["adversary"].as<std::string>());
  if (values.count("junit") != 0) out.junit = values["junit"].as<std::string>();
  if (values.count("trace") != 0) out.trace = values["trace"].as<std::string>();
  out.color = use_color(values.count("color") != 0 ? values["color"].as<std::string>() : "auto") && !out.json;
  if (values.count("platform") != 0) read_platform_file(values["platform"].as<std::string>(), out.platform);
  if (values.count("set") != 0)
    for (const auto& s : values["set"].as<std::vector<std::string>>()) read_set(s, out.platform);
  return out;
}

}  // namespace staleline::cli
