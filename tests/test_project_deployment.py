"""The files in deploy/ parse, and agree with the settings, the commands and each other. No container is started."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from corpus.settings import ENVIRONMENT_PREFIX, OPENSEARCH, Settings, load_settings

yaml: Any = pytest.importorskip("yaml", reason="PyYAML is needed to parse the files of deploy/")

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMMANDS = {"search-web", "search-index"}
#: YAML: a mapping of anything.
Tree = dict[str, Any]


def manifests() -> list[Tree]:
    """The objects of kubernetes.yaml."""
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8")))


def manifest(kind: str, name: str) -> Tree:
    """The object of a kind and name."""
    return next(each for each in manifests() if (each["kind"], each["metadata"]["name"]) == (kind, name))


def compose() -> Tree:
    """compose.yaml."""
    tree: Tree = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return tree


def settings_of(environment: dict[str, str]) -> Settings:
    """The settings of a container; an unknown variable of ours fails."""
    own = {name for name in environment if name.startswith(ENVIRONMENT_PREFIX)}
    known = {f"{ENVIRONMENT_PREFIX}{name.upper()}" for name in vars(Settings())}
    assert own <= known
    return load_settings(environment=environment, directory=DEPLOY)


def hosts(settings: Settings) -> set[str]:
    """The hosts of the nodes."""
    return {url.split("/")[2].split(":")[0] for url in settings.opensearch_urls.split(",")}


def pod(workload: Tree) -> Tree:
    """The specification of the pod of a Deployment, StatefulSet or CronJob."""
    spec = workload["spec"]
    while "containers" not in spec:
        spec = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec["template"]["spec"]
    return dict(spec)


def test_the_containers_of_compose_find_the_nodes() -> None:
    """search-web and search-index ask exactly the nodes that the file starts, which all know each other."""
    services = compose()["services"]
    nodes = {name for name, service in services.items() if "opensearch" in service["image"]}
    for name in nodes:
        environment = services[name]["environment"]
        assert set(environment["discovery.seed_hosts"].split(",")) == nodes
        assert environment["node.name"] == name
    for name in ("web", "index"):
        assert hosts(settings_of(services[name]["environment"])) == nodes


def test_the_volumes_and_networks_of_compose_are_declared() -> None:
    """Each named volume and network of a service is declared, and the nodes publish no port."""
    tree = compose()
    for name, service in tree["services"].items():
        named = {volume.split(":")[0] for volume in service.get("volumes", ()) if not volume.startswith("$")}
        assert named <= tree["volumes"].keys()
        assert set(service["networks"]) <= tree["networks"].keys()
        assert ("ports" in service) == (name == "web")
    assert tree["networks"]["cluster"]["internal"] is True


def test_the_pods_find_the_nodes() -> None:
    """The settings that search-web and search-index share name every pod of the nodes."""
    nodes = manifest("StatefulSet", "opensearch")
    settings = settings_of(manifest("ConfigMap", "kesou")["data"])
    assert settings.engine == OPENSEARCH
    assert hosts(settings) == {f"opensearch-{number}.opensearch" for number in range(nodes["spec"]["replicas"])}
    assert nodes["spec"]["serviceName"] == manifest("Service", "opensearch")["metadata"]["name"]


def test_the_objects_of_kubernetes_belong_together() -> None:
    """Selectors select the labels of pods, mounted volumes exist, and each container runs a command of ours."""
    for each in manifests():
        assert {"apiVersion", "kind", "metadata"} <= each.keys()
    for kind, name in (("StatefulSet", "opensearch"), ("Deployment", "search-web"), ("CronJob", "search-index")):
        workload = manifest(kind, name)
        spec = workload["spec"]
        if "selector" in spec:
            assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
        claims = {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())}
        volumes = claims | {volume["name"] for volume in pod(workload).get("volumes", ())}
        for container in pod(workload)["containers"]:
            assert {mount["name"] for mount in container.get("volumeMounts", ())} == volumes
            assert "args" not in container or container["args"][0] in COMMANDS


def test_the_probe_of_search_web_is_answered() -> None:
    """The probe asks with a host name that search-web answers to, not with the address of the pod."""
    (container,) = pod(manifest("Deployment", "search-web"))["containers"]
    probe = container["readinessProbe"]["httpGet"]
    assert probe["path"] == "/api/health"
    assert {"name": "Host", "value": "localhost"} in probe["httpHeaders"]


def test_all_nodes_run_the_version_of_the_tests() -> None:
    """Images of OpenSearch have the version that the tests run."""
    text = "".join((DEPLOY / name).read_text("utf-8") for name in ("compose.yaml", "kubernetes.yaml"))
    tested = re.search(
        '^VERSION: Final = "(.+)"', (ROOT / "tools/opensearch_cluster.py").read_text("utf-8"), re.MULTILINE
    )
    assert tested is not None
    assert set(re.findall(r"opensearchproject/opensearch:(\S+)", text)) == {tested[1]}
