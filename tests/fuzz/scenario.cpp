// SPDX-License-Identifier: Apache-2.0
// Any bytes as a scenario: they load, or InputError says why not.
#include "staleline/scenario/scenario.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace staleline::scenario;
  try {
    const Document document =
        Document::parse("fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size), "/nonexistent");
    for (const std::string& name : document.variants()) {
      if (document.variant(name).agents.empty()) std::abort();
    }
  } catch (const InputError& e) {
    if (e.diagnostics().empty()) std::abort();
    for (const Diagnostic& d : e.diagnostics()) {
      if (d.line == 0 || d.column == 0 || d.formatted().find('\n') != std::string::npos) std::abort();
    }
  }
  return 0;
}
