// SPDX-License-Identifier: Apache-2.0
// Operands that are commands of an SMMU (IHI 0070 chapter 4): `CMD_TLBI_NH_VA(VIEW:REGION, Leaf=1)`.
#include <algorithm>

#include "line.h"
#include "quote.h"
#include "staleline/arm/smmu_queues.h"

namespace staleline::a64 {
namespace {

namespace smmu = arm::smmu;
using smmu::Field;
using smmu::Opcode;

constexpr std::string_view kPrefix = "CMD_", kAll = "CMD_CFGI_ALL";

std::vector<std::string> command_names() {
  std::vector<std::string> names{std::string(kAll)};
  for (const Opcode o : smmu::all_opcodes()) names.push_back(std::string(kPrefix) + std::string(smmu::name_of(o)));
  return names;
}

/// One command on its way from text to its two doublewords.
class Reader {
 public:
  explicit Reader(Line& line) : line_(line), name_(line.take()) {
    all_ = lower(name_.text) == lower(kAll);
    const auto opcode = all_ ? Opcode::CFGI_STE_RANGE : smmu::find_opcode(name_.text);
    if (!opcode) line_.fail_suggesting(name_, "no command " + quoted(name_.text), command_names());
    fields_ = smmu::command_fields(*opcode);
    words_ = smmu::encode({.opcode = *opcode});
    by_ipa_ = *opcode == Opcode::TLBI_S2_IPA;
    if (all_) smmu::put(words_, *field("Range"), smmu::kRangeAll);
  }

  smmu::CommandWords read() {
    line_.expect("(");
    if (line_.at(")") && !all_ && has_subject())
      line_.fail(name_, quoted(name_.text) + " needs what it is for: " +
                            (field("StreamID") != nullptr  ? "a device"
                             : field("Address") != nullptr ? "an address in a view"
                                                           : "a view") +
                            ", or `FIELD=NUMBER`");
    while (!line_.at(")")) {
      const bool named = line_.peek(1).kind == Token::Kind::Mark && line_.peek(1).text == "=";
      if (named)
        field_value();
      else
        subject();
      if (!line_.at(")")) line_.comma();
    }
    line_.expect(")");
    return words_;
  }

 private:
  [[nodiscard]] const Field* field(std::string_view name) const {
    const auto found =
        std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return lower(f.name) == lower(name); });
    return found == fields_.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool has_subject() const {
    return field("StreamID") != nullptr || field("Address") != nullptr || field("ASID") != nullptr ||
           field("VMID") != nullptr;
  }
  void put_where_there(std::string_view name, std::uint64_t value) {
    if (const Field* f = field(name)) smmu::put(words_, *f, value);
  }

  /// `FIELD=NUMBER`.
  void field_value() {
    const Token name = line_.word("the name of a field");
    const Field* f = field(name.text);
    if (f == nullptr) {
      std::vector<std::string> names;
      for (const Field& one : fields_) names.emplace_back(one.name);
      line_.fail_suggesting(name, quoted(name_.text) + " has no field " + quoted(name.text), names);
    }
    line_.expect("=");
    const Token digits = line_.peek();
    const std::uint64_t value = line_.number();
    smmu::put(words_, *f, value);
    if (smmu::get(words_, *f) != value)
      line_.fail(digits, "the value does not fit " + quoted(f->name) + " of " + quoted(name_.text));
  }

  /// What it is for: a device, a view, or an address in one.
  void subject() {
    if (line_.peek().kind != Token::Kind::Word) line_.fail_expected("`FIELD=NUMBER`");
    if (field("Address") != nullptr) return address();
    if (field("StreamID") != nullptr) return stream();
    if (field("VMID") != nullptr || field("ASID") != nullptr) return ids(line_.view_name());
    line_.fail(line_.peek(), quoted(name_.text) + " takes fields only, as `FIELD=NUMBER`");
  }

  void address() {
    const auto [view, part] = line_.viewed_part();
    const Symbols& symbols = line_.symbols();
    const auto space = by_ipa_ ? Symbols::Space::Intermediate : Symbols::Space::Virtual;
    const std::uint64_t first =
        line_.resolved(symbols.address(view, part.region, part.begin, space), part.token, part.token);
    const std::uint64_t page = arm::page_bytes(symbols.granule(view, by_ipa_ ? 2 : 1));
    if (!part.point && first / page != (first + (part.end - part.begin) - 1) / page)
      line_.fail(part.token, quoted(part.token.text) + " spans several pages; write `" + std::string(part.token.text) +
                                 "+0` for the first, and say more with TG, NUM and SCALE");
    smmu::put(words_, *field("Address"), first);
    ids(view);
  }

  void stream() {
    const Token name = line_.word("a device");
    const auto found = line_.symbols().stream(name.text);
    if (const auto* wrong = std::get_if<Symbols::Unresolved>(&found))
      line_.fail_suggesting(name, wrong->message, wrong->candidates);
    const auto& ids = std::get<Symbols::Stream>(found);
    put_where_there("StreamID", ids.stream);
    if (!ids.substream) return;
    put_where_there("SSV", 1);
    put_where_there("SubstreamID", *ids.substream);
  }

  void ids(std::string_view view) {
    put_where_there("ASID", line_.symbols().asid(view));
    put_where_there("VMID", line_.symbols().vmid(view));
  }

  Line& line_;
  Token name_;
  std::span<const Field> fields_;
  smmu::CommandWords words_{};
  bool by_ipa_ = false;
  bool all_ = false;
};

}  // namespace

bool Line::at_smmu_command() const {
  const bool call = peek().kind == Token::Kind::Word && peek(1).kind == Token::Kind::Mark && peek(1).text == "(";
  return call && lower(peek().text).starts_with(lower(kPrefix));
}

std::array<std::uint64_t, 2> Line::smmu_command() { return Reader(*this).read(); }

}  // namespace staleline::a64
