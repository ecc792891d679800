// SPDX-License-Identifier: Apache-2.0
// What a report is made from: the runs of one command, each a result or the reasons why there is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "staleline/run/run.h"
#include "staleline/scenario/diagnostic.h"

namespace staleline::report {

/// One variant run once, or one input that could not be run.
struct Record {
  std::string file;                   ///< as the user spelled it
  std::string variant;                ///< empty where the input could not be read
  int exit_code = 0;                  ///< of this run alone
  std::optional<run::Result> result;  ///< absent: see `errors`
  std::vector<scenario::Diagnostic> errors;
};

/// How a command combines the exit codes of its runs: 4 if any, else 2, 1, 3, 0.
[[nodiscard]] int combined(int a, int b);

/// One hazard over many seeds of one variant.
struct SeedCount {
  std::string file, variant;
  judge::HazardId id{};
  std::string agent, region;                          ///< `region` is empty where no region is named
  std::uint64_t observed = 0, latent = 0, noted = 0;  ///< in how many seeds, by the strongest verdict
};

/// The union of the hazards of `records`, in order of file, variant, id, agent, region.
[[nodiscard]] std::vector<SeedCount> over_seeds(const std::vector<Record>& records);

}  // namespace staleline::report
