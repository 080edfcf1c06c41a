"""The part of `kustomize build` that compose/ uses, because no package of Debian or PyPI has the tool.

Whatever else a kustomization says is an error here, not something left out.
"""

from pathlib import Path

import yaml

# Kinds that belong to no namespace.
CLUSTER_KINDS = {"Namespace"}
KNOWN_KEYS = {
    "apiVersion", "kind", "namespace", "resources", "generatorOptions", "configMapGenerator", "images", "patches"
}


class KustomizeError(Exception):
    pass


def build(folder: Path) -> list[dict]:
    """All objects of a kustomization, as kustomize makes them."""
    file = folder / "kustomization.yaml"
    said = yaml.safe_load(file.read_text())
    unknown = set(said) - KNOWN_KEYS
    if unknown:
        raise KustomizeError(f"{file}: {sorted(unknown)} is not known to Tests/Deployment/kustomize.py")
    objects = []
    for resource in said.get("resources", []):
        path = (folder / resource).resolve()
        objects += build(path) if path.is_dir() else load(path)
    options = said.get("generatorOptions", {})
    if said.get("configMapGenerator") and options != {"disableNameSuffixHash": True}:
        raise KustomizeError(f"{file}: names with a hash are not known")
    objects += [config_map(folder, entry) for entry in said.get("configMapGenerator", [])]
    for item in objects:
        if "namespace" in said and item["kind"] not in CLUSTER_KINDS:
            item["metadata"]["namespace"] = said["namespace"]
        for image in said.get("images", []):
            rename(item, image)
    for patch in said.get("patches", []):
        apply(patch, objects, file)
    return objects


def load(path: Path) -> list[dict]:
    return [item for item in yaml.safe_load_all(path.read_text()) if item is not None]


def config_map(folder: Path, entry: dict) -> dict:
    unknown = set(entry) - {"name", "files", "envs"}
    if unknown:
        raise KustomizeError(f"{folder}: {sorted(unknown)} of a generator is not known")
    data = {}
    for name in entry.get("files", []):
        path = inside(folder, name)
        data[path.name] = path.read_text()
    for name in entry.get("envs", []):
        data.update(environment(inside(folder, name)))
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": entry["name"]}, "data": data}


def inside(folder: Path, name: str) -> Path:
    """kustomize reads no file outside the kustomization's folder."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise KustomizeError(f"{folder}: {name} is outside")
    return path


def environment(path: Path) -> dict[str, str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def rename(item: object, image: dict) -> None:
    """Gives containers of one image its new name and tag."""
    if isinstance(item, list):
        for part in item:
            rename(part, image)
    elif isinstance(item, dict):
        for key, value in item.items():
            if key == "image" and isinstance(value, str) and value.rsplit(":", 1)[0] == image["name"]:
                item[key] = f"{image['newName']}:{image['newTag']}"
            else:
                rename(value, image)


def apply(patch: dict, objects: list[dict], file: Path) -> None:
    """Carries out a JSON patch, of which `replace`, `add` and `remove` are known."""
    if set(patch) != {"target", "patch"} or set(patch["target"]) - {"kind", "name"}:
        raise KustomizeError(f"{file}: this form of patch is not known")
    kind, name = patch["target"]["kind"], patch["target"].get("name")
    targets = [item for item in objects if item["kind"] == kind and name in (None, item["metadata"]["name"])]
    if not targets:
        raise KustomizeError(f"{file}: nothing to patch: {kind} {name}")
    for target in targets:
        for step in yaml.safe_load(patch["patch"]):
            change(target, step, file)


def change(target: dict, step: dict, file: Path) -> None:
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
    place = target
    for part in path:
        place = place[int(part)] if isinstance(place, list) else place[part]
    if isinstance(place, list):
        last = len(place) if last == "-" else int(last)
    match step["op"]:
        case "add" if isinstance(place, list):
            place.insert(last, step["value"])
        case "add":
            place[last] = step["value"]
        case "replace":
            place[last]  # It must be there.
            place[last] = step["value"]
        case "remove":
            del place[last]
        case other:
            raise KustomizeError(f"{file}: {other} is not known")
