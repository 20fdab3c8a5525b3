"""The values of the contract: types and subtypes, classes, sectors, roles and precisions.

Definitions are the project's own; `docs/vocabulary.md` gives them in full.
"""

from enum import StrEnum


class EventType(StrEnum):
    """The family of an event."""

    BATTLE = "battle"  #: fighting between armed sides, and places won by it
    EXPLOSIVE_REMOTE = "explosive_remote"  #: harm by explosion, or from a distance, or by poison
    VIOLENCE_CIVILIANS = "violence_civilians"
    PROPERTY = "property"  #: things burnt, broken, robbed or seized
    PROTEST = "protest"  #: a gathering that is itself peaceful
    RIOT = "riot"  #: a crowd that is itself violent
    ENFORCEMENT = "enforcement"  #: authorities detain fighters or take weapons away
    STRATEGIC = "strategic"  #: threats, orders and moves without violence that change the danger


class Subtype(StrEnum):
    """What was done. Each subtype belongs to one `EventType`, see `TYPE_OF`."""

    ARMED_CLASH = "armed_clash"
    TERRITORY_GAINED_STATE = "territory_gained_state"
    TERRITORY_GAINED_NONSTATE = "territory_gained_nonstate"
    BOMBING = "bombing"
    SUICIDE_BOMBING = "suicide_bombing"
    SHELLING_ROCKET_MISSILE = "shelling_rocket_missile"
    AIR_DRONE_STRIKE = "air_drone_strike"
    GRENADE = "grenade"
    CHEMICAL_WEAPON = "chemical_weapon"
    ARMED_ATTACK = "armed_attack"
    ASSASSINATION = "assassination"
    ABDUCTION = "abduction"
    HOSTAGE_TAKING = "hostage_taking"
    SEXUAL_VIOLENCE = "sexual_violence"
    ARSON = "arson"
    SABOTAGE = "sabotage"
    ROBBERY_LOOTING = "robbery_looting"
    HIJACKING = "hijacking"
    CYBER_PHYSICAL = "cyber_physical"
    PEACEFUL_PROTEST = "peaceful_protest"
    PROTEST_WITH_INTERVENTION = "protest_with_intervention"
    FORCE_AGAINST_PROTESTERS = "force_against_protesters"
    VIOLENT_DEMONSTRATION = "violent_demonstration"
    MOB_VIOLENCE = "mob_violence"
    ARREST = "arrest"
    WEAPONS_SEIZURE = "weapons_seizure"
    THREAT_HOAX = "threat_hoax"
    ARMED_STRIKE = "armed_strike"
    AGREEMENT = "agreement"
    GROUP_CHANGE = "group_change"
    BASE_ESTABLISHED = "base_established"
    NONVIOLENT_TRANSFER = "nonviolent_transfer"
    OTHER = "other"


#: The family of each subtype.
TYPE_OF: dict[Subtype, EventType] = {
    Subtype.ARMED_CLASH: EventType.BATTLE,
    Subtype.TERRITORY_GAINED_STATE: EventType.BATTLE,
    Subtype.TERRITORY_GAINED_NONSTATE: EventType.BATTLE,
    Subtype.BOMBING: EventType.EXPLOSIVE_REMOTE,
    Subtype.SUICIDE_BOMBING: EventType.EXPLOSIVE_REMOTE,
    Subtype.SHELLING_ROCKET_MISSILE: EventType.EXPLOSIVE_REMOTE,
    Subtype.AIR_DRONE_STRIKE: EventType.EXPLOSIVE_REMOTE,
    Subtype.GRENADE: EventType.EXPLOSIVE_REMOTE,
    Subtype.CHEMICAL_WEAPON: EventType.EXPLOSIVE_REMOTE,
    Subtype.ARMED_ATTACK: EventType.VIOLENCE_CIVILIANS,
    Subtype.ASSASSINATION: EventType.VIOLENCE_CIVILIANS,
    Subtype.ABDUCTION: EventType.VIOLENCE_CIVILIANS,
    Subtype.HOSTAGE_TAKING: EventType.VIOLENCE_CIVILIANS,
    Subtype.SEXUAL_VIOLENCE: EventType.VIOLENCE_CIVILIANS,
    Subtype.ARSON: EventType.PROPERTY,
    Subtype.SABOTAGE: EventType.PROPERTY,
    Subtype.ROBBERY_LOOTING: EventType.PROPERTY,
    Subtype.HIJACKING: EventType.PROPERTY,
    Subtype.CYBER_PHYSICAL: EventType.PROPERTY,
    Subtype.PEACEFUL_PROTEST: EventType.PROTEST,
    Subtype.PROTEST_WITH_INTERVENTION: EventType.PROTEST,
    Subtype.FORCE_AGAINST_PROTESTERS: EventType.PROTEST,
    Subtype.VIOLENT_DEMONSTRATION: EventType.RIOT,
    Subtype.MOB_VIOLENCE: EventType.RIOT,
    Subtype.ARREST: EventType.ENFORCEMENT,
    Subtype.WEAPONS_SEIZURE: EventType.ENFORCEMENT,
    Subtype.THREAT_HOAX: EventType.STRATEGIC,
    Subtype.ARMED_STRIKE: EventType.STRATEGIC,
    Subtype.AGREEMENT: EventType.STRATEGIC,
    Subtype.GROUP_CHANGE: EventType.STRATEGIC,
    Subtype.BASE_ESTABLISHED: EventType.STRATEGIC,
    Subtype.NONVIOLENT_TRANSFER: EventType.STRATEGIC,
    Subtype.OTHER: EventType.STRATEGIC,
}


class Realis(StrEnum):
    """Did it happen?"""

    ACTUAL = "actual"
    ATTEMPTED = "attempted"
    THREATENED = "threatened"
    HYPOTHETICAL = "hypothetical"
    DENIED = "denied"


class CodedBy(StrEnum):
    """Whose word an event is."""

    MODEL = "model"  #: our own models'
    LLM = "llm"  #: a second opinion's alone: never main, so it makes no incident
    BOTH = "both"  #: our own models', and a second opinion found it too


class ActorRole(StrEnum):
    """The part an actor plays in an event."""

    PERPETRATOR = "perpetrator"
    VICTIM = "victim"
    TARGET = "target"
    RESPONDER = "responder"
    CLAIMANT = "claimant"


class ActorKind(StrEnum):
    """What an actor is."""

    PERSON = "person"
    GROUP = "group"
    STATE_FORCE = "state_force"
    CROWD = "crowd"
    UNKNOWN = "unknown"


class Sector(StrEnum):
    """The walk of life of an actor."""

    CIVILIAN = "civilian"
    CHILD = "child"
    OFFICIAL = "official"
    POLITICIAN = "politician"
    JUDICIAL = "judicial"
    DIPLOMAT = "diplomat"
    MILITARY = "military"
    POLICE = "police"
    INTELLIGENCE = "intelligence"
    PEACEKEEPER = "peacekeeper"
    MILITIA = "militia"
    REBEL = "rebel"
    GANG = "gang"
    CRIMINAL = "criminal"
    PROTESTER = "protester"
    PRISONER = "prisoner"
    STUDENT = "student"
    WORKER = "worker"
    BUSINESS = "business"
    MEDIA = "media"
    AID = "aid"
    MEDICAL = "medical"
    EDUCATION = "education"
    RELIGIOUS = "religious"
    COMMUNITY = "community"
    UNKNOWN = "unknown"


class TargetClass(StrEnum):
    """What was aimed at."""

    CIVILIAN = "civilian"
    RESIDENTIAL = "residential"
    PUBLIC_SPACE = "public_space"
    BUSINESS = "business"
    MARKET = "market"
    TOURISM = "tourism"
    ROAD_TRANSPORT = "road_transport"
    RAIL = "rail"
    AVIATION = "aviation"
    MARITIME = "maritime"
    ENERGY = "energy"
    UTILITY = "utility"
    AGRICULTURE = "agriculture"
    MINING = "mining"
    GOVERNMENT = "government"
    POLITICAL = "political"
    JUDICIAL = "judicial"
    DIPLOMATIC = "diplomatic"
    MILITARY = "military"
    POLICE = "police"
    PRISON = "prison"
    ARMED_GROUP = "armed_group"
    RELIGIOUS = "religious"
    EDUCATION = "education"
    HEALTH = "health"
    AID = "aid"
    MEDIA = "media"
    HERITAGE = "heritage"
    OTHER = "other"


class WeaponClass(StrEnum):
    """The means used or seized."""

    FIREARM = "firearm"
    BLADE = "blade"
    BLUNT = "blunt"
    THROWN = "thrown"
    EXPLOSIVE = "explosive"
    IED = "ied"
    VEHICLE_BOMB = "vehicle_bomb"
    SUICIDE_VEST = "suicide_vest"
    MINE = "mine"
    GRENADE = "grenade"
    MORTAR = "mortar"
    ARTILLERY = "artillery"
    ROCKET = "rocket"
    MISSILE = "missile"
    AERIAL_BOMB = "aerial_bomb"
    DRONE = "drone"
    INCENDIARY = "incendiary"
    VEHICLE = "vehicle"
    CHEMICAL = "chemical"
    CROWD_CONTROL = "crowd_control"
    CYBER = "cyber"
    OTHER = "other"


class CasualtyRole(StrEnum):
    """Who the killed and injured were. Roles may overlap and need not add up to the total."""

    CIVILIAN = "civilian"
    MILITARY = "military"
    POLICE = "police"
    ARMED_GROUP = "armed_group"
    PERPETRATOR = "perpetrator"
    PROTESTER = "protester"
    OFFICIAL = "official"
    MEDIA = "media"
    AID = "aid"
    CHILD = "child"


class PlacePrecision(StrEnum):
    """How fine a place is."""

    FACILITY = "facility"
    NEIGHBOURHOOD = "neighbourhood"
    CITY = "city"
    ADMIN2 = "admin2"
    ADMIN1 = "admin1"
    COUNTRY = "country"
    REGION = "region"


class DatePrecision(StrEnum):
    """How wide a date is."""

    DAY = "day"
    DAYS = "days"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    SPAN = "span"
