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
    bool in_name = false;                 ///< of `.await AGENT.NAME`: the NAME is wrong, not the AGENT
  };
  using Resolved = std::variant<Edge, Unresolved>;

  virtual ~Symbols() = default;

  [[nodiscard]] virtual std::optional<Region> region(std::string_view name) const = 0;
  [[nodiscard]] virtual std::vector<std::string> region_names() const = 0;
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

  /// The highest Exception level that the program runs at; registers of higher ones are refused.
  [[nodiscard]] virtual unsigned exception_level() const { return 2; }
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
