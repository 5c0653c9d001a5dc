# SPDX-License-Identifier: MIT
"""A webhook's other end: keeps what is posted and answers as it is told.

    with Receiver() as receiver:              # up=False: bound, but its port refuses
        receiver.say(500, 200)                # the next answers; the last one stays
        receiver.wait_posts(2)
        receiver.hang()                       # accepts and does not answer until the end
"""
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from daemon import TIMEOUT


@dataclass
class Post:
    path: str
    headers: dict
    body: bytes
    answer: int | None  # None: never

    @property
    def json(self):
        return json.loads(self.body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        post = receiver.take(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
        answer = post.answer
        if answer is None:
            receiver.ended.wait()
            self.close_connection = True
            return
        self.send_response(answer)
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        page = receiver.page(post) if receiver.page else b""
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


class Receiver:
    def __init__(self, up=True, tls=None, headers=None, page=None, address="127.0.0.1"):
        self.headers = headers or {}
        self.page = page  # function of the Post that it answers
        self.answers = [200]
        self.posts = []
        self.news = threading.Condition()
        self.ended = threading.Event()
        self.server = ThreadingHTTPServer((address, 0), Handler, bind_and_activate=False)
        self.server.receiver, self.server.daemon_threads, self.server.block_on_close = self, True, False
        self.server.server_bind()
        self.port = self.server.server_address[1]
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://{address}:{self.port}"
        self.thread = None
        if up:
            self.start()

    def start(self):
        self.server.server_activate()
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        if self.thread:
            self.server.shutdown()
            self.thread.join()
        self.server.server_close()

    def say(self, *answers):
        with self.news:
            self.answers = list(answers)

    def hang(self):
        self.say(None)

    def take(self, path, headers, body):
        with self.news:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            self.posts.append(Post(path, headers, body, answer))
            self.news.notify_all()
            return self.posts[-1]

    @property
    def delivered(self):
        """What it has taken, parsed."""
        with self.news:
            return [post.json for post in self.posts if post.answer in range(200, 300)]

    def wait(self, condition, what):
        with self.news:
            assert self.news.wait_for(condition, TIMEOUT), f"not within {TIMEOUT} s: {what}; posts: {self.posts}"

    def wait_posts(self, count):
        self.wait(lambda: len(self.posts) >= count, f"{count} posts")
        return self.posts[:count]

    def wait_delivered(self, count):
        self.wait(lambda: len(self.delivered) >= count, f"{count} deliveries")
        return self.delivered[:count]
