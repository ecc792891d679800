// SPDX-License-Identifier: Apache-2.0
// The insides of a PE: its contexts, what the running one waits for, and what is on its way.
#pragma once

#include <array>
#include <bitset>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <vector>

#include "staleline/arm/psci.h"
#include "staleline/event/reliance.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/pe/pe.h"
#include "store_buffer.h"
#include "system_state.h"

namespace staleline::pe {

class Pe::Core final : public cache::Client {
 public:
  Core(Pe& pe, const Parameters& parameters, std::vector<Context> contexts, interconnect::Interconnect& interconnect,
       Board& board);

  [[nodiscard]] Cycle next() const { return own_known_ ? std::min(caches_.next(), own_due_) : find_next(); }
  void run(Cycle until);
  /// Component::run_alone().
  Cycle run_alone(Cycle until, Cycle window);
  void completed(const cache::Request& r, Cycle at) override;
  cache::Answer tlb_maintenance(const cache::TlbMaintenance& m, Cycle at) override;
  [[nodiscard]] std::vector<event::SourceLine> idle_placements() const;

  // One agent on this PE: its program, its system registers, its unfinished maintenance.
  struct Thread {
    explicit Thread(const Context& c);
    /// System registers, PSTATE and general-purpose registers as at cycle 0.
    void reset();
    Context context;
    Sequencer sequencer;
    SystemState system;
    mmu::Controls controls;                               // in force
    std::map<arm::SystemRegister, std::uint64_t> stored;  // other registers, as written
    std::uint64_t progress = 0;                           // bytes of the current action that are done
    std::array<std::uint8_t, 64> response{};              // what a load got so far
    arm::PhysAddr response_from{};
    std::uint32_t maintenance = 0;              // operations issued and not complete
    std::vector<std::uint64_t> undivided;       // lines stored to since the last DSB, if anybody asks
    std::vector<mmu::Reach> live;               // announced
    std::vector<mmu::Reach> live_past_caches;   // announced: memory that speculation may read and not keep
    bool live_instructions = false;             // and for the instruction side too
    std::set<std::uint64_t> fetched_lines;      // made live by fetches with stage 1 off
    std::optional<arm::VirtAddr> vector{};      // where synchronous exceptions go
    std::optional<std::uint64_t> resumes_on{};  // the send of context.resume that ends a stage 2 fault or a trap
    Thread* left = nullptr;                     // of a hypervisor: whose fault or trap its ELR_EL2 is of
    bool checks_alignment = false;              // SCTLR_ELx.A
    // Written, and not in force before context synchronisation.
    bool unsynchronised = false;      // something that translation depends on
    bool unsynchronised_par = false;  // PAR_EL1, by AT
    event::Event relied{};            // the Unsynchronised event that was told last
    bool over = false;
    std::uint32_t failed_exclusives = 0;                   // since one succeeded
    std::pair<std::uint64_t, std::uint64_t> last_fault{};  // code address and FAR
    std::uint32_t same_faults = 0;                         // in a row
    // Of a fetched program.
    std::bitset<arm::kSystemRegisters> preset{};  // by context.registers
    bool illegal_state = false;                   // PSTATE.IL
    bool parked = false;                          // off: PSCI may start it
    std::uint64_t starts = 0;                     // by PSCI
    bool mmu_came_on = false;                     // as context.until asks
    std::optional<std::uint64_t> aborted_at{};    // how many instructions came before the last instruction abort
    std::uint32_t vector_faults = 0;              // exceptions in a row of a vector's own first instruction
    [[nodiscard]] bool fetched() const { return context.program->fetched; }
    [[nodiscard]] bool has_el2() const { return context.el == 2; }  // of its own
    // Sets and ways that were maintained since the data cache was last on, per level.
    struct Sweep {
      arm::CacheOp operation{};
      std::vector<bool> done;
      std::size_t left = 0;
    };
    std::array<Sweep, 7> sweeps{};
  };

  Pe& pe_;
  Parameters parameters_;
  Board& board_;
  cache::PrivateCaches caches_;
  interconnect::Interconnect& interconnect_;
  StoreBuffer stores_;
  mmu::Mmu mmu_;
  std::vector<Thread> threads_;
  Counts counts_;
  std::vector<Faulted> faults_;
  std::vector<event::SourceLine> idle_placements_;

 private:
  // What came of trying to perform the current action.
  enum class Progress : std::uint8_t { Done, Again, Blocked };

  // core.cpp: time.
  void tick();
  void start();
  bool choose();
  [[nodiscard]] Cycle wakes(const Thread& t) const;
  [[nodiscard]] Cycle next_issue() const;
  void end(Thread& t);
  void finish(Thread& t);
  void emit(event::Event e, const Thread& t);
  void emit_access(event::Kind kind, const Thread& t, const cache::Request& r, bool ordered);
  void ring(const Thread& t, arm::PhysAddr stored);

  // perform.cpp: actions.
  void perform();
  Progress attempt(Thread& t);
  Progress load(Thread& t, mmu::AccessType type);
  Progress store(Thread& t);
  Progress barrier(Thread& t);
  void stored(Thread& t, arm::PhysAddr address);
  Progress send(Thread& t);
  Progress await(Thread& t);
  std::optional<mmu::Translation> translate(Thread& t, mmu::AccessType type);
  bool demand(std::uint32_t entry);
  void loaded(Thread& t, const cache::Request& r);
  void instructions_loaded(Thread& t, const cache::Request& r);
  bool drained();

  // at_once.cpp: what most actions are; false where one is not that, and nothing was done.
  /// True where at_once() may be asked, which holds until something else than at_once() was done.
  [[nodiscard]] bool is_plain(const Thread& t) const;
  bool at_once(Thread& t);
  bool fetch_at_once(Thread& t);
  bool load_at_once(Thread& t);
  bool store_at_once(Thread& t);
  /// By which translation the current action may be done at once; null where it may not.
  [[nodiscard]] const mmu::Mmu::Recent* plain_translation(const Thread& t, arm::AccessRequest::Kind kind) const;
  /// The end of a fetch and of a load, `latency` cycles from now.
  void fetched(Thread& t, const mmu::Mmu::Recent& by, arm::PhysAddr address, const std::uint8_t* bytes, Cycle latency);
  void loaded(Thread& t, const mmu::Mmu::Recent& by, arm::PhysAddr address, const std::array<std::uint64_t, 2>& bytes,
              Cycle latency);
  /// An event of the access, with neither its size nor its data.
  event::Event& add_access(const Thread& t, event::Kind kind, const mmu::Mmu::Recent& by, arm::PhysAddr address);

  // maintenance.cpp: of caches and TLBs.
  Progress maintain(Thread& t);
  Progress maintain_tlb(Thread& t);
  void answer_tlb_maintenance();
  [[nodiscard]] bool completes_sweep(Thread& t, arm::CacheOp op, std::uint64_t xt);

  // atomics.cpp: exclusives, atomics, events.
  Progress exclusive_store(Thread& t);
  void no_progress(Thread& t);
  Progress atomic(Thread& t);
  Progress alter(Thread& t, const mmu::Translation& translation);
  void altered(Thread& t, const cache::Request& r);
  [[nodiscard]] bool has_monitor(const event::Path& path) const;
  /// Older stores of the line, and of Device memory where `path` is, are out of the store buffer.
  bool comes_after_stores(arm::PhysAddr line, const event::Path& path);
  void clear_monitors();
  Progress wait_for_event(Thread& t);

  // directives.cpp: entitlement and power.
  Progress entitle(Thread& t, event::Kind kind);
  Progress power(Thread& t, bool on);

  // system.cpp: system registers, context synchronisation.
  Progress system_write(Thread& t);
  Progress system_read(Thread& t);
  /// Whose register it is: at EL2, those of EL1 are of the guest that left.
  [[nodiscard]] static Thread& owner(Thread& t, arm::SystemRegister r);
  void synchronise_context(Thread& t);
  /// `t` gets the PE: which tables are in force changes as at a context switch. `said`: listeners are told of it.
  void change_tables(const Thread& t, bool said);

  // reliance.cpp: what comes after a write of a system register and before context synchronisation.
  void written(Thread& t, arm::SystemRegister r);
  void written_par(Thread& t, std::uint64_t before);
  void rely(Thread& t, arm::VirtAddr va, const event::Reliance& on);
  void rely_on_declared(Thread& t, arm::VirtAddr va, mmu::AccessType type, std::uint8_t alignment);
  void rely_on_vmid(Thread& t, const arm::TranslationRegisters& in_force);
  void read_par(Thread& t);
  void tell_reliance(Thread& t, event::Event e);
  void emit_register(const Thread& t, arm::SystemRegister r, std::uint64_t value, std::uint64_t before);
  void enter(Thread& t);

  // exceptions.cpp: faults, exception calls and returns.
  void fault(Thread& t, arm::VirtAddr va, mmu::Fault fault);
  void fault(Thread& t, const arm::TranslationFault& fault);
  void raise(Thread& t, const Faulted& faulted, std::uint64_t esr, arm::VirtAddr return_to);
  void go_to(Thread& t, arm::VirtAddr code);
  bool repeats(Thread& t, const Faulted& faulted);
  Progress exception_call(Thread& t);
  Progress exception_return(Thread& t);
  void undefined(Thread& t);
  /// A stage 2 fault that a hypervisor takes; false where none does.
  bool abort_to_hypervisor(Thread& t, const arm::TranslationFault& fault);
  void go_to_hypervisor(Thread& t, std::uint64_t esr, const arm::TranslationFault* fault);
  void resume(Thread& t);

  // exception_levels.cpp: exceptions of fetched programs.
  struct Exception {
    std::uint64_t esr = 0;
    arm::VirtAddr return_to{};
    std::optional<std::uint64_t> far{}, hpfar{};
    std::uint8_t el = 1;  ///< where it is taken
  };
  /// Where a synchronous exception of this Exception level goes that no rule routes elsewhere.
  [[nodiscard]] static std::uint8_t target_of(const Thread& t);
  void take(Thread& t, const Exception& e);
  void return_from(Thread& t);
  /// PSTATE.EL and SPSel, with the stack pointer and all that depends on the level.
  void set_level(Thread& t, std::uint8_t el, bool handler_stack);
  void misaligned_pc(Thread& t);
  void illegal_state(Thread& t);
  /// HVC and SMC where no other Exception level answers.
  Progress firmware_call(Thread& t);
  // power.cpp: PSCI.
  Progress start_cpu(Thread& t, const arm::psci::Answer& answer);
  bool is_quiet(const Thread& t);
  void power_down(Thread& t, Ending why);
  void power_up(Thread& t);

  // traps.cpp: what HCR_EL2 takes to the hypervisor.
  /// The agent at EL2 of this PE that `t` goes to.
  Thread* hypervisor_of(const Thread& t);
  /// True where the action is trapped: the guest has left, or will once what it did is complete.
  bool trapped(Thread& t);
  /// The instruction that was trapped last is done for the guest, who goes on behind it.
  Progress emulate(Thread& t);

  // walks.cpp: translation by tables.
  std::optional<mmu::Translation> translate_by_tables(Thread& t, mmu::AccessType type);
  Progress walk_on(Thread& t);
  Progress update_descriptor(Thread& t, mmu::Walk& walk);
  void updated(Thread& t, mmu::Walk& walk, const cache::Request& r);
  Progress address_translate(Thread& t);
  Progress address_translated(Thread& t);
  void walked(Thread& t, mmu::Walk& walk, const cache::Request& r);
  void made(Thread& t, mmu::Walk& walk);
  /// Starts a walk that no access waits for; false where translation is off there.
  bool fill_tlb(std::size_t thread, arm::VirtAddr va);

  // drain.cpp: the store buffer and what returns from the caches.
  bool pump() { return stores_.next() <= now_ && send_stores(); }
  bool send_stores();

  // speculation.cpp: what copies may do by themselves.
  void announce(Thread& t);
  void announce_always_live();
  void announce_page(Thread& t, const mmu::Reach& page);
  void emit_live(const Thread* t, const mmu::Reach& reach, std::uint32_t aux);
  void announce_fetch(Thread& t, arm::PhysAddr address, event::Path path);
  bool place();
  [[nodiscard]] Cycle placement_due(std::size_t index) const;
  [[nodiscard]] Cycle next_placement() const;
  void speculate();
  /// Fills of a line in a regime with tables: only what a translation that is held maps; a walk makes one.
  bool speculate_by_tables(arm::PhysAddr line, bool instructions);
  [[nodiscard]] Cycle next_speculation() const;
  void schedule_speculation();
  // `placed`: of regimes with tables what was announced counts too.
  [[nodiscard]] const mmu::Reach* reached(arm::PhysAddr line, bool placed) const;
  /// How instruction caches may be filled with the line: one for each place where a VIPT cache may have it.
  struct InstructionReach {
    event::Path path{};
    std::uint16_t virtual_index = 0;
  };
  [[nodiscard]] std::vector<InstructionReach> instruction_reach(arm::PhysAddr line, bool placed) const;
  [[nodiscard]] bool holds_line(arm::PhysAddr line) const;
  void put_out(arm::PhysAddr line);
  void nudge(cache::Request::Op op, arm::PhysAddr line, event::Path path, std::uint16_t virtual_index = 0);

  /// What the PE tells others of: messages to the home, and what goes to the board.
  [[nodiscard]] std::uint64_t told() const { return caches_.sent() + board_.posts(); }
  [[nodiscard]] Cycle find_next() const;
  void find_own_due();
  void step();
  /// The next issue of the running program.
  void issue();
  /// True where nothing but the next issue of the running program is to come, as far as this PE alone can know.
  [[nodiscard]] bool only_issues() const {
    return undisturbed_ && !choosing_ && !blocked_ && !load_pending_ && !walk_pending_ && unanswered_.empty();
  }
  /// Issues for as long as nothing else is due before `until` and nobody is told of anything.
  void go_on(Cycle until);
  /// An access past the caches whose answer is all that happens until it is there: it is now.
  bool answered_at_once(cache::Request& r);
  /// The same of what is done at once; false where the action that is due now is something else.
  bool go_on_at_once(Thread& t, Cycle until);

  Cycle now_ = 0;
  // What is due but for messages, where nobody else has a say in it.
  Cycle own_due_ = 0;
  bool own_known_ = false, undisturbed_ = false;
  // In go_on(): nothing is due elsewhere before `alone_until_`, as long as `told_before_` stands; 0 elsewhere.
  Cycle alone_until_ = 0;
  std::uint64_t told_before_ = 0;
  bool started_ = false;
  std::size_t current_ = 0;
  bool choosing_ = true;  // no thread has the PE
  Cycle ready_at_ = 0;    // when the current thread may issue again
  bool blocked_ = false;  // until something returns from the caches
  // The load that is on its way: its bytes from the store buffer go over what arrives.
  bool load_pending_ = false;
  bool load_ordered_ = false;
  event::Kind load_kind_ = event::Kind::Read;
  std::uint64_t forwarded_mask_ = 0;
  std::array<std::uint8_t, 16> forwarded_{};
  std::uint32_t entry_ = 0;        // the translation that the current access uses
  std::optional<mmu::Walk> walk_;  // what the current thread waits for
  bool walk_pending_ = false;      // its descriptor is on its way
  std::size_t walk_thread_ = 0;    // whose walk it is
  bool failed_fill_ = false;
  bool walk_is_fill_ = false;         // no access waits for it
  bool fill_is_random_ = false;       // ... and no placement
  Cycle fill_resumes_ = 0;            // when the current thread may issue again, the fill apart
  bool walk_is_instruction_ = false;  // of AT

  // What an atomic request does in the step in which it has the line.
  class Step final : public cache::Modifier {
   public:
    bool modify(std::span<std::uint8_t> bytes) override;
    enum class What : std::uint8_t { Store, Combine, Compare } what = What::Store;
    const Action* action = nullptr;                // Store, Combine
    const cache::PrivateCaches* caches = nullptr;  // Store: whose monitor has to hold `line`
    arm::PhysAddr line{};
    std::uint64_t old_value = 0, new_value = 0;  // Compare
    bool stored = false;
    std::array<std::uint8_t, 16> found{}, result{};
  };
  Step step_;
  // The local monitor, where the line of the exclusive load is not cached: the global one is at the home.
  std::optional<std::uint64_t> plain_monitor_;
  std::array<std::uint64_t, 5> tables_in_force_{};  // TTBRn_ELx and VTTBR_EL2; 0: of another regime
  std::size_t signals_heard_ = 0;
  bool event_ = false;                  // SEVL
  Cycle waits_since_ = engine::kNever;  // in WFE

  // TLB maintenance that is answered once what used the old translations has left.
  struct Unanswered {
    std::uint32_t ticket = 0;
    std::uint32_t last_store = 0;
    bool load = false;  // one is on its way
  };
  std::vector<Unanswered> unanswered_;
  bool hurried_ = false;  // quirk: the last TLB maintenance was answered too early

  struct Placing {
    bool asked = false;  // its requests were made
    bool done = false;
  };
  std::vector<Placing> placings_;  // one for each of parameters_.placements
  bool placement_waits_ = false;   // until something returns from the caches
  std::mt19937_64 random_;
  Cycle next_speculation_ = engine::kNever;
};

inline void Pe::Core::finish(Thread& t) {
  const event::SourceLine line = t.sequencer.action().line;
  t.progress = 0;
  if (t.sequencer.finish(t.response, t.response_from)) board_.mark(t.context.agent, line, now_);
  if (t.mmu_came_on) t.sequencer.stop(Ending::MmuOn);
  ready_at_ += t.sequencer.computed();
  if (t.sequencer.ended()) end(t);
}

/// Bits [27:12] of a VA: what a VIPT instruction cache may be indexed by.
[[nodiscard]] constexpr std::uint16_t virtual_index(arm::VirtAddr va) {
  return static_cast<std::uint16_t>(va.value >> 12);
}

// Who a completion belongs to: the upper bits of a request's tag.
inline constexpr std::uint32_t kLoadTag = 0U << 28, kStoreTag = 1U << 28, kMaintenanceTag = 2U << 28,
                               kSpeculationTag = 3U << 28, kWalkTag = 4U << 28, kAtomicTag = 5U << 28,
                               kUpdateTag = 6U << 28, kTagKind = 15U << 28;

}  // namespace staleline::pe
