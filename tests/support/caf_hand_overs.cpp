// Makes ThreadSanitizer see the hand-overs of CAF, in builds with it only.
//
// Debian's libcaf_core is not instrumented, so that its mailboxes and reference
// counts look like no synchronisation at all, and each message from another thread
// like a race. The functions below stand in front of those of the library, which
// the dynamic linker lets them, and say what these do: who enqueues releases, who
// takes a message acquires; who drops a reference does both.
#include <caf/actor_control_block.hpp>
#include <caf/blocking_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/ref_counted.hpp>
#include <caf/scheduled_actor.hpp>

#include <sanitizer/tsan_interface.h>

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace {

/// The function of the library that the one here hides.
template <class F>
F* hidden_function(const char* symbol) {
  auto found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "libcaf_core has no %s: this file is for CAF 0.17.6\n", symbol);
    std::abort();
  }
  return reinterpret_cast<F*>(found);
}

void hand_over(const volatile void* what) {
  __tsan_release(const_cast<void*>(what));
}

void take_over(const volatile void* what) {
  __tsan_acquire(const_cast<void*>(what));
}

} // namespace

namespace caf {

void scheduled_actor::enqueue(mailbox_element_ptr what, execution_unit* unit) {
  static auto next = hidden_function<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
    "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"
    "PNS_14execution_unitE");
  hand_over(ctrl());
  next(this, std::move(what), unit);
}

resumable::resume_result scheduled_actor::resume(execution_unit* unit, size_t max_throughput) {
  static auto next = hidden_function<resume_result(scheduled_actor*, execution_unit*, size_t)>(
    "_ZN3caf15scheduled_actor6resumeEPNS_14execution_unitEm");
  // The actor may be gone afterwards.
  strong_actor_ptr self{ctrl()};
  take_over(self.get());
  auto result = next(this, unit, max_throughput);
  hand_over(self.get());
  return result;
}

scheduled_actor::activation_result scheduled_actor::reactivate(mailbox_element& x) {
  static auto next = hidden_function<activation_result(scheduled_actor*, mailbox_element&)>(
    "_ZN3caf15scheduled_actor10reactivateERNS_15mailbox_elementE");
  take_over(ctrl());
  return next(this, x);
}

void blocking_actor::enqueue(mailbox_element_ptr what, execution_unit* unit) {
  static auto next = hidden_function<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
    "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"
    "PNS_14execution_unitE");
  hand_over(ctrl());
  next(this, std::move(what), unit);
}

void blocking_actor::await_data() {
  static auto next
    = hidden_function<void(blocking_actor*)>("_ZN3caf14blocking_actor10await_dataEv");
  next(this);
  take_over(ctrl());
}

void intrusive_ptr_release(actor_control_block* x) {
  static auto next = hidden_function<void(actor_control_block*)>(
    "_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE");
  hand_over(x);
  take_over(x);
  next(x);
}

void intrusive_ptr_release_weak(actor_control_block* x) {
  static auto next = hidden_function<void(actor_control_block*)>(
    "_ZN3caf26intrusive_ptr_release_weakEPNS_19actor_control_blockE");
  hand_over(x);
  take_over(x);
  next(x);
}

void ref_counted::deref() const noexcept {
  static auto next
    = hidden_function<void(const ref_counted*)>("_ZNK3caf11ref_counted5derefEv");
  hand_over(this);
  take_over(this);
  next(this);
}

} // namespace caf
