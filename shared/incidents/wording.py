"""The words of the vocabulary in a sentence: what a summary calls each kind, target, weapon and role."""

from shared.domain.vocabulary import CasualtyRole, EventType, Realis, Subtype, TargetClass, WeaponClass

#: Article and noun of what happened. Without an article it cannot be counted.
KINDS: dict[Subtype, tuple[str, str]] = {
    Subtype.ARMED_CLASH: ("an", "armed clash"),
    Subtype.TERRITORY_GAINED_STATE: ("a", "capture of territory by state forces"),
    Subtype.TERRITORY_GAINED_NONSTATE: ("a", "capture of territory by an armed group"),
    Subtype.BOMBING: ("a", "bombing"),
    Subtype.SUICIDE_BOMBING: ("a", "suicide bombing"),
    Subtype.SHELLING_ROCKET_MISSILE: ("a", "shelling, rocket or missile attack"),
    Subtype.AIR_DRONE_STRIKE: ("an", "air or drone strike"),
    Subtype.GRENADE: ("a", "grenade attack"),
    Subtype.CHEMICAL_WEAPON: ("a", "chemical attack"),
    Subtype.ARMED_ATTACK: ("an", "armed attack"),
    Subtype.ASSASSINATION: ("an", "assassination"),
    Subtype.ABDUCTION: ("an", "abduction"),
    Subtype.HOSTAGE_TAKING: ("a", "hostage-taking"),
    Subtype.SEXUAL_VIOLENCE: ("", "sexual violence"),
    Subtype.ARSON: ("", "arson"),
    Subtype.SABOTAGE: ("", "sabotage"),
    Subtype.ROBBERY_LOOTING: ("", "robbery or looting"),
    Subtype.HIJACKING: ("a", "hijacking"),
    Subtype.CYBER_PHYSICAL: ("a", "cyber attack with physical effects"),
    Subtype.PEACEFUL_PROTEST: ("a", "peaceful protest"),
    Subtype.PROTEST_WITH_INTERVENTION: ("a", "protest with intervention by the authorities"),
    Subtype.FORCE_AGAINST_PROTESTERS: ("a", "use of force on protesters"),
    Subtype.VIOLENT_DEMONSTRATION: ("a", "violent demonstration"),
    Subtype.MOB_VIOLENCE: ("", "mob violence"),
    Subtype.ARREST: ("an", "arrest operation"),
    Subtype.WEAPONS_SEIZURE: ("a", "weapons seizure"),
    Subtype.THREAT_HOAX: ("a", "threat or hoax"),
    Subtype.ARMED_STRIKE: ("an", "armed strike"),
    Subtype.AGREEMENT: ("an", "agreement"),
    Subtype.GROUP_CHANGE: ("a", "change in an armed group"),
    Subtype.BASE_ESTABLISHED: ("a", "setting-up of a base"),
    Subtype.NONVIOLENT_TRANSFER: ("a", "transfer of territory without a fight"),
    Subtype.OTHER: ("a", "security event"),
}

#: How a kind is qualified that did not simply happen. What is denied is said by the sentence.
QUALITIES: dict[Realis, str] = {
    Realis.ATTEMPTED: "attempted",
    Realis.THREATENED: "threatened",
    Realis.HYPOTHETICAL: "hypothetical",
}

#: How those join a kind to whom it is done.
VICTIMS: dict[Subtype, str] = {
    Subtype.ARMED_ATTACK: "on",
    Subtype.ASSASSINATION: "of",
    Subtype.ABDUCTION: "of",
    Subtype.HOSTAGE_TAKING: "of",
    Subtype.SEXUAL_VIOLENCE: "against",
    Subtype.MOB_VIOLENCE: "against",
}

#: Kinds that two sides make.
BETWEEN = frozenset({Subtype.ARMED_CLASH, Subtype.AGREEMENT})

#: What was aimed at, with its preposition; one that has none is nothing to speak of.
TARGETS: dict[TargetClass, str] = {
    TargetClass.CIVILIAN: "against civilians",
    TargetClass.RESIDENTIAL: "at a residential site",
    TargetClass.PUBLIC_SPACE: "at a public place",
    TargetClass.BUSINESS: "at a business",
    TargetClass.MARKET: "at a market",
    TargetClass.TOURISM: "at a tourist site",
    TargetClass.ROAD_TRANSPORT: "against road transport",
    TargetClass.RAIL: "against rail transport",
    TargetClass.AVIATION: "against aviation",
    TargetClass.MARITIME: "against shipping",
    TargetClass.ENERGY: "at an energy site",
    TargetClass.UTILITY: "at a utility",
    TargetClass.AGRICULTURE: "against agriculture",
    TargetClass.MINING: "at a mine",
    TargetClass.GOVERNMENT: "against the government",
    TargetClass.POLITICAL: "against a political target",
    TargetClass.JUDICIAL: "against the judiciary",
    TargetClass.DIPLOMATIC: "against a diplomatic target",
    TargetClass.MILITARY: "against the military",
    TargetClass.POLICE: "against police",
    TargetClass.PRISON: "at a prison",
    TargetClass.ARMED_GROUP: "against an armed group",
    TargetClass.RELIGIOUS: "against a religious target",
    TargetClass.EDUCATION: "against an educational target",
    TargetClass.HEALTH: "against a health target",
    TargetClass.AID: "against an aid target",
    TargetClass.MEDIA: "against a media target",
    TargetClass.HERITAGE: "at a heritage site",
}

#: Types of which it is said against whom; of battles it is said only at what.
AIMED = frozenset(
    {EventType.EXPLOSIVE_REMOTE, EventType.VIOLENCE_CIVILIANS, EventType.PROPERTY, EventType.RIOT, EventType.BATTLE}
)
#: Types whose makers are named without blame.
BLAMELESS = frozenset({EventType.ENFORCEMENT, EventType.PROTEST, EventType.STRATEGIC})

WEAPONS: dict[WeaponClass, str] = {
    WeaponClass.FIREARM: "firearms",
    WeaponClass.BLADE: "blades",
    WeaponClass.BLUNT: "blunt weapons",
    WeaponClass.THROWN: "thrown objects",
    WeaponClass.EXPLOSIVE: "explosives",
    WeaponClass.IED: "improvised explosives",
    WeaponClass.VEHICLE_BOMB: "a vehicle bomb",
    WeaponClass.SUICIDE_VEST: "explosives worn on the body",
    WeaponClass.MINE: "mines",
    WeaponClass.GRENADE: "grenades",
    WeaponClass.MORTAR: "mortars",
    WeaponClass.ARTILLERY: "artillery",
    WeaponClass.ROCKET: "rockets",
    WeaponClass.MISSILE: "missiles",
    WeaponClass.AERIAL_BOMB: "aerial bombs",
    WeaponClass.DRONE: "drones",
    WeaponClass.INCENDIARY: "fire",
    WeaponClass.VEHICLE: "a vehicle",
    WeaponClass.CHEMICAL: "chemicals",
    WeaponClass.CROWD_CONTROL: "crowd-control weapons",
    WeaponClass.CYBER: "computers",
}

#: Weapons that the kind has told already.
IMPLIED = frozenset(
    {
        (Subtype.BOMBING, WeaponClass.EXPLOSIVE),
        (Subtype.SUICIDE_BOMBING, WeaponClass.EXPLOSIVE),
        (Subtype.GRENADE, WeaponClass.GRENADE),
        (Subtype.CHEMICAL_WEAPON, WeaponClass.CHEMICAL),
        (Subtype.ARSON, WeaponClass.INCENDIARY),
        (Subtype.CYBER_PHYSICAL, WeaponClass.CYBER),
    }
)

#: One and several of each role.
ROLES: dict[CasualtyRole, tuple[str, str]] = {
    CasualtyRole.CIVILIAN: ("civilian", "civilians"),
    CasualtyRole.MILITARY: ("member of the military", "members of the military"),
    CasualtyRole.POLICE: ("police officer", "police officers"),
    CasualtyRole.ARMED_GROUP: ("member of an armed group", "members of armed groups"),
    CasualtyRole.PERPETRATOR: ("attacker", "attackers"),
    CasualtyRole.PROTESTER: ("protester", "protesters"),
    CasualtyRole.OFFICIAL: ("official", "officials"),
    CasualtyRole.MEDIA: ("media worker", "media workers"),
    CasualtyRole.AID: ("aid worker", "aid workers"),
    CasualtyRole.CHILD: ("child", "children"),
}
