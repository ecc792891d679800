// SPDX-License-Identifier: Apache-2.0
// Options, help, suggestions and output that all commands share.
#include "command.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "staleline/a64/number.h"
#include "staleline/arm/nearest.h"

namespace staleline::cli {

std::string suggestion(std::string_view found, std::span<const std::string_view> valid) {
  const auto name = arm::nearest(found, valid);
  return name ? fmt::format("; did you mean `{}`?", *name) : "";
}

bool parse(const Command& command, po::options_description& options, const std::vector<std::string>& arguments,
           po::variables_map& values, std::vector<std::string>& words) {
  options.add_options()("help,h", "print this help");
  po::options_description all;
  all.add(options).add_options()("words", po::value(&words));
  po::positional_options_description positional;
  positional.add("words", -1);
  // Abbreviated options would make every new option a breaking change.
  constexpr int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  std::vector<std::string> rest, standard_input;  // `-#VARIANT` looks like an option to Boost
  for (const auto& a : arguments) (a.starts_with("-#") ? standard_input : rest).push_back(a);
  try {
    po::store(po::command_line_parser(rest).options(all).positional(positional).style(style).run(), values);
    po::notify(values);
    words.insert(words.end(), standard_input.begin(), standard_input.end());
  } catch (const po::unknown_option& e) {
    std::vector<std::string> names;
    for (const auto& o : options.options()) names.push_back("--" + o->long_name());
    const std::vector<std::string_view> valid(names.begin(), names.end());
    throw UsageError(fmt::format("unknown option `{}` of `{}`{}", e.get_option_name(), command.name,
                                 suggestion(e.get_option_name(), valid)));
  } catch (const po::error& e) {
    throw UsageError(fmt::format("{}: {}", command.name, e.what()));
  }
  if (values.count("help") == 0) return true;
  std::string shown;
  for (const auto& o : options.options()) {
    const auto brief = o->canonical_display_name(po::command_line_style::allow_dash_for_short);
    std::string name = "--" + o->long_name();
    if (const auto value = o->format_parameter(); value.starts_with("[="))
      name += fmt::format("[={}]", value.substr(2, value.find('(') - 2));  // Boost adds the implicit value
    else if (!value.empty())
      name += " " + value;
    if (brief.starts_with("-") && !brief.starts_with("--")) name = fmt::format("{}, {}", brief, name);
    shown += fmt::format("  {:<20}  {}\n", name, o->description());
  }
  print(fmt::format("usage: staleline {}\n\n{}\n\noptions:\n{}\nexamples:\n{}", command.synopsis, command.summary,
                    shown, command.examples));
  return false;
}

std::uint64_t number(const po::variables_map& values, const char* name, std::uint64_t fallback) {
  if (values.count(name) == 0) return fallback;
  const auto parsed = a64::parse_number(values[name].as<std::string>());
  if (const auto* wrong = std::get_if<std::string>(&parsed)) throw UsageError(fmt::format("--{}: {}", name, *wrong));
  return std::get<std::uint64_t>(parsed);
}

void print(std::string_view text) {
  if (text.empty()) return;
  errno = 0;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written && errno != EPIPE)
    throw UsageError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
}

void complain(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace staleline::cli
