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
  byte claims;    /* so many there were: the number of the one that is current, or was last */
  byte attempts;  /* of these, since it was submitted or retried */
};

Task task[TASKS];

/* What must never be so is asserted where it would come about. */

#define is_finished(t) (task[t].state == completed || task[t].state == failed || task[t].state == cancelled)

/* The generation under which a claim's answers are known. */
#ifdef NO_GENERATION
#define lease(c) 1
#else
#define lease(c) (c)
#endif

#ifdef NO_FENCE
#define holds(t, c) (task[t].state == processing)
#else
#define holds(t, c) (task[t].state == processing && lease(task[t].claims) == lease(c))
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

inline complete(t, is_right) {
  assert(task[t].state != completed); /* one-answer */
  assert(is_right);                   /* right-only */
  task[t].state = completed
}

/* A product of task t, computed in its claim c. */
inline take_product(t, c, is_right) {
  if
  :: holds(t, c) && is_taken(is_right) -> complete(t, is_right)
  :: holds(t, c) && !is_taken(is_right) ->
     assert(task[t].claims == c); /* stale-is-void */
     comes_back(t)
  :: !holds(t, c) && may_change(t) && is_taken(is_right) -> complete(t, is_right) /* late */
  :: else /* 409 */
  fi
}

inline take_excuse(t, c) {
  if
  :: holds(t, c) ->
     assert(task[t].claims == c); /* stale-is-void */
     comes_back(t)
  :: else
  fi
}

#ifdef NO_QUEUE
#define is_free(t) (!is_finished(t))
#else
#define is_free(t) (task[t].state == pending)
#endif

inline claim(t, c) {
  assert(task[t].state == pending); /* one-holder */
  task[t].claims++;
  c = task[t].claims;
  task[t].state = processing;
  task[t].attempts++;
  assert(task[t].attempts <= ATTEMPTS) /* attempts-bounded */
}

active [WORKERS] proctype Worker() {
  byte t = NOBODY, c;          /* the task in hand, and its claim */
  byte said_of = NOBODY, said; /* what it answered for last, and may repeat */
  bit said_right;

end:
  do
  :: atomic { t == NOBODY && is_free(0) -> t = 0; claim(t, c) }
  :: atomic { t == NOBODY && !is_free(0) && is_free(TASKS - 1) -> t = TASKS - 1; claim(t, c) }
  :: atomic { t != NOBODY -> said_of = t; said = c; said_right = true; take_product(t, c, true); t = NOBODY; c = 0 }
  :: atomic { t != NOBODY -> said_of = t; said = c; said_right = false; take_product(t, c, false); t = NOBODY; c = 0 }
  :: atomic { t != NOBODY -> take_excuse(t, c); t = NOBODY; c = 0 }
  :: atomic { t != NOBODY -> said_of = t; said = c; said_right = true; t = NOBODY; c = 0 } /* its answer comes late */
  :: atomic { t != NOBODY -> t = NOBODY; c = 0 }                                           /* it dies */
  :: atomic { said_of != NOBODY -> take_product(said_of, said, said_right); said_of = NOBODY; said = 0; said_right = 0 }
  :: atomic { said_of != NOBODY -> take_excuse(said_of, said); said_of = NOBODY; said = 0; said_right = 0 }
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

/* nothing-lost: every way on leads to an end, as all that may be done is bounded, and at none of them a task is left over. Where nobody
   else can do anything and a task has not ended, this is stuck, which Spin reports as an invalid end state. */
active proctype Nothing_lost() {
  do
  :: all_finished
  od
}
