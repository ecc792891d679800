// SPDX-License-Identifier: Apache-2.0
// JUnit XML for CI systems: a suite a file, a case a variant, the story as the failure's text.
#include <fmt/format.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "staleline/report/machine.h"
#include "staleline/report/text.h"
#include "story.h"

namespace staleline::report {
namespace {

using boost::property_tree::ptree;

/// Text that XML 1.0 can carry: valid UTF-8 without control characters.
std::string clean(const std::string& s) {
  using nlohmann::json;
  std::string utf8 = json::parse(json(s).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
  for (char& c : utf8)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = '?';
  return utf8;
}

std::string first_line(const std::string& s) { return s.substr(0, s.find('\n')); }

ptree problem(const std::string& kind, const std::string& story) {
  ptree out;
  out.put("<xmlattr>.message", first_line(story));
  out.put("<xmlattr>.type", kind);
  out.put_value(story);
  return out;
}

ptree test_case(const Record& r, bool strict, bool many_seeds) {
  ptree out;
  std::string name = r.variant.empty() ? r.file : fmt::format("{}#{}", r.file, r.variant);
  if (many_seeds && r.result) name += fmt::format(" seed {}", r.result->options.seed);
  out.put("<xmlattr>.name", clean(name));
  out.put("<xmlattr>.classname", clean(r.result ? r.result->scenario->name : r.file));
  out.put("<xmlattr>.time", "0");
  if (r.exit_code == 0) return out;
  const std::string story = clean(text(r, {.strict = strict}));
  if (r.exit_code == 1)
    out.add_child("failure", problem("hazard", story));
  else
    out.add_child("error", problem(r.exit_code == 2 ? "input" : r.exit_code == 3 ? "limit" : "defect", story));
  return out;
}

}  // namespace

std::string junit(const std::vector<Record>& records, bool strict, bool many_seeds) {
  ptree suites;
  std::size_t all_failures = 0, all_errors = 0;
  for (std::size_t i = 0; i < records.size();) {
    ptree suite;
    const std::string& file = records[i].file;
    std::size_t tests = 0, failures = 0, errors = 0;
    ptree cases;
    for (; i < records.size() && records[i].file == file; ++i) {
      const auto& r = records[i];
      ++tests;
      if (r.exit_code == 1)
        ++failures;
      else if (r.exit_code != 0)
        ++errors;
      cases.add_child("testcase", test_case(r, strict, many_seeds));
    }
    suite.put("<xmlattr>.name", clean(file));
    suite.put("<xmlattr>.tests", tests);
    suite.put("<xmlattr>.failures", failures);
    suite.put("<xmlattr>.errors", errors);
    for (const auto& [key, value] : cases) suite.add_child(key, value);
    suites.add_child("testsuite", suite);
    all_failures += failures;
    all_errors += errors;
  }
  suites.put("<xmlattr>.name", "staleline");
  suites.put("<xmlattr>.tests", records.size());
  suites.put("<xmlattr>.failures", all_failures);
  suites.put("<xmlattr>.errors", all_errors);
  ptree root;
  root.add_child("testsuites", suites);
  std::ostringstream out;
  boost::property_tree::write_xml(out, root, boost::property_tree::xml_writer_settings<std::string>(' ', 2, "utf-8"));
  return out.str();
}

}  // namespace staleline::report
