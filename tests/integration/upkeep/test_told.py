"""A backup has nothing that was told of what it does not have."""

from shared.documents import document
from shared.domain.alert import Delivery, DeliveryKind, DeliveryStatus
from shared.incidents.fold import fold
from shared.index import ensure
from shared.upkeep import run
from tests import examples
from tests.integration.upkeep.scene import Scene

#: Deliveries of incidents and revisions: TCN-1 is in its third, TCN-2 is not there.
TOLD = {"known": ("TCN-1", 3), "ahead": ("TCN-1", 4), "unknown": ("TCN-2", 1), "test": (None, None)}


def test_what_was_told_of_revisions_that_the_backup_lacks_is_told_again(scene: Scene) -> None:
    """As when an incident changes, and its receiver takes it, while a long backup is on its way."""
    ensure(scene.client, scene.prefix)
    incident = fold("TCN-1", [examples.report()]).model_copy(update={"revision": 3})
    scene.client.index(index=f"{scene.prefix}incidents", id=incident.id, document=document(incident))
    for name, (number, revision) in TOLD.items():
        one = Delivery(
            id=name,
            alert_id="a",
            kind=DeliveryKind.MATCH if number else DeliveryKind.TEST,
            incident_id=number,
            revision=revision,
            status=DeliveryStatus.DELIVERED,
            created_at=examples.NOON,
            next_at=examples.NOON,
            payload={},
        )
        scene.client.index(index=f"{scene.prefix}deliveries", id=name, document=document(one))
        scene.redis.set(f"tocsin:told:{name}", 1, ex=1000)
    scene.redis.set("tocsin:llm_tokens:2026-01-01", 7, ex=1000)
    run.backup(scene.settings, scene.folder / "backup")
    scene.destroy()
    run.restore(scene.settings, scene.folder / "backup")
    assert set(scene.documents("deliveries")) == {"known", "test"}
    assert [one for one in TOLD if scene.redis.exists(f"tocsin:told:{one}")] == ["known", "test"]
    assert scene.redis.get("tocsin:llm_tokens:2026-01-01") == b"7"
