// SPDX-License-Identifier: Apache-2.0
// The action stream of a program whose instructions are what memory holds.
#include <algorithm>

#include "decoded_code.h"
#include "staleline/a64/execute.h"
#include "staleline/pe/sequencer.h"

namespace staleline::pe {

using What = Action::What;

namespace {
// So many instructions on registers alone go without an action of their own.
constexpr std::uint64_t kMostComputed = 64;
}  // namespace

inline const Decoded* Sequencer::fetched_at(arm::VirtAddr pc) const {
  const std::uint64_t offset = pc.value - first_pc_.value;
  const auto fetched = static_cast<std::uint64_t>(end_fetched_ - first_fetched_);
  return offset / 4 < fetched && offset % 4 == 0 ? first_fetched_ + offset / 4 : end_fetched_;
}

void Sequencer::guide(const Until& until, InstructionObserver* observer, std::span<const arm::VirtAddr> nops) {
  last_pc_ = until.pc ? until.pc->value : 1;
  last_instruction_ = until.instructions != 0 ? until.instructions : ~std::uint64_t{0};
  observer_ = observer;
  watched_ = observer != nullptr || until.pc;
  code_->set_nops(nops);
  prepare();
}

// What is in line needs no look at where it stands.
void Sequencer::go_on() {
  const std::uint64_t most = watched_ ? 0 : std::min(kMostComputed, last_instruction_ - instructions_);
  const Decoded* d = next_fetched_;
  arm::VirtAddr pc = pc_;
  std::uint64_t done = 0;
  while (d != end_fetched_ && done != most && d->execute != nullptr) {
    const arm::VirtAddr next = d->execute(d->instruction, pc, registers_);
    d = next.value == pc.value + 4 ? d + 1 : fetched_at(next);
    pc = next;
    ++done;
  }
  pc_ = pc;
  instructions_ += done;
  computed_ = done;
  next_fetched_ = d;
  if (d == end_fetched_ && done != most) return prepare_fetch();
  go_on_one_by_one();
}

void Sequencer::go_on_one_by_one() {
  for (;;) {
    if (is_over()) return;
    if (next_fetched_ == end_fetched_) return prepare_fetch();
    const Decoded& d = *next_fetched_;
    if (observer_ != nullptr) observer_->before(pc_, registers_);
    ++instructions_;
    instruction_ = &d.instruction;
    if (d.plain_access) {
      ++next_fetched_;
      return prepare_plain_access();
    }
    step_ = a64::issue(d.instruction, pc_, registers_, registers_);
    next_fetched_ = fetched_at(step_.next);
    if (step_.what != a64::Step::What::Next || computed_ == kMostComputed) {
      action_.reset();
      return prepare_step();
    }
    ++computed_;
    pc_ = step_.next;
  }
}

bool Sequencer::is_over() {
  const bool at_last_pc = pc_.value == last_pc_;
  if (!at_last_pc && instructions_ < last_instruction_) return false;
  action_.reset();
  stop(at_last_pc ? Ending::Pc : Ending::Instructions);
  return true;
}

void Sequencer::prepare_fetch() {
  refetch();
  if (action_.what != What::InstructionFetch) {
    action_.reset();
    action_.bytes = kGroupBytes;
    action_.alignment = 4;
  }
  action_.what = (pc_.value & 3) == 0 ? What::InstructionFetch : What::MisalignedPc;
  action_.address = pc_.aligned_down(kGroupBytes);
  action_.line = DecodedCode::line_of(pc_);
}

void Sequencer::prepare_plain_access() {
  const auto access = a64::access_of(*instruction_, registers_, std::span(action_.data).first<16>());
  action_.reset();
  action_.what = access.store ? What::Store : What::Load;
  action_.line = instruction_->line;
  action_.address = access.address;
  action_.bytes = access.bytes;
  action_.alignment = access.alignment;
  action_.plain = true;
  step_.next = pc_ + 4;
  plain_access_ = true;
}

Sequencer::Extent Sequencer::supply(std::span<const std::uint8_t, kGroupBytes> bytes) {
  const arm::VirtAddr at = pc_.aligned_down(kGroupBytes);
  const DecodedCode::Group& group = code_->supply(at, bytes);
  const std::uint64_t first = (pc_ - at) / 4;
  const std::uint8_t end = group.end[first];
  first_pc_ = pc_;
  first_fetched_ = next_fetched_ = &group.code[first];
  end_fetched_ = group.code.data() + end / 4;
  return {static_cast<std::uint8_t>(4 * first), end};
}

std::optional<CodePlace> Sequencer::place_of(event::SourceLine line) const {
  return code_ == nullptr ? std::nullopt : code_->place_of(line);
}

}  // namespace staleline::pe
