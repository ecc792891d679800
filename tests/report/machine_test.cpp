// SPDX-License-Identifier: Apache-2.0
// JSON, JUnit and trace: golden JSON, the documented fields, well-formed XML for any text.
#include "staleline/report/machine.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fixture.h"
#include "golden.h"
#include "staleline/report/trace.h"

using namespace staleline;
using namespace staleline::report;
using Json = nlohmann::json;

TEST_CASE("the JSON report is stable") {
  const auto found = report::json({test::observed(), test::lost(), test::refused()}, 2, false);
  CHECK(found == test::golden("report.json", found));
}

TEST_CASE("the JSON report has the documented fields") {
  const auto all = Json::parse(report::json({test::observed()}, 1, true));
  CHECK(all["schema_version"] == kJsonSchemaVersion);
  CHECK(all["exit_code"] == 1);
  const auto& run = all["runs"][0];
  for (const char* key : {"file", "scenario", "variant", "seed", "adversary", "exit_code", "cycles", "statistics",
                          "hazards", "expectations"})
    CHECK(run.contains(key));
  const auto& h = run["hazards"][0];
  for (const char* key : {"id", "rule", "slug", "verdict", "agent", "address", "region", "offset", "size", "saw",
                          "should", "writer", "holder", "file", "line", "column", "expected", "fix"})
    CHECK(h.contains(key));
  CHECK(h["id"] == "SL101");
  CHECK(h["rule"] == "P1");
  CHECK(h["writer"] ==
        Json{{"agent", "vmm"}, {"file", "stale-image.yaml"}, {"line", 12}, {"cycle", 812}, {"initial", false}});
  CHECK(h["holder"] == Json{{"cache", "L1D of core 0"}, {"state", "Modified"}, {"since", 812}});
  CHECK(h["line"] == 18);
  CHECK(h["column"] == 11);
  CHECK(h["fix"][0]["text"] == "dc cvac, image[..]");
  CHECK(h["fix"][1] ==
        Json{{"text", "dsb sy"}, {"agent", "vmm"}, {"file", "stale-image.yaml"}, {"where", "after"}, {"line", 12}});
  CHECK(all["seeds"].size() == 2);
}

TEST_CASE("a hazard that is no stale read has no writer in JSON") {
  const auto all = Json::parse(report::json({test::faulted()}, 1, true));
  const auto& h = all["runs"][0]["hazards"][0];
  CHECK(h["writer"].is_null());
  CHECK(h["fix"][0]["text"] == "// align the access");
}

TEST_CASE("JSON survives text that is no UTF-8") {
  auto r = test::refused();
  r.errors[0].message = "junk \xff\xfe\x01";
  CHECK_NOTHROW(Json::parse(report::json({r}, 2, false)));
}

TEST_CASE("JUnit: suites, cases, failures and errors are counted") {
  auto weird = test::refused();
  weird.errors[0].message = "a < b & \"c\" ]]> \xff\x01\x1b";
  std::istringstream in(report::junit({test::observed(), test::silent(), weird}, false, false));
  boost::property_tree::ptree root;
  boost::property_tree::read_xml(in, root);
  const auto& suites = root.get_child("testsuites");
  CHECK(suites.get<int>("<xmlattr>.tests") == 3);
  CHECK(suites.get<int>("<xmlattr>.failures") == 1);
  CHECK(suites.get<int>("<xmlattr>.errors") == 1);
  CHECK(suites.count("testsuite") == 2);
  const auto& suite = suites.get_child("testsuite");
  CHECK(suite.count("testcase") == 2);
  const auto& first = suite.get_child("testcase");
  CHECK(first.get<std::string>("<xmlattr>.name") == "stale-image.yaml#bug");
  CHECK(first.get<std::string>("failure").find("= help:") != std::string::npos);
  CHECK(first.get<std::string>("failure.<xmlattr>.message").find("hazard SL101") != std::string::npos);
}

TEST_CASE("a trace is JSON with a track for each agent and each cache") {
  std::ostringstream out;
  {
    TraceFile file(out);
    TraceListener listener(file, test::stale_image(), "stale-image.yaml#bug");
    CHECK(listener.wants_copy_events());
    event::Event e;
    e.kind = event::Kind::Write;
    e.cycle = 812;
    e.size = 4;
    e.data[0] = 0xffff'ffff'1400'000aULL;
    e.address = arm::PhysAddr{0x4008'0000};
    e.line = event::SourceLine{12};
    listener.on_event(e);
    e.kind = event::Kind::Fill;
    e.aux = event::CacheRef{event::CacheRef::Level::L1D, event::PeId{0}}.packed();
    listener.on_event(e);
    e.kind = event::Kind::MemoryWrite;
    listener.on_event(e);
  }
  const auto all = Json::parse(out.str())["traceEvents"];
  std::vector<std::string> names;
  for (const auto& e : all)
    if (e["ph"] == "M") names.push_back(e["args"]["name"]);
  CHECK(names == std::vector<std::string>{"stale-image.yaml#bug agents", "stale-image.yaml#bug caches", "vmm", "guest",
                                          "L1D of core 0", "memory"});
  const auto write = std::find_if(all.begin(), all.end(), [](const auto& e) { return e["ph"] == "X"; });
  REQUIRE(write != all.end());
  CHECK((*write)["ts"] == 812);
  CHECK((*write)["name"] == "write image+0x0");
  CHECK((*write)["args"]["data"] == "0x1400000a");
}
