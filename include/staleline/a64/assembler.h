// SPDX-License-Identifier: Apache-2.0
// The text assembler: the lines of one agent's program become the IR, names are resolved
// through Symbols, and every mistake is reported where it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "staleline/a64/directive.h"
#include "staleline/a64/instruction.h"
#include "staleline/arm/address.h"
#include "staleline/arm/granule.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/event/types.h"

namespace staleline::a64 {

/// One program as it stands in its file. Variant tags are blanked or cut off already, so that
/// `column` is the column (from 1) of the first character of `text`.
struct SourceText {
  struct Line {
    std::uint32_t number = 0;
    std::uint32_t column = 1;
    std::string text;
  };
  std::vector<Line> lines;
};

/// What the names in one agent's program mean. The assembler asks; the scenario answers.
class Symbols {
 public:
  struct Region {
    std::uint32_t index = 0;
    arm::VirtAddr va{};  ///< where this agent's view maps it; a device: the physical address
    std::uint64_t bytes = 0;
    const std::vector<std::uint8_t>* payload = nullptr;  ///< null where it has none
    bool mapped = true;  ///< false: no mapping of this agent's view covers it, so naming it is an error
  };
  struct Edge {
    event::EdgeId id{};
    event::Mechanism mechanism = event::Mechanism::Flag;  ///< Flag even where `release` or `acquire` is
                                                          ///< written: the assembler makes it FlagOrdered
  };
  /// Why there is no such edge. The assembler adds the nearest of `candidates`, or lists them.
  struct Unresolved {
    std::string message;                  ///< such as "no agent `cpy`"
    std::vector<std::string> candidates;  ///< valid spellings of the token that is wrong
    bool in_name = false;                 ///< of `.await AGENT.NAME`: the NAME is wrong, not the AGENT; of
                                          ///< `desc(REGION, ATTRIBUTE)`: the ATTRIBUTE
  };
  using Resolved = std::variant<Edge, Unresolved>;

  virtual ~Symbols() = default;

  [[nodiscard]] virtual std::optional<Region> region(std::string_view name) const = 0;
  [[nodiscard]] virtual std::vector<std::string> region_names() const = 0;
  /// Where the register of that name lies in a region of registers, as in `[iommu.CMDQ_PROD]`; empty where it has none.
  [[nodiscard]] virtual std::optional<std::uint64_t> register_offset(const Region&, std::string_view) const {
    return std::nullopt;
  }
  [[nodiscard]] virtual std::vector<std::string> register_names(const Region&) const { return {}; }
  /// What `payload` means without a region: the scenario's only payload; null where there are none
  /// or several (then `.copy image, payload` still means the payload of `image`).
  [[nodiscard]] virtual const std::vector<std::uint8_t>* payload() const = 0;

  /// `.publish NAME`; `name` is "flag" where none is written.
  [[nodiscard]] virtual Resolved publish(std::string_view name) const = 0;
  /// `.await AGENT` (`name` empty) or `.await AGENT.NAME`.
  [[nodiscard]] virtual Resolved await(std::string_view agent, std::string_view name) const = 0;
  [[nodiscard]] virtual Resolved handoff(std::string_view agent) const = 0;
  [[nodiscard]] virtual Resolved doorbell(std::string_view device) const = 0;
  /// `.complete`; only asked for device programs.
  [[nodiscard]] virtual Resolved complete() const = 0;

  /// A device program: no maintenance, barriers, system registers, handoffs or doorbells.
  [[nodiscard]] virtual bool device() const = 0;

  /// The highest Exception level that the program runs at; registers and operations of higher ones are refused.
  [[nodiscard]] virtual unsigned exception_level() const { return 2; }
  /// `.grant AGENT` and `.revoke AGENT`.
  [[nodiscard]] virtual std::variant<event::AgentId, Unresolved> agent(std::string_view name) const;

  // Translation. Where a `view` is a parameter, it is one of view_names(), or empty for the view of this agent. A
  // region may be one that no mapping of this agent's view covers.
  [[nodiscard]] virtual std::vector<std::string> view_names() const { return {}; }
  using Value = std::variant<std::uint64_t, Unresolved>;
  enum class Space : std::uint8_t { Virtual, Intermediate };

  /// The operand of TLBI: where `view` has region + offset, before stage 1 or before stage 2.
  [[nodiscard]] virtual Value address(std::string_view view, const Region& region, std::uint64_t offset,
                                      Space space) const;
  [[nodiscard]] virtual std::uint16_t asid(std::string_view /*view*/) const { return 0; }
  [[nodiscard]] virtual std::uint16_t vmid(std::string_view /*view*/) const { return 0; }
  /// What a device behind an SMMU sends with its accesses.
  struct Stream {
    std::uint32_t stream = 0;
    std::optional<std::uint32_t> substream{};
  };
  [[nodiscard]] virtual std::variant<Stream, Unresolved> stream(std::string_view device) const;
  /// Of the tables of stage 1 or 2.
  [[nodiscard]] virtual arm::Granule granule(std::string_view /*view*/, unsigned /*stage*/) const {
    return arm::Granule::K4;
  }

  /// `pte(VIEW:REGION+OFFSET, LEVEL)` and `s2pte(...)`.
  struct DescriptorPlace {
    std::string_view view{};
    Region region{};
    std::uint64_t offset = 0;
    std::optional<int> level{};  ///< -1 to 3; empty: of the leaf
    unsigned stage = 1;
  };
  /// The address, in the view of this agent, of the 8 bytes of a descriptor.
  [[nodiscard]] virtual Value descriptor_address(const DescriptorPlace& place) const;

  /// `desc(VIEW:REGION+OFFSET, ATTRIBUTE, FLAG...)` and `s2desc(...)`.
  struct DescriptorContents {
    std::string_view view{};  ///< whose tables, MAIR and granule the descriptor is for
    Region region{};          ///< stage 1: it maps to the IPA that `view` gives the region; stage 2: to its PA
    std::uint64_t offset = 0;
    unsigned stage = 1;
    std::string attribute{};                ///< such as "normal-wb/nc"; empty: as the view maps the region
    std::optional<arm::Shareability> sh{};  ///< empty: as the view maps the region
    bool table = false;                     ///< a table descriptor; region + offset is the next table
    bool block = false;                     ///< of a block, otherwise of a page
    bool valid = true;
    bool access_flag = true;
    std::optional<bool> read_only{};  ///< empty: as the view maps the region
    bool execute_never = false;
    bool not_global = false;
    bool contiguous = false;
    bool user = false;  ///< EL0 may access it
    bool dirty_bit_modifier = false;
  };
  /// The 8 bytes of a descriptor.
  [[nodiscard]] virtual Value descriptor_value(const DescriptorContents& contents) const;
};

struct Problem {
  std::uint32_t line = 0;
  std::uint32_t column = 1;
  std::string message;  ///< one line of printable text: what was found, what was expected
};

struct Label {
  std::string name;
  std::uint32_t instruction = 0;  ///< index of the instruction it names; the program's size at its end
  event::SourceLine line{};       ///< where the label stands
  std::uint32_t column = 1;
};

struct Assembled {
  Program program;                ///< as complete as possible where there are problems
  std::vector<Problem> problems;  ///< at most one a line, in file order; empty: the program is valid
  std::vector<Label> labels;      ///< in file order
};

/// Assembles one program. Total on any bytes; never throws for what the user wrote.
[[nodiscard]] Assembled assemble(const SourceText& source, const Symbols& symbols);

/// A directive that creates an edge, found without resolving anything: the loader collects these
/// of all agents first, so that Symbols can answer.
struct EdgeDeclaration {
  Directive::Kind kind = Directive::Kind::Publish;  ///< Publish, Handoff, Doorbell or Complete
  std::string name;  ///< NAME of .publish ("flag" if left out), AGENT of .handoff, DEVICE of .doorbell
  std::uint32_t line = 0;
  std::uint32_t column = 1;  ///< of the name, or of the directive where no name is written
};
/// Every edge that the program declares, in file order, repetitions included. Lines with mistakes
/// are skipped: assemble() reports them.
[[nodiscard]] std::vector<EdgeDeclaration> edge_declarations(const SourceText& source);

/// True where `name` cannot name a region, an agent or a label because programs give it a meaning:
/// register names and `payload`.
[[nodiscard]] bool is_reserved_name(std::string_view name);
/// True for the spelling of names in programs: a letter or `_`, then letters, digits, `_` and inner `-`.
[[nodiscard]] bool is_name(std::string_view text);

}  // namespace staleline::a64
