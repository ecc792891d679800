// SPDX-License-Identifier: Apache-2.0
// The options of `boot`, parsed and checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "platform_override.h"
#include "staleline/boot/boot.h"
#include "staleline/boot/registers.h"
#include "staleline/pe/guest.h"
#include "staleline/run/run.h"

namespace staleline::cli {

struct BootOptions {
  boot::Request request;
  run::Options run;
  pe::Until until{};  ///< `instructions` is the smaller of what was asked for and the most
  std::uint64_t asked_instructions = 0;
  bool second_mmu_on = false;  ///< ends where the second CPU turns its MMU on
  std::string console;         ///< the text that ends the run
  std::string registers;       ///< where hashes of registers go, `-`: to standard output; none where empty
  boot::RegisterLines register_lines{};
  Overrides platform;
  bool json = false, brief = false, quiet = false, color = false, show_scenario = false, mutate = false, disasm = false;
};

/// Empty where help was printed. Throws UsageError and InputError.
std::optional<BootOptions> read_boot_options(const Command& self, const std::vector<std::string>& arguments);

}  // namespace staleline::cli
