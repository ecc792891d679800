// SPDX-License-Identifier: Apache-2.0
// The action stream of a program whose instructions are what memory holds.
#include "decoded_code.h"
#include "staleline/a64/execute.h"
#include "staleline/pe/sequencer.h"

namespace staleline::pe {

using What = Action::What;

namespace {
// So many instructions on registers alone go without an action of their own.
constexpr std::uint64_t kMostComputed = 64;
}  // namespace

void Sequencer::guide(const Until& until, InstructionObserver* observer, std::span<const arm::VirtAddr> nops) {
  last_pc_ = until.pc ? until.pc->value : 1;
  last_instruction_ = until.instructions != 0 ? until.instructions : ~std::uint64_t{0};
  observer_ = observer;
  code_->set_nops(nops);
  prepare();
}

bool Sequencer::prepare_fetched() {
  std::uint64_t computed = 0;
  const auto over = [&](Ending why) {
    computed_ = computed;
    stop(why);
    return false;
  };
  for (;;) {
    if (pc_.value == last_pc_) return over(Ending::Pc);
    if (instructions_ >= last_instruction_) return over(Ending::Instructions);
    const std::uint64_t offset = pc_.value - group_at_.value;
    if (offset - first_fetched_ >= fetched_bytes_ || (offset & 3) != 0) {
      computed_ = computed;
      fetched_bytes_ = 0;
      action_.what = (pc_.value & 3) == 0 ? What::InstructionFetch : What::MisalignedPc;
      action_.address = pc_.aligned_down(kGroupBytes);
      action_.bytes = kGroupBytes;
      action_.alignment = 4;
      action_.line = DecodedCode::line_of(pc_);
      return false;
    }
    instruction_ = &(*group_)[offset / 4];
    if (observer_ != nullptr) observer_->before(pc_, registers_);
    ++instructions_;
    if (computed != kMostComputed && a64::execute(*instruction_, pc_, registers_, pc_)) {
      ++computed;
      continue;
    }
    step_ = a64::issue(*instruction_, pc_, registers_, registers_);
    if (step_.what != a64::Step::What::Next || computed == kMostComputed) {
      computed_ = computed;
      return true;
    }
    ++computed;
    pc_ = step_.next;
  }
}

Sequencer::Extent Sequencer::supply(std::span<const std::uint8_t, kGroupBytes> bytes) {
  group_at_ = pc_.aligned_down(kGroupBytes);
  const DecodedCode::Group& group = code_->supply(group_at_, bytes);
  group_ = &group.instructions;
  first_fetched_ = pc_ - group_at_;
  const std::uint8_t end = group.end[first_fetched_ / 4];
  fetched_bytes_ = end - first_fetched_;
  return {static_cast<std::uint8_t>(first_fetched_), end};
}

std::optional<CodePlace> Sequencer::place_of(event::SourceLine line) const {
  return code_ == nullptr ? std::nullopt : code_->place_of(line);
}

}  // namespace staleline::pe
