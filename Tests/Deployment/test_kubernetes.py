"""The manifests: valid, complete, and as closed as docs/deploy.md says."""

import itertools
import json
import shutil
import subprocess
import unittest

import kubernetes_validate

import kustomize
import settings
from places import COMPOSE

OVERLAYS = sorted(path.parent for path in COMPOSE.glob("kubernetes/overlays/*/kustomization.yaml"))
BUILT = {overlay.name: kustomize.build(overlay) for overlay in OVERLAYS}
# Made by kubernetes/create-secrets, and by whoever issues the certificate.
CREATED = (COMPOSE / "kubernetes/create-secrets").read_text()
CERTIFICATES = {"gateway-tls"}


def of_kind(objects, *kinds):
    return [item for item in objects if item["kind"] in kinds]


def workloads(objects):
    return of_kind(objects, "Deployment", "StatefulSet", "DaemonSet")


def selected(selector: dict, labels: dict) -> bool:
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for term in selector.get("matchExpressions", []):
        value = labels.get(term["key"])
        if value is None or (term["operator"] == "In" and value not in term["values"]):
            return False
    return True


class Manifests(unittest.TestCase):
    def test_there_are_overlays(self):
        self.assertEqual(set(BUILT), {"complete", "external-database"})

    def test_valid_for_kubernetes(self):
        for objects in BUILT.values():
            # The oldest that docs/deploy.md promises, and the newest that the validator knows.
            for version, item in itertools.product(("1.25", "1.37"), objects):
                kubernetes_validate.validate(item, version, strict=True)

    def test_validation_can_fail(self):
        broken = json.loads(json.dumps(workloads(BUILT["complete"])[0]))
        broken["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, "1.37", strict=True)

    def test_same_as_kustomize(self):
        """Where the tool itself is at hand, it makes the same of the files."""
        kubectl = shutil.which("kubectl")
        if not kubectl:
            self.skipTest("no kubectl here: what builds the manifests is not compared with it")
        for overlay in OVERLAYS:
            built = subprocess.run([kubectl, "kustomize", overlay], capture_output=True, check=True, text=True).stdout
            key = lambda item: (item["kind"], item["metadata"]["name"])
            theirs = sorted((item for item in kustomize.yaml.safe_load_all(built)), key=key)
            self.assertEqual(theirs, sorted(BUILT[overlay.name], key=key), overlay.name)

    def test_no_name_twice(self):
        for objects in BUILT.values():
            names = [(item["kind"], item["metadata"]["name"]) for item in objects]
            self.assertEqual(len(names), len(set(names)))

    def test_pods_are_confined_and_probed(self):
        for objects in BUILT.values():
            for item in workloads(objects):
                pod = item["spec"]["template"]["spec"]
                with self.subTest(item["metadata"]["name"]):
                    self.assertFalse(pod["automountServiceAccountToken"])
                    self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                    self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & set(pod))
                    for container in pod["containers"]:
                        context = container["securityContext"]
                        self.assertFalse(context["allowPrivilegeEscalation"])
                        self.assertTrue(context["readOnlyRootFilesystem"])
                        self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                        self.assertIn("memory", container["resources"]["limits"])
                        self.assertLessEqual({"cpu", "memory"}, set(container["resources"]["requests"]))
                        self.assertLessEqual({"livenessProbe", "readinessProbe"}, set(container))

    def test_ours_are_probed_on_the_private_port(self):
        for objects in BUILT.values():
            for item in of_kind(objects, "Deployment"):
                container = item["spec"]["template"]["spec"]["containers"][0]
                self.assertEqual(container["livenessProbe"]["httpGet"], {"path": "/healthz", "port": "operations"})
                self.assertEqual(container["readinessProbe"]["httpGet"], {"path": "/readyz", "port": "operations"})
                self.assertTrue(container["image"].startswith("registry.example.com/swiftscale:"), container["image"])

    def test_what_is_referred_to_exists(self):
        for objects in BUILT.values():
            maps = {item["metadata"]["name"]: item["data"] for item in of_kind(objects, "ConfigMap")}
            for item in workloads(objects):
                pod = item["spec"]["template"]["spec"]
                for reference in self.references(pod):
                    kind, name, keys = reference
                    if kind == "configMap":
                        self.assertLessEqual(set(keys), set(maps[name]), name)
                    elif name not in CERTIFICATES:
                        line = CREATED.replace("\\\n", "").split(f"secret {name} ")[1].splitlines()[0].split()
                        self.assertEqual(set(keys), set(line), f"{name} has what its pods need and no more")
                for container in pod["containers"]:
                    mounted = {mount["name"] for mount in container["volumeMounts"]}
                    claims = {claim["metadata"]["name"] for claim in item["spec"].get("volumeClaimTemplates", [])}
                    self.assertEqual(mounted, {volume["name"] for volume in pod["volumes"]} | claims)

    @staticmethod
    def references(pod):
        for volume in pod["volumes"]:
            for source in volume.get("projected", {}).get("sources", []) + [volume]:
                for kind in ("configMap", "secret"):
                    if kind in source:
                        keys = [entry["key"] for entry in source[kind].get("items", [])]
                        yield kind, source[kind].get("name") or source[kind]["secretName"], keys
        for container in pod["containers"]:
            for source in container.get("envFrom", []):
                yield "configMap", source["configMapRef"]["name"], []

    def test_variables_are_known(self):
        for objects in BUILT.values():
            for item in of_kind(objects, "ConfigMap"):
                ours = {key for key in item["data"] if key.startswith("SWIFTSCALE_")}
                self.assertLessEqual(ours, settings.VARIABLES, item["metadata"]["name"])
            for item in of_kind(objects, "Deployment"):
                names = {entry["name"] for entry in item["spec"]["template"]["spec"]["containers"][0].get("env", [])}
                self.assertLessEqual(names, settings.VARIABLES, item["metadata"]["name"])

    def test_selectors_meet_pods(self):
        for objects in BUILT.values():
            pods = [item["spec"]["template"]["metadata"]["labels"] for item in workloads(objects)]
            for item in workloads(objects):
                self.assertTrue(selected(item["spec"]["selector"], item["spec"]["template"]["metadata"]["labels"]))
            for item in of_kind(objects, "Service"):
                self.assertTrue(any(selected({"matchLabels": item["spec"]["selector"]}, labels) for labels in pods))
            for item in of_kind(objects, "PodDisruptionBudget"):
                self.assertTrue(any(selected(item["spec"]["selector"], labels) for labels in pods))
            for item in of_kind(objects, "NetworkPolicy"):
                self.assertTrue(any(selected(item["spec"]["podSelector"], labels) for labels in pods), item["metadata"])
            for item in of_kind(objects, "HorizontalPodAutoscaler"):
                target = item["spec"]["scaleTargetRef"]
                deployment = [d for d in of_kind(objects, target["kind"]) if d["metadata"]["name"] == target["name"]]
                self.assertEqual(len(deployment), 1)
                self.assertNotIn("replicas", deployment[0]["spec"], "the autoscaler's to say")

    def test_traffic_that_is_let_in_is_let_out(self):
        """Every service may reach the bus, and the bus lets it in; the database lets in the two that need it."""
        objects = BUILT["complete"]
        labels = {item["metadata"]["name"]: item["spec"]["template"]["metadata"]["labels"] for item in workloads(objects)}
        expected = {
            "nats": ({"gateway", "registry", "policy", "dns", "derp-1", "derp-2"}, 4222),
            "postgres": ({"registry", "policy"}, 5432),
        }
        for server, (clients, port) in expected.items():
            leaving, entering = set(), set()
            for policy in of_kind(objects, "NetworkPolicy"):
                for name, pod in labels.items():
                    if not selected(policy["spec"]["podSelector"], pod):
                        continue
                    for rule in policy["spec"].get("egress", []):
                        if self.meets(rule, "to", labels[server], port):
                            leaving.add(name)
                    for rule in policy["spec"].get("ingress", []):
                        if name == server:
                            entering |= {other for other, pod in labels.items() if self.meets(rule, "from", pod, port)}
            self.assertEqual(leaving, clients, server)
            self.assertEqual(entering, clients, server)

    @staticmethod
    def meets(rule: dict, direction: str, pod: dict, port: int) -> bool:
        if port not in [entry["port"] for entry in rule["ports"]]:
            return False
        peers = rule.get(direction, [{}])
        return any("namespaceSelector" not in peer and selected(peer.get("podSelector", {}), pod) for peer in peers)


if __name__ == "__main__":
    unittest.main()
