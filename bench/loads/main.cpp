// SPDX-License-Identifier: Apache-2.0
// loads hit|tlb|shared|big -n N [--judge] [--seed S]: runs a standard load and prints one JSON object.
#include <boost/program_options.hpp>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "standard_load.h"

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  using namespace staleline;
  loads::Options options;
  std::string name;
  try {
    po::options_description visible("loads hit|tlb|shared|big [options]");
    visible.add_options()("help,h", "print this")  //
        ("accesses,n", po::value(&options.accesses)->default_value(options.accesses),
         "accesses of all PEs together")                                                          //
        ("seed", po::value(&options.seed)->default_value(options.seed), "of addresses and data")  //
        ("judge", po::bool_switch(&options.judge), "a judge listens");
    po::options_description all = visible;
    all.add_options()("load", po::value(&name));
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv)
                  .options(all)
                  .positional(po::positional_options_description().add("load", 1))
                  .run(),
              values);
    po::notify(values);
    if (values.count("help") != 0) {
      std::cout << visible;
      return 0;
    }
    const auto load = loads::parse(name);
    if (!load) throw po::error("the load is one of hit, tlb, shared, big");
    options.load = *load;
  } catch (const po::error& e) {
    std::cerr << "loads: error: " << e.what() << '\n';
    return 2;
  }

  const auto from = std::chrono::steady_clock::now();
  const loads::Outcome outcome = loads::run(options);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - from;

  nlohmann::ordered_json json;
  json["load"] = name;
  json["accesses"] = outcome.accesses;
  json["host_seconds"] = taken.count();
  json["cycles"] = outcome.cycles;
  json["l1_miss_rate"] = outcome.l1_miss_rate;
  json["llc_miss_rate"] = outcome.llc_miss_rate;
  json["judge"] = options.judge;
  json["seed"] = options.seed;
  json["reads_sum"] = outcome.reads_sum;
  if (options.judge) json["hazards"] = outcome.hazards;
  std::cout << json.dump(2) << '\n';
  return 0;
}
