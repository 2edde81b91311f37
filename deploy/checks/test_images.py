"""images.py finds an image without a digest, wherever it stands."""

import json
import unittest

import images

DIGEST = "@sha256:" + "ab" * 32


class Images(unittest.TestCase):
    def found(self, check, text):
        wrong = []
        check("file", text, wrong)
        return wrong

    def test_a_digest_in_place_or_by_an_argument_and_a_stage(self):
        text = f"ARG RUN=gcr.io/a/b:tag{DIGEST}\nFROM docker.io/library/rust:1.95{DIGEST} AS build\nFROM ${{RUN}} AS run\nFROM build\n"
        self.assertEqual(self.found(images.recipe, text), [])

    def test_no_digest(self):
        for text in (
            "FROM docker.io/library/rust:1.95\n",
            f"FROM docker.io/library/rust{DIGEST}\n",
            "ARG RUN=gcr.io/a/b:tag\nFROM ${RUN}\n",
            "FROM ${UNSET}\n",
            f"FROM docker.io/library/rust:1.95{DIGEST[:-1]}\n",
            "RUN true\n",
        ):
            self.assertEqual(len(self.found(images.recipe, text)), 1, text)

    def test_a_task_by_tag(self):
        made = {"containerDefinitions": [{"name": "one", "image": "registry/one:latest"}, {"name": "two", "image": "two" + DIGEST}]}
        self.assertEqual(len(self.found(images.task, json.dumps(made))), 1)
