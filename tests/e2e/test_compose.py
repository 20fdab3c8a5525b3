"""The compose file, unmodified, on a real engine: the demo's stories through it, what its containers may not do."""

import json
from typing import Any

import pytest

from tests.e2e.compose import LEFT_OUT, ROOT, Stack, demo_hosts
from tests.e2e.world import world

STORIES: list[dict[str, Any]] = json.loads((ROOT / "deploy/demo/stories.json").read_text())["stories"]

#: Runs a server that has to write beside its configuration.
WRITABLE = {"elasticsearch"}
#: Whoever may leave the machine: the fetcher, the notifier, and the demo, which plays the world.
OUTSIDE = {"fetcher", "notifier", "demo"}


@pytest.fixture(scope="module")
def outcomes(stack: Stack) -> dict[str, dict[str, Any]]:
    """How each story ended, by its id. Corrections are sent when the stories they correct have arrived."""
    first = {story["id"]: url(story) for story in STORIES if not story["revision_of"]}
    corrections = {story["id"]: f"{url(story)}?revision=corrected" for story in STORIES if story["revision_of"]}
    return stack.outcomes(first) | stack.outcomes(corrections)


def url(story: dict[str, Any]) -> str:
    return f"http://{story['site']}.demo:8801{story['path']}"


def test_every_story_ends_as_expected(outcomes: dict[str, dict[str, Any]]) -> None:
    expected = {story["id"]: (story["expect"]["outcome"], story["expect"]["reason"]) for story in STORIES}

    assert {name: (outcome["status"], outcome["reason"]) for name, outcome in outcomes.items()} == expected


@pytest.mark.parametrize("label", sorted({s["expect"]["incident"] for s in STORIES if s["expect"]["incident"]}))
def test_every_incident_is_found_once(stack: Stack, outcomes: dict[str, dict[str, Any]], label: str) -> None:
    """By country and day, which many stories of one incident share. How well it is coded is measured elsewhere."""
    stories = [story for story in STORIES if story["expect"]["incident"] == label]
    expected = stories[0]["expect"]
    answer = stack.get("/incidents", country=expected["country"], **{"from": expected["date"], "to": expected["date"]})
    found = {hit["id"] for hit in answer["hits"]}

    told = [found & set(outcomes[story["id"]]["incident_ids"]) for story in stories]

    assert all(len(ids) == 1 for ids in told), told
    assert len(set.union(*told)) == 1, "told as different incidents"


def test_different_incidents_stay_apart(outcomes: dict[str, dict[str, Any]]) -> None:
    market, checkpoint = (set(outcomes[name]["incident_ids"]) for name in ("quetta-market", "quetta-checkpoint"))

    assert market
    assert not market & checkpoint


def test_the_sum_holds(stack: Stack, outcomes: dict[str, dict[str, Any]]) -> None:
    audit = stack.get("/audit")

    assert audit["balance"] == 0
    assert audit["in_flight"] == 0
    assert audit["quarantined"] == 0
    assert audit["accepted"] >= len(outcomes)


@pytest.mark.parametrize(
    "target",
    [
        "http://demo:8801/",  # the allowed server by a name that is not
        "http://gulf-wire.demo:8802/",  # an allowed name, another port
        "http://redis:6379/",
        "http://127.0.0.1:8000/v1/health",
    ],
)
def test_a_private_address_is_refused(stack: Stack, target: str) -> None:
    outcome = stack.outcomes({"it": target})["it"]

    assert (outcome["status"], outcome["reason"], outcome["step"]) == ("discarded", "address_refused", "fetch")


def test_only_the_fetcher_keeps_pages_and_the_extractor_cannot_change_them(
    stack: Stack, outcomes: dict[str, dict[str, Any]]
) -> None:
    list_pages = ("find", "/var/lib/tocsin/pages", "-name", "*.gz")
    kept = stack.execute("fetcher", *list_pages).split()

    assert outcomes
    assert kept
    assert set(stack.execute("extractor", *list_pages).split()) == set(kept)
    assert {mount["Destination"]: mount["RW"] for mount in stack.inspect("extractor")["Mounts"]} == {
        "/var/lib/tocsin/pages": False
    }


def test_no_process_is_root_or_may_become_it(stack: Stack) -> None:
    for service in stack.services:
        lines = stack.execute(service, "cat", "/proc/1/status").splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)

        assert "0" not in status["Uid"].split(), service
        assert {int(status[sets], 16) for sets in ("CapPrm", "CapEff", "CapBnd")} == {0}, service
        assert status["NoNewPrivs"] == "1", service


def test_file_systems_are_read_only_and_memory_is_bounded(stack: Stack) -> None:
    for service in stack.services:
        host = stack.inspect(service)["HostConfig"]

        assert host["ReadonlyRootfs"] is (service not in WRITABLE), service
        assert host["Memory"] > 0, service


def test_only_fetcher_and_notifier_get_out(stack: Stack) -> None:
    """To an address beyond this machine; that these reach it, as the demo does, shows that the others could."""
    connect = "timeout 5 bash -c 'exec 3<> /dev/tcp/{}/{}' 2> /dev/null && echo reached || echo out of reach"
    with world() as (address, port):
        shell = ("bash", "-c", connect.format(address, port))
        answers = {service: stack.execute(service, *shell).strip() for service in stack.services}

    assert set(answers.values()) == {"reached", "out of reach"}
    assert {service for service, answer in answers.items() if answer == "reached"} == OUTSIDE


def test_networks_give_a_way_out_to_fetcher_and_notifier_alone(stack: Stack) -> None:
    config = stack.config()
    masquerade = "com.docker.network.bridge.enable_ip_masquerade"
    outside = {
        name
        for name, network in config["networks"].items()
        if not network.get("internal") and network.get("driver_opts", {}).get(masquerade) != "false"
    }

    assert outside == {"egress"}
    assert {name for name, service in config["services"].items() if outside & set(service["networks"])} == OUTSIDE


def test_only_what_people_look_at_is_published_and_on_loopback(stack: Stack) -> None:
    services = stack.config()["services"]
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}

    assert set(published) == {"api"} | LEFT_OUT
    assert {port["host_ip"] for ports in published.values() for port in ports} == {"127.0.0.1"}


def test_the_demo_answers_to_every_site(stack: Stack) -> None:
    services = stack.config()["services"]

    aliases = services["demo"]["networks"]["egress"]["aliases"]

    assert sorted(aliases) == [host.removesuffix(":8801") for host in demo_hosts()]


def test_beat_is_healthy_only_while_its_rounds_are_run(stack: Stack) -> None:
    anew = ("sh", "-c", 'rm -f /tmp/well && "$@"', "sh")  # a good answer holds for a while
    command = [*anew, *stack.inspect("beat")["Config"]["Healthcheck"]["Test"][1:]]
    stack.execute("beat", *command)  # the key is there, or this fails

    # the same check, of a Redis database that no worker reads
    login = f"beat:{stack.password['TOCSIN_REDIS_PASSWORD_BEAT']}"
    unread = ["env", f"TOCSIN_REDIS_URL=redis://{login}@redis:6379/1", *command]
    with pytest.raises(AssertionError):
        stack.execute("beat", *unread)


def test_the_image_of_beat_has_no_service_in_it(stack: Stack) -> None:
    assert stack.execute("beat", "find", "services", "-name", "*.py").split() == ["services/__init__.py"]
