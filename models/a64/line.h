// SPDX-License-Identifier: Apache-2.0
// One line of a program while it is parsed: its tokens, what surrounds it, and the operand
// grammars. Every function either takes what it names or throws a Mistake at the token.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lexer.h"
#include "staleline/a64/assembler.h"
#include "staleline/a64/instruction.h"

namespace staleline::a64 {

/// Ends the parsing of one line; assemble() catches it. Never leaves the assembler.
struct Mistake {
  std::uint32_t column = 1;
  std::string message;
};

using LabelIndexes = std::map<std::string, std::uint32_t, std::less<>>;

struct Register {
  std::uint8_t number = 0;
  bool is_64bit = true;
  Token token{};
  std::uint8_t simd_bytes = 0;  ///< of B, H, S, D and Q registers
};
/// What register number 31 may mean at an operand.
enum class Allow : std::uint8_t { Zero, Stack, Either };

/// A signed immediate: `value` in two's complement.
struct Immediate {
  std::uint64_t value = 0;
  bool negative = false;
  Token token{};
  /// True where the number that was written lies in [low, high].
  [[nodiscard]] bool within(std::int64_t low, std::int64_t high) const;
};

/// A part of a region: `name`, `name+offset` or `name[begin..end]`.
struct RegionPart {
  Symbols::Region region{};
  std::uint64_t begin = 0, end = 0;  ///< offsets; a point: end = begin
  bool point = false;                ///< name+offset
  bool bare = false;                 ///< only the name: the whole region, or its first byte
  bool whole = false;                ///< the name alone or name[..]
  Token token{};                     ///< the name
};

/// A part of a region as a view maps it: `VIEW:` and what RegionPart says.
struct ViewedPart {
  std::string_view view{};  ///< empty: the view of this agent
  RegionPart part{};
};

class Line {
 public:
  Line(std::vector<Token> tokens, event::SourceLine number, const Symbols& symbols, const LabelIndexes& labels,
       Program& program);

  // Tokens.
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
  const Token& take();
  /// The directive or mnemonic.
  [[nodiscard]] const Token& first() const { return tokens_.front(); }
  [[nodiscard]] bool at(std::string_view mark) const;
  bool accept(std::string_view mark);
  void expect(std::string_view mark);
  void comma() { expect(","); }
  /// A word in lower case, without regard to what it means.
  [[nodiscard]] bool at_word(std::string_view lower_case) const;
  /// `word(`
  [[nodiscard]] bool at_call(std::string_view lower_case) const;
  void expect_end();

  // Operands.
  [[nodiscard]] bool at_register() const;
  [[nodiscard]] bool at_immediate() const;
  Register register_(Allow allowed = Allow::Zero);
  /// A register as wide as `first`.
  Register register_like(const Register& first, Allow allowed = Allow::Zero);
  Register x_register(Allow allowed = Allow::Zero);
  /// B, H, S, D or Q and a number.
  [[nodiscard]] bool at_simd_register() const;
  Register simd_register();
  Immediate immediate();
  /// An immediate in [low, high]; `what` names it in the message.
  std::uint64_t immediate_in(std::string_view what, std::int64_t low, std::int64_t high);
  /// An unsigned number without `#`.
  std::uint64_t number();
  Condition condition();
  /// How far the instruction at a label lies from this line's, in bytes.
  std::uint64_t label();
  /// One of `valid`, in any letter case, as its position; `what` names it in the message.
  std::size_t choice(std::string_view what, std::span<const std::string_view> valid);
  /// Any word.
  Token word(std::string_view what);

  // Regions and payloads.
  Symbols::Region region(const Token& name, bool must_be_mapped) const;
  /// `or_end`: the offset may be the one after the last byte, for an address that is not accessed.
  RegionPart region_part(bool or_end = false, bool must_be_mapped = true);
  /// region or region+offset, as the virtual address of `bytes` bytes; or that of a descriptor, `pte(...)`.
  std::uint64_t region_address(std::uint64_t bytes);
  /// `[begin..end]`, each bound optional, not empty and within the `bytes` of `what`. True: it is `[..]`.
  bool bounds(std::uint64_t bytes, const std::string& what, std::uint64_t& begin, std::uint64_t& end);
  [[nodiscard]] bool at_payload() const { return at_word("payload"); }
  /// `payload`, `payload(region)`, with bounds or without. `destination` may give the meaning.
  struct PayloadPart {
    const std::vector<std::uint8_t>* bytes = nullptr;
    std::uint64_t begin = 0, end = 0;
    Token token{};
  };
  PayloadPart payload_part(const std::vector<std::uint8_t>* destination);

  // Views, tables and descriptors.
  ViewedPart viewed_part();
  /// The name of a view.
  std::string_view view_name();
  /// `pte(...)` or `s2pte(...)`: the address of a descriptor.
  [[nodiscard]] bool at_descriptor_address() const;
  std::uint64_t descriptor_address();
  /// `desc(...)` or `s2desc(...)`: the value of a descriptor.
  [[nodiscard]] bool at_descriptor_value() const;
  std::uint64_t descriptor_value();
  /// `CMD_NAME(...)`: a command of an SMMU, as two doublewords.
  [[nodiscard]] bool at_smmu_command() const;
  std::array<std::uint64_t, 2> smmu_command();
  /// Which of the instructions that the line stands for is wanted: of `ldp Xt1, Xt2, =...` 0 or 1.
  [[nodiscard]] std::size_t part() const { return part_; }
  void set_part(std::size_t part) { part_ = part; }
  /// What Symbols answered, or its complaint at `name` (`attribute` where that is wrong).
  std::uint64_t resolved(const Symbols::Value& value, const Token& name, const Token& attribute) const;

  [[nodiscard]] const Symbols& symbols() const { return symbols_; }
  [[nodiscard]] const LabelIndexes& labels() const { return labels_; }
  [[nodiscard]] Program& program() { return program_; }
  [[nodiscard]] event::SourceLine number_of_line() const { return number_; }
  /// Shown with every message about the shape of the line.
  void set_usage(std::string_view usage) { usage_ = usage; }

  // Messages.
  [[noreturn]] void fail(const Token& token, std::string message) const;
  /// "expected WHAT, found TOKEN; write `USAGE`".
  [[noreturn]] void fail_expected(std::string_view what) const;
  /// "MESSAGE; did you mean `x`?", or a list of all where there are few.
  [[noreturn]] void fail_suggesting(const Token& token, const std::string& message,
                                    std::span<const std::string_view> candidates) const;
  [[noreturn]] void fail_suggesting(const Token& token, const std::string& message,
                                    const std::vector<std::string>& candidates) const;

 private:
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t part_ = 0;
  event::SourceLine number_;
  const Symbols& symbols_;
  const LabelIndexes& labels_;
  Program& program_;
  std::string_view usage_{};
};

[[nodiscard]] std::string lower(std::string_view text);
/// The register that `text` spells, in any letter case.
[[nodiscard]] std::optional<Register> register_named(std::string_view text);
/// B, H, S, D or Q and a number, in any letter case; a region or label may have that name.
[[nodiscard]] std::optional<Register> simd_register_named(std::string_view text);
/// The condition that `text` spells, in any letter case.
[[nodiscard]] std::optional<Condition> condition_named(std::string_view text);

}  // namespace staleline::a64
