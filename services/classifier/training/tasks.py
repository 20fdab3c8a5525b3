"""What the network is taught: the product's own tasks, and those of other corpora that only teach the encoder."""

from services.classifier.network.heads import REALES, ROLES, SUBTYPES

MUC_TYPES = ("ATTACK", "BOMBING", "KIDNAPPING", "ARSON", "ROBBERY", "FORCED WORK STOPPAGE")
POLICE = ("KILL", "ARREST", "FAIL", "FORCE", "ANY_ACTION")
SATP = ("armed", "bombing", "kidnap", "other")
INSIGHT = tuple(f"c{n}" for n in range(7))
PLOVER = (
    *("ACCUSE", "AGREE", "AID", "ASSAULT", "COERCE", "CONSULT", "COOPERATE", "CONCEDE", "DEMAND", "MOBILIZE"),
    *("PROTEST", "REJECT", "REQUEST", "RETREAT", "SANCTION", "SUPPORT", "THREATEN", "YIELD"),
)
ACE = (
    *("conflict.attack", "conflict.demonstrate", "conflict.yield", "life.die", "life.injure", "contact.threatencoerce"),
    *("justice.arrestjaildetain", "justice.trialhearing", "justice.initiatejudicialprocess", "justice.investigate"),
    *("justice.judicialconsequences", "artifactexistence.damagedestroy", "movement.transportperson", "other"),
)

#: Task → width of its answer, for each sentence. The first four are the product's.
SENTENCE_TASKS = {"subtype": len(SUBTYPES), "realis": len(REALES), "role": len(ROLES), "core": 1} | {
    "muc": len(MUC_TYPES),
    "police": len(POLICE),
    "plover": len(PLOVER),
    "ace": len(ACE),
}
#: Task → width, for the whole story. The first two are the product's.
STORY_TASKS = {"relevant": 1, "mains": len(SUBTYPES)} | {
    "muc_types": len(MUC_TYPES) + 1,
    "satp": len(SATP),
    "insight": len(INSIGHT),
    "conflict": 1,
}
#: The product's own tasks, whose heads are shipped.
OWN = ("subtype", "realis", "role", "core", "relevant", "mains")
#: Tasks that ask which, not whether: several right answers share the probability, and rows without one are not asked.
ONE_OF = frozenset({"subtype", "realis", "role", "mains", "plover", "ace"})
