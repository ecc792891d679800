// SPDX-License-Identifier: Apache-2.0
// What one access really is: both stages, their combination, and what may happen to it, each with its clause.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "staleline/arm/attributes.h"
#include "staleline/arm/mair.h"

namespace staleline::attrs {

/// One access, or stage 1 table walk, in EL1&0. Fields are raw, as descriptors and registers hold them.
struct Question {
  bool fetch = false;            ///< an instruction fetch
  bool walk = false;             ///< a stage 1 table walk: `irgn`, `orgn` and `sh` are TCR_EL1's
  bool mmu_off = false;          ///< SCTLR_EL1.M clear, or HCR_EL2.DC set
  bool dc = false, dct = false;  ///< HCR_EL2.DC and DCT; DC implies `mmu_off`
  bool c = true, i = true;       ///< SCTLR_EL1.C and I
  std::uint8_t mair = 0xff, sh = 3, irgn = 1, orgn = 1;
  std::optional<std::uint8_t> s2_memattr{};  ///< absent: stage 2 is off
  std::uint8_t s2_sh = 3;
  bool fwb = false, cd = false, id = false, ptw = false;  ///< HCR_EL2
  arm::AttributeFeatures features{};
};

/// A line of the answer.
struct Fact {
  std::string about, value;
  std::string clause;  ///< where DDI 0487 says so
};

/// An encoding that the architecture leaves open.
struct Open {
  std::string encoding;                ///< such as "stage 1 SH 0b01"
  std::vector<std::string> permitted;  ///< the model's own choice first
  std::string clause;
};

struct Answer {
  std::vector<Fact> stages;  ///< stage 1, stage 2, combined, shareability
  std::vector<Fact> may;     ///< cached, gathered, reordered, early-acknowledged, speculated, unaligned
  std::vector<Open> open;    ///< empty where nothing is CONSTRAINED UNPREDICTABLE
  std::vector<arm::MemoryAttributes> results;  ///< all distinct final attributes, the model's own first
};

/// Total over all questions: every encoding has an answer.
[[nodiscard]] Answer answer(const Question& question);

/// The attributes in words, such as "Normal, inner WB RWA NT, outer NC, ISH, Untagged, XS 0".
[[nodiscard]] std::string in_words(const arm::MemoryAttributes& a);
/// The answer for a reader.
[[nodiscard]] std::string text_of(const Answer& answer);

}  // namespace staleline::attrs
