/* The life of tasks under leases, as coordinator/store/rules.h has it: what clients and workers may do at any moment, in any order,
   and what must be so whatever they do. Time is not modelled: a lease may run out whenever it is held, so that whatever holds here holds
   for leases of any length, renewed or not.

   A worker may die with its task, return a wrong product or an excuse, and repeat what it said at any later moment, as a network that
   delays and doubles messages has it do. A client may cancel a task, and retry one that has failed.

   Each guard of the protocol is left out when its name is defined, NO_FENCE and so on; then something must go wrong (check). */

#define TASKS 2
#define WORKERS 2
#define ATTEMPTS 2
#define NOBODY 255

mtype = { pending, processing, completed, failed, cancelled };

typedef Task {
  mtype state = pending;
  byte lease;     /* of the claim that is current, or was last */
  byte attempts;
  bit right;      /* of the product of a completed task */
};

Task task[TASKS];
byte last_lease;
byte owner[TASKS * ATTEMPTS * 2 + 1]; /* by lease: its task and 1; 0: there was no such lease */

/* What must never be so is asserted where it would come about. */

#define is_finished(t) (task[t].state == completed || task[t].state == failed || task[t].state == cancelled)

#ifdef NO_FENCE
#define holds(t, l) (task[t].state == processing)
#else
#define holds(t, l) (task[t].state == processing && task[t].lease == l)
#endif

#ifdef NO_VERIFICATION
#define is_taken(right) true
#else
#define is_taken(right) right
#endif

#ifdef NO_BOUND
#define has_attempts(t) true
#else
#define has_attempts(t) (task[t].attempts < ATTEMPTS)
#endif

#ifdef NO_END
#define may_change(t) (task[t].state != cancelled)
#else
#define may_change(t) (!is_finished(t))
#endif

/* A claim has ended without a product. */
inline comes_back(t) {
  if
  :: has_attempts(t) -> task[t].state = pending
  :: else -> task[t].state = failed
  fi
}

inline complete(t, l, is_right) {
  /* stale-is-void: under the lease that is current, or late and right */
  assert((task[t].state == processing && task[t].lease == l) || is_right);
  /* one-answer */
  assert(task[t].state != completed);
  /* right-only */
  assert(is_right);
  task[t].state = completed;
  task[t].right = is_right;
}

/* A product of task t, under lease l. */
inline take_product(t, l, is_right) {
  if
  :: holds(t, l) && is_taken(is_right) -> complete(t, l, is_right)
  :: holds(t, l) && !is_taken(is_right) -> comes_back(t)
  :: !holds(t, l) && may_change(t) && is_taken(is_right) -> complete(t, l, is_right) /* late */
  :: else /* 409 */
  fi
}

inline take_excuse(t, l) {
  if
  :: holds(t, l) ->
     assert(task[t].lease == l); /* stale-is-void */
     comes_back(t)
  :: else
  fi
}

#ifdef NO_QUEUE
#define is_free(t) (!is_finished(t))
#else
#define is_free(t) (task[t].state == pending)
#endif

inline claim(t, l) {
  assert(task[t].state == pending); /* one-holder */
#ifndef NO_GENERATION
  last_lease++;
#else
  last_lease = 1;
#endif
  l = last_lease;
  assert(owner[l] == 0); /* one-holder: no two claims of one generation */
  owner[l] = t + 1;
  task[t].state = processing;
  task[t].lease = l;
  task[t].attempts++;
  assert(task[t].attempts <= ATTEMPTS); /* attempts-bounded */
}

active [WORKERS] proctype Worker() {
  byte t = NOBODY, l;          /* the task in hand */
  byte said_of = NOBODY, said; /* what it answered for last, and may repeat */
  bit said_right;

end:
  do
  :: atomic { t == NOBODY && is_free(0) -> t = 0; claim(t, l) }
  :: atomic { t == NOBODY && !is_free(0) && is_free(TASKS - 1) -> t = TASKS - 1; claim(t, l) }
  :: t != NOBODY -> atomic { said_of = t; said = l; said_right = true; take_product(t, l, true); t = NOBODY }
  :: t != NOBODY -> atomic { said_of = t; said = l; said_right = false; take_product(t, l, false); t = NOBODY }
  :: t != NOBODY -> atomic { said_of = NOBODY; take_excuse(t, l); t = NOBODY }
  :: t != NOBODY -> atomic { said_of = t; said = l; said_right = true; t = NOBODY } /* its answer comes late */
  :: t != NOBODY -> atomic { said_of = NOBODY; t = NOBODY }                         /* it dies */
  :: said_of != NOBODY -> atomic { take_product(said_of, said, said_right); said_of = NOBODY }
  :: said_of != NOBODY -> atomic { take_excuse(said_of, said); said_of = NOBODY }
  od
}

#ifndef NO_EXPIRY
/* The lease watch, and whatever else tells that a worker is gone. */
active proctype Clock() {
  byte t;
end:
  do
  :: atomic { task[0].state == processing -> t = 0; comes_back(t) }
  :: atomic { task[TASKS - 1].state == processing -> t = TASKS - 1; comes_back(t) }
  od
}
#endif

/* Each may be done to the task at most once, so that there is an end. */
active [TASKS] proctype Client() {
  byte t = _pid % TASKS;
  bit may_cancel = true, may_retry = true;
end:
  do
  :: atomic { may_cancel && !is_finished(t) -> may_cancel = false; task[t].state = cancelled }
  :: atomic { may_retry && task[t].state == failed -> may_retry = false; task[t].state = pending; task[t].attempts = 0 }
  :: may_cancel -> may_cancel = false
  :: may_retry -> may_retry = false
  od
}

#define all_finished (is_finished(0) && is_finished(TASKS - 1))

/* nothing-lost: every task comes to an end, and stays at it but for a retry */
ltl nothing_lost { <> [] all_finished }
